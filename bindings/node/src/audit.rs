//! The audit: what a browser would make of a shell.

use napi_derive::napi;

/// Something in a shell that is not as its author meant it.
#[napi(object, object_from_js = false)]
pub(crate) struct Finding {
    /// A stable, lower-case code.
    pub code: &'static str,
    /// What a browser does and what to do about it.
    pub message: String,
    /// The island's name.
    pub island: String,
    /// The line in the shell, from 1.
    pub line: u32,
    /// The column, from 1.
    pub column: u32,
}

/// Parses a whole page's shell as a browser does, and tells what is not as it was written, in the shell's order.
#[napi(catch_unwind)]
pub(crate) fn audit(shell: &[u8]) -> Vec<Finding> {
    let convert = |found: eyot::audit::Finding| Finding {
        code: found.code(),
        message: found.message,
        island: found.island,
        line: found.at.line,
        column: found.at.column,
    };
    eyot::audit::audit(shell).into_iter().map(convert).collect()
}
