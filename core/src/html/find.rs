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
    last_block(bytes, at, set).unwrap_or(bytes.len())
}

/// The first one in the last bytes, fewer than sixteen: in the sixteen that end with them, if there are so many.
#[inline(always)]
fn last_block<const N: usize>(bytes: &[u8], from: usize, set: [u8; N]) -> Option<usize> {
    let rest = bytes.get(from..)?;
    let Some(start) = bytes.len().checked_sub(16) else {
        return rest.iter().position(|byte| set.contains(byte)).map(|at| from + at);
    };
    // Bits of bytes before `from` are of bytes that have been dealt with.
    let hits = any_of(block(bytes, start)?, set) & (u32::MAX << (from - start));
    (hits != 0).then(|| start + hits.trailing_zeros() as usize)
}

/// Whether any of these runs of three lower-case letters is in `bytes`, in either case.
pub(crate) fn holds_any<const N: usize>(bytes: &[u8], runs: [[u8; 3]; N]) -> bool {
    const STEP: usize = 64;
    let mut at = 0;
    while let Some(window) = bytes.get(at..at + STEP + 2) {
        let mut hits = u8x16::default();
        for part in (0..STEP).step_by(16) {
            let Some([first, second, third]) = folded(window, part) else { break };
            for [a, b, c] in runs {
                let is = |block: u8x16, byte| block.simd_eq(u8x16::splat(byte));
                hits |= is(first, a) & is(second, b) & is(third, c);
            }
        }
        if hits.to_bitmask() != 0 {
            return true;
        }
        at += STEP;
    }
    bytes[at..].windows(3).any(|window| runs.iter().any(|run| window.eq_ignore_ascii_case(run)))
}

/// The blocks at `at` and at the two places after it, in lower case.
#[inline(always)]
fn folded(bytes: &[u8], at: usize) -> Option<[u8x16; 3]> {
    let lower = |at| block(bytes, at).map(|block| block | u8x16::splat(0x20));
    Some([lower(at)?, lower(at + 1)?, lower(at + 2)?])
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{first_of, holds_any};

    proptest! {
        #[test]
        fn a_run_of_letters_is_found_wherever_it_stands_in_either_case(
            mut bytes in proptest::collection::vec(prop_oneof![Just(b's'), Just(b'R'), Just(b'f'), any::<u8>()], 0..200),
            place in 0usize..400,
        ) {
            if place + 3 <= bytes.len() {
                bytes[place..place + 3].copy_from_slice(b"TOk");
            }
            let runs = [*b"srf", *b"tok"];
            let naive = bytes.windows(3).any(|window| runs.iter().any(|run| window.eq_ignore_ascii_case(run)));
            prop_assert_eq!(holds_any(&bytes, runs), naive);
        }

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
