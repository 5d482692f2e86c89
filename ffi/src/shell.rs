//! Whole pages, split.

use std::ffi::c_void;
use std::mem::MaybeUninit;

use eyot::Shell;

use crate::boundary::{self, given};
use crate::buffer::eyot_buffer;
use crate::bytes::{self, eyot_slice};
use crate::context::{self, eyot_context};
use crate::failure::{Failure, eyot_error};
use crate::islands::eyot_islands;
use crate::report::eyot_report;
use crate::status::eyot_status;

/// A shell, in parts that need no copy of the page. It borrows the page: keep the page, unchanged, until you free the
/// shell. A shell from `eyot_prepared_shell` borrows nothing.
///
/// Threads: may be shared.
#[derive(Debug)]
pub struct eyot_shell {
    segments: Vec<eyot_slice>,
    len: usize,
    is_untouched: bool,
    names: Vec<eyot::IslandName>,
    problems: eyot_report,
    diagnostics: eyot_report,
    /// What the segments point into, other than the page.
    source: Source,
}

#[derive(Debug)]
enum Source {
    /// The lifetime is the page's, which C takes care of.
    Split(Shell<'static>),
    /// A prepared page's parts.
    Rendered(eyot::shell::Rendering),
}

impl eyot_shell {
    pub(crate) fn split(shell: Shell<'static>) -> Self {
        Self {
            segments: shell.segments().map(Into::into).collect(),
            len: shell.len(),
            is_untouched: shell.is_untouched(),
            names: shell.islands().to_vec(),
            problems: eyot_report::of_errors(shell.problems()),
            diagnostics: eyot_report::of_diagnostics(shell.diagnostics()),
            source: Source::Split(shell),
        }
    }

    pub(crate) fn rendered(rendering: eyot::shell::Rendering, names: Vec<eyot::IslandName>) -> Self {
        Self {
            segments: rendering.segments().map(Into::into).collect(),
            len: rendering.len(),
            is_untouched: false,
            names,
            problems: eyot_report::default(),
            diagnostics: eyot_report::default(),
            source: Source::Rendered(rendering),
        }
    }

    /// Calls `f` with each part. Whoever had the page split has promised that it is still there.
    fn for_each_part(&self, f: impl FnMut(&[u8])) {
        match &self.source {
            Source::Split(shell) => shell.segments().for_each(f),
            Source::Rendered(rendering) => rendering.segments().for_each(f),
        }
    }
}

/// Splits a whole page. The shell borrows the page: keep the page, unchanged, until you free the shell.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn eyot_islands_split(
    islands: Option<&eyot_islands>,
    page: *const c_void,
    page_len: usize,
    context: *const eyot_context,
    out: Option<&mut MaybeUninit<Option<Box<eyot_shell>>>>,
    error: Option<&mut MaybeUninit<Option<Box<eyot_error>>>>,
) -> eyot_status {
    boundary::fallible(error, || {
        let (islands, out) = (given(islands, "islands")?, given(out, "out")?);
        // SAFETY: C keeps the contract, and the page for as long as the shell.
        let (page, context) = unsafe { (bytes::bytes(page, page_len, "page")?, context::read(context)?) };
        let (core, lenient) = (context.core(), context.is_lenient());
        let shell =
            if lenient { islands.core().split_lenient(page, &core)? } else { islands.core().split(page, &core)? };
        out.write(boundary::give(eyot_shell::split(shell)));
        Ok(())
    })
}

/// The shell's length in bytes; 0 for NULL.
#[unsafe(no_mangle)]
pub extern "C" fn eyot_shell_len(shell: Option<&eyot_shell>) -> usize {
    boundary::value(0, || shell.map(|shell| shell.len))
}

/// Whether the page has no directive, so that the shell is the page itself; false for NULL.
#[unsafe(no_mangle)]
pub extern "C" fn eyot_shell_is_untouched(shell: Option<&eyot_shell>) -> bool {
    boundary::value(false, || shell.map(|shell| shell.is_untouched))
}

