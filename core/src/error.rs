//! The crate's one error type: what went wrong, where, and what to do about it.

use std::borrow::Cow;
use std::fmt;

/// A place in a page.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Position {
    /// Line, from 1.
    pub line: u32,
    /// Column in UTF-8 characters, from 1.
    pub column: u32,
}

impl fmt::Display for Position {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "line {}, column {}", self.line, self.column)
    }
}

/// Everything that eyot refuses to do. The text says what happened and what to do; [`code`](Self::code) is stable.
///
/// No variant holds a key, a token or a prop's value, so an error can be logged as it is.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    // -- configuration ----------------------------------------------------------------------------------------------
    /// A name that does not follow the grammar.
    #[error(
        "{0:?} is not an island name: use a letter, then up to 63 of letters, digits, '_', '.' and '-', and do not start with \"loader.\" or \"island.\""
    )]
    NameInvalid(String),
    /// A name that is not in the configuration.
    #[error(
        "no island is declared under the name {name:?}: {}declare it, or register a handler for it",
        crate::nearest::hint(nearest.as_ref())
    )]
    NameUnknown {
        /// The name.
        name: String,
        /// A declared one that may have been meant.
        nearest: Option<crate::IslandName>,
    },
    /// The same name declared twice.
    #[error("the island {0:?} is declared twice: remove one of the two")]
    NameTwice(String),
    /// An option with an unusable value.
    #[error("{option}: {reason}")]
    Option {
        /// The option's name as the host wrote it.
        option: Cow<'static, str>,
        /// What is wrong with it and what would be right.
        reason: String,
    },

    // -- keys -------------------------------------------------------------------------------------------------------
    /// No key at all.
    #[error("no key: set EYOT_KEYS to 32 random bytes in base64, for example from `openssl rand -base64 32`")]
    KeyMissing,
    /// A key that is not standard base64.
    #[error("key {index} is not standard base64: make one with `openssl rand -base64 32`")]
    KeyEncoding {
        /// Which key of the list, from 1.
        index: usize,
    },
    /// A key of the wrong length.
    #[error("key {index} has {length} bytes instead of 32: make one with `openssl rand -base64 32`")]
    KeyLength {
        /// Which key of the list, from 1.
        index: usize,
        /// Its length in bytes.
        length: usize,
    },
    /// A key that anybody could guess.
    #[error("key {index} can be guessed ({why}): make one with `openssl rand -base64 32`")]
    KeyWeak {
        /// Which key of the list, from 1.
        index: usize,
        /// Why it can be guessed.
        why: &'static str,
    },
    /// A key that stands in the list already.
    #[error("key {index} stands in the list already: remove one of the two")]
    KeyTwice {
        /// Which key of the list, from 1.
        index: usize,
    },
    /// A framework secret too short or too well known to derive keys from.
    #[error(
        "the framework's secret cannot be used to derive keys ({why}): set EYOT_KEYS, or use a longer random secret"
    )]
    SecretWeak {
        /// What is wrong with it.
        why: &'static str,
    },

    // -- sealing ----------------------------------------------------------------------------------------------------
    /// A payload over the limit.
    #[error(
        "the props, slots and page of the island {name:?} come to {length} bytes, over the limit of {limit}: pass an id and load the rest in the handler"
    )]
    PayloadTooLarge {
        /// The island's name.
        name: String,
        /// Length in bytes.
        length: usize,
        /// The limit in bytes.
        limit: usize,
    },
    /// An expiry that does not fit.
    #[error("the expiry lies after the year 2106: use a shorter time to live")]
    ExpiryRange,
    /// The host's source of randomness failed.
    #[error("no randomness for an unlinkable token: {0}")]
    Entropy(String),

    // -- props ------------------------------------------------------------------------------------------------------
    /// Props that are not one JSON object.
    #[error("the props of the island {name:?} are not one JSON object: {reason}")]
    Props {
        /// The island's name.
        name: String,
        /// What is wrong, and where in the JSON text.
        reason: crate::props::PropsError,
    },

    // -- markup -----------------------------------------------------------------------------------------------------
    /// A page that cannot be split.
    #[error("{at}: {problem}")]
    Markup {
        /// What is wrong and what to do.
        problem: crate::html::Problem,
        /// Where.
        at: Position,
    },
    /// A splitter that was used after it had finished, or after an error.
    #[error("the splitter has finished: make a new one for the next page")]
    Finished,
}

impl Error {
    /// A stable, lower-case code such as `key-missing`, for logs, bindings and tests.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::NameInvalid(_) => "name-invalid",
            Self::NameUnknown { .. } => "name-unknown",
            Self::NameTwice(_) => "name-twice",
            Self::Option { .. } => "option",
            Self::KeyMissing => "key-missing",
            Self::KeyEncoding { .. } => "key-encoding",
            Self::KeyLength { .. } => "key-length",
            Self::KeyWeak { .. } => "key-weak",
            Self::KeyTwice { .. } => "key-twice",
            Self::SecretWeak { .. } => "secret-weak",
            Self::PayloadTooLarge { .. } => "payload-too-large",
            Self::ExpiryRange => "expiry-range",
            Self::Entropy(_) => "entropy",
            Self::Props { .. } => "props",
            Self::Markup { problem, .. } => problem.code(),
            Self::Finished => "finished",
        }
    }

    /// The place in the page, where the error has one.
    #[must_use]
    pub fn position(&self) -> Option<Position> {
        match self {
            Self::Markup { at, .. } => Some(*at),
            _ => None,
        }
    }
}
