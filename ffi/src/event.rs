//! Events: the lines for a host's log.

use eyot::exchange::{Event, Level};

use crate::bytes::eyot_slice;
use crate::layout::{Shape, without_gaps};

/// How much an event matters.
#[repr(C)]
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum eyot_level {
    /// What clients did: a refusal, in production.
    EYOT_LEVEL_INFO = 0,
    /// Worth knowing, above all while debugging.
    EYOT_LEVEL_WARNING = 1,
    /// Something was left out of the page, or went out as it was, or the page ended early.
    EYOT_LEVEL_ERROR = 2,
}

impl Shape for eyot_level {
    const WORDS: usize = 0;
    const BYTES: usize = size_of::<Self>();
}

/// One line for your log. It holds no token, no query and no value of a prop.
#[repr(C)]
#[derive(Debug, Clone, Copy)]
pub struct eyot_event {
    /// A stable, lower-case code such as `page-compressed`.
    pub code: eyot_slice,
    /// The request's path.
    pub path: eyot_slice,
    /// What happened, with its place in the page, and what to do.
    pub message: eyot_slice,
    /// The island that was asked for; empty if none was, or its name is not an island's.
    pub island: eyot_slice,
    /// How much it matters.
    pub level: eyot_level,
    /// If a request was refused: the status that the client gets. Otherwise 0.
    pub status: u32,
    /// The line in the page, from 1; 0 if the event has no place there.
    pub line: u32,
    /// The column in characters, from 1; 0 if the event has no place.
    pub column: u32,
}

without_gaps!(eyot_event { code, path, message, island, level, status, line, column });

impl eyot_event {
    /// C's view of an event, into whose texts it points.
    pub(crate) fn new(event: &Event) -> Self {
        let level = match event.level {
            Level::Info => eyot_level::EYOT_LEVEL_INFO,
            Level::Warning => eyot_level::EYOT_LEVEL_WARNING,
            _ => eyot_level::EYOT_LEVEL_ERROR,
        };
        let island = event.island.as_ref().map_or("", |name| name.as_str());
        Self {
            code: event.code.into(),
            path: event.path.as_str().into(),
            message: event.message.as_str().into(),
            island: island.into(),
            level,
            status: event.status.unwrap_or_default().into(),
            line: event.place.map_or(0, |at| at.line),
            column: event.place.map_or(0, |at| at.column),
        }
    }
}

/// An event, and C's view of it.
#[derive(Debug)]
pub(crate) struct Told {
    view: eyot_event,
    /// The view points into it; on the heap, never changed.
    _event: Box<Event>,
}

impl Told {
    pub(crate) fn new(event: Event) -> Self {
        let event = Box::new(event);
        Self { view: eyot_event::new(&event), _event: event }
    }

    pub(crate) fn view(&self) -> &eyot_event {
        &self.view
    }
}
