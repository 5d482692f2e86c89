//! The inner station's question about a response: whether it is a page to split.

use super::fields::{Field, is_encoded, is_html};

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
            _ if is_encoded(headers) => Self::Compressed,
            _ => Self::Html,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::PageKind;
    use crate::http::Field;

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
}
