//! The inner station's questions about a response: whether it is a page, and what a split makes of its headers.

use eyot::http::{Outcome, PageKind, Response, Unsplit};
use napi_derive::napi;

use crate::errors::Result;
use crate::headers;
use crate::value::{Latin1, Written};

/// What a response is to the inner station: `html`, `part`, `compressed`, `text` or `other`.
#[napi(catch_unwind, ts_return_type = "\"html\" | \"part\" | \"compressed\" | \"text\" | \"other\"")]
pub(crate) fn page_kind(
    status: u32,
    #[napi(ts_arg_type = "string")] headers: Latin1,
    count: u32,
) -> Result<&'static str> {
    let status = u16::try_from(status).unwrap_or(500);
    headers::with(&headers, count, |headers| match PageKind::of(status, headers) {
        PageKind::Html => "html",
        PageKind::Part => "part",
        PageKind::Compressed => "compressed",
        PageKind::Text => "text",
        _ => "other",
    })
}

/// Why a text goes out without having been split, although it may hold a directive.
#[napi(object, object_from_js = false)]
pub(crate) struct Told {
    /// A stable, lower-case code.
    pub code: &'static str,
    /// What it is and what to do.
    pub message: String,
    /// Whether an error page takes its place while debugging.
    pub is_error: bool,
}

/// Judges a whole HTML page or text; `null` where there is nothing to tell of.
#[napi(catch_unwind)]
pub(crate) fn unsplit(
    #[napi(ts_arg_type = "string")] headers: Latin1,
    count: u32,
    body: &[u8],
) -> Result<Option<Told>> {
    let told = headers::with(&headers, count, |headers| Unsplit::of(headers, body))?;
    Ok(told.map(|told| Told { code: told.code(), message: told.to_string(), is_error: told.is_error() }))
}

/// What a split changes in a page's headers; without a length, of a streamed one.
#[napi(catch_unwind, ts_return_type = "string")]
pub(crate) fn split_headers(
    #[napi(ts_arg_type = "string")] headers: Latin1,
    count: u32,
    len: Option<u32>,
) -> Result<Written> {
    let len = len.map(|len| usize::try_from(len).unwrap_or(usize::MAX));
    headers::with(&headers, count, |headers| {
        Written(headers::edits(&Outcome::split(&Response::new(200, headers), len).edits))
    })
}

/// What keeps a response out of every cache.
#[napi(catch_unwind, ts_return_type = "string")]
pub(crate) fn uncached_headers(#[napi(ts_arg_type = "string")] headers: Latin1, count: u32) -> Result<Written> {
    headers::with(&headers, count, |headers| {
        Written(headers::edits(&Outcome::uncached(&Response::new(200, headers)).edits))
    })
}
