//! The way out of a page through the inner station.

use std::fmt;

use super::asked::Exchange;
use super::event::{Event, Events, Level};
use super::mark;
use super::own::OwnPath;
use super::shown;
use super::stream::{Flow, Stream};
use crate::http::{Edit, Outcome, PageKind, Reply, Response, Unsplit, values};
use crate::redacted::Length;
use crate::shell::Segments;
use crate::{Context, Islands, Shell, html};

/// What a page's way out depends on, beside the page.
#[derive(Clone, Default)]
#[non_exhaustive]
pub struct PageRules {
    /// The request's path, as a browser shows it; without a query. An island's token in it is not logged.
    pub path: String,
    /// Whether faults are shown to the visitor. Otherwise faulty islands become their fallbacks, and no cache keeps the page.
    pub is_debug: bool,
    /// Whether the app answers a `HEAD`.
    pub is_head: bool,
    /// Whether a streamed page goes out as it comes; otherwise all of it is judged before its head leaves.
    pub streams: bool,
    /// Whether a stream is cut at its first fault: its head tells caches to keep it, and they would keep the fault.
    pub must_be_sound: bool,
    /// Whether HTML is split; otherwise it is left as it is, and only marked.
    pub splits: bool,
    /// Whether an outer station is there, for which a response is marked that this one has dealt with.
    pub is_marked: bool,
    /// Whether this is the outer station, which splits what the inner one has not seen: faults are never shown in its place.
    pub(super) is_outside: bool,
}

/// Without the path, which may hold a token.
impl fmt::Debug for PageRules {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PageRules")
            .field("path", &Length::of(self.path.as_bytes()))
            .field("is_debug", &self.is_debug)
            .field("is_head", &self.is_head)
            .field("streams", &self.streams)
            .field("must_be_sound", &self.must_be_sound)
            .field("splits", &self.splits)
            .field("is_marked", &self.is_marked)
            .finish_non_exhaustive()
    }
}

impl PageRules {
    /// Those of a page that streams, in production.
    #[must_use]
    pub fn new(path: &str) -> Self {
        Self { path: path.to_owned(), streams: true, splits: true, ..Self::default() }
    }

    /// The same while debugging.
    #[must_use]
    pub fn with_debug(self, is_debug: bool) -> Self {
        Self { is_debug, ..self }
    }

    /// The same for an answer to `HEAD`.
    #[must_use]
    pub fn with_head(self, is_head: bool) -> Self {
        Self { is_head, ..self }
    }

    /// The same where a streamed page does, or does not, go out as it comes.
    #[must_use]
    pub fn with_streams(self, streams: bool) -> Self {
        Self { streams, ..self }
    }

    /// The same where HTML is, or is not, split.
    #[must_use]
    pub fn with_splits(self, splits: bool) -> Self {
        Self { splits, ..self }
    }

    /// The same where an outer station is, or is not, there.
    #[must_use]
    pub fn with_mark(self, is_marked: bool) -> Self {
        Self { is_marked, ..self }
    }

    /// The same where a stream is, or is not, cut at its first fault.
    #[must_use]
    pub fn with_must_be_sound(self, must_be_sound: bool) -> Self {
        Self { must_be_sound, ..self }
    }
}

/// What the host knows of a body's size so far.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Size {
    /// Nothing.
    Unknown,
    /// All of it is in memory.
    Whole,
    /// It has this many bytes, by its `Content-Length`, and comes in pieces.
    Known(u64),
    /// A part of it has come, and more is to come; or the app wants what it has written to go out.
    More,
}

/// What the host does next.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Step {
    /// Sends everything as it is.
    Pass,
    /// Keeps the head, and asks again when it knows more of the body's size.
    Wait,
    /// Collects the body, and calls [`PageOut::whole`].
    Collect,
    /// Collects the body and undoes this coding, which it is compressed with, and calls [`PageOut::whole`] with what it gets;
    /// or, where it cannot, [`PageOut::undecoded`]. An empty body stays empty.
    Decode(String),
    /// Sends the head with these edits, and then the body as it comes, or nothing of it where the outcome says so.
    Edited(Outcome),
    /// Sends the head with these edits, and then what [`PageOut::push`] and [`PageOut::finish`] say.
    Stream(Outcome),
    /// Sends this instead, and drops what the app sends.
    Instead(Reply),
}

/// What goes out of a whole page.
#[derive(Debug)]
#[must_use]
pub enum Sent<'p> {
    /// The response as the app made it: of one that was [decoded](Step::Decode), the compressed body.
    Same,
    /// The app's body (of one that was decoded, the compressed one), with other headers; or no body, where the outcome says so.
    Edited(Outcome),
    /// A shell, and the headers for it; no body, where the outcome says so.
    Shell(Outcome, Box<Shell<'p>>),
    /// This instead.
    Instead(Reply),
}

