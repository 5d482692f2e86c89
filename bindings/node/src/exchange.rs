//! What a request is to the outer station, and a request for an island or for a page with a policy.

use eyot::Islands;
use eyot::exchange::{Arrived as CoreArrived, Event as CoreEvent, Exchange};
use eyot::http::{Reply as CoreReply, ShellPolicy};
use napi::Env;
use napi::bindgen_prelude::External;
use napi_derive::napi;

use crate::context::time;
use crate::errors::Result;
use crate::headers;
use crate::value::{Latin1, Text, Written};
use crate::way::{Event, Reply, WayOut};

/// What a request is: answered at once, an exchange, or with neither the app's own.
#[napi(object, object_from_js = false)]
pub(crate) struct Arrived {
    /// A file, a preflight's answer or a refusal.
    pub reply: Option<Reply>,
    /// What is to be logged.
    pub event: Option<Event>,
    /// A request for an island, or for a page with a policy.
    pub exchange: Option<External<Exchange>>,
    /// The name of the island; absent of a page.
    pub name: Option<String>,
    /// The method that the app sees.
    pub method: String,
    /// How many bytes of body to read at most; 0 when there is nothing to read.
    pub body_limit: u32,
    /// The headers that the app must not see, in lower case.
    pub hidden: Vec<String>,
    /// The query that the app sees instead, if it sees another.
    #[napi(ts_type = "string")]
    pub query: Option<Written>,
}

/// A token's content, genuine: props, slots and page as JSON.
#[napi(object, object_from_js = false)]
pub(crate) struct Opened {
    /// One JSON object.
    #[napi(ts_type = "string")]
    pub props: Written,
    /// A JSON object of strings, or nothing.
    #[napi(ts_type = "string")]
    pub slots: Written,
    /// The page's JSON object, or nothing.
    #[napi(ts_type = "string")]
    pub page: Written,
    /// When the token expires, in Unix seconds.
    pub expires: Option<u32>,
    /// Instead of all that: the token is refused.
    pub refusal: Option<Reply>,
}

impl Arrived {
    fn answer(env: &Env, reply: &CoreReply, event: Option<CoreEvent>) -> Result<Self> {
        Ok(Self { reply: Some(Reply::new(env, reply)?), ..Self::app(event) })
    }

    fn app(event: Option<CoreEvent>) -> Self {
        Self {
            reply: None,
            event: event.map(Into::into),
            exchange: None,
            name: None,
            method: String::new(),
            body_limit: 0,
            hidden: Vec::new(),
            query: None,
        }
    }

    fn exchange(exchange: Exchange) -> Self {
        Self {
            name: exchange.name().map(ToString::to_string),
            method: exchange.method().to_owned(),
            body_limit: u32::try_from(exchange.body_limit()).unwrap_or(u32::MAX),
            hidden: hidden(&exchange),
            query: exchange.query().map(|query| Written(query.to_vec())),
            exchange: Some(External::new(exchange)),
            ..Self::app(None)
        }
    }
}

impl Opened {
    pub(crate) fn new(props: &[u8], slots: &[u8], page: &[u8], expires: Option<u32>) -> Self {
        let text = |bytes: &[u8]| Written(bytes.to_vec());
        Self { props: text(props), slots: text(slots), page: text(page), expires, refusal: None }
    }
}

fn hidden(exchange: &Exchange) -> Vec<String> {
    exchange.hidden_headers().iter().map(|name| name.to_ascii_lowercase()).collect()
}

/// What a request is to the outer station. `policy` is that of its route, `visitor` what outer layers have put there that
/// says who the visitor is.
#[napi(catch_unwind)]
pub(crate) fn arrive(
    env: &Env,
    islands: &External<Islands>,
    #[napi(ts_arg_type = "string")] method: Text,
    #[napi(ts_arg_type = "string")] target: Latin1,
    #[napi(ts_arg_type = "string")] mount: Text,
    #[napi(ts_arg_type = "string")] headers: Latin1,
    count: u32,
    policy: Option<&External<ShellPolicy>>,
    visitor: Option<String>,
) -> Result<Arrived> {
    let policy = policy.map(|policy| -> &ShellPolicy { policy });
    let arrived = headers::with_head(&method, &target, &mount, (&headers, count), |head| match head {
        Ok(head) => islands.arrive(head, policy, visitor.as_deref()),
        Err(refusal) => {
            let (reply, event) = islands.refused(refusal, &target);
            CoreArrived::Answer(reply, Some(event))
        }
    })?;
    match arrived {
        CoreArrived::App(event) => Ok(Arrived::app(event)),
        CoreArrived::Answer(reply, event) => Arrived::answer(env, &reply, event),
        CoreArrived::Exchange(exchange) => Ok(Arrived::exchange(exchange)),
    }
}

/// Says that the island is shared, and for how many seconds; returns the headers that its handler must not see.
#[napi(catch_unwind)]
pub(crate) fn exchange_share(exchange: &External<Exchange>, seconds: u32) -> Vec<String> {
    exchange.share(seconds);
    hidden(exchange)
}

/// Takes the body that was read, one byte beyond the limit at most, or answers what refuses it.
#[napi(catch_unwind)]
pub(crate) fn exchange_take_body(env: &Env, exchange: &External<Exchange>, body: &[u8]) -> Result<Option<Arrived>> {
    let Err(refused) = exchange.take_body(body) else { return Ok(None) };
    let (reply, event) = *refused;
    Arrived::answer(env, &reply, Some(event)).map(Some)
}

/// The path that the app sees where a token was posted.
#[napi(catch_unwind)]
pub(crate) fn exchange_path(exchange: &External<Exchange>) -> Option<String> {
    exchange.path().map(str::to_owned)
}

/// Opens the island's token.
#[napi(catch_unwind)]
pub(crate) fn exchange_open(
    env: &Env,
    exchange: &External<Exchange>,
    #[napi(ts_arg_type = "string")] audience: Text,
    now: Option<f64>,
) -> Result<Opened> {
    let mut buffer = Vec::new();
    match exchange.open(&audience, time(now)?, &mut buffer) {
        Ok(island) => Ok(Opened::new(island.props, island.slots, island.page, island.expires)),
        Err(reply) => Ok(Opened { refusal: Some(Reply::new(env, &reply)?), ..Opened::new(b"", b"", b"", None) }),
    }
}

/// Says that the island's props do not fit, and why; returns what is sent.
#[napi(catch_unwind)]
pub(crate) fn exchange_misfit(
    env: &Env,
    exchange: &External<Exchange>,
    #[napi(ts_arg_type = "string")] why: Text,
) -> Result<Reply> {
    Reply::new(env, &exchange.misfit(&why))
}

/// Notes the `Content-Security-Policy` headers of the handler's own.
#[napi(catch_unwind)]
pub(crate) fn exchange_policies(exchange: &External<Exchange>, values: Vec<String>) {
    let values: Vec<&[u8]> = values.iter().map(String::as_bytes).collect();
    exchange.note_policies(&values);
}

/// The way out through the inner station.
#[napi(catch_unwind)]
pub(crate) fn exchange_page(exchange: &External<Exchange>, splits: bool) -> External<WayOut> {
    External::new(WayOut::Page(exchange.page(splits)))
}

/// The way out through the outer station. `keeps_coding`: what was compressed between the stations leaves compressed.
#[napi(catch_unwind)]
pub(crate) fn exchange_out(exchange: &External<Exchange>, keeps_coding: bool) -> External<WayOut> {
    let out = exchange.out();
    External::new(WayOut::Out(if keeps_coding { out.keeping_coding() } else { out }))
}
