//! Whole pages, split.

use eyot::Shell;

use crate::boundary::{self, Output};
use crate::bytes::{self, eyot_buffer, eyot_slice};
use crate::context::{self, eyot_context};
use crate::findings::eyot_findings;
use crate::islands::eyot_islands;
use crate::status::{Failure, eyot_error, eyot_status};

/// Splitting stops at the first problem, with its place: for development.
pub const EYOT_SPLIT_STRICT: u32 = 0;
/// Splitting goes on whatever is wrong: of a faulty island its fallback is left, no directive goes out, and the problems
/// are listed. A page with problems must not be kept by caches: see `eyot_outcome_new_uncached`.
pub const EYOT_SPLIT_LENIENT: u32 = 1;

/// A shell in parts, so that it costs no copy of the page. Borrows the page, which must outlive it and stay unchanged;
/// one that `eyot_prepared_shell` made borrows nothing.
///
/// Threads: may be shared.
#[derive(Debug)]
pub struct eyot_shell {
    segments: Vec<eyot_slice>,
    len: usize,
    is_untouched: bool,
    names: Vec<eyot::IslandName>,
    problems: eyot_findings,
    diagnostics: eyot_findings,
    /// What the segments point into, other than the page.
    _source: Source,
}

#[derive(Debug)]
pub(crate) enum Source {
    /// The lifetime stands for the page's, which C looks after.
    Split { _shell: Shell<'static> },
    /// A prepared page's parts.
    Rendered { _rendering: eyot::shell::Rendering },
}

impl eyot_shell {
    fn split(shell: Shell<'static>) -> Self {
        Self {
            segments: shell.segments().map(Into::into).collect(),
            len: shell.len(),
            is_untouched: shell.is_untouched(),
            names: shell.islands().to_vec(),
            problems: eyot_findings::of_errors(shell.problems()),
            diagnostics: eyot_findings::of_diagnostics(shell.diagnostics()),
            _source: Source::Split { _shell: shell },
        }
    }

    pub(crate) fn rendered(rendering: eyot::shell::Rendering, names: Vec<eyot::IslandName>) -> Self {
        Self {
            segments: rendering.segments().map(Into::into).collect(),
            len: rendering.len(),
            is_untouched: false,
            names,
            problems: eyot_findings::default(),
            diagnostics: eyot_findings::default(),
            _source: Source::Rendered { _rendering: rendering },
        }
    }

    /// # Safety
    /// The page is still there.
    unsafe fn parts(&self) -> impl Iterator<Item = &[u8]> {
        // SAFETY: a segment lies in the page, by this function's contract, or in `source`, which lives as long as `self`
        // and is never changed. An empty one is NULL, of which Rust makes no slice.
        let bytes = |part: &eyot_slice| unsafe { std::slice::from_raw_parts(part.data, part.len) };
        self.segments.iter().filter(|part| part.len > 0).map(bytes)
    }
}

/// Splits a whole page. `mode` is `EYOT_SPLIT_STRICT` or `EYOT_SPLIT_LENIENT`.
///
/// # Safety
/// `islands` is NULL or live islands; `page` is readable for `page_len` bytes while the shell is used; `context` is NULL
/// or an `eyot_context` with readable parts; `out` may be written to; `error` is NULL or may be written to.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn eyot_islands_split(
    islands: *const eyot_islands,
    page: *const u8,
    page_len: usize,
    mode: u32,
    context: *const eyot_context,
    out: *mut *mut eyot_shell,
    error: *mut *mut eyot_error,
) -> eyot_status {
    let body = || {
        // SAFETY: by this function's contract.
        let (islands, page, context, out) = unsafe {
            (
                boundary::object(islands, "islands")?,
                bytes::bytes(page, page_len, "page")?,
                context::read(context)?,
                Output::new(out, "out")?,
            )
        };
        let shell = if is_lenient(mode)? {
            islands.core().split_lenient(page, &context)?
        } else {
            islands.core().split(page, &context)?
        };
        out.write(boundary::give(eyot_shell::split(shell)));
        Ok(())
    };
    // SAFETY: by this function's contract.
    unsafe { boundary::fallible(error, body) }
}

pub(crate) fn is_lenient(mode: u32) -> Result<bool, Failure> {
    match mode {
        EYOT_SPLIT_STRICT => Ok(false),
        EYOT_SPLIT_LENIENT => Ok(true),
        _ => Err(Failure::argument(format!("`mode` is {mode}: use EYOT_SPLIT_STRICT or EYOT_SPLIT_LENIENT"))),
    }
}

/// The shell's length in bytes; 0 for NULL.
///
/// # Safety
/// `shell` is NULL or a live shell.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn eyot_shell_len(shell: *const eyot_shell) -> usize {
    boundary::value(0, || {
        // SAFETY: by this function's contract.
        unsafe { shell.as_ref() }.map(|shell| shell.len)
    })
}

/// Whether the page holds no directive, so that the shell is the page; false for NULL.
///
/// # Safety
/// `shell` is NULL or a live shell.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn eyot_shell_is_untouched(shell: *const eyot_shell) -> bool {
    boundary::value(false, || {
        // SAFETY: by this function's contract.
        unsafe { shell.as_ref() }.map(|shell| shell.is_untouched)
    })
}

