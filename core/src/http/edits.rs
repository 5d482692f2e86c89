//! Changes to a response's headers.

use std::borrow::Cow;

use super::fields::{Field, has};

/// One change to the headers of the host's response.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Edit {
    /// Takes the place of every header of this name.
    Set(&'static str, Cow<'static, str>),
    /// Removes every header of this name.
    Remove(Cow<'static, str>),
}

/// The headers after `edits`, for hosts that write a new list: those that no edit names in their order, then those that
/// are set.
///
/// ```
/// use eyot::http::{Edit, edited};
///
/// let headers = [("content-type", &b"text/html"[..]), ("etag", b"\"page\""), ("cache-control", b"public")];
/// let edits = [Edit::Remove("ETag".into()), Edit::Set("Cache-Control", "no-store".into())];
/// assert_eq!(edited(&headers, &edits), [("content-type", &b"text/html"[..]), ("Cache-Control", b"no-store")]);
/// ```
#[must_use]
pub fn edited<'a>(headers: &[Field<'a>], edits: &'a [Edit]) -> Vec<Field<'a>> {
    let kept = headers.iter().filter(|(name, _)| !is_edited(name, edits)).copied();
    let set = edits.iter().enumerate().filter_map(|(index, edit)| match edit {
        // The last edit of a name counts.
        Edit::Set(name, value) if !is_edited(name, &edits[index + 1..]) => Some((*name, value.as_bytes())),
        _ => None,
    });
    kept.chain(set).collect()
}

/// Whether one of `edits` names this header.
fn is_edited(name: &str, edits: &[Edit]) -> bool {
    edits.iter().any(|edit| match edit {
        Edit::Set(edited, _) => edited.eq_ignore_ascii_case(name),
        Edit::Remove(edited) => edited.eq_ignore_ascii_case(name),
    })
}

/// Removes those of `names` that are there.
pub(super) fn remove(headers: &[Field<'_>], names: impl IntoIterator<Item = &'static str>, edits: &mut Vec<Edit>) {
    edits.extend(names.into_iter().filter(|name| has(headers, name)).map(|name| Edit::Remove(name.into())));
}

/// Sets a header where there is none.
pub(super) fn set_unless_there(headers: &[Field<'_>], name: &'static str, value: &'static str, edits: &mut Vec<Edit>) {
    if !has(headers, name) {
        edits.push(Edit::Set(name, value.into()));
    }
}
