//! The shell policy: what a route's shells look like to caches, and what keeps a visitor's own things out of them.

use eyot::exchange::leak_page;
use eyot::http::{Outcome as CoreOutcome, Refusal, Response, ShellPolicy, Visit};
use napi::bindgen_prelude::External;
use napi_derive::napi;

use crate::errors::{Result, raise, raise_as};
use crate::headers::{self, RawHead};
use crate::request::Reply;
use crate::value::{Latin1, Text, Written};

/// What is sent instead of the app's own status and headers.
#[napi(object, object_from_js = false)]
pub(crate) struct Outcome {
    /// The status code; 304 when the client's copy is current.
    pub status: u32,
    /// Changes to the headers, see `headers.rs`.
    #[napi(ts_type = "string")]
    pub edits: Written,
    /// Whether the app's body is sent.
    pub has_body: bool,
    /// Whether a policy made the response a shell for shared caches.
    pub is_shell: bool,
    /// What is one visitor's in the response.
    pub leaks: Option<Vec<Leak>>,
    /// The page that is shown instead of a response with leaks, while debugging.
    #[napi(ts_type = "string")]
    pub shown: Option<Written>,
    /// Instead of all that: a handler's answer is refused.
    pub refusal: Option<Reply>,
}

impl From<CoreOutcome> for Outcome {
    fn from(outcome: CoreOutcome) -> Self {
        let convert = |leak: &eyot::http::Leak| Leak { code: leak.code(), message: leak.to_string() };
        let leaks = outcome.leaks.iter().map(convert).collect::<Vec<_>>();
        Self {
            status: outcome.status.into(),
            edits: Written(headers::edits(&outcome.edits)),
            has_body: outcome.has_body,
            is_shell: outcome.is_shell,
            shown: (!leaks.is_empty()).then(|| Written(leak_page(&outcome.leaks).body.into_owned())),
            leaks: (!leaks.is_empty()).then_some(leaks),
            refusal: None,
        }
    }
}

impl Outcome {
    /// The refusal of a handler's answer.
    pub(crate) fn refused(refusal: Reply) -> Self {
        let (status, edits) = (refusal.status, Written(Vec::new()));
        Self { status, edits, has_body: false, is_shell: false, leaks: None, shown: None, refusal: Some(refusal) }
    }
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
    let visit = head.with(|head| head.map(|head| policy.incoming(islands, head)))?;
    let refused = |refusal: Refusal| raise_as("config", refusal.reason.code(), refusal.reason);
    visit.map(|visit| visit.map(External::new)).map_err(refused)
}

/// The headers of the request that the app must not see, in lower case.
#[napi(catch_unwind)]
pub(crate) fn visit_hidden(visit: &External<Visit>) -> Vec<String> {
    visit.hidden_headers().iter().map(|name| name.to_ascii_lowercase()).collect()
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
) -> Result<Outcome> {
    let status = u16::try_from(status).unwrap_or(500);
    headers::with(&headers, count, |headers| {
        let response = Response::new(status, headers);
        visit.finish(&body.map_or(response, |body| response.with_body(body))).into()
    })
}

/// The seconds of a time as people write it, such as `10m`.
#[napi(catch_unwind)]
pub(crate) fn duration_seconds(#[napi(ts_arg_type = "string")] text: Text) -> Result<u32> {
    eyot::duration::seconds(&text).map_err(|error| raise_as("config", "option", error.to_string()))
}
