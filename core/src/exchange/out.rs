//! The way out through the outer station: what has been split, judged as it leaves; and what the inner station has not seen,
//! split here.

use std::fmt;

use super::asked::{Exchange, Kind};
use super::event::{Event, Events, Level};
use super::page::{PageOut, PageRules, Sent, Size, Step, coding, has_length};
use super::stream::Flow;
use super::{mark, own, shown};
use crate::http::{
    Edit, Outcome, PageKind, Reason, Refusal, Reply, Response, Visit, edited, is_html, may_be_html, values,
};
use crate::{Context, Islands, Shell};

/// The way out of one response through the outer station, which tells as [`PageOut`] does what to do with it.
///
/// HTML that the inner station has not seen (an error page from between the two, a limiter's 429) is split here, leniently.
/// There the session is not known, so a host whose tokens depend on it passes a context [without
/// seals](Context::with_seals).
///
/// ```
/// use eyot::exchange::{Out, PageRules, Sent, Size, Step};
/// use eyot::http::Response;
///
/// # let keys = eyot::KeyRing::parse("p3Qm0Wv9yJ5sT1xL8bN4eR7uA2dF6gH0kC3iZ5oVqXM=")?;
/// # let islands = eyot::Islands::builder(keys).island("CartCount").build()?;
/// # let context = eyot::Context::at(1_800_000_000);
/// let mut out = Out::new(&islands, PageRules::new("/cart"));
/// // A limiter between the stations answers with the site's layout.
/// let headers = [("Content-Type", &b"text/html; charset=utf-8"[..])];
/// let response = Response::new(429, &headers);
/// assert_eq!(out.step(&response, Size::Whole), Step::Collect);
/// let Sent::Shell(outcome, _) = out.whole(&response, b"<p><CartCount server:defer /></p>", &context) else { panic!("split") };
/// assert_eq!((outcome.status, out.events()[0].code), (429, "not-seen-inside"));
/// # Ok::<(), eyot::Error>(())
/// ```
pub struct Out {
    exchange: Option<Exchange>,
    islands: Islands,
    events: Events,
    /// Splits what the inner station has not seen.
    unseen: PageOut,
    way: Way,
    /// The body was compressed between the stations, and is judged as what it was made of.
    is_decoded: bool,
    /// Whether it leaves compressed all the same.
    keeps_coding: bool,
}

/// What becomes of the response, as far as is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Way {
    /// Nothing has been asked yet.
    Open,
    /// As the inner station left it.
    Seen,
    /// Split here.
    Unseen,
    /// Its head has been decided, and nothing of it changes any more.
    Decided,
}

impl fmt::Debug for Out {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Out").field("exchange", &self.exchange).field("way", &self.way).finish_non_exhaustive()
    }
}

impl Out {
    /// The way out of a response to a request that is neither an island's nor one with a policy. Of the rules, the path and
    /// whether it answers a `HEAD` count.
    #[must_use]
    pub fn new(islands: &Islands, rules: PageRules) -> Self {
        Self::over(islands, None, rules)
    }

    pub(super) fn of(exchange: &Exchange) -> Self {
        let rules = PageRules::new(exchange.full_path()).with_head(exchange.is_head());
        Self::over(exchange.islands(), Some(exchange.clone()), rules)
    }

    fn over(islands: &Islands, exchange: Option<Exchange>, rules: PageRules) -> Self {
        let events = Events::new(own::logged(&rules.path, islands.prefix()));
        let rules = PageRules { is_outside: true, is_debug: islands.is_debug(), streams: true, ..rules };
        let rules = PageRules { must_be_sound: false, splits: true, is_marked: false, ..rules };
        let (unseen, islands) = (PageOut::new(islands, rules), islands.clone());
        Self { exchange, islands, events, unseen, way: Way::Open, is_decoded: false, keeps_coding: false }
    }

    /// The same for a framework that can compress between the stations alone, where the layer that does so was shown what
    /// the visitor takes: what was compressed is judged as what it was made of, and leaves compressed. Otherwise it leaves as
    /// what it was made of, for layers around to compress.
    #[must_use]
    pub fn keeping_coding(self) -> Self {
        Self { keeps_coding: true, ..self }
    }

