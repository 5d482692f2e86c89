//! Island requests: what a request is, the opening of its token, and what becomes of the handler's answer.

use eyot::IslandName;
use eyot::http::{Refusal as CoreRefusal, Reply as CoreReply, Response, Route};
use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyString};

use crate::calm::{calm, work};
use crate::context::unix_now;
use crate::headers::{Headers, RawHead};
use crate::policy::Outcome;

/// A whole answer: a file, a preflight's, or a refusal's with its reason for the log.
#[pyclass(frozen, module = "eyot", get_all)]
pub(crate) struct Reply {
    /// The status code.
    status: u16,
    /// Pairs of name and value.
    headers: Vec<(String, String)>,
    /// The body.
    body: Py<PyBytes>,
    /// A stable code when this refuses a request, else `None`.
    reason: Option<&'static str>,
    /// The reason in words, for the log.
    explanation: Option<String>,
    /// The island that was asked for, once its name is known to be one.
    island: Option<String>,
}

impl Reply {
    fn new(py: Python<'_>, reply: CoreReply) -> Self {
        let headers = reply.headers.into_iter().map(|(name, value)| (name.to_owned(), value.into_owned())).collect();
        let body = PyBytes::new(py, &reply.body).unbind();
        Self { status: reply.status, headers, body, reason: None, explanation: None, island: None }
    }

    fn refusal(py: Python<'_>, refusal: CoreRefusal) -> Self {
        Self {
            reason: Some(refusal.reason.code()),
            explanation: Some(refusal.reason.to_string()),
            island: refusal.island.map(|name| name.to_string()),
            ..Self::new(py, refusal.reply)
        }
    }
}

/// An island request that passed every check but the token's.
#[pyclass(frozen, module = "eyot")]
pub(crate) struct Pending {
    islands: eyot::Islands,
    pending: eyot::http::Pending,
}

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
impl Pending {
    /// The island's name.
    #[getter]
    fn name(&self) -> &str {
        self.pending.name().as_str()
    }

    /// The headers of the request that the handler of a shared island must not see.
    #[getter]
    fn hidden_headers(&self) -> Vec<&str> {
        self.pending.hidden_headers().iter().map(|name| &**name).collect()
    }

    /// How many bytes of body to read at most; 0 when the token is in the path.
    #[getter]
    fn body_limit(&self) -> usize {
        self.pending.body_limit()
    }

    /// The refusal of a body that is longer than the limit.
    fn too_large(&self, py: Python<'_>) -> Reply {
        Reply::refusal(py, self.pending.too_large())
    }

    /// Opens the token; a refusal is returned, not raised.
    #[pyo3(signature = (body=b"".as_slice(), /, *, audience="", now=None))]
    fn open<'py>(&self, py: Python<'py>, body: &[u8], audience: &str, now: Option<u64>) -> PyResult<Bound<'py, PyAny>> {
        let now = now.map_or_else(unix_now, Ok)?;
        let mut buffer = Vec::new();
        match calm(|| self.pending.open(&self.islands, body, audience, now, &mut buffer))? {
            Ok(island) => {
                let opened = Opened::new(py, island.name, island.props, island.slots, island.page, island.expires);
                Ok(Bound::new(py, opened)?.into_any())
            }
            Err(refusal) => Ok(Bound::new(py, Reply::refusal(py, refusal))?.into_any()),
        }
    }

    /// Turns what a handler answered into what is sent, or into a refusal.
    #[pyo3(signature = (status, headers, /, *, shared=None, page=b"".as_slice(), foreign=false, body=None))]
    #[expect(clippy::too_many_arguments, reason = "each is a keyword in Python")]
    fn finish<'py>(
        &self,
        py: Python<'py>,
        status: u16,
        headers: Headers,
        shared: Option<u32>,
        page: &[u8],
        foreign: bool,
        body: Option<&[u8]>,
    ) -> PyResult<Bound<'py, PyAny>> {
        let finished = work(py, body.map_or(0, <[u8]>::len), || {
            headers.with(|fields| {
                let response = Response::new(status, fields).with_shared(shared).with_page(page).with_foreign(foreign);
                self.pending.finish(&self.islands, &body.map_or(response, |body| response.with_body(body)))
            })
        })??;
        match finished {
            Ok(outcome) => Ok(Bound::new(py, Outcome::new(py, &headers, &outcome)?)?.into_any()),
            Err(refusal) => Ok(Bound::new(py, Reply::refusal(py, refusal))?.into_any()),
        }
    }
}

/// What a request is to these islands: `None`, a [`Reply`] or a [`Pending`].
pub(crate) fn route<'py>(
    py: Python<'py>,
    islands: &eyot::Islands,
    head: &RawHead<'_>,
) -> PyResult<Option<Bound<'py, PyAny>>> {
    let found = calm(|| {
        head.with(|head| head.map_or_else(|refused| Some(Route::Refusal(refused)), |head| islands.route(head)))
    })??;
    let Some(route) = found else {
        return Ok(None);
    };
    let found = match route {
        Route::File(reply) | Route::Preflight(reply) => Bound::new(py, Reply::new(py, reply))?.into_any(),
        Route::Refusal(refusal) => Bound::new(py, Reply::refusal(py, refusal))?.into_any(),
        Route::Pending(pending) => Bound::new(py, Pending { islands: islands.clone(), pending })?.into_any(),
    };
    Ok(Some(found))
}
