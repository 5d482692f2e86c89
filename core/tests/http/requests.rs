//! Requests below the prefix: which route a path is, what is refused and in which order, and the opening of the token.

use eyot::http::{Field, Head, Pending, Refusal, Reply, Route, TOKEN_LIMIT, split_target};
use eyot::{Islands, Mount};
use proptest::prelude::*;

use crate::fixture::{NOW, asking, by, crossing, get, islands, post, token, with};

const TYPE: Field<'static> = ("Content-Type", b"application/vnd.eyot.token");
const HOST: Field<'static> = ("Host", b"islands.example");

fn pending(islands: &Islands, head: &Head<'_>) -> Pending {
    match islands.route(head) {
        Some(Route::Pending(pending)) => pending,
        other => panic!("not pending: {other:?}"),
    }
}

fn refusal(islands: &Islands, head: &Head<'_>) -> Refusal {
    match islands.route(head) {
        Some(Route::Refusal(refusal)) => refusal,
        other => panic!("not refused: {other:?}"),
    }
}

fn file(islands: &Islands, head: &Head<'_>) -> Reply {
    match islands.route(head) {
        Some(Route::File(reply)) => reply,
        other => panic!("not a file: {other:?}"),
    }
}

/// The refusal of a pending island's token.
fn unopened(head: &Head<'_>, body: &[u8], audience: &str) -> Refusal {
    let pending = pending(&islands(), head);
    pending.open(&islands(), body, audience, NOW, &mut Vec::new()).map(|_| ()).expect_err("not to be opened")
}

/// The status and the reason's code.
fn refused(islands: &Islands, head: &Head<'_>) -> (u16, &'static str) {
    let refusal = refusal(islands, head);
    (refusal.reply.status, refusal.reason.code())
}

fn island_path(token: &str) -> String {
    format!("/_server-islands/Avatar/{token}")
}

#[test]
fn a_path_outside_of_mount_and_prefix_is_the_apps() {
    for path in ["", "/", "/p/1", "/_server-island", "/_server-islandsX/Avatar", "//_server-islands/Avatar/t"] {
        assert_eq!(islands().route(&get(path, &[])), None, "{path}");
    }
    let mounted = get("/_server-islands/Avatar/t", &[]).with_mount(Mount::new("/shop").expect("a mount point"));
    assert_eq!(islands().route(&mounted), None);
}

