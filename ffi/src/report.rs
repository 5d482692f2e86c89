//! Lists of what was found: problems and diagnostics of a page, findings of the audit, leaks of a shell.

use std::ffi::c_void;
use std::mem::MaybeUninit;

use eyot::{Diagnostic, Error, Position};

use crate::boundary::{self, given};
use crate::bytes::{self, eyot_slice};
use crate::failure::{Failure, eyot_error};
use crate::layout::without_gaps;
use crate::status::eyot_status;

/// One thing that was found. Its slices are borrowed from the report.
#[repr(C)]
#[derive(Debug, Clone, Copy)]
pub struct eyot_finding {
    /// A stable, lower-case code such as `fallback-moved`.
    pub code: eyot_slice,
    /// What it means and what to do.
    pub message: eyot_slice,
    /// The island that it is about; may be empty.
    pub island: eyot_slice,
    /// The line, from 1; 0 if it has no place.
    pub line: u32,
    /// The column in characters, from 1; 0 if it has no place.
    pub column: u32,
}

without_gaps!(eyot_finding { code, message, island, line, column });

/// A list of findings, in the page's order.
///
/// Threads: may be shared.
#[derive(Debug, Default)]
pub struct eyot_report(Vec<Found>);

#[derive(Debug)]
struct Found {
    code: &'static str,
    message: String,
    island: String,
    at: Option<Position>,
}

impl eyot_report {
    pub(crate) const EMPTY: Self = Self(Vec::new());

    pub(crate) fn of_errors(errors: &[Error]) -> Self {
        let found = |error: &Error| Found {
            code: error.code(),
            message: error.to_string(),
            island: String::new(),
            at: error.position(),
        };
        Self(errors.iter().map(found).collect())
    }

    pub(crate) fn of_diagnostics(diagnostics: &[Diagnostic]) -> Self {
        let found = |diagnostic: &Diagnostic| Found {
            code: diagnostic.code(),
            message: diagnostic.message().to_owned(),
            island: String::new(),
            at: Some(diagnostic.at),
        };
        Self(diagnostics.iter().map(found).collect())
    }

    fn of_audit(shell: &[u8]) -> Self {
        let found = |finding: eyot::audit::Finding| Found {
            code: finding.code(),
            message: finding.message,
            island: finding.island,
            at: Some(finding.at),
        };
        Self(eyot::audit::audit(shell).into_iter().map(found).collect())
    }
}

/// Reports what a browser's parser would do to a shell: where it moves, drops or swallows a placeholder or a fallback.
/// Use it for debugging and in tests, because it parses the whole page.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn eyot_report_audit(
    shell: *const c_void,
    shell_len: usize,
    out: Option<&mut MaybeUninit<Option<Box<eyot_report>>>>,
    error: Option<&mut MaybeUninit<Option<Box<eyot_error>>>>,
) -> eyot_status {
    boundary::fallible(error, || {
        let out = given(out, "out")?;
        // SAFETY: C keeps the contract.
        let shell = unsafe { bytes::bytes(shell, shell_len, "shell") }?;
        out.write(boundary::give(eyot_report::of_audit(shell)));
        Ok(())
    })
}

/// How many there are; 0 for NULL.
#[unsafe(no_mangle)]
pub extern "C" fn eyot_report_len(report: Option<&eyot_report>) -> usize {
    boundary::value(0, || report.map(|report| report.0.len()))
}

/// The finding at `index`, from 0; `EYOT_NOT_FOUND` beyond the last. Borrowed from the report.
#[unsafe(no_mangle)]
pub extern "C" fn eyot_report_get(
    report: Option<&eyot_report>,
    index: usize,
    out: Option<&mut MaybeUninit<eyot_finding>>,
) -> eyot_status {
    boundary::checked(|| {
        let (report, out) = (given(report, "report")?, given(out, "out")?);
        let found = report.0.get(index).ok_or_else(|| Failure::not_found("the list is shorter"))?;
        out.write(eyot_finding {
            code: found.code.into(),
            message: found.message.as_str().into(),
            island: found.island.as_str().into(),
            line: found.at.map_or(0, |at| at.line),
            column: found.at.map_or(0, |at| at.column),
        });
        Ok(())
    })
}

/// Frees a report of `eyot_report_audit`; NULL does nothing. The reports of a shell or a splitter belong to it.
#[unsafe(no_mangle)]
pub extern "C" fn eyot_report_free(report: Option<Box<eyot_report>>) {
    boundary::release(report)
}
