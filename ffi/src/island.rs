//! An opened island: what its handler gets.

use std::mem::MaybeUninit;

use eyot::IslandName;

use crate::boundary;
use crate::bytes::eyot_slice;
use crate::status::eyot_status;

/// An island whose token was genuine. Its props are not claims about the visitor: the handler asks the session who that
/// is, as every page does.
///
/// Threads: may be shared.
#[derive(Debug)]
pub struct eyot_island {
    name: IslandName,
    number: u32,
    /// Point into `_buffer`, which is never changed.
    props: eyot_slice,
    slots: eyot_slice,
    page: eyot_slice,
    expires: Option<u32>,
    _buffer: Vec<u8>,
}

impl eyot_island {
    /// The parts lie in `buffer`, where opening put them.
    pub(crate) fn new(
        name: IslandName,
        number: u32,
        parts: [eyot_slice; 3],
        expires: Option<u32>,
        buffer: Vec<u8>,
    ) -> Self {
        let [props, slots, page] = parts;
        Self { name, number, props, slots, page, expires, _buffer: buffer }
    }
}

/// The island's name. Borrowed.
#[unsafe(no_mangle)]
pub extern "C" fn eyot_island_name(
    island: Option<&eyot_island>,
    out: Option<&mut MaybeUninit<eyot_slice>>,
) -> eyot_status {
    boundary::checked(|| boundary::read(island, "island", out, |island| island.name.as_str().into()))
}

/// The number that the island was declared with; 0 for NULL, and for one that `eyot_keyring_open` opened.
#[unsafe(no_mangle)]
pub extern "C" fn eyot_island_number(island: Option<&eyot_island>) -> u32 {
    boundary::value(0, || island.map(|island| island.number))
}

/// The props: one UTF-8 JSON object; `eyot_object_parse` reads it. Borrowed.
#[unsafe(no_mangle)]
pub extern "C" fn eyot_island_props(
    island: Option<&eyot_island>,
    out: Option<&mut MaybeUninit<eyot_slice>>,
) -> eyot_status {
    boundary::checked(|| boundary::read(island, "island", out, |island| island.props))
}

/// The slots: a JSON object whose members are HTML, or nothing. Borrowed.
#[unsafe(no_mangle)]
pub extern "C" fn eyot_island_slots(
    island: Option<&eyot_island>,
    out: Option<&mut MaybeUninit<eyot_slice>>,
) -> eyot_status {
    boundary::checked(|| boundary::read(island, "island", out, |island| island.slots))
}

/// The page: a JSON object with `path` and `lang`, or nothing. Borrowed.
#[unsafe(no_mangle)]
pub extern "C" fn eyot_island_page(
    island: Option<&eyot_island>,
    out: Option<&mut MaybeUninit<eyot_slice>>,
) -> eyot_status {
    boundary::checked(|| boundary::read(island, "island", out, |island| island.page))
}

/// When the token expires, in Unix seconds; 0 for never, and for NULL.
#[unsafe(no_mangle)]
pub extern "C" fn eyot_island_expires(island: Option<&eyot_island>) -> u32 {
    boundary::value(0, || island?.expires)
}

/// Frees an island; NULL does nothing.
#[unsafe(no_mangle)]
pub extern "C" fn eyot_island_free(island: Option<Box<eyot_island>>) {
    boundary::release(island)
}
