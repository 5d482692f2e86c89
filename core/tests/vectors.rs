//! The shared test vectors, through the public API, as every binding runs them; `vectors/README.md` has their format.
#![allow(clippy::unwrap_used, reason = "a test stops where something is not as expected")]

mod support;

use std::collections::HashSet;

use eyot::exchange::Event;
use eyot::http::{Edit, Outcome, PageKind, Response, ShellPolicy};
use eyot::seal::{OpenError, Payload};
use eyot::{Context, Error, IslandName, Islands, KeyRing, Mount, Page, Sealing, Splitter};
use serde_json::Value;
use support::host::{Answer, From, Site};

#[test]
fn rings_have_the_ids_or_the_error_of_their_vectors() {
    for vector in vectors(include_str!("vectors/keys.json")) {
        let ring = if let Some(keys) = vector["keys"].as_str() {
            KeyRing::parse(keys)
        } else if let Some(file) = vector["file"].as_str() {
            KeyRing::parse_file(file)
        } else {
            let secrets = vector["secrets"].as_array().unwrap();
            KeyRing::derive(&secrets.iter().map(|secret| secret.as_str().unwrap().as_bytes()).collect::<Vec<_>>())
        };
        let ids = ring.as_ref().ok().map(|ring| ring.ids().map(|id| Value::from(id.to_string())).collect::<Vec<_>>());
        assert_eq!(ids.as_ref(), vector["ids"].as_array(), "{}", vector["title"]);
        assert_eq!(ring.as_ref().err().map(Error::code), vector["error"].as_str(), "{}", vector["title"]);
    }
}

#[test]
fn tokens_are_sealed_and_opened_as_their_vectors_say() {
    for vector in vectors(include_str!("vectors/tokens.json")) {
        let text = |field: &str| vector[field].as_str().unwrap();
        let payload =
            Payload { props: text("props").as_bytes(), slots: text("slots").as_bytes(), page: text("page").as_bytes() };
        let expires = vector["expires"].as_u64().map(|at| u32::try_from(at).unwrap());
        let sealing = vector["nonce"].as_str().map_or(Sealing::Stable, |hex| Sealing::Unlinkable(nonce(hex)));
        let island = IslandName::new(text("island")).unwrap();

        let mut token = Vec::new();
        let sealing_ring = KeyRing::parse(text("sealing_keys")).unwrap();
        sealing_ring.seal(&island, text("audience"), payload, sealing, expires, &mut token).unwrap();
        assert_eq!(std::str::from_utf8(&token), Ok(text("token")), "{}", vector["title"]);

        let mut buffer = Vec::new();
        let ring = KeyRing::parse(text("keys")).unwrap();
        let now = vector["now"].as_u64().unwrap();
        let opened = ring.open(&island, text("audience"), &token, now, &mut buffer).unwrap();
        assert_eq!((opened.payload, opened.expires), (payload, expires), "{}", vector["title"]);
    }
}

#[test]
fn tokens_are_refused_as_their_vectors_say() {
    for vector in vectors(include_str!("vectors/refused.json")) {
        let text = |field: &str| vector[field].as_str().unwrap();
        let ring = KeyRing::parse(text("keys")).unwrap();
        let island = IslandName::new(text("island")).unwrap();
        let now = vector["now"].as_u64().unwrap();
        let mut buffer = Vec::new();
        let error = ring.open(&island, text("audience"), text("token").as_bytes(), now, &mut buffer).unwrap_err();
        let status = if matches!(error, OpenError::Bad(_)) { "bad" } else { "stale" };
        assert_eq!((status, error.code()), (text("status"), text("code")), "{}", vector["title"]);
    }
}

#[test]
fn responses_are_what_their_vectors_say() {
    for vector in vectors(include_str!("vectors/responses.json")) {
        let fields = fields(&vector["headers"]);
        let borrowed: Vec<_> = fields.iter().map(|(name, value)| (name.as_str(), value.as_bytes())).collect();
        let status = u16::try_from(vector["status"].as_u64().unwrap()).unwrap();
        let response = Response::new(status, &borrowed);
        let kind = match PageKind::of(status, &borrowed) {
            PageKind::Html => "html",
            PageKind::Part => "part",
            PageKind::Compressed => "compressed",
            PageKind::Text => "text",
            _ => "other",
        };
        assert_eq!(vector["kind"], kind, "{}", vector["title"]);
        for (field, edits) in [
            ("split", Outcome::split(&response, Some(7)).edits),
            ("streamed", Outcome::split(&response, None).edits),
            ("uncached", Outcome::uncached(&response).edits),
        ] {
            if !vector[field].is_null() {
                assert_eq!(edited(&borrowed, &edits), self::fields(&vector[field]), "{field}: {}", vector["title"]);
            }
        }
    }
}

