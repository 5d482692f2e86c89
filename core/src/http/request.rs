//! Island requests: which route a path is, what is refused and in which order, and the opening of the token.

use std::borrow::Cow;
use std::fmt;
use std::ops::Range;

use super::asker::{self, Asker};
use super::head::Head;
use super::refusal::{Reason, Refusal};
use super::reply::Reply;
use super::{etag, hidden};
use crate::IslandName;
use crate::assets::Asset;
use crate::config::{Config, Declared};
use crate::islands::Islands;
use crate::redacted::Length;
use crate::seal::{BadToken, OpenError, Payload, Token};

/// The media type of a token that is sent as a body.
pub const TOKEN_MEDIA_TYPE: &str = "application/vnd.eyot.token";

/// The most bytes that a `POST` for an island may have: the longest token.
pub const TOKEN_LIMIT: usize = Token::MAX_LEN;

/// What a request below the prefix is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Route {
    /// The loader or the style sheet, or that the browser's copy is current.
    File(Reply),
    /// The answer to a preflight of an allowed origin.
    Preflight(Reply),
    /// Not to be answered.
    Refusal(Refusal),
    /// An island whose token is yet to be opened.
    Pending(Pending),
}

/// A request for an island that passed every check but the token's. Owns what the later steps need, so that a host can
/// read a body, or let its own middleware run, in between.
#[derive(Clone, PartialEq, Eq)]
pub struct Pending {
    pub(super) name: IslandName,
    pub(super) is_head: bool,
    pub(super) asker: Asker,
    /// The island's own path, with mount point and token.
    pub(super) path: Box<str>,
    /// Where in `path` the token stands; `None` when it comes as the body.
    token: Option<Range<usize>>,
    pub(super) host: Box<[u8]>,
    pub(super) referer: Box<[u8]>,
    hidden: Vec<Box<str>>,
}

/// An island whose token was genuine. Its props are not claims: the handler still asks who the visitor is.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct OpenedIsland<'a> {
    /// The island's name.
    pub name: &'a IslandName,
    /// One UTF-8 JSON object.
    pub props: &'a [u8],
    /// A JSON object of strings, or nothing.
    pub slots: &'a [u8],
    /// The page's JSON object, or nothing.
    pub page: &'a [u8],
    /// When the token expires, in Unix seconds.
    pub expires: Option<u32>,
}

impl Islands {
    /// Tells what a request is; `None` when its path is not below the mount point and prefix, so that it is the app's.
    ///
    /// The checks run in a fixed order, cheapest first, and none looks at the token: a body is never read in vain.
    ///
    /// ```
    /// use eyot::http::{Head, Route};
    ///
    /// # let keys = eyot::KeyRing::parse("p3Qm0Wv9yJ5sT1xL8bN4eR7uA2dF6gH0kC3iZ5oVqXM=")?;
    /// # let islands = eyot::Islands::builder(keys).island("CartCount").build()?;
    /// // The app's own path: eyot has nothing to do with it.
    /// assert!(islands.route(&Head::new("GET", b"/cart")).is_none());
    ///
    /// let script = islands.route(&Head::new("GET", b"/_server-islands/loader.v1.js"));
    /// assert!(matches!(script, Some(Route::File(reply)) if reply.status == 200));
    ///
    /// let Some(Route::Refusal(refusal)) = islands.route(&Head::new("GET", b"/_server-islands/Nobody/token")) else {
    ///     panic!("no island has this name")
    /// };
    /// assert_eq!((refusal.reply.status, refusal.reason.code()), (404, "name-unknown"));
    /// # Ok::<(), eyot::Error>(())
    /// ```
    #[must_use]
    pub fn route(&self, head: &Head<'_>) -> Option<Route> {
        let rest = below_prefix(&self.config, head)?;
        let asker = Asker::of(&self.config, head);
        let found = match Target::parse(rest) {
            Ok(Target::File(asset)) => file(asset, head, &asker),
            Ok(Target::Island { name, token }) => island(&self.config, head, &asker, name, token),
            Err(reason) => Err(Refused::new(reason)),
        };
        Some(found.unwrap_or_else(|refused| Route::Refusal(refused.into_refusal(head, &asker))))
    }
}

