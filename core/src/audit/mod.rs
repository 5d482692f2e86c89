//! What a browser would make of a shell: where its parser moves, drops or swallows what the author wrote, so that a
//! placeholder does not stand, or does not hold its fallback, as intended.
//!
//! Splitting is lexical and cannot see this. A debugging host, a test or a command line runs [`audit`] on the shells it
//! has. The rule is one: parsed, each placeholder stands in the element it was written in and holds exactly its fallback.

mod parsed;
mod written;

use std::collections::HashSet;

use parsed::{Parsed, Place};
use written::{Part, Placeholder, Written};

use crate::Position;
use crate::shell::input::{START, advance};

/// One thing that is not as its author meant it.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Finding {
    /// What it is about.
    pub kind: FindingKind,
    /// What a browser does and what to do about it.
    pub message: String,
    /// The name of the island.
    pub island: String,
    /// Where in the shell: the placeholder, or what is moved into or out of it.
    pub at: Position,
}

/// What a [`Finding`] is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum FindingKind {
    /// A browser takes the placeholder out of the element around it, or drops it.
    PlaceholderMoved,
    /// Many browsers drop all but options in a `select`.
    PlaceholderInSelect,
    /// In svg and math the placeholder is no HTML element.
    PlaceholderInForeign,
    /// A browser takes part of the fallback out of the placeholder, or drops it.
    FallbackMoved,
    /// What follows the placeholder ends up in it.
    FallbackSwallows,
    /// Nothing is shown until the island is there, nor without JavaScript.
    FallbackMissing,
    /// A template has escaped the placeholder's attributes.
    AttributesEscaped,
    /// The token does not fit into a URL, so that no cache can answer.
    PropsLarge,
    /// Nothing loads the islands: no script of the page is called `loader.v1.js`.
    LoaderMissing,
    /// The page's `<base href>` is of another origin, so that a browser asks for the loader and the islands there.
    BaseElsewhere,
}

impl FindingKind {
    /// A stable, lower-case code such as `fallback-moved`, for logs, bindings and tests.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::FallbackMoved => "fallback-moved",
            Self::FallbackSwallows => "fallback-swallows",
            Self::PlaceholderInSelect => "placeholder-in-select",
            Self::PlaceholderInForeign => "placeholder-in-foreign",
            Self::PlaceholderMoved => "placeholder-moved",
            Self::FallbackMissing => "fallback-missing",
            Self::AttributesEscaped => "attributes-escaped",
            Self::PropsLarge => "props-large",
            Self::LoaderMissing => "loader-missing",
            Self::BaseElsewhere => "base-elsewhere",
        }
    }
}

impl Finding {
    /// The kind's stable, lower-case code.
    #[must_use]
    pub fn code(&self) -> &'static str {
        self.kind.code()
    }
}

/// Parses a whole page's shell as a browser with scripting does, and tells what is not as it was written, in the
/// shell's order. Each placeholder has at most one finding of each kind.
///
/// ```
/// use eyot::audit::{FindingKind, audit};
///
/// # let keys = eyot::KeyRing::parse("p3Qm0Wv9yJ5sT1xL8bN4eR7uA2dF6gH0kC3iZ5oVqXM=")?;
/// # let islands = eyot::Islands::builder(keys).island("CartCount").build()?;
/// // A browser lets nothing but rows and cells stand in a table, and moves the placeholder before it.
/// let page = b"<table><CartCount server:defer><td>one moment</td></CartCount></table>";
/// let shell = islands.split(page, &eyot::Context::at(1_800_000_000))?.into_bytes();
/// let findings = audit(&shell);
/// assert!(findings.iter().any(|found| found.kind == FindingKind::PlaceholderMoved && found.island == "CartCount"));
/// # Ok::<(), eyot::Error>(())
/// ```
#[must_use]
pub fn audit(shell: &[u8]) -> Vec<Finding> {
    let written = Written::read(shell);
    let parsed = Parsed::parse(&written.marked);
    let places = parsed.places(written.parts.len());
    let mut audit = Audit { shell, written: &written, parsed: &parsed, findings: Vec::new(), reported: HashSet::new() };
    for (index, places) in places.iter().enumerate() {
        audit.content(index, places);
        if let Some(placeholder) = &written.parts[index].placeholder {
            audit.placeholder(index, placeholder, places);
        }
    }
    if is_document(shell) {
        audit.loader();
    }
    audit.findings.sort_by_key(|finding| finding.at);
    audit.findings
}

