//! The configuration that every other call starts from, and the placeholders that templates write.

use std::collections::HashMap;
use std::sync::Arc;

use eyot::placeholder::SealMode;
use eyot::{Builder, Context, IslandName, Islands, Options, Props, Slots};

use crate::boundary::{self, Output};
use crate::bytes::{self, OptionsStruct, eyot_buffer, eyot_pair, eyot_slice};
use crate::context::{self, eyot_context};
use crate::keyring::eyot_keyring;
use crate::status::{Failure, eyot_error, eyot_status};

/// The island is answered by another host.
pub const EYOT_DECLARATION_ELSEWHERE: u32 = 1;

/// Split pages do not get the loader's tags.
pub const EYOT_ISLANDS_NO_LOADER: u32 = 1;
/// The style sheet's tag is not among the loader's tags: the site's own says `server-island{display:contents}`.
pub const EYOT_ISLANDS_NO_STYLESHEET: u32 = 2;
/// Tokens that do not say are unlinkable instead of stable.
pub const EYOT_ISLANDS_UNLINKABLE: u32 = 4;
/// The page's path and language travel in tokens that do not say.
pub const EYOT_ISLANDS_PAGE: u32 = 8;
/// The loader and the style sheet stand in the page itself, instead of in files. It saves a visitor's first page a round
/// trip, and costs each page 3 kB; a Content-Security-Policy allows them by their `eyot_asset_integrity`.
pub const EYOT_ISLANDS_INLINE_LOADER: u32 = 16;
/// The head of a page that is split whole gets a `<link rel="preload">` for each island that is loaded at once.
pub const EYOT_ISLANDS_PRELOAD: u32 = 32;

const FLAGS: u32 = EYOT_ISLANDS_NO_LOADER
    | EYOT_ISLANDS_NO_STYLESHEET
    | EYOT_ISLANDS_UNLINKABLE
    | EYOT_ISLANDS_PAGE
    | EYOT_ISLANDS_INLINE_LOADER
    | EYOT_ISLANDS_PRELOAD;

/// The placeholder has an error slot even though `error` is empty: a failing island leaves nothing.
pub const EYOT_PLACEHOLDER_EMPTY_ERROR: u32 = 1;

/// One island that pages may hold.
#[repr(C)]
#[derive(Debug, Clone, Copy)]
pub struct eyot_declaration {
    /// Its name.
    pub name: eyot_slice,
    /// A number of the caller's own, which requests for the island carry, so that a handler can be a `switch`.
    pub number: u32,
    /// `EYOT_DECLARATION_ELSEWHERE`.
    pub flags: u32,
}

/// A configuration. Zero and empty stand for the defaults. Initialise with `EYOT_ISLANDS_OPTIONS_INIT`. Everything is
/// copied.
#[repr(C)]
#[derive(Debug, Clone, Copy)]
pub struct eyot_islands_options {
    /// `sizeof(eyot_islands_options)`.
    pub size: usize,
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
    /// The length in bytes above which an island is asked for by POST; 2,000 by default.
    pub url_limit: usize,
    /// The most islands on a page; 1,000 by default.
    pub max_islands: usize,
    /// The most bytes of one island in a page; 1 MiB by default.
    pub max_island_bytes: usize,
    /// The seconds that tokens stay valid that do not say; for ever by default.
    pub ttl: u32,
    /// The step in seconds that expiries are rounded up to; the time to live by default.
    pub ttl_grid: u32,
    /// `EYOT_ISLANDS_…`.
    pub flags: u32,
}

// SAFETY: numbers, slices and pointers that are not looked at without a length.
unsafe impl OptionsStruct for eyot_islands_options {
    const FIRST: usize = size_of::<Self>();
}

