//! An exchange: a request for an island, or for a page with a policy, between its way in and its way out, and what the two
//! stations tell each other about it.

use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};

use super::event::Event;
use super::out::Out;
use super::page::{PageOut, PageRules};
use super::{own, path_of, refused};
use crate::http::{Head, OpenedIsland, Pending, Reason, Refusal, Reply, Response, ShellPolicy, Visit};
use crate::{IslandName, Islands};

/// A request for an island, or for a page with a policy.
///
/// The outer station makes it and keeps it until the response has left; the inner one has a clone. All clones are the same
/// exchange, whichever thread has them, and any of them may be dropped at any time.
#[derive(Clone)]
pub struct Exchange(Arc<Shared>);

struct Shared {
    islands: Islands,
    kind: Kind,
    method: Box<str>,
    /// As a browser shows it, with an island's token.
    path: Box<str>,
    /// The same request with the token that was posted in its path.
    posted: OnceLock<Pending>,
    notes: Mutex<Notes>,
}

pub(super) enum Kind {
    Island(Pending),
    Shell(Visit),
}

/// What the inner station found out.
#[derive(Default)]
pub(super) struct Notes {
    /// For how many seconds caches keep the island, for everyone.
    pub(super) shared: Option<u32>,
    pub(super) is_opened: bool,
    /// The page's object from the token.
    pub(super) page: Box<[u8]>,
    /// The `Content-Security-Policy` of the handler's own; those that layers add are the pages'.
    pub(super) policies: Option<Vec<Box<[u8]>>>,
    /// Whether the page went out with problems.
    pub(super) is_faulty: bool,
    pub(super) refused: Option<(Reply, Event)>,
}

/// Without path and notes, which hold a token and what was sealed into it.
impl fmt::Debug for Exchange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut text = f.debug_struct("Exchange");
        match &self.0.kind {
            Kind::Island(pending) => text.field("island", pending.name()),
            Kind::Shell(visit) => text.field("shell", visit),
        };
        text.field("method", &self.0.method).finish_non_exhaustive()
    }
}

impl Exchange {
    pub(super) fn island(islands: &Islands, head: &Head<'_>, pending: Pending) -> Self {
        Self::new(islands, head, Kind::Island(pending))
    }

    pub(super) fn shell(islands: &Islands, head: &Head<'_>, visit: Visit) -> Self {
        Self::new(islands, head, Kind::Shell(visit))
    }

    fn new(islands: &Islands, head: &Head<'_>, kind: Kind) -> Self {
        let (method, path) = (head.method.into(), path_of(head).into());
        let (posted, notes) = (OnceLock::new(), Mutex::default());
        Self(Arc::new(Shared { islands: islands.clone(), kind, method, path, posted, notes }))
    }

    /// The island that is asked for; `None` of a page.
    #[must_use]
    pub fn name(&self) -> Option<&IslandName> {
        self.pending().map(Pending::name)
    }

    /// The policy of a page; `None` of an island.
    #[must_use]
    pub fn policy(&self) -> Option<&ShellPolicy> {
        self.visit().map(Visit::policy)
    }

    /// The method that the app sees. A page is asked for with `GET`, since a `HEAD` is judged by the page that it stands for;
    /// a posted token is the `GET` that it stands for.
    #[must_use]
    pub fn method(&self) -> &str {
        match &self.0.kind {
            Kind::Island(_) if &*self.0.method == "HEAD" => "HEAD",
            _ => "GET",
        }
    }

    /// How many bytes of a body are to be read, for [`take_body`](Self::take_body); 0 when there is nothing to read.
    #[must_use]
    pub fn body_limit(&self) -> usize {
        match &self.0.kind {
            Kind::Island(pending) => pending.body_limit(),
            Kind::Shell(_) => 0,
        }
    }

