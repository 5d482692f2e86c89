//! Every call of core's goes through here: a panic inside becomes an `eyot.Error`, and long work gives up the GIL.

use std::panic::{AssertUnwindSafe, catch_unwind};

use pyo3::prelude::*;

use crate::errors::Error;

/// From so many bytes on other threads may run meanwhile; below, giving up the GIL takes longer than the work.
const LONG: usize = 32 * 1024;

/// What `work` returns; a panic in it is an exception that handlers of exceptions catch.
pub(crate) fn calm<R>(work: impl FnOnce() -> R) -> PyResult<R> {
    let work = || {
        #[cfg(debug_assertions)]
        fail::if_asked();
        work()
    };
    catch_unwind(AssertUnwindSafe(work)).map_err(|_| {
        let text = "eyot failed inside; this is a fault of eyot's own: please report it with what standard error says";
        Error::new_err((text, "panic"))
    })
}

/// The same for work on `length` bytes.
pub(crate) fn work<R: Send>(py: Python<'_>, length: usize, work: impl Send + FnOnce() -> R) -> PyResult<R> {
    if length < LONG { calm(work) } else { py.detach(|| calm(work)) }
}

/// Lets the tests see what becomes of a panic: no input is known that causes one.
#[cfg(debug_assertions)]
pub(crate) mod fail {
    use std::sync::atomic::{AtomicBool, Ordering};

    use pyo3::prelude::*;

    static ASKED: AtomicBool = AtomicBool::new(false);

    /// Has the next call of core's panic.
    #[pyfunction]
    #[pyo3(name = "_fail_next")]
    pub(crate) fn fail_next() {
        ASKED.store(true, Ordering::SeqCst);
    }

    pub(super) fn if_asked() {
        assert!(!ASKED.swap(false, Ordering::SeqCst), "a panic of the tests");
    }
}
