//! The way out of a page through the inner station: what core decides of a response, step by step.

use eyot::exchange::{Flow, Level, PageOut as CorePageOut, PageRules, Sent as CoreSent, Size, Step as CoreStep};
use eyot::http::Response;
use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyList};

use crate::bytes;
use crate::calm::{calm, work};
use crate::context::Context;
use crate::errors;
use crate::headers::Headers;
use crate::islands::Islands;

/// What the host does next.
#[pyclass(frozen, module = "eyot", get_all)]
pub(crate) struct Step {
    /// `"pass"`, `"wait"`, `"collect"`, `"decode"`, `"stream"` or `"instead"`.
    kind: &'static str,
    /// Of `"decode"`: the content coding to undo.
    coding: Option<String>,
    /// Of `"stream"` the head, of `"instead"` the whole response.
    sent: Option<Py<Sent>>,
}

/// What goes out instead of the app's own status and headers.
#[pyclass(frozen, module = "eyot", get_all)]
pub(crate) struct Sent {
    /// The status code.
    status: u16,
    /// All headers.
    headers: Py<PyList>,
    /// The body; `None` where the app's own goes out.
    body: Option<Py<PyBytes>>,
}

/// The way out of one page through the inner station. Belongs to one thread at a time.
#[pyclass(module = "eyot")]
pub(crate) struct PageOut {
    out: CorePageOut,
    make_context: Py<PyAny>,
    context: Option<Py<Context>>,
    log: Py<PyAny>,
    /// Whether a streamed page has ended, so that nothing more of it goes out.
    #[pyo3(get)]
    is_over: bool,
    /// What ended it before its time.
    fault: Option<eyot::Error>,
}

#[pymethods]
impl PageOut {
    /// `context` is called once there is something to seal, and `log` with each event: its level as `logging` has it, its
    /// code, and the line.
    #[new]
    #[pyo3(signature = (islands, path, context, log, /, *, debug, head, streams, must_be_sound))]
    #[expect(clippy::too_many_arguments, reason = "most are keywords in Python")]
    fn new(
        islands: &Islands,
        path: &str,
        context: Py<PyAny>,
        log: Py<PyAny>,
        debug: bool,
        head: bool,
        streams: bool,
        must_be_sound: bool,
    ) -> Self {
        let rules = PageRules::new(path).with_debug(debug).with_head(head).with_streams(streams);
        let out = CorePageOut::new(islands.core(), rules.with_must_be_sound(must_be_sound));
        Self { out, make_context: context, context: None, log, is_over: false, fault: None }
    }

    /// What to do with a response of which so much is known: `"unknown"`, `"whole"` or `"more"`.
    #[pyo3(signature = (status, headers, size, /))]
    fn step(&mut self, py: Python<'_>, status: u16, headers: Headers, size: &str) -> PyResult<Step> {
        let size = match size {
            "unknown" => Size::Unknown,
            "whole" => Size::Whole,
            "more" => Size::More,
            other => return Err(PyValueError::new_err(format!("{other:?} is no size"))),
        };
        let out = &mut self.out;
        let step = calm(|| headers.with(|fields| out.step(&Response::new(status, fields), size)))??;
        self.tell(py)?;
        let (kind, coding, sent) = match step {
            CoreStep::Wait => ("wait", None, None),
            CoreStep::Collect => ("collect", None, None),
            CoreStep::Decode(coding) => ("decode", Some(coding), None),
            CoreStep::Stream(outcome) => ("stream", None, Some(Sent::head(py, &headers, &outcome)?)),
            CoreStep::Instead(reply) => ("instead", None, Some(Sent::reply(py, &reply)?)),
            _ => ("pass", None, None),
        };
        Ok(Step { kind, coding, sent: sent.map(|sent| Py::new(py, sent)).transpose()? })
    }

    /// What goes out of a response with this whole body; `None` where it goes out as the app made it.
    #[pyo3(signature = (status, headers, body, /))]
    fn whole(
        &mut self,
        py: Python<'_>,
        status: u16,
        headers: Headers,
        body: &Bound<'_, PyBytes>,
    ) -> PyResult<Option<Sent>> {
        let source = body.as_bytes();
        if !calm(|| headers.with(|fields| self.out.looks_at(&Response::new(status, fields), source)))?? {
            return Ok(None);
        }
        let context = self.context(py)?;
        let out = &mut self.out;
        let sent = work(py, source.len(), || {
            headers.with(|fields| {
                Context::with(Some(context.get()), |context| out.whole(&Response::new(status, fields), source, context))
            })
        })???;
        let sent = match sent {
            CoreSent::Same => None,
            CoreSent::Edited(outcome) => Some(Sent::head(py, &headers, &outcome)?),
            CoreSent::Shell(outcome, shell) => {
                let html = bytes::joined(py, shell.len(), shell.segments())?;
                Some(Sent { body: Some(html.unbind()), ..Sent::head(py, &headers, &outcome)? })
            }
            CoreSent::Instead(reply) => Some(Sent::reply(py, &reply)?),
        };
        self.tell(py)?;
        Ok(sent)
    }

