//! One stack of open elements that a browser may have at some place, from the outermost svg, math or template on, and
//! the list of formatting elements that goes with it (WHATWG HTML, 13.2.4).

use super::vocabulary::{Name, SCOPE};

/// What an open element is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// An HTML element in the HTML content of svg or math: only there is every element followed.
    Html,
    /// A `template`; the HTML elements in it are not followed.
    Template(Mode),
    /// A `table` in the HTML content of svg or math. What is in it is not followed either: only its own end tag closes
    /// it for certain. Whether formatting elements were opened in it, which may come back after it.
    Table {
        has_formatting: bool,
    },
    Svg,
    Math,
    /// An `annotation-xml` whose encoding says that its content is HTML.
    MathHtml,
}

/// The insertion modes of a `template` that read what follows differently.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Mode {
    /// No start tag has said yet what it holds.
    Fresh,
    /// It holds columns, and drops all but columns and templates.
    Columns,
    Settled,
}

/// How what stands directly in an element of svg or math is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Point {
    /// As the content of svg or math.
    None,
    /// As HTML ("HTML integration point").
    Html,
    /// As HTML but for two elements ("MathML text integration point").
    Text,
    /// `annotation-xml` without an encoding: an `<svg>` in it is read as HTML.
    Svg,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Entry {
    pub(super) kind: Kind,
    pub(super) name: Name,
}

impl Entry {
    pub(super) fn is_foreign(self) -> bool {
        matches!(self.kind, Kind::Svg | Kind::Math | Kind::MathHtml)
    }

    /// Whether its content is HTML that is not followed element by element.
    pub(super) fn is_region(self) -> bool {
        matches!(self.kind, Kind::Template(_) | Kind::Table { .. })
    }

    pub(super) fn point(self) -> Point {
        const SVG: [Name; 3] = [Name::of("foreignobject"), Name::of("desc"), Name::of("title")];
        const MATH: [Name; 5] = [Name::of("mi"), Name::of("mo"), Name::of("mn"), Name::of("ms"), Name::of("mtext")];
        match self.kind {
            Kind::Svg if SVG.contains(&self.name) => Point::Html,
            Kind::MathHtml => Point::Html,
            Kind::Math if MATH.contains(&self.name) => Point::Text,
            Kind::Math if self.name == Name::of("annotation-xml") => Point::Svg,
            _ => Point::None,
        }
    }

    /// Whether text directly in this element of svg or math is read as HTML.
    pub(super) fn holds_html(self) -> bool {
        matches!(self.point(), Point::Html | Point::Text)
    }

    /// Whether a start tag directly in this element is read as HTML.
    pub(super) fn takes_as_html(self, name: Name) -> bool {
        if !self.is_foreign() {
            return true;
        }
        match self.point() {
            Point::None => false,
            Point::Html => true,
            Point::Text => name != Name::of("mglyph") && name != Name::of("malignmark"),
            Point::Svg => name == Name::of("svg"),
        }
    }
}

/// An entry in the list of active formatting elements.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Format {
    /// What stands before it is out of reach.
    Marker,
    /// The element's index in the stack, or none where it is closed and will be opened again by the next text.
    Element { name: Name, at: Option<usize> },
}

/// See the module's documentation. Positions in the stack stand for the elements' identity, so that two stacks that go
/// on in the same way are equal.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Stack {
    pub(super) entries: Vec<Entry>,
    pub(super) formats: Vec<Format>,
    /// Whether the page is one of frames, where everything but frames is dropped.
    pub(super) is_frameset: bool,
}

/// What a search for an element in scope came upon.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Scope {
    /// The element at this index.
    Found(usize),
    Closed,
    /// HTML that is not followed: the length of the stack without what stands in it.
    Unknown(usize),
    /// An `annotation-xml`: the standard ends the scope there, html5ever looks further.
    Annotation(usize),
    /// The stack is too deep to be searched at every tag.
    TooDeep,
}

/// The most elements that one tag looks at: a page cannot make every tag walk a deep stack.
pub(super) const MAX_WALK: usize = 1024;

impl Stack {
    pub(super) fn top(&self) -> Option<Entry> {
        self.entries.last().copied()
    }

    /// Whether no svg, math or template is open.
    pub(super) fn is_empty(&self) -> bool {
        self.entries.is_empty() && !self.is_frameset
    }

    /// Whether what stands here is HTML that is not followed element by element.
    pub(super) fn is_untracked(&self) -> bool {
        self.top().is_none_or(Entry::is_region)
    }

