//! The Node binding's native part: free functions over handles, which `lib/` gives the shape of a JavaScript library.
//!
//! A call crosses once, whatever it carries: headers, options and contexts are one string each, a shell is one buffer of
//! exactly its length. What is decided is decided in core.
// Node-API is C: values come as pointers. `value.rs` owns all of it, and says at each place why it holds.
#![deny(unsafe_code)]
// Node calls these functions; a build as a test leaves out what registers them.
#![cfg_attr(test, allow(dead_code, reason = "nothing is registered in a test build"))]
#![allow(clippy::too_many_arguments, reason = "an object of options would cost more than most calls do")]

mod assembly;
mod audit;
mod context;
mod errors;
mod exchange;
mod headers;
mod islands;
mod keys;
mod paths;
mod policy;
mod prepared;
mod splitter;
mod value;
mod way;
