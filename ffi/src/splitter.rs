//! Pages that come in chunks.

use std::ffi::c_void;
use std::mem::MaybeUninit;

use eyot::Splitter;
use eyot::shell::Segments;

use crate::boundary::{self, given};
use crate::bytes::{self, eyot_slice};
use crate::context::{self, eyot_context};
use crate::failure::{Failure, eyot_error};
use crate::findings::eyot_findings;
use crate::islands::eyot_islands;
use crate::shell::is_lenient;
use crate::status::eyot_status;

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
#[unsafe(no_mangle)]
pub extern "C" fn eyot_splitter_new(
    islands: Option<&eyot_islands>,
    mode: u32,
    out: Option<&mut MaybeUninit<Option<Box<eyot_splitter>>>>,
    error: Option<&mut MaybeUninit<Option<Box<eyot_error>>>>,
) -> eyot_status {
    boundary::fallible(error, || {
        let (islands, out) = (given(islands, "islands")?, given(out, "out")?);
        let strict = Splitter::new(islands.core());
        let core = if is_lenient(mode)? { strict.lenient() } else { strict };
        out.write(boundary::give(eyot_splitter {
            core,
            segments: Vec::new(),
            problems: eyot_findings::default(),
            diagnostics: eyot_findings::default(),
        }));
        Ok(())
    })
}

/// Takes the next chunk and tells what can go out: often nothing, mostly the chunk itself. Each segment lies in the
/// chunk, or belongs to the splitter until the next push; so does the list.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn eyot_splitter_push(
    splitter: Option<&mut eyot_splitter>,
    chunk: *const c_void,
    chunk_len: usize,
    context: *const eyot_context,
    out: Option<&mut MaybeUninit<*const eyot_slice>>,
    out_len: Option<&mut MaybeUninit<usize>>,
    error: Option<&mut MaybeUninit<Option<Box<eyot_error>>>>,
) -> eyot_status {
    boundary::fallible(error, || {
        // SAFETY: C keeps the contract.
        let (chunk, context) = unsafe { (bytes::bytes(chunk, chunk_len, "chunk")?, context::read(context)?) };
        advance(splitter, (out, out_len), |core| core.push(chunk, &context))
    })
}

/// Ends the page and tells the rest of it. The segments belong to the splitter.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn eyot_splitter_finish(
    splitter: Option<&mut eyot_splitter>,
    context: *const eyot_context,
    out: Option<&mut MaybeUninit<*const eyot_slice>>,
    out_len: Option<&mut MaybeUninit<usize>>,
    error: Option<&mut MaybeUninit<Option<Box<eyot_error>>>>,
) -> eyot_status {
    boundary::fallible(error, || {
        // SAFETY: by this function's contract.
        let context = unsafe { context::read(context) }?;
        advance(splitter, (out, out_len), |core| core.finish(&context))
    })
}

/// Where the segments go, and how many there are.
type Out<'a> = (Option<&'a mut MaybeUninit<*const eyot_slice>>, Option<&'a mut MaybeUninit<usize>>);

fn advance<'a>(
    splitter: Option<&'a mut eyot_splitter>,
    (out, out_len): Out<'_>,
    step: impl FnOnce(&'a mut Splitter) -> Result<Segments<'a>, eyot::Error>,
) -> Result<(), Failure> {
    let (splitter, out, out_len) = (given(splitter, "splitter")?, given(out, "out")?, given(out_len, "out_len")?);
    let eyot_splitter { core, segments, .. } = splitter;
    segments.clear();
    segments.extend(step(core)?.map(eyot_slice::from));
    out.write(bytes::first(segments));
    out_len.write(segments.len());
    Ok(())
}

/// What was wrong with the page so far; empty while the splitter is strict. NULL for NULL. Borrowed from the splitter
/// until its next call.
#[unsafe(no_mangle)]
pub extern "C" fn eyot_splitter_problems(splitter: Option<&mut eyot_splitter>) -> Option<&eyot_findings> {
    boundary::part(|| {
        let splitter = splitter?;
        splitter.problems = eyot_findings::of_errors(splitter.core.problems());
        Some(&splitter.problems)
    })
}

/// What is no error and the page's author should know, as far as it has been read. NULL for NULL. Borrowed from the
/// splitter until its next call.
#[unsafe(no_mangle)]
pub extern "C" fn eyot_splitter_diagnostics(splitter: Option<&mut eyot_splitter>) -> Option<&eyot_findings> {
    boundary::part(|| {
        let splitter = splitter?;
        splitter.diagnostics = eyot_findings::of_diagnostics(splitter.core.diagnostics());
        Some(&splitter.diagnostics)
    })
}

/// Frees a splitter, in any state; NULL does nothing.
#[unsafe(no_mangle)]
pub extern "C" fn eyot_splitter_free(splitter: Option<Box<eyot_splitter>>) {
    boundary::release(splitter)
}
