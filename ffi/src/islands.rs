//! The configuration that every other call starts from.

use std::collections::HashMap;
use std::ffi::c_void;
use std::mem::MaybeUninit;
use std::sync::Arc;

use eyot::placeholder::SealMode;
use eyot::{Builder, IslandName, Islands};

use crate::boundary::{self, given};
use crate::buffer::eyot_buffer;
use crate::bytes::{self, eyot_slice};
use crate::context::{self, eyot_context};
use crate::failure::{Failure, eyot_error};
use crate::keyring::eyot_keyring;
use crate::layout::without_gaps;
use crate::options::{self, options_struct};
use crate::status::eyot_status;

/// The island is answered by another host.
pub const EYOT_DECLARATION_ELSEWHERE: u32 = 1;

/// Split pages do not get the loader's tags.
pub const EYOT_ISLANDS_NO_LOADER: u32 = 1;
/// The loader's tags come without the style sheet's: the site's own style sheet contains
/// `server-island{display:contents}`.
pub const EYOT_ISLANDS_NO_STYLESHEET: u32 = 2;
/// Islands without a `server:seal` attribute get unlinkable tokens instead of stable ones.
pub const EYOT_ISLANDS_UNLINKABLE: u32 = 4;
/// Islands without a `server:page` attribute have the page's path and language sealed into their tokens.
pub const EYOT_ISLANDS_PAGE: u32 = 8;
/// The page contains the loader and the style sheet, instead of tags for their files. This saves a round trip on a
/// visitor's first page and adds 3 kB to every page. A Content-Security-Policy allows them by their
/// `eyot_asset_integrity`.
pub const EYOT_ISLANDS_INLINE_LOADER: u32 = 16;
/// A page that is split whole gets a `<link rel="preload">` in its head for each island that is loaded at once.
pub const EYOT_ISLANDS_PRELOAD: u32 = 32;
/// While debugging: the browser's console shows, in words, what is wrong with an island that fails or is slow.
pub const EYOT_ISLANDS_DEBUG: u32 = 64;

const FLAGS: u32 = EYOT_ISLANDS_NO_LOADER
    | EYOT_ISLANDS_NO_STYLESHEET
    | EYOT_ISLANDS_UNLINKABLE
    | EYOT_ISLANDS_PAGE
    | EYOT_ISLANDS_INLINE_LOADER
    | EYOT_ISLANDS_PRELOAD
    | EYOT_ISLANDS_DEBUG;

/// One island that pages may hold.
#[repr(C)]
#[derive(Debug, Clone, Copy)]
pub struct eyot_declaration {
    /// Its name.
    pub name: eyot_slice,
    /// A number of your own. Requests for the island carry it, so that your handler can be a `switch`.
    pub number: u32,
    /// `EYOT_DECLARATION_ELSEWHERE`.
    pub flags: u32,
}

without_gaps!(eyot_declaration { name, number, flags });

/// A configuration. Zero and empty mean the defaults. Initialise with `EYOT_ISLANDS_OPTIONS_INIT`. The call copies
/// everything.
#[repr(C)]
#[derive(Debug, Clone, Copy)]
pub struct eyot_islands_options {
    /// `sizeof(eyot_islands_options)`.
    pub size: u32,
    /// `EYOT_ISLANDS_…`.
    pub flags: u32,
    /// The islands that pages may hold.
    pub islands: *const eyot_declaration,
    /// How many there are.
    pub islands_len: usize,
    /// The path below which islands are asked for; `/_server-islands` by default.
    pub prefix: eyot_slice,
    /// Another origin that answers this host's islands, such as `https://islands.example`.
    pub origin: eyot_slice,
    /// Where a handler's 401 sends the visitor: a path from the root, or an http(s) URL.
    pub login_url: eyot_slice,
    /// Origins whose shells this host answers islands for.
    pub allowed_origins: *const eyot_slice,
    /// How many there are.
    pub allowed_origins_len: usize,
    /// Origins, other than the host's own, that handlers may redirect to.
    pub locations: *const eyot_slice,
    /// How many there are.
    pub locations_len: usize,
    /// Names of the headers that say who the visitor is, beside `Cookie` and `Authorization`. A `*` at the end of a name
    /// stands for any ending. NULL for the headers that proxies are known to send.
    pub identity_headers: *const eyot_slice,
    /// How many there are.
    pub identity_headers_len: usize,
    /// The browser asks for an island by POST if its URL is longer than this many bytes; 2,000 by default.
    pub url_limit: usize,
    /// The most islands on a page; 1,000 by default.
    pub max_islands: usize,
    /// The most bytes of one island in a page; 1 MiB by default.
    pub max_island_bytes: usize,
    /// How many seconds the tokens of islands without a `server:ttl` attribute stay valid; for ever by default.
    pub ttl: u32,
    /// Expiries are rounded up to a multiple of this many seconds; `ttl` by default.
    pub ttl_grid: u32,
}

