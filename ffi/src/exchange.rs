//! The way in through the outer station: what a request is; and an exchange, between its way in and its way out.

use std::ffi::c_void;
use std::mem::MaybeUninit;

use eyot::exchange::{Arrived, Exchange};
use eyot::http::{Reply, split_target};

use crate::boundary::{self, given};
use crate::bytes::{self, eyot_slice};
use crate::event::{Told, eyot_event};
use crate::failure::{Failure, eyot_error};
use crate::head::{eyot_head, with_head};
use crate::islands::eyot_islands;
use crate::opened::eyot_opened;
use crate::page::eyot_page;
use crate::policy::eyot_policy;
use crate::reply::eyot_reply;
use crate::status::eyot_status;
use crate::system::time;

/// What a request is to the outer station.
#[repr(C)]
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum eyot_arrival {
    /// It is for the app, and no policy applies.
    EYOT_ARRIVAL_APP = 0,
    /// Send `eyot_exchange_reply`: the loader or the style sheet, a preflight's answer, or a refusal.
    EYOT_ARRIVAL_REPLY = 1,
    /// It is for an island.
    EYOT_ARRIVAL_ISLAND = 2,
    /// It is for a page with a policy.
    EYOT_ARRIVAL_PAGE = 3,
}

/// A request that is eyot's to look at, between its way in and its way out.
///
/// Threads: may be shared. You may free the islands, the policy and the head that it was made from.
#[derive(Debug)]
pub struct eyot_exchange {
    found: Found,
    /// Of what the app answers; that of a reply is the reply's.
    event: Option<Told>,
}

#[derive(Debug)]
enum Found {
    App,
    Reply(eyot_reply),
    Exchange { core: Exchange, number: u32 },
}

/// Finds out what a request is. `policy` is that of its route; NULL if it has none. `visitor` names what layers around the
/// outer station have put there that says who the visitor is, such as `session`; empty if nothing does. Behind such a layer
/// the policy is not applied. `*out` is NULL if the request is the app's and there is nothing to log; otherwise it belongs to
/// you.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn eyot_islands_arrive(
    islands: Option<&eyot_islands>,
    head: *const eyot_head,
    policy: Option<&eyot_policy>,
    visitor: *const c_void,
    visitor_len: usize,
    out: Option<&mut MaybeUninit<Option<Box<eyot_exchange>>>>,
    error: Option<&mut MaybeUninit<Option<Box<eyot_error>>>>,
) -> eyot_status {
    boundary::fallible(error, || {
        let (islands, out) = (given(islands, "islands")?, given(out, "out")?);
        // SAFETY: C keeps the contract.
        let visitor = unsafe { bytes::text(visitor, visitor_len, "visitor") }?;
        let visitor = Some(visitor).filter(|visitor| !visitor.is_empty());
        let core = islands.core();
        // SAFETY: as above.
        let arrived = unsafe {
            with_head(head, |head, target| match head {
                Ok(head) => core.arrive(head, policy.map(eyot_policy::core), visitor),
                Err(refused) => {
                    let (reply, event) = core.refused(refused, split_target(target).0);
                    Arrived::Answer(reply, Some(event))
                }
            })
        }?;
        out.write(exchange(islands, arrived).map(Box::new));
        Ok(())
    })
}

fn exchange(islands: &eyot_islands, arrived: Arrived) -> Option<eyot_exchange> {
    let (found, event) = match arrived {
        Arrived::App(None) => return None,
        Arrived::App(event) => (Found::App, event),
        Arrived::Answer(reply, event) => (Found::Reply(eyot_reply::told(reply, event)), None),
        Arrived::Exchange(core) => {
            let number = core.name().map_or(0, |name| islands.number(name));
            (Found::Exchange { core, number }, None)
        }
    };
    Some(eyot_exchange { found, event: event.map(Told::new) })
}

