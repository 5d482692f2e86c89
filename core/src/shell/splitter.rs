//! Splits a page that arrives in chunks, in memory bounded by its longest island.

use std::fmt;
use std::sync::Arc;

use super::input::{Input, START, advance};
use super::output::{Output, Segment};
use super::problems::{Diagnostic, Mode};
use super::reader::Reader;
use crate::html::Problem;
use crate::html::wide::Watch;
use crate::placeholder::fetch::Scene;
use crate::redacted::Length;
use crate::{Context, Error, IslandName, Islands, KeyRing, Position};

/// Splits one page chunk by chunk. However the page is cut, the output is the same, to the byte; no byte is read twice.
///
/// The loader's tags come before the first placeholder, since `</head>` is gone by then.
///
/// ```
/// # let keys = eyot::KeyRing::parse("p3Qm0Wv9yJ5sT1xL8bN4eR7uA2dF6gH0kC3iZ5oVqXM=")?;
/// # let islands = eyot::Islands::builder(keys).island("CartCount").build()?;
/// use eyot::{Context, Splitter};
///
/// let context = Context::at(1_800_000_000);
/// let mut splitter = Splitter::new(&islands);
/// let mut html = Vec::new();
/// for chunk in ["<p>Cart: <CartCount ser", "ver:defer>", "</CartCount></p>"] {
///     splitter.push(chunk.as_bytes(), &context)?.for_each(|segment| html.extend_from_slice(segment));
/// }
/// splitter.finish(&context)?.for_each(|segment| html.extend_from_slice(segment));
/// assert_eq!(splitter.islands()[0].as_str(), "CartCount");
/// assert!(html.ends_with(b"</server-island></p>"));
/// # Ok::<(), eyot::Error>(())
/// ```
pub struct Splitter {
    islands: Islands,
    keys: Arc<KeyRing>,
    reader: Reader,
    output: Output,
    /// Bytes of earlier chunks that may still be part of an island; goes on with the next chunk.
    carry: Vec<u8>,
    /// How much of the front of `carry` has gone out.
    gone: usize,
    /// The offset of the first byte of `carry`.
    base: usize,
    before: Option<u8>,
    origin: Position,
    is_finished: bool,
    /// A wide page goes past the reader, which would take halves of its characters for tags.
    watch: Watch,
}

/// Parts of the output, in order.
#[derive(Clone)]
pub struct Segments<'s> {
    source: &'s [u8],
    own: &'s [u8],
    segments: std::slice::Iter<'s, Segment>,
}

impl fmt::Debug for Splitter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Splitter")
            .field("held", &Length(self.carry.len() - self.gone))
            .field("islands", &self.islands())
            .field("problems", &self.problems())
            .field("is_finished", &self.is_finished)
            .finish_non_exhaustive()
    }
}

impl fmt::Debug for Segments<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.clone().map(Length::of)).finish()
    }
}

impl<'s> Segments<'s> {
    pub(super) fn new(source: &'s [u8], own: &'s [u8], segments: &'s [Segment]) -> Self {
        Self { source, own, segments: segments.iter() }
    }

    /// Nothing.
    pub(crate) fn none() -> Self {
        Self::new(&[], &[], &[])
    }
}

impl<'s> Iterator for Segments<'s> {
    type Item = &'s [u8];

    fn next(&mut self) -> Option<&'s [u8]> {
        loop {
            let segment = match self.segments.next()? {
                Segment::Source(range) => &self.source[range.clone()],
                Segment::Own(range) => &self.own[range.clone()],
            };
            if !segment.is_empty() {
                return Some(segment);
            }
        }
    }
}

impl Splitter {
    /// A splitter for one page, sealing with the keys that are in force now.
    #[must_use]
    pub fn new(islands: &Islands) -> Self {
        Self {
            islands: islands.clone(),
            keys: islands.keys(),
            reader: Reader::new(Mode::Strict),
            output: Output::stream(),
            carry: Vec::new(),
            gone: 0,
            base: 0,
            before: None,
            origin: START,
            is_finished: false,
            watch: Watch::default(),
        }
    }

