//! The façade that every binding wraps: configuration and key ring.

use std::sync::{Arc, RwLock};

use crate::{Error, IslandName, KeyRing};

/// A host's configuration: its islands, its keys, where islands are asked for. Share one between threads.
#[derive(Debug)]
pub struct Islands {
    pub(crate) keys: RwLock<Arc<KeyRing>>,
    pub(crate) config: Config,
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
    /// The declared names; the flag tells whether they are answered here.
    pub(crate) names: Vec<(IslandName, bool)>,
    /// Where a handler's 401 sends the visitor: a path from the root or an http(s) URL; empty for nowhere.
    pub(crate) login_url: String,
    /// Origins, other than this host and those above, that a handler may redirect to.
    pub(crate) locations: Vec<String>,
    /// URL length above which a placeholder posts its token.
    pub(crate) url_limit: usize,
}

/// Builds an [`Islands`].
#[derive(Debug, Default)]
pub struct Builder {}

impl Islands {
    /// Starts a configuration.
    #[must_use]
    pub fn builder(_keys: KeyRing) -> Builder {
        todo!()
    }

    /// Replaces the keys, atomically while other threads use the object.
    pub fn set_keys(&self, keys: KeyRing) {
        *self.keys.write().unwrap_or_else(std::sync::PoisonError::into_inner) = Arc::new(keys);
    }

    /// The keys in force.
    #[must_use]
    pub fn keys(&self) -> Arc<KeyRing> {
        self.keys.read().unwrap_or_else(std::sync::PoisonError::into_inner).clone()
    }
}

impl Builder {
    /// Declares an island that this host answers.
    #[must_use]
    pub fn island(self, _name: &str) -> Self {
        todo!()
    }
    /// Declares an island that another host answers.
    #[must_use]
    pub fn elsewhere(self, _name: &str) -> Self {
        todo!()
    }
    /// Checks everything.
    ///
    /// # Errors
    /// Names that do not follow the grammar or are declared twice; options with unusable values.
    pub fn build(self) -> Result<Islands, Error> {
        todo!()
    }
}
