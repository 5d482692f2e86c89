//! Whole answers that eyot makes itself: a file's, a preflight's, a refusal's.

use std::mem::MaybeUninit;

use eyot::exchange::Event;
use eyot::http::Reply;

use crate::boundary;
use crate::bytes::{eyot_pair, eyot_slice};
use crate::event::{Told, eyot_event};
use crate::status::eyot_status;

/// A whole answer that eyot makes itself. Send it instead of calling a handler.
///
/// Threads: may be shared.
#[derive(Debug)]
pub struct eyot_reply {
    reply: Reply,
    /// Point into `reply`.
    headers: Vec<eyot_pair>,
    event: Option<Told>,
}

impl eyot_reply {
    pub(crate) fn new(reply: Reply) -> Self {
        Self::told(reply, None)
    }

    /// A reply, and what is to be logged of it.
    pub(crate) fn told(reply: Reply, event: Option<Event>) -> Self {
        Self { headers: pairs(&reply), reply, event: event.map(Told::new) }
    }

    pub(crate) fn event(&self) -> Option<&eyot_event> {
        self.event.as_ref().map(Told::view)
    }
}

/// The texts are on the heap, so they do not move with the reply.
fn pairs(reply: &Reply) -> Vec<eyot_pair> {
    reply.headers.iter().map(|(name, value)| eyot_pair::new(name, value.as_bytes())).collect()
}

/// The status code; 0 for NULL.
#[unsafe(no_mangle)]
pub extern "C" fn eyot_reply_status(reply: Option<&eyot_reply>) -> u32 {
    boundary::value(0, || reply.map(|reply| reply.reply.status.into()))
}

/// The headers, `Content-Length` among them. Borrowed from the reply.
#[unsafe(no_mangle)]
pub extern "C" fn eyot_reply_headers(
    reply: Option<&eyot_reply>,
    out: Option<&mut MaybeUninit<*const eyot_pair>>,
    out_len: Option<&mut MaybeUninit<usize>>,
) -> eyot_status {
    boundary::checked(|| boundary::read_list(reply, "reply", (out, out_len), |reply| &reply.headers))
}

/// The body; empty for `HEAD`. Borrowed from the reply.
#[unsafe(no_mangle)]
pub extern "C" fn eyot_reply_body(
    reply: Option<&eyot_reply>,
    out: Option<&mut MaybeUninit<eyot_slice>>,
) -> eyot_status {
    boundary::checked(|| boundary::read(reply, "reply", out, |reply| (&*reply.reply.body).into()))
}

/// The line for your log; NULL if there is none, and for NULL. Borrowed from the reply.
#[unsafe(no_mangle)]
pub extern "C" fn eyot_reply_event(reply: Option<&eyot_reply>) -> Option<&eyot_event> {
    boundary::part(|| reply?.event())
}

/// Frees a reply that belongs to you; NULL does nothing. The replies of `eyot_exchange_reply` and `eyot_page_reply` belong
/// to the exchange and the page.
#[unsafe(no_mangle)]
pub extern "C" fn eyot_reply_free(reply: Option<Box<eyot_reply>>) {
    boundary::release(reply)
}
