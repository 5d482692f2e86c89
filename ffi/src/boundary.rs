//! Where a call from C enters: a panic becomes a status, a pointer is checked before it is read, an output is written
//! only once everything else has succeeded.

use std::any::Any;
use std::mem::MaybeUninit;
use std::panic::{AssertUnwindSafe, catch_unwind};

use crate::bytes::first;
use crate::failure::{Failure, eyot_error};
use crate::status::eyot_status;

/// Runs the body of a function that returns a status.
///
/// The body may leave an object half changed when it panics. That is safe: none of them holds pointers whose validity
/// depends on an operation that completes, and core's splitter is finished before it starts to change.
pub(crate) fn fallible(
    error: Option<&mut MaybeUninit<Option<Box<eyot_error>>>>,
    body: impl FnOnce() -> Result<(), Failure>,
) -> eyot_status {
    let failure = match catch_unwind(AssertUnwindSafe(body)) {
        Ok(Ok(())) => return eyot_status::EYOT_OK,
        Ok(Err(failure)) => failure,
        Err(payload) => Failure::panic(message(&payload)),
    };
    let status = failure.status();
    if let Some(error) = error {
        error.write(give(eyot_error::new(failure)));
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

/// Runs the body of a function that hands out a part of an object, or NULL.
pub(crate) fn part<'a, T>(body: impl FnOnce() -> Option<&'a T>) -> Option<&'a T> {
    catch_unwind(AssertUnwindSafe(body)).ok().flatten()
}

/// Frees an object of the caller's; NULL is nothing to free.
pub(crate) fn release<T>(object: Option<Box<T>>) {
    value((), || {
        drop(object);
        Some(())
    });
}

/// An object for the caller, who frees it.
#[expect(clippy::unnecessary_wraps, reason = "an output may hold NULL; this one does not")]
pub(crate) fn give<T>(object: T) -> Option<Box<T>> {
    Some(Box::new(object))
}

/// What C passed for an object, or for a place to write to: NULL arrives as `None`, and is the caller's mistake.
pub(crate) fn given<T>(passed: Option<T>, name: &str) -> Result<T, Failure> {
    passed.ok_or_else(|| Failure::null(name))
}

/// Writes one part of an object: what an accessor does.
pub(crate) fn read<'a, T, R>(
    from: Option<&'a T>,
    name: &str,
    out: Option<&mut MaybeUninit<R>>,
    part: impl FnOnce(&'a T) -> R,
) -> Result<(), Failure> {
    let (from, out) = (given(from, name)?, given(out, "out")?);
    out.write(part(from));
    Ok(())
}

/// Writes a list that belongs to an object: where it begins and how long it is.
pub(crate) fn read_list<'a, T, R: 'a>(
    from: Option<&'a T>,
    name: &str,
    (out, out_len): (Option<&mut MaybeUninit<*const R>>, Option<&mut MaybeUninit<usize>>),
    list: impl FnOnce(&'a T) -> &'a [R],
) -> Result<(), Failure> {
    let (from, out, out_len) = (given(from, name)?, given(out, "out")?, given(out_len, "out_len")?);
    let list = list(from);
    out.write(first(list));
    out_len.write(list.len());
    Ok(())
}

/// What a panic said.
fn message(payload: &Box<dyn Any + Send>) -> String {
    let text = payload.downcast_ref::<&str>().map(|text| (*text).to_owned());
    text.or_else(|| payload.downcast_ref::<String>().cloned()).unwrap_or_default()
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test stops where something is not as expected")]
mod tests {
    use super::*;

    #[test]
    fn a_panic_becomes_a_status_and_an_error_object_that_tells_what_it_said() {
        let mut error = MaybeUninit::new(None);
        let status = fallible(Some(&mut error), || panic!("the weir broke"));
        assert_eq!(status, eyot_status::EYOT_PANIC);
        // SAFETY: initialised above.
        let found = unsafe { error.assume_init() }.unwrap();
        assert!(found.message().contains("the weir broke"), "{}", found.message());
    }

    #[test]
    fn a_caller_who_does_not_care_gets_the_status_alone() {
        let status = fallible(None, || panic!("{}", String::from("no literal")));
        assert_eq!(status, eyot_status::EYOT_PANIC);
        assert_eq!(checked(|| panic!("again")), eyot_status::EYOT_PANIC);
        assert_eq!(value(7, || panic!("and again")), 7);
    }

    #[test]
    fn a_call_that_succeeds_leaves_the_error_as_it_was() {
        let mut error = MaybeUninit::new(give(eyot_error::new(Failure::null("an earlier one"))));
        assert_eq!(fallible(Some(&mut error), || Ok(())), eyot_status::EYOT_OK);
        // SAFETY: initialised above.
        assert!(unsafe { error.assume_init() }.unwrap().message().contains("an earlier one"));
    }

    #[test]
    fn an_object_that_a_panic_left_half_changed_can_still_be_freed() {
        let mut list = give(vec![String::from("an island")]);
        let status = checked(|| {
            given(list.as_mut(), "list")?.push(String::from("another"));
            panic!("half way")
        });
        assert_eq!(status, eyot_status::EYOT_PANIC);
        release(list);
    }

    #[test]
    fn an_output_that_is_null_is_refused_before_any_work() {
        let refused = read(Some(&7_u32), "number", None, |_: &u32| -> u32 { unreachable!() });
        assert_eq!(refused.unwrap_err().status(), eyot_status::EYOT_NULL_POINTER);
    }
}
