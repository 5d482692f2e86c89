//! The mark: what the inner station says in a response header to the outer one, which takes it off. Layers between the two
//! that change, compress or cache a response keep headers; layers that answer in its place do not have it.

use std::borrow::Cow;

use crate::http::{Edit, Field};

/// The header of the mark. The outer station never lets it leave.
pub const MARK: &str = "Eyot-Split";

/// On what the inner station has dealt with.
const PAGE: &str = "1";
/// On what the handler of an island answered.
const ISLAND: &str = "island";

/// The edit that marks a response.
pub(super) fn set(is_island: bool) -> Edit {
    Edit::Set(MARK, Cow::Borrowed(if is_island { ISLAND } else { PAGE }))
}

/// The edit that takes a mark off, if there is one.
pub(super) fn taken_off(headers: &[Field<'_>]) -> Vec<Edit> {
    if is_on(headers) { vec![Edit::Remove(MARK.into())] } else { Vec::new() }
}

/// Whether the inner station has dealt with a response.
pub(super) fn is_on(headers: &[Field<'_>]) -> bool {
    value(headers).is_some()
}

/// Whether the handler of an island answered it.
pub(super) fn is_islands(headers: &[Field<'_>]) -> bool {
    value(headers) == Some(ISLAND.as_bytes())
}

fn value<'h>(headers: &[Field<'h>]) -> Option<&'h [u8]> {
    headers.iter().find(|(name, _)| name.eq_ignore_ascii_case(MARK)).map(|(_, value)| *value)
}
