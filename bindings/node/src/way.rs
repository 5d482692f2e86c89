//! The ways out of a response: through the inner station, and through the outer one. Both have the same calls.

use eyot::exchange::{Event as CoreEvent, Flow, Level, MARK, Out, PageOut, PageRules, Sent as CoreSent, Size, Step};
use eyot::http::{Outcome, Reply as CoreReply, Response};
use eyot::{Context, html};
use napi::Env;
use napi::bindgen_prelude::External;
use napi_derive::napi;

use crate::context;
use crate::errors::{Problem, Result, native, raise_as};
use crate::headers;
use crate::splitter::joined;
use crate::value::{Bytes, Latin1, Text, Written};

/// A way out.
pub(crate) enum WayOut {
    /// Through the inner station.
    Page(PageOut),
    /// Through the outer one.
    Out(Out),
}

/// The same call of either.
macro_rules! either {
    ($way:expr, $out:ident => $call:expr) => {
        match $way {
            WayOut::Page($out) => $call,
            WayOut::Out($out) => $call,
        }
    };
}

/// One line for the log.
#[napi(object, object_from_js = false)]
pub(crate) struct Event {
    /// `error`, `warn` or `info`.
    #[napi(ts_type = "\"error\" | \"warn\" | \"info\"")]
    pub level: &'static str,
    /// A stable, lower-case code.
    pub code: &'static str,
    /// The line.
    pub line: String,
    /// What happened, without the path.
    pub message: String,
    /// The path, without a query and without a token.
    pub path: String,
    /// Where in the page, as `line:column`.
    pub place: Option<String>,
    /// The island that was asked for, once its name is known to be one.
    pub island: Option<String>,
    /// Of a refusal: the status that the client gets.
    pub status: Option<u32>,
}

/// A whole answer: a file, a preflight's, or a refusal's.
#[napi(object, object_from_js = false)]
pub(crate) struct Reply {
    /// The status code.
    pub status: u32,
    /// A name and a value in a line each.
    #[napi(ts_type = "string")]
    pub headers: Written,
    /// The body.
    #[napi(ts_type = "Buffer")]
    pub body: Bytes,
}

/// What goes out instead of the app's own status and headers.
#[napi(object, object_from_js = false)]
pub(crate) struct Sent {
    /// The status code.
    pub status: u32,
    /// Changes to the headers, see `headers.rs`; of a whole response all of its headers.
    #[napi(ts_type = "string")]
    pub headers: Written,
    /// Whether it is a whole response, in the place of the app's.
    pub is_whole: bool,
    /// Whether a body goes out.
    pub has_body: bool,
    /// The body; absent where the app's own goes out.
    #[napi(ts_type = "Buffer")]
    pub body: Option<Bytes>,
}

/// What the host does next, or what goes out.
#[napi(object, object_from_js = false)]
pub(crate) struct Decided {
    /// `pass`, `wait`, `collect`, `decode`, `edited`, `stream`, `instead`, or of a whole body `sent` or `context`.
    pub kind: &'static str,
    /// The content coding to undo.
    pub coding: Option<String>,
    /// The head, or what goes out.
    pub sent: Option<Sent>,
    /// What is to be logged.
    pub events: Option<Vec<Event>>,
}

/// What goes out after a chunk of a streamed page.
#[napi(object, object_from_js = false)]
pub(crate) struct Flowed {
    /// The bytes; absent for the chunk as it is.
    #[napi(ts_type = "Buffer")]
    pub bytes: Option<Bytes>,
    /// Whether nothing more of the page goes out.
    pub is_over: bool,
    /// Why the connection is to be cut after that.
    pub fault: Option<Problem>,
    /// What is to be logged.
    pub events: Option<Vec<Event>>,
}

impl From<CoreEvent> for Event {
    fn from(event: CoreEvent) -> Self {
        let level = match event.level {
            Level::Info => "info",
            Level::Warning => "warn",
            _ => "error",
        };
        let (line, island) = (event.to_string(), event.island.map(|name| name.to_string()));
        let CoreEvent { code, message, path, status, place, .. } = event;
        let place = place.map(|at| format!("{}:{}", at.line, at.column));
        Self { level, code, line, message, path, place, island, status: status.map(u32::from) }
    }
}

