//! Memory for callers that cannot use their own: those outside of the address space that the library is in.

use std::alloc::{Layout, alloc, dealloc};
use std::ffi::c_void;
use std::ptr::null_mut;

use crate::boundary;

/// As `malloc` aligns: enough for every struct of the interface.
const ALIGN: usize = 16;

/// Memory in the library's address space, for callers that stand outside of it: a WebAssembly module's host writes texts
/// and structs into this before it calls, and reads outputs from it. Not initialised, aligned to 16 bytes. NULL for 0
/// bytes, and when memory has run out. `eyot_dealloc` frees it. Callers in the same address space use their own memory.
#[unsafe(no_mangle)]
pub extern "C" fn eyot_alloc(len: usize) -> *mut c_void {
    boundary::value(null_mut(), || {
        let layout = layout(len)?;
        // SAFETY: the layout is not empty.
        Some(unsafe { alloc(layout) }.cast())
    })
}

/// Frees what `eyot_alloc` returned for the same `len`; NULL does nothing.
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
