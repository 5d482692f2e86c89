//! What the two stations make of requests and answers that vectors cannot say: `vectors/exchanges.json` has the others.

mod support;

use eyot::exchange::{Arrived, Event, Flow, Level, Sent, Size, Step};
use eyot::http::{Edit, Field, Head, Response, ShellPolicy, edited};
use support::host::{Answer, From, Site, through};
use support::{NOW, context};

const PAGE: &str = "<!doctype html><p><Cart server:defer note=s3cret><i slot=\"fallback\">0</i></Cart>";
const SHELL: &str = "<!doctype html><p><server-island island=\"Cart\" island-src=\"…\"><i>0</i></server-island>";

fn codes(events: &[Event]) -> Vec<&'static str> {
    events.iter().map(|event| event.code).collect()
}

fn shop() -> ShellPolicy {
    ShellPolicy::new(0, 600).expect("short")
}

fn is_public(answer: &Answer) -> bool {
    answer.get("Cache-Control").is_some_and(|value| value.contains("public"))
}

#[test]
fn a_page_with_a_policy_becomes_a_shell() {
    let site = Site::new().with_policy(shop()).asks("GET", &[("Cookie", "session=1")]);
    let (left, events) = site.answers("/p/1", From::app(Answer::html(200, PAGE)));
    assert_eq!(left.get("Cache-Control"), Some("public, max-age=0, s-maxage=600"));
    assert_eq!((left.text().as_str(), codes(&events)), (SHELL, vec![]));
    assert_eq!(left.get("Content-Length"), Some(left.body().len().to_string().as_str()));
    let tag = left.get("ETag").expect("a tag").to_owned();
    let fields = [("If-None-Match", tag.as_bytes())];
    let head = Head::new("GET", b"/p/1").with_headers(&fields);
    let Arrived::Exchange(again) = site.islands.arrive(&head, Some(&shop()), None) else { panic!("a page") };
    let inner = through(&mut again.page(true), Answer::html(200, PAGE));
    let left = through(&mut again.out(), inner);
    assert_eq!((left.status, left.body().as_str(), left.get("Content-Length")), (304, "", None));
}

#[test]
fn a_head_of_a_page_with_a_policy_is_judged_by_its_page() {
    let site = Site::new().with_policy(shop());
    let (page, _) = site.answers("/", From::app(Answer::html(200, PAGE)));
    let (head, _) = site.asks("HEAD", &[]).answers("/", From::app(Answer::html(200, PAGE)));
    assert_eq!((head.body().as_str(), head.get("ETag")), ("", page.get("ETag")));
    assert_eq!(head.get("Content-Length"), page.get("Content-Length"));
}

#[test]
fn events_and_downloads_on_a_route_with_a_policy_pass_with_their_head() {
    for media in ["text/event-stream", "application/octet-stream", "text/csv"] {
        let stream = Answer::new(200, &[("Content-Type", media)], "").in_pieces(&["a", "b"]);
        let (left, _) = Site::new().with_policy(shop()).answers("/", From::app(stream));
        assert!(left.body() == "ab" && !left.is_whole && !is_public(&left), "{left:?}");
    }
}

#[test]
fn html_in_an_encoding_that_is_not_split_is_judged_all_the_same() {
    let page = Answer::new(
        200,
        &[("Content-Type", "text/html; charset=iso-2022-jp")],
        "<input name=csrf_token value=b2c4f6a8e0d2c4b6a8f0e2d4c6b8a0f2e4d6c8b0a2f4e6d8c0b2a4f6e8d0c2b4>",
    );
    let (left, _) = Site::new().with_policy(shop()).answers("/", From::app(page));
    assert!(!is_public(&left), "{left:?}");
}

#[test]
fn a_page_that_a_layer_compressed_is_judged_and_sent_as_what_it_was_made_of() {
    // The host undoes the coding: here it is none.
    let gzip = || vec![("Content-Encoding".to_owned(), "gzip".to_owned())];
    let site = Site::new().with_policy(shop());
    let (left, _) = site.answers("/", From::App(Answer::html(200, PAGE), gzip()));
    assert!(is_public(&left) && left.get("Content-Encoding").is_none() && left.text() == SHELL, "{left:?}");
    let leaks = "<!doctype html><input type=hidden name=csrfmiddlewaretoken value=b2c4f6a8e0d2c4b6a8f0e2d4c6b8a0f2e4d6c8b0a2f4e6d8c0b2a4f6e8d0c2b4>";
    let (left, events) = site.answers("/", From::App(Answer::html(200, leaks), gzip()));
    assert!(!is_public(&left) && codes(&events) == ["leak-csrf"], "{left:?} {events:?}");
}

