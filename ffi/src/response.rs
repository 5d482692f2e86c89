//! What a host's app or handler answers.

use eyot::http::{Field, Response};

use crate::bytes::{self, eyot_pair, eyot_slice};
use crate::failure::Failure;
use crate::options::{self, options_struct};

/// What the app or an island's handler answered, after sessions and all other layers. Initialise with
/// `EYOT_RESPONSE_INIT`.
#[repr(C)]
#[derive(Debug, Clone, Copy)]
pub struct eyot_response {
    /// `sizeof(eyot_response)`.
    pub size: u32,
    /// 0.
    pub reserved: u32,
    /// All headers.
    pub headers: *const eyot_pair,
    /// How many there are.
    pub headers_len: usize,
    /// The whole body, not compressed, for `eyot_page_whole`.
    pub body: eyot_slice,
    /// The status code.
    pub status: u32,
    /// 0.
    pub reserved_too: u32,
}

options_struct!(eyot_response { reserved, headers, headers_len, body, status, reserved_too });

/// A response, read.
pub(crate) struct Given<'a> {
    status: u16,
    pub(crate) headers: Vec<Field<'a>>,
    pub(crate) body: &'a [u8],
}

impl Given<'_> {
    /// As the core takes it, without its body.
    pub(crate) fn core(&self) -> Response<'_> {
        Response::new(self.status, &self.headers)
    }
}

/// Reads a response.
///
/// # Safety
/// `response` is NULL or an `eyot_response` whose parts are readable while `'a` lasts.
pub(crate) unsafe fn read<'a>(response: *const eyot_response) -> Result<Given<'a>, Failure> {
    // SAFETY: by this function's contract.
    let given = unsafe { options::read(response, "response") }?;
    options::check_reserved("response", given.reserved)?;
    options::check_reserved("response", given.reserved_too)?;
    // SAFETY: by this function's contract.
    let (headers, body) =
        unsafe { (bytes::fields(given.headers, given.headers_len, "headers")?, given.body.bytes("body")?) };
    Ok(Given { status: status_code(given.status)?, headers, body })
}

/// A status as a number that HTTP has.
fn status_code(status: u32) -> Result<u16, Failure> {
    u16::try_from(status)
        .ok()
        .filter(|code| (100..1000).contains(code))
        .ok_or_else(|| Failure::argument(format!("`status` is {status}: a status code has three digits")))
}
