//! Options of islands as Python has them.

use std::time::Duration;

use eyot::options::Value;
use pyo3::prelude::*;
use pyo3::types::{PyBool, PyFloat, PyInt, PyString};

use crate::errors;

/// Sets an option to what Python was given for it.
pub(crate) fn set(builder: eyot::Builder, name: &str, value: &Bound<'_, PyAny>) -> PyResult<eyot::Builder> {
    let kind;
    let texts: Vec<Bound<'_, PyString>>;
    let value = if value.is_none() {
        Value::Nothing
    } else if let Ok(on) = value.cast::<PyBool>() {
        Value::Flag(on.is_true())
    } else if value.is_instance_of::<PyInt>() || value.is_instance_of::<PyFloat>() {
        // What no number of this type holds is over every bound.
        Value::Number(value.extract().unwrap_or(f64::INFINITY))
    } else if let Ok(text) = value.cast::<PyString>() {
        Value::Text(text.to_str()?)
    } else if let Ok(span) = value.extract::<Duration>() {
        Value::Number(span.as_secs_f64())
    } else if let Some(found) = strings(value) {
        texts = found;
        Value::Texts(texts.iter().map(|text| text.to_str()).collect::<PyResult<_>>()?)
    } else {
        kind = format!("of the type {}", value.get_type().qualname()?);
        Value::Other(&kind)
    };
    builder.set(name, &value).map_err(|error| errors::raise(&error))
}

/// The texts of an iterable that holds texts alone.
fn strings<'py>(value: &Bound<'py, PyAny>) -> Option<Vec<Bound<'py, PyString>>> {
    let items = value.try_iter().ok()?;
    items.map(|item| item.ok()?.cast_into::<PyString>().ok()).collect()
}
