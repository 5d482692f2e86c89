//! What the tests share: a host with three islands, requests to it, and a look at edits.

use eyot::http::{Edit, Field, Head};
use eyot::seal::Payload;
use eyot::{Builder, IslandName, Islands, KeyRing, Sealing};

/// 2026-01-01, in Unix seconds.
pub(crate) const NOW: u64 = 1_767_225_600;

pub(crate) fn ring() -> KeyRing {
    KeyRing::parse("q83vEjRWeJCrze8SNFZ4kKvN7xI0VniQq83vEjRWeJA=").expect("a key of 32 bytes")
}

/// A host that answers `Avatar` and `CartRow`, and knows `Price`, which another host answers.
pub(crate) fn islands() -> Islands {
    with(|builder| builder)
}

/// The same with changes to its configuration.
pub(crate) fn with(change: impl FnOnce(Builder) -> Builder) -> Islands {
    let builder = Islands::builder(ring()).island("Avatar").island("CartRow").elsewhere(["Price"]);
    change(builder).build().expect("a valid configuration")
}

/// The same, answering shells of `https://shop.example` too.
pub(crate) fn crossing() -> Islands {
    with(|builder| builder.allowed_origins(["https://shop.example"]))
}

pub(crate) fn token(name: &str, expires: Option<u32>) -> String {
    let payload = Payload { props: b"{\"size\":40}", slots: b"", page: br#"{"path":"/p/1","lang":"de"}"# };
    let name = IslandName::new(name).expect("a valid name");
    let mut out = Vec::new();
    ring().seal(&name, "", payload, Sealing::Stable, expires, &mut out).expect("a small payload");
    String::from_utf8(out).expect("ASCII")
}

/// A `GET` of a raw path, question marks included.
pub(crate) fn get<'a>(path: &'a str, headers: &'a [Field<'a>]) -> Head<'a> {
    let mut head = Head::new("GET", b"").with_headers(headers);
    head.path = path.as_bytes();
    head
}

pub(crate) fn post<'a>(path: &'a str, headers: &'a [Field<'a>]) -> Head<'a> {
    by("POST", get(path, headers))
}

/// The same request by another method.
pub(crate) fn by<'a>(method: &'a str, mut head: Head<'a>) -> Head<'a> {
    head.method = method;
    head
}

/// The same request with a query.
pub(crate) fn asking<'a>(query: &'a [u8], mut head: Head<'a>) -> Head<'a> {
    head.query = query;
    head
}

/// The value that edits set, or `None` where they set nothing.
pub(crate) fn set<'a>(edits: &'a [Edit], name: &str) -> Option<&'a str> {
    edits.iter().find_map(|edit| match edit {
        Edit::Set(n, value) if n.eq_ignore_ascii_case(name) => Some(value.as_ref()),
        _ => None,
    })
}

/// Whether edits remove a header.
pub(crate) fn removed(edits: &[Edit], name: &str) -> bool {
    edits.iter().any(|edit| matches!(edit, Edit::Remove(n) if n.eq_ignore_ascii_case(name)))
}
