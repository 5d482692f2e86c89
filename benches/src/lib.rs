//! What eyot's core is measured with: pages, candidates, and how they take turns. The criterion benchmarks and the report
//! share it, so that both measure the same work.
#![forbid(unsafe_code)]

pub mod candidate;
pub mod pages;
pub mod seal;
pub mod split;
