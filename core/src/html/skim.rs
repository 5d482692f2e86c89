//! Crosses the ordinary parts of a page: text, and tags that are written as nearly all tags are.
//!
//! Sixty-four bytes at a time are turned into bit masks (where is a `<`, where a quote, …), and a tag is crossed by
//! looking at bits instead of bytes. Whatever is not ordinary (comments, elements that hold text, svg, stray quotes,
//! the last bytes of the buffer) is left to the [`Scanner`](super::scanner::Scanner), which knows all of HTML.

use wide::u8x16;

/// A block's bytes by kind, the first byte in the lowest bit.
#[derive(Debug, Clone, Copy, Default)]
struct Masks {
    /// `<`
    open: u64,
    /// `"`
    quote: u64,
    /// What means something between attributes: `>`, `=`, quotes, and the vertical tab, which [`space`](Self::space)
    /// takes for white space and HTML does not.
    in_tag: u64,
    /// White space, and the vertical tab.
    space: u64,
    /// `>`
    close: u64,
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
            let (quote, close) = (is(b'"'), is(b'>'));
            // Tab, line feed, vertical tab, form feed and carriage return are 9 to 13.
            let control = bytes - u8x16::splat(9);
            let space = control.min(u8x16::splat(4)).simd_eq(control) | is(b' ');
            masks.open |= at(is(b'<'));
            masks.quote |= at(quote);
            masks.close |= at(close);
            masks.in_tag |= at(quote | close | is(b'=') | is(b'\'') | is(VERTICAL_TAB));
            masks.space |= at(space);
        }
        masks
    }
}

const VERTICAL_TAB: u8 = 0x0b;

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
        let mut hits = kind(&self.masks) & (u64::MAX << (from - self.base));
        while hits == 0 {
            *self = Self::at(self.buffer, self.base + BLOCK)?;
            hits = kind(&self.masks);
        }
        Some(self.base + hits.trailing_zeros() as usize)
    }

    /// Whether there is white space between `from` and `to`, where `to` is in the block.
    #[inline(always)]
    fn has_space(&self, from: usize, to: usize) -> bool {
        if from < self.base {
            return self.buffer[from..to].iter().any(|byte| matches!(byte, b' ' | b'\n' | b'\t' | b'\r' | b'\x0c'));
        }
        self.masks.space & (u64::MAX << (from - self.base)) & !(u64::MAX << (to - self.base)) != 0
    }
}

/// The first place at or after `from` that needs the scanner: a `<` of something that is not ordinary or ends after
/// `wake`, or a place in text near the end of the buffer. `from` is in text, outside svg and math.
#[inline]
pub(super) fn skim(buffer: &[u8], from: usize, wake: usize) -> usize {
    let Some(mut cursor) = Cursor::at(buffer, from) else { return from };
    let mut at = from;
    loop {
        let Some(open) = cursor.find(at, |masks| masks.open) else { return at };
        let name = match buffer.get(open + 1) {
            Some(b'/') => open + 2,
            Some(byte) if byte.is_ascii_alphabetic() => open + 1,
            Some(b'!' | b'?') | None => return open,
            Some(_) => {
                at = open + 1;
                continue;
            }
        };
        if is_watched(buffer, name) {
            return open;
        }
        match tag_end(&mut cursor, name) {
            Some(end) if end <= wake => at = end,
            _ => return open,
        }
    }
}

/// The position after an ordinary tag's `>`.
#[inline(always)]
fn tag_end(cursor: &mut Cursor<'_>, name: usize) -> Option<usize> {
    let buffer = cursor.buffer;
    let hit = cursor.find(name, |masks| masks.in_tag)?;
    if buffer[hit] == b'>' {
        return Some(hit + 1);
    }
    // The first attribute: the tag's name must have ended.
    if !cursor.has_space(name, hit) {
        return None;
    }
    let mut at = value_end(cursor, hit)?;
    loop {
        let hit = cursor.find(at, |masks| masks.in_tag)?;
        if buffer[hit] == b'>' {
            return Some(hit + 1);
        }
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
    if buffer[equals] != b'=' || matches!(buffer[equals - 1], b' ' | b'\n' | b'\t' | b'\r' | b'\x0c' | b'/') {
        return None;
    }
    match *buffer.get(equals + 1)? {
        b'"' => cursor.find(equals + 2, |masks| masks.quote).map(|quote| quote + 1),
        b'\'' => None,
        _ => {
            let end = cursor.find(equals + 1, |masks| masks.space | masks.close)?;
            // White space before the value, or a vertical tab in it, is not ordinary.
            let is_ordinary = end > equals + 1 && buffer[end] != VERTICAL_TAB;
            is_ordinary.then_some(end)
        }
    }
}

/// Whether a tag's name begins like one that changes how the page is read on.
#[inline(always)]
fn is_watched(buffer: &[u8], name: usize) -> bool {
    /// The first four letters of script, style, title, textarea, template, iframe, noembed, noframes, noscript,
    /// plaintext, math and head, in a table by their [`slot`].
    const WATCHED: [u32; 64] = {
        let names = [
            *b"scri", *b"styl", *b"titl", *b"text", *b"temp", *b"ifra", *b"noem", *b"nofr", *b"nosc", *b"plai",
            *b"math", *b"head",
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
    let Some(first) = buffer.get(name..).and_then(|rest| rest.first_chunk::<4>()) else { return true };
    let word = u32::from_le_bytes(*first) | 0x2020_2020;
    let three = word & 0x00ff_ffff;
    // An end tag needs a letter after its slash.
    WATCHED[slot(word)] == word || three == SVG || three == XMP || !first[0].is_ascii_alphabetic()
}

/// A hash that keeps the watched names apart.
const fn slot(word: u32) -> usize {
    (word.wrapping_mul(0x2265_b1f5) >> 26) as usize
}
