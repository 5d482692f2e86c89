//! For tests of servers: pages with every island in its place, and what is wrong with shells.

use std::ffi::c_void;
use std::mem::MaybeUninit;

use eyot::assembly::{Ask, Assembly, AssemblyError};

use crate::boundary::{self, given};
use crate::buffer::eyot_buffer;
use crate::bytes::{self, eyot_slice};
use crate::failure::{Failure, eyot_error};
use crate::islands::eyot_islands;
use crate::layout::without_gaps;
use crate::response::{self, eyot_response};
use crate::status::eyot_status;

/// A page whose placeholders are filled one after the other, those in islands' answers too. For tests.
///
/// Threads: one at a time.
#[derive(Debug)]
pub struct eyot_assembly {
    core: Assembly,
    asked: Option<Ask>,
}

/// An island to ask for, as the loader does: with `Sec-Fetch-Site: same-origin` and `Sec-Fetch-Dest: empty`, and a token
/// posted as `application/vnd.eyot.token`. Borrowed from the assembly until the next call.
#[repr(C)]
#[derive(Debug, Clone, Copy)]
pub struct eyot_ask {
    /// The island's name; empty once there is none to ask for.
    pub island: eyot_slice,
    /// Its address; a URL that does not begin with `/` is another server's.
    pub url: eyot_slice,
    /// The token to post there; empty for a `GET`.
    pub token: eyot_slice,
}

without_gaps!(eyot_ask { island, url, token });

impl From<AssemblyError> for Failure {
    fn from(error: AssemblyError) -> Self {
        Self::new(eyot_status::EYOT_ASSEMBLY, "assembly", error.to_string())
    }
}

/// Begins with a copy of a page.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn eyot_assembly_new(
    page: *const c_void,
    page_len: usize,
    out: Option<&mut MaybeUninit<Option<Box<eyot_assembly>>>>,
    error: Option<&mut MaybeUninit<Option<Box<eyot_error>>>>,
) -> eyot_status {
    boundary::fallible(error, || {
        let out = given(out, "out")?;
        // SAFETY: C keeps the contract.
        let page = unsafe { bytes::bytes(page, page_len, "page") }?;
        out.write(boundary::give(eyot_assembly { core: Assembly::new(page.to_vec()), asked: None }));
        Ok(())
    })
}

/// Writes the next island to ask for, with an empty name once there is none.
#[unsafe(no_mangle)]
pub extern "C" fn eyot_assembly_next(
    assembly: Option<&mut eyot_assembly>,
    out: Option<&mut MaybeUninit<eyot_ask>>,
    error: Option<&mut MaybeUninit<Option<Box<eyot_error>>>>,
) -> eyot_status {
    boundary::fallible(error, || {
        let (assembly, out) = (given(assembly, "assembly")?, given(out, "out")?);
        assembly.asked = assembly.core.next()?;
        let text = |of: fn(&Ask) -> &str| assembly.asked.as_ref().map_or("", of).into();
        out.write(eyot_ask {
            island: text(|ask| &ask.island),
            url: text(|ask| &ask.url),
            token: text(|ask| ask.token.as_deref().unwrap_or_default()),
        });
        Ok(())
    })
}

/// Puts the answer to the last ask in the page. `EYOT_ASSEMBLY`, with the reason, if the loader would not take it; the
/// placeholder then stays.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn eyot_assembly_answer(
    assembly: Option<&mut eyot_assembly>,
    answer: *const eyot_response,
    error: Option<&mut MaybeUninit<Option<Box<eyot_error>>>>,
) -> eyot_status {
    boundary::fallible(error, || {
        let assembly = given(assembly, "assembly")?;
        // SAFETY: C keeps the contract.
        let answer = unsafe { response::read(answer) }?;
        Ok(assembly.core.answer(answer.core().status, &answer.headers, answer.body)?)
    })
}

/// Leaves the placeholder of the last ask as it is.
#[unsafe(no_mangle)]
pub extern "C" fn eyot_assembly_skip(
    assembly: Option<&mut eyot_assembly>,
    error: Option<&mut MaybeUninit<Option<Box<eyot_error>>>>,
) -> eyot_status {
    boundary::fallible(error, || {
        given(assembly, "assembly")?.core.skip();
        Ok(())
    })
}

/// Writes the page as it is now. The assembly is then empty.
#[unsafe(no_mangle)]
pub extern "C" fn eyot_assembly_finish(
    assembly: Option<&mut eyot_assembly>,
    out: Option<&mut MaybeUninit<eyot_buffer>>,
    error: Option<&mut MaybeUninit<Option<Box<eyot_error>>>>,
) -> eyot_status {
    boundary::fallible(error, || {
        let (assembly, out) = (given(assembly, "assembly")?, given(out, "out")?);
        let core = std::mem::replace(&mut assembly.core, Assembly::new(Vec::new()));
        out.write(core.finish().into());
        Ok(())
    })
}

/// Frees an assembly; NULL does nothing.
#[unsafe(no_mangle)]
pub extern "C" fn eyot_assembly_free(assembly: Option<Box<eyot_assembly>>) {
    boundary::release(assembly)
}

/// Writes what is wrong with a response that a test expects to be a shell which shared caches keep, a line each; nothing if
/// it is one.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn eyot_islands_shell_faults(
    islands: Option<&eyot_islands>,
    shell: *const eyot_response,
    out: Option<&mut MaybeUninit<eyot_buffer>>,
    error: Option<&mut MaybeUninit<Option<Box<eyot_error>>>>,
) -> eyot_status {
    boundary::fallible(error, || {
        let (islands, out) = (given(islands, "islands")?, given(out, "out")?);
        // SAFETY: C keeps the contract.
        let shell = unsafe { response::read(shell) }?;
        let faults = eyot::assembly::shell_faults(islands.core(), shell.core().status, &shell.headers, shell.body);
        out.write(faults.iter().map(|fault| format!("{fault}\n")).collect::<String>().into_bytes().into());
        Ok(())
    })
}
