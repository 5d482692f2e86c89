//! Both stations around an app, without a server: what leaves, and what is logged. The host here is what every host is: it
//! asks the machine and moves bytes.

mod support;

use eyot::exchange::{Arrived, Event, Exchange, Flow, Out, PageOut, PageRules, Sent, Size, Step};
use eyot::http::{Edit, Field, Head, Outcome, Reply, Response, ShellPolicy, edited};
use eyot::placeholder::Placeholder;
use eyot::{Context, Islands};
use support::{NOW, builder, context, without_tokens};

const HTML: (&str, &str) = ("Content-Type", "text/html; charset=utf-8");
const PAGE: &str = "<!doctype html><p><Cart server:defer note=s3cret><i slot=\"fallback\">0</i></Cart>";
const SHELL: &str = "<!doctype html><p><server-island island=\"Cart\" island-src=\"…\"><i>0</i></server-island>";

/// A response on its way: of the app, of a layer between, or as it leaves.
#[derive(Debug, Clone, Default)]
struct Answer {
    status: u16,
    headers: Vec<(String, String)>,
    chunks: Vec<String>,
    /// Whether its size is known at the start.
    is_whole: bool,
    /// Whether the connection is cut at its end.
    is_cut: bool,
}

impl Answer {
    fn html(status: u16, body: &str) -> Self {
        Self::new(status, &[HTML], body)
    }

    fn new(status: u16, headers: &[(&str, &str)], body: &str) -> Self {
        let headers = headers.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        Self { status, headers, chunks: vec![body.to_owned()], is_whole: true, is_cut: false }
    }

    fn in_pieces(mut self, chunks: &[&str]) -> Self {
        self.chunks = chunks.iter().map(|chunk| (*chunk).to_owned()).collect();
        self.is_whole = false;
        self
    }

    fn with(mut self, name: &str, value: &str) -> Self {
        self.headers.push((name.to_owned(), value.to_owned()));
        self
    }

    fn fields(&self) -> Vec<Field<'_>> {
        self.headers.iter().map(|(name, value)| (name.as_str(), value.as_bytes())).collect()
    }

    fn get(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(known, _)| known.eq_ignore_ascii_case(name)).map(|(_, value)| value.as_str())
    }

    fn body(&self) -> String {
        self.chunks.concat()
    }

    fn text(&self) -> String {
        without_tokens(&self.body())
    }

    fn edit(&mut self, outcome: &Outcome) {
        let headers = self.fields();
        let headers = edited(&headers, &outcome.edits);
        let text = |value: &[u8]| String::from_utf8_lossy(value).into_owned();
        self.headers = headers.iter().map(|(name, value)| ((*name).to_owned(), text(value))).collect();
        self.status = outcome.status;
        if !outcome.has_body {
            self.chunks.clear();
        }
    }

    fn of(reply: &Reply) -> Self {
        let headers = reply.headers.iter().map(|(name, value)| (*name, value.as_ref())).collect::<Vec<_>>();
        Self::new(reply.status, &headers, &String::from_utf8_lossy(&reply.body))
    }
}

