//! What a call takes from outside: time, the mount point, the page. Randomness comes from the operating system.

use std::time::{SystemTime, UNIX_EPOCH};

use eyot::{Context, Entropy, EntropyError, Mount, Page};

use crate::bytes::eyot_slice;
use crate::failure::Failure;
use crate::options::{self, OptionsStruct};
use crate::status::eyot_status;

/// The page answers something else than a GET: it cannot be fetched again, so stale tokens in it do not heal.
pub const EYOT_CONTEXT_POST: u32 = 1;
/// The page does not get the loader's tags: an island's own HTML, for one.
pub const EYOT_CONTEXT_NO_LOADER: u32 = 2;

/// What one split, placeholder or rendering takes from outside. NULL stands for one with nothing but the time. Initialise
/// with `EYOT_CONTEXT_INIT`.
#[repr(C)]
#[derive(Debug, Clone, Copy)]
pub struct eyot_context {
    /// `sizeof(eyot_context)`.
    pub size: usize,
    /// Unix time in seconds; 0 for the system's clock.
    pub now: u64,
    /// The app's mount point: empty, or starting with `/` and not ending with it.
    pub mount: eyot_slice,
    /// A string that sealing and opening must agree on, such as a tenant; empty by default.
    pub audience: eyot_slice,
    /// The page's path without query, sealed into tokens that ask for it; empty when the host does not tell.
    pub page_path: eyot_slice,
    /// The page's language, such as `de`; empty when the host has none. Only together with `page_path`.
    pub page_lang: eyot_slice,
    /// How long caches may keep the shell, in seconds: a token that expires sooner is an error. 0 when they may not.
    pub shell_life: u32,
    /// `EYOT_CONTEXT_POST`, `EYOT_CONTEXT_NO_LOADER`.
    pub flags: u32,
}

// SAFETY: numbers and slices; zero is empty.
unsafe impl OptionsStruct for eyot_context {
    const FIRST: usize = size_of::<Self>();
}

/// Reads a context.
pub(crate) unsafe fn read<'a>(context: *const eyot_context) -> Result<Context<'a>, Failure> {
    if context.is_null() {
        return Ok(Context::at(unix_now()?).with_entropy(&SystemEntropy));
    }
    // SAFETY: by this function's contract.
    let given = unsafe { options::read(context, "context") }?;
    options::check_flags("context", given.flags, EYOT_CONTEXT_POST | EYOT_CONTEXT_NO_LOADER)?;
    // SAFETY: C keeps the contract.
    let (mount, audience, path, lang) = unsafe {
        (
            given.mount.text("mount")?,
            given.audience.text("audience")?,
            given.page_path.text("page_path")?,
            given.page_lang.text("page_lang")?,
        )
    };
    let mut context = Context::at(time(given.now)?)
        .with_entropy(&SystemEntropy)
        .with_mount(Mount::new(mount).map_err(eyot::Error::from)?)
        .with_audience(audience)
        .with_post(given.flags & EYOT_CONTEXT_POST != 0)
        .with_loader(given.flags & EYOT_CONTEXT_NO_LOADER == 0);
    context.page = (!path.is_empty()).then_some(Page { path, lang });
    context.shell_life = (given.shell_life > 0).then_some(given.shell_life);
    Ok(context)
}

/// The time that a caller tells, or the system's for 0.
pub(crate) fn time(now: u64) -> Result<u64, Failure> {
    if now == 0 { unix_now() } else { Ok(now) }
}

fn unix_now() -> Result<u64, Failure> {
    let now = SystemTime::now().duration_since(UNIX_EPOCH);
    let before = |_| Failure::new(eyot_status::EYOT_ENTROPY, "clock", "the clock stands before 1970");
    now.map(|now| now.as_secs()).map_err(before)
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
pub(crate) fn random(bytes: &mut [u8]) -> Result<(), String> {
    getrandom::fill(bytes).map_err(|error| error.to_string())
}
