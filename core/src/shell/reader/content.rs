//! What is inside an island: which child belongs to which slot, and where the island ends.

use std::ops::Range;

use super::{Reader, abs, is_slot, lossy};
use crate::Error;
use crate::config::Config;
use crate::html::attributes::{Attribute, Attributes};
use crate::html::scanner::{Context, Tag};
use crate::html::{Problem, decode, directive, names};
use crate::shell::input::Input;
use crate::shell::plan::{List, Node, NodeId, Piece, Role};

/// How many slots one island may have.
const MAX_SLOTS: usize = 256;

/// The name of the slot that takes what has no other.
const DEFAULT: &[u8] = b"default";

/// An island whose end tag has not come yet.
#[derive(Debug)]
pub(super) struct Frame {
    pub(super) node: NodeId,
    /// Open elements inside that are called like the island.
    depth: u32,
    /// Open elements inside that are called like an island around it.
    strays: u32,
    pub(super) child: Option<Child>,
    /// Where the part of the page begins that is in no list yet.
    pub(super) gap: usize,
    /// Where the text between children begins that has not been looked at yet.
    pub(super) checked: usize,
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
pub(super) struct Child {
    name: Range<usize>,
    depth: u32,
    pub(super) place: Place,
}

/// Where a piece of an island's content goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Place {
    Fallback,
    Error,
    Default,
    Slot(usize),
}

impl Reader {
    /// Begins an island, or what is left of one that cannot be.
    pub(super) fn open(
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

    /// Whether the next tag is a direct child of an island.
    pub(super) fn is_child(&self) -> bool {
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
    pub(super) fn place(&mut self, into: Place, piece: Piece) {
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
    pub(super) fn push(&mut self, place: Place, piece: Piece) {
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
    pub(super) fn look_at_text(&mut self, input: Input<'_>, end: usize) {
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
    pub(super) fn plain(&mut self, input: Input<'_>, tag: &Tag, cut: bool) {
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

    pub(super) fn end_tag(&mut self, input: Input<'_>, config: &Config, tag: &Tag) -> Result<(), Error> {
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
    pub(super) fn give_up(&mut self, input: Input<'_>) -> Result<(), Error> {
        let Some(frame) = self.frames.pop() else { return Ok(()) };
        let node = &self.plan.nodes[frame.node.0];
        let (is_host, tag) = (matches!(node.role, Role::Host | Role::FaultyHost), node.tag.clone());
        let name = lossy(input.get(node.tag_name.clone()));
        let name_end = node.tag_name.end - input.base;
        self.fail(input, Problem::Unclosed(name), tag.start)?;
        let mut at = tag.start;
        let mut pieces = Vec::new();
        if is_host {
            let attributes = Attributes::after(input.bytes, name_end);
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

/// Whether a start tag opens an element: a void one does not, nor does `<Component />` or `<path />`.
fn opens(input: Input<'_>, tag: &Tag) -> bool {
    let name = tag.name(input.bytes);
    let is_complete = tag.self_closing && !names::is_html(&name.to_ascii_lowercase());
    !is_complete && !names::is_void(name)
}
