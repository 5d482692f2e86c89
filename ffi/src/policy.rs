//! The shell policy of a route, and a request on it.

use std::mem::MaybeUninit;

use eyot::http::{Response, ShellPolicy, Visit};

use crate::boundary::{self, given};
use crate::bytes::{self, eyot_pair, eyot_slice};
use crate::failure::{Failure, eyot_error};
use crate::head::{eyot_head, status_code, with_head};
use crate::islands::eyot_islands;
use crate::options::{self, OptionsStruct};
use crate::outcome::eyot_outcome;
use crate::status::eyot_status;

/// The app sees cookies and authorisation, and must not let them shape the shell.
pub const EYOT_POLICY_COOKIES: u32 = 1;
/// A streamed page goes out as it comes: without an ETag, and with no guard on its body.
pub const EYOT_POLICY_STREAM: u32 = 2;

/// How long caches keep a route's shells, in seconds. Initialise with `EYOT_POLICY_OPTIONS_INIT`.
#[repr(C)]
#[derive(Debug, Clone, Copy)]
pub struct eyot_policy_options {
    /// `sizeof(eyot_policy_options)`.
    pub size: usize,
    /// How long browsers keep a shell.
    pub browser: u32,
    /// How long shared caches keep it.
    pub cdn: u32,
    /// How long a shared cache may serve a stale one while it gets a new one.
    pub stale_while_revalidate: u32,
    /// How long it may serve a stale one when that fails.
    pub stale_if_error: u32,
    /// `EYOT_POLICY_COOKIES`, `EYOT_POLICY_STREAM`.
    pub flags: u32,
}

// SAFETY: numbers alone.
unsafe impl OptionsStruct for eyot_policy_options {
    const FIRST: usize = size_of::<Self>();
}

/// A response to judge, as it would leave. Initialise with `EYOT_RESPONSE_INIT`.
#[repr(C)]
#[derive(Debug, Clone, Copy)]
pub struct eyot_response {
    /// `sizeof(eyot_response)`.
    pub size: usize,
    /// All headers.
    pub headers: *const eyot_pair,
    /// How many there are.
    pub headers_len: usize,
    /// The whole body, not compressed; not looked at when it is streamed.
    pub body: eyot_slice,
    /// The status code.
    pub status: u32,
    /// `EYOT_RESPONSE_STREAMED`.
    pub flags: u32,
}

// SAFETY: numbers, slices and a pointer that is not looked at without a length.
unsafe impl OptionsStruct for eyot_response {
    const FIRST: usize = size_of::<Self>();
}

/// The body is not known yet.
pub const EYOT_RESPONSE_STREAMED: u32 = 1;

/// A route's policy: there is none for a whole site.
///
/// Threads: may be shared.
#[derive(Debug)]
pub struct eyot_policy {
    core: ShellPolicy,
    /// Point to literals.
    hidden: Vec<eyot_slice>,
}

/// A request on a route with a policy, between its way in and its way out.
///
/// Threads: may be shared. Needs neither the policy nor the islands that it was made from.
#[derive(Debug)]
pub struct eyot_visit(Visit);

/// Checks a policy.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn eyot_policy_new(
    options: *const eyot_policy_options,
    out: Option<&mut MaybeUninit<Option<Box<eyot_policy>>>>,
    error: Option<&mut MaybeUninit<Option<Box<eyot_error>>>>,
) -> eyot_status {
    boundary::fallible(error, || {
        let out = given(out, "out")?;
        // SAFETY: C keeps the contract.
        let options = unsafe { options::read(options, "options") }?;
        options::check_flags("options", options.flags, EYOT_POLICY_COOKIES | EYOT_POLICY_STREAM)?;
        let core = ShellPolicy::new(options.browser, options.cdn)?
            .with_stale(options.stale_while_revalidate, options.stale_if_error)?
            .with_cookies(options.flags & EYOT_POLICY_COOKIES != 0)
            .with_stream(options.flags & EYOT_POLICY_STREAM != 0);
        let hidden = core.hidden_headers().iter().map(|name| eyot_slice::from(*name)).collect();
        out.write(boundary::give(eyot_policy { core, hidden }));
        Ok(())
    })
}

