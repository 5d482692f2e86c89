//! The façade that every binding wraps: configuration and key ring, and the placeholders that helpers write.

use std::collections::HashMap;
use std::sync::{Arc, PoisonError, RwLock};

use crate::placeholder::fetch::{self, Island, Scene};
use crate::placeholder::{Options, SealMode, Slots};
use crate::props::Props;
use crate::{Context, Error, IslandName, KeyRing};

/// A host's configuration: its islands, its keys, where islands are asked for. Clones share all of it, between threads
/// too.
#[derive(Debug, Clone)]
pub struct Islands {
    keys: Arc<RwLock<Arc<KeyRing>>>,
    pub(crate) config: Arc<Config>,
}

/// All that is fixed once [`Builder::build`] has checked it.
#[derive(Debug)]
pub(crate) struct Config {
    /// `/_server-islands` by default; starts with `/`, does not end with it.
    pub(crate) prefix: String,
    /// Another origin that answers the islands (`https://islands.example`), or empty.
    pub(crate) origin: String,
    /// Origins of shells that this host answers islands for.
    pub(crate) allowed_origins: Vec<String>,
    /// Where a handler's 401 sends the visitor: a path from the root or an http(s) URL; empty for nowhere.
    pub(crate) login_url: String,
    /// Origins, other than this host and those above, that a handler may redirect to.
    pub(crate) locations: Vec<String>,
    /// The declared names; the flag tells whether they are answered here.
    pub(crate) names: Vec<(IslandName, bool)>,
    /// Index in `names` by the exact name.
    exact: HashMap<Box<str>, usize>,
    /// Index in `names` by the lower-case name; `None` where two names differ in case alone.
    lower: HashMap<Box<str>, Option<usize>>,
    /// URL length above which a placeholder posts its token.
    pub(crate) url_limit: usize,
    /// Whether split pages get the loader's tags.
    pub(crate) loader: bool,
    /// Whether the style sheet's tag is among them.
    pub(crate) stylesheet: bool,
    /// Whether both stand in the page itself.
    pub(crate) inline_loader: bool,
    /// See [`has_preloads`](Self::has_preloads).
    pub(crate) preload: bool,
    /// What islands do that do not say.
    pub(crate) seal: SealMode,
    pub(crate) page: bool,
    pub(crate) ttl: Option<u32>,
    /// The step that expiries are rounded up to; the time to live itself when not set.
    pub(crate) ttl_grid: Option<u32>,
    pub(crate) max_islands: usize,
    pub(crate) max_island_bytes: usize,
    pub(crate) max_depth: usize,
}

impl Config {
    /// Whether links ask for islands before the loader runs. For another origin no link brings credentials as every
    /// browser's requests do.
    pub(crate) fn has_preloads(&self) -> bool {
        self.preload && self.origin.is_empty()
    }

    /// The index of the declared name that is `name`, else of the only one that differs in case alone.
    pub(crate) fn find(&self, name: &[u8]) -> Option<usize> {
        let name = std::str::from_utf8(name).ok()?;
        let exact = self.exact.get(name).copied();
        exact.or_else(|| self.lower.get(name.to_ascii_lowercase().as_str()).copied().flatten())
    }

    /// The declared name that is exactly `name`, and whether it is answered here.
    pub(crate) fn declared(&self, name: &str) -> Option<&(IslandName, bool)> {
        self.names.get(*self.exact.get(name)?)
    }
}

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
    names: Vec<(String, bool)>,
    config: Config,
}

impl Islands {
    /// Starts a configuration.
    #[must_use]
    pub fn builder(keys: KeyRing) -> Builder {
        Builder { keys, names: Vec::new(), config: Config::default() }
    }

    /// Replaces the keys for this object and all its clones, atomically while other threads use them.
    pub fn set_keys(&self, keys: KeyRing) {
        *self.keys.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(keys);
    }

