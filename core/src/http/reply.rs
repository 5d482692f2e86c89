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
    pub body: Cow<'static, [u8]>,
}

impl fmt::Debug for Reply {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Reply")
            .field("status", &self.status)
            .field("headers", &self.headers)
            .field("body", &Length::of(&self.body))
            .finish()
    }
}

impl Reply {
    /// An answer in an app's place, which no cache keeps.
    pub(crate) fn instead(status: u16, media_type: &'static str, body: Vec<u8>) -> Self {
        let headers = vec![
            ("Content-Type", media_type.into()),
            ("Cache-Control", "no-store".into()),
            ("Content-Length", body.len().to_string().into()),
        ];
        Self { status, headers, body: body.into() }
    }

    /// Adds a line to the body, if it has one, for whoever builds the site. The answer to a `HEAD` has the length of what a
    /// `GET` gets.
    pub(crate) fn explain(&mut self, line: &str) {
        let length = self.headers.iter_mut().find(|(name, _)| *name == "Content-Length").map(|(_, value)| value);
        let Some((told, value)) = length.and_then(|value| Some((value.parse::<usize>().ok()?, value))) else { return };
        if told == 0 {
            return;
        }
        *value = (told + line.len()).to_string().into();
        if !self.body.is_empty() {
            self.body.to_mut().extend_from_slice(line.as_bytes());
        }
    }

    /// The answer of a host that has nothing else to give.
    pub(crate) fn failed() -> Self {
        Self::instead(500, "text/plain; charset=utf-8", b"internal server error\n".to_vec())
    }

    /// An answer without a body.
    pub(super) fn new(status: u16, headers: Vec<(&'static str, Cow<'static, str>)>) -> Self {
        Self { status, headers, body: Cow::Borrowed(b"") }
    }

    /// Sets `body` and its length; `HEAD` gets the length alone.
    pub(super) fn with_body(mut self, body: &'static [u8], is_head: bool) -> Self {
        self.headers.push(("Content-Length", body.len().to_string().into()));
        self.body = Cow::Borrowed(if is_head { b"" } else { body });
        self
    }

    /// The value of a header, given as it is written.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(n, _)| n.eq_ignore_ascii_case(name)).map(|(_, value)| value.as_ref())
    }
}