impl Islands {
    /// Whether a path is below the mount point and prefix: where no shell is.
    pub(super) fn is_below_prefix(&self, head: &Head<'_>) -> bool {
        below_prefix(&self.config, head).is_some()
    }
}

impl Pending {
    /// The island's name.
    #[must_use]
    pub fn name(&self) -> &IslandName {
        &self.name
    }

    /// The headers of the request that a handler must not see which is registered as shared, named as they came: who asks
    /// must not make a difference.
    #[must_use]
    pub fn hidden_headers(&self) -> &[Box<str>] {
        &self.hidden
    }

    /// How many bytes of body to read at most; 0 when the token is in the path and there is nothing to read. A body that
    /// turns out longer is [`too_large`](Self::too_large).
    #[must_use]
    pub fn body_limit(&self) -> usize {
        if self.token.is_some() { 0 } else { TOKEN_LIMIT }
    }

    /// The refusal of a body that is longer than the limit, for hosts that find out while they read.
    #[must_use]
    pub fn too_large(&self) -> Refusal {
        self.refuse(Reason::BodyTooLarge)
    }

    /// Opens the token into `buffer` (cleared first). `body` is what was read, empty for a token in the path; `audience`
    /// is the string that it was sealed with; `now` is in Unix seconds.
    ///
    /// ```
    /// use eyot::http::{Head, Route};
    ///
    /// # let keys = eyot::KeyRing::parse("p3Qm0Wv9yJ5sT1xL8bN4eR7uA2dF6gH0kC3iZ5oVqXM=")?;
    /// # let islands = eyot::Islands::builder(keys).island("CartCount").build()?;
    /// # let mut url = Vec::new();
    /// # let now = 1_800_000_000;
    /// # islands.url(&eyot::placeholder::Placeholder::new("CartCount"), &eyot::Context::at(now), &mut url)?;
    /// // `url` is what a placeholder's `island-src` says.
    /// let Some(Route::Pending(pending)) = islands.route(&Head::new("GET", &url)) else { panic!("an island") };
    /// let mut buffer = Vec::new();
    /// let island = pending.open(&islands, b"", "", now, &mut buffer).expect("the token is genuine");
    /// assert_eq!((island.name.as_str(), island.props), ("CartCount", &b"{}"[..]));
    ///
    /// // A token that was sealed for one audience does not open for another.
    /// let refusal = pending.open(&islands, b"", "tenant-2", now, &mut buffer).unwrap_err();
    /// assert_eq!(refusal.reply.status, 400);
    /// # Ok::<(), eyot::Error>(())
    /// ```
    ///
    /// # Errors
    /// A refusal: 413, 400 or 410.
    pub fn open<'a>(
        &'a self,
        islands: &Islands,
        body: &[u8],
        audience: &str,
        now: u64,
        buffer: &'a mut Vec<u8>,
    ) -> Result<OpenedIsland<'a>, Refusal> {
        if body.len() > self.body_limit() {
            return Err(self.too_large());
        }
        let token = match &self.token {
            Some(range) => &self.path.as_bytes()[range.clone()],
            None => body,
        };
        let opened =
            islands.keys().open(&self.name, audience, token, now, buffer).map_err(|e| self.refuse(Reason::Token(e)))?;
        let Payload { props, slots, page } = opened.payload;
        Ok(OpenedIsland { name: &self.name, props, slots, page, expires: opened.expires })
    }

    /// The request that a posted token stands for: the `GET` of a path with the token in it.
    ///
    /// # Errors
    /// A refusal: 413 of a body that is longer than a token can be, 400 of one that no path can hold.
    pub(crate) fn with_token(&self, token: &[u8]) -> Result<Self, Refusal> {
        if token.len() > self.body_limit() {
            return Err(self.too_large());
        }
        let bad = |how| self.refuse(Reason::Token(OpenError::Bad(how)));
        if token.is_empty() {
            return Err(bad(BadToken::Length));
        }
        let is_token = token.iter().all(|b| b.is_ascii_alphanumeric() || b"-_".contains(b));
        let token = std::str::from_utf8(token).ok().filter(|_| is_token).ok_or_else(|| bad(BadToken::Encoding))?;
        let path: Box<str> = format!("{}/{token}", self.path).into();
        Ok(Self { token: Some(path.len() - token.len()..path.len()), path, ..self.clone() })
    }

    /// The path with the token, which nothing may log.
    pub(crate) fn path(&self) -> &str {
        &self.path
    }

    /// A refusal of this request, with the headers that its origin needs.
    pub(crate) fn refuse(&self, reason: Reason) -> Refusal {
        Refusal::new(reason, Some(self.name.clone()), self.is_head).with(self.asker.headers())
    }
}

