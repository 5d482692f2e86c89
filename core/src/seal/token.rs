//! Tokens, version 1.

use super::KeyRing;
use crate::{Error, IslandName};

/// How a token's nonce is made.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Sealing {
    /// From the content: the same content gives the same token.
    #[default]
    Stable,
    /// From 24 random bytes: no two tokens can be linked.
    Unlinkable([u8; 24]),
}

/// What a token holds; each part is the bytes that `token.md` names (props JSON, slots JSON or nothing, page JSON or nothing).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Payload<'a> {
    /// One UTF-8 JSON object.
    pub props: &'a [u8],
    /// A JSON object of strings, or nothing.
    pub slots: &'a [u8],
    /// The page's JSON object, or nothing.
    pub page: &'a [u8],
}

/// A token's text: canonical base64url within the limits, not yet opened.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Token<'a>(&'a [u8]);

/// An opened token; borrows the caller's buffer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Opened<'a> {
    /// What was sealed.
    pub payload: Payload<'a>,
    /// When it expires, in Unix seconds.
    pub expires: Option<u32>,
}

/// Why a token was not opened.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum OpenError {
    /// Damaged, forged or for another island: 400.
    #[error("bad token")]
    Bad,
    /// Sealed with a key that is not in the ring, or expired: 410.
    #[error("stale token")]
    Stale,
}

impl KeyRing {
    /// Appends to `out` the token's text.
    ///
    /// # Errors
    /// [`Error::PayloadTooLarge`]
    pub fn seal(
        &self,
        _name: &IslandName,
        _audience: &str,
        _payload: Payload<'_>,
        _sealing: Sealing,
        _expires: Option<u32>,
        _out: &mut Vec<u8>,
    ) -> Result<(), Error> {
        todo!()
    }

    /// Opens `token` into `buffer` (cleared first).
    ///
    /// # Errors
    /// [`OpenError`]; the buffer is then empty.
    pub fn open<'b>(
        &self,
        _name: &IslandName,
        _audience: &str,
        _token: &[u8],
        _now: u64,
        _buffer: &'b mut Vec<u8>,
    ) -> Result<Opened<'b>, OpenError> {
        todo!()
    }
}
