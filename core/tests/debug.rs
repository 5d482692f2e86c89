//! No debug text shows a token, a prop, a slot, a page or a cookie: lengths alone. Debug texts end up in logs.

mod support;

use std::fmt::Debug;
use std::fs;
use std::path::Path;

use eyot::exchange::{Arrived, Exchange, PageOut, PageRules, Size};
use eyot::http::{Head, Refusal, Response, Route, ShellPolicy};
use eyot::placeholder::{Options, Placeholder};
use eyot::seal::{Opened, Payload};
use eyot::{Entropy, EntropyError, IslandName, Mount, Page, Props, Sealing, Slots, Splitter, Token};
use support::{NOW, builder, context, keys, split};

/// What must never be shown.
const SECRET: &str = "s3cret";

/// Types that cannot hold what must not be shown, because their values are names, codes, numbers or configuration.
const PLAIN: &[&str] = &[
    "AssemblyError",
    "Asset",
    "BadToken",
    "Builder",
    "Delivery",
    "Diagnostic",
    "DiagnosticKind",
    "DurationError",
    "EntropyError",
    "Error",
    "Event",
    "Finding",
    "FindingKind",
    "IslandName",
    "Islands",
    "KeyId",
    "Kind",
    "Leak",
    "Level",
    "MountProblem",
    "OpenError",
    "OptionError",
    "Origin",
    "OriginProblem",
    "PageKind",
    "Paths",
    "PatternError",
    "Position",
    "Problem",
    "PropsError",
    "Reason",
    "Redirect",
    "Refresh",
    "SealMode",
    "Setting",
    "ShellPolicy",
    "Size",
    "Spelling",
    "StaleToken",
    "Types",
    "Unsplit",
    "Value",
    "When",
];

struct Source;

impl Entropy for Source {
    fn fill(&self, nonce: &mut [u8; 24]) -> Result<(), EntropyError> {
        nonce.copy_from_slice(b"s3crets3crets3crets3cret");
        Ok(())
    }
}

