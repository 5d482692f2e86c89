//! Keys and tokens. Knows nothing of HTML.

mod keyring;
mod token;

pub use keyring::{KeyId, KeyRing};
pub use token::{OpenError, Opened, Payload, Sealing, Token};
