//! Key rings: what they are read from, and their ids or the error's code.

use std::collections::HashMap;

use base64_simd::STANDARD;
use eyot::{Error, KeyRing};
use serde_json::{Value, json};

use crate::reference::expand;

/// Keys that nobody may use outside tests.
pub(crate) const MASTER: [u8; 32] = *b"01234567890123456789012345678901";
pub(crate) const OTHER: [u8; 32] = *b"abcdefghijklmnopqrstuvwxyzabcdef";

const SECRET: &str = "the first secret of a framework, 50 characters long";
const FALLBACK: &str = "a fallback secret, from before the last rotation";

pub(crate) fn vectors() -> Value {
    let (one, other) = (text(MASTER), text(OTHER));
    let [twin, other_twin] = twins().map(text);
    let equal = text([7; 32]);
    let short = STANDARD.encode_to_string([7; 31]);
    let [sample] = KeyRing::SAMPLE_KEYS;
    let lists = [
        ("one key", one.clone()),
        ("two keys, the first seals", format!("{one},{other}")),
        ("white space around keys", format!(" {other} ,\n\t{one}\n")),
        ("two keys with the same id", format!("{twin},{other_twin}")),
        ("nothing", String::new()),
        ("white space alone", " \n".to_owned()),
        ("an empty entry", format!("{one},")),
        ("31 bytes", short),
        ("all bytes equal", equal),
        ("the documentation's sample key", sample.to_owned()),
        ("the same key twice", format!("{one},{other},{one}")),
        ("base64url", "____Mzg5MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU=".to_owned()),
        ("no padding", one[..43].to_owned()),
        ("bits set in the last character", format!("{}F=", &one[..42])),
        ("white space inside a key", format!("{} {}", &one[..20], &one[20..])),
    ];
    let files = [
        ("a file with comments and blank lines", format!("# sealing\r\n{one}\r\n\n{other} # since May\n")),
        ("a file of comments", "# nothing\n".to_owned()),
        ("a comma in a file", format!("{one},{other}\n")),
    ];
    let secrets: [(&str, &[&str]); 4] = [
        ("a framework's secrets", &[SECRET, FALLBACK]),
        ("no secret", &[]),
        ("a secret of 31 bytes", &["0123456789012345678901234567890"]),
        ("a secret of four different bytes", &["abcdabcdabcdabcdabcdabcdabcdabcdabcdabcd"]),
    ];
    let mut all = Vec::new();
    all.extend(lists.map(|(title, keys)| vector(title, json!({ "keys": keys }), KeyRing::parse(&keys))));
    all.extend(files.map(|(title, file)| vector(title, json!({ "file": file }), KeyRing::parse_file(&file))));
    all.extend(secrets.map(|(title, secrets)| {
        let bytes: Vec<&[u8]> = secrets.iter().map(|secret| secret.as_bytes()).collect();
        vector(title, json!({ "secrets": secrets }), KeyRing::derive(&bytes))
    }));
    Value::Array(all)
}

/// A key as it stands in a list.
pub(crate) fn text(master: [u8; 32]) -> String {
    STANDARD.encode_to_string(master)
}

/// Two keys with one id: the first pair among the numbers from 0 on, as 32 big-endian bytes, by a birthday search.
pub(crate) fn twins() -> [[u8; 32]; 2] {
    let mut seen: HashMap<[u8; 4], [u8; 32]> = HashMap::new();
    let numbers = (0_u32..).map(|number| {
        let mut master = [0; 32];
        master[28..].copy_from_slice(&number.to_be_bytes());
        master
    });
    for master in numbers {
        if let Some(first) = seen.insert(expand(&master, "eyot/1 kid"), master) {
            return [first, master];
        }
    }
    unreachable!("more keys than ids")
}

fn vector(title: &str, input: Value, ring: Result<KeyRing, Error>) -> Value {
    let mut vector = input;
    vector["title"] = title.into();
    match ring {
        Ok(ring) => vector["ids"] = ring.ids().map(|id| id.to_string()).collect(),
        Err(error) => vector["error"] = error.code().into(),
    }
    vector
}
