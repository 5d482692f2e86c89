//! Reads a page's islands into a [`Plan`]: which elements are islands, where they end, what belongs to which slot.

use std::collections::VecDeque;
use std::ops::Range;

use super::input::Input;
use super::plan::{List, Node, NodeId, Piece, Plan, Role};
use crate::html::attributes::{Attribute, Attributes};
use crate::html::directive::{self, Directive, OPTIONS};
use crate::html::names::{self, Content};
use crate::html::scanner::{Context, Event, Opaque, Scanner, Tag};
use crate::html::{Problem, decode};
use crate::islands::Config;
use crate::placeholder::{Options, When, fetch};
use crate::props;
use crate::{Error, IslandName};

use super::Diagnostic;

/// How many problems of one page are kept; a page with more has had its say.
const MAX_PROBLEMS: usize = 100;

/// How many slots one island may have.
const MAX_SLOTS: usize = 256;

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

/// An island whose end tag has not come yet.
#[derive(Debug)]
struct Frame {
    node: NodeId,
    /// Open elements inside that are called like the island.
    depth: u32,
    /// Open elements inside that are called like an island around it.
    strays: u32,
    child: Option<Child>,
    /// Where the part of the page begins that is in no list yet.
    gap: usize,
    /// Where the text between children begins that has not been looked at yet.
    checked: usize,
    /// The list of the island around it that this one goes into.
    into: Place,
    default: List,
    has_default: bool,
    slots: usize,
    /// What was open after the start tag.
    context: Context,
    /// The islands inside, and what was cut, in order, whatever the slot.
    nested: List,
}

/// A direct child of an island, from its start tag to its end tag.
#[derive(Debug, Clone)]
struct Child {
    name: Range<usize>,
    depth: u32,
    place: Place,
}

