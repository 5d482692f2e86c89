//! Both stations around an app, without a server. The host here is what every host is: it asks the machine and moves bytes.
#![allow(dead_code, reason = "each test file uses a part")]

use eyot::exchange::{Arrived, Event, Exchange, Flow, Out, PageOut, PageRules, Sent, Size, Step};
use eyot::http::{Field, Head, Outcome, Reply, Response, ShellPolicy, edited};
use eyot::placeholder::Placeholder;
use eyot::{Context, Islands};

use super::{NOW, builder, context, without_tokens};

pub(crate) const HTML: (&str, &str) = ("Content-Type", "text/html; charset=utf-8");

/// A response on its way: of the app, of a layer between, or as it leaves.
#[derive(Debug, Clone, Default)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) chunks: Vec<String>,
    /// Whether its size is known at the start.
    pub(crate) is_whole: bool,
    /// Whether the connection is cut at its end.
    pub(crate) is_cut: bool,
}

impl Answer {
    pub(crate) fn html(status: u16, body: &str) -> Self {
        Self::new(status, &[HTML], body)
    }

    pub(crate) fn new(status: u16, headers: &[(&str, &str)], body: &str) -> Self {
        let headers = headers.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        Self { status, headers, chunks: vec![body.to_owned()], is_whole: true, is_cut: false }
    }

    pub(crate) fn in_pieces(mut self, chunks: &[&str]) -> Self {
        self.chunks = chunks.iter().map(|chunk| (*chunk).to_owned()).collect();
        self.is_whole = false;
        self
    }

    pub(crate) fn with(mut self, name: &str, value: &str) -> Self {
        self.headers.push((name.to_owned(), value.to_owned()));
        self
    }

    fn fields(&self) -> Vec<Field<'_>> {
        self.headers.iter().map(|(name, value)| (name.as_str(), value.as_bytes())).collect()
    }

    pub(crate) fn get(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(known, _)| known.eq_ignore_ascii_case(name)).map(|(_, value)| value.as_str())
    }

    pub(crate) fn body(&self) -> String {
        self.chunks.concat()
    }

    pub(crate) fn text(&self) -> String {
        without_tokens(&self.body())
    }

    fn edit(&mut self, outcome: &Outcome) {
        let headers = self.fields();
        let headers = edited(&headers, &outcome.edits);
        let text = |value: &[u8]| String::from_utf8_lossy(value).into_owned();
        self.headers = headers.iter().map(|(name, value)| ((*name).to_owned(), text(value))).collect();
        self.status = outcome.status;
        if !outcome.has_body {
            self.chunks.clear();
        }
    }

    pub(crate) fn of(reply: &Reply) -> Self {
        let headers = reply.headers.iter().map(|(name, value)| (*name, value.as_ref())).collect::<Vec<_>>();
        Self::new(reply.status, &headers, &String::from_utf8_lossy(&reply.body))
    }
}

