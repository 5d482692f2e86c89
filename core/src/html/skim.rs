//! Crosses the ordinary parts of a page: text, and tags that are written as nearly all tags are.
//!
//! Where the machine has wide vectors, whole blocks are [proved](super::proof) to be ordinary. What is left is looked at tag by
//! tag. Sixty-four bytes at a time are turned into bit masks (where is a `<`, where a quote, …), and a tag is crossed by
//! looking at bits instead of bytes. Whatever is not ordinary (elements that hold text, svg that is no icon, stray quotes,
//! the last bytes of the buffer) is left to the [`Scanner`](super::scanner::Scanner), which knows all of HTML.

use wide::u8x16;

use super::is_space;
use super::proof::Prover;

/// A block's bytes by kind, the first byte in the lowest bit.
#[derive(Debug, Clone, Copy, Default)]
struct Masks {
    /// `<`
    open: u64,
    /// `"`
    quote: u64,
    /// What means something between attributes: `>` and `=`. A quote there is a character like any other.
    in_tag: u64,
}

const BLOCK: usize = 64;

impl Masks {
    #[inline(always)]
    fn of(block: &[u8; BLOCK]) -> Self {
        let mut masks = Self::default();
        let (parts, _) = block.as_chunks::<16>();
        for (index, part) in parts.iter().enumerate() {
            let bytes = u8x16::from(*part);
            let is = |byte: u8| bytes.simd_eq(u8x16::splat(byte));
            let at = |lanes: u8x16| u64::from(lanes.to_bitmask()) << (16 * index);
            masks.open |= at(is(b'<'));
            masks.quote |= at(is(b'"'));
            masks.in_tag |= at(is(b'>') | is(b'='));
        }
        masks
    }
}

/// A place in the buffer with the masks of the block around it. Only moves forward.
struct Cursor<'b> {
    buffer: &'b [u8],
    base: usize,
    masks: Masks,
}

impl<'b> Cursor<'b> {
    #[inline(always)]
    fn at(buffer: &'b [u8], base: usize) -> Option<Self> {
        let block = buffer.get(base..)?.first_chunk::<BLOCK>()?;
        Some(Self { buffer, base, masks: Masks::of(block) })
    }

    /// The first position from `from` on whose bit is set in the masks that `kind` picks, or `None` where the buffer has
    /// no more whole blocks.
    #[inline(always)]
    fn find(&mut self, from: usize, kind: impl Fn(&Masks) -> u64) -> Option<usize> {
        while from >= self.base + BLOCK {
            *self = Self::at(self.buffer, self.base + BLOCK)?;
        }
        // Bits before `from` are of bytes that have been dealt with.
        let mut hits = kind(&self.masks) & (u64::MAX << (from - self.base));
        while hits == 0 {
            *self = Self::at(self.buffer, self.base + BLOCK)?;
            hits = kind(&self.masks);
        }
        Some(self.base + hits.trailing_zeros() as usize)
    }
}

/// Crosses pages, and knows how well proofs have gone. Where every tag is written unlike others, a proof would only be a
/// second look at it: then most tags are crossed without one.
#[derive(Debug)]
pub(super) struct Skimmer {
    prover: Prover,
    /// How many tags are crossed one by one after the last proof.
    pause: u32,
    /// How many of them are left before the next one.
    left: u32,
}

/// A proof that gets no further than this has cost more than it saved.
const WORTHWHILE: usize = 2 * BLOCK;

/// Where no proof gets anywhere, one is tried for so many tags.
const LONGEST_PAUSE: u32 = 63;

impl Skimmer {
    pub(super) fn new(prover: Prover) -> Self {
        let left = if prover.is_none() { u32::MAX } else { 0 };
        Self { prover, pause: 0, left }
    }

    /// The first place at or after `from` that needs the scanner: a `<` of something that is not ordinary or ends after
    /// `wake`, or a place in text near the end of the buffer. `from` is in text, outside svg and math.
    #[inline(always)]
    pub(super) fn skim(&mut self, buffer: &[u8], from: usize, wake: usize) -> usize {
        // A register's while tags are crossed.
        let mut left = self.left;
        let place = self.cross(buffer, from, wake, &mut left);
        self.left = left;
        place
    }