options_struct!(eyot_islands_options {
    flags,
    islands,
    islands_len,
    prefix,
    origin,
    login_url,
    allowed_origins,
    allowed_origins_len,
    locations,
    locations_len,
    identity_headers,
    identity_headers_len,
    url_limit,
    max_islands,
    max_island_bytes,
    ttl,
    ttl_grid
});

/// A configuration and its keys.
///
/// Threads: may be shared. You may free islands before the objects made from them.
#[derive(Debug, Clone)]
pub struct eyot_islands {
    core: Islands,
    numbers: Arc<HashMap<Box<str>, u32>>,
}

impl eyot_islands {
    pub(crate) fn core(&self) -> &Islands {
        &self.core
    }

    pub(crate) fn number(&self, name: &IslandName) -> u32 {
        self.numbers.get(name.as_str()).copied().unwrap_or_default()
    }
}

/// Checks a configuration and takes a copy of the keys.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn eyot_islands_new(
    keyring: Option<&eyot_keyring>,
    options: *const eyot_islands_options,
    out: Option<&mut MaybeUninit<Option<Box<eyot_islands>>>>,
    error: Option<&mut MaybeUninit<Option<Box<eyot_error>>>>,
) -> eyot_status {
    boundary::fallible(error, || {
        let (keyring, out) = (given(keyring, "keyring")?, given(out, "out")?);
        // SAFETY: C keeps the contract.
        let options = unsafe { options::read(options, "options") }?;
        options::check_flags("options", options.flags, FLAGS)?;
        let builder = numbered(Islands::builder(keyring.core().clone()), &options);
        // SAFETY: as above.
        let (builder, numbers) = unsafe { declared(named(builder, &options)?, &options)? };
        out.write(boundary::give(eyot_islands { core: builder.build()?, numbers: Arc::new(numbers) }));
        Ok(())
    })
}

/// The options that are numbers and flags.
fn numbered(mut builder: Builder, options: &eyot_islands_options) -> Builder {
    let has = |flag| options.flags & flag != 0;
    builder = builder
        .loader(!has(EYOT_ISLANDS_NO_LOADER))
        .stylesheet(!has(EYOT_ISLANDS_NO_STYLESHEET))
        .page(has(EYOT_ISLANDS_PAGE))
        .inline_loader(has(EYOT_ISLANDS_INLINE_LOADER))
        .preload(has(EYOT_ISLANDS_PRELOAD))
        .debug(has(EYOT_ISLANDS_DEBUG))
        .seal(if has(EYOT_ISLANDS_UNLINKABLE) { SealMode::Unlinkable } else { SealMode::Stable });
    // 0 is what an `_INIT` macro leaves, so it has to be the default and cannot be a limit.
    let given = |number: usize| (number > 0).then_some(number);
    builder = given(options.url_limit).into_iter().fold(builder, Builder::url_limit);
    builder = given(options.max_islands).into_iter().fold(builder, Builder::max_islands);
    builder = given(options.max_island_bytes).into_iter().fold(builder, Builder::max_island_bytes);
    let seconds = |number: u32| (number > 0).then_some(number);
    builder = seconds(options.ttl).into_iter().fold(builder, Builder::ttl);
    seconds(options.ttl_grid).into_iter().fold(builder, Builder::ttl_grid)
}