/// Where a piece of an island's content goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Place {
    Fallback,
    Error,
    Default,
    Slot(usize),
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
        (self.scanner.template_start().is_some(), self.scanner.take_template_end())
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
        let is_whole = input.is_last && input.base == 0;
        let is_done = !config.loader || self.has_loader() || self.loader_from(input, self.looked).is_none();
        let goes_on = !is_whole || !is_done || self.scanner.open_tag().is_some();
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

    /// Makes an island of a start tag and its directive.
    fn build(
        &mut self,
        input: Input<'_>,
        config: &Config,
        tag: &Tag,
        directive: &Directive,
    ) -> Result<Node, (Problem, usize)> {
        let tag_name = tag.name(input.bytes);
        let is_host = names::is_html(tag_name);
        let role = if is_host { Role::Host } else { Role::Component };
        let mut node = Node::new(role, tag.start + input.base..tag.end + input.base, abs(input, tag));
        let at_tag = |problem| (problem, tag.start);
        if is_host {
            check_host(tag_name, tag.self_closing).map_err(at_tag)?;
        }
        node.name = self.resolve(config, tag_name, is_host, directive).map_err(at_tag)?;
        self.check_options(directive, tag_name).map_err(at_tag)?;
        node.options = directive.options.clone();
        let is_child = self.is_child();
        let own = Attributes::of(input.bytes, tag)
            .filter(|attribute| !directive::is_server(attribute, input.bytes))
            .filter(|attribute| !(is_child && is_slot(attribute, input)));
        if is_host {
            for attribute in own {
                if is_reserved(&attribute, input) {
                    let name = lossy(attribute.name(input.bytes));
                    return Err((Problem::AttributeReserved(name), attribute.name_start));
                }
                let written = attribute.name_start + input.base..attribute.end + input.base;
                self.plan.push_apart(&mut node.attributes, Piece::Source(written));
            }
            node.props = self.props(input, tag, std::iter::empty(), directive)?;
        } else {
            node.props = self.props(input, tag, own, directive)?;
        }
        Ok(node)
    }

    /// The index of the declared name that a directive means.
    fn resolve(
        &self,
        config: &Config,
        tag_name: &[u8],
        is_host: bool,
        directive: &Directive,
    ) -> Result<usize, Problem> {
        let value = directive.name.clone().map_or(&b""[..], |range| &self.plan.text[range]);
        // What template languages make of an attribute without a value.
        let name = if matches!(value, b"" | b"true" | b"server:defer") {
            if is_host {
                return Err(Problem::NameMissing(lossy(tag_name)));
            }
            tag_name
        } else {
            value
        };
        if !IslandName::is_valid(name) {
            return Err(Problem::NameInvalid(lossy(name)));
        }
        config.find(name).ok_or_else(|| Problem::NameUnknown(lossy(name)))
    }

    fn check_options(&self, directive: &Directive, tag_name: &[u8]) -> Result<(), Problem> {
        let mut options = Options::default();
        for (attribute, range) in OPTIONS.iter().copied().zip(&directive.options) {
            let Some(range) = range else { continue };
            let problem = |reason| Problem::Option { attribute, reason };
            let value = std::str::from_utf8(&self.plan.text[range.clone()])
                .map_err(|_| problem("the value is not UTF-8".to_owned()))?;
            options.set(attribute, value).map_err(problem)?;
        }
        // What has no box of its own never comes into view.
        if matches!(options.when, When::Visible(_)) && matches!(tag_name, b"option" | b"optgroup") {
            let reason = format!("`visible` does not work on <{}>: use another trigger", lossy(tag_name));
            return Err(Problem::Option { attribute: "when", reason });
        }
        Ok(())
    }

    /// Writes the props: the attributes in order, then the members of `server:props`.
    fn props(
        &mut self,
        input: Input<'_>,
        tag: &Tag,
        attributes: impl Iterator<Item = Attribute>,
        directive: &Directive,
    ) -> Result<Range<usize>, (Problem, usize)> {
        self.names.clear();
        // Written aside: a value is decoded at the end of the text before it is encoded.
        let mut json = std::mem::take(&mut self.json);
        json.clear();
        json.push(b'{');
        let written = attributes
            .into_iter()
            .try_for_each(|attribute| self.prop(input, &attribute, &mut json))
            .and_then(|()| self.members(input, tag, directive, &mut json));
        json.push(b'}');
        let start = self.plan.text.len();
        self.plan.text.extend_from_slice(&json);
        self.json = json;
        written.map(|()| start..self.plan.text.len())
    }

    /// Appends an attribute as a prop.
    fn prop(&mut self, input: Input<'_>, attribute: &Attribute, json: &mut Vec<u8>) -> Result<(), (Problem, usize)> {
        let at = attribute.name_start;
        let name = attribute.name(input.bytes);
        let name = std::str::from_utf8(name).map_err(|_| (Problem::NotUtf8("an attribute's name"), at))?;
        if !self.names.insert(name.as_bytes()) {
            return Err((Problem::PropTwice(name.to_owned()), at));
        }
        if json.len() > 1 {
            json.push(b',');
        }
        props::append_string(name, json);
        json.push(b':');
        let Some(raw) = attribute.value(input.bytes) else {
            json.extend_from_slice(b"true");
            return Ok(());
        };
        let start = self.plan.text.len();
        decode::attribute_value(raw, &mut self.plan.text);
        let value = std::str::from_utf8(&self.plan.text[start..]).map(|value| props::append_string(value, json));
        self.plan.text.truncate(start);
        value.map_err(|_| (Problem::NotUtf8("an attribute's value"), at))
    }

    /// Appends the members of `server:props`.
    fn members(
        &mut self,
        input: Input<'_>,
        tag: &Tag,
        directive: &Directive,
        json: &mut Vec<u8>,
    ) -> Result<(), (Problem, usize)> {
        let Some(range) = directive.props.clone() else { return Ok(()) };
        props::append_members(&self.plan.text[range], &mut self.names, json).map_err(|reason| {
            let mut attributes = Attributes::of(input.bytes, tag);
            let at = attributes.find(|attribute| attribute.name(input.bytes) == b"server:props");
            let problem = match reason {
                props::Reason::Twice(name) => Problem::PropTwice(name),
                reason => Problem::Props(reason.to_string()),
            };
            (problem, at.map_or(tag.start, |attribute| attribute.name_start))
        })
    }

    // -- islands ------------------------------------------------------------------------------------------------------

    /// Begins an island, or what is left of one that cannot be.
    fn open(
        &mut self,
        input: Input<'_>,
        config: &Config,
        tag: &Tag,
        built: Result<Node, (Problem, usize)>,
    ) -> Result<(), Error> {
        let is_html = names::is_html(tag.name(input.bytes));
        if !is_html {
            self.scanner.as_component(tag, input.bytes);
        }
        self.islands += 1;
        if self.islands > config.max_islands {
            self.fail(input, Problem::TooMany(config.max_islands), tag.start + input.base)?;
        }
        let node = match built {
            Ok(node) => node,
            Err((problem, at)) => {
                let is_plain = matches!(problem, Problem::HostUnsuitable(..) | Problem::HostSelfClosing(_));
                self.fail(input, problem, at + input.base)?;
                if is_plain {
                    self.plain(input, tag, true);
                    return Ok(());
                }
                self.faulty(input, tag, is_html)
            }
        };
        let into = self.enter_child(input, tag);
        let range = node.tag.clone();
        if tag.self_closing && node.role == Role::Faulty {
            self.place(into, removed(input, range));
            return Ok(());
        }
        let node = self.plan.push_node(node);
        if tag.self_closing {
            self.place(into, Piece::Island(node));
            return Ok(());
        }
        if self.frames.len() >= config.max_depth {
            self.fail(input, Problem::TooDeep(config.max_depth), tag.start + input.base)?;
        }
        self.frames.push(Frame {
            node,
            depth: 0,
            strays: 0,
            child: None,
            gap: range.end,
            checked: range.end,
            into,
            default: List::default(),
            has_default: false,
            slots: 0,
            context: self.scanner.context(),
            nested: List::default(),
        });
        Ok(())
    }

    /// What is left of an island that cannot be one: its fallback, in its element if that is one of HTML's.
    fn faulty(&mut self, input: Input<'_>, tag: &Tag, is_html: bool) -> Node {
        let role = if is_html { Role::FaultyHost } else { Role::Faulty };
        let mut node = Node::new(role, tag.start + input.base..tag.end + input.base, abs(input, tag));
        let is_child = self.is_child();
        let own = Attributes::of(input.bytes, tag)
            .filter(|attribute| !directive::is_server(attribute, input.bytes) && !is_reserved(attribute, input))
            .filter(|attribute| !(is_child && is_slot(attribute, input)));
        for attribute in own.take_while(|_| is_html) {
            let written = attribute.name_start + input.base..attribute.end + input.base;
            self.plan.push_apart(&mut node.attributes, Piece::Source(written));
        }
        node
    }

    /// Whether the next tag is a direct child of an island.
    fn is_child(&self) -> bool {
        self.frames.last().is_some_and(|frame| frame.child.is_none())
    }

    /// Ends the part of the surrounding island's content before `tag`, and tells where an island there belongs.
    fn enter_child(&mut self, input: Input<'_>, tag: &Tag) -> Place {
        let start = tag.start + input.base;
        let Some(frame) = self.frames.last() else { return Place::Default };
        let gap = frame.gap..start;
        if let Some(child) = &frame.child {
            let place = child.place;
            self.push(place, Piece::Source(gap));
            return place;
        }
        self.look_at_text(input, start);
        self.push(Place::Default, Piece::Source(gap));
        let slot = Attributes::of(input.bytes, tag).find(|attribute| is_slot(attribute, input));
        let place = slot.map_or(Place::Default, |slot| self.slot_place(input, &slot));
        if place == Place::Default {
            self.note_default();
        }
        place
    }

    /// Puts a finished island, or a cut, where it belongs.
    fn place(&mut self, into: Place, piece: Piece) {
        let range = self.plan.range(&piece);
        if self.frames.is_empty() {
            self.ready.push_back(piece);
            return;
        }
        if matches!(piece, Piece::Island(_) | Piece::Break(_)) {
            self.push(into, piece.clone());
        }
        if let Some(frame) = self.frames.last_mut() {
            frame.gap = range.end;
            frame.checked = range.end;
            self.plan.push(&mut frame.nested, piece);
        }
    }

    /// Appends a piece to a list of the innermost open island.
    fn push(&mut self, place: Place, piece: Piece) {
        let Some(frame) = self.frames.last_mut() else { return };
        let node = &mut self.plan.nodes[frame.node.0];
        let mut list = match place {
            Place::Default => frame.default,
            Place::Fallback => node.fallback,
            Place::Error => *node.error.get_or_insert_default(),
            Place::Slot(slot) => *self.plan.slot_pieces(slot),
        };
        self.plan.push(&mut list, piece);
        let node = &mut self.plan.nodes[frame.node.0];
        match place {
            Place::Default => frame.default = list,
            Place::Fallback => node.fallback = list,
            Place::Error => node.error = Some(list),
            Place::Slot(slot) => *self.plan.slot_pieces(slot) = list,
        }
    }

    /// Notes that the innermost open island has a default slot; its place among the slots is where this is seen first.
    fn note_default(&mut self) {
        let Some(frame) = self.frames.last_mut() else { return };
        if !frame.has_default {
            frame.has_default = true;
            let name = self.plan.text.len();
            self.plan.text.extend_from_slice(DEFAULT);
            self.plan.slot(frame.node, name);
        }
    }

    /// Looks whether the text between children, up to `end`, is more than white space.
    fn look_at_text(&mut self, input: Input<'_>, end: usize) {
        let Some(frame) = self.frames.last_mut() else { return };
        let text = input.get(frame.checked.min(end)..end);
        frame.checked = end;
        if !text.trim_ascii().is_empty() {
            self.note_default();
        }
    }

    fn slot_place(&mut self, input: Input<'_>, attribute: &Attribute) -> Place {
        let name = self.plan.text.len();
        decode::attribute_value(attribute.value(input.bytes).unwrap_or_default(), &mut self.plan.text);
        let place = match &self.plan.text[name..] {
            b"fallback" => Place::Fallback,
            b"error" => Place::Error,
            b"" | DEFAULT => Place::Default,
            _ => {
                // The page is refused at the island's end; until then more slots would only cost time.
                let Some(frame) = self.frames.last_mut().filter(|frame| frame.slots <= MAX_SLOTS) else {
                    self.plan.text.truncate(name);
                    return Place::Default;
                };
                let before = self.plan.slot_count();
                let slot = self.plan.slot(frame.node, name);
                frame.slots += self.plan.slot_count() - before;
                return Place::Slot(slot);
            }
        };
        self.plan.text.truncate(name);
        place
    }

    // -- what is inside an island -------------------------------------------------------------------------------------

    /// A start tag that is no island; `cut` says that its `server:` attributes must not go out.
    fn plain(&mut self, input: Input<'_>, tag: &Tag, cut: bool) {
        if self.frames.is_empty() {
            if cut {
                let attributes = Attributes::of(input.bytes, tag);
                for attribute in attributes.filter(|attribute| directive::is_server(attribute, input.bytes)) {
                    self.ready.push_back(Piece::Cut(removal(&attribute, input)));
                }
            }
            return;
        }
        let opens = opens(input, tag);
        let is_child = self.count(input, tag, opens);
        let slot = Attributes::of(input.bytes, tag).find(|attribute| is_child && is_slot(attribute, input));
        let place = self.child_place(input, tag, is_child, slot.as_ref());
        for attribute in Attributes::of(input.bytes, tag) {
            let is_cut = cut && directive::is_server(&attribute, input.bytes);
            if is_cut || slot == Some(attribute) {
                self.cut(place, removal(&attribute, input), is_cut);
            }
        }
        if !is_child {
            return;
        }
        let name = abs(input, tag);
        let end = tag.end + input.base;
        match self.frames.last_mut() {
            Some(frame) if opens => frame.child = Some(Child { name, depth: 0, place }),
            _ => self.end_child(place, end),
        }
    }

    /// Counts a start tag among those that an end tag must be matched with; tells whether it is a direct child's.
    fn count(&mut self, input: Input<'_>, tag: &Tag, opens: bool) -> bool {
        let name = tag.name(input.bytes);
        let is_around = self.around(input, name).is_some();
        let Some(frame) = self.frames.last_mut() else { return false };
        let is_same = |range: &Range<usize>| input.get(range.clone()).eq_ignore_ascii_case(name);
        if opens && is_same(&self.plan.nodes[frame.node.0].tag_name) {
            frame.depth += 1;
        } else if opens && is_around {
            frame.strays += 1;
        }
        match &mut frame.child {
            None => true,
            Some(child) => {
                child.depth += u32::from(opens && is_same(&child.name));
                false
            }
        }
    }

    /// Where the content that begins with `tag` goes; a slot of its own begins a piece of its own.
    fn child_place(&mut self, input: Input<'_>, tag: &Tag, is_child: bool, slot: Option<&Attribute>) -> Place {
        if !is_child {
            let child = self.frames.last().and_then(|frame| frame.child.as_ref());
            return child.map_or(Place::Default, |child| child.place);
        }
        let start = tag.start + input.base;
        self.look_at_text(input, start);
        let place = slot.map_or(Place::Default, |slot| self.slot_place(input, slot));
        if place == Place::Default {
            self.note_default();
        } else if let Some(frame) = self.frames.last_mut() {
            let gap = frame.gap..start;
            frame.gap = start;
            self.push(Place::Default, Piece::Source(gap));
        }
        place
    }

    /// Leaves out a range of the page; `always` says that it must not go out even if the island around turns out to be
    /// none.
    fn cut(&mut self, place: Place, range: Range<usize>, always: bool) {
        let Some(frame) = self.frames.last_mut() else { return };
        let before = frame.gap..range.start;
        frame.gap = range.end;
        if always {
            self.plan.push(&mut frame.nested, Piece::Cut(range));
        }
        self.push(place, Piece::Source(before));
    }

    /// Ends a direct child of the innermost open island.
    fn end_child(&mut self, place: Place, end: usize) {
        let Some(frame) = self.frames.last_mut() else { return };
        frame.child = None;
        frame.checked = end;
        if place != Place::Default {
            let content = frame.gap..end;
            frame.gap = end;
            self.push(place, Piece::Source(content));
        }
    }

    fn end_tag(&mut self, input: Input<'_>, config: &Config, tag: &Tag) -> Result<(), Error> {
        let name = tag.name(input.bytes);
        if let Some(around) = self.around(input, name) {
            match self.frames.last_mut() {
                Some(frame) if frame.strays > 0 => frame.strays -= 1,
                _ => {
                    while self.frames.len() > around + 1 {
                        self.give_up(input)?;
                    }
                }
            }
        }
        let Some(frame) = self.frames.last_mut() else { return Ok(()) };
        let is_same = |range: &Range<usize>| input.get(range.clone()).eq_ignore_ascii_case(name);
        if is_same(&self.plan.nodes[frame.node.0].tag_name) {
            if frame.depth == 0 {
                return self.close(input, config, tag);
            }
            frame.depth -= 1;
        }
        match &mut frame.child {
            Some(child) if is_same(&child.name) && child.depth == 0 => {
                let place = child.place;
                self.end_child(place, tag.end + input.base);
            }
            Some(child) if is_same(&child.name) => child.depth -= 1,
            _ => {}
        }
        Ok(())
    }

    /// The innermost island around the innermost one whose element is called `name`, unless the innermost one is too.
    fn around(&self, input: Input<'_>, name: &[u8]) -> Option<usize> {
        let is_same = |frame: &Frame| {
            let tag_name = self.plan.nodes[frame.node.0].tag_name.clone();
            input.get(tag_name).eq_ignore_ascii_case(name)
        };
        let found = self.frames.iter().rposition(is_same)?;
        (found + 1 < self.frames.len()).then_some(found)
    }

    /// The innermost open island ends with `tag`.
    fn close(&mut self, input: Input<'_>, config: &Config, tag: &Tag) -> Result<(), Error> {
        let (start, end) = (tag.start + input.base, tag.end + input.base);
        let Some(frame) = self.frames.last() else { return Ok(()) };
        let place = frame.child.as_ref().map_or(Place::Default, |child| child.place);
        let gap = frame.gap..start;
        if frame.child.is_none() {
            self.look_at_text(input, start);
        }
        self.push(place, Piece::Source(gap));
        let Some(frame) = self.frames.pop() else { return Ok(()) };
        if frame.has_default {
            let name = self.plan.text.len();
            self.plan.text.extend_from_slice(DEFAULT);
            let slot = self.plan.slot(frame.node, name);
            *self.plan.slot_pieces(slot) = frame.default;
        }
        self.check_balance(input, &frame)?;
        let node = &mut self.plan.nodes[frame.node.0];
        node.range.end = end;
        let (node_start, is_long) = (node.range.start, node.range.len() > config.max_island_bytes);
        if is_long {
            self.fail(input, Problem::TooLong(config.max_island_bytes), node_start)?;
        }
        if frame.slots > MAX_SLOTS {
            self.fail(input, Problem::TooManySlots(MAX_SLOTS), node_start)?;
        }
        self.place(frame.into, Piece::Island(frame.node));
        Ok(())
    }

    /// What an island leaves open would change how the rest of the page is read if it went out, and does not go out.
    fn check_balance(&mut self, input: Input<'_>, frame: &Frame) -> Result<(), Error> {
        let node = &self.plan.nodes[frame.node.0];
        let is_host = matches!(node.role, Role::Host | Role::FaultyHost);
        let name = input.get(node.tag_name.clone());
        let context = frame.context.clone();
        let expected = if is_host { context.after_end_tag(name) } else { context };
        if self.scanner.context() == expected {
            return Ok(());
        }
        let (name, start) = (lossy(name), node.tag.start);
        self.scanner.set_context(expected);
        self.fail(input, Problem::Unbalanced(name), start)?;
        let node = &mut self.plan.nodes[frame.node.0];
        node.role = if is_host { Role::FaultyHost } else { Role::Faulty };
        node.fallback = List::default();
        Ok(())
    }

    /// The innermost open island has no end tag: it is none, and its content becomes that of what is around. A component
    /// loses its start tag, an HTML element only the directive.
    fn give_up(&mut self, input: Input<'_>) -> Result<(), Error> {
        let Some(frame) = self.frames.pop() else { return Ok(()) };
        let node = &self.plan.nodes[frame.node.0];
        let (is_host, tag) = (matches!(node.role, Role::Host | Role::FaultyHost), node.tag.clone());
        let name = lossy(input.get(node.tag_name.clone()));
        let name_end = node.tag_name.end - input.base;
        self.fail(input, Problem::Unclosed(name), tag.start)?;
        let mut at = tag.start;
        let mut pieces = Vec::new();
        if is_host {
            let attributes = Attributes::between(input.bytes, name_end, tag.end - input.base - 1);
            let cuts = attributes.filter(|attribute| directive::is_server(attribute, input.bytes));
            pieces.extend(cuts.map(|cut| Piece::Cut(removal(&cut, input))));
        } else {
            pieces.push(removed(input, tag));
        }
        pieces.extend(self.plan.pieces(frame.nested).cloned());
        for piece in pieces {
            let range = self.plan.range(&piece);
            self.push(frame.into, Piece::Source(at..range.start));
            at = range.end;
            self.place(frame.into, piece);
        }
        Ok(())
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

/// The name of the slot that takes what has no other.
const DEFAULT: &[u8] = b"default";

/// The longest tag of a streamed page, in bytes: whether it holds a directive is known at its end.
const MAX_TAG_BYTES: usize = 16 << 20;

fn lossy(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

/// The range of a tag's name as offsets from the page's start.
fn abs(input: Input<'_>, tag: &Tag) -> Range<usize> {
    tag.name_start + input.base..tag.name_end + input.base
}

/// What has to go for an attribute to be gone: the white space before it too, unless that keeps its neighbours apart.
fn removal(attribute: &Attribute, input: Input<'_>) -> Range<usize> {
    let is_apart = input.bytes.get(attribute.end).is_some_and(|next| next.is_ascii_whitespace() || *next == b'>');
    let start = if is_apart { attribute.lead } else { attribute.name_start };
    start + input.base..attribute.end + input.base
}

/// What stands for a tag or an element that must not go out.
fn removed(input: Input<'_>, range: Range<usize>) -> Piece {
    if input.byte_before(range.start) == Some(b'<') { Piece::Break(range) } else { Piece::Cut(range) }
}

fn is_slot(attribute: &Attribute, input: Input<'_>) -> bool {
    attribute.name(input.bytes).eq_ignore_ascii_case(b"slot")
}

fn is_reserved(attribute: &Attribute, input: Input<'_>) -> bool {
    let name = attribute.name(input.bytes);
    fetch::ATTRIBUTES.iter().any(|reserved| name.eq_ignore_ascii_case(reserved.as_bytes()))
}

/// Whether a start tag opens an element: a void one does not, nor does `<Component />` or `<path />`.
fn opens(input: Input<'_>, tag: &Tag) -> bool {
    let name = tag.name(input.bytes);
    let is_complete = tag.self_closing && !names::is_html(&name.to_ascii_lowercase());
    !is_complete && !names::is_void(name)
}

fn check_host(name: &[u8], self_closing: bool) -> Result<(), Problem> {
    let reason = if names::is_void(name) {
        Some("it has no content")
    } else if names::content(name).0 != Content::Data {
        Some("it holds text instead of markup")
    } else if matches!(name, b"html" | b"head" | b"body" | b"template" | b"frameset") {
        Some("browsers move or hide what is in it")
    } else {
        None
    };
    match reason {
        Some(reason) => Err(Problem::HostUnsuitable(lossy(name), reason)),
        None if self_closing => Err(Problem::HostSelfClosing(lossy(name))),
        None => Ok(()),
    }
}
