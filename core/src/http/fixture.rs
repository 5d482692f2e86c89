//! What the tests of this folder share: a request, and a look at edits.

use super::{Edit, Field, Head};

pub(super) fn get<'a>(path: &'a str, headers: &'a [Field<'a>]) -> Head<'a> {
    Head::new("GET", path.as_bytes()).with_headers(headers)
}

/// The value that edits set, or `None` where they set nothing.
pub(super) fn set<'a>(edits: &'a [Edit], name: &str) -> Option<&'a str> {
    edits.iter().find_map(|edit| match edit {
        Edit::Set(n, value) if n.eq_ignore_ascii_case(name) => Some(value.as_ref()),
        _ => None,
    })
}

/// Whether edits remove a header.
pub(super) fn removed(edits: &[Edit], name: &str) -> bool {
    edits.iter().any(|edit| matches!(edit, Edit::Remove(n) if n.eq_ignore_ascii_case(name)))
}
