//! Tokens that do not open, each for one reason.

use base64_simd::URL_SAFE_NO_PAD;
use serde_json::{Value, json};

use crate::keys::{MASTER, OTHER, text, twins};
use crate::reference::Recipe;
use crate::tokens::NOW;

/// What is refused when it is asked for as the island `Cart`, with `MASTER` as the ring and without audience.
type Case = (&'static str, String, &'static str);

pub(crate) fn vectors() -> Value {
    let mut vectors: Vec<Value> = [lengths(), encodings(), headers(), tags(), payloads(), stale()]
        .concat()
        .into_iter()
        .map(|(title, token, code)| vector(title, &text(MASTER), &token, code))
        .collect();
    let [one, two] = twins();
    let unknown_twin = Recipe { master: OTHER, kid: Some(kid(one)), ..plain() }.token();
    vectors.push(vector(
        "neither of two keys with one id",
        &format!("{},{}", text(one), text(two)),
        &unknown_twin,
        "token-tag",
    ));
    let removed = plain().token();
    vectors.push(vector("a key that was dropped", &text(OTHER), &removed, "token-kid"));
    Value::Array(vectors)
}

fn lengths() -> Vec<Case> {
    let token = Recipe { payload: vec![0; 12], ..plain() }.token();
    let expiring = Recipe { flags: Some(1), payload: vec![0; 12], ..plain() }.token();
    vec![
        ("nothing", String::new(), "token-length"),
        ("one character less than the shortest token", token[..token.len() - 1].to_owned(), "token-length"),
        ("too short for the expiry it announces", expiring, "token-length"),
        ("one character more than the longest token", "A".repeat(65_537), "token-length"),
    ]
}

fn encodings() -> Vec<Case> {
    let token = plain().token();
    let with = |at: usize, byte: char| format!("{}{byte}{}", &token[..at], &token[at + byte.len_utf8()..]);
    vec![
        ("padding", format!("{token}="), "token-encoding"),
        ("the alphabet's other 62nd character", with(30, '+'), "token-encoding"),
        ("the alphabet's other 63rd character", with(30, '/'), "token-encoding"),
        ("a percent sign", with(30, '%'), "token-encoding"),
        ("white space", with(30, ' '), "token-encoding"),
        ("a line break at the end", format!("{token}\n"), "token-encoding"),
        ("a character beyond ASCII", with(30, 'é'), "token-encoding"),
        ("an alien character in the header", with(1, '!'), "token-encoding"),
        ("a length that no bytes have", format!("{}AAA", &token[..token.len() / 4 * 4 - 2]), "token-encoding"),
        ("bits set after the last byte", trailing_bits(), "token-encoding"),
    ]
}

fn headers() -> Vec<Case> {
    let flags = |flags| Recipe { flags: Some(flags), ..plain() }.token();
    vec![
        ("version 0", Recipe { version: 0, ..plain() }.token(), "token-version"),
        ("version 2", Recipe { version: 2, ..plain() }.token(), "token-version"),
        ("flag 1", flags(2), "token-flags"),
        ("flag 7", flags(0x80), "token-flags"),
        (
            "an unknown flag beside the expiry's",
            Recipe { expires: Some(u32::MAX), flags: Some(3), ..plain() }.token(),
            "token-flags",
        ),
    ]
}

fn tags() -> Vec<Case> {
    let damaged = |at: usize| {
        let mut token = Recipe { expires: Some(u32::MAX), ..plain() }.binary();
        token[at] ^= 1;
        URL_SAFE_NO_PAD.encode_to_string(token)
    };
    let binary = plain().binary();
    let text = |bytes: &[u8]| URL_SAFE_NO_PAD.encode_to_string(bytes);
    let without_flag = [&[1, 0], &Recipe { expires: Some(u32::MAX), ..plain() }.binary()[2..]].concat();
    vec![
        ("another island's", Recipe { island: "Avatar", ..plain() }.token(), "token-tag"),
        ("another audience's", Recipe { audience: "tenant-1", ..plain() }.token(), "token-tag"),
        (
            "name and audience with their boundary moved",
            Recipe { island: "Car", audience: "t", ..plain() }.token(),
            "token-tag",
        ),
        ("the first bit of the expiry flipped", damaged(9), "token-tag"),
        ("a bit of the nonce's first half flipped", damaged(10), "token-tag"),
        ("a bit of the nonce's second half flipped", damaged(33), "token-tag"),
        ("a bit of the ciphertext flipped", damaged(34), "token-tag"),
        ("a bit of the tag flipped", damaged(69), "token-tag"),
        ("the last byte cut off", text(&binary[..binary.len() - 1]), "token-tag"),
        ("a byte appended", text(&[&*binary, &[0]].concat()), "token-tag"),
        ("the expiry's flag removed", text(&without_flag), "token-tag"),
        (
            "a key id of the ring on another key's token",
            Recipe { master: OTHER, kid: Some(kid(MASTER)), ..plain() }.token(),
            "token-tag",
        ),
        ("expired and damaged", Recipe { island: "Avatar", expires: Some(1), ..plain() }.token(), "token-tag"),
    ]
}

fn payloads() -> Vec<Case> {
    let token = |payload: &[u8]| Recipe { payload: payload.to_vec(), ..plain() }.token();
    vec![
        ("a byte after the three sections", token(&[0; 13]), "token-payload"),
        ("a section longer than the payload", token(&[0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1]), "token-payload"),
        ("a section of four gigabytes", token(&[0xff; 16]), "token-payload"),
        ("two sections", token(&[0, 0, 0, 4, b'n', b'u', b'l', b'l', 0, 0, 0, 0]), "token-payload"),
    ]
}

fn stale() -> Vec<Case> {
    let expires = |at: u64| Recipe { expires: u32::try_from(at).ok(), ..plain() }.token();
    let other = Recipe { master: OTHER, ..plain() }.token();
    let junk = format!("{}{}", &other[..16], "!".repeat(100));
    vec![
        ("an unknown key's", other, "token-kid"),
        ("junk after an unknown key's header", junk, "token-kid"),
        ("at its expiry", expires(NOW), "token-expired"),
        ("a second after its expiry", expires(NOW - 1), "token-expired"),
        ("an expiry of zero", expires(0), "token-expired"),
    ]
}

fn plain() -> Recipe<'static> {
    Recipe::new(MASTER, "Cart", "", [b"{\"id\":7}", b"", b""])
}

fn kid(master: [u8; 32]) -> [u8; 4] {
    crate::reference::expand(&master, "eyot/1 kid")
}

/// A token whose last character has two bits to spare, with one of them set.
fn trailing_bits() -> String {
    let mut text = Recipe::new(MASTER, "Cart", "", [b"{\"id\":777}", b"", b""]).token();
    assert_eq!(text.len() % 4, 3, "the last character has two bits to spare");
    let last = text.pop().and_then(|last| URL_SAFE_NO_PAD.charset().iter().position(|c| char::from(*c) == last));
    let last = last.expect("a token ends with a character of the alphabet");
    text.push(char::from(URL_SAFE_NO_PAD.charset()[last | 1]));
    text
}

fn vector(title: &str, keys: &str, token: &str, code: &str) -> Value {
    let status = if matches!(code, "token-kid" | "token-expired") { "stale" } else { "bad" };
    json!({
        "title": title, "keys": keys, "island": "Cart", "audience": "", "now": NOW,
        "token": token, "status": status, "code": code,
    })
}
