//! Reads a page's islands into a [`Plan`]: which elements are islands, where they end, what belongs to which slot.

mod content;
mod island;

use std::collections::VecDeque;
use std::ops::Range;

use content::{Frame, Place};

use super::input::Input;
use super::plan::{Piece, Plan};
use crate::config::Config;
use crate::html::Problem;
use crate::html::attributes::{Attribute, Attributes};
use crate::html::directive;
use crate::html::scanner::{Event, Opaque, Scanner, Tag};
use crate::{Error, props};

use super::Diagnostic;

/// How many problems of one page are kept; a page with more has had its say.
const MAX_PROBLEMS: usize = 100;

/// See the module's documentation.
#[derive(Debug)]
pub(crate) struct Reader {
    scanner: Scanner,
    pub(crate) plan: Plan,
    frames: Vec<Frame>,
    /// Pieces of the page itself that are ready to go out.
    ready: VecDeque<Piece>,
    names: props::Names,
    json: Vec<u8>,
    directives: Search,
    loaders: Search,
    /// Everything before this has been looked at for directives.
    looked: usize,
    /// Whether the comment or `noscript` that is being read has shown a directive already.
    has_looked_into: bool,
    islands: usize,
    /// Whether the first problem ends the reading.
    strict: bool,
    pub(crate) problems: Vec<Error>,
    pub(crate) diagnostics: Vec<Diagnostic>,
}

/// A forward search that remembers what it found and how far it looked.
#[derive(Debug, Default)]
struct Search {
    found: Option<usize>,
    looked: usize,
}

impl Search {
    /// The first hit at or after `from`; hits may hide in the last `overlap` bytes of the input.
    fn next(
        &mut self,
        input: Input<'_>,
        from: usize,
        overlap: usize,
        find: impl Fn(&[u8], usize) -> Option<usize>,
    ) -> Option<usize> {
        if self.found.is_none_or(|found| found < from) {
            let start = from.max(self.looked).max(input.base);
            self.found = find(input.bytes, start - input.base).map(|found| found + input.base);
            self.looked = self.found.unwrap_or(start.max(input.end().saturating_sub(overlap)));
        }
        self.found
    }
}

