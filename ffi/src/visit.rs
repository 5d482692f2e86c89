//! A request on a route with a policy.

use std::mem::MaybeUninit;

use eyot::http::Visit;

use crate::boundary::{self, given};
use crate::bytes::eyot_slice;
use crate::failure::{Failure, eyot_error};
use crate::head::{eyot_head, with_head};
use crate::islands::eyot_islands;
use crate::outcome::eyot_outcome;
use crate::policy::eyot_policy;
use crate::response::{self, eyot_response};
use crate::status::eyot_status;

/// A request on a route with a policy, between its way in and its way out.
///
/// Threads: may be shared. You may free the policy and the islands that it was made from.
#[derive(Debug)]
pub struct eyot_visit {
    core: Visit,
    /// Point into `core`.
    hidden: Vec<eyot_slice>,
}

/// Starts a visit: a request on the policy's route. `*out` is NULL if the policy does not apply, because the method is
/// neither `GET` nor `HEAD`, or the path is below the prefix.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn eyot_policy_visit(
    policy: Option<&eyot_policy>,
    islands: Option<&eyot_islands>,
    head: *const eyot_head,
    out: Option<&mut MaybeUninit<Option<Box<eyot_visit>>>>,
    error: Option<&mut MaybeUninit<Option<Box<eyot_error>>>>,
) -> eyot_status {
    boundary::fallible(error, || {
        let (policy, islands, out) = (given(policy, "policy")?, given(islands, "islands")?, given(out, "out")?);
        // SAFETY: as above.
        let visit = unsafe { with_head(head, |head| head.map(|head| policy.core().incoming(islands.core(), head))) }?;
        let visit = visit.map_err(|refused| Failure::argument(refused.reason.to_string()))?;
        out.write(visit.map(|core| {
            let hidden = core.hidden_headers().iter().map(|name| (&**name).into()).collect();
            Box::new(eyot_visit { core, hidden })
        }));
        Ok(())
    })
}

/// Whether the request asks for a fresh shell (`island-fresh`). If it does, give the app the query of
/// `eyot_visit_query`. False for NULL.
#[unsafe(no_mangle)]
pub extern "C" fn eyot_visit_is_fresh(visit: Option<&eyot_visit>) -> bool {
    boundary::value(false, || visit.map(|visit| visit.core.query().is_some()))
}

/// The query for the app, without its `?`, if the request asks for a fresh shell; otherwise empty. Borrowed from the
/// visit.
#[unsafe(no_mangle)]
pub extern "C" fn eyot_visit_query(
    visit: Option<&eyot_visit>,
    out: Option<&mut MaybeUninit<eyot_slice>>,
) -> eyot_status {
    boundary::checked(|| {
        let (visit, out) = (given(visit, "visit")?, given(out, "out")?);
        out.write(visit.core.query().unwrap_or_default().into());
        Ok(())
    })
}

/// The headers of the request that the app must not see, by the names that they came with. Remove them before anything
/// else reads the request. Borrowed from the visit.
#[unsafe(no_mangle)]
pub extern "C" fn eyot_visit_hidden_headers(
    visit: Option<&eyot_visit>,
    out: Option<&mut MaybeUninit<*const eyot_slice>>,
    out_len: Option<&mut MaybeUninit<usize>>,
) -> eyot_status {
    boundary::checked(|| boundary::read_list(visit, "visit", (out, out_len), |visit| &visit.hidden))
}

/// Judges the app's response as it would be sent: after the split, and after sessions.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn eyot_visit_finish(
    visit: Option<&eyot_visit>,
    response: *const eyot_response,
    out: Option<&mut MaybeUninit<Option<Box<eyot_outcome>>>>,
    error: Option<&mut MaybeUninit<Option<Box<eyot_error>>>>,
) -> eyot_status {
    boundary::fallible(error, || {
        let (visit, out) = (given(visit, "visit")?, given(out, "out")?);
        // SAFETY: C keeps the contract.
        let response = unsafe { response::read(response) }?;
        let outcome = visit.core.finish(&response.core());
        out.write(boundary::give(eyot_outcome::new(outcome, &response.headers)));
        Ok(())
    })
}

/// Frees a visit; NULL does nothing.
#[unsafe(no_mangle)]
pub extern "C" fn eyot_visit_free(visit: Option<Box<eyot_visit>>) {
    boundary::release(visit)
}