#[test]
fn a_token_in_the_path_opens_below_the_mount_point() {
    let path = format!("/shop{}", island_path(&token("Avatar", None)));
    let pending = pending(&islands(), &get(&path, &[]).with_mount(Mount::new("/shop").expect("a mount point")));
    assert_eq!((pending.name().as_str(), pending.body_limit()), ("Avatar", 0));
    let mut buffer = Vec::new();
    let opened = pending.open(&islands(), b"", "", NOW, &mut buffer).expect("genuine");
    assert_eq!(opened.name.as_str(), "Avatar");
    assert_eq!(opened.props, b"{\"size\":40}");
    assert_eq!(opened.page, br#"{"path":"/p/1","lang":"de"}"#);
    assert_eq!(opened.expires, None);
}

#[test]
fn what_is_logged_of_a_request_holds_nothing_of_its_token() {
    let token = token("CartRow", None);
    let path = island_path(&token);
    let shown = format!("{:?} {:?}", islands().route(&get(&path, &[])), unopened(&get(&path, &[]), b"", ""));
    assert!(shown.contains("Avatar") && !shown.contains(&token[..16]), "{shown}");
}

#[test]
fn a_token_in_the_body_opens_and_one_in_the_path_takes_no_body() {
    let pending_post = pending(&islands(), &post("/_server-islands/Avatar", &[TYPE]));
    assert_eq!(pending_post.body_limit(), TOKEN_LIMIT);
    let token = token("Avatar", None);
    assert!(pending_post.open(&islands(), token.as_bytes(), "", NOW, &mut Vec::new()).is_ok());
    let path = island_path(&token);
    assert_eq!(unopened(&get(&path, &[]), b"x", "").reply.status, 413);
}

#[test]
fn head_is_pending_as_get_is() {
    let path = island_path(&token("Avatar", None));
    let pending = pending(&islands(), &by("HEAD", get(&path, &[])));
    assert!(pending.open(&islands(), b"", "", NOW, &mut Vec::new()).is_ok());
}

#[test]
fn tricks_with_the_raw_path_are_not_found() {
    for rest in [
        "",
        "/",
        "//",
        "/Avatar//",
        "/Avatar/",
        "//Avatar/t",
        "/%41vatar/t",
        "/Avatar%2ft",
        "/%2e%2e/Avatar/t",
        "/../Avatar/t",
        "/./Avatar/t",
        "/Avatar;x/t",
        "/Avatar/t/a.css",
        "/Avatar/t/",
        "/Avat\0ar/t",
        "/Avatar\r\n/t",
        "/__proto__/t",
        "/constructor/t",
        "/toString/t",
        "/avatar/t",
        "/Avatar /t",
        "/Avatar\\t",
        "/é/t",
        "/loader.v1.js/t",
        "/loader.v2.js",
        "/island.v1.css/",
        "/Loader.v1.js/",
        "/Price/t",
        "/Unknown/t",
    ] {
        let path = format!("/_server-islands{rest}");
        assert_eq!(refusal(&islands(), &get(&path, &[])).reply.status, 404, "{rest:?}");
    }
    let not_utf8 = Head::new("GET", b"/_server-islands/Avatar/\xff");
    assert_eq!(refused(&islands(), &not_utf8), (404, "shape"));
}

#[test]
fn tricks_with_the_token_do_not_open() {
    let token = token("Avatar", None);
    for tricked in [
        format!("{token};x"),
        format!("{token}.css"),
        format!("{token}="),
        format!("{token}%00"),
        format!("{token}\0"),
        format!("%{:02x}{}", token.as_bytes()[0], &token[1..]),
        "t".to_owned(),
    ] {
        let path = island_path(&tricked);
        assert_eq!(unopened(&get(&path, &[]), b"", "").reply.status, 400, "{tricked}");
    }
}

#[test]
fn a_token_of_another_island_or_audience_is_bad_and_an_expired_one_stale() {
    let open = |token: String, audience: &str| {
        let path = island_path(&token);
        unopened(&get(&path, &[]), b"", audience)
    };
    let at = u32::try_from(NOW).expect("before 2106");
    for (refusal, status, code) in [
        (open(token("CartRow", None), ""), 400, "token-tag"),
        (open(token("Avatar", None), "tenant"), 400, "token-tag"),
        (open(token("Avatar", Some(at)), ""), 410, "token-expired"),
    ] {
        assert_eq!((refusal.reply.status, refusal.reason.code()), (status, code));
        assert_eq!(refusal.reply.header("Island-Refused"), (status == 410).then_some("stale"));
        assert_eq!(refusal.island.expect("known").as_str(), "Avatar");
    }
}

/// Each line is wrong in one way more than the one before, the earliest check's way added last.
#[test]
fn checks_run_in_the_order_of_the_table() {
    let long = (TOKEN_LIMIT + 1).to_string();
    let mut headers = vec![("Content-Length", long.as_bytes())];
    let mut head = post("/_server-islands/Avatar", &[]);
    let check = |head: Head<'_>, headers: &[Field<'_>], expected| {
        assert_eq!(refused(&islands(), &head.with_headers(headers)), expected);
    };
    headers.push(TYPE);
    check(head, &headers, (413, "body-too-large"));
    headers.pop();
    check(head, &headers, (415, "content-type"));
    headers.push(("Origin", b"https://evil.example"));
    check(head, &headers, (403, "origin"));
    headers.extend([("Sec-Fetch-Site", &b"same-origin"[..]), ("Sec-Fetch-Dest", b"document")]);
    check(head, &headers, (403, "fetch-dest"));
    headers.push(("Sec-Fetch-Site", b"cross-site"));
    check(head, &headers, (403, "fetch-site"));
    head.query = b"x=1";
    check(head, &headers, (400, "query"));
    head.method = "PUT";
    check(head, &headers, (405, "method"));
    head.path = b"/_server-islands/Price";
    check(head, &headers, (404, "name-elsewhere"));
    head.path = b"/_server-islands/Other";
    check(head, &headers, (404, "name-unknown"));
    head.path = b"/_server-islands/Avatar/t/x";
    check(head, &headers, (404, "shape"));
}

