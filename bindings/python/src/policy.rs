//! The shell policy: what a route's shells look like to caches, and what keeps a visitor's own things out of them.

use eyot::exchange::leak_page;
use eyot::http::{Outcome as CoreOutcome, Response, ShellPolicy};
use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyList};

use crate::calm::{calm, work};
use crate::duration::seconds;
use crate::errors;
use crate::headers::{Headers, RawHead};
use crate::islands::Islands;
use crate::page::Sent;

/// How long caches keep a route's shells, in seconds, and what shapes them.
#[pyclass(frozen, module = "eyot")]
pub(crate) struct Policy(ShellPolicy);

/// A request on a route with a policy, between its way in and its way out.
#[pyclass(frozen, module = "eyot")]
pub(crate) struct Visit(eyot::http::Visit);

/// What is sent instead of the app's own status and headers.
#[pyclass(frozen, module = "eyot", get_all)]
pub(crate) struct Outcome {
    /// The status code; 304 when the client's copy is current.
    status: u16,
    /// All headers.
    headers: Py<PyList>,
    /// Whether the app's body is sent.
    has_body: bool,
    /// Whether a policy made the response a shell for shared caches.
    is_shell: bool,
    /// What is one visitor's in the response: pairs of a stable code and a text.
    leaks: Vec<(&'static str, String)>,
    /// What is shown instead of a response with leaks, while debugging.
    shown: Option<Py<Sent>>,
}

impl Outcome {
    /// Core's outcome for a response with these headers.
    pub(crate) fn new(py: Python<'_>, headers: &Headers, outcome: &CoreOutcome) -> PyResult<Self> {
        Ok(Self {
            status: outcome.status,
            headers: headers.edited(py, &outcome.edits)?.unbind(),
            has_body: outcome.has_body,
            is_shell: outcome.is_shell,
            leaks: outcome.leaks.iter().map(|leak| (leak.code(), leak.to_string())).collect(),
            shown: shown(py, outcome)?,
        })
    }
}

fn shown(py: Python<'_>, outcome: &CoreOutcome) -> PyResult<Option<Py<Sent>>> {
    if outcome.leaks.is_empty() {
        return Ok(None);
    }
    Ok(Some(Py::new(py, Sent::reply(py, &leak_page(&outcome.leaks))?)?))
}

#[pymethods]
impl Policy {
    #[new]
    #[pyo3(signature = (*, cdn, browser=None, swr=None, sie=None, cookies=false, stream=false))]
    fn new(
        cdn: &Bound<'_, PyAny>,
        browser: Option<&Bound<'_, PyAny>>,
        swr: Option<&Bound<'_, PyAny>>,
        sie: Option<&Bound<'_, PyAny>>,
        cookies: bool,
        stream: bool,
    ) -> PyResult<Self> {
        let time = |name, value: Option<&Bound<'_, PyAny>>| value.map_or(Ok(0), |value| seconds(name, value));
        let (cdn, browser) = (seconds("cdn", cdn)?, time("browser", browser)?);
        let (swr, sie) = (time("swr", swr)?, time("sie", sie)?);
        ShellPolicy::new(browser, cdn)
            .and_then(|policy| policy.with_stale(swr, sie))
            .map(|policy| Self(policy.with_cookies(cookies).with_stream(stream)))
            .map_err(|error| errors::raise(&error))
    }

    /// Whether a streamed page goes out as it comes.
    #[getter]
    fn streams(&self) -> bool {
        self.0.streams()
    }

    /// How long a shell may live in caches at most, in seconds.
    #[getter]
    fn life(&self) -> u32 {
        self.0.life()
    }

    /// Whether the app sees cookies, authorisation, and what else says who the visitor is.
    #[getter]
    fn cookies(&self) -> bool {
        self.0.has_cookies()
    }

    /// Takes in a request on the policy's route; `None` when the policy has nothing to say.
    #[pyo3(signature = (islands, method, target, headers, mount="", /))]
    fn incoming(
        &self,
        islands: &Islands,
        method: &str,
        target: &str,
        headers: Headers,
        mount: &str,
    ) -> PyResult<Option<Visit>> {
        let head = RawHead { method, target, headers: &headers, mount };
        let visit = calm(|| head.with(|head| head.map(|head| self.0.incoming(islands.core(), head))))??;
        visit.map(|visit| visit.map(Visit)).map_err(|refused| errors::refused(&refused))
    }
}

#[pymethods]
impl Visit {
    /// The query that the app sees instead, where `island-fresh` was in it.
    #[getter]
    fn query<'py>(&self, py: Python<'py>) -> Option<Bound<'py, PyBytes>> {
        self.0.query().map(|query| PyBytes::new(py, query))
    }

    /// The headers of the request that the app must not see.
    #[getter]
    fn hidden_headers(&self) -> Vec<&str> {
        self.0.hidden_headers().iter().map(|name| &**name).collect()
    }

    /// Judges the app's response; `body` is `None` for a streamed one.
    #[pyo3(signature = (status, headers, body, /))]
    fn finish(&self, py: Python<'_>, status: u16, headers: Headers, body: Option<&[u8]>) -> PyResult<Outcome> {
        let outcome = work(py, body.map_or(0, <[u8]>::len), || {
            headers.with(|fields| {
                let response = Response::new(status, fields);
                self.0.finish(&body.map_or(response, |body| response.with_body(body)))
            })
        })??;
        Outcome::new(py, &headers, &outcome)
    }
}

/// A page's headers after the split, for a shell of `length` bytes, or for a streamed one.
#[pyfunction]
#[pyo3(signature = (headers, length, /))]
pub(crate) fn split_headers<'py>(
    py: Python<'py>,
    headers: Headers,
    length: Option<usize>,
) -> PyResult<Bound<'py, PyList>> {
    let edits = calm(|| headers.with(|fields| CoreOutcome::split(&Response::new(200, fields), length).edits))??;
    headers.edited(py, &edits)
}

/// The headers of a page with problems, which no cache may keep.
#[pyfunction]
#[pyo3(signature = (headers, /))]
pub(crate) fn uncached_headers<'py>(py: Python<'py>, headers: Headers) -> PyResult<Bound<'py, PyList>> {
    let edits = calm(|| headers.with(|fields| CoreOutcome::uncached(&Response::new(200, fields)).edits))??;
    headers.edited(py, &edits)
}
