//! An opened island: what its handler gets.

use eyot::IslandName;

use crate::boundary::{self, Output};
use crate::bytes::eyot_slice;
use crate::status::{Failure, eyot_status};

/// An island whose token was genuine. Its props are not claims about the visitor: the handler asks the session who that
/// is, as every page does.
///
/// Threads: may be shared.
#[derive(Debug)]
pub struct eyot_island {
    name: IslandName,
    number: u32,
    props: Box<[u8]>,
    slots: Box<[u8]>,
    page: Box<[u8]>,
    expires: Option<u32>,
}

impl eyot_island {
    pub(crate) fn new(name: IslandName, number: u32, parts: [&[u8]; 3], expires: Option<u32>) -> Self {
        let [props, slots, page] = parts.map(Into::into);
        Self { name, number, props, slots, page, expires }
    }
}

/// The island's name. Borrowed.
///
/// # Safety
/// `island` is NULL or a live island; `out` may be written to.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn eyot_island_name(island: *const eyot_island, out: *mut eyot_slice) -> eyot_status {
    // SAFETY: by this function's contract.
    boundary::checked(|| unsafe { part(island, out, |island| island.name.as_str().into()) })
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
    boundary::checked(|| unsafe { part(island, out, |island| (&*island.props).into()) })
}

/// The slots: a JSON object whose members are HTML, or nothing. Borrowed.
///
/// # Safety
/// `island` is NULL or a live island; `out` may be written to.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn eyot_island_slots(island: *const eyot_island, out: *mut eyot_slice) -> eyot_status {
    // SAFETY: by this function's contract.
    boundary::checked(|| unsafe { part(island, out, |island| (&*island.slots).into()) })
}

/// The page: a JSON object with `path` and `lang`, or nothing. Borrowed.
///
/// # Safety
/// `island` is NULL or a live island; `out` may be written to.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn eyot_island_page(island: *const eyot_island, out: *mut eyot_slice) -> eyot_status {
    // SAFETY: by this function's contract.
    boundary::checked(|| unsafe { part(island, out, |island| (&*island.page).into()) })
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

/// # Safety
/// As the functions above.
unsafe fn part(
    island: *const eyot_island,
    out: *mut eyot_slice,
    read: impl FnOnce(&eyot_island) -> eyot_slice,
) -> Result<(), Failure> {
    // SAFETY: by this function's contract.
    let (island, out) = unsafe { (boundary::object(island, "island")?, Output::new(out, "out")?) };
    out.write(read(island));
    Ok(())
}
