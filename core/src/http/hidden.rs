//! What of a request an app does not see, so that its answer cannot be one visitor's.

use super::head::Head;
use crate::config::Config;

/// What says who the visitor is on every host.
const CREDENTIALS: [&str; 2] = ["Cookie", "Authorization"];

/// What would make an answer other than the whole page that caches are to keep.
const CONDITIONS: [&str; 7] =
    ["If-None-Match", "If-Modified-Since", "If-Match", "If-Unmodified-Since", "If-Range", "Range", "Accept-Encoding"];

/// The headers of a request that say who the visitor is, by the names that they came with.
pub(super) fn visitor(config: &Config, head: &Head<'_>) -> Vec<Box<str>> {
    present(head, |name| is_any(&CREDENTIALS, name) || config.identity.holds(name))
}

/// The headers of a request that ask for less than the whole page.
pub(super) fn conditions(head: &Head<'_>) -> Vec<Box<str>> {
    present(head, |name| is_any(&CONDITIONS, name))
}

fn is_any(names: &[&str], name: &str) -> bool {
    names.iter().any(|known| known.eq_ignore_ascii_case(name))
}

fn present(head: &Head<'_>, is_hidden: impl Fn(&str) -> bool) -> Vec<Box<str>> {
    let mut names: Vec<Box<str>> = Vec::new();
    for (name, _) in head.headers.iter().filter(|(name, _)| is_hidden(name)) {
        if !names.iter().any(|known| known.eq_ignore_ascii_case(name)) {
            names.push((*name).into());
        }
    }
    names
}
