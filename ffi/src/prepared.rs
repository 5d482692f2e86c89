//! A page that is split once and rendered often.

use eyot::Prepared;

use crate::boundary::{self, Output};
use crate::bytes::{self, eyot_buffer};
use crate::context::{self, eyot_context};
use crate::islands::eyot_islands;
use crate::shell::eyot_shell;
use crate::status::{eyot_error, eyot_status};

/// A page whose islands are found. What does not change from one rendering to the next is written once for each key ring
/// and mount point.
///
/// Threads: may be shared. Needs neither the islands nor the page that it was made from.
#[derive(Debug)]
pub struct eyot_prepared(Prepared);

/// Finds a page's islands, to render it often. Copies the page.
///
/// # Safety
/// `islands` is NULL or live islands; `page` is readable for `page_len` bytes; `out` may be written to; `error` is NULL
/// or may be written to.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn eyot_prepared_new(
    islands: *const eyot_islands,
    page: *const u8,
    page_len: usize,
    out: *mut *mut eyot_prepared,
    error: *mut *mut eyot_error,
) -> eyot_status {
    let body = || {
        // SAFETY: by this function's contract.
        let (islands, page, out) = unsafe {
            (boundary::object(islands, "islands")?, bytes::bytes(page, page_len, "page")?, Output::new(out, "out")?)
        };
        out.write(boundary::give(eyot_prepared(islands.core().prepare(page)?)));
        Ok(())
    };
    // SAFETY: by this function's contract.
    unsafe { boundary::fallible(error, body) }
}

/// Renders the shell in parts: costs the same whatever the page's length. The shell may outlive the prepared page.
///
/// # Safety
/// `prepared` is NULL or a live prepared page; `context` is NULL or an `eyot_context` with readable parts; `out` may be
/// written to; `error` is NULL or may be written to.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn eyot_prepared_shell(
    prepared: *const eyot_prepared,
    context: *const eyot_context,
    out: *mut *mut eyot_shell,
    error: *mut *mut eyot_error,
) -> eyot_status {
    let body = || {
        // SAFETY: by this function's contract.
        let (prepared, context, out) =
            unsafe { (boundary::object(prepared, "prepared")?, context::read(context)?, Output::new(out, "out")?) };
        let shell = eyot_shell::rendered(prepared.0.rendering(&context)?, prepared.0.islands().to_vec());
        out.write(boundary::give(shell));
        Ok(())
    };
    // SAFETY: by this function's contract.
    unsafe { boundary::fallible(error, body) }
}

/// Renders the shell in one piece.
///
/// # Safety
/// As `eyot_prepared_shell`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn eyot_prepared_render(
    prepared: *const eyot_prepared,
    context: *const eyot_context,
    out: *mut eyot_buffer,
    error: *mut *mut eyot_error,
) -> eyot_status {
    let body = || {
        // SAFETY: by this function's contract.
        let (prepared, context, out) =
            unsafe { (boundary::object(prepared, "prepared")?, context::read(context)?, Output::new(out, "out")?) };
        let mut shell = Vec::new();
        prepared.0.render(&context, &mut shell)?;
        out.write(shell.into());
        Ok(())
    };
    // SAFETY: by this function's contract.
    unsafe { boundary::fallible(error, body) }
}

/// Frees a prepared page; NULL does nothing.
///
/// # Safety
/// `prepared` is NULL, or was handed out by a call and not freed yet.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn eyot_prepared_free(prepared: *mut eyot_prepared) {
    // SAFETY: by this function's contract.
    unsafe { boundary::release(prepared) }
}