/// The way out of one page through the inner station: what becomes of a response that may be a page to split.
///
/// ```
/// use eyot::exchange::{PageOut, PageRules, Sent, Size, Step};
/// use eyot::http::Response;
///
/// # let keys = eyot::KeyRing::parse("p3Qm0Wv9yJ5sT1xL8bN4eR7uA2dF6gH0kC3iZ5oVqXM=")?;
/// # let islands = eyot::Islands::builder(keys).island("CartCount").build()?;
/// # let context = eyot::Context::at(1_800_000_000);
/// let headers = [("Content-Type", &b"text/html; charset=utf-8"[..])];
/// let response = Response::new(200, &headers);
/// let mut out = PageOut::new(&islands, PageRules::new("/cart"));
/// assert_eq!(out.step(&response, Size::Whole), Step::Collect);
/// let page = b"<p>Cart: <CartCount server:defer /></p>";
/// let Sent::Shell(outcome, shell) = out.whole(&response, page, &context) else { panic!("it holds a directive") };
/// assert_eq!((outcome.status, shell.islands()[0].as_str()), (200, "CartCount"));
/// assert!(out.events().is_empty());
/// # Ok::<(), eyot::Error>(())
/// ```
#[derive(Debug)]
pub struct PageOut {
    islands: Islands,
    rules: PageRules,
    events: Events,
    own: OwnPath,
    stream: Option<Stream>,
    /// What the outer station is told.
    exchange: Option<Exchange>,
    is_faulty: bool,
    /// Whether a page held directives.
    is_changed: bool,
    /// The body was compressed: a shell is not.
    is_decoded: bool,
}

/// How much of a text that is no HTML is looked at for directives; a longer one passes.
const TEXT_LIMIT: u64 = 64 << 10;

impl PageOut {
    /// The way out of one page.
    #[must_use]
    pub fn new(islands: &Islands, rules: PageRules) -> Self {
        let (path, own) = OwnPath::of(&rules.path, islands.prefix());
        let (islands, events) = (islands.clone(), Events::new(path));
        let (stream, exchange) = (None, None);
        Self { islands, rules, events, own, stream, exchange, is_faulty: false, is_changed: false, is_decoded: false }
    }

    pub(super) fn of(exchange: &Exchange, rules: PageRules) -> Self {
        Self { exchange: Some(exchange.clone()), ..Self::new(exchange.islands(), rules) }
    }

    /// What to do with a response; asked when its head is known, and again after [`Step::Wait`] when more is known.
    #[must_use]
    pub fn step(&mut self, response: &Response<'_>, size: Size) -> Step {
        self.note_policies(response);
        let kind = PageKind::of(response.status, response.headers);
        match (kind, size) {
            (PageKind::Other, _) if !self.is_opened() => Step::Pass,
            (PageKind::Other, _) => self.left_alone(response),
            _ if !self.rules.splits => self.left_alone(response),
            (PageKind::Part, _) => self.part(),
            (PageKind::Compressed, _) => {
                self.is_decoded = true;
                Step::Decode(coding(response))
            }
            (PageKind::Html | PageKind::Text, Size::Unknown) => Step::Wait,
            (PageKind::Html, Size::More) if self.rules.streams && !has_length(response) => {
                self.stream = Some(Stream::new(&self.islands, &self.rules));
                Step::Stream(self.marked(Outcome::split(response, None)))
            }
            (PageKind::Text, Size::More) => self.left_alone(response),
            (PageKind::Text, Size::Known(length)) if length > TEXT_LIMIT => self.left_alone(response),
            (PageKind::Html | PageKind::Text, Size::Whole | Size::Known(_) | Size::More) => Step::Collect,
        }
    }

    /// Whether [`whole`](Self::whole) looks at a body at all. A host that makes its context only then saves it for most pages.
    #[must_use]
    pub fn looks_at(&self, response: &Response<'_>, body: &[u8]) -> bool {
        self.rules.is_debug
            || self.rules.is_marked
            || self.must_be_plain()
            || (self.rules.is_head && body.is_empty())
            || html::may_hold_directive(body)
            || Unsplit::of(response.headers, body).is_some()
    }

