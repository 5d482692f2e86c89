//! The shell policy of a route.

use std::mem::MaybeUninit;

use eyot::http::ShellPolicy;

use crate::boundary::{self, given};
use crate::failure::eyot_error;
use crate::options::{self, options_struct};
use crate::status::eyot_status;

/// The app sees cookies and authorisation. The shell must not depend on them.
pub const EYOT_POLICY_COOKIES: u32 = 1;
/// A streamed page is sent as it comes, without an ETag and without a guard on its body.
pub const EYOT_POLICY_STREAM: u32 = 2;

/// How long caches keep a route's shells, in seconds. Initialise with `EYOT_POLICY_OPTIONS_INIT`.
#[repr(C)]
#[derive(Debug, Clone, Copy)]
pub struct eyot_policy_options {
    /// `sizeof(eyot_policy_options)`.
    pub size: u32,
    /// `EYOT_POLICY_COOKIES`, `EYOT_POLICY_STREAM`.
    pub flags: u32,
    /// How long browsers keep a shell.
    pub browser: u32,
    /// How long shared caches keep it.
    pub cdn: u32,
    /// How long a shared cache may serve a stale shell while it fetches a new one.
    pub stale_while_revalidate: u32,
    /// How long it may serve a stale shell if that fails.
    pub stale_if_error: u32,
}

options_struct!(eyot_policy_options { flags, browser, cdn, stale_while_revalidate, stale_if_error });

/// The policy of a route whose shells caches may keep.
///
/// Threads: may be shared.
#[derive(Debug, Clone, Copy)]
pub struct eyot_policy {
    core: ShellPolicy,
}

impl eyot_policy {
    pub(crate) fn core(&self) -> &ShellPolicy {
        &self.core
    }
}

/// Checks a policy.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn eyot_policy_new(
    options: *const eyot_policy_options,
    out: Option<&mut MaybeUninit<Option<Box<eyot_policy>>>>,
    error: Option<&mut MaybeUninit<Option<Box<eyot_error>>>>,
) -> eyot_status {
    boundary::fallible(error, || {
        let out = given(out, "out")?;
        // SAFETY: C keeps the contract.
        let options = unsafe { options::read(options, "options") }?;
        options::check_flags("options", options.flags, EYOT_POLICY_COOKIES | EYOT_POLICY_STREAM)?;
        let core = ShellPolicy::new(options.browser, options.cdn)?
            .with_stale(options.stale_while_revalidate, options.stale_if_error)?
            .with_cookies(options.flags & EYOT_POLICY_COOKIES != 0)
            .with_stream(options.flags & EYOT_POLICY_STREAM != 0);
        out.write(boundary::give(eyot_policy { core }));
        Ok(())
    })
}

/// How many seconds a shell may stay in caches at most: the value for `eyot_context.shell_life`. 0 for NULL.
#[unsafe(no_mangle)]
pub extern "C" fn eyot_policy_life(policy: Option<&eyot_policy>) -> u32 {
    boundary::value(0, || policy.map(|policy| policy.core.life()))
}

/// Frees a policy; NULL does nothing.
#[unsafe(no_mangle)]
pub extern "C" fn eyot_policy_free(policy: Option<Box<eyot_policy>>) {
    boundary::release(policy)
}
