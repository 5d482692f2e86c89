//! The part of a page that is in memory, addressed by offsets from the page's start.

use std::ops::Range;

use crate::{Position, simd};

/// A window on the page.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Input<'b> {
    pub(crate) bytes: &'b [u8],
    /// The offset of the first byte.
    pub(crate) base: usize,
    /// The byte before the first one, if there is one.
    pub(crate) before: Option<u8>,
    /// The place of the first byte.
    pub(crate) origin: Position,
    /// Whether nothing comes after.
    pub(crate) is_last: bool,
}

/// Where every page starts.
pub(crate) const START: Position = Position { line: 1, column: 1 };

impl<'b> Input<'b> {
    /// A whole page.
    pub(crate) fn whole(bytes: &'b [u8]) -> Self {
        Self { bytes, base: 0, before: None, origin: START, is_last: true }
    }

    /// Whether this is a part of a page that comes in chunks.
    pub(crate) fn is_stream(&self) -> bool {
        !self.is_last || self.base > 0
    }

    pub(crate) fn end(&self) -> usize {
        self.base + self.bytes.len()
    }

    /// The bytes of a range that must be in memory.
    pub(crate) fn get(&self, range: Range<usize>) -> &'b [u8] {
        &self.bytes[range.start - self.base..range.end - self.base]
    }

    /// The byte before an offset.
    pub(crate) fn byte_before(&self, offset: usize) -> Option<u8> {
        (offset - self.base).checked_sub(1).map_or(self.before, |index| self.bytes.get(index).copied())
    }
}

/// The place after `bytes` that begin at `from`.
pub(crate) fn advance(from: Position, bytes: &[u8]) -> Position {
    let lines = simd::widest(
        #[inline(always)]
        || count(bytes, |byte| byte == b'\n'),
    );
    let (line_start, column) = match memchr::memrchr(b'\n', bytes) {
        Some(newline) => (newline + 1, 1),
        None => (0, from.column),
    };
    // A byte that goes on with a character does not count.
    let characters = simd::widest(
        #[inline(always)]
        || count(&bytes[line_start..], |byte| byte & 0xc0 != 0x80),
    );
    let saturate = |count: usize| u32::try_from(count).unwrap_or(u32::MAX);
    Position { line: from.line.saturating_add(saturate(lines)), column: column.saturating_add(saturate(characters)) }
}

/// How many bytes are so. A stream's every byte is counted, and some pages are one long line: sums that are bytes
/// themselves fit into vectors.
#[inline(always)]
fn count(bytes: &[u8], is: impl Fn(u8) -> bool) -> usize {
    const LANES: usize = 128;
    let (blocks, rest) = bytes.as_chunks::<LANES>();
    let part = |blocks: &[[u8; LANES]]| {
        let mut sums = [0_u8; LANES];
        for block in blocks {
            sums.iter_mut().zip(block).for_each(|(sum, byte)| *sum += u8::from(is(*byte)));
        }
        sums.into_iter().map(usize::from).sum::<usize>()
    };
    // Of no more blocks than a byte can count.
    let whole: usize = blocks.chunks(usize::from(u8::MAX)).map(part).sum();
    whole + rest.iter().filter(|byte| is(**byte)).count()
}

#[cfg(test)]
mod tests {
    use super::{START, advance};

    #[test]
    fn long_pages_are_counted_to_the_last_line_and_character() {
        for len in [0_u32, 1, 63, 64, 255, 64 * 255, 64 * 255 + 1, 70_000] {
            for (text, lines, characters) in
                [("é", 0, len), ("a", 0, len), ("\n", len, 0), ("\r\né", len, u32::from(len > 0))]
            {
                let place = advance(START, text.repeat(len as usize).as_bytes());
                assert_eq!((place.line, place.column), (1 + lines, 1 + characters), "{len} times {text:?}");
            }
        }
    }

    #[test]
    fn lines_and_columns_count_from_one_in_characters() {
        let place = |offset| {
            let at = advance(START, &"ab\né<A>".as_bytes()[..offset]);
            (at.line, at.column)
        };
        assert_eq!((place(0), place(2), place(3), place(5)), ((1, 1), (1, 3), (2, 1), (2, 2)));
    }
}
