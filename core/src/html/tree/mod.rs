//! The part of a browser's tree builder (WHATWG HTML, 13.2.6) that changes how its tokenizer goes on: where svg and math
//! are open, in which `<![CDATA[` is a CDATA section and `<title>`, `<style>` or `<script>` hold markup, and where a
//! `template` holds columns, which drops all else.
//!
//! Outside of these nothing is followed, so that an ordinary page costs nothing; there every element is HTML. The price
//! is that an end tag in svg that looks for an HTML element around it may or may not find one. The tree then keeps both
//! stacks that a browser may have. Most of the time they come together again at `</svg>`, and nobody need know. Only
//! where they would read the next text element or CDATA section in two ways is the place unclear, and said to be.

mod rules;
mod stack;
mod vocabulary;

use rules::{MAX_COPY, Step, begins_text};
use stack::{Entry, Kind, Mode, Stack};
use vocabulary::{Name, Names, TEXT};

use super::attributes::Attributes;
use super::decode;
use super::names::{self, TokenizerState};
use super::tag::Tag;

/// How what follows a start tag, or `<![CDATA[`, is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ReadAs {
    /// As markup; `<![CDATA[` begins a comment.
    Markup,
    /// As text: the content of an HTML element that holds text, or a CDATA section.
    Text,
    /// It depends on parts of the page that are not followed.
    Unclear,
}

/// What made a place unclear.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Cause {
    /// What was open.
    pub(crate) open: &'static str,
    /// The tag that may have closed it, as far as its name.
    pub(crate) tag: String,
}

/// What the rules ask of a start tag beside its name.
#[derive(Debug, Clone, Copy, Default)]
struct Facts {
    self_closing: bool,
    /// A `font` with an attribute that svg does not know.
    breaks_out: bool,
    /// An `annotation-xml` whose encoding is HTML's.
    holds_html: bool,
}

/// What is open around a place, to be compared with another place's.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Nesting(Around);

#[derive(Debug, Clone)]
enum Around {
    /// Neither svg nor math nor a template.
    Nothing,
    /// One of these stacks.
    Open(Vec<Stack>),
    /// More than is worth a copy at every island: equal to nothing.
    Deep,
}

impl PartialEq for Around {
    fn eq(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Nothing, Self::Nothing) => true,
            (Self::Open(one), Self::Open(other)) => {
                one.len() == other.len() && one.iter().all(|stack| other.contains(stack))
            }
            _ => false,
        }
    }
}

/// See the module's documentation.
#[derive(Debug)]
pub(crate) struct Tree {
    /// The stacks that a browser may have, from the outermost svg, math or template on. None at all when there are too
    /// many, or one that is too deep: then every text element is unclear.
    stacks: Vec<Stack>,
    names: Names,
    cause: Option<Cause>,
    /// Whether only tags that [`is_watched`](Self::is_watched) knows can change anything.
    is_plain: bool,
}

/// More stacks than this are not worth following.
const MAX_STACKS: usize = 8;

/// The most open elements: no page nests so deeply, and memory stays bounded.
const MAX_DEPTH: usize = 1 << 16;

impl Default for Tree {
    fn default() -> Self {
        Self { stacks: vec![Stack::default()], names: Names::default(), cause: None, is_plain: true }
    }
}

impl Tree {
    /// Whether no tags need be told but those that are [watched](Self::is_watched), and pages may be skimmed.
    #[inline(always)]
    pub(crate) fn is_plain(&self) -> bool {
        self.is_plain
    }

    /// Whether a tag of this name can open what the tree follows, while nothing of it is open.
    pub(crate) fn opens(name: &[u8]) -> bool {
        const OPENERS: [&[u8]; 4] = [b"svg", b"math", b"template", b"frameset"];
        OPENERS.iter().any(|opener| name.eq_ignore_ascii_case(opener))
    }

    /// Whether a tag of this name can change something while the tree is [plain](Self::is_plain).
    pub(crate) fn is_watched(name: &[u8]) -> bool {
        const OTHERS: [&[u8]; 5] = [b"svg", b"math", b"template", b"head", b"frameset"];
        names::tokenizer_state(name).0 != TokenizerState::Data
            || OTHERS.iter().any(|watched| name.eq_ignore_ascii_case(watched))
    }

    /// Whether neither svg nor math nor a template is open, for certain.
    pub(crate) fn is_empty(&self) -> bool {
        matches!(self.stacks.as_slice(), [stack] if stack.is_empty())
    }

