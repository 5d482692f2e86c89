//! The part of a page that is in memory, addressed by offsets from the page's start.

use std::ops::Range;

use crate::Position;

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
    let lines = memchr::memchr_iter(b'\n', bytes).count();
    let (line_start, column) = match memchr::memrchr(b'\n', bytes) {
        Some(newline) => (newline + 1, 1),
        None => (0, from.column),
    };
    let characters = characters(&bytes[line_start..]);
    let saturate = |count: usize| u32::try_from(count).unwrap_or(u32::MAX);
    Position { line: from.line.saturating_add(saturate(lines)), column: column.saturating_add(saturate(characters)) }
}

/// How many UTF-8 characters begin in `bytes`. Some pages are one long line: bytes that count bytes fit into vectors.
fn characters(bytes: &[u8]) -> usize {
    // A byte that goes on with a character does not count.
    let begins = |byte: &u8| u8::from(*byte & 0xc0 != 0x80);
    bytes.chunks(usize::from(u8::MAX)).map(|part| usize::from(part.iter().map(begins).sum::<u8>())).sum()
}

#[cfg(test)]
mod tests {
    use super::{START, advance, characters};

    #[test]
    fn long_lines_are_counted_to_the_last_character() {
        for len in [0, 1, 254, 255, 256, 1_000, 70_000] {
            assert_eq!(characters("é".repeat(len).as_bytes()), len);
            assert_eq!(characters(&vec![b'a'; len]), len);
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
