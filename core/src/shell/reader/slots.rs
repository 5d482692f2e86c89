//! What is inside an island: which child belongs to which slot.

use std::ops::Range;

use super::Reading;
use super::cuts::{removal, removed};
use crate::Error;
use crate::html::attributes::{Attribute, Attributes};
use crate::html::tag::Tag;
use crate::html::{Problem, decode, directive, names};
use crate::shell::input::Input;
use crate::shell::plan::{NodeId, Piece, SlotId};

/// How many slots one island may have.
const MAX_SLOTS: usize = 256;

/// The name of the slot that takes what has no other.
const DEFAULT: &[u8] = b"default";

/// A direct child of an island, from its start tag to its end tag.
#[derive(Debug, Clone)]
pub(super) struct Child {
    /// The range of its tag's name in the page.
    pub(super) name: Range<usize>,
    /// Open elements inside that have the same name.
    pub(super) depth: u32,
    pub(super) place: Place,
}

/// Where a piece of an island's content goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Place {
    Fallback,
    Error,
    Default,
    Slot(SlotId),
}

impl Reading<'_> {
    /// Whether the next tag is a direct child of an island.
    pub(super) fn is_child(&self) -> bool {
        self.state.frames.last().is_some_and(|frame| frame.child.is_none())
    }

    /// Ends the part of the surrounding island's content before `tag`, which begins an island, and tells where that
    /// belongs.
    pub(super) fn enter_child(&mut self, tag: &Tag) -> Result<Place, Error> {
        let start = self.offset(tag.start);
        let Some(frame) = self.state.frames.last() else { return Ok(Place::Default) };
        let gap = frame.gap..start;
        if let Some(child) = &frame.child {
            let place = child.place;
            self.push(place, Piece::Source(gap));
            return Ok(place);
        }
        self.look_at_text(start);
        self.push(Place::Default, Piece::Source(gap));
        let slot = self.slot_attribute(tag);
        self.slot_place(slot.as_ref(), start)
    }

    /// Puts a finished island, or a cut, where it belongs.
    pub(super) fn place(&mut self, into: Place, piece: Piece) {
        let range = self.state.plan.range(&piece);
        if self.state.frames.is_empty() {
            self.state.ready.push_back(piece);
            return;
        }
        // A cut has nothing to write. It is still noted among what is nested: should the island around turn out to be none,
        // its lists are forgotten, and the cut must not be.
        if !matches!(piece, Piece::Source(_) | Piece::Cut(_)) {
            self.push(into, piece.clone());
        }
        if let Some(frame) = self.state.frames.last_mut() {
            frame.go_on_from(range.end);
            self.state.plan.push(&mut frame.nested, piece);
        }
    }

    /// Appends a piece to a list of the innermost open island.
    pub(super) fn push(&mut self, place: Place, piece: Piece) {
        let Some(frame) = self.state.frames.last_mut() else { return };
        let plan = &mut self.state.plan;
        let node = plan.node(frame.node);
        // Lists are copied out and back: they are two numbers, and where they are depends on the place.
        let mut list = match place {
            Place::Default => frame.default,
            Place::Fallback => node.fallback,
            Place::Error => node.error.unwrap_or_default(),
            Place::Slot(slot) => *plan.slot_pieces(slot),
        };
        plan.push(&mut list, piece);
        match place {
            Place::Default => frame.default = list,
            Place::Fallback => plan.node_mut(frame.node).fallback = list,
            Place::Error => plan.node_mut(frame.node).error = Some(list),
            Place::Slot(slot) => *plan.slot_pieces(slot) = list,
        }
    }

    /// Notes that the innermost open island has a default slot; its place among the slots is where this is seen first.
    fn note_default(&mut self) {
        let Some(frame) = self.state.frames.last_mut() else { return };
        if !frame.has_default {
            frame.has_default = true;
            let node = frame.node;
            self.default_slot(node);
        }
    }

    /// The default slot among the sealed slots of an island.
    pub(super) fn default_slot(&mut self, node: NodeId) -> SlotId {
        let name = self.state.plan.text.len();
        self.state.plan.text.extend_from_slice(DEFAULT);
        self.state.plan.slot(node, name)
    }

    /// Looks whether the text between children, up to `end`, is more than white space.
    pub(super) fn look_at_text(&mut self, end: usize) {
        let Some(frame) = self.state.frames.last_mut() else { return };
        let text = self.input.get(frame.checked.min(end)..end);
        frame.checked = end;
        if !text.trim_ascii().is_empty() {
            self.note_default();
        }
    }

    fn slot_attribute(&self, tag: &Tag) -> Option<Attribute> {
        let bytes = self.input.bytes;
        Attributes::of(bytes, tag).find(|attribute| is_slot(attribute, bytes))
    }

    /// Where a direct child with this `slot` attribute goes; `at` is the child's offset.
    fn slot_place(&mut self, attribute: Option<&Attribute>, at: usize) -> Result<Place, Error> {
        let name = self.state.plan.text.len();
        if let Some(attribute) = attribute {
            decode::attribute_value(attribute.value(self.input.bytes).unwrap_or_default(), &mut self.state.plan.text);
        }
        let place = match &self.state.plan.text[name..] {
            b"fallback" => Place::Fallback,
            b"error" => Place::Error,
            b"" | DEFAULT => Place::Default,
            _ => return self.named_slot(name, at),
        };
        self.state.plan.text.truncate(name);
        if place == Place::Default {
            self.note_default();
        }
        Ok(place)
    }

    /// The slot whose name is the end of the plan's text from `name`. One too many is refused at once: finding a slot
    /// takes time with every one that there is.
    fn named_slot(&mut self, name: usize, at: usize) -> Result<Place, Error> {
        let before = self.state.plan.slot_count();
        let Some(frame) = self.state.frames.last_mut() else { return Ok(Place::Default) };
        let slot = self.state.plan.slot(frame.node, name);
        frame.slots += self.state.plan.slot_count() - before;
        if frame.slots > MAX_SLOTS {
            self.fail(Problem::TooManySlots(MAX_SLOTS), at)?;
        }
        Ok(Place::Slot(slot))
    }

    // -- children that are no islands ---------------------------------------------------------------------------------

    /// A start tag that is no island; `loses_directive` says that its `server:` attributes must not go out.
    pub(super) fn plain(&mut self, tag: &Tag, loses_directive: bool) -> Result<(), Error> {
        if self.state.frames.is_empty() {
            if loses_directive {
                self.note_placed(tag, Place::Default);
                self.cut_directive(tag);
            }
            return Ok(());
        }
        let opens = opens(self.input, tag);
        let is_child = self.count(tag, opens);
        let slot = if is_child { self.slot_attribute(tag) } else { None };
        let place = self.child_place(tag, is_child, slot.as_ref())?;
        let bytes = self.input.bytes;
        if loses_directive {
            self.note_placed(tag, place);
        }
        if loses_directive || slot.is_some() {
            for attribute in Attributes::of(bytes, tag) {
                let is_directive = loses_directive && directive::is_server(&attribute, bytes);
                if is_directive || slot == Some(attribute) {
                    self.cut(place, removal(&attribute, self.input), is_directive);
                }
            }
        }
        if !is_child {
            return Ok(());
        }
        let (name, end) = (self.tag_name(tag), self.offset(tag.end));
        match self.state.frames.last_mut() {
            Some(frame) if opens => frame.child = Some(Child { name, depth: 0, place }),
            _ => self.end_child(place, end),
        }
        Ok(())
    }

    /// A component inside of an island that is to be none: its start tag is left out, and what is in it goes where the
    /// component would have gone.
    pub(super) fn without_start_tag(&mut self, tag: &Tag, counts: bool) -> Result<(), Error> {
        let is_child = self.count(tag, true);
        let slot = if is_child { self.slot_attribute(tag) } else { None };
        let place = self.child_place(tag, is_child, slot.as_ref())?;
        let (name, range) = (self.tag_name(tag), self.offset(tag.start)..self.offset(tag.end));
        let gap = self.state.frames.last().map_or(range.start, |frame| frame.gap)..range.start;
        self.push(place, Piece::Source(gap));
        self.place(place, removed(self.input, range, counts));
        if let Some(frame) = self.state.frames.last_mut().filter(|_| is_child) {
            frame.child = Some(Child { name, depth: 0, place });
        }
        Ok(())
    }

    /// Takes note of a tag that a helper has marked as a placeholder.
    fn note_placed(&mut self, tag: &Tag, place: Place) {
        let bytes = self.input.bytes;
        if !self.server_attributes(tag).any(|attribute| directive::is_mark(&attribute, bytes)) {
            return;
        }
        let (start, end) = (self.offset(tag.start), self.offset(tag.end));
        // What is in a template is not loaded yet.
        let attributes = if self.state.scanner.is_in_template() { end } else { self.offset(tag.name_end) };
        let gap = self.state.frames.last().map_or(start, |frame| frame.gap);
        self.push(place, Piece::Source(gap..start));
        self.place(place, Piece::Placed(start, attributes..end));
    }

    /// Leaves the `server:` attributes of a tag out of what is around it.
    pub(super) fn cut_directive(&mut self, tag: &Tag) {
        let (input, attributes) = (self.input, self.server_attributes(tag));
        let child = self.state.frames.last().and_then(|frame| frame.child.as_ref());
        let place = child.map_or(Place::Default, |child| child.place);
        for range in attributes.map(|attribute| removal(&attribute, input)) {
            if self.state.frames.is_empty() {
                self.state.ready.push_back(Piece::Cut(range));
            } else {
                self.cut(place, range, true);
            }
        }
    }

    /// The `server:` attributes of a tag.
    pub(super) fn server_attributes<'a>(&self, tag: &Tag) -> impl Iterator<Item = Attribute> + use<'a>
    where
        Self: 'a,
    {
        let bytes = self.input.bytes;
        Attributes::of(bytes, tag).filter(move |attribute| directive::is_server(attribute, bytes))
    }

    /// Where the content that begins with `tag` goes; a slot of its own begins a piece of its own.
    fn child_place(&mut self, tag: &Tag, is_child: bool, slot: Option<&Attribute>) -> Result<Place, Error> {
        if !is_child {
            let child = self.state.frames.last().and_then(|frame| frame.child.as_ref());
            return Ok(child.map_or(Place::Default, |child| child.place));
        }
        let start = self.offset(tag.start);
        self.look_at_text(start);
        let place = self.slot_place(slot, start)?;
        if place != Place::Default
            && let Some(frame) = self.state.frames.last_mut()
        {
            let gap = frame.gap..start;
            frame.gap = start;
            self.push(Place::Default, Piece::Source(gap));
        }
        Ok(place)
    }

    /// Leaves out a range of the page; `always` says that it must not go out even if the island around turns out to be
    /// none.
    fn cut(&mut self, place: Place, range: Range<usize>, always: bool) {
        let Some(frame) = self.state.frames.last_mut() else { return };
        let before = frame.gap..range.start;
        frame.gap = range.end;
        if always {
            self.state.plan.push(&mut frame.nested, Piece::Cut(range));
        }
        self.push(place, Piece::Source(before));
    }

    /// Ends a direct child of the innermost open island.
    pub(super) fn end_child(&mut self, place: Place, end: usize) {
        let Some(frame) = self.state.frames.last_mut() else { return };
        frame.child = None;
        frame.checked = end;
        if place != Place::Default {
            let content = frame.gap..end;
            frame.gap = end;
            self.push(place, Piece::Source(content));
        }
    }
}

pub(super) fn is_slot(attribute: &Attribute, bytes: &[u8]) -> bool {
    attribute.name(bytes).eq_ignore_ascii_case(b"slot")
}

/// Whether a start tag opens an element: a void one does not, nor does `<Component />` or `<path />`.
fn opens(input: Input<'_>, tag: &Tag) -> bool {
    let name = tag.name(input.bytes);
    let is_complete = tag.self_closing && !names::is_html(&name.to_ascii_lowercase());
    !is_complete && !names::is_void(name)
}
