//! eyot: server islands for every web server.
//!
//! A page that is the same for everybody but for an avatar and a cart count belongs on a CDN. eyot splits such a page
//! into a cacheable *shell* with *placeholders*, seals each island's props into a *token*, and opens the token again when
//! the browser asks for the island, so that the host's own handler renders it. The crate opens no socket, reads no file,
//! no clock and no environment: time and randomness enter as arguments ([`Context`]).
//!
//! | to | see |
//! | --- | --- |
//! | configure, and reach everything else | [`Islands`] |
//! | split a page | [`Islands::split`], [`Splitter`], [`Prepared`] |
//! | write one placeholder | [`Islands::placeholder`], [`Islands::attributes`] |
//! | answer an island request | [`Islands::route`], [`http::Pending::open`] |
//! | make a shell cacheable | [`http::ShellPolicy`] |
//! | keys and tokens alone | [`KeyRing`], [`Token`] |
//! | see what a browser makes of a shell | `audit::audit`, with the feature `audit` |
#![forbid(unsafe_code)]

pub mod assets;
#[cfg(feature = "audit")]
pub mod audit;
mod builder;
mod config;
mod context;
mod error;
pub mod html;
pub mod http;
mod identity;
mod islands;
mod mount;
mod name;
mod origin;
pub mod placeholder;
pub mod props;
mod redacted;
pub mod seal;
pub mod shell;

pub use builder::Builder;
pub use context::{Context, Entropy, EntropyError, Page};
pub use error::{Error, Position};
pub use identity::IDENTITY_HEADERS;
pub use islands::Islands;
pub use mount::{Mount, MountProblem};
pub use name::IslandName;
pub use origin::{Origin, OriginProblem};
pub use placeholder::{Options, Slots};
pub use props::Props;
pub use seal::{KeyRing, Sealing, Token};
pub use shell::{Diagnostic, Prepared, Shell, Splitter};
