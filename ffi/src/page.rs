//! The way out of a response through either station.

use std::ffi::c_void;
use std::mem::MaybeUninit;

use eyot::Context;
use eyot::exchange::{Event, Flow, Out, PageOut, PageRules, Sent, Size, Step};

use crate::boundary::{self, given};
use crate::bytes::{self, eyot_slice};
use crate::context::{self, eyot_context};
use crate::event::eyot_event;
use crate::failure::{Failure, eyot_error};
use crate::islands::eyot_islands;
use crate::options::{self, options_struct};
use crate::outcome::eyot_outcome;
use crate::reply::eyot_reply;
use crate::response::{self, eyot_response};
use crate::shell::eyot_shell;
use crate::status::eyot_status;

/// For development: a fault is shown to the visitor, on an error page with its place. Without this flag, for production, a
/// faulty island becomes its fallback, and no cache keeps the page.
pub const EYOT_PAGE_DEBUG: u32 = 1;
/// The app answers a `HEAD`.
pub const EYOT_PAGE_HEAD: u32 = 2;
/// HTML is left as it is, and only marked.
pub const EYOT_PAGE_UNSPLIT: u32 = 16;
/// An outer station is there, for which this one marks the responses that it has dealt with, by the header `Eyot-Split`.
pub const EYOT_PAGE_MARK: u32 = 32;
/// A page that comes in chunks is held back until all of it has been judged: for a policy without `EYOT_POLICY_STREAM`.
pub const EYOT_PAGE_HOLD: u32 = 4;
/// A page that comes in chunks is cut at its first fault: for a route with a policy and for a shared island, whose head
/// tells caches to keep the page.
pub const EYOT_PAGE_SOUND: u32 = 8;

/// What a page's way out depends on, beside the page. NULL means the defaults. Initialise with `EYOT_PAGE_OPTIONS_INIT`.
#[repr(C)]
#[derive(Debug, Clone, Copy)]
pub struct eyot_page_options {
    /// `sizeof(eyot_page_options)`.
    pub size: u32,
    /// `EYOT_PAGE_DEBUG`, `EYOT_PAGE_HEAD`, `EYOT_PAGE_HOLD`, `EYOT_PAGE_SOUND`, `EYOT_PAGE_UNSPLIT`, `EYOT_PAGE_MARK`.
    pub flags: u32,
    /// The request's path as a browser shows it, without its query: for the log, which gets no token of it.
    pub path: eyot_slice,
}

options_struct!(eyot_page_options { flags, path });

/// Nothing is known of the body's size.
pub const EYOT_SIZE_UNKNOWN: u32 = 0;
/// All of the body is in memory.
pub const EYOT_SIZE_WHOLE: u32 = 1;
/// The body has as many bytes as you say, and is yet to come.
pub const EYOT_SIZE_KNOWN: u32 = 2;
/// A part of the body is there and more is to come, or the app wants what it has written to go out (a flush).
pub const EYOT_SIZE_MORE: u32 = 3;

/// What to do next with a page.
#[repr(C)]
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum eyot_step {
    /// Send the response as the app made it. Of one that was decoded, that is the compressed body.
    EYOT_STEP_PASS = 0,
    /// Keep the head, and call `eyot_page_step` again when you know more of the body's size.
    EYOT_STEP_WAIT = 1,
    /// Collect the body and call `eyot_page_whole`.
    EYOT_STEP_COLLECT = 2,
    /// Collect the body, undo the coding of `eyot_page_coding`, and call `eyot_page_whole` with what you get. An empty body
    /// stays empty. If you cannot undo it, call `eyot_page_undecoded`.
    EYOT_STEP_DECODE = 3,
    /// Send the status and headers of `eyot_page_outcome`, and then the app's body, as it comes or as it was collected; or no
    /// body, if `eyot_outcome_has_body` says so.
    EYOT_STEP_EDIT = 4,
    /// Send `eyot_page_shell` with the status and headers of `eyot_page_outcome`.
    EYOT_STEP_SHELL = 5,
    /// Send `eyot_page_reply` instead, and drop what the app sends.
    EYOT_STEP_REPLY = 6,
    /// The body goes out as it comes. After `eyot_page_step`: send the status and headers of `eyot_page_outcome`, then give
    /// each chunk to `eyot_page_push` and the end to `eyot_page_finish`. After these: send the segments.
    EYOT_STEP_STREAM = 7,
    /// Send the segments. The page has ended: drop what of it is still to come.
    EYOT_STEP_END = 8,
    /// Send the segments, then cut the connection, so that caches discard what they have of the page. `eyot_page_fault` says
    /// why.
    EYOT_STEP_CUT = 9,
}

