//! The attributes of one tag: where each stands. Values are not decoded here.

use super::is_space;
use super::scanner::Tag;

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

    /// The raw value, or `None` for an attribute without one.
    pub(crate) fn value<'b>(&self, buffer: &'b [u8]) -> Option<&'b [u8]> {
        self.value.map(|(start, end)| &buffer[start..end])
    }
}

/// Walks a tag's attributes as the tokenizer does (WHATWG HTML, 13.2.5.32 to 13.2.5.40), repeated names included.
#[derive(Debug)]
pub(crate) struct Attributes<'b> {
    buffer: &'b [u8],
    at: usize,
    /// The tag's `>`, or a place after it.
    end: usize,
}

impl<'b> Attributes<'b> {
    pub(crate) fn of(buffer: &'b [u8], tag: &Tag) -> Self {
        Self::between(buffer, tag.name_end, tag.end - 1)
    }

    /// Those from the end of a tag's name on, wherever the tag ends.
    pub(crate) fn after(buffer: &'b [u8], name_end: usize) -> Self {
        Self::between(buffer, name_end, buffer.len())
    }

    /// After the last attribute: the tag's `>`, or the end of the buffer.
    pub(crate) fn tag_end(&self) -> usize {
        self.at
    }

    /// Those between the end of a tag's name and its `>`.
    pub(crate) fn between(buffer: &'b [u8], name_end: usize, end: usize) -> Self {
        Self { buffer, at: name_end, end }
    }

    /// Moves over bytes while `wanted`, and tells where it stopped.
    fn skip(&mut self, wanted: impl Fn(u8) -> bool) -> usize {
        while self.at < self.end && wanted(self.buffer[self.at]) {
            self.at += 1;
        }
        self.at
    }

    /// Reads what follows a `=`.
    fn value(&mut self) -> (usize, usize) {
        let start = self.skip(is_space);
        let quote = self.buffer[..self.end].get(start).copied().filter(|byte| matches!(byte, b'"' | b'\''));
        let Some(quote) = quote else {
            return (start, self.skip(|byte| !is_space(byte) && byte != b'>'));
        };
        self.at = start + 1;
        let end = self.skip(|byte| byte != quote);
        self.at = (end + 1).min(self.end);
        (start + 1, end)
    }
}

impl Iterator for Attributes<'_> {
    type Item = Attribute;

    fn next(&mut self) -> Option<Attribute> {
        let lead = self.at;
        let name_start = self.skip(|byte| is_space(byte) || byte == b'/');
        if name_start == self.end || self.buffer[name_start] == b'>' {
            return None;
        }
        // The first character belongs to the name even if it is `=`.
        self.at += 1;
        let name_end = self.skip(|byte| !is_space(byte) && !matches!(byte, b'/' | b'=' | b'>'));
        let mut end = name_end;
        let mut value = None;
        if self.skip(is_space) < self.end && self.buffer[self.at] == b'=' {
            self.at += 1;
            value = Some(self.value());
            end = self.at;
        }
        self.at = end;
        Some(Attribute { lead, name_start, name_end, value, end })
    }
}
