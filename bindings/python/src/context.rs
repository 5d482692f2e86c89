//! What a call takes from the outside world: the clock and the system's randomness, which core never asks for itself.

use std::time::{SystemTime, UNIX_EPOCH};

use eyot::{Entropy, EntropyError, Mount, Page};
use pyo3::prelude::*;

use crate::errors::{self, SealError};

/// What one page brings to its islands: mount point, page, audience, whether it can be fetched again, gets the loader's
/// tags and is split, may be sealed for, the shell's life, and in tests the time.
#[pyclass(frozen, module = "eyot")]
pub(crate) struct Context {
    mount: String,
    page: Option<(String, String)>,
    audience: String,
    is_post: bool,
    loader: bool,
    split: bool,
    seals: bool,
    shell_life: Option<u32>,
    now: Option<u64>,
}

#[pymethods]
impl Context {
    #[new]
    #[expect(clippy::too_many_arguments, reason = "Python passes them by name")]
    #[pyo3(signature = (
        *, mount="", page=None, audience="", is_post=false, loader=true, split=false, seals=true,
        shell_life=None, now=None,
    ))]
    fn new(
        mount: &str,
        page: Option<(String, String)>,
        audience: &str,
        is_post: bool,
        loader: bool,
        split: bool,
        seals: bool,
        shell_life: Option<u32>,
        now: Option<u64>,
    ) -> PyResult<Self> {
        mount_point(mount)?;
        let (mount, audience) = (mount.to_owned(), audience.to_owned());
        Ok(Self { mount, page, audience, is_post, loader, split, seals, shell_life, now })
    }
}

impl Context {
    /// Calls `f` with core's form of `context`, or of one that brings nothing.
    pub(crate) fn with<R>(context: Option<&Self>, f: impl FnOnce(&eyot::Context<'_>) -> R) -> PyResult<R> {
        let Some(this) = context else {
            return Ok(f(&eyot::Context::at(unix_now()?).with_entropy(&SystemEntropy)));
        };
        let mut core = eyot::Context::at(this.now.map_or_else(unix_now, Ok)?)
            .with_entropy(&SystemEntropy)
            .with_mount(mount_point(&this.mount)?)
            .with_audience(&this.audience)
            .with_post(this.is_post)
            .with_loader(this.loader)
            .with_split(this.split)
            .with_seals(this.seals);
        core.page = this.page.as_ref().map(|(path, lang)| Page { path, lang });
        core.shell_life = this.shell_life;
        Ok(f(&core))
    }
}

fn mount_point(text: &str) -> PyResult<Mount<'_>> {
    Mount::new(text).map_err(|problem| errors::raise(&problem.into()))
}

/// The system's randomness, asked for each token: a pool would be copied by `fork`.
#[derive(Debug)]
struct SystemEntropy;

impl Entropy for SystemEntropy {
    fn fill(&self, nonce: &mut [u8; 24]) -> Result<(), EntropyError> {
        fill_random(nonce).map_err(EntropyError)
    }
}

/// Fills `bytes` from the operating system.
pub(crate) fn fill_random(bytes: &mut [u8]) -> Result<(), String> {
    getrandom::fill(bytes).map_err(|error| error.to_string())
}

/// The system's clock, in Unix seconds.
pub(crate) fn unix_now() -> PyResult<u64> {
    let now = SystemTime::now().duration_since(UNIX_EPOCH);
    now.map(|now| now.as_secs()).map_err(|_| SealError::new_err(("the clock stands before 1970", "clock")))
}
