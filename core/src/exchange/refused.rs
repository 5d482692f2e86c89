//! Refusals: what the client gets, and the line for the log.

use super::event::{Event, Level};
use crate::http::{Reason, Refusal, Reply};

/// The answer of a refusal, and its event. `detail` is more precise than the reason's own words. While debugging the client
/// reads it too.
pub(super) fn answer(refusal: Refusal, detail: Option<String>, path: &str, is_debug: bool) -> (Reply, Event) {
    let Refusal { mut reply, reason, island } = refusal;
    let message = detail.unwrap_or_else(|| reason.to_string());
    let level = match reply.status {
        500.. => Level::Error,
        // The stations, or the routes, are in a wrong order.
        _ if reason == Reason::Unanswered => Level::Error,
        // What clients send is their business, but for whoever is building the site.
        _ if is_debug => Level::Warning,
        _ => Level::Info,
    };
    if is_debug {
        reply.explain(&format!("{message} ({})\n", reason.code()));
    }
    let event = Event { island, status: Some(reply.status), ..Event::new(level, reason.code(), path, message) };
    (reply, event)
}
