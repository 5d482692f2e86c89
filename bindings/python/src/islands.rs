//! `Islands`: the configuration that every call starts from, and the calls that write placeholders and split pages.

use std::borrow::Cow;

use eyot::exchange::{Out, PageOut, PageRules};
use eyot::options::Spelling;
use eyot::placeholder::Placeholder;
use eyot::{Options, Props, Shell, Slots};
use pyo3::exceptions::PyTypeError;
use pyo3::prelude::*;
use pyo3::types::{PyBool, PyBytes, PyDict, PyList, PyString};

use crate::calm::{calm, work};
use crate::context::Context;
use crate::diagnostic::Diagnostic;
use crate::duration::seconds;
use crate::errors::{self, ConfigError};
use crate::headers::{Headers, RawHead};
use crate::keyring::ring_from;
use crate::policy::Policy;
use crate::prepared::Prepared;
use crate::way::WayOut;
use crate::{bytes, exchange, options, props};

/// A host's configuration: its islands, its keys, where islands are asked for. Safe to share between threads.
#[pyclass(frozen, module = "eyot")]
pub(crate) struct Islands(eyot::Islands);

impl Islands {
    pub(crate) fn core(&self) -> &eyot::Islands {
        &self.0
    }
}

#[pymethods]
impl Islands {
    #[new]
    #[pyo3(signature = (keys=None, *, islands=Vec::new(), upper=false, **options))]
    fn new(
        keys: Option<&Bound<'_, PyAny>>,
        islands: Vec<String>,
        upper: bool,
        options: Option<&Bound<'_, PyDict>>,
    ) -> PyResult<Self> {
        let spelling = if upper { Spelling::Upper } else { Spelling::Python };
        let mut builder = eyot::Islands::builder(ring_from(keys)?).spelling(spelling);
        builder = islands.into_iter().fold(builder, eyot::Builder::island);
        for (name, value) in options.into_iter().flatten() {
            builder = options::set(builder, name.cast::<PyString>()?.to_str()?, &value)?;
        }
        builder.build().map(Self).map_err(|error| errors::raise(&error))
    }

    /// Whether HTML is searched for directives where no view says otherwise.
    #[getter]
    fn html_pass(&self) -> bool {
        self.0.has_html_pass()
    }

    /// How many seconds a handler may take that has no deadline of its own; 0 for no limit.
    #[getter]
    fn deadline(&self) -> u32 {
        self.0.deadline().unwrap_or_default()
    }

    /// The prefix below which islands are asked for.
    #[getter]
    fn prefix(&self) -> &str {
        self.0.prefix()
    }

    /// Whether split pages get the loader's tags.
    #[getter]
    fn writes_loader(&self) -> bool {
        self.0.writes_loader()
    }

    /// Replaces the keys, while other threads use the object.
    #[pyo3(signature = (keys, /))]
    fn set_keys(&self, keys: &Bound<'_, PyAny>) -> PyResult<()> {
        self.0.set_keys(ring_from(Some(keys))?);
        Ok(())
    }

