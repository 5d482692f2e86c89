//! For tests: pages with every island in its place, and what is wrong with shells.

use eyot::Islands;
use eyot::assembly::{Assembly, AssemblyError};
use napi::bindgen_prelude::External;
use napi_derive::napi;

use crate::errors::{Result, raise_as};
use crate::headers;
use crate::value::{Bytes, Text};

/// An island to ask for, as the loader does.
#[napi(object, object_from_js = false)]
pub(crate) struct Ask {
    /// The island's name.
    pub island: String,
    /// Its address.
    pub url: String,
    /// The token to post there, where it is too long for the address.
    pub token: Option<String>,
    /// Whether another host answers.
    pub is_elsewhere: bool,
}

/// A page whose placeholders are filled one after the other, those in islands' answers too.
#[napi(catch_unwind)]
pub(crate) fn assembly(page: &[u8]) -> External<Assembly> {
    External::new(Assembly::new(page.to_vec()))
}

/// The next island to ask for; `null` once there is none.
#[napi(catch_unwind)]
pub(crate) fn assembly_next(assembly: &mut External<Assembly>) -> Result<Option<Ask>> {
    let found = assembly.next().map_err(|error| raised(&error))?;
    Ok(found.map(|ask| {
        let is_elsewhere = ask.is_elsewhere();
        Ask { island: ask.island, url: ask.url, token: ask.token, is_elsewhere }
    }))
}

/// Puts the answer to the last ask in the page; an error says why it is none that the loader would take.
#[napi(catch_unwind)]
pub(crate) fn assembly_answer(
    assembly: &mut External<Assembly>,
    status: u32,
    #[napi(ts_arg_type = "string")] lines: Text,
    count: u32,
    body: &[u8],
) -> Result<()> {
    let status = u16::try_from(status).unwrap_or_default();
    headers::with(lines.as_bytes(), count, |headers| assembly.answer(status, headers, body))?
        .map_err(|error| raised(&error))
}

/// Leaves the placeholder of the last ask as it is.
#[napi(catch_unwind)]
pub(crate) fn assembly_skip(assembly: &mut External<Assembly>) {
    assembly.skip();
}

/// The page as it is now; nothing is left of it here.
#[napi(catch_unwind, ts_return_type = "Buffer")]
pub(crate) fn assembly_finish(env: &napi::Env, assembly: &mut External<Assembly>) -> Result<Bytes> {
    let page = std::mem::replace(&mut **assembly, Assembly::new(Vec::new())).finish();
    Bytes::joined(env, page.len(), std::iter::once(page.as_slice())).map_err(|error| crate::errors::native(&error))
}

fn raised(error: &AssemblyError) -> napi::Error<String> {
    raise_as("assembly", "assembly", error.to_string())
}

/// What is wrong with a response that is to be a shell which shared caches keep.
#[napi(catch_unwind)]
pub(crate) fn shell_faults(
    islands: &External<Islands>,
    status: u32,
    #[napi(ts_arg_type = "string")] lines: Text,
    count: u32,
    body: &[u8],
) -> Result<Vec<String>> {
    let status = u16::try_from(status).unwrap_or_default();
    headers::with(lines.as_bytes(), count, |headers| eyot::assembly::shell_faults(islands, status, headers, body))
}
