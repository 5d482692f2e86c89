//! Requests below the prefix: what one is, the opening of its token, what becomes of the handler's answer.

use eyot::http::{Head, Pending, Refusal, Response, Route};
use eyot::{Islands, Mount};

use crate::boundary::{self, Output};
use crate::bytes::{self, OptionsStruct, eyot_pair, eyot_slice};
use crate::context;
use crate::island::eyot_island;
use crate::islands::eyot_islands;
use crate::outcome::eyot_outcome;
use crate::reply::eyot_reply;
use crate::status::{Failure, eyot_error, eyot_status};

/// A request without its body. Initialise with `EYOT_HEAD_INIT`.
#[repr(C)]
#[derive(Debug, Clone, Copy)]
pub struct eyot_head {
    /// `sizeof(eyot_head)`.
    pub size: usize,
    /// The method, in upper case as it came.
    pub method: eyot_slice,
    /// The target as it stood on the request line: path and query, not decoded, with the mount point.
    pub target: eyot_slice,
    /// The app's mount point as it stands in the target: empty, or starting with `/` and not ending with it.
    pub mount: eyot_slice,
    /// All headers, repeated ones as often as they came; `Host` (or `:authority`) must be among them.
    pub headers: *const eyot_pair,
    /// How many there are.
    pub headers_len: usize,
}

// SAFETY: numbers, slices and a pointer that is not looked at without a length.
unsafe impl OptionsStruct for eyot_head {
    const FIRST: usize = size_of::<Self>();
}

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

/// Reads a head and calls `f` with core's form of it, or with the refusal of its mount point.
///
/// # Safety
/// `head` is NULL or an `eyot_head` with readable parts.
pub(crate) unsafe fn with_head<R>(
    head: *const eyot_head,
    f: impl FnOnce(Result<&Head<'_>, Refusal>) -> R,
) -> Result<R, Failure> {
    // SAFETY: by this function's contract.
    let head = unsafe { bytes::options(head, "head") }?;
    // SAFETY: as above.
    let (method, target, mount, headers) = unsafe {
        (
            head.method.text("method")?,
            head.target.bytes("target")?,
            head.mount.text("mount")?,
            bytes::fields(head.headers, head.headers_len, "headers")?,
        )
    };
    let head = Mount::new(mount).map(|mount| Head::new(method, target).with_mount(mount).with_headers(&headers));
    Ok(f(head.as_ref().map_err(|_| Refusal::mount(method))))
}

/// Tells what a request is. `*out` is NULL when it is the app's own; else it belongs to the caller.
///
/// # Safety
/// `islands` is NULL or live islands; `head` is NULL or an `eyot_head` with readable parts; `out` may be written to;
/// `error` is NULL or may be written to.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn eyot_islands_route(
    islands: *const eyot_islands,
    head: *const eyot_head,
    out: *mut *mut eyot_request,
    error: *mut *mut eyot_error,
) -> eyot_status {
    let body = || {
        // SAFETY: by this function's contract.
        let (islands, out) = unsafe { (boundary::object(islands, "islands")?, Output::new(out, "out")?) };
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
        out.write(found.map_or(std::ptr::null_mut(), |found| boundary::give(eyot_request(found))));
        Ok(())
    };
    // SAFETY: by this function's contract.
    unsafe { boundary::fallible(error, body) }
}

/// What the request is; `EYOT_ROUTE_APP` for NULL, which is what the app's own requests are.
///
/// # Safety
/// `request` is NULL or a live request.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn eyot_request_route(request: *const eyot_request) -> eyot_route {
    boundary::value(eyot_route::EYOT_ROUTE_APP, || {
        // SAFETY: by this function's contract.
        unsafe { request.as_ref() }.map(|request| match request.0 {
            Found::Reply(_) => eyot_route::EYOT_ROUTE_REPLY,
            Found::Island { .. } => eyot_route::EYOT_ROUTE_ISLAND,
        })
    })
}

/// The answer to send; NULL for an island, and for NULL. Borrowed from the request.
///
/// # Safety
/// `request` is NULL or a live request.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn eyot_request_reply(request: *const eyot_request) -> *const eyot_reply {
    boundary::value(std::ptr::null(), || {
        // SAFETY: by this function's contract.
        unsafe { request.as_ref() }.and_then(|request| match &request.0 {
            Found::Reply(reply) => Some(&raw const *reply),
            Found::Island { .. } => None,
        })
    })
}

/// The name of the island that is asked for. Borrowed from the request.
///
/// # Safety
/// `request` is NULL or a live request; `out` may be written to.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn eyot_request_name(request: *const eyot_request, out: *mut eyot_slice) -> eyot_status {
    boundary::checked(|| {
        // SAFETY: by this function's contract.
        let (request, out) = unsafe { (boundary::object(request, "request")?, Output::new(out, "out")?) };
        let (_, _, pending) = request.island()?;
        out.write(pending.name().as_str().into());
        Ok(())
    })
}

/// The number that the island was declared with; 0 when the request is none.
///
/// # Safety
/// `request` is NULL or a live request.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn eyot_request_number(request: *const eyot_request) -> u32 {
    boundary::value(0, || {
        // SAFETY: by this function's contract.
        let request = unsafe { request.as_ref() }?;
        request.island().ok().map(|(_, number, _)| number)
    })
}

