//! What goes out: a list of segments, each a stretch of the page in memory or of text written beside it.

use std::ops::Range;

use super::input::Input;
use super::loader::{Loader, append_head, placed_url};
use super::plan::{NodeId, Piece};
use super::reader::Reader;
use super::render::{Pool, Renderer};
use crate::placeholder::fetch::{self, Scene};
use crate::{Error, IslandName};

#[derive(Debug, Clone)]
pub(crate) enum Segment {
    /// Of the input's bytes.
    Source(Range<usize>),
    /// Of [`Output::own`].
    Own(Range<usize>),
}

/// How a page comes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) enum Arrival {
    /// At once: what has been written can still be added to.
    #[default]
    Whole,
    /// In chunks: what has been written is gone at the next one.
    Stream,
}

/// What has been written of a page.
#[derive(Debug, Default)]
pub(crate) struct Output {
    arrival: Arrival,
    pub(crate) segments: Vec<Segment>,
    pub(crate) own: Vec<u8>,
    /// The offset in the page up to which everything is in the segments.
    pub(crate) done: usize,
    pub(crate) written: Vec<IslandName>,
    pool: Pool,
    /// Where the URLs are that the page's head has links for.
    urls: Vec<Segment>,
    loader: Loader,
}

impl Output {
    /// For a whole page, with room for what a few islands take, so that it is asked for once.
    pub(crate) fn whole() -> Self {
        Self { segments: Vec::with_capacity(32), own: Vec::with_capacity(4096), ..Self::default() }
    }

    /// For a page in chunks.
    pub(crate) fn stream() -> Self {
        Self { arrival: Arrival::Stream, ..Self::default() }
    }

    /// Forgets the segments and keeps the memory.
    pub(crate) fn clear_segments(&mut self) {
        self.segments.clear();
        self.own.clear();
    }

    /// Everything that can be read of `input` now.
    pub(crate) fn read(&mut self, reader: &mut Reader, scene: Scene<'_>, input: Input<'_>) -> Result<(), Error> {
        while let Some(piece) = reader.read(input, scene.config).next()? {
            let range = reader.plan.range(&piece);
            match &piece {
                Piece::Island(node) => self.island(*node, range.start, reader, scene, input)?,
                Piece::Placed(_, attributes) => self.placed(range.start, attributes, reader, scene, input),
                Piece::Instead(_, filler) => {
                    self.source(reader, scene, input, range.start);
                    self.write(|own| own.extend_from_slice(filler.html()));
                }
                Piece::Source(_) | Piece::Cut(_) | Piece::EndTag(..) => self.source(reader, scene, input, range.start),
            }
            self.done = range.end;
            // Nothing refers to the plan any more; without this it would grow with the page instead of with the island.
            if reader.is_idle() {
                reader.plan.clear();
            }
        }
        Ok(())
    }

    fn island(
        &mut self,
        node: NodeId,
        at: usize,
        reader: &mut Reader,
        scene: Scene<'_>,
        input: Input<'_>,
    ) -> Result<(), Error> {
        if reader.plan.needs_loader(node) {
            self.before_island(reader, scene, input, at);
        }
        self.source(reader, scene, input, at);
        let start = self.own.len();
        let has_preloads = self.has_preloads(scene);
        let mut renderer = Renderer {
            scene,
            plan: &reader.plan,
            input,
            pool: &mut self.pool,
            problems: &mut reader.problems,
            written: &mut self.written,
            urls: has_preloads.then_some(&mut self.urls),
        };
        renderer.island(node, &mut self.own)?;
        self.segments.push(Segment::Own(start..self.own.len()));
        Ok(())
    }

    /// A placeholder that a helper wrote begins at `at`.
    fn placed(
        &mut self,
        at: usize,
        attributes: &Range<usize>,
        reader: &mut Reader,
        scene: Scene<'_>,
        input: Input<'_>,
    ) {
        self.before_island(reader, scene, input, at);
        self.source(reader, scene, input, at);
        if self.has_preloads(scene) && self.urls.len() < scene.config.settings.max_islands {
            self.urls.extend(placed_url(scene, input.bytes, attributes).map(Segment::Source));
        }
    }

