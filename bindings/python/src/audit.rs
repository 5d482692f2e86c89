//! The audit: what a browser would make of a shell.

use pyo3::prelude::*;

use crate::calm::work;

/// Something in a shell that is not as its author meant it.
#[pyclass(frozen, module = "eyot", get_all)]
pub(crate) struct Finding {
    /// A stable, lower-case code.
    code: &'static str,
    /// What a browser does and what to do about it.
    message: String,
    /// The island's name.
    island: String,
    /// The line in the shell, from 1.
    line: u32,
    /// The column, from 1.
    column: u32,
}

/// Parses a whole page's shell as a browser does, and tells what is not as it was written, in the shell's order.
#[pyfunction]
#[pyo3(signature = (shell, /))]
pub(crate) fn audit(py: Python<'_>, shell: &[u8]) -> PyResult<Vec<Finding>> {
    let findings = work(py, shell.len(), || eyot::audit::audit(shell))?;
    let convert = |found: eyot::audit::Finding| Finding {
        code: found.code(),
        message: found.message,
        island: found.island,
        line: found.at.line,
        column: found.at.column,
    };
    Ok(findings.into_iter().map(convert).collect())
}
