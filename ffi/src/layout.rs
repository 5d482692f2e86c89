//! Structs without gaps: a field that a later version adds must not fall into padding, which callers leave unset.

use crate::bytes::{eyot_pair, eyot_slice};

/// How much of a C struct a type takes, whatever the width of a pointer.
pub(crate) trait Shape {
    /// How many pointers, or integers of a pointer's width.
    const WORDS: usize;
    /// How many bytes besides these, which is also their alignment.
    const BYTES: usize;
}

macro_rules! shapes {
    ($($type:ty: $words:literal, $bytes:literal;)*) => {
        $(impl Shape for $type {
            const WORDS: usize = $words;
            const BYTES: usize = $bytes;
        })*
    };
}

shapes! {
    u32: 0, 4;
    u64: 0, 8;
    usize: 1, 0;
    eyot_slice: 2, 0;
    eyot_pair: 4, 0;
}

impl<T> Shape for *const T {
    const WORDS: usize = 1;
    const BYTES: usize = 0;
}

impl<T> Shape for *mut T {
    const WORDS: usize = 1;
    const BYTES: usize = 0;
}

/// The shape of a field, by a function that picks it.
pub(crate) const fn shape<S, F: Shape>(_: fn(&S) -> &F) -> [usize; 2] {
    [F::WORDS, F::BYTES]
}

/// The struct's size with pointers of `word` bytes, or nothing when it has a gap.
pub(crate) const fn packed(fields: &[[usize; 2]], word: usize) -> Option<usize> {
    let (mut at, mut widest, mut index) = (0_usize, 1_usize, 0);
    while index < fields.len() {
        // A u64 counts with eight bytes where a compiler aligns it to four, too: without a gap here there is none there.
        let [words, bytes] = fields[index];
        let align = if words > 0 { word } else { bytes };
        if !at.is_multiple_of(align) {
            return None;
        }
        at += words * word + bytes;
        widest = if align > widest { align } else { widest };
        index += 1;
    }
    if at.is_multiple_of(widest) { Some(at) } else { None }
}

/// Refuses to compile a struct with a gap, with pointers of four bytes and of eight, whatever this build has.
macro_rules! without_gaps {
    ($type:ident { $($field:ident),* $(,)? }) => {
        const _: () = {
            let fields = [$($crate::layout::shape(|all: &$type| &all.$field)),*];
            // A field that is missing from the list does not compile.
            let _ = |all: $type| { let $type { $($field: _),* } = all; };
            assert!($crate::layout::packed(&fields, 4).is_some(), "a gap where pointers have four bytes");
            assert!($crate::layout::packed(&fields, 8).is_some(), "a gap where pointers have eight bytes");
            let here = $crate::layout::packed(&fields, size_of::<usize>());
            assert!(matches!(here, Some(size) if size == size_of::<$type>()), "a shape is wrong");
        };
    };
}
pub(crate) use without_gaps;

#[cfg(test)]
mod tests {
    use super::*;

    const WORD: [usize; 2] = [1, 0];
    const U32: [usize; 2] = [0, 4];
    const U64: [usize; 2] = [0, 8];

    #[test]
    fn a_gap_is_found_at_either_width() {
        assert_eq!(packed(&[U32, U32, WORD], 8), Some(16));
        assert_eq!(packed(&[WORD, U32], 8), None, "at the end, with eight bytes alone");
        assert_eq!(packed(&[WORD, U32], 4), Some(8));
        assert_eq!(packed(&[WORD, U64], 4), None, "in the middle, with four bytes alone");
        assert_eq!(packed(&[WORD, U64], 8), Some(16));
        assert_eq!(packed(&[U32, WORD], 8), None);
    }
}