    /// The same for production: see [`Islands::split_lenient`].
    #[must_use]
    pub fn lenient(self) -> Self {
        Self { reader: Reader::new(Mode::Lenient), ..self }
    }

    /// Takes the next chunk and returns what can go out. A segment lies in `chunk` or belongs to the splitter, until the
    /// next call.
    ///
    /// # Errors
    /// [`Error::Markup`] as for a whole page; [`Error::Finished`] after an error or the end.
    pub fn push<'s>(&'s mut self, chunk: &'s [u8], context: &Context<'_>) -> Result<Segments<'s>, Error> {
        self.advance(chunk, context, false)
    }

    /// Ends the page and returns the rest of it.
    ///
    /// # Errors
    /// As [`push`](Self::push).
    pub fn finish(&mut self, context: &Context<'_>) -> Result<Segments<'_>, Error> {
        self.advance(b"", context, true)
    }

    /// The names of the islands so far.
    #[must_use]
    pub fn islands(&self) -> &[IslandName] {
        &self.output.written
    }

    /// What was wrong with the page so far, where the splitter is lenient.
    #[must_use]
    pub fn problems(&self) -> &[Error] {
        &self.reader.problems.errors
    }

    /// What the page's author should know.
    #[must_use]
    pub fn diagnostics(&self) -> &[Diagnostic] {
        &self.reader.problems.diagnostics
    }

    fn advance<'s>(&'s mut self, chunk: &'s [u8], context: &Context<'_>, is_last: bool) -> Result<Segments<'s>, Error> {
        // Finished until the end of this call shows otherwise: after an error, or a panic that a binding caught, what is in
        // here is half of a page.
        if std::mem::replace(&mut self.is_finished, true) {
            return Err(Error::Finished);
        }
        if self.watch.push(chunk) {
            self.reader.problems.report_at(Problem::Encoding, START)?;
        }
        self.carry.drain(..self.gone);
        self.gone = 0;
        // Most chunks begin where the last one ended: then nothing is copied.
        let in_place = self.carry.is_empty();
        if !in_place {
            self.carry.extend_from_slice(chunk);
        }
        if self.watch.is_wide() {
            self.is_finished = is_last;
            return Ok(self.passed(chunk, in_place));
        }
        let bytes = if in_place { chunk } else { &self.carry };
        let input = Input { bytes, base: self.base, before: self.before, origin: self.origin, is_last };
        let scene = Scene { config: &self.islands.config, keys: &self.keys, context };
        self.output.clear_segments();
        self.output.read(&mut self.reader, scene, input)?;
        let needs_from = if is_last { input.end() } else { self.reader.needs_from(input).max(self.output.done) };
        if is_last {
            self.output.finish(&mut self.reader, scene, input);
        } else {
            self.output.source(&mut self.reader, scene, input, needs_from);
        }
        let gone = needs_from - input.base;
        self.origin = advance(self.origin, &bytes[..gone]);
        self.before = bytes[..gone].last().copied().or(self.before);
        self.base = needs_from;
        self.reader.drop_front(gone);
        self.is_finished = is_last;
        if in_place {
            self.carry.extend_from_slice(&chunk[gone..]);
            return Ok(Segments::new(chunk, &self.output.own, &self.output.segments));
        }
        self.gone = gone;
        Ok(Segments::new(&self.carry, &self.output.own, &self.output.segments))
    }

    /// All that has come and has not gone out, as it is.
    fn passed<'s>(&'s mut self, chunk: &'s [u8], in_place: bool) -> Segments<'s> {
        self.gone = self.carry.len();
        let source = if in_place { chunk } else { &self.carry };
        self.output.clear_segments();
        self.output.segments.push(Segment::Source(0..source.len()));
        Segments::new(source, &self.output.own, &self.output.segments)
    }
}
