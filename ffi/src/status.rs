//! Status numbers and error objects.

use std::borrow::Cow;

use crate::boundary;
use crate::bytes::eyot_slice;

/// What a call came to. Numbers are never used for anything else: those of a status that is given up stay reserved.
#[repr(C)]
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum eyot_status {
    /// Done; the outputs are written.
    EYOT_OK = 0,

    /* 1 to 99: the call itself. */
    /// A pointer is NULL that must not be.
    EYOT_NULL_POINTER = 1,
    /// A text is not UTF-8.
    EYOT_UTF8 = 2,
    /// A number, flag or length is none that the function takes.
    EYOT_ARGUMENT = 3,
    /// A struct's `size` is none that a caller of this header can have: initialise it with its `_INIT` macro.
    EYOT_STRUCT_SIZE = 4,
    /// The object has done its work: a splitter after its end or after an error.
    EYOT_FINISHED = 5,
    /// There is no element of that index or name.
    EYOT_NOT_FOUND = 6,
    /// The caller's memory is too small.
    EYOT_BUFFER_TOO_SMALL = 7,
    /// Not an error: the request, or the handler's answer, is refused, and the reply to send instead is written.
    EYOT_REFUSED = 8,
    /// A defect in eyot. The object may be freed, and must not be used for anything else.
    EYOT_PANIC = 99,

    /* 100 to 199: configuration. */
    /// A name that is no island's name.
    EYOT_NAME_INVALID = 100,
    /// A name that is not declared.
    EYOT_NAME_UNKNOWN = 101,
    /// A name declared twice.
    EYOT_NAME_TWICE = 102,
    /// An option with an unusable value.
    EYOT_OPTION = 103,

    /* 200 to 299: keys. */
    /// No key at all.
    EYOT_KEY_MISSING = 200,
    /// A key that is not standard base64.
    EYOT_KEY_ENCODING = 201,
    /// A key that has not 32 bytes.
    EYOT_KEY_LENGTH = 202,
    /// A key that anybody could guess.
    EYOT_KEY_WEAK = 203,
    /// A key that stands in the list already.
    EYOT_KEY_TWICE = 204,
    /// A framework secret that no key can be derived from.
    EYOT_SECRET_WEAK = 205,

    /* 300 to 399: tokens. */
    /// More content than a token holds.
    EYOT_PAYLOAD_TOO_LARGE = 300,
    /// An expiry after the year 2106.
    EYOT_EXPIRY_RANGE = 301,
    /// The system gave no randomness, or no time.
    EYOT_ENTROPY = 302,
    /// A token that is damaged, forged or for another island; the error's code tells which, for the log alone.
    EYOT_TOKEN_BAD = 303,
    /// A token that has expired, or whose key is not in the ring.
    EYOT_TOKEN_STALE = 304,

    /* 400 to 499: props. */
    /// Not one JSON object, or a member that cannot be one.
    EYOT_PROPS = 400,
    /// A member of another type.
    EYOT_PROPS_TYPE = 401,

    /* 500 to 599: pages. */
    /// A page that cannot be split; the error tells the place, and its code what is wrong.
    EYOT_MARKUP = 500,
}

/// Why a call failed, on its way to the caller.
#[derive(Debug)]
pub(crate) struct Failure {
    status: eyot_status,
    code: &'static str,
    message: Cow<'static, str>,
    place: Option<eyot::Position>,
}

impl Failure {
    pub(crate) fn new(status: eyot_status, code: &'static str, message: impl Into<Cow<'static, str>>) -> Self {
        Self { status, code, message: message.into(), place: None }
    }

    pub(crate) fn null(name: &str) -> Self {
        Self::new(eyot_status::EYOT_NULL_POINTER, "null-pointer", format!("`{name}` is NULL"))
    }

    pub(crate) fn argument(message: impl Into<Cow<'static, str>>) -> Self {
        Self::new(eyot_status::EYOT_ARGUMENT, "argument", message)
    }

    pub(crate) fn not_found(message: impl Into<Cow<'static, str>>) -> Self {
        Self::new(eyot_status::EYOT_NOT_FOUND, "not-found", message)
    }

    pub(crate) fn panic(what: impl std::fmt::Display) -> Self {
        let message = format!("a defect in eyot ({what}): free the object, and please report this");
        Self::new(eyot_status::EYOT_PANIC, "panic", message)
    }

    pub(crate) fn status(&self) -> eyot_status {
        self.status
    }
}

impl From<eyot::Error> for Failure {
    fn from(error: eyot::Error) -> Self {
        Self {
            status: status_of(&error),
            code: error.code(),
            place: error.position(),
            message: error.to_string().into(),
        }
    }
}

impl From<eyot::seal::OpenError> for Failure {
    fn from(error: eyot::seal::OpenError) -> Self {
        let status = match error {
            eyot::seal::OpenError::Bad(_) => eyot_status::EYOT_TOKEN_BAD,
            eyot::seal::OpenError::Stale(_) => eyot_status::EYOT_TOKEN_STALE,
        };
        Self::new(status, error.code(), error.to_string())
    }
}