#[test]
fn another_method_is_told_which_are_allowed() {
    for (path, method, islands, allow) in [
        ("/_server-islands/Avatar/t", "POST", islands(), "GET, HEAD"),
        ("/_server-islands/Avatar/t", "OPTIONS", crossing(), "GET, HEAD"),
        ("/_server-islands/Avatar/t", "get", islands(), "GET, HEAD"),
        ("/_server-islands/Avatar", "GET", islands(), "POST"),
        ("/_server-islands/Avatar", "OPTIONS", islands(), "POST"),
        ("/_server-islands/Avatar", "DELETE", crossing(), "POST, OPTIONS"),
        ("/_server-islands/loader.v1.js", "POST", islands(), "GET, HEAD"),
    ] {
        let refusal = refusal(&islands, &by(method, get(path, &[])));
        assert_eq!((refusal.reply.status, refusal.reply.header("Allow")), (405, Some(allow)), "{method} {path}");
    }
}

#[test]
fn every_refusal_is_one_fixed_line_that_no_cache_keeps() {
    let heads = [
        get("/_server-islands/Other/t", &[]),
        post("/_server-islands/Avatar/t", &[]),
        asking(b"a", get("/_server-islands/Avatar/t", &[])),
        get("/_server-islands/Avatar/t", &[("sec-fetch-site", b"cross-site")]),
        post("/_server-islands/Avatar", &[]),
    ];
    for head in heads {
        let reply = refusal(&islands(), &head).reply;
        assert_eq!(reply.header("Cache-Control"), Some("no-store"));
        assert_eq!(reply.header("Content-Type"), Some("text/plain; charset=utf-8"));
        assert_eq!(reply.header("X-Content-Type-Options"), Some("nosniff"));
        assert_eq!(reply.header("Content-Length"), Some(&*reply.body.len().to_string()));
        assert_eq!(reply.body.iter().filter(|b| **b == b'\n').count(), 1);
        assert_eq!(reply.header("Island-Refused"), None);
    }
}

#[test]
fn a_refusal_of_head_tells_the_length_alone() {
    let head = by("HEAD", get("/_server-islands/Other/t", &[]));
    let reply = refusal(&islands(), &head).reply;
    assert_eq!((&*reply.body, reply.header("Content-Length")), (&b""[..], Some("10")));
}

#[test]
fn the_content_type_of_a_post_is_exact_but_for_case_and_parameters() {
    let head = |value: &'static [u8]| [("content-type", value)];
    for good in [
        &b"application/vnd.eyot.token"[..],
        b"Application/vnd.EYOT.token; charset=utf-8",
        b" application/vnd.eyot.token ",
    ] {
        pending(&islands(), &post("/_server-islands/Avatar", &head(good)));
    }
    for bad in [&b""[..], b"text/plain", b"application/vnd.eyot.tokens", b"text/plain, application/vnd.eyot.token"] {
        assert_eq!(refused(&islands(), &post("/_server-islands/Avatar", &head(bad))), (415, "content-type"));
    }
    assert_eq!(refused(&islands(), &post("/_server-islands/Avatar", &[TYPE, TYPE])), (415, "content-type"));
}

#[test]
fn a_length_is_over_the_limit_by_one_byte_or_by_any_number_of_digits() {
    let at =
        |length: &'static [u8]| islands().route(&post("/_server-islands/Avatar", &[TYPE, ("content-length", length)]));
    assert!(matches!(at(b"65536"), Some(Route::Pending(_))));
    for over in [&b"65537"[..], b"99999999999999999999999999999999999999999"] {
        assert!(matches!(at(over), Some(Route::Refusal(r)) if r.reply.status == 413));
    }
}

#[test]
fn a_body_over_the_limit_is_refused_while_reading_and_when_opened() {
    let pending = pending(&islands(), &post("/_server-islands/Avatar", &[TYPE]));
    assert_eq!(pending.too_large().reply.status, 413);
    let body = vec![b'A'; TOKEN_LIMIT + 1];
    let refusal = pending.open(&islands(), &body, "", NOW, &mut Vec::new()).expect_err("too large");
    assert_eq!(refusal.reason.code(), "body-too-large");
}