use eyot_step as Next;

/// The way out of one response through a station: you say what was answered, and it says what to do. The inner station's
/// decides whether the response is split, and how: whole, in chunks, compressed, in part, faulty. The outer station's decides
/// what an island, or a page with a policy, leaves as, and splits what the inner station has not seen.
///
/// Threads: one at a time. You may free the islands and the exchange that it was made from.
#[derive(Debug)]
pub struct eyot_page {
    core: Way,
    state: State,
    /// What the last step said; each belongs to the page until the next one.
    coding: String,
    outcome: Option<eyot_outcome>,
    reply: Option<eyot_reply>,
    shell: Option<eyot_shell>,
    segments: Vec<eyot_slice>,
    /// What a stream ends with; a segment points into it.
    rest: Vec<u8>,
    fault: Option<eyot_error>,
    /// What was last given to the log. The list points into it.
    told: Vec<Event>,
    events: Vec<eyot_event>,
}

/// The station.
#[derive(Debug)]
enum Way {
    Inner(Box<PageOut>),
    Outer(Box<Out>),
}

/// Calls the same method of either.
macro_rules! either {
    ($way:expr, $out:ident => $call:expr) => {
        match $way {
            Way::Inner($out) => $call,
            Way::Outer($out) => $call,
        }
    };
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    /// It is not certain yet what becomes of the response.
    Open,
    /// Its head went out, and its body goes out as it comes.
    Streaming,
    /// Everything has been decided.
    Over,
}

impl eyot_page {
    pub(crate) fn inner(core: PageOut) -> Self {
        Self::new(Way::Inner(Box::new(core)))
    }

    pub(crate) fn outer(core: Out) -> Self {
        Self::new(Way::Outer(Box::new(core)))
    }

    fn new(core: Way) -> Self {
        Self {
            core,
            state: State::Open,
            coding: String::new(),
            outcome: None,
            reply: None,
            shell: None,
            segments: Vec::new(),
            rest: Vec::new(),
            fault: None,
            told: Vec::new(),
            events: Vec::new(),
        }
    }

    /// Begins a call that is allowed in one state alone: what the last one said is gone.
    fn begin(&mut self, state: State) -> Result<(), Failure> {
        if self.state == State::Over {
            return Err(eyot::Error::Finished.into());
        }
        if self.state != state {
            let message = if state == State::Open {
                "the page's head went out: push its body, or finish it"
            } else {
                "the page does not go out as it comes: no step said so"
            };
            return Err(Failure::argument(message));
        }
        self.coding.clear();
        self.segments.clear();
        (self.outcome, self.reply, self.shell) = (None, None, None);
        Ok(())
    }

    fn step(&mut self, response: &response::Given<'_>, size: Size) -> Next {
        match either!(&mut self.core, out => out.step(&response.core(), size)) {
            Step::Wait => Next::EYOT_STEP_WAIT,
            Step::Collect => Next::EYOT_STEP_COLLECT,
            Step::Decode(coding) => {
                self.coding = coding;
                Next::EYOT_STEP_DECODE
            }
            Step::Stream(outcome) => {
                self.state = State::Streaming;
                self.outcome = Some(eyot_outcome::new(outcome, &response.headers));
                Next::EYOT_STEP_STREAM
            }
            Step::Edited(outcome) => {
                self.state = State::Over;
                self.outcome = Some(eyot_outcome::new(outcome, &response.headers));
                Next::EYOT_STEP_EDIT
            }
            Step::Instead(reply) => self.instead(eyot_reply::new(reply)),
            _ => {
                self.state = State::Over;
                Next::EYOT_STEP_PASS
            }
        }
    }

    fn instead(&mut self, reply: eyot_reply) -> Next {
        (self.state, self.reply) = (State::Over, Some(reply));
        Next::EYOT_STEP_REPLY
    }

    fn send(&mut self, response: &response::Given<'_>, sent: Sent<'static>) -> Next {
        self.state = State::Over;
        match sent {
            Sent::Same => Next::EYOT_STEP_PASS,
            Sent::Edited(outcome) => {
                self.outcome = Some(eyot_outcome::new(outcome, &response.headers));
                Next::EYOT_STEP_EDIT
            }
            Sent::Shell(outcome, shell) => {
                self.outcome = Some(eyot_outcome::new(outcome, &response.headers));
                self.shell = Some(eyot_shell::split(*shell));
                Next::EYOT_STEP_SHELL
            }
            Sent::Instead(reply) => self.instead(eyot_reply::new(reply)),
        }
    }

