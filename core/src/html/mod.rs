//! Reading HTML: where tags stand, what their attributes say, which of them are islands. Knows nothing of sealing.

pub(crate) mod attributes;
pub(crate) mod decode;
pub(crate) mod directive;
mod entities;
mod find;
mod foreign;
pub(crate) mod names;
mod problem;
pub(crate) mod scanner;

pub use problem::Problem;
