//! The Python binding: converts types and names things as Python does; what is decided is decided in core.
//!
//! Imported as `eyot._eyot`; the package `eyot` re-exports it.

mod assembly;
mod audit;
mod bytes;
mod calm;
mod context;
mod diagnostic;
mod duration;
mod errors;
mod event;
mod exchange;
mod headers;
mod islands;
mod keyring;
mod options;
mod paths;
mod policy;
mod prepared;
mod props;
mod way;

/// Server islands: the native part.
#[pyo3::pymodule(gil_used = false)]
mod _eyot {
    use pyo3::prelude::*;
    use pyo3::types::PyBytes;

    #[pymodule_export]
    use crate::assembly::{Ask, Assembly, shell_faults};
    #[pymodule_export]
    use crate::audit::{Finding, audit};
    #[cfg(debug_assertions)]
    #[pymodule_export]
    use crate::calm::fail::fail_next;
    #[pymodule_export]
    use crate::context::Context;
    #[pymodule_export]
    use crate::diagnostic::Diagnostic;
    #[pymodule_export]
    use crate::duration::seconds;
    #[pymodule_export]
    use crate::event::Event;
    #[pymodule_export]
    use crate::exchange::{Exchange, Opened};
    #[pymodule_export]
    use crate::islands::Islands;
    #[pymodule_export]
    use crate::keyring::KeyRing;
    #[pymodule_export]
    use crate::paths::Paths;
    #[pymodule_export]
    use crate::policy::Policy;
    #[pymodule_export]
    use crate::prepared::Prepared;
    #[pymodule_export]
    use crate::way::{Sent, Step, WayOut};

    #[pymodule_init]
    fn init(module: &Bound<'_, PyModule>) -> PyResult<()> {
        module.add("MARK", eyot::exchange::MARK)?;
        module.add("LOADER_HASH", eyot::assets::LOADER.policy_source())?;
        module.add("LOADER_MORE_HASH", eyot::assets::LOADER_MORE.policy_source())?;
        module.add("STYLESHEET_HASH", eyot::assets::STYLE.policy_source())
    }

    /// The known name that may be meant by one that does not exist.
    #[pyfunction]
    #[pyo3(signature = (name, known, /))]
    fn nearest(name: &str, known: Vec<String>) -> Option<String> {
        eyot::nearest(name.as_bytes(), known.iter().map(String::as_str)).map(str::to_owned)
    }

    /// Refuses what is no island's name.
    #[pyfunction]
    #[pyo3(signature = (name, /))]
    fn check_name(name: &str) -> PyResult<()> {
        eyot::IslandName::new(name).map(drop).map_err(|error| crate::errors::raise(&error))
    }

    /// The props' JSON, byte for byte what a token holds.
    #[pyfunction]
    #[pyo3(signature = (props, /, *, default=None))]
    fn encode_props<'py>(
        py: Python<'py>,
        props: &Bound<'py, PyAny>,
        default: Option<&Bound<'py, PyAny>>,
    ) -> PyResult<Bound<'py, PyBytes>> {
        let default = default.filter(|default| !default.is_none());
        Ok(PyBytes::new(py, &crate::props::encode(Some(props), default)?))
    }
}