/// An island that a template writes by itself. Initialise with `EYOT_PLACEHOLDER_INIT`.
#[repr(C)]
#[derive(Debug, Clone, Copy)]
pub struct eyot_placeholder {
    /// `sizeof(eyot_placeholder)`.
    pub size: usize,
    /// The island's name.
    pub name: eyot_slice,
    /// One UTF-8 JSON object; empty for no props. `eyot_props` writes one.
    pub props: eyot_slice,
    /// HTML shown until the island is there.
    pub fallback: eyot_slice,
    /// HTML shown when it cannot be loaded; empty for leaving the fallback.
    pub error: eyot_slice,
    /// Slots that travel sealed: names and HTML.
    pub slots: *const eyot_pair,
    /// How many there are.
    pub slots_len: usize,
    /// Options by their names without `server:`, such as `when` and `idle`; a flag's value is empty.
    pub options: *const eyot_pair,
    /// How many there are.
    pub options_len: usize,
    /// `EYOT_PLACEHOLDER_EMPTY_ERROR`.
    pub flags: u32,
}

// SAFETY: numbers, slices and pointers that are not looked at without a length.
unsafe impl OptionsStruct for eyot_placeholder {
    const FIRST: usize = size_of::<Self>();
}

/// A configuration and its keys.
///
/// Threads: may be shared. Need to outlive nothing: what is made from them keeps what it needs.
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
///
/// # Safety
/// `keyring` is NULL or a live key ring; `options` is NULL or an `eyot_islands_options` with readable parts; `out` may be
/// written to; `error` is NULL or may be written to.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn eyot_islands_new(
    keyring: *const eyot_keyring,
    options: *const eyot_islands_options,
    out: *mut *mut eyot_islands,
    error: *mut *mut eyot_error,
) -> eyot_status {
    let body = || {
        // SAFETY: by this function's contract.
        let (keyring, options, out) = unsafe {
            (boundary::object(keyring, "keyring")?, bytes::options(options, "options")?, Output::new(out, "out")?)
        };
        bytes::check_flags("options", options.flags, FLAGS)?;
        let builder = numbered(Islands::builder(keyring.core().clone()), &options);
        // SAFETY: as above.
        let (builder, numbers) = unsafe { declared(named(builder, &options)?, &options)? };
        out.write(boundary::give(eyot_islands { core: builder.build()?, numbers: Arc::new(numbers) }));
        Ok(())
    };
    // SAFETY: by this function's contract.
    unsafe { boundary::fallible(error, body) }
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
        .seal(if has(EYOT_ISLANDS_UNLINKABLE) { SealMode::Unlinkable } else { SealMode::Stable });
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
    let (prefix, origin, login, allowed, locations) = unsafe {
        (
            options.prefix.text("prefix")?,
            options.origin.text("origin")?,
            options.login_url.text("login_url")?,
            bytes::array(options.allowed_origins, options.allowed_origins_len, "allowed_origins")?,
            bytes::array(options.locations, options.locations_len, "locations")?,
        )
    };
    if !prefix.is_empty() {
        builder = builder.prefix(prefix);
    }
    builder = builder.origin(origin).login_url(login);
    for origin in allowed {
        // SAFETY: by this function's contract.
        builder = builder.allowed_origin(unsafe { origin.text("allowed_origins") }?);
    }
    for location in locations {
        // SAFETY: by this function's contract.
        builder = builder.location(unsafe { location.text("locations") }?);
    }
    Ok(builder)
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
    let mut numbers = HashMap::with_capacity(islands.len());
    for island in islands {
        // SAFETY: by this function's contract.
        let name = unsafe { island.name.text("islands") }?;
        bytes::check_flags("islands", island.flags, EYOT_DECLARATION_ELSEWHERE)?;
        builder = if island.flags == 0 { builder.island(name) } else { builder.elsewhere(name) };
        numbers.insert(name.into(), island.number);
    }
    Ok((builder, numbers))
}

