//! Where in a page the loader's tags go: always between two tokens, never inside a tag, and never where a browser would
//! not run them. And the links among them, for the page's own islands and for those of placeholders that helpers wrote.

use std::ops::Range;

use super::output::Segment;
use crate::html::attributes::Attributes;
use crate::placeholder::fetch::{self, PRELOAD, Scene};

/// A place between two tokens of the page, as an offset.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Spot(usize);

impl Spot {
    /// The place for a page whose first island begins at `island`: before `</head>` where that came before it, else before
    /// the outermost element that is open around it and in which no script is run (`template`, svg, math), else before
    /// the island itself. Each of the three is the start of a tag.
    pub(crate) fn before(island: usize, head_end: Option<usize>, enclosure: Option<usize>) -> Self {
        Self(head_end.filter(|at| *at < island).or(enclosure).unwrap_or(island))
    }

    pub(crate) fn offset(self) -> usize {
        self.0
    }
}

/// How far the loader's tags are.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Loader {
    /// No island has come yet.
    #[default]
    Waiting,
    /// A whole page: the tags are put in once it has been read, since a later part may bring tags of its own. With the
    /// number of segments that come before the first island.
    At(Spot, usize),
    /// A stream whose first island is in an element in which no script is run: the tags go after that.
    AfterEnclosure,
    /// They are written, or there are to be none.
    Done,
}

/// Appends what goes into a page's head: the loader's tags, if it is to have them, and links for the islands whose URLs
/// stand at `urls`, in the page or in `out`.
pub(crate) fn append_head(scene: Scene<'_>, has_tags: bool, urls: &[Segment], page: &[u8], out: &mut Vec<u8>) {
    if has_tags {
        fetch::append_tags_before_preloads(scene, out);
    }
    append_links(urls, page, out);
    if has_tags {
        fetch::append_tags_after_preloads(scene, out);
    }
}

/// Appends links that ask for islands.
pub(crate) fn append_links(urls: &[Segment], page: &[u8], out: &mut Vec<u8>) {
    let [start, end] = PRELOAD;
    for url in urls {
        out.extend_from_slice(start);
        match url {
            Segment::Source(range) => out.extend_from_slice(&page[range.clone()]),
            Segment::Own(range) => out.extend_from_within(range.clone()),
        }
        out.extend_from_slice(end);
    }
}

/// The URL of a placeholder that a helper wrote, as a range of the page, from the attributes of its tag: only one that the
/// loader would ask for as soon as it sees the placeholder.
pub(crate) fn placed_url(scene: Scene<'_>, page: &[u8], attributes: &Range<usize>) -> Option<Range<usize>> {
    let (mut name, mut url) = (None, None);
    for attribute in Attributes::after(&page[..attributes.end], attributes.start) {
        match attribute.name(page) {
            b"island" => name = name.or(attribute.value(page)),
            b"island-src" => url = url.or(attribute.value_range()),
            b"island-token" | b"island-when" => return None,
            _ => {}
        }
    }
    url.filter(|url| name.is_some_and(|name| fetch::is_url(scene, name, &page[url.clone()])))
}
