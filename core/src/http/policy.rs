//! The shell policy: what of a request the app does not get to see, and the headers, ETag and 304 of a shell.

use std::borrow::Cow;

use super::guard::{self, Leak};
use super::response::{is_private, is_targeted, is_token, remove_targeted};
use super::{Edit, Field, Head, etag, has, is_html, members};
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

/// What the app answered, after the split.
#[derive(Debug, Clone, Copy)]
pub struct ShellResponse<'a> {
    /// The status code.
    pub status: u16,
    /// All headers.
    pub headers: &'a [Field<'a>],
    /// The whole body, not compressed; `None` for a streamed one.
    pub body: Option<&'a [u8]>,
}

/// What the outer station does with a response.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    /// The policy does not apply; the edits, often none, are all that changes.
    Other(Vec<Edit>),
    /// A shell for shared caches.
    Shell {
        /// 200, or 304 when the client's copy is current: then the body is not sent.
        status: u16,
        /// Changes to the headers, in order.
        edits: Vec<Edit>,
    },
    /// Something in the response is one visitor's: show the leaks while debugging; in production log them, and make the
    /// edits, which keep the response out of every cache.
    Leak {
        /// At least one.
        leaks: Vec<Leak>,
        /// Changes to the headers, in order.
        edits: Vec<Edit>,
    },
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
    pub fn finish(&self, response: &ShellResponse<'_>) -> Verdict {
        if self.fresh_query.is_some() {
            return Verdict::Other(uncached(response.headers, "no-store"));
        }
        if !may_be_stored(response) {
            return Verdict::Other(Vec::new());
        }
        let leaks = guard::leaks(response, self.policy.cookies);
        if !leaks.is_empty() {
            return Verdict::Leak { leaks, edits: uncached(response.headers, "private, no-store") };
        }
        let mut edits = Vec::new();
        if !self.policy.cookies {
            edits.extend(without_cookie(response.headers));
        }
        if response.status == 200 && is_html(response.headers) && !has(response.headers, "cache-control") {
            self.shell(response, edits)
        } else {
            Verdict::Other(edits)
        }
    }

    fn shell(&self, response: &ShellResponse<'_>, mut edits: Vec<Edit>) -> Verdict {
        edits.push(Edit::Set("Cache-Control", self.policy.cache_control().into()));
        match self.policy.cdn_cache_control() {
            Some(value) => edits.push(Edit::Set("CDN-Cache-Control", value.into())),
            None => remove_if_there(response.headers, "CDN-Cache-Control", &mut edits),
        }
        for name in ["Expires", "Last-Modified"] {
            remove_if_there(response.headers, name, &mut edits);
        }
        let Some(etag) = self.etag(response.body) else {
            remove_if_there(response.headers, "ETag", &mut edits);
            return Verdict::Shell { status: 200, edits };
        };
        let asked: Vec<Field<'_>> = self.if_none_match.iter().map(|value| ("if-none-match", &**value)).collect();
        let current = etag::matches(&asked, &etag);
        edits.push(Edit::Set("ETag", etag.into()));
        if current {
            for name in ["Content-Type", "Content-Length", "Content-Encoding"] {
                remove_if_there(response.headers, name, &mut edits);
            }
        }
        Verdict::Shell { status: if current { 304 } else { 200 }, edits }
    }

    /// The tag of a body that is known; a `HEAD` without one has none rather than that of an empty page.
    fn etag(&self, body: Option<&[u8]>) -> Option<String> {
        body.filter(|body| !(self.is_head && body.is_empty())).map(etag::weak)
    }
}

/// Whether a shared cache may store the response: by what it tells one kind of cache, or all, or by its status alone
/// (RFC 9110, 15.1).
fn may_be_stored(response: &ShellResponse<'_>) -> bool {
    const BY_STATUS: [u16; 11] = [200, 203, 204, 300, 301, 308, 404, 405, 410, 414, 501];
    let headers = response.headers;
    let targeted = headers.iter().any(|&(name, value)| is_targeted(name, value));
    let explicit = has(headers, "cache-control") || has(headers, "expires");
    targeted || !is_private(headers) && (explicit || BY_STATUS.contains(&response.status))
}

/// What keeps a response out of every cache.
fn uncached(headers: &[Field<'_>], cache_control: &'static str) -> Vec<Edit> {
    let mut edits = vec![Edit::Set("Cache-Control", cache_control.into())];
    for name in ["ETag", "Last-Modified", "Expires"] {
        remove_if_there(headers, name, &mut edits);
    }
    remove_targeted(headers, &mut edits);
    edits
}

fn remove_if_there(headers: &[Field<'_>], name: &'static str, edits: &mut Vec<Edit>) {
    if has(headers, name) {
        edits.push(Edit::Remove(name.into()));
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
