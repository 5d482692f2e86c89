//! The two stations: requests for islands, their responses, the shell policy. Reads no socket: the host describes a
//! request or a response, eyot says what to answer or to change.
//!
//! | the host has | it calls | and gets |
//! | --- | --- | --- |
//! | a request's head | [`Islands::route`](crate::Islands::route) | a file, a preflight, a refusal, or a [`Pending`] island |
//! | the token (a body, with `POST`) | [`Pending::open`] | the [`OpenedIsland`] for its handler, or a refusal |
//! | the handler's status and headers | [`Pending::finish`] | what to change in them, or a refusal |
//! | a response's status and headers | [`PageKind::of`] | whether it is a page to split; then [`after_split`] |
//! | a page with problems | [`keep_out_of_caches`] | what to change in its headers |
//! | a request on a route with a policy | [`ShellPolicy::incoming`] | a [`Visit`]: what to hide from the app |
//! | the app's response to it | [`Visit::finish`] | a [`Verdict`]: a shell, a 304, leaks, or nothing to do |
//!
//! No header value that eyot makes holds CR, LF or NUL: each is a literal, a number, a checked name, an origin from the
//! configuration, or text that was percent-encoded.

use std::borrow::Cow;

mod etag;
#[cfg(test)]
mod fixture;
mod guard;
mod location;
mod origin;
mod page;
mod policy;
mod refusal;
mod request;
mod response;

pub use guard::Leak;
pub use page::{PageKind, after_split, keep_out_of_caches};
pub use policy::{ShellPolicy, ShellResponse, Verdict, Visit};
pub use refusal::{Reason, Refusal};
pub use request::{OpenedIsland, Pending, Route, TOKEN_LIMIT, TOKEN_MEDIA_TYPE};
pub use response::{Answer, Finish};

/// One header as the host has it: the name in any case, the value's bytes without the white space around it.
pub type Field<'a> = (&'a str, &'a [u8]);

/// A request without its body.
#[derive(Debug, Clone, Copy)]
pub struct Head<'a> {
    /// The method, in upper case as it came.
    pub method: &'a str,
    /// The path as it stood on the request line: not decoded, with the mount point, without the query. See
    /// [`split_target`] for hosts that hold it in one piece with the query.
    pub path: &'a [u8],
    /// The query without its `?`, not decoded; empty when there is none.
    pub query: &'a [u8],
    /// The app's mount point as it stands in `path`: empty, or starting with `/` and not ending with it.
    pub mount: &'a str,
    /// All headers, repeated ones as often as they came. `Host` (or `:authority`) must be among them.
    pub headers: &'a [Field<'a>],
}

impl<'a> Head<'a> {
    /// The values of the header `name` (given in lower case), in order.
    pub(crate) fn values(&self, name: &'static str) -> impl Iterator<Item = &'a [u8]> + use<'a> {
        values(self.headers, name)
    }

    /// The first value of the header `name`.
    pub(crate) fn value(&self, name: &'static str) -> Option<&'a [u8]> {
        self.values(name).next()
    }
}

/// A whole answer that eyot makes itself: a file, a preflight's, a refusal's.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reply {
    /// The status code.
    pub status: u16,
    /// Headers, each name once, `Content-Length` among them where a body is allowed.
    pub headers: Vec<(&'static str, Cow<'static, str>)>,
    /// The body; empty for `HEAD`, although `Content-Length` then tells the length that `GET` would get.
    pub body: &'static [u8],
}

impl Reply {
    /// Sets `body` and its length; `HEAD` gets the length alone.
    fn with_body(mut self, body: &'static [u8], is_head: bool) -> Self {
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

/// One change to the headers of the host's response.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Edit {
    /// Takes the place of every header of this name.
    Set(&'static str, Cow<'static, str>),
    /// Removes every header of this name.
    Remove(Cow<'static, str>),
}

/// Splits a raw request target (`RAW_URI`, `REQUEST_URI`, `originalUrl`) into path and query; in absolute form
/// (`GET http://host/path`) the scheme and authority are dropped.
#[must_use]
pub fn split_target(target: &[u8]) -> (&[u8], &[u8]) {
    let origin_form = without_authority(target);
    match memchr::memchr(b'?', origin_form) {
        Some(at) => (&origin_form[..at], &origin_form[at + 1..]),
        None => (origin_form, b""),
    }
}

fn without_authority(target: &[u8]) -> &[u8] {
    let Some((_, rest)) = origin::split_scheme(target) else { return target };
    match rest.iter().position(|b| matches!(b, b'/' | b'?')) {
        Some(at) => &rest[at..],
        None => b"/",
    }
}

/// The values of the header `name`, in order.
fn values<'a>(headers: &'a [Field<'a>], name: &'static str) -> impl Iterator<Item = &'a [u8]> + use<'a> {
    headers.iter().filter(move |(n, _)| n.eq_ignore_ascii_case(name)).map(|&(_, value)| value.trim_ascii())
}

/// The members of a header that is a comma separated list, over all its occurrences, without white space.
fn members<'a>(headers: &'a [Field<'a>], name: &'static str) -> impl Iterator<Item = &'a [u8]> + use<'a> {
    values(headers, name)
        .flat_map(|value| value.split(|&b| b == b','))
        .map(<[u8]>::trim_ascii)
        .filter(|m| !m.is_empty())
}

/// Whether a header of this name is there.
fn has(headers: &[Field<'_>], name: &str) -> bool {
    headers.iter().any(|(n, _)| n.eq_ignore_ascii_case(name))
}

/// Whether `Content-Type` is HTML.
fn is_html(headers: &[Field<'_>]) -> bool {
    let essence = values(headers, "content-type").next().and_then(|value| value.split(|&b| b == b';').next());
    essence.is_some_and(|essence| essence.trim_ascii().eq_ignore_ascii_case(b"text/html"))
}
