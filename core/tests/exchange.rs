//! The way out of a page through the inner station: what a host is told to do, and what it is told to log.

mod support;

use eyot::exchange::{Flow, Level, PageOut, PageRules, Sent, Size, Step};
use eyot::http::{Field, Response, edited};
use support::{context, islands, without_tokens};

const HTML: Field<'_> = ("Content-Type", b"text/html; charset=utf-8");
const PAGE: &str = "<!doctype html><p><Avatar server:defer note=s3cret></Avatar>";
const SHELL: &str = "<!doctype html><p><server-island island=\"Avatar\" island-src=\"…\"></server-island>";
const FAULTY: &str = "<p>a<Nobody server:defer note=s3cret>b</Nobody>";

fn page(rules: PageRules) -> PageOut {
    PageOut::new(&islands(), rules)
}

fn production() -> PageOut {
    page(PageRules::new("/cart"))
}

fn debugging() -> PageOut {
    page(PageRules::new("/cart").with_debug(true))
}

/// What leaves of a whole response: the status, its headers, and its body.
fn whole(out: &mut PageOut, status: u16, headers: &[Field<'_>], body: &str) -> (u16, Vec<(String, String)>, String) {
    let response = Response::new(status, headers);
    let own = |headers: Vec<Field<'_>>| -> Vec<(String, String)> {
        let text = |value: &[u8]| String::from_utf8_lossy(value).into_owned();
        headers.iter().map(|(name, value)| ((*name).to_owned(), text(value))).collect()
    };
    match out.whole(&response, body.as_bytes(), &context()) {
        Sent::Same => (status, own(headers.to_vec()), body.to_owned()),
        Sent::Edited(outcome) => (outcome.status, own(edited(headers, &outcome.edits)), body.to_owned()),
        Sent::Shell(outcome, shell) => {
            let shell = String::from_utf8_lossy(&shell.into_bytes()).into_owned();
            let length = outcome.edits.iter().any(|edit| format!("{edit:?}").contains(&shell.len().to_string()));
            assert!(length, "the length is the shell's");
            (outcome.status, own(edited(headers, &outcome.edits)), without_tokens(&shell))
        }
        Sent::Instead(reply) => {
            let headers = reply.headers.iter().map(|(name, value)| ((*name).to_owned(), value.to_string())).collect();
            (reply.status, headers, String::from_utf8_lossy(&reply.body).into_owned())
        }
    }
}

fn header<'h>(headers: &'h [(String, String)], name: &str) -> Option<&'h str> {
    headers.iter().find(|(known, _)| known.eq_ignore_ascii_case(name)).map(|(_, value)| value.as_str())
}

fn lines(out: &mut PageOut) -> Vec<String> {
    out.events().iter().map(ToString::to_string).collect()
}

/// What leaves of a page that comes in chunks, and how it ends.
fn streamed(out: &mut PageOut, chunks: &[&str]) -> (String, &'static str) {
    let step = out.step(&Response::new(200, &[HTML]), Size::More);
    assert!(matches!(step, Step::Stream(_)), "{step:?}");
    let mut shell = Vec::new();
    for index in 0..=chunks.len() {
        let flow = match chunks.get(index) {
            Some(chunk) => out.push(chunk.as_bytes(), &context()),
            None => out.finish(&context()),
        };
        match flow {
            Flow::On(segments) => segments.for_each(|segment| shell.extend_from_slice(segment)),
            Flow::Last(rest) => {
                shell.extend_from_slice(&rest);
                return (without_tokens(&String::from_utf8_lossy(&shell)), "shown");
            }
            Flow::Cut(rest, _) => {
                shell.extend_from_slice(&rest);
                return (without_tokens(&String::from_utf8_lossy(&shell)), "cut");
            }
        }
    }
    (without_tokens(&String::from_utf8_lossy(&shell)), "whole")
}

#[test]
fn what_is_no_page_passes_before_anything_of_its_body_is_known() {
    for (status, headers) in
        [(200, vec![("Content-Type", &b"application/json"[..])]), (304, vec![HTML]), (204, vec![HTML]), (200, vec![])]
    {
        assert_eq!(production().step(&Response::new(status, &headers), Size::Unknown), Step::Pass, "{status}");
    }
}

#[test]
fn a_page_waits_until_its_size_is_known_and_is_collected_unless_it_comes_in_parts() {
    let response = Response::new(200, &[HTML]);
    for (size, step) in
        [(Size::Unknown, Step::Wait), (Size::Whole, Step::Collect), (Size::Known(1 << 40), Step::Collect)]
    {
        assert_eq!(production().step(&response, size), step);
    }
    assert!(matches!(production().step(&response, Size::More), Step::Stream(_)));
    let held = PageRules::new("/").with_streams(false);
    assert_eq!(page(held).step(&response, Size::More), Step::Collect, "all of it is judged first");
    let of_known_length = [HTML, ("Content-Length", b"9")];
    assert_eq!(production().step(&Response::new(200, &of_known_length), Size::More), Step::Collect);
}

