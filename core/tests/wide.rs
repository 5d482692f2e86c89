//! Pages in UTF-16 and UTF-32: they pass as they are, and a directive in them is a problem, in a stream too.

mod support;

use eyot::{Error, Splitter};
use support::{context, islands};

const PAGE: &str = "<!doctype html><p title='㸀愼'>Hi</p><Avatar title='㸀' server:defer size=\"3\"></Avatar>";
const PLAIN: &str = "<!doctype html><p title='㰀愼>'>愼愼 Write server:defer</p><愼";

/// A text in UTF-16 and UTF-32, with a byte order mark.
fn wide(text: &str) -> [Vec<u8>; 4] {
    let marked = format!("\u{feff}{text}");
    [
        marked.encode_utf16().flat_map(u16::to_le_bytes).collect(),
        marked.encode_utf16().flat_map(u16::to_be_bytes).collect(),
        marked.chars().flat_map(|c| u32::from(c).to_le_bytes()).collect(),
        marked.chars().flat_map(|c| u32::from(c).to_be_bytes()).collect(),
    ]
}

/// What goes out of a page that comes in chunks of `size` bytes, and the codes of what was wrong.
fn streamed(page: &[u8], size: usize, lenient: bool) -> Result<(Vec<u8>, Vec<&'static str>), Error> {
    let splitter = Splitter::new(&islands());
    let mut splitter = if lenient { splitter.lenient() } else { splitter };
    let mut out = Vec::new();
    for chunk in page.chunks(size) {
        splitter.push(chunk, &context())?.for_each(|segment| out.extend_from_slice(segment));
    }
    splitter.finish(&context())?.for_each(|segment| out.extend_from_slice(segment));
    Ok((out, splitter.problems().iter().map(Error::code).collect()))
}

#[test]
fn a_wide_stream_with_a_directive_ends_at_it_while_debugging() {
    for page in wide(PAGE) {
        for size in [1, 2, 3, 50, 4096] {
            let error = streamed(&page, size, false).expect_err("a directive");
            let at = error.position().expect("a place");
            assert_eq!((error.code(), at.line, at.column), ("page-encoding", 1, 1), "{size}");
        }
    }
}

#[test]
fn a_wide_stream_with_a_directive_passes_in_production_with_a_problem() {
    for page in wide(PAGE) {
        for size in [1, 2, 3, 50, 4096] {
            assert_eq!(streamed(&page, size, true), Ok((page.clone(), vec!["page-encoding"])), "{size}");
        }
    }
}

#[test]
fn a_wide_stream_without_a_directive_passes_to_the_byte() {
    for page in wide(PLAIN) {
        for size in [1, 2, 3, 50, 4096] {
            for lenient in [false, true] {
                assert_eq!(streamed(&page, size, lenient), Ok((page.clone(), vec![])), "{size}");
            }
        }
    }
}

#[test]
fn a_whole_page_is_judged_as_a_stream_is() {
    let islands = islands();
    for page in wide(PAGE) {
        assert_eq!(islands.split(&page, &context()).map(drop).expect_err("a directive").code(), "page-encoding");
        assert_eq!(islands.prepare(page.clone()).map(drop).expect_err("a directive").code(), "page-encoding");
        let shell = islands.split_lenient(&page, &context()).expect("it passes");
        assert_eq!(shell.problems().iter().map(Error::code).collect::<Vec<_>>(), ["page-encoding"]);
        assert_eq!(*shell.into_bytes(), page);
    }
    for page in wide(PLAIN) {
        assert_eq!(*islands.split(&page, &context()).expect("it passes").into_bytes(), page);
        assert!(islands.prepare(page).expect("it passes").islands().is_empty());
    }
}

#[test]
fn a_page_that_only_begins_as_a_wide_one_passes_however_it_is_split() {
    let page = [&b"<\0\0\0"[..], b"\xbdx<Avatar server:defer />"].concat();
    let islands = islands();
    assert_eq!(*islands.split(&page, &context()).expect("it passes").into_bytes(), page);
    assert_eq!(streamed(&page, 1, false), Ok((page.clone(), vec![])));
    let mut prepared = Vec::new();
    islands.prepare(page.clone()).expect("it passes").render(&context(), &mut prepared).expect("nothing to seal");
    assert_eq!(prepared, page);
}

#[test]
fn a_page_whose_first_bytes_only_begin_like_a_mark_is_split() {
    for page in ["\u{feff}<Avatar server:defer />", "<Avatar server:defer />"] {
        let (out, problems) = streamed(page.as_bytes(), 1, false).expect("a good page");
        assert!(String::from_utf8_lossy(&out).contains("<server-island"), "{page}");
        assert_eq!(problems, [""; 0]);
    }
    let page = [&b"\xff\xfd"[..], b"<Avatar server:defer />"].concat();
    let (out, _) = streamed(&page, 1, false).expect("a good page");
    assert!(String::from_utf8_lossy(&out).contains("<server-island"));
}
