//! What a split page, and a page with problems, change in the headers.

use eyot::http::{Edit, Field, Outcome, Response};

use crate::fixture::{removed, set};

const HTML: Field<'static> = ("content-type", b"Text/HTML; charset=utf-8");

#[test]
fn what_names_the_page_before_the_split_goes() {
    let headers: [Field<'_>; 5] = [
        HTML,
        ("etag", b"\"a\""),
        ("LAST-MODIFIED", b"Sun, 06 Nov 1994 08:49:37 GMT"),
        ("accept-ranges", b"bytes"),
        ("content-length", b"9"),
    ];
    let edits = Outcome::split(&Response::new(200, &headers), Some(1234)).edits;
    for name in ["ETag", "Last-Modified", "Accept-Ranges"] {
        assert!(removed(&edits, name), "{name}");
    }
    assert_eq!(set(&edits, "Content-Length"), Some("1234"));
    assert!(removed(&Outcome::split(&Response::new(200, &headers), None).edits, "Content-Length"));
    assert_eq!(Outcome::split(&Response::new(200, &[HTML]), None).edits, []);
}

#[test]
fn a_page_with_problems_speaks_to_no_cache() {
    let headers: [Field<'_>; 6] = [
        ("cache-control", b"public, max-age=600"),
        ("etag", b"\"a\""),
        ("expires", b"Thu, 01 Dec 2094 16:00:00 GMT"),
        ("surrogate-control", b"max-age=600"),
        ("x-accel-expires", b"600"),
        ("cloudflare-cdn-cache-control", b"max-age=600"),
    ];
    let edits = Outcome::uncached(&Response::new(200, &headers)).edits;
    assert_eq!(set(&edits, "Cache-Control"), Some("private, no-store"));
    for (name, _) in &headers[1..] {
        let is_gone = |edit: &Edit| matches!(edit, Edit::Remove(gone) if gone.eq_ignore_ascii_case(name));
        assert!(edits.iter().any(is_gone), "{name}");
    }
}
