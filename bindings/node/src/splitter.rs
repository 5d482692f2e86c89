//! The splitter: pages that come in chunks.

use eyot::shell::Segments;
use napi::Env;
use napi::bindgen_prelude::External;
use napi_derive::napi;

use crate::context;
use crate::errors::{Problem, Result, native, raise};
use crate::islands::Diagnostic;
use crate::value::{Bytes, Text};

/// A splitter for one page.
#[napi(catch_unwind)]
pub(crate) fn splitter(islands: &External<eyot::Islands>, lenient: bool) -> External<eyot::Splitter> {
    let splitter = eyot::Splitter::new(islands);
    External::new(if lenient { splitter.lenient() } else { splitter })
}

/// Takes the next chunk and returns what can go out; `null` for the chunk as it is.
#[napi(catch_unwind, ts_return_type = "Buffer | null")]
pub(crate) fn push(
    env: &Env,
    splitter: &mut External<eyot::Splitter>,
    chunk: &[u8],
    #[napi(ts_arg_type = "string")] context: Text,
) -> Result<Option<Bytes>> {
    let segments = context::with(&context, |context| splitter.push(chunk, context))?.map_err(|error| raise(&error))?;
    let mut first = segments.clone();
    if first.next().is_some_and(|only| std::ptr::eq(only, chunk)) {
        return Ok(None);
    }
    joined(env, segments).map(Some)
}

/// Ends the page and returns the rest of it.
#[napi(catch_unwind, ts_return_type = "Buffer")]
pub(crate) fn finish_page(
    env: &Env,
    splitter: &mut External<eyot::Splitter>,
    #[napi(ts_arg_type = "string")] context: Text,
) -> Result<Bytes> {
    let segments = context::with(&context, |context| splitter.finish(context))?.map_err(|error| raise(&error))?;
    joined(env, segments)
}

/// How many problems there are so far, where the splitter is lenient: cheap to ask after each chunk.
#[napi(catch_unwind)]
pub(crate) fn problem_count(splitter: &External<eyot::Splitter>) -> u32 {
    u32::try_from(splitter.problems().len()).unwrap_or(u32::MAX)
}

/// What was wrong with the page so far, where the splitter is lenient.
#[napi(catch_unwind)]
pub(crate) fn problems(splitter: &External<eyot::Splitter>) -> Vec<Problem> {
    splitter.problems().iter().map(Problem::from).collect()
}

/// What the page's author should know, as far as the page has been read.
#[napi(catch_unwind)]
pub(crate) fn diagnostics(splitter: &External<eyot::Splitter>) -> Vec<Diagnostic> {
    splitter.diagnostics().iter().map(Diagnostic::from).collect()
}

pub(crate) fn joined(env: &Env, segments: Segments<'_>) -> Result<Bytes> {
    let len = segments.clone().map(<[u8]>::len).sum();
    Bytes::joined(env, len, segments).map_err(|error| native(&error))
}
