//! An opened island: what its handler gets.

use std::mem::MaybeUninit;

use eyot::IslandName;

use crate::boundary;
use crate::bytes::eyot_slice;
use crate::status::eyot_status;

/// An island from a genuine token. Its props say what to show, not who the visitor is: your handler asks the session
/// for that, as every page does.
///
/// Threads: may be shared.
#[derive(Debug)]
pub struct eyot_opened {
    name: IslandName,
    number: u32,
    /// Point into `_buffer`, which is never changed.
    props: eyot_slice,
    slots: eyot_slice,
    page: eyot_slice,
    expires: Option<u32>,
    _buffer: Vec<u8>,
}

impl eyot_opened {
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
pub extern "C" fn eyot_opened_name(
    opened: Option<&eyot_opened>,
    out: Option<&mut MaybeUninit<eyot_slice>>,
) -> eyot_status {
    boundary::checked(|| boundary::read(opened, "opened", out, |opened| opened.name.as_str().into()))
}

/// The number that the island was declared with; 0 for NULL, and after `eyot_keyring_open`.
#[unsafe(no_mangle)]
pub extern "C" fn eyot_opened_number(opened: Option<&eyot_opened>) -> u32 {
    boundary::value(0, || opened.map(|opened| opened.number))
}

/// The props: one UTF-8 JSON object; `eyot_object_parse` reads it. Borrowed.
#[unsafe(no_mangle)]
pub extern "C" fn eyot_opened_props(
    opened: Option<&eyot_opened>,
    out: Option<&mut MaybeUninit<eyot_slice>>,
) -> eyot_status {
    boundary::checked(|| boundary::read(opened, "opened", out, |opened| opened.props))
}

/// The slots: a JSON object whose members are HTML, or nothing. Borrowed.
#[unsafe(no_mangle)]
pub extern "C" fn eyot_opened_slots(
    opened: Option<&eyot_opened>,
    out: Option<&mut MaybeUninit<eyot_slice>>,
) -> eyot_status {
    boundary::checked(|| boundary::read(opened, "opened", out, |opened| opened.slots))
}

/// The page: a JSON object with `path` and `lang`, or nothing. Borrowed.
#[unsafe(no_mangle)]
pub extern "C" fn eyot_opened_page(
    opened: Option<&eyot_opened>,
    out: Option<&mut MaybeUninit<eyot_slice>>,
) -> eyot_status {
    boundary::checked(|| boundary::read(opened, "opened", out, |opened| opened.page))
}

/// When the token expires, in Unix seconds; 0 for never, and for NULL.
#[unsafe(no_mangle)]
pub extern "C" fn eyot_opened_expires(opened: Option<&eyot_opened>) -> u32 {
    boundary::value(0, || opened?.expires)
}

/// Frees an island; NULL does nothing.
#[unsafe(no_mangle)]
pub extern "C" fn eyot_opened_free(opened: Option<Box<eyot_opened>>) {
    boundary::release(opened)
}
