//! What a response says that it depends on.

use super::edits::Edit;
use super::fields::{Field, is_token, members};

/// `Vary` without the `Cookie` and `Authorization` that a session layer adds, although the app saw neither; `None` where
/// there is nothing to change.
pub(super) fn without_cookie(headers: &[Field<'_>]) -> Option<Edit> {
    members(headers, "vary").any(is_cookie).then(|| {
        let rest = names(headers, |name| !is_cookie(name));
        if rest.is_empty() { Edit::Remove("Vary".into()) } else { Edit::Set("Vary", rest.join(", ").into()) }
    })
}

/// Whether a name in `Vary` stands for what every visitor has differently.
pub(super) fn is_cookie(name: &[u8]) -> bool {
    name.eq_ignore_ascii_case(b"cookie") || name.eq_ignore_ascii_case(b"authorization")
}

/// Those names in `Vary` that are wanted, and safe in a list of names.
pub(super) fn names<'a>(headers: &'a [Field<'a>], is_wanted: impl Fn(&[u8]) -> bool) -> Vec<&'a str> {
    let wanted = members(headers, "vary").filter(|name| is_wanted(name));
    wanted.filter_map(|name| std::str::from_utf8(name).ok()).filter(|name| is_token(name)).collect()
}

/// Whether the response says that it depends on a header.
pub(super) fn says(headers: &[Field<'_>], name: &str) -> bool {
    members(headers, "vary").any(|member| member == b"*" || member.eq_ignore_ascii_case(name.as_bytes()))
}
