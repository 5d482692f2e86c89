//! Entity tags: made from a body, compared weakly with `If-None-Match`.

use xxhash_rust::xxh3::xxh3_128;

use super::fields::{Field, values};

/// The weak ETag of a body: weak because compression outside of eyot changes the bytes, but not the page.
pub(super) fn weak(body: &[u8]) -> String {
    format!("W/\"{:032x}\"", xxh3_128(body))
}

/// Whether the `If-None-Match` headers name `etag` in their list, or are the one `*` that stands for anything; weak
/// comparison (RFC 9110, 13.1.2).
pub(super) fn matches(headers: &[Field<'_>], etag: &str) -> bool {
    let given = || values(headers, "if-none-match");
    // In a list, or beside another header, `*` is no tag.
    given().eq([b"*"]) || given().any(|list| Tags(list).any(|tag| tag == opaque(etag.as_bytes())))
}

fn opaque(etag: &[u8]) -> &[u8] {
    etag.strip_prefix(b"W/").unwrap_or(etag)
}

/// The tags of a list, without `W/`, with their quotes; ends at what is no list of tags. A comma may stand inside the
/// quotes, and a backslash there is a character like others (8.8.3).
struct Tags<'a>(&'a [u8]);

impl<'a> Iterator for Tags<'a> {
    type Item = &'a [u8];

    fn next(&mut self) -> Option<&'a [u8]> {
        let start = self.0.iter().position(|b| !matches!(b, b' ' | b'\t' | b','))?;
        let rest = opaque(&self.0[start..]);
        let inner = rest.strip_prefix(b"\"")?;
        let length = 2 + inner.iter().position(|&b| b == b'"')?;
        let is_tag = |b: &u8| matches!(b, b'!' | 0x23..=0x7e | 0x80..);
        let (tag, after) = rest.split_at(length);
        let is_end = after.trim_ascii_start().first().is_none_or(|b| *b == b',');
        if !is_end || !tag[1..length - 1].iter().all(is_tag) {
            return None;
        }
        self.0 = after;
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
        for list in
            ["W/\"a\"", "\"a\"", "\"b\", W/\"a\"", " ,, \"b\" ,\"a\"", "\"b,c\",\"a\"", "*", " * ", "\"b\\\" , \"a\""]
        {
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
        for list in [
            "",
            "a",
            "\"b\"",
            "\"b,\"a\"",
            "w/\"a\"",
            "\"a",
            "W/a",
            "\"A\"",
            "W/",
            ",",
            "W/*",
            "**",
            "*, *",
            "\"b\", *",
            "*, \"b\"",
            "\"b\"\"a\"",
            "\"b c\", \"a\"",
        ] {
            assert!(!compare(&[list], "W/\"a\""), "{list}");
        }
    }

    proptest::proptest! {
        #[test]
        fn a_tag_is_found_in_every_list_that_holds_it(
            before in proptest::collection::vec("(W/)?\"[!#-~]{0,6}\"", 0..4),
            after in proptest::collection::vec("(W/)?\"[!#-~]{0,6}\"", 0..4),
            weak in proptest::prelude::any::<bool>(),
        ) {
            let tag = if weak { "W/\"wanted tag\"".replace(' ', "-") } else { "\"wanted-tag\"".to_owned() };
            let list = [before.as_slice(), &[tag], &after].concat().join(" ,\t");
            proptest::prop_assert!(compare(&[&list], "W/\"wanted-tag\""));
            let others = [before, after].concat().join(",");
            proptest::prop_assert!(!compare(&[&others], "W/\"wanted-tag\""));
        }

        #[test]
        fn a_star_beside_anything_is_no_star(rest in "[W/*, \"a]{1,6}") {
            proptest::prop_assume!(!rest.trim().is_empty());
            let list = format!("*{rest}x");
            proptest::prop_assert!(!compare(&[&list], "\"b\""));
            proptest::prop_assert!(!compare(&["*", "*"], "\"b\""));
        }
    }

    #[test]
    fn without_the_header_nothing_matches() {
        assert!(!compare(&[], "\"a\""));
    }
}
