//! What is sent instead of the app's own status and headers.

use std::mem::MaybeUninit;

use eyot::http::{Edit, Field, Outcome, edited};

use crate::boundary;
use crate::bytes::{eyot_pair, eyot_slice};
use crate::layout::{Shape, without_gaps};
use crate::status::eyot_status;

/// What an edit does.
#[repr(C)]
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum eyot_edit_kind {
    /// Replace all headers of this name with one that has the value.
    EYOT_EDIT_SET = 1,
    /// Remove all headers of this name.
    EYOT_EDIT_REMOVE = 2,
}

/// One change to a response's headers. Make the changes in order; a later one wins over an earlier one of the same
/// name.
#[repr(C)]
#[derive(Debug, Clone, Copy)]
pub struct eyot_edit {
    /// The header's name; compare without regard to case.
    pub name: eyot_slice,
    /// The value to set; empty for a removal.
    pub value: eyot_slice,
    /// Set or remove.
    pub kind: eyot_edit_kind,
    /// 0.
    pub reserved: u32,
}

impl Shape for eyot_edit_kind {
    const WORDS: usize = 0;
    const BYTES: usize = size_of::<Self>();
}

without_gaps!(eyot_edit { name, value, kind, reserved });

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
        // C gets pointers into both lists, which move with the outcome. What they point to is on the heap and stays.
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
        }
    }
}

fn edit(edit: &Edit) -> eyot_edit {
    let (kind, name, value) = match edit {
        Edit::Set(name, value) => (eyot_edit_kind::EYOT_EDIT_SET, (*name).into(), (&**value).into()),
        Edit::Remove(name) => (eyot_edit_kind::EYOT_EDIT_REMOVE, (&**name).into(), eyot_slice::EMPTY),
    };
    eyot_edit { name, value, kind, reserved: 0 }
}

/// The status code to send; 0 for NULL.
#[unsafe(no_mangle)]
pub extern "C" fn eyot_outcome_status(outcome: Option<&eyot_outcome>) -> u32 {
    boundary::value(0, || outcome.map(|outcome| outcome.status.into()))
}

/// Whether to send the app's body; false for NULL. It does not depend on the method, although an answer to `HEAD` never
/// has a body.
#[unsafe(no_mangle)]
pub extern "C" fn eyot_outcome_has_body(outcome: Option<&eyot_outcome>) -> bool {
    boundary::value(false, || outcome.map(|outcome| outcome.has_body))
}

/// Whether a policy made the response a shell that shared caches may keep; false for NULL.
#[unsafe(no_mangle)]
pub extern "C" fn eyot_outcome_is_shell(outcome: Option<&eyot_outcome>) -> bool {
    boundary::value(false, || outcome.map(|outcome| outcome.is_shell))
}

/// The changes to the app's headers, in order, for servers that change headers in place. Borrowed from the outcome.
#[unsafe(no_mangle)]
pub extern "C" fn eyot_outcome_edits(
    outcome: Option<&eyot_outcome>,
    out: Option<&mut MaybeUninit<*const eyot_edit>>,
    out_len: Option<&mut MaybeUninit<usize>>,
) -> eyot_status {
    boundary::checked(|| boundary::read_list(outcome, "outcome", (out, out_len), |outcome| &outcome.edits))
}

/// All headers to send, with the changes made. Borrowed from the outcome.
#[unsafe(no_mangle)]
pub extern "C" fn eyot_outcome_headers(
    outcome: Option<&eyot_outcome>,
    out: Option<&mut MaybeUninit<*const eyot_pair>>,
    out_len: Option<&mut MaybeUninit<usize>>,
) -> eyot_status {
    boundary::checked(|| boundary::read_list(outcome, "outcome", (out, out_len), |outcome| &outcome.headers))
}

/// Frees an outcome; NULL does nothing.
#[unsafe(no_mangle)]
pub extern "C" fn eyot_outcome_free(outcome: Option<Box<eyot_outcome>>) {
    boundary::release(outcome)
}
