//! Shells: pages split whole, chunk by chunk, or once for many renderings.

/// A split page.
#[derive(Debug)]
pub struct Shell {}
/// Splits a page that arrives in chunks.
#[derive(Debug)]
pub struct Splitter {}
/// A page split once and rendered often.
#[derive(Debug)]
pub struct Prepared {}
