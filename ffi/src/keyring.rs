//! Key rings.

use std::ffi::c_void;
use std::mem::MaybeUninit;

use eyot::KeyRing;

use crate::boundary::{self, given};
use crate::buffer::eyot_buffer;
use crate::bytes::{self, eyot_slice};
use crate::failure::{Failure, eyot_error};
use crate::status::eyot_status;
use crate::system;

/// One or more keys: the first seals, all open. Freeing a key ring wipes it from memory.
///
/// Threads: may be shared. Islands have a copy, so you may free it before them.
#[derive(Debug)]
pub struct eyot_keyring(KeyRing);

impl eyot_keyring {
    pub(crate) fn core(&self) -> &KeyRing {
        &self.0
    }
}

/// Makes a key for `EYOT_KEYS`: 32 random bytes from the operating system, in base64.
#[unsafe(no_mangle)]
pub extern "C" fn eyot_keyring_generate_key(
    out: Option<&mut MaybeUninit<eyot_buffer>>,
    error: Option<&mut MaybeUninit<Option<Box<eyot_error>>>>,
) -> eyot_status {
    boundary::fallible(error, || {
        let out = given(out, "out")?;
        let mut key = [0_u8; 32];
        system::random(&mut key).map_err(|why| Failure::new(eyot_status::EYOT_ENTROPY, "entropy", why))?;
        out.write(base64_simd::STANDARD.encode_to_string(key).into_bytes().into());
        Ok(())
    })
}

/// Reads the text of `EYOT_KEYS`: comma separated, each key 32 random bytes in standard base64.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn eyot_keyring_parse(
    keys: *const c_void,
    keys_len: usize,
    out: Option<&mut MaybeUninit<Option<Box<eyot_keyring>>>>,
    error: Option<&mut MaybeUninit<Option<Box<eyot_error>>>>,
) -> eyot_status {
    boundary::fallible(error, || {
        let out = given(out, "out")?;
        // SAFETY: C keeps the contract.
        let keys = unsafe { bytes::text(keys, keys_len, "keys") }?;
        out.write(boundary::give(eyot_keyring(KeyRing::parse(keys)?)));
        Ok(())
    })
}

/// Reads the content of a key file: one key a line, `#` starts a comment.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn eyot_keyring_parse_file(
    text: *const c_void,
    text_len: usize,
    out: Option<&mut MaybeUninit<Option<Box<eyot_keyring>>>>,
    error: Option<&mut MaybeUninit<Option<Box<eyot_error>>>>,
) -> eyot_status {
    boundary::fallible(error, || {
        let out = given(out, "out")?;
        // SAFETY: C keeps the contract.
        let text = unsafe { bytes::text(text, text_len, "text") }?;
        out.write(boundary::give(eyot_keyring(KeyRing::parse_file(text)?)));
        Ok(())
    })
}

/// Derives a key ring from a framework's own secrets, the current one first.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn eyot_keyring_derive(
    secrets: *const eyot_slice,
    secrets_len: usize,
    out: Option<&mut MaybeUninit<Option<Box<eyot_keyring>>>>,
    error: Option<&mut MaybeUninit<Option<Box<eyot_error>>>>,
) -> eyot_status {
    boundary::fallible(error, || {
        let out = given(out, "out")?;
        // SAFETY: C keeps the contract.
        let secrets = unsafe { bytes::array(secrets, secrets_len, "secrets") }?;
        // SAFETY: as above.
        let secrets = secrets.iter().map(|secret| unsafe { secret.bytes("secrets") }).collect::<Result<Vec<_>, _>>()?;
        out.write(boundary::give(eyot_keyring(KeyRing::derive(&secrets)?)));
        Ok(())
    })
}

/// How many keys there are; 0 for NULL.
#[unsafe(no_mangle)]
pub extern "C" fn eyot_keyring_len(keyring: Option<&eyot_keyring>) -> usize {
    boundary::value(0, || keyring.map(|keyring| keyring.0.ids().count()))
}

/// The id of the key at `index`; the sealing key is at 0. Print it as `%08x`. It reveals nothing about the key.
/// `EYOT_NOT_FOUND` beyond the last.
#[unsafe(no_mangle)]
pub extern "C" fn eyot_keyring_id(
    keyring: Option<&eyot_keyring>,
    index: usize,
    out: Option<&mut MaybeUninit<u32>>,
) -> eyot_status {
    boundary::checked(|| {
        let (keyring, out) = (given(keyring, "keyring")?, given(out, "out")?);
        let id = keyring.0.ids().nth(index).ok_or_else(|| Failure::not_found("the ring is shorter"))?;
        out.write(u32::from_be_bytes(id.0));
        Ok(())
    })
}

/// Frees a key ring and wipes its keys; NULL does nothing.
#[unsafe(no_mangle)]
pub extern "C" fn eyot_keyring_free(keyring: Option<Box<eyot_keyring>>) {
    boundary::release(keyring)
}