    /// The keys in force.
    #[must_use]
    pub fn keys(&self) -> Arc<KeyRing> {
        self.keys.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// The prefix below which islands are asked for.
    #[must_use]
    pub fn prefix(&self) -> &str {
        &self.config.prefix
    }

    /// Whether split pages get the loader's tags; a site without has a loader of its own.
    #[must_use]
    pub fn writes_loader(&self) -> bool {
        self.config.loader
    }

    /// Appends a placeholder: what [`split`](Self::split) makes of the same island in a page.
    ///
    /// # Errors
    /// [`Error::NameUnknown`] and what sealing refuses; `out` is then as it was.
    pub fn placeholder(
        &self,
        name: &str,
        props: Props<'_>,
        slots: &Slots<'_>,
        options: &Options<'_>,
        context: &Context<'_>,
        out: &mut Vec<u8>,
    ) -> Result<(), Error> {
        let start = out.len();
        out.push(b'<');
        out.extend_from_slice(fetch::ELEMENT.as_bytes());
        let written = self.with_island(name, props, slots, options, context, |scene, island| {
            fetch::append_attributes(scene, &Island { is_element: false, ..*island }, out).map(drop)
        });
        if let Err(error) = written {
            out.truncate(start);
            return Err(error);
        }
        out.push(b'>');
        fetch::append_content(slots.fallback, slots.error, out);
        out.extend_from_slice(b"</");
        out.extend_from_slice(fetch::ELEMENT.as_bytes());
        out.push(b'>');
        Ok(())
    }

    /// Appends a placeholder's attributes, for an element that a template writes itself. They begin with a space.
    ///
    /// # Errors
    /// As [`placeholder`](Self::placeholder).
    pub fn attributes(
        &self,
        name: &str,
        props: Props<'_>,
        options: &Options<'_>,
        context: &Context<'_>,
        out: &mut Vec<u8>,
    ) -> Result<(), Error> {
        let start = out.len();
        let written = self.with_island(name, props, &Slots::default(), options, context, |scene, island| {
            fetch::append_attributes(scene, island, out).map(drop)
        });
        if written.is_err() {
            out.truncate(start);
        }
        written
    }

    /// Appends an island's URL, for libraries that fetch fragments by themselves.
    ///
    /// # Errors
    /// As [`placeholder`](Self::placeholder), and [`Error::Option`] where the URL would be over the limit.
    pub fn url(
        &self,
        name: &str,
        props: Props<'_>,
        options: &Options<'_>,
        context: &Context<'_>,
        out: &mut Vec<u8>,
    ) -> Result<(), Error> {
        let start = out.len();
        let written = self.with_island(name, props, &Slots::default(), options, context, |scene, island| {
            fetch::append_url(scene, island, out)
        });
        if written.is_err() {
            out.truncate(start);
        }
        written
    }

    /// Appends the tags that load the loader and the style sheet, for pages that are not split.
    pub fn loader_tags(&self, context: &Context<'_>, out: &mut Vec<u8>) {
        let keys = self.keys();
        fetch::append_tags(Scene { config: &self.config, keys: &keys, context }, &[], out);
    }

    /// Makes an island of its parts and hands it to `write`.
    fn with_island(
        &self,
        name: &str,
        props: Props<'_>,
        slots: &Slots<'_>,
        options: &Options<'_>,
        context: &Context<'_>,
        write: impl FnOnce(Scene<'_>, &Island<'_>) -> Result<(), Error>,
    ) -> Result<(), Error> {
        let (name, _) = self.config.declared(name).ok_or_else(|| Error::NameUnknown(name.to_owned()))?;
        let life = context.shell_life;
        if let (Some(ttl), Some(life)) = (options.ttl.or(self.config.ttl), life)
            && ttl < life
        {
            let reason = format!("{ttl} seconds are fewer than the {life} that caches may keep this shell for");
            return Err(Error::Option { option: "ttl", reason });
        }
        let keys = self.keys();
        let mut json = Vec::new();
        slots.append_json(&mut json)?;
        let scene = Scene { config: &self.config, keys: &keys, context };
        write(scene, &Island { name, props: props.as_bytes(), slots: &json, options: *options, is_element: true })
    }
}

impl Default for Config {
    fn default() -> Self {
        Self {
            prefix: "/_server-islands".to_owned(),
            origin: String::new(),
            allowed_origins: Vec::new(),
            login_url: String::new(),
            locations: Vec::new(),
            names: Vec::new(),
            exact: HashMap::new(),
            lower: HashMap::new(),
            url_limit: 2_000,
            loader: true,
            stylesheet: true,
            inline_loader: false,
            preload: false,
            seal: SealMode::Stable,
            page: false,
            ttl: None,
            ttl_grid: None,
            max_islands: 1_000,
            max_island_bytes: 1 << 20,
            max_depth: 32,
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
        self.config.origin = origin.into();
        self
    }

    /// An origin whose shells this host answers islands for.
    #[must_use]
    pub fn allowed_origin(mut self, origin: impl Into<String>) -> Self {
        self.config.allowed_origins.push(origin.into());
        self
    }

    /// Where a handler's 401 sends the visitor: a path from the root, or an http(s) URL.
    #[must_use]
    pub fn login_url(mut self, url: impl Into<String>) -> Self {
        self.config.login_url = url.into();
        self
    }

    /// An origin, other than the host's own, that a handler may redirect to.
    #[must_use]
    pub fn location(mut self, origin: impl Into<String>) -> Self {
        self.config.locations.push(origin.into());
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
    /// # Errors
    /// [`Error::NameInvalid`], [`Error::NameTwice`], and [`Error::Option`] for options with unusable values.
    pub fn build(self) -> Result<Islands, Error> {
        let Self { keys, names, mut config } = self;
        for (name, is_here) in names {
            let name = IslandName::new(&name)?;
            let index = config.names.len();
            if config.exact.insert(name.as_str().into(), index).is_some() {
                return Err(Error::NameTwice(name.to_string()));
            }
            let lower = name.as_str().to_ascii_lowercase().into();
            config.lower.entry(lower).and_modify(|index| *index = None).or_insert(Some(index));
            config.names.push((name, is_here));
        }
        check(&mut config)?;
        Ok(Islands { keys: Arc::new(RwLock::new(Arc::new(keys))), config: Arc::new(config) })
    }
}

fn check(config: &mut Config) -> Result<(), Error> {
    let wrong = |option, reason: &str| Err(Error::Option { option, reason: reason.to_owned() });
    let is_path = |byte: u8| byte.is_ascii_alphanumeric() || b"/-._~".contains(&byte);
    let prefix = &config.prefix;
    if prefix.len() < 2 || !prefix.starts_with('/') || prefix.ends_with('/') || !prefix.bytes().all(is_path) {
        return wrong("prefix", "use a path such as \"/_server-islands\": letters, digits, '-', '.', '_', '~' and '/'");
    }
    if prefix.contains("//") || prefix.split('/').any(|segment| segment == "." || segment == "..") {
        return wrong("prefix", "browsers rewrite a path with empty or dot segments: use one without");
    }
    for (option, origins) in [
        ("origin", std::slice::from_ref(&config.origin)),
        ("allowed_origins", config.allowed_origins.as_slice()),
        ("locations", config.locations.as_slice()),
    ] {
        let is_unset = |origin: &str| option == "origin" && origin.is_empty();
        if !origins.iter().all(|origin| is_unset(origin) || is_origin(origin)) {
            return wrong(option, "an origin is scheme, host and port alone, such as \"https://islands.example\"");
        }
    }
    let is_clean = |byte: u8| byte.is_ascii_graphic();
    let login = config.login_url.as_str();
    let is_location = login.is_empty()
        || (login.starts_with('/') && !login.starts_with("//"))
        || login.starts_with("https://")
        || login.starts_with("http://");
    if !is_location || !login.bytes().all(is_clean) {
        return wrong("login_url", "use a path from the root such as \"/login\", or an http(s) URL");
    }
    if config.ttl == Some(0) || config.ttl_grid == Some(0) {
        return wrong("ttl", "use a number of seconds above 0");
    }
    Ok(())
}

/// Whether a text is an http(s) origin as browsers write it.
fn is_origin(origin: &str) -> bool {
    let host = origin.strip_prefix("https://").or_else(|| origin.strip_prefix("http://"));
    host.is_some_and(|host| {
        !host.is_empty() && host.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-.:[]_".contains(&byte))
    })
}
