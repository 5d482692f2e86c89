//! Python `bytes` written once, in their final length: a `Vec` copied into them costs a second pass over the page.

use eyot::shell::Segments;
use pyo3::exceptions::PyRuntimeError;
use pyo3::prelude::*;
use pyo3::types::PyBytes;

/// `segments`, which come to `len` bytes, as one object.
pub(crate) fn joined<'py, 's>(
    py: Python<'py>,
    len: usize,
    segments: impl Iterator<Item = &'s [u8]>,
) -> PyResult<Bound<'py, PyBytes>> {
    PyBytes::new_with(py, len, |mut rest| {
        for segment in segments {
            let (to, after) = rest
                .split_at_mut_checked(segment.len())
                .ok_or_else(|| PyRuntimeError::new_err("a shell is longer than it said"))?;
            to.copy_from_slice(segment);
            rest = after;
        }
        Ok(())
    })
}

/// `segments` as one object: `chunk` itself, where they are it.
pub(crate) fn collected<'py>(
    py: Python<'py>,
    segments: Segments<'_>,
    chunk: Option<&Bound<'py, PyBytes>>,
) -> PyResult<Bound<'py, PyBytes>> {
    let len = segments.clone().map(<[u8]>::len).sum();
    let mut first = segments.clone();
    if let (Some(chunk), Some(only)) = (chunk, first.next())
        && std::ptr::eq(only, chunk.as_bytes())
    {
        return Ok(chunk.clone());
    }
    joined(py, len, segments)
}
