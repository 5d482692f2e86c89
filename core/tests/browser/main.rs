//! What a browser sees of a page against what the split makes of it: html5ever as the oracle, over html5lib's tests of
//! tree construction and over generated pages.
//!
//! For each directive: an element to the browser is an island, or the page has a problem; text is left alone; and what
//! the browser drops is not in the shell without a word. With the features `audit` and `suites`.
#![cfg(all(feature = "audit", feature = "suites"))]

mod check;
mod dom;
mod hostile;
mod skeleton;
mod suite;
#[path = "../support/mod.rs"]
mod support;
