//! Placeholders that templates write.

use std::mem::MaybeUninit;

use eyot::placeholder::Placeholder;
use eyot::{Context, IslandName, Islands, Options, Props, Slots};

use crate::boundary::{self, given};
use crate::buffer::eyot_buffer;
use crate::bytes::{self, eyot_pair, eyot_slice};
use crate::context::{self, eyot_context};
use crate::failure::{Failure, eyot_error};
use crate::islands::eyot_islands;
use crate::options::{self, options_struct};
use crate::status::eyot_status;

/// The placeholder has an error slot although `error` is empty, so that a failing island leaves nothing.
pub const EYOT_PLACEHOLDER_EMPTY_ERROR: u32 = 1;

/// An island that a template writes by a call. Initialise with `EYOT_PLACEHOLDER_INIT`.
#[repr(C)]
#[derive(Debug, Clone, Copy)]
pub struct eyot_placeholder {
    /// `sizeof(eyot_placeholder)`.
    pub size: u32,
    /// `EYOT_PLACEHOLDER_EMPTY_ERROR`.
    pub flags: u32,
    /// The island's name.
    pub name: eyot_slice,
    /// One UTF-8 JSON object; empty for no props. `eyot_props` writes one.
    pub props: eyot_slice,
    /// HTML shown until the island is there.
    pub fallback: eyot_slice,
    /// HTML shown if it cannot be loaded; if this is empty, the fallback stays.
    pub error: eyot_slice,
    /// Slots that are sealed into the token: names and HTML.
    pub slots: *const eyot_pair,
    /// How many there are.
    pub slots_len: usize,
    /// Options by their names without `server:`, such as `when` and `idle`; a flag's value is empty.
    pub options: *const eyot_pair,
    /// How many there are.
    pub options_len: usize,
}

options_struct!(eyot_placeholder { flags, name, props, fallback, error, slots, slots_len, options, options_len });

/// Writes a placeholder, as a split writes it for the same island in a page.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn eyot_islands_placeholder(
    islands: Option<&eyot_islands>,
    placeholder: *const eyot_placeholder,
    context: *const eyot_context,
    out: Option<&mut MaybeUninit<eyot_buffer>>,
    error: Option<&mut MaybeUninit<Option<Box<eyot_error>>>>,
) -> eyot_status {
    boundary::fallible(error, || {
        // SAFETY: C keeps the contract.
        unsafe { written(islands, placeholder, context, out, Islands::placeholder) }
    })
}

/// Writes a placeholder's attributes, for an element that your template writes. They start with a space. The
/// fallback and the error slot are ignored: they are your template's as well.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn eyot_islands_attributes(
    islands: Option<&eyot_islands>,
    placeholder: *const eyot_placeholder,
    context: *const eyot_context,
    out: Option<&mut MaybeUninit<eyot_buffer>>,
    error: Option<&mut MaybeUninit<Option<Box<eyot_error>>>>,
) -> eyot_status {
    boundary::fallible(error, || {
        // SAFETY: C keeps the contract.
        unsafe { written(islands, placeholder, context, out, Islands::attributes) }
    })
}

/// Writes an island's URL, not escaped, for libraries that fetch fragments themselves. The fallback and the error slot
/// are ignored.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn eyot_islands_url(
    islands: Option<&eyot_islands>,
    placeholder: *const eyot_placeholder,
    context: *const eyot_context,
    out: Option<&mut MaybeUninit<eyot_buffer>>,
    error: Option<&mut MaybeUninit<Option<Box<eyot_error>>>>,
) -> eyot_status {
    boundary::fallible(error, || {
        // SAFETY: C keeps the contract.
        unsafe { written(islands, placeholder, context, out, Islands::url) }
    })
}

/// An `eyot_placeholder`, read.
struct Parts<'a> {
    name: &'a str,
    props: Props<'a>,
    fallback: &'a [u8],
    error: Option<&'a [u8]>,
    sealed: Vec<(&'a str, &'a str)>,
    options: Options<'a>,
    /// About as many bytes as their placeholder has.
    len: usize,
}

impl Parts<'_> {
    fn placeholder(&self) -> Placeholder<'_> {
        let slots = Slots::with_fallback(self.fallback).with_error(self.error).with_sealed(&self.sealed);
        Placeholder::new(self.name).with_props(self.props).with_slots(slots).with_options(self.options)
    }
}

/// Reads a placeholder's parts.
///
/// # Safety
/// `placeholder` is as the contract says, while `'a` lasts.
unsafe fn read<'a>(placeholder: *const eyot_placeholder) -> Result<Parts<'a>, Failure> {
    // SAFETY: by this function's contract.
    let given = unsafe { options::read(placeholder, "placeholder") }?;
    options::check_flags("placeholder", given.flags, EYOT_PLACEHOLDER_EMPTY_ERROR)?;
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
    let len = 256 + fallback.len() + props.len() * 2;
    let error = (!error.is_empty() || given.flags != 0).then_some(error);
    Ok(Parts {
        name,
        props: checked_props(name, props)?,
        fallback,
        error,
        sealed,
        options: read_options(&options)?,
        len,
    })
}

/// Hands out what `write` makes of a placeholder.
///
/// # Safety
/// `placeholder` and `context` are as the contract says.
unsafe fn written(
    islands: Option<&eyot_islands>,
    placeholder: *const eyot_placeholder,
    context: *const eyot_context,
    out: Option<&mut MaybeUninit<eyot_buffer>>,
    write: impl FnOnce(&Islands, &Placeholder<'_>, &Context<'_>, &mut Vec<u8>) -> Result<(), eyot::Error>,
) -> Result<(), Failure> {
    // SAFETY: by this function's contract.
    let (parts, context) = unsafe { (read(placeholder)?, context::read(context)?) };
    let (islands, out) = (given(islands, "islands")?, given(out, "out")?);
    let mut html = Vec::with_capacity(parts.len);
    write(islands.core(), &parts.placeholder(), &context.core(), &mut html)?;
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
