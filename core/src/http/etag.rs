//! Entity tags: made from a body, compared weakly with `If-None-Match`.

use xxhash_rust::xxh3::xxh3_128;

use super::{Field, values};

/// The weak ETag of a body: weak because compression outside of eyot changes the bytes, but not the page.
pub(super) fn weak(body: &[u8]) -> String {
    format!("W/\"{:032x}\"", xxh3_128(body))
}

/// Whether one of the `If-None-Match` headers names `etag` or anything (`*`); weak comparison (RFC 9110, 13.1.2).
pub(super) fn matches(headers: &[Field<'_>], etag: &str) -> bool {
    values(headers, "if-none-match").any(|list| Tags(list).any(|tag| tag == b"*" || tag == opaque(etag.as_bytes())))
}

fn opaque(etag: &[u8]) -> &[u8] {
    etag.strip_prefix(b"W/").unwrap_or(etag)
}

/// The tags of a list, without `W/`, with their quotes; ends at what is no tag. A comma may stand inside the quotes.
struct Tags<'a>(&'a [u8]);

impl<'a> Iterator for Tags<'a> {
    type Item = &'a [u8];

    fn next(&mut self) -> Option<&'a [u8]> {
        let start = self.0.iter().position(|b| !matches!(b, b' ' | b'\t' | b','))?;
        let rest = opaque(&self.0[start..]);
        let length = match rest.first()? {
            b'*' => 1,
            b'"' => 2 + memchr::memchr(b'"', &rest[1..])?,
            _ => return None,
        };
        let (tag, rest) = rest.split_at(length);
        self.0 = rest;
        Some(tag)
    }
}

#[cfg(test)]
mod tests {
    use super::{matches, weak};

    fn compare(if_none_match: &[&str], etag: &str) -> bool {
        let headers: Vec<_> = if_none_match.iter().map(|v| ("If-None-Match", v.as_bytes())).collect();
        matches(&headers, etag)
    }

    #[test]
    fn equal_bodies_have_equal_weak_tags_and_others_do_not() {
        assert_eq!(weak(b"<p>"), weak(b"<p>"));
        assert_ne!(weak(b"<p>"), weak(b"<q>"));
        assert_eq!(weak(b"").len(), "W/\"\"".len() + 32);
        assert!(weak(b"").starts_with("W/\""));
    }

    #[test]
    fn a_tag_matches_in_a_list_weak_or_strong_on_both_sides() {
        for list in ["W/\"a\"", "\"a\"", "\"b\", W/\"a\"", " ,, \"b\" ,\"a\"", "\"b,c\",\"a\"", "*", "\"b\"\"a\""] {
            assert!(compare(&[list], "W/\"a\""), "{list}");
            assert!(compare(&[list], "\"a\""), "{list}");
        }
    }

    #[test]
    fn a_second_header_continues_the_list() {
        assert!(compare(&["\"b\"", "\"a\""], "\"a\""));
    }

    #[test]
    fn what_is_not_the_tag_does_not_match() {
        for list in ["", "a", "\"b\"", "\"b,\"a\"", "w/\"a\"", "\"a", "W/a", "\"A\"", "W/", ","] {
            assert!(!compare(&[list], "W/\"a\""), "{list}");
        }
    }

    #[test]
    fn without_the_header_nothing_matches() {
        assert!(!compare(&[], "\"a\""));
    }
}
