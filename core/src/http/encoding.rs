//! Encodings in which a page's markup is not the bytes that ASCII has for it, and directives in text that is not split.

use super::fields::{Field, directive, parts, values};
use crate::html::wide::{self, stands_in_a_tag};

/// How the labels begin of encodings whose text is not ASCII where it looks like it (Encoding Standard, 4.2, and those
/// that browsers no longer know).
const FOREIGN: [&str; 10] =
    ["utf-7", "utf7", "x-utf-7", "iso-2022", "iso2022", "csiso2022", "hz", "ebcdic", "scsu", "bocu"];

/// The same of encodings with units of two or four bytes, which a page's own first bytes show.
const WIDE: [&str; 9] = ["utf-16", "utf16", "utf-32", "utf32", "unicode", "csunicode", "ucs", "iso-10646", "csucs"];

/// Code pages of EBCDIC, as `ibm…` or `cp…`.
const EBCDIC: [&str; 22] = [
    "037", "273", "277", "278", "280", "284", "285", "290", "297", "420", "423", "424", "500", "870", "871", "875",
    "880", "905", "918", "1026", "1047", "1140",
];

/// How far browsers look for a `meta` element with an encoding.
const PRESCAN: usize = 1024;

/// The encoding that a page names and in which it cannot be split; as far as the start of its body tells, if it is known.
pub(super) fn foreign(headers: &[Field<'_>], body: &[u8]) -> Option<String> {
    if let Some(label) = by_mark(body) {
        return label.map(str::to_owned);
    }
    // A browser's order (Encoding Standard, 6; HTML, 13.2.3.2): the mark, the header, the page itself.
    let label = charset(headers).or_else(|| meta_charset(body))?;
    is_foreign(&label).then_some(label)
}

/// Whether a page's header names an encoding in which a stream can be searched neither for tags nor for directives.
pub(super) fn is_opaque(headers: &[Field<'_>]) -> bool {
    charset(headers).is_some_and(|label| is_foreign(&label) && !is_wide(&label))
}

/// What the byte order mark says, which counts before everything else: `Some(None)` for UTF-8.
fn by_mark(body: &[u8]) -> Option<Option<&'static str>> {
    match body {
        [0xef, 0xbb, 0xbf, ..] => Some(None),
        [0xff, 0xfe, 0, 0, ..] | [0, 0, 0xfe, 0xff, ..] => Some(Some("utf-32")),
        [0xff, 0xfe, ..] => Some(Some("utf-16le")),
        [0xfe, 0xff, ..] => Some(Some("utf-16be")),
        [b'+', b'/', b'v', b'8' | b'9' | b'+' | b'/', ..] => Some(Some("utf-7")),
        _ => None,
    }
}

/// The `charset` of `Content-Type`, in lower case.
fn charset(headers: &[Field<'_>]) -> Option<String> {
    let value = values(headers, "content-type").next()?;
    let of = |part: &[u8]| {
        let (name, argument) = directive(part);
        argument.filter(|_| name.eq_ignore_ascii_case(b"charset"))
    };
    label(&parts(value, b';').skip(1).find_map(of)?)
}

/// What a `meta` element says in the first bytes of a page that its header says nothing of. Browsers take UTF-16 there
/// for UTF-8, since they could read it.
fn meta_charset(body: &[u8]) -> Option<String> {
    let start = body[..body.len().min(PRESCAN)].to_ascii_lowercase();
    let at = memchr::memmem::find(&start, b"charset")? + "charset".len();
    let rest = start[at..].trim_ascii_start().strip_prefix(b"=")?.trim_ascii_start();
    let rest = rest.strip_prefix(b"\"").or_else(|| rest.strip_prefix(b"'")).unwrap_or(rest);
    let end = rest.iter().position(|b| b"\"' \t\r\n/>;".contains(b)).unwrap_or(rest.len());
    label(&rest[..end]).filter(|label| !label.starts_with("utf-"))
}

fn label(text: &[u8]) -> Option<String> {
    let text = std::str::from_utf8(text).ok()?.trim();
    (text.len() < 40).then(|| text.to_ascii_lowercase().replace('_', "-")).filter(|label| !label.is_empty())
}

fn is_foreign(label: &str) -> bool {
    let page = label.strip_prefix("ibm").or_else(|| label.strip_prefix("cp")).map(|page| page.trim_start_matches('-'));
    FOREIGN.iter().any(|start| label.starts_with(start))
        || is_wide(label)
        || page.is_some_and(|page| EBCDIC.contains(&page))
}

fn is_wide(label: &str) -> bool {
    WIDE.iter().any(|start| label.starts_with(start))
}

/// Whether a text holds a directive in a tag, in ASCII, or in one of the encodings in which letters are wider (UTF-16 and
/// UTF-32 put zeros between them) or others (EBCDIC).
pub(super) fn holds_directive(body: &[u8]) -> bool {
    if let Some(has_directive) = wide::directive_in(body) {
        return has_directive;
    }
    if stands_in_a_tag(body) {
        return true;
    }
    if memchr::memchr(0, body).is_some() {
        // Wide, although its first characters do not show it.
        let narrow: Vec<u8> = body.iter().copied().filter(|b| *b != 0).collect();
        return stands_in_a_tag(&narrow);
    }
    // A ':' of EBCDIC is a 'z' of ASCII, and in a directive between two letters beyond ASCII.
    let is_ebcdic = body.windows(3).any(|w| matches!(w, [0x99, 0x7a, _]));
    is_ebcdic && stands_in_a_tag(&body.iter().map(|b| from_ebcdic(*b)).collect::<Vec<_>>())
}

/// The letters and signs of a directive; what else there is becomes something that is none.
fn from_ebcdic(b: u8) -> u8 {
    match b {
        0x81..=0x89 => b - 0x81 + b'a',
        0x91..=0x99 => b - 0x91 + b'j',
        0xa2..=0xa9 => b - 0xa2 + b's',
        0xc1..=0xc9 => b - 0xc1 + b'A',
        0xd1..=0xd9 => b - 0xd1 + b'J',
        0xe2..=0xe9 => b - 0xe2 + b'S',
        0x7a => b':',
        0x4c => b'<',
        0x6e => b'>',
        0x60 => b'-',
        0x61 => b'/',
        0x7e => b'=',
        0x40 | 0x15 | 0x25 => b' ',
        _ => b'?',
    }
}

#[cfg(test)]
mod tests {
    use super::{foreign, from_ebcdic, holds_directive};

    const PAGE: &str = "<p>Hi</p><Avatar server:defer size=\"3\"></Avatar>";

    fn named(content_type: &str, body: &[u8]) -> Option<String> {
        foreign(&[("Content-Type", content_type.as_bytes())], body)
    }

    #[test]
    fn encodings_that_are_not_ascii_are_known_by_their_labels() {
        for label in [
            "UTF-16",
            "utf-16le",
            "\"utf-16be\"",
            "utf-32",
            "UTF-7",
            "iso-2022-jp",
            "ISO-2022-KR",
            "hz-gb-2312",
            "ucs-2",
            "unicode",
            "cp037",
            "IBM500",
            "EBCDIC-US",
            "csISO2022JP",
        ] {
            assert!(named(&format!("text/html; charset={label}"), b"").is_some(), "{label}");
        }
        for label in [
            "utf-8",
            "iso-8859-1",
            "shift_jis",
            "gbk",
            "gb18030",
            "big5",
            "euc-jp",
            "windows-1252",
            "ibm866",
            "koi8-r",
            "",
        ] {
            assert_eq!(named(&format!("text/html; charset={label}"), b"<p>"), None, "{label}");
        }
        assert_eq!(named("text/html; x=\"; charset=utf-16\"", b""), None);
    }

    #[test]
    fn a_byte_order_mark_counts_before_the_header() {
        assert!(named("text/html; charset=utf-8", b"\xff\xfe<\0").is_some());
        assert!(named("text/html", b"\xfe\xff\0<").is_some());
        assert!(named("text/html", b"\0\0\xfe\xff").is_some());
        assert_eq!(named("text/html; charset=utf-16", b"\xef\xbb\xbf<p>"), None);
    }

    #[test]
    fn a_meta_element_counts_where_the_header_says_nothing() {
        for page in
            ["<meta charset=iso-2022-jp>", "<meta http-equiv=Content-Type content='text/html; charset=ISO-2022-JP'>"]
        {
            assert!(named("text/html", page.as_bytes()).is_some(), "{page}");
            assert_eq!(named("text/html; charset=utf-8", page.as_bytes()), None);
        }
        for page in ["<meta charset=utf-16>", "<meta charset='utf-8'>", "<p>charset", "charset="] {
            assert_eq!(named("text/html", page.as_bytes()), None, "{page}");
        }
    }

    #[test]
    fn a_directive_is_found_in_wide_text_and_in_ebcdic() {
        let units = || PAGE.encode_utf16();
        let ebcdic: Vec<u8> = PAGE.bytes().map(|b| (0..=255).find(|e| from_ebcdic(*e) == b).unwrap_or(0x6f)).collect();
        let texts: [Vec<u8>; 5] = [
            PAGE.into(),
            units().flat_map(u16::to_le_bytes).collect(),
            units().flat_map(u16::to_be_bytes).collect(),
            PAGE.chars().flat_map(|c| u32::from(c).to_le_bytes()).collect(),
            ebcdic,
        ];
        for text in &texts {
            assert!(holds_directive(text));
        }
        let plain = PAGE.replace("server:defer", "data-x");
        assert!(!holds_directive(plain.as_bytes()));
        assert!(!holds_directive(&plain.encode_utf16().flat_map(u16::to_le_bytes).collect::<Vec<_>>()));
    }

    #[test]
    fn a_placeholder_that_a_helper_marked_is_no_directive() {
        let page = "<turbo-stream><tr server:placed island=\"Cart\">";
        let wide: Vec<u8> = page.encode_utf16().flat_map(u16::to_le_bytes).collect();
        for text in [page.as_bytes(), &wide] {
            assert!(!holds_directive(text));
        }
        assert!(holds_directive(format!("{page}<tr server:placedx>").as_bytes()));
        assert!(holds_directive(format!("{page}<tr server:defer=A>").as_bytes()));
    }

    #[test]
    fn a_text_that_only_tells_of_a_directive_holds_none() {
        for text in
            ["Write server:defer on the element.", "<p>Write server:defer</p>", "a > b server:defer", "server:defer"]
        {
            assert!(!holds_directive(text.as_bytes()), "{text}");
        }
    }
}
