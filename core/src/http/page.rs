//! The inner station's question about a response: whether it is a page to split, and what to do if it cannot be.

use std::fmt;

use super::encoding;
use super::fields::{Field, is_encoded, parts, values};

/// What a response is to the inner station.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum PageKind {
    /// HTML, to be split; or in UTF-16 or UTF-32, which [`Unsplit::of`] tells of a whole page and the
    /// [`Splitter`](crate::Splitter) of a stream.
    Html,
    /// A part of an HTML page (206), or several parts of something. It cannot be split, and may hold directives.
    Part,
    /// HTML that a lower layer compressed (`Content-Encoding`). It cannot be split, and may hold directives.
    Compressed,
    /// HTML in an encoding in which markup is not ASCII, such as ISO-2022-JP, or other text (`text/*`, XML, XHTML). It is not
    /// split: the whole of it is asked about with [`Unsplit::of`]; a stream passes.
    Text,
    /// No text, or nothing at all: it passes as it is. JSON and scripts that are no `text/*` are among it.
    Other,
}

impl PageKind {
    /// Judges a response by its status and headers.
    ///
    /// ```
    /// use eyot::http::PageKind;
    ///
    /// let html = ("Content-Type", &b"text/html; charset=utf-8"[..]);
    /// assert_eq!(PageKind::of(200, &[html]), PageKind::Html);
    /// assert_eq!(PageKind::of(200, &[html, ("Content-Encoding", b"gzip")]), PageKind::Compressed);
    /// assert_eq!(PageKind::of(200, &[("Content-Type", b"application/json")]), PageKind::Other);
    /// ```
    #[must_use]
    pub fn of(status: u16, headers: &[Field<'_>]) -> Self {
        let is_encoded = || is_encoded(headers);
        match (status, media_type(headers)) {
            (100..=199 | 204 | 205 | 304, _) | (_, Media::Other) => Self::Other,
            (206, Media::Html | Media::Parts) => Self::Part,
            (_, Media::Html) if is_encoded() => Self::Compressed,
            (_, Media::Html) if !encoding::is_opaque(headers) => Self::Html,
            (206, Media::Text) => Self::Other,
            (_, Media::Text) if is_encoded() => Self::Other,
            (_, Media::Html | Media::Text) => Self::Text,
            (_, Media::Parts) => Self::Other,
        }
    }
}

/// Why a text goes out without having been split, although it may hold directives. The host logs it and keeps the answer
/// out of caches ([`Outcome::uncached`](super::Outcome::uncached)); while debugging, [`is_error`](Self::is_error) asks for
/// an error page instead.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Unsplit {
    /// HTML in an encoding in which markup is not ASCII.
    Encoding {
        /// The encoding's label, in lower case.
        label: String,
        /// Whether a directive is in it, which goes out in clear.
        has_directive: bool,
    },
    /// Text of another type, which holds a directive in a tag.
    Type {
        /// The media type, in lower case.
        media_type: String,
    },
}

impl Unsplit {
    /// Judges a whole body of the kind [`PageKind::Html`] or [`PageKind::Text`]; `None` for HTML that is to be split, and
    /// for text in which nothing is to be told of.
    ///
    /// ```
    /// use eyot::http::Unsplit;
    ///
    /// let xml = [("Content-Type", &b"application/xhtml+xml"[..])];
    /// let found = Unsplit::of(&xml, b"<p><CartCount server:defer/></p>").expect("a directive");
    /// assert_eq!((found.code(), found.is_error()), ("page-type", true));
    /// assert_eq!(Unsplit::of(&xml, b"<p>3</p>"), None);
    /// ```
    #[must_use]
    pub fn of(headers: &[Field<'_>], body: &[u8]) -> Option<Self> {
        match media_type(headers) {
            Media::Html => encoding::foreign(headers, body)
                .map(|label| Self::Encoding { label, has_directive: encoding::holds_directive(body) }),
            Media::Text => encoding::holds_directive(body)
                .then(|| Self::Type { media_type: String::from_utf8_lossy(&essence(headers)).into_owned() }),
            Media::Parts | Media::Other => None,
        }
    }

    /// A stable, lower-case code, for logs and tests.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::Encoding { .. } => "page-encoding",
            Self::Type { .. } => "page-type",
        }
    }

    /// Whether a directive goes out, so that an error page takes the answer's place while debugging.
    #[must_use]
    pub fn is_error(&self) -> bool {
        match self {
            Self::Encoding { has_directive, .. } => *has_directive,
            Self::Type { .. } => true,
        }
    }
}

impl fmt::Display for Unsplit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Encoding { label, .. } => {
                write!(f, "a page in the encoding {label:?} cannot be split: answer in UTF-8")?;
            }
            Self::Type { media_type } => {
                write!(
                    f,
                    "a text of the type {media_type:?} is not split: answer as text/html, or take the directive out"
                )?;
            }
        }
        if self.is_error() { f.write_str(" (it holds a directive, with its props in clear)") } else { Ok(()) }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Media {
    Html,
    Text,
    /// Several ranges in one answer, of a type that each of them tells.
    Parts,
    Other,
}

fn media_type(headers: &[Field<'_>]) -> Media {
    let essence = essence(headers);
    if essence == b"text/html" {
        Media::Html
    } else if essence == b"multipart/byteranges" {
        Media::Parts
    } else if essence == b"text/event-stream" {
        // Never whole.
        Media::Other
    } else if essence.starts_with(b"text/") || essence == b"application/xml" || essence.ends_with(b"+xml") {
        Media::Text
    } else {
        Media::Other
    }
}

/// The first `Content-Type` without parameters, in lower case.
fn essence(headers: &[Field<'_>]) -> Vec<u8> {
    let first = values(headers, "content-type").next().and_then(|value| parts(value, b';').next());
    first.unwrap_or_default().to_ascii_lowercase()
}