/// The two ways out have the same calls.
trait WayOut {
    fn step(&mut self, response: &Response<'_>, size: Size) -> Step;
    fn whole<'p>(&mut self, response: &Response<'_>, body: &'p [u8]) -> Sent<'p>;
    fn flow<'s>(&'s mut self, chunk: Option<&'s [u8]>) -> Flow<'s>;
}

macro_rules! way_out {
    ($type:ty, $context:expr) => {
        impl WayOut for $type {
            fn step(&mut self, response: &Response<'_>, size: Size) -> Step {
                self.step(response, size)
            }

            fn whole<'p>(&mut self, response: &Response<'_>, body: &'p [u8]) -> Sent<'p> {
                self.whole(response, body, &$context)
            }

            fn flow<'s>(&'s mut self, chunk: Option<&'s [u8]>) -> Flow<'s> {
                match chunk {
                    Some(chunk) => self.push(chunk, &$context),
                    None => self.finish(&$context),
                }
            }
        }
    };
}

way_out!(PageOut, context());
way_out!(Out, context().with_seals(false));

/// What a host does with a response at a station.
fn through(out: &mut impl WayOut, mut answer: Answer) -> Answer {
    let headers = answer.clone();
    let headers = headers.fields();
    let response = Response::new(answer.status, &headers);
    let mut step = out.step(&response, Size::Unknown);
    if step == Step::Wait {
        step = out.step(&response, if answer.is_whole { Size::Whole } else { Size::More });
    }
    match step {
        Step::Pass => answer,
        Step::Edited(outcome) => {
            answer.edit(&outcome);
            answer
        }
        Step::Instead(reply) => Answer::of(&reply),
        Step::Stream(outcome) => {
            let chunks = std::mem::take(&mut answer.chunks);
            answer.edit(&outcome);
            streamed(out, answer, &chunks)
        }
        Step::Collect | Step::Decode(_) => {
            let body = answer.body();
            match out.whole(&response, body.as_bytes()) {
                Sent::Same => {}
                Sent::Edited(outcome) => answer.edit(&outcome),
                Sent::Shell(outcome, shell) => {
                    answer.chunks = vec![String::from_utf8_lossy(&shell.into_bytes()).into_owned()];
                    answer.is_whole = true;
                    answer.edit(&outcome);
                }
                Sent::Instead(reply) => return Answer::of(&reply),
            }
            answer
        }
        other => panic!("{other:?} is no answer to a size"),
    }
}

fn streamed(out: &mut impl WayOut, mut answer: Answer, chunks: &[String]) -> Answer {
    for chunk in chunks.iter().map(Some).chain([None]) {
        match out.flow(chunk.map(String::as_bytes)) {
            Flow::On(segments) => {
                let text: Vec<u8> = segments.flatten().copied().collect();
                answer.chunks.push(String::from_utf8_lossy(&text).into_owned());
            }
            Flow::Last(rest) => answer.chunks.push(String::from_utf8_lossy(&rest).into_owned()),
            Flow::Cut(rest, _) => {
                answer.chunks.push(String::from_utf8_lossy(&rest).into_owned());
                answer.is_cut = true;
                break;
            }
        }
    }
    answer
}

/// What a visitor asks for, and how the site is set up.
#[derive(Clone)]
struct Site {
    islands: Islands,
    method: &'static str,
    headers: Vec<(&'static str, &'static str)>,
    policy: Option<ShellPolicy>,
    visitor: Option<&'static str>,
    shared: Option<u32>,
    /// Whether the HTML pass is on.
    splits: bool,
}

/// Where a response comes from.
enum From {
    /// Of the app, or of the island's handler.
    App(Answer),
    /// Of the handler, which refuses its props.
    Misfit,
    /// Of a layer between the stations.
    Between(Answer),
    /// Of the app, and then changed by a layer between.
    Changed(Answer, fn(&mut Answer)),
}

impl Site {
    fn new() -> Self {
        Self::of(builder().build().expect("good"))
    }

    fn debugging() -> Self {
        Self::of(builder().debug(true).build().expect("good"))
    }

    fn of(islands: Islands) -> Self {
        let (headers, policy) = (Vec::new(), None);
        Self { islands, method: "GET", headers, policy, visitor: None, shared: None, splits: true }
    }

    fn with_policy(mut self, policy: ShellPolicy) -> Self {
        self.policy = Some(policy);
        self
    }

    fn asks(mut self, method: &'static str, headers: &[(&'static str, &'static str)]) -> Self {
        self.method = method;
        self.headers = headers.to_vec();
        self
    }

