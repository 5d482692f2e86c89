//! The configuration that every other call starts from.

use std::collections::HashMap;
use std::ffi::c_void;
use std::mem::MaybeUninit;
use std::sync::Arc;

use eyot::options::{Spelling, Value};
use eyot::{Builder, IslandName, Islands};

use crate::boundary::{self, given};
use crate::buffer::eyot_buffer;
use crate::bytes::{self, eyot_pair, eyot_slice};
use crate::context::{self, eyot_context};
use crate::failure::{Failure, eyot_error};
use crate::keyring::eyot_keyring;
use crate::layout::without_gaps;
use crate::options::{self, options_struct};
use crate::status::eyot_status;

/// Names of options as C writes them: `login_url`.
pub const EYOT_SPELLING_SNAKE: u32 = 0;
/// Names of options as JavaScript writes them: `loginUrl`.
pub const EYOT_SPELLING_CAMEL: u32 = 1;
/// Names of options as Go writes them: `LoginURL`; what is on by default is turned off by `NoLoader`.
pub const EYOT_SPELLING_PASCAL: u32 = 2;

/// One island that pages may hold and that this server answers; those of others stand in the option `elsewhere`.
#[repr(C)]
#[derive(Debug, Clone, Copy)]
pub struct eyot_declaration {
    /// Its name.
    pub name: eyot_slice,
    /// A number of your own. Requests for the island carry it, so that your handler can be a `switch`.
    pub number: u32,
    /// 0.
    pub reserved: u32,
}

without_gaps!(eyot_declaration { name, number, reserved });

/// A configuration. Initialise with `EYOT_ISLANDS_OPTIONS_INIT`. The call copies everything.
#[repr(C)]
#[derive(Debug, Clone, Copy)]
pub struct eyot_islands_options {
    /// `sizeof(eyot_islands_options)`.
    pub size: u32,
    /// How the options' names are spelt, in errors too: `EYOT_SPELLING_…`; for a binding of another language.
    pub spelling: u32,
    /// The islands that pages may hold.
    pub islands: *const eyot_declaration,
    /// How many there are.
    pub islands_len: usize,
    /// The options, by name and value, such as `login_url` and `/login`, `ttl` and `10m`, `debug` and `true`. One that is a
    /// list stands here once for each of its texts, or once with an empty text for a list without any. `docs/options.md` has
    /// all of them.
    pub options: *const eyot_pair,
    /// How many there are.
    pub options_len: usize,
}

options_struct!(eyot_islands_options { spelling, islands, islands_len, options, options_len });

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
        let builder = Islands::builder(keyring.core().clone()).spelling(spelling(options.spelling)?);
        // SAFETY: as above.
        let (builder, numbers) = unsafe { declared(set(builder, &options)?, &options)? };
        out.write(boundary::give(eyot_islands { core: builder.build()?, numbers: Arc::new(numbers) }));
        Ok(())
    })
}

fn spelling(number: u32) -> Result<Spelling, Failure> {
    match number {
        EYOT_SPELLING_SNAKE => Ok(Spelling::Snake),
        EYOT_SPELLING_CAMEL => Ok(Spelling::Camel),
        EYOT_SPELLING_PASCAL => Ok(Spelling::Pascal),
        _ => Err(Failure::argument(format!("`options`: there is no spelling {number}: use one of EYOT_SPELLING_…"))),
    }
}

/// The options by name.
///
/// # Safety
/// The options' parts are readable.
unsafe fn set(builder: Builder, options: &eyot_islands_options) -> Result<Builder, Failure> {
    // SAFETY: by this function's contract.
    let given = unsafe { bytes::array(options.options, options.options_len, "options") }?;
    given.iter().try_fold(builder, |builder, one| {
        // SAFETY: as above.
        let (name, value) = unsafe { (one.name.text("options")?, one.value.text("options")?) };
        Ok(builder.set(name, &Value::Written(value))?)
    })
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
        options::check_reserved("islands", island.reserved)?;
        builder = builder.island(name);
        numbers.insert(name.into(), island.number);
    }
    Ok((builder, numbers))
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
