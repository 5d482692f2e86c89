//! What an app answered: a page's response or a handler's.

use std::fmt;

use super::fields::Field;
use crate::redacted::{Length, Lengths};

/// What an app answered, as it would leave: sessions and all other layers included.
///
/// ```
/// use eyot::http::Response;
///
/// // An island's answer, which caches may keep for everyone for a minute.
/// let headers = [("Content-Type", &b"text/html; charset=utf-8"[..])];
/// let answer = Response::new(200, &headers).with_body(b"<b>12 in stock</b>").with_shared(Some(60));
/// assert_eq!((answer.status, answer.shared), (200, Some(60)));
///
/// // A streamed page: its body is not known.
/// assert_eq!(Response::new(200, &headers).body, None);
/// ```
#[derive(Clone, Copy, Default)]
#[non_exhaustive]
pub struct Response<'a> {
    /// The status code.
    pub status: u16,
    /// All headers.
    pub headers: &'a [Field<'a>],
    /// The whole body, not compressed; `None` where it is streamed, or not known.
    pub body: Option<&'a [u8]>,
    /// For a handler that is registered as shared: how many seconds caches may keep what it says, where it says
    /// nothing else itself.
    pub shared: Option<u32>,
    /// Of an island: the page's JSON object from the token ([`OpenedIsland::page`](super::OpenedIsland::page)), or nothing.
    pub page: &'a [u8],
    /// Of an island: whether something else answered in the handler's place: a layer with a sign-in page of its own, say.
    /// Its content is no island, and goes out without the island's name, which the loader insists on.
    pub is_foreign: bool,
}

/// Without what is the visitor's: values of headers, and the body.
impl fmt::Debug for Response<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Response")
            .field("status", &self.status)
            .field("headers", &Lengths(self.headers))
            .field("body", &self.body.map(Length::of))
            .field("shared", &self.shared)
            .field("page", &Length::of(self.page))
            .field("is_foreign", &self.is_foreign)
            .finish()
    }
}

impl<'a> Response<'a> {
    /// A response whose body is not known.
    #[must_use]
    pub fn new(status: u16, headers: &'a [Field<'a>]) -> Self {
        Self { status, headers, ..Self::default() }
    }

    /// The same with its whole body.
    #[must_use]
    pub fn with_body(self, body: &'a [u8]) -> Self {
        Self { body: Some(body), ..self }
    }

    /// The same of a handler whose answers caches keep for `seconds`, for everyone.
    #[must_use]
    pub fn with_shared(self, seconds: Option<u32>) -> Self {
        Self { shared: seconds, ..self }
    }

    /// The same with the page from the island's token.
    #[must_use]
    pub fn with_page(self, page: &'a [u8]) -> Self {
        Self { page, ..self }
    }

    /// The same, answered by something else than the handler.
    #[must_use]
    pub fn with_foreign(self, is_foreign: bool) -> Self {
        Self { is_foreign, ..self }
    }
}
