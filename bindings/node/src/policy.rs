//! The shell policy: what a route's shells look like to caches, and what keeps a visitor's own things out of them.

use eyot::http::{ShellPolicy, ShellResponse, Verdict as CoreVerdict, Visit};
use napi::bindgen_prelude::External;
use napi_derive::napi;

use crate::errors::{Result, raise};
use crate::headers::{self, RawHead};
use crate::value::{Latin1, Text, Written};

/// What becomes of a response under a policy.
#[napi(object, object_from_js = false)]
pub(crate) struct Verdict {
    /// The status code; 304 when the client's copy is current.
    pub status: u32,
    /// Changes to the headers, see `headers.rs`.
    #[napi(ts_type = "string")]
    pub edits: Written,
    /// What is one visitor's in the response.
    pub leaks: Option<Vec<Leak>>,
}

/// Something in a shell that is one visitor's.
#[napi(object, object_from_js = false)]
pub(crate) struct Leak {
    /// A stable, lower-case code.
    pub code: &'static str,
    /// What it is and what to do.
    pub message: String,
}

/// A policy; its times are seconds.
#[napi(catch_unwind)]
pub(crate) fn policy(
    cdn: u32,
    browser: u32,
    swr: u32,
    sie: u32,
    cookies: bool,
    stream: bool,
) -> Result<External<ShellPolicy>> {
    ShellPolicy::new(browser, cdn)
        .and_then(|policy| policy.with_stale(swr, sie))
        .map(|policy| External::new(policy.with_cookies(cookies).with_stream(stream)))
        .map_err(|error| raise(&error))
}

/// How long a shell may live in caches at most, in seconds.
#[napi(catch_unwind)]
pub(crate) fn policy_life(policy: &External<ShellPolicy>) -> u32 {
    policy.life()
}

/// The request headers that the app must not see.
#[napi(catch_unwind)]
pub(crate) fn hidden_headers(policy: &External<ShellPolicy>) -> Vec<&'static str> {
    policy.hidden_headers().to_vec()
}

/// Takes in a request on the policy's route; `null` when the policy has nothing to say.
#[napi(catch_unwind)]
pub(crate) fn incoming(
    policy: &External<ShellPolicy>,
    islands: &External<eyot::Islands>,
    #[napi(ts_arg_type = "string")] method: Text,
    #[napi(ts_arg_type = "string")] target: Latin1,
    #[napi(ts_arg_type = "string")] mount: Text,
    #[napi(ts_arg_type = "string")] headers: Latin1,
    count: u32,
) -> Result<Option<External<Visit>>> {
    let head = RawHead { method: &method, target: &target, mount: &mount, headers: &headers, count };
    Ok(head.with(|head| policy.incoming(islands, head))?.map(External::new))
}

/// The query that the app sees instead, where `island-fresh` was in it.
#[napi(catch_unwind, ts_return_type = "string | null")]
pub(crate) fn visit_query(visit: &External<Visit>) -> Option<Written> {
    visit.query().map(|query| Written(query.to_vec()))
}

/// Judges the app's response; `body` is `null` for a streamed one.
#[napi(catch_unwind)]
pub(crate) fn judge(
    visit: &External<Visit>,
    status: u32,
    #[napi(ts_arg_type = "string")] headers: Latin1,
    count: u32,
    body: Option<&[u8]>,
) -> Result<Verdict> {
    let status = u16::try_from(status).unwrap_or(500);
    let verdict = headers::with(&headers, count, |headers| visit.finish(&ShellResponse { status, headers, body }))?;
    let (status, edits, leaks) = match verdict {
        CoreVerdict::Other(edits) => (status, edits, None),
        CoreVerdict::Shell { status, edits } => (status, edits, None),
        CoreVerdict::Leak { leaks, edits } => (status, edits, Some(leaks)),
    };
    let convert = |leak: &eyot::http::Leak| Leak { code: leak.code(), message: leak.to_string() };
    let leaks = leaks.map(|leaks| leaks.iter().map(convert).collect());
    Ok(Verdict { status: status.into(), edits: Written(headers::edits(&edits)), leaks })
}
