//! The attributes of one tag: where each stands. Values are not decoded here.

use std::ops::Range;

use super::find::first_of;
use super::is_space;
use super::tag::Tag;

/// One attribute; all positions are offsets in the buffer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Attribute {
    /// The white space (or slash) before it.
    pub(crate) lead: usize,
    pub(crate) name_start: usize,
    pub(crate) name_end: usize,
    /// The value without its quotes.
    value: Option<(usize, usize)>,
    /// After the value and its quote.
    pub(crate) end: usize,
}

impl Attribute {
    pub(crate) fn name<'b>(&self, buffer: &'b [u8]) -> &'b [u8] {
        &buffer[self.name_start..self.name_end]
    }

    /// Where the value stands, without its quotes; `None` for an attribute without one.
    pub(crate) fn value_range(&self) -> Option<Range<usize>> {
        self.value.map(|(start, end)| start..end)
    }

    /// The raw value, or `None` for an attribute without one.
    pub(crate) fn value<'b>(&self, buffer: &'b [u8]) -> Option<&'b [u8]> {
        self.value.map(|(start, end)| &buffer[start..end])
    }
}

/// Whether a byte ends an attribute's name: names are so short that a look at each byte takes less time than a search.
static ENDS_NAME: [bool; 256] = {
    let mut ends = [false; 256];
    let mut byte = 0;
    while byte < 256 {
        ends[byte] = is_space(byte as u8) || matches!(byte as u8, b'/' | b'=' | b'>');
        byte += 1;
    }
    ends
};

/// Walks a tag's attributes as the tokenizer does (WHATWG HTML, 13.2.5.32 to 13.2.5.40), repeated names included.
#[derive(Debug)]
pub(crate) struct Attributes<'b> {
    buffer: &'b [u8],
    at: usize,
}

impl<'b> Attributes<'b> {
    pub(crate) fn of(buffer: &'b [u8], tag: &Tag) -> Self {
        Self::after(buffer, tag.name_end)
    }

    /// Those from the end of a tag's name to its `>`, or to the end of the buffer where there is none.
    pub(crate) fn after(buffer: &'b [u8], name_end: usize) -> Self {
        Self { buffer, at: name_end }
    }

    /// After the last attribute: the tag's `>`, or the end of the buffer.
    pub(crate) fn tag_end(&self) -> usize {
        self.at
    }

    /// The byte that comes next.
    fn peek(&self) -> Option<u8> {
        self.buffer.get(self.at).copied()
    }

    /// Moves over bytes while `wanted`, and tells where it stopped.
    fn skip(&mut self, wanted: impl Fn(u8) -> bool) -> usize {
        while self.peek().is_some_and(&wanted) {
            self.at += 1;
        }
        self.at
    }

    /// Reads what follows a `=`.
    fn value(&mut self) -> (usize, usize) {
        let start = self.skip(is_space);
        let Some(quote) = self.peek().filter(|byte| matches!(byte, b'"' | b'\'')) else {
            return (start, self.skip(|byte| !is_space(byte) && byte != b'>'));
        };
        let end = first_of(self.buffer, start + 1, [quote]);
        self.at = (end + 1).min(self.buffer.len());
        (start + 1, end)
    }
}

impl Iterator for Attributes<'_> {
    type Item = Attribute;

    fn next(&mut self) -> Option<Attribute> {
        let lead = self.at;
        let name_start = self.skip(|byte| is_space(byte) || byte == b'/');
        self.peek().filter(|byte| *byte != b'>')?;
        // The first character belongs to the name even if it is `=`.
        self.at += 1;
        let name_end = self.skip(|byte| !ENDS_NAME[usize::from(byte)]);
        let mut end = name_end;
        let mut value = None;
        self.skip(is_space);
        if self.peek() == Some(b'=') {
            self.at += 1;
            value = Some(self.value());
            end = self.at;
        }
        self.at = end;
        Some(Attribute { lead, name_start, name_end, value, end })
    }
}
