//! Strings and buffers of Node-API: read in one pass, written once. The only file with `unsafe` code.
#![allow(unsafe_code, reason = "Node-API is C; each block says why it holds")]

use std::ffi::c_char;
use std::ops::Deref;
use std::ptr;

use napi::bindgen_prelude::{FromNapiValue, ToNapiValue, TypeName, ValidateNapiValue, ValueType};
use napi::{Env, Error, Result, Status, check_status, sys};

/// Bytes that a string is expected to fit in, so that it is read in one pass instead of measured first.
const ROOM: usize = 1024;

/// Node-API's readers of strings: UTF-8 or Latin-1.
type Reader = unsafe fn(sys::napi_env, sys::napi_value, *mut c_char, usize, *mut usize) -> sys::napi_status;

/// A string as UTF-8; a lone surrogate has become U+FFFD.
#[derive(Debug, Default)]
pub(crate) struct Text(String);

/// A string of which each character is one byte, as Node has header values and request targets.
#[derive(Debug, Default)]
pub(crate) struct Latin1(Vec<u8>);

/// Text that goes out: ASCII, as placeholders are, costs V8 no decoding.
#[derive(Debug)]
pub(crate) struct Written(pub Vec<u8>);

/// A `Buffer` that was made during this call.
#[derive(Debug)]
pub(crate) struct Bytes(sys::napi_value);

impl Deref for Text {
    type Target = str;

    fn deref(&self) -> &str {
        &self.0
    }
}

impl Deref for Latin1 {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        &self.0
    }
}

impl Bytes {
    /// `segments`, which come to `len` bytes, as one buffer of V8's own memory.
    pub(crate) fn joined<'s>(env: &Env, len: usize, segments: impl Iterator<Item = &'s [u8]>) -> Result<Self> {
        let (mut data, mut value) = (ptr::null_mut(), ptr::null_mut());
        // SAFETY: `env` is that of the running call; both out-parameters are ours.
        let status = unsafe { sys::napi_create_buffer(env.raw(), len, &mut data, &mut value) };
        check_status!(status, "a buffer of {len} bytes could not be made")?;
        let mut to = data.cast::<u8>();
        let mut left = len;
        for segment in segments {
            left = left.checked_sub(segment.len()).ok_or_else(|| wrong("a shell is longer than it said"))?;
            // SAFETY: the buffer has `len` bytes, of which `left` and these are not written yet; nothing else knows it.
            unsafe {
                ptr::copy_nonoverlapping(segment.as_ptr(), to, segment.len());
                to = to.add(segment.len());
            }
        }
        // Memory of V8 may hold what was there before.
        if left == 0 { Ok(Self(value)) } else { Err(wrong("a shell is shorter than it said")) }
    }

    /// A copy of `bytes`.
    pub(crate) fn copied(env: &Env, bytes: &[u8]) -> Result<Self> {
        Self::joined(env, bytes.len(), std::iter::once(bytes))
    }
}

fn wrong(what: &str) -> Error {
    Error::new(Status::GenericFailure, what)
}

/// Reads a string in one pass if it is short, else with its length asked for first.
fn read(env: sys::napi_env, value: sys::napi_value, widest: usize, reader: Reader) -> Result<Vec<u8>> {
    let mut bytes = Vec::<u8>::with_capacity(ROOM);
    let mut len = read_into(env, value, reader, &mut bytes)?;
    // A string that does not fit is cut before a character.
    if len + 1 + widest > ROOM {
        // SAFETY: without a buffer the length alone is asked for.
        check_status!(unsafe { reader(env, value, ptr::null_mut(), 0, &mut len) })?;
        bytes = Vec::with_capacity(len + 1);
        read_into(env, value, reader, &mut bytes)?;
    }
    Ok(bytes)
}

fn read_into(env: sys::napi_env, value: sys::napi_value, reader: Reader, bytes: &mut Vec<u8>) -> Result<usize> {
    let mut len = 0;
    // SAFETY: the buffer has the capacity that is told; its last byte is for the NUL that the reader appends.
    let status = unsafe { reader(env, value, bytes.as_mut_ptr().cast(), bytes.capacity(), &mut len) };
    check_status!(status, "a string was expected")?;
    // SAFETY: the reader has written `len` bytes, fewer than the capacity.
    unsafe { bytes.set_len(len) };
    Ok(len)
}

macro_rules! is_string {
    ($type:ty) => {
        impl TypeName for $type {
            fn type_name() -> &'static str {
                "string"
            }

            fn value_type() -> ValueType {
                ValueType::String
            }
        }

        impl ValidateNapiValue for $type {}
    };
}

is_string!(Text);
is_string!(Latin1);
is_string!(Written);

impl FromNapiValue for Text {
    unsafe fn from_napi_value(env: sys::napi_env, value: sys::napi_value) -> Result<Self> {
        let bytes = read(env, value, 4, sys::napi_get_value_string_utf8)?;
        String::from_utf8(bytes).map(Self).map_err(|_| wrong("a string is not UTF-8"))
    }
}

impl FromNapiValue for Latin1 {
    unsafe fn from_napi_value(env: sys::napi_env, value: sys::napi_value) -> Result<Self> {
        read(env, value, 1, sys::napi_get_value_string_latin1).map(Self)
    }
}

impl ToNapiValue for Written {
    unsafe fn to_napi_value(env: sys::napi_env, written: Self) -> Result<sys::napi_value> {
        let Self(bytes) = written;
        let mut value = ptr::null_mut();
        let make = if bytes.is_ascii() { sys::napi_create_string_latin1 } else { sys::napi_create_string_utf8 };
        let len = isize::try_from(bytes.len()).map_err(|_| wrong("a text is too long"))?;
        // SAFETY: the bytes are copied during the call.
        check_status!(unsafe { make(env, bytes.as_ptr().cast(), len, &mut value) }, "a text is too long")?;
        Ok(value)
    }
}

impl TypeName for Bytes {
    fn type_name() -> &'static str {
        "Buffer"
    }

    fn value_type() -> ValueType {
        ValueType::Object
    }
}

impl ToNapiValue for Bytes {
    unsafe fn to_napi_value(_: sys::napi_env, bytes: Self) -> Result<sys::napi_value> {
        Ok(bytes.0)
    }
}
