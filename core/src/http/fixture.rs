//! What the tests of this folder share: a host with three islands, and requests to it.

use super::{Field, Head};
use crate::seal::Payload;
use crate::{Builder, IslandName, Islands, KeyRing, Sealing};

/// 2026-01-01, in Unix seconds.
pub(super) const NOW: u64 = 1_767_225_600;

pub(super) fn ring() -> KeyRing {
    KeyRing::parse("q83vEjRWeJCrze8SNFZ4kKvN7xI0VniQq83vEjRWeJA=").expect("a key of 32 bytes")
}

/// A host that answers `Avatar` and `CartRow`, and knows `Price`, which another host answers.
pub(super) fn islands() -> Islands {
    with(|builder| builder)
}

/// The same with changes to its configuration.
pub(super) fn with(change: impl FnOnce(Builder) -> Builder) -> Islands {
    let builder = Islands::builder(ring()).island("Avatar").island("CartRow").elsewhere("Price");
    change(builder).build().expect("a valid configuration")
}

/// The same, answering shells of `https://shop.example` too.
pub(super) fn crossing() -> Islands {
    with(|builder| builder.allowed_origin("https://shop.example"))
}

pub(super) fn token(name: &str, expires: Option<u32>) -> String {
    let payload = Payload { props: b"{\"size\":40}", slots: b"", page: br#"{"path":"/p/1","lang":"de"}"# };
    let name = IslandName::new(name).expect("a valid name");
    let mut out = Vec::new();
    ring().seal(&name, "", payload, Sealing::Stable, expires, &mut out).expect("a small payload");
    String::from_utf8(out).expect("ASCII")
}

pub(super) fn get<'a>(path: &'a str, headers: &'a [Field<'a>]) -> Head<'a> {
    Head { path: path.as_bytes(), query: b"", ..Head::new("GET", b"") }.with_headers(headers)
}

pub(super) fn post<'a>(path: &'a str, headers: &'a [Field<'a>]) -> Head<'a> {
    Head { method: "POST", ..get(path, headers) }
}

/// The value that edits set, or `None` where they set nothing.
pub(super) fn set<'a>(edits: &'a [super::Edit], name: &str) -> Option<&'a str> {
    edits.iter().find_map(|edit| match edit {
        super::Edit::Set(n, value) if n.eq_ignore_ascii_case(name) => Some(value.as_ref()),
        _ => None,
    })
}

/// Whether edits remove a header.
pub(super) fn removed(edits: &[super::Edit], name: &str) -> bool {
    edits.iter().any(|edit| matches!(edit, super::Edit::Remove(n) if n.eq_ignore_ascii_case(name)))
}
