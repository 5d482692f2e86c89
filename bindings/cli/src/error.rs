//! Why a command could not do its work: what, where, and what to do.

use std::fmt;
use std::path::Path;

/// An error for standard error; the process then ends with 2.
#[derive(Debug)]
pub(crate) struct Error(String);

impl Error {
    /// What is wrong with something named.
    pub(crate) fn new(what: &str, why: &dyn fmt::Display) -> Self {
        Self(format!("{what}: {why}"))
    }

    /// What is wrong with a file or directory.
    pub(crate) fn at(path: &Path, why: &dyn fmt::Display) -> Self {
        Self::new(&path.display().to_string(), why)
    }

    pub(crate) fn text(text: impl Into<String>) -> Self {
        Self(text.into())
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl From<eyot::Error> for Error {
    fn from(error: eyot::Error) -> Self {
        Self(error.to_string())
    }
}
