//! The way out of a response through either station: what core decides of it, step by step.

use eyot::exchange::{Flow, MARK, Out, PageOut, Sent as CoreSent, Size, Step as CoreStep};
use eyot::http::{Edit, Outcome, Response};
use pyo3::exceptions::PyValueError;
use pyo3::gc::{PyTraverseError, PyVisit};
use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyList};

use crate::bytes;
use crate::calm::{calm, work};
use crate::context::Context;
use crate::errors;
use crate::event;
use crate::headers::Headers;

/// What the host does next.
#[pyclass(frozen, module = "eyot", get_all)]
pub(crate) struct Step {
    /// `"pass"`, `"wait"`, `"collect"`, `"decode"`, `"edited"`, `"stream"` or `"instead"`.
    kind: &'static str,
    /// Of `"decode"`: the content coding to undo.
    coding: Option<String>,
    /// Of `"edited"` and `"stream"` the head, of `"instead"` the whole response.
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
    /// Whether nothing but the mark differs from what the app made.
    is_same: bool,
}

/// The two ways out have the same calls.
enum Way {
    Page(PageOut),
    Out(Out),
}

macro_rules! each {
    ($way:expr, $out:ident => $call:expr) => {
        match $way {
            Way::Page($out) => $call,
            Way::Out($out) => $call,
        }
    };
}

/// What a host is asked for on the way: a page's context, and to log events.
struct Host {
    make_context: Py<PyAny>,
    log: Py<PyAny>,
}

/// The way out of one response through a station. Belongs to one thread at a time.
#[pyclass(module = "eyot")]
pub(crate) struct WayOut {
    way: Way,
    /// What a host gave, until the way ends: it leads back to this, and nothing else would end that circle.
    host: Option<Host>,
    context: Option<Py<Context>>,
    /// Whether a streamed page has ended, so that nothing more of it goes out.
    #[pyo3(get)]
    is_over: bool,
    /// What ended it before its time.
    fault: Option<eyot::Error>,
}

#[pymethods]
impl WayOut {
    /// What to do with a response of which so much is known: `"unknown"`, `"whole"` or `"more"`.
    #[pyo3(signature = (status, headers, size, /))]
    fn step(&mut self, py: Python<'_>, status: u16, headers: Headers, size: &str) -> PyResult<Step> {
        let size = match size {
            "unknown" => Size::Unknown,
            "whole" => Size::Whole,
            "more" => headers.length().map_or(Size::More, Size::Known),
            other => return Err(PyValueError::new_err(format!("{other:?} is no size"))),
        };
        let way = &mut self.way;
        let step = calm(|| headers.with(|fields| each!(way, out => out.step(&Response::new(status, fields), size))))??;
        self.tell(py)?;
        let (kind, coding, sent) = match step {
            CoreStep::Wait => ("wait", None, None),
            CoreStep::Collect => ("collect", None, None),
            CoreStep::Decode(coding) => ("decode", Some(coding), None),
            CoreStep::Edited(outcome) => ("edited", None, Some(Sent::head(py, &headers, &outcome)?)),
            CoreStep::Stream(outcome) => ("stream", None, Some(Sent::head(py, &headers, &outcome)?)),
            CoreStep::Instead(reply) => ("instead", None, Some(Sent::reply(py, &reply)?)),
            _ => ("pass", None, None),
        };
        if matches!(kind, "pass" | "edited" | "instead") {
            self.end();
        }
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
        if let Way::Page(page) = &self.way
            && !calm(|| headers.with(|fields| page.looks_at(&Response::new(status, fields), source)))??
        {
            self.end();
            return Ok(None);
        }
        // Without a directive there is nothing to seal, and nobody is asked for an audience.
        let context = if eyot::html::may_hold_directive(source) { Some(self.context(py)?) } else { None };
        let (way, context) = (&mut self.way, context.as_ref().map(Py::get));
        let sent = work(py, source.len(), || {
            headers.with(|fields| {
                let response = Response::new(status, fields);
                Context::with(context, |context| each!(way, out => out.whole(&response, source, context)))
            })
        })???;
        let sent = match sent {
            CoreSent::Same => None,
            CoreSent::Edited(outcome) => Some(Sent::head(py, &headers, &outcome)?),
            CoreSent::Shell(outcome, _) if !outcome.has_body => Some(Sent::head(py, &headers, &outcome)?),
            CoreSent::Shell(outcome, shell) => {
                let html = bytes::joined(py, shell.len(), shell.segments())?;
                Some(Sent { body: Some(html.unbind()), ..Sent::head(py, &headers, &outcome)? })
            }
            CoreSent::Instead(reply) => Some(Sent::reply(py, &reply)?),
        };
        self.tell(py)?;
        self.end();
        Ok(sent)
    }

