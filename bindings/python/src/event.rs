//! Events: what core, or a host, says of a request or a page that its author should read in the log.

use eyot::exchange::{Event as CoreEvent, Level};
use pyo3::prelude::*;
use pyo3::types::PyDict;

/// One line for the log, which is its `str`.
#[pyclass(frozen, module = "eyot", get_all)]
pub(crate) struct Event {
    /// Its level as `logging` has it.
    level: u8,
    /// A stable, lower-case code.
    code: String,
    /// What happened, and what to do about it.
    message: String,
    /// The path, without an island's token; empty where it is about no request.
    path: String,
    /// The island that was asked for, once its name is known to be one.
    island: Option<String>,
    /// Of a refusal: the status that the client gets.
    status: Option<u16>,
    /// Where in the page, as `line:column`.
    place: Option<String>,
    /// Of a slow handler: how long it took.
    ms: Option<u64>,
    line: String,
}

#[pymethods]
impl Event {
    /// An event of the host's own.
    #[new]
    #[pyo3(signature = (level, code, message, /, *, path="", island=None, ms=None))]
    fn new(level: u8, code: &str, message: &str, path: &str, island: Option<String>, ms: Option<u64>) -> Self {
        let start = if path.is_empty() { "eyot" } else { path };
        let line = format!("{start}: {message} ({code})");
        let (code, message, path) = (code.to_owned(), message.to_owned(), path.to_owned());
        Self { level, code, message, path, island, status: None, place: None, ms, line }
    }

    fn __str__(&self) -> &str {
        &self.line
    }

    /// What it has, by name: for structured logs.
    fn fields<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyDict>> {
        let fields = PyDict::new(py);
        fields.set_item("code", &self.code)?;
        fields.set_item("message", &self.message)?;
        fields.set_item("path", &self.path)?;
        fields.set_item("island", &self.island)?;
        fields.set_item("status", self.status)?;
        fields.set_item("place", &self.place)?;
        fields.set_item("ms", self.ms)?;
        Ok(fields)
    }
}

impl From<CoreEvent> for Event {
    fn from(event: CoreEvent) -> Self {
        let level = match event.level {
            Level::Error => 40,
            Level::Warning => 30,
            _ => 20,
        };
        let line = event.to_string();
        let island = event.island.map(|name| name.to_string());
        let CoreEvent { code, path, message, status, place, .. } = event;
        let place = place.map(|at| format!("{}:{}", at.line, at.column));
        Self { level, code: code.to_owned(), message, path, island, status, place, ms: None, line }
    }
}

/// Calls `log` with each event.
pub(crate) fn tell(py: Python<'_>, events: impl IntoIterator<Item = CoreEvent>, log: &Py<PyAny>) -> PyResult<()> {
    for event in events {
        log.call1(py, (Event::from(event),))?;
    }
    Ok(())
}
