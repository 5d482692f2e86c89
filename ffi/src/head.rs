//! A request without its body.

use eyot::Mount;
use eyot::http::{Head, Refusal};

use crate::bytes::{self, eyot_pair, eyot_slice};
use crate::failure::Failure;
use crate::options::{self, options_struct};

/// A request without its body. Initialise with `EYOT_HEAD_INIT`.
#[repr(C)]
#[derive(Debug, Clone, Copy)]
pub struct eyot_head {
    /// `sizeof(eyot_head)`.
    pub size: u32,
    /// 0.
    pub reserved: u32,
    /// The method as it is on the request line, in upper case.
    pub method: eyot_slice,
    /// The target as it was on the request line: path and query, not decoded, with the mount point.
    pub target: eyot_slice,
    /// The app's mount point as it is in the target: empty, or as in `/shop`. One that is not a path from the root is
    /// refused with 400, because it may come from a proxy's header.
    pub mount: eyot_slice,
    /// All headers, repeated ones as often as they came. They must include `Host` (or `:authority`).
    pub headers: *const eyot_pair,
    /// How many there are.
    pub headers_len: usize,
}

options_struct!(eyot_head { reserved, method, target, mount, headers, headers_len });

/// Reads a head and calls `f` with core's form of it, or with the refusal of its mount point; and with its target.
///
/// # Safety
/// `head` is as the contract says.
pub(crate) unsafe fn with_head<R>(
    head: *const eyot_head,
    f: impl FnOnce(Result<&Head<'_>, Refusal>, &[u8]) -> R,
) -> Result<R, Failure> {
    // SAFETY: by this function's contract.
    let head = unsafe { options::read(head, "head") }?;
    options::check_reserved("head", head.reserved)?;
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
    Ok(f(head.as_ref().map_err(|_| Refusal::mount(method)), target))
}