    /// What goes out of a response whose whole body is `body`.
    pub fn whole<'p>(&mut self, response: &Response<'_>, body: &'p [u8], context: &Context<'_>) -> Sent<'p> {
        let sent = self.sent(response, body, context);
        if self.is_faulty {
            self.note_faulty();
        }
        match sent {
            Sent::Same if self.rules.is_marked => Sent::Edited(self.marked(Outcome::changing(response, Vec::new()))),
            Sent::Edited(outcome) => Sent::Edited(self.marked(outcome)),
            Sent::Shell(outcome, shell) => Sent::Shell(self.marked(outcome), shell),
            other => other,
        }
    }

    fn sent<'p>(&mut self, response: &Response<'_>, body: &'p [u8], context: &Context<'_>) -> Sent<'p> {
        if self.rules.is_head && body.is_empty() {
            // What a `GET` would get is not known: its length and validators would be those of the page before the split.
            let is_html = PageKind::of(response.status, response.headers) != PageKind::Text;
            return if is_html { Sent::Edited(Outcome::split(response, None)) } else { Sent::Same };
        }
        if let Some(unsplit) = Unsplit::of(response.headers, body) {
            return self.unsplit(response, &unsplit);
        }
        if PageKind::of(response.status, response.headers) == PageKind::Text {
            return Sent::Same;
        }
        let context = &self.seen_from(context);
        match self.islands.split(body, context) {
            Ok(shell) => self.sound(response, shell),
            Err(error) if self.rules.is_debug && !self.rules.is_outside => {
                self.is_faulty = true;
                self.events.problem(&error);
                Sent::Instead(shown::markup_page(&error, body))
            }
            Err(_) => self.lenient(response, body, context),
        }
    }

    /// What goes out of a compressed page that the host cannot undo: it may hold directives, so no cache keeps it, and while
    /// debugging it is an error.
    pub fn undecoded(&mut self, response: &Response<'_>) -> Sent<'static> {
        let coding = coding(response);
        self.is_faulty = true;
        self.note_faulty();
        let message =
            format!("a page was not split: it is compressed already ({coding}); compress outside of eyot's stations");
        let sent = if self.rules.is_debug {
            Sent::Instead(shown::text_page(&message, "page-compressed"))
        } else {
            Sent::Edited(self.marked(Outcome::uncached(response)))
        };
        self.events.note(Level::Warning, "page-compressed", message);
        sent
    }

    /// Takes the next chunk of a page whose head went out with [`Step::Stream`].
    pub fn push<'s>(&'s mut self, chunk: &'s [u8], context: &Context<'_>) -> Flow<'s> {
        self.flow(Some(chunk), context)
    }

    /// Ends such a page, and returns the rest of it.
    pub fn finish(&mut self, context: &Context<'_>) -> Flow<'_> {
        self.flow(None, context)
    }

    /// Whether a stream has begun and not ended: the outer station then cuts it, whoever swallowed the reason.
    #[must_use]
    pub fn is_open(&self) -> bool {
        self.stream.as_ref().is_some_and(Stream::is_open)
    }

    /// Whether the page went out with problems: the outer station keeps it out of caches once more, when all else has had
    /// its say.
    #[must_use]
    pub fn is_faulty(&self) -> bool {
        self.is_faulty
    }

    /// What is to be logged since this was last asked: after each call, and when the page is over or was given up.
    #[must_use]
    pub fn events(&mut self) -> Vec<Event> {
        if let Some(stream) = &mut self.stream {
            stream.tell(self.islands.writes_loader(), &self.rules, &mut self.events);
        }
        self.events.take()
    }

    fn flow<'s>(&'s mut self, chunk: Option<&'s [u8]>, context: &Context<'_>) -> Flow<'s> {
        let context = &self.seen_from(context);
        let Some(stream) = &mut self.stream else { return Flow::On(Segments::none()) };
        let flow = stream.step(chunk, context, &self.rules, &mut self.events);
        if let Flow::On(segments) = &flow
            && self.own.is_in(segments.clone())
        {
            self.events.holds_itself();
        }
        flow
    }

    /// A part of a page may begin in the middle of a directive; whoever asked gets the whole page without a range.
    fn part(&mut self) -> Step {
        self.is_faulty = true;
        self.note_faulty();
        let message =
            "a range of a page was refused: it cannot be split; answer the whole page, or switch the HTML pass off";
        self.events.note(Level::Warning, "page-part", message.to_owned());
        let mut reply = Reply::instead(416, "text/plain; charset=utf-8", b"range not satisfiable\n".to_vec());
        reply.headers.push(("Accept-Ranges", "none".into()));
        Step::Instead(reply)
    }

    fn unsplit(&mut self, response: &Response<'_>, unsplit: &Unsplit) -> Sent<'static> {
        let message = unsplit.to_string();
        self.is_faulty = true;
        let sent = if unsplit.is_error() && self.rules.is_debug {
            Sent::Instead(shown::text_page(&message, unsplit.code()))
        } else {
            Sent::Edited(Outcome::uncached(response))
        };
        self.events.note(Level::Error, unsplit.code(), message);
        sent
    }

    fn sound<'p>(&mut self, response: &Response<'_>, shell: Shell<'p>) -> Sent<'p> {
        if self.own.is_in(shell.segments()) {
            self.events.holds_itself();
        }
        if self.rules.is_debug {
            self.events.diagnostics(shell.diagnostics());
            let html = shell.segments().collect::<Vec<_>>().concat();
            self.events.audited(&html, self.islands.writes_loader());
        }
        if shell.is_untouched() && !self.must_be_plain() {
            return Sent::Same;
        }
        self.is_changed |= !shell.is_untouched();
        Sent::Shell(self.split(response, &shell), Box::new(shell))
    }

    /// Whether what was compressed goes out as it was undone: the outer station has to read what it judges.
    fn must_be_plain(&self) -> bool {
        self.is_decoded && self.rules.must_be_sound
    }

    /// Faulty islands become their fallbacks, and no cache keeps the page.
    fn lenient<'p>(&mut self, response: &Response<'_>, body: &'p [u8], context: &Context<'_>) -> Sent<'p> {
        self.is_faulty = true;
        let shell = match self.islands.split_lenient(body, context) {
            Ok(shell) => shell,
            Err(error) => {
                // A page over the limits: there is nothing of it that could go out.
                self.events.problem(&error);
                return Sent::Instead(Reply::failed());
            }
        };
        shell.problems().iter().for_each(|problem| self.events.problem(problem));
        self.is_changed |= !shell.is_untouched();
        let mut outcome = self.split(response, &shell);
        outcome.edits.extend(Outcome::uncached(response).edits);
        Sent::Shell(outcome, Box::new(shell))
    }

    fn split(&self, response: &Response<'_>, shell: &Shell<'_>) -> Outcome {
        // Many apps leave the body of an answer to `HEAD` out: no host tells a length where another cannot.
        let len = (!self.rules.is_head).then(|| shell.len());
        let mut outcome = Outcome::split(response, len);
        if self.is_decoded {
            outcome.edits.push(Edit::Remove("Content-Encoding".into()));
        }
        outcome
    }
}

