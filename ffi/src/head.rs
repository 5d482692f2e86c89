//! A request without its body, and what the numbers of HTTP may be.

use eyot::Mount;
use eyot::http::{Head, Refusal};

use crate::bytes::{self, eyot_pair, eyot_slice};
use crate::failure::Failure;
use crate::options::{self, OptionsStruct};

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
    /// The app's mount point as it stands in the target: empty, or as in `/shop`. One that is no path from the
    /// root is refused with 400: a proxy's header may have brought it.
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

/// Reads a head and calls `f` with core's form of it, or with the refusal of its mount point.
///
/// # Safety
/// `head` is as the contract says.
pub(crate) unsafe fn with_head<R>(
    head: *const eyot_head,
    f: impl FnOnce(Result<&Head<'_>, Refusal>) -> R,
) -> Result<R, Failure> {
    // SAFETY: by this function's contract.
    let head = unsafe { options::read(head, "head") }?;
    // SAFETY: C keeps the contract.
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

/// A status as a number that HTTP has.
pub(crate) fn status_code(status: u32) -> Result<u16, Failure> {
    u16::try_from(status)
        .ok()
        .filter(|code| (100..1000).contains(code))
        .ok_or_else(|| Failure::argument(format!("`status` is {status}: a status code has three digits")))
}
