//! The shared test vectors, through the public API, as every binding runs them; `vectors/README.md` has their format.
#![allow(clippy::unwrap_used, reason = "a test stops where something is not as expected")]

use eyot::seal::{OpenError, Payload};
use eyot::{Error, IslandName, KeyRing, Sealing};
use serde_json::Value;

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

fn vectors(json: &str) -> Vec<Value> {
    let vectors: Vec<Value> = serde_json::from_str(json).unwrap();
    assert!(!vectors.is_empty());
    vectors
}

fn nonce(hex: &str) -> [u8; 24] {
    let bytes = (0..48).step_by(2).map(|at| u8::from_str_radix(&hex[at..at + 2], 16).unwrap());
    bytes.collect::<Vec<_>>().try_into().unwrap()
}
