//! Requests for islands, and for pages with a policy: from what a request is to the opening of its token.

use eyot::IslandName;
use eyot::exchange::{Arrived, Exchange as CoreExchange};
use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyString};

use crate::calm::calm;
use crate::context::unix_now;
use crate::event;
use crate::headers::{RawHead, latin1};
use crate::islands::Islands;
use crate::policy::Policy;
use crate::way::{Sent, WayOut};

/// A request for an island, or for a page with a policy.
#[pyclass(frozen, module = "eyot")]
pub(crate) struct Exchange(CoreExchange);

/// A token's content, genuine: props, slots and page as JSON bytes.
#[pyclass(frozen, module = "eyot", get_all)]
pub(crate) struct Opened {
    /// The island's name.
    name: Py<PyString>,
    /// One JSON object.
    props: Py<PyBytes>,
    /// A JSON object of strings, or nothing.
    slots: Py<PyBytes>,
    /// The page's JSON object, or nothing.
    page: Py<PyBytes>,
    /// When the token expires, in Unix seconds.
    expires: Option<u32>,
}

impl Opened {
    pub(crate) fn new(
        py: Python<'_>,
        name: &IslandName,
        props: &[u8],
        slots: &[u8],
        page: &[u8],
        expires: Option<u32>,
    ) -> Self {
        let bytes = |bytes| PyBytes::new(py, bytes).unbind();
        let name = PyString::intern(py, name.as_str()).unbind();
        Self { name, props: bytes(props), slots: bytes(slots), page: bytes(page), expires }
    }
}

#[pymethods]
impl Exchange {
    /// The island that is asked for; `None` of a page.
    #[getter]
    fn name(&self) -> Option<&str> {
        self.0.name().map(IslandName::as_str)
    }

    /// The policy of a page; `None` of an island.
    #[getter]
    fn policy(&self) -> Option<Policy> {
        self.0.policy().copied().map(Policy)
    }

    /// The method that the app sees.
    #[getter]
    fn method(&self) -> &str {
        self.0.method()
    }

    /// The path that the app sees where a token was posted: with the mount point, and with the token.
    #[getter]
    fn path(&self) -> Option<&str> {
        self.0.path()
    }

    /// The query that the app sees instead of the one that was sent, if it sees another.
    #[getter]
    fn query<'py>(&self, py: Python<'py>) -> Option<Bound<'py, PyBytes>> {
        self.0.query().map(|query| PyBytes::new(py, query))
    }

    /// The headers of the request that the app must not see.
    #[getter]
    fn hidden_headers(&self) -> Vec<&str> {
        self.0.hidden_headers().iter().map(|name| &**name).collect()
    }

    /// How many bytes of a body are to be read, and one more; 0 where there is nothing to read.
    #[getter]
    fn body_limit(&self) -> usize {
        self.0.body_limit()
    }

    /// Takes the body that was read; returns what is answered at once to one that is no token.
    #[pyo3(signature = (body, log, /))]
    fn take_body(&self, py: Python<'_>, body: &[u8], log: &Bound<'_, PyAny>) -> PyResult<Option<Sent>> {
        let Err(refused) = calm(|| self.0.take_body(body))? else { return Ok(None) };
        let (reply, event) = *refused;
        event::tell(py, [event], &log.clone().unbind())?;
        Sent::reply(py, &reply).map(Some)
    }

    /// Says for how many seconds caches keep the island, for everyone.
    #[pyo3(signature = (seconds, /))]
    fn share(&self, seconds: u32) {
        self.0.share(seconds);
    }

    /// Opens the token; what the inner station answers to one that does not open is returned, not raised.
    #[pyo3(signature = (audience="", now=None, /))]
    fn open<'py>(&self, py: Python<'py>, audience: &str, now: Option<u64>) -> PyResult<Bound<'py, PyAny>> {
        let now = now.map_or_else(unix_now, Ok)?;
        let mut buffer = Vec::new();
        match calm(|| self.0.open(audience, now, &mut buffer))? {
            Ok(island) => {
                let opened = Opened::new(py, island.name, island.props, island.slots, island.page, island.expires);
                Ok(Bound::new(py, opened)?.into_any())
            }
            Err(reply) => Ok(Bound::new(py, Sent::reply(py, &reply)?)?.into_any()),
        }
    }

    /// Says why the props do not fit; returns what the inner station answers.
    #[pyo3(signature = (why, /))]
    fn misfit(&self, py: Python<'_>, why: &str) -> PyResult<Sent> {
        Sent::reply(py, &self.0.misfit(why))
    }

    /// Notes that something of the page is not as it was meant, so that no cache keeps it.
    fn note_faulty(&self) {
        self.0.note_faulty();
    }

    /// The way out through the inner station.
    #[pyo3(signature = (context, log, /, *, splits))]
    fn page(&self, context: Py<PyAny>, log: Py<PyAny>, splits: bool) -> WayOut {
        WayOut::page(self.0.page(splits), context, log)
    }

    /// The way out through the outer station.
    #[pyo3(signature = (context, log, /))]
    fn out(&self, context: Py<PyAny>, log: Py<PyAny>) -> WayOut {
        WayOut::out(self.0.out(), context, log)
    }
}

/// What becomes of a request: `None` where it is the app's, a [`Sent`], or an [`Exchange`].
pub(crate) fn arrive<'py>(
    py: Python<'py>,
    islands: &Islands,
    head: &RawHead<'_>,
    policy: Option<&Policy>,
    visitor: Option<&str>,
    log: &Py<PyAny>,
) -> PyResult<Option<Bound<'py, PyAny>>> {
    let target = latin1(head.target)?;
    let arrived = calm(|| {
        head.with(|head| match head {
            Ok(head) => islands.core().arrive(head, policy.map(|policy| &policy.0), visitor),
            Err(refusal) => {
                let (reply, event) = islands.core().refused(refusal, &target);
                Arrived::Answer(reply, Some(event))
            }
        })
    })??;
    match arrived {
        Arrived::App(event) => event::tell(py, event, log).map(|()| None),
        Arrived::Answer(reply, event) => {
            event::tell(py, event, log)?;
            Ok(Some(Bound::new(py, Sent::reply(py, &reply)?)?.into_any()))
        }
        Arrived::Exchange(exchange) => Ok(Some(Bound::new(py, Exchange(exchange))?.into_any())),
    }
}