#[test]
fn a_text_is_looked_at_only_where_it_is_short_and_whole() {
    let headers = [("Content-Type", &b"text/css"[..])];
    let response = Response::new(200, &headers);
    for (size, step) in [
        (Size::Unknown, Step::Wait),
        (Size::Whole, Step::Collect),
        (Size::Known(1_000), Step::Collect),
        (Size::Known(1 << 20), Step::Pass),
        (Size::More, Step::Pass),
    ] {
        assert_eq!(production().step(&response, size), step);
    }
    let mut out = production();
    let (status, headers, body) = whole(&mut out, 200, response.headers, PAGE);
    assert_eq!((status, body.as_str(), header(&headers, "Cache-Control")), (200, PAGE, Some("private, no-store")));
    assert!(out.is_faulty());
    assert_eq!(out.events()[0].code, "page-type");
    assert_eq!(whole(&mut debugging(), 200, response.headers, PAGE).0, 500);
    assert_eq!(whole(&mut production(), 200, response.headers, "p { server:defer }").2, "p { server:defer }");
}

#[test]
fn a_page_with_islands_is_a_shell_without_the_pages_validators() {
    let mut out = production();
    let (status, headers, body) = whole(&mut out, 201, &[HTML, ("ETag", b"\"page\"")], PAGE);
    assert_eq!((status, body.as_str(), header(&headers, "ETag")), (201, SHELL, None));
    assert!(!out.is_faulty() && lines(&mut out).is_empty());
}

#[test]
fn a_page_without_islands_is_the_same_and_needs_no_context() {
    let response = Response::new(200, &[HTML]);
    let body = b"<p>nothing</p>";
    let mut out = production();
    assert!(!out.looks_at(&response, body));
    assert!(matches!(out.whole(&response, body, &context()), Sent::Same));
    assert!(production().looks_at(&response, PAGE.as_bytes()) && debugging().looks_at(&response, body));
}

#[test]
fn a_faulty_page_is_shown_with_its_place_while_debugging_and_logged() {
    let mut out = debugging();
    let (status, headers, body) = whole(&mut out, 200, &[HTML, ("Cache-Control", b"public")], FAULTY);
    assert_eq!((status, header(&headers, "Cache-Control")), (500, Some("no-store")));
    assert!(body.contains("    1 | &lt;p&gt;a&lt;Nobody") && body.contains("(name-unknown)"), "{body}");
    let lines = lines(&mut out);
    assert!(lines[0].starts_with("/cart: line 1, column 5: ") && lines[0].ends_with(" (name-unknown)"), "{lines:?}");
}

#[test]
fn a_faulty_page_goes_out_in_production_without_the_island_and_is_kept_by_no_cache() {
    let mut out = production();
    let (status, headers, body) = whole(&mut out, 200, &[HTML, ("Cache-Control", b"public")], FAULTY);
    assert_eq!((status, body.contains("s3cret"), body.contains("server:")), (200, false, false));
    assert_eq!(header(&headers, "Cache-Control"), Some("private, no-store"));
    assert!(out.is_faulty());
    let events = out.events();
    let told: Vec<_> = events.iter().map(|event| (event.level, event.code, event.place)).collect();
    assert_eq!(told, [(Level::Error, "name-unknown", Some(eyot::Position { line: 1, column: 5 }))]);
}

#[test]
fn a_page_over_the_limits_is_an_error_in_production_too() {
    let islands = support::builder().max_islands(1).build().expect("good");
    let mut out = PageOut::new(&islands, PageRules::new("/cart"));
    let (status, _, body) = whole(&mut out, 200, &[HTML], &PAGE.repeat(2));
    assert_eq!((status, body.as_str()), (500, "internal server error\n"));
    assert_eq!(out.events().len(), 1);
}

#[test]
fn a_part_of_a_page_is_refused_and_a_part_of_something_else_passes() {
    let mut out = production();
    let Step::Instead(reply) = out.step(&Response::new(206, &[HTML]), Size::Unknown) else { panic!("a refusal") };
    assert_eq!(
        (reply.status, reply.header("Accept-Ranges"), reply.header("Content-Length")),
        (416, Some("none"), Some("22"))
    );
    assert_eq!(out.events()[0].code, "page-part");
    let video = [("Content-Type", &b"video/mp4"[..])];
    assert_eq!(production().step(&Response::new(206, &video), Size::Unknown), Step::Pass);
}

#[test]
fn a_compressed_page_is_undone_and_split_or_kept_out_of_caches() {
    let headers = [HTML, ("Content-Encoding", &b"gzip"[..])];
    let response = Response::new(200, &headers);
    let mut out = production();
    assert_eq!(out.step(&response, Size::Unknown), Step::Decode("gzip".to_owned()));
    let (_, sent, body) = whole(&mut out, 200, &headers, PAGE);
    assert_eq!((body.as_str(), header(&sent, "Content-Encoding")), (SHELL, None));
    // Without a directive the compressed bytes go out as they are.
    assert!(matches!(production().whole(&response, b"<p>", &context()), Sent::Same));

    let mut out = production();
    let Sent::Edited(outcome) = out.undecoded(&response) else { panic!("other headers") };
    assert!(edited(&headers, &outcome.edits).contains(&("Cache-Control", &b"private, no-store"[..])));
    assert!(out.is_faulty() && out.events()[0].message.contains("(gzip)"));
    assert!(matches!(debugging().undecoded(&response), Sent::Instead(reply) if reply.status == 500));
}

