//! The splitter: pages that come in chunks.

use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyList};

use crate::bytes;
use crate::calm::{calm, work};
use crate::context::Context;
use crate::diagnostic::Diagnostic;
use crate::errors;

/// Splits one page chunk by chunk. Belongs to one thread at a time.
#[pyclass(module = "eyot")]
pub(crate) struct Splitter {
    splitter: eyot::Splitter,
    context: Option<Py<Context>>,
}

impl Splitter {
    pub(crate) fn new(islands: &eyot::Islands, context: Option<Py<Context>>, lenient: bool) -> Self {
        let splitter = eyot::Splitter::new(islands);
        Self { splitter: if lenient { splitter.lenient() } else { splitter }, context }
    }
}

#[pymethods]
impl Splitter {
    /// Takes the next chunk and returns what can go out, often nothing.
    #[pyo3(signature = (chunk, /))]
    fn push<'py>(&mut self, py: Python<'py>, chunk: &Bound<'py, PyBytes>) -> PyResult<Bound<'py, PyBytes>> {
        let Self { splitter, context } = self;
        let (source, context) = (chunk.as_bytes(), context.as_ref().map(Py::get));
        let segments = work(py, source.len(), || Context::with(context, |context| splitter.push(source, context)))??
            .map_err(|error| errors::raise(&error))?;
        bytes::collected(py, segments, Some(chunk))
    }

    /// Ends the page and returns the rest of it.
    fn finish<'py>(&mut self, py: Python<'py>) -> PyResult<Bound<'py, PyBytes>> {
        let Self { splitter, context } = self;
        let segments = calm(|| Context::with(context.as_ref().map(Py::get), |context| splitter.finish(context)))??
            .map_err(|error| errors::raise(&error))?;
        bytes::collected(py, segments, None)
    }

    /// What was wrong with the page so far, where the splitter is lenient.
    #[getter]
    fn problems<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyList>> {
        errors::list(py, self.splitter.problems())
    }

    /// What the page's author should know, as far as the page has been read.
    #[getter]
    fn diagnostics(&self) -> Vec<Diagnostic> {
        Diagnostic::list(self.splitter.diagnostics())
    }
}
