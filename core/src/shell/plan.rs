//! What a page's islands are, between reading and writing: nodes, and lists of pieces of the page. All in a few vectors
//! that are used again from island to island, so that splitting allocates nothing once they are warm.

use std::num::NonZeroUsize;
use std::ops::Range;

use crate::placeholder::options::{Options, Spans};

/// An island, as an index in [`Plan::nodes`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct NodeId(pub(crate) usize);

/// A part of a slot or of the page. Ranges are offsets from the start of the page, and begin and end between tokens, or
/// around an attribute that is left out of its tag.
#[derive(Debug, Clone)]
pub(crate) enum Piece {
    /// Bytes of the page.
    Source(Range<usize>),
    /// An island.
    Island(NodeId),
    /// Bytes of the page that must not go out: a directive that cannot be one.
    Cut(Range<usize>),
    /// The same where something has to stay in its place.
    Instead(Range<usize>, Filler),
    /// The end tag that an element of this name lacks, written at this offset.
    EndTag(Range<usize>, usize),
    /// A tag begins at this offset that a helper has made a placeholder already. With its attributes, where a link in the
    /// head may ask for its island.
    Placed(usize, Range<usize>),
}

/// What stays where something of the page was left out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Filler {
    /// What comes before and after must not meet: `<` and then text would be a tag.
    Comment,
    /// An element stood there, and a browser reads the page on as after one: in svg and math it opens formatting elements
    /// again, and it says what a `template` holds.
    Element,
}

impl Filler {
    pub(crate) fn html(self) -> &'static [u8] {
        match self {
            Self::Comment => b"<!---->",
            Self::Element => b"<server-island></server-island>",
        }
    }
}

/// The number of an entry in one of the plan's vectors, or of none.
#[derive(Debug, Clone, Copy, Default)]
struct Link(Option<NonZeroUsize>);

impl Link {
    /// The last entry of a list.
    fn last_of<T>(entries: &[T]) -> Self {
        Self(NonZeroUsize::new(entries.len()))
    }

    fn index(self) -> Option<usize> {
        self.0.map(|number| number.get() - 1)
    }
}

/// A list of pieces in a [`Plan`].
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct List {
    first: Link,
    last: Link,
}

/// A slot, as an index in the plan's slots.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct SlotId(usize);

/// A slot that travels sealed.
#[derive(Debug)]
pub(crate) struct Slot {
    /// The decoded name, in [`Plan::text`].
    pub(crate) name: Range<usize>,
    pub(crate) pieces: List,
    /// The next slot of the same island.
    next: Link,
}

/// What becomes of an island.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Role {
    /// A component: the placeholder takes its place.
    Component,
    /// An island element: it becomes the placeholder itself.
    Element,
    /// A component of which only the fallback goes out.
    FaultyComponent,
    /// An island element of which only itself and the fallback go out.
    FaultyElement,
}

impl Role {
    pub(crate) fn is_element(self) -> bool {
        matches!(self, Self::Element | Self::FaultyElement)
    }

    pub(crate) fn is_faulty(self) -> bool {
        matches!(self, Self::FaultyComponent | Self::FaultyElement)
    }

    /// What is left of it when something about it turns out to be wrong.
    pub(crate) fn faulty(self) -> Self {
        if self.is_element() { Self::FaultyElement } else { Self::FaultyComponent }
    }
}

#[derive(Debug)]
pub(crate) struct Node {
    pub(crate) role: Role,
    /// Whether the page is read on differently behind it, as a component, than if nothing stood there.
    pub(crate) counts: bool,
    /// Whether it is in a `template`, where nothing loads it.
    pub(crate) in_template: bool,
    /// Of the start tag, in the page.
    pub(crate) tag: Range<usize>,
    /// Of the whole element, in the page.
    pub(crate) range: Range<usize>,
    /// Of the tag's name, in the page.
    pub(crate) tag_name: Range<usize>,
    /// The index of the declared name.
    pub(crate) name: usize,
    /// JSON, in [`Plan::text`].
    pub(crate) props: Range<usize>,
    /// Their texts are in [`Plan::text`].
    pub(crate) options: Spans,
    /// An island element's own attributes, as written.
    pub(crate) attributes: List,
    pub(crate) fallback: List,
    pub(crate) error: Option<List>,
    /// The first sealed slot.
    slots: Link,
}

/// See the module's documentation.
#[derive(Debug, Default)]
pub(crate) struct Plan {
    pub(crate) nodes: Vec<Node>,
    /// Each with the next of its list.
    cells: Vec<(Piece, Link)>,
    slots: Vec<Slot>,
    /// Decoded names and values, and props.
    pub(crate) text: Vec<u8>,
}

impl Node {
    /// An island without name, props, options and content yet.
    pub(crate) fn new(role: Role, tag: Range<usize>, tag_name: Range<usize>) -> Self {
        Self {
            role,
            counts: false,
            in_template: false,
            range: tag.clone(),
            tag,
            tag_name,
            name: 0,
            props: 0..0,
            options: Spans::default(),
            attributes: List::default(),
            fallback: List::default(),
            error: None,
            slots: Link::default(),
        }
    }
}

