//! Reading HTML: where tags stand, what their attributes say, which of them are islands. Knows nothing of sealing.

/// Why a page cannot be split.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Problem {}

impl Problem {
    /// A stable code.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match *self {}
    }
}
