//! Where a request comes from: `Sec-Fetch-*`, `Origin` against `Host`, and the headers that other origins need.

use std::borrow::Cow;

use super::head::Head;
use super::refusal::Reason;
use crate::Origin;
use crate::config::Config;

/// What the browser said about a request's origin, in the form that answers need.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Asker {
    /// Whether this host answers other origins at all.
    crossing: bool,
    /// The listed origin that asks.
    origin: Option<Origin>,
}

impl Asker {
    /// Reads `Origin` and looks it up in the list.
    pub(super) fn of(config: &Config, head: &Head<'_>) -> Self {
        let crossing = !config.allowed_origins.is_empty();
        let asking = head.value("origin").filter(|_| crossing).and_then(parsed);
        Self { crossing, origin: asking.filter(|origin| config.allowed_origins.contains(origin)) }
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
    // `same-site` does not count: a sibling domain may be somebody else's.
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
    // `null`, which sandboxed pages and files send, is no origin, and so not this host.
    let own = |origin: &[u8]| {
        parsed(origin).is_some_and(|origin| origin.is_at(head.host()) || config.origin.as_ref() == Some(&origin))
    };
    if head.values("origin").all(own) { Ok(()) } else { Err(Reason::Origin) }
}

/// Whether the `origin` of a URL is this host, which does not know its own scheme behind a proxy.
pub(super) fn is_own(origin: &[u8], host: &[u8]) -> bool {
    parsed(origin).is_some_and(|origin| origin.is_at(host))
}

fn parsed(origin: &[u8]) -> Option<Origin> {
    Origin::parse(std::str::from_utf8(origin).ok()?).ok()
}
