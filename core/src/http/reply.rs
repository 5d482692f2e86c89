//! A whole answer that eyot makes itself.

use std::borrow::Cow;
use std::fmt;

use crate::redacted::Length;

/// A whole answer that eyot makes itself: a file, a preflight's, a refusal's.
#[derive(Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Reply {
    /// The status code.
    pub status: u16,
    /// Headers, each name once, `Content-Length` among them where a body is allowed.
    pub headers: Vec<(&'static str, Cow<'static, str>)>,
    /// The body; empty for `HEAD`, although `Content-Length` then tells the length that `GET` would get.
    pub body: &'static [u8],
}

impl fmt::Debug for Reply {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Reply")
            .field("status", &self.status)
            .field("headers", &self.headers)
            .field("body", &Length::of(self.body))
            .finish()
    }
}

impl Reply {
    /// An answer without a body.
    pub(super) fn new(status: u16, headers: Vec<(&'static str, Cow<'static, str>)>) -> Self {
        Self { status, headers, body: b"" }
    }

    /// Sets `body` and its length; `HEAD` gets the length alone.
    pub(super) fn with_body(mut self, body: &'static [u8], is_head: bool) -> Self {
        self.headers.push(("Content-Length", body.len().to_string().into()));
        self.body = if is_head { b"" } else { body };
        self
    }

    /// The value of a header, given as it is written.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(n, _)| n.eq_ignore_ascii_case(name)).map(|(_, value)| value.as_ref())
    }
}