    /// A place at or after `from` up to which a proof says that all is ordinary, and how many tags to cross before the next.
    #[inline(never)]
    fn prove(&mut self, buffer: &[u8], from: usize, wake: usize) -> (usize, u32) {
        let place = self.prover.prove(buffer, from, wake);
        self.pause = if place - from >= WORTHWHILE { 0 } else { (2 * self.pause + 1).min(LONGEST_PAUSE) };
        (place, self.pause)
    }

    #[inline(always)]
    fn cross(&mut self, buffer: &[u8], mut from: usize, wake: usize, left: &mut u32) -> usize {
        if *left == 0 {
            (from, *left) = self.prove(buffer, from, wake);
        }
        let Some(mut cursor) = Cursor::at(buffer, from) else { return from };
        // The start of a template that is being crossed. Until its end tag has come it may turn out to need the scanner.
        let mut template = None;
        let mut at = from;
        loop {
            let Some(open) = cursor.find(at, |masks| masks.open) else { return template.unwrap_or(at) };
            // Eight bytes at once: the longest name that is watched is told by its first four, so that a name is one number.
            let Some(word) = buffer.get(open + 1..).and_then(|rest| rest.first_chunk::<8>()) else {
                return template.unwrap_or(open);
            };
            let word = u64::from_le_bytes(*word);
            let end = match word as u8 {
                b'/' => ordinary_tag(&mut cursor, open + 2, word >> 8),
                b'!' => comment_end(&mut cursor, open, word),
                b'?' => None,
                byte if byte.is_ascii_alphabetic() => ordinary_tag(&mut cursor, open + 1, word),
                _ => Some(open + 1),
            };
            match end {
                // A tag that ends after the wake is the caller's: it may hold the directive.
                Some(end) if end <= wake => {
                    at = end;
                    if *left > 0 {
                        *left -= 1;
                        continue;
                    }
                    (at, *left) = self.prove(buffer, end, wake);
                    if at > end {
                        let Some(next) = Cursor::at(buffer, at) else { return template.unwrap_or(at) };
                        cursor = next;
                    }
                }
                _ => {
                    let Some(end) = whole_end(buffer, open, wake, &mut template) else {
                        return template.unwrap_or(open);
                    };
                    // A new cursor: given away, this one would have to live in memory all the time.
                    let Some(next) = Cursor::at(buffer, end) else { return template.unwrap_or(end) };
                    cursor = next;
                    at = end;
                }
            }
        }
    }
}

/// The position after an icon or a template's tag at `open` of which the scanner need not know: all that the tree makes of
/// it is over again at its end.
#[inline(never)]
fn whole_end(buffer: &[u8], open: usize, wake: usize, template: &mut Option<usize>) -> Option<usize> {
    let rest = &buffer[open + 1..];
    let end = if rest.starts_with(b"svg") {
        icon_end(buffer, open)?
    } else if template.is_some() && rest.starts_with(b"/template>") {
        open + b"</template>".len()
    } else if template.is_none() && rest.starts_with(b"template") {
        template_tag_end(buffer, open)?
    } else {
        return None;
    };
    if end > wake {
        return None;
    }
    match rest[0] {
        b't' => *template = Some(open),
        b'/' => *template = None,
        _ => {}
    }
    Some(end)
}

/// The position after a template's start tag. Whatever the tree makes of ordinary tags and icons in it, all of it is over at
/// the end tag.
fn template_tag_end(buffer: &[u8], open: usize) -> Option<usize> {
    let name_end = open + b"<template".len();
    let after = *buffer.get(name_end)?;
    if !is_space(after) && after != b'>' {
        return None;
    }
    tag_end(&mut Cursor::at(buffer, open)?, name_end)
}

