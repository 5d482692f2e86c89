//! Lists of what was found: problems and diagnostics of a page, findings of the audit, leaks of a shell.

use std::ffi::c_void;
use std::mem::MaybeUninit;

use eyot::{Diagnostic, Error, Position};

use crate::boundary::{self, given};
use crate::bytes::{self, eyot_slice};
use crate::failure::{Failure, eyot_error};
use crate::status::eyot_status;

/// One thing that was found. Its slices are borrowed from the list.
#[repr(C)]
#[derive(Debug, Clone, Copy)]
pub struct eyot_finding {
    /// A stable, lower-case code such as `fallback-moved`.
    pub code: eyot_slice,
    /// What it means and what to do.
    pub message: eyot_slice,
    /// The island that it is about; empty when it is about none, or not known.
    pub island: eyot_slice,
    /// The line, from 1; 0 where it has no place.
    pub line: u32,
    /// The column in characters, from 1; 0 where it has no place.
    pub column: u32,
}

/// A list of findings, in the page's order.
///
/// Threads: may be shared.
#[derive(Debug, Default)]
pub struct eyot_findings(Vec<Found>);

#[derive(Debug)]
struct Found {
    code: &'static str,
    message: String,
    island: String,
    at: Option<Position>,
}

impl eyot_findings {
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

    pub(crate) fn of_leaks(leaks: &[eyot::http::Leak]) -> Self {
        let found = |leak: &eyot::http::Leak| Found {
            code: leak.code(),
            message: leak.to_string(),
            island: String::new(),
            at: if let eyot::http::Leak::Csrf { at, .. } = leak { Some(*at) } else { None },
        };
        Self(leaks.iter().map(found).collect())
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

/// Tells what a browser would make of a shell: where its parser moves, drops or swallows a placeholder or a fallback.
/// For debugging and for tests: it parses the whole page.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn eyot_findings_audit(
    shell: *const c_void,
    shell_len: usize,
    out: Option<&mut MaybeUninit<Option<Box<eyot_findings>>>>,
    error: Option<&mut MaybeUninit<Option<Box<eyot_error>>>>,
) -> eyot_status {
    boundary::fallible(error, || {
        let out = given(out, "out")?;
        // SAFETY: C keeps the contract.
        let shell = unsafe { bytes::bytes(shell, shell_len, "shell") }?;
        out.write(boundary::give(eyot_findings::of_audit(shell)));
        Ok(())
    })
}

/// How many there are; 0 for NULL.
#[unsafe(no_mangle)]
pub extern "C" fn eyot_findings_len(findings: Option<&eyot_findings>) -> usize {
    boundary::value(0, || findings.map(|findings| findings.0.len()))
}

/// The one at `index`, from 0; `EYOT_NOT_FOUND` beyond the last. Borrowed from the list.
#[unsafe(no_mangle)]
pub extern "C" fn eyot_findings_get(
    findings: Option<&eyot_findings>,
    index: usize,
    out: Option<&mut MaybeUninit<eyot_finding>>,
) -> eyot_status {
    boundary::checked(|| {
        let (findings, out) = (given(findings, "findings")?, given(out, "out")?);
        let found = findings.0.get(index).ok_or_else(|| Failure::not_found("the list is shorter"))?;
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

/// Frees a list that belongs to the caller; NULL does nothing. Lists that a shell, a splitter or an outcome holds are
/// freed with it.
#[unsafe(no_mangle)]
pub extern "C" fn eyot_findings_free(findings: Option<Box<eyot_findings>>) {
    boundary::release(findings)
}
