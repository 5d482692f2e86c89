//! Where a page's placeholders stand.

use std::ops::Range;

use super::Ask;
use crate::html::attributes::Attributes;
use crate::html::scanner::{Event, Scanner};
use crate::html::tag::Tag;
use crate::html::{decode, names};
use crate::placeholder::fetch::ELEMENT;

/// One placeholder.
#[derive(Debug)]
pub(super) struct Found {
    pub(super) ask: Ask,
    /// Its `<`.
    pub(super) start: usize,
    /// The element's name.
    name: Range<usize>,
    /// Between its tags.
    pub(super) content: Range<usize>,
    /// After its end tag.
    pub(super) end: usize,
    /// Whether the island's HTML takes its place, instead of its content's.
    pub(super) makes_way: bool,
}

/// The first placeholder that begins at `from` or later, outside of `template`s: what stands in them is no part of the page.
pub(super) fn placeholder(page: &[u8], from: usize) -> Option<Found> {
    let mut found: Option<Found> = None;
    let (mut same, mut templates) = (0_usize, 0_usize);
    for tag in tags(page) {
        let name = tag.name(page);
        if name.eq_ignore_ascii_case(b"template") && found.is_none() {
            templates = if tag.closing { templates.saturating_sub(1) } else { templates + 1 };
        }
        let Some(open) = &mut found else {
            if tag.start >= from && templates == 0 && !tag.closing && !names::is_void(name) {
                found = begun(page, &tag);
                same = 1;
            }
            continue;
        };
        if !name.eq_ignore_ascii_case(&page[open.name.clone()]) {
            continue;
        }
        same = if tag.closing { same - 1 } else { same + 1 };
        if same == 0 {
            open.content.end = tag.start;
            open.end = tag.end;
            return found;
        }
    }
    // Without an end tag the element ends where the page does, to a browser too.
    found
}

/// Every island that a page's placeholders name.
pub(super) fn islands(page: &[u8]) -> Vec<String> {
    tags(page).filter(|tag| !tag.closing).filter_map(|tag| begun(page, &tag)).map(|found| found.ask.island).collect()
}

fn tags(page: &[u8]) -> impl Iterator<Item = Tag> {
    let mut scanner = Scanner::new(b"");
    std::iter::from_fn(move || {
        loop {
            if let Event::Tag(tag) = scanner.next(page, 0)? {
                return Some(tag);
            }
        }
    })
}

/// Whether the address is one of the island: what visitors write may have the attributes, and name any other. The loader looks
/// for this too.
fn is_address(ask: &Ask) -> bool {
    let path = ask.url.split('?').next().unwrap_or_default();
    let island = if ask.token.is_some() { Some(path) } else { path.rsplit_once('/').map(|(before, _)| before) };
    let is_straight = path.split('/').all(|part| part != "." && part != "..");
    is_straight && island.and_then(|path| path.rsplit_once('/')).is_some_and(|(_, name)| name == ask.island)
}

/// The placeholder that a start tag is, whose end is not known yet.
fn begun(page: &[u8], tag: &Tag) -> Option<Found> {
    let value = |name: &str| {
        let mut all = Attributes::of(page, tag);
        let found = all.find(|attribute| attribute.name(page).eq_ignore_ascii_case(name.as_bytes()))?;
        let mut text = Vec::new();
        decode::attribute_value(found.value(page).unwrap_or_default(), &mut text);
        Some(String::from_utf8_lossy(&text).into_owned())
    };
    let ask = Ask { island: value("island")?, url: value("island-src")?, token: value("island-token") };
    if !is_address(&ask) {
        return None;
    }
    let is_component = tag.name(page).eq_ignore_ascii_case(ELEMENT.as_bytes());
    let makes_way = is_component && value("island-keep").is_none() && value("island-refresh").is_none();
    let name = tag.name_start..tag.name_end;
    Some(Found { ask, start: tag.start, name, content: tag.end..page.len(), end: page.len(), makes_way })
}
