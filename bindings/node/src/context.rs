//! What a call takes from the outside world: the clock and the system's randomness, which core never asks for itself,
//! and what a page brings to its islands, which comes as one string.

use std::time::{SystemTime, UNIX_EPOCH};

use eyot::{Entropy, EntropyError, Mount, Page};

use crate::errors::{Result, raise, raise_as};

/// The lines before the audience, which comes last: it alone may hold a line break.
const LINES: usize = 7;

/// Calls `f` with core's form of `text`: flags (1: the page answers a POST, 2: no loader's tags, 4: what helpers write is
/// split, 8: nothing can be sealed), the shell's life, the time, mount point, path and language of the page, audience, a line each; numbers and path
/// may be empty. No text at all brings nothing.
pub(crate) fn with<R>(text: &str, f: impl FnOnce(&eyot::Context<'_>) -> R) -> Result<R> {
    if text.is_empty() {
        return Ok(f(&eyot::Context::at(unix_now()?).with_entropy(&SystemEntropy)));
    }
    let mut lines = text.splitn(LINES, '\n');
    let mut line = || lines.next().ok_or_else(|| raise_as("config", "context", "a context has seven lines"));
    let (flags, life, now, mount, path, lang, audience) =
        (line()?, line()?, line()?, line()?, line()?, line()?, line()?);
    let flags = number::<u8>(flags)?.unwrap_or(0);
    let mut context = eyot::Context::at(number(now)?.map_or_else(unix_now, Ok)?)
        .with_entropy(&SystemEntropy)
        .with_mount(Mount::new(mount).map_err(|problem| raise(&problem.into()))?)
        .with_audience(audience)
        .with_post(flags & 1 != 0)
        .with_loader(flags & 2 == 0)
        .with_split(flags & 4 != 0)
        .with_seals(flags & 8 == 0);
    context.page = (!path.is_empty()).then_some(Page { path, lang });
    context.shell_life = number(life)?;
    Ok(f(&context))
}

fn number<T: std::str::FromStr>(text: &str) -> Result<Option<T>> {
    if text.is_empty() {
        return Ok(None);
    }
    text.parse().map(Some).map_err(|_| raise_as("config", "context", "a context's number is out of range"))
}

/// The system's randomness, asked for each token: a pool would be copied by a fork of the process.
#[derive(Debug)]
struct SystemEntropy;

impl Entropy for SystemEntropy {
    fn fill(&self, nonce: &mut [u8; 24]) -> std::result::Result<(), EntropyError> {
        getrandom::fill(nonce).map_err(|error| EntropyError(error.to_string()))
    }
}

/// `now`, else the system's clock, in Unix seconds.
pub(crate) fn time(now: Option<f64>) -> Result<u64> {
    match now {
        // A number of JavaScript; whole seconds are exact in it.
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "checked in the same line")]
        Some(now) if (0.0..9e15).contains(&now) => Ok(now as u64),
        Some(_) => Err(raise_as("config", "now", "now is a number of Unix seconds")),
        None => unix_now(),
    }
}

fn unix_now() -> Result<u64> {
    let now = SystemTime::now().duration_since(UNIX_EPOCH);
    now.map(|now| now.as_secs()).map_err(|_| raise_as("seal", "clock", "the clock stands before 1970"))
}
