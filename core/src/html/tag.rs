//! Where one tag stands. What its attributes say, [`attributes`](super::attributes) reads.

/// A start or end tag; all positions are offsets in the buffer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Tag {
    /// The `<`.
    pub(crate) start: usize,
    pub(crate) name_start: usize,
    pub(crate) name_end: usize,
    /// After the `>`.
    pub(crate) end: usize,
    /// `</name>`.
    pub(crate) closing: bool,
    /// `<name/>`.
    pub(crate) self_closing: bool,
}

impl Tag {
    pub(crate) fn name<'b>(&self, buffer: &'b [u8]) -> &'b [u8] {
        &buffer[self.name_start..self.name_end]
    }
}