    /// Splits a page; a page without an island comes back as the very same object.
    #[pyo3(signature = (page, context=None, /))]
    fn split<'py>(
        &self,
        py: Python<'py>,
        page: &Bound<'py, PyBytes>,
        context: Option<&Context>,
    ) -> PyResult<Bound<'py, PyBytes>> {
        let source = page.as_bytes();
        let shell = work(py, source.len(), || Context::with(context, |context| self.0.split(source, context)))??;
        shell_bytes(page, &shell.map_err(|error| errors::raise(&error))?)
    }

    /// Splits a page whatever is wrong with it; returns the shell and what was wrong.
    #[pyo3(signature = (page, context=None, /))]
    fn split_lenient<'py>(
        &self,
        py: Python<'py>,
        page: &Bound<'py, PyBytes>,
        context: Option<&Context>,
    ) -> PyResult<(Bound<'py, PyBytes>, Bound<'py, PyList>)> {
        let source = page.as_bytes();
        let shell =
            work(py, source.len(), || Context::with(context, |context| self.0.split_lenient(source, context)))??;
        let shell = shell.map_err(|error| errors::raise(&error))?;
        Ok((shell_bytes(page, &shell)?, errors::list(py, shell.problems())?))
    }

    /// Splits a page; returns the shell and what the page's author should know.
    #[pyo3(signature = (page, context=None, /))]
    fn split_with_diagnostics<'py>(
        &self,
        py: Python<'py>,
        page: &Bound<'py, PyBytes>,
        context: Option<&Context>,
    ) -> PyResult<(Bound<'py, PyBytes>, Vec<Diagnostic>)> {
        let source = page.as_bytes();
        let shell = work(py, source.len(), || Context::with(context, |context| self.0.split(source, context)))??;
        let shell = shell.map_err(|error| errors::raise(&error))?;
        Ok((shell_bytes(page, &shell)?, Diagnostic::list(shell.diagnostics())))
    }

    /// Finds a page's islands once, to render it often.
    #[pyo3(signature = (page, /))]
    fn prepare(&self, py: Python<'_>, page: &[u8]) -> PyResult<Prepared> {
        Prepared::new(py, &self.0, page)
    }

    /// A placeholder: what `split` makes of the same island in a page.
    #[pyo3(signature = (
        name, props=None, /, *, fallback="", error=None, slots=None, context=None, default=None, when=None, key=None,
        keep=None, refresh=None, redirect=None, timeout=None, page=None, seal=None, ttl=None, deliver=None,
    ))]
    #[expect(clippy::too_many_arguments, reason = "each is a keyword in Python")]
    fn placeholder<'py>(
        &self,
        py: Python<'py>,
        name: &str,
        props: Option<&Bound<'py, PyAny>>,
        fallback: &str,
        error: Option<&str>,
        slots: Option<Vec<(String, String)>>,
        context: Option<&Context>,
        default: Option<&Bound<'py, PyAny>>,
        when: Option<&Bound<'py, PyAny>>,
        key: Option<&Bound<'py, PyAny>>,
        keep: Option<&Bound<'py, PyAny>>,
        refresh: Option<&Bound<'py, PyAny>>,
        redirect: Option<&Bound<'py, PyAny>>,
        timeout: Option<&Bound<'py, PyAny>>,
        page: Option<&Bound<'py, PyAny>>,
        seal: Option<&Bound<'py, PyAny>>,
        ttl: Option<&Bound<'py, PyAny>>,
        deliver: Option<&Bound<'py, PyAny>>,
    ) -> PyResult<Bound<'py, PyString>> {
        let options = given([when, key, keep, refresh, redirect, timeout, page, seal, ttl, deliver])?;
        let slots = slots.unwrap_or_default();
        let sealed: Vec<(&str, &str)> = slots.iter().map(|(name, html)| (name.as_str(), html.as_str())).collect();
        let slots = Slots::with_fallback(fallback.as_bytes()).with_error(error.map(str::as_bytes)).with_sealed(&sealed);
        written(py, props, default, options, context, |props, options, context, out| {
            let placeholder = Placeholder::new(name).with_props(props).with_slots(slots).with_options(*options);
            self.0.placeholder(&placeholder, context, out)
        })
    }

    /// A placeholder's attributes, for an element that a template writes itself.
    #[pyo3(signature = (
        name, props=None, /, *, context=None, default=None, when=None, key=None, keep=None, refresh=None, redirect=None,
        timeout=None, page=None, seal=None, ttl=None, deliver=None,
    ))]
    #[expect(clippy::too_many_arguments, reason = "each is a keyword in Python")]
    fn attributes<'py>(
        &self,
        py: Python<'py>,
        name: &str,
        props: Option<&Bound<'py, PyAny>>,
        context: Option<&Context>,
        default: Option<&Bound<'py, PyAny>>,
        when: Option<&Bound<'py, PyAny>>,
        key: Option<&Bound<'py, PyAny>>,
        keep: Option<&Bound<'py, PyAny>>,
        refresh: Option<&Bound<'py, PyAny>>,
        redirect: Option<&Bound<'py, PyAny>>,
        timeout: Option<&Bound<'py, PyAny>>,
        page: Option<&Bound<'py, PyAny>>,
        seal: Option<&Bound<'py, PyAny>>,
        ttl: Option<&Bound<'py, PyAny>>,
        deliver: Option<&Bound<'py, PyAny>>,
    ) -> PyResult<Bound<'py, PyString>> {
        let options = given([when, key, keep, refresh, redirect, timeout, page, seal, ttl, deliver])?;
        written(py, props, default, options, context, |props, options, context, out| {
            self.0.attributes(&Placeholder::new(name).with_props(props).with_options(*options), context, out)
        })
    }

    /// An island's URL, for libraries that fetch fragments by themselves.
    #[pyo3(signature = (name, props=None, /, *, context=None, default=None, page=None, seal=None, ttl=None))]
    #[expect(clippy::too_many_arguments, reason = "each is a keyword in Python")]
    fn url<'py>(
        &self,
        py: Python<'py>,
        name: &str,
        props: Option<&Bound<'py, PyAny>>,
        context: Option<&Context>,
        default: Option<&Bound<'py, PyAny>>,
        page: Option<&Bound<'py, PyAny>>,
        seal: Option<&Bound<'py, PyAny>>,
        ttl: Option<&Bound<'py, PyAny>>,
    ) -> PyResult<Bound<'py, PyString>> {
        let options = given([None, None, None, None, None, None, page, seal, ttl, None])?;
        written(py, props, default, options, context, |props, options, context, out| {
            self.0.url(&Placeholder::new(name).with_props(props).with_options(*options), context, out)
        })
    }

    /// The tags that load the loader and the style sheet.
    #[pyo3(signature = (context=None, /))]
    fn loader_tags<'py>(&self, py: Python<'py>, context: Option<&Context>) -> PyResult<Bound<'py, PyString>> {
        let mut out = Vec::new();
        calm(|| Context::with(context, |context| self.0.loader_tags(context, &mut out)))??;
        text(py, &out)
    }

    /// What becomes of a request: `None` where it is the app's, a `Sent`, or an `Exchange`.
    #[pyo3(signature = (method, target, headers, log, /, *, mount="", policy=None, visitor=None))]
    #[expect(clippy::too_many_arguments, reason = "most are keywords in Python")]
    fn arrive<'py>(
        &self,
        py: Python<'py>,
        method: &str,
        target: &str,
        headers: Headers,
        log: Py<PyAny>,
        mount: &str,
        policy: Option<&Policy>,
        visitor: Option<&str>,
    ) -> PyResult<Option<Bound<'py, PyAny>>> {
        exchange::arrive(py, self, &RawHead { method, target, headers: &headers, mount }, policy, visitor, &log)
    }

    /// The way out, through the inner station, of a response to a request that is none of eyot's own.
    #[pyo3(signature = (path, context, log, /, *, is_debug=false, is_head=false, splits=true, is_marked=false))]
    #[expect(clippy::too_many_arguments, reason = "most are keywords in Python")]
    fn page(
        &self,
        path: &str,
        context: Py<PyAny>,
        log: Py<PyAny>,
        is_debug: bool,
        is_head: bool,
        splits: bool,
        is_marked: bool,
    ) -> WayOut {
        let rules = PageRules::new(path).with_debug(is_debug).with_head(is_head).with_splits(splits);
        WayOut::page(PageOut::new(&self.0, rules.with_mark(is_marked)), context, log)
    }

    /// The same through the outer station, of what the inner one has not seen.
    #[pyo3(signature = (path, context, log, /, *, is_head=false))]
    fn out(&self, path: &str, context: Py<PyAny>, log: Py<PyAny>, is_head: bool) -> WayOut {
        WayOut::out(Out::new(&self.0, PageRules::new(path).with_head(is_head)), context, log)
    }
}

