//! Requests below the prefix: what one is, the opening of its token, what becomes of the handler's answer.

use std::ffi::c_void;
use std::mem::MaybeUninit;

use eyot::Islands;
use eyot::http::{Pending, Refusal, Response, Route};

use crate::boundary::{self, given};
use crate::bytes::{self, eyot_pair, eyot_slice};
use crate::context;
use crate::failure::{Failure, eyot_error};
use crate::head::{eyot_head, status_code, with_head};
use crate::island::eyot_island;
use crate::islands::eyot_islands;
use crate::options::{self, OptionsStruct};
use crate::outcome::eyot_outcome;
use crate::reply::eyot_reply;
use crate::status::eyot_status;

/// What a handler answered, sessions and all other layers included. Initialise with `EYOT_ANSWER_INIT`.
#[repr(C)]
#[derive(Debug, Clone, Copy)]
pub struct eyot_answer {
    /// `sizeof(eyot_answer)`.
    pub size: usize,
    /// All headers.
    pub headers: *const eyot_pair,
    /// How many there are.
    pub headers_len: usize,
    /// The page's JSON object from the token (`eyot_island_page`), or nothing.
    pub page: eyot_slice,
    /// The status code.
    pub status: u32,
    /// `EYOT_ANSWER_SHARED`, `EYOT_ANSWER_FOREIGN`.
    pub flags: u32,
    /// For a shared island: the seconds that caches may keep it, where the handler says nothing else itself.
    pub shared: u32,
}

// SAFETY: numbers, slices and a pointer that is not looked at without a length.
unsafe impl OptionsStruct for eyot_answer {
    const FIRST: usize = size_of::<Self>();
}

/// Something else answered in the handler's place, such as a layer with a sign-in page of its own: it is no island.
pub const EYOT_ANSWER_FOREIGN: u32 = 2;
/// The island is the same for every visitor: caches may keep it, and it must not set a cookie.
pub const EYOT_ANSWER_SHARED: u32 = 1;

/// What a request is.
#[repr(C)]
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum eyot_route {
    /// The app's own: not below the prefix.
    EYOT_ROUTE_APP = 0,
    /// Answered by `eyot_request_reply`: the loader or the style sheet, a preflight, a refusal.
    EYOT_ROUTE_REPLY = 1,
    /// An island, whose token is yet to be opened.
    EYOT_ROUTE_ISLAND = 2,
}

/// A request below the prefix.
///
/// Threads: may be shared. Needs neither the islands nor the head that it was made from.
#[derive(Debug)]
pub struct eyot_request(Found);

#[derive(Debug)]
enum Found {
    Reply(eyot_reply),
    Island { islands: Islands, number: u32, pending: Pending },
}

/// Tells what a request is. `*out` is NULL when it is the app's own; else it belongs to the caller.
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
                let number = islands.number(pending.name());
                Found::Island { islands: islands.core().clone(), number, pending }
            }
        });
        out.write(found.map(|found| Box::new(eyot_request(found))));
        Ok(())
    })
}

/// What the request is; `EYOT_ROUTE_APP` for NULL, which is what the app's own requests are.
#[unsafe(no_mangle)]
pub extern "C" fn eyot_request_route(request: Option<&eyot_request>) -> eyot_route {
    boundary::value(eyot_route::EYOT_ROUTE_APP, || {
        request.map(|request| match request.0 {
            Found::Reply(_) => eyot_route::EYOT_ROUTE_REPLY,
            Found::Island { .. } => eyot_route::EYOT_ROUTE_ISLAND,
        })
    })
}

/// The answer to send; NULL for an island, and for NULL. Borrowed from the request.
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

/// The number that the island was declared with; 0 when the request is none.
#[unsafe(no_mangle)]
pub extern "C" fn eyot_request_number(request: Option<&eyot_request>) -> u32 {
    boundary::value(0, || {
        let request = request?;
        request.island().ok().map(|(_, number, _)| number)
    })
}

