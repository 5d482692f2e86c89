//! The shell policy: what of a request the app does not get to see, and the headers, ETag and 304 of a shell.

use std::borrow::Cow;

use super::caching::{may_be_stored, silence, uncached};
use super::edits::{self, Edit};
use super::fields::{Field, has, is_html, is_token, members};
use super::head::Head;
use super::outcome::Outcome;
use super::response::Response;
use super::{etag, guard};
use crate::{Error, Islands};

/// How long caches may keep a route's shells, and what shapes them. Belongs to a route; there is none for a whole site.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ShellPolicy {
    browser: u32,
    cdn: u32,
    stale_while_revalidate: u32,
    stale_if_error: u32,
    cookies: bool,
    stream: bool,
}

/// A request on a route with a policy, between its way in and its way out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Visit {
    policy: ShellPolicy,
    is_head: bool,
    if_none_match: Vec<Box<[u8]>>,
    fresh_query: Option<Box<[u8]>>,
}

/// The parameter by which the loader asks for a shell past every cache.
const FRESH: &[u8] = b"island-fresh";

/// The longest life that a cache must understand (RFC 9111, 1.2.2).
const LONGEST: u32 = 0x7fff_ffff;

const HIDDEN: [&str; 9] = [
    "Cookie",
    "Authorization",
    "If-None-Match",
    "If-Modified-Since",
    "If-Match",
    "If-Unmodified-Since",
    "If-Range",
    "Range",
    "Accept-Encoding",
];

impl ShellPolicy {
    /// A policy under which browsers keep a shell for `browser` and shared caches for `cdn` seconds. It hides cookies
    /// from the app and buffers streamed pages.
    ///
    /// # Errors
    /// [`Error::Option`] when the times add up to more than 2^31 - 1 seconds.
    pub fn new(browser: u32, cdn: u32) -> Result<Self, Error> {
        let policy = Self { browser, cdn, stale_while_revalidate: 0, stale_if_error: 0, cookies: false, stream: false };
        policy.checked()
    }

    /// The same with windows in which a shared cache may serve a stale shell, in seconds: while it gets a new one, and
    /// when that fails.
    ///
    /// # Errors
    /// [`Error::Option`] when the times add up to more than 2^31 - 1 seconds.
    pub fn with_stale(self, while_revalidate: u32, if_error: u32) -> Result<Self, Error> {
        Self { stale_while_revalidate: while_revalidate, stale_if_error: if_error, ..self }.checked()
    }

    /// The same, but the app sees cookies and authorisation. What it makes of them must not reach the shell.
    #[must_use]
    pub fn with_cookies(self, cookies: bool) -> Self {
        Self { cookies, ..self }
    }

    /// The same, but a streamed page goes out as it comes: without an ETag, and with no guard on its body.
    #[must_use]
    pub fn with_stream(self, stream: bool) -> Self {
        Self { stream, ..self }
    }

    /// Whether a streamed page goes out as it comes.
    #[must_use]
    pub fn streams(&self) -> bool {
        self.stream
    }

    /// How long a shell may live in caches at most, in seconds: a token in it must not expire sooner.
    #[must_use]
    pub fn life(&self) -> u32 {
        // The sum was checked when the policy was made.
        self.total().unwrap_or(LONGEST)
    }

    /// The value of `Cache-Control`.
    #[must_use]
    pub fn cache_control(&self) -> String {
        let (browser, cdn) = (self.browser, self.cdn);
        format!("public, max-age={browser}, s-maxage={cdn}{}", self.stale_windows())
    }

    /// The value of `CDN-Cache-Control` (RFC 9213), which a policy with stale windows needs: `s-maxage` forbids a strict
    /// cache to serve anything stale.
    #[must_use]
    pub fn cdn_cache_control(&self) -> Option<String> {
        let stale = self.stale_windows();
        (!stale.is_empty()).then(|| format!("max-age={}{stale}", self.cdn))
    }

