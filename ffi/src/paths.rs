//! Policies by patterns of paths, for servers whose routes cannot hold them.

use std::ffi::c_void;
use std::mem::MaybeUninit;
use std::sync::OnceLock;

use eyot::exchange::Event;
use eyot::paths::Paths;

use crate::boundary::{self, given};
use crate::bytes;
use crate::event::eyot_event;
use crate::failure::{Failure, eyot_error};
use crate::policy::eyot_policy;
use crate::status::eyot_status;

/// Policies by patterns such as `/p/{sku}` and `/docs/{page...}`. The most specific pattern that fits a path counts.
///
/// Threads: may be shared, once all patterns are added.
#[derive(Debug, Default)]
pub struct eyot_paths {
    core: Paths<eyot_policy>,
    unused: OnceLock<Unused>,
}

/// What is told of patterns, once.
#[derive(Debug)]
struct Unused {
    views: Vec<eyot_event>,
    /// The views point into them.
    _events: Vec<Event>,
}

/// Makes a table without patterns.
#[unsafe(no_mangle)]
pub extern "C" fn eyot_paths_new(
    out: Option<&mut MaybeUninit<Option<Box<eyot_paths>>>>,
    error: Option<&mut MaybeUninit<Option<Box<eyot_error>>>>,
) -> eyot_status {
    boundary::fallible(error, || {
        given(out, "out")?.write(boundary::give(eyot_paths::default()));
        Ok(())
    })
}

/// Adds a pattern with a copy of a policy. A NULL policy excepts the paths that the pattern fits. A pattern in another
/// router's syntax is `EYOT_OPTION`; the message says what is meant.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn eyot_paths_add(
    paths: Option<&mut eyot_paths>,
    pattern: *const c_void,
    pattern_len: usize,
    policy: Option<&eyot_policy>,
    error: Option<&mut MaybeUninit<Option<Box<eyot_error>>>>,
) -> eyot_status {
    boundary::fallible(error, || {
        let paths = given(paths, "paths")?;
        // SAFETY: C keeps the contract.
        let pattern = unsafe { bytes::text(pattern, pattern_len, "pattern") }?;
        let wrong =
            |error: eyot::paths::PatternError| Failure::new(eyot_status::EYOT_OPTION, "option", error.to_string());
        paths.core.add(pattern, policy.copied()).map_err(wrong)
    })
}

/// The policy of a path: raw, without a query, below the app's mount point. NULL if no pattern fits, or one without a
/// policy. Borrowed from the table.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn eyot_paths_find(
    paths: Option<&eyot_paths>,
    path: *const c_void,
    path_len: usize,
    out: Option<&mut MaybeUninit<*const eyot_policy>>,
) -> eyot_status {
    boundary::checked(|| {
        let (paths, out) = (given(paths, "paths")?, given(out, "out")?);
        // SAFETY: C keeps the contract.
        let path = unsafe { bytes::bytes(path, path_len, "path") }?;
        out.write(paths.core.find(path).map_or(std::ptr::null(), std::ptr::from_ref));
        Ok(())
    })
}

/// A line for your log for each pattern that none of the first 25 paths fitted, which may be a slip in it: once, and nothing
/// before and after. For development. Borrowed from the table.
#[unsafe(no_mangle)]
pub extern "C" fn eyot_paths_unused(
    paths: Option<&eyot_paths>,
    out: Option<&mut MaybeUninit<*const eyot_event>>,
    out_len: Option<&mut MaybeUninit<usize>>,
) -> eyot_status {
    boundary::checked(|| {
        let (paths, out, out_len) = (given(paths, "paths")?, given(out, "out")?, given(out_len, "out_len")?);
        let events = paths.core.unused();
        let is_told = !events.is_empty();
        if is_told {
            let views = events.iter().map(eyot_event::new).collect();
            let _ = paths.unused.set(Unused { views, _events: events });
        }
        let views = paths.unused.get().filter(|_| is_told).map_or(&[][..], |unused| &unused.views);
        out.write(bytes::first(views));
        out_len.write(views.len());
        Ok(())
    })
}

/// Frees a table; NULL does nothing.
#[unsafe(no_mangle)]
pub extern "C" fn eyot_paths_free(paths: Option<Box<eyot_paths>>) {
    boundary::release(paths)
}
