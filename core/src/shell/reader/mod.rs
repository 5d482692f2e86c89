//! Reads a page's islands into a [`Plan`]: which elements are islands, where they end, what belongs to which slot.
//!
//! | file | owns |
//! | --- | --- |
//! | `mod.rs` | the walk from tag to tag, and what a page leaves open at its end |
//! | `tags.rs` | start tags with a directive: what the element is, and the island made of it |
//! | `frames.rs` | islands whose end tag has not come: matching end tags, giving up |
//! | `slots.rs` | the children of islands, and which slot each goes to |
//! | `cuts.rs` | what is left out of the page |
//! | `search.rs` | the search for directives |

mod cuts;
mod frames;
mod search;
mod slots;
mod tags;

use std::collections::VecDeque;
use std::ops::Range;

use cuts::removed;
use frames::Frame;
use search::Search;
use slots::Place;

use super::input::Input;
use super::loader::Spot;
use super::plan::{Piece, Plan};
use super::problems::{DiagnosticKind, Mode, Problems};
use crate::config::Config;
use crate::html::scanner::{Event, Opaque, Scanner};
use crate::html::tag::Tag;
use crate::html::{Problem, directive};
use crate::{Error, Position, props};

/// What is known of a page from one window to the next; [`Reading`] goes on from it.
#[derive(Debug)]
pub(crate) struct Reader {
    scanner: Scanner,
    pub(crate) plan: Plan,
    /// The islands that are open, the outermost first.
    frames: Vec<Frame>,
    /// Pieces of the page itself that are ready to go out.
    ready: VecDeque<Piece>,
    /// Used again from island to island: the names of props, and their JSON.
    names: props::Names,
    json: Vec<u8>,
    directives: Search,
    loaders: Search,
    /// Everything before this has been looked at for directives.
    looked: usize,
    /// Whether the comment or `noscript` that is being read has shown a directive already.
    has_noted: bool,
    islands: usize,
    /// The place of the tag that made the page unclear, until that is reported.
    unsure: Option<Position>,
    /// Unclear stretches of the page itself after which no directive has been seen yet.
    unclear: Vec<Unclear>,
    /// Whether the rest of the one that is being read is left out.
    leaves_out_unclear: bool,
    /// The end of what was left out last.
    left_out: usize,
    pub(crate) problems: Problems,
}

/// A text element or CDATA section of which nobody can tell whether it is one. It only matters where a directive stands
/// in it or after it: then it must not go out. Until that is known it is held.
#[derive(Debug)]
struct Unclear {
    range: Range<usize>,
    /// What to say of it, if it has not been said of an earlier one.
    problem: Option<(Problem, Position)>,
}

/// A reader at work on one window of the page.
#[derive(Debug)]
pub(crate) struct Reading<'r> {
    state: &'r mut Reader,
    input: Input<'r>,
    config: &'r Config,
}

impl Reader {
    pub(crate) fn new(mode: Mode) -> Self {
        Self {
            scanner: Scanner::new(crate::assets::LOADER.name().as_bytes()),
            plan: Plan::default(),
            frames: Vec::new(),
            ready: VecDeque::new(),
            names: props::Names::default(),
            json: Vec::new(),
            directives: Search::default(),
            loaders: Search::default(),
            looked: 0,
            has_noted: false,
            islands: 0,
            unsure: None,
            unclear: Vec::new(),
            leaves_out_unclear: false,
            left_out: 0,
            problems: Problems::new(mode),
        }
    }

    /// The same for a page whose first directive is known to be at `first`.
    pub(crate) fn starting_at(self, first: usize) -> Self {
        Self { directives: Search::found_at(first), ..self }
    }

