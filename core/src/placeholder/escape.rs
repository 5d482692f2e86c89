//! Text in a double-quoted attribute.

/// Appends `value` with `&`, `<`, `>` and `"` escaped.
pub(crate) fn attribute(value: &str, out: &mut Vec<u8>) {
    // Nearly no value needs it, and looking is several times faster than escaping.
    let bytes = value.as_bytes();
    if memchr::memchr3(b'&', b'<', b'>', bytes).is_none() && memchr::memchr(b'"', bytes).is_none() {
        out.extend_from_slice(bytes);
    } else {
        html_escape::encode_double_quoted_attribute_to_vec(value, out);
    }
}

#[cfg(test)]
mod tests {
    #[test]
    fn four_characters_are_escaped_and_no_other() {
        let mut out = Vec::new();
        super::attribute("a&b<c>d\"e'f`g/\u{e9}=", &mut out);
        assert_eq!(String::from_utf8(out).expect("text"), "a&amp;b&lt;c&gt;d&quot;e'f`g/é=");
    }
}