    /// What to do with a response; asked when its head is known, and again after [`Step::Wait`] when more is known.
    #[must_use]
    pub fn step(&mut self, response: &Response<'_>, size: Size) -> Step {
        if let Some(reply) = self.refused() {
            return self.instead(reply);
        }
        let kind = PageKind::of(response.status, response.headers);
        let is_html = kind == PageKind::Part || kind != PageKind::Other && is_html(response.headers);
        if is_html && !mark::is_on(response.headers) && self.sends_body_of(response) {
            self.way = Way::Unseen;
            let step = self.unseen.step(response, size);
            return self.outward(step, response);
        }
        self.way = Way::Seen;
        match self.exchange.clone().as_ref().map(Exchange::kind) {
            None => self.plain(response),
            Some(Kind::Shell(visit)) if is_html => {
                let streams = visit.policy().streams() && !has_length(response);
                self.shell(response, kind, size, streams)
            }
            Some(Kind::Island(_)) if self.is_shared() => self.all_of(response, kind, size),
            Some(_) => self.judged(response),
        }
    }

    /// What goes out of a response whose whole body is `body`, which the host has undone where it was told to.
    pub fn whole<'p>(&mut self, response: &Response<'_>, body: &'p [u8], context: &Context<'_>) -> Sent<'p> {
        match self.way {
            Way::Unseen => {
                let sent = self.unseen.whole(response, body, context);
                self.tell_unseen();
                self.outward_whole(sent, response)
            }
            Way::Seen => self.judged_whole(response, body),
            Way::Open | Way::Decided => Sent::Same,
        }
    }

    /// What goes out of a compressed body that the host cannot undo: nobody can judge it, so no cache keeps it.
    pub fn undecoded(&mut self, response: &Response<'_>) -> Sent<'static> {
        let sent = self.unseen.undecoded(response);
        self.outward_whole(sent, response)
    }

    /// Takes the next chunk of a page whose head went out with [`Step::Stream`].
    pub fn push<'s>(&'s mut self, chunk: &'s [u8], context: &Context<'_>) -> Flow<'s> {
        self.unseen.push(chunk, context)
    }

    /// Ends such a page, and returns the rest of it.
    pub fn finish(&mut self, context: &Context<'_>) -> Flow<'_> {
        self.unseen.finish(context)
    }

    /// What is to be logged since this was last asked: after each call, and when the response is over or was given up.
    #[must_use]
    pub fn events(&mut self) -> Vec<Event> {
        if self.way == Way::Unseen {
            self.tell_unseen();
        }
        let mut events = self.events.take();
        events.extend(self.unseen.events());
        events
    }

    /// Says of a stream that the inner station began and did not end that it is to be cut, whoever swallowed the reason, so
    /// that caches discard what they have of it. For the host's log.
    pub fn note_cut(&mut self) {
        let message = "the page ended before its end: its connection is cut, so that no cache keeps it";
        self.events.note(Level::Error, "stream-cut", message.to_owned());
    }

    /// Takes the marks off what is neither an island's nor a policy's.
    fn plain(&mut self, response: &Response<'_>) -> Step {
        self.way = Way::Decided;
        let edits = mark::taken_off(response.headers);
        if edits.is_empty() { Step::Pass } else { Step::Edited(Outcome::changing(response, edits)) }
    }

    fn shell(&mut self, response: &Response<'_>, kind: PageKind, size: Size, streams: bool) -> Step {
        if kind != PageKind::Compressed && size == Size::More && streams {
            return self.judged(response);
        }
        self.all_of(response, kind, size)
    }

    /// All of a body is judged, as soon as it is known to come.
    fn all_of(&mut self, response: &Response<'_>, kind: PageKind, size: Size) -> Step {
        self.is_decoded = kind == PageKind::Compressed;
        match size {
            _ if self.is_decoded => Step::Decode(coding(response)),
            Size::Unknown => Step::Wait,
            Size::Whole | Size::Known(_) | Size::More => Step::Collect,
        }
    }

    /// Judges a response by its head.
    fn judged(&mut self, response: &Response<'_>) -> Step {
        self.way = Way::Decided;
        match self.outcome(response, None) {
            Ok(outcome) => Step::Edited(outcome),
            Err(reply) => self.instead(reply),
        }
    }

    fn judged_whole<'p>(&mut self, response: &Response<'_>, body: &'p [u8]) -> Sent<'p> {
        self.way = Way::Decided;
        let is_left_out = self.is_head() && body.is_empty();
        let mut outcome = match self.outcome(response, (!is_left_out).then_some(body)) {
            Ok(outcome) => outcome,
            Err(reply) => return Sent::Instead(reply),
        };
        if self.is_decoded && self.keeps_coding {
            outcome.edits.retain(|edit| *edit != Edit::Remove("Content-Encoding".into()));
            return Sent::Edited(outcome);
        }
        let is_empty = matches!(outcome.status, 204 | 304);
        if !is_left_out && !is_empty {
            outcome.edits.push(Edit::Set("Content-Length", body.len().to_string().into()));
        }
        if self.is_decoded {
            return Sent::Shell(outcome, Box::new(Shell::plain(body)));
        }
        Sent::Edited(outcome)
    }

    /// What the exchange makes of a response's head; or what takes its place.
    fn outcome(&mut self, response: &Response<'_>, body: Option<&[u8]>) -> Result<Outcome, Reply> {
        let Some(exchange) = self.exchange.clone() else {
            return Ok(Outcome::changing(response, mark::taken_off(response.headers)));
        };
        match exchange.kind() {
            Kind::Shell(visit) => {
                let mut edits = self.undone(response);
                if exchange.notes().is_faulty || self.way == Way::Unseen {
                    // Said once more: layers that ran after the split may have said otherwise.
                    edits.extend(Outcome::uncached(response).edits);
                }
                let headers = edited(response.headers, &edits);
                let outcome = visit.finish(&Response { headers: &headers, body, ..*response });
                let is_own = self.way != Way::Unseen && !exchange.notes().is_faulty;
                self.told("a shell", &outcome)?;
                if is_own {
                    self.tell_policy(response, visit, &outcome);
                }
                edits.extend(outcome.edits.iter().cloned());
                if self.islands.is_debug() {
                    edits.push(Edit::Set("Eyot-Policy", visit.description().into()));
                }
                let has_body = outcome.has_body && !exchange.is_head() && !matches!(outcome.status, 204 | 304);
                Ok(Outcome { edits, has_body, ..outcome })
            }
            Kind::Island(_) => self.island(&exchange, response, body),
        }
    }

    /// The edits that undo what was done between the stations for the outer one to see, or to undo.
    fn undone(&self, response: &Response<'_>) -> Vec<Edit> {
        let mut edits = mark::taken_off(response.headers);
        if self.is_decoded {
            edits.push(Edit::Remove("Content-Encoding".into()));
        }
        edits
    }

    fn island(&mut self, exchange: &Exchange, response: &Response<'_>, body: Option<&[u8]>) -> Result<Outcome, Reply> {
        let is_islands = mark::is_islands(response.headers);
        if let Some((refusal, detail)) = wrong_answer(exchange, response, is_islands) {
            return Err(self.log(exchange.refused(refusal, detail)));
        }
        let own = exchange.notes().policies.clone().filter(|_| is_islands);
        let mut edits = self.undone(response);
        edits.extend(own.as_deref().map(policy_edit));
        let headers = edited(response.headers, &edits);
        let (shared, page) = exchange.sealed_page();
        let answer = Response { headers: &headers, body, shared, page: &page, is_foreign: !is_islands, ..*response };
        let outcome = match exchange.finish(&answer) {
            Some(Ok(outcome)) => outcome,
            Some(Err(refusal)) => return Err(self.log(exchange.refused(refusal, None))),
            None => return Err(Reply::failed()),
        };
        self.told("a shared island", &outcome)?;
        if outcome.status == 204 && !is_islands {
            self.tell_redirect(exchange, response);
        }
        edits.extend(outcome.edits.iter().cloned());
        Ok(Outcome { edits, ..outcome })
    }

    /// The refusal of a token, or of props, by the inner station.
    fn refused(&mut self) -> Option<Reply> {
        let refused = self.exchange.as_ref()?.notes().refused.clone()?;
        Some(self.log(refused))
    }

    fn log(&mut self, (reply, event): (Reply, Event)) -> Reply {
        self.events.add(event);
        reply
    }

    fn instead(&mut self, reply: Reply) -> Step {
        self.way = Way::Decided;
        Step::Instead(reply)
    }

    /// Notes what is one visitor's in what everybody would get; while debugging it is shown instead.
    fn told(&mut self, what: &str, outcome: &Outcome) -> Result<(), Reply> {
        for leak in &outcome.leaks {
            let message = format!("{what} was kept out of caches: {leak}");
            self.events.note_at(leak.position(), Level::Error, leak.code(), message);
        }
        let is_shown = !outcome.leaks.is_empty() && self.islands.is_debug();
        if is_shown { Err(shown::leak_page(&outcome.leaks)) } else { Ok(()) }
    }

    /// What the page of a policy should have said, for whoever builds the site.
    fn tell_policy(&mut self, response: &Response<'_>, visit: &Visit, outcome: &Outcome) {
        if !self.islands.is_debug() {
            return;
        }
        let is_page = response.status == 200 && PageKind::of(200, response.headers) == PageKind::Html;
        if is_page && !visit.is_fresh() && !outcome.is_shell && outcome.leaks.is_empty() {
            let message = "the policy has no effect: the page says its own Cache-Control, which counts instead; remove one of \
                           the two";
            self.events.note(Level::Warning, "policy-without-effect", message.to_owned());
        }
        let sends_away = matches!(response.status, 301..=303 | 307 | 308 | 401 | 403);
        if sends_away && !visit.hidden_headers().is_empty() {
            let message = format!(
                "the page of a policy answers {}: the policy hides who the visitor is, so that a guard sends everybody away; take \
                 the policy off this page, or put what is personal into islands",
                response.status
            );
            self.events.note(Level::Warning, "policy-guarded", message);
        }
    }

    /// A redirect of an island's request to the same island elsewhere never comes to an end.
    fn tell_redirect(&mut self, exchange: &Exchange, response: &Response<'_>) {
        if exchange.pending().is_some_and(|pending| pending.is_sent_to_itself(response)) {
            let message = "a layer redirects the island's request to the same island elsewhere, as one for languages does: let \
                           the paths below the prefix of islands pass";
            self.events.note(Level::Warning, "island-redirected", message.to_owned());
        }
    }

    fn tell_unseen(&mut self) {
        if self.unseen.take_changed() {
            let message = "a page with islands was answered outside of the inner station, and split by the outer one: what \
                           answers between the two (error pages, limiters, timeouts) belongs inside of the inner station, or \
                           the inner station is missing";
            self.events.note(Level::Warning, "not-seen-inside", message.to_owned());
        }
    }

    /// What is split here goes out as what the exchange makes of its head.
    fn outward(&mut self, step: Step, response: &Response<'_>) -> Step {
        match step {
            Step::Stream(split) => match self.over_split(split, response) {
                Ok(outcome) => Step::Stream(outcome),
                Err(reply) => self.instead(reply),
            },
            Step::Pass => self.judged(response),
            other => other,
        }
    }

    fn outward_whole<'p>(&mut self, sent: Sent<'p>, response: &Response<'_>) -> Sent<'p> {
        let judged = match sent {
            Sent::Same if self.exchange.is_none() => return Sent::Same,
            Sent::Same => self.over_split(Outcome::changing(response, Vec::new()), response).map(|out| (out, None)),
            Sent::Edited(outcome) => self.over_split(outcome, response).map(|out| (out, None)),
            Sent::Shell(outcome, shell) => self.over_split(outcome, response).map(|out| (out, Some(shell))),
            Sent::Instead(reply) => Err(reply),
        };
        self.way = Way::Decided;
        match judged {
            Ok((outcome, Some(shell))) => Sent::Shell(outcome, shell),
            Ok((outcome, None)) => Sent::Edited(outcome),
            Err(reply) => Sent::Instead(reply),
        }
    }

    fn over_split(&mut self, split: Outcome, response: &Response<'_>) -> Result<Outcome, Reply> {
        let headers = edited(response.headers, &split.edits);
        let judged = self.outcome(&Response { headers: &headers, ..*response }, None)?;
        let mut edits = split.edits.clone();
        edits.extend(judged.edits.iter().cloned());
        Ok(Outcome { edits, ..judged })
    }

    /// Whether something of a response's body may leave. An island's request has news of a redirect, or a refusal, in its place.
    fn sends_body_of(&self, response: &Response<'_>) -> bool {
        let is_island = self.exchange.as_ref().is_some_and(|exchange| exchange.name().is_some());
        !is_island || !matches!(response.status, 200 | 204 | 301..=304 | 307 | 308 | 401)
    }

    fn is_shared(&self) -> bool {
        self.exchange.as_ref().is_some_and(|exchange| exchange.notes().shared.is_some())
    }

    fn is_head(&self) -> bool {
        self.exchange.as_ref().is_some_and(Exchange::is_head)
    }
}

/// What cannot go out as an island.
fn wrong_answer(exchange: &Exchange, response: &Response<'_>, is_islands: bool) -> Option<(Refusal, Option<String>)> {
    let pending = exchange.pending()?;
    match response.status {
        200 | 204 | 404 if !is_islands => Some((pending.refuse(Reason::Unanswered), None)),
        200 if !may_be_html(response.headers) => {
            let media = values(response.headers, "content-type").next().unwrap_or_default();
            let media = String::from_utf8_lossy(media);
            let detail = format!("the handler answered {media:?}, which is no HTML: return the island's HTML");
            Some((pending.refuse(Reason::NoHtml), Some(detail)))
        }
        _ => None,
    }
}

/// The handler's own policies in the place of those that layers said of every page.
fn policy_edit(values: &[Box<[u8]>]) -> Edit {
    const NAME: &str = "Content-Security-Policy";
    let values: Vec<_> = values.iter().map(|value| String::from_utf8_lossy(value)).collect();
    if values.is_empty() { Edit::Remove(NAME.into()) } else { Edit::Set(NAME, values.join(", ").into()) }
}
