//! Structs of options, which begin with their size so that later versions can add to their end.

use crate::bytes;
use crate::failure::Failure;
use crate::status::eyot_status;

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
pub(crate) unsafe fn read<T: OptionsStruct>(data: *const T, name: &'static str) -> Result<T, Failure> {
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
        let rest = unsafe { bytes::bytes(data.cast::<u8>().add(size_of::<T>()).cast(), size - size_of::<T>(), name) }?;
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
    fn an_older_callers_struct_is_filled_with_zeros() {
        let older = First { size: size_of::<First>(), number: 7 };
        // SAFETY: the size is that of what stands there.
        let read: Later = unsafe { read((&raw const older).cast(), "options") }.unwrap();
        assert_eq!((read.number, read.more), (7, 0));
    }

    #[test]
    fn a_newer_callers_struct_is_read_unless_it_uses_what_is_new() {
        let mut newer = Later { size: size_of::<Later>(), number: 7, more: 0 };
        // SAFETY: as above.
        let read: First = unsafe { read((&raw const newer).cast(), "options") }.unwrap();
        assert_eq!(read.number, 7);
        newer.more = 1;
        // SAFETY: as above.
        let refused: Result<First, _> = unsafe { read((&raw const newer).cast(), "options") };
        assert_eq!(refused.unwrap_err().status(), eyot_status::EYOT_STRUCT_SIZE);
    }

    #[test]
    fn a_struct_that_was_not_initialised_is_refused() {
        for size in [0, 1, size_of::<First>() - 1, 1 << 40] {
            let value = First { size, number: 0 };
            // SAFETY: refused by the size alone.
            let refused: Result<First, _> = unsafe { read(&raw const value, "options") };
            assert_eq!(refused.unwrap_err().status(), eyot_status::EYOT_STRUCT_SIZE, "{size}");
        }
    }
}