fn status_of(error: &eyot::Error) -> eyot_status {
    use eyot::Error as E;
    use eyot_status as S;
    match error {
        E::NameInvalid(_) => S::EYOT_NAME_INVALID,
        E::NameUnknown(_) => S::EYOT_NAME_UNKNOWN,
        E::NameTwice(_) => S::EYOT_NAME_TWICE,
        E::Option { .. } => S::EYOT_OPTION,
        E::KeyMissing => S::EYOT_KEY_MISSING,
        E::KeyEncoding { .. } => S::EYOT_KEY_ENCODING,
        E::KeyLength { .. } => S::EYOT_KEY_LENGTH,
        E::KeyWeak { .. } => S::EYOT_KEY_WEAK,
        E::KeyTwice { .. } => S::EYOT_KEY_TWICE,
        E::SecretWeak { .. } => S::EYOT_SECRET_WEAK,
        E::PayloadTooLarge { .. } => S::EYOT_PAYLOAD_TOO_LARGE,
        E::ExpiryRange => S::EYOT_EXPIRY_RANGE,
        E::Entropy(_) => S::EYOT_ENTROPY,
        E::Props { .. } => S::EYOT_PROPS,
        E::Markup { .. } => S::EYOT_MARKUP,
        E::Finished => S::EYOT_FINISHED,
        // Core's enum may grow before this table does; its code and text still reach the caller.
        _ => S::EYOT_ARGUMENT,
    }
}

/// Why a call failed. Owned by the caller; holds no key, no token and no prop's value, so that it can be logged.
///
/// Threads: may be shared.
#[derive(Debug)]
pub struct eyot_error(Failure);

impl eyot_error {
    pub(crate) fn new(failure: Failure) -> Self {
        Self(failure)
    }

    #[cfg(test)]
    pub(crate) fn message(&self) -> &str {
        &self.0.message
    }
}

/// The status that the call returned; `EYOT_NULL_POINTER` for NULL.
///
/// # Safety
/// `error` is NULL or a live error.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn eyot_error_status(error: *const eyot_error) -> eyot_status {
    boundary::value(eyot_status::EYOT_NULL_POINTER, || {
        // SAFETY: by this function's contract.
        unsafe { error.as_ref() }.map(|error| error.0.status)
    })
}

/// A stable, lower-case code such as `key-missing`, finer than the status. Borrowed from the error.
///
/// # Safety
/// `error` is NULL or a live error; `out` may be written to.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn eyot_error_code(error: *const eyot_error, out: *mut eyot_slice) -> eyot_status {
    boundary::checked(|| {
        // SAFETY: by this function's contract.
        let (error, out) = unsafe { (boundary::object(error, "error")?, boundary::Output::new(out, "out")?) };
        out.write(error.0.code.into());
        Ok(())
    })
}

/// What happened and what to do, in English, without a line break at its end. Borrowed from the error.
///
/// # Safety
/// `error` is NULL or a live error; `out` may be written to.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn eyot_error_message(error: *const eyot_error, out: *mut eyot_slice) -> eyot_status {
    boundary::checked(|| {
        // SAFETY: by this function's contract.
        let (error, out) = unsafe { (boundary::object(error, "error")?, boundary::Output::new(out, "out")?) };
        out.write((&*error.0.message).into());
        Ok(())
    })
}

/// The line in the page, from 1; 0 where the error has no place.
///
/// # Safety
/// `error` is NULL or a live error.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn eyot_error_line(error: *const eyot_error) -> u32 {
    boundary::value(0, || {
        // SAFETY: by this function's contract.
        unsafe { error.as_ref() }?.0.place.map(|at| at.line)
    })
}

/// The column in characters, from 1; 0 where the error has no place.
///
/// # Safety
/// `error` is NULL or a live error.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn eyot_error_column(error: *const eyot_error) -> u32 {
    boundary::value(0, || {
        // SAFETY: by this function's contract.
        unsafe { error.as_ref() }?.0.place.map(|at| at.column)
    })
}

/// Frees an error; NULL does nothing.
///
/// # Safety
/// `error` is NULL, or was handed out by a call and not freed yet.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn eyot_error_free(error: *mut eyot_error) {
    // SAFETY: by this function's contract.
    unsafe { boundary::release(error) }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    fn errors() -> Vec<eyot::Error> {
        use eyot::Error as E;
        let text = String::new;
        vec![
            E::NameInvalid(text()),
            E::NameUnknown(text()),
            E::NameTwice(text()),
            E::Option { option: "prefix", reason: text() },
            E::KeyMissing,
            E::KeyEncoding { index: 1 },
            E::KeyLength { index: 1, length: 2 },
            E::KeyWeak { index: 1, why: "" },
            E::KeyTwice { index: 2 },
            E::SecretWeak { why: "" },
            E::PayloadTooLarge { name: text(), length: 1, limit: 0 },
            E::ExpiryRange,
            E::Entropy(text()),
            E::Props { name: text(), reason: text() },
            E::Markup { problem: eyot::html::Problem::Unfinished, at: eyot::Position { line: 1, column: 1 } },
            E::Finished,
        ]
    }

    #[test]
    fn each_of_cores_errors_has_a_status_of_its_own() {
        let statuses: HashSet<_> = errors().iter().map(|error| status_of(error) as u32).collect();
        assert_eq!(statuses.len(), errors().len());
        assert!(!statuses.contains(&(eyot_status::EYOT_ARGUMENT as u32)));
    }
}
