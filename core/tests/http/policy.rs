//! The shell policy: what of a request the app does not see, and what becomes of its response.

use eyot::Mount;
use eyot::http::{Edit, Field, Head, Leak, Outcome, Response, ShellPolicy, Visit, edited};

use crate::fixture::{asking, by, get, islands, removed, set, with};

const HTML: Field<'static> = ("Content-Type", b"text/html; charset=utf-8");
const PAGE: &[u8] = b"<!doctype html><p>shell";

fn policy() -> ShellPolicy {
    ShellPolicy::new(0, 600).expect("a short life")
}

fn visit(policy: ShellPolicy, head: Head<'_>) -> Visit {
    policy.incoming(&islands(), &head).expect("a page")
}

fn page<'a>(status: u16, headers: &'a [Field<'a>]) -> Response<'a> {
    Response::new(status, headers).with_body(PAGE)
}

fn judge(status: u16, headers: &[Field<'_>]) -> Outcome {
    visit(policy(), get("/p/1", &[])).finish(&page(status, headers))
}

fn shell(outcome: Outcome) -> (u16, Vec<Edit>) {
    assert!(outcome.is_shell, "no shell: {outcome:?}");
    (outcome.status, outcome.edits)
}

fn codes(outcome: &Outcome) -> Vec<&'static str> {
    outcome.leaks.iter().map(Leak::code).collect()
}

/// Whether a policy has nothing to say of a response.
fn is_untouched(status: u16, headers: &[Field<'_>]) -> bool {
    let Outcome { status: sent, edits, has_body, is_shell, leaks, .. } = judge(status, headers);
    (sent, edits, has_body, is_shell, leaks) == (status, vec![], true, false, vec![])
}

#[test]
fn a_policys_headers_say_how_long_and_how_stale() {
    assert_eq!(policy().cache_control(), "public, max-age=0, s-maxage=600");
    assert_eq!(policy().cdn_cache_control(), None);
    let stale = ShellPolicy::new(5, 600).and_then(|p| p.with_stale(60, 86_400)).expect("short");
    assert_eq!(
        stale.cache_control(),
        "public, max-age=5, s-maxage=600, stale-while-revalidate=60, stale-if-error=86400"
    );
    let cdn = stale.cdn_cache_control();
    assert_eq!(cdn.as_deref(), Some("max-age=600, stale-while-revalidate=60, stale-if-error=86400"));
    let one = policy().with_stale(0, 7).expect("short");
    assert_eq!(one.cdn_cache_control().as_deref(), Some("max-age=600, stale-if-error=7"));
}

#[test]
fn a_shells_life_is_the_sum_with_the_longer_stale_window() {
    assert_eq!(policy().life(), 600);
    assert_eq!(ShellPolicy::new(5, 600).and_then(|p| p.with_stale(60, 10)).expect("short").life(), 665);
    assert_eq!(ShellPolicy::new(5, 600).and_then(|p| p.with_stale(10, 60)).expect("short").life(), 665);
}

#[test]
fn times_beyond_what_caches_understand_are_refused() {
    assert!(ShellPolicy::new(0, 0x7fff_ffff).is_ok());
    assert_eq!(ShellPolicy::new(1, 0x7fff_ffff).expect_err("too long").code(), "option");
    assert!(ShellPolicy::new(u32::MAX, u32::MAX).is_err());
    assert!(policy().with_stale(u32::MAX, 0).is_err());
}

#[test]
fn the_app_sees_neither_the_visitor_nor_conditions() {
    let names = [
        "cookie",
        "Authorization",
        "if-none-match",
        "If-Modified-Since",
        "If-Range",
        "Range",
        "accept-encoding",
        "Proxy-Authorization",
        "X-Forwarded-User",
        "X-Amzn-Oidc-Data",
        "X_REMOTE_USER",
    ];
    let headers: Vec<Field<'_>> = names.iter().chain(&["Accept", "Host", "cookie"]).map(|n| (*n, &b"x"[..])).collect();
    let hidden = |policy| {
        let mut names = visit(policy, get("/p/1", &headers)).hidden_headers().to_vec();
        names.sort();
        names
    };
    let mut all = names.map(Box::from);
    all.sort();
    assert_eq!(hidden(policy()), all);
    assert_eq!(
        hidden(policy().with_cookies(true)),
        ["If-Modified-Since", "If-Range", "Range", "accept-encoding", "if-none-match"].map(Box::from)
    );
}

#[test]
fn the_headers_that_name_a_visitor_are_an_option() {
    let islands = with(|builder| builder.identity_headers(["X-Visitor-*"]));
    let headers: [Field<'_>; 2] = [("x-visitor-name", b"x"), ("X-Forwarded-User", b"x")];
    let visit = policy().incoming(&islands, &get("/p/1", &headers)).expect("a page");
    assert_eq!(visit.hidden_headers(), ["x-visitor-name".into()]);
}

#[test]
fn a_policy_has_no_say_over_other_methods_and_below_the_prefix() {
    for head in [
        by("POST", get("/p/1", &[])),
        get("/_server-islands/Avatar/t", &[]),
        get("/_server-islands", &[]),
        get("/m/_server-islands/loader.v1.js", &[]).with_mount(Mount::new("/m").expect("a mount point")),
    ] {
        assert_eq!(policy().incoming(&islands(), &head), None, "{head:?}");
    }
    assert!(policy().incoming(&islands(), &by("HEAD", get("/p/1", &[]))).is_some());
}

#[test]
fn island_fresh_is_taken_out_of_the_query() {
    for (query, seen) in [
        ("", None),
        ("a=b", None),
        ("island-freshly=1", None),
        ("a=island-fresh", None),
        ("island-fresh", Some("")),
        ("island-fresh=1", Some("")),
        ("a=b&island-fresh&c", Some("a=b&c")),
        ("island-fresh&a=b&island-fresh=2", Some("a=b")),
    ] {
        let head = asking(query.as_bytes(), get("/p/1", &[]));
        assert_eq!(visit(policy(), head).query(), seen.map(str::as_bytes), "{query}");
    }
}

#[test]
fn a_fresh_shell_is_in_no_cache_and_has_no_validators() {
    let head = asking(b"island-fresh", get("/p/1", &[("If-None-Match", b"*")]));
    let headers = [
        HTML,
        ("ETag", b"\"a\""),
        ("Cache-Control", b"public"),
        ("CDN-Cache-Control", b"max-age=9"),
        ("Set-Cookie", b"a=b"),
    ];
    let Outcome { edits, is_shell: false, .. } = visit(policy(), head).finish(&page(200, &headers)) else {
        panic!("judged")
    };
    assert_eq!(set(&edits, "Cache-Control"), Some("no-store"));
    assert!(removed(&edits, "ETag") && removed(&edits, "CDN-Cache-Control"));
}

#[test]
fn a_shell_gets_the_policys_headers_and_loses_the_apps_validators() {
    let headers =
        [HTML, ("etag", b"\"app\""), ("last-modified", b"x"), ("expires", b"0"), ("cdn-cache-control", b"max-age=9")];
    // A targeted header of the app's own would override the policy, so it is judged, and goes.
    let (status, edits) = shell(judge(200, &headers));
    assert_eq!(status, 200);
    assert_eq!(set(&edits, "Cache-Control"), Some("public, max-age=0, s-maxage=600"));
    assert!(set(&edits, "ETag").expect("a tag").starts_with("W/\""));
    assert!(["Last-Modified", "Expires", "CDN-Cache-Control"].iter().all(|name| removed(&edits, name)));
}

#[test]
fn a_policy_applies_to_200_and_html_without_cache_control_alone() {
    assert!(is_untouched(404, &[HTML]));
    assert!(is_untouched(302, &[HTML]));
    assert!(is_untouched(200, &[("content-type", b"text/htmlx")]));
    assert!(is_untouched(200, &[]));
    for own in [&b"max-age=5"[..], b"private", b"no-store", b""] {
        assert!(is_untouched(200, &[HTML, ("cache-control", own)]));
    }
}

#[test]
fn a_client_with_the_current_shell_gets_a_304() {
    let (_, edits) = shell(judge(200, &[HTML]));
    let etag = set(&edits, "ETag").expect("a tag").to_owned();
    for asked in [etag.clone(), etag["W/".len()..].to_owned(), format!("\"x\", {etag}"), "*".into()] {
        let asked = [("if-none-match", asked.as_bytes())];
        for method in ["GET", "HEAD"] {
            let headers = [HTML, ("content-length", &b"23"[..]), ("vary", b"Accept-Language")];
            let visit = visit(policy(), by(method, get("/p/1", &asked)));
            let (status, edits) = shell(visit.finish(&page(200, &headers)));
            assert_eq!((status, set(&edits, "ETag")), (304, Some(&*etag)));
            assert_eq!(set(&edits, "Cache-Control"), Some("public, max-age=0, s-maxage=600"));
            assert!(removed(&edits, "Content-Length") && removed(&edits, "Content-Type") && !removed(&edits, "Vary"));
        }
    }
    let asked = [("if-none-match", &b"\"app\""[..])];
    assert_eq!(shell(visit(policy(), get("/p/1", &asked)).finish(&page(200, &[HTML]))).0, 200);
}

#[test]
fn another_body_has_another_etag() {
    let tag = |body: &[u8]| {
        let response = page(200, &[HTML]).with_body(body);
        set(&shell(visit(policy(), get("/", &[])).finish(&response)).1, "ETag").map(str::to_owned)
    };
    assert_eq!(tag(b"a"), tag(b"a"));
    assert_ne!(tag(b"a"), tag(b"b"));
}

#[test]
fn a_stream_and_a_head_without_body_have_no_etag() {
    let headers = [HTML, ("etag", &b"\"app\""[..])];
    let streamed = Response::new(200, &headers);
    let bare = page(200, &headers).with_body(b"");
    let asked = [("if-none-match", &b"*"[..])];
    for (head, response) in [(get("/", &asked), streamed), (by("HEAD", get("/", &asked)), bare)] {
        let (status, edits) = shell(visit(policy().with_stream(true), head).finish(&response));
        assert_eq!((status, set(&edits, "ETag"), removed(&edits, "ETag")), (200, None, true));
    }
}

#[test]
fn vary_on_cookies_that_the_app_did_not_see_is_dropped() {
    let vary = |value: &'static [u8]| shell(judge(200, &[HTML, ("vary", value)])).1;
    assert!(removed(&vary(b"Cookie"), "Vary"));
    assert_eq!(set(&vary(b"Accept-Language, cookie,Accept"), "Vary"), Some("Accept-Language, Accept"));
    let edits = vary(b"Accept-Language");
    assert_eq!((set(&edits, "Vary"), removed(&edits, "Vary")), (None, false));
}

#[test]
fn a_response_of_one_visitor_leaks_and_is_kept_out_of_every_cache() {
    let headers = [
        HTML,
        ("Set-Cookie", &b"sessionid=secret; Path=/"[..]),
        ("Cache-Control", b"public, max-age=9"),
        ("CDN-Cache-Control", b"max-age=9"),
        ("Surrogate-Control", b"max-age=9"),
        ("Expires", b"x"),
        ("ETag", b"\"a\""),
        ("Last-Modified", b"x"),
    ];
    let verdict = judge(200, &headers);
    assert_eq!(codes(&verdict), ["leak-cookie"]);
    let Outcome { leaks, edits, .. } = verdict;
    assert_eq!(set(&edits, "Cache-Control"), Some("private, no-store"));
    for name in ["CDN-Cache-Control", "Surrogate-Control", "Expires", "ETag", "Last-Modified"] {
        assert!(removed(&edits, name), "{name}");
    }
    let told = leaks[0].to_string();
    assert!(told.contains("\"sessionid\"") && !told.contains("secret"), "{told}");
}

#[test]
fn the_guard_judges_what_a_shared_cache_may_store_and_nothing_else() {
    let cookie = ("set-cookie", &b"a=b"[..]);
    let with_cookies = visit(policy().with_cookies(true), get("/p/1", &[]));
    let judge = |status, headers: &[Field<'_>]| with_cookies.finish(&page(status, headers));
    for (status, headers) in [
        (200, vec![HTML, cookie]),
        (206, vec![HTML, cookie]),
        (404, vec![HTML, cookie]),
        (200, vec![cookie]),
        (302, vec![cookie, ("cache-control", b"max-age=5")]),
        (200, vec![HTML, cookie, ("cache-control", b"private"), ("cdn-cache-control", b"max-age=5")]),
        (200, vec![HTML, cookie, ("cache-control", b"private=\"set-cookie, no-store\"")]),
    ] {
        assert_eq!(codes(&judge(status, &headers)), ["leak-cookie"], "{status} {headers:?}");
    }
    for (status, headers) in [
        (302, vec![cookie]),
        (500, vec![HTML, cookie]),
        (200, vec![HTML, cookie, ("cache-control", &b"Private, max-age=5"[..])]),
        (200, vec![HTML, cookie, ("cache-control", b"no-store"), ("surrogate-control", b"content=\"ESI/1.0\"")]),
        (200, vec![HTML, cookie, ("cache-control", b"private"), ("x-accel-expires", b"0")]),
        (200, vec![HTML, cookie, ("cache-control", b"private"), ("cdn-cache-control", b"no-store")]),
    ] {
        let outcome = judge(status, &headers);
        assert_eq!((codes(&outcome), removed(&outcome.edits, "Set-Cookie")), (vec![], false), "{status} {headers:?}");
    }
}

#[test]
fn a_cookie_that_was_set_without_sight_of_the_visitors_is_dropped_from_every_answer() {
    let cookie = ("Set-Cookie", &b"sessionid=secret; Path=/"[..]);
    for (status, headers) in [
        (200, vec![HTML, cookie]),
        (200, vec![HTML, cookie, ("cache-control", &b"private"[..])]),
        (302, vec![cookie, ("location", b"/")]),
        (404, vec![HTML, cookie]),
    ] {
        let outcome = judge(status, &headers);
        assert_eq!((codes(&outcome), removed(&outcome.edits, "Set-Cookie")), (vec!["leak-cookie"], true), "{status}");
        assert!(outcome.leaks[0].to_string().contains("\"sessionid\""));
        assert_eq!(set(&outcome.edits, "Cache-Control"), Some("private, no-store"));
    }
    // An error of the server is shown as it is.
    let outcome = judge(500, &[HTML, cookie]);
    assert_eq!((codes(&outcome), removed(&outcome.edits, "Set-Cookie")), (vec![], true));
    let head = asking(b"island-fresh", get("/p/1", &[]));
    let outcome = visit(policy(), head).finish(&page(200, &[HTML, cookie]));
    assert_eq!((codes(&outcome), removed(&outcome.edits, "Set-Cookie")), (vec!["leak-cookie"], true));
    assert_eq!(set(&outcome.edits, "Cache-Control"), Some("no-store"));
}

#[test]
fn only_the_policy_speaks_to_caches() {
    for (name, value) in [
        ("X-Accel-Expires", "86400"),
        ("X-Accel-Expires", "@4102444800"),
        ("Surrogate-Control", "max-age=86400"),
        ("Cloudflare-CDN-Cache-Control", "max-age=86400"),
        ("Netlify-CDN-Cache-Control", "public, durable"),
        ("Edge-Control", "!no-store, max-age=1d"),
        ("X-LiteSpeed-Cache-Control", "public"),
        ("Expires", "Thu, 01 Dec 2094 16:00:00 GMT"),
    ] {
        let edits = shell(judge(200, &[HTML, (name, value.as_bytes())])).1;
        assert!(removed(&edits, name), "{name}");
        assert_eq!(set(&edits, "Cache-Control"), Some("public, max-age=0, s-maxage=600"));
    }
    let stale = policy().with_stale(60, 0).expect("short");
    let headers = [HTML, ("cdn-cache-control", &b"max-age=1"[..])];
    let edits = shell(visit(stale, get("/", &[])).finish(&page(200, &headers))).1;
    let edited = edited(&headers, &edits);
    let told: Vec<_> = edited.iter().filter(|(name, _)| name.eq_ignore_ascii_case("cdn-cache-control")).collect();
    assert_eq!(told, [&("CDN-Cache-Control", &b"max-age=600, stale-while-revalidate=60"[..])]);
}

#[test]
fn a_part_of_a_page_under_its_address_is_kept_out_of_caches_unless_it_says_that_it_varies() {
    let asked = |header: Field<'static>, headers: &[Field<'_>], body: &[u8]| {
        let response = Response::new(200, headers).with_body(body);
        visit(policy(), get("/p/1", &[header])).finish(&response)
    };
    for header in [
        ("HX-Request", &b"true"[..]),
        ("x-requested-with", b"XMLHttpRequest"),
        ("Turbo-Frame", b"cart"),
        ("X-PJAX", b"true"),
        ("X-Inertia", b"true"),
        ("Accept", b"text/vnd.turbo-stream.html, text/html"),
    ] {
        let outcome = asked(header, &[HTML], b"<p>part");
        assert_eq!((codes(&outcome), outcome.is_shell), (vec!["leak-fragment"], false), "{header:?}");
        assert_eq!(set(&outcome.edits, "Cache-Control"), Some("private, no-store"));
        assert!(asked(header, &[HTML], PAGE).is_shell, "{header:?}");
        assert!(asked(header, &[HTML, ("Vary", header.0.as_bytes())], b"<p>part").is_shell, "{header:?}");
        assert!(!asked(header, &[HTML, ("Vary", b"Accept-Encoding")], b"<p>part").is_shell, "{header:?}");
    }
    assert!(visit(policy(), get("/p/1", &[])).finish(&Response::new(200, &[HTML]).with_body(b"<p>part")).is_shell);
}

#[test]
fn what_a_script_gets_as_a_stream_may_be_a_part_and_stays_out_of_caches() {
    let head = get("/p/1", &[("HX-Request", b"true")]);
    let outcome = visit(policy().with_stream(true), head).finish(&Response::new(200, &[HTML]));
    assert_eq!((codes(&outcome), outcome.is_shell), (vec![], false));
    assert_eq!(set(&outcome.edits, "Cache-Control"), Some("private, no-store"));
}

#[test]
fn vary_leaks_where_the_app_saw_cookies_and_a_star_always() {
    let verdict = |policy: ShellPolicy, vary: &'static [u8]| {
        visit(policy, get("/", &[])).finish(&page(200, &[HTML, ("Vary", vary)]))
    };
    assert_eq!(codes(&verdict(policy().with_cookies(true), b"Accept, cookie")), ["leak-vary"]);
    assert_eq!(codes(&verdict(policy().with_cookies(true), b"Accept")), [""; 0]);
    assert_eq!(codes(&verdict(policy(), b"*")), ["leak-vary"]);
}

#[test]
fn a_nonce_in_the_policy_header_leaks_and_a_hash_does_not() {
    let csp = |value: &'static [u8]| codes(&judge(200, &[HTML, ("content-security-policy", value)]));
    assert_eq!(csp(b"script-src 'self' 'Nonce-abc'"), ["leak-nonce"]);
    assert_eq!(csp(b"script-src 'sha256-abc'"), [""; 0]);
    let report = ("Content-Security-Policy-Report-Only", &b"script-src 'nonce-abc'"[..]);
    assert_eq!(codes(&judge(200, &[HTML, report])), ["leak-nonce"]);
}

#[test]
fn a_compressed_page_cannot_be_judged() {
    let coded = |coding: &'static [u8]| codes(&judge(200, &[HTML, ("content-encoding", coding)]));
    assert_eq!(coded(b"gzip"), ["leak-encoded"]);
    assert_eq!(coded(b"identity"), [""; 0]);
    assert_eq!(codes(&judge(200, &[("content-type", b"text/css"), ("content-encoding", b"gzip")])), [""; 0]);
}

#[test]
fn a_csrf_value_in_the_page_leaks() {
    let body = br#"<form><input type=hidden name="csrf_token" value="a1B2c3D4e5F6g7H8"></form>"#;
    let response = page(200, &[HTML]).with_body(body);
    assert_eq!(codes(&visit(policy(), get("/", &[])).finish(&response)), ["leak-csrf"]);
    let json = [("content-type", &b"application/json"[..])];
    let response = Response::new(200, &json).with_body(body);
    assert_eq!(codes(&visit(policy(), get("/", &[])).finish(&response)), [""; 0]);
}