    /// Goes on with the page that `input` is a window on.
    pub(crate) fn read<'r>(&'r mut self, input: Input<'r>, config: &'r Config) -> Reading<'r> {
        Reading { state: self, input, config }
    }

    /// Whether nothing of the plan is in use.
    pub(crate) fn is_idle(&self) -> bool {
        self.frames.is_empty() && self.ready.is_empty()
    }

    /// The offset of the first byte that must stay in memory.
    pub(crate) fn needs_from(&self, input: Input<'_>) -> usize {
        let mut scanner = self.scanner.needs_from() + input.base;
        if let Some((_, start)) = self.scanner.open_opaque() {
            // A directive to take note of may have begun here.
            scanner = scanner.min(input.end().saturating_sub(DIRECTIVE.len() - 1)).max(start + input.base);
        } else if self.scanner.has_let_go() {
            scanner = scanner.min(input.end().saturating_sub(directive::OVERLAP)).max(input.base);
        }
        let held = self.unclear.first().map_or(scanner, |unclear| unclear.range.start.min(scanner));
        self.frames.first().map_or(held, |frame| self.plan.node(frame.node).tag.start.min(held))
    }

    /// Takes note that the first `count` bytes of the window are gone.
    pub(crate) fn drop_front(&mut self, count: usize) {
        self.scanner.drop_front(count);
    }

    /// Where the loader's tags go if the page's first island begins at `island`.
    pub(crate) fn loader_spot(&self, input: Input<'_>, island: usize) -> Spot {
        let head = self.scanner.head_end().map(|at| at + input.base);
        let enclosure = self.scanner.enclosure_start().map(|at| at + input.base);
        Spot::before(island, head, enclosure)
    }

    /// Whether what is read next is in an svg, math or template, or may be.
    pub(crate) fn is_enclosed(&self) -> bool {
        self.scanner.enclosure_start().is_some()
    }

    /// Where in the window the first outermost svg, math or template ended that has not been forgotten.
    pub(crate) fn enclosure_end(&self) -> Option<usize> {
        self.scanner.enclosure_end()
    }

    /// Goes on to the next one.
    pub(crate) fn forget_enclosure_end(&mut self) {
        self.scanner.forget_enclosure_end();
    }

    /// Whether the page brings the loader's tag itself, as far as it has been read.
    pub(crate) fn has_loader(&self) -> bool {
        self.scanner.has_marker()
    }
}

