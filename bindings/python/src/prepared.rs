//! Pages that are split once and rendered often.

use pyo3::prelude::*;
use pyo3::types::PyBytes;

use crate::bytes;
use crate::calm::{calm, work};
use crate::context::Context;
use crate::errors;

/// A page whose islands are found: what does not change from one rendering to the next is only copied.
#[pyclass(frozen, module = "eyot")]
pub(crate) struct Prepared(eyot::Prepared);

impl Prepared {
    pub(crate) fn new(py: Python<'_>, islands: &eyot::Islands, page: &[u8]) -> PyResult<Self> {
        let prepared = work(py, page.len(), || islands.prepare(page))?;
        prepared.map(Self).map_err(|error| errors::raise(&error))
    }
}

#[pymethods]
impl Prepared {
    /// The names of the page's islands.
    #[getter]
    fn islands(&self) -> Vec<&str> {
        self.0.islands().iter().map(eyot::IslandName::as_str).collect()
    }

    /// The shell, with tokens as they are now.
    #[pyo3(signature = (context=None, /))]
    fn render<'py>(&self, py: Python<'py>, context: Option<&Context>) -> PyResult<Bound<'py, PyBytes>> {
        let rendering = calm(|| Context::with(context, |context| self.0.rendering(context)))??;
        let rendering = rendering.map_err(|error| errors::raise(&error))?;
        bytes::joined(py, rendering.len(), rendering.segments())
    }
}
