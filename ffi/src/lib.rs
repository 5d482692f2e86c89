//! The C interface of eyot: everything that the core does, for anyone who can call C.
//!
//! The conventions are at the top of `include/eyot.h`, which is generated from this crate. Each file holds one C object
//! and its functions; a few own what all of them share, each using only those above it:
//!
//! | file | owns |
//! | --- | --- |
//! | `status.rs` | status numbers |
//! | `failure.rs` | why a call failed, and the error object |
//! | `bytes.rs` | bytes, texts and lists from C, checked before they are read |
//! | `options.rs` | structs of options, of any version's size |
//! | `boundary.rs` | where a call enters: panics caught, NULL refused, outputs written |
//!
//! Names are those of C, so that what a header, a linker or a stack trace shows can be searched for here.
//!
//! # Safety
//!
//! The signatures say what they can. `Option<&T>` and `Option<&mut T>` are objects that may be NULL, `Option<Box<T>>` is
//! one that the call takes over, and `Option<&mut MaybeUninit<T>>` is a place that the call may write to. Functions with
//! such parameters alone are safe. The others are `unsafe` because of raw pointers, and their callers promise that
//!
//! * a pointer with a length can be read for that length during the call, unless the length is 0. The same holds for
//!   what slices, pairs and option structs point to. Where a function borrows for longer, its documentation says so;
//! * a pointer to a struct of options is NULL, or can be read for the number of bytes in the struct's `size`. It is no
//!   reference, because the struct of an older caller is smaller than the type here.
//!
//! C makes all of these promises by calling. The header states them as its conventions.
#![allow(non_camel_case_types, reason = "the types are C's, and called as C calls them")]
#![allow(clippy::missing_safety_doc, reason = "the contract of all functions is the same, and stands above")]

mod assembly;
mod asset;
mod boundary;
mod buffer;
mod bytes;
mod context;
mod error;
mod event;
mod exchange;
mod failure;
mod head;
mod html;
mod islands;
mod keyring;
mod layout;
mod memory;
mod object;
mod opened;
mod options;
mod outcome;
mod page;
mod paths;
mod placeholder;
mod policy;
mod prepared;
mod props;
mod reply;
mod report;
mod response;
mod shell;
mod splitter;
mod status;
mod system;
mod token;
mod version;

pub use assembly::*;
pub use asset::*;
pub use buffer::*;
pub use bytes::*;
pub use context::*;
pub use error::*;
pub use event::*;
pub use exchange::*;
pub use failure::eyot_error;
pub use head::*;
pub use html::*;
pub use islands::*;
pub use keyring::*;
pub use memory::*;
pub use object::*;
pub use opened::*;
pub use outcome::*;
pub use page::*;
pub use paths::*;
pub use placeholder::*;
pub use policy::*;
pub use prepared::*;
pub use props::*;
pub use reply::*;
pub use report::*;
pub use response::*;
pub use shell::*;
pub use splitter::*;
pub use status::*;
pub use token::*;
pub use version::*;
