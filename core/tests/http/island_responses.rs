//! Island responses: what becomes of the status and headers of a handler's answer.

use eyot::Islands;
use eyot::http::{Edit, Field, Head, Leak, Outcome, Pending, Refusal, Response, Route, edited};

use crate::fixture::{by, crossing, get, islands, removed, set, with};

const OWN: &str = "/_server-islands/Avatar/t";
const PAGE: &[u8] = br#"{"path":"/p/1","lang":"de"}"#;

fn pending(islands: &Islands, head: &Head<'_>) -> Pending {
    match islands.route(head) {
        Some(Route::Pending(pending)) => pending,
        other => panic!("not pending: {other:?}"),
    }
}

fn finish(answer: Response<'_>) -> Result<Outcome, Refusal> {
    let headers = [("Host", &b"shop.test"[..])];
    pending(&islands(), &get(OWN, &headers)).finish(&islands(), &answer)
}

fn personal(status: u16, headers: &[Field<'_>]) -> Outcome {
    finish(Response::new(status, headers)).expect("an answer")
}

fn shared(status: u16, headers: &[Field<'_>]) -> Result<Outcome, Refusal> {
    finish(Response::new(status, headers).with_shared(Some(60)))
}

/// The status, and `Island-Location`.
fn redirected(status: u16, location: &str, page: &[u8]) -> (u16, Option<String>) {
    let headers = [("Location", location.as_bytes())];
    let finish = finish(Response::new(status, &headers).with_page(page)).expect("a redirect");
    (finish.status, set(&finish.edits, "Island-Location").map(str::to_owned))
}

fn location(location: &str, page: &[u8]) -> String {
    redirected(302, location, page).1.expect("a location")
}

fn unfit(islands: &Islands, status: u16, location: &[u8]) -> (u16, &'static str) {
    let headers = [("Location", location)];
    let head = [("Host", &b"shop.test"[..])];
    let answer = Response::new(status, &headers);
    let refusal = pending(islands, &get(OWN, &head)).finish(islands, &answer).expect_err("an unfit location");
    (refusal.reply.status, refusal.reason.code())
}

#[test]
fn an_island_gets_every_header_that_it_does_not_set_itself() {
    let finish = personal(200, &[]);
    for (name, value) in [
        ("Content-Type", "text/html; charset=utf-8"),
        ("Cache-Control", "private, no-store"),
        ("Island", "Avatar"),
        ("X-Robots-Tag", "noindex"),
        ("X-Content-Type-Options", "nosniff"),
        ("Cross-Origin-Resource-Policy", "same-origin"),
        ("Content-Security-Policy", "default-src 'none'; sandbox"),
    ] {
        assert_eq!(set(&finish.edits, name), Some(value));
    }
    assert_eq!((finish.status, finish.has_body), (200, true));
    assert_eq!(set(&finish.edits, "Cache-Tag"), None);
}

#[test]
fn what_another_layer_answers_in_the_handlers_place_is_no_island() {
    for status in [200, 204] {
        let finish = finish(Response::new(status, &[]).with_foreign(true)).expect("an answer");
        assert_eq!((finish.status, set(&finish.edits, "Island")), (status, None));
        assert_eq!(set(&finish.edits, "Cache-Control"), Some("no-store"));
    }
    let headers = [("Location", &b"/login"[..])];
    let login = finish(Response::new(302, &headers).with_foreign(true));
    assert_eq!(set(&login.expect("a redirect").edits, "Island-Location"), Some("/login"));
}

#[test]
fn what_the_handler_sets_stays() {
    let own = [
        ("content-type", &b"text/html; charset=iso-8859-1"[..]),
        ("cache-control", b"private, max-age=30"),
        ("x-robots-tag", b"none"),
        ("cross-origin-resource-policy", b"same-site"),
        ("content-security-policy", b"default-src 'self'"),
        ("set-cookie", b"a=b"),
    ];
    let finish = personal(200, &own);
    for (name, _) in own {
        assert_eq!((set(&finish.edits, name), removed(&finish.edits, name)), (None, false), "{name}");
    }
}

#[test]
fn an_island_that_is_not_registered_as_shared_cannot_become_public() {
    for public in [&b"public, max-age=600"[..], b"max-age=600", b"private=\"set-cookie\", max-age=1", b"no-cache"] {
        let headers = [("Cache-Control", public), ("CDN-Cache-Control", b"max-age=600"), ("x-accel-expires", b"600")];
        let finish = personal(200, &headers);
        assert_eq!(set(&finish.edits, "Cache-Control"), Some("private, no-store"));
        assert!(removed(&finish.edits, "CDN-Cache-Control") && removed(&finish.edits, "X-Accel-Expires"));
    }
}

#[test]
fn a_shared_island_is_public_and_can_be_purged_by_name() {
    let finish = shared(200, &[]).expect("an island");
    for (name, value) in
        [("Cache-Control", "public, max-age=60"), ("Cache-Tag", "island-Avatar"), ("Surrogate-Key", "island-Avatar")]
    {
        assert_eq!(set(&finish.edits, name), Some(value));
    }
    let finish = shared(200, &[("cache-control", b"public, max-age=5")]).expect("an island");
    assert_eq!(set(&finish.edits, "Cache-Control"), None);
}

/// What the guard finds in a shared island's answer, and whether it is kept out of caches.
fn shared_leaks(headers: &[Field<'_>], body: &str) -> (Vec<&'static str>, bool) {
    let answer = Response::new(200, headers).with_body(body.as_bytes()).with_shared(Some(60));
    let outcome = finish(answer).expect("an island");
    let edited: Vec<_> = edited(headers, &outcome.edits);
    assert!(!edited.iter().any(|(name, _)| name.eq_ignore_ascii_case("set-cookie")), "{edited:?}");
    let is_kept_out = edited.contains(&("Cache-Control", b"private, no-store"));
    (outcome.leaks.iter().map(Leak::code).collect(), is_kept_out)
}

#[test]
fn a_shared_island_is_judged_as_a_shell_is() {
    const FIELD: &str = "<form><input type=hidden name=_csrf value=Zk3vQ9xW7rT1mB5nY8cL2pD4></form>";
    let all: [(&[Field<'_>], &str, &[&str]); 8] = [
        (&[("Set-Cookie", b"session=1")], "", &["leak-cookie"]),
        (&[("Vary", b"Accept, *")], "", &["leak-vary"]),
        (&[], FIELD, &["leak-csrf"]),
        (&[("content-type", b"text/html")], FIELD, &["leak-csrf"]),
        (&[("cache-control", b"public, max-age=5"), ("CDN-Cache-Control", b"max-age=9")], FIELD, &["leak-csrf"]),
        (&[("content-security-policy", b"script-src 'nonce-x'")], "", &["leak-nonce"]),
        (&[("content-encoding", b"gzip")], "x", &["leak-encoded"]),
        (&[("X-CSRF-Token", b"Zk3vQ9xW7rT1mB5nY8cL2pD4")], "", &["leak-csrf"]),
    ];
    for (headers, body, codes) in all {
        assert_eq!(shared_leaks(headers, body), (codes.to_vec(), true), "{headers:?} {body}");
    }
    for (headers, body) in [
        (&[("Vary", &b"Cookie"[..])][..], "<p>"),
        (&[("content-type", b"text/plain")], FIELD),
        (&[("content-security-policy", b"script-src 'sha256-x'")], "<p>"),
    ] {
        assert_eq!(shared_leaks(headers, body), (vec![], false), "{headers:?} {body}");
    }
}

#[test]
fn what_a_shared_handler_keeps_out_of_caches_itself_leaks_nothing_but_cookies() {
    let own = ("cache-control", &b"private, max-age=5"[..]);
    assert_eq!(shared_leaks(&[own], "<input name=_csrf value=Zk3vQ9xW7rT1mB5nY8cL2pD4>").0, [""; 0]);
    assert_eq!(shared_leaks(&[own, ("set-cookie", b"a=b")], "").0, ["leak-cookie"]);
    assert_eq!(
        shared_leaks(&[own, ("X-Accel-Expires", b"60")], "<input name=_csrf value=Zk3vQ9xW7rT1mB5nY8cL2pD4>").0,
        ["leak-csrf"]
    );
}

#[test]
fn a_shared_island_varies_on_no_cookie_that_its_handler_did_not_see() {
    let headers = [("Vary", &b"Cookie, Accept-Language"[..])];
    assert_eq!(set(&shared(200, &headers).expect("an island").edits, "Vary"), Some("Accept-Language"));
    assert_eq!(set(&personal(200, &headers).edits, "Vary"), None);
    let asked = pending(&crossing(), &get(OWN, &[]));
    let finish = asked.finish(&crossing(), &Response::new(200, &headers).with_shared(Some(60))).expect("an island");
    assert_eq!(set(&finish.edits, "Vary"), Some("Accept-Language, Origin"));
}

#[test]
fn no_answer_of_a_shared_handler_replaces_a_visitors_cookie() {
    for (status, headers) in [
        (200, vec![("set-cookie", &b"a=b"[..])]),
        (302, vec![("set-cookie", &b"a=b"[..]), ("location", b"/login")]),
        (404, vec![("set-cookie", &b"a=b"[..])]),
        (500, vec![("set-cookie", &b"a=b"[..])]),
    ] {
        assert!(removed(&shared(status, &headers).expect("an answer").edits, "Set-Cookie"), "{status}");
        assert!(!removed(&personal(status, &headers).edits, "Set-Cookie"), "{status}");
    }
}

#[test]
fn a_personal_island_speaks_to_no_kind_of_cache() {
    for (name, value) in [
        ("Edge-Control", "!no-store, max-age=1d"),
        ("X-LiteSpeed-Cache-Control", "public, max-age=60"),
        ("Vercel-CDN-Cache-Control", "max-age=60"),
        ("Surrogate-Control", "max-age=60"),
        ("X-Accel-Expires", "60"),
    ] {
        for status in [200, 204, 404] {
            let finish = personal(status, &[(name, value.as_bytes()), ("Cache-Control", b"private")]);
            assert!(removed(&finish.edits, name), "{name} {status}");
        }
    }
}

#[test]
fn a_shared_islands_errors_and_redirects_are_not_shared() {
    for status in [404, 500, 401] {
        let finish = shared(status, &[("set-cookie", b"session=1")]).expect("an error");
        assert!(set(&finish.edits, "Cache-Control").expect("set").contains("no-store"), "{status}");
        assert_eq!(set(&finish.edits, "Cache-Tag"), None);
    }
}

#[test]
fn a_304_of_a_shared_island_stays_one() {
    let finish = shared(304, &[("etag", b"\"a\"")]).expect("an island");
    assert_eq!((finish.status, finish.has_body, set(&finish.edits, "Island")), (304, false, Some("Avatar")));
    assert_eq!(set(&finish.edits, "Content-Type"), None);
}

#[test]
fn a_handlers_own_error_is_forwarded_uncached_and_is_no_island() {
    for status in [400, 403, 404, 410, 429, 500, 503] {
        let finish = personal(status, &[("Cache-Control", b"public, max-age=9"), ("Retry-After", b"3")]);
        assert_eq!((finish.status, finish.has_body), (status, true));
        assert_eq!(set(&finish.edits, "Cache-Control"), Some("no-store"));
        assert_eq!(set(&finish.edits, "Island"), None);
        assert!(!removed(&finish.edits, "Retry-After"));
    }
}

#[test]
fn a_handler_cannot_speak_for_eyot() {
    let headers = [("island", &b"Other"[..]), ("Island-Refused", b"stale"), ("island-location", b"/x")];
    let finish = personal(410, &headers);
    for (name, _) in headers {
        assert!(removed(&finish.edits, name), "{name}");
    }
    let edits = personal(200, &headers).edits;
    let last = edits.iter().rposition(|e| matches!(e, Edit::Set("Island", _)));
    let first = edits.iter().position(|e| matches!(e, Edit::Remove(n) if n == "Island"));
    assert!(last > first, "the island's own name comes last");
}

#[test]
fn head_has_the_headers_of_get_and_no_body() {
    let head = by("HEAD", get(OWN, &[]));
    let answer = Response::new(200, &[]);
    let finish = pending(&islands(), &head).finish(&islands(), &answer).expect("an island");
    let mut of_get = personal(200, &[]);
    of_get.has_body = false;
    assert_eq!(finish, of_get);
}

#[test]
fn a_redirect_becomes_the_news_of_one() {
    for status in [301, 302, 303, 307, 308] {
        assert_eq!(redirected(status, "/login", b""), (204, Some("/login".into())));
    }
    let headers =
        [("Location", &b"/login"[..]), ("content-type", b"text/html"), ("content-length", b"3"), ("etag", b"\"\"")];
    let finish = personal(302, &headers);
    assert!(headers.iter().all(|(name, _)| removed(&finish.edits, name)));
    assert_eq!(set(&finish.edits, "Island"), Some("Avatar"));
    assert_eq!(set(&finish.edits, "Cache-Control"), Some("private, no-store"));
    assert!(!finish.has_body);
}

#[test]
fn a_handlers_204_has_no_location() {
    let finish = personal(204, &[]);
    assert_eq!((finish.status, set(&finish.edits, "Island")), (204, Some("Avatar")));
    assert_eq!(set(&finish.edits, "Island-Location"), None);
}

#[test]
fn a_401_leads_to_the_configured_login_or_nowhere() {
    let headers = [("WWW-Authenticate", &b"Basic"[..])];
    let finish = personal(401, &headers);
    assert_eq!((finish.status, set(&finish.edits, "Island-Location")), (204, None));
    assert!(removed(&finish.edits, "WWW-Authenticate"));
    let islands = with(|builder| builder.login_url("/login"));
    let answer = Response::new(401, &headers);
    let finish = pending(&islands, &get(OWN, &[])).finish(&islands, &answer).expect("a login");
    assert_eq!(set(&finish.edits, "Island-Location"), Some("/login"));
}

#[test]
fn the_islands_own_path_in_a_redirects_query_becomes_the_pages() {
    for (target, expected) in [
        ("/login?next=/_server-islands/Avatar/t", "/login?next=/p/1"),
        ("/login?next=%2F_server-islands%2FAvatar%2Ft&a=b", "/login?next=/p/1&a=b"),
        ("/login?next=/_server-islands/Avatar/t?", "/login?next=/p/1"),
        (
            "/l?a=b&next=https%3A%2F%2Fshop.test%2F_server-islands%2FAvatar%2Ft#f",
            "/l?a=b&next=https%3A//shop.test/p/1#f",
        ),
        ("https://shop.test/l?next=/_server-islands/Avatar/t", "https://shop.test/l?next=/p/1"),
    ] {
        assert_eq!(location(target, PAGE), expected);
    }
}

#[test]
fn other_values_of_a_redirects_query_stay() {
    for target in [
        "/login?next=/_server-islands/Avatar/tt",
        "/login?next=/other&_server-islands/Avatar/t",
        "/login?next=https://evil.example/_server-islands/Avatar/t",
        "/login?a=%zz&b=%4",
        "/_server-islands/Avatar/t",
        "/login#?next=/_server-islands/Avatar/t",
    ] {
        assert_eq!(location(target, PAGE), target);
    }
}

#[test]
fn an_unknown_page_is_the_referers_or_dropped() {
    let ask = |referer: &'static [u8]| {
        let head = [("Host", &b"shop.test"[..]), ("Referer", referer)];
        let headers = [("Location", &b"/login?next=/_server-islands/Avatar/t"[..])];
        let answer = Response::new(302, &headers);
        let finish = pending(&islands(), &get(OWN, &head)).finish(&islands(), &answer).expect("a redirect");
        set(&finish.edits, "Island-Location").map(str::to_owned).expect("a location")
    };
    assert_eq!(ask(b"https://shop.test/p/1?q=a&b#f"), "/login?next=/p/1%3Fq%3Da%26b");
    for unusable in [&b"https://evil.example/p/1"[..], b"", b"/p/1", b"https://shop.test"] {
        assert_eq!(ask(unusable), "/login");
    }
    assert_eq!(location("/login?next=/_server-islands/Avatar/t&a=b#f", b""), "/login?a=b#f");
}

#[test]
fn no_path_that_a_browser_reads_as_another_origin_becomes_the_pages() {
    for path in [
        "//evil.example/x",
        "/\\evil.example",
        "/\t/evil.example",
        "/\n/evil.example",
        "/x\\..\\\\y",
        "/a\u{0}",
        "\\\\evil.example",
        "evil",
    ] {
        let sealed = serde_json::json!({ "path": path, "lang": "" }).to_string();
        assert_eq!(location("/login?next=/_server-islands/Avatar/t", sealed.as_bytes()), "/login", "{path:?}");
        let target = "/login?next=https://shop.test/_server-islands/Avatar/t&a=b";
        assert_eq!(location(target, sealed.as_bytes()), "/login?a=b", "{path:?}");
        let referer = format!("http://shop.test{path}");
        let head = [("Host", &b"shop.test"[..]), ("Referer", referer.as_bytes())];
        let headers = [("Location", &b"/login?next=/_server-islands/Avatar/t"[..])];
        let answer = Response::new(302, &headers);
        let finish = pending(&islands(), &get(OWN, &head)).finish(&islands(), &answer).expect("a redirect");
        assert_eq!(set(&finish.edits, "Island-Location"), Some("/login"), "{path:?}");
    }
}

#[test]
fn a_posted_islands_own_path_is_replaced_too() {
    let head = [("Host", &b"shop.test"[..]), ("Content-Type", b"application/vnd.eyot.token")];
    let post = by("POST", get("/_server-islands/Avatar", &head));
    let headers = [("Location", &b"/login?next=/_server-islands/Avatar"[..])];
    let answer = Response::new(302, &headers).with_page(PAGE);
    let finish = pending(&islands(), &post).finish(&islands(), &answer).expect("a redirect");
    assert_eq!(set(&finish.edits, "Island-Location"), Some("/login?next=/p/1"));
}

#[test]
fn a_redirect_leads_to_this_host_or_a_configured_origin() {
    let islands =
        with(|builder| builder.locations(["https://login.example"]).allowed_origins(["https://shop.example"]));
    let head = [("Host", &b"shop.test:8000"[..])];
    for target in [
        "/",
        "/a?b#c",
        "//shop.test:8000/a",
        "http://shop.test:8000",
        "HTTPS://SHOP.test:8000/a",
        "https://login.example/a",
        "//login.example:443/a",
        "https://shop.example?a",
    ] {
        let headers = [("Location", target.as_bytes())];
        let answer = Response::new(302, &headers);
        let finish = pending(&islands, &get(OWN, &head)).finish(&islands, &answer).expect(target);
        assert_eq!(set(&finish.edits, "Island-Location"), Some(target));
    }
    for target in [
        "https://evil.example",
        "//evil.example",
        "///evil.example",
        "https:///a",
        "http://login.example/",
        "https://login.example@evil.example/",
        "https://shop.test@evil.example",
        "https://login.example.evil",
        "https://login.example:8443",
        "https://shop.test:8001",
    ] {
        assert_eq!(unfit(&islands, 302, target.as_bytes()), (500, "location-origin"), "{target}");
    }
}

#[test]
fn a_redirect_that_is_no_plain_url_is_refused() {
    for target in [
        "javascript:alert(1)",
        "JaVaScRiPt:alert(1)",
        "java\tscript:alert(1)",
        " javascript:alert(1)x y",
        "data:text/html,x",
        "vbscript:x",
        "mailto:a@b",
        "https:evil.example",
        "https:/evil.example",
        "/\\evil.example",
        "\\\\evil.example",
        "login",
        "?a",
        "#a",
        "/a\r\nSet-Cookie: a=b",
        "/a\0",
        "",
    ] {
        assert_eq!(unfit(&islands(), 302, target.as_bytes()), (500, "location-form"), "{target:?}");
    }
    let refusal = finish(Response::new(302, &[])).expect_err("nowhere to go");
    assert_eq!(refusal.reason.code(), "location-missing");
}

#[test]
fn a_location_beyond_ascii_is_escaped() {
    assert_eq!(location("/straße", b""), "/stra%C3%9Fe");
}

#[test]
fn a_listed_origin_may_read_every_answer() {
    let head = [("Origin", &b"https://shop.example"[..]), ("Host", b"islands.example")];
    for status in [200, 204, 404, 500] {
        let headers = [("vary", &b"Cookie, origin"[..])];
        let answer = Response::new(status, &headers);
        let finish = pending(&crossing(), &get(OWN, &head)).finish(&crossing(), &answer).expect("an answer");
        for (name, value) in [
            ("Access-Control-Allow-Origin", "https://shop.example"),
            ("Access-Control-Allow-Credentials", "true"),
            ("Access-Control-Expose-Headers", "Island, Island-Location, Island-Refused, Retry-After"),
            ("Vary", "Cookie, Origin"),
            ("Cross-Origin-Resource-Policy", "cross-origin"),
        ] {
            assert_eq!(set(&finish.edits, name), Some(value), "{status}");
        }
    }
}

#[test]
fn the_answer_to_no_listed_origin_varies_without_granting() {
    let answer = Response::new(200, &[]);
    let finish = pending(&crossing(), &get(OWN, &[])).finish(&crossing(), &answer).expect("an answer");
    assert_eq!(set(&finish.edits, "Vary"), Some("Origin"));
    assert_eq!(set(&finish.edits, "Access-Control-Allow-Origin"), None);
    assert_eq!(set(&personal(200, &[]).edits, "Vary"), None);
}

proptest::proptest! {
    #[test]
    fn the_pages_path_in_a_redirect_stays_on_its_origin(path in "[/\\\\a.:@\t\n %?]{0,8}", is_sealed: bool) {
        let sealed = serde_json::json!({ "path": path, "lang": "" }).to_string();
        let referer = format!("http://shop.test{path}");
        let head = [("Host", &b"shop.test"[..]), ("Referer", referer.as_bytes())];
        let headers = [("Location", &b"/login?next=/_server-islands/Avatar/t"[..])];
        let page: &[u8] = if is_sealed { sealed.as_bytes() } else { b"" };
        let answer = Response::new(302, &headers).with_page(page);
        let finish = pending(&islands(), &get(OWN, &head)).finish(&islands(), &answer).expect("a redirect");
        let next = set(&finish.edits, "Island-Location").expect("a location").strip_prefix("/login?next=");
        let next = next.map(|next| next.replace("%5C", "\\").replace("%09", "\t").replace("%0A", "\n"));
        let stays = next.is_none_or(|next| {
            let plain: String = next.chars().filter(|c| !matches!(c, '\t' | '\n')).collect();
            plain.starts_with('/') && !plain[1..].starts_with(['/', '\\']) && !plain.contains('\\')
        });
        proptest::prop_assert!(stays);
    }

    #[test]
    fn no_location_splits_a_header(target in proptest::collection::vec(proptest::prelude::any::<u8>(), 0..30), status in 300_u16..309) {
        let target = [b"/", target.as_slice()].concat();
        let headers = [("Location", target.as_slice()), ("Vary", &target), ("CDN-Cache-Control", &target)];
        let head = [("Host", target.as_slice()), ("Referer", &target)];
        let answer = Response::new(status, &headers).with_page(&target);
        if let Ok(finish) = pending(&crossing(), &get(OWN, &head)).finish(&crossing(), &answer) {
            for edit in finish.edits {
                let Edit::Set(_, value) = edit else { continue };
                proptest::prop_assert!(value.bytes().all(|b| b.is_ascii_graphic() || b == b' '));
            }
        }
    }
}
