//! What a shell's author wrote, element by element, and the same shell with a mark on each part that survives parsing.

use crate::assets::LOADER;
use crate::html::attributes::{Attribute, Attributes};
use crate::html::names;
use crate::html::scanner::{Event, Scanner};
use crate::html::tag::Tag;

/// The attribute that marks an element with its index in [`Written::parts`].
pub(super) const MARK: &str = "eyot:mark";
/// What stands around a text's index, before its first visible character: no characters (Unicode, 23.7), which no page
/// holds and every parser keeps.
pub(super) const TEXT_MARK: [char; 2] = ['\u{fdd0}', '\u{fdd1}'];

/// A start tag, or a stretch of text that is more than white space.
#[derive(Debug)]
pub(super) struct Part {
    /// The element's name in lower case; empty for text.
    pub(super) name: String,
    /// Where it begins in the shell.
    pub(super) start: usize,
    /// The innermost open element around it, as an index.
    pub(super) parent: Option<usize>,
    /// Whether its end tag is written out.
    pub(super) is_closed: bool,
    /// Whether there is anything in it but an error slot's `template`, which shows nothing.
    pub(super) has_content: bool,
    pub(super) placeholder: Option<Placeholder>,
}

#[derive(Debug)]
pub(super) struct Placeholder {
    pub(super) island: String,
    /// Whether the token is too long for a URL.
    pub(super) is_posted: bool,
}

/// See the module's documentation.
#[derive(Debug)]
pub(super) struct Written<'s> {
    shell: &'s [u8],
    pub(super) parts: Vec<Part>,
    pub(super) marked: Vec<u8>,
    /// Whether a script of the page is the loader.
    pub(super) has_loader: bool,
    /// Where the first `<base href>` stands, if it names an origin, and what it names.
    pub(super) foreign_base: Option<(usize, String)>,
    has_base: bool,
    open: Vec<usize>,
    /// Up to where the shell has been copied.
    copied: usize,
}

impl<'s> Written<'s> {
    pub(super) fn read(shell: &'s [u8]) -> Self {
        let mut written = Self {
            shell,
            parts: Vec::new(),
            marked: Vec::new(),
            has_loader: false,
            foreign_base: None,
            has_base: false,
            open: Vec::new(),
            copied: 0,
        };
        let mut scanner = Scanner::new(LOADER.name().as_bytes());
        let mut text = 0;
        while let Some(event) = scanner.next(shell, 0) {
            match event {
                Event::Opaque { start, end, .. } | Event::Unclaimed { start, end } => {
                    written.text(text, start);
                    text = end;
                }
                Event::Unsure(_) | Event::Unclear | Event::LetGo(_) => {}
                Event::Tag(tag) => {
                    written.text(text, tag.start);
                    text = tag.end;
                    if tag.closing { written.end_tag(&tag) } else { written.start_tag(&tag) }
                }
            }
        }
        written.has_loader = scanner.has_marker();
        written.text(text, shell.len());
        written.copy_to(shell.len());
        written
    }

    /// The innermost placeholder around a part.
    pub(super) fn placeholder_around(&self, part: usize) -> Option<usize> {
        self.around(part).find(|around| self.parts[*around].placeholder.is_some())
    }

    /// The elements around a part, innermost first.
    pub(super) fn around(&self, part: usize) -> impl Iterator<Item = usize> {
        std::iter::successors(self.parts[part].parent, |around| self.parts[*around].parent)
    }

    fn copy_to(&mut self, end: usize) {
        self.marked.extend_from_slice(&self.shell[self.copied..end]);
        self.copied = end;
    }

    fn part(&mut self, name: String, start: usize, placeholder: Option<Placeholder>) -> usize {
        let parent = self.open.last().copied();
        if let Some(parent) = parent.filter(|_| name != "template") {
            self.parts[parent].has_content = true;
        }
        self.parts.push(Part { name, start, parent, is_closed: false, has_content: false, placeholder });
        self.parts.len() - 1
    }

    fn text(&mut self, start: usize, end: usize) {
        let Some(visible) = self.shell[start..end].iter().position(|byte| !byte.is_ascii_whitespace()) else { return };
        let part = self.part(String::new(), start + visible, None);
        self.copy_to(start + visible);
        let [before, after] = TEXT_MARK;
        self.marked.extend_from_slice(format!("{before}{part}{after}").as_bytes());
    }

    fn start_tag(&mut self, tag: &Tag) {
        let name = String::from_utf8_lossy(tag.name(self.shell)).to_ascii_lowercase();
        // `/>` ends no HTML element; elements of svg and math it does.
        let is_whole = names::is_void(name.as_bytes()) || (tag.self_closing && !names::is_html(name.as_bytes()));
        if name == "base" {
            self.base(tag);
        }
        let part = self.part(name, tag.start, self.placeholder(tag));
        self.copy_to(tag.name_end);
        self.marked.extend_from_slice(format!(" {MARK}=\"{part}\"").as_bytes());
        if !is_whole {
            self.open.push(part);
        }
    }

    fn end_tag(&mut self, tag: &Tag) {
        let name = tag.name(self.shell);
        let is_same = |part: &usize| self.parts[*part].name.as_bytes().eq_ignore_ascii_case(name);
        if let Some(depth) = self.open.iter().rposition(is_same) {
            self.parts[self.open[depth]].is_closed = true;
            self.open.truncate(depth);
        }
    }

    /// Notes the page's base: the first with an `href` counts.
    fn base(&mut self, tag: &Tag) {
        let is_href = |attribute: &Attribute| attribute.name(self.shell).eq_ignore_ascii_case(b"href");
        let Some(href) = Attributes::of(self.shell, tag).find(is_href).and_then(|href| href.value(self.shell)) else {
            return;
        };
        // As URL parsers do: white space around it and in it goes, and back slashes are slashes.
        let url: Vec<u8> = href.iter().filter(|byte| !byte.is_ascii_whitespace()).copied().collect();
        let names_host = url.len() > 1 && url[..2].iter().all(|byte| b"/\\".contains(byte));
        let scheme = url.iter().position(|byte| !byte.is_ascii_alphanumeric() && !b"+-.".contains(byte));
        let has_scheme = scheme.is_some_and(|end| end > 0 && url[end] == b':');
        if !self.has_base && (names_host || has_scheme) {
            self.foreign_base = Some((tag.start, String::from_utf8_lossy(href).into_owned()));
        }
        self.has_base = true;
    }

    fn placeholder(&self, tag: &Tag) -> Option<Placeholder> {
        let find = |name: &str| {
            let is_it = |attribute: &Attribute| attribute.name(self.shell).eq_ignore_ascii_case(name.as_bytes());
            Attributes::of(self.shell, tag).find(is_it)
        };
        let island = find("island")?.value(self.shell)?;
        find("island-src")?;
        let is_posted = find("island-token").is_some();
        Some(Placeholder { island: String::from_utf8_lossy(island).into_owned(), is_posted })
    }
}
