//! Island requests: what a request is, the opening of its token, and what becomes of the handler's answer.

use eyot::Islands;
use eyot::http::{Pending, Refusal, Reply as CoreReply, Response, Route};
use napi::Env;
use napi::bindgen_prelude::External;
use napi_derive::napi;

use crate::context::time;
use crate::errors::{Result, native};
use crate::headers::{self, RawHead};
use crate::policy::Outcome;
use crate::value::{Bytes, Latin1, Text, Written};

/// A whole answer: a file, a preflight's, or a refusal's with its reason for the log.
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
    /// A stable code when this refuses a request.
    pub reason: Option<&'static str>,
    /// The reason in words, for the log.
    pub explanation: Option<String>,
    /// The island that was asked for, once its name is known to be one.
    pub island: Option<String>,
}

/// What a request below the prefix is: a whole answer, or an island that waits for its token to be opened.
#[napi(object, object_from_js = false)]
pub(crate) struct Found {
    /// A file, a preflight's answer or a refusal.
    pub reply: Option<Reply>,
    /// An island's request.
    pub pending: Option<External<Pending>>,
    /// The island's name.
    pub name: Option<String>,
    /// How many bytes of body to read at most; 0 when the token is in the path.
    pub body_limit: u32,
    /// The headers that the handler of a shared island must not see, in lower case.
    pub hidden: Vec<String>,
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

impl Reply {
    fn new(env: &Env, reply: CoreReply) -> Result<Self> {
        let headers = headers::lines(reply.headers.iter().map(|(name, value)| (*name, &**value)));
        let body = Bytes::copied(env, &reply.body).map_err(|error| native(&error))?;
        let status = reply.status.into();
        Ok(Self { status, headers: Written(headers), body, reason: None, explanation: None, island: None })
    }

    fn refusal(env: &Env, refusal: Refusal) -> Result<Self> {
        Ok(Self {
            reason: Some(refusal.reason.code()),
            explanation: Some(refusal.reason.to_string()),
            island: refusal.island.map(|name| name.to_string()),
            ..Self::new(env, refusal.reply)?
        })
    }
}

impl Found {
    fn whole(reply: Reply) -> Self {
        Self { reply: Some(reply), pending: None, name: None, body_limit: 0, hidden: Vec::new() }
    }
}

impl Opened {
    pub(crate) fn new(props: &[u8], slots: &[u8], page: &[u8], expires: Option<u32>) -> Self {
        let text = |bytes: &[u8]| Written(bytes.to_vec());
        Self { props: text(props), slots: text(slots), page: text(page), expires, refusal: None }
    }
}

/// What a request is to these islands: `null` where it is the app's.
#[napi(catch_unwind)]
pub(crate) fn route(
    env: &Env,
    islands: &External<Islands>,
    #[napi(ts_arg_type = "string")] method: Text,
    #[napi(ts_arg_type = "string")] target: Latin1,
    #[napi(ts_arg_type = "string")] mount: Text,
    #[napi(ts_arg_type = "string")] headers: Latin1,
    count: u32,
) -> Result<Option<Found>> {
    let head = RawHead { method: &method, target: &target, mount: &mount, headers: &headers, count };
    let route =
        head.with(|head| head.map_or_else(|refused| Some(Route::Refusal(refused)), |head| islands.route(head)))?;
    let Some(route) = route else { return Ok(None) };
    let found = match route {
        Route::File(reply) | Route::Preflight(reply) => Found::whole(Reply::new(env, reply)?),
        Route::Refusal(refusal) => Found::whole(Reply::refusal(env, refusal)?),
        Route::Pending(pending) => Found {
            reply: None,
            name: Some(pending.name().to_string()),
            hidden: pending.hidden_headers().iter().map(|name| name.to_ascii_lowercase()).collect(),
            body_limit: u32::try_from(pending.body_limit()).unwrap_or(u32::MAX),
            pending: Some(External::new(pending)),
        },
    };
    Ok(Some(found))
}

/// The refusal of a body that is longer than the limit.
#[napi(catch_unwind)]
pub(crate) fn too_large(env: &Env, pending: &External<Pending>) -> Result<Reply> {
    Reply::refusal(env, pending.too_large())
}

/// Opens the token: of `body`, or of the path where `body` is empty.
#[napi(catch_unwind)]
pub(crate) fn open_pending(
    env: &Env,
    islands: &External<Islands>,
    pending: &External<Pending>,
    body: &[u8],
    #[napi(ts_arg_type = "string")] audience: Text,
    now: Option<f64>,
) -> Result<Opened> {
    let mut buffer = Vec::new();
    match pending.open(islands, body, &audience, time(now)?, &mut buffer) {
        Ok(island) => Ok(Opened::new(island.props, island.slots, island.page, island.expires)),
        Err(refusal) => {
            let refusal = Some(Reply::refusal(env, refusal)?);
            Ok(Opened { refusal, ..Opened::new(b"", b"", b"", None) })
        }
    }
}

/// Turns what a handler answered into what is sent, or into a refusal.
#[napi(catch_unwind)]
pub(crate) fn finish(
    env: &Env,
    islands: &External<Islands>,
    pending: &External<Pending>,
    status: u32,
    #[napi(ts_arg_type = "string")] headers: Latin1,
    count: u32,
    shared: Option<u32>,
    #[napi(ts_arg_type = "string")] page: Text,
    foreign: bool,
    body: Option<&[u8]>,
) -> Result<Outcome> {
    let status = u16::try_from(status).unwrap_or(500);
    let page = page.as_bytes();
    let finished = headers::with(&headers, count, |headers| {
        let response = Response::new(status, headers).with_shared(shared).with_page(page).with_foreign(foreign);
        pending.finish(islands, &body.map_or(response, |body| response.with_body(body)))
    })?;
    match finished {
        Ok(outcome) => Ok(outcome.into()),
        Err(refusal) => Ok(Outcome::refused(Reply::refusal(env, refusal)?)),
    }
}