    /// What leaves, and what is logged.
    fn answers(&self, target: &str, from: From) -> (Answer, Vec<Event>) {
        let fields: Vec<Field<'_>> = self.headers.iter().map(|(name, value)| (*name, value.as_bytes())).collect();
        let head = Head::new(self.method, target.as_bytes()).with_headers(&fields);
        match self.islands.arrive(&head, self.policy.as_ref(), self.visitor) {
            Arrived::Answer(reply, event) => (Answer::of(&reply), event.into_iter().collect()),
            Arrived::App(event) => {
                let mut page = PageOut::new(&self.islands, PageRules::new(target).with_mark(true));
                let out = Out::new(&self.islands, PageRules::new(target));
                let (answer, mut events) = self.around(&mut page, out, None, from);
                events.extend(event);
                (answer, events)
            }
            Arrived::Exchange(exchange) => {
                if let Some(seconds) = self.shared {
                    exchange.share(seconds);
                }
                let out = exchange.out();
                let mut page = exchange.page(self.splits);
                self.around(&mut page, out, Some(&exchange), from)
            }
        }
    }

    fn around(
        &self,
        page: &mut PageOut,
        mut out: Out,
        exchange: Option<&Exchange>,
        from: From,
    ) -> (Answer, Vec<Event>) {
        let inside = |page: &mut PageOut, answer: Answer| match exchange.filter(|exchange| exchange.name().is_some()) {
            Some(exchange) => match exchange.open("", NOW, &mut Vec::new()) {
                Ok(_) => through(page, answer),
                Err(reply) => Answer::of(&reply),
            },
            None => through(page, answer),
        };
        let answer = match from {
            From::App(answer) => inside(page, answer),
            From::Between(answer) => answer,
            From::Misfit => Answer::of(&exchange.expect("an island").misfit("sku: not a text")),
            From::Changed(answer, layer) => {
                let mut answer = inside(page, answer);
                layer(&mut answer);
                answer
            }
        };
        let left = through(&mut out, answer);
        let events = page.events().into_iter().chain(out.events()).collect();
        assert_eq!(left.get("Eyot-Split"), None, "the mark never leaves");
        (left, events)
    }

