//! Requests: heads and bodies, and what they are. What is expected is written by hand, the tokens come from the reference.

use serde_json::{Value, json};

use crate::keys::{OTHER, text};
use crate::reference::Recipe;

const ABOUT: &str = "Request heads and bodies, and what they are: the app's own (app), a file, a preflight, a refusal (status, reason for the log, some of its headers), or an island (what its token holds). Left out: allowed_origins [], method GET, query, mount, body and audience \"\", headers [], body_times 1 (how often the body is repeated). The host answers the islands of `here` and knows those of `elsewhere`.";

/// The key that everything here is sealed with.
const KEY: [u8; 32] = *b"\xab\xcd\xef\x12\x34\x56\x78\x90\xab\xcd\xef\x12\x34\x56\x78\x90\xab\xcd\xef\x12\x34\x56\x78\x90\xab\xcd\xef\x12\x34\x56\x78\x90";
const NOW: u32 = 1_767_225_600;

const PROPS: &str = "{\"size\":40}";
const SLOTS: &str = "{\"default\":\"<b>x</b>\"}";
const PAGE: &str = "{\"path\":\"/p/1\",\"lang\":\"de\"}";

pub(crate) fn vectors() -> Value {
    let families = [islands(), pages(), paths(), guards(), bad_tokens(), files(), preflights()];
    json!({
        "about": ABOUT, "keys": text(KEY), "now": NOW, "here": ["Avatar", "CartRow"], "elsewhere": ["Price"],
        "cases": families.concat(),
    })
}

/// What opens.
fn islands() -> Vec<Value> {
    let plain = token("Avatar", None);
    let row = token("CartRow", None);
    let last_second = token("Avatar", Some(NOW + 1));
    let slots = Recipe::new(KEY, "Avatar", "tenant", [b"{}", SLOTS.as_bytes(), b""]).token();
    vec![
        case("an island by GET", &format!("/_server-islands/Avatar/{plain}"), json!({}), opened("Avatar")),
        case(
            "an island by HEAD",
            &format!("/_server-islands/Avatar/{plain}"),
            json!({ "method": "HEAD" }),
            opened("Avatar"),
        ),
        case(
            "an island by POST",
            "/_server-islands/Avatar",
            json!({ "method": "POST", "headers": [["Content-Type", "application/vnd.eyot.token"]], "body": plain }),
            opened("Avatar"),
        ),
        case("another island", &format!("/_server-islands/CartRow/{row}"), json!({}), opened("CartRow")),
        case(
            "an island below a mount point",
            &format!("/shop/_server-islands/Avatar/{plain}"),
            json!({ "mount": "/shop" }),
            opened("Avatar"),
        ),
        case(
            "an island in the last second of its token",
            &format!("/_server-islands/Avatar/{last_second}"),
            json!({}),
            json!({"kind": "island", "island": "Avatar", "props": PROPS, "slots": "", "page": PAGE, "expires": NOW + 1}),
        ),
        case(
            "an island with slots, for an audience",
            &format!("/_server-islands/Avatar/{slots}"),
            json!({ "audience": "tenant" }),
            json!({"kind": "island", "island": "Avatar", "props": "{}", "slots": SLOTS, "page": "", "expires": null}),
        ),
        case(
            "a fetch from the same origin",
            &format!("/_server-islands/Avatar/{plain}"),
            json!({ "headers": [["Sec-Fetch-Site", "same-origin"], ["Sec-Fetch-Dest", "empty"]] }),
            opened("Avatar"),
        ),
        case(
            "headers in lower case",
            "/_server-islands/Avatar",
            json!({ "method": "POST", "headers": [["content-type", "application/vnd.eyot.token"], ["origin", "https://islands.example"], ["host", "islands.example"]], "body": plain }),
            opened("Avatar"),
        ),
        case(
            "a fetch from a listed origin",
            &format!("/_server-islands/Avatar/{plain}"),
            json!({ "allowed_origins": ["https://shop.example"], "headers": [["Sec-Fetch-Site", "cross-site"], ["Sec-Fetch-Dest", "empty"], ["Origin", "https://shop.example"]] }),
            opened("Avatar"),
        ),
    ]
}

/// What is the app's own.
fn pages() -> Vec<Value> {
    vec![
        case("a page", "/p/1", json!({}), json!({ "kind": "app" })),
        case(
            "a path that only begins as the prefix does",
            "/_server-islandsX/Avatar/t",
            json!({}),
            json!({ "kind": "app" }),
        ),
        case(
            "a path without its mount point",
            "/_server-islands/Avatar/t",
            json!({ "mount": "/shop" }),
            json!({ "kind": "app" }),
        ),
        case("two slashes in front", "//_server-islands/Avatar/t", json!({}), json!({ "kind": "app" })),
    ]
}