/// The position after an icon: an svg of which nothing needs the tree, since it holds shapes, groups and comments alone and
/// each is closed. Pages have them by the dozen, and telling the tree of every tag would take longer than all else.
fn icon_end(buffer: &[u8], open: usize) -> Option<usize> {
    let cursor = &mut Cursor::at(buffer, open)?;
    let mut at = quoted_tag(cursor, open + 4)?;
    if buffer[at - 2] == b'/' {
        return Some(at);
    }
    let mut groups = 0_usize;
    loop {
        let tag = cursor.find(at, |masks| masks.open)?;
        let rest = &buffer[tag + 1..];
        let word = u64::from_le_bytes(*rest.first_chunk::<8>()?);
        if word as u8 == b'!' {
            at = comment_end(cursor, tag, word)?;
        } else if rest.starts_with(b"/svg>") {
            return (groups == 0).then_some(tag + 6);
        } else if rest.starts_with(b"/g>") {
            groups = groups.checked_sub(1)?;
            at = tag + 4;
        } else {
            let shape = SHAPES.iter().find(|shape| shape.begins(word))?;
            at = quoted_tag(cursor, tag + 1 + shape.len)?;
            if buffer[at - 2] != b'/' {
                if shape.len == 1 {
                    groups += 1;
                } else {
                    at += shape.end_tag(buffer.get(at..)?)?;
                }
            }
        }
    }
}

/// A name as a number, so that it is compared at once.
struct Shape {
    word: u64,
    len: usize,
}

/// What an icon is made of, groups with the shortest name.
const SHAPES: [Shape; 8] = [
    Shape::new(b"path"),
    Shape::new(b"g"),
    Shape::new(b"circle"),
    Shape::new(b"rect"),
    Shape::new(b"line"),
    Shape::new(b"polyline"),
    Shape::new(b"polygon"),
    Shape::new(b"ellipse"),
];

impl Shape {
    const fn new(name: &[u8]) -> Self {
        let mut word = [0; 8];
        let mut at = 0;
        while at < name.len() {
            word[at] = name[at];
            at += 1;
        }
        Self { word: u64::from_le_bytes(word), len: name.len() }
    }

    /// Whether `word` begins with the name.
    fn begins(&self, word: u64) -> bool {
        word & (u64::MAX >> (64 - 8 * self.len)) == self.word
    }

    /// The length of the end tag, if `rest` begins with it.
    fn end_tag(&self, rest: &[u8]) -> Option<usize> {
        let is_it = rest.starts_with(b"</")
            && self.begins(u64::from_le_bytes(*rest.get(2..)?.first_chunk::<8>()?))
            && *rest.get(2 + self.len)? == b'>';
        is_it.then_some(self.len + 3)
    }
}

/// The position after the `>` of a tag whose name ends at `name_end`, if every value in it has double quotes: then a `/`
/// before the `>` ends the element, and is no part of a value.
#[inline(always)]
fn quoted_tag(cursor: &mut Cursor<'_>, name_end: usize) -> Option<usize> {
    let buffer = cursor.buffer;
    let byte = *buffer.get(name_end)?;
    if !is_space(byte) && byte != b'/' && byte != b'>' {
        return None;
    }
    let mut at = name_end;
    loop {
        let hit = cursor.find(at, |masks| masks.in_tag)?;
        if buffer[hit] == b'>' {
            return Some(hit + 1);
        }
        let is_value = hit > at && !is_space(buffer[hit - 1]) && buffer[hit - 1] != b'/';
        if !is_value || *buffer.get(hit + 1)? != b'"' {
            return None;
        }
        at = cursor.find(hit + 2, |masks| masks.quote)? + 1;
    }
}

/// The position after a comment's end.
#[inline(always)]
fn comment_end(cursor: &mut Cursor<'_>, open: usize, word: u64) -> Option<usize> {
    const START: u64 = u64::from_le_bytes(*b"!--\0\0\0\0\0");
    if word & 0x00ff_ffff != START {
        return None;
    }
    let body = open + 4;
    let mut at = body;
    loop {
        let hit = cursor.find(at, |masks| masks.in_tag)?;
        if cursor.buffer[hit] == b'>' {
            let text = &cursor.buffer[body..hit];
            // `<!-->` and its like are not ordinary.
            if text.len() < 2 {
                return None;
            }
            if text.ends_with(b"--") || text.ends_with(b"--!") {
                return Some(hit + 1);
            }
        }
        at = hit + 1;
    }
}

