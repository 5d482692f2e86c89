//! Key rings, and tokens without a page around them.

use std::ffi::c_void;
use std::mem::MaybeUninit;

use eyot::seal::Payload;
use eyot::{IslandName, KeyRing, Sealing};

use crate::boundary::{self, given};
use crate::buffer::eyot_buffer;
use crate::bytes::{self, eyot_slice};
use crate::context;
use crate::failure::{Failure, eyot_error};
use crate::island::eyot_island;
use crate::options::{self, OptionsStruct};
use crate::status::eyot_status;

/// One or more keys: the first seals, all open. Wiped from memory when freed.
///
/// Threads: may be shared. Needs to outlive nothing: islands take a copy.
#[derive(Debug)]
pub struct eyot_keyring(KeyRing);

impl eyot_keyring {
    pub(crate) fn core(&self) -> &KeyRing {
        &self.0
    }
}

/// What `eyot_keyring_seal` seals. Initialise with `EYOT_PAYLOAD_INIT`.
#[repr(C)]
#[derive(Debug, Clone, Copy)]
pub struct eyot_payload {
    /// `sizeof(eyot_payload)`.
    pub size: usize,
    /// The island's name.
    pub island: eyot_slice,
    /// A string that opening must repeat; empty by default.
    pub audience: eyot_slice,
    /// One UTF-8 JSON object, sealed as it is.
    pub props: eyot_slice,
    /// A JSON object of strings, or nothing.
    pub slots: eyot_slice,
    /// The page's JSON object, or nothing.
    pub page: eyot_slice,
    /// 24 random bytes for a token that cannot be linked to others, used for this one alone; NULL for a stable token.
    pub nonce: *const u8,
    /// When it expires, in Unix seconds; 0 for never.
    pub expires: u32,
}

// SAFETY: numbers, slices and a pointer that may be NULL.
unsafe impl OptionsStruct for eyot_payload {
    const FIRST: usize = size_of::<Self>();
}

/// Makes a key for `EYOT_KEYS`: 32 random bytes of the operating system in base64.
#[unsafe(no_mangle)]
pub extern "C" fn eyot_keyring_generate_key(
    out: Option<&mut MaybeUninit<eyot_buffer>>,
    error: Option<&mut MaybeUninit<Option<Box<eyot_error>>>>,
) -> eyot_status {
    boundary::fallible(error, || {
        let out = given(out, "out")?;
        let mut key = [0_u8; 32];
        context::random(&mut key).map_err(|why| Failure::new(eyot_status::EYOT_ENTROPY, "entropy", why))?;
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

/// Derives a ring from a framework's own secrets, the current one first.
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

/// The id of the key at `index`, the sealing key at 0, as a number to be shown as `%08x`; it says nothing about the key.
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

/// Seals a token by itself. Hosts rarely need it: splitting and placeholders seal.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn eyot_keyring_seal(
    keyring: Option<&eyot_keyring>,
    payload: *const eyot_payload,
    out: Option<&mut MaybeUninit<eyot_buffer>>,
    error: Option<&mut MaybeUninit<Option<Box<eyot_error>>>>,
) -> eyot_status {
    boundary::fallible(error, || {
        let (keyring, out) = (given(keyring, "keyring")?, given(out, "out")?);
        // SAFETY: C keeps the contract.
        let payload = unsafe { options::read(payload, "payload") }?;
        // SAFETY: as above.
        let (island, audience, sections) = unsafe {
            let sections = Payload {
                props: payload.props.bytes("props")?,
                slots: payload.slots.bytes("slots")?,
                page: payload.page.bytes("page")?,
            };
            (IslandName::new(payload.island.text("island")?)?, payload.audience.text("audience")?, sections)
        };
        let mut sealing = Sealing::Stable;
        if !payload.nonce.is_null() {
            let mut nonce = [0; 24];
            // SAFETY: as above.
            nonce.copy_from_slice(unsafe { bytes::bytes(payload.nonce.cast(), 24, "nonce") }?);
            sealing = Sealing::Unlinkable(nonce);
        }
        let expires = (payload.expires > 0).then_some(payload.expires);
        let mut token = Vec::new();
        keyring.0.seal(&island, audience, sections, sealing, expires, &mut token)?;
        out.write(token.into());
        Ok(())
    })
}

/// Opens a token by itself. Hosts rarely need it: see `eyot_request_open`. The status is `EYOT_TOKEN_BAD` or
/// `EYOT_TOKEN_STALE` for one that does not open; visitors should learn no more than that.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn eyot_keyring_open(
    keyring: Option<&eyot_keyring>,
    island: *const c_void,
    island_len: usize,
    audience: *const c_void,
    audience_len: usize,
    token: *const c_void,
    token_len: usize,
    now: u64,
    out: Option<&mut MaybeUninit<Option<Box<eyot_island>>>>,
    error: Option<&mut MaybeUninit<Option<Box<eyot_error>>>>,
) -> eyot_status {
    boundary::fallible(error, || {
        let (keyring, out) = (given(keyring, "keyring")?, given(out, "out")?);
        // SAFETY: C keeps the contract.
        let (island, audience, token) = unsafe {
            (
                bytes::text(island, island_len, "island")?,
                bytes::text(audience, audience_len, "audience")?,
                bytes::bytes(token, token_len, "token")?,
            )
        };
        let name = IslandName::new(island)?;
        let mut buffer = Vec::new();
        let opened = keyring.0.open(&name, audience, token, context::time(now)?, &mut buffer)?;
        let Payload { props, slots, page } = opened.payload;
        let (parts, expires) = ([props, slots, page].map(eyot_slice::from), opened.expires);
        out.write(boundary::give(eyot_island::new(name, 0, parts, expires, buffer)));
        Ok(())
    })
}

/// Frees a key ring and wipes its keys; NULL does nothing.
#[unsafe(no_mangle)]
pub extern "C" fn eyot_keyring_free(keyring: Option<Box<eyot_keyring>>) {
    boundary::release(keyring)
}
