//! When a token expires: on a grid of steps, so that a shell's tokens stay the same within one.

use sha2::{Digest, Sha256};

use crate::{Error, IslandName};

/// The expiry, in Unix seconds, of a token sealed at `now` that must live for `ttl` seconds at least.
///
/// It is the first point of the island's own grid that lies no earlier than `now + ttl`. The grid's step is `ttl` unless
/// `grid` gives another, in seconds; it is shifted by a phase from the name, so that islands do not all change at once.
///
/// # Errors
/// [`Error::ExpiryRange`] beyond 2³²−1; [`Error::Option`] when the step is zero.
pub fn expiry(name: &IslandName, now: u64, ttl: u32, grid: Option<u32>) -> Result<u32, Error> {
    let step = u64::from(grid.unwrap_or(ttl));
    if step == 0 {
        let option = if grid.is_some() { "grid" } else { "ttl" };
        return Err(Error::Option { option: option.into(), reason: "must be at least one second".to_owned() });
    }
    // All hosts must agree on it, so it comes from the name alone.
    let phase = phase(name) % step;
    let earliest = now.checked_add(u64::from(ttl)).ok_or(Error::ExpiryRange)?;
    // Before the first point of the grid the quotient is zero, as the formula's ceiling of a small negative number is.
    let steps = earliest.saturating_sub(phase).div_ceil(step);
    let expires = steps.checked_mul(step).and_then(|at| at.checked_add(phase)).ok_or(Error::ExpiryRange)?;
    u32::try_from(expires).map_err(|_| Error::ExpiryRange)
}

fn phase(name: &IslandName) -> u64 {
    let [a, b, c, d, ..] = Sha256::digest(name.as_str()).0;
    u64::from(u32::from_be_bytes([a, b, c, d]))
}
