//! Builds a configuration, and checks it.

use crate::config::{Config, Declared};
use crate::identity::Identity;
use crate::origin::Origin;
use crate::placeholder::SealMode;
use crate::{Error, IslandName, Islands, KeyRing};

/// Builds an [`Islands`].
///
/// ```no_run
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let keys = eyot::KeyRing::parse(&std::env::var("EYOT_KEYS")?)?;
/// let islands = eyot::Islands::builder(keys).island("Avatar").island("CartRow").build()?;
/// # Ok(())
/// # }
/// ```
#[derive(Debug)]
pub struct Builder {
    keys: KeyRing,
    /// Names as they were given, and whether this host answers them.
    names: Vec<(String, bool)>,
    origin: String,
    allowed_origins: Vec<String>,
    locations: Vec<String>,
    identity_headers: Option<Vec<String>>,
    config: Config,
}

impl Islands {
    /// Starts a configuration.
    #[must_use]
    pub fn builder(keys: KeyRing) -> Builder {
        let (names, allowed_origins, locations) = (Vec::new(), Vec::new(), Vec::new());
        Builder {
            keys,
            names,
            origin: String::new(),
            allowed_origins,
            locations,
            identity_headers: None,
            config: Config::default(),
        }
    }
}

impl Builder {
    /// Declares an island that this host answers.
    #[must_use]
    pub fn island(mut self, name: impl Into<String>) -> Self {
        self.names.push((name.into(), true));
        self
    }

    /// Declares an island that another host answers.
    #[must_use]
    pub fn elsewhere(mut self, name: impl Into<String>) -> Self {
        self.names.push((name.into(), false));
        self
    }

    /// The path below which islands are asked for; `/_server-islands` by default.
    #[must_use]
    pub fn prefix(mut self, prefix: impl Into<String>) -> Self {
        self.config.prefix = prefix.into();
        self
    }

    /// Another origin that answers the islands of this host's shells, such as `https://islands.example`.
    #[must_use]
    pub fn origin(mut self, origin: impl Into<String>) -> Self {
        self.origin = origin.into();
        self
    }

    /// An origin whose shells this host answers islands for.
    ///
    /// ```
    /// # let keys = eyot::KeyRing::parse("p3Qm0Wv9yJ5sT1xL8bN4eR7uA2dF6gH0kC3iZ5oVqXM=")?;
    /// // islands.example answers the islands of pages on shop.example.
    /// let islands = eyot::Islands::builder(keys).island("CartCount").allowed_origin("https://shop.example").build()?;
    /// let headers = [("Origin", &b"https://shop.example"[..])];
    /// let head = eyot::http::Head::new("OPTIONS", b"/_server-islands/CartCount").with_headers(&headers);
    /// assert!(matches!(islands.route(&head), Some(eyot::http::Route::Preflight(_))));
    /// # Ok::<(), eyot::Error>(())
    /// ```
    #[must_use]
    pub fn allowed_origin(mut self, origin: impl Into<String>) -> Self {
        self.allowed_origins.push(origin.into());
        self
    }

    /// Where a handler's 401 sends the visitor: a path from the root, or an http(s) URL.
    ///
    /// ```
    /// use eyot::http::{Head, Response, Route, edited};
    ///
    /// # let keys = eyot::KeyRing::parse("p3Qm0Wv9yJ5sT1xL8bN4eR7uA2dF6gH0kC3iZ5oVqXM=")?;
    /// let islands = eyot::Islands::builder(keys).island("CartCount").login_url("/login").build()?;
    /// let Some(Route::Pending(pending)) = islands.route(&Head::new("GET", b"/_server-islands/CartCount/token")) else {
    ///     panic!("an island")
    /// };
    /// let outcome = pending.finish(&islands, &Response::new(401, &[])).expect("a redirect");
    /// assert!(edited(&[], &outcome.edits).contains(&("Island-Location", b"/login")));
    /// # Ok::<(), eyot::Error>(())
    /// ```
    #[must_use]
    pub fn login_url(mut self, url: impl Into<String>) -> Self {
        self.config.login_url = url.into();
        self
    }

    /// An origin, other than the host's own, that a handler may redirect to.
    #[must_use]
    pub fn location(mut self, origin: impl Into<String>) -> Self {
        self.locations.push(origin.into());
        self
    }

    /// The headers that say who the visitor is, beside `Cookie` and `Authorization`, in place of
    /// [`IDENTITY_HEADERS`](crate::IDENTITY_HEADERS). Views under a policy without cookies, and shared islands, do not see
    /// them. A `*` at a name's end stands for any ending.
    ///
    /// ```
    /// use eyot::http::{Head, ShellPolicy};
    ///
    /// # let keys = eyot::KeyRing::parse("p3Qm0Wv9yJ5sT1xL8bN4eR7uA2dF6gH0kC3iZ5oVqXM=")?;
    /// let islands = eyot::Islands::builder(keys).identity_headers(["X-Visitor", "X-Sso-*"]).build()?;
    /// let headers = [("x-sso-user", &b"ada"[..]), ("X-Forwarded-User", b"ada")];
    /// let visit = ShellPolicy::new(0, 600)?.incoming(&islands, &Head::new("GET", b"/").with_headers(&headers));
    /// assert_eq!(visit.expect("a GET").hidden_headers(), ["x-sso-user".into()]);
    /// # Ok::<(), eyot::Error>(())
    /// ```
    #[must_use]
    pub fn identity_headers(mut self, names: impl IntoIterator<Item = impl Into<String>>) -> Self {
        self.identity_headers = Some(names.into_iter().map(Into::into).collect());
        self
    }