/// The findings of a whole page. A part of one is not audited: only what it is put into tells what a browser makes of it.
/// A site that does not write the loader's tags has a loader of its own, which may be called anything.
pub(crate) fn of_document(shell: &[u8], writes_loader: bool) -> Vec<Finding> {
    if !is_document(shell) {
        return Vec::new();
    }
    let applies = |found: &Finding| writes_loader || found.kind != FindingKind::LoaderMissing;
    audit(shell).into_iter().filter(applies).collect()
}

/// Whether a shell is a whole page: a part of one has its loader around it.
fn is_document(shell: &[u8]) -> bool {
    let start = shell[..shell.len().min(1_024)].to_ascii_lowercase();
    [&b"<!doctype"[..], b"<html"].iter().any(|tag| memchr::memmem::find(&start, tag).is_some())
}

struct Audit<'a> {
    shell: &'a [u8],
    written: &'a Written<'a>,
    parsed: &'a Parsed,
    findings: Vec<Finding>,
    /// The codes and placeholders that have a finding already.
    reported: HashSet<(FindingKind, usize)>,
}

impl Audit<'_> {
    /// Whether a part is in the placeholder that it was written in, or in none.
    fn content(&mut self, index: usize, places: &[Place]) {
        let written = self.written;
        let part = &written.parts[index];
        let wanted = written.placeholder_around(index);
        let is_placeholder = |mark: &usize| written.parts[*mark].placeholder.is_some();
        let is_missing = wanted.is_some() && places.is_empty();
        let elsewhere = places.iter().map(|place| self.parsed.around(*place).find(is_placeholder));
        let wrong = elsewhere.into_iter().find(|found| *found != wanted);
        match (wanted, wrong) {
            // A placeholder that is gone says so itself.
            (Some(_), _) if is_missing && part.placeholder.is_some() => {}
            (Some(island), found) if is_missing || found.is_some() => {
                let does = if is_missing { "drops" } else { "takes" };
                let out_of = if is_missing { "from" } else { "out of" };
                let message = format!(
                    "a browser {does} {} {out_of} the placeholder in {}: use a fallback that may stand there",
                    described(part),
                    self.home(island),
                );
                self.report(FindingKind::FallbackMoved, island, message, part.start);
            }
            (None, Some(Some(island))) => {
                let message = format!(
                    "a browser takes {} after the placeholder into it: close each element of the fallback",
                    described(part),
                );
                self.report(FindingKind::FallbackSwallows, island, message, part.start);
            }
            _ => {}
        }
    }

    fn placeholder(&mut self, index: usize, placeholder: &Placeholder, places: &[Place]) {
        let part = &self.written.parts[index];
        let is_option = matches!(part.name.as_str(), "option" | "optgroup");
        if !is_option && self.written.around(index).any(|around| self.written.parts[around].name == "select") {
            let message = "many browsers keep nothing but options in a <select>: make an <option> or the element around \
                           the <select> the island element";
            self.report(FindingKind::PlaceholderInSelect, index, message.to_owned(), part.start);
        } else if places.iter().any(|place| !place.is_html) {
            let message = "in svg and math a placeholder is no HTML element, and nothing loads it: make the element \
                           around the <svg> or <math> the island element";
            self.report(FindingKind::PlaceholderInForeign, index, message.to_owned(), part.start);
        } else if let Some(home) = self.lost_home(index, places) {
            let message = format!("a browser does not leave <{}> in <{home}>: {}", part.name, advice(home));
            self.report(FindingKind::PlaceholderMoved, index, message, part.start);
        }
        if placeholder.island.starts_with(['"', '&']) {
            let message = "the template has escaped the placeholder's attributes, so that nothing loads it: print what \
                           writes them raw";
            self.report(FindingKind::AttributesEscaped, index, message.to_owned(), part.start);
        } else if !part.has_content {
            let message = "there is no fallback: nothing is shown until the island is there, and nothing without \
                           JavaScript";
            self.report(FindingKind::FallbackMissing, index, message.to_owned(), part.start);
        }
        if placeholder.is_posted {
            let message = "the token does not fit into a URL, so that the island is asked for by POST, which no cache \
                           answers: pass an id and load the rest in the handler";
            self.report(FindingKind::PropsLarge, index, message.to_owned(), part.start);
        }
    }

    /// Whether anything loads the first placeholder. A shell gets the loader's tags from the split, which leaves a page
    /// alone that has no directive, and placeholders without a helper's mark: written by hand, with the HTML pass off, or
    /// outside of a request.
    fn loader(&mut self) {
        let Some(first) = self.written.parts.iter().position(|part| part.placeholder.is_some()) else { return };
        if !self.written.has_loader {
            let message = "the page has no loader, so this island and all others stay at their fallbacks: switch the HTML \
                           pass on for what writes the placeholders, or put the loader's tags into the head \
                           (`island_loader`, `islandLoader`)";
            self.report(FindingKind::LoaderMissing, first, message.to_owned(), self.written.parts[first].start);
        }
        if let Some((start, href)) = &self.written.foreign_base {
            let message = format!(
                "the page's base is {href:?}, so a browser asks for the loader and the islands there: give the base a path \
                 (`/docs/`), or configure the islands' origin"
            );
            self.report(FindingKind::BaseElsewhere, first, message, *start);
        }
    }

    /// The element that a placeholder was written in and that it is not in when parsed. Counted are elements whose end
    /// tag is written out: where one is left out, the author leaves its end to the parser.
    fn lost_home(&self, index: usize, places: &[Place]) -> Option<&str> {
        let parts = &self.written.parts;
        // Nothing is outside these two, whatever the tags say.
        let is_home = |around: &usize| parts[*around].is_closed && !matches!(&*parts[*around].name, "html" | "body");
        let home = self.written.around(index).find(is_home);
        let is_in = |place: &Place| home.is_none_or(|home| self.parsed.around(*place).any(|mark| mark == home));
        if !places.is_empty() && places.iter().all(is_in) {
            return None;
        }
        Some(home.map_or("body", |home| parts[home].name.as_str()))
    }

    /// The element around a placeholder, for a message.
    fn home(&self, placeholder: usize) -> String {
        let parent = self.written.parts[placeholder].parent;
        parent.map_or_else(|| "the page".to_owned(), |parent| described(&self.written.parts[parent]))
    }

    fn report(&mut self, kind: FindingKind, placeholder: usize, message: String, start: usize) {
        let Some(Placeholder { island, .. }) = &self.written.parts[placeholder].placeholder else { return };
        if !self.reported.insert((kind, placeholder)) {
            return;
        }
        self.findings.push(Finding { kind, message, island: island.clone(), at: advance(START, &self.shell[..start]) });
    }
}

fn described(part: &Part) -> String {
    if part.name.is_empty() { "text".to_owned() } else { format!("<{}>", part.name) }
}

/// What to do about a placeholder that cannot stand in an element.
fn advice(home: &str) -> &'static str {
    match home {
        "table" | "thead" | "tbody" | "tfoot" => "use an island element that is allowed there, such as <tr>",
        "tr" => "use an island element that is allowed there, such as <td>",
        "head" => "move the island into the body",
        "colgroup" => "make the table's parent the island element",
        "p" => "use an island element that is allowed in a paragraph, such as <span>, or a <div> instead of the <p>",
        _ => "use an island element that is allowed there",
    }
}

#[cfg(test)]
mod tests;
