//! Headers as Python web servers have them: pairs of `str` in which each character is one byte (PEP 3333).

use eyot::Mount;
use eyot::http::{Edit, Head, Refusal};
use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;
use pyo3::types::PyList;

/// Headers in the order they came, names as written.
#[derive(FromPyObject)]
pub(crate) struct Headers(Vec<(String, String)>);

impl Headers {
    /// Calls `f` with the headers in core's form.
    pub(crate) fn with<R>(&self, f: impl FnOnce(&[eyot::http::Field<'_>]) -> R) -> PyResult<R> {
        let values = self.0.iter().map(|(_, value)| latin1(value)).collect::<PyResult<Vec<_>>>()?;
        let fields: Vec<_> =
            self.0.iter().zip(&values).map(|((name, _), value)| (name.as_str(), value.as_slice())).collect();
        Ok(f(&fields))
    }

    /// The body's length, where it is told.
    pub(crate) fn length(&self) -> Option<u64> {
        let told = self.0.iter().find(|(name, _)| name.eq_ignore_ascii_case("content-length"));
        told.and_then(|(_, value)| value.trim().parse().ok())
    }

    /// The headers after `edits`, those that stay untouched.
    pub(crate) fn edited<'py>(&self, py: Python<'py>, edits: &[Edit]) -> PyResult<Bound<'py, PyList>> {
        let fields: Vec<_> = self.0.iter().map(|(name, value)| (name.as_str(), value.as_bytes())).collect();
        let edited = eyot::http::edited(&fields, edits).into_iter();
        let text = |value| std::str::from_utf8(value).expect("the bytes of a text, of a header's or an edit's");
        let headers: Vec<(&str, &str)> = edited.map(|(name, value)| (name, text(value))).collect();
        PyList::new(py, headers)
    }
}

/// A request's head as Python hands it over.
pub(crate) struct RawHead<'a> {
    pub(crate) method: &'a str,
    pub(crate) target: &'a str,
    pub(crate) headers: &'a Headers,
    pub(crate) mount: &'a str,
}

impl RawHead<'_> {
    /// Calls `f` with the head in core's form, or with the refusal of its mount point.
    pub(crate) fn with<R>(&self, f: impl FnOnce(Result<&Head<'_>, Refusal>) -> R) -> PyResult<R> {
        let target = latin1(self.target)?;
        self.headers.with(|headers| match Mount::new(self.mount) {
            Ok(mount) => f(Ok(&Head::new(self.method, &target).with_mount(mount).with_headers(headers))),
            Err(_) => f(Err(Refusal::mount(self.method))),
        })
    }
}

/// The bytes of a PEP 3333 string.
pub(crate) fn latin1(text: &str) -> PyResult<Vec<u8>> {
    if text.is_ascii() {
        return Ok(text.as_bytes().to_vec());
    }
    let bytes: Result<Vec<u8>, _> = text.chars().map(|character| u8::try_from(u32::from(character))).collect();
    bytes.map_err(|_| PyValueError::new_err("a header or target holds a character above U+00FF: pass native strings"))
}