/// The parts of the shell in order, for `writev` and the like. Each is a part of the page or belongs to the shell. The
/// list belongs to the shell.
#[unsafe(no_mangle)]
pub extern "C" fn eyot_shell_segments(
    shell: Option<&eyot_shell>,
    out: Option<&mut MaybeUninit<*const eyot_slice>>,
    out_len: Option<&mut MaybeUninit<usize>>,
) -> eyot_status {
    boundary::checked(|| boundary::read_list(shell, "shell", (out, out_len), |shell| &shell.segments))
}

/// The shell in one piece, as a copy that belongs to you.
#[unsafe(no_mangle)]
pub extern "C" fn eyot_shell_join(
    shell: Option<&eyot_shell>,
    out: Option<&mut MaybeUninit<eyot_buffer>>,
    error: Option<&mut MaybeUninit<Option<Box<eyot_error>>>>,
) -> eyot_status {
    boundary::fallible(error, || {
        let (shell, out) = (given(shell, "shell")?, given(out, "out")?);
        let mut joined = Vec::with_capacity(shell.len);
        shell.for_each_part(|part| joined.extend_from_slice(part));
        out.write(joined.into());
        Ok(())
    })
}

/// Copies the shell in one piece into your memory; `EYOT_BUFFER_TOO_SMALL` if `capacity` is less than `eyot_shell_len`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn eyot_shell_copy(shell: Option<&eyot_shell>, out: *mut c_void, capacity: usize) -> eyot_status {
    boundary::checked(|| {
        let shell = given(shell, "shell")?;
        if capacity < shell.len {
            return Err(Failure::new(eyot_status::EYOT_BUFFER_TOO_SMALL, "buffer-too-small", "ask for the length"));
        }
        if out.is_null() && shell.len > 0 {
            return Err(Failure::null("out"));
        }
        let mut at = out.cast::<u8>();
        shell.for_each_part(|part| {
            // SAFETY: `out` has room for `capacity` bytes, says C, and the parts' lengths add up to no more.
            unsafe {
                std::ptr::copy_nonoverlapping(part.as_ptr(), at, part.len());
                at = at.add(part.len());
            }
        });
        Ok(())
    })
}

/// How many islands the shell holds; 0 for NULL.
#[unsafe(no_mangle)]
pub extern "C" fn eyot_shell_island_count(shell: Option<&eyot_shell>) -> usize {
    boundary::value(0, || shell.map(|shell| shell.names.len()))
}

/// The name of the island at `index`, from 0, in the order in which they are sealed; `EYOT_NOT_FOUND` beyond the last.
/// Borrowed from the shell.
#[unsafe(no_mangle)]
pub extern "C" fn eyot_shell_island_name(
    shell: Option<&eyot_shell>,
    index: usize,
    out: Option<&mut MaybeUninit<eyot_slice>>,
) -> eyot_status {
    boundary::checked(|| {
        let (shell, out) = (given(shell, "shell")?, given(out, "out")?);
        let name = shell.names.get(index).ok_or_else(|| Failure::not_found("the shell has fewer islands"))?;
        out.write(name.as_str().into());
        Ok(())
    })
}

/// What was wrong with the page and was left out; empty after a strict split. NULL for NULL. Borrowed from the shell.
#[unsafe(no_mangle)]
pub extern "C" fn eyot_shell_problems(shell: Option<&eyot_shell>) -> Option<&eyot_report> {
    boundary::part(|| shell.map(|shell| &shell.problems))
}

/// What is not an error, but the page's author should know. NULL for NULL. Borrowed from the shell.
#[unsafe(no_mangle)]
pub extern "C" fn eyot_shell_diagnostics(shell: Option<&eyot_shell>) -> Option<&eyot_report> {
    boundary::part(|| shell.map(|shell| &shell.diagnostics))
}

/// Frees a shell, not its page; NULL does nothing.
#[unsafe(no_mangle)]
pub extern "C" fn eyot_shell_free(shell: Option<Box<eyot_shell>>) {
    boundary::release(shell)
}