/// Paths below the prefix that name no island of this host.
fn paths() -> Vec<Value> {
    vec![
        case(
            "the prefix alone",
            "/_server-islands",
            json!({}),
            refusal(404, "shape", json!({"Cache-Control": "no-store"})),
        ),
        case(
            "the prefix and a slash",
            "/_server-islands/",
            json!({}),
            refusal(404, "shape", json!({"Cache-Control": "no-store"})),
        ),
        case(
            "an escaped letter in the name",
            "/_server-islands/%41vatar/t",
            json!({}),
            refusal(404, "shape", json!({"Cache-Control": "no-store"})),
        ),
        case(
            "an escaped slash",
            "/_server-islands/Avatar%2ft",
            json!({}),
            refusal(404, "shape", json!({"Cache-Control": "no-store"})),
        ),
        case(
            "dot segments",
            "/_server-islands/../Avatar/t",
            json!({}),
            refusal(404, "shape", json!({"Cache-Control": "no-store"})),
        ),
        case(
            "escaped dot segments",
            "/_server-islands/%2e%2e/Avatar/t",
            json!({}),
            refusal(404, "shape", json!({"Cache-Control": "no-store"})),
        ),
        case(
            "a parameter behind the name",
            "/_server-islands/Avatar;x/t",
            json!({}),
            refusal(404, "shape", json!({"Cache-Control": "no-store"})),
        ),
        case(
            "a slash behind the token",
            "/_server-islands/Avatar/t/",
            json!({}),
            refusal(404, "shape", json!({"Cache-Control": "no-store"})),
        ),
        case(
            "a segment behind the token",
            "/_server-islands/Avatar/t/a.css",
            json!({}),
            refusal(404, "shape", json!({"Cache-Control": "no-store"})),
        ),
        case(
            "a slash behind the name",
            "/_server-islands/Avatar/",
            json!({}),
            refusal(404, "shape", json!({"Cache-Control": "no-store"})),
        ),
        case(
            "an empty segment",
            "/_server-islands//Avatar/t",
            json!({}),
            refusal(404, "shape", json!({"Cache-Control": "no-store"})),
        ),
        case(
            "NUL in the name",
            "/_server-islands/Ava\0tar/t",
            json!({}),
            refusal(404, "shape", json!({"Cache-Control": "no-store"})),
        ),
        case(
            "line ends in the name",
            "/_server-islands/Avatar\r\nx/t",
            json!({}),
            refusal(404, "shape", json!({"Cache-Control": "no-store"})),
        ),
        case(
            "a name that begins with two underscores",
            "/_server-islands/__proto__/t",
            json!({}),
            refusal(404, "shape", json!({"Cache-Control": "no-store"})),
        ),
        case(
            "a later version of the loader",
            "/_server-islands/loader.v2.js",
            json!({}),
            refusal(404, "shape", json!({"Cache-Control": "no-store"})),
        ),
        case(
            "a property that every object has",
            "/_server-islands/constructor/t",
            json!({}),
            refusal(404, "name-unknown", json!({"Cache-Control": "no-store"})),
        ),
        case(
            "a name in the wrong case",
            "/_server-islands/avatar/t",
            json!({}),
            refusal(404, "name-unknown", json!({})),
        ),
        case(
            "an island that another host answers",
            "/_server-islands/Price/t",
            json!({}),
            refusal(404, "name-elsewhere", json!({})),
        ),
    ]
}

