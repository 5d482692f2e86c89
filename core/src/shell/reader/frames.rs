//! Islands whose end tag has not come yet: which end tag is theirs, and what becomes of those that have none.

use std::ops::Range;

use super::cuts::{removal, removed};
use super::slots::{Child, Place, is_slot};
use super::{Reading, lossy};
use crate::Error;
use crate::html::Problem;
use crate::html::attributes::Attributes;
use crate::html::directive;
use crate::html::tag::Tag;
use crate::html::tree::Nesting;
use crate::shell::plan::{List, Node, NodeId, Piece, Role};

/// An island that is open.
#[derive(Debug)]
pub(super) struct Frame {
    pub(super) node: NodeId,
    /// Open elements inside that have the island's name.
    depth: u32,
    /// Open elements inside that have the name of an island around it.
    strays: u32,
    /// The direct child that is open.
    pub(super) child: Option<Child>,
    /// Where the part of the page begins that is in no list yet.
    pub(super) gap: usize,
    /// Where the text between children begins that has not been looked at yet.
    pub(super) checked: usize,
    /// The list of the island around it that this one goes into.
    into: Place,
    /// Whether it is a direct child of the island around it, so that its `slot` attribute is that island's.
    is_child: bool,
    pub(super) default: List,
    pub(super) has_default: bool,
    /// How many slots with names of their own it has.
    pub(super) slots: usize,
    /// What was open after the start tag.
    nesting: Nesting,
    /// The islands inside, and what was cut, in order, whatever the slot: what goes out if this turns out to be none.
    pub(super) nested: List,
}

impl Frame {
    /// Takes note that everything before `end` is in a list, or is not to be in any.
    pub(super) fn go_on_from(&mut self, end: usize) {
        self.gap = end;
        self.checked = end;
    }
}

