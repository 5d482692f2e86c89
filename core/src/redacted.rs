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

/// The names of headers, each with the length of its value.
pub(crate) struct Lengths<'a>(pub(crate) &'a [(&'a str, &'a [u8])]);

impl fmt::Debug for Lengths<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_map().entries(self.0.iter().map(|(name, value)| (name, Length::of(value)))).finish()
    }
}

impl fmt::Debug for Length {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} bytes", self.0)
    }
}
