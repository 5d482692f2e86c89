//! What a page's islands are, between reading and writing: nodes, and lists of pieces of the page. All in a few vectors
//! that are used again from island to island, so that splitting allocates nothing once they are warm.

use std::ops::Range;

use crate::html::directive::OPTIONS;

/// An island, as an index in [`Plan::nodes`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct NodeId(pub(crate) usize);

/// A part of a slot or of the page. Ranges are offsets from the start of the page.
#[derive(Debug, Clone)]
pub(crate) enum Piece {
    /// Bytes of the page.
    Source(Range<usize>),
    /// An island.
    Island(NodeId),
    /// Bytes of the page that must not go out: a directive that cannot be one.
    Cut(Range<usize>),
    /// The same where what stands before and after must not meet: `<` and then text would be a tag.
    Break(Range<usize>),
}

/// A list of pieces in a [`Plan`]; 0 stands for none.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct List {
    first: usize,
    last: usize,
}

/// A slot that travels sealed.
#[derive(Debug)]
pub(crate) struct Slot {
    /// The decoded name, in [`Plan::text`].
    pub(crate) name: Range<usize>,
    pub(crate) pieces: List,
    /// The next slot of the same island, from 1; 0 for none.
    next: usize,
}

/// What becomes of an island.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Role {
    Component,
    Host,
    /// A component of which only the fallback goes out.
    Faulty,
    /// An HTML element of which only itself and the fallback go out.
    FaultyHost,
}

#[derive(Debug)]
pub(crate) struct Node {
    pub(crate) role: Role,
    /// Whether it stands in a `template`, where nothing loads it.
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
    /// Decoded values, in [`Plan::text`].
    pub(crate) options: [Option<Range<usize>>; OPTIONS.len()],
    /// A host element's own attributes, as written.
    pub(crate) attributes: List,
    pub(crate) fallback: List,
    pub(crate) error: Option<List>,
    /// The first sealed slot, from 1; 0 for none.
    slots: usize,
}

/// See the module's documentation.
#[derive(Debug, Default)]
pub(crate) struct Plan {
    pub(crate) nodes: Vec<Node>,
    /// Each with the index of the next of its list, from 1; 0 for none.
    cells: Vec<(Piece, usize)>,
    slots: Vec<Slot>,
    /// Decoded names and values, and props.
    pub(crate) text: Vec<u8>,
}

impl Plan {
    /// The part of the page that a piece stands for.
    pub(crate) fn range(&self, piece: &Piece) -> Range<usize> {
        match piece {
            Piece::Island(node) => self.nodes[node.0].range.clone(),
            Piece::Source(range) | Piece::Cut(range) | Piece::Break(range) => range.clone(),
        }
    }
}

impl Node {
    /// An island without name, props, options and content yet.
    pub(crate) fn new(role: Role, tag: Range<usize>, tag_name: Range<usize>) -> Self {
        Self {
            role,
            in_template: false,
            range: tag.clone(),
            tag,
            tag_name,
            name: 0,
            props: 0..0,
            options: Default::default(),
            attributes: List::default(),
            fallback: List::default(),
            error: None,
            slots: 0,
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

    pub(crate) fn push_node(&mut self, node: Node) -> NodeId {
        self.nodes.push(node);
        NodeId(self.nodes.len() - 1)
    }

    /// Appends a piece to a list; a range that goes on where the last one ended becomes part of it.
    pub(crate) fn push(&mut self, list: &mut List, piece: Piece) {
        if let Piece::Source(range) = &piece {
            if range.is_empty() {
                return;
            }
            let last = list.last.checked_sub(1).and_then(|last| self.cells.get_mut(last));
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
        self.cells.push((piece, 0));
        let index = self.cells.len();
        match list.last.checked_sub(1).and_then(|last| self.cells.get_mut(last)) {
            Some((_, next)) => *next = index,
            None => list.first = index,
        }
        list.last = index;
    }

    pub(crate) fn pieces(&self, list: List) -> impl Iterator<Item = &Piece> {
        let mut next = list.first;
        std::iter::from_fn(move || {
            let (piece, after) = self.cells.get(next.checked_sub(1)?)?;
            next = *after;
            Some(piece)
        })
    }

    pub(crate) fn node_slots(&self, node: NodeId) -> impl Iterator<Item = &Slot> {
        let mut next = self.nodes[node.0].slots;
        std::iter::from_fn(move || {
            let slot = self.slots.get(next.checked_sub(1)?)?;
            next = slot.next;
            Some(slot)
        })
    }

    /// The island's slot of this name, made if there is none yet; the name is the end of [`text`](Self::text) from
    /// `name`.
    pub(crate) fn slot(&mut self, node: NodeId, name: usize) -> usize {
        let mut last = 0;
        let mut next = self.nodes[node.0].slots;
        while let Some(slot) = next.checked_sub(1).and_then(|index| self.slots.get(index)) {
            if self.text[slot.name.clone()] == self.text[name..] {
                self.text.truncate(name);
                return next - 1;
            }
            last = next;
            next = slot.next;
        }
        self.slots.push(Slot { name: name..self.text.len(), pieces: List::default(), next: 0 });
        let index = self.slots.len();
        match last.checked_sub(1).and_then(|last| self.slots.get_mut(last)) {
            Some(slot) => slot.next = index,
            None => self.nodes[node.0].slots = index,
        }
        index - 1
    }

    pub(crate) fn slot_count(&self) -> usize {
        self.slots.len()
    }

    /// The pieces of a slot that [`slot`](Self::slot) named.
    pub(crate) fn slot_pieces(&mut self, slot: usize) -> &mut List {
        &mut self.slots[slot].pieces
    }
}
