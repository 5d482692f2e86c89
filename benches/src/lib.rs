//! What eyot's core is measured with: pages, candidates, and how they take turns. The criterion benchmarks and the report
//! share it, so that both measure the same work.
#![deny(unsafe_code)]

#[allow(unsafe_code, reason = "it calls what C calls")]
pub mod call;
pub mod candidate;
pub mod pages;
pub mod seal;
pub mod split;