impl fmt::Debug for OpenedIsland<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("OpenedIsland")
            .field("name", &self.name)
            .field("props", &Length::of(self.props))
            .field("slots", &Length::of(self.slots))
            .field("page", &Length::of(self.page))
            .field("expires", &self.expires)
            .finish()
    }
}

/// Without the path, which may hold the token.
impl fmt::Debug for Pending {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Pending")
            .field("name", &self.name)
            .field("body_limit", &self.body_limit())
            .finish_non_exhaustive()
    }
}

/// A refusal in the making: what the checks know of it.
struct Refused {
    reason: Reason,
    name: Option<IslandName>,
    allow: Option<&'static str>,
}

impl Refused {
    fn new(reason: Reason) -> Self {
        Self { reason, name: None, allow: None }
    }

    fn into_refusal(self, head: &Head<'_>, asker: &Asker) -> Refusal {
        let allow = self.allow.map(|methods| ("Allow", Cow::Borrowed(methods)));
        Refusal::new(self.reason, self.name, head.method == "HEAD").with(allow.into_iter().chain(asker.headers()))
    }
}

/// What a path below the prefix names.
enum Target<'a> {
    File(&'static Asset),
    Island { name: &'a str, token: Option<&'a str> },
}

impl<'a> Target<'a> {
    /// Reads `name`, `name/token` or a file's name; anything longer, empty or escaped is no route.
    fn parse(rest: &'a [u8]) -> Result<Self, Reason> {
        let rest = std::str::from_utf8(rest).map_err(|_| Reason::Shape)?;
        let (name, token) = match rest.split_once('/') {
            Some((name, token)) => (name, Some(token)),
            None => (rest, None),
        };
        if token.is_none()
            && let Some(asset) = Asset::named(name)
        {
            return Ok(Self::File(asset));
        }
        // Nothing is decoded: a path with one spelling is the same to every proxy and cache on its way.
        let whole = token.is_none_or(|token| !token.is_empty() && !token.contains('/'));
        if whole && IslandName::is_valid(name.as_bytes()) {
            Ok(Self::Island { name, token })
        } else {
            Err(Reason::Shape)
        }
    }
}

/// What follows mount point, prefix and slash; empty for the prefix alone.
fn below_prefix<'a>(config: &Config, head: &Head<'a>) -> Option<&'a [u8]> {
    let rest =
        head.path.strip_prefix(head.mount.as_str().as_bytes())?.strip_prefix(config.settings.prefix.as_bytes())?;
    if rest.is_empty() { Some(rest) } else { rest.strip_prefix(b"/") }
}

/// Checks in the order of the table that stands with the crate's HTTP rules: name, method, query, origin, type, length.
fn island(config: &Config, head: &Head<'_>, asker: &Asker, name: &str, token: Option<&str>) -> Result<Route, Refused> {
    let name = handled_here(config, name)?;
    let refused = |reason| Refused { reason, name: Some(name.clone()), allow: None };
    check_method(head, asker, token.is_some())
        .map_err(|allow| Refused { allow: Some(allow), ..refused(Reason::Method) })?;
    // Caches key by the whole URL: with a query anybody could fill them with copies of one island.
    if !head.query.is_empty() {
        return Err(refused(Reason::Query));
    }
    asker::check(config, head, asker).map_err(refused)?;
    if head.method == "OPTIONS" {
        return if asker.is_listed() { Ok(preflight(asker)) } else { Err(refused(Reason::Origin)) };
    }
    if token.is_none() {
        check_body(head).map_err(refused)?;
    }
    Ok(Route::Pending(Pending::new(config, head, asker, name, token)))
}