#[test]
fn exchanges_are_what_their_vectors_say() {
    for vector in vectors(include_str!("vectors/exchanges.json")) {
        let title = vector["title"].as_str().unwrap();
        let (left, arrived, events) = exchanged(&vector);
        assert_eq!(Value::from(arrived), vector["arrives"], "{title}");
        let expected = &vector["leaves"];
        assert_eq!(Some(u64::from(left.status)), expected["status"].as_u64(), "{title}: {left:?}");
        for (name, value) in expected["headers"].as_object().unwrap() {
            assert_eq!(left.get(name), value.as_str(), "{title}: {name} of {left:?}");
        }
        if let Some(body) = expected["body"].as_str() {
            assert_eq!(left.text(), body, "{title}");
        }
        assert_eq!(left.is_cut, expected["cut"].as_bool().unwrap_or(false), "{title}");
        let codes: HashSet<_> = events.iter().map(|event| event.code).collect();
        let expected = vector["events"].as_array().into_iter().flatten();
        assert_eq!(codes, expected.map(|code| code.as_str().unwrap()).collect(), "{title}");
    }
}

/// Runs one exchange: what leaves, what the request was, and what is logged.
fn exchanged(vector: &Value) -> (Answer, &'static str, Vec<Event>) {
    let fields = fields(&vector["headers"]);
    let headers: Vec<_> = fields.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    let site = site_of(vector, &headers);
    let target = site.target(vector["target"].as_str().unwrap());
    let from = if let Some(why) = vector["misfit"].as_str() {
        From::Misfit(why.to_owned())
    } else if vector["between"].is_object() {
        From::Between(answer(&vector["between"], &target))
    } else {
        From::App(answer(&vector["inside"], &target), self::fields(&vector["adds"]))
    };
    let arrived = site.arrives(&target);
    if let Some(asked) = arrived.exchange() {
        let hidden: Vec<_> = asked.hidden_headers().iter().map(|name| Value::from(&**name)).collect();
        assert!(vector["hidden"].is_null() || Value::from(hidden) == vector["hidden"], "{}", vector["title"]);
        let query = asked.query().map(String::from_utf8_lossy);
        assert_eq!(query.as_deref(), vector["query"].as_str(), "{}", vector["title"]);
    }
    let kind = arrived.kind();
    let (left, events) = site.answers(&target, from);
    (left, kind, events)
}

fn site_of<'v>(vector: &'v Value, headers: &[(&'v str, &'v str)]) -> Site<'v> {
    let debug = vector["debug"].as_bool().unwrap_or(false);
    let mut site: Site<'v> = if debug { Site::debugging() } else { Site::new() };
    let number = |value: &Value| u32::try_from(value.as_u64().unwrap()).unwrap();
    if let Some(policy) = vector["policy"].as_object() {
        let made = ShellPolicy::new(0, number(&policy["cdn"])).unwrap();
        site = site.with_policy(made.with_stream(policy.contains_key("stream")));
    }
    site = site.asks(vector["method"].as_str().unwrap_or("GET"), headers);
    site.visitor = vector["visitor"].as_str();
    site.shared = vector["shared"].as_u64().map(|seconds| u32::try_from(seconds).unwrap());
    site.splits = vector["inside"]["splits"].as_bool().unwrap_or(true);
    site
}

fn answer(vector: &Value, target: &str) -> Answer {
    if vector.is_null() {
        return Answer::default();
    }
    let headers = fields(&vector["headers"]);
    let status = u16::try_from(vector["status"].as_u64().unwrap()).unwrap();
    let mut answer = Answer::new(status, &[], vector["body"].as_str().unwrap_or_default());
    answer.headers = headers.into_iter().map(|(name, value)| (name, value.replace("{target}", target))).collect();
    match vector["chunks"].as_array() {
        Some(chunks) => answer.in_pieces(&chunks.iter().map(|chunk| chunk.as_str().unwrap()).collect::<Vec<_>>()),
        None => answer,
    }
}

#[test]
fn pages_split_as_their_vectors_say() {
    for vector in vectors(include_str!("vectors/split.json")) {
        let (islands, html) = (islands(&vector), vector["html"].as_str().unwrap().as_bytes());
        let split = islands.split(html, &context(&vector));
        let error = &vector["error"];
        if let Some(code) = error["code"].as_str() {
            let found = split.unwrap_err();
            let at = found.position().unwrap();
            assert_eq!(found.code(), code, "{}", vector["title"]);
            let place = (Value::from(at.line), Value::from(at.column));
            assert_eq!(place, (error["line"].clone(), error["column"].clone()), "{}", vector["title"]);
        } else {
            assert_shell(&vector, split.unwrap_or_else(|error| panic!("{error}: {}", vector["title"])));
        }
    }
}

#[test]
fn pages_are_split_in_production_as_their_vectors_say() {
    for vector in vectors(include_str!("vectors/split.json")) {
        let (islands, html) = (islands(&vector), vector["html"].as_str().unwrap().as_bytes());
        let shell = islands.split_lenient(html, &context(&vector)).unwrap();
        let problems: Vec<_> = shell.problems().iter().map(|problem| Value::from(problem.code())).collect();
        let expected: Vec<_> = vector["error"].get("code").cloned().into_iter().collect();
        assert_eq!(problems, expected, "{}", vector["title"]);
        assert_shell(&vector, shell);
    }
}