    /// What goes out of a compressed page that cannot be undone.
    #[pyo3(signature = (status, headers, /))]
    fn undecoded(&mut self, py: Python<'_>, status: u16, headers: Headers) -> PyResult<Option<Sent>> {
        let way = &mut self.way;
        let sent = calm(|| headers.with(|fields| each!(way, out => out.undecoded(&Response::new(status, fields)))))??;
        self.tell(py)?;
        self.end();
        match sent {
            CoreSent::Same => Ok(None),
            CoreSent::Edited(outcome) | CoreSent::Shell(outcome, _) => Sent::head(py, &headers, &outcome).map(Some),
            CoreSent::Instead(reply) => Sent::reply(py, &reply).map(Some),
        }
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
        self.end();
        rest
    }

    /// Raises where the connection is to be cut, once what the last call returned has gone out.
    fn check(&self) -> PyResult<()> {
        self.fault.as_ref().map_or(Ok(()), |error| Err(errors::raise(error)))
    }

    /// Whether a stream has begun and not ended: the outer station then cuts it, whoever swallowed the reason.
    #[getter]
    fn is_open(&self) -> bool {
        matches!(&self.way, Way::Page(page) if page.is_open())
    }

    /// Says that a stream is cut which the inner station began and did not end.
    fn note_cut(&mut self, py: Python<'_>) -> PyResult<()> {
        if let Way::Out(out) = &mut self.way {
            out.note_cut();
        }
        self.tell(py)
    }

    /// A stream may be left before its end.
    fn __traverse__(&self, visit: PyVisit<'_>) -> Result<(), PyTraverseError> {
        let Some(host) = &self.host else { return Ok(()) };
        visit.call(&host.make_context)?;
        visit.call(&host.log)
    }

    fn __clear__(&mut self) {
        self.end();
    }
}

impl WayOut {
    pub(crate) fn page(page: PageOut, context: Py<PyAny>, log: Py<PyAny>) -> Self {
        Self::new(Way::Page(page), context, log)
    }

    pub(crate) fn out(out: Out, context: Py<PyAny>, log: Py<PyAny>) -> Self {
        Self::new(Way::Out(out), context, log)
    }

    fn new(way: Way, make_context: Py<PyAny>, log: Py<PyAny>) -> Self {
        Self { way, host: Some(Host { make_context, log }), context: None, is_over: false, fault: None }
    }

    /// Lets go of the host, of which nothing is asked any more.
    fn end(&mut self) {
        (self.host, self.context) = (None, None);
    }

    fn flow<'py>(&mut self, py: Python<'py>, chunk: Option<&Bound<'py, PyBytes>>) -> PyResult<Bound<'py, PyBytes>> {
        if self.host.is_none() {
            return Ok(PyBytes::new(py, b""));
        }
        let context = self.context(py)?;
        let (way, source) = (&mut self.way, chunk.map(|chunk| chunk.as_bytes()));
        let flow = work(py, source.map_or(0, <[u8]>::len), || {
            Context::with(Some(context.get()), |context| match source {
                Some(source) => each!(way, out => out.push(source, context)),
                None => each!(way, out => out.finish(context)),
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
        if self.is_over {
            self.end();
        }
        sent
    }

    fn context(&mut self, py: Python<'_>) -> PyResult<Py<Context>> {
        if let Some(context) = &self.context {
            return Ok(context.clone_ref(py));
        }
        let Some(host) = &self.host else { return Err(PyValueError::new_err("this way out has ended")) };
        let made: Py<Context> = host.make_context.call0(py)?.extract(py)?;
        Ok(self.context.insert(made).clone_ref(py))
    }

    /// Hands over what is to be logged.
    fn tell(&mut self, py: Python<'_>) -> PyResult<()> {
        let Some(host) = &self.host else { return Ok(()) };
        event::tell(py, each!(&mut self.way, out => out.events()), &host.log)
    }
}

impl Sent {
    fn head(py: Python<'_>, headers: &Headers, outcome: &Outcome) -> PyResult<Self> {
        let body = (!outcome.has_body).then(|| PyBytes::new(py, b"").unbind());
        let is_mark = |edit: &Edit| matches!(edit, Edit::Set(name, _) if *name == MARK);
        let is_same = outcome.has_body && outcome.edits.iter().all(is_mark);
        Ok(Self { status: outcome.status, headers: headers.edited(py, &outcome.edits)?.unbind(), body, is_same })
    }

    pub(crate) fn reply(py: Python<'_>, reply: &eyot::http::Reply) -> PyResult<Self> {
        let headers = PyList::new(py, reply.headers.iter().map(|(name, value)| (*name, value.as_ref())))?.unbind();
        Ok(Self { status: reply.status, headers, body: Some(PyBytes::new(py, &reply.body).unbind()), is_same: false })
    }
}
