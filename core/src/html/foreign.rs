//! Where svg and math stand: in them `<![CDATA[` is a CDATA section, and `<title>`, `<style>` or `<script>` hold markup.
//!
//! The tree builder's stack of open elements (WHATWG HTML, 13.2.6.5), reduced to the elements that change the answer.

use super::attributes::Attributes;
use super::names;
use super::scanner::Tag;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Open {
    Svg,
    Math,
    /// An element of svg or math whose content is HTML; the first bytes of its name tell which.
    Html(&'static [u8]),
}

/// The open elements that matter, innermost last.
#[derive(Debug, Default)]
pub(crate) struct Foreign {
    open: Vec<Open>,
    /// What the last start tag did, to be taken back: how many elements were open, and those that it closed.
    before: usize,
    closed: Vec<Open>,
}

/// Deeper nesting is not followed: no page has it, and memory stays bounded.
const MAX_DEPTH: usize = 256;

const SVG_POINTS: [&[u8]; 3] = [b"foreignobject", b"desc", b"title"];
const MATH_POINTS: [&[u8]; 5] = [b"mi", b"mo", b"mn", b"ms", b"mtext"];

fn one_of(name: &[u8], names: &[&'static [u8]]) -> Option<&'static [u8]> {
    names.iter().copied().find(|known| name.eq_ignore_ascii_case(known))
}

impl Foreign {
    /// Whether no svg or math element is open.
    #[inline(always)]
    pub(crate) fn is_empty(&self) -> bool {
        self.open.is_empty()
    }

    /// Whether the innermost open element is one of svg or math.
    pub(crate) fn is_foreign(&self) -> bool {
        matches!(self.open.last(), Some(Open::Svg | Open::Math))
    }

    /// Takes note of a start tag and tells whether it is an HTML element's.
    pub(crate) fn start_tag(&mut self, buffer: &[u8], tag: &Tag) -> bool {
        let name = tag.name(buffer);
        self.before = self.open.len();
        self.closed.clear();
        if self.is_foreign() && leaves(buffer, tag) {
            self.leave();
        }
        let opened = match self.open.last() {
            None | Some(Open::Html(_)) => {
                let root = root(name);
                if root.is_none() {
                    return true;
                }
                root
            }
            Some(Open::Svg) => one_of(name, &SVG_POINTS).map(Open::Html).or_else(|| root(name)),
            Some(Open::Math) => {
                let point = one_of(name, &MATH_POINTS).or_else(|| annotation(buffer, tag));
                point.map(Open::Html).or_else(|| root(name))
            }
        };
        if let Some(opened) = opened.filter(|_| !tag.self_closing && self.open.len() < MAX_DEPTH) {
            self.open.push(opened);
        }
        false
    }

    /// Takes note of an end tag.
    pub(crate) fn end_tag(&mut self, name: &[u8]) {
        let closes = |open: &Open| match open {
            Open::Svg => name.eq_ignore_ascii_case(b"svg"),
            Open::Math => name.eq_ignore_ascii_case(b"math"),
            Open::Html(point) => name.eq_ignore_ascii_case(point),
        };
        if self.is_foreign() && (name.eq_ignore_ascii_case(b"p") || name.eq_ignore_ascii_case(b"br")) {
            self.leave();
        } else if self.open.last().is_some_and(closes) {
            self.open.pop();
        }
    }

    /// The elements that are open, to come back to.
    pub(crate) fn open(&self) -> Vec<Open> {
        self.open.clone()
    }

    /// Comes back to the elements that were open.
    pub(crate) fn reopen(&mut self, open: Vec<Open>) {
        self.open = open;
    }

    /// Takes back what the last start tag did.
    pub(crate) fn undo(&mut self) {
        self.open.truncate(self.before);
        self.open.extend(self.closed.drain(..).rev());
    }

    /// Closes svg and math up to the HTML around them.
    fn leave(&mut self) {
        while self.is_foreign() {
            self.closed.extend(self.open.pop());
        }
    }
}

fn root(name: &[u8]) -> Option<Open> {
    if name.eq_ignore_ascii_case(b"svg") {
        Some(Open::Svg)
    } else if name.eq_ignore_ascii_case(b"math") {
        Some(Open::Math)
    } else {
        None
    }
}

/// Whether a start tag in svg or math closes them.
fn leaves(buffer: &[u8], tag: &Tag) -> bool {
    let name = tag.name(buffer);
    if !name.eq_ignore_ascii_case(b"font") {
        return names::breaks_out(name);
    }
    let mut attributes = Attributes::of(buffer, tag);
    attributes.any(|attribute| one_of(attribute.name(buffer), &[b"color", b"face", b"size"]).is_some())
}

/// `annotation-xml` holds HTML when its encoding says so.
fn annotation(buffer: &[u8], tag: &Tag) -> Option<&'static [u8]> {
    let name = one_of(tag.name(buffer), &[b"annotation-xml"])?;
    let mut attributes = Attributes::of(buffer, tag);
    let encoding = attributes.find(|attribute| attribute.name(buffer).eq_ignore_ascii_case(b"encoding"))?;
    one_of(encoding.value(buffer)?, &[b"text/html", b"application/xhtml+xml"]).map(|_| name)
}
