//! What is sent instead of the app's own status and headers.

use std::mem::MaybeUninit;

use eyot::http::{Edit, Field, Outcome, PageKind, Response, edited};

use crate::boundary::{self, given};
use crate::bytes::{self, eyot_pair, eyot_slice};
use crate::failure::{Failure, eyot_error};
use crate::findings::eyot_findings;
use crate::head::status_code;
use crate::status::eyot_status;

/// What an edit does.
#[repr(C)]
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum eyot_edit_kind {
    /// The value takes the place of every header of this name.
    EYOT_EDIT_SET = 1,
    /// Every header of this name goes.
    EYOT_EDIT_REMOVE = 2,
}

/// One change to a response's headers. To be made in order; a later one wins over an earlier of the same name.
#[repr(C)]
#[derive(Debug, Clone, Copy)]
pub struct eyot_edit {
    /// Set or remove.
    pub kind: eyot_edit_kind,
    /// The header's name; compare without regard to case.
    pub name: eyot_slice,
    /// The value to set; empty to remove.
    pub value: eyot_slice,
}

/// What a response is to the splitting station.
#[repr(C)]
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum eyot_page_kind {
    /// No HTML: it passes as it is.
    EYOT_PAGE_OTHER = 0,
    /// HTML, to be split.
    EYOT_PAGE_HTML = 1,
    /// A part of an HTML page (206). It cannot be split and may hold directives: do not send it.
    EYOT_PAGE_PART = 2,
    /// HTML that a lower layer compressed. It cannot be split and may hold directives: hide `Accept-Encoding` from that
    /// layer, or compress outside.
    EYOT_PAGE_COMPRESSED = 3,
}

/// Status and headers to send.
///
/// Threads: may be shared.
#[derive(Debug)]
pub struct eyot_outcome {
    status: u16,
    has_body: bool,
    is_shell: bool,
    /// The header texts that `edits` and `headers` point into; on the heap, never changed.
    _edits: Box<[Edit]>,
    _kept: Vec<Kept>,
    edits: Vec<eyot_edit>,
    headers: Vec<eyot_pair>,
    leaks: eyot_findings,
}

/// A header of the app's own; its texts are on the heap.
#[derive(Debug)]
struct Kept {
    name: Box<str>,
    value: Box<[u8]>,
}

impl Kept {
    fn new((name, value): Field<'_>) -> Self {
        Self { name: name.into(), value: value.into() }
    }
}

impl eyot_outcome {
    pub(crate) fn new(outcome: Outcome, headers: &[Field<'_>]) -> Self {
        let owned: Box<[Edit]> = outcome.edits.into();
        let kept: Vec<_> = edited(headers, &owned).into_iter().map(Kept::new).collect();
        Self {
            status: outcome.status,
            has_body: outcome.has_body,
            is_shell: outcome.is_shell,
            edits: owned.iter().map(edit).collect(),
            headers: kept.iter().map(|kept| eyot_pair::new(&kept.name, &kept.value)).collect(),
            _edits: owned,
            _kept: kept,
            leaks: eyot_findings::of_leaks(&outcome.leaks),
        }
    }
}

fn edit(edit: &Edit) -> eyot_edit {
    match edit {
        Edit::Set(name, value) => {
            eyot_edit { kind: eyot_edit_kind::EYOT_EDIT_SET, name: (*name).into(), value: (&**value).into() }
        }
        Edit::Remove(name) => {
            eyot_edit { kind: eyot_edit_kind::EYOT_EDIT_REMOVE, name: (&**name).into(), value: eyot_slice::EMPTY }
        }
    }
}

/// Tells what a response is to the splitting station, by its status and headers.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn eyot_page_kind_of(
    status: u32,
    headers: *const eyot_pair,
    headers_len: usize,
    out: Option<&mut MaybeUninit<eyot_page_kind>>,
    error: Option<&mut MaybeUninit<Option<Box<eyot_error>>>>,
) -> eyot_status {
    boundary::fallible(error, || {
        let out = given(out, "out")?;
        // SAFETY: C keeps the contract.
        let headers = unsafe { bytes::fields(headers, headers_len, "headers") }?;
        out.write(match PageKind::of(status_code(status)?, &headers) {
            PageKind::Html => eyot_page_kind::EYOT_PAGE_HTML,
            PageKind::Part => eyot_page_kind::EYOT_PAGE_PART,
            PageKind::Compressed => eyot_page_kind::EYOT_PAGE_COMPRESSED,
            PageKind::Other => eyot_page_kind::EYOT_PAGE_OTHER,
        });
        Ok(())
    })
}

