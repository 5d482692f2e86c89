//! The key ring: the first key seals, all open.

use crate::Error;

/// Four bytes that tell which key sealed a token.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct KeyId(pub [u8; 4]);

/// One or more keys. The first seals, all open.
#[derive(Clone)]
pub struct KeyRing {
    keys: Box<[()]>,
}

impl std::fmt::Debug for KeyRing {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("KeyRing").field("keys", &self.keys.len()).finish()
    }
}

impl KeyRing {
    /// Reads the comma separated form of `EYOT_KEYS`.
    ///
    /// # Errors
    /// `Key…`
    pub fn parse(_text: &str) -> Result<Self, Error> {
        todo!()
    }
    /// Reads a key file: one key a line, `#` comments.
    ///
    /// # Errors
    /// `Key…`
    pub fn parse_file(_text: &str) -> Result<Self, Error> {
        todo!()
    }
    /// Derives a ring from a framework's own secrets, the current one first.
    ///
    /// # Errors
    /// [`Error::SecretWeak`]
    pub fn derive(_secrets: &[&[u8]]) -> Result<Self, Error> {
        todo!()
    }
    /// The ids, sealing key first.
    pub fn ids(&self) -> impl Iterator<Item = KeyId> + '_ {
        std::iter::empty()
    }
}
