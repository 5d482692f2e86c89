//! What goes out: a list of segments, each a stretch of the page in memory or of text written beside it.

use std::ops::Range;

use super::input::Input;
use super::plan::{Piece, Role};
use super::reader::Reader;
use super::render::{BREAK, Pool, Renderer};
use crate::placeholder::fetch::{self, Scene};
use crate::{Error, IslandName};

#[derive(Debug, Clone)]
pub(crate) enum Segment {
    /// Of the input's bytes.
    Source(Range<usize>),
    /// Of [`Output::own`].
    Own(Range<usize>),
}

/// What has been written of a page.
#[derive(Debug, Default)]
pub(crate) struct Output {
    pub(crate) segments: Vec<Segment>,
    pub(crate) own: Vec<u8>,
    /// The offset in the page up to which everything is in the segments.
    pub(crate) done: usize,
    pub(crate) written: Vec<IslandName>,
    pool: Pool,
    /// Where in [`own`](Self::own) the URLs stand that the page's head has links for.
    urls: Vec<Range<usize>>,
    loader: Loader,
}

/// How far the loader's tags are.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
enum Loader {
    /// No island yet.
    #[default]
    Waiting,
    /// The first island stood in a template, svg or math: the tags go after it.
    AfterEnclosure,
    /// Their place is this segment, still empty: a later part of the page may have tags of its own.
    Reserved(usize),
    Done,
}

impl Output {
    /// Room for what a page with a few islands takes, so that it is asked for once.
    pub(crate) fn with_room() -> Self {
        Self { segments: Vec::with_capacity(32), own: Vec::with_capacity(4096), ..Self::default() }
    }

    /// Forgets the segments and keeps the memory.
    pub(crate) fn clear_segments(&mut self) {
        self.segments.clear();
        self.own.clear();
    }

    /// Everything that can be read of `input` now. `is_stream` says that what is written is gone at the next call.
    pub(crate) fn read(
        &mut self,
        reader: &mut Reader,
        scene: Scene<'_>,
        input: Input<'_>,
        strict: bool,
        is_stream: bool,
    ) -> Result<(), Error> {
        while let Some(piece) = reader.next(input, scene.config)? {
            match piece {
                Piece::Island(node) => {
                    let range = reader.plan.range(&piece);
                    // An island that is none needs no loader.
                    let is_sealed = matches!(reader.plan.nodes[node.0].role, Role::Component | Role::Host);
                    if is_sealed {
                        self.before_island(reader, scene, input, range.start, is_stream);
                    }
                    self.source(reader, scene, input, range.start);
                    let start = self.own.len();
                    let mut renderer = Renderer {
                        scene,
                        plan: &reader.plan,
                        input,
                        pool: &mut self.pool,
                        strict,
                        problems: &mut reader.problems,
                        written: &mut self.written,
                        urls: (scene.config.has_preloads() && !is_stream).then_some(&mut self.urls),
                    };
                    renderer.island(node, &mut self.own)?;
                    self.segments.push(Segment::Own(start..self.own.len()));
                    self.done = range.end;
                }
                Piece::Cut(range) | Piece::Source(range) => {
                    self.source(reader, scene, input, range.start);
                    self.done = range.end;
                }
                Piece::Break(range) => {
                    self.source(reader, scene, input, range.start);
                    let start = self.own.len();
                    self.own.extend_from_slice(BREAK);
                    self.segments.push(Segment::Own(start..self.own.len()));
                    self.done = range.end;
                }
            }
            if reader.is_idle() {
                reader.plan.clear();
            }
        }
        Ok(())
    }

    /// The page's own bytes up to `end`.
    pub(crate) fn source(&mut self, reader: &mut Reader, scene: Scene<'_>, input: Input<'_>, end: usize) {
        if self.loader == Loader::AfterEnclosure {
            let (_, enclosure_end) = reader.enclosure();
            if let Some(place) = enclosure_end.map(|at| at + input.base).filter(|at| (self.done..=end).contains(at)) {
                self.segment(input, place);
                self.own_loader(scene);
            }
        }
        self.segment(input, end);
    }

    /// Closes the page: the rest of it, and the loader's tags where they are still due.
    pub(crate) fn finish(&mut self, reader: &mut Reader, scene: Scene<'_>, input: Input<'_>) {
        self.source(reader, scene, input, input.end());
        match self.loader {
            Loader::AfterEnclosure => self.own_loader(scene),
            Loader::Reserved(segment) => {
                let start = self.own.len();
                if scene.config.loader && !reader.has_loader() {
                    fetch::append_tags(scene, &self.urls, &mut self.own);
                } else {
                    fetch::append_preloads(&self.urls, &mut self.own);
                }
                self.segments[segment] = Segment::Own(start..self.own.len());
            }
            _ => {}
        }
        self.loader = Loader::Done;
    }

    fn segment(&mut self, input: Input<'_>, end: usize) {
        if self.done < end {
            self.segments.push(Segment::Source(self.done - input.base..end - input.base));
            self.done = end;
        }
    }

    fn own_loader(&mut self, scene: Scene<'_>) {
        let start = self.own.len();
        fetch::append_tags(scene, &[], &mut self.own);
        self.segments.push(Segment::Own(start..self.own.len()));
        self.loader = Loader::Done;
    }

    /// Finds the place of the loader's tags before the page's first island.
    fn before_island(
        &mut self,
        reader: &mut Reader,
        scene: Scene<'_>,
        input: Input<'_>,
        island: usize,
        is_stream: bool,
    ) {
        if self.loader != Loader::Waiting || !scene.context.loader {
            return;
        }
        if !scene.config.loader && (is_stream || !scene.config.has_preloads()) {
            return;
        }
        if is_stream {
            let (is_enclosed, _) = reader.enclosure();
            self.loader = if reader.has_loader() {
                Loader::Done
            } else if is_enclosed {
                Loader::AfterEnclosure
            } else {
                self.segment(input, island);
                return self.own_loader(scene);
            };
            return;
        }
        let place = reader.loader_place(input, island).max(self.done);
        self.segment(input, place);
        self.loader = Loader::Reserved(self.segments.len());
        self.segments.push(Segment::Own(0..0));
    }
}
