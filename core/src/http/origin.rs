//! Where a request comes from: `Sec-Fetch-*`, `Origin` against `Host`, and the headers that other origins need.

use std::borrow::Cow;

use super::{Head, Reason};
use crate::islands::Config;

/// What the browser said about a request's origin, in the form that answers need.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Asker {
    /// Whether this host answers other origins at all.
    crossing: bool,
    /// The listed origin that asks.
    origin: Option<Box<str>>,
}

impl Asker {
    /// Reads `Origin` and looks it up in the list.
    pub(super) fn of(config: &Config, head: &Head<'_>) -> Self {
        let listed = head.value("origin").and_then(|o| listed(&config.allowed_origins, o));
        Self { crossing: !config.allowed_origins.is_empty(), origin: listed.map(Into::into) }
    }

    /// Whether a listed origin asks.
    pub(super) fn is_listed(&self) -> bool {
        self.origin.is_some()
    }

    /// Whether the answers to this host's requests depend on their origin.
    pub(super) fn is_crossing(&self) -> bool {
        self.crossing
    }

    /// `Access-Control-*` for a listed origin; nothing else tells a browser to hand over an answer.
    pub(super) fn grants(&self) -> Vec<(&'static str, Cow<'static, str>)> {
        let Some(origin) = &self.origin else { return Vec::new() };
        vec![
            ("Access-Control-Allow-Origin", origin.to_string().into()),
            ("Access-Control-Allow-Credentials", "true".into()),
            ("Access-Control-Expose-Headers", "Island, Island-Location, Island-Refused, Retry-After".into()),
        ]
    }

    /// The grants, and what caches and embedders must know, for an answer of eyot's own.
    pub(super) fn headers(&self) -> Vec<(&'static str, Cow<'static, str>)> {
        let mut headers = self.grants();
        if self.crossing {
            headers.push(("Vary", "Origin".into()));
        }
        headers.push(("Cross-Origin-Resource-Policy", self.resource_policy().into()));
        headers
    }

    /// The value of `Cross-Origin-Resource-Policy`.
    pub(super) fn resource_policy(&self) -> &'static str {
        if self.crossing { "cross-origin" } else { "same-origin" }
    }
}

/// Whether the request comes from a page that may ask: by `Sec-Fetch-*` where the browser sends it, else, for a `POST`,
/// by `Origin`. A `GET` without either is answered: it changes nothing, and no other site can read the answer.
pub(super) fn check(config: &Config, head: &Head<'_>, asker: &Asker) -> Result<(), Reason> {
    let mut sites = head.values("sec-fetch-site").peekable();
    if sites.peek().is_none() {
        return check_origin(config, head, asker);
    }
    let own = sites.all(|site| matches!(site, b"same-origin" | b"none"));
    if !own && !asker.is_listed() {
        return Err(Reason::FetchSite);
    }
    if head.values("sec-fetch-dest").all(|dest| dest == b"empty") { Ok(()) } else { Err(Reason::FetchDest) }
}

fn check_origin(config: &Config, head: &Head<'_>, asker: &Asker) -> Result<(), Reason> {
    if head.method != "POST" || asker.is_listed() {
        return Ok(());
    }
    let own = |origin: &[u8]| is_own(origin, host(head)) || origin.eq_ignore_ascii_case(config.origin.as_bytes());
    if head.values("origin").all(own) { Ok(()) } else { Err(Reason::Origin) }
}

/// The authority that the request was sent to.
pub(super) fn host<'a>(head: &Head<'a>) -> &'a [u8] {
    head.value("host").or_else(|| head.value(":authority")).unwrap_or_default()
}

/// Whether the `origin` of a URL is this host, which does not know its own scheme behind a proxy.
pub(super) fn is_own(origin: &[u8], host: &[u8]) -> bool {
    split_scheme(origin).is_some_and(|(scheme, authority)| same_authority(scheme, authority, host))
}

/// Whether `authority` in a URL of this scheme is `host`, which may or may not carry the default port.
pub(super) fn same_authority(scheme: &[u8], authority: &[u8], host: &[u8]) -> bool {
    let port: &[u8] = if scheme.eq_ignore_ascii_case(b"https") { b":443" } else { b":80" };
    let bare = |text: &'_ [u8]| text.len() - if text.ends_with(port) { port.len() } else { 0 };
    let (a, b) = (&authority[..bare(authority)], &host[..bare(host)]);
    !a.is_empty() && a.eq_ignore_ascii_case(b)
}

/// The entry of `origins` that is this one.
pub(super) fn listed<'c>(origins: &'c [String], origin: &[u8]) -> Option<&'c str> {
    origins.iter().map(String::as_str).find(|o| o.as_bytes().eq_ignore_ascii_case(origin))
}

/// Splits `http://…` and `https://…` (in any case) into the scheme and what follows the slashes.
pub(super) fn split_scheme(url: &[u8]) -> Option<(&[u8], &[u8])> {
    let at = url.iter().take(6).position(|&b| b == b':')?;
    let (scheme, rest) = url.split_at(at);
    let known = scheme.eq_ignore_ascii_case(b"http") || scheme.eq_ignore_ascii_case(b"https");
    rest.strip_prefix(b"://").filter(|_| known).map(|rest| (scheme, rest))
}
