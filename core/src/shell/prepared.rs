//! A page split once and rendered often.

use std::ops::Range;
use std::sync::{Arc, PoisonError, RwLock};

use super::input::Input;
use super::plan::{Node, NodeId, Piece, Plan, Role};
use super::reader::Reader;
use super::render::{self, Pool, Renderer};
use crate::placeholder::SealMode;
use crate::placeholder::fetch::{self, Scene};
use crate::{Context, Error, IslandName, Islands, KeyRing};

/// A page whose islands are found. What does not change from one rendering to the next (the page, and every island
/// whose token is stable and does not expire) is written once for each key ring and mount point, and then only copied.
#[derive(Debug)]
pub struct Prepared {
    islands: Islands,
    page: Box<[u8]>,
    plan: Plan,
    /// The page in order.
    pieces: Vec<Piece>,
    names: Vec<IslandName>,
    baked: RwLock<Option<Arc<Baked>>>,
}

/// What is the same in every rendering with these keys, at this mount point, for this audience.
#[derive(Debug)]
struct Baked {
    keys: Arc<KeyRing>,
    mount: String,
    audience: String,
    is_post: bool,
    loader: bool,
    bytes: Vec<u8>,
    parts: Vec<Part>,
}

#[derive(Debug)]
enum Part {
    Bytes(Range<usize>),
    Island(NodeId),
}

/// A prepared page's shell in parts: those that are the same each time are shared, not copied.
#[derive(Debug)]
pub struct Rendering {
    baked: Arc<Baked>,
    /// The islands that are sealed anew each time.
    own: Vec<u8>,
    /// Where in `own` each of them stands.
    islands: Vec<Range<usize>>,
}

impl Rendering {
    /// The shell's length in bytes.
    #[must_use]
    pub fn len(&self) -> usize {
        self.segments().map(<[u8]>::len).sum()
    }

    /// Whether the shell has no bytes.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The shell in order, in parts: for hosts that can write a list.
    pub fn segments(&self) -> impl Iterator<Item = &[u8]> {
        let mut islands = self.islands.iter();
        let segment = move |part: &Part| match part {
            Part::Bytes(range) => &self.baked.bytes[range.clone()],
            Part::Island(_) => islands.next().map_or(&b""[..], |range| &self.own[range.clone()]),
        };
        self.baked.parts.iter().map(segment).filter(|segment| !segment.is_empty())
    }
}

impl Islands {
    /// Finds a page's islands, to render it often.
    ///
    /// # Errors
    /// [`Error::Markup`], with its place; what sealing refuses, [`Prepared::render`] says.
    pub fn prepare(&self, page: impl Into<Box<[u8]>>) -> Result<Prepared, Error> {
        Prepared::new(self.clone(), page.into())
    }
}

impl Prepared {
    fn new(islands: Islands, page: Box<[u8]>) -> Result<Self, Error> {
        let input = Input::whole(&page);
        let mut reader = Reader::new(true);
        let mut pieces = Vec::new();
        let mut at = 0;
        let mut loader = None;
        while let Some(piece) = reader.next(input, &islands.config)? {
            let range = reader.plan.range(&piece);
            if matches!(piece, Piece::Island(_)) && loader.is_none() {
                let place = reader.loader_place(input, range.start).max(at);
                pieces.push(Piece::Source(at..place));
                at = place;
                loader = Some(pieces.len());
            }
            pieces.push(Piece::Source(at..range.start));
            at = range.end;
            pieces.push(piece);
        }
        pieces.push(Piece::Source(at..page.len()));
        if let Some(loader) = loader.filter(|_| islands.config.loader && !reader.has_loader()) {
            // A cut stands for the loader's tags, which depend on the mount point.
            pieces.insert(loader, Piece::Cut(0..0));
        }
        let names = reader.plan.nodes.iter().map(|node| islands.config.names[node.name].0.clone()).collect();
        Ok(Self { plan: reader.plan, page, pieces, names, islands, baked: RwLock::new(None) })
    }

    /// The names of the page's islands.
    #[must_use]
    pub fn islands(&self) -> &[IslandName] {
        &self.names
    }

    /// Appends the shell to `out`.
    ///
    /// # Errors
    /// [`Error::Markup`] with the place of an island that cannot be sealed.
    pub fn render(&self, context: &Context<'_>, out: &mut Vec<u8>) -> Result<(), Error> {
        let keys = self.islands.keys();
        let baked = self.baked(&keys, context)?;
        out.reserve(baked.bytes.len());
        let mut pool = Pool::default();
        for part in &baked.parts {
            match part {
                Part::Bytes(range) => out.extend_from_slice(&baked.bytes[range.clone()]),
                Part::Island(node) => self.island(*node, &keys, context, &mut pool, out)?,
            }
        }
        Ok(())
    }