/// The shell as one `bytes` of exactly its length.
fn shell_bytes<'py>(page: &Bound<'py, PyBytes>, shell: &Shell<'_>) -> PyResult<Bound<'py, PyBytes>> {
    if shell.is_untouched() {
        return Ok(page.clone());
    }
    bytes::joined(page.py(), shell.len(), shell.segments())
}

/// Encodes props, parses options, and returns what `write` makes of them.
fn written<'py>(
    py: Python<'py>,
    props: Option<&Bound<'py, PyAny>>,
    default: Option<&Bound<'py, PyAny>>,
    options: Vec<(&'static str, Cow<'_, str>)>,
    context: Option<&Context>,
    write: impl FnOnce(Props<'_>, &Options<'_>, &eyot::Context<'_>, &mut Vec<u8>) -> Result<(), eyot::Error>,
) -> PyResult<Bound<'py, PyString>> {
    let json = props::encode(props, default.filter(|default| !default.is_none()))?;
    let mut parsed = Options::default();
    for (name, value) in &options {
        let refused = |reason| ConfigError::new_err((format!("{name}: {reason}"), "option"));
        parsed.set(name, value).map_err(refused)?;
    }
    let mut out = Vec::with_capacity(json.len() * 2 + 256);
    calm(|| Context::with(context, |context| write(Props::trusted(&json), &parsed, context, &mut out)))??
        .map_err(|error| errors::raise(&error))?;
    text(py, out.strip_prefix(b" ").unwrap_or(&out))
}

/// The options that a placeholder takes. Each is a keyword of its own: `**options` would make CPython build a tuple and a
/// dict for every call.
const OPTIONS: [&str; 10] = ["when", "key", "keep", "refresh", "redirect", "timeout", "page", "seal", "ttl", "deliver"];

/// The options that are set, in [`OPTIONS`]' order, as directives hold them.
fn given<'a>(values: [Option<&'a Bound<'_, PyAny>>; OPTIONS.len()]) -> PyResult<Vec<(&'static str, Cow<'a, str>)>> {
    let mut options = Vec::new();
    for (name, value) in OPTIONS.into_iter().zip(values) {
        if let Some(value) = value
            && let Some(text) = option_text(name, value)?
        {
            options.push((name, text));
        }
    }
    Ok(options)
}

/// A flag is there or not, a number is its digits; `False` and `None` are no option at all.
fn option_text<'a>(name: &str, value: &'a Bound<'_, PyAny>) -> PyResult<Option<Cow<'a, str>>> {
    if value.is_none() {
        return Ok(None);
    }
    if let Ok(flag) = value.cast::<PyBool>() {
        return Ok(flag.is_true().then_some("".into()));
    }
    // A time is what core reads as whole seconds; what is none, core refuses by name.
    if matches!(name, "ttl" | "timeout")
        && let Ok(seconds) = seconds(name, value)
    {
        return Ok(Some(seconds.to_string().into()));
    }
    if let Ok(text) = value.cast::<PyString>() {
        return text.to_str().map(|text| Some(text.into()));
    }
    let number: Result<u64, _> = value.extract();
    let number = number.map_err(|_| PyTypeError::new_err(format!("{name}: an option is str, int or bool")))?;
    Ok(Some(number.to_string().into()))
}

fn text<'py>(py: Python<'py>, written: &[u8]) -> PyResult<Bound<'py, PyString>> {
    PyString::from_bytes(py, written)
}
