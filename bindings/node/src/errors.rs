//! Core's errors as JavaScript's: the code tells kind, code and place, which `lib/errors.ts` takes apart again.

use napi_derive::napi;

/// What a native function throws: `kind/code/line/column` is its code.
pub(crate) type Result<T> = std::result::Result<T, napi::Error<String>>;

/// Something that is wrong, to be looked at rather than thrown.
#[napi(object, object_from_js = false)]
pub(crate) struct Problem {
    /// `config`, `key`, `props`, `markup` or `seal`.
    pub kind: &'static str,
    /// A stable, lower-case code.
    pub code: &'static str,
    /// What happened and what to do.
    pub message: String,
    /// The line in the page, from 1; 0 where there is no place.
    pub line: u32,
    /// The column, from 1.
    pub column: u32,
}

impl From<&eyot::Error> for Problem {
    fn from(error: &eyot::Error) -> Self {
        let (line, column) = error.position().map_or((0, 0), |at| (at.line, at.column));
        Self { kind: kind(error), code: error.code(), message: error.to_string(), line, column }
    }
}

fn kind(error: &eyot::Error) -> &'static str {
    use eyot::Error as E;
    match error {
        E::NameInvalid(_) | E::NameUnknown { .. } | E::NameTwice(_) | E::Option { .. } => "config",
        E::KeyMissing
        | E::KeyEncoding { .. }
        | E::KeyLength { .. }
        | E::KeyWeak { .. }
        | E::KeyTwice { .. }
        | E::SecretWeak { .. } => "key",
        E::Props { .. } => "props",
        E::Markup { .. } => "markup",
        _ => "seal",
    }
}

/// The exception for `error`.
pub(crate) fn raise(error: &eyot::Error) -> napi::Error<String> {
    let Problem { kind, code, message, line, column } = error.into();
    napi::Error::new(format!("{kind}/{code}/{line}/{column}"), message)
}

/// The exception for a call that is wrong in itself.
pub(crate) fn raise_as(kind: &str, code: &str, message: impl std::fmt::Display) -> napi::Error<String> {
    napi::Error::new(format!("{kind}/{code}/0/0"), message.to_string())
}

/// Node-API's own failure, such as memory that cannot be had.
pub(crate) fn native(error: &napi::Error) -> napi::Error<String> {
    raise_as("native", "native", &error.reason)
}
