//! The shell policy: what a route's shells look like to caches, and what keeps a visitor's own things out of them.

use eyot::http::ShellPolicy;
use pyo3::prelude::*;

use crate::duration::seconds;
use crate::errors;

/// How long caches keep a route's shells, in seconds, and what shapes them.
#[pyclass(frozen, module = "eyot")]
pub(crate) struct Policy(pub(crate) ShellPolicy);

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
}
