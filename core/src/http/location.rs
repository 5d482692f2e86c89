//! Where a handler's redirect leads: checked, and with the page's address where the island's own stands.

use std::borrow::Cow;

use super::asker::is_own;
use super::refusal::Reason;
use crate::Origin;
use crate::config::Config;
use crate::origin::Scheme;

/// What a redirect's target is judged by.
pub(super) struct Landing<'a> {
    pub(super) config: &'a Config,
    /// The authority that the island was asked from.
    pub(super) host: &'a [u8],
    /// The island's own path.
    pub(super) island: &'a str,
    /// The page's path, and query where it is known.
    pub(super) page: Option<&'a str>,
}

impl Landing<'_> {
    /// The value of `Island-Location` for a redirect to `target`.
    pub(super) fn of(&self, target: &[u8]) -> Result<String, Reason> {
        // Browsers drop tabs and line feeds in URLs, and take a backslash for a slash: not what this function reads.
        if target.iter().any(|&b| b <= b' ' || b == 0x7f || b == b'\\') {
            return Err(Reason::LocationForm);
        }
        self.check_origin(target)?;
        Ok(self.with_page(&escaped(target)))
    }

    fn check_origin(&self, target: &[u8]) -> Result<(), Reason> {
        let (scheme, rest) = match Scheme::split(target) {
            Some((scheme, rest)) => (Some(scheme), rest),
            None => match target.strip_prefix(b"//") {
                Some(rest) => (None, rest),
                None if target.first() == Some(&b'/') => return Ok(()),
                None => return Err(Reason::LocationForm),
            },
        };
        let end = rest.iter().position(|b| b"/?#".contains(b)).unwrap_or(rest.len());
        if self.knows(scheme, &rest[..end]) { Ok(()) } else { Err(Reason::LocationOrigin) }
    }

    /// Whether an authority is this host's or one of the configured origins'; without a scheme it stands for either.
    fn knows(&self, scheme: Option<Scheme>, authority: &[u8]) -> bool {
        // `//host/path` takes the scheme of the page, which this host does not know behind a proxy.
        let schemes = scheme.map_or(vec![Scheme::Https, Scheme::Http], |scheme| vec![scheme]);
        let Config { origin, allowed_origins, locations, .. } = self.config;
        schemes.iter().filter_map(|scheme| Origin::of(*scheme, authority).ok()).any(|target| {
            target.is_at(self.host)
                || origin.iter().chain(allowed_origins).chain(locations).any(|known| *known == target)
        })
    }

    /// `url` with the page's address in each query value that is the island's own, or without that parameter.
    fn with_page(&self, url: &str) -> String {
        let (before, fragment) = url.find('#').map_or((url, ""), |at| url.split_at(at));
        let Some((path, query)) = before.split_once('?') else { return url.to_owned() };
        let mut parts = query.split('&').filter_map(|part| self.parameter(part)).peekable();
        let mark = if parts.peek().is_some() { "?" } else { "" };
        let query: Vec<_> = parts.collect();
        format!("{path}{mark}{}{fragment}", query.join("&"))
    }

    /// One parameter of a query; `None` when it names the island and the page is not known.
    fn parameter<'q>(&self, part: &'q str) -> Option<Cow<'q, str>> {
        let Some((name, value)) = part.split_once('=') else { return Some(part.into()) };
        let decoded = decoded(value);
        let (origin, path) = split_origin(&decoded);
        // Some frameworks end an address without a query with a question mark.
        let own_origin = origin.is_empty() || is_own(origin, self.host);
        if !own_origin || path.strip_suffix(b"?").unwrap_or(path) != self.island.as_bytes() {
            return Some(part.into());
        }
        let page = [origin, self.page?.as_bytes()].concat();
        Some(format!("{name}={}", component(&page)).into())
    }
}

/// The page's address: what was sealed, else a `Referer` of this host, else unknown.
pub(super) fn page(sealed: &[u8], referer: &[u8], host: &[u8]) -> Option<String> {
    #[derive(serde::Deserialize)]
    struct Sealed {
        path: String,
    }
    // A client can write any `Referer`, but not what was sealed.
    if let Ok(Sealed { path }) = serde_json::from_slice(sealed) {
        return Some(path).filter(|path| is_local(path.as_bytes()));
    }
    let (origin, path) = split_origin(referer);
    let path = path.split(|&b| b == b'#').next().unwrap_or_default();
    (is_local(path) && is_own(origin, host)).then(|| escaped(path))
}

/// Whether a browser stays on this origin when it is sent to `path`. It takes a backslash for a slash and drops tabs, line
/// breaks and what surrounds a URL, so that a path with any of them is not what it seems.
fn is_local(path: &[u8]) -> bool {
    let mut start = path.iter();
    start.next() == Some(&b'/')
        && start.next() != Some(&b'/')
        && !path.iter().any(|&b| b < b' ' || b == 0x7f || b == b'\\')
}

/// Splits an absolute URL into its origin and the rest; the origin of anything else is empty.
fn split_origin(url: &[u8]) -> (&[u8], &[u8]) {
    let Some((_, rest)) = Scheme::split(url) else { return (b"", url) };
    let path = rest.iter().position(|b| b"/?#".contains(b)).unwrap_or(rest.len());
    url.split_at(url.len() - rest.len() + path)
}

/// Decodes `%41` and `+` of a query's value.
fn decoded(value: &str) -> Vec<u8> {
    let bytes = value.as_bytes();
    let mut out = Vec::with_capacity(bytes.len());
    let mut rest = bytes;
    while let Some((&first, after)) = rest.split_first() {
        let escape = after.get(..2).filter(|_| first == b'%').and_then(hex);
        out.push(escape.unwrap_or(if first == b'+' { b' ' } else { first }));
        rest = if escape.is_some() { &after[2..] } else { after };
    }
    out
}

fn hex(digits: &[u8]) -> Option<u8> {
    let [high, low] = digits else { return None };
    let digit = |b: u8| char::from(b).to_digit(16);
    u8::try_from(digit(*high)? * 16 + digit(*low)?).ok()
}

/// `url` as ASCII without control characters and spaces: what a header may hold.
pub(crate) fn escaped(url: &[u8]) -> String {
    percent_encoded(url, |b| b.is_ascii_graphic())
}

/// Text as the value of a parameter; slashes stay, since a query may hold them and paths then stay readable.
fn component(text: &[u8]) -> String {
    percent_encoded(text, |b| b.is_ascii_alphanumeric() || b"-._~/".contains(&b))
}

fn percent_encoded(text: &[u8], is_plain: impl Fn(u8) -> bool) -> String {
    const DIGITS: &[u8; 16] = b"0123456789ABCDEF";
    let mut out = String::with_capacity(text.len());
    for &b in text {
        if is_plain(b) {
            out.push(char::from(b));
        } else {
            out.extend(['%', char::from(DIGITS[usize::from(b >> 4)]), char::from(DIGITS[usize::from(b & 0xf)])]);
        }
    }
    out
}
