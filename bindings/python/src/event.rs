//! Events: what core says of a request or a page that its author should read in the log.

use eyot::exchange::{Event as CoreEvent, Level};
use pyo3::prelude::*;

/// One line for the log, which is its `str`.
#[pyclass(frozen, module = "eyot", get_all)]
pub(crate) struct Event {
    /// Its level as `logging` has it.
    level: u8,
    /// A stable, lower-case code.
    code: &'static str,
    /// The path, without an island's token.
    path: String,
    /// What happened, and what to do about it.
    message: String,
    /// The island that was asked for, once its name is known to be one.
    island: Option<String>,
    /// Of a refusal: the status that the client gets.
    status: Option<u16>,
    line: String,
}

#[pymethods]
impl Event {
    fn __str__(&self) -> &str {
        &self.line
    }
}

/// Calls `log` with each event.
pub(crate) fn tell(py: Python<'_>, events: impl IntoIterator<Item = CoreEvent>, log: &Py<PyAny>) -> PyResult<()> {
    for event in events {
        let level = match event.level {
            Level::Error => 40,
            Level::Warning => 30,
            _ => 20,
        };
        let line = event.to_string();
        let island = event.island.map(|name| name.to_string());
        let CoreEvent { code, path, message, status, .. } = event;
        log.call1(py, (Event { level, code, path, message, island, status, line },))?;
    }
    Ok(())
}