/// Site, dest, `Origin`; what a `GET` and a `POST` get where no other origin is allowed, and where one is.
#[test]
fn fourteen_combinations_of_headers_tell_a_cross_site_request() {
    let shop: &[u8] = b"https://shop.example";
    let evil: &[u8] = b"https://evil.example";
    let own: &[u8] = b"https://islands.example";
    type Case<'a> = (&'a [u8], &'a [u8], &'a [u8], [bool; 4]);
    let cases: [Case<'_>; 14] = [
        (b"", b"", b"", [true, true, true, true]),
        (b"", b"", own, [true, true, true, true]),
        (b"", b"", shop, [true, false, true, true]),
        (b"", b"", evil, [true, false, true, false]),
        (b"", b"", b"null", [true, false, true, false]),
        (b"same-origin", b"empty", b"", [true, true, true, true]),
        (b"same-origin", b"empty", evil, [true, true, true, true]),
        (b"same-origin", b"iframe", b"", [false, false, false, false]),
        (b"none", b"empty", b"", [true, true, true, true]),
        (b"none", b"document", b"", [false, false, false, false]),
        (b"same-site", b"empty", b"", [false, false, false, false]),
        (b"same-site", b"empty", shop, [false, false, true, true]),
        (b"cross-site", b"empty", evil, [false, false, false, false]),
        (b"cross-site", b"image", shop, [false, false, false, false]),
    ];
    for (site, dest, origin, expected) in cases {
        let named = [("Sec-Fetch-Site", site), ("Sec-Fetch-Dest", dest), ("Origin", origin)];
        let mut headers: Vec<_> = named.into_iter().filter(|(_, value)| !value.is_empty()).collect();
        headers.extend([HOST, TYPE]);
        let ask = |islands: Islands| {
            let heads = [get("/_server-islands/Avatar/t", &headers), post("/_server-islands/Avatar", &headers)];
            heads.map(|head| matches!(islands.route(&head), Some(Route::Pending(_))))
        };
        let [[a, b], [c, d]] = [ask(islands()), ask(crossing())];
        assert_eq!(
            [a, b, c, d],
            expected,
            "{}",
            headers.iter().map(|h| h.1.escape_ascii().to_string() + " ").collect::<String>()
        );
    }
}

#[test]
fn a_posts_origin_is_this_host_by_name_and_port() {
    let allowed = |origin: &'static [u8], host: &'static [u8]| {
        let headers = [("Origin", origin), ("Host", host), TYPE];
        matches!(islands().route(&post("/_server-islands/Avatar", &headers)), Some(Route::Pending(_)))
    };
    assert!(allowed(b"http://a.example:8000", b"a.example:8000"));
    assert!(allowed(b"https://a.example", b"A.example:443"));
    assert!(!allowed(b"https://a.example", b"a.example:8000"));
    assert!(!allowed(b"https://a.example.evil", b"a.example"));
    assert!(!allowed(b"https://", b""));
    assert!(!allowed(b"ftp://a.example", b"a.example"));
}

#[test]
fn the_hosts_own_configured_origin_may_post() {
    let islands = with(|builder| builder.origin("https://public.example"));
    let headers = [("Origin", &b"https://public.example"[..]), ("Host", b"internal:8000"), TYPE];
    pending(&islands, &post("/_server-islands/Avatar", &headers));
}

#[test]
fn a_preflight_of_a_listed_origin_is_answered_and_of_another_refused() {
    let ask = |origin: &'static [u8]| {
        let headers = [("Origin", origin), ("Sec-Fetch-Site", b"cross-site"), ("Sec-Fetch-Dest", b"empty")];
        crossing().route(&by("OPTIONS", get("/_server-islands/Avatar", &headers)))
    };
    let Some(Route::Preflight(reply)) = ask(b"https://shop.example") else { panic!("no preflight") };
    assert_eq!(reply.status, 204);
    for (name, value) in [
        ("Access-Control-Allow-Origin", "https://shop.example"),
        ("Access-Control-Allow-Credentials", "true"),
        ("Access-Control-Allow-Methods", "POST"),
        ("Access-Control-Allow-Headers", "Content-Type"),
        ("Vary", "Origin"),
    ] {
        assert_eq!(reply.header(name), Some(value));
    }
    let Some(Route::Refusal(refusal)) = ask(b"https://evil.example") else { panic!("no refusal") };
    assert_eq!(refusal.reply.status, 403);
    assert_eq!(refusal.reply.header("Access-Control-Allow-Origin"), None);
}

