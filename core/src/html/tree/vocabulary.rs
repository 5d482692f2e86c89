//! The names that the tree builder's rules speak of, what the rules say of each, and numbers for all others.

use std::collections::HashMap;

/// An element's name without its case, as a number: names are compared far more often than they are read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Name(u32);

/// Stops an end tag that looks for a namesake ("special", WHATWG HTML, 13.2.4.2).
pub(super) const SPECIAL: u16 = 1;
/// Ends what an end tag or a new paragraph may look for ("particular scope").
pub(super) const SCOPE: u16 = 1 << 1;
/// Its start tag closes an open paragraph.
pub(super) const CLOSES_P: u16 = 1 << 2;
/// Its end tag closes it wherever it is in scope.
pub(super) const BLOCK: u16 = 1 << 3;
/// Its end tag may be left out ("implied end tags").
pub(super) const IMPLIED: u16 = 1 << 4;
/// It is opened again after what is around it has been closed ("formatting").
pub(super) const FORMATTING: u16 = 1 << 5;
/// Keeps formatting elements apart: `object` and its like.
pub(super) const MARKER: u16 = 1 << 6;
/// It has no content.
pub(super) const VOID: u16 = 1 << 7;
/// A void element before which formatting elements are opened again, as before text.
pub(super) const IN_TEXT: u16 = 1 << 8;
/// A part of a table.
pub(super) const TABLE_PART: u16 = 1 << 9;
/// Its start tag leaves svg and math (13.2.6.5).
pub(super) const BREAKS_OUT: u16 = 1 << 10;
/// It holds text instead of markup.
pub(super) const TEXT: u16 = 1 << 11;
/// It does not say what a `template` is about.
pub(super) const METADATA: u16 = 1 << 12;
pub(super) const HEADING: u16 = 1 << 13;
/// In svg or math, its content is HTML.
pub(super) const POINT: u16 = 1 << 14;
/// No HTML element of this name is ever closed by an end tag inside of svg or math.
pub(super) const NEVER_OPEN: u16 = 1 << 15;

const PARAGRAPHS: u16 = SPECIAL | CLOSES_P | BLOCK;
const ITEM: u16 = SPECIAL | IMPLIED;
const ABOUT: u16 = SPECIAL | VOID | METADATA;
const PART: u16 = SPECIAL | TABLE_PART;

