//! A host's configuration: all that is fixed once the builder has checked it.

use std::collections::HashMap;

use crate::identity::Identity;
use crate::origin::{Origin, Scheme};
use crate::placeholder::SealMode;
use crate::{Error, IslandName, nearest};

/// All that is fixed once [`Builder::build`](crate::Builder::build) has checked it.
#[derive(Debug)]
pub(crate) struct Config {
    /// `/_server-islands` by default; starts with `/`, does not end with it.
    pub(crate) prefix: String,
    /// Another origin that answers the islands.
    pub(crate) origin: Option<Origin>,
    /// Origins of shells that this host answers islands for.
    pub(crate) allowed_origins: Vec<Origin>,
    /// Where a handler's 401 sends the visitor: a path from the root or an http(s) URL; empty for nowhere.
    pub(crate) login_url: String,
    /// Origins, other than this host and those above, that a handler may redirect to.
    pub(crate) locations: Vec<Origin>,
    /// Headers that say who the visitor is, beside cookies.
    pub(crate) identity: Identity,
    /// The declared islands.
    pub(crate) names: Vec<Declared>,
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
    /// Whether the loader puts failures into words.
    pub(crate) debug: bool,
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

/// An island that pages may hold.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Declared {
    pub(crate) name: IslandName,
    /// Whether this host answers it.
    pub(crate) is_here: bool,
}

impl Config {
    /// Whether links ask for islands before the loader runs. For another origin no link brings credentials as every
    /// browser's requests do.
    pub(crate) fn has_preloads(&self) -> bool {
        self.preload && self.origin.is_none()
    }

    /// The index of the declared name that is `name`, else of the only one that differs in case alone.
    pub(crate) fn find(&self, name: &[u8]) -> Option<usize> {
        let name = std::str::from_utf8(name).ok()?;
        let exact = self.exact.get(name).copied();
        exact.or_else(|| self.lower.get(name.to_ascii_lowercase().as_str()).copied().flatten())
    }

    /// The declared island whose name is exactly `name`.
    pub(crate) fn declared(&self, name: &str) -> Option<&Declared> {
        self.names.get(*self.exact.get(name)?)
    }

    /// The declared name that somebody may have meant who wrote `name`.
    pub(crate) fn nearest(&self, name: &[u8]) -> Option<IslandName> {
        let nearest = nearest(name, self.names.iter().map(|declared| declared.name.as_str()))?;
        self.declared(nearest).map(|declared| declared.name.clone())
    }

    /// Declares one more island.
    pub(crate) fn declare(&mut self, declared: Declared) -> Result<(), Error> {
        let index = self.names.len();
        if self.exact.insert(declared.name.as_str().into(), index).is_some() {
            return Err(Error::NameTwice(declared.name.to_string()));
        }
        let lower = declared.name.as_str().to_ascii_lowercase().into();
        self.lower.entry(lower).and_modify(|index| *index = None).or_insert(Some(index));
        self.names.push(declared);
        Ok(())
    }
}

impl Default for Config {
    fn default() -> Self {
        Self {
            prefix: "/_server-islands".to_owned(),
            origin: None,
            allowed_origins: Vec::new(),
            login_url: String::new(),
            locations: Vec::new(),
            identity: Identity::default(),
            names: Vec::new(),
            exact: HashMap::new(),
            lower: HashMap::new(),
            url_limit: 2_000,
            loader: true,
            stylesheet: true,
            inline_loader: false,
            debug: false,
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

impl Config {
    /// Checks the options that are not of a type that cannot be wrong.
    pub(crate) fn check(&self) -> Result<(), Error> {
        let wrong = |option, reason: &str| Error::Option { option, reason: reason.to_owned() };
        check_prefix(&self.prefix).map_err(|reason| wrong("prefix", reason))?;
        if !is_location(&self.login_url) {
            return Err(wrong("login_url", "use a path from the root such as \"/login\", or an http(s) URL"));
        }
        if self.ttl == Some(0) || self.ttl_grid == Some(0) {
            return Err(wrong("ttl", "use a number of seconds above 0"));
        }
        Ok(())
    }
}

fn check_prefix(prefix: &str) -> Result<(), &'static str> {
    let is_path = |byte: u8| byte.is_ascii_alphanumeric() || b"/-._~".contains(&byte);
    if prefix.len() < 2 || !prefix.starts_with('/') || prefix.ends_with('/') || !prefix.bytes().all(is_path) {
        return Err("use a path such as \"/_server-islands\": letters, digits, '-', '.', '_', '~' and '/'");
    }
    if prefix.contains("//") || prefix.split('/').any(|segment| segment == "." || segment == "..") {
        return Err("browsers rewrite a path with empty or dot segments: use one without");
    }
    Ok(())
}

/// Whether a text is empty, a path from the root that no browser reads as another origin, or an http(s) URL.
fn is_location(url: &str) -> bool {
    let is_path = url.starts_with('/') && !url.starts_with("//");
    let is_url = || {
        let (scheme, rest) = Scheme::split(url.as_bytes())?;
        let end = rest.iter().position(|b| b"/?#".contains(b)).unwrap_or(rest.len());
        Origin::of(scheme, &rest[..end]).ok()
    };
    let is_clean = url.bytes().all(|byte| byte.is_ascii_graphic() && byte != b'\\');
    is_clean && (url.is_empty() || is_path || is_url().is_some())
}