/// Collects debug texts, short and long, by the name of their type.
#[derive(Default)]
struct Texts(Vec<(&'static str, String)>);

impl Texts {
    fn add(&mut self, name: &'static str, value: &impl Debug) {
        self.0.push((name, format!("{value:?} {value:#?}")));
    }
}

const PAGE: &str = "<p>s3cret</p><Cart server:defer user=s3cret><i slot=fallback>s3cret</i>s3cret</Cart>\
                    <Price server:defer user=s3cret server:ttl=60 />";

fn shells(texts: &mut Texts) {
    let placeholder = format!("<p island=Cart island-src=\"/{SECRET}/Cart\" island-token=\"{SECRET}\">{SECRET}</p>");
    let mut assembly = eyot::assembly::Assembly::new(placeholder.into_bytes());
    let ask = assembly.next().expect("an end").expect("an island");
    texts.add("Ask", &ask);
    texts.add("Assembly", &assembly);
    let islands = builder().build().expect("good");
    texts.add("Shell", &islands.split(PAGE.as_bytes(), &context()).expect("good"));
    let prepared = islands.prepare(PAGE.as_bytes()).expect("good");
    texts.add("Rendering", &prepared.rendering(&context()).expect("good"));
    texts.add("Prepared", &prepared);
    let mut splitter = Splitter::new(&islands);
    let (start, rest) = PAGE.as_bytes().split_at(PAGE.find("user").expect("it is there"));
    texts.add("Segments", &splitter.push(start, &context()).expect("good"));
    texts.add("Splitter", &splitter);
    texts.add("Segments", &splitter.push(rest, &context()).expect("good"));
    texts.add("Splitter", &splitter);
}

fn parts(texts: &mut Texts) {
    let props = br#"{"user":"s3cret"}"#;
    let slots = Slots::with_fallback(b"s3cret").with_error(&b"s3cret"[..]).with_sealed(&[("x", "s3cret")]);
    let name = IslandName::new("Cart").expect("good");
    texts.add("Props", &Props::parse(&name, props).expect("good"));
    texts.add("Slots", &slots);
    texts.add("Options", &Options::default());
    texts.add("Placeholder", &Placeholder::new("Cart").with_props(Props::trusted(props)).with_slots(slots));
    let payload = Payload { props, slots: b"s3cret", page: b"s3cret" };
    texts.add("Payload", &payload);
    texts.add("Opened", &Opened { payload, expires: None });
    texts.add("Sealing", &Sealing::Unlinkable(*b"s3crets3crets3crets3cret"));
    texts.add("KeyRing", &keys());
    texts.add("Context", &context().with_entropy(&Source).with_page(Page::default()));
    texts.add("Page", &Page::default());
    texts.add("Mount", &Mount::ROOT);
}

fn requests(texts: &mut Texts) {
    let islands = builder().build().expect("good");
    let shell = split("<Cart server:defer user=s3cret />");
    let url = shell.split('"').find(|part| part.starts_with('/')).expect("a URL");
    let token = url.rsplit('/').next().expect("a token");
    texts.add("Token", &Token::new(token.as_bytes()).expect("a token"));
    let headers: [(&str, &[u8]); 2] = [("Host", b"shop.example"), ("Cookie", b"session=s3cret")];
    let head = Head::new("GET", url.as_bytes()).with_headers(&headers);
    texts.add("Head", &head);
    let Some(route) = islands.route(&head) else { panic!("the app's") };
    texts.add("Route", &route);
    let Route::Pending(pending) = route else { panic!("no island") };
    texts.add("Pending", &pending);
    let mut buffer = Vec::new();
    texts.add("OpenedIsland", &pending.open(&islands, b"", "", NOW, &mut buffer).expect("it opens"));
    let answer: [(&str, &[u8]); 1] = [("Set-Cookie", b"session=s3cret")];
    let response = Response::new(200, &answer).with_body(b"<p>s3cret</p>").with_page(b"s3cret");
    texts.add("Response", &response);
    let outcome = pending.finish(&islands, &response).expect("an island");
    outcome.edits.iter().for_each(|edit| texts.add("Edit", edit));
    texts.add("Outcome", &outcome);
    let arrived = islands.arrive(&head, None, None);
    texts.add("Arrived", &arrived);
    let Arrived::Exchange(exchange) = arrived else { panic!("an island") };
    texts.add("Exchange", &exchange);
    opened(&exchange, texts);
    let visit = ShellPolicy::new(0, 60)
        .expect("short")
        .incoming(&islands, &Head::new("GET", b"/?q=s3cret&island-fresh").with_headers(&headers));
    texts.add("Visit", &visit);
    let refusal = Refusal::mount("GET");
    texts.add("Reply", &refusal.reply);
    texts.add("Refusal", &refusal);
    assert!(texts.0.iter().all(|(_, text)| !text.contains(token)), "a token is shown");
}

/// What an exchange shows when its token has been opened, and on its way out.
fn opened(exchange: &Exchange, texts: &mut Texts) {
    exchange.open("", NOW, &mut Vec::new()).expect("it opens");
    texts.add("Exchange", exchange);
    let headers: [(&str, &[u8]); 2] = [("Set-Cookie", b"session=s3cret"), ("Content-Type", b"text/html")];
    let response = Response::new(200, &headers);
    let mut out = exchange.out();
    texts.add("Step", &out.step(&response, Size::Whole));
    texts.add("Out", &out);
}

fn pages(texts: &mut Texts) {
    const PAGE: &[u8] = b"<p>s3cret<Cart server:defer user=s3cret />";
    let (islands, html) = (builder().build().expect("good"), [("Content-Type", &b"text/html"[..])]);
    let response = Response::new(200, &html);
    let mut out = PageOut::new(&islands, PageRules::new("/_server-islands/Cart/s3cret").with_debug(true));
    texts.add("PageRules", &PageRules::new("/_server-islands/Cart/s3cret"));
    texts.add("Sent", &out.whole(&response, PAGE, &context()));
    texts.add("Step", &out.step(&response, Size::More));
    texts.add("Flow", &out.push(PAGE, &context()));
    texts.add("PageOut", &out);
    texts.add("Flow", &out.push(b"s3cret<Nobody server:defer user=s3cret />", &context()));
    let sound = PageRules::new("/").with_must_be_sound(true).with_debug(true);
    let mut cut = PageOut::new(&islands, sound);
    texts.add("Step", &cut.step(&response, Size::More));
    texts.add("Flow", &cut.push(b"<Nobody server:defer user=s3cret />", &context()));
}

#[test]
fn no_debug_text_shows_a_token_a_prop_a_slot_a_page_or_a_cookie() {
    let mut texts = Texts::default();
    shells(&mut texts);
    parts(&mut texts);
    requests(&mut texts);
    pages(&mut texts);
    for (name, text) in &texts.0 {
        assert!(!text.contains(SECRET), "{name}: {text}");
        // Bytes as numbers show as much.
        assert!(!text.contains("115, 51, 99") && !text.contains("115,\n"), "{name}: {text}");
    }
    let shown: Vec<&str> = texts.0.iter().map(|(name, _)| *name).collect();
    for name in public_types(Path::new("src")) {
        assert!(
            shown.contains(&name.as_str()) != PLAIN.contains(&name.as_str()),
            "{name} is in neither list, or in both"
        );
    }
}

/// The names of all public types.
fn public_types(folder: &Path) -> Vec<String> {
    let entries = fs::read_dir(folder).expect("the sources").map(|entry| entry.expect("a readable folder").path());
    let mut names = Vec::new();
    for path in entries {
        if path.is_dir() {
            names.extend(public_types(&path));
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            let text = fs::read_to_string(&path).expect("text");
            let types =
                text.lines().filter_map(|line| line.strip_prefix("pub struct ").or(line.strip_prefix("pub enum ")));
            let name = |rest: &str| rest.chars().take_while(|letter| letter.is_alphanumeric()).collect();
            names.extend(types.map(name));
        }
    }
    names
}
