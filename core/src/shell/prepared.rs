//! A page split once and rendered often.

use std::fmt;
use std::ops::Range;
use std::sync::{Arc, PoisonError, RwLock};

use super::input::{Input, START};
use super::loader::{Spot, append_links, placed_url};
use super::output::Segment;
use super::plan::{Node, NodeId, Piece, Plan};
use super::problems::{Mode, Problems};
use super::reader::Reader;
use super::render::{Pool, Renderer};
use crate::html::{Problem, wide};
use crate::placeholder::SealMode;
use crate::placeholder::fetch::{self, Scene};
use crate::redacted::Length;
use crate::{Context, Error, IslandName, Islands, KeyRing};

/// A page whose islands are found. What does not change from one rendering to the next (the page, and every island
/// whose token is stable and does not expire) is written once for each key ring and mount point, and then only copied.
pub struct Prepared {
    islands: Islands,
    page: Box<[u8]>,
    plan: Plan,
    /// The page in order.
    pieces: Vec<Piece>,
    /// The piece before which the loader's tags go, in a page with islands that is to have any.
    head: Option<usize>,
    /// Whether the loader's tags are to be written: the page has none of its own, and the configuration has them on.
    writes_tags: bool,
    names: Vec<IslandName>,
    baked: RwLock<Option<Arc<Baked>>>,
}

/// What is the same in every rendering with these keys, at this mount point, for this audience.
struct Baked {
    keys: Arc<KeyRing>,
    mount: String,
    audience: String,
    is_post: bool,
    loader: bool,
    bytes: Vec<u8>,
    parts: Vec<Part>,
    /// The islands that are sealed anew each time.
    fresh: Vec<NodeId>,
}

#[derive(Debug)]
enum Part {
    /// Of [`Baked::bytes`].
    Bytes(Range<usize>),
    /// One of [`Baked::fresh`].
    Island(usize),
    /// The links in the page's head for one of [`Baked::fresh`].
    Preloads(usize),
}

/// A prepared page's shell in parts: those that are the same each time are shared, not copied.
pub struct Rendering {
    baked: Arc<Baked>,
    own: Vec<u8>,
    /// Where in `own` each of [`Baked::fresh`] stands, and its links.
    written: Vec<[Range<usize>; 2]>,
}

impl fmt::Debug for Prepared {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Prepared")
            .field("page", &Length::of(&self.page))
            .field("islands", &self.names)
            .finish_non_exhaustive()
    }
}

impl fmt::Debug for Rendering {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Rendering").field("html", &Length(self.len())).finish()
    }
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
        let segment = |part: &Part| match part {
            Part::Bytes(range) => &self.baked.bytes[range.clone()],
            Part::Island(index) => &self.own[self.written[*index][0].clone()],
            Part::Preloads(index) => &self.own[self.written[*index][1].clone()],
        };
        self.baked.parts.iter().map(segment).filter(|segment| !segment.is_empty())
    }
}

impl Islands {
    /// Finds a page's islands, to render it often.
    ///
    /// ```
    /// # let keys = eyot::KeyRing::parse("p3Qm0Wv9yJ5sT1xL8bN4eR7uA2dF6gH0kC3iZ5oVqXM=")?;
    /// # let islands = eyot::Islands::builder(keys).island("CartCount").build()?;
    /// let context = eyot::Context::at(1_800_000_000);
    /// let page = islands.prepare(*b"<p>Cart: <CartCount server:defer /></p>")?;
    /// let (mut first, mut second) = (Vec::new(), Vec::new());
    /// page.render(&context, &mut first)?;
    /// page.render(&context, &mut second)?;
    /// assert_eq!(first, second, "a stable token is sealed once, and then copied");
    /// # Ok::<(), eyot::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`Error::Markup`], with its place; what sealing refuses, [`Prepared::render`] says.
    pub fn prepare(&self, page: impl Into<Box<[u8]>>) -> Result<Prepared, Error> {
        Prepared::new(self.clone(), page.into())
    }
}

impl Prepared {
    fn new(islands: Islands, page: Box<[u8]>) -> Result<Self, Error> {
        let input = match wide::directive_in(&page) {
            None => Input::whole(&page),
            // A wide page goes past the reader.
            Some(false) => Input::whole(&[]),
            Some(true) => return Err(Error::Markup { problem: Problem::Encoding, at: START }),
        };
        let mut reader = Reader::new(Mode::Strict);
        let (mut pieces, mut names) = (Vec::new(), Vec::new());
        let mut at = 0;
        let mut spot = None;
        while let Some(piece) = reader.read(input, &islands.config).next()? {
            let range = reader.plan.range(&piece);
            pieces.push(Piece::Source(at..range.start));
            if matches!(piece, Piece::Island(_) | Piece::Placed(..)) {
                spot.get_or_insert_with(|| (reader.loader_spot(input, range.start), pieces.len()));
            }
            if let Piece::Island(id) = piece {
                reader.plan.in_sealing_order(id, &mut |node| names.push(islands.config.names[node.name].name.clone()));
            }
            at = range.end;
            pieces.push(piece);
        }
        pieces.push(Piece::Source(at..page.len()));
        let writes_tags = islands.config.settings.loader && !reader.has_loader();
        let spot = spot.filter(|_| writes_tags || islands.config.has_preloads());
        let head = spot.map(|(spot, before)| split_at(&mut pieces, spot, before));
        Ok(Self { plan: reader.plan, page, pieces, head, writes_tags, names, islands, baked: RwLock::new(None) })
    }

