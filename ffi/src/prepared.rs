//! A page that is split once and rendered often.

use std::ffi::c_void;
use std::mem::MaybeUninit;

use eyot::Prepared;

use crate::boundary::{self, given};
use crate::buffer::eyot_buffer;
use crate::bytes::{self};
use crate::context::{self, eyot_context};
use crate::failure::eyot_error;
use crate::islands::eyot_islands;
use crate::shell::eyot_shell;
use crate::status::eyot_status;

/// A page whose islands eyot has found. It writes what is the same in every rendering only once for each key ring and
/// mount point.
///
/// Threads: may be shared. You may free the islands and the page that it was made from.
#[derive(Debug)]
pub struct eyot_prepared(Prepared);

/// Finds a page's islands, so that you can render it often. Copies the page.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn eyot_prepared_new(
    islands: Option<&eyot_islands>,
    page: *const c_void,
    page_len: usize,
    out: Option<&mut MaybeUninit<Option<Box<eyot_prepared>>>>,
    error: Option<&mut MaybeUninit<Option<Box<eyot_error>>>>,
) -> eyot_status {
    boundary::fallible(error, || {
        let (islands, out) = (given(islands, "islands")?, given(out, "out")?);
        // SAFETY: C keeps the contract.
        let page = unsafe { bytes::bytes(page, page_len, "page") }?;
        out.write(boundary::give(eyot_prepared(islands.core().prepare(page)?)));
        Ok(())
    })
}

/// Renders the shell in parts. This takes the same time however long the page is. You may free the prepared page before
/// the shell.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn eyot_prepared_shell(
    prepared: Option<&eyot_prepared>,
    context: *const eyot_context,
    out: Option<&mut MaybeUninit<Option<Box<eyot_shell>>>>,
    error: Option<&mut MaybeUninit<Option<Box<eyot_error>>>>,
) -> eyot_status {
    boundary::fallible(error, || {
        let (prepared, out) = (given(prepared, "prepared")?, given(out, "out")?);
        // SAFETY: C keeps the contract.
        let context = unsafe { context::read(context) }?;
        let shell = eyot_shell::rendered(prepared.0.rendering(&context.core())?, prepared.0.islands().to_vec());
        out.write(boundary::give(shell));
        Ok(())
    })
}

/// Renders the shell in one piece.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn eyot_prepared_render(
    prepared: Option<&eyot_prepared>,
    context: *const eyot_context,
    out: Option<&mut MaybeUninit<eyot_buffer>>,
    error: Option<&mut MaybeUninit<Option<Box<eyot_error>>>>,
) -> eyot_status {
    boundary::fallible(error, || {
        let (prepared, out) = (given(prepared, "prepared")?, given(out, "out")?);
        // SAFETY: C keeps the contract.
        let context = unsafe { context::read(context) }?;
        let mut shell = Vec::new();
        prepared.0.render(&context.core(), &mut shell)?;
        out.write(shell.into());
        Ok(())
    })
}

/// Frees a prepared page; NULL does nothing.
#[unsafe(no_mangle)]
pub extern "C" fn eyot_prepared_free(prepared: Option<Box<eyot_prepared>>) {
    boundary::release(prepared)
}
