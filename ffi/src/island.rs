//! An opened island: what its handler gets.

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
///
/// # Safety
/// `island` is NULL or a live island; `out` may be written to.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn eyot_island_name(island: *const eyot_island, out: *mut eyot_slice) -> eyot_status {
    // SAFETY: by this function's contract.
    boundary::checked(|| unsafe { boundary::read(island, "island", out, |island| island.name.as_str().into()) })
}

/// The number that the island was declared with; 0 for NULL, and for one that `eyot_keyring_open` opened.
///
/// # Safety
/// `island` is NULL or a live island.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn eyot_island_number(island: *const eyot_island) -> u32 {
    boundary::value(0, || {
        // SAFETY: by this function's contract.
        unsafe { island.as_ref() }.map(|island| island.number)
    })
}

/// The props: one UTF-8 JSON object; `eyot_object_parse` reads it. Borrowed.
///
/// # Safety
/// `island` is NULL or a live island; `out` may be written to.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn eyot_island_props(island: *const eyot_island, out: *mut eyot_slice) -> eyot_status {
    // SAFETY: by this function's contract.
    boundary::checked(|| unsafe { boundary::read(island, "island", out, |island| island.props) })
}

/// The slots: a JSON object whose members are HTML, or nothing. Borrowed.
///
/// # Safety
/// `island` is NULL or a live island; `out` may be written to.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn eyot_island_slots(island: *const eyot_island, out: *mut eyot_slice) -> eyot_status {
    // SAFETY: by this function's contract.
    boundary::checked(|| unsafe { boundary::read(island, "island", out, |island| island.slots) })
}

/// The page: a JSON object with `path` and `lang`, or nothing. Borrowed.
///
/// # Safety
/// `island` is NULL or a live island; `out` may be written to.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn eyot_island_page(island: *const eyot_island, out: *mut eyot_slice) -> eyot_status {
    // SAFETY: by this function's contract.
    boundary::checked(|| unsafe { boundary::read(island, "island", out, |island| island.page) })
}

/// When the token expires, in Unix seconds; 0 for never, and for NULL.
///
/// # Safety
/// `island` is NULL or a live island.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn eyot_island_expires(island: *const eyot_island) -> u32 {
    boundary::value(0, || {
        // SAFETY: by this function's contract.
        unsafe { island.as_ref() }?.expires
    })
}

/// Frees an island; NULL does nothing.
///
/// # Safety
/// `island` is NULL, or was handed out by a call and not freed yet.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn eyot_island_free(island: *mut eyot_island) {
    // SAFETY: by this function's contract.
    unsafe { boundary::release(island) }
}