/// Replaces the keys, atomically while other threads use the islands. What is already half done ends with the old ones.
///
/// # Safety
/// `islands` is NULL or live islands; `keyring` is NULL or a live key ring; `error` is NULL or may be written to.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn eyot_islands_set_keys(
    islands: *const eyot_islands,
    keyring: *const eyot_keyring,
    error: *mut *mut eyot_error,
) -> eyot_status {
    let body = || {
        // SAFETY: by this function's contract.
        let (islands, keyring) =
            unsafe { (boundary::object(islands, "islands")?, boundary::object(keyring, "keyring")?) };
        islands.core.set_keys(keyring.core().clone());
        Ok(())
    };
    // SAFETY: by this function's contract.
    unsafe { boundary::fallible(error, body) }
}

/// The path below which islands are asked for. Borrowed from the islands.
///
/// # Safety
/// `islands` is NULL or live islands; `out` may be written to.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn eyot_islands_prefix(islands: *const eyot_islands, out: *mut eyot_slice) -> eyot_status {
    boundary::checked(|| {
        // SAFETY: by this function's contract.
        let (islands, out) = unsafe { (boundary::object(islands, "islands")?, Output::new(out, "out")?) };
        out.write(islands.core.prefix().into());
        Ok(())
    })
}

/// The number that an island was declared with; `EYOT_NOT_FOUND` for a name that is not declared, which is told exactly.
///
/// # Safety
/// `islands` is NULL or live islands; `name` is readable for `name_len` bytes; `out` may be written to.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn eyot_islands_number(
    islands: *const eyot_islands,
    name: *const u8,
    name_len: usize,
    out: *mut u32,
) -> eyot_status {
    boundary::checked(|| {
        // SAFETY: by this function's contract.
        let (islands, name, out) = unsafe {
            (boundary::object(islands, "islands")?, bytes::text(name, name_len, "name")?, Output::new(out, "out")?)
        };
        let number = islands.numbers.get(name).copied();
        out.write(number.ok_or_else(|| Failure::not_found("no island of this name is declared"))?);
        Ok(())
    })
}

/// Writes a placeholder: what a split makes of the same island in a page.
///
/// # Safety
/// `islands` is NULL or live islands; `island` is NULL or an `eyot_placeholder` and `context` NULL or an `eyot_context`,
/// both with readable parts; `out` may be written to; `error` is NULL or may be written to.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn eyot_islands_placeholder(
    islands: *const eyot_islands,
    island: *const eyot_placeholder,
    context: *const eyot_context,
    out: *mut eyot_buffer,
    error: *mut *mut eyot_error,
) -> eyot_status {
    let body = || {
        // SAFETY: by this function's contract.
        unsafe {
            written(islands, island, context, out, |islands, parts, context, out| {
                let Parts { name, props, slots, options } = parts;
                islands.placeholder(name, props, &slots, &options, context, out)
            })
        }
    };
    // SAFETY: by this function's contract.
    unsafe { boundary::fallible(error, body) }
}

/// Writes a placeholder's attributes, for an element that a template writes itself. They begin with a space. Fallback,
/// error and slots are not looked at.
///
/// # Safety
/// As `eyot_islands_placeholder`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn eyot_islands_attributes(
    islands: *const eyot_islands,
    island: *const eyot_placeholder,
    context: *const eyot_context,
    out: *mut eyot_buffer,
    error: *mut *mut eyot_error,
) -> eyot_status {
    let body = || {
        // SAFETY: by this function's contract.
        unsafe {
            written(islands, island, context, out, |islands, parts, context, out| {
                islands.attributes(parts.name, parts.props, &parts.options, context, out)
            })
        }
    };
    // SAFETY: by this function's contract.
    unsafe { boundary::fallible(error, body) }
}

/// Writes an island's URL, not escaped, for libraries that fetch fragments by themselves. Fallback, error and slots are
/// not looked at.
///
/// # Safety
/// As `eyot_islands_placeholder`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn eyot_islands_url(
    islands: *const eyot_islands,
    island: *const eyot_placeholder,
    context: *const eyot_context,
    out: *mut eyot_buffer,
    error: *mut *mut eyot_error,
) -> eyot_status {
    let body = || {
        // SAFETY: by this function's contract.
        unsafe {
            written(islands, island, context, out, |islands, parts, context, out| {
                islands.url(parts.name, parts.props, &parts.options, context, out)
            })
        }
    };
    // SAFETY: by this function's contract.
    unsafe { boundary::fallible(error, body) }
}

