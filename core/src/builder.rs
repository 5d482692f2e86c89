//! Builds a configuration, and checks it.

use crate::config::{Config, Declared};
use crate::options::{Settings, Spelling};
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
    /// Names of the islands that this host answers, as they were given.
    names: Vec<String>,
    pub(crate) settings: Settings,
    /// How the host spells the options' names.
    pub(crate) spelling: Spelling,
    /// The options that were set by their names.
    pub(crate) given: Vec<&'static str>,
}

impl Islands {
    /// Starts a configuration.
    #[must_use]
    pub fn builder(keys: KeyRing) -> Builder {
        let (names, given) = (Vec::new(), Vec::new());
        Builder { keys, names, settings: Settings::default(), spelling: Spelling::default(), given }
    }
}

impl Builder {
    /// Declares an island that this host answers.
    #[must_use]
    pub fn island(mut self, name: impl Into<String>) -> Self {
        self.names.push(name.into());
        self
    }

    /// Checks everything.
    ///
    /// ```
    /// use eyot::{Islands, KeyRing};
    ///
    /// let keys = KeyRing::parse("p3Qm0Wv9yJ5sT1xL8bN4eR7uA2dF6gH0kC3iZ5oVqXM=")?;
    /// let islands = Islands::builder(keys.clone()).island("CartCount").elsewhere(["Price"]).prefix("/fragments").build()?;
    /// assert_eq!(islands.prefix(), "/fragments");
    /// let twice = Islands::builder(keys).island("CartCount").island("CartCount").build();
    /// assert_eq!(twice.map(drop).unwrap_err().code(), "name-twice");
    /// # Ok::<(), eyot::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`Error::NameInvalid`], [`Error::NameTwice`], and [`Error::Option`] for options with unusable values.
    pub fn build(self) -> Result<Islands, Error> {
        let Self { keys, names, settings, spelling, .. } = self;
        let wrong = |(option, reason)| Error::Option { option: spelling.shown(option).into(), reason };
        let mut config = Config::new(settings).map_err(wrong)?;
        let elsewhere = config.settings.elsewhere.clone();
        let declared =
            names.into_iter().map(|name| (name, true)).chain(elsewhere.into_iter().map(|name| (name, false)));
        for (name, is_here) in declared {
            config.declare(Declared { name: IslandName::new(&name)?, is_here })?;
        }
        Ok(Islands::new(keys, config))
    }
}