impl Reply {
    pub(crate) fn new(env: &Env, reply: &CoreReply) -> Result<Self> {
        let headers = Written(headers::lines(reply.headers.iter().map(|(name, value)| (*name, &**value))));
        let body = Bytes::copied(env, &reply.body).map_err(|error| native(&error))?;
        Ok(Self { status: reply.status.into(), headers, body })
    }
}

impl Sent {
    fn head(outcome: &Outcome) -> Self {
        let headers = Written(headers::edits(&outcome.edits));
        Self { status: outcome.status.into(), headers, is_whole: false, has_body: outcome.has_body, body: None }
    }

    fn reply(env: &Env, reply: &CoreReply) -> Result<Self> {
        let Reply { status, headers, body } = Reply::new(env, reply)?;
        Ok(Self { status, headers, is_whole: true, has_body: true, body: Some(body) })
    }

    fn whole(env: &Env, sent: CoreSent<'_>) -> Result<Option<Self>> {
        Ok(match sent {
            CoreSent::Same => None,
            CoreSent::Edited(outcome) => Some(Self::head(&outcome)),
            CoreSent::Shell(outcome, shell) => {
                let html = Bytes::joined(env, shell.len(), shell.segments()).map_err(|error| native(&error))?;
                Some(Self { body: Some(html), ..Self::head(&outcome) })
            }
            CoreSent::Instead(reply) => Some(Self::reply(env, &reply)?),
        })
    }
}

impl Decided {
    fn new(way: &mut WayOut, kind: &'static str, coding: Option<String>, sent: Option<Sent>) -> Self {
        Self { kind, coding, sent, events: events(way) }
    }
}

fn events(way: &mut WayOut) -> Option<Vec<Event>> {
    let events = either!(way, out => out.events());
    (!events.is_empty()).then(|| events.into_iter().map(Into::into).collect())
}

/// The header in which the inner station tells the outer one that it has dealt with a response.
#[napi(catch_unwind)]
pub(crate) fn mark() -> &'static str {
    MARK
}

/// The way out through the inner station, of a request that is neither an island's nor one with a policy. `flags`: 1 while
/// debugging, 2 for a `HEAD`, 4 where HTML is split, 8 where an outer station is there.
#[napi(catch_unwind)]
pub(crate) fn page_out(
    islands: &External<eyot::Islands>,
    #[napi(ts_arg_type = "string")] path: Text,
    flags: u32,
) -> External<WayOut> {
    let has = |flag: u32| flags & flag != 0;
    let rules = PageRules::new(&path).with_debug(has(1)).with_head(has(2)).with_splits(has(4)).with_mark(has(8));
    External::new(WayOut::Page(PageOut::new(islands, rules)))
}

/// The way out of such a request through the outer station.
#[napi(catch_unwind)]
pub(crate) fn outer_out(
    islands: &External<eyot::Islands>,
    #[napi(ts_arg_type = "string")] path: Text,
    is_head: bool,
) -> External<WayOut> {
    External::new(WayOut::Out(Out::new(islands, PageRules::new(&path).with_head(is_head))))
}

/// What to do with a response of which so much is known: `unknown`, `whole` or `more`.
#[napi(catch_unwind)]
pub(crate) fn way_step(
    env: &Env,
    way: &mut External<WayOut>,
    status: u32,
    #[napi(ts_arg_type = "string")] headers: Latin1,
    count: u32,
    #[napi(ts_arg_type = "\"unknown\" | \"whole\" | \"more\"")] size: Text,
) -> Result<Decided> {
    let size = match &*size {
        "unknown" => Size::Unknown,
        "whole" => Size::Whole,
        "more" => Size::More,
        _ => return Err(raise_as("config", "size", "a size is unknown, whole or more")),
    };
    let way: &mut WayOut = way;
    let step = headers::with(&headers, count, |headers| {
        let response = Response::new(code(status), headers);
        either!(way, out => out.step(&response, size))
    })?;
    let (kind, coding, sent) = match step {
        Step::Wait => ("wait", None, None),
        Step::Collect => ("collect", None, None),
        Step::Decode(coding) => ("decode", Some(coding), None),
        Step::Edited(outcome) => ("edited", None, Some(Sent::head(&outcome))),
        Step::Stream(outcome) => ("stream", None, Some(Sent::head(&outcome))),
        Step::Instead(reply) => ("instead", None, Some(Sent::reply(env, &reply)?)),
        _ => ("pass", None, None),
    };
    Ok(Decided::new(way, kind, coding, sent))
}