    /// Takes a chunk, or the end of the page.
    fn flow(&mut self, chunk: Option<&[u8]>, context: &Context<'_>) -> Next {
        let flow = match chunk {
            Some(chunk) => either!(&mut self.core, out => out.push(chunk, context)),
            None => either!(&mut self.core, out => out.finish(context)),
        };
        let (rest, next) = match flow {
            Flow::On(segments) => {
                self.segments.extend(segments.map(eyot_slice::from));
                if chunk.is_some() {
                    return Next::EYOT_STEP_STREAM;
                }
                (Vec::new(), Next::EYOT_STEP_END)
            }
            Flow::Last(rest) => (rest, Next::EYOT_STEP_END),
            Flow::Cut(rest, error) => {
                self.fault = Some(eyot_error::new(error.into()));
                (rest, Next::EYOT_STEP_CUT)
            }
        };
        (self.state, self.rest) = (State::Over, rest);
        if !self.rest.is_empty() {
            self.segments.push((&*self.rest).into());
        }
        next
    }
}

/// Begins the way out, through the inner station, of a response to a request that is neither an island's nor one with a
/// policy; for those there is `eyot_exchange_page`. It copies the options.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn eyot_page_new(
    islands: Option<&eyot_islands>,
    options: *const eyot_page_options,
    out: Option<&mut MaybeUninit<Option<Box<eyot_page>>>>,
    error: Option<&mut MaybeUninit<Option<Box<eyot_error>>>>,
) -> eyot_status {
    boundary::fallible(error, || {
        let (islands, out) = (given(islands, "islands")?, given(out, "out")?);
        // SAFETY: C keeps the contract.
        let rules = unsafe { rules(options) }?;
        out.write(boundary::give(eyot_page::inner(PageOut::new(islands.core(), rules))));
        Ok(())
    })
}

/// Begins the way out, through the outer station, of a response to a request that is neither an island's nor one with a
/// policy. Needed only for a `Content-Type` of text without the header `Eyot-Split`, which the inner station sets on what it
/// has dealt with and which you remove. Of the options, the path and `EYOT_PAGE_HEAD` count. It copies them.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn eyot_page_new_outer(
    islands: Option<&eyot_islands>,
    options: *const eyot_page_options,
    out: Option<&mut MaybeUninit<Option<Box<eyot_page>>>>,
    error: Option<&mut MaybeUninit<Option<Box<eyot_error>>>>,
) -> eyot_status {
    boundary::fallible(error, || {
        let (islands, out) = (given(islands, "islands")?, given(out, "out")?);
        // SAFETY: C keeps the contract.
        let rules = unsafe { rules(options) }?;
        out.write(boundary::give(eyot_page::outer(Out::new(islands.core(), rules))));
        Ok(())
    })
}

/// Asks what to do with the app's response: when its head is known, and again after `EYOT_STEP_WAIT` when more is known of
/// its body. `size` is one of `EYOT_SIZE_…`; `body_len` counts for `EYOT_SIZE_KNOWN` alone. The response's body is ignored.
/// After `EYOT_STEP_PASS`, `EYOT_STEP_EDIT`, `EYOT_STEP_REPLY` and `EYOT_STEP_STREAM` it is decided, and asking again is an error.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn eyot_page_step(
    page: Option<&mut eyot_page>,
    response: *const eyot_response,
    size: u32,
    body_len: u64,
    step: Option<&mut MaybeUninit<eyot_step>>,
    error: Option<&mut MaybeUninit<Option<Box<eyot_error>>>>,
) -> eyot_status {
    boundary::fallible(error, || {
        let (page, step) = (given(page, "page")?, given(step, "step")?);
        // SAFETY: C keeps the contract.
        let response = unsafe { response::read(response) }?;
        let size = match size {
            EYOT_SIZE_UNKNOWN => Size::Unknown,
            EYOT_SIZE_WHOLE => Size::Whole,
            EYOT_SIZE_KNOWN => Size::Known(body_len),
            EYOT_SIZE_MORE => Size::More,
            other => return Err(Failure::argument(format!("`size` is {other}: pass one of EYOT_SIZE_…"))),
        };
        page.begin(State::Open)?;
        step.write(page.step(&response, size));
        Ok(())
    })
}