impl Reader {
    pub(crate) fn new(strict: bool) -> Self {
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
            has_looked_into: false,
            islands: 0,
            strict,
            problems: Vec::new(),
            diagnostics: Vec::new(),
        }
    }

    /// The same for a page whose first directive is known to stand at `first`.
    pub(crate) fn starting_at(self, first: usize) -> Self {
        Self { directives: Search { found: Some(first), looked: first }, ..self }
    }

    /// Whether nothing of the plan is in use.
    pub(crate) fn is_idle(&self) -> bool {
        self.frames.is_empty() && self.ready.is_empty()
    }

    /// The offset of the first byte that must stay in memory.
    pub(crate) fn needs_from(&self, input: Input<'_>) -> usize {
        let mut scanner = self.scanner.needs_from() + input.base;
        if let Some((_, start)) = self.scanner.open_opaque() {
            // A directive to be told of may have begun here.
            scanner = scanner.min(input.end().saturating_sub(directive::OVERLAP)).max(start + input.base);
        }
        self.frames.first().map_or(scanner, |frame| self.plan.nodes[frame.node.0].tag.start.min(scanner))
    }

    /// Tells that the first `count` bytes of the input are gone.
    pub(crate) fn drop_front(&mut self, count: usize) {
        self.scanner.drop_front(count);
    }

    /// Where the loader's tags go if the first island stands at `island`: before `</head>`, else outside any template.
    pub(crate) fn loader_place(&self, input: Input<'_>, island: usize) -> usize {
        let head = self.scanner.head_end().map(|at| at + input.base).filter(|at| *at < island);
        let template = self.scanner.template_start().map(|at| at + input.base);
        head.or(template).unwrap_or(island)
    }

    /// Whether the page is inside a template, and where the last outermost one ended since this was last asked.
    pub(crate) fn template(&mut self) -> (bool, Option<usize>) {
        (self.is_in_template(), self.scanner.take_template_end())
    }

    /// Whether what is read next stands in a template.
    fn is_in_template(&self) -> bool {
        self.scanner.template_start().is_some()
    }

    /// Whether the page brings the loader's tag itself, as far as it has been read.
    pub(crate) fn has_loader(&self) -> bool {
        self.scanner.has_marker()
    }

    /// The next island or cut of the page itself, or `None` when the input is read.
    pub(crate) fn next(&mut self, input: Input<'_>, config: &Config) -> Result<Option<Piece>, Error> {
        loop {
            if let Some(piece) = self.ready.pop_front() {
                return Ok(Some(piece));
            }
            let Some(wake) = self.wake(input, config) else { return Ok(None) };
            match self.scanner.next(input.bytes, wake) {
                Some(Event::Tag(tag)) => self.tag(input, config, &tag)?,
                Some(Event::Opaque { kind, start, end }) => {
                    self.opaque(input, kind, start + input.base, end + input.base);
                }
                None => {
                    if let Some((kind, start)) = self.scanner.open_opaque() {
                        self.look_into(input, kind, start + input.base, input.end());
                    }
                    self.check_length(input, config)?;
                    if !input.is_last || !self.finish(input, config)? {
                        return Ok(None);
                    }
                }
            }
        }
    }

    /// The position up to which tags do not matter, or `None` when none of the rest of the page does.
    fn wake(&mut self, input: Input<'_>, config: &Config) -> Option<usize> {
        if !self.frames.is_empty() {
            return Some(0);
        }
        if let Some(next) = self.directive_from(input, self.looked) {
            // One in a comment that goes on may have left the memory already.
            return Some(next.saturating_sub(input.base));
        }
        // A page in chunks has to be followed to its end; a whole one to its last directive, and as far as it may bring
        // a loader of its own.
        let is_chunk = !input.is_last || input.base > 0;
        let goes_on = is_chunk
            || self.scanner.open_tag().is_some()
            || (config.loader && !self.has_loader() && self.loader_from(input, self.looked).is_some());
        goes_on.then_some(usize::MAX)
    }

    fn directive_from(&mut self, input: Input<'_>, from: usize) -> Option<usize> {
        self.directives.next(input, from, directive::OVERLAP, directive::find)
    }

    fn loader_from(&mut self, input: Input<'_>, from: usize) -> Option<usize> {
        let name = crate::assets::LOADER.name().as_bytes();
        self.loaders.next(input, from, name.len() - 1, |bytes, from| {
            memchr::memmem::find(bytes.get(from..)?, name).map(|found| from + found)
        })
    }

    // -- tags ---------------------------------------------------------------------------------------------------------

    fn tag(&mut self, input: Input<'_>, config: &Config, tag: &Tag) -> Result<(), Error> {
        let (start, end) = (tag.start + input.base, tag.end + input.base);
        self.looked = end;
        if tag.closing {
            return if self.frames.is_empty() { Ok(()) } else { self.end_tag(input, config, tag) };
        }
        let has_directive = self.directive_from(input, start).is_some_and(|at| at < end);
        if has_directive {
            self.directive(input, config, tag)
        } else {
            self.plain(input, tag, false);
            Ok(())
        }
    }

    /// A start tag that may hold a directive.
    fn directive(&mut self, input: Input<'_>, config: &Config, tag: &Tag) -> Result<(), Error> {
        let text = self.plan.text.len();
        match directive::read(input.bytes, tag, &mut self.plan.text) {
            Ok(None) => {
                self.plan.text.truncate(text);
                self.plain(input, tag, false);
                Ok(())
            }
            Ok(Some(directive)) => {
                let built = self.build(input, config, tag, &directive);
                self.open(input, config, tag, built)
            }
            Err((problem, at)) => {
                let defers = Attributes::of(input.bytes, tag).any(|a| a.name(input.bytes) == b"server:defer");
                if defers {
                    return self.open(input, config, tag, Err((problem, at)));
                }
                self.fail(input, problem, at + input.base)?;
                self.plain(input, tag, true);
                Ok(())
            }
        }
    }

    // -- ends ---------------------------------------------------------------------------------------------------------

    /// Refuses an island, or a tag, that goes on for too long.
    fn check_length(&mut self, input: Input<'_>, config: &Config) -> Result<(), Error> {
        if let Some(frame) = self.frames.first() {
            let start = self.plan.nodes[frame.node.0].range.start;
            if input.end() - start > config.max_island_bytes {
                return self.fail(input, Problem::TooLong(config.max_island_bytes), start);
            }
        }
        match self.scanner.open_tag() {
            Some(start) if !input.is_last && input.bytes.len() - start > MAX_TAG_BYTES => {
                self.fail(input, Problem::TagTooLong(MAX_TAG_BYTES), start + input.base)
            }
            _ => Ok(()),
        }
    }

    /// Ends what the page leaves open; tells whether there was anything.
    fn finish(&mut self, input: Input<'_>, config: &Config) -> Result<bool, Error> {
        let broken = self.scanner.open_tag().map(|start| start + input.base);
        let broken = broken.filter(|start| self.directive_from(input, *start).is_some());
        let mut left = false;
        if let Some(start) = broken.filter(|start| self.looked <= *start) {
            self.looked = input.end();
            self.fail(input, Problem::Unfinished, start)?;
            let into = self.frames.last().and_then(|frame| frame.child.as_ref()).map(|child| child.place);
            let into = into.unwrap_or(Place::Default);
            if let Some(frame) = self.frames.last() {
                let before = frame.gap..start;
                self.push(into, Piece::Source(before));
            }
            self.place(into, Piece::Cut(start..input.end()));
            left = true;
        }
        while !self.frames.is_empty() {
            self.check_length(input, config)?;
            self.give_up(input)?;
            left = true;
        }
        Ok(left)
    }

    // -- reports ------------------------------------------------------------------------------------------------------

    fn opaque(&mut self, input: Input<'_>, kind: Opaque, start: usize, end: usize) {
        self.look_into(input, kind, start, end);
        self.has_looked_into = false;
        self.looked = end;
        let is_between = self.frames.last().is_some_and(|frame| frame.child.is_none());
        if is_between && kind == Opaque::Comment {
            self.look_at_text(input, start);
            if let Some(frame) = self.frames.last_mut() {
                frame.checked = end;
            }
        }
    }

    /// Tells of the first directive in a comment or `noscript`, of which this may be a part.
    fn look_into(&mut self, input: Input<'_>, kind: Opaque, start: usize, end: usize) {
        let code = match kind {
            Opaque::Comment => "directive-in-comment",
            Opaque::Noscript => "directive-in-noscript",
            Opaque::Text => return,
        };
        if self.has_looked_into {
            return;
        }
        let at = self.directive_from(input, self.looked.max(start)).filter(|at| *at < end);
        let Some(at) = at else { return };
        self.has_looked_into = true;
        if input.get(at..end).starts_with(b"server:defer") && self.diagnostics.len() < MAX_PROBLEMS {
            self.diagnostics.push(Diagnostic::new(code, input.position(at)));
        }
    }

    fn fail(&mut self, input: Input<'_>, problem: Problem, at: usize) -> Result<(), Error> {
        let is_final = self.strict || problem.is_limit();
        if !is_final && self.problems.len() >= MAX_PROBLEMS {
            return Ok(());
        }
        let error = Error::Markup { problem, at: input.position(at) };
        if is_final {
            return Err(error);
        }
        self.problems.push(error);
        Ok(())
    }
}

/// The longest tag of a streamed page, in bytes: whether it holds a directive is known at its end.
const MAX_TAG_BYTES: usize = 16 << 20;

fn lossy(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

/// The range of a tag's name as offsets from the page's start.
fn abs(input: Input<'_>, tag: &Tag) -> Range<usize> {
    tag.name_start + input.base..tag.name_end + input.base
}

fn is_slot(attribute: &Attribute, input: Input<'_>) -> bool {
    attribute.name(input.bytes).eq_ignore_ascii_case(b"slot")
}