/// The options that are texts.
///
/// # Safety
/// The options' parts are readable.
unsafe fn named(mut builder: Builder, options: &eyot_islands_options) -> Result<Builder, Failure> {
    // SAFETY: by this function's contract.
    let (prefix, origin, login, allowed, locations, identity) = unsafe {
        (
            options.prefix.text("prefix")?,
            options.origin.text("origin")?,
            options.login_url.text("login_url")?,
            bytes::list(options.allowed_origins, options.allowed_origins_len, "allowed_origins")?,
            bytes::list(options.locations, options.locations_len, "locations")?,
            bytes::list(options.identity_headers, options.identity_headers_len, "identity_headers")?,
        )
    };
    if !prefix.is_empty() {
        builder = builder.prefix(prefix);
    }
    builder = builder.origin(origin).login_url(login);
    if !options.identity_headers.is_null() {
        builder = builder.identity_headers(identity);
    }
    Ok(builder.allowed_origins(allowed).locations(locations))
}

/// The islands and their numbers.
///
/// # Safety
/// The options' parts are readable.
unsafe fn declared(
    mut builder: Builder,
    options: &eyot_islands_options,
) -> Result<(Builder, HashMap<Box<str>, u32>), Failure> {
    // SAFETY: by this function's contract.
    let islands = unsafe { bytes::array(options.islands, options.islands_len, "islands") }?;
    let (mut numbers, mut elsewhere) = (HashMap::with_capacity(islands.len()), Vec::new());
    for island in islands {
        // SAFETY: by this function's contract.
        let name = unsafe { island.name.text("islands") }?;
        options::check_flags("islands", island.flags, EYOT_DECLARATION_ELSEWHERE)?;
        if island.flags == 0 {
            builder = builder.island(name);
        } else {
            elsewhere.push(name);
        }
        numbers.insert(name.into(), island.number);
    }
    Ok((builder.elsewhere(elsewhere), numbers))
}

/// Replaces the keys, atomically while other threads use the islands. Calls that have already started finish with the
/// old keys.
#[unsafe(no_mangle)]
pub extern "C" fn eyot_islands_set_keys(
    islands: Option<&eyot_islands>,
    keyring: Option<&eyot_keyring>,
    error: Option<&mut MaybeUninit<Option<Box<eyot_error>>>>,
) -> eyot_status {
    boundary::fallible(error, || {
        let (islands, keyring) = (given(islands, "islands")?, given(keyring, "keyring")?);
        islands.core.set_keys(keyring.core().clone());
        Ok(())
    })
}

/// The path below which islands are asked for. Borrowed from the islands.
#[unsafe(no_mangle)]
pub extern "C" fn eyot_islands_prefix(
    islands: Option<&eyot_islands>,
    out: Option<&mut MaybeUninit<eyot_slice>>,
) -> eyot_status {
    boundary::checked(|| {
        let (islands, out) = (given(islands, "islands")?, given(out, "out")?);
        out.write(islands.core.prefix().into());
        Ok(())
    })
}

/// The number that an island was declared with. Names are compared exactly; `EYOT_NOT_FOUND` if none matches.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn eyot_islands_number(
    islands: Option<&eyot_islands>,
    name: *const c_void,
    name_len: usize,
    out: Option<&mut MaybeUninit<u32>>,
) -> eyot_status {
    boundary::checked(|| {
        let (islands, out) = (given(islands, "islands")?, given(out, "out")?);
        // SAFETY: C keeps the contract.
        let name = unsafe { bytes::text(name, name_len, "name") }?;
        let number = islands.numbers.get(name).copied();
        out.write(number.ok_or_else(|| Failure::not_found("no island of this name is declared"))?);
        Ok(())
    })
}

/// Writes the tags that load the loader and the style sheet, for pages that no split sees.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn eyot_islands_loader_tags(
    islands: Option<&eyot_islands>,
    context: *const eyot_context,
    out: Option<&mut MaybeUninit<eyot_buffer>>,
    error: Option<&mut MaybeUninit<Option<Box<eyot_error>>>>,
) -> eyot_status {
    boundary::fallible(error, || {
        let (islands, out) = (given(islands, "islands")?, given(out, "out")?);
        // SAFETY: C keeps the contract.
        let context = unsafe { context::read(context) }?;
        let mut tags = Vec::new();
        islands.core.loader_tags(&context.core(), &mut tags);
        out.write(tags.into());
        Ok(())
    })
}

/// Frees islands; NULL does nothing.
#[unsafe(no_mangle)]
pub extern "C" fn eyot_islands_free(islands: Option<Box<eyot_islands>>) {
    boundary::release(islands)
}