/// Decides about a response with its whole body, decoded if `EYOT_STEP_DECODE` said so. `*step` is `EYOT_STEP_PASS`,
/// `EYOT_STEP_EDIT`, `EYOT_STEP_SHELL` or `EYOT_STEP_REPLY`. The shell borrows the body: keep the body, unchanged, until you
/// have sent the shell.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn eyot_page_whole(
    page: Option<&mut eyot_page>,
    response: *const eyot_response,
    context: *const eyot_context,
    step: Option<&mut MaybeUninit<eyot_step>>,
    error: Option<&mut MaybeUninit<Option<Box<eyot_error>>>>,
) -> eyot_status {
    boundary::fallible(error, || {
        let (page, step) = (given(page, "page")?, given(step, "step")?);
        // SAFETY: C keeps the contract, and the body for as long as it uses the shell.
        let (response, context) = unsafe { (response::read(response)?, context::read(context)?) };
        page.begin(State::Open)?;
        let context = context.core();
        let sent = either!(&mut page.core, out => out.whole(&response.core(), response.body, &context));
        step.write(page.send(&response, sent));
        Ok(())
    })
}

/// Decides about a compressed page that you cannot decode: it may hold directives, so that no cache keeps it, and while
/// debugging an error page takes its place. `*step` is `EYOT_STEP_EDIT` or `EYOT_STEP_REPLY`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn eyot_page_undecoded(
    page: Option<&mut eyot_page>,
    response: *const eyot_response,
    step: Option<&mut MaybeUninit<eyot_step>>,
    error: Option<&mut MaybeUninit<Option<Box<eyot_error>>>>,
) -> eyot_status {
    boundary::fallible(error, || {
        let (page, step) = (given(page, "page")?, given(step, "step")?);
        // SAFETY: C keeps the contract.
        let response = unsafe { response::read(response) }?;
        page.begin(State::Open)?;
        let sent = either!(&mut page.core, out => out.undecoded(&response.core()));
        step.write(page.send(&response, sent));
        Ok(())
    })
}

/// Takes the next chunk of a page that goes out as it comes. `*step` is `EYOT_STEP_STREAM`, `EYOT_STEP_END` or
/// `EYOT_STEP_CUT`; in each case, send the segments first. Each segment is a part of the chunk, or belongs to the page until
/// the next chunk; so does the list.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn eyot_page_push(
    page: Option<&mut eyot_page>,
    chunk: *const c_void,
    chunk_len: usize,
    context: *const eyot_context,
    step: Option<&mut MaybeUninit<eyot_step>>,
    out: Option<&mut MaybeUninit<*const eyot_slice>>,
    out_len: Option<&mut MaybeUninit<usize>>,
    error: Option<&mut MaybeUninit<Option<Box<eyot_error>>>>,
) -> eyot_status {
    boundary::fallible(error, || {
        // SAFETY: C keeps the contract, and the chunk until it has used the segments.
        let (chunk, context) = unsafe { (bytes::bytes(chunk, chunk_len, "chunk")?, context::read(context)?) };
        advance(page, Some(chunk), &context.core(), (step, out, out_len))
    })
}

/// Ends a page that goes out as it comes, and returns the rest of it. `*step` is `EYOT_STEP_END` or `EYOT_STEP_CUT`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn eyot_page_finish(
    page: Option<&mut eyot_page>,
    context: *const eyot_context,
    step: Option<&mut MaybeUninit<eyot_step>>,
    out: Option<&mut MaybeUninit<*const eyot_slice>>,
    out_len: Option<&mut MaybeUninit<usize>>,
    error: Option<&mut MaybeUninit<Option<Box<eyot_error>>>>,
) -> eyot_status {
    boundary::fallible(error, || {
        // SAFETY: C keeps the contract.
        let context = unsafe { context::read(context) }?;
        advance(page, None, &context.core(), (step, out, out_len))
    })
}

/// The content coding to undo after `EYOT_STEP_DECODE`, such as `gzip`, in lower case; otherwise empty. Borrowed from the
/// page until its next step.
#[unsafe(no_mangle)]
pub extern "C" fn eyot_page_coding(page: Option<&eyot_page>, out: Option<&mut MaybeUninit<eyot_slice>>) -> eyot_status {
    boundary::checked(|| boundary::read(page, "page", out, |page| page.coding.as_str().into()))
}

/// The status and headers to send after `EYOT_STEP_EDIT`, `EYOT_STEP_SHELL` and `EYOT_STEP_STREAM`; otherwise NULL. Borrowed
/// from the page until its next step.
#[unsafe(no_mangle)]
pub extern "C" fn eyot_page_outcome(page: Option<&eyot_page>) -> Option<&eyot_outcome> {
    boundary::part(|| page?.outcome.as_ref())
}

/// The shell to send after `EYOT_STEP_SHELL`; otherwise NULL. Borrowed from the page until its next step.
#[unsafe(no_mangle)]
pub extern "C" fn eyot_page_shell(page: Option<&eyot_page>) -> Option<&eyot_shell> {
    boundary::part(|| page?.shell.as_ref())
}