    /// What goes out of a compressed page that cannot be undone.
    #[pyo3(signature = (status, headers, /))]
    fn undecoded(&mut self, py: Python<'_>, status: u16, headers: Headers) -> PyResult<Sent> {
        let out = &mut self.out;
        let sent = calm(|| {
            headers.with(|fields| match out.undecoded(&Response::new(status, fields)) {
                CoreSent::Instead(reply) => Ok(reply),
                CoreSent::Edited(outcome) => Err(outcome),
                CoreSent::Same | CoreSent::Shell(..) => unreachable!("nothing of it was read"),
            })
        })??;
        self.tell(py)?;
        sent.map_or_else(|outcome| Sent::head(py, &headers, &outcome), |reply| Sent::reply(py, &reply))
    }

    /// Takes the next chunk of a streamed page and returns what can go out, often nothing.
    #[pyo3(signature = (chunk, /))]
    fn push<'py>(&mut self, py: Python<'py>, chunk: &Bound<'py, PyBytes>) -> PyResult<Bound<'py, PyBytes>> {
        self.flow(py, Some(chunk))
    }

    /// Ends a streamed page and returns the rest of it.
    fn finish<'py>(&mut self, py: Python<'py>) -> PyResult<Bound<'py, PyBytes>> {
        let rest = self.flow(py, None);
        self.is_over = true;
        rest
    }

    /// Raises where the connection is to be cut, once what the last call returned has gone out.
    fn check(&self) -> PyResult<()> {
        self.fault.as_ref().map_or(Ok(()), |error| Err(errors::raise(error)))
    }

    /// Whether the page went out with problems, so that the outer station keeps it out of caches once more.
    #[getter]
    fn is_faulty(&self) -> bool {
        self.out.is_faulty()
    }
}

impl PageOut {
    fn flow<'py>(&mut self, py: Python<'py>, chunk: Option<&Bound<'py, PyBytes>>) -> PyResult<Bound<'py, PyBytes>> {
        let context = self.context(py)?;
        let (out, source) = (&mut self.out, chunk.map(|chunk| chunk.as_bytes()));
        let flow = work(py, source.map_or(0, <[u8]>::len), || {
            Context::with(Some(context.get()), |context| match source {
                Some(source) => out.push(source, context),
                None => out.finish(context),
            })
        })??;
        let sent = match flow {
            Flow::On(segments) => bytes::collected(py, segments, chunk),
            Flow::Last(rest) => {
                self.is_over = true;
                Ok(PyBytes::new(py, &rest))
            }
            Flow::Cut(rest, error) => {
                (self.is_over, self.fault) = (true, Some(error));
                Ok(PyBytes::new(py, &rest))
            }
        };
        self.tell(py)?;
        sent
    }

    fn context(&mut self, py: Python<'_>) -> PyResult<Py<Context>> {
        if let Some(context) = &self.context {
            return Ok(context.clone_ref(py));
        }
        let made: Py<Context> = self.make_context.call0(py)?.extract(py)?;
        Ok(self.context.insert(made).clone_ref(py))
    }

    /// Hands over what is to be logged.
    fn tell(&mut self, py: Python<'_>) -> PyResult<()> {
        for event in self.out.events() {
            let level = if event.level == Level::Error { 40 } else { 30 };
            self.log.call1(py, (level, event.code, event.to_string()))?;
        }
        Ok(())
    }
}

impl Sent {
    fn head(py: Python<'_>, headers: &Headers, outcome: &eyot::http::Outcome) -> PyResult<Self> {
        Ok(Self { status: outcome.status, headers: headers.edited(py, &outcome.edits)?.unbind(), body: None })
    }

    pub(crate) fn reply(py: Python<'_>, reply: &eyot::http::Reply) -> PyResult<Self> {
        let headers = PyList::new(py, reply.headers.iter().map(|(name, value)| (*name, value.as_ref())))?.unbind();
        Ok(Self { status: reply.status, headers, body: Some(PyBytes::new(py, &reply.body).unbind()) })
    }
}
