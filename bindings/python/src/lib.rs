//! The Python binding: converts types and names things as Python does; what is decided is decided in core.
//!
//! Imported as `eyot._eyot`; the package `eyot` re-exports it.

mod errors;
mod props;

/// Server islands: the native part.
#[pyo3::pymodule(gil_used = false)]
mod _eyot {
    use pyo3::prelude::*;
    use pyo3::types::PyBytes;

    /// The props' JSON, byte for byte what a token holds.
    #[pyfunction]
    #[pyo3(signature = (props, /, *, default=None))]
    fn encode_props<'py>(
        py: Python<'py>,
        props: &Bound<'py, PyAny>,
        default: Option<&Bound<'py, PyAny>>,
    ) -> PyResult<Bound<'py, PyBytes>> {
        Ok(PyBytes::new(py, &crate::props::encode(Some(props), default)?))
    }
}