/// The whole answer to send after `EYOT_STEP_REPLY`; otherwise NULL. Borrowed from the page until its next step.
#[unsafe(no_mangle)]
pub extern "C" fn eyot_page_reply(page: Option<&eyot_page>) -> Option<&eyot_reply> {
    boundary::part(|| page?.reply.as_ref())
}

/// What was wrong after `EYOT_STEP_CUT`; otherwise NULL. It is among the events, too. Borrowed from the page.
#[unsafe(no_mangle)]
pub extern "C" fn eyot_page_fault(page: Option<&eyot_page>) -> Option<&eyot_error> {
    boundary::part(|| page?.fault.as_ref())
}

/// Whether a stream has begun and not ended. The outer station then cuts the connection, whoever swallowed the reason; false
/// for NULL.
#[unsafe(no_mangle)]
pub extern "C" fn eyot_page_is_open(page: Option<&eyot_page>) -> bool {
    boundary::value(false, || {
        page.map(|page| match &page.core {
            Way::Inner(out) => out.is_open(),
            Way::Outer(_) => false,
        })
    })
}

/// Notes, at the outer station, that it cuts a stream that the inner one began and did not end: a line for the log. NULL does
/// nothing.
#[unsafe(no_mangle)]
pub extern "C" fn eyot_page_note_cut(page: Option<&mut eyot_page>) {
    boundary::value((), || {
        if let Some(Way::Outer(out)) = page.map(|page| &mut page.core) {
            out.note_cut();
        }
        Some(())
    })
}

/// What is to be logged since the last call; often nothing. Call it after each step, and before you free the page. The list
/// belongs to the page until the next call of this function.
#[unsafe(no_mangle)]
pub extern "C" fn eyot_page_events(
    page: Option<&mut eyot_page>,
    out: Option<&mut MaybeUninit<*const eyot_event>>,
    out_len: Option<&mut MaybeUninit<usize>>,
) -> eyot_status {
    boundary::checked(|| {
        let (page, out, out_len) = (given(page, "page")?, given(out, "out")?, given(out_len, "out_len")?);
        page.told = either!(&mut page.core, out => out.events());
        page.events = page.told.iter().map(eyot_event::new).collect();
        out.write(bytes::first(&page.events));
        out_len.write(page.events.len());
        Ok(())
    })
}

/// Frees a page, in any state; NULL does nothing.
#[unsafe(no_mangle)]
pub extern "C" fn eyot_page_free(page: Option<Box<eyot_page>>) {
    boundary::release(page)
}

/// Reads the options.
///
/// # Safety
/// `options` is NULL or as the contract says.
unsafe fn rules(options: *const eyot_page_options) -> Result<PageRules, Failure> {
    let mut given = eyot_page_options::default();
    if !options.is_null() {
        // SAFETY: by this function's contract.
        given = unsafe { options::read(options, "options") }?;
    }
    let known =
        EYOT_PAGE_DEBUG | EYOT_PAGE_HEAD | EYOT_PAGE_HOLD | EYOT_PAGE_SOUND | EYOT_PAGE_UNSPLIT | EYOT_PAGE_MARK;
    options::check_flags("options", given.flags, known)?;
    // SAFETY: by this function's contract.
    let path = unsafe { given.path.text("path") }?;
    let has = |flag| given.flags & flag != 0;
    let rules = PageRules::new(path).with_debug(has(EYOT_PAGE_DEBUG)).with_head(has(EYOT_PAGE_HEAD));
    let rules = rules.with_splits(!has(EYOT_PAGE_UNSPLIT)).with_mark(has(EYOT_PAGE_MARK));
    Ok(rules.with_streams(!has(EYOT_PAGE_HOLD)).with_must_be_sound(has(EYOT_PAGE_SOUND)))
}

/// What a chunk leads to: what to do, and the segments with their number.
type Parts<'a> = (
    Option<&'a mut MaybeUninit<eyot_step>>,
    Option<&'a mut MaybeUninit<*const eyot_slice>>,
    Option<&'a mut MaybeUninit<usize>>,
);

fn advance(
    page: Option<&mut eyot_page>,
    chunk: Option<&[u8]>,
    context: &Context<'_>,
    (step, out, out_len): Parts<'_>,
) -> Result<(), Failure> {
    let (page, step) = (given(page, "page")?, given(step, "step")?);
    let (out, out_len) = (given(out, "out")?, given(out_len, "out_len")?);
    page.begin(State::Streaming)?;
    step.write(page.flow(chunk, context));
    out.write(bytes::first(&page.segments));
    out_len.write(page.segments.len());
    Ok(())
}
