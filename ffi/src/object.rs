//! A reader of props, slots and pages, for callers without a JSON library: one object with plain members.

use std::ffi::c_void;
use std::mem::MaybeUninit;

use serde_json::value::RawValue;

use crate::boundary::{self, given};
use crate::bytes::{self, eyot_slice};
use crate::failure::{Failure, eyot_error};
use crate::status::eyot_status;

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

/// A JSON object that has been read. You may free the bytes that it was read from.
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

/// Reads an object: an island's props, slots or page. An empty text is an object without members. If two members have
/// the same name, the last one counts.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn eyot_object_parse(
    json: *const c_void,
    json_len: usize,
    out: Option<&mut MaybeUninit<Option<Box<eyot_object>>>>,
    error: Option<&mut MaybeUninit<Option<Box<eyot_error>>>>,
) -> eyot_status {
    boundary::fallible(error, || {
        let out = given(out, "out")?;
        // SAFETY: C keeps the contract.
        let json = unsafe { bytes::text(json, json_len, "json") }?;
        let json = if json.is_empty() { "{}" } else { json };
        let members = serde_json::from_str(json)
            .and_then(|Members(members)| members.into_iter().map(|(name, json)| Member::new(name, json)).collect());
        let wrong = |why| Failure::new(eyot_status::EYOT_PROPS, "props", format!("not one JSON object: {why}"));
        out.write(boundary::give(eyot_object(members.map_err(wrong)?)));
        Ok(())
    })
}

/// How many members there are; 0 for NULL.
#[unsafe(no_mangle)]
pub extern "C" fn eyot_object_len(object: Option<&eyot_object>) -> usize {
    boundary::value(0, || object.map(|object| object.0.len()))
}

/// The name of the member at `index`, from 0; `EYOT_NOT_FOUND` beyond the last. Borrowed from the object.
#[unsafe(no_mangle)]
pub extern "C" fn eyot_object_name(
    object: Option<&eyot_object>,
    index: usize,
    out: Option<&mut MaybeUninit<eyot_slice>>,
) -> eyot_status {
    boundary::checked(|| {
        let (object, out) = (given(object, "object")?, given(out, "out")?);
        let member = object.0.get(index).ok_or_else(|| Failure::not_found("the object has fewer members"))?;
        out.write(member.name.as_str().into());
        Ok(())
    })
}

/// What the member `name` is; `EYOT_MEMBER_NONE` if there is none, and for NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn eyot_object_kind(
    object: Option<&eyot_object>,
    name: *const c_void,
    name_len: usize,
) -> eyot_member_kind {
    boundary::value(Kind::EYOT_MEMBER_NONE, || {
        // SAFETY: by this function's contract.
        unsafe { find(object, name, name_len) }.ok().map(|member| member.kind)
    })
}

/// The member `name` as a text, without its escapes. It may contain NULs. Borrowed from the object. `EYOT_NOT_FOUND`,
/// `EYOT_PROPS_TYPE`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn eyot_object_string(
    object: Option<&eyot_object>,
    name: *const c_void,
    name_len: usize,
    out: Option<&mut MaybeUninit<eyot_slice>>,
    error: Option<&mut MaybeUninit<Option<Box<eyot_error>>>>,
) -> eyot_status {
    boundary::fallible(error, || {
        let out = given(out, "out")?;
        // SAFETY: C keeps the contract.
        let member = unsafe { find(object, name, name_len) }?;
        member.json_of(Kind::EYOT_MEMBER_STRING, "a text")?;
        out.write(member.text.as_str().into());
        Ok(())
    })
}

/// The member `name` as a whole number. `EYOT_NOT_FOUND`; `EYOT_PROPS_TYPE` for anything else, `1.0` and numbers beyond
/// 64 bits included.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn eyot_object_integer(
    object: Option<&eyot_object>,
    name: *const c_void,
    name_len: usize,
    out: Option<&mut MaybeUninit<i64>>,
    error: Option<&mut MaybeUninit<Option<Box<eyot_error>>>>,
) -> eyot_status {
    boundary::fallible(error, || {
        let out = given(out, "out")?;
        // SAFETY: C keeps the contract.
        let member = unsafe { find(object, name, name_len) }?;
        let number = member.json_of(Kind::EYOT_MEMBER_NUMBER, "a whole number")?.parse();
        out.write(number.map_err(|_| member.mismatch("a whole number of 64 bits"))?);
        Ok(())
    })
}

