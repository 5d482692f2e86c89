//! What is wrong with a page, and what its author should know: kept up to a number, with the place of each.

use super::input::{Input, START, advance};
use crate::html::Problem;
use crate::{Error, Position};

/// How many problems and how many diagnostics of one page are kept; a page with more has had its say.
const MOST: usize = 100;

/// What a problem leads to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) enum Mode {
    /// The first one is an error, and the end of the split.
    #[default]
    Strict,
    /// It is kept, and the faulty island becomes its bare fallback. Limits are errors all the same.
    Lenient,
}

/// Something that is no error and that the page's author should know.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Diagnostic {
    /// What it is about.
    pub kind: DiagnosticKind,
    /// Where.
    pub at: Position,
}

/// What a [`Diagnostic`] is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum DiagnosticKind {
    /// A directive in a comment.
    DirectiveInComment,
    /// A directive in `noscript`.
    DirectiveInNoscript,
}

impl DiagnosticKind {
    /// A stable, lower-case code such as `directive-in-comment`, for logs, bindings and tests.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::DirectiveInComment => "directive-in-comment",
            Self::DirectiveInNoscript => "directive-in-noscript",
        }
    }
}

impl Diagnostic {
    /// The kind's stable, lower-case code.
    #[must_use]
    pub fn code(&self) -> &'static str {
        self.kind.code()
    }

    /// What it means and what to do.
    #[must_use]
    pub fn message(&self) -> &'static str {
        match self.kind {
            DiagnosticKind::DirectiveInComment => {
                "a directive in a comment is not an island: it goes out as it is, with its props in clear; remove it"
            }
            DiagnosticKind::DirectiveInNoscript => {
                "a directive in <noscript> is not an island: it goes out as it is, with its props in clear; move it out"
            }
        }
    }
}

/// See the module's documentation.
#[derive(Debug)]
pub(crate) struct Problems {
    pub(crate) mode: Mode,
    pub(crate) errors: Vec<Error>,
    pub(crate) diagnostics: Vec<Diagnostic>,
    /// An offset whose place is known: most places are asked for in order, so that each line is counted once.
    counted: (usize, Position),
}

impl Problems {
    pub(crate) fn new(mode: Mode) -> Self {
        Self { mode, errors: Vec::new(), diagnostics: Vec::new(), counted: (0, START) }
    }

    /// Takes note of a problem at an offset.
    ///
    /// # Errors
    /// The problem, where it is the end of the split.
    pub(crate) fn report(&mut self, input: Input<'_>, problem: Problem, at: usize) -> Result<(), Error> {
        // No lines are counted for a problem that nobody will see.
        if !self.is_final(&problem) && self.errors.len() >= MOST {
            return Ok(());
        }
        let place = self.position(input, at);
        self.report_at(problem, place)
    }

    /// Takes note of a problem at a place.
    ///
    /// # Errors
    /// As [`report`](Self::report).
    pub(crate) fn report_at(&mut self, problem: Problem, at: Position) -> Result<(), Error> {
        let is_final = self.is_final(&problem);
        let error = Error::Markup { problem, at };
        if is_final {
            return Err(error);
        }
        if self.errors.len() < MOST {
            self.errors.push(error);
        }
        Ok(())
    }

    fn is_final(&self, problem: &Problem) -> bool {
        self.mode == Mode::Strict || problem.is_limit()
    }

    /// The line and column of an offset.
    pub(crate) fn position(&mut self, input: Input<'_>, at: usize) -> Position {
        let is_behind = (input.base..=at).contains(&self.counted.0);
        let (offset, place) = if is_behind { self.counted } else { (input.base, input.origin) };
        let at = at.clamp(offset, input.end());
        let place = advance(place, input.get(offset..at));
        if at > self.counted.0 {
            self.counted = (at, place);
        }
        place
    }

    /// Takes note of something that is no error.
    pub(crate) fn note(&mut self, input: Input<'_>, kind: DiagnosticKind, at: usize) {
        if self.diagnostics.len() < MOST {
            let at = self.position(input, at);
            self.diagnostics.push(Diagnostic { kind, at });
        }
    }
}
