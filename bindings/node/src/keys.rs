//! The key ring, and tokens without the rest of eyot.

use eyot::seal::Payload;
use eyot::{IslandName, KeyRing, Sealing};
use napi::bindgen_prelude::External;
use napi_derive::napi;

use crate::context::time;
use crate::errors::{Result, raise, raise_as};
use crate::exchange::Opened;
use crate::value::{Text, Written};

/// Reads the comma separated form of `EYOT_KEYS`.
#[napi(catch_unwind)]
pub(crate) fn parse_keys(#[napi(ts_arg_type = "string")] text: Text) -> Result<External<KeyRing>> {
    KeyRing::parse(&text).map(External::new).map_err(|error| raise(&error))
}

/// Reads a key file's text: one key a line, `#` comments.
#[napi(catch_unwind)]
pub(crate) fn parse_key_file(#[napi(ts_arg_type = "string")] text: Text) -> Result<External<KeyRing>> {
    KeyRing::parse_file(&text).map(External::new).map_err(|error| raise(&error))
}

/// Derives a ring from a framework's own secrets, the current one first.
#[napi(catch_unwind)]
pub(crate) fn derive_keys(secrets: Vec<&[u8]>) -> Result<External<KeyRing>> {
    KeyRing::derive(&secrets).map(External::new).map_err(|error| raise(&error))
}

/// The keys' ids in hexadecimal, the sealing key's first.
#[napi(catch_unwind)]
pub(crate) fn key_ids(ring: &External<KeyRing>) -> Vec<String> {
    ring.ids().map(|id| id.0.iter().map(|byte| format!("{byte:02x}")).collect()).collect()
}

/// Seals props, slots and page (JSON as tokens hold it) for the island `name`; stable unless a nonce of 24 bytes is
/// given.
#[napi(catch_unwind, ts_return_type = "string")]
pub(crate) fn seal(
    ring: &External<KeyRing>,
    #[napi(ts_arg_type = "string")] name: Text,
    #[napi(ts_arg_type = "string")] props: Text,
    #[napi(ts_arg_type = "string | undefined")] slots: Option<Text>,
    #[napi(ts_arg_type = "string | undefined")] page: Option<Text>,
    #[napi(ts_arg_type = "string | undefined")] audience: Option<Text>,
    expires: Option<u32>,
    nonce: Option<&[u8]>,
) -> Result<Written> {
    let mut out = Vec::with_capacity(props.len() * 4 / 3 + 96);
    let sealing = nonce.map_or(Ok(Sealing::Stable), sealing_with)?;
    // To read an empty string takes longer than to see that there is none.
    let [slots, page, audience] = [slots, page, audience].map(Option::unwrap_or_default);
    let payload = Payload { props: props.as_bytes(), slots: slots.as_bytes(), page: page.as_bytes() };
    IslandName::new(&name)
        .and_then(|name| ring.seal(&name, &audience, payload, sealing, expires, &mut out))
        .map_err(|error| raise(&error))?;
    Ok(Written(out))
}

/// Opens a token sealed for the island `name`.
#[napi(catch_unwind)]
pub(crate) fn open(
    ring: &External<KeyRing>,
    #[napi(ts_arg_type = "string")] name: Text,
    #[napi(ts_arg_type = "string")] token: Text,
    #[napi(ts_arg_type = "string")] audience: Text,
    now: Option<f64>,
) -> Result<Opened> {
    let name = IslandName::new(&name).map_err(|error| raise(&error))?;
    let mut buffer = Vec::new();
    let opened = ring
        .open(&name, &audience, token.as_bytes(), time(now)?, &mut buffer)
        .map_err(|error| raise_as("token", error.code(), error))?;
    let Payload { props, slots, page } = opened.payload;
    Ok(Opened::new(props, slots, page, opened.expires))
}

fn sealing_with(nonce: &[u8]) -> Result<Sealing> {
    let nonce = nonce.try_into().map_err(|_| raise_as("seal", "nonce", "the nonce has not 24 bytes"))?;
    Ok(Sealing::Unlinkable(nonce))
}