/// Sorted by name. Names of which nothing is said are here because svg and math are full of them.
const KNOWN: &[(&str, u16)] = &[
    ("a", FORMATTING),
    ("address", PARAGRAPHS),
    ("annotation-xml", POINT),
    ("applet", SPECIAL | SCOPE | MARKER),
    ("area", SPECIAL | VOID | IN_TEXT),
    ("article", PARAGRAPHS),
    ("aside", PARAGRAPHS),
    ("b", FORMATTING | BREAKS_OUT),
    ("base", ABOUT),
    ("basefont", ABOUT),
    ("bgsound", ABOUT),
    ("big", FORMATTING | BREAKS_OUT),
    ("blockquote", PARAGRAPHS | BREAKS_OUT),
    ("body", SPECIAL | BREAKS_OUT | NEVER_OPEN),
    ("br", SPECIAL | VOID | IN_TEXT | BREAKS_OUT),
    ("button", SPECIAL | BLOCK),
    ("caption", PART | SCOPE),
    ("center", PARAGRAPHS | BREAKS_OUT),
    ("circle", 0),
    ("clippath", 0),
    ("code", FORMATTING | BREAKS_OUT),
    ("col", PART),
    ("colgroup", PART),
    ("dd", ITEM | BREAKS_OUT),
    ("defs", 0),
    ("desc", POINT),
    ("details", PARAGRAPHS),
    ("dialog", CLOSES_P | BLOCK),
    ("dir", PARAGRAPHS),
    ("div", PARAGRAPHS | BREAKS_OUT),
    ("dl", PARAGRAPHS | BREAKS_OUT),
    ("dt", ITEM | BREAKS_OUT),
    ("ellipse", 0),
    ("em", FORMATTING | BREAKS_OUT),
    ("embed", SPECIAL | VOID | IN_TEXT | BREAKS_OUT),
    ("fieldset", PARAGRAPHS),
    ("figcaption", PARAGRAPHS),
    ("figure", PARAGRAPHS),
    ("filter", 0),
    ("font", FORMATTING),
    ("footer", PARAGRAPHS),
    ("foreignobject", POINT),
    ("form", SPECIAL | CLOSES_P),
    ("frame", SPECIAL | NEVER_OPEN),
    ("frameset", SPECIAL | NEVER_OPEN),
    ("g", 0),
    ("h1", SPECIAL | CLOSES_P | HEADING | BREAKS_OUT),
    ("h2", SPECIAL | CLOSES_P | HEADING | BREAKS_OUT),
    ("h3", SPECIAL | CLOSES_P | HEADING | BREAKS_OUT),
    ("h4", SPECIAL | CLOSES_P | HEADING | BREAKS_OUT),
    ("h5", SPECIAL | CLOSES_P | HEADING | BREAKS_OUT),
    ("h6", SPECIAL | CLOSES_P | HEADING | BREAKS_OUT),
    ("head", SPECIAL | BREAKS_OUT | NEVER_OPEN),
    ("header", PARAGRAPHS),
    ("hgroup", PARAGRAPHS),
    ("hr", SPECIAL | VOID | BREAKS_OUT),
    ("html", SPECIAL | SCOPE | NEVER_OPEN),
    ("i", FORMATTING | BREAKS_OUT),
    ("iframe", SPECIAL | TEXT),
    ("image", VOID | IN_TEXT),
    ("img", SPECIAL | VOID | IN_TEXT | BREAKS_OUT),
    ("input", SPECIAL | VOID | IN_TEXT),
    ("keygen", SPECIAL | VOID | IN_TEXT),
    ("li", ITEM | BREAKS_OUT),
    ("line", 0),
    ("lineargradient", 0),
    ("link", ABOUT),
    ("listing", PARAGRAPHS | BREAKS_OUT),
    ("main", PARAGRAPHS),
    ("malignmark", 0),
    ("marquee", SPECIAL | SCOPE | MARKER),
    ("mask", 0),
    ("math", NEVER_OPEN),
    ("menu", PARAGRAPHS | BREAKS_OUT),
    ("meta", ABOUT | BREAKS_OUT),
    ("mfrac", 0),
    ("mglyph", 0),
    ("mi", POINT),
    ("mn", POINT),
    ("mo", POINT),
    ("mrow", 0),
    ("ms", POINT),
    ("msub", 0),
    ("msup", 0),
    ("mtext", POINT),
    ("nav", PARAGRAPHS),
    ("nobr", FORMATTING | BREAKS_OUT),
    ("noembed", SPECIAL | TEXT),
    ("noframes", SPECIAL | TEXT | METADATA),
    ("noscript", SPECIAL | TEXT),
    ("object", SPECIAL | SCOPE | MARKER),
    ("ol", PARAGRAPHS | BREAKS_OUT),
    ("optgroup", IMPLIED),
    ("option", IMPLIED),
    ("p", SPECIAL | CLOSES_P | IMPLIED | BREAKS_OUT),
    ("param", SPECIAL | VOID),
    ("path", 0),
    ("plaintext", SPECIAL | TEXT),
    ("polygon", 0),
    ("polyline", 0),
    ("pre", PARAGRAPHS | BREAKS_OUT),
    ("radialgradient", 0),
    ("rb", IMPLIED),
    ("rect", 0),
    ("rp", IMPLIED),
    ("rt", IMPLIED),
    ("rtc", IMPLIED),
    ("ruby", BREAKS_OUT),
    ("s", FORMATTING | BREAKS_OUT),
    ("script", SPECIAL | TEXT | METADATA),
    ("search", PARAGRAPHS),
    ("section", PARAGRAPHS),
    ("select", SPECIAL | SCOPE | BLOCK),
    ("small", FORMATTING | BREAKS_OUT),
    ("source", SPECIAL | VOID),
    ("span", BREAKS_OUT),
    ("stop", 0),
    ("strike", FORMATTING | BREAKS_OUT),
    ("strong", FORMATTING | BREAKS_OUT),
    ("style", SPECIAL | TEXT | METADATA),
    ("sub", BREAKS_OUT),
    ("summary", PARAGRAPHS),
    ("sup", BREAKS_OUT),
    ("svg", NEVER_OPEN),
    ("symbol", 0),
    ("table", SPECIAL | SCOPE | BREAKS_OUT),
    ("tbody", PART),
    ("td", PART | SCOPE),
    ("template", SPECIAL | SCOPE | METADATA),
    ("text", 0),
    ("textarea", SPECIAL | TEXT),
    ("tfoot", PART),
    ("th", PART | SCOPE),
    ("thead", PART),
    ("title", SPECIAL | TEXT | METADATA | POINT),
    ("tr", PART),
    ("track", SPECIAL | VOID),
    ("tspan", 0),
    ("tt", FORMATTING | BREAKS_OUT),
    ("u", FORMATTING | BREAKS_OUT),
    ("ul", PARAGRAPHS | BREAKS_OUT),
    ("use", 0),
    ("var", BREAKS_OUT),
    ("wbr", SPECIAL | VOID | IN_TEXT),
    ("xmp", SPECIAL | TEXT),
];

impl Name {
    /// A name that nothing open has.
    pub(super) const OTHER: Self = Self(u32::MAX);

