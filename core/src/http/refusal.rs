//! Refusals: the fixed answer that a client gets, and the precise reason for the host's log.

use std::borrow::Cow;
use std::fmt;

use super::reply::Reply;
use crate::IslandName;
use crate::seal::OpenError;

/// An answer that refuses a request, or the response of a handler.
///
/// ```
/// use eyot::http::{Head, Route};
///
/// # let keys = eyot::KeyRing::parse("p3Qm0Wv9yJ5sT1xL8bN4eR7uA2dF6gH0kC3iZ5oVqXM=")?;
/// # let islands = eyot::Islands::builder(keys).island("CartCount").build()?;
/// let asked = islands.route(&Head::new("DELETE", b"/_server-islands/CartCount/token"));
/// let Some(Route::Refusal(refusal)) = asked else { panic!("another method") };
/// // The client learns the status and one fixed line. The log gets the reason.
/// assert_eq!((refusal.reply.status, &*refusal.reply.body), (405, &b"method not allowed\n"[..]));
/// assert_eq!((refusal.reason.code(), refusal.reply.header("Allow")), ("method", Some("GET, HEAD")));
/// # Ok::<(), eyot::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Refusal {
    /// What the client gets: one fixed line for each status.
    pub reply: Reply,
    /// Why, for the log.
    pub reason: Reason,
    /// The island that was asked for, once its name is known to be one.
    pub island: Option<IslandName>,
}

/// Why something was refused, more precisely than a client is told. Never holds anything of a token.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Reason {
    /// The path has no route's shape, or a name that does not follow the grammar.
    Shape,
    /// No island of this name is declared.
    NameUnknown,
    /// The island is declared, but another host answers it.
    NameElsewhere,
    /// The route has other methods.
    Method,
    /// The mount point, which came with the request, is none.
    Mount,
    /// A query on a route that has none.
    Query,
    /// `Sec-Fetch-Site` tells of another site or origin that is not allowed.
    FetchSite,
    /// `Sec-Fetch-Dest` tells that no script's fetch asked.
    FetchDest,
    /// `Origin` is neither this host nor an allowed one.
    Origin,
    /// A `POST` without the token's media type.
    ContentType,
    /// A body over the limit.
    BodyTooLarge,
    /// A token that does not open.
    Token(OpenError),
    /// Props that a handler does not take: most often those of a page of another version, so the page is asked for again.
    Props,
    /// Something else than the island's handler answered with content.
    Unanswered,
    /// A handler's answer that is no HTML.
    NoHtml,
    /// A handler's redirect without a target.
    LocationMissing,
    /// A handler's redirect to something that is not http or https, or that browsers read in several ways.
    LocationForm,
    /// A handler's redirect to an origin that is not configured.
    LocationOrigin,
}

