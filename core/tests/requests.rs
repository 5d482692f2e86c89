//! Runs `vectors/requests.json`, which every binding runs too: request heads and bodies, and what they are.

use std::collections::{BTreeMap, HashSet};

use eyot::http::{Head, Refusal, Reply, Route};
use eyot::{Islands, KeyRing, Mount};
use serde::Deserialize;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Vectors {
    #[serde(rename = "about")]
    _about: String,
    keys: String,
    now: u64,
    here: Vec<String>,
    elsewhere: Vec<String>,
    cases: Vec<Case>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Case {
    name: String,
    #[serde(default)]
    allowed_origins: Vec<String>,
    #[serde(default = "get")]
    method: String,
    path: String,
    #[serde(default)]
    query: String,
    #[serde(default)]
    mount: String,
    #[serde(default)]
    headers: Vec<(String, String)>,
    #[serde(default)]
    body: String,
    #[serde(default = "once")]
    body_times: usize,
    #[serde(default)]
    audience: String,
    expect: Expected,
}

#[derive(Deserialize, Debug, PartialEq)]
#[serde(deny_unknown_fields, tag = "kind", rename_all = "lowercase")]
enum Expected {
    App,
    File { status: u16, headers: BTreeMap<String, String> },
    Preflight { status: u16, headers: BTreeMap<String, String> },
    Refusal { status: u16, reason: String, headers: BTreeMap<String, String> },
    Island { island: String, props: String, slots: String, page: String, expires: Option<u32> },
}

fn get() -> String {
    "GET".to_owned()
}

fn once() -> usize {
    1
}

fn vectors() -> Vectors {
    serde_json::from_str(include_str!("vectors/requests.json")).expect("vectors in their own format")
}

/// Those headers of a reply that the case names.
fn named(reply: &Reply, wanted: &Expected) -> BTreeMap<String, String> {
    let (Expected::File { headers, .. } | Expected::Preflight { headers, .. } | Expected::Refusal { headers, .. }) =
        wanted
    else {
        return BTreeMap::new();
    };
    let found = headers.keys().filter_map(|name| Some((name.clone(), reply.header(name)?.to_owned())));
    found.collect()
}

fn refused(refusal: &Refusal, wanted: &Expected) -> Expected {
    Expected::Refusal {
        status: refusal.reply.status,
        reason: refusal.reason.code().to_owned(),
        headers: named(&refusal.reply, wanted),
    }
}

fn islands(vectors: &Vectors, case: &Case) -> Islands {
    let mut builder = Islands::builder(KeyRing::parse(&vectors.keys).expect("a key"));
    for name in &vectors.here {
        builder = builder.island(name);
    }
    builder.elsewhere(&vectors.elsewhere).allowed_origins(&case.allowed_origins).build().expect("a valid configuration")
}

fn answer(vectors: &Vectors, case: &Case) -> Expected {
    let islands = islands(vectors, case);
    let headers: Vec<_> = case.headers.iter().map(|(name, value)| (name.as_str(), value.as_bytes())).collect();
    let target = format!("{}?{}", case.path, case.query);
    let mount = Mount::new(&case.mount).expect("a mount point");
    let head = Head::new(&case.method, target.as_bytes()).with_mount(mount).with_headers(&headers);
    let pending = match islands.route(&head) {
        None => return Expected::App,
        Some(Route::File(reply)) => {
            return Expected::File { status: reply.status, headers: named(&reply, &case.expect) };
        }
        Some(Route::Preflight(reply)) => {
            return Expected::Preflight { status: reply.status, headers: named(&reply, &case.expect) };
        }
        Some(Route::Refusal(refusal)) => return refused(&refusal, &case.expect),
        Some(Route::Pending(pending)) => pending,
    };
    let mut buffer = Vec::new();
    let body = case.body.repeat(case.body_times);
    let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).expect("UTF-8");
    match pending.open(&islands, body.as_bytes(), &case.audience, vectors.now, &mut buffer) {
        Ok(opened) => Expected::Island {
            island: opened.name.to_string(),
            props: text(opened.props),
            slots: text(opened.slots),
            page: text(opened.page),
            expires: opened.expires,
        },
        Err(refusal) => refused(&refusal, &case.expect),
    }
}

#[test]
fn each_request_is_what_its_vector_says() {
    let vectors = vectors();
    for case in &vectors.cases {
        assert_eq!(answer(&vectors, case), case.expect, "{}", case.name);
    }
}

#[test]
fn each_vector_has_a_name_of_its_own() {
    let vectors = vectors();
    let names: HashSet<_> = vectors.cases.iter().map(|case| &case.name).collect();
    assert_eq!(names.len(), vectors.cases.len());
    assert!(!names.is_empty());
}
