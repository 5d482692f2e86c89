//! A page that goes out as it comes, to its end or to where it is cut.

use std::fmt;

use super::event::Events;
use super::page::PageRules;
use super::shown;
use crate::redacted::Length;
use crate::shell::Segments;
use crate::{Context, Error, Islands, Splitter};

/// What goes out after a chunk of a streamed page.
#[must_use]
pub enum Flow<'s> {
    /// These parts, perhaps none; more may come.
    On(Segments<'s>),
    /// This, and then the page is over, whatever of it is still to come: its fault is shown at its end while debugging.
    Last(Vec<u8>),
    /// This, most often nothing, and then the connection is to be cut, so that caches discard what they have of the page. With
    /// what was wrong, for hosts that cut by an exception.
    Cut(Vec<u8>, Error),
}

/// See [`PageOut`](super::PageOut).
pub(super) struct Stream {
    splitter: Splitter,
    /// The whole shell, for the audit while debugging.
    sent: Vec<u8>,
    /// How many of the splitter's problems have been told.
    told: usize,
    /// Whether it has been said that the page held directives.
    is_told_changed: bool,
    end: Option<End>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum End {
    /// The page came to its end, and nothing has been said of it yet.
    Whole,
    /// Everything has been said of it.
    Told,
    /// It was cut at its fault.
    Cut,
}

impl fmt::Debug for Flow<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::On(segments) => f.debug_tuple("On").field(segments).finish(),
            Self::Last(rest) => f.debug_tuple("Last").field(&Length::of(rest)).finish(),
            Self::Cut(rest, error) => f.debug_tuple("Cut").field(&Length::of(rest)).field(error).finish(),
        }
    }
}

impl fmt::Debug for Stream {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Stream")
            .field("splitter", &self.splitter)
            .field("sent", &Length::of(&self.sent))
            .field("end", &self.end)
            .finish_non_exhaustive()
    }
}

impl Stream {
    pub(super) fn new(islands: &Islands, rules: &PageRules) -> Self {
        let splitter = Splitter::new(islands);
        // The first problem ends a page that is shown while debugging, and one that caches have been told to keep.
        let is_strict = (rules.is_debug || rules.must_be_sound) && !rules.is_outside;
        let splitter = if is_strict { splitter } else { splitter.lenient() };
        Self { splitter, sent: Vec::new(), told: 0, is_told_changed: false, end: None }
    }

    /// Takes the next chunk, or the end of the page.
    pub(super) fn step<'s>(
        &'s mut self,
        chunk: Option<&'s [u8]>,
        context: &Context<'_>,
        rules: &PageRules,
        events: &mut Events,
    ) -> Flow<'s> {
        let Self { splitter, sent, end, .. } = self;
        if end.is_some() {
            return Flow::On(Segments::none());
        }
        let pushed = match chunk {
            Some(chunk) => splitter.push(chunk, context),
            None => {
                *end = Some(End::Whole);
                splitter.finish(context)
            }
        };
        match pushed {
            Ok(segments) => {
                if rules.is_debug {
                    segments.clone().for_each(|segment| sent.extend_from_slice(segment));
                }
                Flow::On(segments)
            }
            Err(error) => {
                let flow = stopped(error, rules, events);
                *end = Some(if matches!(flow, Flow::Cut(..)) { End::Cut } else { End::Told });
                flow
            }
        }
    }

    /// Whether the page has not come to its end.
    pub(super) fn is_open(&self) -> bool {
        matches!(self.end, None | Some(End::Cut))
    }

    /// Whether the page held directives, said once.
    pub(super) fn take_changed(&mut self) -> bool {
        let is_changed = !(self.splitter.islands().is_empty() && self.splitter.problems().is_empty());
        is_changed && !std::mem::replace(&mut self.is_told_changed, true)
    }

    /// Notes what is to be said of the page so far.
    pub(super) fn tell(&mut self, writes_loader: bool, rules: &PageRules, events: &mut Events) {
        let problems = self.splitter.problems();
        problems[self.told..].iter().for_each(|problem| events.problem(problem));
        self.told = problems.len();
        if self.end == Some(End::Whole) {
            self.end = Some(End::Told);
            if rules.is_debug {
                events.diagnostics(self.splitter.diagnostics());
                events.audited(&std::mem::take(&mut self.sent), writes_loader);
            }
        }
    }
}

fn stopped(error: Error, rules: &PageRules, events: &mut Events) -> Flow<'static> {
    events.problem(&error);
    let shown = if rules.is_debug { shown::markup_block(&error) } else { Vec::new() };
    if rules.is_debug && !rules.must_be_sound { Flow::Last(shown) } else { Flow::Cut(shown, error) }
}
