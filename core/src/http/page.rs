//! The inner station's questions about a response: whether it is a page to split, what of its headers outlives the
//! split, and how a page with problems stays out of every cache.

use super::policy::uncached;
use super::{Edit, Field, has, is_html, members};

/// What a response is to the inner station.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PageKind {
    /// HTML, to be split.
    Html,
    /// A part of an HTML page (206). It cannot be split, and may hold directives.
    Part,
    /// HTML that a lower layer compressed (`Content-Encoding`). It cannot be split, and may hold directives.
    Compressed,
    /// No HTML, or nothing at all: it passes as it is.
    Other,
}

impl PageKind {
    /// Judges a response by its status and headers.
    #[must_use]
    pub fn of(status: u16, headers: &[Field<'_>]) -> Self {
        match status {
            100..=199 | 204 | 205 | 304 => Self::Other,
            _ if !is_html(headers) => Self::Other,
            206 => Self::Part,
            _ if members(headers, "content-encoding").any(|coding| !coding.eq_ignore_ascii_case(b"identity")) => {
                Self::Compressed
            }
            _ => Self::Html,
        }
    }
}

/// What a split changes in a page's headers, if it changes the page at all: validators, digests and ranges of the page
/// before the split go, since a copy that they keep alive would hold tokens of dropped keys. `len` is the shell's
/// length in bytes; `None` for a streamed one.
#[must_use]
pub fn after_split(headers: &[Field<'_>], len: Option<usize>) -> Vec<Edit> {
    const OF_THE_PAGE: [&str; 7] =
        ["ETag", "Last-Modified", "Accept-Ranges", "Content-MD5", "Digest", "Content-Digest", "Repr-Digest"];
    let mut edits: Vec<_> =
        OF_THE_PAGE.into_iter().filter(|name| has(headers, name)).map(|name| Edit::Remove(name.into())).collect();
    match len {
        Some(len) => edits.push(Edit::Set("Content-Length", len.to_string().into())),
        None if has(headers, "content-length") => edits.push(Edit::Remove("Content-Length".into())),
        None => {}
    }
    edits
}

/// What keeps a response out of every cache, whatever the app says to all of them or to one kind: for a page with
/// problems, which went out all the same.
#[must_use]
pub fn keep_out_of_caches(headers: &[Field<'_>]) -> Vec<Edit> {
    uncached(headers, "private, no-store")
}

#[cfg(test)]
mod tests {
    use super::{PageKind, after_split, keep_out_of_caches};
    use crate::http::fixture::{removed, set};
    use crate::http::{Edit, Field};

    const HTML: Field<'static> = ("content-type", b"Text/HTML; charset=utf-8");

    #[test]
    fn html_of_every_status_that_has_a_body_is_split() {
        for status in [200, 201, 404, 500] {
            assert_eq!(PageKind::of(status, &[HTML]), PageKind::Html);
        }
        for status in [101, 103, 204, 205, 304] {
            assert_eq!(PageKind::of(status, &[HTML]), PageKind::Other);
        }
    }

    #[test]
    fn what_is_no_html_is_none_of_eyots_business() {
        for other in [&b"text/plain"[..], b"application/xhtml+xml", b"text/htmlx", b""] {
            assert_eq!(PageKind::of(206, &[("Content-Type", other), ("Content-Encoding", b"br")]), PageKind::Other);
        }
        assert_eq!(PageKind::of(200, &[]), PageKind::Other);
    }

    #[test]
    fn a_part_of_a_page_and_a_compressed_page_are_told_apart() {
        assert_eq!(PageKind::of(206, &[HTML]), PageKind::Part);
        assert_eq!(PageKind::of(200, &[HTML, ("Content-Encoding", b"identity, gzip")]), PageKind::Compressed);
        for none in [&b"identity"[..], b"Identity", b"", b" , "] {
            assert_eq!(PageKind::of(200, &[HTML, ("content-encoding", none)]), PageKind::Html);
        }
    }

    #[test]
    fn what_names_the_page_before_the_split_goes() {
        let headers: [Field<'_>; 5] = [
            HTML,
            ("etag", b"\"a\""),
            ("LAST-MODIFIED", b"Sun, 06 Nov 1994 08:49:37 GMT"),
            ("accept-ranges", b"bytes"),
            ("content-length", b"9"),
        ];
        let edits = after_split(&headers, Some(1234));
        for name in ["ETag", "Last-Modified", "Accept-Ranges"] {
            assert!(removed(&edits, name), "{name}");
        }
        assert_eq!(set(&edits, "Content-Length"), Some("1234"));
        assert!(removed(&after_split(&headers, None), "Content-Length"));
        assert_eq!(after_split(&[HTML], None), []);
    }

    #[test]
    fn a_page_with_problems_speaks_to_no_cache() {
        let headers: [Field<'_>; 6] = [
            ("cache-control", b"public, max-age=600"),
            ("etag", b"\"a\""),
            ("expires", b"Thu, 01 Dec 2094 16:00:00 GMT"),
            ("surrogate-control", b"max-age=600"),
            ("x-accel-expires", b"600"),
            ("cloudflare-cdn-cache-control", b"max-age=600"),
        ];
        let edits = keep_out_of_caches(&headers);
        assert_eq!(set(&edits, "Cache-Control"), Some("private, no-store"));
        for (name, _) in &headers[1..] {
            let is_gone = |edit: &Edit| matches!(edit, Edit::Remove(gone) if gone.eq_ignore_ascii_case(name));
            assert!(edits.iter().any(is_gone), "{name}");
        }
    }
}