/// Writes the tags that load the loader and the style sheet, for pages that are not split.
///
/// # Safety
/// `islands` is NULL or live islands; `context` is NULL or an `eyot_context` with readable parts; `out` may be written
/// to; `error` is NULL or may be written to.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn eyot_islands_loader_tags(
    islands: *const eyot_islands,
    context: *const eyot_context,
    out: *mut eyot_buffer,
    error: *mut *mut eyot_error,
) -> eyot_status {
    let body = || {
        // SAFETY: by this function's contract.
        let (islands, context, out) =
            unsafe { (boundary::object(islands, "islands")?, context::read(context)?, Output::new(out, "out")?) };
        let mut tags = Vec::new();
        islands.core.loader_tags(&context, &mut tags);
        out.write(tags.into());
        Ok(())
    };
    // SAFETY: by this function's contract.
    unsafe { boundary::fallible(error, body) }
}

/// Frees islands; NULL does nothing.
///
/// # Safety
/// `islands` is NULL, or was handed out by a call and not freed yet.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn eyot_islands_free(islands: *mut eyot_islands) {
    // SAFETY: by this function's contract.
    unsafe { boundary::release(islands) }
}

/// An `eyot_placeholder`, read.
struct Parts<'a> {
    name: &'a str,
    props: Props<'a>,
    slots: Slots<'a>,
    options: Options<'a>,
}

/// Reads an island's parts and hands out what `write` makes of them.
///
/// # Safety
/// As `eyot_islands_placeholder`.
unsafe fn written(
    islands: *const eyot_islands,
    island: *const eyot_placeholder,
    context: *const eyot_context,
    out: *mut eyot_buffer,
    write: impl FnOnce(&Islands, Parts<'_>, &Context<'_>, &mut Vec<u8>) -> Result<(), eyot::Error>,
) -> Result<(), Failure> {
    // SAFETY: by this function's contract.
    let (islands, given, context, out) = unsafe {
        (
            boundary::object(islands, "islands")?,
            bytes::options(island, "island")?,
            context::read(context)?,
            Output::new(out, "out")?,
        )
    };
    bytes::check_flags("island", given.flags, EYOT_PLACEHOLDER_EMPTY_ERROR)?;
    // SAFETY: by this function's contract.
    let (name, props, fallback, error, sealed, options) = unsafe {
        (
            given.name.text("name")?,
            given.props.bytes("props")?,
            given.fallback.bytes("fallback")?,
            given.error.bytes("error")?,
            bytes::texts(given.slots, given.slots_len, "slots")?,
            bytes::texts(given.options, given.options_len, "options")?,
        )
    };
    let has_error = !error.is_empty() || given.flags != 0;
    let slots = Slots { fallback, error: has_error.then_some(error), sealed: &sealed };
    let parts = Parts { name, props: checked_props(name, props)?, slots, options: read_options(&options)? };
    let mut html = Vec::with_capacity(256 + fallback.len() + props.len() * 2);
    write(&islands.core, parts, &context, &mut html)?;
    out.write(html.into());
    Ok(())
}

/// Props from a caller whose encoder nobody here knows.
fn checked_props<'a>(name: &str, json: &'a [u8]) -> Result<Props<'a>, Failure> {
    if json.is_empty() {
        return Ok(Props::NONE);
    }
    Ok(Props::parse(&IslandName::new(name)?, json)?)
}

fn read_options<'a>(given: &[(&'a str, &'a str)]) -> Result<Options<'a>, Failure> {
    let mut options = Options::default();
    for (name, value) in given {
        let wrong = |reason| Failure::new(eyot_status::EYOT_OPTION, "option", format!("{name}: {reason}"));
        options.set(name, value).map_err(wrong)?;
    }
    Ok(options)
}
