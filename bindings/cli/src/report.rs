//! Findings: what is wrong at a place of a page, as text with the line and a caret, or as JSON.

use std::collections::HashSet;

use annotate_snippets::{AnnotationKind, Level, Renderer, Snippet};
use eyot::Position;
use serde::Serialize;

/// How much a finding matters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Severity {
    /// The page loses something.
    Error,
    /// Something to look at.
    Warning,
}

/// One thing that is wrong, or worth a look, at a place of a file.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize)]
pub(crate) struct Finding {
    /// The file's path, a URL, or `-` for standard input.
    pub(crate) file: String,
    /// A stable code.
    pub(crate) code: &'static str,
    pub(crate) severity: Severity,
    pub(crate) message: String,
    /// From 1.
    pub(crate) line: u32,
    /// From 1, in characters.
    pub(crate) column: u32,
}

impl Finding {
    pub(crate) fn new(file: &str, code: &'static str, severity: Severity, message: String, at: Position) -> Self {
        Self { file: file.to_owned(), code, severity, message, line: at.line, column: at.column }
    }

    /// What a lenient split says of a page.
    pub(crate) fn of_shell(file: &str, shell: &eyot::Shell<'_>) -> Vec<Self> {
        let problems = shell.problems().iter().map(|problem| {
            let at = problem.position().unwrap_or(Position { line: 1, column: 1 });
            let message = match problem {
                // The place has fields of its own.
                eyot::Error::Markup { problem, .. } => problem.to_string(),
                other => other.to_string(),
            };
            Self::new(file, problem.code(), Severity::Error, message, at)
        });
        let told = shell
            .diagnostics()
            .iter()
            .map(|told| Self::new(file, told.code(), Severity::Warning, told.message().to_owned(), told.at));
        let mut seen = HashSet::new();
        problems.chain(told).filter(|finding| seen.insert(finding.clone())).collect()
    }

    /// The finding in words, with its line of the source.
    pub(crate) fn rendered(&self, source: &[u8]) -> String {
        let source = String::from_utf8_lossy(source);
        let line = source.lines().nth(self.line as usize - 1).unwrap_or_default();
        let (line, column) = shortened(line, self.column as usize - 1);
        let start = line.char_indices().nth(column).map_or(line.len(), |(start, _)| start);
        let end = line[start..].find(['>', ' ']).map_or(line.len(), |end| start + end.max(1));
        let level = match self.severity {
            Severity::Error => Level::ERROR,
            Severity::Warning => Level::WARNING,
        };
        let snippet = Snippet::source(line.as_str())
            .line_start(self.line as usize)
            .path(self.file.as_str())
            .annotation(AnnotationKind::Primary.span(start..end));
        let report = [level.primary_title(self.message.as_str()).id(self.code).element(snippet)];
        Renderer::styled().render(&report)
    }
}

/// A line cut to what fits on a screen around a column, and the column in it.
fn shortened(line: &str, column: usize) -> (String, usize) {
    let first = column.saturating_sub(60);
    let text: String = line.chars().skip(first).take(160).map(|c| if c.is_control() { ' ' } else { c }).collect();
    if first == 0 { (text, column) } else { (format!("…{text}"), column - first + 1) }
}