#[test]
fn a_refusal_can_be_read_by_a_listed_origin() {
    let headers = [("Origin", &b"https://shop.example"[..])];
    let reply = refusal(&crossing(), &get("/_server-islands/Other/t", &headers)).reply;
    for (name, value) in [
        ("Access-Control-Allow-Origin", "https://shop.example"),
        ("Access-Control-Allow-Credentials", "true"),
        ("Access-Control-Expose-Headers", "Island, Island-Location, Island-Refused, Retry-After"),
        ("Vary", "Origin"),
        ("Cross-Origin-Resource-Policy", "cross-origin"),
    ] {
        assert_eq!(reply.header(name), Some(value));
    }
    let reply = refusal(&islands(), &get("/_server-islands/Other/t", &headers)).reply;
    assert_eq!(reply.header("Access-Control-Allow-Origin"), None);
    assert_eq!(reply.header("Cross-Origin-Resource-Policy"), Some("same-origin"));
}

#[test]
fn thirty_forged_headers_change_no_byte() {
    let forged = [
        "X-Forwarded-For",
        "X-Forwarded-Host",
        "X-Forwarded-Proto",
        "X-Forwarded-Port",
        "X-Forwarded-Prefix",
        "X-Forwarded-Server",
        "X-Forwarded-Scheme",
        "Forwarded",
        "X-Host",
        "X-Original-Host",
        "X-Original-URL",
        "X-Rewrite-URL",
        "X-HTTP-Method",
        "X-HTTP-Method-Override",
        "X-Method-Override",
        "X-Real-IP",
        "True-Client-IP",
        "CF-Connecting-IP",
        "X-Client-IP",
        "Via",
        "Accept",
        "Accept-Language",
        "Accept-Encoding",
        "User-Agent",
        "X-Requested-With",
        "X-Script-Name",
        "Surrogate-Capability",
        "X-Amz-Website-Redirect-Location",
        "Range",
        "Priority",
    ];
    assert_eq!(forged.len(), 30);
    let path = island_path(&token("Avatar", None));
    for path in [path.as_str(), "/_server-islands/loader.v1.js", "/_server-islands/Other/t"] {
        for islands in [islands(), crossing()] {
            let plain = islands.route(&get(path, &[]));
            for name in forged {
                assert_eq!(islands.route(&get(path, &[(name, b"evil.example")])), plain, "{name}");
            }
        }
    }
}

