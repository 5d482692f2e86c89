//! Why a call failed: on its way to the caller, and as the object that the caller gets.

use std::borrow::Cow;

use crate::status::eyot_status;

/// Why a call failed, on its way to the caller.
#[derive(Debug)]
pub(crate) struct Failure {
    pub(crate) status: eyot_status,
    pub(crate) code: &'static str,
    pub(crate) message: Cow<'static, str>,
    pub(crate) place: Option<eyot::Position>,
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
        E::NameUnknown { .. } => S::EYOT_NAME_UNKNOWN,
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

/// Why a call failed. It belongs to you. It holds no key, no token and no value of a prop, so you can log it.
///
/// Threads: may be shared.
#[derive(Debug)]
pub struct eyot_error(pub(crate) Failure);

impl eyot_error {
    pub(crate) fn new(failure: Failure) -> Self {
        Self(failure)
    }

    #[cfg(test)]
    pub(crate) fn message(&self) -> &str {
        &self.0.message
    }
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
            E::NameUnknown { name: text(), nearest: None },
            E::NameTwice(text()),
            E::Option { option: "prefix".into(), reason: text() },
            E::KeyMissing,
            E::KeyEncoding { index: 1 },
            E::KeyLength { index: 1, length: 2 },
            E::KeyWeak { index: 1, why: "" },
            E::KeyTwice { index: 2 },
            E::SecretWeak { why: "" },
            E::PayloadTooLarge { name: text(), length: 1, limit: 0 },
            E::ExpiryRange,
            E::Entropy(text()),
            E::Props { name: text(), reason: eyot::props::PropsError::NotAnObject },
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
