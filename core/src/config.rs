//! A host's configuration: all that is fixed once the builder has checked it.

use std::collections::HashMap;

use crate::identity::Identity;
use crate::options::Settings;
use crate::origin::{Origin, Scheme};
use crate::{Error, IslandName, nearest};

/// All that is fixed once [`Builder::build`](crate::Builder::build) has checked it.
#[derive(Debug)]
pub(crate) struct Config {
    /// The options; the prefix starts with `/` and does not end with it.
    pub(crate) settings: Settings,
    /// Another origin that answers the islands.
    pub(crate) origin: Option<Origin>,
    /// Origins of shells that this host answers islands for.
    pub(crate) allowed_origins: Vec<Origin>,
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
}

/// How deep elements may stand within an island.
pub(crate) const MAX_DEPTH: usize = 32;

/// An option, and what is wrong with its value.
pub(crate) type Wrong = (&'static str, String);

/// An island that pages may hold.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Declared {
    pub(crate) name: IslandName,
    /// Whether this host answers it.
    pub(crate) is_here: bool,
}

impl Config {
    /// Checks the options that are not of a type that cannot be wrong.
    pub(crate) fn new(settings: Settings) -> Result<Self, Wrong> {
        check_prefix(&settings.prefix).map_err(|reason| ("prefix", reason.to_owned()))?;
        if !is_location(&settings.login_url) {
            return Err(("login_url", "use a path from the root such as \"/login\", or an http(s) URL".to_owned()));
        }
        if settings.ttl == Some(0) || settings.ttl_grid == Some(0) {
            return Err(("ttl", "use a number of seconds above 0".to_owned()));
        }
        let origin = Some(&settings.origin).filter(|origin| !origin.is_empty());
        Ok(Self {
            origin: origin.map(|origin| parsed("origin", origin)).transpose()?,
            allowed_origins: all_parsed("allowed_origins", &settings.allowed_origins)?,
            locations: all_parsed("locations", &settings.locations)?,
            identity: Identity::new(&settings.identity_headers).map_err(|reason| ("identity_headers", reason))?,
            settings,
            names: Vec::new(),
            exact: HashMap::new(),
            lower: HashMap::new(),
        })
    }

    /// Whether links ask for islands before the loader runs. For another origin no link brings credentials as every
    /// browser's requests do.
    pub(crate) fn has_preloads(&self) -> bool {
        self.settings.preload && self.origin.is_none()
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

fn parsed(option: &'static str, origin: &str) -> Result<Origin, Wrong> {
    Origin::parse(origin).map_err(|problem| (option, format!("{origin:?}: {problem}")))
}

fn all_parsed(option: &'static str, origins: &[String]) -> Result<Vec<Origin>, Wrong> {
    origins.iter().map(|origin| parsed(option, origin)).collect()
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
