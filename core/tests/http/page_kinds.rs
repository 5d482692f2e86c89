//! Which responses are pages to split, and which texts go out unsplit with a directive in them.

use eyot::http::{Field, PageKind, Unsplit};

const HTML: Field<'static> = ("content-type", b"Text/HTML; charset=utf-8");

#[test]
fn html_of_every_status_that_has_a_body_is_split() {
    for status in [200, 201, 404, 500] {
        assert_eq!(PageKind::of(status, &[HTML]), PageKind::Html);
    }
    for status in [101, 103, 204, 205, 304] {
        assert_eq!(PageKind::of(status, &[HTML]), PageKind::Other);
    }
}

#[test]
fn what_is_no_text_is_none_of_eyots_business() {
    for other in [
        &b"application/json"[..],
        b"application/ld+json",
        b"application/javascript",
        b"text/event-stream",
        b"image/png",
        b"",
    ] {
        assert_eq!(PageKind::of(206, &[("Content-Type", other), ("Content-Encoding", b"br")]), PageKind::Other);
        assert_eq!(Unsplit::of(&[("Content-Type", other)], b"<A server:defer>"), None);
    }
    assert_eq!(PageKind::of(200, &[]), PageKind::Other);
}

#[test]
fn a_part_of_a_page_and_a_compressed_page_are_told_apart() {
    assert_eq!(PageKind::of(206, &[HTML]), PageKind::Part);
    assert_eq!(PageKind::of(200, &[HTML, ("Content-Encoding", b"identity, gzip")]), PageKind::Compressed);
    for none in [&b"identity"[..], b"Identity", b"", b" , "] {
        assert_eq!(PageKind::of(200, &[HTML, ("content-encoding", none)]), PageKind::Html);
    }
}

#[test]
fn several_ranges_may_be_parts_of_a_page() {
    let several: Field<'_> = ("Content-Type", b"multipart/byteranges; boundary=THIS_STRING_SEPARATES");
    assert_eq!(PageKind::of(206, &[several]), PageKind::Part);
    assert_eq!(PageKind::of(200, &[several]), PageKind::Other);
}

#[test]
fn html_in_an_encoding_that_is_not_ascii_is_told_of_and_is_an_error_where_it_holds_a_directive() {
    let utf_16 = |page: &str| page.encode_utf16().flat_map(u16::to_le_bytes).collect::<Vec<_>>();
    let headers: [Field<'_>; 1] = [("content-type", b"text/html; charset=utf-16le")];
    let told = Unsplit::of(&headers, &utf_16("<p><Avatar server:defer />")).expect("told of");
    assert_eq!((told.code(), told.is_error()), ("page-encoding", true));
    let told = Unsplit::of(&headers, &utf_16("<p>server:defer")).expect("told of");
    assert_eq!((told.code(), told.is_error()), ("page-encoding", false));
    let marked = [&b"\xff\xfe"[..], &utf_16("<A server:defer>")].concat();
    assert!(Unsplit::of(&[HTML], &marked).is_some_and(|told| told.is_error()));
    assert_eq!(Unsplit::of(&[HTML], b"<A server:defer>"), None);
}

#[test]
fn a_directive_in_text_of_another_type_is_told_of() {
    for media_type in
        ["application/xhtml+xml", "text/xml", "application/xml", "image/svg+xml", "text/plain; charset=utf-8"]
    {
        let headers = [("Content-Type", media_type.as_bytes())];
        assert_eq!(PageKind::of(200, &headers), PageKind::Text, "{media_type}");
        assert!(Unsplit::of(&headers, b"<p><Avatar size='1' server:defer='x'/></p>").is_some(), "{media_type}");
        assert_eq!(Unsplit::of(&headers, b"<p>Write server:defer</p>"), None, "{media_type}");
    }
}

#[test]
fn a_page_in_a_wide_encoding_is_searched_as_it_comes_and_one_in_another_foreign_one_is_not() {
    for (charset, kind) in [
        ("utf-8", PageKind::Html),
        ("utf-16", PageKind::Html),
        ("UTF-16BE", PageKind::Html),
        ("utf-32", PageKind::Html),
        ("iso-2022-jp", PageKind::Text),
        ("utf-7", PageKind::Text),
        ("ibm037", PageKind::Text),
    ] {
        let content_type = format!("text/html; charset={charset}");
        assert_eq!(PageKind::of(200, &[("content-type", content_type.as_bytes())]), kind, "{charset}");
    }
}
