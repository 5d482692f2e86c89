//! What a call takes from outside: time, the mount point, the page.

use std::borrow::Cow;

use eyot::{Context, Mount, Page};

use crate::bytes::eyot_slice;
use crate::failure::Failure;
use crate::options::{self, options_struct};
use crate::system::{SystemEntropy, time};

/// The page answers a request that is not a GET. It cannot be fetched again, so its stale tokens are not replaced.
pub const EYOT_CONTEXT_POST: u32 = 1;
/// The page does not get the loader's tags. Use it for an island's own HTML, for example.
pub const EYOT_CONTEXT_NO_LOADER: u32 = 2;

/// For production: splitting continues whatever is wrong with the page. A faulty island becomes its fallback, no
/// directive leaves, and the problems are listed. Caches must not keep such a page.
/// Without this flag, for development, splitting fails at the first problem and reports its place.
pub const EYOT_CONTEXT_LENIENT: u32 = 4;
/// What `eyot_islands_placeholder` and `eyot_islands_attributes` write goes through a split on its way out. They then write
/// the attribute `server:placed`, which the split removes, and the page gets the loader's tags. Without this flag, for
/// HTML that no split sees, they do not write it.
pub const EYOT_CONTEXT_SPLIT: u32 = 8;

/// Nothing is sealed, because what sealing depends on, such as the audience, is not known: at the outer station, outside of
/// sessions. Islands become their fallbacks.
pub const EYOT_CONTEXT_NO_SEALS: u32 = 16;

/// All of them.
const FLAGS: u32 =
    EYOT_CONTEXT_POST | EYOT_CONTEXT_NO_LOADER | EYOT_CONTEXT_LENIENT | EYOT_CONTEXT_SPLIT | EYOT_CONTEXT_NO_SEALS;

/// What one split, placeholder or rendering takes from outside. NULL means the defaults. Initialise with
/// `EYOT_CONTEXT_INIT`.
#[repr(C)]
#[derive(Debug, Clone, Copy)]
pub struct eyot_context {
    /// `sizeof(eyot_context)`.
    pub size: u32,
    /// `EYOT_CONTEXT_POST`, `EYOT_CONTEXT_NO_LOADER`, `EYOT_CONTEXT_LENIENT`, `EYOT_CONTEXT_SPLIT`,
    /// `EYOT_CONTEXT_NO_SEALS`.
    pub flags: u32,
    /// Unix time in seconds; 0 for the system's clock.
    pub now: u64,
    /// The app's mount point: empty, or starting with `/` and not ending with it.
    pub mount: eyot_slice,
    /// A string that sealing and opening must agree on, such as a tenant; empty by default.
    pub audience: eyot_slice,
    /// The page's path without its query, for tokens into which it is sealed; may be empty.
    pub page_path: eyot_slice,
    /// The page's language, such as `de`; may be empty. It is only used together with `page_path`.
    pub page_lang: eyot_slice,
    /// How many seconds caches may keep the shell; 0 if they may not. A token that expires sooner is an error.
    pub shell_life: u32,
    /// 0.
    pub reserved: u32,
}

options_struct!(eyot_context { flags, now, mount, audience, page_path, page_lang, shell_life, reserved });

/// A context, read.
#[derive(Debug)]
pub(crate) struct Given<'a> {
    now: u64,
    mount: Cow<'a, str>,
    audience: Cow<'a, str>,
    path: Cow<'a, str>,
    lang: Cow<'a, str>,
    shell_life: u32,
    flags: u32,
}

impl Given<'_> {
    /// As the core takes it.
    pub(crate) fn core(&self) -> Context<'_> {
        let mut context = Context::at(self.now)
            .with_entropy(&SystemEntropy)
            // `read` has checked it, so there is nothing that the default would hide.
            .with_mount(Mount::new(&self.mount).unwrap_or_default())
            .with_audience(&self.audience)
            .with_post(self.flags & EYOT_CONTEXT_POST != 0)
            .with_loader(self.flags & EYOT_CONTEXT_NO_LOADER == 0)
            .with_split(self.flags & EYOT_CONTEXT_SPLIT != 0)
            .with_seals(self.flags & EYOT_CONTEXT_NO_SEALS == 0);
        context.page = (!self.path.is_empty()).then_some(Page { path: &self.path, lang: &self.lang });
        context.shell_life = (self.shell_life > 0).then_some(self.shell_life);
        context
    }

    pub(crate) fn is_lenient(&self) -> bool {
        self.flags & EYOT_CONTEXT_LENIENT != 0
    }

    /// The same, with copies of the caller's texts.
    pub(crate) fn into_owned(self) -> Given<'static> {
        let owned = |text: Cow<'_, str>| Cow::Owned(text.into_owned());
        let Self { now, mount, audience, path, lang, shell_life, flags } = self;
        let [mount, audience, path, lang] = [mount, audience, path, lang].map(owned);
        Given { now, mount, audience, path, lang, shell_life, flags }
    }
}

/// Reads a context.
///
/// # Safety
/// `context` is NULL or an `eyot_context` whose slices are readable while `'a` lasts.
pub(crate) unsafe fn read<'a>(context: *const eyot_context) -> Result<Given<'a>, Failure> {
    let mut given = eyot_context::default();
    if !context.is_null() {
        // SAFETY: by this function's contract.
        given = unsafe { options::read(context, "context") }?;
    }
    options::check_flags("context", given.flags, FLAGS)?;
    options::check_reserved("context", given.reserved)?;
    // SAFETY: by this function's contract.
    let [mount, audience, path, lang] = unsafe {
        [
            given.mount.text("mount")?,
            given.audience.text("audience")?,
            given.page_path.text("page_path")?,
            given.page_lang.text("page_lang")?,
        ]
    }
    .map(Cow::Borrowed);
    Mount::new(&mount).map_err(eyot::Error::from)?;
    let eyot_context { shell_life, flags, .. } = given;
    Ok(Given { now: time(given.now)?, mount, audience, path, lang, shell_life, flags })
}
