//! Pages in UTF-16 and UTF-32, in which no tag is the bytes that the scanner looks for: known by their first bytes, and
//! searched for a directive, which would leave in clear.

use super::directive;

/// How many of a page's first bytes tell whether it is wide.
const START: usize = 4;

/// How the characters of a wide page are laid out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Unit {
    /// Bytes of one unit: 2 or 4.
    len: usize,
    is_little: bool,
}

impl Unit {
    /// The layout that a page's first four bytes show: by a byte order mark, or by two characters of ASCII (UTF-16) or one
    /// (UTF-32) with zeros around them. A page that is no wide one never has a zero there.
    fn of(start: [u8; START]) -> Option<Self> {
        let (len, is_little) = match start {
            [0xff, 0xfe, 0, 0] | [1..=0xff, 0, 0, 0] => (4, true),
            [0, 0, 0xfe, 0xff] | [0, 0, 0, 1..=0xff] => (4, false),
            [0xff, 0xfe, ..] | [1..=0xff, 0, 1..=0xff, 0] => (2, true),
            [0xfe, 0xff, ..] | [0, 1..=0xff, 0, 1..=0xff] => (2, false),
            _ => return None,
        };
        Some(Self { len, is_little })
    }

    /// The character of one unit where it is ASCII. Anything else is a character that stands in no directive; half of it
    /// must not be taken for `<` or `>`.
    fn narrowed(self, unit: &[u8]) -> u8 {
        let value = unit.iter().rev().fold(0_u32, |value, byte| value << 8 | u32::from(*byte));
        let value = if self.is_little { value } else { value.swap_bytes() >> (32 - 8 * self.len) };
        u8::try_from(value).ok().filter(u8::is_ascii).unwrap_or(b'?')
    }
}

/// Watches a page that comes in chunks, however it is cut.
#[derive(Debug, Default)]
pub(crate) struct Watch {
    /// Bytes that no unit has been read of: the page's start, or a unit that the chunk cut.
    rest: Vec<u8>,
    state: State,
    /// What has been read, as ASCII, as far as it may belong to a directive.
    text: Vec<u8>,
}

#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
enum State {
    /// Fewer than four bytes have come.
    #[default]
    Unknown,
    /// The scanner can read the page.
    Narrow,
    Wide(Unit),
    /// A wide page whose directive has been found.
    Found,
}

impl Watch {
    /// Whether the scanner can read nothing of the page.
    pub(crate) fn is_wide(&self) -> bool {
        matches!(self.state, State::Wide(_) | State::Found)
    }

    /// Takes the next chunk; `true` once, when a directive stands in a tag.
    pub(crate) fn push(&mut self, chunk: &[u8]) -> bool {
        if self.state == State::Unknown {
            self.begin(chunk);
        }
        // A page that the scanner reads is not copied.
        if matches!(self.state, State::Narrow | State::Found) {
            return false;
        }
        self.rest.extend_from_slice(chunk);
        let State::Wide(unit) = self.state else { return false };
        let units = self.rest.chunks_exact(unit.len);
        let cut = units.remainder().len();
        self.text.extend(units.map(|bytes| unit.narrowed(bytes)));
        self.rest.drain(..self.rest.len() - cut);
        if stands_in_a_tag(&self.text) {
            *self = Self { state: State::Found, ..Self::default() };
            return true;
        }
        self.forget();
        false
    }

    /// Looks at the page's first bytes, once there are enough of them.
    fn begin(&mut self, chunk: &[u8]) {
        let start: Vec<u8> = self.rest.iter().chain(chunk).copied().take(START).collect();
        if let Some(start) = start.first_chunk() {
            self.state = Unit::of(*start).map_or(State::Narrow, State::Wide);
        }
    }

    /// Keeps the end of what was read, and the last bracket before it, which says whether a tag is open.
    fn forget(&mut self) {
        let gone = self.text.len().saturating_sub(directive::MARK.len());
        if let Some(at) = memchr::memrchr2(b'<', b'>', &self.text[..gone]) {
            self.text[0] = self.text[at];
            self.text.drain(1..gone);
        } else {
            self.text.drain(..gone);
        }
    }
}

/// What a whole page is: `None` where the scanner can read it, else whether a directive stands in a tag of it.
pub(crate) fn directive_in(page: &[u8]) -> Option<bool> {
    Unit::of(*page.first_chunk()?)?;
    Some(Watch::default().push(page))
}

/// Whether a directive stands between a `<` and the next `>`; a text that only tells of one seldom has it there. The mark of
/// a placeholder is none: it hides nothing.
pub(crate) fn stands_in_a_tag(text: &[u8]) -> bool {
    let (mut from, mut is_open) = (0, false);
    while let Some(at) = directive::find(text, from) {
        // Each stretch is searched once: a text may have any number of directives and no tag.
        is_open = memchr::memrchr2(b'<', b'>', &text[from..at]).map_or(is_open, |last| text[from + last] == b'<');
        if is_open && directive::names_mark(text, at) == Some(false) {
            return true;
        }
        from = at + directive::NAMESPACE.len();
    }
    false
}

#[cfg(test)]
mod tests {
    use super::{Watch, directive_in};

    const PAGE: &str = "<!doctype html><p title='㸀㰀'>Hi</p><Avatar title='㸀' server:defer size=\"3\"></Avatar>";
    const PLAIN: &str = "<p title='㰀'>Write server:defer<b a=\"㸀\"></b> server:defer";

    /// A text in every wide encoding, with and without a byte order mark.
    fn wide(text: &str) -> Vec<Vec<u8>> {
        let marked = [text.to_owned(), format!("\u{feff}{text}")];
        let encoded = marked.iter().flat_map(|text| {
            [
                text.encode_utf16().flat_map(u16::to_le_bytes).collect(),
                text.encode_utf16().flat_map(u16::to_be_bytes).collect(),
                text.chars().flat_map(|c| u32::from(c).to_le_bytes()).collect(),
                text.chars().flat_map(|c| u32::from(c).to_be_bytes()).collect(),
            ]
        });
        encoded.collect()
    }

    #[test]
    fn a_directive_is_found_in_every_wide_encoding_and_only_in_a_tag() {
        for (page, plain) in wide(PAGE).iter().zip(&wide(PLAIN)) {
            assert_eq!((directive_in(page), directive_in(plain)), (Some(true), Some(false)), "{:?}", &page[..4]);
        }
    }

    #[test]
    fn a_page_that_the_scanner_reads_is_not_wide() {
        for page in [PAGE.as_bytes(), b"", b"<p>", b"\xef\xbb\xbf<p>", b"\xff\xfe", b"<\0\0p", b"\xfe\xfd<p"] {
            assert_eq!(directive_in(page), None);
        }
    }

    #[test]
    fn it_is_found_once_however_the_page_is_cut() {
        for (page, plain) in wide(PAGE).iter().zip(&wide(PLAIN)) {
            for size in [1, 2, 3, 5, 7, 16, 64] {
                let found = |page: &[u8]| {
                    let mut watch = Watch::default();
                    let found = page.chunks(size).filter(|chunk| watch.push(chunk)).count();
                    (found, watch.is_wide(), watch.text.len() <= crate::html::directive::MARK.len() + 1)
                };
                assert_eq!((found(page), found(plain)), ((1, true, true), (0, true, true)), "{size}");
            }
        }
    }
}
