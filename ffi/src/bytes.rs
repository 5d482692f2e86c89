//! Bytes that cross: borrowed slices, owned buffers, pairs, and options structs that may grow.

use std::ptr::null_mut;

use crate::boundary;
use crate::status::{Failure, eyot_status};

/// Borrowed bytes; the function that hands them out says for how long. When `len` is 0, `data` is NULL in what is handed
/// out, and ignored in what comes in. Not terminated by NUL, and NULs may stand in them.
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
        unsafe { bytes(self.data, self.len, name) }
    }

    /// The text.
    ///
    /// # Safety
    /// As [`bytes`](Self::bytes).
    pub(crate) unsafe fn text<'a>(self, name: &str) -> Result<&'a str, Failure> {
        // SAFETY: by this function's contract.
        unsafe { text(self.data, self.len, name) }
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

/// Bytes that belong to the caller, who frees them with `eyot_buffer_free`. Initialise with `EYOT_BUFFER_INIT`.
#[repr(C)]
#[derive(Debug)]
pub struct eyot_buffer {
    /// The first byte; NULL when there are none.
    pub data: *mut u8,
    /// How many there are.
    pub len: usize,
    /// How much memory stands behind them; the library's business.
    pub capacity: usize,
}

impl From<Vec<u8>> for eyot_buffer {
    fn from(bytes: Vec<u8>) -> Self {
        if bytes.capacity() == 0 {
            return Self { data: null_mut(), len: 0, capacity: 0 };
        }
        let mut bytes = std::mem::ManuallyDrop::new(bytes);
        Self { data: bytes.as_mut_ptr(), len: bytes.len(), capacity: bytes.capacity() }
    }
}

/// Frees what a call wrote into a buffer, and empties the buffer, so that freeing it again does nothing.
///
/// # Safety
/// `buffer` is NULL, or holds what `EYOT_BUFFER_INIT` or a call put there.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn eyot_buffer_free(buffer: *mut eyot_buffer) {
    boundary::value((), || {
        // SAFETY: by this function's contract.
        let buffer = unsafe { buffer.as_mut() }?;
        let (data, len, capacity) = (buffer.data, buffer.len, buffer.capacity);
        *buffer = Vec::new().into();
        if !data.is_null() {
            // SAFETY: these three came from a Vec in `From<Vec<u8>>`, and are forgotten above before they are used.
            drop(unsafe { Vec::from_raw_parts(data, len, capacity) });
        }
        Some(())
    });
}

/// The `len` bytes at `data`; the name is for the error.
///
/// # Safety
/// `data` is readable for `len` bytes while `'a` lasts, unless `len` is 0.
pub(crate) unsafe fn bytes<'a>(data: *const u8, len: usize, name: &str) -> Result<&'a [u8], Failure> {
    // SAFETY: by this function's contract.
    unsafe { array(data, len, name) }
}

