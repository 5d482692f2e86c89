//! Writes islands: seals a [`Plan`]'s nodes and puts placeholders around their fallbacks.

use std::ops::Range;

use super::input::Input;
use super::plan::{List, Node, NodeId, Piece, Plan, Role};
use crate::html::Problem;
use crate::html::directive::OPTIONS;
use crate::placeholder::fetch::{self, Island, Scene};
use crate::placeholder::{Options, SlotsJson, When};
use crate::{Error, IslandName};

/// Buffers that are used again.
#[derive(Debug, Default)]
pub(crate) struct Pool(Vec<Vec<u8>>);

impl Pool {
    fn take(&mut self) -> Vec<u8> {
        self.0.pop().unwrap_or_default()
    }

    fn give_back(&mut self, mut buffer: Vec<u8>) {
        buffer.clear();
        self.0.push(buffer);
    }
}

/// What writing takes.
#[derive(Debug)]
pub(crate) struct Renderer<'a> {
    pub(crate) scene: Scene<'a>,
    pub(crate) plan: &'a Plan,
    pub(crate) input: Input<'a>,
    pub(crate) pool: &'a mut Pool,
    /// Whether the first problem is final; else it is kept, and the island becomes its bare fallback.
    pub(crate) strict: bool,
    pub(crate) problems: &'a mut Vec<Error>,
    /// The names of the islands written, in order.
    pub(crate) written: &'a mut Vec<IslandName>,
    /// Where the URLs of the islands stand that the loader asks for at once; none are kept without it.
    pub(crate) urls: Option<&'a mut Vec<Range<usize>>>,
}