    /// The request headers that the app must not see, each to be removed before anything else reads the request.
    #[must_use]
    pub fn hidden_headers(&self) -> &'static [&'static str] {
        if self.cookies { &HIDDEN[2..] } else { &HIDDEN }
    }

    /// Takes in a request on the policy's route. `None` when the policy has nothing to say: another method than `GET` and
    /// `HEAD`, or a path below the prefix.
    #[must_use]
    pub fn incoming(&self, islands: &Islands, head: &Head<'_>) -> Option<Visit> {
        let applies = matches!(head.method, "GET" | "HEAD") && !islands.is_below_prefix(head);
        applies.then(|| Visit {
            policy: *self,
            is_head: head.method == "HEAD",
            if_none_match: head.values("if-none-match").map(Into::into).collect(),
            fresh_query: without_fresh(head.query),
        })
    }

    fn stale_windows(&self) -> String {
        let window = |name, seconds| if seconds == 0 { String::new() } else { format!(", {name}={seconds}") };
        window("stale-while-revalidate", self.stale_while_revalidate) + &window("stale-if-error", self.stale_if_error)
    }

    fn total(&self) -> Option<u32> {
        let stale = self.stale_while_revalidate.max(self.stale_if_error);
        self.browser.checked_add(self.cdn)?.checked_add(stale).filter(|total| *total <= LONGEST)
    }

    fn checked(self) -> Result<Self, Error> {
        let too_long = || Error::Option {
            option: "shell",
            reason: "browser, cdn and the longer stale window add up to more than 2147483647 seconds: use shorter ones"
                .into(),
        };
        self.total().map(|_| self).ok_or_else(too_long)
    }
}

impl Visit {
    /// The policy of the route.
    #[must_use]
    pub fn policy(&self) -> &ShellPolicy {
        &self.policy
    }

    /// The query that the app sees instead, where `island-fresh` was in it.
    #[must_use]
    pub fn query(&self) -> Option<&[u8]> {
        self.fresh_query.as_deref()
    }

    /// Judges the app's response, as it would leave.
    #[must_use]
    pub fn finish(&self, response: &Response<'_>) -> Outcome {
        if self.fresh_query.is_some() {
            return Outcome::new(response.status, uncached(response.headers, "no-store"));
        }
        if !may_be_stored(response) {
            return Outcome::new(response.status, Vec::new());
        }
        let leaks = guard::leaks(response, self.policy.cookies);
        if !leaks.is_empty() {
            return Outcome { leaks, ..Outcome::uncached(response) };
        }
        let mut edits = Vec::new();
        if !self.policy.cookies {
            edits.extend(without_cookie(response.headers));
        }
        if response.status == 200 && is_html(response.headers) && !has(response.headers, "cache-control") {
            self.shell(response, edits)
        } else {
            Outcome::new(response.status, edits)
        }
    }

    fn shell(&self, response: &Response<'_>, mut edits: Vec<Edit>) -> Outcome {
        silence(response.headers, &mut edits);
        edits.push(Edit::Set("Cache-Control", self.policy.cache_control().into()));
        edits.extend(self.policy.cdn_cache_control().map(|value| Edit::Set("CDN-Cache-Control", value.into())));
        edits::remove(response.headers, ["Expires", "Last-Modified"], &mut edits);
        let Some(etag) = self.etag(response.body) else {
            edits::remove(response.headers, ["ETag"], &mut edits);
            return Outcome { is_shell: true, ..Outcome::new(200, edits) };
        };
        let asked: Vec<Field<'_>> = self.if_none_match.iter().map(|value| ("if-none-match", &**value)).collect();
        let is_current = etag::matches(&asked, &etag);
        edits.push(Edit::Set("ETag", etag.into()));
        if is_current {
            edits::remove(response.headers, ["Content-Type", "Content-Length", "Content-Encoding"], &mut edits);
        }
        let status = if is_current { 304 } else { 200 };
        Outcome { is_shell: true, has_body: !is_current, ..Outcome::new(status, edits) }
    }