    /// Whether a browser has exactly one stack here, known to the tree.
    pub(crate) fn is_sure(&self) -> bool {
        self.stacks.len() == 1
    }

    /// Whether the tree has given up: no tag can change that.
    pub(crate) fn is_lost(&self) -> bool {
        self.stacks.is_empty()
    }

    /// Whether a template is open, or may be.
    pub(crate) fn is_in_template(&self) -> bool {
        let is_template = |entry: &Entry| matches!(entry.kind, Kind::Template(_));
        self.stacks.iter().any(|stack| stack.entries.iter().any(is_template))
    }

    /// What made the tree unsure when it last became so.
    pub(crate) fn cause(&self) -> Option<&Cause> {
        self.cause.as_ref()
    }

    /// How what follows a start tag of this name is read.
    pub(crate) fn reading(&mut self, name: &[u8]) -> ReadAs {
        match self.names.find(name).filter(|name| name.is(TEXT)) {
            Some(name) => self.agreed(|stack| begins_text(stack, name)),
            None => ReadAs::Markup,
        }
    }

    /// How `<![CDATA[` is read here.
    pub(crate) fn cdata(&self) -> ReadAs {
        self.agreed(|stack| stack.top().is_some_and(Entry::is_foreign))
    }

    fn agreed(&self, is_text: impl Fn(&Stack) -> bool) -> ReadAs {
        let mut readings = self.stacks.iter().map(is_text);
        match readings.next() {
            Some(first) if readings.all(|next| next == first) => {
                if first {
                    ReadAs::Text
                } else {
                    ReadAs::Markup
                }
            }
            _ => ReadAs::Unclear,
        }
    }

    /// Takes note of a component's start tag: a placeholder goes out in its place, an element that no rule speaks of. It
    /// opens formatting elements again as text does, and what it stands in is no template of columns. Returns whether that
    /// changed anything.
    pub(crate) fn component(&mut self) -> bool {
        let mut has_changed = false;
        for stack in &mut self.stacks {
            match stack.entries.last_mut() {
                Some(Entry { kind: Kind::Template(mode @ Mode::Fresh), .. }) => {
                    *mode = Mode::Settled;
                    has_changed = true;
                }
                Some(top) if top.kind == Kind::Html || top.holds_html() => {
                    has_changed |= stack.has_pending();
                    stack.reconstruct();
                }
                _ => {}
            }
        }
        self.note_plain();
        has_changed
    }

    /// Takes note of a tag that is no component's, and says how what follows is read. Where that is unclear, the element
    /// goes as a whole, and the tree knows nothing of it. `has_text` says whether text may have stood between the tag and
    /// the one before it.
    pub(crate) fn tell(&mut self, buffer: &[u8], tag: &Tag, has_text: bool) -> ReadAs {
        let name = tag.name(buffer);
        // An end tag with a new name closes nothing in svg and math, and perhaps something around them.
        let number =
            if tag.closing { Some(self.names.find(name).unwrap_or(Name::OTHER)) } else { self.names.number(name) };
        let text = number.filter(|number| number.is(TEXT) && !tag.closing);
        let reading = text.map_or(ReadAs::Markup, |name| self.agreed(|stack| begins_text(stack, name)));
        if reading == ReadAs::Unclear || self.is_lost() {
            return reading;
        }
        let was_sure = self.is_sure();
        let open = self.outermost();
        match number {
            Some(number) => {
                let facts = (!tag.closing).then(|| Facts::of(buffer, tag));
                self.apply(number, facts, has_text);
            }
            None => self.stacks.clear(),
        }
        if was_sure && !self.is_sure() {
            let tag = format!("<{}{}>", if tag.closing { "/" } else { "" }, String::from_utf8_lossy(name));
            self.cause = Some(Cause { open, tag });
        }
        self.note_plain();
        reading
    }

    /// Where the tree has given up, tags need not be told, but skimming one that ends at the next is slower than that.
    fn note_plain(&mut self) {
        self.is_plain = !self.is_lost() && self.stacks.iter().all(has_settled);
    }