impl Renderer<'_> {
    /// Appends an island.
    pub(crate) fn island(&mut self, id: NodeId, out: &mut Vec<u8>) -> Result<(), Error> {
        let plan = self.plan;
        let node = &plan.nodes[id.0];
        let (start, written) = (out.len(), self.written.len());
        match node.role {
            Role::Faulty | Role::FaultyHost => return self.bare(node, out),
            Role::Component | Role::Host => {}
        }
        if let Err(error) = self.start_tag(id, node, out) {
            let error = self.located(error, node);
            if self.strict {
                return Err(error);
            }
            self.problems.push(error);
            // Nor do the islands go out that were in a slot of this one.
            self.written.truncate(written);
            out.truncate(start);
            return self.bare(node, out);
        }
        self.pieces(node.fallback, out)?;
        if let Some(error) = node.error {
            out.extend_from_slice(fetch::ERROR_START);
            self.pieces_apart(error, out)?;
            out.extend_from_slice(fetch::ERROR_END);
        }
        out.extend_from_slice(b"</");
        out.extend_from_slice(self.element(node));
        out.push(b'>');
        Ok(())
    }

    /// Appends what is left of an island that cannot be sealed: its fallback, in its element if that is one of HTML's.
    fn bare(&mut self, node: &Node, out: &mut Vec<u8>) -> Result<(), Error> {
        let is_host = matches!(node.role, Role::Host | Role::FaultyHost);
        if is_host {
            out.push(b'<');
            out.extend_from_slice(self.element(node));
            self.own_attributes(node, out);
            out.push(b'>');
        }
        let start = out.len();
        self.pieces(node.fallback, out)?;
        if !is_host && out.len() == start && self.input.byte_before(node.range.start) == Some(b'<') {
            out.extend_from_slice(BREAK);
        }
        if is_host {
            out.extend_from_slice(b"</");
            out.extend_from_slice(self.element(node));
            out.push(b'>');
        }
        Ok(())
    }

    fn own_attributes(&self, node: &Node, out: &mut Vec<u8>) {
        for piece in self.plan.pieces(node.attributes) {
            if let Piece::Source(range) = piece {
                out.push(b' ');
                out.extend_from_slice(self.input.get(range.clone()));
            }
        }
    }

    fn element(&self, node: &Node) -> &[u8] {
        match node.role {
            Role::Host | Role::FaultyHost => self.input.get(node.tag_name.clone()),
            Role::Component | Role::Faulty => fetch::ELEMENT.as_bytes(),
        }
    }

    fn start_tag(&mut self, id: NodeId, node: &Node, out: &mut Vec<u8>) -> Result<(), Error> {
        let plan = self.plan;
        out.push(b'<');
        out.extend_from_slice(self.element(node));
        let mut slots = self.pool.take();
        let sealed = self.slots(id, &mut slots).and_then(|()| {
            let name = &self.scene.config.names[node.name].name;
            let options = options(plan, node);
            self.check_life(&options)?;
            let props = &plan.text[node.props.clone()];
            let island = Island { name, props, slots: &slots, options, is_host: node.role == Role::Host };
            self.written.push(name.clone());
            let url = fetch::append_attributes(self.scene, &island, out)?;
            if let Some(urls) = self.urls.as_deref_mut().filter(|_| options.when == When::Load && !node.in_template) {
                urls.extend(url);
            }
            Ok(())
        });
        self.pool.give_back(slots);
        sealed?;
        self.own_attributes(node, out);
        out.push(b'>');
        Ok(())
    }

    /// Appends the slots' part of the payload; islands in them travel as placeholders.
    fn slots(&mut self, id: NodeId, json: &mut Vec<u8>) -> Result<(), Error> {
        let plan = self.plan;
        let mut members = SlotsJson::new(json);
        for slot in plan.node_slots(id) {
            let mut html = self.pool.take();
            self.pieces_apart(slot.pieces, &mut html)?;
            let name = std::str::from_utf8(&plan.text[slot.name.clone()]);
            let is_default = name == Ok("default");
            let bytes = if is_default { html.trim_ascii() } else { &html };
            match (name, std::str::from_utf8(bytes)) {
                (Ok(name), Ok(html)) => members.slot(name, html),
                (Err(_), _) => return Err(unlocated(Problem::NotUtf8("a slot's name"))),
                (_, Err(_)) => return Err(unlocated(Problem::NotUtf8("a slot"))),
            }
            self.pool.give_back(html);
        }
        members.finish();
        Ok(())
    }

    /// A token must not expire while the shell that holds it is in a cache.
    fn check_life(&self, options: &Options<'_>) -> Result<(), Error> {
        let life = self.scene.context.shell_life;
        match (options.ttl.or(self.scene.config.ttl), life) {
            (Some(ttl), Some(life)) if ttl < life => Err(unlocated(Problem::TtlTooShort { ttl, life })),
            _ => Ok(()),
        }
    }

    /// Appends a list of pieces.
    pub(crate) fn pieces(&mut self, list: List, out: &mut Vec<u8>) -> Result<(), Error> {
        let plan = self.plan;
        for piece in plan.pieces(list) {
            match piece {
                Piece::Source(range) => out.extend_from_slice(self.input.get(range.clone())),
                Piece::Island(node) => self.island(*node, out)?,
                Piece::Cut(_) => {}
                Piece::Break(_) => out.extend_from_slice(BREAK),
            }
        }
        Ok(())
    }

    /// The same for what is not part of the page yet: its islands are not loaded at once.
    fn pieces_apart(&mut self, list: List, out: &mut Vec<u8>) -> Result<(), Error> {
        let urls = self.urls.take();
        let written = self.pieces(list, out);
        self.urls = urls;
        written
    }

    /// The error, with the place of the island that has it.
    fn located(&self, error: Error, node: &Node) -> Error {
        let at = self.input.position(node.tag.start);
        match error {
            // An island in a slot has its own place already.
            Error::Markup { problem, at: nowhere } if nowhere == NOWHERE => Error::Markup { problem, at },
            Error::Markup { .. } => error,
            error => Error::Markup { problem: Problem::Sealing(Box::new(error)), at },
        }
    }
}

/// What keeps the text before a tag that was left out from meeting the text after it.
pub(crate) const BREAK: &[u8] = b"<!---->";

/// The place of a problem until [`Renderer::located`] knows it.
const NOWHERE: crate::Position = crate::Position { line: 0, column: 0 };

fn unlocated(problem: Problem) -> Error {
    Error::Markup { problem, at: NOWHERE }
}

/// A node's options; the reader has checked that each can be read.
pub(crate) fn options<'p>(plan: &'p Plan, node: &Node) -> Options<'p> {
    let mut options = Options::default();
    for (name, range) in OPTIONS.iter().zip(&node.options) {
        if let Some(Ok(value)) = range.clone().map(|range| std::str::from_utf8(&plan.text[range])) {
            let _ = options.set(name, value);
        }
    }
    options
}