#[test]
fn what_names_a_visitor_is_hidden_from_a_shared_handler_and_changes_nothing_else() {
    let headers: [Field<'_>; 5] =
        [("cookie", b"a"), ("Cookie", b"b"), ("Accept", b"*/*"), ("X-Auth-Request-User", b"x"), ("Range", b"x")];
    let path = island_path(&token("Avatar", None));
    let asked = pending(&islands(), &get(&path, &headers));
    assert_eq!(asked.hidden_headers(), ["cookie".into(), "X-Auth-Request-User".into()]);
    assert_eq!(pending(&islands(), &get(&path, &[])), pending(&islands(), &get(&path, &headers[2..3])));
}

#[test]
fn the_files_are_public_and_say_for_how_long() {
    for (path, media_type) in [
        ("/_server-islands/loader.v1.js", "text/javascript; charset=utf-8"),
        ("/_server-islands/island.v1.css", "text/css; charset=utf-8"),
    ] {
        let reply = file(&islands(), &get(path, &[("Sec-Fetch-Dest", b"script"), ("Sec-Fetch-Site", b"same-origin")]));
        assert_eq!((reply.status, reply.header("Content-Type")), (200, Some(media_type)));
        assert_eq!(reply.header("Cache-Control"), Some("public, max-age=3600, stale-while-revalidate=86400"));
        assert_eq!(reply.header("X-Content-Type-Options"), Some("nosniff"));
        assert_eq!(reply.header("Cross-Origin-Resource-Policy"), Some("same-origin"));
        assert_eq!(reply.header("Content-Length"), Some(&*reply.body.len().to_string()));
        assert!(!reply.body.is_empty());
    }
}

#[test]
fn a_file_that_the_browser_has_is_not_sent_again() {
    let path = "/_server-islands/loader.v1.js";
    let etag = eyot::assets::LOADER.etag();
    let reply = file(&islands(), &get(path, &[("If-None-Match", etag.as_bytes())]));
    assert_eq!((reply.status, &*reply.body, reply.header("ETag")), (304, &b""[..], Some(etag)));
    assert_eq!(reply.header("Content-Length"), None);
    assert_eq!(file(&islands(), &get(path, &[("If-None-Match", b"\"other\"")])).status, 200);
}

#[test]
fn head_of_a_file_has_the_headers_of_get() {
    let path = "/_server-islands/island.v1.css";
    let got = file(&islands(), &get(path, &[]));
    let head = file(&islands(), &by("HEAD", get(path, &[])));
    assert_eq!((head.headers, &*head.body), (got.headers, &b""[..]));
}

#[test]
fn other_origins_may_read_the_files_where_islands_are_answered_for_them() {
    let reply = file(&crossing(), &get("/_server-islands/loader.v1.js", &[]));
    assert_eq!(reply.header("Access-Control-Allow-Origin"), Some("*"));
    assert_eq!(reply.header("Access-Control-Allow-Credentials"), None);
    assert_eq!(reply.header("Cross-Origin-Resource-Policy"), Some("cross-origin"));
}

#[test]
fn a_target_is_split_at_its_first_question_mark_and_loses_its_authority() {
    for (target, path, query) in [
        ("/a/b", "/a/b", ""),
        ("/a?b?c", "/a", "b?c"),
        ("/a?", "/a", ""),
        ("http://h:80/a?b", "/a", "b"),
        ("HTTPS://h", "/", ""),
        ("http://h?b", "", "b"),
        ("*", "*", ""),
        ("", "", ""),
    ] {
        assert_eq!(split_target(target.as_bytes()), (path.as_bytes(), query.as_bytes()), "{target}");
    }
}

proptest! {
    #[test]
    fn no_request_makes_route_panic(
        method in "GET|HEAD|POST|OPTIONS|[A-Z]{0,3}",
        path in prop::collection::vec(any::<u8>(), 0..40),
        prefixed: bool,
        query in prop::collection::vec(any::<u8>(), 0..4),
        values in prop::collection::vec(prop::collection::vec(any::<u8>(), 0..20), 8),
    ) {
        let names = ["host", "origin", "referer", "sec-fetch-site", "content-type", "content-length", "if-none-match", "vary"];
        let headers: Vec<_> = names.into_iter().zip(values.iter().map(Vec::as_slice)).collect();
        let path = [if prefixed { &b"/_server-islands/"[..] } else { b"" }, &path].concat();
        let mut head = Head::new(&method, b"").with_headers(&headers);
            (head.path, head.query) = (&path, &query);
        let route = crossing().route(&head);
        prop_assert!(!prefixed || route.is_some());
        if let Some(Route::Pending(pending)) = route {
            prop_assert!(pending.open(&islands(), &values[0], "", NOW, &mut Vec::new()).is_err());
        }
    }

    #[test]
    fn no_answers_header_can_be_split(origin in prop::collection::vec(any::<u8>(), 0..40)) {
        let headers = [("Origin", origin.as_slice()), ("Host", &origin)];
        for path in ["/_server-islands/Avatar", "/_server-islands/x", "/_server-islands/loader.v1.js"] {
            let reply = match crossing().route(&get(path, &headers)) {
                Some(Route::File(reply) | Route::Preflight(reply)) => reply,
                Some(Route::Refusal(refusal)) => refusal.reply,
                other => return Err(TestCaseError::fail(format!("{other:?}"))),
            };
            prop_assert!(reply.headers.iter().all(|(_, value)| !value.contains(['\r', '\n', '\0'])));
        }
    }
}