impl Reading<'_> {
    /// Begins an island, or what is left of one that cannot be.
    pub(super) fn open(&mut self, tag: &Tag, node: Node) -> Result<(), Error> {
        let is_child = self.is_child();
        let into = self.enter_child(tag)?;
        let range = node.tag.clone();
        if tag.self_closing {
            let piece = if node.role == Role::FaultyComponent {
                removed(self.input, range, node.counts)
            } else {
                Piece::Island(self.state.plan.push_node(node))
            };
            self.place(into, piece);
            return Ok(());
        }
        let node = self.state.plan.push_node(node);
        self.state.frames.push(Frame {
            node,
            depth: 0,
            strays: 0,
            child: None,
            gap: range.end,
            checked: range.end,
            into,
            is_child,
            default: List::default(),
            has_default: false,
            slots: 0,
            nesting: self.state.scanner.nesting(self.input.bytes),
            nested: List::default(),
        });
        Ok(())
    }

    /// Counts a start tag among those that an end tag must be matched with; tells whether it is a direct child's.
    pub(super) fn count(&mut self, tag: &Tag, opens: bool) -> bool {
        let (input, name) = (self.input, tag.name(self.input.bytes));
        let is_around = self.around(name).is_some();
        let Some(frame) = self.state.frames.last_mut() else { return false };
        let is_same = |range: &Range<usize>| input.get(range.clone()).eq_ignore_ascii_case(name);
        if opens && is_same(&self.state.plan.node(frame.node).tag_name) {
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

    pub(super) fn end_tag(&mut self, tag: &Tag) -> Result<(), Error> {
        let (input, name) = (self.input, tag.name(self.input.bytes));
        let loses_directive = self.refuse_directive(tag)?;
        if let Some(around) = self.around(name) {
            match self.state.frames.last_mut() {
                // It ends an element that was opened inside, which only happens to have the name.
                Some(frame) if frame.strays > 0 => frame.strays -= 1,
                // The end tag of an island around ends everything in it.
                _ => {
                    while self.state.frames.len() > around + 1 {
                        self.give_up(self.offset(tag.start))?;
                    }
                }
            }
        }
        let is_same = |range: &Range<usize>| input.get(range.clone()).eq_ignore_ascii_case(name);
        if let Some(frame) = self.state.frames.last_mut()
            && is_same(&self.state.plan.node(frame.node).tag_name)
        {
            if frame.depth == 0 {
                return self.close(tag);
            }
            frame.depth -= 1;
        }
        if loses_directive {
            self.cut_directive(tag);
        }
        let Some(frame) = self.state.frames.last_mut() else { return Ok(()) };
        match &mut frame.child {
            Some(child) if is_same(&child.name) && child.depth == 0 => {
                let place = child.place;
                self.end_child(place, self.offset(tag.end));
            }
            Some(child) if is_same(&child.name) => child.depth -= 1,
            _ => {}
        }
        Ok(())
    }

    /// An end tag has no attributes, but what is written there leaves with it. Tells whether it must not.
    fn refuse_directive(&mut self, tag: &Tag) -> Result<bool, Error> {
        let bytes = self.input.bytes;
        if !self.holds_directive(tag) {
            return Ok(false);
        }
        let mut attributes = self.server_attributes(tag).peekable();
        if attributes.peek().is_none() {
            return Ok(false);
        }
        // The mark hides nothing, so it is only taken out.
        let Some(attribute) = attributes.find(|attribute| !directive::is_mark(attribute, bytes)) else {
            return Ok(true);
        };
        let problem = Problem::WithoutDefer(lossy(attribute.name(bytes)));
        self.fail(problem, self.offset(attribute.name_start)).map(|()| true)
    }

    /// The innermost island around the innermost one whose element has this name, unless the innermost one has it too.
    fn around(&self, name: &[u8]) -> Option<usize> {
        let frames = &self.state.frames;
        let is_same = |frame: &Frame| {
            let tag_name = self.state.plan.node(frame.node).tag_name.clone();
            self.input.get(tag_name).eq_ignore_ascii_case(name)
        };
        let found = frames.iter().rposition(is_same)?;
        (found + 1 < frames.len()).then_some(found)
    }

    /// The innermost open island ends with `tag`.
    fn close(&mut self, tag: &Tag) -> Result<(), Error> {
        let (start, end) = (self.offset(tag.start), self.offset(tag.end));
        let Some(frame) = self.state.frames.last() else { return Ok(()) };
        let (gap, is_between) = (frame.gap..start, frame.child.is_none());
        let place = frame.child.as_ref().map_or(Place::Default, |child| child.place);
        if is_between {
            self.look_at_text(start);
        }
        self.push(place, Piece::Source(gap));
        let Some(frame) = self.state.frames.pop() else { return Ok(()) };
        // The slot was made when its content was first seen, for its place among the others; it is filled only now, since
        // what is around the other children comes in parts.
        if frame.has_default {
            let slot = self.default_slot(frame.node);
            *self.state.plan.slot_pieces(slot) = frame.default;
        }
        self.check_balance(&frame)?;
        let node = self.state.plan.node_mut(frame.node);
        node.range.end = end;
        if node.range.len() > self.config.settings.max_island_bytes {
            let start = node.range.start;
            self.fail(Problem::TooLong(self.config.settings.max_island_bytes), start)?;
        }
        self.place(frame.into, Piece::Island(frame.node));
        Ok(())
    }

    /// What an island leaves open would change how the rest of the page is read if it went out, and does not go out.
    fn check_balance(&mut self, frame: &Frame) -> Result<(), Error> {
        let node = self.state.plan.node(frame.node);
        let name = self.input.get(node.tag_name.clone());
        let expected = if node.role.is_element() {
            self.state.scanner.after_end_tag(&frame.nesting, name)
        } else {
            self.state.scanner.as_component();
            frame.nesting.clone()
        };
        if self.state.scanner.nesting(self.input.bytes) == expected {
            return Ok(());
        }
        let start = node.tag.start;
        self.state.scanner.set_nesting(&expected);
        self.fail(Problem::Unbalanced(lossy(name)), start)?;
        let node = self.state.plan.node_mut(frame.node);
        node.role = node.role.faulty();
        node.fallback = List::default();
        Ok(())
    }

    /// The innermost open island has no end tag: it is none, and its content, up to `end`, becomes that of what is
    /// around. A component loses its start tag, an HTML element only the directive; inside of another island the element
    /// gets the end tag that it lacks, or what follows that island would become part of it.
    pub(super) fn give_up(&mut self, end: usize) -> Result<(), Error> {
        let Some(frame) = self.state.frames.pop() else { return Ok(()) };
        let node = self.state.plan.node(frame.node);
        let (is_element, tag, tag_name) = (node.role.is_element(), node.tag.clone(), node.tag_name.clone());
        let counts = node.counts;
        self.fail(Problem::Unclosed(lossy(self.input.get(tag_name.clone()))), tag.start)?;
        let mut pieces = Vec::new();
        if is_element {
            let bytes = self.input.bytes;
            let attributes = Attributes::after(bytes, tag_name.end - self.input.base);
            let gone = attributes.filter(|attribute| {
                directive::is_server(attribute, bytes) || (frame.is_child && is_slot(attribute, bytes))
            });
            pieces.extend(gone.map(|attribute| Piece::Cut(removal(&attribute, self.input))));
        } else {
            pieces.push(removed(self.input, tag.clone(), counts));
        }
        pieces.extend(self.state.plan.pieces(frame.nested).cloned());
        let is_inside = !self.state.frames.is_empty();
        if is_inside && is_element {
            pieces.push(Piece::EndTag(tag_name, end));
        }
        // What was in this island's own lists is forgotten. The page is gone through once more, from cut to cut: everything
        // between two of them goes where the island would have gone.
        let mut at = tag.start;
        for piece in pieces {
            let range = self.state.plan.range(&piece);
            self.push(frame.into, Piece::Source(at..range.start));
            at = range.end;
            // The page itself may leave elements open.
            if is_inside || !matches!(piece, Piece::EndTag(..)) {
                self.place(frame.into, piece);
            }
        }
        self.push(frame.into, Piece::Source(at..end));
        if let Some(around) = self.state.frames.last_mut() {
            around.go_on_from(end);
        }
        Ok(())
    }
}
