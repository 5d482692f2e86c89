//! Requests below the prefix: what one is, the opening of its token, what becomes of the handler's answer.

use std::mem::MaybeUninit;

use eyot::Islands;
use eyot::http::{Pending, Refusal, Route};

use crate::boundary::{self, given};
use crate::bytes::eyot_slice;
use crate::failure::{Failure, eyot_error};
use crate::head::{eyot_head, with_head};
use crate::islands::eyot_islands;
use crate::opened::eyot_opened;
use crate::outcome::eyot_outcome;
use crate::reply::eyot_reply;
use crate::response::{self, eyot_response};
use crate::status::eyot_status;
use crate::token::{eyot_token, read_token};

/// What a request is.
#[repr(C)]
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum eyot_route {
    /// It is for the app: its path is not below the prefix.
    EYOT_ROUTE_APP = 0,
    /// Send `eyot_request_reply`: the loader or the style sheet, a preflight's answer, or a refusal.
    EYOT_ROUTE_REPLY = 1,
    /// It is for an island. Open its token with `eyot_request_open`.
    EYOT_ROUTE_ISLAND = 2,
}

/// A request below the prefix.
///
/// Threads: may be shared. You may free the islands and the head that it was made from.
#[derive(Debug)]
pub struct eyot_request(Found);

#[derive(Debug)]
enum Found {
    Reply(eyot_reply),
    /// `hidden` points into `pending`.
    Island {
        islands: Islands,
        number: u32,
        pending: Pending,
        hidden: Vec<eyot_slice>,
    },
}

/// Finds out what a request is. `*out` is NULL if the request is for the app; otherwise it belongs to you.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn eyot_islands_route(
    islands: Option<&eyot_islands>,
    head: *const eyot_head,
    out: Option<&mut MaybeUninit<Option<Box<eyot_request>>>>,
    error: Option<&mut MaybeUninit<Option<Box<eyot_error>>>>,
) -> eyot_status {
    boundary::fallible(error, || {
        let (islands, out) = (given(islands, "islands")?, given(out, "out")?);
        // SAFETY: as above.
        let route = unsafe {
            with_head(head, |head| {
                head.map_or_else(|refused| Some(Route::Refusal(refused)), |head| islands.core().route(head))
            })
        }?;
        let found = route.map(|route| match route {
            Route::File(reply) | Route::Preflight(reply) => Found::Reply(eyot_reply::new(reply)),
            Route::Refusal(refusal) => Found::Reply(eyot_reply::refusal(refusal)),
            Route::Pending(pending) => {
                // A copy of the islands costs a reference count; with it the request may outlive the caller's own.
                let number = islands.number(pending.name());
                let hidden = pending.hidden_headers().iter().map(|name| (&**name).into()).collect();
                Found::Island { islands: islands.core().clone(), number, pending, hidden }
            }
        });
        out.write(found.map(|found| Box::new(eyot_request(found))));
        Ok(())
    })
}

/// What the request is; `EYOT_ROUTE_APP` for NULL.
#[unsafe(no_mangle)]
pub extern "C" fn eyot_request_route(request: Option<&eyot_request>) -> eyot_route {
    boundary::value(eyot_route::EYOT_ROUTE_APP, || {
        request.map(|request| match request.0 {
            Found::Reply(_) => eyot_route::EYOT_ROUTE_REPLY,
            Found::Island { .. } => eyot_route::EYOT_ROUTE_ISLAND,
        })
    })
}

/// The reply to send; NULL if the request is for an island, and for NULL. Borrowed from the request.
#[unsafe(no_mangle)]
pub extern "C" fn eyot_request_reply(request: Option<&eyot_request>) -> Option<&eyot_reply> {
    boundary::part(|| {
        request.and_then(|request| match &request.0 {
            Found::Reply(reply) => Some(reply),
            Found::Island { .. } => None,
        })
    })
}

/// The name of the island that is asked for. Borrowed from the request.
#[unsafe(no_mangle)]
pub extern "C" fn eyot_request_name(
    request: Option<&eyot_request>,
    out: Option<&mut MaybeUninit<eyot_slice>>,
) -> eyot_status {
    boundary::checked(|| {
        let (request, out) = (given(request, "request")?, given(out, "out")?);
        let (_, _, pending) = request.island()?;
        out.write(pending.name().as_str().into());
        Ok(())
    })
}

/// The number that the island was declared with; 0 if the request is not for an island.
#[unsafe(no_mangle)]
pub extern "C" fn eyot_request_number(request: Option<&eyot_request>) -> u32 {
    boundary::value(0, || {
        let request = request?;
        request.island().ok().map(|(_, number, _)| number)
    })
}

/// The headers of the request that the handler of a shared island must not see, by the names that they came with: who
/// asks must not make a difference. Empty if the request is not for an island. Borrowed from the request.
#[unsafe(no_mangle)]
pub extern "C" fn eyot_request_hidden_headers(
    request: Option<&eyot_request>,
    out: Option<&mut MaybeUninit<*const eyot_slice>>,
    out_len: Option<&mut MaybeUninit<usize>>,
) -> eyot_status {
    boundary::checked(|| {
        boundary::read_list(request, "request", (out, out_len), |request| match &request.0 {
            Found::Island { hidden, .. } => hidden,
            Found::Reply(_) => &[],
        })
    })
}

