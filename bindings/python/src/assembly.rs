//! For tests: pages with every island in its place, and what is wrong with shells.

use eyot::assembly::{Assembly as CoreAssembly, AssemblyError};
use pyo3::exceptions::PyAssertionError;
use pyo3::prelude::*;
use pyo3::types::PyBytes;

use crate::headers::Headers;
use crate::islands::Islands;

/// An island to ask for, as the loader does.
#[pyclass(frozen, module = "eyot", get_all)]
pub(crate) struct Ask {
    /// The island's name.
    island: String,
    /// Its address.
    url: String,
    /// The token to post there, where it is too long for the address.
    token: Option<String>,
    /// The headers by which the request is one of the loader's.
    headers: Vec<(&'static str, &'static str)>,
    /// Whether another host answers.
    is_elsewhere: bool,
}

/// A page whose placeholders are filled one after the other, those in islands' answers too.
#[pyclass(module = "eyot")]
pub(crate) struct Assembly(CoreAssembly);

#[pymethods]
impl Assembly {
    #[new]
    #[pyo3(signature = (page, /))]
    fn new(page: &[u8]) -> Self {
        Self(CoreAssembly::new(page.to_vec()))
    }

    /// The next island to ask for; `None` once there is none.
    fn next(&mut self) -> PyResult<Option<Ask>> {
        let found = self.0.next().map_err(|error| raised(&error))?;
        Ok(found.map(|ask| {
            let (headers, is_elsewhere) = (ask.headers().to_vec(), ask.is_elsewhere());
            Ask { island: ask.island, url: ask.url, token: ask.token, headers, is_elsewhere }
        }))
    }

    /// Puts the answer to the last ask in the page; an `AssertionError` says why it is none that the loader would take.
    #[pyo3(signature = (status, headers, body, /))]
    #[expect(clippy::needless_pass_by_value, reason = "PyO3 takes it by value")]
    fn answer(&mut self, status: u16, headers: Headers, body: &[u8]) -> PyResult<()> {
        headers.with(|headers| self.0.answer(status, headers, body))?.map_err(|error| raised(&error))
    }

    /// Leaves the placeholder of the last ask as it is.
    fn skip(&mut self) {
        self.0.skip();
    }

    /// The page as it is now.
    fn finish<'py>(&mut self, py: Python<'py>) -> Bound<'py, PyBytes> {
        PyBytes::new(py, &std::mem::replace(&mut self.0, CoreAssembly::new(Vec::new())).finish())
    }
}

fn raised(error: &AssemblyError) -> PyErr {
    PyAssertionError::new_err(error.to_string())
}

/// What is wrong with a response that is to be a shell which shared caches keep.
#[pyfunction]
#[pyo3(signature = (islands, status, headers, body, /))]
#[expect(clippy::needless_pass_by_value, reason = "PyO3 takes it by value")]
pub(crate) fn shell_faults(islands: &Islands, status: u16, headers: Headers, body: &[u8]) -> PyResult<Vec<String>> {
    headers.with(|headers| eyot::assembly::shell_faults(islands.core(), status, headers, body))
}
