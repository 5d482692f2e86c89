//! Where a call from C enters: a panic becomes a status, a pointer is checked before it is read, an output is written
//! only once everything else has succeeded.

use std::any::Any;
use std::panic::{AssertUnwindSafe, catch_unwind};

use crate::status::{Failure, eyot_error, eyot_status};

/// Runs the body of a function that returns a status.
///
/// The body may leave an object half changed when it panics. That is safe: none of them holds pointers whose validity
/// depends on an operation that completes, and core's splitter is finished before it starts to change.
///
/// # Safety
/// `error` is NULL or may be written to.
pub(crate) unsafe fn fallible(error: *mut *mut eyot_error, body: impl FnOnce() -> Result<(), Failure>) -> eyot_status {
    let failure = match catch_unwind(AssertUnwindSafe(body)) {
        Ok(Ok(())) => return eyot_status::EYOT_OK,
        Ok(Err(failure)) => failure,
        Err(payload) => Failure::panic(message(&payload)),
    };
    let status = failure.status();
    if !error.is_null() {
        // SAFETY: not NULL, and the caller says that it may be written to.
        unsafe { error.write(Box::into_raw(Box::new(eyot_error::new(failure)))) };
    }
    status
}

/// Runs the body of a function that takes no error object, because nothing but a pointer can be wrong with its input.
pub(crate) fn checked(body: impl FnOnce() -> Result<(), Failure>) -> eyot_status {
    match catch_unwind(AssertUnwindSafe(body)) {
        Ok(Ok(())) => eyot_status::EYOT_OK,
        Ok(Err(failure)) => failure.status(),
        Err(_) => eyot_status::EYOT_PANIC,
    }
}

/// Runs the body of a function that returns a value, or `fallback` where a receiver is NULL.
pub(crate) fn value<T>(fallback: T, body: impl FnOnce() -> Option<T>) -> T {
    catch_unwind(AssertUnwindSafe(body)).ok().flatten().unwrap_or(fallback)
}

/// Frees what [`give`] handed out; NULL is nothing to free.
///
/// # Safety
/// `object` is NULL, or came from [`give`] and has not been freed.
pub(crate) unsafe fn release<T>(object: *mut T) {
    value((), || {
        if !object.is_null() {
            // SAFETY: by this function's contract.
            drop(unsafe { Box::from_raw(object) });
        }
        Some(())
    });
}

/// Hands an object to the caller, who frees it.
pub(crate) fn give<T>(object: T) -> *mut T {
    Box::into_raw(Box::new(object))
}

/// The object that a call is made on, or an argument that is one.
///
/// # Safety
/// `object` is NULL, or points to a live `T` that nobody changes during the call.
pub(crate) unsafe fn object<'a, T>(object: *const T, name: &'static str) -> Result<&'a T, Failure> {
    // SAFETY: by this function's contract.
    unsafe { object.as_ref() }.ok_or_else(|| Failure::null(name))
}

/// The object that a call changes.
///
/// # Safety
/// `object` is NULL, or points to a live `T` that nobody else uses during the call.
pub(crate) unsafe fn object_mut<'a, T>(object: *mut T, name: &'static str) -> Result<&'a mut T, Failure> {
    // SAFETY: by this function's contract.
    unsafe { object.as_mut() }.ok_or_else(|| Failure::null(name))
}

/// A place for a result, known not to be NULL before any work is done.
pub(crate) struct Output<T>(*mut T);

impl<T> Output<T> {
    /// # Safety
    /// `place` is NULL, or may be written to until the call returns; it need not be initialised.
    pub(crate) unsafe fn new(place: *mut T, name: &'static str) -> Result<Self, Failure> {
        if place.is_null() { Err(Failure::null(name)) } else { Ok(Self(place)) }
    }

    /// Writes the result: the last thing that a call does.
    pub(crate) fn write(self, result: T) {
        // SAFETY: `new`'s contract.
        unsafe { self.0.write(result) }
    }
}

/// Writes one part of an object: what an accessor does.
///
/// # Safety
/// As [`object`], and as [`Output::new`].
pub(crate) unsafe fn read<T, R>(
    from: *const T,
    name: &'static str,
    out: *mut R,
    part: impl FnOnce(&T) -> R,
) -> Result<(), Failure> {
    // SAFETY: by this function's contract.
    let (from, out) = unsafe { (object(from, name)?, Output::new(out, "out")?) };
    out.write(part(from));
    Ok(())
}

/// What a panic said.
fn message(payload: &Box<dyn Any + Send>) -> String {
    let text = payload.downcast_ref::<&str>().map(|text| (*text).to_owned());
    text.or_else(|| payload.downcast_ref::<String>().cloned()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use std::ptr::null_mut;

    use super::*;

    #[test]
    fn a_panic_becomes_a_status_and_an_error_object_that_tells_what_it_said() {
        let mut error = null_mut();
        // SAFETY: `error` lives for the call.
        let status = unsafe { fallible(&raw mut error, || panic!("the weir broke")) };
        assert_eq!(status, eyot_status::EYOT_PANIC);
        // SAFETY: written by the call, and freed once.
        let found = unsafe { Box::from_raw(error) };
        assert!(found.message().contains("the weir broke"), "{}", found.message());
    }

    #[test]
    fn a_caller_who_does_not_care_gets_the_status_alone() {
        // SAFETY: NULL is allowed.
        let status = unsafe { fallible(null_mut(), || panic!("{}", String::from("no literal"))) };
        assert_eq!(status, eyot_status::EYOT_PANIC);
        assert_eq!(checked(|| panic!("again")), eyot_status::EYOT_PANIC);
        assert_eq!(value(7, || panic!("and again")), 7);
    }

    #[test]
    fn an_object_that_a_panic_left_half_changed_can_still_be_freed() {
        let list = give(vec![String::from("an island")]);
        let status = checked(|| {
            // SAFETY: made above, used by nobody else.
            let list = unsafe { object_mut(list, "list") }?;
            list.push(String::from("another"));
            panic!("half way")
        });
        assert_eq!(status, eyot_status::EYOT_PANIC);
        // SAFETY: made by `give`, freed once.
        unsafe { release(list) };
    }

    #[test]
    fn an_output_that_is_null_is_refused_before_any_work() {
        // SAFETY: NULL is allowed.
        let refused = unsafe { Output::<u32>::new(null_mut(), "out") };
        assert_eq!(refused.err().map(|failure| failure.status()), Some(eyot_status::EYOT_NULL_POINTER));
    }
}