    /// Takes the body that was read, one byte beyond the limit at most. The app then sees the request that
    /// [`path`](Self::path) and [`method`](Self::method) say, without a body.
    ///
    /// # Errors
    /// A refusal, to be sent: 413 of a body over the limit, 400 of one that is no token.
    pub fn take_body(&self, body: &[u8]) -> Result<(), Box<(Reply, Event)>> {
        let Kind::Island(pending) = &self.0.kind else { return Ok(()) };
        if pending.body_limit() == 0 {
            return Ok(());
        }
        match pending.with_token(body) {
            Ok(posted) => {
                // A second body changes nothing.
                let _ = self.0.posted.set(posted);
                Ok(())
            }
            Err(refusal) => Err(Box::new(self.refused(refusal, None))),
        }
    }

    /// The path that the app sees where a token was posted: with the mount point, and with the token. Not to be logged.
    #[must_use]
    pub fn path(&self) -> Option<&str> {
        self.0.posted.get().map(Pending::path)
    }

    /// The query that the app sees instead of the one that was sent, if it sees another.
    #[must_use]
    pub fn query(&self) -> Option<&[u8]> {
        self.visit().and_then(Visit::query)
    }

    /// Says that the island's handler is registered as shared: caches keep what it answers for `seconds`, for everyone, so it
    /// does not see who asks.
    pub fn share(&self, seconds: u32) {
        self.notes().shared = Some(seconds);
    }

    /// The headers of the request that the app must not see, named as they came.
    #[must_use]
    pub fn hidden_headers(&self) -> &[Box<str>] {
        match &self.0.kind {
            Kind::Shell(visit) => visit.hidden_headers(),
            Kind::Island(pending) if self.notes().shared.is_some() => pending.hidden_headers(),
            Kind::Island(_) => &[],
        }
    }

    /// Opens the island's token, for its handler. `audience` is what sealing agreed on, `now` Unix seconds.
    ///
    /// ```
    /// use eyot::exchange::Arrived;
    /// use eyot::http::Head;
    ///
    /// # let keys = eyot::KeyRing::parse("p3Qm0Wv9yJ5sT1xL8bN4eR7uA2dF6gH0kC3iZ5oVqXM=")?;
    /// # let islands = eyot::Islands::builder(keys).island("CartCount").build()?;
    /// # let mut url = Vec::new();
    /// # let now = 1_800_000_000;
    /// # islands.url(&eyot::placeholder::Placeholder::new("CartCount"), &eyot::Context::at(now), &mut url)?;
    /// let Arrived::Exchange(asked) = islands.arrive(&Head::new("GET", &url), None, None) else { panic!("an island") };
    /// let mut buffer = Vec::new();
    /// let island = asked.open("", now, &mut buffer).expect("the token is genuine");
    /// assert_eq!((island.name.as_str(), island.props), ("CartCount", &b"{}"[..]));
    /// # Ok::<(), eyot::Error>(())
    /// ```
    ///
    /// # Errors
    /// What the inner station answers in the handler's place: of a token that does not open, or of a request that is for no
    /// island. The outer station sends it, and logs it.
    pub fn open<'a>(&'a self, audience: &str, now: u64, buffer: &'a mut Vec<u8>) -> Result<OpenedIsland<'a>, Reply> {
        let Some(pending) = self.pending() else { return Err(Reply::failed()) };
        match pending.open(&self.0.islands, b"", audience, now, buffer) {
            Ok(opened) => {
                let mut notes = self.notes();
                notes.is_opened = true;
                notes.page = opened.page.into();
                Ok(opened)
            }
            Err(refusal) => Err(self.refuse(refusal, None)),
        }
    }

    /// Says that the island's props do not fit what its handler takes, and why. The page is of another version most often, so
    /// it is asked for again, once.
    ///
    /// Returns what the inner station answers; the outer one sends it, and logs it.
    #[must_use]
    pub fn misfit(&self, why: &str) -> Reply {
        let Some(pending) = self.pending() else { return Reply::failed() };
        self.refuse(pending.refuse(Reason::Props), Some(why.to_owned()))
    }