#[test]
fn an_answer_to_head_loses_what_would_be_of_the_page() {
    let mut out = page(PageRules::new("/").with_head(true));
    let (status, headers, body) = whole(&mut out, 200, &[HTML, ("Content-Length", b"9"), ("ETag", b"\"x\"")], "");
    assert_eq!((status, body.as_str(), header(&headers, "Content-Length")), (200, "", None));
    assert_eq!(header(&headers, "ETag"), None);
    let mut out = page(PageRules::new("/").with_head(true));
    let with_body = out.whole(&Response::new(200, &[HTML, ("Content-Length", b"9")]), PAGE.as_bytes(), &context());
    let Sent::Shell(outcome, _) = with_body else { panic!("a shell") };
    assert_eq!(format!("{:?}", outcome.edits), "[Remove(\"Content-Length\")]");
}

#[test]
fn a_stream_is_split_as_it_comes() {
    let mut out = production();
    assert_eq!(
        streamed(&mut out, &["<!doctype html><p><Avatar ser", "ver:defer note=s3cret></Ava", "tar>"]),
        (SHELL.to_owned(), "whole")
    );
    assert!(lines(&mut out).is_empty());
}

#[test]
fn a_fault_of_a_stream_is_logged_in_production_and_the_stream_goes_on() {
    let mut out = production();
    let (shell, end) = streamed(&mut out, &[FAULTY, "<p>end"]);
    assert_eq!((end, shell.ends_with("<p>end"), shell.contains("s3cret")), ("whole", true, false));
    assert_eq!(lines(&mut out).len(), 1);
    assert!(lines(&mut out).is_empty(), "each is told once");
}

#[test]
fn a_fault_of_a_stream_ends_it_visibly_while_debugging_and_cuts_one_that_must_be_sound() {
    let (shell, end) = streamed(&mut debugging(), &[FAULTY, "<p>end"]);
    assert_eq!((end, shell.contains("<pre>eyot: line 1, column 5"), shell.contains("end")), ("shown", true, false));
    for is_debug in [false, true] {
        let rules = PageRules::new("/").with_must_be_sound(true).with_debug(is_debug);
        let mut out = page(rules);
        let (shell, end) = streamed(&mut out, &[FAULTY, "<p>end"]);
        assert_eq!((end, shell.contains("s3cret"), shell.contains("<pre>eyot: ")), ("cut", false, is_debug));
        assert_eq!(out.events().len(), 1);
        let Flow::On(mut rest) = out.push(b"<p>late", &context()) else { panic!("nothing") };
        assert_eq!(rest.next(), None, "what comes after a cut is dropped");
    }
}

#[test]
fn a_step_too_many_gives_nothing_and_no_panic() {
    let mut out = production();
    assert!(matches!(out.push(b"<p>", &context()), Flow::On(rest) if rest.clone().next().is_none()));
    assert!(matches!(out.finish(&context()), Flow::On(rest) if rest.clone().next().is_none()));
    let mut out = production();
    assert_eq!(streamed(&mut out, &["<p>"]).1, "whole");
    assert!(matches!(out.finish(&context()), Flow::On(rest) if rest.clone().next().is_none()));
}

#[test]
fn an_island_whose_answer_holds_itself_is_a_warning_without_its_token() {
    let shell = support::split(PAGE);
    let url = shell.split('"').find(|part| part.starts_with("/_server-islands/")).expect("a URL");
    let rules = || PageRules::new(url);
    let expected = "/_server-islands/Avatar: the island's answer holds the island itself";
    let mut out = page(rules());
    assert_eq!(whole(&mut out, 200, &[HTML], PAGE).2, SHELL);
    let lines = lines(&mut out);
    assert!(lines.len() == 1 && lines[0].starts_with(expected), "{lines:?}");
    let mut out = page(rules());
    assert_eq!(streamed(&mut out, &["<p>", PAGE]).1, "whole");
    assert_eq!(out.events()[0].code, "island-in-itself");
    let mut out = page(rules());
    assert_eq!(whole(&mut out, 200, &[HTML], "<p><Avatar server:defer note=other></Avatar>").0, 200);
    assert!(out.events().is_empty(), "another one of the same name may be in it");
}

#[test]
#[cfg(feature = "audit")]
fn what_a_browser_would_move_is_a_warning_while_debugging() {
    let mut out = debugging();
    let table = "<!doctype html><table><Avatar server:defer><td slot=fallback>one moment</td></Avatar></table>";
    assert_eq!(whole(&mut out, 200, &[HTML], table).0, 200);
    let lines = lines(&mut out);
    assert!(
        lines.iter().any(|line| line.contains(" of the shell: Avatar: ") && line.ends_with("(placeholder-moved)")),
        "{lines:?}"
    );
    assert!(out.events().iter().all(|event| event.level == Level::Warning));
}
