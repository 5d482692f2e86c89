//! Headers as one string: a name and a value in a line each. Neither can hold a line break; that none does is checked.

use eyot::Mount;
use eyot::http::{Edit, Field, Head, Refusal};

use crate::errors::{Result, raise_as};

/// Calls `f` with core's form of `text`, which holds `count` headers.
pub(crate) fn with<R>(text: &[u8], count: u32, f: impl FnOnce(&[Field<'_>]) -> R) -> Result<R> {
    let mut lines = text.split(|&byte| byte == b'\n');
    let mut fields = Vec::with_capacity(count as usize);
    for _ in 0..count {
        let (Some(name), Some(value)) = (lines.next(), lines.next()) else { return Err(torn()) };
        // A name that is not ASCII is no header's; core knows none like it.
        fields.push((std::str::from_utf8(name).unwrap_or(""), value));
    }
    // Every line ends with a break, so one empty rest follows the last.
    if lines.next() != Some(b"".as_slice()) || lines.next().is_some() {
        return Err(torn());
    }
    Ok(f(&fields))
}

fn torn() -> napi::Error<String> {
    raise_as("config", "headers", "a header's name or value holds a line break")
}

/// Changes to headers, a line each for what to do (`=` or `-`) with the name, and for the value.
pub(crate) fn edits(edits: &[Edit]) -> Vec<u8> {
    let mut out = Vec::with_capacity(edits.len() * 48);
    for edit in edits {
        let (mark, name, value) = match edit {
            Edit::Set(name, value) => (b'=', *name, &**value),
            Edit::Remove(name) => (b'-', &**name, ""),
        };
        out.push(mark);
        line(name, &mut out);
        line(value, &mut out);
    }
    out
}

/// Headers of a whole answer.
pub(crate) fn lines<'a>(headers: impl IntoIterator<Item = (&'a str, &'a str)>) -> Vec<u8> {
    let mut out = Vec::with_capacity(256);
    for (name, value) in headers {
        line(name, &mut out);
        line(value, &mut out);
    }
    out
}

fn line(text: &str, out: &mut Vec<u8>) {
    out.extend_from_slice(text.as_bytes());
    out.push(b'\n');
}

/// Calls `f` with a request's head in core's form, or with the refusal of its mount point.
pub(crate) fn with_head<R>(
    method: &str,
    target: &[u8],
    mount: &str,
    (lines, count): (&[u8], u32),
    f: impl FnOnce(std::result::Result<&Head<'_>, Refusal>) -> R,
) -> Result<R> {
    with(lines, count, |headers| match Mount::new(mount) {
        Ok(mount) => f(Ok(&Head::new(method, target).with_mount(mount).with_headers(headers))),
        Err(_) => f(Err(Refusal::mount(method))),
    })
}