/// The UTF-8 text of `len` bytes at `data`.
///
/// # Safety
/// As [`bytes`].
pub(crate) unsafe fn text<'a>(data: *const u8, len: usize, name: &str) -> Result<&'a str, Failure> {
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
    if !data.is_aligned() {
        return Err(Failure::argument(format!("`{name}` is not aligned")));
    }
    if len > isize::MAX as usize / size_of::<T>().max(1) {
        return Err(Failure::argument(format!("`{name}` is longer than memory: its length may be a negative number")));
    }
    // SAFETY: by this function's contract, and what was checked above.
    Ok(unsafe { std::slice::from_raw_parts(data, len) })
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

/// An options struct, which begins with its size so that later versions can add to its end.
///
/// # Safety
/// All bytes zero are a value of the type, which has no padding that the caller may leave unset before its first size.
pub(crate) unsafe trait OptionsStruct: Copy {
    /// The size that the struct had when it was first in a release.
    const FIRST: usize;
}

/// Reads an options struct of this header, of an older one (what it lacks is zero) or of a newer one (what it has more
/// must be zero, since nobody here could honour it).
///
/// # Safety
/// `data` is NULL, or readable for as many bytes as its first field says.
pub(crate) unsafe fn options<T: OptionsStruct>(data: *const T, name: &'static str) -> Result<T, Failure> {
    let wrong = |message: &str| {
        let message = format!("`{name}`: {message}");
        Failure::new(eyot_status::EYOT_STRUCT_SIZE, "struct-size", message)
    };
    if data.is_null() {
        return Err(Failure::null(name));
    }
    // SAFETY: every options struct begins with a size_t; it may stand anywhere in memory.
    let size = unsafe { data.cast::<usize>().read_unaligned() };
    if size < T::FIRST || size > 64 * 1024 {
        return Err(wrong("its size is none of this struct's: initialise it with its _INIT macro"));
    }
    // SAFETY: zero is a value, and the copy ends with the smaller of both sizes.
    let value = unsafe {
        let mut value: T = std::mem::zeroed();
        std::ptr::copy_nonoverlapping(data.cast::<u8>(), (&raw mut value).cast(), size.min(size_of::<T>()));
        value
    };
    if size > size_of::<T>() {
        // SAFETY: the caller's struct has these bytes.
        let rest = unsafe { bytes(data.cast::<u8>().add(size_of::<T>()), size - size_of::<T>(), name) }?;
        if rest.iter().any(|byte| *byte != 0) {
            return Err(wrong("it sets an option that this library does not know: use the library of its header"));
        }
    }
    Ok(value)
}

/// Refuses flags that this library does not know: nobody here could honour them.
pub(crate) fn check_flags(name: &str, flags: u32, known: u32) -> Result<(), Failure> {
    let unknown = flags & !known;
    if unknown == 0 {
        return Ok(());
    }
    Err(Failure::argument(format!("`{name}` has flags that there are not: {unknown:#x}")))
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test stops where something is not as expected")]
mod tests {
    use std::ptr::null;

    use super::*;

    #[repr(C)]
    #[derive(Clone, Copy, Debug)]
    struct First {
        size: usize,
        number: usize,
    }

    #[repr(C)]
    #[derive(Clone, Copy, Debug)]
    struct Later {
        size: usize,
        number: usize,
        more: usize,
    }

    // SAFETY: numbers alone.
    unsafe impl OptionsStruct for First {
        const FIRST: usize = size_of::<First>();
    }
    // SAFETY: numbers alone.
    unsafe impl OptionsStruct for Later {
        const FIRST: usize = size_of::<First>();
    }

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
        let refused = unsafe { bytes(&raw const byte, -1_isize as usize, "page") };
        assert_eq!(refused.unwrap_err().status(), eyot_status::EYOT_ARGUMENT);
    }

    #[test]
    fn an_older_callers_struct_is_filled_with_zeros() {
        let older = First { size: size_of::<First>(), number: 7 };
        // SAFETY: the size is that of what stands there.
        let read: Later = unsafe { options((&raw const older).cast(), "options") }.unwrap();
        assert_eq!((read.number, read.more), (7, 0));
    }

    #[test]
    fn a_newer_callers_struct_is_read_unless_it_uses_what_is_new() {
        let mut newer = Later { size: size_of::<Later>(), number: 7, more: 0 };
        // SAFETY: as above.
        let read: First = unsafe { options((&raw const newer).cast(), "options") }.unwrap();
        assert_eq!(read.number, 7);
        newer.more = 1;
        // SAFETY: as above.
        let refused: Result<First, _> = unsafe { options((&raw const newer).cast(), "options") };
        assert_eq!(refused.unwrap_err().status(), eyot_status::EYOT_STRUCT_SIZE);
    }

    #[test]
    fn a_struct_that_was_not_initialised_is_refused() {
        for size in [0, 1, size_of::<First>() - 1, 1 << 40] {
            let value = First { size, number: 0 };
            // SAFETY: refused by the size alone.
            let refused: Result<First, _> = unsafe { options(&raw const value, "options") };
            assert_eq!(refused.unwrap_err().status(), eyot_status::EYOT_STRUCT_SIZE, "{size}");
        }
    }

    #[test]
    fn a_buffer_can_be_freed_twice() {
        for bytes in [b"text".to_vec(), Vec::new(), Vec::with_capacity(9)] {
            let mut buffer = eyot_buffer::from(bytes);
            // SAFETY: made above.
            unsafe {
                eyot_buffer_free(&raw mut buffer);
                eyot_buffer_free(&raw mut buffer);
            }
            assert!(buffer.data.is_null() && buffer.len == 0);
        }
    }
}
