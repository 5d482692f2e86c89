//! Pages that come in chunks.

use std::ffi::c_void;
use std::mem::MaybeUninit;

use eyot::shell::Segments;
use eyot::{Context, Splitter};

use crate::boundary::{self, given};
use crate::bytes::{self, eyot_slice};
use crate::context::{self, Given, eyot_context};
use crate::failure::{Failure, eyot_error};
use crate::islands::eyot_islands;
use crate::report::eyot_report;
use crate::status::eyot_status;

/// Splits one page chunk by chunk. It keeps no more in memory than the page's longest island. However you cut the page,
/// the output is the same.
///
/// Threads: one at a time. You may free the islands that it was made from.
#[derive(Debug)]
pub struct eyot_splitter {
    core: Splitter,
    context: Given<'static>,
    segments: Vec<eyot_slice>,
    problems: eyot_report,
    diagnostics: eyot_report,
}

/// Makes a splitter for one page. It seals with the keys that the islands have now. It copies the context, including
/// the time.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn eyot_splitter_new(
    islands: Option<&eyot_islands>,
    context: *const eyot_context,
    out: Option<&mut MaybeUninit<Option<Box<eyot_splitter>>>>,
    error: Option<&mut MaybeUninit<Option<Box<eyot_error>>>>,
) -> eyot_status {
    boundary::fallible(error, || {
        let (islands, out) = (given(islands, "islands")?, given(out, "out")?);
        // SAFETY: C keeps the contract.
        let context = unsafe { context::read(context) }?.into_owned();
        let strict = Splitter::new(islands.core());
        let core = if context.is_lenient() { strict.lenient() } else { strict };
        let [problems, diagnostics] = [const { eyot_report::EMPTY }; 2];
        out.write(boundary::give(eyot_splitter { core, context, segments: Vec::new(), problems, diagnostics }));
        Ok(())
    })
}

/// Takes the next chunk and returns what can go out: often nothing, usually the chunk itself. Each segment is a part of
/// the chunk, or belongs to the splitter until the next push; so does the list.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn eyot_splitter_push(
    splitter: Option<&mut eyot_splitter>,
    chunk: *const c_void,
    chunk_len: usize,
    out: Option<&mut MaybeUninit<*const eyot_slice>>,
    out_len: Option<&mut MaybeUninit<usize>>,
    error: Option<&mut MaybeUninit<Option<Box<eyot_error>>>>,
) -> eyot_status {
    boundary::fallible(error, || {
        // SAFETY: C keeps the contract, and the chunk until it has used the segments.
        let chunk = unsafe { bytes::bytes(chunk, chunk_len, "chunk") }?;
        advance(splitter, (out, out_len), |core, context| core.push(chunk, context))
    })
}

/// Ends the page and returns the rest of it. The segments belong to the splitter.
#[unsafe(no_mangle)]
pub extern "C" fn eyot_splitter_finish(
    splitter: Option<&mut eyot_splitter>,
    out: Option<&mut MaybeUninit<*const eyot_slice>>,
    out_len: Option<&mut MaybeUninit<usize>>,
    error: Option<&mut MaybeUninit<Option<Box<eyot_error>>>>,
) -> eyot_status {
    boundary::fallible(error, || advance(splitter, (out, out_len), |core, context| core.finish(context)))
}

/// Where the segments go, and how many there are.
type Out<'a> = (Option<&'a mut MaybeUninit<*const eyot_slice>>, Option<&'a mut MaybeUninit<usize>>);

fn advance<'a>(
    splitter: Option<&'a mut eyot_splitter>,
    (out, out_len): Out<'_>,
    step: impl FnOnce(&'a mut Splitter, &Context<'_>) -> Result<Segments<'a>, eyot::Error>,
) -> Result<(), Failure> {
    let (splitter, out, out_len) = (given(splitter, "splitter")?, given(out, "out")?, given(out_len, "out_len")?);
    let eyot_splitter { core, context, segments, .. } = splitter;
    // The list belongs to the splitter, so that C can read it after the call, and so that the next one reuses its memory.
    segments.clear();
    segments.extend(step(core, &context.core())?.map(eyot_slice::from));
    out.write(bytes::first(segments));
    out_len.write(segments.len());
    Ok(())
}

/// What was wrong with the page so far; empty while the splitter is strict. NULL for NULL. Borrowed from the splitter
/// until its next call.
#[unsafe(no_mangle)]
pub extern "C" fn eyot_splitter_problems(splitter: Option<&mut eyot_splitter>) -> Option<&eyot_report> {
    boundary::part(|| {
        let splitter = splitter?;
        splitter.problems = eyot_report::of_errors(splitter.core.problems());
        Some(&splitter.problems)
    })
}

/// What is not an error, but the page's author should know, up to here. NULL for NULL. Borrowed from the splitter until
/// its next call.
#[unsafe(no_mangle)]
pub extern "C" fn eyot_splitter_diagnostics(splitter: Option<&mut eyot_splitter>) -> Option<&eyot_report> {
    boundary::part(|| {
        let splitter = splitter?;
        splitter.diagnostics = eyot_report::of_diagnostics(splitter.core.diagnostics());
        Some(&splitter.diagnostics)
    })
}

/// Frees a splitter, in any state; NULL does nothing.
#[unsafe(no_mangle)]
pub extern "C" fn eyot_splitter_free(splitter: Option<Box<eyot_splitter>>) {
    boundary::release(splitter)
}
