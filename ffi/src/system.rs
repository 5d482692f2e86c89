//! What comes from the operating system: the time and randomness. Not every target has them.

use eyot::{Entropy, EntropyError};

use crate::failure::Failure;
use crate::status::eyot_status;

/// The caller's time, or the system's for 0.
pub(crate) fn time(now: u64) -> Result<u64, Failure> {
    if now != 0 {
        return Ok(now);
    }
    clock().map_err(|why| Failure::new(eyot_status::EYOT_CLOCK, "clock", format!("{why}: set `now` to the Unix time")))
}

/// The system's time. WebAssembly without a system has none, and asking the standard library for it panics there.
fn clock() -> Result<u64, &'static str> {
    if cfg!(all(target_family = "wasm", target_os = "unknown")) {
        return Err("there is no clock here");
    }
    let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
    since.map(|since| since.as_secs()).map_err(|_| "the clock is set to a time before 1970")
}

/// The system's randomness, asked for each token: a pool would be copied by `fork`.
#[derive(Debug)]
pub(crate) struct SystemEntropy;

impl Entropy for SystemEntropy {
    fn fill(&self, nonce: &mut [u8; 24]) -> Result<(), EntropyError> {
        random(nonce).map_err(EntropyError)
    }
}

/// Fills `bytes` from the operating system.
#[cfg(not(all(target_family = "wasm", target_os = "unknown")))]
pub(crate) fn random(bytes: &mut [u8]) -> Result<(), String> {
    getrandom::fill(bytes).map_err(|error| error.to_string())
}

/// WebAssembly without a system has no randomness either.
#[cfg(all(target_family = "wasm", target_os = "unknown"))]
pub(crate) fn random(_: &mut [u8]) -> Result<(), String> {
    Err(String::from("there is no randomness here: make keys elsewhere, and seal stable tokens"))
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test stops where something is not as expected")]
mod tests {
    use super::*;

    #[test]
    fn a_caller_who_tells_the_time_needs_no_clock() {
        assert_eq!(time(7).unwrap(), 7);
    }

    #[test]
    fn the_systems_clock_is_asked_for_zero() {
        assert!(time(0).unwrap() > 1_700_000_000);
    }
}
