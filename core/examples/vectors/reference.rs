//! Tokens written down a second time, straight from the specification and without the crate under test: what the vectors
//! and the tests compare with, and the only way to a token that `seal` would never make.

use hkdf::Hkdf;
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;
use xaes_256_gcm::Xaes256Gcm;
use xaes_256_gcm::aead::AeadInOut;

/// One token, field by field.
#[derive(Debug, Clone)]
pub(crate) struct Recipe<'a> {
    /// The 32 bytes of the key.
    pub(crate) master: [u8; 32],
    /// The key id in the header; the key's own unless given.
    pub(crate) kid: Option<[u8; 4]>,
    /// The version byte.
    pub(crate) version: u8,
    /// The flags, set by `expires` unless given.
    pub(crate) flags: Option<u8>,
    /// The expiry in Unix seconds.
    pub(crate) expires: Option<u32>,
    /// The nonce; stable unless given.
    pub(crate) nonce: Option<[u8; 24]>,
    /// The island's name.
    pub(crate) island: &'a str,
    /// The audience.
    pub(crate) audience: &'a str,
    /// The payload with its lengths.
    pub(crate) payload: Vec<u8>,
}

impl<'a> Recipe<'a> {
    /// A stable token without expiry.
    pub(crate) fn new(master: [u8; 32], island: &'a str, audience: &'a str, sections: [&[u8]; 3]) -> Self {
        let mut payload = Vec::new();
        for section in sections {
            put_sized(&mut payload, section);
        }
        Self { master, kid: None, version: 1, flags: None, expires: None, nonce: None, island, audience, payload }
    }

    /// The token before base64url.
    pub(crate) fn binary(&self) -> Vec<u8> {
        let mut token = vec![self.version, self.flags.unwrap_or(u8::from(self.expires.is_some()))];
        token.extend(self.kid.unwrap_or_else(|| expand(&self.master, "eyot/1 kid")));
        token.extend(self.expires.iter().flat_map(|at| at.to_be_bytes()));
        let mut aad = b"eyot/1".to_vec();
        aad.extend(&token);
        aad.push(2);
        put_sized(&mut aad, self.island.as_bytes());
        put_sized(&mut aad, self.audience.as_bytes());
        let nonce = self.nonce.unwrap_or_else(|| self.stable_nonce(&aad));
        let mut message = self.payload.clone();
        let key: [u8; 32] = expand(&self.master, "eyot/1 seal");
        let tag = Xaes256Gcm::new(&key.into())
            .encrypt_inout_detached(&nonce.into(), &aad, message.as_mut_slice().into())
            .expect("far below 64 GiB");
        token.extend(nonce);
        token.extend(message);
        token.extend(tag.0);
        token
    }

    /// The token's text.
    pub(crate) fn token(&self) -> String {
        base64_simd::URL_SAFE_NO_PAD.encode_to_string(self.binary())
    }

    fn stable_nonce(&self, aad: &[u8]) -> [u8; 24] {
        let key: [u8; 32] = expand(&self.master, "eyot/1 nonce");
        let mac = Hmac::<Sha256>::new_from_slice(&key)
            .expect("HMAC takes keys of any length")
            .chain_update((aad.len() as u64).to_be_bytes())
            .chain_update(aad)
            .chain_update(&self.payload)
            .finalize()
            .into_bytes();
        *mac.first_chunk().expect("24 of 32 bytes")
    }
}

/// A sub-key: HKDF-Expand with the master as pseudorandom key.
pub(crate) fn expand<const N: usize>(master: &[u8; 32], info: &str) -> [u8; N] {
    let mut out = [0; N];
    let prk = Hkdf::<Sha256>::from_prk(master).expect("32 bytes are a hash");
    prk.expand(info.as_bytes(), &mut out).expect("at most one hash");
    out
}

fn put_sized(out: &mut Vec<u8>, bytes: &[u8]) {
    let length = u32::try_from(bytes.len()).expect("short");
    out.extend(length.to_be_bytes());
    out.extend(bytes);
}