/// What goes out of a response with this whole body; nothing is sent where it goes out as the app made it. Without a
/// context the answer may be `context`: there is something to seal, and the call is to be made again.
#[napi(catch_unwind)]
pub(crate) fn way_whole(
    env: &Env,
    way: &mut External<WayOut>,
    status: u32,
    #[napi(ts_arg_type = "string")] headers: Latin1,
    count: u32,
    body: &[u8],
    #[napi(ts_arg_type = "string | null")] context: Option<Text>,
) -> Result<Decided> {
    let way: &mut WayOut = way;
    if context.is_none() && html::may_hold_directive(body) {
        return Ok(Decided { kind: "context", coding: None, sent: None, events: None });
    }
    let mut whole = |context: &Context<'_>| {
        headers::with(&headers, count, |headers| {
            let response = Response::new(code(status), headers);
            Sent::whole(env, either!(way, out => out.whole(&response, body, context)))
        })
    };
    let sent = match context {
        Some(context) => context::with(&context, whole)??,
        // Nothing is sealed with it.
        None => whole(&Context::at(0))?,
    }?;
    Ok(Decided::new(way, "sent", None, sent))
}

/// What goes out of a compressed page that cannot be undone.
#[napi(catch_unwind)]
pub(crate) fn way_undecoded(
    env: &Env,
    way: &mut External<WayOut>,
    status: u32,
    #[napi(ts_arg_type = "string")] headers: Latin1,
    count: u32,
) -> Result<Decided> {
    let way: &mut WayOut = way;
    let sent = headers::with(&headers, count, |headers| {
        let response = Response::new(code(status), headers);
        Sent::whole(env, either!(way, out => out.undecoded(&response)))
    })??;
    Ok(Decided::new(way, "sent", None, sent))
}

/// Takes the next chunk of a streamed page, or without one its end.
#[napi(catch_unwind)]
pub(crate) fn way_flow(
    env: &Env,
    way: &mut External<WayOut>,
    chunk: Option<&[u8]>,
    #[napi(ts_arg_type = "string")] context: Text,
) -> Result<Flowed> {
    let way: &mut WayOut = way;
    let flow = context::with(&context, |context| match chunk {
        Some(chunk) => either!(&mut *way, out => out.push(chunk, context)),
        None => either!(&mut *way, out => out.finish(context)),
    })?;
    let copied = |bytes: &[u8]| Bytes::copied(env, bytes).map_err(|error| native(&error));
    let (bytes, is_over, fault) = match flow {
        Flow::On(segments) => {
            let is_same =
                chunk.is_some_and(|chunk| segments.clone().next().is_some_and(|only| std::ptr::eq(only, chunk)));
            let bytes = if is_same { None } else { Some(joined(env, segments)?) };
            (bytes, chunk.is_none(), None)
        }
        Flow::Last(rest) => (Some(copied(&rest)?), true, None),
        Flow::Cut(rest, error) => (Some(copied(&rest)?), true, Some(Problem::from(&error))),
    };
    Ok(Flowed { bytes, is_over, fault, events: events(way) })
}

/// Says of a stream that ended before its end that it is cut, for the log.
#[napi(catch_unwind)]
pub(crate) fn way_cut(way: &mut External<WayOut>) -> Option<Vec<Event>> {
    let way: &mut WayOut = way;
    if let WayOut::Out(out) = way {
        out.note_cut();
    }
    events(way)
}

fn code(status: u32) -> u16 {
    u16::try_from(status).unwrap_or(500)
}
