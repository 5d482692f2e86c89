//! A request's head as a host describes it, and request targets.

use std::fmt;

use super::fields::{Field, values};
use crate::Mount;
use crate::origin::Scheme;
use crate::redacted::{Length, Lengths};

/// A request without its body.
///
/// ```
/// use eyot::Mount;
/// use eyot::http::Head;
///
/// let headers = [("Host", &b"shop.example"[..]), ("Cookie", b"session=1")];
/// let head = Head::new("GET", b"/shop/cart?page=2").with_mount(Mount::new("/shop")?).with_headers(&headers);
/// assert_eq!((head.path, head.query), (&b"/shop/cart"[..], &b"page=2"[..]));
/// # Ok::<(), eyot::Error>(())
/// ```
#[derive(Clone, Copy)]
#[non_exhaustive]
pub struct Head<'a> {
    /// The method, in upper case as it came.
    pub method: &'a str,
    /// The path as it stood on the request line: not decoded, with the mount point, without the query.
    pub path: &'a [u8],
    /// The query without its `?`, not decoded; empty when there is none.
    pub query: &'a [u8],
    /// The app's mount point as it stands in `path`.
    pub mount: Mount<'a>,
    /// All headers, repeated ones as often as they came. `Host` (or `:authority`) must be among them.
    pub headers: &'a [Field<'a>],
}

/// Without what may hold a token, a cookie or what a visitor asked for.
impl fmt::Debug for Head<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Head")
            .field("method", &self.method)
            .field("path", &Length::of(self.path))
            .field("query", &Length::of(self.query))
            .field("mount", &self.mount)
            .field("headers", &Lengths(self.headers))
            .finish()
    }
}

impl<'a> Head<'a> {
    /// A request at the root, without headers. `target` is the raw request target (`RAW_URI`, `REQUEST_URI`,
    /// `originalUrl`), see [`split_target`].
    #[must_use]
    pub fn new(method: &'a str, target: &'a [u8]) -> Self {
        let (path, query) = split_target(target);
        Self { method, path, query, mount: Mount::ROOT, headers: &[] }
    }

    /// The same of an app that is mounted below a path.
    #[must_use]
    pub fn with_mount(self, mount: Mount<'a>) -> Self {
        Self { mount, ..self }
    }

    /// The same with all headers.
    #[must_use]
    pub fn with_headers(self, headers: &'a [Field<'a>]) -> Self {
        Self { headers, ..self }
    }

    /// The values of the header `name` (given in lower case), in order.
    pub(super) fn values(&self, name: &'static str) -> impl Iterator<Item = &'a [u8]> + use<'a> {
        values(self.headers, name)
    }

    /// The first value of the header `name`.
    pub(super) fn value(&self, name: &'static str) -> Option<&'a [u8]> {
        self.values(name).next()
    }

    /// The authority that the request was sent to. Where there is `:authority`, a `Host` beside it is the client's own word
    /// (RFC 9113, 8.3.1: the two must not differ).
    pub(super) fn host(&self) -> &'a [u8] {
        self.value(":authority").or_else(|| self.value("host")).unwrap_or_default()
    }
}

/// Splits a raw request target into path and query; in absolute form (`GET http://host/path`) the scheme and authority
/// are dropped.
///
/// ```
/// use eyot::http::split_target;
///
/// assert_eq!(split_target(b"/cart?page=2"), (&b"/cart"[..], &b"page=2"[..]));
/// assert_eq!(split_target(b"http://shop.example/cart"), (&b"/cart"[..], &b""[..]));
/// ```
#[must_use]
pub fn split_target(target: &[u8]) -> (&[u8], &[u8]) {
    let origin_form = without_authority(target);
    match memchr::memchr(b'?', origin_form) {
        Some(at) => (&origin_form[..at], &origin_form[at + 1..]),
        None => (origin_form, b""),
    }
}

fn without_authority(target: &[u8]) -> &[u8] {
    let Some((_, rest)) = Scheme::split(target) else { return target };
    match rest.iter().position(|b| matches!(b, b'/' | b'?')) {
        Some(at) => &rest[at..],
        None => b"/",
    }
}