    fn has_preloads(&self, scene: Scene<'_>) -> bool {
        scene.config.has_preloads() && self.arrival == Arrival::Whole
    }

    /// The page's own bytes up to `end`.
    pub(crate) fn source(&mut self, reader: &mut Reader, scene: Scene<'_>, input: Input<'_>, end: usize) {
        if self.loader == Loader::AfterEnclosure {
            // The reader may be further than what goes out now.
            let place = reader.enclosure_end().map(|at| at + input.base).filter(|at| *at <= end);
            if let Some(place) = place {
                reader.forget_enclosure_end();
                if place >= self.done {
                    self.segment(input, place);
                    self.write_loader(scene);
                }
            }
        }
        self.segment(input, end);
    }

    /// Closes the page: the rest of it, and the loader's tags where they are still due.
    pub(crate) fn finish(&mut self, reader: &mut Reader, scene: Scene<'_>, input: Input<'_>) {
        self.source(reader, scene, input, input.end());
        match std::mem::replace(&mut self.loader, Loader::Done) {
            Loader::AfterEnclosure => self.write_loader(scene),
            Loader::At(spot, before) => {
                let start = self.own.len();
                let has_tags = scene.config.settings.loader && !reader.has_loader();
                append_head(scene, has_tags, &self.urls, input.bytes, &mut self.own);
                self.insert(spot.offset(), before, Segment::Own(start..self.own.len()));
            }
            Loader::Waiting | Loader::Done => {}
        }
    }

    fn segment(&mut self, input: Input<'_>, end: usize) {
        if self.done < end {
            self.segments.push(Segment::Source(self.done - input.base..end - input.base));
            self.done = end;
        }
    }

    fn write(&mut self, text: impl FnOnce(&mut Vec<u8>)) {
        let start = self.own.len();
        text(&mut self.own);
        self.segments.push(Segment::Own(start..self.own.len()));
    }

    fn write_loader(&mut self, scene: Scene<'_>) {
        self.write(|own| fetch::append_tags(scene, own));
        self.loader = Loader::Done;
    }

    /// Finds the place of the loader's tags before the page's first island.
    fn before_island(&mut self, reader: &mut Reader, scene: Scene<'_>, input: Input<'_>, island: usize) {
        let writes = match self.arrival {
            Arrival::Whole => scene.config.settings.loader || scene.config.has_preloads(),
            Arrival::Stream => scene.config.settings.loader,
        };
        if self.loader != Loader::Waiting || !scene.context.loader || !writes {
            return;
        }
        match self.arrival {
            Arrival::Whole => {
                self.segment(input, island);
                self.loader = Loader::At(reader.loader_spot(input, island), self.segments.len());
            }
            Arrival::Stream if reader.has_loader() => self.loader = Loader::Done,
            Arrival::Stream if reader.is_enclosed() => {
                // One that ended earlier is not the one to wait for.
                reader.forget_enclosure_end();
                self.loader = Loader::AfterEnclosure;
            }
            Arrival::Stream => {
                self.segment(input, island);
                self.write_loader(scene);
            }
        }
    }

    /// Puts a segment of a whole page where `spot` is, among the first `before` segments: what has been left out or
    /// replaced there is not counted on, only what is still the page's own.
    fn insert(&mut self, spot: usize, before: usize, tags: Segment) {
        for (index, segment) in self.segments[..before].iter_mut().enumerate() {
            let Segment::Source(range) = segment else { continue };
            if !(range.start..=range.end).contains(&spot) {
                continue;
            }
            // Where two segments meet, the first is taken: the tags then come before whatever replaced the page's bytes there.
            let rest = spot..range.end;
            range.end = spot;
            self.segments.splice(index + 1..=index, [tags, Segment::Source(rest)]);
            return;
        }
        self.segments.insert(before, tags);
    }
}
