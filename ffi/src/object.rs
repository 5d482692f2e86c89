//! A reader of props, slots and pages, for callers without a JSON library: one object with plain members.

use std::borrow::Cow;

use serde_json::value::RawValue;

use crate::boundary::{self, Output};
use crate::bytes::{self, eyot_slice};
use crate::status::{Failure, eyot_error, eyot_status};

/// What a member is.
#[repr(C)]
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum eyot_member_kind {
    /// There is no such member.
    EYOT_MEMBER_NONE = 0,
    /// `null`.
    EYOT_MEMBER_NULL = 1,
    /// `true` or `false`.
    EYOT_MEMBER_BOOLEAN = 2,
    /// A number.
    EYOT_MEMBER_NUMBER = 3,
    /// A text.
    EYOT_MEMBER_STRING = 4,
    /// A list.
    EYOT_MEMBER_LIST = 5,
    /// An object.
    EYOT_MEMBER_OBJECT = 6,
}

use eyot_member_kind as Kind;

/// A JSON object, read. Does not need the bytes that it was read from.
///
/// Threads: may be shared.
#[derive(Debug)]
pub struct eyot_object(Vec<Member>);

#[derive(Debug)]
struct Member {
    name: String,
    kind: Kind,
    /// As it stands.
    json: Box<RawValue>,
    /// A text's, without its escapes.
    text: String,
}

impl Member {
    fn new(name: String, json: Box<RawValue>) -> Result<Self, serde_json::Error> {
        let kind = match json.get().as_bytes().first() {
            Some(b'n') => Kind::EYOT_MEMBER_NULL,
            Some(b't' | b'f') => Kind::EYOT_MEMBER_BOOLEAN,
            Some(b'"') => Kind::EYOT_MEMBER_STRING,
            Some(b'[') => Kind::EYOT_MEMBER_LIST,
            Some(b'{') => Kind::EYOT_MEMBER_OBJECT,
            _ => Kind::EYOT_MEMBER_NUMBER,
        };
        let text = if kind == Kind::EYOT_MEMBER_STRING { serde_json::from_str(json.get())? } else { String::new() };
        Ok(Self { name, kind, json, text })
    }
}

/// A list of members in their order, doubles included.
struct Members(Vec<(String, Box<RawValue>)>);

impl<'de> serde::Deserialize<'de> for Members {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Visitor;
        impl<'de> serde::de::Visitor<'de> for Visitor {
            type Value = Members;

            fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<A: serde::de::MapAccess<'de>>(self, mut map: A) -> Result<Members, A::Error> {
                let mut members = Vec::new();
                while let Some(member) = map.next_entry()? {
                    members.push(member);
                }
                Ok(Members(members))
            }
        }
        deserializer.deserialize_map(Visitor)
    }
}

/// Reads an object: an island's props, slots or page. Nothing at all is an object without members. Of two members of one
/// name the last one counts.
///
/// # Safety
/// `json` is readable for `json_len` bytes; `out` may be written to; `error` is NULL or may be written to.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn eyot_object_parse(
    json: *const u8,
    json_len: usize,
    out: *mut *mut eyot_object,
    error: *mut *mut eyot_error,
) -> eyot_status {
    let body = || {
        // SAFETY: by this function's contract.
        let (out, json) = unsafe { (Output::new(out, "out")?, bytes::text(json, json_len, "json")?) };
        let json = if json.is_empty() { "{}" } else { json };
        let members = serde_json::from_str(json)
            .and_then(|Members(members)| members.into_iter().map(|(name, json)| Member::new(name, json)).collect());
        let wrong = |why| Failure::new(eyot_status::EYOT_PROPS, "props", format!("not one JSON object: {why}"));
        out.write(boundary::give(eyot_object(members.map_err(wrong)?)));
        Ok(())
    };
    // SAFETY: by this function's contract.
    unsafe { boundary::fallible(error, body) }
}

/// How many members there are; 0 for NULL.
///
/// # Safety
/// `object` is NULL or a live object.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn eyot_object_len(object: *const eyot_object) -> usize {
    boundary::value(0, || {
        // SAFETY: by this function's contract.
        unsafe { object.as_ref() }.map(|object| object.0.len())
    })
}

/// The name of the member at `index`, from 0; `EYOT_NOT_FOUND` beyond the last. Borrowed from the object.
///
/// # Safety
/// `object` is NULL or a live object; `out` may be written to.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn eyot_object_name(
    object: *const eyot_object,
    index: usize,
    out: *mut eyot_slice,
) -> eyot_status {
    boundary::checked(|| {
        // SAFETY: by this function's contract.
        let (object, out) = unsafe { (boundary::object(object, "object")?, Output::new(out, "out")?) };
        let member = object.0.get(index).ok_or_else(|| Failure::not_found("the object has fewer members"))?;
        out.write(member.name.as_str().into());
        Ok(())
    })
}

/// What the member `name` is; `EYOT_MEMBER_NONE` when there is none, and for NULL.
///
/// # Safety
/// `object` is NULL or a live object; `name` is readable for `name_len` bytes.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn eyot_object_kind(
    object: *const eyot_object,
    name: *const u8,
    name_len: usize,
) -> eyot_member_kind {
    boundary::value(Kind::EYOT_MEMBER_NONE, || {
        // SAFETY: by this function's contract.
        unsafe { find(object, name, name_len) }.ok().map(|(_, member)| member.kind)
    })
}