/// How many bytes of body to read at most; 0 when the token is in the path, and when the request is no island's. A body
/// that turns out longer is `eyot_request_too_large`.
#[unsafe(no_mangle)]
pub extern "C" fn eyot_request_body_limit(request: Option<&eyot_request>) -> usize {
    boundary::value(0, || {
        let request = request?;
        request.island().ok().map(|(_, _, pending)| pending.body_limit())
    })
}

/// The refusal of a body that is over the limit, for hosts that find out while they read.
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

/// Opens the token. `EYOT_OK`: `*out` is the island for its handler. `EYOT_REFUSED`: `*refusal` is what to answer, and
/// `*out` is left alone; like every failure it comes with an error, for the log, which is to be freed too. `body` is what
/// was read, nothing for a token in the path; `audience` is what the token was sealed with; `now` is in Unix seconds, 0 for
/// the system's clock.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn eyot_request_open(
    request: Option<&eyot_request>,
    body: *const c_void,
    body_len: usize,
    audience: *const c_void,
    audience_len: usize,
    now: u64,
    out: Option<&mut MaybeUninit<Option<Box<eyot_island>>>>,
    refusal: Option<&mut MaybeUninit<Option<Box<eyot_reply>>>>,
    error: Option<&mut MaybeUninit<Option<Box<eyot_error>>>>,
) -> eyot_status {
    boundary::fallible(error, || {
        let (request, out, refusal) = (given(request, "request")?, given(out, "out")?, given(refusal, "refusal")?);
        // SAFETY: C keeps the contract.
        let (body, audience) =
            unsafe { (bytes::bytes(body, body_len, "body")?, bytes::text(audience, audience_len, "audience")?) };
        let (islands, number, pending) = request.island()?;
        let mut buffer = Vec::new();
        match pending.open(islands, body, audience, context::time(now)?, &mut buffer) {
            Ok(opened) => {
                let parts = [opened.props, opened.slots, opened.page].map(eyot_slice::from);
                let (name, expires) = (opened.name.clone(), opened.expires);
                out.write(boundary::give(eyot_island::new(name, number, parts, expires, buffer)));
                Ok(())
            }
            Err(refused) => Err(refuse(refused, refusal)),
        }
    })
}

/// Turns what a handler answered into what is sent: to be called where the headers are final, outside of sessions.
/// `EYOT_OK`: `*out` tells the status, the headers, and whether the body is sent. `EYOT_REFUSED`: `*refusal` is what to
/// send instead, because a shared island sets a cookie or a redirect leads where none may; it comes with an error too.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn eyot_request_finish(
    request: Option<&eyot_request>,
    answer: *const eyot_answer,
    out: Option<&mut MaybeUninit<Option<Box<eyot_outcome>>>>,
    refusal: Option<&mut MaybeUninit<Option<Box<eyot_reply>>>>,
    error: Option<&mut MaybeUninit<Option<Box<eyot_error>>>>,
) -> eyot_status {
    boundary::fallible(error, || {
        let (request, out, refusal) = (given(request, "request")?, given(out, "out")?, given(refusal, "refusal")?);
        // SAFETY: C keeps the contract.
        let answer = unsafe { options::read(answer, "answer") }?;
        options::check_flags("answer", answer.flags, EYOT_ANSWER_SHARED | EYOT_ANSWER_FOREIGN)?;
        // SAFETY: C keeps the contract.
        let (headers, page) =
            unsafe { (bytes::fields(answer.headers, answer.headers_len, "headers")?, answer.page.bytes("page")?) };
        let (islands, _, pending) = request.island()?;
        let foreign = answer.flags & EYOT_ANSWER_FOREIGN != 0;
        let shared = (answer.flags & EYOT_ANSWER_SHARED != 0).then_some(answer.shared);
        let response = Response::new(status_code(answer.status)?, &headers);
        let answer = response.with_shared(shared).with_page(page).with_foreign(foreign);
        match pending.finish(islands, &answer) {
            Ok(outcome) => {
                out.write(boundary::give(eyot_outcome::new(outcome, &headers)));
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
            Found::Island { islands, number, pending } => Ok((islands, *number, pending)),
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
