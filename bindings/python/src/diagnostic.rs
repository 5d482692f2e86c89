//! Diagnostics: what is no error and the page's author should know.

use pyo3::prelude::*;

/// Something that the page's author should know.
#[pyclass(frozen, module = "eyot", get_all)]
pub(crate) struct Diagnostic {
    /// A stable, lower-case code.
    code: &'static str,
    /// What it means and what to do.
    message: String,
    /// The line in the page, from 1.
    line: u32,
    /// The column, from 1.
    column: u32,
}

impl Diagnostic {
    pub(crate) fn list(found: &[eyot::Diagnostic]) -> Vec<Self> {
        let convert = |found: &eyot::Diagnostic| Self {
            code: found.code(),
            message: found.message().to_owned(),
            line: found.at.line,
            column: found.at.column,
        };
        found.iter().map(convert).collect()
    }
}
