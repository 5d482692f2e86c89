//! The C interface of eyot: everything that the core does, for anyone who can call C.
//!
//! The conventions stand at the top of `include/eyot.h`, which is generated from this crate. Each file holds one C object
//! and its functions; three small ones own all pointer work:
//!
//! | file | owns |
//! | --- | --- |
//! | `boundary.rs` | where a call enters: panics caught, pointers checked, outputs written |
//! | `bytes.rs` | slices, buffers, pairs, and options structs of any size |
//! | `status.rs` | status numbers and error objects |
//!
//! Names are those of C, so that what a header, a linker or a stack trace shows can be searched for here.
#![allow(non_camel_case_types, reason = "the types are C's, and called as C calls them")]

mod asset;
mod boundary;
mod bytes;
mod context;
mod findings;
mod html;
mod island;
mod islands;
mod keyring;
mod object;
mod outcome;
mod policy;
mod prepared;
mod props;
mod reply;
mod request;
mod shell;
mod splitter;
mod status;
mod version;

pub use asset::*;
pub use bytes::*;
pub use context::*;
pub use findings::*;
pub use html::*;
pub use island::*;
pub use islands::*;
pub use keyring::*;
pub use object::*;
pub use outcome::*;
pub use policy::*;
pub use prepared::*;
pub use props::*;
pub use reply::*;
pub use request::*;
pub use shell::*;
pub use splitter::*;
pub use status::*;
pub use version::*;