/// The two ways out have the same calls.
pub(crate) trait WayOut {
    fn step(&mut self, response: &Response<'_>, size: Size) -> Step;
    fn whole<'p>(&mut self, response: &Response<'_>, body: &'p [u8]) -> Sent<'p>;
    fn flow<'s>(&'s mut self, chunk: Option<&'s [u8]>) -> Flow<'s>;
}

macro_rules! way_out {
    ($type:ty, $context:expr) => {
        impl WayOut for $type {
            fn step(&mut self, response: &Response<'_>, size: Size) -> Step {
                self.step(response, size)
            }

            fn whole<'p>(&mut self, response: &Response<'_>, body: &'p [u8]) -> Sent<'p> {
                self.whole(response, body, &$context)
            }

            fn flow<'s>(&'s mut self, chunk: Option<&'s [u8]>) -> Flow<'s> {
                match chunk {
                    Some(chunk) => self.push(chunk, &$context),
                    None => self.finish(&$context),
                }
            }
        }
    };
}

way_out!(PageOut, context());
way_out!(Out, context().with_seals(false));

/// What a host does with a response at a station.
pub(crate) fn through(out: &mut impl WayOut, mut answer: Answer) -> Answer {
    let headers = answer.clone();
    let headers = headers.fields();
    let response = Response::new(answer.status, &headers);
    let mut step = out.step(&response, Size::Unknown);
    if step == Step::Wait {
        step = out.step(&response, if answer.is_whole { Size::Whole } else { Size::More });
    }
    match step {
        Step::Pass => answer,
        Step::Edited(outcome) => {
            answer.edit(&outcome);
            answer
        }
        Step::Instead(reply) => Answer::of(&reply),
        Step::Stream(outcome) => {
            let chunks = std::mem::take(&mut answer.chunks);
            answer.edit(&outcome);
            streamed(out, answer, &chunks)
        }
        Step::Collect | Step::Decode(_) => {
            let body = answer.body();
            match out.whole(&response, body.as_bytes()) {
                Sent::Same => {}
                Sent::Edited(outcome) => answer.edit(&outcome),
                Sent::Shell(outcome, shell) => {
                    answer.chunks = vec![String::from_utf8_lossy(&shell.into_bytes()).into_owned()];
                    answer.is_whole = true;
                    answer.edit(&outcome);
                }
                Sent::Instead(reply) => return Answer::of(&reply),
            }
            answer
        }
        other => panic!("{other:?} is no answer to a size"),
    }
}

fn streamed(out: &mut impl WayOut, mut answer: Answer, chunks: &[String]) -> Answer {
    for chunk in chunks.iter().map(Some).chain([None]) {
        match out.flow(chunk.map(String::as_bytes)) {
            Flow::On(segments) => {
                let text: Vec<u8> = segments.flatten().copied().collect();
                answer.chunks.push(String::from_utf8_lossy(&text).into_owned());
            }
            Flow::Last(rest) => answer.chunks.push(String::from_utf8_lossy(&rest).into_owned()),
            Flow::Cut(rest, _) => {
                answer.chunks.push(String::from_utf8_lossy(&rest).into_owned());
                answer.is_cut = true;
                break;
            }
        }
    }
    answer
}

/// What a visitor asks for, and how the site is set up.
#[derive(Clone)]
pub(crate) struct Site<'v> {
    pub(crate) islands: Islands,
    pub(crate) method: &'v str,
    pub(crate) headers: Vec<(&'v str, &'v str)>,
    pub(crate) policy: Option<ShellPolicy>,
    pub(crate) visitor: Option<&'v str>,
    pub(crate) shared: Option<u32>,
    /// Whether the HTML pass is on.
    pub(crate) splits: bool,
}

/// Where a response comes from.
pub(crate) enum From {
    /// Of the app, or of the island's handler; with what a layer between adds.
    App(Answer, Vec<(String, String)>),
    /// Of the handler, which refuses its props, and says why.
    Misfit(String),
    /// Of a layer between the stations.
    Between(Answer),
}

impl From {
    /// Of the app, as it answered.
    pub(crate) fn app(answer: Answer) -> Self {
        Self::App(answer, Vec::new())
    }
}

impl<'v> Site<'v> {
    pub(crate) fn new() -> Self {
        Self::of(builder().build().expect("good"))
    }

    pub(crate) fn debugging() -> Self {
        Self::of(builder().debug(true).build().expect("good"))
    }

    pub(crate) fn of(islands: Islands) -> Self {
        let (headers, policy) = (Vec::new(), None);
        Self { islands, method: "GET", headers, policy, visitor: None, shared: None, splits: true }
    }

    pub(crate) fn with_policy(mut self, policy: ShellPolicy) -> Self {
        self.policy = Some(policy);
        self
    }

