//! The way out of a page through the inner station, and single questions about a response.

use eyot::exchange::{Flow, Level, PageOut, PageRules, Sent as CoreSent, Size, Step as CoreStep};
use eyot::http::{Outcome, PageKind, Reply, Response};
use napi::Env;
use napi::bindgen_prelude::External;
use napi_derive::napi;

use crate::context;
use crate::errors::{Problem, Result, native, raise_as};
use crate::headers;
use crate::splitter::joined;
use crate::value::{Bytes, Latin1, Text, Written};

/// What a response is to the inner station: `html`, `part`, `compressed`, `text` or `other`.
#[napi(catch_unwind, ts_return_type = "\"html\" | \"part\" | \"compressed\" | \"text\" | \"other\"")]
pub(crate) fn page_kind(
    status: u32,
    #[napi(ts_arg_type = "string")] headers: Latin1,
    count: u32,
) -> Result<&'static str> {
    headers::with(&headers, count, |headers| match PageKind::of(code(status), headers) {
        PageKind::Html => "html",
        PageKind::Part => "part",
        PageKind::Compressed => "compressed",
        PageKind::Text => "text",
        _ => "other",
    })
}

/// What a split changes in a page's headers; without a length, of a streamed one.
#[napi(catch_unwind, ts_return_type = "string")]
pub(crate) fn split_headers(
    #[napi(ts_arg_type = "string")] headers: Latin1,
    count: u32,
    len: Option<u32>,
) -> Result<Written> {
    let len = len.map(|len| usize::try_from(len).unwrap_or(usize::MAX));
    headers::with(&headers, count, |headers| {
        Written(headers::edits(&Outcome::split(&Response::new(200, headers), len).edits))
    })
}

/// What keeps a response out of every cache.
#[napi(catch_unwind, ts_return_type = "string")]
pub(crate) fn uncached_headers(#[napi(ts_arg_type = "string")] headers: Latin1, count: u32) -> Result<Written> {
    headers::with(&headers, count, |headers| {
        Written(headers::edits(&Outcome::uncached(&Response::new(200, headers)).edits))
    })
}

/// One line for the log.
#[napi(object, object_from_js = false)]
pub(crate) struct Event {
    /// Whether it is an error; otherwise a warning.
    pub is_error: bool,
    /// A stable, lower-case code.
    pub code: &'static str,
    /// The line.
    pub line: String,
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
    /// The body; absent where the app's own goes out.
    #[napi(ts_type = "Buffer")]
    pub body: Option<Bytes>,
}

/// What the host does next, or what goes out.
#[napi(object, object_from_js = false)]
pub(crate) struct Decided {
    /// `pass`, `wait`, `collect`, `decode`, `stream`, `instead`, or of a whole body `sent` or `context`.
    pub kind: &'static str,
    /// The content coding to undo.
    pub coding: Option<String>,
    /// The head of a stream, or what goes out.
    pub sent: Option<Sent>,
    /// Whether the page has problems.
    pub is_faulty: bool,
    /// What is to be logged.
    pub events: Vec<Event>,
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
    pub events: Vec<Event>,
}

impl Sent {
    fn head(outcome: &Outcome) -> Self {
        let headers = Written(headers::edits(&outcome.edits));
        Self { status: outcome.status.into(), headers, is_whole: false, body: None }
    }