/// How many bytes of the body to read at most; 0 if the token is in the path, and if the request is not for an island.
/// If the body turns out to be longer, send `eyot_request_too_large`.
#[unsafe(no_mangle)]
pub extern "C" fn eyot_request_body_limit(request: Option<&eyot_request>) -> usize {
    boundary::value(0, || {
        let request = request?;
        request.island().ok().map(|(_, _, pending)| pending.body_limit())
    })
}

/// The refusal of a body that is over the limit, for hosts that notice while they read.
#[unsafe(no_mangle)]
pub extern "C" fn eyot_request_too_large(
    request: Option<&eyot_request>,
    out: Option<&mut MaybeUninit<Option<Box<eyot_reply>>>>,
    error: Option<&mut MaybeUninit<Option<Box<eyot_error>>>>,
) -> eyot_status {
    boundary::fallible(error, || {
        let (request, out) = (given(request, "request")?, given(out, "out")?);
        let (_, _, pending) = request.island()?;
        out.write(boundary::give(eyot_reply::refusal(pending.too_large())));
        Ok(())
    })
}

/// Opens the token. `EYOT_OK`: `*out` is the island for its handler. `EYOT_REFUSED`: `*refusal` is the reply to send.
/// Like every failure it comes with an error, for your log, which you free too.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn eyot_request_open(
    request: Option<&eyot_request>,
    token: *const eyot_token,
    out: Option<&mut MaybeUninit<Option<Box<eyot_opened>>>>,
    refusal: Option<&mut MaybeUninit<Option<Box<eyot_reply>>>>,
    error: Option<&mut MaybeUninit<Option<Box<eyot_error>>>>,
) -> eyot_status {
    boundary::fallible(error, || {
        let (request, out, refusal) = (given(request, "request")?, given(out, "out")?, given(refusal, "refusal")?);
        // SAFETY: C keeps the contract.
        let token = unsafe { read_token(token) }?;
        if !token.island.is_empty() {
            return Err(Failure::argument("`island` is set: leave it empty, because the request names the island"));
        }
        let (islands, number, pending) = request.island()?;
        let mut buffer = Vec::new();
        match pending.open(islands, token.bytes, token.audience, token.now, &mut buffer) {
            Ok(opened) => {
                let parts = [opened.props, opened.slots, opened.page].map(eyot_slice::from);
                let (name, expires) = (opened.name.clone(), opened.expires);
                out.write(boundary::give(eyot_opened::new(name, number, parts, expires, buffer)));
                Ok(())
            }
            Err(refused) => Err(refuse(refused, refusal)),
        }
    })
}

/// Turns a handler's answer into what to send. Call it where the headers are final, outside of sessions. `EYOT_OK`:
/// `*out` has the status and headers, and says whether to send the body. `EYOT_REFUSED`: `*refusal` is the reply to
/// send instead, because the redirect's target is not allowed. It comes with an error too. A shared island is judged as
/// a shell is: see `eyot_outcome_leaks`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn eyot_request_finish(
    request: Option<&eyot_request>,
    response: *const eyot_response,
    out: Option<&mut MaybeUninit<Option<Box<eyot_outcome>>>>,
    refusal: Option<&mut MaybeUninit<Option<Box<eyot_reply>>>>,
    error: Option<&mut MaybeUninit<Option<Box<eyot_error>>>>,
) -> eyot_status {
    boundary::fallible(error, || {
        let (request, out, refusal) = (given(request, "request")?, given(out, "out")?, given(refusal, "refusal")?);
        // SAFETY: C keeps the contract.
        let response = unsafe { response::read(response) }?;
        let (islands, _, pending) = request.island()?;
        match pending.finish(islands, &response.core()) {
            Ok(outcome) => {
                out.write(boundary::give(eyot_outcome::new(outcome, &response.headers)));
                Ok(())
            }
            Err(refused) => Err(refuse(refused, refusal)),
        }
    })
}

/// Frees a request; NULL does nothing.
#[unsafe(no_mangle)]
pub extern "C" fn eyot_request_free(request: Option<Box<eyot_request>>) {
    boundary::release(request)
}

impl eyot_request {
    fn island(&self) -> Result<(&Islands, u32, &Pending), Failure> {
        match &self.0 {
            Found::Island { islands, number, pending, .. } => Ok((islands, *number, pending)),
            Found::Reply(_) => {
                Err(Failure::argument("`request` is no island's: ask eyot_request_route, and send eyot_request_reply"))
            }
        }
    }
}

/// Hands out a refusal; the failure carries the status, and the reason for the log.
fn refuse(refused: Refusal, refusal: &mut MaybeUninit<Option<Box<eyot_reply>>>) -> Failure {
    let failure = Failure::new(eyot_status::EYOT_REFUSED, refused.reason.code(), refused.reason.to_string());
    refusal.write(boundary::give(eyot_reply::refusal(refused)));
    failure
}