/// What the request is; `EYOT_ARRIVAL_APP` for NULL.
#[unsafe(no_mangle)]
pub extern "C" fn eyot_exchange_arrival(exchange: Option<&eyot_exchange>) -> eyot_arrival {
    boundary::value(eyot_arrival::EYOT_ARRIVAL_APP, || {
        exchange.map(|exchange| match &exchange.found {
            Found::App => eyot_arrival::EYOT_ARRIVAL_APP,
            Found::Reply(_) => eyot_arrival::EYOT_ARRIVAL_REPLY,
            Found::Exchange { core, .. } if core.name().is_some() => eyot_arrival::EYOT_ARRIVAL_ISLAND,
            Found::Exchange { .. } => eyot_arrival::EYOT_ARRIVAL_PAGE,
        })
    })
}

/// The reply to send; NULL if the request is to be answered by the app, and for NULL. Borrowed from the exchange.
#[unsafe(no_mangle)]
pub extern "C" fn eyot_exchange_reply(exchange: Option<&eyot_exchange>) -> Option<&eyot_reply> {
    boundary::part(|| {
        exchange.and_then(|exchange| match &exchange.found {
            Found::Reply(reply) => Some(reply),
            _ => None,
        })
    })
}

/// The line for your log; NULL if there is none, and for NULL. Borrowed from the exchange.
#[unsafe(no_mangle)]
pub extern "C" fn eyot_exchange_event(exchange: Option<&eyot_exchange>) -> Option<&eyot_event> {
    boundary::part(|| match exchange? {
        eyot_exchange { found: Found::Reply(reply), .. } => reply.event(),
        other => other.event.as_ref().map(Told::view),
    })
}

/// The name of the island that is asked for; empty of a page. Borrowed from the exchange.
#[unsafe(no_mangle)]
pub extern "C" fn eyot_exchange_name(
    exchange: Option<&eyot_exchange>,
    out: Option<&mut MaybeUninit<eyot_slice>>,
) -> eyot_status {
    boundary::checked(|| text(exchange, out, |core| core.name().map_or("", |name| name.as_str()).into()))
}

/// The number that the island was declared with; 0 if the request is not for an island.
#[unsafe(no_mangle)]
pub extern "C" fn eyot_exchange_number(exchange: Option<&eyot_exchange>) -> u32 {
    boundary::value(0, || {
        exchange.and_then(|exchange| match &exchange.found {
            Found::Exchange { number, .. } => Some(*number),
            _ => None,
        })
    })
}

/// The method that the app sees: `GET` of a page, also if a `HEAD` came, and of an island whose token was posted. Borrowed from
/// the exchange.
#[unsafe(no_mangle)]
pub extern "C" fn eyot_exchange_method(
    exchange: Option<&eyot_exchange>,
    out: Option<&mut MaybeUninit<eyot_slice>>,
) -> eyot_status {
    boundary::checked(|| text(exchange, out, |core| core.method().into()))
}

/// The path that the app sees after `eyot_exchange_take_body`, with the mount point and the token; otherwise empty, for the
/// path that came. Not for a log. Borrowed from the exchange.
#[unsafe(no_mangle)]
pub extern "C" fn eyot_exchange_path(
    exchange: Option<&eyot_exchange>,
    out: Option<&mut MaybeUninit<eyot_slice>>,
) -> eyot_status {
    boundary::checked(|| text(exchange, out, |core| core.path().unwrap_or_default().into()))
}

/// Whether the app sees another query than the one that came: `eyot_exchange_query`. False for NULL.
#[unsafe(no_mangle)]
pub extern "C" fn eyot_exchange_has_query(exchange: Option<&eyot_exchange>) -> bool {
    boundary::value(false, || Some(exchange?.core().ok()?.query().is_some()))
}

/// The query that the app sees if `eyot_exchange_has_query`, without its `?`; otherwise empty. Borrowed from the exchange.
#[unsafe(no_mangle)]
pub extern "C" fn eyot_exchange_query(
    exchange: Option<&eyot_exchange>,
    out: Option<&mut MaybeUninit<eyot_slice>>,
) -> eyot_status {
    boundary::checked(|| text(exchange, out, |core| core.query().unwrap_or_default().into()))
}

/// How many headers of the request the app must not see.
#[unsafe(no_mangle)]
pub extern "C" fn eyot_exchange_hidden_count(exchange: Option<&eyot_exchange>) -> usize {
    boundary::value(0, || Some(exchange?.core().ok()?.hidden_headers().len()))
}

