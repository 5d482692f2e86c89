//! The shell policy: what of a request the app does not get to see, and the headers, ETag and 304 of a shell.

use std::borrow::Cow;
use std::fmt;

use super::caching::{may_be_stored, silence, uncached};
use super::edits::{self, Edit};
use super::fields::{Field, has, is_html};
use super::guard::{self, Leak};
use super::head::Head;
use super::outcome::Outcome;
use super::response::Response;
use super::{etag, fragment, hidden, vary};
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
#[derive(Clone, PartialEq, Eq)]
pub struct Visit {
    policy: ShellPolicy,
    is_head: bool,
    if_none_match: Vec<Box<[u8]>>,
    fresh_query: Option<Box<[u8]>>,
    hidden: Vec<Box<str>>,
    /// The request headers by which a script asked for a fragment.
    signs: Vec<&'static str>,
}

impl fmt::Debug for Visit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Visit")
            .field("policy", &self.policy)
            .field("is_head", &self.is_head)
            .field("is_fresh", &self.fresh_query.is_some())
            .field("hidden", &self.hidden)
            .finish_non_exhaustive()
    }
}

/// The parameter by which the loader asks for a shell past every cache.
const FRESH: &[u8] = b"island-fresh";

/// The longest life that a cache must understand (RFC 9111, 1.2.2).
const LONGEST: u32 = 0x7fff_ffff;

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

    /// Whether the app sees cookies, authorisation, and what else says who the visitor is.
    #[must_use]
    pub fn has_cookies(&self) -> bool {
        self.cookies
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
            hidden: self.hidden(islands, head),
            signs: fragment::signs(head),
        })
    }

    fn hidden(&self, islands: &Islands, head: &Head<'_>) -> Vec<Box<str>> {
        let mut names = hidden::conditions(head);
        if !self.cookies {
            names.extend(hidden::visitor(&islands.config, head));
        }
        names
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

    /// The headers of the request that the app must not see, named as they came: each to be removed before anything else
    /// reads the request.
    #[must_use]
    pub fn hidden_headers(&self) -> &[Box<str>] {
        &self.hidden
    }

    /// The query that the app sees instead, where `island-fresh` was in it.
    #[must_use]
    pub fn query(&self) -> Option<&[u8]> {
        self.fresh_query.as_deref()
    }

    /// Judges the app's response, as it would leave.
    ///
    /// Where the policy hides cookies, one that is set all the same was made without the visitor's own, and would take its
    /// place: it is dropped from every response, and is a leak of each that is no error of the server.
    #[must_use]
    pub fn finish(&self, response: &Response<'_>) -> Outcome {
        let mut outcome = self.judge(response);
        if !self.policy.cookies && has(response.headers, "set-cookie") {
            outcome.edits.push(Edit::Remove(Cow::Borrowed("Set-Cookie")));
        }
        outcome
    }

    fn judge(&self, response: &Response<'_>) -> Outcome {
        let leaks = self.leaks(response);
        if self.fresh_query.is_some() {
            return Outcome { leaks, ..Outcome::new(response.status, uncached(response.headers, "no-store")) };
        }
        if !leaks.is_empty() || self.may_be_fragment(response) {
            return Outcome { leaks, ..Outcome::uncached(response) };
        }
        if !may_be_stored(response) {
            return Outcome::new(response.status, Vec::new());
        }
        let mut edits = Vec::new();
        if !self.policy.cookies {
            edits.extend(vary::without_cookie(response.headers));
        }
        if is_page(response) && !has(response.headers, "cache-control") {
            self.shell(response, edits)
        } else {
            Outcome::new(response.status, edits)
        }
    }

    fn leaks(&self, response: &Response<'_>) -> Vec<Leak> {
        let is_stored = self.fresh_query.is_none() && may_be_stored(response);
        let mut leaks = Vec::new();
        if is_stored && self.policy.cookies {
            leaks.extend(guard::cookies(response.headers));
        } else if !self.policy.cookies && response.status < 500 {
            leaks.extend(guard::blind_cookies(response.headers));
        }
        if is_stored {
            leaks.extend(guard::leaks(response, self.policy.cookies));
            let is_part = |body: &[u8]| !body.is_empty() && fragment::is_fragment(body);
            if let Some(on) = self.unsaid_sign(response).filter(|_| response.body.is_some_and(is_part)) {
                leaks.push(Leak::Fragment { on });
            }
        }
        leaks
    }

    /// The first sign of a script's request on which the page does not say that it varies.
    fn unsaid_sign(&self, response: &Response<'_>) -> Option<&'static str> {
        let first = self.signs.first().copied().filter(|_| is_page(response));
        first.filter(|_| !self.signs.iter().any(|sign| vary::says(response.headers, sign)))
    }

    /// Whether a script asked, and nobody knows yet what it gets.
    fn may_be_fragment(&self, response: &Response<'_>) -> bool {
        response.body.is_none_or(<[u8]>::is_empty) && may_be_stored(response) && self.unsaid_sign(response).is_some()
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

/// Whether a response is a page that the policy speaks for.
fn is_page(response: &Response<'_>) -> bool {
    response.status == 200 && is_html(response.headers)
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
    use crate::http::fixture::{get, islands, removed, set, with};
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
        let headers: Vec<Field<'_>> =
            names.iter().chain(&["Accept", "Host", "cookie"]).map(|n| (*n, &b"x"[..])).collect();
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
        assert!(removed(&edits, "ETag") && removed(&edits, "CDN-Cache-Control"));
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
            assert_eq!(
                (codes(&outcome), removed(&outcome.edits, "Set-Cookie")),
                (vec![], false),
                "{status} {headers:?}"
            );
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
            assert_eq!(
                (codes(&outcome), removed(&outcome.edits, "Set-Cookie")),
                (vec!["leak-cookie"], true),
                "{status}"
            );
            assert!(outcome.leaks[0].to_string().contains("\"sessionid\""));
            assert_eq!(set(&outcome.edits, "Cache-Control"), Some("private, no-store"));
        }
        // An error of the server is shown as it is.
        let outcome = judge(500, &[HTML, cookie]);
        assert_eq!((codes(&outcome), removed(&outcome.edits, "Set-Cookie")), (vec![], true));
        let head = Head { query: b"island-fresh", ..get("/p/1", &[]) };
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
        let edited = crate::http::edited(&headers, &edits);
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
        let response = Response { body: Some(body), ..page(200, &[HTML]) };
        assert_eq!(codes(&visit(policy(), get("/", &[])).finish(&response)), ["leak-csrf"]);
        let response = Response { headers: &[("content-type", b"application/json")], ..response };
        assert_eq!(codes(&visit(policy(), get("/", &[])).finish(&response)), [""; 0]);
    }
}
