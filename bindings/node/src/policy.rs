//! The shell policy: what a route's shells look like to caches.

use eyot::http::ShellPolicy;
use napi::bindgen_prelude::External;
use napi_derive::napi;

use crate::errors::{Result, raise, raise_as};
use crate::value::Text;

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

/// The seconds of a time as people write it, such as `10m`.
#[napi(catch_unwind)]
pub(crate) fn duration_seconds(#[napi(ts_arg_type = "string")] text: Text) -> Result<u32> {
    eyot::duration::seconds(&text).map_err(|error| raise_as("config", "option", error.to_string()))
}