impl Plan {
    /// Forgets everything and keeps the memory.
    pub(crate) fn clear(&mut self) {
        self.nodes.clear();
        self.cells.clear();
        self.slots.clear();
        self.text.clear();
    }

    /// The part of the page that a piece replaces.
    pub(crate) fn range(&self, piece: &Piece) -> Range<usize> {
        match piece {
            Piece::Island(node) => self.node(*node).range.clone(),
            Piece::Source(range) | Piece::Cut(range) | Piece::Instead(range, _) => range.clone(),
            Piece::EndTag(_, at) | Piece::Placed(at, _) => *at..*at,
        }
    }

    pub(crate) fn node(&self, id: NodeId) -> &Node {
        &self.nodes[id.0]
    }

    pub(crate) fn node_mut(&mut self, id: NodeId) -> &mut Node {
        &mut self.nodes[id.0]
    }

    /// An island's options.
    pub(crate) fn options(&self, node: &Node) -> Options<'_> {
        node.options.of(&self.text)
    }

    pub(crate) fn push_node(&mut self, node: Node) -> NodeId {
        self.nodes.push(node);
        NodeId(self.nodes.len() - 1)
    }

    /// Appends a piece to a list; a range that goes on where the last one ended becomes part of it.
    pub(crate) fn push(&mut self, list: &mut List, piece: Piece) {
        if let Piece::Source(range) = &piece {
            // Also one that ends before it begins: what is between has been left out.
            if range.is_empty() {
                return;
            }
            let last = list.last.index().and_then(|last| self.cells.get_mut(last));
            if let Some((Piece::Source(last), _)) = last
                && last.end == range.start
            {
                last.end = range.end;
                return;
            }
        }
        self.push_apart(list, piece);
    }

    /// Appends a piece to a list as it is.
    pub(crate) fn push_apart(&mut self, list: &mut List, piece: Piece) {
        self.cells.push((piece, Link::default()));
        let link = Link::last_of(&self.cells);
        match list.last.index().and_then(|last| self.cells.get_mut(last)) {
            Some((_, next)) => *next = link,
            None => list.first = link,
        }
        list.last = link;
    }

    pub(crate) fn pieces(&self, list: List) -> impl Iterator<Item = &Piece> {
        let mut next = list.first;
        std::iter::from_fn(move || {
            let (piece, after) = self.cells.get(next.index()?)?;
            next = *after;
            Some(piece)
        })
    }

    /// The islands that go out, in the order in which they are sealed: those in an island's slots before it, those in
    /// its fallback and its error slot after it. `visit` gets each. Of a faulty one, only those in its fallback go out.
    pub(crate) fn in_sealing_order(&self, id: NodeId, visit: &mut impl FnMut(&Node)) {
        let node = self.node(id);
        if node.role.is_faulty() {
            return self.islands_in(node.fallback, visit);
        }
        for slot in self.node_slots(id) {
            self.islands_in(slot.pieces, visit);
        }
        visit(node);
        self.islands_in(node.fallback, visit);
        if let Some(error) = node.error {
            self.islands_in(error, visit);
        }
    }

    /// Whether anything of an island needs the loader: itself, or else a placeholder in its fallback.
    pub(crate) fn needs_loader(&self, id: NodeId) -> bool {
        let node = self.node(id);
        !node.role.is_faulty()
            || self.pieces(node.fallback).any(|piece| match piece {
                Piece::Island(inner) => self.needs_loader(*inner),
                Piece::Placed(..) => true,
                Piece::Source(_) | Piece::Cut(_) | Piece::Instead(..) | Piece::EndTag(..) => false,
            })
    }

    fn islands_in(&self, list: List, visit: &mut impl FnMut(&Node)) {
        for piece in self.pieces(list) {
            if let Piece::Island(id) = piece {
                self.in_sealing_order(*id, visit);
            }
        }
    }

    pub(crate) fn node_slots(&self, node: NodeId) -> impl Iterator<Item = &Slot> {
        let mut next = self.node(node).slots;
        std::iter::from_fn(move || {
            let slot = self.slots.get(next.index()?)?;
            next = slot.next;
            Some(slot)
        })
    }

    /// The island's slot of this name, made if there is none yet; the name is the end of [`text`](Self::text) from
    /// `name`.
    pub(crate) fn slot(&mut self, node: NodeId, name: usize) -> SlotId {
        let mut last = Link::default();
        let mut next = self.node(node).slots;
        while let Some(index) = next.index() {
            let slot = &self.slots[index];
            if self.text[slot.name.clone()] == self.text[name..] {
                self.text.truncate(name);
                return SlotId(index);
            }
            last = next;
            next = slot.next;
        }
        self.slots.push(Slot { name: name..self.text.len(), pieces: List::default(), next: Link::default() });
        let link = Link::last_of(&self.slots);
        match last.index() {
            Some(last) => self.slots[last].next = link,
            None => self.node_mut(node).slots = link,
        }
        SlotId(self.slots.len() - 1)
    }

    pub(crate) fn slot_count(&self) -> usize {
        self.slots.len()
    }

    pub(crate) fn slot_pieces(&mut self, slot: SlotId) -> &mut List {
        &mut self.slots[slot.0].pieces
    }
}