    /// The length in bytes above which an island is asked for by POST; 2,000 by default.
    #[must_use]
    pub fn url_limit(mut self, bytes: usize) -> Self {
        self.config.url_limit = bytes;
        self
    }

    /// Whether split pages get the loader's tags; on by default.
    #[must_use]
    pub fn loader(mut self, on: bool) -> Self {
        self.config.loader = on;
        self
    }

    /// Whether the style sheet's tag is among the loader's tags; on by default. A site that turns it off says
    /// `server-island{display:contents}` in its own.
    #[must_use]
    pub fn stylesheet(mut self, on: bool) -> Self {
        self.config.stylesheet = on;
        self
    }

    /// Whether the loader and the style sheet stand in the page itself, instead of in files of their own; off by default.
    /// It saves a visitor's first page a round trip, and costs each page 3 kB. A `Content-Security-Policy` allows them by
    /// their [`policy_source`](crate::assets::Asset::policy_source).
    #[must_use]
    pub fn inline_loader(mut self, on: bool) -> Self {
        self.config.inline_loader = on;
        self
    }

    /// Whether faults are shown to the visitor, in place of a page, in a refusal's body, and in the browser's console, where
    /// the loader (its tag has `data-debug` then) says what is wrong with an island that fails or is slow. For development; off
    /// by default.
    #[must_use]
    pub fn debug(mut self, on: bool) -> Self {
        self.config.debug = on;
        self
    }

    /// Whether a page's head gets a `<link rel="preload">` for each island that is loaded at once, so that the browser
    /// asks for them before the loader runs; off by default. Pages split in chunks get none, their head is gone; nor do
    /// islands of another [`origin`](Self::origin), that are asked for by POST, or stand in a `template` or an error slot.
    #[must_use]
    pub fn preload(mut self, on: bool) -> Self {
        self.config.preload = on;
        self
    }

    /// How tokens are sealed that do not say; stable by default.
    #[must_use]
    pub fn seal(mut self, mode: SealMode) -> Self {
        self.config.seal = mode;
        self
    }

    /// Whether the page's path and language travel in tokens that do not say; off by default.
    #[must_use]
    pub fn page(mut self, on: bool) -> Self {
        self.config.page = on;
        self
    }

    /// The seconds that tokens stay valid that do not say; for ever by default.
    #[must_use]
    pub fn ttl(mut self, seconds: u32) -> Self {
        self.config.ttl = Some(seconds);
        self
    }

    /// The step in seconds that expiries are rounded up to, so that tokens stay the same inside it; the time to live by
    /// default.
    #[must_use]
    pub fn ttl_grid(mut self, seconds: u32) -> Self {
        self.config.ttl_grid = Some(seconds);
        self
    }

    /// The most islands on a page; 1,000 by default.
    #[must_use]
    pub fn max_islands(mut self, count: usize) -> Self {
        self.config.max_islands = count;
        self
    }

    /// The most bytes of one island in a page; 1 MiB by default.
    #[must_use]
    pub fn max_island_bytes(mut self, bytes: usize) -> Self {
        self.config.max_island_bytes = bytes;
        self
    }

    /// Checks everything.
    ///
    /// ```
    /// use eyot::{Islands, KeyRing};
    ///
    /// let keys = KeyRing::parse("p3Qm0Wv9yJ5sT1xL8bN4eR7uA2dF6gH0kC3iZ5oVqXM=")?;
    /// let islands = Islands::builder(keys.clone()).island("CartCount").elsewhere("Price").prefix("/fragments").build()?;
    /// assert_eq!(islands.prefix(), "/fragments");
    /// let twice = Islands::builder(keys).island("CartCount").island("CartCount").build();
    /// assert_eq!(twice.map(drop).unwrap_err().code(), "name-twice");
    /// # Ok::<(), eyot::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`Error::NameInvalid`], [`Error::NameTwice`], and [`Error::Option`] for options with unusable values.
    pub fn build(self) -> Result<Islands, Error> {
        let Self { keys, names, origin, allowed_origins, locations, identity_headers, mut config } = self;
        for (name, is_here) in names {
            config.declare(Declared { name: IslandName::new(&name)?, is_here })?;
        }
        if !origin.is_empty() {
            config.origin = Some(parsed("origin", &origin)?);
        }
        config.allowed_origins = all_parsed("allowed_origins", &allowed_origins)?;
        config.locations = all_parsed("locations", &locations)?;
        if let Some(names) = identity_headers {
            config.identity = Identity::new(names)?;
        }
        config.check()?;
        Ok(Islands::new(keys, config))
    }
}

fn parsed(option: &'static str, origin: &str) -> Result<Origin, Error> {
    Origin::parse(origin).map_err(|problem| Error::Option { option, reason: format!("{origin:?}: {problem}") })
}

fn all_parsed(option: &'static str, origins: &[String]) -> Result<Vec<Origin>, Error> {
    origins.iter().map(|origin| parsed(option, origin)).collect()
}