impl Reason {
    /// A stable, lower-case code such as `token-expired`, for logs, counters and tests.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::Shape => "shape",
            Self::NameUnknown => "name-unknown",
            Self::NameElsewhere => "name-elsewhere",
            Self::Method => "method",
            Self::Mount => "mount",
            Self::Query => "query",
            Self::FetchSite => "fetch-site",
            Self::FetchDest => "fetch-dest",
            Self::Origin => "origin",
            Self::ContentType => "content-type",
            Self::BodyTooLarge => "body-too-large",
            Self::Token(error) => error.code(),
            Self::Props => "props-type",
            Self::Unanswered => "island-unanswered",
            Self::NoHtml => "island-type",
            Self::LocationMissing => "location-missing",
            Self::LocationForm => "location-form",
            Self::LocationOrigin => "location-origin",
        }
    }

    /// The status that the client gets.
    #[must_use]
    pub fn status(self) -> u16 {
        match self {
            Self::Shape | Self::NameUnknown | Self::NameElsewhere | Self::Unanswered => 404,
            Self::Method => 405,
            Self::Mount | Self::Query | Self::Token(OpenError::Bad(_)) => 400,
            Self::FetchSite | Self::FetchDest | Self::Origin => 403,
            Self::ContentType => 415,
            Self::BodyTooLarge => 413,
            Self::Token(OpenError::Stale(_)) | Self::Props => 410,
            Self::NoHtml | Self::LocationMissing | Self::LocationForm | Self::LocationOrigin => 500,
        }
    }
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Shape => "the path is no island's and no file's",
            Self::NameUnknown => "no island of this name is declared",
            Self::NameElsewhere => "the island is declared as answered by another host",
            Self::Method => "the route has other methods",
            Self::Mount => {
                "the mount point that came with the request (X-Forwarded-Prefix, SCRIPT_NAME, root_path) is no path from the root that URLs can begin with: let the proxy overwrite what clients send"
            }
            Self::Query => "the route takes no query",
            Self::FetchSite => "Sec-Fetch-Site names another site: list its origin in allowed_origins if it may ask",
            Self::FetchDest => "Sec-Fetch-Dest is not \"empty\": a script's fetch asks for islands",
            Self::Origin => "Origin is neither this host nor listed in allowed_origins",
            Self::ContentType => "the body's Content-Type is not application/vnd.eyot.token",
            Self::BodyTooLarge => "the body is over 65536 bytes",
            Self::Token(OpenError::Bad(_)) => "the token is damaged, forged or for another island",
            Self::Token(OpenError::Stale(_)) => "the token has expired, or its key is no longer in the key ring",
            Self::Props => "the props do not fit what the handler takes: the page is of another version, or the handler asks for what no page sends",
            Self::Unanswered => {
                "something else than the island's handler answered: a route for every path that comes before the islands' own, a layer between the stations, or an app without the inner station"
            }
            Self::NoHtml => "the handler's answer is no HTML: return the island's HTML",
            Self::LocationMissing => "the handler redirects without a Location",
            Self::LocationForm => "the handler redirects to something that is no http(s) URL and no path from the root",
            Self::LocationOrigin => "the handler redirects to an origin that is not configured: list it in locations",
        })
    }
}

impl Refusal {
    /// The refusal of a request whose mount point is none, in place of [`Islands::route`](crate::Islands::route). It is the
    /// request's fault, so it is a 400 that no cache keeps: a page that went out without its mount point would be kept by
    /// caches, and its islands asked for in vain.
    ///
    /// ```
    /// use eyot::Mount;
    /// use eyot::http::Refusal;
    ///
    /// // What a client sent as X-Forwarded-Prefix.
    /// let refusal = Mount::new("//evil.example").map_err(|_| Refusal::mount("GET")).unwrap_err();
    /// assert_eq!((refusal.reply.status, refusal.reason.code()), (400, "mount"));
    /// ```
    #[must_use]
    pub fn mount(method: &str) -> Self {
        Self::new(Reason::Mount, None, method == "HEAD")
    }

    /// A refusal without what only some have (`Allow`, cross-origin headers).
    pub(super) fn new(reason: Reason, island: Option<IslandName>, is_head: bool) -> Self {
        let status = reason.status();
        let mut headers = vec![
            ("Content-Type", Cow::Borrowed("text/plain; charset=utf-8")),
            ("Cache-Control", "no-store".into()),
            ("X-Content-Type-Options", "nosniff".into()),
        ];
        if reason.status() == 410 {
            headers.push(("Island-Refused", "stale".into()));
        }
        let reply = Reply::new(status, headers).with_body(line(status), is_head);
        Self { reply, reason, island }
    }

    /// The same with more headers.
    pub(super) fn with(mut self, headers: impl IntoIterator<Item = (&'static str, Cow<'static, str>)>) -> Self {
        self.reply.headers.extend(headers);
        self
    }
}

/// The one line that a client reads. Says no more than the status does, so that it cannot be an oracle.
fn line(status: u16) -> &'static [u8] {
    match status {
        400 => b"bad request\n",
        403 => b"forbidden\n",
        404 => b"not found\n",
        405 => b"method not allowed\n",
        410 => b"gone\n",
        413 => b"content too large\n",
        415 => b"unsupported media type\n",
        _ => b"internal server error\n",
    }
}
