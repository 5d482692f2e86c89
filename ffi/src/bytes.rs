//! Bytes that come from C: pointers with their lengths, slices and pairs, checked before they are read.

use std::ffi::c_void;

use crate::failure::Failure;
use crate::status::eyot_status;

/// Borrowed bytes. The function that returns a slice says how long it is valid. If `len` is 0, `data` is NULL in slices
/// that eyot returns, and ignored in slices that you pass. Slices do not end with NUL, and may contain NULs.
#[repr(C)]
#[derive(Debug, Clone, Copy)]
pub struct eyot_slice {
    /// The first byte.
    pub data: *const u8,
    /// How many there are.
    pub len: usize,
}

// SAFETY: a slice is a place and a length; whoever reads through it has to know for how long, on any thread.
unsafe impl Send for eyot_slice {}
// SAFETY: as above.
unsafe impl Sync for eyot_slice {}

impl eyot_slice {
    pub(crate) const EMPTY: Self = Self { data: std::ptr::null(), len: 0 };

    /// The bytes; the name is for the error.
    ///
    /// # Safety
    /// `data` is readable for `len` bytes while `'a` lasts, unless `len` is 0.
    pub(crate) unsafe fn bytes<'a>(self, name: &str) -> Result<&'a [u8], Failure> {
        // SAFETY: by this function's contract.
        unsafe { bytes(self.data.cast(), self.len, name) }
    }

    /// The text.
    ///
    /// # Safety
    /// As [`bytes`](Self::bytes).
    pub(crate) unsafe fn text<'a>(self, name: &str) -> Result<&'a str, Failure> {
        // SAFETY: by this function's contract.
        unsafe { text(self.data.cast(), self.len, name) }
    }
}

impl From<&[u8]> for eyot_slice {
    fn from(bytes: &[u8]) -> Self {
        Self { data: first(bytes), len: bytes.len() }
    }
}

impl From<&str> for eyot_slice {
    fn from(text: &str) -> Self {
        text.as_bytes().into()
    }
}

/// The address of a list's first element, NULL when it has none: Rust's own address for that is a small number, which
/// garbage collectors such as Go's take for a damaged pointer.
pub(crate) fn first<T>(list: &[T]) -> *const T {
    if list.is_empty() { std::ptr::null() } else { list.as_ptr() }
}

/// A name and its value: a header, an option, a slot.
#[repr(C)]
#[derive(Debug, Clone, Copy)]
pub struct eyot_pair {
    /// The name, UTF-8.
    pub name: eyot_slice,
    /// The value.
    pub value: eyot_slice,
}

impl eyot_pair {
    pub(crate) fn new(name: &str, value: &[u8]) -> Self {
        Self { name: name.into(), value: value.into() }
    }
}

/// The `len` bytes at `data`; the name is for the error.
///
/// # Safety
/// `data` is readable for `len` bytes while `'a` lasts, unless `len` is 0.
pub(crate) unsafe fn bytes<'a>(data: *const c_void, len: usize, name: &str) -> Result<&'a [u8], Failure> {
    // SAFETY: by this function's contract.
    unsafe { array(data.cast(), len, name) }
}

/// The UTF-8 text of `len` bytes at `data`.
///
/// # Safety
/// As [`bytes`].
pub(crate) unsafe fn text<'a>(data: *const c_void, len: usize, name: &str) -> Result<&'a str, Failure> {
    // SAFETY: by this function's contract.
    let bytes = unsafe { bytes(data, len, name) }?;
    std::str::from_utf8(bytes).map_err(|error| {
        let message = format!("`{name}` is not UTF-8: look at the byte at {}", error.valid_up_to());
        Failure::new(eyot_status::EYOT_UTF8, "utf8", message)
    })
}

/// The `len` elements at `data`. Never looks at `data` when there are none: NULL with 0 is right in C, not in Rust.
///
/// # Safety
/// `data` is readable for `len` elements while `'a` lasts, unless `len` is 0.
pub(crate) unsafe fn array<'a, T>(data: *const T, len: usize, name: &str) -> Result<&'a [T], Failure> {
    if len == 0 {
        return Ok(&[]);
    }
    if data.is_null() {
        return Err(Failure::null(name));
    }
    // Foreign-function interfaces put structs where they like; a reference to such a place would be undefined behaviour.
    if !data.is_aligned() {
        return Err(Failure::argument(format!("`{name}` is not aligned")));
    }
    // A negative number from C arrives as a huge one.
    if len > isize::MAX as usize / size_of::<T>().max(1) {
        return Err(Failure::argument(format!("`{name}` is longer than memory: its length may be a negative number")));
    }
    // SAFETY: by this function's contract, and what was checked above.
    Ok(unsafe { std::slice::from_raw_parts(data, len) })
}

/// A list of values.
///
/// # Safety
/// As [`array`], for the slices and for what they point to.
pub(crate) unsafe fn slices<'a>(data: *const eyot_slice, len: usize, name: &str) -> Result<Vec<&'a [u8]>, Failure> {
    // SAFETY: by this function's contract.
    let slices = unsafe { array(data, len, name) }?;
    // SAFETY: as above.
    slices.iter().map(|slice| unsafe { slice.bytes(name) }).collect()
}

/// Pairs whose values are bytes: headers.
///
/// # Safety
/// As [`array`], for the pairs and for what they point to.
pub(crate) unsafe fn fields<'a>(
    data: *const eyot_pair,
    len: usize,
    name: &str,
) -> Result<Vec<(&'a str, &'a [u8])>, Failure> {
    // SAFETY: by this function's contract.
    let pairs = unsafe { array(data, len, name) }?;
    // SAFETY: as above.
    pairs.iter().map(|pair| unsafe { Ok((pair.name.text("name")?, pair.value.bytes("value")?)) }).collect()
}

/// Pairs whose values are texts: options, slots.
///
/// # Safety
/// As [`fields`].
pub(crate) unsafe fn texts<'a>(
    data: *const eyot_pair,
    len: usize,
    name: &str,
) -> Result<Vec<(&'a str, &'a str)>, Failure> {
    // SAFETY: by this function's contract.
    let pairs = unsafe { array(data, len, name) }?;
    // SAFETY: as above.
    pairs.iter().map(|pair| unsafe { Ok((pair.name.text("name")?, pair.value.text("value")?)) }).collect()
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test stops where something is not as expected")]
mod tests {
    use std::ptr::null;

    use super::*;

    #[test]
    fn a_pointer_is_not_looked_at_when_its_length_is_zero() {
        // SAFETY: nothing is read.
        unsafe {
            assert_eq!(bytes(null(), 0, "page").unwrap(), b"");
            assert_eq!(bytes(std::ptr::without_provenance(1), 0, "page").unwrap(), b"");
            assert_eq!(bytes(null(), 1, "page").unwrap_err().status(), eyot_status::EYOT_NULL_POINTER);
        }
    }

    #[test]
    fn what_is_empty_goes_out_as_null() {
        assert!(eyot_slice::from(&[][..]).data.is_null());
        assert!(first::<u64>(&[]).is_null());
        assert!(!eyot_slice::from("a").data.is_null());
    }

    #[test]
    fn a_negative_length_is_no_slice() {
        let byte = 0_u8;
        // SAFETY: refused before anything is read.
        let refused = unsafe { bytes((&raw const byte).cast(), -1_isize as usize, "page") };
        assert_eq!(refused.unwrap_err().status(), eyot_status::EYOT_ARGUMENT);
    }
}