impl PageOut {
    /// The context of a split out here knows no session; seals that no copy repeats need one that is fresh.
    fn seen_from<'c>(&self, context: &Context<'c>) -> Context<'c> {
        Context { seals: context.seals && !(self.rules.is_outside && self.islands.is_unlinkable()), ..*context }
    }

    /// Whether this answers an island's request, and its handler has been called.
    fn is_opened(&self) -> bool {
        self.exchange.as_ref().is_some_and(|exchange| exchange.notes().is_opened)
    }

    fn marked(&self, mut outcome: Outcome) -> Outcome {
        if self.rules.is_marked {
            outcome.edits.push(mark::set(self.is_opened()));
        }
        outcome
    }

    fn left_alone(&self, response: &Response<'_>) -> Step {
        let marked = || Step::Edited(self.marked(Outcome::changing(response, Vec::new())));
        if self.rules.is_marked { marked() } else { Step::Pass }
    }

    /// Notes what the handler says of scripts, before layers say what they say of every page.
    fn note_policies(&self, response: &Response<'_>) {
        let Some(exchange) = self.exchange.as_ref().filter(|_| self.is_opened()) else { return };
        let mut notes = exchange.notes();
        if matches!(response.status, 200 | 304) && notes.policies.is_none() {
            notes.policies = Some(values(response.headers, "content-security-policy").map(Into::into).collect());
        }
    }

    fn note_faulty(&self) {
        if let Some(exchange) = &self.exchange {
            exchange.note_faulty();
        }
    }

    /// Whether a page held directives, since this was last asked.
    pub(super) fn take_changed(&mut self) -> bool {
        let streamed = self.stream.as_mut().is_some_and(Stream::take_changed);
        std::mem::take(&mut self.is_changed) || streamed
    }
}

/// The content codings of a response, as they are written.
pub(super) fn coding(response: &Response<'_>) -> String {
    let values = response.headers.iter().filter(|(name, _)| name.eq_ignore_ascii_case("content-encoding"));
    let values: Vec<_> = values.map(|(_, value)| String::from_utf8_lossy(value.trim_ascii())).collect();
    values.join(", ").to_ascii_lowercase()
}

pub(super) fn has_length(response: &Response<'_>) -> bool {
    response.headers.iter().any(|(name, _)| name.eq_ignore_ascii_case("content-length"))
}