#[test]
fn pages_in_chunks_of_any_size_split_as_their_vectors_say() {
    let without_loader = |vector: &Value| vector["options"]["loader"].is_null();
    for vector in vectors(include_str!("vectors/split.json")).into_iter().filter(without_loader) {
        let (islands, html) = (islands(&vector), vector["html"].as_str().unwrap().as_bytes());
        for size in 1..20 {
            let context = context(&vector);
            let mut splitter = Splitter::new(&islands).lenient();
            let mut shell = Vec::new();
            for chunk in html.chunks(size) {
                splitter.push(chunk, &context).unwrap().for_each(|segment| shell.extend_from_slice(segment));
            }
            splitter.finish(&context).unwrap().for_each(|segment| shell.extend_from_slice(segment));
            assert_eq!(std::str::from_utf8(&shell), Ok(vector["shell"].as_str().unwrap()), "{}", vector["title"]);
            let diagnostics: Vec<_> = splitter.diagnostics().iter().map(|diagnostic| diagnostic.code()).collect();
            assert_eq!(Value::from(diagnostics), vector["diagnostics"], "{}", vector["title"]);
        }
    }
}

#[test]
fn each_page_has_a_title_of_its_own() {
    let vectors = vectors(include_str!("vectors/split.json"));
    let titles: HashSet<_> = vectors.iter().map(|vector| vector["title"].as_str().unwrap()).collect();
    assert_eq!(titles.len(), vectors.len());
}

fn assert_shell(vector: &Value, shell: eyot::Shell<'_>) {
    let names: Vec<_> = shell.islands().iter().map(|name| Value::from(name.as_str())).collect();
    let expected: Vec<_> = vector["islands"].as_array().unwrap().iter().map(|island| island["name"].clone()).collect();
    assert_eq!(names, expected, "{}", vector["title"]);
    let diagnostics: Vec<_> = shell.diagnostics().iter().map(|diagnostic| Value::from(diagnostic.code())).collect();
    assert_eq!(Value::from(diagnostics), vector["diagnostics"], "{}", vector["title"]);
    let bytes = shell.into_bytes();
    assert_eq!(std::str::from_utf8(&bytes), Ok(vector["shell"].as_str().unwrap()), "{}", vector["title"]);
}

/// The configuration of a page's vector.
fn islands(vector: &Value) -> Islands {
    let options = &vector["options"];
    let names = |field: &str| vector[field].as_array().unwrap().iter().map(|name| name.as_str().unwrap().to_owned());
    let mut builder = Islands::builder(KeyRing::parse(vector["keys"].as_str().unwrap()).unwrap())
        .loader(options["loader"].as_bool().unwrap_or(false))
        .stylesheet(options["stylesheet"].as_bool().unwrap_or(true))
        .inline_loader(options["inline_loader"].as_bool().unwrap_or(false))
        .preload(options["preload"].as_bool().unwrap_or(false))
        .page(options["page"].as_bool().unwrap_or(false))
        .origin(options["origin"].as_str().unwrap_or_default());
    builder = names("here").fold(builder, |builder, name| builder.island(name));
    builder = builder.elsewhere(names("elsewhere"));
    if let Some(limit) = options["url_limit"].as_u64() {
        builder = builder.url_limit(usize::try_from(limit).unwrap());
    }
    if let Some(seconds) = options["ttl"].as_u64() {
        builder = builder.ttl(u32::try_from(seconds).unwrap());
    }
    builder.build().unwrap()
}

/// What a page's vector is split with.
fn context(vector: &Value) -> Context<'_> {
    let options = &vector["options"];
    let context = Context::at(vector["now"].as_u64().unwrap())
        .with_mount(Mount::new(options["mount"].as_str().unwrap_or_default()).unwrap());
    match options["page_context"].as_object() {
        Some(page) => {
            context.with_page(Page { path: page["path"].as_str().unwrap(), lang: page["lang"].as_str().unwrap() })
        }
        None => context,
    }
}

fn vectors(json: &str) -> Vec<Value> {
    let vectors: Vec<Value> = serde_json::from_str(json).unwrap();
    assert!(!vectors.is_empty());
    vectors
}

fn nonce(hex: &str) -> [u8; 24] {
    let bytes = (0..48).step_by(2).map(|at| u8::from_str_radix(&hex[at..at + 2], 16).unwrap());
    bytes.collect::<Vec<_>>().try_into().unwrap()
}

/// Pairs of a name and a value.
fn fields(headers: &Value) -> Vec<(String, String)> {
    let text = |part: &Value| part.as_str().unwrap().to_owned();
    headers.as_array().into_iter().flatten().map(|pair| (text(&pair[0]), text(&pair[1]))).collect()
}

/// Headers after edits, their names in lower case.
fn edited(headers: &[(&str, &[u8])], edits: &[Edit]) -> Vec<(String, String)> {
    let text = |(name, value): (&str, &[u8])| (name.to_lowercase(), String::from_utf8(value.to_vec()).unwrap());
    eyot::http::edited(headers, edits).into_iter().map(text).collect()
}