/// What is refused before the token is looked at.
fn guards() -> Vec<Value> {
    let plain = token("Avatar", None);
    vec![
        case(
            "a POST with the token in the path",
            &format!("/_server-islands/Avatar/{plain}"),
            json!({ "method": "POST" }),
            refusal(405, "method", json!({"Allow": "GET, HEAD"})),
        ),
        case(
            "a GET without a token",
            "/_server-islands/Avatar",
            json!({}),
            refusal(405, "method", json!({"Allow": "POST"})),
        ),
        case(
            "a method in lower case",
            &format!("/_server-islands/Avatar/{plain}"),
            json!({ "method": "get" }),
            refusal(405, "method", json!({"Allow": "GET, HEAD"})),
        ),
        case(
            "a preflight where no other origin is allowed",
            "/_server-islands/Avatar",
            json!({ "method": "OPTIONS", "headers": [["Origin", "https://shop.example"]] }),
            refusal(405, "method", json!({"Allow": "POST"})),
        ),
        case(
            "a query",
            &format!("/_server-islands/Avatar/{plain}"),
            json!({ "query": "v=1" }),
            refusal(400, "query", json!({})),
        ),
        case(
            "a request from another site",
            &format!("/_server-islands/Avatar/{plain}"),
            json!({ "headers": [["Sec-Fetch-Site", "cross-site"], ["Sec-Fetch-Dest", "empty"]] }),
            refusal(403, "fetch-site", json!({})),
        ),
        case(
            "a request from another origin of the site",
            &format!("/_server-islands/Avatar/{plain}"),
            json!({ "headers": [["Sec-Fetch-Site", "same-site"], ["Sec-Fetch-Dest", "empty"], ["Origin", "https://shop.example"]] }),
            refusal(403, "fetch-site", json!({})),
        ),
        case(
            "a request from an origin that is not listed",
            &format!("/_server-islands/Avatar/{plain}"),
            json!({ "allowed_origins": ["https://shop.example"], "headers": [["Sec-Fetch-Site", "cross-site"], ["Sec-Fetch-Dest", "empty"], ["Origin", "https://evil.example"]] }),
            refusal(403, "fetch-site", json!({"Vary": "Origin"})),
        ),
        case(
            "two values of Sec-Fetch-Site",
            &format!("/_server-islands/Avatar/{plain}"),
            json!({ "headers": [["Sec-Fetch-Site", "same-origin"], ["Sec-Fetch-Site", "cross-site"], ["Sec-Fetch-Dest", "empty"]] }),
            refusal(403, "fetch-site", json!({})),
        ),
        case(
            "a navigation",
            &format!("/_server-islands/Avatar/{plain}"),
            json!({ "headers": [["Sec-Fetch-Site", "none"], ["Sec-Fetch-Dest", "document"]] }),
            refusal(403, "fetch-dest", json!({})),
        ),
        case(
            "a frame",
            &format!("/_server-islands/Avatar/{plain}"),
            json!({ "headers": [["Sec-Fetch-Site", "same-origin"], ["Sec-Fetch-Dest", "iframe"]] }),
            refusal(403, "fetch-dest", json!({})),
        ),
        case(
            "a POST of an old browser from another origin",
            "/_server-islands/Avatar",
            json!({ "method": "POST", "headers": [["Content-Type", "application/vnd.eyot.token"], ["Host", "islands.example"], ["Origin", "https://evil.example"]] }),
            refusal(403, "origin", json!({})),
        ),
        case(
            "a POST from an opaque origin",
            "/_server-islands/Avatar",
            json!({ "method": "POST", "headers": [["Content-Type", "application/vnd.eyot.token"], ["Host", "islands.example"], ["Origin", "null"]] }),
            refusal(403, "origin", json!({})),
        ),
        case(
            "a POST of a form",
            "/_server-islands/Avatar",
            json!({ "method": "POST", "headers": [["Content-Type", "application/x-www-form-urlencoded"]] }),
            refusal(415, "content-type", json!({})),
        ),
        case(
            "a POST without a type",
            "/_server-islands/Avatar",
            json!({ "method": "POST" }),
            refusal(415, "content-type", json!({})),
        ),
        case(
            "a length over the limit",
            "/_server-islands/Avatar",
            json!({ "method": "POST", "headers": [["Content-Type", "application/vnd.eyot.token"], ["Content-Length", "65537"]] }),
            refusal(413, "body-too-large", json!({})),
        ),
        case(
            "a body over the limit without a length",
            "/_server-islands/Avatar",
            json!({ "method": "POST", "headers": [["Content-Type", "application/vnd.eyot.token"]], "body": "A", "body_times": 65537 }),
            refusal(413, "body-too-large", json!({})),
        ),
        case(
            "a POST to the loader",
            "/_server-islands/loader.v1.js",
            json!({ "method": "POST" }),
            refusal(405, "method", json!({"Allow": "GET, HEAD"})),
        ),
        case(
            "the preflight of another origin",
            "/_server-islands/Avatar",
            json!({ "allowed_origins": ["https://shop.example"], "method": "OPTIONS", "headers": [["Origin", "https://evil.example"]] }),
            refusal(403, "origin", json!({"Vary": "Origin"})),
        ),
    ]
}

