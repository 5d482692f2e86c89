//! Candidates that seal and open 200 bytes of props, and the primitives they are made of, each on the same bytes alone.

use aes_gcm::Aes256Gcm;
use base64_simd::{AsOut, URL_SAFE_NO_PAD};
use eyot::placeholder::Placeholder;
use eyot::seal::Payload;
use eyot::{Context, Error, IslandName, Islands, KeyRing, Props, Sealing, Slots};
use hkdf::Hkdf;
use hmac::{Hmac, Mac};
use ring::aead::{AES_256_GCM, Aad, LessSafeKey, Nonce, UnboundKey};
use sha2::Sha256;
use xaes_256_gcm::Xaes256Gcm;
use xaes_256_gcm::aead::{AeadInOut, KeyInit};

use crate::candidate::Candidate;

/// A token whose nonce is made from its content.
pub const SEAL: &str = "eyot: seal, stable";
/// A token whose nonce is given; making one is the host's business.
pub const SEAL_UNLINKABLE: &str = "eyot: seal, unlinkable";
/// The token opened.
pub const OPEN: &str = "eyot: open";
/// A placeholder of name, props and fallback, token included.
pub const PLACEHOLDER: &str = "eyot: placeholder";
/// The payload encrypted by the `xaes-256-gcm` crate.
pub const XAES: &str = "XAES-256-GCM encrypt (xaes-256-gcm)";
/// The payload copied and decrypted by it.
pub const XAES_OPEN: &str = "XAES-256-GCM decrypt (xaes-256-gcm)";
/// The nonce of a stable token, with a key set up beforehand.
pub const HMAC: &str = "HMAC-SHA256 (hmac, sha2)";
/// The binary token as text.
pub const BASE64: &str = "base64url encode (base64-simd)";
/// The text as a binary token.
pub const BASE64_OPEN: &str = "base64url decode (base64-simd)";
/// The payload encrypted under one key for all messages.
pub const AES_GCM: &str = "AES-256-GCM encrypt, one key (aes-gcm)";
/// The same by `ring`.
pub const RING: &str = "AES-256-GCM encrypt, one key (ring)";

const NAME: &str = "CartRow";
const MASTER: &[u8; 32] = b"\x75\x7f\x16\xad\x0d\xe6\xf2\x9b\x58\x6f\xaa\x0b\x93\xeb\x15\x84\x2d\xa9\x01\xe4\x5f\x26\x0e\x6e\x4e\x2d\x68\xcc\x4c\x10\xc0\x1e";
const NOW: u64 = 1_800_000_000;
const HEADER_LEN: usize = 6;
const NONCE_LEN: usize = 24;
const TAG_LEN: usize = 16;

/// All that the candidates share: a key in eyot's ring and as the primitives take it, and one token in all its forms.
#[derive(Debug)]
pub struct Fixture {
    islands: Islands,
    keys: KeyRing,
    name: IslandName,
    props: String,
    token: Vec<u8>,
    parts: Parts,
}

/// What a token is made of, from its specification: the primitives' keys and inputs.
#[derive(Debug)]
struct Parts {
    xaes: Xaes256Gcm,
    hmac: Hmac<Sha256>,
    aad: Vec<u8>,
    message: Vec<u8>,
    /// Header, nonce, encrypted message, tag.
    binary: Vec<u8>,
}

impl Fixture {
    /// # Errors
    /// What eyot refuses, which the constants here give no reason for.
    pub fn new() -> Result<Self, Error> {
        let text = base64_simd::STANDARD.encode_to_string(MASTER);
        let keys = KeyRing::parse(&text)?;
        let islands = Islands::builder(KeyRing::parse(&text)?).island(NAME).build()?;
        let name = IslandName::new(NAME)?;
        let props = props();
        let mut token = Vec::new();
        let payload = Payload { props: props.as_bytes(), ..Payload::default() };
        keys.seal(&name, "", payload, Sealing::Stable, None, &mut token)?;
        let parts = Parts::new(&token, props.as_bytes());
        Ok(Self { islands, keys, name, props, token, parts })
    }

