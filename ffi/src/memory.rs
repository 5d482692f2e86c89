//! Memory for callers that cannot use their own: those outside of the address space that the library is in.

use std::alloc::{Layout, alloc, dealloc};
use std::ffi::c_void;
use std::ptr::null_mut;

use crate::boundary;

/// As `malloc` aligns: enough for every struct of the interface.
const ALIGN: usize = 16;

/// Memory in the library's address space, for callers outside of it. The host of a WebAssembly module, for example,
/// writes texts and structs into such memory before a call, and reads outputs from it afterwards. Other callers use
/// memory of their own. It is aligned to 16 bytes and not initialised. NULL for 0 bytes, and if there is no memory
/// left. Free it with `eyot_dealloc`.
#[unsafe(no_mangle)]
pub extern "C" fn eyot_alloc(len: usize) -> *mut c_void {
    boundary::value(null_mut(), || {
        let layout = layout(len)?;
        // SAFETY: the layout is not empty.
        Some(unsafe { alloc(layout) }.cast())
    })
}

/// Frees memory that `eyot_alloc` returned for the same `len`; NULL does nothing.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn eyot_dealloc(memory: *mut c_void, len: usize) {
    boundary::value((), || {
        let layout = layout(len)?;
        if !memory.is_null() {
            // SAFETY: the caller has it from `eyot_alloc`, which was asked for as much.
            unsafe { dealloc(memory.cast(), layout) };
        }
        Some(())
    });
}

fn layout(len: usize) -> Option<Layout> {
    if len == 0 { None } else { Layout::from_size_align(len, ALIGN).ok() }
}
