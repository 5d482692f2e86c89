//! Reading HTML: where tags stand, what their attributes say, which of them are islands. Knows nothing of sealing.

pub(crate) mod attributes;
pub(crate) mod decode;
pub(crate) mod directive;
mod entities;
pub(crate) mod find;
#[cfg(all(test, feature = "suites"))]
mod html5lib_tests;
pub(crate) mod names;
mod problem;
#[cfg(target_arch = "x86_64")]
mod proof;
#[cfg(not(target_arch = "x86_64"))]
#[path = "no_proof.rs"]
mod proof;
pub(crate) mod scanner;
mod skim;
pub(crate) mod tag;
pub(crate) mod tree;
pub(crate) mod wide;

pub use problem::Problem;

/// Whether a page may hold a directive, by one substring search: one that may not is its own shell. For hosts to whom it is
/// dear to find out what a split takes.
#[must_use]
pub fn may_hold_directive(page: &[u8]) -> bool {
    directive::find(page, 0).is_some()
}

/// Whether a byte is white space to the tokenizer; the vertical tab is not.
pub(crate) const fn is_space(byte: u8) -> bool {
    matches!(byte, b' ' | b'\n' | b'\t' | b'\r' | b'\x0c')
}