    pub(crate) fn asks(mut self, method: &'v str, headers: &[(&'v str, &'v str)]) -> Self {
        self.method = method;
        self.headers = headers.to_vec();
        self
    }

    /// What leaves, and what is logged.
    pub(crate) fn answers(&self, target: &str, from: From) -> (Answer, Vec<Event>) {
        match self.arrives(target).0 {
            Arrived::Answer(reply, event) => (Answer::of(&reply), event.into_iter().collect()),
            Arrived::App(event) => {
                let mut page = PageOut::new(&self.islands, PageRules::new(target).with_mark(true));
                let out = Out::new(&self.islands, PageRules::new(target));
                let (answer, mut events) = self.around(&mut page, out, None, from);
                events.extend(event);
                (answer, events)
            }
            Arrived::Exchange(exchange) => {
                let out = exchange.out();
                let mut page = exchange.page(self.splits);
                self.around(&mut page, out, Some(&exchange), from)
            }
        }
    }

    fn around(
        &self,
        page: &mut PageOut,
        mut out: Out,
        exchange: Option<&Exchange>,
        from: From,
    ) -> (Answer, Vec<Event>) {
        let inside = |page: &mut PageOut, answer: Answer| match exchange.filter(|exchange| exchange.name().is_some()) {
            Some(exchange) => match exchange.open("", NOW, &mut Vec::new()) {
                Ok(_) => through(page, answer),
                Err(reply) => Answer::of(&reply),
            },
            None => through(page, answer),
        };
        let answer = match from {
            From::App(answer, added) => {
                let mut answer = inside(page, answer);
                // A layer that says something once more says it instead.
                answer.headers.retain(|(name, _)| !added.iter().any(|(new, _)| new.eq_ignore_ascii_case(name)));
                answer.headers.extend(added);
                answer
            }
            From::Between(answer) => answer,
            From::Misfit(why) => Answer::of(&exchange.expect("an island").misfit(&why)),
        };
        let left = through(&mut out, answer);
        let events = page.events().into_iter().chain(out.events()).collect();
        assert_eq!(left.get("Eyot-Split"), None, "the mark never leaves");
        (left, events)
    }

    /// What the request is.
    pub(crate) fn arrives(&self, target: &str) -> Met {
        let fields: Vec<Field<'_>> = self.headers.iter().map(|(name, value)| (*name, value.as_bytes())).collect();
        let head = Head::new(self.method, target.as_bytes()).with_headers(&fields);
        let met = Met(self.islands.arrive(&head, self.policy.as_ref(), self.visitor));
        if let (Some(asked), Some(seconds)) = (met.exchange(), self.shared) {
            asked.share(seconds);
        }
        met
    }

    /// The target of a vector: `island:Cart` is where that island is asked for, `wrong:Cart` with another one's token.
    pub(crate) fn target(&self, written: &str) -> String {
        match written.split_once(':') {
            Some(("island", name)) => self.url(name),
            Some(("wrong", name)) => self.url("Avatar").replace("/Avatar/", &format!("/{name}/")),
            _ => written.to_owned(),
        }
    }

    /// The URL of an island.
    pub(crate) fn url(&self, name: &str) -> String {
        let mut url = Vec::new();
        self.islands.url(&Placeholder::new(name), &Context::at(NOW), &mut url).expect("a URL");
        String::from_utf8(url).expect("ASCII")
    }
}

/// What a request was found to be.
pub(crate) struct Met(pub(crate) Arrived);

impl Met {
    pub(crate) fn exchange(&self) -> Option<&Exchange> {
        match &self.0 {
            Arrived::Exchange(exchange) => Some(exchange),
            _ => None,
        }
    }

    pub(crate) fn kind(&self) -> &'static str {
        match &self.0 {
            Arrived::App(_) => "app",
            Arrived::Answer(..) => "reply",
            Arrived::Exchange(exchange) if exchange.name().is_some() => "island",
            Arrived::Exchange(_) => "page",
        }
    }
}