    /// The names of the page's islands, in the order in which they are sealed.
    #[must_use]
    pub fn islands(&self) -> &[IslandName] {
        &self.names
    }

    /// Appends the shell to `out`.
    ///
    /// # Errors
    /// [`Error::Markup`] with the place of an island that cannot be sealed.
    pub fn render(&self, context: &Context<'_>, out: &mut Vec<u8>) -> Result<(), Error> {
        let rendering = self.rendering(context)?;
        out.reserve(rendering.len());
        rendering.segments().for_each(|segment| out.extend_from_slice(segment));
        Ok(())
    }

    /// Renders the shell in parts, for hosts that can write a list: this costs the same whatever the page's length.
    ///
    /// ```
    /// # let keys = eyot::KeyRing::parse("p3Qm0Wv9yJ5sT1xL8bN4eR7uA2dF6gH0kC3iZ5oVqXM=")?;
    /// # let islands = eyot::Islands::builder(keys).island("CartCount").build()?;
    /// let page = islands.prepare(*b"<p>Cart: <CartCount server:defer server:ttl=60 /></p>")?;
    /// let rendering = page.rendering(&eyot::Context::at(1_800_000_000))?;
    /// let length: usize = rendering.segments().map(<[u8]>::len).sum();
    /// assert_eq!(length, rendering.len());
    /// # Ok::<(), eyot::Error>(())
    /// ```
    ///
    /// # Errors
    /// As [`render`](Self::render).
    pub fn rendering(&self, context: &Context<'_>) -> Result<Rendering, Error> {
        let keys = self.islands.keys();
        let baked = self.baked(&keys, context)?;
        let scene = self.scene(&keys, context);
        let (mut own, mut urls, mut pool) = (Vec::new(), Vec::new(), Pool::default());
        let written = baked.fresh.iter().map(|node| {
            let start = own.len();
            self.island(*node, scene, &mut urls, &mut pool, &mut own)?;
            let end = own.len();
            append_links(&urls, &self.page, &mut own);
            urls.clear();
            Ok([start..end, end..own.len()])
        });
        let written = written.collect::<Result<_, Error>>()?;
        Ok(Rendering { baked, own, written })
    }

