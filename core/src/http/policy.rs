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
    /// ```
    /// use eyot::http::ShellPolicy;
    ///
    /// let policy = ShellPolicy::new(0, 600)?;
    /// assert_eq!(policy.cache_control(), "public, max-age=0, s-maxage=600");
    /// assert_eq!(policy.life(), 600);
    /// # Ok::<(), eyot::Error>(())
    /// ```
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
    /// ```
    /// use eyot::http::ShellPolicy;
    ///
    /// let policy = ShellPolicy::new(0, 600)?.with_stale(60, 86_400)?;
    /// let cdn = policy.cdn_cache_control();
    /// assert_eq!(cdn.as_deref(), Some("max-age=600, stale-while-revalidate=60, stale-if-error=86400"));
    /// # Ok::<(), eyot::Error>(())
    /// ```
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
    ///
    /// ```
    /// use eyot::http::{Head, ShellPolicy};
    ///
    /// # let keys = eyot::KeyRing::parse("p3Qm0Wv9yJ5sT1xL8bN4eR7uA2dF6gH0kC3iZ5oVqXM=")?;
    /// # let islands = eyot::Islands::builder(keys).island("CartCount").build()?;
    /// let policy = ShellPolicy::new(0, 600)?;
    /// let headers = [("cookie", &b"session=1"[..]), ("Accept-Language", b"de")];
    /// let visit = policy.incoming(&islands, &Head::new("GET", b"/p/1?island-fresh").with_headers(&headers)).expect("a GET");
    /// assert_eq!(visit.hidden_headers(), ["cookie".into()]);
    /// // The parameter is the loader's. The app sees the query without it.
    /// assert_eq!(visit.query(), Some(&b""[..]));
    ///
    /// assert!(policy.incoming(&islands, &Head::new("POST", b"/p/1")).is_none());
    /// # Ok::<(), eyot::Error>(())
    /// ```
    #[must_use]
    pub fn incoming(&self, islands: &Islands, head: &Head<'_>) -> Option<Visit> {
        let applies = matches!(head.method, "GET" | "HEAD") && !islands.is_below_prefix(head);
        applies.then(|| Visit {
            policy: *self,
            is_head: head.method == "HEAD",
            // Hidden from the app, whose tag is not the shell's, and compared on the way out.
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
            option: "shell".into(),
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

    /// Whether `island-fresh` was in the query: the shell is asked for past every cache.
    #[must_use]
    pub fn is_fresh(&self) -> bool {
        self.fresh_query.is_some()
    }

    /// The policy and what it hid of the request, in words, for a header that is sent while debugging.
    pub(crate) fn description(&self) -> String {
        let hidden: Vec<&str> =
            self.hidden.iter().map(|name| &**name).filter(|name| super::fields::is_token(name)).collect();
        let hidden = if hidden.is_empty() { "nothing".to_owned() } else { hidden.join(" ").to_ascii_lowercase() };
        format!("{}; hidden={hidden}", self.policy.cache_control())
    }

    /// Judges the app's response, as it would leave.
    ///
    /// Where the policy hides cookies, one that is set all the same was made without the visitor's own, and would take its
    /// place: it is dropped from every response, and is a leak of each that is no error of the server.
    ///
    /// ```
    /// use eyot::http::{Head, Leak, Response, ShellPolicy, edited};
    ///
    /// # let keys = eyot::KeyRing::parse("p3Qm0Wv9yJ5sT1xL8bN4eR7uA2dF6gH0kC3iZ5oVqXM=")?;
    /// # let islands = eyot::Islands::builder(keys).island("CartCount").build()?;
    /// let visit = ShellPolicy::new(0, 600)?.incoming(&islands, &Head::new("GET", b"/p/1")).expect("a GET");
    /// let headers = [("Content-Type", &b"text/html"[..])];
    /// let outcome = visit.finish(&Response::new(200, &headers).with_body(b"<!doctype html><p>Shop"));
    /// let sent = edited(&headers, &outcome.edits);
    /// assert!(outcome.is_shell && sent.contains(&("Cache-Control", b"public, max-age=0, s-maxage=600")));
    ///
    /// // A nonce in a cached page would be the same for everyone.
    /// let headers = [("Content-Type", &b"text/html"[..]), ("Content-Security-Policy", b"script-src 'nonce-x'")];
    /// let outcome = visit.finish(&Response::new(200, &headers).with_body(b"<!doctype html><p>Shop"));
    /// assert_eq!(outcome.leaks.iter().map(Leak::code).collect::<Vec<_>>(), ["leak-nonce"]);
    /// # Ok::<(), eyot::Error>(())
    /// ```
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
        // A body that is not known cannot be judged, so it stays out of caches without being called a leak.
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
            // Not of a 5xx: a report about its cookie would hide the error itself.
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
        // One of them is enough: a cache that varies on it never gives this answer to a browser, which sends none of
        // them.
        first.filter(|_| !self.signs.iter().any(|sign| vary::says(response.headers, sign)))
    }

    /// Whether a script asked, and nobody knows yet what it gets.
    fn may_be_fragment(&self, response: &Response<'_>) -> bool {
        response.body.is_none_or(<[u8]>::is_empty) && may_be_stored(response) && self.unsaid_sign(response).is_some()
    }

    fn shell(&self, response: &Response<'_>, mut edits: Vec<Edit>) -> Outcome {
        // Whatever the app says to one kind of cache would count there instead of the policy.
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
            // A cache updates its copy with a 304's headers (RFC 9110, 15.4.5), so those of the body that is not sent
            // go.
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
