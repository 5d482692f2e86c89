//! Island responses: what becomes of the headers, and the status, of a handler.

use std::borrow::Cow;

use super::location::{self, Landing};
use super::{Edit, Field, Pending, Reason, Refusal, has, members, values};
use crate::islands::Islands;

/// What a handler answered, sessions and all other middleware included.
#[derive(Debug, Clone, Copy, Default)]
pub struct Answer<'a> {
    /// The status code.
    pub status: u16,
    /// All headers.
    pub headers: &'a [Field<'a>],
    /// For a handler that is registered as shared: how many seconds caches may keep what it says, where it says
    /// nothing else itself.
    pub shared: Option<u32>,
    /// The page's JSON object from the token ([`OpenedIsland::page`](super::OpenedIsland::page)), or nothing.
    pub page: &'a [u8],
}

/// What the host sends instead of the handler's answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finish {
    /// The status code.
    pub status: u16,
    /// Changes to the headers, in order.
    pub edits: Vec<Edit>,
    /// Whether the handler's body is sent.
    pub body: bool,
}

const PERSONAL: &str = "private, no-store";

impl Pending {
    /// Turns what a handler answered into what is sent: an island, the news of a redirect (`204`), or the handler's own
    /// error, kept out of caches. To be called where the headers are final: outside of sessions.
    ///
    /// # Errors
    /// A refusal with 500, when a shared island sets a cookie or a redirect leads where none may.
    pub fn finish(&self, islands: &Islands, answer: &Answer<'_>) -> Result<Finish, Refusal> {
        let mut edits = self.common_edits(answer);
        let status = match answer.status {
            200 | 304 => {
                self.island_edits(answer, &mut edits).map_err(|reason| self.refuse(reason))?;
                answer.status
            }
            204 => {
                self.no_content_edits(answer, None, &mut edits);
                204
            }
            301 | 302 | 303 | 307 | 308 | 401 => {
                let location = self.landing(islands, answer).map_err(|reason| self.refuse(reason))?;
                self.no_content_edits(answer, location, &mut edits);
                204
            }
            other => {
                forwarded_edits(answer, &mut edits);
                other
            }
        };
        Ok(Finish { status, edits, body: !self.is_head && !matches!(status, 204 | 304) })
    }

    /// What is true of every answer: who may read it, and that no handler can speak for eyot.
    fn common_edits(&self, answer: &Answer<'_>) -> Vec<Edit> {
        let mut edits: Vec<_> = ["Island", "Island-Location", "Island-Refused"]
            .into_iter()
            .filter(|name| has(answer.headers, name))
            .map(|name| Edit::Remove(name.into()))
            .collect();
        if self.asker.is_crossing() {
            edits.extend(self.asker.grants().into_iter().map(|(name, value)| Edit::Set(name, value)));
            edits.push(Edit::Set("Vary", with_origin(answer.headers)));
        }
        edits.push(Edit::Set("X-Content-Type-Options", "nosniff".into()));
        set_unless_there(answer, "X-Robots-Tag", "noindex", &mut edits);
        set_unless_there(answer, "Cross-Origin-Resource-Policy", self.asker.resource_policy(), &mut edits);
        edits
    }

    /// The headers of an island.
    fn island_edits(&self, answer: &Answer<'_>, edits: &mut Vec<Edit>) -> Result<(), Reason> {
        edits.push(Edit::Set("Island", self.name.to_string().into()));
        if answer.status == 200 {
            set_unless_there(answer, "Content-Type", "text/html; charset=utf-8", edits);
        }
        set_unless_there(answer, "Content-Security-Policy", "default-src 'none'; sandbox", edits);
        match answer.shared {
            Some(_) if has(answer.headers, "set-cookie") => return Err(Reason::SharedCookie),
            Some(seconds) => self.shared_edits(answer, seconds, edits),
            None => personal_edits(answer, edits),
        }
        Ok(())
    }

    fn shared_edits(&self, answer: &Answer<'_>, seconds: u32, edits: &mut Vec<Edit>) {
        if !has(answer.headers, "cache-control") {
            edits.push(Edit::Set("Cache-Control", format!("public, max-age={seconds}").into()));
        }
        for name in ["Cache-Tag", "Surrogate-Key"] {
            if !has(answer.headers, name) {
                edits.push(Edit::Set(name, format!("island-{}", self.name).into()));
            }
        }
    }

