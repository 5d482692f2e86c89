//! What an error object says.

use std::mem::MaybeUninit;

use crate::boundary;
use crate::bytes::eyot_slice;
use crate::failure::eyot_error;
use crate::status::eyot_status;

/// The status that the call returned; `EYOT_NULL_POINTER` for NULL.
#[unsafe(no_mangle)]
pub extern "C" fn eyot_error_status(error: Option<&eyot_error>) -> eyot_status {
    boundary::value(eyot_status::EYOT_NULL_POINTER, || error.map(|error| error.0.status))
}

/// A stable, lower-case code such as `key-missing`, finer than the status. Borrowed from the error.
#[unsafe(no_mangle)]
pub extern "C" fn eyot_error_code(
    error: Option<&eyot_error>,
    out: Option<&mut MaybeUninit<eyot_slice>>,
) -> eyot_status {
    boundary::checked(|| boundary::read(error, "error", out, |error| error.0.code.into()))
}

/// What happened and what to do, in English, without a line break at its end. Borrowed from the error.
#[unsafe(no_mangle)]
pub extern "C" fn eyot_error_message(
    error: Option<&eyot_error>,
    out: Option<&mut MaybeUninit<eyot_slice>>,
) -> eyot_status {
    boundary::checked(|| boundary::read(error, "error", out, |error| (&*error.0.message).into()))
}

/// The line in the page, from 1; 0 if the error has no place.
#[unsafe(no_mangle)]
pub extern "C" fn eyot_error_line(error: Option<&eyot_error>) -> u32 {
    boundary::value(0, || error?.0.place.map(|at| at.line))
}

/// The column in characters, from 1; 0 if the error has no place.
#[unsafe(no_mangle)]
pub extern "C" fn eyot_error_column(error: Option<&eyot_error>) -> u32 {
    boundary::value(0, || error?.0.place.map(|at| at.column))
}

/// Frees an error; NULL does nothing.
#[unsafe(no_mangle)]
pub extern "C" fn eyot_error_free(error: Option<Box<eyot_error>>) {
    boundary::release(error)
}