/// How many bytes of body to read at most; 0 when the token is in the path, and when the request is no island's. A body
/// that turns out longer is `eyot_request_too_large`.
///
/// # Safety
/// `request` is NULL or a live request.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn eyot_request_body_limit(request: *const eyot_request) -> usize {
    boundary::value(0, || {
        // SAFETY: by this function's contract.
        let request = unsafe { request.as_ref() }?;
        request.island().ok().map(|(_, _, pending)| pending.body_limit())
    })
}

/// The refusal of a body that is over the limit, for hosts that find out while they read.
///
/// # Safety
/// `request` is NULL or a live request; `out` may be written to; `error` is NULL or may be written to.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn eyot_request_too_large(
    request: *const eyot_request,
    out: *mut *mut eyot_reply,
    error: *mut *mut eyot_error,
) -> eyot_status {
    let body = || {
        // SAFETY: by this function's contract.
        let (request, out) = unsafe { (boundary::object(request, "request")?, Output::new(out, "out")?) };
        let (_, _, pending) = request.island()?;
        out.write(boundary::give(eyot_reply::refusal(pending.too_large())));
        Ok(())
    };
    // SAFETY: by this function's contract.
    unsafe { boundary::fallible(error, body) }
}

/// Opens the token. `EYOT_OK`: `*out` is the island for its handler. `EYOT_REFUSED`: `*refusal` is what to answer, and
/// `*out` is left alone; like every failure it comes with an error, for the log, which is to be freed too. `body` is what
/// was read, nothing for a token in the path; `audience` is what the token was sealed with; `now` is in Unix seconds, 0 for
/// the system's clock.
///
/// # Safety
/// `request` is NULL or a live request; `body` and `audience` are readable for their lengths; `out` and `refusal` may be
/// written to; `error` is NULL or may be written to.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn eyot_request_open(
    request: *const eyot_request,
    body: *const u8,
    body_len: usize,
    audience: *const u8,
    audience_len: usize,
    now: u64,
    out: *mut *mut eyot_island,
    refusal: *mut *mut eyot_reply,
    error: *mut *mut eyot_error,
) -> eyot_status {
    let run = || {
        // SAFETY: by this function's contract.
        let (request, body, audience, out, refusal) = unsafe {
            (
                boundary::object(request, "request")?,
                bytes::bytes(body, body_len, "body")?,
                bytes::text(audience, audience_len, "audience")?,
                Output::new(out, "out")?,
                Output::new(refusal, "refusal")?,
            )
        };
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
    };
    // SAFETY: by this function's contract.
    unsafe { boundary::fallible(error, run) }
}

/// Turns what a handler answered into what is sent: to be called where the headers are final, outside of sessions.
/// `EYOT_OK`: `*out` tells the status, the headers, and whether the body is sent. `EYOT_REFUSED`: `*refusal` is what to
/// send instead, because a shared island sets a cookie or a redirect leads where none may; it comes with an error too.
///
/// # Safety
/// `request` is NULL or a live request; `answer` is NULL or an `eyot_answer` with readable parts; `out` and `refusal` may
/// be written to; `error` is NULL or may be written to.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn eyot_request_finish(
    request: *const eyot_request,
    answer: *const eyot_answer,
    out: *mut *mut eyot_outcome,
    refusal: *mut *mut eyot_reply,
    error: *mut *mut eyot_error,
) -> eyot_status {
    let run = || {
        // SAFETY: by this function's contract.
        let (request, answer, out, refusal) = unsafe {
            (
                boundary::object(request, "request")?,
                bytes::options(answer, "answer")?,
                Output::new(out, "out")?,
                Output::new(refusal, "refusal")?,
            )
        };
        bytes::check_flags("answer", answer.flags, EYOT_ANSWER_SHARED | EYOT_ANSWER_FOREIGN)?;
        // SAFETY: as above.
        let (headers, page) =
            unsafe { (bytes::fields(answer.headers, answer.headers_len, "headers")?, answer.page.bytes("page")?) };
        let (islands, _, pending) = request.island()?;
        let foreign = answer.flags & EYOT_ANSWER_FOREIGN != 0;
        let shared = (answer.flags & EYOT_ANSWER_SHARED != 0).then_some(answer.shared);
        let response = Response::new(status_code(answer.status)?, &headers);
        let answer = response.with_shared(shared).with_page(page).with_foreign(foreign);
        match pending.finish(islands, &answer) {
            Ok(finish) => {
                out.write(boundary::give(eyot_outcome::new(finish, &headers)));
                Ok(())
            }
            Err(refused) => Err(refuse(refused, refusal)),
        }
    };
    // SAFETY: by this function's contract.
    unsafe { boundary::fallible(error, run) }
}

/// Frees a request; NULL does nothing.
///
/// # Safety
/// `request` is NULL, or was handed out by a call and not freed yet.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn eyot_request_free(request: *mut eyot_request) {
    // SAFETY: by this function's contract.
    unsafe { boundary::release(request) }
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

/// A status as a number that HTTP has.
pub(crate) fn status_code(status: u32) -> Result<u16, Failure> {
    u16::try_from(status)
        .ok()
        .filter(|code| (100..1000).contains(code))
        .ok_or_else(|| Failure::argument(format!("`status` is {status}: a status code has three digits")))
}

/// Hands out a refusal; the failure carries the status, and the reason for the log.
fn refuse(refused: Refusal, refusal: Output<*mut eyot_reply>) -> Failure {
    let failure = Failure::new(eyot_status::EYOT_REFUSED, refused.reason.code(), refused.reason.to_string());
    refusal.write(boundary::give(eyot_reply::refusal(refused)));
    failure
}