    /// Renders the shell in parts: costs the same whatever the page's length.
    ///
    /// # Errors
    /// As [`render`](Self::render).
    pub fn rendering(&self, context: &Context<'_>) -> Result<Rendering, Error> {
        let keys = self.islands.keys();
        let baked = self.baked(&keys, context)?;
        let (mut own, mut islands, mut pool) = (Vec::new(), Vec::new(), Pool::default());
        for part in &baked.parts {
            if let Part::Island(node) = part {
                let start = own.len();
                self.island(*node, &keys, context, &mut pool, &mut own)?;
                islands.push(start..own.len());
            }
        }
        Ok(Rendering { baked, own, islands })
    }

    fn baked(&self, keys: &Arc<KeyRing>, context: &Context<'_>) -> Result<Arc<Baked>, Error> {
        let kept = self.baked.read().unwrap_or_else(PoisonError::into_inner).clone();
        let fits = |baked: &Arc<Baked>| {
            Arc::ptr_eq(&baked.keys, keys)
                && baked.mount == context.mount
                && baked.audience == context.audience
                && (baked.is_post, baked.loader) == (context.is_post, context.loader)
        };
        if let Some(baked) = kept.filter(fits) {
            return Ok(baked);
        }
        let baked = Arc::new(self.bake(keys, context)?);
        *self.baked.write().unwrap_or_else(PoisonError::into_inner) = Some(baked.clone());
        Ok(baked)
    }

    fn bake(&self, keys: &Arc<KeyRing>, context: &Context<'_>) -> Result<Baked, Error> {
        let mut bytes = Vec::with_capacity(self.page.len());
        let mut parts = Vec::new();
        let mut pool = Pool::default();
        let mut start = 0;
        for piece in &self.pieces {
            match piece {
                Piece::Source(range) => bytes.extend_from_slice(&self.page[range.clone()]),
                Piece::Cut(_) | Piece::Break(_) if !context.loader => {}
                Piece::Cut(_) | Piece::Break(_) => fetch::append_loader(self.scene(keys, context), &mut bytes),
                Piece::Island(node) if self.is_timeless(*node) => {
                    self.island(*node, keys, context, &mut pool, &mut bytes)?;
                }
                Piece::Island(node) => {
                    parts.extend([Part::Bytes(start..bytes.len()), Part::Island(*node)]);
                    start = bytes.len();
                }
            }
        }
        parts.push(Part::Bytes(start..bytes.len()));
        let (mount, audience) = (context.mount.to_owned(), context.audience.to_owned());
        let (is_post, loader) = (context.is_post, context.loader);
        Ok(Baked { keys: keys.clone(), mount, audience, is_post, loader, bytes, parts })
    }

    fn scene<'a>(&'a self, keys: &'a KeyRing, context: &'a Context<'a>) -> Scene<'a> {
        Scene { config: &self.islands.config, keys, context }
    }

    fn island(
        &self,
        node: NodeId,
        keys: &KeyRing,
        context: &Context<'_>,
        pool: &mut Pool,
        out: &mut Vec<u8>,
    ) -> Result<(), Error> {
        let scene = self.scene(keys, context);
        let input = Input::whole(&self.page);
        let (problems, written) = (&mut Vec::new(), &mut Vec::new());
        Renderer { scene, plan: &self.plan, input, pool, strict: true, problems, written }.island(node, out)
    }

    /// Whether an island, and all in it, comes out the same at any time.
    fn is_timeless(&self, id: NodeId) -> bool {
        let node = &self.plan.nodes[id.0];
        let inner = self.plan.node_slots(id).map(|slot| slot.pieces);
        let mut lists = inner.chain([node.fallback]).chain(node.error);
        self.is_sealed_timeless(node)
            && lists.all(|list| {
                self.plan.pieces(list).all(|piece| match piece {
                    Piece::Island(inner) => self.is_timeless(*inner),
                    Piece::Source(_) | Piece::Cut(_) | Piece::Break(_) => true,
                })
            })
    }

    fn is_sealed_timeless(&self, node: &Node) -> bool {
        let config = &self.islands.config;
        let options = render::options(&self.plan, node);
        let is_stable = options.seal.unwrap_or(config.seal) == SealMode::Stable;
        let has_page = options.page.unwrap_or(config.page);
        matches!(node.role, Role::Faulty | Role::FaultyHost)
            || (is_stable && !has_page && options.ttl.or(config.ttl).is_none())
    }
}
