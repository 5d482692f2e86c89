//! What is left out of a page: which bytes have to go, and what has to stay in their place.

use std::ops::Range;

use crate::html::attributes::Attribute;
use crate::shell::input::Input;
use crate::shell::plan::{Filler, Piece};

/// What has to go for an attribute to be gone: the white space before it too, unless that keeps its neighbours apart.
pub(super) fn removal(attribute: &Attribute, input: Input<'_>) -> Range<usize> {
    let is_apart = input.bytes.get(attribute.end).is_some_and(|next| next.is_ascii_whitespace() || *next == b'>');
    let start = if is_apart { attribute.lead } else { attribute.name_start };
    start + input.base..attribute.end + input.base
}

/// What stands for a tag or an element that must not go out. A component `counts` where the page is read on differently
/// behind it.
pub(super) fn removed(input: Input<'_>, range: Range<usize>, counts: bool) -> Piece {
    if counts {
        Piece::Instead(range, Filler::Element)
    } else if input.byte_before(range.start) == Some(b'<') {
        Piece::Instead(range, Filler::Comment)
    } else {
        Piece::Cut(range)
    }
}
