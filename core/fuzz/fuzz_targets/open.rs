//! Anything at all as a token and as a request: nothing panics, and nothing opens but what sealing would write.
#![no_main]

use arbitrary::Arbitrary;
use eyot::http::{Head, Route};
use eyot::seal::Payload;
use eyot::{IslandName, Islands, KeyRing, Mount, Sealing};
use libfuzzer_sys::fuzz_target;

/// The test vectors' key, so that their tokens open.
const KEYS: &str = "MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE=";

#[derive(Debug, Arbitrary)]
struct Request<'d> {
    token: &'d [u8],
    method: &'d str,
    path: &'d [u8],
    is_below_prefix: bool,
    query: &'d [u8],
    mount: &'d str,
    headers: Vec<(&'d str, &'d [u8])>,
    now: u64,
}

/// Opens a token, and seals what was in it again with the same nonce and expiry: that must give the same text.
fn open(keys: &KeyRing, island: &str, token: &[u8], now: u64) {
    let island = IslandName::new(island).expect("a good name");
    let mut buffer = Vec::new();
    let Ok(opened) = keys.open(&island, "", token, now, &mut buffer) else { return };
    let nonce = nonce(token, opened.expires.is_some()).expect("what opens has a nonce");
    let Payload { props, slots, page } = opened.payload;
    let mut again = Vec::new();
    keys.seal(&island, "", Payload { props, slots, page }, Sealing::Unlinkable(nonce), opened.expires, &mut again)
        .expect("what opens can be sealed");
    assert_eq!(again, token, "one text a token");
}

/// The 24 bytes after the header of a token in base64url.
fn nonce(token: &[u8], expires: bool) -> Option<[u8; 24]> {
    let value = |byte: &u8| match byte {
        b'A'..=b'Z' => Some(byte - b'A'),
        b'a'..=b'z' => Some(byte - b'a' + 26),
        b'0'..=b'9' => Some(byte - b'0' + 52),
        b'-' => Some(62),
        b'_' => Some(63),
        _ => None,
    };
    let bits = token.iter().filter_map(value).flat_map(|value| (0..6).rev().map(move |bit| value >> bit & 1));
    let bits: Vec<u8> = bits.skip(8 * if expires { 10 } else { 6 }).take(8 * 24).collect();
    let bytes = bits.chunks(8).map(|byte| byte.iter().fold(0, |byte, bit| byte << 1 | bit));
    bytes.collect::<Vec<_>>().try_into().ok()
}

fuzz_target!(|data: &[u8]| {
    let keys = KeyRing::parse(KEYS).expect("a good key");
    for token in [data, data.trim_ascii_end()] {
        open(&keys, "Cart", token, 1_800_000_000);
    }
    let mut input = arbitrary::Unstructured::new(data);
    let Ok(request) = Request::arbitrary(&mut input) else { return };
    open(&keys, "Cart", request.token, request.now);
    let islands = Islands::builder(keys).island("Cart").elsewhere(["Price"]).allowed_origins(["https://shop.example"]);
    let islands = islands.build().expect("a good configuration");
    let prefix: &[u8] = if request.is_below_prefix { b"/_server-islands/Cart/" } else { b"" };
    let Ok(mount) = Mount::new(request.mount) else { return };
    let target = [mount.as_str().as_bytes(), prefix, request.path, b"?", request.query].concat();
    let head = Head::new(request.method, &target).with_mount(mount).with_headers(&request.headers);
    if let Some(Route::Pending(pending)) = islands.route(&head) {
        let _ = pending.open(&islands, request.token, "", request.now, &mut Vec::new());
    }
});