/// The header number `index` that the app must not see, by the name that it came with. Remove it before anything else reads
/// the request. `EYOT_NOT_FOUND` if there are not as many. Borrowed from the exchange.
#[unsafe(no_mangle)]
pub extern "C" fn eyot_exchange_hidden_header(
    exchange: Option<&eyot_exchange>,
    index: usize,
    out: Option<&mut MaybeUninit<eyot_slice>>,
) -> eyot_status {
    boundary::checked(|| {
        let (exchange, out) = (given(exchange, "exchange")?, given(out, "out")?);
        let name = exchange.core()?.hidden_headers().get(index);
        out.write((&**name.ok_or_else(|| Failure::not_found("there are not as many hidden headers"))?).into());
        Ok(())
    })
}

/// How many bytes of the body to read at most; 0 if there is nothing to read.
#[unsafe(no_mangle)]
pub extern "C" fn eyot_exchange_body_limit(exchange: Option<&eyot_exchange>) -> usize {
    boundary::value(0, || Some(exchange?.core().ok()?.body_limit()))
}

/// Takes the body that was read, one byte over the limit at most. `EYOT_OK`: the app sees the request of
/// `eyot_exchange_method` and `eyot_exchange_path`, without a body. `EYOT_REFUSED`: `*refusal` is the reply to send;
/// `eyot_reply_event` is its line for the log.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn eyot_exchange_take_body(
    exchange: Option<&eyot_exchange>,
    body: *const c_void,
    body_len: usize,
    refusal: Option<&mut MaybeUninit<Option<Box<eyot_reply>>>>,
    error: Option<&mut MaybeUninit<Option<Box<eyot_error>>>>,
) -> eyot_status {
    boundary::fallible(error, || {
        let (exchange, refusal) = (given(exchange, "exchange")?, given(refusal, "refusal")?);
        // SAFETY: C keeps the contract.
        let body = unsafe { bytes::bytes(body, body_len, "body") }?;
        exchange.core()?.take_body(body).map_err(|refused| {
            let (reply, event) = *refused;
            let failure = Failure::new(eyot_status::EYOT_REFUSED, event.code, event.message.clone());
            refusal.write(boundary::give(eyot_reply::told(reply, Some(event))));
            failure
        })
    })
}

/// Says that the island is the same for everybody: caches keep it for `seconds`, and its handler does not see who asks. Call
/// it at once, if at all.
#[unsafe(no_mangle)]
pub extern "C" fn eyot_exchange_share(exchange: Option<&eyot_exchange>, seconds: u32) -> eyot_status {
    boundary::checked(|| {
        given(exchange, "exchange")?.core()?.share(seconds);
        Ok(())
    })
}

/// Opens the token, for the island's handler. `audience` is what sealing agreed on; `now` is Unix time in seconds, 0 for the
/// system's clock. `EYOT_OK`: `*out` is the island. `EYOT_REFUSED`: `*refusal` is the reply to send in the handler's place, and
/// the error says why. The outer station logs it.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn eyot_exchange_open(
    exchange: Option<&eyot_exchange>,
    audience: *const c_void,
    audience_len: usize,
    now: u64,
    out: Option<&mut MaybeUninit<Option<Box<eyot_opened>>>>,
    refusal: Option<&mut MaybeUninit<Option<Box<eyot_reply>>>>,
    error: Option<&mut MaybeUninit<Option<Box<eyot_error>>>>,
) -> eyot_status {
    boundary::fallible(error, || {
        let (exchange, out, refusal) = (given(exchange, "exchange")?, given(out, "out")?, given(refusal, "refusal")?);
        // SAFETY: C keeps the contract.
        let audience = unsafe { bytes::text(audience, audience_len, "audience") }?;
        let Found::Exchange { core, number } = &exchange.found else { return Err(no_exchange()) };
        let mut buffer = Vec::new();
        match core.open(audience, time(now)?, &mut buffer) {
            Ok(opened) => {
                let parts = [opened.props, opened.slots, opened.page].map(eyot_slice::from);
                let (name, expires) = (opened.name.clone(), opened.expires);
                out.write(boundary::give(eyot_opened::new(name, *number, parts, expires, buffer)));
                Ok(())
            }
            Err(reply) => {
                refusal.write(boundary::give(eyot_reply::new(reply)));
                let told = core.refusal().map(|event| (event.code, event.message));
                let (code, message) = told.unwrap_or(("argument", "the exchange is a page's".to_owned()));
                Err(Failure::new(eyot_status::EYOT_REFUSED, code, message))
            }
        }
    })
}

