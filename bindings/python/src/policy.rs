//! The shell policy: what a route's shells look like to caches, and what keeps a visitor's own things out of them.

use eyot::http::ShellPolicy;
use pyo3::prelude::*;
use pyo3::types::{PyBool, PyDict, PyTuple};

use crate::duration::seconds;
use crate::errors::{self, ConfigError};

/// How long caches keep a route's shells, in seconds, and what shapes them.
#[pyclass(frozen, module = "eyot")]
pub(crate) struct Policy(pub(crate) ShellPolicy);

const NAMES: [&str; 6] = ["cdn", "browser", "swr", "sie", "cookies", "stream"];

#[pymethods]
impl Policy {
    /// Takes what Python would refuse in words of its own: what is mistaken here are a decorator's parentheses.
    #[new]
    #[pyo3(
        signature = (*bare, **options),
        text_signature = "(*, cdn, browser=None, swr=None, sie=None, cookies=False, stream=False)"
    )]
    fn new(bare: &Bound<'_, PyTuple>, options: Option<&Bound<'_, PyDict>>) -> PyResult<Self> {
        if let Ok(first) = bare.get_item(0) {
            return Err(positional(&first));
        }
        let (mut times, mut flags) = ([None; 4], [false; 2]);
        for (name, value) in options.into_iter().flatten() {
            let name: String = name.extract()?;
            match NAMES.iter().position(|known| *known == name) {
                Some(at @ 0..4) if !value.is_none() => times[at] = Some(seconds(&name, &value)?),
                Some(at @ 4..) => flags[at - 4] = flag(&name, &value)?,
                Some(_) => {}
                None => return Err(unknown(&name)),
            }
        }
        let [Some(cdn), browser, swr, sie] = times else { return Err(refused(EMPTY.to_owned())) };
        ShellPolicy::new(browser.unwrap_or(0), cdn)
            .and_then(|policy| policy.with_stale(swr.unwrap_or(0), sie.unwrap_or(0)))
            .map(|policy| Self(policy.with_cookies(flags[0]).with_stream(flags[1])))
            .map_err(|error| errors::raise(&error))
    }

    /// The policy as caches read it, and what else it says.
    fn __str__(&self) -> String {
        let cookies = if self.0.has_cookies() { ", with cookies" } else { "" };
        let stream = if self.0.streams() { ", streamed" } else { "" };
        self.0.cache_control() + cookies + stream
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
}

const EMPTY: &str =
    "a shell policy needs 'cdn', the time that shared caches keep the page: @shell(cdn=600), or \"10m\"";

fn positional(first: &Bound<'_, PyAny>) -> PyErr {
    match first.getattr("__name__").and_then(|name| name.extract::<String>()) {
        Ok(view) if first.is_callable() => refused(format!(
            "the view {view:?} stands where the times of its shell policy should: the decorator takes them in \
             parentheses, such as @shell(cdn=600)"
        )),
        _ => refused("a shell policy takes its times by name, such as @shell(cdn=600)".to_owned()),
    }
}

fn unknown(name: &str) -> PyErr {
    let meant = eyot::nearest(name.as_bytes(), NAMES.iter().copied());
    let meant = meant.map_or_else(|| format!("there are {}", NAMES.join(", ")), |near| format!("{near:?} is meant"));
    refused(format!("a shell policy has no option {name:?}: {meant}"))
}

fn flag(name: &str, value: &Bound<'_, PyAny>) -> PyResult<bool> {
    let wrong = |_| {
        let kind = value.get_type().qualname().map_or_else(|_| String::new(), |kind| kind.to_string());
        refused(format!("{name}: True or False, and no {kind}"))
    };
    value.cast::<PyBool>().map(|flag| flag.is_true()).map_err(wrong)
}

fn refused(text: String) -> PyErr {
    ConfigError::new_err((text, "option"))
}
