//! What is sent instead of the app's own status and headers.

use super::caching;
use super::edits::{self, Edit};
use super::guard::Leak;
use super::response::Response;

/// What a host sends instead of the app's own status and headers.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Outcome {
    /// The status code.
    pub status: u16,
    /// Changes to the headers, in order.
    pub edits: Vec<Edit>,
    /// Whether the app's body is sent. Independent of `HEAD` on a page, which never has one.
    pub has_body: bool,
    /// Whether a policy made the response a shell for shared caches.
    pub is_shell: bool,
    /// What is one visitor's in a response that everyone would get, most often nothing: show it while debugging; in
    /// production log it, and make the edits, which keep the response out of every cache.
    pub leaks: Vec<Leak>,
}

impl Outcome {
    pub(super) fn new(status: u16, edits: Vec<Edit>) -> Self {
        Self { status, edits, has_body: true, is_shell: false, leaks: Vec::new() }
    }

    /// The response as it is, with these edits.
    pub(crate) fn changing(response: &Response<'_>, edits: Vec<Edit>) -> Self {
        Self::new(response.status, edits)
    }

    /// What a split changes in a page's headers, if it changes the page at all: validators, digests and ranges of the page
    /// before the split go, since a copy that they keep alive would hold tokens of dropped keys. `len` is the shell's
    /// length in bytes; `None` for a streamed one.
    ///
    /// ```
    /// use eyot::http::{Outcome, Response, edited};
    ///
    /// let headers = [("ETag", &b"\"page\""[..]), ("Content-Length", b"120")];
    /// let outcome = Outcome::split(&Response::new(200, &headers), Some(300));
    /// assert_eq!(edited(&headers, &outcome.edits), [("Content-Length", &b"300"[..])]);
    /// ```
    #[must_use]
    pub fn split(response: &Response<'_>, len: Option<usize>) -> Self {
        const OF_THE_PAGE: [&str; 7] =
            ["ETag", "Last-Modified", "Accept-Ranges", "Content-MD5", "Digest", "Content-Digest", "Repr-Digest"];
        let mut edits = Vec::new();
        edits::remove(response.headers, OF_THE_PAGE, &mut edits);
        match len {
            Some(len) => edits.push(Edit::Set("Content-Length", len.to_string().into())),
            None => edits::remove(response.headers, ["Content-Length"], &mut edits),
        }
        Self::new(response.status, edits)
    }

    /// What keeps a response out of every cache, whatever the app says to all of them or to one kind: for a page with
    /// problems, which went out all the same.
    ///
    /// ```
    /// use eyot::http::{Outcome, Response, edited};
    ///
    /// let headers = [("Cache-Control", &b"public, max-age=60"[..]), ("CDN-Cache-Control", b"max-age=600")];
    /// let outcome = Outcome::uncached(&Response::new(200, &headers));
    /// assert_eq!(edited(&headers, &outcome.edits), [("Cache-Control", &b"private, no-store"[..])]);
    /// ```
    #[must_use]
    pub fn uncached(response: &Response<'_>) -> Self {
        Self::new(response.status, caching::uncached(response.headers, "private, no-store"))
    }
}
