//! Policies by patterns of paths.

use eyot::paths::Paths as CorePaths;
use pyo3::prelude::*;

use crate::errors::ConfigError;
use crate::event;
use crate::policy::Policy;

/// Policies by patterns of paths; the most specific one that fits counts.
#[pyclass(module = "eyot")]
pub(crate) struct Paths(CorePaths<Py<Policy>>);

#[pymethods]
impl Paths {
    #[new]
    fn new() -> Self {
        Self(CorePaths::default())
    }

    /// Adds a pattern; without a policy it excepts what it fits.
    #[pyo3(signature = (pattern, policy, /))]
    fn add(&mut self, pattern: &str, policy: Option<Py<Policy>>) -> PyResult<()> {
        self.0.add(pattern, policy).map_err(|error| ConfigError::new_err((error.to_string(), "option")))
    }

    /// The policy for a raw path below the mount point.
    #[pyo3(signature = (path, /))]
    fn find(&self, py: Python<'_>, path: &[u8]) -> Option<Py<Policy>> {
        self.0.find(path).map(|policy| policy.clone_ref(py))
    }

    /// Calls `log` with an event for each pattern that none of the first 25 paths fitted, once.
    #[pyo3(signature = (log, /))]
    fn tell_unused(&self, py: Python<'_>, log: &Bound<'_, PyAny>) -> PyResult<()> {
        event::tell(py, self.0.unused(), log.as_unbound())
    }
}