    fn baked(&self, keys: &Arc<KeyRing>, context: &Context<'_>) -> Result<Arc<Baked>, Error> {
        // Cloned out of the lock, so that nobody waits for a rendering. Two threads may bake at once after a change of keys:
        // they bake the same bytes, and the last one is kept.
        let kept = self.baked.read().unwrap_or_else(PoisonError::into_inner).clone();
        let fits = |baked: &Arc<Baked>| {
            // The ring itself, not its ids: two keys may share an id.
            Arc::ptr_eq(&baked.keys, keys)
                && baked.mount == context.mount.as_str()
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
        let scene = self.scene(keys, context);
        let mut baking = Baking { bytes: Vec::with_capacity(self.page.len()), ..Baking::default() };
        let mut pool = Pool::default();
        let head = self.head.filter(|_| context.loader);
        for (index, piece) in self.pieces.iter().enumerate() {
            if head == Some(index) {
                if scene.config.has_preloads() {
                    baking.start_head();
                } else {
                    fetch::append_tags(scene, &mut baking.bytes);
                }
            }
            match piece {
                Piece::Source(range) => baking.bytes.extend_from_slice(&self.page[range.clone()]),
                Piece::Placed(_, attributes) => {
                    if scene.config.has_preloads() && baking.links.len() < scene.config.settings.max_islands {
                        let url = placed_url(scene, &self.page, attributes);
                        baking.links.extend(url.map(|url| Link::Baked(Segment::Source(url))));
                    }
                }
                // Only a lenient reader leaves the last two.
                Piece::Cut(_) | Piece::Instead(..) | Piece::EndTag(..) => {}
                Piece::Island(node) if self.is_timeless(*node) => {
                    self.island(*node, scene, &mut baking.urls, &mut pool, &mut baking.bytes)?;
                    baking.links.extend(baking.urls.drain(..).map(Link::Baked));
                }
                Piece::Island(node) => baking.fresh(*node),
            }
        }
        let (bytes, parts, fresh) = baking.finish(scene, self.writes_tags, &self.page);
        let (mount, audience) = (context.mount.as_str().to_owned(), context.audience.to_owned());
        let (is_post, loader) = (context.is_post, context.loader);
        Ok(Baked { keys: keys.clone(), mount, audience, is_post, loader, bytes, parts, fresh })
    }

    fn scene<'a>(&'a self, keys: &'a KeyRing, context: &'a Context<'a>) -> Scene<'a> {
        Scene { config: &self.islands.config, keys, context }
    }

    fn island(
        &self,
        node: NodeId,
        scene: Scene<'_>,
        urls: &mut Vec<Segment>,
        pool: &mut Pool,
        out: &mut Vec<u8>,
    ) -> Result<(), Error> {
        let input = Input::whole(&self.page);
        let (problems, written) = (&mut Problems::new(Mode::Strict), &mut Vec::new());
        let urls = scene.config.has_preloads().then_some(urls);
        Renderer { scene, plan: &self.plan, input, pool, problems, written, urls }.island(node, out)
    }

    /// Whether an island, and all in it, comes out the same at any time.
    fn is_timeless(&self, id: NodeId) -> bool {
        let node = self.plan.node(id);
        let inner = self.plan.node_slots(id).map(|slot| slot.pieces);
        let mut lists = inner.chain([node.fallback]).chain(node.error);
        self.is_sealed_timeless(node)
            && lists.all(|list| {
                self.plan.pieces(list).all(|piece| match piece {
                    Piece::Island(inner) => self.is_timeless(*inner),
                    Piece::Source(_) | Piece::Cut(_) | Piece::Instead(..) | Piece::EndTag(..) | Piece::Placed(..) => {
                        true
                    }
                })
            })
    }

    fn is_sealed_timeless(&self, node: &Node) -> bool {
        let config = &self.islands.config;
        let options = self.plan.options(node);
        let is_stable = options.seal.unwrap_or(config.settings.seal) == SealMode::Stable;
        let has_page = options.page.unwrap_or(config.settings.page);
        node.role.is_faulty() || (is_stable && !has_page && options.ttl.or(config.settings.ttl).is_none())
    }
}

/// Makes a boundary between two pieces of `spot`, which is in one of the first `before`, and returns the index of the piece
/// after it.
fn split_at(pieces: &mut Vec<Piece>, spot: Spot, before: usize) -> usize {
    let spot = spot.offset();
    let holds = |piece: &Piece| matches!(piece, Piece::Source(range) if (range.start..=range.end).contains(&spot));
    let Some(index) = pieces[..before].iter().position(holds) else { return before };
    if let Piece::Source(range) = &mut pieces[index] {
        let rest = spot..std::mem::replace(&mut range.end, spot);
        pieces.insert(index + 1, Piece::Source(rest));
    }
    index + 1
}

/// A link of the page's head.
#[derive(Debug)]
enum Link {
    /// For the URL that stands there in the page or in the bytes.
    Baked(Segment),
    /// For one of the islands that are sealed anew each time.
    Fresh(usize),
}

/// What [`Prepared::bake`] has made so far.
#[derive(Debug, Default)]
struct Baking {
    bytes: Vec<u8>,
    /// Where in the bytes the part begins that is being written.
    start: usize,
    parts: Vec<Part>,
    /// The part before which the loader's tags go that wait for their links.
    head: Option<usize>,
    /// URLs of the island that is being written.
    urls: Vec<Segment>,
    links: Vec<Link>,
    fresh: Vec<NodeId>,
}

impl Baking {
    fn end_part(&mut self) {
        self.parts.push(Part::Bytes(self.start..self.bytes.len()));
        self.start = self.bytes.len();
    }

    fn start_head(&mut self) {
        self.end_part();
        self.head = Some(self.parts.len());
    }

    fn fresh(&mut self, node: NodeId) {
        self.end_part();
        self.parts.push(Part::Island(self.fresh.len()));
        self.links.push(Link::Fresh(self.fresh.len()));
        self.fresh.push(node);
    }

    /// Writes the loader's tags, now that all URLs are known: at the end of the bytes, and in their place among the parts.
    fn finish(mut self, scene: Scene<'_>, writes_tags: bool, page: &[u8]) -> (Vec<u8>, Vec<Part>, Vec<NodeId>) {
        self.end_part();
        if let Some(head) = self.head {
            let after = self.parts.split_off(head);
            if writes_tags {
                fetch::append_tags_before_preloads(scene, &mut self.bytes);
            }
            for link in std::mem::take(&mut self.links) {
                match link {
                    Link::Baked(url) => append_links(&[url], page, &mut self.bytes),
                    Link::Fresh(index) => {
                        self.end_part();
                        self.parts.push(Part::Preloads(index));
                    }
                }
            }
            if writes_tags {
                fetch::append_tags_after_preloads(scene, &mut self.bytes);
            }
            self.end_part();
            self.parts.extend(after);
        }
        (self.bytes, self.parts, self.fresh)
    }
}
