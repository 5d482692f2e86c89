//! Keys and tokens. Knows nothing of HTML.

mod expiry;
mod keyring;
mod token;
mod xaes;

pub use expiry::expiry;
pub use keyring::{KeyId, KeyRing};
pub use token::{BadToken, OpenError, Opened, Payload, Sealing, StaleToken, Token};
