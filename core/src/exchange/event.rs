//! Events: what happened to one page that its author should read in the log.

use std::fmt;

use crate::{Diagnostic, Error, IslandName, Position};

/// How much an event matters.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Level {
    /// What clients did: a refusal, in production.
    Info,
    /// Worth knowing, while debugging above all.
    Warning,
    /// Something was left out of the page, or went out as it was, or the page ended early.
    Error,
}

/// One line for the host's log.
///
/// Its [`Display`](fmt::Display) is the line. Never anything of a token in it, nor of a query.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Event {
    /// How much it matters.
    pub level: Level,
    /// A stable, lower-case code.
    pub code: &'static str,
    /// The page's path.
    pub path: String,
    /// What happened, with its place, and what to do about it.
    pub message: String,
    /// The island that was asked for, once its name is known to be one.
    pub island: Option<IslandName>,
    /// Of a refusal: the status that the client gets. Nothing else has one.
    pub status: Option<u16>,
    /// Where in the page, of what has a place there; of an audit, where in its shell.
    pub place: Option<Position>,
}

impl Event {
    pub(crate) fn new(level: Level, code: &'static str, path: &str, message: String) -> Self {
        Self { level, code, path: path.to_owned(), message, island: None, status: None, place: None }
    }
}

impl fmt::Display for Event {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let refused = if self.status.is_some() { "refused: " } else { "" };
        write!(f, "{}: {refused}{} ({})", self.path, self.message, self.code)
    }
}

/// The events of one page, until the host takes them.
#[derive(Debug)]
pub(super) struct Events {
    path: String,
    list: Vec<Event>,
}

impl Events {
    pub(super) fn new(path: &str) -> Self {
        Self { path: path.to_owned(), list: Vec::new() }
    }

    pub(super) fn take(&mut self) -> Vec<Event> {
        std::mem::take(&mut self.list)
    }

    pub(super) fn note(&mut self, level: Level, code: &'static str, message: String) {
        self.list.push(Event::new(level, code, &self.path, message));
    }

    /// Notes what has a place in the page.
    pub(super) fn note_at(&mut self, place: Option<Position>, level: Level, code: &'static str, message: String) {
        self.list.push(Event { place, ..Event::new(level, code, &self.path, message) });
    }

    pub(super) fn add(&mut self, event: Event) {
        self.list.push(event);
    }

    pub(super) fn holds_itself(&mut self) {
        let message = "the island's answer holds the island itself: the loader leaves that one at its fallback; answer the \
                       island's part alone, without the layout around it";
        self.note(Level::Warning, "island-in-itself", message.to_owned());
    }

    pub(super) fn problem(&mut self, problem: &Error) {
        self.note_at(problem.position(), Level::Error, problem.code(), problem.to_string());
    }

    pub(super) fn diagnostics(&mut self, diagnostics: &[Diagnostic]) {
        for told in diagnostics {
            self.note_at(Some(told.at), Level::Warning, told.code(), format!("{}: {}", told.at, told.message()));
        }
    }

    /// What a browser would make of a shell, in words; nothing where the library was built without the audit.
    pub(super) fn audited(&mut self, shell: &[u8], writes_loader: bool) {
        #[cfg(feature = "audit")]
        for found in crate::audit::of_document(shell, writes_loader) {
            let message = format!("{} of the shell: {}: {}", found.at, found.island, found.message);
            self.note_at(Some(found.at), Level::Warning, found.code(), message);
        }
        #[cfg(not(feature = "audit"))]
        let _ = (shell, writes_loader);
    }
}
