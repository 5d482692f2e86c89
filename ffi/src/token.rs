//! Tokens without a page around them.

use std::mem::MaybeUninit;

use eyot::seal::Payload;
use eyot::{IslandName, Sealing};

use crate::boundary::{self, given};
use crate::buffer::eyot_buffer;
use crate::bytes::eyot_slice;
use crate::failure::{Failure, eyot_error};
use crate::keyring::eyot_keyring;
use crate::opened::eyot_opened;
use crate::options::{self, options_struct};
use crate::status::eyot_status;
use crate::system::time;

/// What `eyot_keyring_seal` seals. Initialise with `EYOT_PAYLOAD_INIT`.
#[repr(C)]
#[derive(Debug, Clone, Copy)]
pub struct eyot_payload {
    /// `sizeof(eyot_payload)`.
    pub size: u32,
    /// When it expires, in Unix seconds; 0 for never.
    pub expires: u32,
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
    /// 24 random bytes for an unlinkable token. Use them for one token only. Empty for a stable token.
    pub nonce: eyot_slice,
}

options_struct!(eyot_payload { expires, island, audience, props, slots, page, nonce });

/// A token to open. Initialise with `EYOT_TOKEN_INIT`.
#[repr(C)]
#[derive(Debug, Clone, Copy)]
pub struct eyot_token {
    /// `sizeof(eyot_token)`.
    pub size: u32,
    /// 0.
    pub reserved: u32,
    /// Unix time in seconds; 0 for the system's clock.
    pub now: u64,
    /// The island that it was sealed for.
    pub island: eyot_slice,
    /// The string that it was sealed with, such as a tenant; empty by default.
    pub audience: eyot_slice,
    /// The token.
    pub bytes: eyot_slice,
}

options_struct!(eyot_token { reserved, now, island, audience, bytes });

/// A token, read.
pub(crate) struct Given<'a> {
    pub(crate) now: u64,
    pub(crate) island: &'a str,
    pub(crate) audience: &'a str,
    pub(crate) bytes: &'a [u8],
}

/// Reads a token.
///
/// # Safety
/// `token` is NULL or an `eyot_token` whose slices are readable while `'a` lasts.
pub(crate) unsafe fn read_token<'a>(token: *const eyot_token) -> Result<Given<'a>, Failure> {
    // SAFETY: by this function's contract.
    let given = unsafe { options::read(token, "token") }?;
    options::check_reserved("token", given.reserved)?;
    // SAFETY: by this function's contract.
    let (island, audience, bytes) =
        unsafe { (given.island.text("island")?, given.audience.text("audience")?, given.bytes.bytes("bytes")?) };
    Ok(Given { now: time(given.now)?, island, audience, bytes })
}

/// Seals a token. Servers rarely need this, because splits and placeholders seal.
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
        let (island, audience, nonce, sections) = unsafe {
            let sections = Payload {
                props: payload.props.bytes("props")?,
                slots: payload.slots.bytes("slots")?,
                page: payload.page.bytes("page")?,
            };
            (
                IslandName::new(payload.island.text("island")?)?,
                payload.audience.text("audience")?,
                payload.nonce.bytes("nonce")?,
                sections,
            )
        };
        // The length says which kind of token is wanted: a pointer alone could not be checked.
        let sealing = if nonce.is_empty() {
            Sealing::Stable
        } else {
            let wrong = |_| Failure::argument(format!("`nonce` has {} bytes: it needs 24, or none", nonce.len()));
            Sealing::Unlinkable(nonce.try_into().map_err(wrong)?)
        };
        let expires = (payload.expires > 0).then_some(payload.expires);
        let mut token = Vec::new();
        keyring.core().seal(&island, audience, sections, sealing, expires, &mut token)?;
        out.write(token.into());
        Ok(())
    })
}

/// Opens a token. Servers rarely need this: see `eyot_exchange_open`. A token that does not open is `EYOT_TOKEN_BAD` or
/// `EYOT_TOKEN_STALE`; visitors should learn no more than that.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn eyot_keyring_open(
    keyring: Option<&eyot_keyring>,
    token: *const eyot_token,
    out: Option<&mut MaybeUninit<Option<Box<eyot_opened>>>>,
    error: Option<&mut MaybeUninit<Option<Box<eyot_error>>>>,
) -> eyot_status {
    boundary::fallible(error, || {
        let (keyring, out) = (given(keyring, "keyring")?, given(out, "out")?);
        // SAFETY: C keeps the contract.
        let token = unsafe { read_token(token) }?;
        let name = IslandName::new(token.island)?;
        let mut buffer = Vec::new();
        let opened = keyring.core().open(&name, token.audience, token.bytes, token.now, &mut buffer)?;
        let Payload { props, slots, page } = opened.payload;
        let (parts, expires) = ([props, slots, page].map(eyot_slice::from), opened.expires);
        out.write(boundary::give(eyot_opened::new(name, 0, parts, expires, buffer)));
        Ok(())
    })
}
