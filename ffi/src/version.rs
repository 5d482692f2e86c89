//! Versions, and whether this build catches panics.

use std::ffi::c_char;
use std::mem::MaybeUninit;

use crate::boundary;
use crate::failure::eyot_error;
use crate::status::eyot_status;

/// The number of the binary interface, and of the shared library (`libeyot.so.<EYOT_ABI>`). It changes when programs
/// have to be compiled again.
pub const EYOT_ABI: u32 = 1;

const VERSION: &str = concat!(env!("CARGO_PKG_VERSION"), "\0");

/// The library's version, such as `0.1.0`, ending with NUL. Valid for as long as the library is loaded. Compare with
/// `EYOT_VERSION`.
#[unsafe(no_mangle)]
pub extern "C" fn eyot_version() -> *const c_char {
    boundary::value(std::ptr::null(), || Some(VERSION.as_ptr().cast()))
}

/// The library's binary interface. Compare with `EYOT_ABI`.
#[unsafe(no_mangle)]
pub extern "C" fn eyot_abi() -> u32 {
    boundary::value(0, || Some(EYOT_ABI))
}

/// Panics inside the library, and returns `EYOT_PANIC`. Packagers can test their build with it: a library built with
/// `panic = "abort"` ends the process here, and would do so at any defect.
#[unsafe(no_mangle)]
pub extern "C" fn eyot_panic_check(error: Option<&mut MaybeUninit<Option<Box<eyot_error>>>>) -> eyot_status {
    // `panic!` would call the hook, which prints a trace that looks like a real defect.
    boundary::fallible(error, || std::panic::resume_unwind(Box::new("on purpose")))
}
