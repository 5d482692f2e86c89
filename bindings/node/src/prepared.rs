//! Pages that are split once and rendered often.

use eyot::{Islands, Prepared};
use napi::Env;
use napi::bindgen_prelude::External;
use napi_derive::napi;

use crate::context;
use crate::errors::{Result, native, raise};
use crate::value::{Bytes, Text};

/// Finds a page's islands, to render it often.
#[napi(catch_unwind)]
pub(crate) fn prepare(islands: &External<Islands>, page: &[u8]) -> Result<External<Prepared>> {
    islands.prepare(page).map(External::new).map_err(|error| raise(&error))
}

/// The names of the page's islands.
#[napi(catch_unwind)]
pub(crate) fn prepared_islands(prepared: &External<Prepared>) -> Vec<String> {
    prepared.islands().iter().map(ToString::to_string).collect()
}

/// The shell, with tokens as they are now.
#[napi(catch_unwind, ts_return_type = "Buffer")]
pub(crate) fn render(
    env: &Env,
    prepared: &External<Prepared>,
    #[napi(ts_arg_type = "string")] context: Text,
) -> Result<Bytes> {
    let mut shell = Vec::new();
    context::with(&context, |context| prepared.render(context, &mut shell))?.map_err(|error| raise(&error))?;
    Bytes::copied(env, &shell).map_err(|error| native(&error))
}