/// The member `name` as a number, rounded to the nearest double. `EYOT_NOT_FOUND`, `EYOT_PROPS_TYPE`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn eyot_object_number(
    object: Option<&eyot_object>,
    name: *const c_void,
    name_len: usize,
    out: Option<&mut MaybeUninit<f64>>,
    error: Option<&mut MaybeUninit<Option<Box<eyot_error>>>>,
) -> eyot_status {
    boundary::fallible(error, || {
        let out = given(out, "out")?;
        // SAFETY: C keeps the contract.
        let member = unsafe { find(object, name, name_len) }?;
        let number: Option<f64> = member.json_of(Kind::EYOT_MEMBER_NUMBER, "a number")?.parse().ok();
        let number = number.filter(|number| number.is_finite());
        out.write(number.ok_or_else(|| member.mismatch("a number that a double can hold"))?);
        Ok(())
    })
}

/// The member `name` as true or false. `EYOT_NOT_FOUND`, `EYOT_PROPS_TYPE`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn eyot_object_boolean(
    object: Option<&eyot_object>,
    name: *const c_void,
    name_len: usize,
    out: Option<&mut MaybeUninit<bool>>,
    error: Option<&mut MaybeUninit<Option<Box<eyot_error>>>>,
) -> eyot_status {
    boundary::fallible(error, || {
        let out = given(out, "out")?;
        // SAFETY: C keeps the contract.
        let member = unsafe { find(object, name, name_len) }?;
        out.write(member.json_of(Kind::EYOT_MEMBER_BOOLEAN, "true or false")? == "true");
        Ok(())
    })
}

/// The member `name` as it is in the JSON: any value. Borrowed from the object. `EYOT_NOT_FOUND`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn eyot_object_json(
    object: Option<&eyot_object>,
    name: *const c_void,
    name_len: usize,
    out: Option<&mut MaybeUninit<eyot_slice>>,
    error: Option<&mut MaybeUninit<Option<Box<eyot_error>>>>,
) -> eyot_status {
    boundary::fallible(error, || {
        let out = given(out, "out")?;
        // SAFETY: C keeps the contract.
        let member = unsafe { find(object, name, name_len) }?;
        out.write(member.json.get().into());
        Ok(())
    })
}

/// Frees an object; NULL does nothing.
#[unsafe(no_mangle)]
pub extern "C" fn eyot_object_free(object: Option<Box<eyot_object>>) {
    boundary::release(object)
}

/// The member of this name: its last one.
///
/// # Safety
/// `name` is readable for `name_len` bytes.
unsafe fn find(object: Option<&eyot_object>, name: *const c_void, name_len: usize) -> Result<&Member, Failure> {
    let object = given(object, "object")?;
    // SAFETY: by this function's contract.
    let name = unsafe { bytes::text(name, name_len, "name") }?;
    let missing = || Failure::new(eyot_status::EYOT_NOT_FOUND, "not-found", format!("there is no member {name:?}"));
    // From the end, so that the last of two members counts, as in most readers of JSON. Props have few members: a map
    // would cost more than it saves.
    object.0.iter().rfind(|member| member.name == name).ok_or_else(missing)
}

impl Member {
    /// The JSON of a member of this kind.
    fn json_of(&self, kind: Kind, expected: &'static str) -> Result<&str, Failure> {
        if self.kind == kind { Ok(self.json.get()) } else { Err(self.mismatch(expected)) }
    }

    fn mismatch(&self, expected: &'static str) -> Failure {
        Failure::new(eyot_status::EYOT_PROPS_TYPE, "props-type", format!("{:?} is not {expected}", self.name))
    }
}
