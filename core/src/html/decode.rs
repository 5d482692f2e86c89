//! Attribute values as a browser reads them: character references, line ends, NUL (WHATWG HTML, 13.2.3.5, 13.2.5.36 to
//! 13.2.5.38, 13.2.5.72 to 13.2.5.80).

use super::entities::NAMED;

/// Appends the decoded attribute value `raw` to `out`. Bytes that are not UTF-8 stay as they are.
pub(crate) fn attribute_value(raw: &[u8], out: &mut Vec<u8>) {
    let mut rest = raw;
    while let Some(at) = memchr::memchr3(b'&', b'\r', b'\0', rest) {
        out.extend_from_slice(&rest[..at]);
        let (byte, after) = (rest[at], &rest[at + 1..]);
        rest = match byte {
            b'&' => reference(after, out),
            b'\0' => {
                out.extend_from_slice("\u{fffd}".as_bytes());
                after
            }
            _ => {
                out.push(b'\n');
                after.strip_prefix(b"\n").unwrap_or(after)
            }
        };
    }
    out.extend_from_slice(rest);
}

/// Decodes what follows an `&` and returns what follows the reference.
fn reference<'r>(rest: &'r [u8], out: &mut Vec<u8>) -> &'r [u8] {
    let decoded = match rest.strip_prefix(b"#") {
        Some(number) => numeric(number, out),
        None => named(rest, out),
    };
    decoded.unwrap_or_else(|| {
        out.push(b'&');
        rest
    })
}

fn named<'r>(rest: &'r [u8], out: &mut Vec<u8>) -> Option<&'r [u8]> {
    /// `CounterClockwiseContourIntegral;`
    const LONGEST: usize = 32;
    let alphanumeric = rest.iter().take(LONGEST).take_while(|byte| byte.is_ascii_alphanumeric()).count();
    let with_semicolon = alphanumeric + usize::from(rest.get(alphanumeric) == Some(&b';'));
    let (len, value) = longest(&rest[..with_semicolon.min(LONGEST)])?;
    let next = rest.get(len);
    // For historical reasons `&copy=1` and `&copyright` are text in an attribute.
    if rest[len - 1] != b';' && next.is_some_and(|byte| *byte == b'=' || byte.is_ascii_alphanumeric()) {
        return None;
    }
    out.extend_from_slice(value.as_bytes());
    Some(&rest[len..])
}

/// The longest name of a reference that `text` begins with, and what it stands for. The table is sorted, so that each letter
/// narrows it down: most text is none after two or three.
fn longest(text: &[u8]) -> Option<(usize, &'static str)> {
    let mut names = &NAMED[..];
    let mut found = None;
    for (index, letter) in text.iter().enumerate() {
        let at = |name: &str| name.as_bytes().get(index).copied();
        let start = names.partition_point(|(name, _)| at(name) < Some(*letter));
        let end = names.partition_point(|(name, _)| at(name) <= Some(*letter));
        names = &names[start..end];
        match names.first() {
            Some((name, value)) if name.len() == index + 1 => found = Some((name.len(), *value)),
            Some(_) => {}
            None => break,
        }
    }
    found
}

fn numeric<'r>(rest: &'r [u8], out: &mut Vec<u8>) -> Option<&'r [u8]> {
    let (digits, radix) = match rest.first() {
        Some(b'x' | b'X') => (&rest[1..], 16),
        _ => (rest, 10),
    };
    let len = digits.iter().take_while(|byte| char::from(**byte).is_digit(radix)).count();
    if len == 0 {
        return None;
    }
    let number = digits[..len]
        .iter()
        .filter_map(|byte| char::from(*byte).to_digit(radix))
        .fold(0u32, |number, digit| number.saturating_mul(radix).saturating_add(digit));
    out.extend_from_slice(character(number).encode_utf8(&mut [0; 4]).as_bytes());
    let after = &digits[len..];
    Some(after.strip_prefix(b";").unwrap_or(after))
}

/// What a numeric reference stands for: the C1 controls mean windows-1252 (13.2.5.80), what is no character U+FFFD.
fn character(number: u32) -> char {
    const WINDOWS_1252: [char; 32] = [
        '\u{20ac}', '\u{81}', '\u{201a}', '\u{192}', '\u{201e}', '\u{2026}', '\u{2020}', '\u{2021}', '\u{2c6}',
        '\u{2030}', '\u{160}', '\u{2039}', '\u{152}', '\u{8d}', '\u{17d}', '\u{8f}', '\u{90}', '\u{2018}', '\u{2019}',
        '\u{201c}', '\u{201d}', '\u{2022}', '\u{2013}', '\u{2014}', '\u{2dc}', '\u{2122}', '\u{161}', '\u{203a}',
        '\u{153}', '\u{9d}', '\u{17e}', '\u{178}',
    ];
    match number {
        0 => char::REPLACEMENT_CHARACTER,
        0x80..=0x9f => WINDOWS_1252[(number - 0x80) as usize],
        _ => char::from_u32(number).unwrap_or(char::REPLACEMENT_CHARACTER),
    }
}

#[cfg(test)]
mod tests {
    use super::{NAMED, attribute_value};

    fn decode(raw: &str) -> String {
        let mut out = Vec::new();
        attribute_value(raw.as_bytes(), &mut out);
        String::from_utf8(out).expect("text stays text")
    }

    #[test]
    fn the_table_of_names_is_sorted_so_that_a_search_finds_each() {
        assert!(NAMED.is_sorted_by_key(|(name, _)| name.as_bytes()));
    }

    #[test]
    fn named_references_are_decoded_longest_first() {
        assert_eq!(decode("&lt;&notin;&not it;&AMP&CounterClockwiseContourIntegral;"), "<∉¬ it;&∳");
    }

    #[test]
    fn a_name_without_semicolon_before_a_letter_or_equals_sign_is_text() {
        assert_eq!(decode("?a=1&copy=2&copyright&notit;&copy-&nope;&"), "?a=1&copy=2&copyright&notit;©-&nope;&");
    }

    #[test]
    fn numeric_references_follow_the_table_of_replacements() {
        assert_eq!(
            decode("&#65;&#x42&#0;&#x80;&#xD800;&#x110000;&#99999999999;&#;&#x;"),
            "AB\u{fffd}€\u{fffd}\u{fffd}\u{fffd}&#;&#x;"
        );
    }

    #[test]
    fn line_ends_are_normalised_and_nul_is_replaced() {
        assert_eq!(decode("a\r\nb\rc\nd\0"), "a\nb\nc\nd\u{fffd}");
    }
}
