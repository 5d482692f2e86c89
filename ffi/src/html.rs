//! HTML that a handler writes.

use std::ffi::c_void;
use std::mem::MaybeUninit;

use crate::boundary::{self, given};
use crate::buffer::eyot_buffer;
use crate::bytes::{self};
use crate::failure::eyot_error;
use crate::status::eyot_status;

/// Escapes a text for HTML, as content or in an attribute in either kind of quotes: `&`, `<`, `>`, `"` and `'`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn eyot_html_escape(
    text: *const c_void,
    text_len: usize,
    out: Option<&mut MaybeUninit<eyot_buffer>>,
    error: Option<&mut MaybeUninit<Option<Box<eyot_error>>>>,
) -> eyot_status {
    boundary::fallible(error, || {
        let out = given(out, "out")?;
        // SAFETY: C keeps the contract.
        let text = unsafe { bytes::text(text, text_len, "text") }?;
        // Most texts have nothing to escape.
        let mut escaped = Vec::with_capacity(text.len());
        html_escape::encode_quoted_attribute_to_vec(text, &mut escaped);
        out.write(escaped.into());
        Ok(())
    })
}
