//! What a response says to caches: to all of them by `Cache-Control` (RFC 9111), and to one kind by headers of its own.
//!
//! | header | read by | source |
//! | --- | --- | --- |
//! | `CDN-Cache-Control` | CDNs | RFC 9213 |
//! | `Cloudflare-CDN-…`, `Vercel-CDN-…`, `Netlify-CDN-Cache-Control`, all that end in `-Cache-Control` | the one that it names | RFC 9213, section 2; the vendors' own documentation |
//! | `X-LiteSpeed-Cache-Control` | LiteSpeed | LSCache's developer guide |
//! | `Surrogate-Control` | Fastly, Varnish, Akamai, Squid | W3C's Edge Architecture note |
//! | `Edge-Control` | Akamai | Akamai's "Set edge caching" |
//! | `X-Accel-Expires` | nginx | `ngx_http_proxy_module` |

use std::borrow::Cow;

use super::edits::{self, Edit};
use super::fields::{Field, directive, has, members, parts};
use super::response::Response;

/// What a header says of storing a response.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Word {
    /// Nothing that its caches follow.
    None,
    /// It must not be stored, or not be used without asking.
    Forbids,
    /// It may be.
    Permits,
}

/// Whether `Cache-Control` keeps a response out of shared caches. `private="set-cookie"` keeps only that header out.
pub(super) fn is_private(headers: &[Field<'_>]) -> bool {
    members(headers, "cache-control").any(|member| is_any(member, &["private", "no-store"]))
}

/// Whether some shared cache may store the response: by what is told to one kind of cache, or to all, or by its status
/// alone (RFC 9111, 3; RFC 9110, 15.1).
pub(super) fn may_be_stored(response: &Response<'_>) -> bool {
    const BY_STATUS: [u16; 12] = [200, 203, 204, 206, 300, 301, 308, 404, 405, 410, 414, 501];
    let headers = response.headers;
    let targeted = headers.iter().any(|&(name, value)| targeted(name, value) == Some(Word::Permits));
    let explicit = has(headers, "expires") || members(headers, "cache-control").any(is_permission);
    // The caches that a targeted header is for do not read `Cache-Control` (RFC 9213, 2.1), so `private` there does not
    // hold them back.
    targeted || !is_private(headers) && (explicit || BY_STATUS.contains(&response.status))
}

/// Whether a directive of `Cache-Control` makes a response of any status storable.
fn is_permission(member: &[u8]) -> bool {
    ["public", "max-age", "s-maxage"].iter().any(|name| directive(member).0.eq_ignore_ascii_case(name.as_bytes()))
}

/// Whether a member is one of these directives, without an argument.
fn is_any(member: &[u8], names: &[&str]) -> bool {
    names.iter().any(|name| member.eq_ignore_ascii_case(name.as_bytes()))
}

/// What keeps a response out of every cache.
pub(super) fn uncached(headers: &[Field<'_>], cache_control: &'static str) -> Vec<Edit> {
    let mut edits = vec![Edit::Set("Cache-Control", cache_control.into())];
    edits::remove(headers, ["ETag", "Last-Modified", "Expires"], &mut edits);
    silence(headers, &mut edits);
    edits
}

/// Takes away all that speaks to one kind of cache, so that `Cache-Control` alone counts. A `Surrogate-Control` that asks
/// for edge includes goes on asking for them.
pub(super) fn silence(headers: &[Field<'_>], edits: &mut Vec<Edit>) {
    let is_content = |member: &[u8]| directive(member).0.eq_ignore_ascii_case(b"content");
    let asks_alone = members(headers, "surrogate-control").all(is_content);
    if !asks_alone && let Some(content) = surrogate_content(headers) {
        edits.push(Edit::Set("Surrogate-Control", content.into()));
    }
    for &(name, value) in headers {
        if asks_alone && name.eq_ignore_ascii_case("surrogate-control") {
            continue;
        }
        let is_done = |edit: &Edit| match edit {
            Edit::Set(done, _) => done.eq_ignore_ascii_case(name),
            Edit::Remove(done) => done.eq_ignore_ascii_case(name),
        };
        if targeted(name, value).is_some() && !edits.iter().any(is_done) {
            edits.push(Edit::Remove(Cow::Owned(name.to_owned())));
        }
    }
}

/// The `content="…"` directives of `Surrogate-Control`, if any is there and has nothing in it that a header may not have.
fn surrogate_content(headers: &[Field<'_>]) -> Option<String> {
    let is_content = |member: &&[u8]| directive(member).0.eq_ignore_ascii_case(b"content");
    let content: Vec<_> = members(headers, "surrogate-control").filter(is_content).collect();
    let content = String::from_utf8(content.join(&b", "[..])).ok()?;
    let is_clean = content.bytes().all(|b| b.is_ascii_graphic() || b == b' ');
    (is_clean && !content.is_empty()).then_some(content)
}

/// What a header says to the one kind of cache that it is for; `None` for one that speaks to no such kind.
fn targeted(name: &str, value: &[u8]) -> Option<Word> {
    let ends_with = |suffix: &str| {
        let at = name.len().checked_sub(suffix.len())?;
        name.get(at..).filter(|end| end.eq_ignore_ascii_case(suffix))
    };
    if name.eq_ignore_ascii_case("x-accel-expires") {
        Some(accel_expires(value))
    } else if ends_with("-cache-control").is_some()
        || ["surrogate-control", "edge-control"].iter().any(|known| name.eq_ignore_ascii_case(known))
    {
        Some(directives(value))
    } else {
        None
    }
}

/// nginx takes zero for "do not store", `@` and a Unix time for the end of a copy's life, and no notice of anything else.
fn accel_expires(value: &[u8]) -> Word {
    let value = value.trim_ascii();
    let digits = value.strip_prefix(b"@").unwrap_or(value);
    if digits.is_empty() || !digits.iter().all(u8::is_ascii_digit) {
        Word::None
    } else if digits == value && is_zero(value) {
        Word::Forbids
    } else {
        Word::Permits
    }
}

/// What a list of directives says. An outright refusal counts before a lifetime, and that before `public`.
fn directives(value: &[u8]) -> Word {
    let (mut life, mut is_public) = (None, false);
    for member in parts(value, b',') {
        // W3C's note lets `;` name the surrogate that a directive is for: another one does not follow it.
        let for_one = parts(member, b';').nth(1).is_some();
        let (name, argument) = directive(parts(member, b';').next().unwrap_or_default());
        match (name.to_ascii_lowercase().as_slice(), argument) {
            (b"no-store" | b"private" | b"no-cache" | b"bypass-cache", None) if !for_one => return Word::Forbids,
            (b"max-age" | b"s-maxage" | b"cache-maxage" | b"stale-while-revalidate" | b"stale-if-error", argument) => {
                let is_none = argument.is_some_and(|seconds| is_zero(&seconds));
                life = Some(life.unwrap_or(false) || !is_none);
            }
            // Akamai's `!no-store` takes back what `Cache-Control` forbids.
            (b"public" | b"shared" | b"!no-store" | b"!no-cache" | b"!bypass-cache", None) => is_public = true,
            _ => {}
        }
    }
    match life {
        Some(true) => Word::Permits,
        Some(false) => Word::Forbids,
        None if is_public => Word::Permits,
        None => Word::None,
    }
}

/// Whether a number of seconds, or of Akamai's `s`, `m`, `h`, `d`, is none.
fn is_zero(life: &[u8]) -> bool {
    let digits = match life.split_last() {
        Some((unit, digits)) if b"smhd".contains(&unit.to_ascii_lowercase()) => digits,
        _ => life,
    };
    !digits.is_empty() && digits.iter().all(|digit| *digit == b'0')
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{Word, is_private, may_be_stored, silence, targeted, uncached};
    use crate::http::fixture::{removed, set};
    use crate::http::{Field, Response};

    /// A header of each kind, and a value by which its caches store.
    const KINDS: [(&str, &str); 14] = [
        ("CDN-Cache-Control", "max-age=86400"),
        ("cloudflare-cdn-cache-control", "max-age=86400"),
        ("Vercel-CDN-Cache-Control", "public, s-maxage=86400"),
        ("Netlify-CDN-Cache-Control", "public, durable, max-age=86400"),
        ("Akamai-Cache-Control", "max-age=86400"),
        ("X-LiteSpeed-Cache-Control", "public, max-age=86400"),
        ("X-Cache-Control", "max-age=86400"),
        ("ExampleCDN-Cache-Control", "stale-if-error=5"),
        ("Surrogate-Control", "max-age=86400+60;varnish"),
        ("Surrogate-Control", "max-age=0, stale-while-revalidate=60"),
        ("Edge-Control", "!no-store, max-age=1d"),
        ("Edge-Control", "cache-maxage=5m"),
        ("X-Accel-Expires", "86400"),
        ("x-accel-expires", "@4102444800"),
    ];

    /// A header of each kind, and a value by which its caches do not store.
    const REFUSALS: [(&str, &str); 12] = [
        ("CDN-Cache-Control", "no-store"),
        ("CDN-Cache-Control", "public, max-age=60, private"),
        ("CDN-Cache-Control", "max-age=0"),
        ("CDN-Cache-Control", "max-age=\"00\""),
        ("Cloudflare-CDN-Cache-Control", "No-Store"),
        ("X-LiteSpeed-Cache-Control", "no-cache"),
        ("X-LiteSpeed-Cache-Control", "private,max-age=1800"),
        ("Surrogate-Control", "no-store, content=\"ESI/1.0\""),
        ("Edge-Control", "bypass-cache"),
        ("Edge-Control", "max-age=0s"),
        ("X-Accel-Expires", "0"),
        ("X-Accel-Expires", " 00 "),
    ];

    fn stored(status: u16, headers: &[(&str, &str)]) -> bool {
        let fields: Vec<Field<'_>> = headers.iter().map(|(name, value)| (*name, value.as_bytes())).collect();
        may_be_stored(&Response::new(status, &fields))
    }

    #[test]
    fn what_is_told_to_one_kind_of_cache_counts_beside_private() {
        for kind in KINDS {
            assert!(stored(200, &[("Cache-Control", "private"), kind]), "{kind:?}");
            assert!(stored(500, &[kind]), "{kind:?}");
        }
    }

    #[test]
    fn what_forbids_one_kind_of_cache_to_store_is_no_permission() {
        for kind in REFUSALS {
            assert!(!stored(200, &[("Cache-Control", "private"), kind]), "{kind:?}");
            assert!(!stored(302, &[kind]), "{kind:?}");
        }
    }

    #[test]
    fn what_one_kind_of_cache_may_not_store_others_may() {
        for kind in REFUSALS {
            assert!(stored(200, &[("Cache-Control", "public, max-age=60"), kind]), "{kind:?}");
            assert!(stored(200, &[kind]), "{kind:?}");
        }
    }

    #[test]
    fn every_header_for_one_kind_of_cache_goes_when_cache_control_is_to_count_alone() {
        for (name, value) in KINDS.into_iter().chain(REFUSALS) {
            let headers = [(name, value.as_bytes())];
            let edits = uncached(&headers, "private, no-store");
            let kept = set(&edits, "Surrogate-Control");
            assert!(removed(&edits, name) || kept == Some("content=\"ESI/1.0\""), "{name}: {value}");
        }
    }

    #[test]
    fn names_that_only_look_like_a_cache_control_are_left_alone() {
        for name in ["Cache-Control", "Surrogate-Key", "Edge-Cache-Tag", "X-Accel-Buffering", "X-Cache", "Ünicode"] {
            assert_eq!(targeted(name, b"max-age=5"), None, "{name}");
        }
    }

    #[test]
    fn a_surrogate_that_is_asked_for_edge_includes_goes_on_being_asked() {
        let headers: [Field<'_>; 1] = [("surrogate-control", b"max-age=60, content=\"ESI/1.0\"")];
        let mut edits = Vec::new();
        silence(&headers, &mut edits);
        assert_eq!(set(&edits, "Surrogate-Control"), Some("content=\"ESI/1.0\""));
        assert_eq!(targeted("Surrogate-Control", b"content=\"ESI/1.0\""), Some(Word::None));
    }

    #[test]
    fn a_value_that_nginx_does_not_read_says_nothing_to_it() {
        for value in ["", "off", "-1", "@", "@x", "5s", "1 0"] {
            assert_eq!(targeted("X-Accel-Expires", value.as_bytes()), Some(Word::None), "{value}");
        }
    }

    #[test]
    fn directives_in_quoted_arguments_are_none() {
        let private = |value: &str| is_private(&[("Cache-Control", value.as_bytes())]);
        for value in ["private", "No-Store", "max-age=5 , private", "a=\"b\", no-store", "no-store, no-store"] {
            assert!(private(value), "{value}");
        }
        for value in [
            "public",
            "private=\"set-cookie\"",
            "no-cache=\"set-cookie, private\"",
            "ext=\"a, no-store, b\"",
            "ext=\"\\\", private\"",
            "xprivate",
            "private-ish",
            "no-cache",
        ] {
            assert!(!private(value), "{value}");
        }
    }

    #[test]
    fn a_redirect_is_stored_only_where_it_is_said_explicitly() {
        assert!(stored(302, &[("Cache-Control", "max-age=5")]));
        assert!(stored(302, &[("Expires", "Thu, 01 Dec 2094 16:00:00 GMT")]));
        assert!(!stored(302, &[]));
        assert!(!stored(302, &[("Cache-Control", "no-cache")]));
        assert!(!stored(302, &[("Cache-Control", "ext=\"public\"")]));
        assert!(stored(206, &[]));
    }

    proptest! {
        #[test]
        fn a_quoted_argument_never_forbids_or_permits(text in "[a-z, =-]{0,20}", name in "[a-z]{1,8}") {
            prop_assume!(!["max-age", "s-maxage"].contains(&name.as_str()));
            let value = format!("x{name}=\"{text}, no-store, public, private\"");
            prop_assert!(!is_private(&[("Cache-Control", value.as_bytes())]));
            prop_assert_eq!(targeted("CDN-Cache-Control", value.as_bytes()), Some(Word::None));
        }

        #[test]
        fn the_order_of_directives_does_not_matter(mut list in prop::collection::vec(
            prop::sample::select(vec!["no-store", "public", "max-age=5", "max-age=0", "a=\"b,c\"", "private=\"x\""]), 1..5,
        )) {
            let word = targeted("CDN-Cache-Control", list.join(", ").as_bytes());
            list.reverse();
            prop_assert_eq!(targeted("CDN-Cache-Control", list.join(",").as_bytes()), word);
        }
    }
}
