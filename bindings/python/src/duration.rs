//! Times as Python writes them: seconds, a `timedelta`, or a text such as `"10m"`.

use std::time::Duration;

use eyot::duration;
use pyo3::exceptions::PyTypeError;
use pyo3::prelude::*;
use pyo3::types::{PyBool, PyInt, PyString};

use crate::errors::ConfigError;

/// The seconds that the option `name` was given; a `ConfigError` names what is none.
#[pyfunction]
#[pyo3(name = "seconds", signature = (name, value, /))]
pub(crate) fn seconds(name: &str, value: &Bound<'_, PyAny>) -> PyResult<u32> {
    if let Ok(text) = value.cast::<PyString>() {
        return duration::seconds(text.to_str()?).map_err(|error| refused(name, &error));
    }
    if value.is_instance_of::<PyInt>() && !value.is_instance_of::<PyBool>() {
        let seconds = value.extract();
        return seconds.map_err(|_| refused(name, &format!("{value} is no number of seconds from 0 to 4294967295")));
    }
    // What is longer than a u32 holds is longer than any option takes.
    if let Ok(span) = value.extract::<Duration>()
        && let Ok(seconds) = u32::try_from(span.as_secs())
        && span.subsec_nanos() == 0
    {
        return Ok(seconds);
    }
    if value.get_type().qualname()? == "timedelta" {
        return Err(refused(name, &format!("the timedelta {value} is no whole number of seconds from 0 up")));
    }
    let kind = value.get_type().qualname()?;
    Err(PyTypeError::new_err(format!(
        "{name}: a time is seconds, a timedelta, or a text such as \"10m\", and no {kind}"
    )))
}

fn refused(name: &str, reason: &dyn std::fmt::Display) -> PyErr {
    ConfigError::new_err((format!("{name}: {reason}"), "option"))
}
