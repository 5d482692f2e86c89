//! The name of an island: a type that cannot hold a wrong one.

use std::fmt;
use std::sync::Arc;

use crate::Error;

/// A valid island name: `[A-Za-z][A-Za-z0-9_.-]{0,63}`, not starting with `loader.` or `island.` (those are files' names
/// under the same prefix). Cheap to clone: all clones share the text.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct IslandName(Arc<str>);

impl IslandName {
    /// The longest name, in bytes.
    pub const MAX_LEN: usize = 64;

    /// Checks `name` against the grammar.
    ///
    /// ```
    /// use eyot::IslandName;
    ///
    /// assert_eq!(IslandName::new("CartRow")?.as_str(), "CartRow");
    /// assert_eq!(IslandName::new("Cart Row").unwrap_err().code(), "name-invalid");
    /// # Ok::<(), eyot::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`Error::NameInvalid`].
    pub fn new(name: &str) -> Result<Self, Error> {
        if Self::is_valid(name.as_bytes()) { Ok(Self(name.into())) } else { Err(Error::NameInvalid(name.to_owned())) }
    }

    /// Whether `name` follows the grammar.
    #[must_use]
    pub fn is_valid(name: &[u8]) -> bool {
        let Some((first, rest)) = name.split_first() else { return false };
        first.is_ascii_alphabetic()
            && rest.len() < Self::MAX_LEN
            && rest.iter().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'.' | b'-'))
            && !name.starts_with(b"loader.")
            && !name.starts_with(b"island.")
    }

    /// The name as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for IslandName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl AsRef<str> for IslandName {
    fn as_ref(&self) -> &str {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use super::IslandName;

    #[test]
    fn a_name_follows_the_grammar() {
        for good in ["A", "cart-row", "shop.Cart_2", &"a".repeat(64)] {
            assert!(IslandName::new(good).is_ok(), "{good}");
        }
        for bad in ["", "1a", "-a", "a b", "a/b", "a%41", "é", "a\0", "loader.v1", "island.x", &"a".repeat(65)] {
            assert!(IslandName::new(bad).is_err(), "{bad}");
        }
    }
}
