//! XAES-256-GCM as C2SP specifies it (<https://c2sp.org/XAES-256-GCM>, v1.0.1): AES-256-GCM under a key derived for each
//! message, so that 24-byte nonces may be random or synthetic.

use aes::Aes256Enc;
use aes_gcm::aead::{AeadInOut, KeyInit, consts::U12};
use aes_gcm::{AesGcm, Nonce};
use zeroize::{Zeroize, ZeroizeOnDrop};

pub(super) const KEY_LEN: usize = 32;
pub(super) const NONCE_LEN: usize = 24;
pub(super) const TAG_LEN: usize = 16;

/// GCM only ever runs AES forwards: the encryption half alone has half the key schedule of `Aes256Gcm` to compute.
type Gcm = AesGcm<Aes256Enc, U12>;

/// What AES-GCM refuses: a wrong tag when decrypting, 64 GiB when encrypting.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Refused;

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
        let mut zero = aes::Block::default();
        aes::cipher::BlockCipherEncrypt::encrypt_block(&cipher, &mut zero);
        let l = u128::from_be_bytes(zero.0);
        zero.zeroize();
        Self { cipher, k1: (l << 1) ^ ((l >> 127) * 0x87) }
    }

    /// Encrypts `message` in place and returns its tag.
    pub(super) fn encrypt(
        &self,
        nonce: &[u8; NONCE_LEN],
        aad: &[u8],
        message: &mut [u8],
    ) -> Result<[u8; TAG_LEN], Refused> {
        let (gcm, nonce) = self.for_message(nonce);
        let tag = gcm.encrypt_inout_detached(&nonce, aad, message.into()).map_err(|_| Refused)?;
        Ok(tag.0)
    }

    /// Decrypts `message` in place; with a wrong tag it is left as it was.
    pub(super) fn decrypt(
        &self,
        nonce: &[u8; NONCE_LEN],
        aad: &[u8],
        message: &mut [u8],
        tag: &[u8; TAG_LEN],
    ) -> Result<(), Refused> {
        let (gcm, nonce) = self.for_message(nonce);
        gcm.decrypt_inout_detached(&nonce, aad, message.into(), tag.into()).map_err(|_| Refused)
    }

    /// Steps 3 to 6: the key of one message from the nonce's first half, and the second half as its nonce.
    fn for_message(&self, nonce: &[u8; NONCE_LEN]) -> (Gcm, Nonce<U12>) {
        let mut m = [0; 16];
        m[4..].copy_from_slice(&nonce[..12]);
        let context = u128::from_be_bytes(m) ^ self.k1;
        let mut key = [block(context ^ counter(1)), block(context ^ counter(2))];
        aes::cipher::BlockCipherEncrypt::encrypt_blocks(&self.cipher, &mut key);
        let mut whole = [0; KEY_LEN];
        whole[..16].copy_from_slice(&key[0]);
        whole[16..].copy_from_slice(&key[1]);
        let gcm = Gcm::from(Aes256Enc::new(&whole.into()));
        key.iter_mut().for_each(|half| half.zeroize());
        whole.zeroize();
        let mut rest = Nonce::default();
        rest.copy_from_slice(&nonce[12..]);
        (gcm, rest)
    }
}

impl Drop for Xaes {
    fn drop(&mut self) {
        // The schedule wipes itself.
        self.k1.zeroize();
    }
}

impl ZeroizeOnDrop for Xaes {}

/// The first four bytes of `M1` and `M2`: a 16-bit counter, the label `X`, and a zero.
const fn counter(i: u8) -> u128 {
    u128::from_be_bytes([0, i, b'X', 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0])
}

fn block(value: u128) -> aes::Block {
    value.to_be_bytes().into()
}
