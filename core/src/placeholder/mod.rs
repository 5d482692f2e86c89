//! What stands in the shell where an island will be.

pub(crate) mod escape;
pub(crate) mod fetch;
mod native_events;
pub(crate) mod options;
mod parts;
mod slots;

pub use options::{Delivery, OptionError, Options, Redirect, Refresh, SealMode, When};
pub use parts::Placeholder;
pub use slots::Slots;
pub(crate) use slots::SlotsJson;
