//! Header fields: names, values, and values that are lists, by the grammar of RFC 9110 (5.6).

/// One header as the host has it: the name in any case, the value's bytes without the white space around it.
pub type Field<'a> = (&'a str, &'a [u8]);

/// The values of the header `name`, in order.
pub(crate) fn values<'a>(headers: &'a [Field<'a>], name: &'static str) -> impl Iterator<Item = &'a [u8]> + use<'a> {
    headers.iter().filter(move |(n, _)| n.eq_ignore_ascii_case(name)).map(|&(_, value)| value.trim_ascii())
}

/// The members of a header that is a comma separated list, over all its occurrences. A comma in a quoted string is none
/// of the list's.
pub(super) fn members<'a>(headers: &'a [Field<'a>], name: &'static str) -> impl Iterator<Item = &'a [u8]> + use<'a> {
    values(headers, name).flat_map(|value| parts(value, b','))
}

/// The parts of a value between separators that stand in no quoted string, without white space; none is empty.
pub(super) fn parts(value: &[u8], separator: u8) -> impl Iterator<Item = &[u8]> {
    let (mut is_quoted, mut is_escaped) = (false, false);
    let is_separator = move |b: &u8| {
        match (is_quoted, is_escaped, *b) {
            (true, true, _) => is_escaped = false,
            (true, false, b'\\') => is_escaped = true,
            (_, _, b'"') => is_quoted = !is_quoted,
            (false, _, b) => return b == separator,
            _ => {}
        }
        false
    };
    value.split(is_separator).map(<[u8]>::trim_ascii).filter(|part| !part.is_empty())
}

/// A directive or parameter: its name, and its argument without the quotes, if it has one.
pub(super) fn directive(member: &[u8]) -> (&[u8], Option<Vec<u8>>) {
    let Some(at) = memchr::memchr(b'=', member) else { return (member, None) };
    (member[..at].trim_ascii(), Some(unquoted(member[at + 1..].trim_ascii())))
}

/// The content of a quoted string; of a token, the token.
fn unquoted(text: &[u8]) -> Vec<u8> {
    let Some(inner) = text.strip_prefix(b"\"") else { return text.to_vec() };
    let (mut content, mut rest) = (Vec::with_capacity(inner.len()), inner.iter());
    while let Some(&b) = rest.next() {
        match b {
            b'"' => break,
            b'\\' => content.extend(rest.next()),
            b => content.push(b),
        }
    }
    content
}

/// Whether a header of this name is there.
pub(super) fn has(headers: &[Field<'_>], name: &str) -> bool {
    headers.iter().any(|(n, _)| n.eq_ignore_ascii_case(name))
}

/// Whether a text may be a header's name, so that it is safe in a list of names.
pub(super) fn is_token(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|b| b.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&b))
}

/// Whether `Content-Type` is HTML.
pub(crate) fn is_html(headers: &[Field<'_>]) -> bool {
    let first = values(headers, "content-type").next().and_then(|value| parts(value, b';').next());
    first.is_some_and(|essence| essence.eq_ignore_ascii_case(b"text/html"))
}

/// Whether `Content-Type` may be that of markup for a page: HTML of any kind, or none at all.
pub(crate) fn may_be_html(headers: &[Field<'_>]) -> bool {
    let mut types = values(headers, "content-type");
    types.next().is_none_or(|value| memchr::memmem::find(&value.to_ascii_lowercase(), b"html").is_some())
}

/// Whether a body is compressed, by `Content-Encoding`.
pub(super) fn is_encoded(headers: &[Field<'_>]) -> bool {
    members(headers, "content-encoding").any(|coding| !coding.eq_ignore_ascii_case(b"identity"))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{directive, members, parts};

    fn list(values: &[&str]) -> Vec<String> {
        let headers: Vec<_> = values.iter().map(|value| ("X-List", value.as_bytes())).collect();
        members(&headers, "x-list").map(|member| String::from_utf8_lossy(member).into_owned()).collect()
    }

    #[test]
    fn a_list_goes_on_in_a_second_header_and_its_empty_members_do_not_count() {
        assert_eq!(list(&["a, b ,,c", " , ", "d"]), ["a", "b", "c", "d"]);
        assert!(list(&["", " ,,"]).is_empty());
    }

    #[test]
    fn a_comma_in_a_quoted_string_is_none_of_the_lists() {
        assert_eq!(list(&[r#"a="b, no-store", c"#]), [r#"a="b, no-store""#, "c"]);
        assert_eq!(list(&[r#"a="\", b", c"#]), [r#"a="\", b""#, "c"]);
        assert_eq!(list(&[r#"a="b, c"#, "d"]), [r#"a="b, c"#, "d"]);
    }

    #[test]
    fn an_argument_loses_its_quotes() {
        let read = |text: &'static str| {
            let (name, argument) = directive(text.as_bytes());
            (name, argument.map(|a| String::from_utf8_lossy(&a).into_owned()))
        };
        assert_eq!(read("no-store"), (&b"no-store"[..], None));
        assert_eq!(read("max-age=5"), (&b"max-age"[..], Some("5".into())));
        assert_eq!(read("max-age=\"5\""), (&b"max-age"[..], Some("5".into())));
        assert_eq!(read(r#"a = "b\"c" x"#), (&b"a"[..], Some("b\"c".into())));
    }

    proptest! {
        #[test]
        fn the_parts_of_a_value_without_quotes_are_those_of_a_plain_split(value in "[a-z ,;\\\\=]{0,20}") {
            let plain: Vec<_> = value.split(',').map(str::trim_ascii).filter(|p| !p.is_empty()).map(str::as_bytes).collect();
            prop_assert_eq!(parts(value.as_bytes(), b',').collect::<Vec<_>>(), plain);
        }

        #[test]
        fn quoted_members_come_back_whole(texts in prop::collection::vec("[ -~]{1,8}", 1..5)) {
            let quoted: Vec<_> = texts.iter().map(|t| format!("x=\"{}\"", t.replace('\\', "\\\\").replace('"', "\\\""))).collect();
            let joined = quoted.join(" , ");
            let read: Vec<_> = parts(joined.as_bytes(), b',').filter_map(|m| directive(m).1).collect();
            let wanted: Vec<_> = texts.iter().map(|t| t.as_bytes().to_vec()).collect();
            prop_assert_eq!(read, wanted);
        }
    }
}
