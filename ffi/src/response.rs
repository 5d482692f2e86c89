//! What a host's app or handler answers, and what that is to the splitting station.

use std::mem::MaybeUninit;

use eyot::http::{Field, PageKind, Response, Unsplit};

use crate::boundary::{self, given};
use crate::bytes::{self, eyot_pair, eyot_slice};
use crate::failure::{Failure, eyot_error};
use crate::options::{self, options_struct};
use crate::status::eyot_status;

/// The body is not known yet.
pub const EYOT_RESPONSE_STREAMED: u32 = 1;
/// From an island's handler: the island is the same for every visitor, so caches may keep it. Hide
/// `eyot_request_hidden_headers` from its handler. Its cookies are dropped.
pub const EYOT_RESPONSE_SHARED: u32 = 2;
/// Something else answered in place of the island's handler, such as a layer with its own sign-in page.
pub const EYOT_RESPONSE_FOREIGN: u32 = 4;

/// What the app or an island's handler answered, after sessions and all other layers. Initialise with
/// `EYOT_RESPONSE_INIT`.
#[repr(C)]
#[derive(Debug, Clone, Copy)]
pub struct eyot_response {
    /// `sizeof(eyot_response)`.
    pub size: u32,
    /// `EYOT_RESPONSE_STREAMED`, `EYOT_RESPONSE_SHARED`, `EYOT_RESPONSE_FOREIGN`.
    pub flags: u32,
    /// All headers.
    pub headers: *const eyot_pair,
    /// How many there are.
    pub headers_len: usize,
    /// The whole body, not compressed. `eyot_page_whole`, `eyot_visit_finish` and `eyot_response_unsplit` read it, and
    /// `eyot_request_finish` that of a shared island, unless it is streamed.
    pub body: eyot_slice,
    /// From an island's handler: the page's JSON object (`eyot_opened_page`); may be empty.
    pub page: eyot_slice,
    /// The status code.
    pub status: u32,
    /// For a shared island: how many seconds caches may keep it, unless the handler's own headers say something else.
    pub shared_life: u32,
}

options_struct!(eyot_response { flags, headers, headers_len, body, page, status, shared_life });

/// What a response is for splitting.
#[repr(C)]
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum eyot_page_kind {
    /// It is not HTML. Send it as it is.
    EYOT_PAGE_OTHER = 0,
    /// It is HTML. Split it, unless `eyot_response_unsplit` says that its encoding forbids it.
    EYOT_PAGE_HTML = 1,
    /// It is a part of an HTML page (206). It cannot be split and may contain directives: do not send it.
    EYOT_PAGE_PART = 2,
    /// It is HTML that an inner layer compressed. It cannot be split and may contain directives: hide `Accept-Encoding`
    /// from that layer, or compress outside.
    EYOT_PAGE_COMPRESSED = 3,
    /// It is HTML in an encoding in which markup is not ASCII, such as ISO-2022-JP, or text of another type. It is not
    /// split: call `eyot_response_unsplit` with all of it.
    EYOT_PAGE_TEXT = 4,
}

/// A response, read.
pub(crate) struct Given<'a> {
    status: u16,
    pub(crate) headers: Vec<Field<'a>>,
    pub(crate) body: &'a [u8],
    page: &'a [u8],
    flags: u32,
    shared_life: u32,
}

impl Given<'_> {
    /// As the core takes it.
    pub(crate) fn core(&self) -> Response<'_> {
        let has = |flag| self.flags & flag != 0;
        let response = Response::new(self.status, &self.headers)
            .with_shared(has(EYOT_RESPONSE_SHARED).then_some(self.shared_life))
            .with_page(self.page)
            .with_foreign(has(EYOT_RESPONSE_FOREIGN));
        // No body and an empty one differ: the first has no ETag.
        if has(EYOT_RESPONSE_STREAMED) { response } else { response.with_body(self.body) }
    }
}

/// Reads a response.
///
/// # Safety
/// `response` is NULL or an `eyot_response` whose parts are readable while `'a` lasts.
pub(crate) unsafe fn read<'a>(response: *const eyot_response) -> Result<Given<'a>, Failure> {
    // SAFETY: by this function's contract.
    let given = unsafe { options::read(response, "response") }?;
    let known = EYOT_RESPONSE_STREAMED | EYOT_RESPONSE_SHARED | EYOT_RESPONSE_FOREIGN;
    options::check_flags("response", given.flags, known)?;
    // SAFETY: by this function's contract.
    let (headers, body, page) = unsafe {
        (
            bytes::fields(given.headers, given.headers_len, "headers")?,
            given.body.bytes("body")?,
            given.page.bytes("page")?,
        )
    };
    let eyot_response { flags, shared_life, .. } = given;
    Ok(Given { status: status_code(given.status)?, headers, body, page, flags, shared_life })
}

/// Finds out from a response's status and headers whether to split it.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn eyot_response_kind(
    response: *const eyot_response,
    out: Option<&mut MaybeUninit<eyot_page_kind>>,
    error: Option<&mut MaybeUninit<Option<Box<eyot_error>>>>,
) -> eyot_status {
    boundary::fallible(error, || {
        let out = given(out, "out")?;
        // SAFETY: C keeps the contract.
        let response = unsafe { read(response) }?;
        out.write(match PageKind::of(response.status, &response.headers) {
            PageKind::Html => eyot_page_kind::EYOT_PAGE_HTML,
            PageKind::Part => eyot_page_kind::EYOT_PAGE_PART,
            PageKind::Compressed => eyot_page_kind::EYOT_PAGE_COMPRESSED,
            PageKind::Text => eyot_page_kind::EYOT_PAGE_TEXT,
            _ => eyot_page_kind::EYOT_PAGE_OTHER,
        });
        Ok(())
    })
}

/// Checks a whole HTML page or text that may not be split although it contains directives. `EYOT_OK`: split HTML, and send
/// text as it is. `EYOT_MARKUP`: the error says why it is not split. Log it and send the headers of
/// `eyot_outcome_new_uncached`; while debugging, send an error page instead if `*is_error` is true.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn eyot_response_unsplit(
    response: *const eyot_response,
    is_error: Option<&mut MaybeUninit<bool>>,
    error: Option<&mut MaybeUninit<Option<Box<eyot_error>>>>,
) -> eyot_status {
    boundary::fallible(error, || {
        let is_error = given(is_error, "is_error")?;
        // SAFETY: C keeps the contract.
        let response = unsafe { read(response) }?;
        let told = Unsplit::of(&response.headers, response.body);
        is_error.write(told.as_ref().is_some_and(Unsplit::is_error));
        match told {
            Some(told) => Err(Failure::new(eyot_status::EYOT_MARKUP, told.code(), told.to_string())),
            None => Ok(()),
        }
    })
}

/// A status as a number that HTTP has.
fn status_code(status: u32) -> Result<u16, Failure> {
    u16::try_from(status)
        .ok()
        .filter(|code| (100..1000).contains(code))
        .ok_or_else(|| Failure::argument(format!("`status` is {status}: a status code has three digits")))
}