/// What is refused for its token.
fn bad_tokens() -> Vec<Value> {
    let plain = token("Avatar", None);
    let row = token("CartRow", None);
    let slots = Recipe::new(KEY, "Avatar", "tenant", [b"{}", SLOTS.as_bytes(), b""]).token();
    let other_key = Recipe::new(OTHER, "Avatar", "", [b"{}", b"", b""]).token();
    let expired = token("Avatar", Some(NOW));
    let cut = &plain[..plain.len() - 4];
    let tail = &plain[1..];
    vec![
        case(
            "an empty body",
            "/_server-islands/Avatar",
            json!({ "method": "POST", "headers": [["Content-Type", "application/vnd.eyot.token"]] }),
            refusal(400, "token-length", json!({})),
        ),
        case(
            "a line end behind the token",
            "/_server-islands/Avatar",
            json!({ "method": "POST", "headers": [["Content-Type", "application/vnd.eyot.token"]], "body": format!("{plain}\n") }),
            refusal(400, "token-encoding", json!({})),
        ),
        case(
            "padding behind the token",
            &format!("/_server-islands/Avatar/{plain}="),
            json!({}),
            refusal(400, "token-encoding", json!({})),
        ),
        case(
            "an escaped letter in the token",
            &format!("/_server-islands/Avatar/%41{tail}"),
            json!({}),
            refusal(400, "token-encoding", json!({})),
        ),
        case(
            "a parameter behind the token",
            &format!("/_server-islands/Avatar/{plain};x"),
            json!({}),
            refusal(400, "token-encoding", json!({})),
        ),
        case(
            "a token of another island",
            &format!("/_server-islands/Avatar/{row}"),
            json!({}),
            refusal(400, "token-tag", json!({})),
        ),
        case(
            "a token of another audience",
            &format!("/_server-islands/Avatar/{slots}"),
            json!({}),
            refusal(400, "token-tag", json!({})),
        ),
        case(
            "a token whose last part is missing",
            &format!("/_server-islands/Avatar/{cut}"),
            json!({}),
            refusal(400, "token-tag", json!({})),
        ),
        case(
            "a token of another key",
            &format!("/_server-islands/Avatar/{other_key}"),
            json!({}),
            refusal(410, "token-kid", json!({"Island-Refused": "stale", "Cache-Control": "no-store"})),
        ),
        case(
            "a token at its expiry",
            &format!("/_server-islands/Avatar/{expired}"),
            json!({}),
            refusal(410, "token-expired", json!({"Island-Refused": "stale"})),
        ),
        case(
            "a refusal that a listed origin may read",
            &format!("/_server-islands/Avatar/{other_key}"),
            json!({ "allowed_origins": ["https://shop.example"], "headers": [["Origin", "https://shop.example"]] }),
            refusal(
                410,
                "token-kid",
                json!({"Access-Control-Allow-Origin": "https://shop.example", "Access-Control-Allow-Credentials": "true", "Vary": "Origin", "Cross-Origin-Resource-Policy": "cross-origin"}),
            ),
        ),
    ]
}

/// The library's own files.
fn files() -> Vec<Value> {
    vec![
        case(
            "the loader",
            "/_server-islands/loader.v1.js",
            json!({ "headers": [["Sec-Fetch-Site", "same-origin"], ["Sec-Fetch-Dest", "script"]] }),
            json!({"kind": "file", "status": 200, "headers": {"Content-Type": "text/javascript; charset=utf-8", "Cache-Control": "public, max-age=3600, stale-while-revalidate=86400", "X-Content-Type-Options": "nosniff"}}),
        ),
        case(
            "the style sheet by HEAD",
            "/_server-islands/island.v1.css",
            json!({ "method": "HEAD" }),
            json!({"kind": "file", "status": 200, "headers": {"Content-Type": "text/css; charset=utf-8"}}),
        ),
        case(
            "a loader that the browser has",
            "/_server-islands/loader.v1.js",
            json!({ "headers": [["If-None-Match", "*"]] }),
            json!({"kind": "file", "status": 304, "headers": {}}),
        ),
    ]
}

/// Questions of other origins.
fn preflights() -> Vec<Value> {
    vec![case(
        "the preflight of a listed origin",
        "/_server-islands/Avatar",
        json!({ "allowed_origins": ["https://shop.example"], "method": "OPTIONS", "headers": [["Origin", "https://shop.example"]] }),
        json!({"kind": "preflight", "status": 204, "headers": {"Access-Control-Allow-Origin": "https://shop.example", "Access-Control-Allow-Methods": "POST", "Access-Control-Allow-Headers": "Content-Type", "Vary": "Origin"}}),
    )]
}

/// A token with the props and the page that [`opened`] expects.
fn token(island: &str, expires: Option<u32>) -> String {
    let sections = [PROPS.as_bytes(), b"", PAGE.as_bytes()];
    Recipe { expires, ..Recipe::new(KEY, island, "", sections) }.token()
}

fn opened(island: &str) -> Value {
    json!({ "kind": "island", "island": island, "props": PROPS, "slots": "", "page": PAGE, "expires": null })
}

fn refusal(status: u16, reason: &str, headers: Value) -> Value {
    json!({ "kind": "refusal", "status": status, "reason": reason, "headers": headers })
}

/// A request to a path; the rest of it are the fields that are not as the file says of fields left out.
fn case(name: &str, path: &str, rest: Value, expect: Value) -> Value {
    let mut case = rest;
    case["name"] = name.into();
    case["path"] = path.into();
    case["expect"] = expect;
    case
}