#[test]
fn a_refusal_says_its_reason_to_the_visitor_only_while_debugging() {
    for (site, is_told) in [(Site::new(), false), (Site::debugging(), true)] {
        let bad = site.url("Cart").replace("/Cart/", "/Cart/AAAA");
        let (left, events) = site.answers(&bad, From::app(Answer::html(200, "<b>")));
        assert_eq!((left.status, events.len(), events[0].status), (400, 1, Some(400)));
        assert_eq!(left.body().contains("token"), is_told, "{left:?}");
        assert_eq!(left.get("Content-Length"), Some(left.body().len().to_string().as_str()));
        assert!(!events[0].to_string().contains("AAAA"), "{events:?}");
        let (head, _) = site.asks("HEAD", &[]).answers(&bad, From::app(Answer::html(200, "<b>")));
        assert_eq!((head.body().as_str(), head.get("Content-Length")), ("", left.get("Content-Length")));
    }
}

#[test]
fn a_posted_token_is_the_get_that_it_stands_for() {
    let site = Site::new();
    let url = site.url("Cart");
    let (path, token) = url.rsplit_once('/').expect("a token");
    let fields: [Field<'_>; 1] = [("Content-Type", b"application/vnd.eyot.token")];
    let head = Head::new("POST", path.as_bytes()).with_headers(&fields);
    let Arrived::Exchange(asked) = site.islands.arrive(&head, None, None) else { panic!("an island") };
    assert!(asked.body_limit() > 0);
    asked.take_body(token.as_bytes()).expect("a token");
    assert_eq!((asked.method(), asked.path()), ("GET", Some(url.as_str())));
    assert_eq!(asked.open("", NOW, &mut Vec::new()).expect("it opens").name.as_str(), "Cart");
    for (body, code) in
        [("", "token-length"), ("a/b", "token-encoding"), ("a b", "token-encoding"), ("é", "token-encoding")]
    {
        let Arrived::Exchange(asked) = site.islands.arrive(&head, None, None) else { panic!("an island") };
        let (reply, event) = *asked.take_body(body.as_bytes()).unwrap_err();
        assert_eq!((reply.status, event.code), (400, code), "{body}");
    }
    let Arrived::Exchange(asked) = site.islands.arrive(&head, None, None) else { panic!("an island") };
    assert_eq!(asked.take_body(&vec![b'a'; 70_000]).unwrap_err().0.status, 413);
}

#[test]
fn a_stream_that_was_cut_is_known_to_be_open() {
    let site = Site::new().with_policy(shop().with_stream(true));
    let Arrived::Exchange(asked) = site.islands.arrive(&Head::new("GET", b"/"), site.policy.as_ref(), None) else {
        panic!("a page")
    };
    let mut page = asked.page(true);
    assert!(!page.is_open(), "nothing has begun");
    let left = through(&mut page, Answer::html(200, "").in_pieces(&["<p>", "<Nobody server:defer />"]));
    assert!(left.is_cut && page.is_open());
    let mut page = asked.page(true);
    through(&mut page, Answer::html(200, "").in_pieces(&["<p>", "<Cart server:defer />"]));
    assert!(!page.is_open(), "it came to its end");
}

#[test]
fn a_page_that_the_host_knows_to_be_faulty_is_kept_by_no_cache() {
    let site = Site::new().with_policy(shop());
    let Arrived::Exchange(asked) = site.islands.arrive(&Head::new("GET", b"/"), site.policy.as_ref(), None) else {
        panic!("a page")
    };
    let sound = through(&mut asked.out(), through(&mut asked.page(true), Answer::html(200, "<p>")));
    asked.note_faulty();
    let faulty = through(&mut asked.out(), through(&mut asked.page(true), Answer::html(200, "<p>")));
    assert!(is_public(&sound) && !is_public(&faulty));
}

#[test]
fn all_of_it_may_be_done_twice_or_out_of_order_without_harm() {
    let site = Site::new();
    let url = site.url("Cart");
    let Arrived::Exchange(asked) = site.islands.arrive(&Head::new("GET", url.as_bytes()), None, None) else { panic!() };
    let (mut first, mut second) = (asked.out(), asked.out());
    let html = [("Content-Type", &b"text/html"[..])];
    let response = Response::new(200, &html);
    assert!(matches!(first.whole(&response, b"<p>", &context()), Sent::Same), "nothing was asked");
    assert!(matches!(first.push(b"<p>", &context()), Flow::On(parts) if parts.clone().count() == 0));
    let _ = asked.misfit("twice");
    let _ = asked.misfit("twice");
    assert!(matches!(second.step(&response, Size::Whole), Step::Instead(reply) if reply.status == 410));
    drop(asked);
    assert!(matches!(second.whole(&response, b"<p>", &context()), Sent::Same), "its answer has gone");
    let edits = [Edit::Remove("X".into())];
    assert!(edited(&html, &edits).len() == 1);
}

#[test]
fn an_island_that_its_handler_never_answered_is_an_error_of_the_app() {
    let site = Site::new();
    for status in [200, 404] {
        let (left, events) = site.answers(&site.url("Cart"), From::Between(Answer::html(status, "<p>nothing")));
        assert_eq!((left.status, codes(&events), events[0].level), (404, vec!["island-unanswered"], Level::Error));
    }
}