    /// The indices from the top, as far as one tag may look.
    pub(super) fn downwards(&self) -> impl Iterator<Item = usize> + use<> {
        let len = self.entries.len();
        (len.saturating_sub(MAX_WALK)..len).rev()
    }

    pub(super) fn push(&mut self, kind: Kind, name: Name) {
        self.entries.push(Entry { kind, name });
    }

    /// Closes all elements from this index on. Formatting elements among them stay in the list.
    pub(super) fn truncate(&mut self, len: usize) {
        self.entries.truncate(len);
        if self.entries.is_empty() {
            // What is open outside is opened again before the next svg or math begins: nothing is left to follow.
            self.formats.clear();
        } else if self.is_untracked() {
            while matches!(self.formats.last(), Some(Format::Element { .. })) {
                self.formats.pop();
            }
        }
        for format in &mut self.formats {
            if let Format::Element { at, .. } = format {
                *at = at.filter(|at| *at < len);
            }
        }
    }

    /// Takes one element out of the middle of the stack.
    pub(super) fn remove(&mut self, index: usize) {
        self.entries.remove(index);
        for format in &mut self.formats {
            let Format::Element { at: Some(at), .. } = format else { continue };
            match (*at).cmp(&index) {
                std::cmp::Ordering::Less => {}
                std::cmp::Ordering::Equal => {
                    if let Format::Element { at, .. } = format {
                        *at = None;
                    }
                }
                std::cmp::Ordering::Greater => *at -= 1,
            }
        }
    }

    /// Puts one element into the middle of the stack.
    pub(super) fn insert(&mut self, index: usize, entry: Entry) {
        self.entries.insert(index, entry);
        for format in &mut self.formats {
            if let Format::Element { at: Some(at), .. } = format
                && *at >= index
            {
                *at += 1;
            }
        }
    }

    /// Looks for an HTML element down to where its scope ends.
    pub(super) fn scope(&self, wanted: impl Fn(Name) -> bool, also_ends: &[Name]) -> Scope {
        for index in self.downwards() {
            let entry = self.entries[index];
            match entry.kind {
                Kind::Html if wanted(entry.name) => return Scope::Found(index),
                Kind::Html if entry.name.is(SCOPE) || also_ends.contains(&entry.name) => return Scope::Closed,
                Kind::Html => {}
                Kind::Template(_) | Kind::Table { .. } => return Scope::Unknown(index + 1),
                Kind::Svg | Kind::Math | Kind::MathHtml => match entry.point() {
                    Point::None => {}
                    _ if entry.name == Name::of("annotation-xml") => return Scope::Annotation(index),
                    _ => return Scope::Closed,
                },
            }
        }
        if self.entries.len() > MAX_WALK { Scope::TooDeep } else { Scope::Unknown(0) }
    }

    // -- formatting elements ------------------------------------------------------------------------------------------

    /// The formatting elements that are in reach, as indices of the list.
    pub(super) fn reach(&self) -> std::ops::Range<usize> {
        let marker = self.formats.iter().rposition(|format| *format == Format::Marker);
        marker.map_or(0, |marker| marker + 1)..self.formats.len()
    }

    /// The last formatting element of this name in reach: its index in the list, and the element's in the stack.
    pub(super) fn format(&self, wanted: Name) -> Option<(usize, Option<usize>)> {
        self.reach().rev().find_map(|index| match self.formats[index] {
            Format::Element { name, at } if name == wanted => Some((index, at)),
            _ => None,
        })
    }

    /// The index in the list of the element at an index of the stack.
    pub(super) fn format_at(&self, element: usize) -> Option<usize> {
        self.formats.iter().position(|format| matches!(format, Format::Element { at, .. } if *at == Some(element)))
    }

    /// Whether the next text opens formatting elements again.
    pub(super) fn has_pending(&self) -> bool {
        matches!(self.formats.last(), Some(Format::Element { at: None, .. }))
    }

    /// Opens formatting elements again that are in the list and not in the stack (13.2.4.3).
    pub(super) fn reconstruct(&mut self) {
        let is_closed = |index: &usize| matches!(self.formats[*index], Format::Element { at: None, .. });
        let pending = self.reach().rev().take_while(is_closed).count();
        for index in self.formats.len() - pending..self.formats.len() {
            if let Format::Element { name, at } = &mut self.formats[index] {
                *at = Some(self.entries.len());
                self.entries.push(Entry { kind: Kind::Html, name: *name });
            }
        }
    }

    /// Forgets the formatting elements up to the last marker, and the marker.
    pub(super) fn clear_to_marker(&mut self) {
        while self.formats.pop().is_some_and(|format| format != Format::Marker) {}
    }
}