/// Says that the island's props do not fit its handler, and why. `*out` is the reply to send in the handler's place; it belongs
/// to you. The outer station logs it.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn eyot_exchange_misfit(
    exchange: Option<&eyot_exchange>,
    why: *const c_void,
    why_len: usize,
    out: Option<&mut MaybeUninit<Option<Box<eyot_reply>>>>,
    error: Option<&mut MaybeUninit<Option<Box<eyot_error>>>>,
) -> eyot_status {
    boundary::fallible(error, || {
        let (exchange, out) = (given(exchange, "exchange")?, given(out, "out")?);
        // SAFETY: C keeps the contract.
        let why = unsafe { bytes::text(why, why_len, "why") }?;
        let reply: Reply = exchange.core()?.misfit(why);
        out.write(boundary::give(eyot_reply::new(reply)));
        Ok(())
    })
}

/// Notes the `Content-Security-Policy` headers of the handler's own, for a host whose layers set theirs on the same response
/// before the handler runs: `eyot_page_step` would take those for the handler's.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn eyot_exchange_note_policies(
    exchange: Option<&eyot_exchange>,
    values: *const eyot_slice,
    values_len: usize,
) -> eyot_status {
    boundary::checked(|| {
        let exchange = given(exchange, "exchange")?;
        // SAFETY: C keeps the contract.
        let values = unsafe { bytes::slices(values, values_len, "values") }?;
        exchange.core()?.note_policies(&values);
        Ok(())
    })
}

/// Begins the way out through the inner station. `splits`: whether the HTML that is answered is split. `*out` belongs to you.
#[unsafe(no_mangle)]
pub extern "C" fn eyot_exchange_page(
    exchange: Option<&eyot_exchange>,
    splits: bool,
    out: Option<&mut MaybeUninit<Option<Box<eyot_page>>>>,
    error: Option<&mut MaybeUninit<Option<Box<eyot_error>>>>,
) -> eyot_status {
    boundary::fallible(error, || {
        let page = given(exchange, "exchange")?.core()?.page(splits);
        given(out, "out")?.write(boundary::give(eyot_page::inner(page)));
        Ok(())
    })
}

/// Begins the way out through the outer station. `*out` belongs to you.
#[unsafe(no_mangle)]
pub extern "C" fn eyot_exchange_out(
    exchange: Option<&eyot_exchange>,
    out: Option<&mut MaybeUninit<Option<Box<eyot_page>>>>,
    error: Option<&mut MaybeUninit<Option<Box<eyot_error>>>>,
) -> eyot_status {
    boundary::fallible(error, || {
        let page = given(exchange, "exchange")?.core()?.out();
        given(out, "out")?.write(boundary::give(eyot_page::outer(page)));
        Ok(())
    })
}

/// Frees an exchange; NULL does nothing.
#[unsafe(no_mangle)]
pub extern "C" fn eyot_exchange_free(exchange: Option<Box<eyot_exchange>>) {
    boundary::release(exchange)
}

impl eyot_exchange {
    fn core(&self) -> Result<&Exchange, Failure> {
        match &self.found {
            Found::Exchange { core, .. } => Ok(core),
            _ => Err(no_exchange()),
        }
    }
}

fn no_exchange() -> Failure {
    Failure::argument("`exchange` is neither an island's nor a page's: ask eyot_exchange_arrival first")
}

fn text(
    exchange: Option<&eyot_exchange>,
    out: Option<&mut MaybeUninit<eyot_slice>>,
    part: impl FnOnce(&Exchange) -> eyot_slice,
) -> Result<(), Failure> {
    let (exchange, out) = (given(exchange, "exchange")?, given(out, "out")?);
    out.write(part(exchange.core()?));
    Ok(())
}