    /// A name of the table; the build stops if it is not there.
    pub(super) const fn of(name: &str) -> Self {
        let mut index = 0;
        while !is_equal(KNOWN[index].0.as_bytes(), name.as_bytes()) {
            index += 1;
        }
        Self(index as u32)
    }

    /// Whether any of these is said of the name.
    #[inline]
    pub(super) fn is(self, any: u16) -> bool {
        KNOWN.get(self.0 as usize).is_some_and(|(_, said)| said & any != 0)
    }
}

const fn is_equal(one: &[u8], other: &[u8]) -> bool {
    if one.len() != other.len() {
        return false;
    }
    let mut at = 0;
    while at < one.len() {
        if one[at] != other[at] {
            return false;
        }
        at += 1;
    }
    true
}

/// The numbers of all names that one page has opened in svg, math and templates.
#[derive(Debug, Default)]
pub(super) struct Names {
    others: HashMap<Box<[u8]>, u32>,
    bytes: usize,
    /// The name that is looked for, in lower case; kept for its memory.
    lower: Vec<u8>,
}

/// The most bytes of names that are kept: a page cannot make the tree grow without bound.
const MAX_BYTES: usize = 1 << 20;

impl Names {
    /// The number of a name that may be opened; `None` when there are too many of them.
    pub(super) fn number(&mut self, name: &[u8]) -> Option<Name> {
        if let Some(known) = self.find(name) {
            return Some(known);
        }
        if self.bytes + name.len() > MAX_BYTES || self.others.len() * size_of::<(Box<[u8]>, u32)>() > MAX_BYTES {
            return None;
        }
        let number = u32::try_from(KNOWN.len() + self.others.len()).ok()?;
        self.bytes += name.len();
        self.others.insert(name.to_ascii_lowercase().into(), number);
        Some(Name(number))
    }

    /// The number of a name, if one of that name may be open.
    pub(super) fn find(&mut self, name: &[u8]) -> Option<Name> {
        known(name).or_else(|| {
            if self.others.is_empty() {
                return None;
            }
            self.lower.clear();
            self.lower.extend(name.iter().map(u8::to_ascii_lowercase));
            self.others.get(self.lower.as_slice()).copied().map(Name)
        })
    }
}

/// The first eight bytes of a name as a number that sorts as the names do. Every tag in svg is looked up: numbers are
/// compared in one instruction, names in a call each.
#[inline]
const fn key(name: &[u8]) -> u64 {
    let mut key = 0;
    let mut at = 0;
    while at < 8 {
        // Letters in lower case; what else may be in a name is the same with this bit, or makes the comparison fail.
        key = key << 8 | if at < name.len() { name[at] as u64 | 0x20 } else { 0 };
        at += 1;
    }
    key
}

fn known(name: &[u8]) -> Option<Name> {
    const KEYS: [u64; KNOWN.len()] = {
        let mut keys = [0; KNOWN.len()];
        let mut index = 0;
        while index < keys.len() {
            keys[index] = key(KNOWN[index].0.as_bytes());
            index += 1;
        }
        keys
    };
    let index = KEYS.binary_search(&key(name)).ok()?;
    let is_it = KNOWN[index].0.as_bytes().eq_ignore_ascii_case(name);
    u32::try_from(index).ok().filter(|_| is_it).map(Name)
}

#[cfg(test)]
mod tests {
    use super::{KNOWN, Name, Names, TEXT, VOID, key, known};
    use crate::html::names::{TokenizerState, is_void, tokenizer_state};

    #[test]
    fn the_table_is_sorted_so_that_a_search_finds_each() {
        assert!(KNOWN.is_sorted_by(|one, other| key(one.0.as_bytes()) < key(other.0.as_bytes())));
        assert!(KNOWN.iter().all(|(name, _)| known(name.as_bytes()) == Some(Name::of(name))));
    }

    #[test]
    fn both_tables_of_names_agree_on_text_and_void_elements() {
        for (index, (name, _)) in (0u32..).zip(KNOWN) {
            let name_bytes = name.as_bytes();
            assert_eq!(Name(index).is(TEXT), tokenizer_state(name_bytes).0 != TokenizerState::Data, "{name}");
            // These two are void to the parser and unknown to authors, or the reverse.
            if !matches!(*name, "image" | "keygen" | "frame" | "col") {
                assert_eq!(Name(index).is(VOID), is_void(name_bytes), "{name}");
            }
        }
    }

    #[test]
    fn a_name_has_one_number_in_any_case() {
        let mut names = Names::default();
        assert_eq!(names.number(b"SVG"), Some(Name::of("svg")));
        assert_eq!(names.find(b"cart-row"), None);
        let row = names.number(b"cart-row");
        assert!(row.is_some() && names.find(b"Cart-Row") == row && names.number(b"cart") != row);
    }
}