impl Reading<'_> {
    /// The next island or cut of the page itself, or `None` when the window is read.
    pub(crate) fn next(&mut self) -> Result<Option<Piece>, Error> {
        loop {
            if let Some(piece) = self.state.ready.pop_front() {
                return Ok(Some(piece));
            }
            if self.matters() {
                self.leave_out_unclear()?;
                continue;
            }
            let Some(wake) = self.wake() else { return Ok(None) };
            match self.state.scanner.next(self.input.bytes, wake) {
                Some(Event::Tag(tag)) => self.tag(&tag)?,
                Some(Event::Opaque { kind, start, end }) => self.opaque(kind, self.offset(start), self.offset(end)),
                Some(Event::LetGo(end)) => {
                    self.look_into_let_go(self.offset(end))?;
                    self.state.looked = self.offset(end);
                }
                Some(Event::Unsure(at)) => self.unsure(at),
                Some(Event::Unclear) => self.state.leaves_out_unclear = false,
                Some(Event::Unclaimed { start, end }) => self.unclear(self.offset(start)..self.offset(end)),
                None if !self.end_of_window()? => return Ok(None),
                None => {}
            }
        }
    }

    /// The position up to which tags do not matter, or `None` when none of the rest of the page does.
    fn wake(&mut self) -> Option<usize> {
        // Inside of an island every tag counts: it may be the island's end, or a child with a slot.
        if !self.state.frames.is_empty() {
            return Some(0);
        }
        // Behind what is unclear there is none yet, or it would not be held. The search goes on from its start, so that one
        // that a window breaks off in is seen.
        let from = self.state.unclear.first().map_or(self.state.looked, |unclear| unclear.range.start);
        if let Some(next) = self.directive_from(from) {
            // One in a comment that goes on may have left the memory already.
            return Some(next.saturating_sub(self.input.base));
        }
        // A page in chunks has to be followed to its end; a whole one to its last directive, to the end of what is left
        // out, and as far as it may bring a loader of its own.
        let goes_on = self.input.is_stream()
            || self.state.scanner.open_tag().is_some()
            || self.state.scanner.is_in_unclear()
            || (self.config.settings.loader
                && !self.state.has_loader()
                && self.loader_from(self.state.looked).is_some());
        goes_on.then_some(usize::MAX)
    }

    /// The offset in the page of a position in the window.
    fn offset(&self, at: usize) -> usize {
        at + self.input.base
    }

    fn directive_from(&mut self, from: usize) -> Option<usize> {
        self.state.directives.next(self.input, from, directive::OVERLAP, directive::find)
    }

    fn loader_from(&mut self, from: usize) -> Option<usize> {
        let name = crate::assets::LOADER.name().as_bytes();
        self.state.loaders.next(self.input, from, name.len() - 1, |bytes, from| {
            memchr::memmem::find(bytes.get(from..)?, name).map(|found| from + found)
        })
    }

    fn tag(&mut self, tag: &Tag) -> Result<(), Error> {
        if self.is_unclear(tag) {
            // The scanner goes on to say so, and what is left out takes its directives with it.
            self.state.looked = self.offset(tag.start);
            return Ok(());
        }
        self.state.looked = self.offset(tag.end);
        if tag.closing { self.end_tag(tag) } else { self.start_tag(tag) }
    }

    /// Whether a directive may be in a tag that has just been read.
    fn holds_directive(&mut self, tag: &Tag) -> bool {
        let (start, end) = (self.offset(tag.start), self.offset(tag.end));
        self.directive_from(start).is_some_and(|at| at < end)
    }

    // -- ends ---------------------------------------------------------------------------------------------------------

    /// At the end of the window: whether there is more to do.
    fn end_of_window(&mut self) -> Result<bool, Error> {
        if let Some((kind, start)) = self.state.scanner.open_opaque() {
            self.look_into(kind, self.offset(start), self.input.end());
        }
        if self.input.is_last {
            return self.finish();
        }
        let held = self.state.unclear.first().map_or(0, |unclear| self.input.end() - unclear.range.start);
        if held > self.config.settings.max_island_bytes {
            return self.leave_out_unclear().map(|()| true);
        }
        if self.state.scanner.has_let_go() {
            return self.look_into_let_go(self.input.end()).map(|()| false);
        }
        self.check_length()?;
        self.let_go();
        Ok(false)
    }

    /// Stops holding a tag with a long attribute (an image in its address, say) that has shown no directive. Only a tag
    /// whose attributes go out in clear in any case: those of a component may be props.
    fn let_go(&mut self) {
        let Some(start) = self.state.scanner.open_tag().map(|start| self.offset(start)) else { return };
        let bytes = self.input.bytes;
        if self.input.end() - start > HELD_TAG_BYTES
            && self.state.frames.is_empty()
            && self.state.scanner.open_tag_name(bytes).is_some_and(|name| !tags::is_component_name(name))
            && self.directive_from(start).is_none()
            && self.state.scanner.let_go(bytes)
        {
            self.state.looked = self.input.end().saturating_sub(directive::OVERLAP).max(start);
        }
    }

    /// In a tag that was let go, up to `end`: a directive there comes too late.
    fn look_into_let_go(&mut self, end: usize) -> Result<(), Error> {
        if let Some(at) = self.directive_from(self.state.looked).filter(|at| *at < end) {
            return self.fail(Problem::TagTooLong(HELD_TAG_BYTES), at);
        }
        self.state.looked = self.state.looked.max(end.saturating_sub(directive::OVERLAP));
        Ok(())
    }

    /// Refuses an island, or a tag, that a stream would have to hold for too long.
    fn check_length(&mut self) -> Result<(), Error> {
        if let Some(frame) = self.state.frames.first() {
            let start = self.state.plan.node(frame.node).range.start;
            if self.input.end() - start > self.config.settings.max_island_bytes {
                return self.fail(Problem::TooLong(self.config.settings.max_island_bytes), start);
            }
        }
        match self.state.scanner.open_tag() {
            Some(start) if self.input.bytes.len() - start > MAX_TAG_BYTES => {
                self.fail(Problem::TagTooLong(MAX_TAG_BYTES), self.offset(start))
            }
            _ => Ok(()),
        }
    }

    /// Ends what the page leaves open; tells whether there was anything.
    fn finish(&mut self) -> Result<bool, Error> {
        let broken = self.state.scanner.open_tag().map(|start| self.offset(start));
        let broken = broken.filter(|start| self.state.looked <= *start && self.directive_from(*start).is_some());
        let unclear = self.state.scanner.take_unclear().map(|start| self.offset(start));
        let is_open = broken.is_some() || unclear.is_some() || !self.state.frames.is_empty();
        if let Some(start) = unclear {
            self.unclear(start..self.input.end());
        } else if let Some(start) = broken {
            self.fail(Problem::Unfinished, start)?;
            self.leave_out(start..self.input.end());
        }
        while !self.state.frames.is_empty() {
            self.give_up(self.input.end())?;
        }
        Ok(is_open)
    }

    // -- reports ------------------------------------------------------------------------------------------------------

    /// A comment, or an element's text.
    fn opaque(&mut self, kind: Opaque, start: usize, end: usize) {
        self.look_into(kind, start, end);
        self.state.has_noted = false;
        self.state.looked = end;
        let is_between = self.state.frames.last().is_some_and(|frame| frame.child.is_none());
        if is_between && kind == Opaque::Comment {
            self.look_at_text(start);
            if let Some(frame) = self.state.frames.last_mut() {
                frame.checked = end;
            }
        }
    }

    /// Takes note of the first directive in a comment or `noscript`, of which this may be a part.
    fn look_into(&mut self, kind: Opaque, start: usize, end: usize) {
        let kind = match kind {
            Opaque::Comment => DiagnosticKind::DirectiveInComment,
            Opaque::Noscript => DiagnosticKind::DirectiveInNoscript,
            Opaque::Text => return,
        };
        while !self.state.has_noted {
            // Props may come before the directive that they belong to.
            let found = self.directive_from(self.state.looked.max(start));
            // The name must be in memory whole; what is not is looked at again with the next window.
            let Some(at) = found.filter(|at| at + DIRECTIVE.len() <= end) else { return };
            if self.input.get(at..end).starts_with(DIRECTIVE) {
                self.state.has_noted = true;
                self.state.problems.note(self.input, kind, at);
            } else {
                self.state.looked = at + 1;
            }
        }
    }

    // -- what is unclear ----------------------------------------------------------------------------------------------

    /// Whether nobody can tell if a start tag begins text. A component's does not: it is no element.
    fn is_unclear(&mut self, tag: &Tag) -> bool {
        self.state.scanner.is_unclear(self.input.bytes) && !self.is_component(tag)
    }

    /// Takes note of the place of a tag that made the page unclear, while it is in memory.
    fn unsure(&mut self, at: usize) {
        let at = self.offset(at);
        self.state.unsure = Some(self.state.problems.position(self.input, at));
    }

    /// Holds an unclear stretch, or the next part of one, unless it is being left out.
    fn unclear(&mut self, range: Range<usize>) {
        if self.state.leaves_out_unclear {
            return self.leave_out(range);
        }
        let problem = self.unclear_problem();
        match self.state.unclear.last_mut() {
            Some(last) if last.range.end == range.start && problem.is_none() => last.range.end = range.end,
            _ => self.state.unclear.push(Unclear { range, problem }),
        }
    }

    /// What to say of an unclear stretch: once for each tag that made the page unclear.
    fn unclear_problem(&mut self) -> Option<(Problem, Position)> {
        let (Some(cause), Some(place)) = (self.state.scanner.cause(), self.state.unsure.take()) else { return None };
        let problem = match cause.open {
            "frameset" => Problem::Frameset,
            open => Problem::Unclear { open, tag: cause.tag.clone() },
        };
        Some((problem, place))
    }

    /// Whether what is unclear can be left undecided no longer: an island goes on behind it, or a directive is there.
    fn matters(&mut self) -> bool {
        let Some(first) = self.state.unclear.first().map(|unclear| unclear.range.start) else { return false };
        !self.state.frames.is_empty() || self.directive_from(first).is_some()
    }

    /// Reports the unclear stretches that were held, and leaves them out.
    fn leave_out_unclear(&mut self) -> Result<(), Error> {
        self.state.leaves_out_unclear = true;
        for unclear in std::mem::take(&mut self.state.unclear) {
            if let Some((problem, place)) = unclear.problem {
                self.state.problems.report_at(problem, place)?;
            }
            self.leave_out(unclear.range);
        }
        Ok(())
    }

    /// Leaves out a stretch of the page, wherever it is.
    fn leave_out(&mut self, range: Range<usize>) {
        self.state.looked = self.state.looked.max(range.end);
        let frame = self.state.frames.last();
        let into = frame.and_then(|frame| frame.child.as_ref()).map_or(Place::Default, |child| child.place);
        if let Some(frame) = frame {
            let before = frame.gap..range.start;
            if frame.child.is_none() {
                self.look_at_text(range.start);
            }
            self.push(into, Piece::Source(before));
        }
        // What a window breaks off in comes in parts, of which only the first has something before it.
        let goes_on = self.state.left_out == range.start;
        self.state.left_out = range.end;
        self.place(into, if goes_on { Piece::Cut(range) } else { removed(self.input, range, false) });
    }

    fn fail(&mut self, problem: Problem, at: usize) -> Result<(), Error> {
        self.state.problems.report(self.input, problem, at)
    }
}

/// What makes an island of an element.
const DIRECTIVE: &[u8] = b"server:defer";

/// The longest tag of a streamed page, in bytes: whether it holds a directive is known at its end.
const MAX_TAG_BYTES: usize = 16 << 20;

/// How far into the tag of an HTML element a streamed page is searched for a directive before its bytes go out.
const HELD_TAG_BYTES: usize = 64 << 10;

fn lossy(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}