    fn apply(&mut self, name: Name, start: Option<Facts>, has_text: bool) {
        let run = |stack: Stack, todo: &mut Vec<Stack>| {
            let mut step = Step::new(stack);
            if has_text {
                step.text_before();
                // What the text did is done: the tag comes after it.
                todo.append(&mut step.forks);
            }
            match start {
                Some(facts) => step.start(name, facts),
                None => step.end(name),
            }
            todo.append(&mut step.again);
            step
        };
        let mut todo = Vec::new();
        let mut is_lost = false;
        if let [stack] = self.stacks.as_mut_slice() {
            // Nearly always: nothing is copied or compared.
            let step = run(std::mem::take(stack), &mut todo);
            *stack = step.stack;
            is_lost = step.is_lost;
            step.forks.into_iter().for_each(|fork| self.keep(fork));
        } else {
            todo.append(&mut self.stacks);
        }
        while let Some(stack) = todo.pop() {
            is_lost |= todo.len() > MAX_STACKS;
            let step = run(stack, &mut todo);
            is_lost |= step.is_lost;
            self.keep(step.stack);
            step.forks.into_iter().for_each(|fork| self.keep(fork));
            if is_lost || self.is_too_much() {
                break;
            }
        }
        if is_lost || self.is_too_much() {
            self.stacks.clear();
        }
    }

    fn keep(&mut self, stack: Stack) {
        if !self.stacks.contains(&stack) {
            self.stacks.push(stack);
        }
    }

    fn is_too_much(&self) -> bool {
        // Stacks are compared with each other at every tag.
        let max = if self.stacks.len() > 1 { MAX_COPY } else { MAX_DEPTH };
        let is_too_deep = |stack: &Stack| stack.entries.len() > max || stack.formats.len() > MAX_COPY;
        self.stacks.len() > MAX_STACKS || self.stacks.iter().any(is_too_deep)
    }

    /// What is open outermost, for a message.
    fn outermost(&self) -> &'static str {
        let first = self.stacks.iter().find_map(|stack| stack.entries.first());
        match first.map(|entry| entry.kind) {
            Some(Kind::Math) => "math",
            Some(Kind::Template(_)) => "template",
            Some(_) => "svg",
            None => "frameset",
        }
    }

    /// What is open here.
    pub(crate) fn nesting(&self) -> Nesting {
        Nesting(match self.stacks.as_slice() {
            [stack] if stack.is_empty() => Around::Nothing,
            stacks if stacks.iter().any(|stack| stack.entries.len() > MAX_COPY) => Around::Deep,
            stacks => Around::Open(stacks.to_vec()),
        })
    }

    /// Goes on as if what is open were this.
    pub(crate) fn set_nesting(&mut self, nesting: &Nesting) {
        self.stacks = match &nesting.0 {
            Around::Nothing => vec![Stack::default()],
            Around::Open(stacks) => stacks.clone(),
            Around::Deep => Vec::new(),
        };
        self.note_plain();
    }

    /// What is open after an end tag, if this is open before it.
    pub(crate) fn after_end_tag(&mut self, nesting: &Nesting, name: &[u8]) -> Nesting {
        let (stacks, is_plain) = (std::mem::take(&mut self.stacks), self.is_plain);
        self.set_nesting(nesting);
        let number = self.names.find(name).unwrap_or(Name::OTHER);
        self.apply(number, None, false);
        let after = self.nesting();
        (self.stacks, self.is_plain) = (stacks, is_plain);
        after
    }
}

/// Whether a stack stands in HTML that is not followed, and that drops nothing.
fn has_settled(stack: &Stack) -> bool {
    match stack.top().map(|top| top.kind) {
        None => true,
        Some(Kind::Template(mode)) => mode == Mode::Settled,
        Some(_) => false,
    }
}

impl Facts {
    fn of(buffer: &[u8], tag: &Tag) -> Self {
        let name = tag.name(buffer);
        let named = |wanted: &[&[u8]]| {
            let is_it = |name: &[u8]| wanted.iter().any(|wanted| name.eq_ignore_ascii_case(wanted));
            Attributes::of(buffer, tag).find(|attribute| is_it(attribute.name(buffer)))
        };
        let breaks_out = name.eq_ignore_ascii_case(b"font") && named(&[b"color", b"face", b"size"]).is_some();
        let is_annotation = name.eq_ignore_ascii_case(b"annotation-xml");
        // Of repeated attributes the first counts.
        let encoding = if is_annotation { named(&[b"encoding"]) } else { None };
        let holds_html = encoding.is_some_and(|encoding| {
            let mut value = Vec::new();
            decode::attribute_value(encoding.value(buffer).unwrap_or_default(), &mut value);
            [&b"text/html"[..], b"application/xhtml+xml"].iter().any(|html| value.eq_ignore_ascii_case(html))
        });
        Self { self_closing: tag.self_closing, breaks_out, holds_html }
    }
}