/// How long a shell may live in caches at most, in seconds: for `eyot_context.shell_life`. 0 for NULL.
#[unsafe(no_mangle)]
pub extern "C" fn eyot_policy_life(policy: Option<&eyot_policy>) -> u32 {
    boundary::value(0, || policy.map(|policy| policy.core.life()))
}

/// The request headers that the app must not see, to be removed before anything else reads the request. Lives as long as
/// the policy.
#[unsafe(no_mangle)]
pub extern "C" fn eyot_policy_hidden_headers(
    policy: Option<&eyot_policy>,
    out: Option<&mut MaybeUninit<*const eyot_slice>>,
    out_len: Option<&mut MaybeUninit<usize>>,
) -> eyot_status {
    boundary::checked(|| boundary::read_list(policy, "policy", (out, out_len), |policy| &policy.hidden))
}

/// Takes in a request on the policy's route. `*out` is NULL when the policy has nothing to say: another method than `GET`
/// and `HEAD`, or a path below the prefix.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn eyot_policy_visit(
    policy: Option<&eyot_policy>,
    islands: Option<&eyot_islands>,
    head: *const eyot_head,
    out: Option<&mut MaybeUninit<Option<Box<eyot_visit>>>>,
    error: Option<&mut MaybeUninit<Option<Box<eyot_error>>>>,
) -> eyot_status {
    boundary::fallible(error, || {
        let (policy, islands, out) = (given(policy, "policy")?, given(islands, "islands")?, given(out, "out")?);
        // SAFETY: as above.
        let visit = unsafe { with_head(head, |head| head.map(|head| policy.core.incoming(islands.core(), head))) }?;
        let visit = visit.map_err(|refused| Failure::argument(refused.reason.to_string()))?;
        out.write(visit.map(|visit| Box::new(eyot_visit(visit))));
        Ok(())
    })
}

/// Whether the request asks for a fresh shell (`island-fresh`): the app then sees the query of `eyot_visit_query`. False
/// for NULL.
#[unsafe(no_mangle)]
pub extern "C" fn eyot_visit_is_fresh(visit: Option<&eyot_visit>) -> bool {
    boundary::value(false, || visit.map(|visit| visit.0.query().is_some()))
}

/// The query that the app sees instead, without its `?`, where the request asks for a fresh shell; else empty. Borrowed
/// from the visit.
#[unsafe(no_mangle)]
pub extern "C" fn eyot_visit_query(
    visit: Option<&eyot_visit>,
    out: Option<&mut MaybeUninit<eyot_slice>>,
) -> eyot_status {
    boundary::checked(|| {
        let (visit, out) = (given(visit, "visit")?, given(out, "out")?);
        out.write(visit.0.query().unwrap_or_default().into());
        Ok(())
    })
}

/// Judges the app's response, after the split, as it would leave.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn eyot_visit_finish(
    visit: Option<&eyot_visit>,
    response: *const eyot_response,
    out: Option<&mut MaybeUninit<Option<Box<eyot_outcome>>>>,
    error: Option<&mut MaybeUninit<Option<Box<eyot_error>>>>,
) -> eyot_status {
    boundary::fallible(error, || {
        let (visit, out) = (given(visit, "visit")?, given(out, "out")?);
        // SAFETY: C keeps the contract.
        let response = unsafe { options::read(response, "response") }?;
        options::check_flags("response", response.flags, EYOT_RESPONSE_STREAMED)?;
        // SAFETY: as above.
        let headers = unsafe { bytes::fields(response.headers, response.headers_len, "headers") }?;
        let status = status_code(response.status)?;
        let is_streamed = response.flags & EYOT_RESPONSE_STREAMED != 0;
        // SAFETY: as above.
        let body = if is_streamed { None } else { Some(unsafe { response.body.bytes("body") }?) };
        let response = Response::new(status, &headers);
        let outcome = visit.0.finish(&body.map_or(response, |body| response.with_body(body)));
        out.write(boundary::give(eyot_outcome::new(outcome, &headers)));
        Ok(())
    })
}

/// Frees a policy; NULL does nothing.
#[unsafe(no_mangle)]
pub extern "C" fn eyot_policy_free(policy: Option<Box<eyot_policy>>) {
    boundary::release(policy)
}

/// Frees a visit; NULL does nothing.
#[unsafe(no_mangle)]
pub extern "C" fn eyot_visit_free(visit: Option<Box<eyot_visit>>) {
    boundary::release(visit)
}
