//! HTML that a handler writes.

use crate::boundary::{self, Output};
use crate::bytes::{self, eyot_buffer};
use crate::status::{eyot_error, eyot_status};

/// Escapes a text for HTML, as content or in an attribute in either kind of quotes: `&`, `<`, `>`, `"` and `'`.
///
/// # Safety
/// `text` is readable for `text_len` bytes; `out` may be written to; `error` is NULL or may be written to.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn eyot_html_escape(
    text: *const u8,
    text_len: usize,
    out: *mut eyot_buffer,
    error: *mut *mut eyot_error,
) -> eyot_status {
    let body = || {
        // SAFETY: by this function's contract.
        let (out, text) = unsafe { (Output::new(out, "out")?, bytes::text(text, text_len, "text")?) };
        let mut escaped = Vec::with_capacity(text.len());
        html_escape::encode_quoted_attribute_to_vec(text, &mut escaped);
        out.write(escaped.into());
        Ok(())
    };
    // SAFETY: by this function's contract.
    unsafe { boundary::fallible(error, body) }
}
