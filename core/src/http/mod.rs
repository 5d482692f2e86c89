//! The two stations: requests for islands, their responses, the shell policy. Reads no socket: the host describes a
//! request or a response, eyot says what to answer or to change.
//!
//! | the host has | it calls | and gets |
//! | --- | --- | --- |
//! | a request's head | [`Islands::route`](crate::Islands::route) | a file, a preflight, a refusal, or a [`Pending`] island |
//! | the token (a body, with `POST`) | [`Pending::open`] | the [`OpenedIsland`] for its handler, or a refusal |
//! | the handler's response | [`Pending::finish`] | an [`Outcome`], or a refusal |
//! | a response's status and headers | [`PageKind::of`] | whether it is a page to split; then [`Outcome::split`] |
//! | a text that is not split | [`Unsplit::of`] | whether a directive goes out in it |
//! | a page with problems | [`Outcome::uncached`] | what to change in its headers |
//! | a request on a route with a policy | [`ShellPolicy::incoming`] | a [`Visit`]: what to hide from the app |
//! | the app's response to it | [`Visit::finish`] | an [`Outcome`]: a shell, a 304, leaks, or nothing to do |
//!
//! No header value that eyot makes holds CR, LF or NUL: each is a literal, a number, a checked name, an origin from the
//! configuration, or text that was percent-encoded.

mod asker;
mod caching;
mod edits;
mod encoding;
mod etag;
pub(crate) mod fields;
#[cfg(test)]
mod fixture;
mod fragment;
mod guard;
mod head;
mod hidden;
mod island;
mod location;
mod outcome;
mod page;
mod policy;
mod refusal;
mod reply;
mod request;
mod response;
mod vary;

pub use edits::{Edit, edited};
pub use fields::Field;
pub(crate) use fields::{is_html, may_be_html, values};
pub use guard::Leak;
pub use head::{Head, split_target};
pub(crate) use location::escaped;
pub use outcome::Outcome;
pub use page::{PageKind, Unsplit};
pub use policy::{ShellPolicy, Visit};
pub use refusal::{Reason, Refusal};
pub use reply::Reply;
pub use request::{OpenedIsland, Pending, Route, TOKEN_LIMIT, TOKEN_MEDIA_TYPE};
pub use response::Response;