/// The position after the `>` of a tag whose name is at `name` and begins with `word`, if nothing about it needs the
/// scanner.
#[inline(always)]
fn ordinary_tag(cursor: &mut Cursor<'_>, name: usize, word: u64) -> Option<usize> {
    let buffer = cursor.buffer;
    if is_watched(word) {
        return None;
    }
    let hit = cursor.find(name, |masks| masks.in_tag)?;
    if buffer[hit] == b'>' {
        return Some(hit + 1);
    }
    // The first attribute: the tag's name must have ended.
    if !has_space(word, hit - name) && !buffer[name..hit].iter().copied().any(is_space) {
        return None;
    }
    let at = value_end(cursor, hit)?;
    tag_end(cursor, at)
}

/// The position after the `>` of a tag from a place between attributes on.
#[inline(always)]
fn tag_end(cursor: &mut Cursor<'_>, from: usize) -> Option<usize> {
    let mut at = from;
    loop {
        let hit = cursor.find(at, |masks| masks.in_tag)?;
        if cursor.buffer[hit] == b'>' {
            return Some(hit + 1);
        }
        // A `=` right after a value begins a name; the scanner knows what becomes of it.
        if hit == at {
            return None;
        }
        at = value_end(cursor, hit)?;
    }
}

/// Where the names of attributes may go on after the value that follows `equals`: a `=` after a name, and then quotes
/// or a bare word.
#[inline(always)]
fn value_end(cursor: &mut Cursor<'_>, equals: usize) -> Option<usize> {
    let buffer = cursor.buffer;
    // `a =b` and `/=b`: what the `=` belongs to depends on what came before the white space or the slash.
    if is_space(buffer[equals - 1]) || buffer[equals - 1] == b'/' {
        return None;
    }
    match *buffer.get(equals + 1)? {
        b'"' => cursor.find(equals + 2, |masks| masks.quote).map(|quote| quote + 1),
        // Rare enough not to be in the masks: a fifth comparison for each block would cost every page.
        b'\'' => memchr::memchr(b'\'', &buffer[equals + 2..]).map(|value| equals + 3 + value),
        byte if is_space(byte) => None,
        _ => {
            let value = buffer[equals + 1..].iter().position(|byte| is_space(*byte) || *byte == b'>')?;
            Some(equals + 1 + value)
        }
    }
}

/// Whether one of the first `len` of `word`'s bytes is a space: the end of nearly every name that attributes follow.
#[inline(always)]
const fn has_space(word: u64, len: usize) -> bool {
    const ONES: u64 = 0x0101_0101_0101_0101;
    // The classic test for a zero byte, of the bytes that differ from a space; the first one it finds is exact.
    let differ = word ^ (ONES * b' ' as u64);
    let found = differ.wrapping_sub(ONES) & !differ & (ONES << 7);
    found != 0 && (found.trailing_zeros() as usize / 8) < len
}

/// Whether a tag's name, which begins with `word`, may be one that changes how the page is read on, or is no name.
#[inline(always)]
fn is_watched(word: u64) -> bool {
    /// The first four letters of script, style, title, textarea, template, iframe, noembed, noframes, noscript,
    /// plaintext, frameset, math and head, in a table by their [`slot`].
    const WATCHED: [u32; 64] = {
        let names = [
            *b"scri", *b"styl", *b"titl", *b"text", *b"temp", *b"ifra", *b"noem", *b"nofr", *b"nosc", *b"plai",
            *b"math", *b"head", *b"fram",
        ];
        let mut table = [0; 64];
        let mut index = 0;
        while index < names.len() {
            let word = u32::from_le_bytes(names[index]);
            // Two names in one slot would lose the first: the build stops instead.
            assert!(table[slot(word)] == 0);
            table[slot(word)] = word;
            index += 1;
        }
        table
    };
    const SVG: u32 = u32::from_le_bytes(*b"svg\0");
    const XMP: u32 = u32::from_le_bytes(*b"xmp\0");
    let four = word as u32 | 0x2020_2020;
    let three = four & 0x00ff_ffff;
    // An end tag needs a letter after its slash.
    WATCHED[slot(four)] == four || three == SVG || three == XMP || !(four as u8).is_ascii_lowercase()
}

/// A hash that keeps the watched names apart.
const fn slot(word: u32) -> usize {
    (word.wrapping_mul(0x2265_b1f5) >> 26) as usize
}

#[cfg(test)]
mod tests {
    use super::{LONGEST_PAUSE, Prover, Skimmer};

