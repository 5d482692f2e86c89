//! Pages that come in chunks.

use eyot::Splitter;
use eyot::shell::Segments;

use crate::boundary::{self, Output};
use crate::bytes::{self, eyot_slice};
use crate::context::{self, eyot_context};
use crate::findings::eyot_findings;
use crate::islands::eyot_islands;
use crate::shell::is_lenient;
use crate::status::{Failure, eyot_error, eyot_status};

/// Splits one page chunk by chunk, in memory bounded by its longest island. However the page is cut, the output is the
/// same.
///
/// Threads: belongs to one at a time. Does not need the islands that it was made from.
#[derive(Debug)]
pub struct eyot_splitter {
    core: Splitter,
    segments: Vec<eyot_slice>,
    problems: eyot_findings,
    diagnostics: eyot_findings,
}

/// A splitter for one page, sealing with the keys that are in force now. `mode` is `EYOT_SPLIT_STRICT` or
/// `EYOT_SPLIT_LENIENT`.
///
/// # Safety
/// `islands` is NULL or live islands; `out` may be written to; `error` is NULL or may be written to.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn eyot_splitter_new(
    islands: *const eyot_islands,
    mode: u32,
    out: *mut *mut eyot_splitter,
    error: *mut *mut eyot_error,
) -> eyot_status {
    let body = || {
        // SAFETY: by this function's contract.
        let (islands, out) = unsafe { (boundary::object(islands, "islands")?, Output::new(out, "out")?) };
        let strict = Splitter::new(islands.core());
        let core = if is_lenient(mode)? { strict.lenient() } else { strict };
        out.write(boundary::give(eyot_splitter {
            core,
            segments: Vec::new(),
            problems: eyot_findings::default(),
            diagnostics: eyot_findings::default(),
        }));
        Ok(())
    };
    // SAFETY: by this function's contract.
    unsafe { boundary::fallible(error, body) }
}

/// Takes the next chunk and tells what can go out: often nothing, mostly the chunk itself. Each segment lies in the
/// chunk, or belongs to the splitter until the next push; so does the list.
///
/// # Safety
/// `splitter` is NULL or a live splitter that no other thread uses; `chunk` is readable for `chunk_len` bytes while the
/// segments are used; `context` is NULL or an `eyot_context` with readable parts; `out` and `out_len` may be written to;
/// `error` is NULL or may be written to.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn eyot_splitter_push(
    splitter: *mut eyot_splitter,
    chunk: *const u8,
    chunk_len: usize,
    context: *const eyot_context,
    out: *mut *const eyot_slice,
    out_len: *mut usize,
    error: *mut *mut eyot_error,
) -> eyot_status {
    let body = || {
        // SAFETY: by this function's contract.
        let (chunk, context) = unsafe { (bytes::bytes(chunk, chunk_len, "chunk")?, context::read(context)?) };
        // SAFETY: as above.
        unsafe { advance(splitter, out, out_len, |core| core.push(chunk, &context)) }
    };
    // SAFETY: by this function's contract.
    unsafe { boundary::fallible(error, body) }
}

/// Ends the page and tells the rest of it. The segments belong to the splitter.
///
/// # Safety
/// As `eyot_splitter_push`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn eyot_splitter_finish(
    splitter: *mut eyot_splitter,
    context: *const eyot_context,
    out: *mut *const eyot_slice,
    out_len: *mut usize,
    error: *mut *mut eyot_error,
) -> eyot_status {
    let body = || {
        // SAFETY: by this function's contract.
        let context = unsafe { context::read(context) }?;
        // SAFETY: as above.
        unsafe { advance(splitter, out, out_len, |core| core.finish(&context)) }
    };
    // SAFETY: by this function's contract.
    unsafe { boundary::fallible(error, body) }
}

/// # Safety
/// As `eyot_splitter_push`.
unsafe fn advance<'a>(
    splitter: *mut eyot_splitter,
    out: *mut *const eyot_slice,
    out_len: *mut usize,
    step: impl FnOnce(&'a mut Splitter) -> Result<Segments<'a>, eyot::Error>,
) -> Result<(), Failure> {
    // SAFETY: by this function's contract; the segments do not outlive the call as references.
    let (splitter, out, out_len): (&'a mut eyot_splitter, _, _) = unsafe {
        (boundary::object_mut(splitter, "splitter")?, Output::new(out, "out")?, Output::new(out_len, "out_len")?)
    };
    let eyot_splitter { core, segments, .. } = splitter;
    segments.clear();
    segments.extend(step(core)?.map(eyot_slice::from));
    out.write(bytes::first(segments));
    out_len.write(segments.len());
    Ok(())
}

/// What was wrong with the page so far; empty while the splitter is strict. NULL for NULL. Borrowed from the splitter
/// until its next call.
///
/// # Safety
/// `splitter` is NULL or a live splitter that no other thread uses.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn eyot_splitter_problems(splitter: *mut eyot_splitter) -> *const eyot_findings {
    boundary::value(std::ptr::null(), || {
        // SAFETY: by this function's contract.
        let splitter = unsafe { splitter.as_mut() }?;
        splitter.problems = eyot_findings::of_errors(splitter.core.problems());
        Some(&raw const splitter.problems)
    })
}

/// What is no error and the page's author should know, as far as it has been read. NULL for NULL. Borrowed from the
/// splitter until its next call.
///
/// # Safety
/// `splitter` is NULL or a live splitter that no other thread uses.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn eyot_splitter_diagnostics(splitter: *mut eyot_splitter) -> *const eyot_findings {
    boundary::value(std::ptr::null(), || {
        // SAFETY: by this function's contract.
        let splitter = unsafe { splitter.as_mut() }?;
        splitter.diagnostics = eyot_findings::of_diagnostics(splitter.core.diagnostics());
        Some(&raw const splitter.diagnostics)
    })
}

/// Frees a splitter, in any state; NULL does nothing.
///
/// # Safety
/// `splitter` is NULL, or was handed out by a call and not freed yet.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn eyot_splitter_free(splitter: *mut eyot_splitter) {
    // SAFETY: by this function's contract.
    unsafe { boundary::release(splitter) }
}
