//! What `Debug` shows of contents: how long they are. Tokens, props, slots and pages hold what is one visitor's, and
//! debug texts end up in logs.

use std::fmt;

/// The length of bytes that are not shown.
pub(crate) struct Length(pub(crate) usize);

impl Length {
    pub(crate) fn of(bytes: impl AsRef<[u8]>) -> Self {
        Self(bytes.as_ref().len())
    }
}

impl fmt::Debug for Length {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} bytes", self.0)
    }
}