    fn skim(buffer: &[u8], from: usize, wake: usize) -> usize {
        Skimmer::new(Prover::of_machine()).skim(buffer, from, wake)
    }

    #[test]
    fn where_proofs_keep_failing_few_are_tried_until_one_gets_on() {
        for (name, prover) in Prover::all().into_iter().filter(|(name, _)| *name != "none") {
            let mut skimmer = Skimmer::new(prover);
            let odd = "<p a='b'>text</p>".repeat(200);
            skimmer.skim(odd.as_bytes(), 0, usize::MAX);
            assert_eq!(skimmer.pause, LONGEST_PAUSE, "{name}");
            let ordinary = "<p a=\"b\">text</p>".repeat(200);
            skimmer.skim(ordinary.as_bytes(), 0, usize::MAX);
            assert_eq!((skimmer.pause, skimmer.left), (0, 0), "{name}");
        }
    }

    /// Whether skim crosses this and stops behind it.
    fn crosses(icon: &str) -> bool {
        let page = format!("<p>a{icon}<script>{}", " ".repeat(200));
        skim(page.as_bytes(), 0, usize::MAX) == 4 + icon.len()
    }

    #[test]
    fn an_icon_is_crossed_as_a_whole() {
        for icon in [
            "<svg viewBox=\"0 0 1 1\"><path d=\"M0\"/></svg>",
            "<svg><!-- a > b --><g fill=\"x>y\"><path d=\"M0\"></path><g><circle r=\"1\" /></g></g> </svg>",
            "<svg/><svg a=\"<\"/><svg></svg>",
            "<svg>text<polyline/><polygon/><line/><rect/><ellipse/></svg>",
        ] {
            assert!(crosses(icon), "{icon}");
        }
    }

    #[test]
    fn a_template_of_ordinary_tags_and_icons_is_crossed_as_a_whole() {
        for template in [
            "<template></template>",
            "<template id=a class=\"b\"><span><svg><path d=\"M0\"/></svg></span></template>",
            "<template ><col><!-- a > b --></p>text</template>",
            "<template></template><template>a</template>",
        ] {
            assert!(crosses(template), "{template}");
        }
    }

    #[test]
    fn a_template_that_the_tree_has_to_know_is_left_to_it_from_its_start() {
        for template in [
            "<template><style></style></template>",
            "<template><template></template></template>",
            "<template><svg><p></svg></template>",
            "<template>",
            "<template></template >",
            "<template =a></template>",
            "<template/></template>",
            "<template></TEMPLATE>",
            "<template></templates>",
            "</template>",
        ] {
            let page = format!("<p>a{template}{}", " ".repeat(200));
            assert_eq!(skim(page.as_bytes(), 0, usize::MAX), 4, "{template}");
        }
        let page = format!("<template id=a><p>text</p></template>{}", " ".repeat(200));
        for wake in 0..36 {
            assert_eq!(skim(page.as_bytes(), 0, wake), 0);
        }
    }

    #[test]
    fn an_svg_that_the_tree_has_to_know_is_left_to_it() {
        for svg in [
            "<svg><path></svg>",
            "<svg><g></svg></svg>",
            "<svg></g></svg>",
            "<svg><path d=M0/></path></svg>",
            "<svg><path d='>'/></svg>",
            "<svg><path></path ></svg>",
            "<svg><p></svg>",
            "<svg><title>a</title></svg>",
            "<svg><style></style></svg>",
            "<svg><![CDATA[x]]></svg>",
            "<svg><paths/></svg>",
            "<svgs></svg>",
            "<SVG></SVG>",
            "<svg a=\"x\"=\"y\"></svg>",
            "<svg a =\"x\"></svg>",
            "<svg><svg></svg></svg>",
        ] {
            let page = format!("<p>a{svg}{}", " ".repeat(200));
            assert!(svg.starts_with("<svgs") || skim(page.as_bytes(), 0, usize::MAX) == 4, "{svg}");
        }
    }

    #[test]
    fn an_icon_that_ends_after_the_wake_is_left_to_the_scanner() {
        let page = format!("<svg><path d=\"M0\"/></svg>{}", " ".repeat(200));
        assert_eq!(skim(page.as_bytes(), 0, 10), 0);
    }
}