/// What a split changes in a page's headers, where it changes the page: the length is the shell's, and validators of the
/// page before go. `shell_len` is `SIZE_MAX` for a streamed one.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn eyot_outcome_new_split(
    status: u32,
    headers: *const eyot_pair,
    headers_len: usize,
    shell_len: usize,
    out: Option<&mut MaybeUninit<Option<Box<eyot_outcome>>>>,
    error: Option<&mut MaybeUninit<Option<Box<eyot_error>>>>,
) -> eyot_status {
    boundary::fallible(error, || {
        let len = (shell_len != usize::MAX).then_some(shell_len);
        // SAFETY: C keeps the contract.
        let headers = unsafe { bytes::fields(headers, headers_len, "headers") }?;
        changed(status, &headers, out, |response| Outcome::split(response, len))
    })
}

/// What keeps a response out of every cache: for a page that went out with problems.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn eyot_outcome_new_uncached(
    status: u32,
    headers: *const eyot_pair,
    headers_len: usize,
    out: Option<&mut MaybeUninit<Option<Box<eyot_outcome>>>>,
    error: Option<&mut MaybeUninit<Option<Box<eyot_error>>>>,
) -> eyot_status {
    boundary::fallible(error, || {
        // SAFETY: C keeps the contract.
        let headers = unsafe { bytes::fields(headers, headers_len, "headers") }?;
        changed(status, &headers, out, Outcome::uncached)
    })
}

fn changed(
    status: u32,
    headers: &[Field<'_>],
    out: Option<&mut MaybeUninit<Option<Box<eyot_outcome>>>>,
    change: impl FnOnce(&Response<'_>) -> Outcome,
) -> Result<(), Failure> {
    let outcome = change(&Response::new(status_code(status)?, headers));
    given(out, "out")?.write(boundary::give(eyot_outcome::new(outcome, headers)));
    Ok(())
}

/// The status code to send; 0 for NULL.
#[unsafe(no_mangle)]
pub extern "C" fn eyot_outcome_status(outcome: Option<&eyot_outcome>) -> u32 {
    boundary::value(0, || outcome.map(|outcome| outcome.status.into()))
}

/// Whether the app's body is sent; false for NULL. Independent of `HEAD`, which never has one.
#[unsafe(no_mangle)]
pub extern "C" fn eyot_outcome_has_body(outcome: Option<&eyot_outcome>) -> bool {
    boundary::value(false, || outcome.map(|outcome| outcome.has_body))
}

/// Whether a policy made the response a shell for shared caches; false for NULL.
#[unsafe(no_mangle)]
pub extern "C" fn eyot_outcome_is_shell(outcome: Option<&eyot_outcome>) -> bool {
    boundary::value(false, || outcome.map(|outcome| outcome.is_shell))
}

/// The changes to the app's headers, in order, for hosts that change them in place. Borrowed from the outcome.
#[unsafe(no_mangle)]
pub extern "C" fn eyot_outcome_edits(
    outcome: Option<&eyot_outcome>,
    out: Option<&mut MaybeUninit<*const eyot_edit>>,
    out_len: Option<&mut MaybeUninit<usize>>,
) -> eyot_status {
    boundary::checked(|| boundary::read_list(outcome, "outcome", (out, out_len), |outcome| &outcome.edits))
}

/// All headers to send, the changes made. Borrowed from the outcome.
#[unsafe(no_mangle)]
pub extern "C" fn eyot_outcome_headers(
    outcome: Option<&eyot_outcome>,
    out: Option<&mut MaybeUninit<*const eyot_pair>>,
    out_len: Option<&mut MaybeUninit<usize>>,
) -> eyot_status {
    boundary::checked(|| boundary::read_list(outcome, "outcome", (out, out_len), |outcome| &outcome.headers))
}

/// What is one visitor's in a response that everyone would get, most often nothing: show it while debugging, log it in
/// production, where the changes keep the response out of every cache. NULL for NULL. Borrowed from the outcome.
#[unsafe(no_mangle)]
pub extern "C" fn eyot_outcome_leaks(outcome: Option<&eyot_outcome>) -> Option<&eyot_findings> {
    boundary::part(|| outcome.map(|outcome| &outcome.leaks))
}

/// Frees an outcome; NULL does nothing.
#[unsafe(no_mangle)]
pub extern "C" fn eyot_outcome_free(outcome: Option<Box<eyot_outcome>>) {
    boundary::release(outcome)
}
