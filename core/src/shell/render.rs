//! Writes islands: seals a [`Plan`]'s nodes and puts placeholders around their fallbacks.

use std::ops::Range;

use super::input::Input;
use super::loader::placed_url;
use super::output::Segment;
use super::plan::{Filler, List, Node, NodeId, Piece, Plan, Role};
use super::problems::Problems;
use crate::html::Problem;
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
    pub(crate) problems: &'a mut Problems,
    /// The names of the islands written, in order.
    pub(crate) written: &'a mut Vec<IslandName>,
    /// Where the URLs of the islands are that the loader asks for at once; none are kept without it.
    pub(crate) urls: Option<&'a mut Vec<Segment>>,
}

/// Why an island's start tag could not be written.
enum Fault {
    /// Because of an island inside; the split ends.
    Inside(Error),
    /// Because of itself.
    Island(Problem),
}

impl Renderer<'_> {
    /// Appends an island.
    pub(crate) fn island(&mut self, id: NodeId, out: &mut Vec<u8>) -> Result<(), Error> {
        let plan = self.plan;
        let node = plan.node(id);
        if node.role.is_faulty() {
            return self.bare(node, out);
        }
        let (start, written) = (out.len(), self.written.len());
        match self.start_tag(id, node, out) {
            Ok(()) => {}
            Err(Fault::Inside(error)) => return Err(error),
            Err(Fault::Island(problem)) => {
                self.problems.report(self.input, problem, node.tag.start)?;
                // The islands that were in a slot of this one do not go out either.
                self.written.truncate(written);
                out.truncate(start);
                return self.bare(node, out);
            }
        }
        let fallback = out.len();
        self.pieces(node.fallback, out)?;
        if let Some(error) = node.error {
            out.extend_from_slice(fetch::ERROR_START);
            self.pieces_apart(error, out)?;
            out.extend_from_slice(fetch::ERROR_END);
        } else if node.role == Role::Component {
            fetch::guard_end_tag(fallback, out);
        }
        append_end_tag(self.element(node), out);
        Ok(())
    }

    /// Appends what is left of an island that cannot be sealed: its fallback, in its element if that is one of HTML's.
    fn bare(&mut self, node: &Node, out: &mut Vec<u8>) -> Result<(), Error> {
        if node.role.is_element() {
            out.push(b'<');
            out.extend_from_slice(self.input.get(node.tag_name.clone()));
            self.own_attributes(node, out);
            out.push(b'>');
            self.pieces(node.fallback, out)?;
            append_end_tag(self.input.get(node.tag_name.clone()), out);
            return Ok(());
        }
        if node.counts {
            out.extend_from_slice(Filler::Element.html());
        }
        let start = out.len();
        self.pieces(node.fallback, out)?;
        if out.len() == start && !node.counts && self.input.byte_before(node.range.start) == Some(b'<') {
            out.extend_from_slice(Filler::Comment.html());
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

    /// The name of the element that is the placeholder.
    fn element(&self, node: &Node) -> &[u8] {
        if node.role.is_element() { self.input.get(node.tag_name.clone()) } else { fetch::ELEMENT.as_bytes() }
    }

    fn start_tag(&mut self, id: NodeId, node: &Node, out: &mut Vec<u8>) -> Result<(), Fault> {
        out.push(b'<');
        out.extend_from_slice(self.element(node));
        let mut slots = self.pool.take();
        let sealed = self.slots(id, &mut slots).and_then(|()| self.seal(node, &slots, out));
        self.pool.give_back(slots);
        sealed?;
        self.own_attributes(node, out);
        out.push(b'>');
        Ok(())
    }

    /// Seals an island and appends the placeholder's attributes.
    fn seal(&mut self, node: &Node, slots: &[u8], out: &mut Vec<u8>) -> Result<(), Fault> {
        let name = &self.scene.config.names[node.name].name;
        let options = self.plan.options(node);
        if !self.scene.context.seals {
            return Err(Fault::Island(Problem::Unsealed));
        }
        self.check_life(&options)?;
        let props = &self.plan.text[node.props.clone()];
        let island = Island { name, props, slots, options, is_element: node.role == Role::Element };
        self.written.push(name.clone());
        let sealing = |error| Fault::Island(Problem::Sealing(Box::new(error)));
        let url = fetch::append_attributes(self.scene, &island, out).map_err(sealing)?;
        if let Some(urls) = self.urls.as_deref_mut().filter(|_| options.when == When::Load && !node.in_template) {
            urls.extend(url.map(Segment::Own));
        }
        Ok(())
    }

    /// Appends the slots' part of the payload; islands in them travel as placeholders.
    fn slots(&mut self, id: NodeId, json: &mut Vec<u8>) -> Result<(), Fault> {
        let plan = self.plan;
        let mut members = SlotsJson::new(json);
        for slot in plan.node_slots(id) {
            let mut html = self.pool.take();
            self.pieces_apart(slot.pieces, &mut html).map_err(Fault::Inside)?;
            let name = std::str::from_utf8(&plan.text[slot.name.clone()]);
            let is_default = name == Ok("default");
            let bytes = if is_default { html.trim_ascii() } else { &html };
            match (name, std::str::from_utf8(bytes)) {
                (Ok(name), Ok(html)) => members.slot(name, html),
                (Err(_), _) => return Err(Fault::Island(Problem::NotUtf8("a slot's name"))),
                (_, Err(_)) => return Err(Fault::Island(Problem::NotUtf8("a slot"))),
            }
            self.pool.give_back(html);
        }
        members.finish();
        Ok(())
    }

    /// A token must not expire while the shell that holds it is in a cache.
    fn check_life(&self, options: &Options<'_>) -> Result<(), Fault> {
        let life = self.scene.context.shell_life;
        match (options.ttl.or(self.scene.config.settings.ttl), life) {
            (Some(ttl), Some(life)) if ttl < life => Err(Fault::Island(Problem::TtlTooShort { ttl, life })),
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
                Piece::Placed(_, attributes) => self.placed(attributes),
                Piece::Instead(_, filler) => out.extend_from_slice(filler.html()),
                Piece::EndTag(name, _) => append_end_tag(self.input.get(name.clone()), out),
            }
        }
        Ok(())
    }

    /// A placeholder that a helper wrote: its link asks for its island as those of the page's own do.
    fn placed(&mut self, attributes: &Range<usize>) {
        let Some(urls) = self.urls.as_deref_mut() else { return };
        if urls.len() < self.scene.config.settings.max_islands {
            urls.extend(placed_url(self.scene, self.input.bytes, attributes).map(Segment::Source));
        }
    }

    /// The same for what is not part of the page yet: its islands are not loaded at once.
    fn pieces_apart(&mut self, list: List, out: &mut Vec<u8>) -> Result<(), Error> {
        let urls = self.urls.take();
        let written = self.pieces(list, out);
        self.urls = urls;
        written
    }
}

fn append_end_tag(name: &[u8], out: &mut Vec<u8>) {
    out.extend_from_slice(b"</");
    out.extend_from_slice(name);
    out.push(b'>');
}