    /// The URL of an island.
    fn url(&self, name: &str) -> String {
        let mut url = Vec::new();
        self.islands.url(&Placeholder::new(name), &Context::at(NOW), &mut url).expect("a URL");
        String::from_utf8(url).expect("ASCII")
    }
}

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
fn a_page_that_the_inner_station_has_split_leaves_as_it_is_without_a_mark() {
    let (left, events) = Site::new().answers("/", From::App(Answer::html(200, PAGE)));
    assert_eq!((left.status, left.text().as_str(), codes(&events)), (200, SHELL, vec![]));
}

#[test]
fn a_page_of_a_layer_between_is_split_without_seals_told_of_and_kept_out_of_caches() {
    let page = Answer::html(429, PAGE).with("Cache-Control", "public");
    let (left, events) = Site::new().answers("/", From::Between(page));
    assert_eq!((left.status, left.body().as_str()), (429, "<!doctype html><p><i>0</i>"));
    assert_eq!(left.get("Cache-Control"), Some("private, no-store"));
    assert!(codes(&events).contains(&"not-seen-inside") && codes(&events).contains(&"unsealed"), "{events:?}");
}

#[test]
fn a_page_of_a_layer_between_without_islands_passes_with_its_validators_and_without_a_word() {
    let page = Answer::html(200, "<p>404").with("ETag", "\"1\"");
    let (left, events) = Site::new().answers("/", From::Between(page));
    assert_eq!((left.body().as_str(), left.get("ETag"), events.len()), ("<p>404", Some("\"1\""), 0));
}

#[test]
fn a_page_of_a_layer_between_never_gets_the_routes_policy() {
    for body in [PAGE, "<!doctype html><p>Too many"] {
        let (left, _) = Site::new().with_policy(shop()).answers("/", From::Between(Answer::html(200, body)));
        assert!(!is_public(&left) && !left.body().contains("server:"), "{left:?}");
    }
}

#[test]
fn a_stream_of_a_layer_between_is_split_as_it_comes() {
    let page = Answer::html(200, "").in_pieces(&[
        "<!doctype html><p><Ca",
        "rt server:defer note=s3cret><i slot=fallback>0</i></Cart>",
        "<p>",
    ]);
    for site in [Site::new(), Site::new().with_policy(shop())] {
        let (left, events) = site.answers("/", From::Between(page.clone()));
        assert!(
            !left.body().contains("s3cret") && left.body().ends_with("<i>0</i><p>") && !is_public(&left),
            "{left:?}"
        );
        assert!(codes(&events).contains(&"not-seen-inside"), "{events:?}");
    }
}

#[test]
fn a_page_whose_html_pass_is_off_is_not_split_by_the_outer_station_either() {
    let site = Site { splits: false, ..Site::new().with_policy(shop()) };
    let (left, events) = site.answers("/", From::App(Answer::html(200, PAGE)));
    assert_eq!((left.body().as_str(), codes(&events)), (PAGE, vec![]));
}

#[test]
fn the_apps_own_header_of_the_marks_name_never_makes_a_page_of_a_layer_a_split_one() {
    let (left, _) = Site::new().answers("/", From::App(Answer::html(200, PAGE).with("eyot-split", "island")));
    assert_eq!(left.text(), SHELL);
}

#[test]
fn a_page_with_a_policy_becomes_a_shell() {
    let site = Site::new().with_policy(shop()).asks("GET", &[("Cookie", "session=1")]);
    let (left, events) = site.answers("/p/1", From::App(Answer::html(200, PAGE)));
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
    let (page, _) = site.answers("/", From::App(Answer::html(200, PAGE)));
    let (head, _) = site.asks("HEAD", &[]).answers("/", From::App(Answer::html(200, PAGE)));
    assert_eq!((head.body().as_str(), head.get("ETag")), ("", page.get("ETag")));
    assert_eq!(head.get("Content-Length"), page.get("Content-Length"));
}

#[test]
fn events_and_downloads_on_a_route_with_a_policy_pass_with_their_head() {
    for media in ["text/event-stream", "application/octet-stream", "text/csv"] {
        let stream = Answer::new(200, &[("Content-Type", media)], "").in_pieces(&["a", "b"]);
        let (left, _) = Site::new().with_policy(shop()).answers("/", From::App(stream));
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
    let (left, _) = Site::new().with_policy(shop()).answers("/", From::App(page));
    assert!(!is_public(&left), "{left:?}");
}

#[test]
fn a_page_that_a_layer_compressed_is_judged_and_sent_as_what_it_was_made_of() {
    // The host undoes the coding: here it is none.
    fn compressed(answer: &mut Answer) {
        answer.headers.push(("Content-Encoding".into(), "gzip".into()));
    }
    let site = Site::new().with_policy(shop());
    let (left, _) = site.answers("/", From::Changed(Answer::html(200, PAGE), compressed));
    assert!(is_public(&left) && left.get("Content-Encoding").is_none() && left.text() == SHELL, "{left:?}");
    let leaks = "<!doctype html><input type=hidden name=csrfmiddlewaretoken value=b2c4f6a8e0d2c4b6a8f0e2d4c6b8a0f2e4d6c8b0a2f4e6d8c0b2a4f6e8d0c2b4>";
    let (left, events) = site.answers("/", From::Changed(Answer::html(200, leaks), compressed));
    assert!(!is_public(&left) && codes(&events) == ["leak-csrf"], "{left:?} {events:?}");
}

#[test]
fn a_page_that_is_compressed_between_as_the_visitor_asked_leaves_compressed_with_the_tag_of_what_it_was_made_of() {
    let site = Site::new().with_policy(shop());
    let Arrived::Exchange(asked) = site.islands.arrive(&Head::new("GET", b"/"), site.policy.as_ref(), None) else {
        panic!("a page")
    };
    let page = through(&mut asked.page(true), Answer::html(200, PAGE));
    let plain = through(&mut asked.out(), page.clone());
    let mut compressed = page.with("Content-Encoding", "gzip");
    compressed.headers.retain(|(name, _)| name != "Content-Length");
    let compressed = compressed.with("Content-Length", "7");
    let left = through(&mut asked.out().keeping_coding(), compressed);
    assert_eq!((left.get("Content-Encoding"), left.get("Content-Length")), (Some("gzip"), Some("7")));
    assert!(is_public(&left) && left.get("ETag") == plain.get("ETag"), "{left:?}");
}

#[test]
fn a_page_with_problems_stays_out_of_caches_whatever_layers_say_afterwards() {
    fn public(answer: &mut Answer) {
        answer.headers.retain(|(name, _)| name != "Cache-Control");
        answer.headers.push(("Cache-Control".into(), "public, max-age=60".into()));
    }
    let page = Answer::html(200, "<!doctype html><p><Nobody server:defer>0</Nobody>");
    let (left, events) = Site::new().with_policy(shop()).answers("/", From::Changed(page, public));
    assert!(!is_public(&left) && codes(&events) == ["name-unknown"], "{left:?} {events:?}");
}

#[test]
fn while_debugging_the_policy_is_named_and_one_without_effect_is_told_of() {
    let site = Site::debugging().with_policy(shop()).asks("GET", &[("Cookie", "a=b"), ("X-Theme", "dark")]);
    let (left, _) = site.answers("/", From::App(Answer::html(200, "<!doctype html><title>a</title><p>")));
    assert_eq!(left.get("Eyot-Policy"), Some("public, max-age=0, s-maxage=600; hidden=cookie"));
    let own = Answer::html(200, "<!doctype html><title>a</title><p>").with("Cache-Control", "no-cache");
    let (_, events) = site.answers("/", From::App(own));
    assert_eq!(codes(&events), ["policy-without-effect"]);
    let production = Site::new().with_policy(shop());
    assert_eq!(production.answers("/", From::App(Answer::html(200, PAGE))).0.get("Eyot-Policy"), None);
}

#[test]
fn while_debugging_what_leaks_is_shown_instead() {
    let page = Answer::html(200, "<!doctype html><p>Ada").with("Set-Cookie", "a=b");
    let (left, events) = Site::debugging().with_policy(shop()).answers("/", From::App(page.clone()));
    assert!(left.status == 500 && left.body().contains("not the same for everybody"), "{left:?}");
    assert!(left.get("Set-Cookie").is_none() && codes(&events) == ["leak-cookie"], "{events:?}");
    let (left, _) = Site::new().with_policy(shop()).answers("/", From::App(page));
    assert!(left.status == 200 && !is_public(&left) && left.get("Set-Cookie").is_none(), "{left:?}");
}

#[test]
fn a_visitor_who_is_known_outside_of_the_outer_station_takes_the_policy_away() {
    let site = Site { visitor: Some("request.session"), ..Site::new().with_policy(shop()) };
    let (left, events) = site.answers("/", From::App(Answer::html(200, PAGE)));
    assert_eq!((is_public(&left), left.text().as_str(), codes(&events)), (false, SHELL, vec!["order-visitor"]));
    let site = Site { visitor: Some("request.session"), ..Site::debugging().with_policy(shop()) };
    let (left, _) = site.answers("/", From::App(Answer::html(200, PAGE)));
    assert!(left.status == 500 && left.body().contains("request.session"), "{left:?}");
}

#[test]
fn an_island_leaves_with_the_headers_of_one() {
    let site = Site::new();
    let (left, events) = site.answers(&site.url("Cart"), From::App(Answer::html(200, "<b>3</b>")));
    assert_eq!((left.get("Island"), left.get("Cache-Control")), (Some("Cart"), Some("private, no-store")));
    assert_eq!((left.body().as_str(), codes(&events)), ("<b>3</b>", vec![]));
}

#[test]
fn an_island_without_a_media_type_is_html() {
    let site = Site::new();
    let (left, _) = site.answers(&site.url("Cart"), From::App(Answer::new(200, &[], "<b>3</b>")));
    assert_eq!((left.status, left.get("Island")), (200, Some("Cart")));
}

#[test]
fn an_answer_of_a_handler_that_is_no_html_is_refused_and_the_log_names_island_and_type() {
    for media in ["application/json", "text/plain", "image/png", ""] {
        let site = Site::new();
        let answer = Answer::new(200, &[("Content-Type", media)], "{}");
        let (left, events) = site.answers(&site.url("Cart"), From::App(answer));
        assert_eq!((left.status, left.get("Island"), codes(&events)), (500, None, vec!["island-type"]), "{media}");
        assert!(events[0].message.contains(media) && events[0].to_string().contains("Cart"), "{events:?}");
    }
}

#[test]
fn what_answers_in_the_handlers_place_is_no_island() {
    let site = Site::new();
    let (left, events) = site.answers(&site.url("Cart"), From::Between(Answer::html(200, "<p>Sign in")));
    assert_eq!((left.status, left.get("Island"), codes(&events)), (404, None, vec!["island-unanswered"]));
    let (left, _) = site.answers(&site.url("Cart"), From::Between(Answer::html(503, PAGE)));
    assert!(left.status == 503 && left.get("Island").is_none() && !left.body().contains("s3cret"), "{left:?}");
}

#[test]
fn a_layers_sign_in_is_news_of_a_redirect() {
    let site = Site::new();
    let redirect = Answer::new(302, &[("Location", "/login")], "");
    let (left, events) = site.answers(&site.url("Cart"), From::Between(redirect));
    assert_eq!((left.status, left.get("Island-Location"), codes(&events)), (204, Some("/login"), vec![]));
}

#[test]
fn a_redirect_of_an_island_to_itself_is_told_of() {
    let site = Site::new();
    let url = site.url("Cart");
    let redirect = Answer::new(302, &[("Location", &format!("/en{url}"))], "");
    let (left, events) = site.answers(&url, From::Between(redirect));
    assert_eq!((left.get("Location"), codes(&events)), (None, vec!["island-redirected"]));
}

#[test]
fn what_layers_say_of_scripts_on_every_page_is_not_the_islands() {
    fn everywhere(answer: &mut Answer) {
        answer.headers.push(("Content-Security-Policy".into(), "default-src 'self'".into()));
    }
    for splits in [true, false] {
        let site = Site { splits, ..Site::new() };
        let (left, _) = site.answers(&site.url("Cart"), From::Changed(Answer::html(200, "<b>"), everywhere));
        assert_eq!(left.get("Content-Security-Policy"), Some("default-src 'none'; sandbox"));
        let own = Answer::html(200, "<b>").with("Content-Security-Policy", "default-src https:");
        let (left, _) = site.answers(&site.url("Cart"), From::Changed(own, everywhere));
        assert_eq!(left.get("Content-Security-Policy"), Some("default-src https:"));
    }
}

#[test]
fn a_shared_island_is_judged_and_keeps_no_cookie() {
    let site = Site { shared: Some(60), ..Site::new() };
    let (left, _) = site.answers(&site.url("Price"), From::App(Answer::html(200, "<b>9</b>")));
    assert_eq!((left.get("Cache-Control"), left.get("Content-Length")), (Some("public, max-age=60"), Some("8")));
    let cookie = Answer::html(200, "<b>9</b>").with("Set-Cookie", "a=b");
    let (left, events) = site.answers(&site.url("Price"), From::App(cookie));
    assert!(!is_public(&left) && left.get("Set-Cookie").is_none() && codes(&events) == ["leak-cookie"], "{events:?}");
}

#[test]
fn a_prop_that_does_not_fit_is_answered_as_stale() {
    let site = Site::new();
    let (left, events) = site.answers(&site.url("Cart"), From::Misfit);
    assert_eq!((left.status, left.get("Island-Refused"), codes(&events)), (410, Some("stale"), vec!["props-type"]));
    assert_eq!((events[0].status, events[0].message.as_str()), (Some(410), "sku: not a text"));
}

#[test]
fn a_refusal_says_its_reason_to_the_visitor_only_while_debugging() {
    for (site, is_told) in [(Site::new(), false), (Site::debugging(), true)] {
        let bad = site.url("Cart").replace("/Cart/", "/Cart/AAAA");
        let (left, events) = site.answers(&bad, From::App(Answer::html(200, "<b>")));
        assert_eq!((left.status, events.len(), events[0].status), (400, 1, Some(400)));
        assert_eq!(left.body().contains("token"), is_told, "{left:?}");
        assert_eq!(left.get("Content-Length"), Some(left.body().len().to_string().as_str()));
        assert!(!events[0].to_string().contains("AAAA"), "{events:?}");
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