fn handled_here<'c>(config: &'c Config, name: &str) -> Result<&'c IslandName, Refused> {
    match config.declared(name) {
        Some(Declared { name, is_here: true }) => Ok(name),
        Some(Declared { name, is_here: false }) => {
            Err(Refused { name: Some(name.clone()), ..Refused::new(Reason::NameElsewhere) })
        }
        None => Err(Refused::new(Reason::NameUnknown)),
    }
}

/// The error is the value of `Allow`.
fn check_method(head: &Head<'_>, asker: &Asker, has_token: bool) -> Result<(), &'static str> {
    match (has_token, head.method) {
        (true, "GET" | "HEAD") | (false, "POST") => Ok(()),
        (true, _) => Err("GET, HEAD"),
        (false, "OPTIONS") if asker.is_crossing() => Ok(()),
        (false, _) => Err(if asker.is_crossing() { "POST, OPTIONS" } else { "POST" }),
    }
}

fn check_body(head: &Head<'_>) -> Result<(), Reason> {
    // No form of another site can send this type, so a browser asks with a preflight first. Of two headers a proxy and
    // this host might believe different ones.
    let mut types = head.values("content-type");
    let essence = types.next().and_then(|value| value.split(|&b| b == b';').next()).unwrap_or_default();
    if types.next().is_some() || !essence.trim_ascii().eq_ignore_ascii_case(TOKEN_MEDIA_TYPE.as_bytes()) {
        return Err(Reason::ContentType);
    }
    if head.values("content-length").any(is_over_limit) { Err(Reason::BodyTooLarge) } else { Ok(()) }
}

/// Whether a `Content-Length` is over the limit; what is no number is the server's business, and the body is counted.
fn is_over_limit(length: &[u8]) -> bool {
    let digits = length.iter().all(u8::is_ascii_digit);
    let number = length.iter().fold(0_usize, |n, b| n.saturating_mul(10).saturating_add(usize::from(b & 0xf)));
    digits && number > TOKEN_LIMIT
}

impl Pending {
    fn new(config: &Config, head: &Head<'_>, asker: &Asker, name: &IslandName, token: Option<&str>) -> Self {
        // Lossless, so that the token's range is right: a path that is not UTF-8 has no route's shape.
        let path: Box<str> = String::from_utf8_lossy(head.path).into();
        let token = token.map(|token| path.len() - token.len()..path.len());
        let referer = head.value("referer").unwrap_or_default().into();
        let host = head.host().into();
        let (name, asker, hidden) = (name.clone(), asker.clone(), hidden::visitor(config, head));
        Self { name, is_head: head.method == "HEAD", asker, path, token, host, referer, hidden }
    }
}

fn preflight(asker: &Asker) -> Route {
    let mut headers = asker.headers();
    headers.push(("Access-Control-Allow-Methods", "POST".into()));
    headers.push(("Access-Control-Allow-Headers", "Content-Type".into()));
    headers.push(("Access-Control-Max-Age", "7200".into()));
    Route::Preflight(Reply::new(204, headers))
}

/// A file is the same for everyone and every page, so only its method is checked.
fn file(asset: &'static Asset, head: &Head<'_>, asker: &Asker) -> Result<Route, Refused> {
    if !matches!(head.method, "GET" | "HEAD") {
        return Err(Refused { allow: Some("GET, HEAD"), ..Refused::new(Reason::Method) });
    }
    let mut headers = asset.headers();
    headers.push(("Cross-Origin-Resource-Policy", asker.resource_policy().into()));
    if asker.is_crossing() {
        // Without credentials any page may read what anyone may read; `integrity` on a script tag asks for it.
        headers.push(("Access-Control-Allow-Origin", "*".into()));
    }
    if etag::matches(head.headers, asset.etag()) {
        return Ok(Route::File(Reply::new(304, headers)));
    }
    headers.push(("Content-Type", asset.media_type().into()));
    Ok(Route::File(Reply::new(200, headers).with_body(asset.bytes(), head.method == "HEAD")))
}
