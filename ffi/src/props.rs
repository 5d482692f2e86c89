//! A writer of props, for callers without a JSON library: one object with plain members.

use std::collections::HashSet;
use std::ffi::c_void;
use std::mem::MaybeUninit;

use eyot::props::append_string;

use crate::boundary::{self, given};
use crate::bytes::{self, eyot_slice};
use crate::failure::{Failure, eyot_error};
use crate::status::eyot_status;

/// Props that you write member by member.
///
/// Threads: one at a time.
#[derive(Debug)]
pub struct eyot_props {
    /// Always one complete object.
    json: Vec<u8>,
    names: HashSet<Box<str>>,
}

impl eyot_props {
    fn new() -> Self {
        Self { json: b"{}".to_vec(), names: HashSet::new() }
    }

    /// Appends a member whose value `write` writes.
    fn member(&mut self, name: &str, write: impl FnOnce(&mut Vec<u8>)) -> Result<(), Failure> {
        if !self.names.insert(name.into()) {
            return Err(wrong(format!("{name:?} stands twice")));
        }
        // The object is complete after each member: reading it needs no call that ends it.
        self.json.pop();
        if self.json.len() > 1 {
            self.json.push(b',');
        }
        append_string(name, &mut self.json);
        self.json.push(b':');
        write(&mut self.json);
        self.json.push(b'}');
        Ok(())
    }
}

fn wrong(message: String) -> Failure {
    Failure::new(eyot_status::EYOT_PROPS, "props", message)
}

/// Makes props without a member: `{}`.
#[unsafe(no_mangle)]
pub extern "C" fn eyot_props_new() -> Option<Box<eyot_props>> {
    boundary::value(None, || Some(boundary::give(eyot_props::new())))
}

/// Adds a text.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn eyot_props_string(
    props: Option<&mut eyot_props>,
    name: *const c_void,
    name_len: usize,
    value: *const c_void,
    value_len: usize,
    error: Option<&mut MaybeUninit<Option<Box<eyot_error>>>>,
) -> eyot_status {
    boundary::fallible(error, || {
        // SAFETY: C keeps the contract.
        let (name, value) = unsafe { (bytes::text(name, name_len, "name")?, bytes::text(value, value_len, "value")?) };
        given(props, "props")?.member(name, |json| append_string(value, json))
    })
}

/// Adds a whole number. JavaScript rounds numbers beyond 2^53; eyot and most other readers do not.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn eyot_props_integer(
    props: Option<&mut eyot_props>,
    name: *const c_void,
    name_len: usize,
    value: i64,
    error: Option<&mut MaybeUninit<Option<Box<eyot_error>>>>,
) -> eyot_status {
    boundary::fallible(error, || {
        // SAFETY: C keeps the contract.
        let name = unsafe { bytes::text(name, name_len, "name") }?;
        given(props, "props")?.member(name, |json| json.extend_from_slice(value.to_string().as_bytes()))
    })
}

/// Adds a number; not NaN and not infinite, which JSON does not have.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn eyot_props_number(
    props: Option<&mut eyot_props>,
    name: *const c_void,
    name_len: usize,
    value: f64,
    error: Option<&mut MaybeUninit<Option<Box<eyot_error>>>>,
) -> eyot_status {
    boundary::fallible(error, || {
        // SAFETY: C keeps the contract.
        let name = unsafe { bytes::text(name, name_len, "name") }?;
        let Some(number) = serde_json::Number::from_f64(value) else {
            return Err(wrong(format!("{:?} is {value}, which JSON does not have: leave it out", name)));
        };
        given(props, "props")?.member(name, |json| json.extend_from_slice(number.to_string().as_bytes()))
    })
}

/// Adds true or false.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn eyot_props_boolean(
    props: Option<&mut eyot_props>,
    name: *const c_void,
    name_len: usize,
    value: bool,
    error: Option<&mut MaybeUninit<Option<Box<eyot_error>>>>,
) -> eyot_status {
    boundary::fallible(error, || {
        // SAFETY: C keeps the contract.
        let name = unsafe { bytes::text(name, name_len, "name") }?;
        given(props, "props")?.member(name, |json| json.extend_from_slice(if value { b"true" } else { b"false" }))
    })
}

/// Adds any JSON value: an object, a list, null, a number with all its digits. It is checked, and added as it is.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn eyot_props_json(
    props: Option<&mut eyot_props>,
    name: *const c_void,
    name_len: usize,
    json: *const c_void,
    json_len: usize,
    error: Option<&mut MaybeUninit<Option<Box<eyot_error>>>>,
) -> eyot_status {
    boundary::fallible(error, || {
        // SAFETY: C keeps the contract.
        let (name, value) = unsafe { (bytes::text(name, name_len, "name")?, bytes::text(json, json_len, "json")?) };
        // Raw, because a parsed number would lose digits.
        let checked: Result<&serde_json::value::RawValue, _> = serde_json::from_str(value);
        let checked = checked.map_err(|why| wrong(format!("{:?} is not one JSON value: {why}", name)))?;
        given(props, "props")?.member(name, |json| json.extend_from_slice(checked.get().as_bytes()))
    })
}

/// The JSON so far, which is always one complete object. Borrowed from the props until their next call.
#[unsafe(no_mangle)]
pub extern "C" fn eyot_props_bytes(
    props: Option<&eyot_props>,
    out: Option<&mut MaybeUninit<eyot_slice>>,
) -> eyot_status {
    boundary::checked(|| {
        let (props, out) = (given(props, "props")?, given(out, "out")?);
        out.write(props.json.as_slice().into());
        Ok(())
    })
}

/// Frees props; NULL does nothing.
#[unsafe(no_mangle)]
pub extern "C" fn eyot_props_free(props: Option<Box<eyot_props>>) {
    boundary::release(props)
}