/// The member `name` as a text, without its escapes: NULs may stand in it. Borrowed from the object. `EYOT_NOT_FOUND`,
/// `EYOT_PROPS_TYPE`.
///
/// # Safety
/// `object` is NULL or a live object; `name` is readable for `name_len` bytes; `out` may be written to; `error` is NULL
/// or may be written to.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn eyot_object_string(
    object: *const eyot_object,
    name: *const u8,
    name_len: usize,
    out: *mut eyot_slice,
    error: *mut *mut eyot_error,
) -> eyot_status {
    let body = || {
        // SAFETY: by this function's contract.
        let (out, member) = unsafe { (Output::new(out, "out")?, find(object, name, name_len)?) };
        expect(&member, Kind::EYOT_MEMBER_STRING, "a text")?;
        out.write(member.1.text.as_str().into());
        Ok(())
    };
    // SAFETY: by this function's contract.
    unsafe { boundary::fallible(error, body) }
}

/// The member `name` as a whole number. `EYOT_NOT_FOUND`; `EYOT_PROPS_TYPE` for anything else, `1.0` and numbers beyond
/// 64 bits included.
///
/// # Safety
/// As `eyot_object_string`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn eyot_object_integer(
    object: *const eyot_object,
    name: *const u8,
    name_len: usize,
    out: *mut i64,
    error: *mut *mut eyot_error,
) -> eyot_status {
    let body = || {
        // SAFETY: by this function's contract.
        let (out, member) = unsafe { (Output::new(out, "out")?, find(object, name, name_len)?) };
        expect(&member, Kind::EYOT_MEMBER_NUMBER, "a whole number")?;
        let number = member.1.json.get().parse();
        out.write(number.map_err(|_| mismatch(member.0, "a whole number of 64 bits"))?);
        Ok(())
    };
    // SAFETY: by this function's contract.
    unsafe { boundary::fallible(error, body) }
}

/// The member `name` as a number, rounded to the nearest that a double has. `EYOT_NOT_FOUND`, `EYOT_PROPS_TYPE`.
///
/// # Safety
/// As `eyot_object_string`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn eyot_object_number(
    object: *const eyot_object,
    name: *const u8,
    name_len: usize,
    out: *mut f64,
    error: *mut *mut eyot_error,
) -> eyot_status {
    let body = || {
        // SAFETY: by this function's contract.
        let (out, member) = unsafe { (Output::new(out, "out")?, find(object, name, name_len)?) };
        expect(&member, Kind::EYOT_MEMBER_NUMBER, "a number")?;
        let number = member.1.json.get().parse().ok().filter(|number: &f64| number.is_finite());
        out.write(number.ok_or_else(|| mismatch(member.0, "a number that a double can hold"))?);
        Ok(())
    };
    // SAFETY: by this function's contract.
    unsafe { boundary::fallible(error, body) }
}

/// The member `name` as true or false. `EYOT_NOT_FOUND`, `EYOT_PROPS_TYPE`.
///
/// # Safety
/// As `eyot_object_string`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn eyot_object_boolean(
    object: *const eyot_object,
    name: *const u8,
    name_len: usize,
    out: *mut bool,
    error: *mut *mut eyot_error,
) -> eyot_status {
    let body = || {
        // SAFETY: by this function's contract.
        let (out, member) = unsafe { (Output::new(out, "out")?, find(object, name, name_len)?) };
        expect(&member, Kind::EYOT_MEMBER_BOOLEAN, "true or false")?;
        out.write(member.1.json.get() == "true");
        Ok(())
    };
    // SAFETY: by this function's contract.
    unsafe { boundary::fallible(error, body) }
}

/// The member `name` as it stands: any JSON value. Borrowed from the object. `EYOT_NOT_FOUND`.
///
/// # Safety
/// As `eyot_object_string`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn eyot_object_json(
    object: *const eyot_object,
    name: *const u8,
    name_len: usize,
    out: *mut eyot_slice,
    error: *mut *mut eyot_error,
) -> eyot_status {
    let body = || {
        // SAFETY: by this function's contract.
        let (out, member) = unsafe { (Output::new(out, "out")?, find(object, name, name_len)?) };
        out.write(member.1.json.get().into());
        Ok(())
    };
    // SAFETY: by this function's contract.
    unsafe { boundary::fallible(error, body) }
}

/// Frees an object; NULL does nothing.
///
/// # Safety
/// `object` is NULL, or was handed out by a call and not freed yet.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn eyot_object_free(object: *mut eyot_object) {
    // SAFETY: by this function's contract.
    unsafe { boundary::release(object) }
}

/// The member of this name: its last one.
///
/// # Safety
/// `object` is NULL or a live object; `name` is readable for `name_len` bytes.
unsafe fn find<'a>(
    object: *const eyot_object,
    name: *const u8,
    name_len: usize,
) -> Result<(&'a str, &'a Member), Failure> {
    // SAFETY: by this function's contract.
    let (object, name) = unsafe { (boundary::object(object, "object")?, bytes::text(name, name_len, "name")?) };
    let member = object.0.iter().rfind(|member| member.name == name);
    let missing = || Failure::new(eyot_status::EYOT_NOT_FOUND, "not-found", format!("there is no member {name:?}"));
    member.map(|member| (name, member)).ok_or_else(missing)
}

fn expect((name, member): &(&str, &Member), kind: Kind, expected: &'static str) -> Result<(), Failure> {
    if member.kind == kind { Ok(()) } else { Err(mismatch(name, expected)) }
}

fn mismatch(name: &str, expected: &'static str) -> Failure {
    let message: Cow<'static, str> = format!("{name:?} is not {expected}").into();
    Failure::new(eyot_status::EYOT_PROPS_TYPE, "props-type", message)
}
