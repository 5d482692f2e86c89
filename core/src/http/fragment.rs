//! Requests of scripts for a part of a page, and answers that are one.

use super::fields::{members, parts};
use super::head::Head;

/// Headers by which scripts say that they want a fragment.
const SIGNS: [&str; 18] = [
    "HX-Request",       // htmx
    "Turbo-Frame",      // Turbo
    "X-Requested-With", // jQuery, and many after it
    "X-PJAX",           // pjax
    "X-Inertia",        // Inertia
    "X-Up-Target",      // Unpoly
    "X-Up-Version",     // Unpoly
    "X-Alpine-Request", // Alpine AJAX
    "X-Alpine-Target",  // Alpine AJAX
    "Datastar-Request", // Datastar
    "X-Livewire",       // Livewire
    "X-IC-Request",     // intercooler
    "X-Barba",          // barba.js
    "Wicket-Ajax",      // Wicket
    "Faces-Request",    // JSF
    "X-MicrosoftAjax",  // ASP.NET
    "X-Partial",        // by hand
    "X-Fragment",       // by hand
];

/// The signs in a request that its sender wants a fragment: names of headers, as a `Vary` would list them.
pub(super) fn signs(head: &Head<'_>) -> Vec<&'static str> {
    let is_there = |sign: &&str| head.headers.iter().any(|(name, _)| name.eq_ignore_ascii_case(sign));
    let mut signs: Vec<_> = SIGNS.into_iter().filter(is_there).collect();
    if members(head.headers, "accept").any(is_fragment_type) {
        signs.push("Accept");
    }
    signs
}

/// Whether a member of `Accept` asks for HTML of a kind that is no page's, such as `text/vnd.turbo-stream.html`.
fn is_fragment_type(member: &[u8]) -> bool {
    let essence = parts(member, b';').next().unwrap_or_default().to_ascii_lowercase();
    let is_page = [&b"text/html"[..], b"application/xhtml+xml"].contains(&essence.as_slice());
    !is_page && memchr::memmem::find(&essence, b"html").is_some()
}

/// Whether HTML is no whole page: neither a doctype nor one of a page's own elements comes first, but for white space,
/// comments and an XML declaration.
pub(super) fn is_fragment(body: &[u8]) -> bool {
    let mut rest = body.strip_prefix(b"\xef\xbb\xbf").unwrap_or(body).trim_ascii_start();
    loop {
        let end: &[u8] = match rest {
            [b'<', b'!', b'-', b'-', ..] => b"-->",
            [b'<', b'?', ..] => b">",
            _ => break,
        };
        let Some(at) = memchr::memmem::find(rest, end) else { break };
        rest = rest[at + end.len()..].trim_ascii_start();
    }
    let is_tag = |name: &[u8]| {
        let after = rest.get(name.len());
        rest.get(..name.len()).is_some_and(|start| start.eq_ignore_ascii_case(name))
            && after.is_none_or(|b| b.is_ascii_whitespace() || matches!(b, b'>' | b'/'))
    };
    ![&b"<!doctype"[..], b"<html", b"<head", b"<body"].into_iter().any(is_tag)
}

#[cfg(test)]
mod tests {
    use super::{is_fragment, signs};
    use crate::http::fixture::get;

    #[test]
    fn a_page_begins_with_a_doctype_or_an_element_of_its_own() {
        for page in [
            "<!doctype html><p>",
            "\u{feff}\n <!DOCTYPE HTML PUBLIC>",
            "<html lang=de>",
            "<!-- saved --><!----><HTML>",
            "<?xml version=\"1.0\"?>\n<html xmlns=\"x\">",
            "<head><title>x",
            "<body>",
            "<!doctype",
        ] {
            assert!(!is_fragment(page.as_bytes()), "{page}");
        }
        for fragment in
            ["", "<p>", "text", "<header>", "<htmlx>", "<!-- <html> --><p>", "<!-- <html>", "< html>", "<?a"]
        {
            assert!(is_fragment(fragment.as_bytes()), "{fragment}");
        }
    }

    #[test]
    fn scripts_that_want_a_fragment_are_known_by_their_headers() {
        for (header, sign) in [
            (("hx-request", &b"true"[..]), Some("HX-Request")),
            (("X-Requested-With", b"XMLHttpRequest"), Some("X-Requested-With")),
            (("turbo-frame", b"cart"), Some("Turbo-Frame")),
            (("x-pjax", b"true"), Some("X-PJAX")),
            (("accept", b"text/vnd.turbo-stream.html, text/html"), Some("Accept")),
            (("accept", b"text/partial+html"), Some("Accept")),
            (("accept", b"text/html,application/xhtml+xml;q=0.9,*/*;q=0.8"), None),
            (("accept", b"application/json"), None),
            (("sec-fetch-dest", b"document"), None),
        ] {
            assert_eq!(signs(&get("/", &[header])).first().copied(), sign, "{header:?}");
        }
    }
}