    /// What the inner station has refused, and why. The outer one logs it; this is for whoever opens a token without stations.
    ///
    /// ```
    /// use eyot::exchange::Arrived;
    /// use eyot::http::Head;
    ///
    /// # let keys = eyot::KeyRing::parse("p3Qm0Wv9yJ5sT1xL8bN4eR7uA2dF6gH0kC3iZ5oVqXM=")?;
    /// # let islands = eyot::Islands::builder(keys).island("CartCount").build()?;
    /// let head = Head::new("GET", b"/_server-islands/CartCount/AAAA");
    /// let Arrived::Exchange(asked) = islands.arrive(&head, None, None) else { panic!("an island") };
    /// assert_eq!(asked.refusal(), None);
    /// assert_eq!(asked.open("", 1_800_000_000, &mut Vec::new()).unwrap_err().status, 400);
    /// assert_eq!(asked.refusal().expect("it was refused").code, "token-length");
    /// # Ok::<(), eyot::Error>(())
    /// ```
    #[must_use]
    pub fn refusal(&self) -> Option<Event> {
        self.notes().refused.as_ref().map(|(_, event)| event.clone())
    }

    /// Notes the `Content-Security-Policy` headers of the handler's own, for hosts in which
    /// [`PageOut::step`] sees those of layers too.
    pub fn note_policies(&self, values: &[&[u8]]) {
        self.notes().policies = Some(values.iter().map(|value| (*value).into()).collect());
    }

    /// Notes that something of the page is not as it was meant, which the host found out by itself, so that no cache keeps
    /// it: a placeholder that its template could not write.
    pub fn note_faulty(&self) {
        self.notes().is_faulty = true;
    }

    /// The way out through the inner station. `splits`: whether the HTML that the app answers is split.
    #[must_use]
    pub fn page(&self, splits: bool) -> PageOut {
        PageOut::of(self, self.rules(splits))
    }

    /// The way out through the outer station.
    #[must_use]
    pub fn out(&self) -> Out {
        Out::of(self)
    }

    fn rules(&self, splits: bool) -> PageRules {
        let policy = self.policy();
        PageRules {
            path: self.full_path().to_owned(),
            is_debug: self.0.islands.is_debug(),
            is_head: policy.is_none() && &*self.0.method == "HEAD",
            streams: policy.is_none_or(ShellPolicy::streams),
            must_be_sound: policy.is_some() || self.notes().shared.is_some(),
            splits,
            is_marked: true,
            is_outside: false,
        }
    }

    pub(super) fn islands(&self) -> &Islands {
        &self.0.islands
    }

    pub(super) fn kind(&self) -> &Kind {
        &self.0.kind
    }

    /// The path with an island's token, which nothing may log.
    pub(super) fn full_path(&self) -> &str {
        self.path().unwrap_or(&self.0.path)
    }

    pub(super) fn is_head(&self) -> bool {
        &*self.0.method == "HEAD"
    }

    /// The request for an island, with its token.
    pub(super) fn pending(&self) -> Option<&Pending> {
        match &self.0.kind {
            Kind::Island(pending) => Some(self.0.posted.get().unwrap_or(pending)),
            Kind::Shell(_) => None,
        }
    }

    /// For how long the island is shared, and the page's object from its token.
    pub(super) fn sealed_page(&self) -> (Option<u32>, Box<[u8]>) {
        let notes = self.notes();
        (notes.shared, notes.page.clone())
    }

    /// What is noted is whole at any time, whatever a thread that had it died of.
    pub(super) fn notes(&self) -> MutexGuard<'_, Notes> {
        self.0.notes.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What a refusal comes to.
    pub(super) fn refused(&self, refusal: Refusal, detail: Option<String>) -> (Reply, Event) {
        let path = own::logged(self.full_path(), self.0.islands.prefix());
        refused::answer(refusal, detail, path, self.0.islands.is_debug())
    }

    /// Turns a handler's answer into an island's, or refuses it.
    pub(super) fn finish(&self, response: &Response<'_>) -> Option<Result<crate::http::Outcome, Refusal>> {
        self.pending().map(|pending| pending.finish(&self.0.islands, response))
    }

    fn refuse(&self, refusal: Refusal, detail: Option<String>) -> Reply {
        let (reply, event) = self.refused(refusal, detail);
        self.notes().refused = Some((reply.clone(), event));
        reply
    }

    fn visit(&self) -> Option<&Visit> {
        match &self.0.kind {
            Kind::Shell(visit) => Some(visit),
            Kind::Island(_) => None,
        }
    }
}
