//! Finding the next byte of a small set, sixteen bytes at a time.
//!
//! Tags are short: a call into a general search routine costs more than the search. These inline to a handful of vector
//! instructions, need no run-time detection and no `unsafe`.

use wide::u8x16;

#[inline(always)]
fn block(bytes: &[u8], at: usize) -> Option<u8x16> {
    let block: [u8; 16] = bytes.get(at..)?.first_chunk().copied()?;
    Some(u8x16::from(block))
}

#[inline(always)]
fn any_of<const N: usize>(block: u8x16, set: [u8; N]) -> u32 {
    let mut hits = block.simd_eq(u8x16::splat(set[0]));
    for byte in &set[1..] {
        hits |= block.simd_eq(u8x16::splat(*byte));
    }
    hits.to_bitmask()
}

/// The position of the first byte of `set` at or after `from`, or the length of `bytes`.
#[inline(always)]
pub(crate) fn first_of<const N: usize>(bytes: &[u8], from: usize, set: [u8; N]) -> usize {
    let mut at = from;
    while let Some(block) = block(bytes, at) {
        let hits = any_of(block, set);
        if hits != 0 {
            return at + hits.trailing_zeros() as usize;
        }
        at += 16;
    }
    bytes.get(at..).and_then(|rest| rest.iter().position(|byte| set.contains(byte))).map_or(bytes.len(), |n| at + n)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::first_of;

    proptest! {
        #[test]
        fn the_first_byte_of_the_set_is_found_at_every_offset(
            bytes in proptest::collection::vec(prop_oneof![Just(b'<'), Just(b'>'), Just(b'a'), any::<u8>()], 0..80),
            from in 0usize..90,
        ) {
            let set = *b"<>=";
            let naive = (from..bytes.len()).find(|at| set.contains(&bytes[*at])).unwrap_or(bytes.len());
            prop_assert_eq!(first_of(&bytes, from, set), naive);
        }
    }
}