    /// Every candidate, ready to run. All write into buffers of their own that keep their capacity.
    #[must_use]
    pub fn candidates(&self) -> Vec<Candidate<'_>> {
        let mut candidates = self.own_candidates();
        candidates.extend(self.parts.candidates());
        candidates.extend(self.parts.gcm_candidates());
        candidates
    }

    fn own_candidates(&self) -> Vec<Candidate<'_>> {
        let [mut stable, mut unlinkable, mut opened, mut placeholder] = [const { Vec::new() }; 4];
        let bytes = self.props.len();
        vec![
            Candidate::new(SEAL, bytes, move || self.seal(Sealing::Stable, &mut stable)),
            Candidate::new(SEAL_UNLINKABLE, bytes, move || self.seal(Sealing::Unlinkable([7; 24]), &mut unlinkable)),
            Candidate::new(OPEN, bytes, move || self.open(&mut opened)),
            Candidate::new(PLACEHOLDER, bytes, move || self.placeholder(&mut placeholder)),
        ]
    }

    fn seal(&self, sealing: Sealing, out: &mut Vec<u8>) -> usize {
        out.clear();
        let payload = Payload { props: self.props.as_bytes(), ..Payload::default() };
        self.keys.seal(&self.name, "", payload, sealing, None, out).expect("the payload is small, the audience empty");
        out.len()
    }

    fn open(&self, buffer: &mut Vec<u8>) -> usize {
        let opened = self.keys.open(&self.name, "", &self.token, NOW, buffer);
        opened.expect("these keys have sealed it").payload.props.len()
    }

    fn placeholder(&self, out: &mut Vec<u8>) -> usize {
        out.clear();
        let slots = Slots::with_fallback(b"<span>\xe2\x80\xa6</span>");
        let props = Props::trusted(self.props.as_bytes());
        let written = self.islands.placeholder(
            &Placeholder::new(NAME).with_props(props).with_slots(slots),
            &Context::at(NOW),
            out,
        );
        written.expect("the name is declared and the payload small");
        out.len()
    }
}

impl Parts {
    fn new(token: &[u8], props: &[u8]) -> Self {
        let binary = URL_SAFE_NO_PAD.decode_to_vec(token).expect("a token is base64url");
        let header = &binary[..HEADER_LEN];
        let aad = [b"eyot/1", header, b"\x02", &sized(NAME.as_bytes()), &sized(b"")].concat();
        let message = [sized(props), sized(b""), sized(b"")].concat();
        let xaes = Xaes256Gcm::new(&derive(b"eyot/1 seal").into());
        let hmac = Hmac::new(&padded(derive(b"eyot/1 nonce")).into());
        Self { xaes, hmac, aad, message, binary }
    }

    fn candidates(&self) -> Vec<Candidate<'_>> {
        let (transcript, token) = (self.transcript(), self.token());
        // Encrypted over and over: the cipher does not care what it encrypts.
        let mut message = self.message.clone();
        let [mut opened, mut text, mut binary] = [Vec::new(), vec![0; token.len()], vec![0; self.binary.len()]];
        vec![
            Candidate::new(XAES, message.len(), move || self.encrypt(&mut message)),
            Candidate::new(XAES_OPEN, self.message.len(), move || self.decrypt(&mut opened)),
            Candidate::new(HMAC, transcript.len(), move || self.nonce(&transcript)),
            Candidate::new(BASE64, self.binary.len(), move || encode(&self.binary, &mut text)),
            Candidate::new(BASE64_OPEN, token.len(), move || decode(&token, &mut binary)),
        ]
    }

    fn gcm_candidates(&self) -> Vec<Candidate<'_>> {
        let key = derive(b"eyot/1 seal");
        let [mut one, mut other] = [const { Vec::new() }; 2].map(|_: Vec<u8>| self.message.clone());
        let gcm = Aes256Gcm::new(&key.into());
        let ring = LessSafeKey::new(UnboundKey::new(&AES_256_GCM, &key).expect("AES-256 takes 32 bytes"));
        vec![
            Candidate::new(AES_GCM, one.len(), move || {
                gcm.encrypt_inout_detached(&[7; 12].into(), &self.aad, one.as_mut_slice().into())
            }),
            Candidate::new(RING, other.len(), move || {
                let nonce = Nonce::assume_unique_for_key([7; 12]);
                ring.seal_in_place_separate_tag(nonce, Aad::from(&self.aad), &mut other).map(|tag| tag.as_ref().len())
            }),
        ]
    }

    /// What a stable nonce is made from.
    fn transcript(&self) -> Vec<u8> {
        [&(self.aad.len() as u64).to_be_bytes(), self.aad.as_slice(), &self.message].concat()
    }

    fn nonce(&self, transcript: &[u8]) -> [u8; 32] {
        self.hmac.clone().chain_update(transcript).finalize().into_bytes().into()
    }

    fn sealed_nonce(&self) -> &[u8; NONCE_LEN] {
        let nonce = self.binary[HEADER_LEN..].first_chunk();
        nonce.expect("a token holds a nonce after its header")
    }

    fn encrypt(&self, message: &mut [u8]) -> [u8; TAG_LEN] {
        let tag = self.xaes.encrypt_inout_detached(self.sealed_nonce().into(), &self.aad, message.into());
        tag.expect("GCM takes messages of 64 GiB").into()
    }

    fn decrypt(&self, out: &mut Vec<u8>) -> usize {
        let (message, tag) =
            self.binary[HEADER_LEN + NONCE_LEN..].split_last_chunk::<TAG_LEN>().expect("it ends in a tag");
        out.clear();
        out.extend_from_slice(message);
        let nonce = self.sealed_nonce().into();
        let opened = self.xaes.decrypt_inout_detached(nonce, &self.aad, out.as_mut_slice().into(), tag.into());
        opened.expect("the token was sealed with this key");
        out.len()
    }

    fn token(&self) -> Vec<u8> {
        URL_SAFE_NO_PAD.encode_type(&self.binary)
    }
}