    fn reply(env: &Env, reply: &Reply) -> Result<Self> {
        let headers = Written(headers::lines(reply.headers.iter().map(|(name, value)| (*name, &**value))));
        let body = Bytes::copied(env, &reply.body).map_err(|error| native(&error))?;
        Ok(Self { status: reply.status.into(), headers, is_whole: true, body: Some(body) })
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
    fn new(page: &mut PageOut, kind: &'static str, coding: Option<String>, sent: Option<Sent>) -> Self {
        Self { kind, coding, sent, is_faulty: page.is_faulty(), events: events(page) }
    }
}

fn events(page: &mut PageOut) -> Vec<Event> {
    let convert = |event: eyot::exchange::Event| Event {
        is_error: event.level == Level::Error,
        code: event.code,
        line: event.to_string(),
    };
    page.events().into_iter().map(convert).collect()
}

/// The way out of one page. `flags`: 1 while debugging, 2 for a `HEAD`, 4 where a stream goes out as it comes, 8 where it
/// must be sound.
#[napi(catch_unwind)]
pub(crate) fn page_out(
    islands: &External<eyot::Islands>,
    #[napi(ts_arg_type = "string")] path: Text,
    flags: u32,
) -> External<PageOut> {
    let has = |flag: u32| flags & flag != 0;
    let rules = PageRules::new(&path).with_debug(has(1)).with_head(has(2)).with_streams(has(4));
    External::new(PageOut::new(islands, rules.with_must_be_sound(has(8))))
}

/// What to do with a response of which so much is known: `unknown`, `whole` or `more`.
#[napi(catch_unwind)]
pub(crate) fn page_step(
    env: &Env,
    page: &mut External<PageOut>,
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
    let step = headers::with(&headers, count, |headers| page.step(&Response::new(code(status), headers), size))?;
    let (kind, coding, sent) = match step {
        CoreStep::Wait => ("wait", None, None),
        CoreStep::Collect => ("collect", None, None),
        CoreStep::Decode(coding) => ("decode", Some(coding), None),
        CoreStep::Stream(outcome) => ("stream", None, Some(Sent::head(&outcome))),
        CoreStep::Instead(reply) => ("instead", None, Some(Sent::reply(env, &reply)?)),
        _ => ("pass", None, None),
    };
    Ok(Decided::new(page, kind, coding, sent))
}

/// What goes out of a response with this whole body; nothing is sent where it goes out as the app made it. Without a
/// context the answer may be `context`: it is needed, and the call is to be made again.
#[napi(catch_unwind)]
pub(crate) fn page_whole(
    env: &Env,
    page: &mut External<PageOut>,
    status: u32,
    #[napi(ts_arg_type = "string")] headers: Latin1,
    count: u32,
    body: &[u8],
    #[napi(ts_arg_type = "string | null")] context: Option<Text>,
) -> Result<Decided> {
    let is_needed =
        headers::with(&headers, count, |headers| page.looks_at(&Response::new(code(status), headers), body))?;
    let Some(context) = context.filter(|_| is_needed) else {
        return Ok(Decided::new(page, if is_needed { "context" } else { "sent" }, None, None));
    };
    let sent = context::with(&context, |context| {
        headers::with(&headers, count, |headers| {
            Sent::whole(env, page.whole(&Response::new(code(status), headers), body, context))
        })
    })???;
    Ok(Decided::new(page, "sent", None, sent))
}

/// What goes out of a compressed page that cannot be undone.
#[napi(catch_unwind)]
pub(crate) fn page_undecoded(
    env: &Env,
    page: &mut External<PageOut>,
    status: u32,
    #[napi(ts_arg_type = "string")] headers: Latin1,
    count: u32,
) -> Result<Decided> {
    let sent = headers::with(&headers, count, |headers| {
        Sent::whole(env, page.undecoded(&Response::new(code(status), headers)))
    })??;
    Ok(Decided::new(page, "sent", None, sent))
}

/// Takes the next chunk of a streamed page, or without one its end.
#[napi(catch_unwind)]
pub(crate) fn page_flow(
    env: &Env,
    page: &mut External<PageOut>,
    chunk: Option<&[u8]>,
    #[napi(ts_arg_type = "string")] context: Text,
) -> Result<Flowed> {
    let page: &mut PageOut = page;
    let flow = context::with(&context, |context| match chunk {
        Some(chunk) => page.push(chunk, context),
        None => page.finish(context),
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
    Ok(Flowed { bytes, is_over, fault, events: events(page) })
}

fn code(status: u32) -> u16 {
    u16::try_from(status).unwrap_or(500)
}