    /// The headers of an answer without content: the loader leaves the fallback, and goes or tells where it is sent.
    fn no_content_edits(&self, answer: &Answer<'_>, location: Option<String>, edits: &mut Vec<Edit>) {
        edits.push(Edit::Set("Island", self.name.to_string().into()));
        if let Some(location) = location {
            edits.push(Edit::Set("Island-Location", location.into()));
        }
        const CONTENT: [&str; 9] = [
            "Location",
            "WWW-Authenticate",
            "Content-Type",
            "Content-Length",
            "Content-Encoding",
            "Transfer-Encoding",
            "ETag",
            "Last-Modified",
            "Refresh",
        ];
        let there = CONTENT.into_iter().filter(|name| has(answer.headers, name));
        edits.extend(there.map(|name| Edit::Remove(name.into())));
        edits.push(Edit::Set("Cache-Control", PERSONAL.into()));
        remove_targeted(answer.headers, edits);
    }

    fn landing(&self, islands: &Islands, answer: &Answer<'_>) -> Result<Option<String>, Reason> {
        let config = &islands.config;
        if answer.status == 401 {
            return Ok(Some(config.login_url.clone()).filter(|url| !url.is_empty()));
        }
        let target = values(answer.headers, "location").next().ok_or(Reason::LocationMissing)?;
        let page = location::page(answer.page, &self.referer, &self.host);
        let landing = Landing { config, host: &self.host, island: &self.path, page: page.as_deref() };
        landing.of(target).map(Some)
    }
}

/// An island is personal unless its handler is registered as shared: what would let a shared cache keep it goes.
fn personal_edits(answer: &Answer<'_>, edits: &mut Vec<Edit>) {
    if !is_private(answer.headers) {
        edits.push(Edit::Set("Cache-Control", PERSONAL.into()));
    }
    remove_targeted(answer.headers, edits);
}

/// The handler's own error, which no cache may keep, and which is no island.
fn forwarded_edits(answer: &Answer<'_>, edits: &mut Vec<Edit>) {
    edits.push(Edit::Set("Cache-Control", "no-store".into()));
    remove_targeted(answer.headers, edits);
}

fn set_unless_there(answer: &Answer<'_>, name: &'static str, value: &'static str, edits: &mut Vec<Edit>) {
    if !has(answer.headers, name) {
        edits.push(Edit::Set(name, value.into()));
    }
}

/// Whether `Cache-Control` keeps a response out of shared caches.
pub(super) fn is_private(headers: &[Field<'_>]) -> bool {
    members(headers, "cache-control").any(|directive| {
        // `private="set-cookie"` keeps only that header out of the cache.
        directive.eq_ignore_ascii_case(b"private") || directive.eq_ignore_ascii_case(b"no-store")
    })
}

/// Removes all that would override `Cache-Control` in one kind of cache.
pub(super) fn remove_targeted(headers: &[Field<'_>], edits: &mut Vec<Edit>) {
    for &(name, value) in headers {
        let told = |e: &Edit| matches!(e, Edit::Remove(n) if n.eq_ignore_ascii_case(name));
        if is_targeted(name, value) && !edits.iter().any(told) {
            edits.push(Edit::Remove(name.to_owned().into()));
        }
    }
}

/// Whether a header tells one kind of cache to store what `Cache-Control` may forbid: `CDN-Cache-Control` and vendors'
/// forms of it (RFC 9213), nginx's `X-Accel-Expires`, and `Surrogate-Control`, unless it only asks for ESI.
pub(super) fn is_targeted(name: &str, value: &[u8]) -> bool {
    let is = |known: &str| name.eq_ignore_ascii_case(known);
    let suffix = name.len().checked_sub("cdn-cache-control".len()).and_then(|at| name.get(at..));
    suffix.is_some_and(|suffix| suffix.eq_ignore_ascii_case("cdn-cache-control"))
        || is("x-accel-expires")
        || is("surrogate-control") && memchr::memmem::find(&value.to_ascii_lowercase(), b"max-age").is_some()
}

/// The handler's `Vary` with `Origin` in it.
fn with_origin(headers: &[Field<'_>]) -> Cow<'static, str> {
    let names = members(headers, "vary").filter_map(|name| std::str::from_utf8(name).ok());
    let mut vary: Vec<_> = names.filter(|name| is_token(name) && !name.eq_ignore_ascii_case("origin")).collect();
    vary.push("Origin");
    vary.join(", ").into()
}

/// Whether a text may be a header's name, so that it is safe in a list of names.
pub(super) fn is_token(text: &str) -> bool {
    text.bytes().all(|b| b.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&b))
}