/// The shell in order, in parts, for hosts that can write a list. A part lies in the page or belongs to the shell; the
/// list belongs to the shell.
///
/// # Safety
/// `shell` is NULL or a live shell; `out` and `out_len` may be written to.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn eyot_shell_segments(
    shell: *const eyot_shell,
    out: *mut *const eyot_slice,
    out_len: *mut usize,
) -> eyot_status {
    boundary::checked(|| {
        // SAFETY: by this function's contract.
        let (shell, out, out_len) =
            unsafe { (boundary::object(shell, "shell")?, Output::new(out, "out")?, Output::new(out_len, "out_len")?) };
        out.write(bytes::first(&shell.segments));
        out_len.write(shell.segments.len());
        Ok(())
    })
}

/// The shell in one piece, as a copy of the caller's own.
///
/// # Safety
/// `shell` is NULL or a live shell whose page is still there; `out` may be written to; `error` is NULL or may be written
/// to.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn eyot_shell_join(
    shell: *const eyot_shell,
    out: *mut eyot_buffer,
    error: *mut *mut eyot_error,
) -> eyot_status {
    let body = || {
        // SAFETY: by this function's contract.
        let (shell, out) = unsafe { (boundary::object(shell, "shell")?, Output::new(out, "out")?) };
        let mut joined = Vec::with_capacity(shell.len);
        // SAFETY: as above.
        unsafe { shell.parts() }.for_each(|part| joined.extend_from_slice(part));
        out.write(joined.into());
        Ok(())
    };
    // SAFETY: by this function's contract.
    unsafe { boundary::fallible(error, body) }
}

/// The shell in one piece, in the caller's memory: `EYOT_BUFFER_TOO_SMALL` when `capacity` is less than
/// `eyot_shell_len`.
///
/// # Safety
/// `shell` is NULL or a live shell whose page is still there; `out` may be written to for `capacity` bytes, and is
/// neither in the page nor in the shell.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn eyot_shell_copy(shell: *const eyot_shell, out: *mut u8, capacity: usize) -> eyot_status {
    boundary::checked(|| {
        // SAFETY: by this function's contract.
        let (shell, out) = unsafe { (boundary::object(shell, "shell")?, out) };
        if capacity < shell.len {
            return Err(Failure::new(eyot_status::EYOT_BUFFER_TOO_SMALL, "buffer-too-small", "ask for the length"));
        }
        if out.is_null() && shell.len > 0 {
            return Err(Failure::null("out"));
        }
        let mut at = 0;
        // SAFETY: as above, and the parts' lengths add up to `len`, which is no more than `capacity`.
        unsafe {
            for part in shell.parts() {
                std::ptr::copy_nonoverlapping(part.as_ptr(), out.add(at), part.len());
                at += part.len();
            }
        }
        Ok(())
    })
}

/// How many islands the shell holds; 0 for NULL.
///
/// # Safety
/// `shell` is NULL or a live shell.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn eyot_shell_islands_len(shell: *const eyot_shell) -> usize {
    boundary::value(0, || {
        // SAFETY: by this function's contract.
        unsafe { shell.as_ref() }.map(|shell| shell.names.len())
    })
}

/// The name of the island at `index`, from 0, in the order in which they are sealed; `EYOT_NOT_FOUND` beyond the last.
/// Borrowed from the shell.
///
/// # Safety
/// `shell` is NULL or a live shell; `out` may be written to.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn eyot_shell_island(
    shell: *const eyot_shell,
    index: usize,
    out: *mut eyot_slice,
) -> eyot_status {
    boundary::checked(|| {
        // SAFETY: by this function's contract.
        let (shell, out) = unsafe { (boundary::object(shell, "shell")?, Output::new(out, "out")?) };
        let name = shell.names.get(index).ok_or_else(|| Failure::not_found("the shell has fewer islands"))?;
        out.write(name.as_str().into());
        Ok(())
    })
}

/// What was wrong with the page and has been left out; empty after a strict split. NULL for NULL. Borrowed from the
/// shell.
///
/// # Safety
/// `shell` is NULL or a live shell.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn eyot_shell_problems(shell: *const eyot_shell) -> *const eyot_findings {
    boundary::value(std::ptr::null(), || {
        // SAFETY: by this function's contract.
        unsafe { shell.as_ref() }.map(|shell| &raw const shell.problems)
    })
}

/// What is no error and the page's author should know. NULL for NULL. Borrowed from the shell.
///
/// # Safety
/// `shell` is NULL or a live shell.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn eyot_shell_diagnostics(shell: *const eyot_shell) -> *const eyot_findings {
    boundary::value(std::ptr::null(), || {
        // SAFETY: by this function's contract.
        unsafe { shell.as_ref() }.map(|shell| &raw const shell.diagnostics)
    })
}

/// Frees a shell, not its page; NULL does nothing.
///
/// # Safety
/// `shell` is NULL, or was handed out by a call and not freed yet.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn eyot_shell_free(shell: *mut eyot_shell) {
    // SAFETY: by this function's contract.
    unsafe { boundary::release(shell) }
}