    /// The tag of a body that is known; a `HEAD` without one has none rather than that of an empty page.
    fn etag(&self, body: Option<&[u8]>) -> Option<String> {
        body.filter(|body| !(self.is_head && body.is_empty())).map(etag::weak)
    }
}

/// `Vary` without the `Cookie` that a session layer adds, although the app saw no cookie.
fn without_cookie(headers: &[Field<'_>]) -> Option<Edit> {
    let is_cookie = |name: &[u8]| name.eq_ignore_ascii_case(b"cookie") || name.eq_ignore_ascii_case(b"authorization");
    members(headers, "vary").any(is_cookie).then(|| {
        let rest = members(headers, "vary").filter(|name| !is_cookie(name));
        let rest: Vec<_> =
            rest.filter_map(|name| std::str::from_utf8(name).ok()).filter(|name| is_token(name)).collect();
        if rest.is_empty() { Edit::Remove(Cow::Borrowed("Vary")) } else { Edit::Set("Vary", rest.join(", ").into()) }
    })
}

/// The query without its `island-fresh` parameters; `None` when it has none.
fn without_fresh(query: &[u8]) -> Option<Box<[u8]>> {
    let is_fresh = |part: &&[u8]| part.split(|&b| b == b'=').next() == Some(FRESH);
    let mut parts = query.split(|&b| b == b'&');
    parts.any(|part| is_fresh(&part)).then(|| {
        let rest: Vec<_> = query.split(|&b| b == b'&').filter(|part| !is_fresh(part)).collect();
        rest.join(&b'&').into()
    })
}

#[cfg(test)]
mod tests {
    use super::{ShellPolicy, Visit};
    use crate::Mount;
    use crate::http::fixture::{get, islands, removed, set};
    use crate::http::{Edit, Field, Head, Leak, Outcome, Response};

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

    /// What a policy that has nothing to say makes of a response.
    fn other(status: u16, edits: Vec<Edit>) -> Outcome {
        Outcome::new(status, edits)
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
        let hidden = policy().hidden_headers();
        for name in
            ["Cookie", "Authorization", "If-None-Match", "If-Modified-Since", "If-Range", "Range", "Accept-Encoding"]
        {
            assert!(hidden.contains(&name), "{name}");
        }
        let hidden = policy().with_cookies(true).hidden_headers();
        assert!(!hidden.contains(&"Cookie") && !hidden.contains(&"Authorization") && hidden.contains(&"If-None-Match"));
    }

    #[test]
    fn a_policy_has_no_say_over_other_methods_and_below_the_prefix() {
        for head in [
            Head { method: "POST", ..get("/p/1", &[]) },
            get("/_server-islands/Avatar/t", &[]),
            get("/_server-islands", &[]),
            Head { mount: Mount::new("/m").expect("a mount point"), ..get("/m/_server-islands/loader.v1.js", &[]) },
        ] {
            assert_eq!(policy().incoming(&islands(), &head), None, "{head:?}");
        }
        assert!(policy().incoming(&islands(), &Head { method: "HEAD", ..get("/p/1", &[]) }).is_some());
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
            let head = Head { query: query.as_bytes(), ..get("/p/1", &[]) };
            assert_eq!(visit(policy(), head).query(), seen.map(str::as_bytes), "{query}");
        }
    }

    #[test]
    fn a_fresh_shell_is_in_no_cache_and_has_no_validators() {
        let head = Head { query: b"island-fresh", ..get("/p/1", &[("If-None-Match", b"*")]) };
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
        assert!(removed(&edits, "ETag") && removed(&edits, "CDN-Cache-Control") && !removed(&edits, "Set-Cookie"));
    }

    #[test]
    fn a_shell_gets_the_policys_headers_and_loses_the_apps_validators() {
        let headers = [
            HTML,
            ("etag", b"\"app\""),
            ("last-modified", b"x"),
            ("expires", b"0"),
            ("cdn-cache-control", b"max-age=9"),
        ];
        // A targeted header of the app's own would override the policy, so it is judged, and goes.
        let (status, edits) = shell(judge(200, &headers));
        assert_eq!(status, 200);
        assert_eq!(set(&edits, "Cache-Control"), Some("public, max-age=0, s-maxage=600"));
        assert!(set(&edits, "ETag").expect("a tag").starts_with("W/\""));
        assert!(["Last-Modified", "Expires", "CDN-Cache-Control"].iter().all(|name| removed(&edits, name)));
    }

    #[test]
    fn a_policy_applies_to_200_and_html_without_cache_control_alone() {
        assert_eq!(judge(404, &[HTML]), other(404, Vec::new()));
        assert_eq!(judge(302, &[HTML]), other(302, Vec::new()));
        assert_eq!(judge(200, &[("content-type", b"text/htmlx")]), other(200, Vec::new()));
        assert_eq!(judge(200, &[]), other(200, Vec::new()));
        for own in [&b"max-age=5"[..], b"private", b"no-store", b""] {
            assert_eq!(judge(200, &[HTML, ("cache-control", own)]), other(200, Vec::new()));
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
                let visit = visit(policy(), Head { method, ..get("/p/1", &asked) });
                let (status, edits) = shell(visit.finish(&page(200, &headers)));
                assert_eq!((status, set(&edits, "ETag")), (304, Some(&*etag)));
                assert_eq!(set(&edits, "Cache-Control"), Some("public, max-age=0, s-maxage=600"));
                assert!(
                    removed(&edits, "Content-Length") && removed(&edits, "Content-Type") && !removed(&edits, "Vary")
                );
            }
        }
        let asked = [("if-none-match", &b"\"app\""[..])];
        assert_eq!(shell(visit(policy(), get("/p/1", &asked)).finish(&page(200, &[HTML]))).0, 200);
    }

    #[test]
    fn another_body_has_another_etag() {
        let tag = |body: &[u8]| {
            let response = Response { body: Some(body), ..page(200, &[HTML]) };
            set(&shell(visit(policy(), get("/", &[])).finish(&response)).1, "ETag").map(str::to_owned)
        };
        assert_eq!(tag(b"a"), tag(b"a"));
        assert_ne!(tag(b"a"), tag(b"b"));
    }

    #[test]
    fn a_stream_and_a_head_without_body_have_no_etag() {
        let headers = [HTML, ("etag", &b"\"app\""[..])];
        let streamed = Response { body: None, ..page(200, &headers) };
        let bare = Response { body: Some(b""), ..page(200, &headers) };
        let asked = [("if-none-match", &b"*"[..])];
        for (head, response) in [(get("/", &asked), streamed), (Head { method: "HEAD", ..get("/", &asked) }, bare)] {
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
        for (status, headers) in [
            (200, vec![HTML, cookie]),
            (404, vec![HTML, cookie]),
            (200, vec![cookie]),
            (302, vec![cookie, ("cache-control", b"max-age=5")]),
            (200, vec![HTML, cookie, ("cache-control", b"private"), ("cdn-cache-control", b"max-age=5")]),
        ] {
            assert_eq!(codes(&judge(status, &headers)), ["leak-cookie"], "{status} {headers:?}");
        }
        for (status, headers) in [
            (302, vec![cookie]),
            (500, vec![HTML, cookie]),
            (200, vec![HTML, cookie, ("cache-control", &b"Private, max-age=5"[..])]),
            (200, vec![HTML, cookie, ("cache-control", b"no-store"), ("surrogate-control", b"content=\"ESI/1.0\"")]),
        ] {
            assert_eq!(codes(&judge(status, &headers)), [""; 0], "{status} {headers:?}");
        }
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
        let response = Response { body: Some(body), ..page(200, &[HTML]) };
        assert_eq!(codes(&visit(policy(), get("/", &[])).finish(&response)), ["leak-csrf"]);
        let response = Response { headers: &[("content-type", b"application/json")], ..response };
        assert_eq!(codes(&visit(policy(), get("/", &[])).finish(&response)), [""; 0]);
    }
}
