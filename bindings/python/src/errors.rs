//! Core's errors as Python exceptions. The classes live in Python (`eyot.errors`): the stable ABI cannot subclass a
//! native exception before Python 3.12.

use pyo3::prelude::*;
use pyo3::types::PyList;

pyo3::import_exception!(eyot.errors, ConfigError);
pyo3::import_exception!(eyot.errors, Error);
pyo3::import_exception!(eyot.errors, InvalidKey);
pyo3::import_exception!(eyot.errors, MarkupError);
pyo3::import_exception!(eyot.errors, PropsError);
pyo3::import_exception!(eyot.errors, SealError);
pyo3::import_exception!(eyot.errors, TokenError);

/// The exception for `error`, with its code and place.
pub(crate) fn raise(error: &eyot::Error) -> PyErr {
    use eyot::Error as E;
    let (line, column) = error.position().map_or((None, None), |at| (Some(at.line), Some(at.column)));
    let arguments = (error.to_string(), error.code(), line, column);
    match error {
        E::NameInvalid(_) | E::NameUnknown { .. } | E::NameTwice(_) | E::Option { .. } => {
            ConfigError::new_err(arguments)
        }
        E::KeyMissing
        | E::KeyEncoding { .. }
        | E::KeyLength { .. }
        | E::KeyWeak { .. }
        | E::KeyTwice { .. }
        | E::SecretWeak { .. } => InvalidKey::new_err(arguments),
        E::Props { .. } => PropsError::new_err(arguments),
        E::Markup { .. } => MarkupError::new_err(arguments),
        _ => SealError::new_err(arguments),
    }
}

/// The exceptions for `errors`, to be looked at rather than raised.
pub(crate) fn list<'py>(py: Python<'py>, errors: &[eyot::Error]) -> PyResult<Bound<'py, PyList>> {
    PyList::new(py, errors.iter().map(|error| raise(error).into_value(py)))
}
