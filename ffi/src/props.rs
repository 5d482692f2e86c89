//! A writer of props, for callers without a JSON library: one object with plain members.

use std::collections::HashSet;

use eyot::props::append_string;

use crate::boundary::{self, Output};
use crate::bytes::{self, eyot_slice};
use crate::status::{Failure, eyot_error, eyot_status};

/// Props in the making.
///
/// Threads: belongs to one at a time.
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

/// Props without a member: `{}`. NULL only when memory has run out.
#[unsafe(no_mangle)]
pub extern "C" fn eyot_props_new() -> *mut eyot_props {
    boundary::value(std::ptr::null_mut(), || Some(boundary::give(eyot_props::new())))
}

/// Adds a text.
///
/// # Safety
/// `props` is NULL or live props that no other thread uses; `name` and `value` are readable for their lengths; `error` is
/// NULL or may be written to.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn eyot_props_string(
    props: *mut eyot_props,
    name: *const u8,
    name_len: usize,
    value: *const u8,
    value_len: usize,
    error: *mut *mut eyot_error,
) -> eyot_status {
    let body = || {
        // SAFETY: by this function's contract.
        let (value, props) = unsafe { (bytes::text(value, value_len, "value")?, member(props, name, name_len)?) };
        props.0.member(props.1, |json| append_string(value, json))
    };
    // SAFETY: by this function's contract.
    unsafe { boundary::fallible(error, body) }
}

/// Adds a whole number. JavaScript reads those beyond 2^53 inexactly; eyot and most other readers do not.
///
/// # Safety
/// `props` is NULL or live props that no other thread uses; `name` is readable for its length; `error` is NULL or may be
/// written to.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn eyot_props_integer(
    props: *mut eyot_props,
    name: *const u8,
    name_len: usize,
    value: i64,
    error: *mut *mut eyot_error,
) -> eyot_status {
    let body = || {
        // SAFETY: by this function's contract.
        let props = unsafe { member(props, name, name_len) }?;
        props.0.member(props.1, |json| json.extend_from_slice(value.to_string().as_bytes()))
    };
    // SAFETY: by this function's contract.
    unsafe { boundary::fallible(error, body) }
}

/// Adds a number; not NaN and not infinite, which JSON does not have.
///
/// # Safety
/// `props` is NULL or live props that no other thread uses; `name` is readable for its length; `error` is NULL or may be
/// written to.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn eyot_props_number(
    props: *mut eyot_props,
    name: *const u8,
    name_len: usize,
    value: f64,
    error: *mut *mut eyot_error,
) -> eyot_status {
    let body = || {
        // SAFETY: by this function's contract.
        let props = unsafe { member(props, name, name_len) }?;
        let Some(number) = serde_json::Number::from_f64(value) else {
            return Err(wrong(format!("{:?} is {value}, which JSON does not have: leave it out", props.1)));
        };
        props.0.member(props.1, |json| json.extend_from_slice(number.to_string().as_bytes()))
    };
    // SAFETY: by this function's contract.
    unsafe { boundary::fallible(error, body) }
}

/// Adds true or false.
///
/// # Safety
/// `props` is NULL or live props that no other thread uses; `name` is readable for its length; `error` is NULL or may be
/// written to.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn eyot_props_boolean(
    props: *mut eyot_props,
    name: *const u8,
    name_len: usize,
    value: bool,
    error: *mut *mut eyot_error,
) -> eyot_status {
    let body = || {
        // SAFETY: by this function's contract.
        let props = unsafe { member(props, name, name_len) }?;
        props.0.member(props.1, |json| json.extend_from_slice(if value { b"true" } else { b"false" }))
    };
    // SAFETY: by this function's contract.
    unsafe { boundary::fallible(error, body) }
}

/// Adds any JSON value, which is checked and stays as it is: an object, a list, null, a number with all its digits.
///
/// # Safety
/// `props` is NULL or live props that no other thread uses; `name` and `json` are readable for their lengths; `error` is
/// NULL or may be written to.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn eyot_props_json(
    props: *mut eyot_props,
    name: *const u8,
    name_len: usize,
    json: *const u8,
    json_len: usize,
    error: *mut *mut eyot_error,
) -> eyot_status {
    let body = || {
        // SAFETY: by this function's contract.
        let (value, props) = unsafe { (bytes::text(json, json_len, "json")?, member(props, name, name_len)?) };
        let checked: Result<&serde_json::value::RawValue, _> = serde_json::from_str(value);
        let checked = checked.map_err(|why| wrong(format!("{:?} is not one JSON value: {why}", props.1)))?;
        props.0.member(props.1, |json| json.extend_from_slice(checked.get().as_bytes()))
    };
    // SAFETY: by this function's contract.
    unsafe { boundary::fallible(error, body) }
}

/// The JSON written so far, always one complete object. Borrowed from the props until their next call.
///
/// # Safety
/// `props` is NULL or live props; `out` may be written to.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn eyot_props_bytes(props: *const eyot_props, out: *mut eyot_slice) -> eyot_status {
    boundary::checked(|| {
        // SAFETY: by this function's contract.
        let (props, out) = unsafe { (boundary::object(props, "props")?, Output::new(out, "out")?) };
        out.write(props.json.as_slice().into());
        Ok(())
    })
}

/// Frees props; NULL does nothing.
///
/// # Safety
/// `props` is NULL, or was handed out by a call and not freed yet.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn eyot_props_free(props: *mut eyot_props) {
    // SAFETY: by this function's contract.
    unsafe { boundary::release(props) }
}

/// The props that get a member, and its name.
///
/// # Safety
/// As the functions above.
unsafe fn member<'a>(
    props: *mut eyot_props,
    name: *const u8,
    name_len: usize,
) -> Result<(&'a mut eyot_props, &'a str), Failure> {
    // SAFETY: by this function's contract.
    unsafe { Ok((boundary::object_mut(props, "props")?, bytes::text(name, name_len, "name")?)) }
}
