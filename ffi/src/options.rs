//! Structs of options, which begin with their size so that later versions can add to their end.

use crate::bytes;
use crate::failure::Failure;
use crate::status::eyot_status;

/// A struct of options, which begins with its size so that later versions can add to its end.
///
/// # Safety
/// All bytes zero are a value of the type, it begins with a `u32`, and it has no gaps. [`options_struct`] sees to that.
pub(crate) unsafe trait OptionsStruct: Copy {
    /// The size that the struct had when it was first in a release.
    const FIRST: usize = size_of::<Self>();
}

/// Makes a struct of options one: checks that it has no gaps, and gives it its defaults.
macro_rules! options_struct {
    ($type:ident { $($field:ident),* $(,)? }) => {
        $crate::layout::without_gaps!($type { size, $($field),* });

        // SAFETY: numbers, slices and pointers, none of which is looked at without a length.
        unsafe impl $crate::options::OptionsStruct for $type {}

        impl Default for $type {
            /// What the struct's `_INIT` macro is in C.
            fn default() -> Self {
                // SAFETY: as above.
                let zeros: Self = unsafe { std::mem::zeroed() };
                Self { size: size_of::<Self>() as u32, ..zeros }
            }
        }
    };
}
pub(crate) use options_struct;

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
    // SAFETY: every struct of options begins with a number; it may stand anywhere in memory.
    let size = unsafe { data.cast::<u32>().read_unaligned() } as usize;
    // Memory that was never initialised has any size: a limit keeps the check below from reading far behind it.
    if size < T::FIRST || size > 64 * 1024 {
        return Err(wrong("its size is none of this struct's: initialise it with its _INIT macro"));
    }
    // SAFETY: zero is a value, and the copy ends with the smaller of both sizes.
    let value = unsafe {
        let mut value: T = std::mem::zeroed();
        std::ptr::copy_nonoverlapping(data.cast::<u8>(), (&raw mut value).cast(), size.min(size_of::<T>()));
        value
    };
    // A caller with a newer header may leave alone what this library does not know, but must not rely on it.
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

/// Refuses a reserved field that is set: a later version may give it a meaning.
pub(crate) fn check_reserved(name: &str, reserved: u32) -> Result<(), Failure> {
    if reserved == 0 { Ok(()) } else { Err(Failure::argument(format!("`{name}`: `reserved` is {reserved:#x}, not 0"))) }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test stops where something is not as expected")]
mod tests {
    use super::*;

    #[repr(C)]
    #[derive(Clone, Copy, Debug)]
    struct First {
        size: u32,
        number: u32,
    }

    #[repr(C)]
    #[derive(Clone, Copy, Debug)]
    struct Later {
        size: u32,
        number: u32,
        more: u64,
    }

    // SAFETY: numbers alone, without a gap.
    unsafe impl OptionsStruct for First {}
    // SAFETY: numbers alone, without a gap.
    unsafe impl OptionsStruct for Later {
        const FIRST: usize = size_of::<First>();
    }

    const FIRST: u32 = size_of::<First>() as u32;
    const LATER: u32 = size_of::<Later>() as u32;

    #[test]
    fn an_older_callers_struct_is_filled_with_zeros() {
        let older = First { size: FIRST, number: 7 };
        // SAFETY: the size is that of what stands there.
        let read: Later = unsafe { read((&raw const older).cast(), "options") }.unwrap();
        assert_eq!((read.number, read.more), (7, 0));
    }

    #[test]
    fn a_newer_callers_struct_is_read_unless_it_uses_what_is_new() {
        let mut newer = Later { size: LATER, number: 7, more: 0 };
        // SAFETY: as above.
        let found: First = unsafe { read((&raw const newer).cast(), "options") }.unwrap();
        assert_eq!(found.number, 7);
        newer.more = 1;
        // SAFETY: as above.
        let refused: Result<First, _> = unsafe { read((&raw const newer).cast(), "options") };
        assert_eq!(refused.unwrap_err().status(), eyot_status::EYOT_STRUCT_SIZE);
    }

    #[test]
    fn a_struct_that_was_not_initialised_is_refused() {
        for size in [0, 1, FIRST - 1, u32::MAX] {
            let value = First { size, number: 0 };
            // SAFETY: refused by the size alone.
            let refused: Result<First, _> = unsafe { read(&raw const value, "options") };
            assert_eq!(refused.unwrap_err().status(), eyot_status::EYOT_STRUCT_SIZE, "{size}");
        }
    }

    #[test]
    fn a_reserved_field_must_be_zero() {
        assert!(check_reserved("options", 0).is_ok());
        assert_eq!(check_reserved("options", 1).unwrap_err().status(), eyot_status::EYOT_ARGUMENT);
    }
}