fn encode(bytes: &[u8], text: &mut [u8]) -> usize {
    URL_SAFE_NO_PAD.encode(bytes, text.as_out()).len()
}

fn decode(text: &[u8], bytes: &mut [u8]) -> usize {
    URL_SAFE_NO_PAD.decode(text, bytes.as_out()).expect("it was encoded so").len()
}

/// Two hundred bytes of JSON, about what a product row has.
fn props() -> String {
    let start = r#"{"sku":"A-1042","title":"Kettle, 1.7 l, brushed steel","price":"49.90","currency":"EUR","quantity":2,"gift":false,"note":""#;
    format!("{start}{}\"}}", "x".repeat(200 - start.len() - 2))
}

fn sized(bytes: &[u8]) -> Vec<u8> {
    [&(bytes.len() as u32).to_be_bytes(), bytes].concat()
}

/// The key that the token's specification derives from a master for `info`.
fn derive(info: &[u8]) -> [u8; 32] {
    let mut key = [0; 32];
    let prk = Hkdf::<Sha256>::from_prk(MASTER).expect("a master has the 32 bytes that SHA-256 asks for");
    prk.expand(info, &mut key).expect("HKDF-Expand gives up to 255 hashes");
    key
}

/// A key as HMAC-SHA256 itself extends it.
fn padded(key: [u8; 32]) -> [u8; 64] {
    let mut block = [0; 64];
    block[..32].copy_from_slice(&key);
    block
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_parts_together_make_the_very_token() {
        let fixture = Fixture::new().expect("it seals");
        let parts = &fixture.parts;
        let nonce = parts.nonce(&parts.transcript());
        let mut message = parts.message.clone();
        let tag = parts.encrypt(&mut message);
        let binary = [&parts.binary[..HEADER_LEN], &nonce[..NONCE_LEN], &message, &tag].concat();
        let mut text = vec![0; fixture.token.len()];
        assert_eq!(encode(&binary, &mut text), fixture.token.len());
        assert_eq!(text, fixture.token);
    }

    #[test]
    fn the_parts_together_open_the_token() {
        let fixture = Fixture::new().expect("it seals");
        let mut opened = Vec::new();
        fixture.parts.decrypt(&mut opened);
        assert_eq!(opened, fixture.parts.message);
        assert_eq!(decode(&fixture.token, &mut vec![0; fixture.parts.binary.len()]), fixture.parts.binary.len());
    }

    #[test]
    fn the_props_have_two_hundred_bytes() {
        assert_eq!(props().len(), 200);
        let name = IslandName::new(NAME).expect("a good name");
        assert!(Props::parse(&name, props().as_bytes()).is_ok());
    }
}
