//! Where tags stand in a page: the WHATWG tokenizer (HTML, 13.2.5) to the extent that directives need it.
//!
//! The scanner holds no bytes. It is given the same buffer again with more at its end, or after
//! [`drop_front`](Scanner::drop_front) with its beginning gone, and goes on where it stopped: no byte is read twice
//! however the page is cut into chunks. It tells only of what ends after a position that the caller waits for
//! (`wake`), so that a page is crossed at the speed of its tags up to the next directive.
//!
//! What the tree builder adds, the [`Tree`] knows. A tag is told to it when the next one is asked for: until then the
//! caller may say that it is a component's, which is no element to a browser once the page is split.

use super::find::first_of;
use super::is_space;
use super::names::{self, TokenizerState};
use super::proof::Prover;
use super::skim::Skimmer;
use super::tag::Tag;
use super::tree::{Cause, Nesting, ReadAs, Tree};

/// What stands between tags without being text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Opaque {
    /// A comment of any kind, a processing instruction, a doctype.
    Comment,
    /// The content of `noscript`.
    Noscript,
    /// The content of another element that holds text, or a CDATA section.
    Text,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Event {
    Tag(Tag),
    Opaque {
        kind: Opaque,
        start: usize,
        end: usize,
    },
    /// The tag at this place made the tree unsure of what is open. Told whatever the caller waits for, as are the next
    /// two: later the place may have left the buffer.
    Unsure(usize),
    /// A text element or CDATA section begins of which nobody can tell whether it is one.
    Unclear,
    /// A part of it, up to its end at last. It must not go out: then it does not matter what it was.
    Unclaimed {
        start: usize,
        end: usize,
    },
    /// The end of a tag that was [let go](Scanner::let_go), which is told whatever the caller waits for.
    LetGo(usize),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    Data,
    InTag(InTag),
    /// In a tag whose beginning has left the buffer, and of which only the end is looked for.
    LetGo(InTag),
    Comment,
    /// A doctype, a processing instruction, anything odd after `<!`: ends at the first `>`.
    Bogus,
    Cdata,
    Text(&'static [u8]),
    Script(Script),
    Plaintext,
}

/// The states inside a tag. `Between` stands for "before attribute name", "after attribute value (quoted)" and
/// "self-closing start tag", which differ in parse errors alone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum InTag {
    Name,
    Between,
    AttributeName,
    AfterName,
    BeforeValue,
    DoubleQuoted,
    SingleQuoted,
    Unquoted,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Script {
    Plain,
    Escaped,
    DoubleEscaped,
}

/// See the module's documentation.
#[derive(Debug)]
pub(crate) struct Scanner {
    state: State,
    /// The next byte to read.
    at: usize,
    /// The tag that is being read.
    tag_start: usize,
    closing: bool,
    /// After the tag's name; 0 while it is being read.
    name_end: usize,
    /// Where the comment, text or script that is being read began.
    mark: usize,
    skimmer: Skimmer,
    tree: Tree,
    /// The tag returned last, until the tree is told of it.
    untold: Option<Tag>,
    /// What came of it when [`nesting`](Self::nesting) was asked before the next event was.
    owed: Option<Event>,
    /// The end of the last tag that the tree was told of, while it is in the buffer or just before it.
    told: Option<usize>,
    /// Whether the end tag that is being read ends text: the tree never knew of the element.
    ends_text: bool,
    /// Where the part of an unclear element begins that has not been returned yet.
    unclear: Option<usize>,
    /// Where the outermost open svg, math or template began.
    enclosure_start: usize,
    /// Where the first of these ended that has not been [forgotten](Self::forget_enclosure_end).
    enclosure_end: Option<usize>,
    head_end: Option<usize>,
    /// What to look for in the start tags of scripts, and whether it was there.
    marker: &'static [u8],
    has_marker: bool,
    /// Off in tests of the tokenizer alone: switches of state are the tree builder's business.
    follow: bool,
}

fn ends_name(byte: u8) -> bool {
    is_space(byte) || byte == b'/' || byte == b'>'
}

/// Whether a tag whose name has this first letter and length may change how the scanner goes on.
#[inline(always)]
fn is_special(first: u8, len: usize) -> bool {
    const LENGTHS: [u16; 32] = {
        let mut lengths = [0; 32];
        lengths[(b'f' & 31) as usize] = 1 << 8; // frameset
        lengths[(b'h' & 31) as usize] = 1 << 4; // head
        lengths[(b'i' & 31) as usize] = 1 << 6; // iframe
        lengths[(b'm' & 31) as usize] = 1 << 4; // math
        lengths[(b'n' & 31) as usize] = 1 << 7 | 1 << 8; // noembed, noframes, noscript
        lengths[(b'p' & 31) as usize] = 1 << 9; // plaintext
        lengths[(b's' & 31) as usize] = 1 << 3 | 1 << 5 | 1 << 6; // svg, style, script
        lengths[(b't' & 31) as usize] = 1 << 5 | 1 << 8; // title, textarea, template
        lengths[(b'x' & 31) as usize] = 1 << 3; // xmp
        lengths
    };
    len < 16 && LENGTHS[usize::from(first & 31)] >> len & 1 != 0
}

impl Scanner {
    /// A scanner at the start of a page that takes note of a script whose tag holds `marker`.
    pub(crate) fn new(marker: &'static [u8]) -> Self {
        Self {
            state: State::Data,
            at: 0,
            tag_start: 0,
            closing: false,
            name_end: 0,
            mark: 0,
            skimmer: Skimmer::new(Prover::of_machine()),
            tree: Tree::default(),
            untold: None,
            owed: None,
            told: None,
            ends_text: false,
            unclear: None,
            enclosure_start: 0,
            enclosure_end: None,
            head_end: None,
            marker,
            has_marker: false,
            follow: true,
        }
    }

    /// The next tag or opaque stretch that ends after `wake`, or `None` when the buffer is read.
    pub(crate) fn next(&mut self, buffer: &[u8], wake: usize) -> Option<Event> {
        if let Some(event) = self.owed.take().or_else(|| self.settle(buffer)) {
            return Some(event);
        }
        loop {
            let event = match self.state {
                State::Data => match self.data(buffer, wake) {
                    None if self.state != State::Data => continue,
                    event => return event,
                },
                State::InTag(state) => self.resume_tag(buffer, state).map(Event::Tag),
                State::LetGo(state) => return self.end_of_let_go(buffer, state),
                State::Comment => self.comment(buffer),
                State::Bogus => self.bogus(buffer),
                State::Cdata => self.cdata(buffer),
                State::Text(name) => self.text(buffer, name),
                State::Script(state) => self.script(buffer, state),
                State::Plaintext => {
                    self.at = buffer.len();
                    None
                }
            };
            if self.unclear.is_some() {
                match self.unclaimed(event) {
                    None if event.is_some() => continue,
                    event => return event,
                }
            }
            match event? {
                Event::Tag(tag) if tag.end > wake => {
                    self.untold = Some(tag);
                    return Some(Event::Tag(tag));
                }
                Event::Tag(tag) => {
                    if let Some(event) = self.tell(buffer, &tag) {
                        return Some(event);
                    }
                }
                Event::Opaque { end, .. } if end <= wake => {}
                event => return Some(event),
            }
        }
    }

    /// What is due of an unclear element, after `event` was read in it: all up to its end, or what the buffer holds.
    fn unclaimed(&mut self, event: Option<Event>) -> Option<Event> {
        let start = self.unclear?;
        let end = match event {
            // The text before its end tag.
            Some(Event::Opaque { .. }) if self.state != State::Data => return None,
            Some(_) => {
                // The end tag is a part of it.
                self.ends_text = false;
                self.unclear = None;
                return Some(Event::Unclaimed { start, end: self.at });
            }
            None => self.needs_from(),
        };
        self.unclear = Some(end.max(start));
        (end > start).then_some(Event::Unclaimed { start, end })
    }

    /// The first byte that must still be in the buffer at the next call.
    pub(crate) fn needs_from(&self) -> usize {
        match self.state {
            State::InTag(_) => self.tag_start,
            // Whether a tag ends itself is known from the byte before its `>`.
            State::LetGo(_) => self.at.saturating_sub(1),
            // The ends of these are recognised by looking back from a `>`.
            State::Comment | State::Cdata | State::Script(_) => self.at.saturating_sub(3).max(self.mark),
            State::Data | State::Bogus | State::Text(_) | State::Plaintext => self.at,
        }
    }

    /// Tells that the first `count` bytes are gone from the buffer; not more than [`needs_from`](Self::needs_from).
    pub(crate) fn drop_front(&mut self, count: usize) {
        for position in
            [&mut self.at, &mut self.tag_start, &mut self.name_end, &mut self.mark, &mut self.enclosure_start]
        {
            *position = position.saturating_sub(count);
        }
        // Clamped, it would meet the next tag, as if no text had stood between them.
        self.told = self.told.and_then(|at| at.checked_sub(count));
        self.unclear = self.unclear.map(|at| at.saturating_sub(count));
        self.head_end = self.head_end.and_then(|at| at.checked_sub(count));
        self.enclosure_end = self.enclosure_end.and_then(|at| at.checked_sub(count));
    }

    /// The start of the tag that the buffer breaks off in.
    pub(crate) fn open_tag(&self) -> Option<usize> {
        matches!(self.state, State::InTag(_)).then_some(self.tag_start)
    }

    /// Lets go of the tag that the buffer breaks off in, so that its bytes need not be kept: a start tag whose name changes
    /// nothing about how the page is read on. Returns whether it is one.
    pub(crate) fn let_go(&mut self, buffer: &[u8]) -> bool {
        let State::InTag(state) = self.state else { return false };
        let is_known = !self.closing && !self.ends_text && state != InTag::Name;
        let name_start = self.tag_start + 1;
        let changes_nothing = self.tree.is_plain() || self.tree.is_lost();
        if !is_known || !changes_nothing || is_special(buffer[name_start], self.name_end - name_start) {
            return false;
        }
        self.state = State::LetGo(state);
        true
    }

    /// Whether the buffer breaks off in a tag that was let go.
    pub(crate) fn has_let_go(&self) -> bool {
        matches!(self.state, State::LetGo(_))
    }

    /// The name of the tag that the buffer breaks off in, once it is known.
    pub(crate) fn open_tag_name<'b>(&self, buffer: &'b [u8]) -> Option<&'b [u8]> {
        let is_known = matches!(self.state, State::InTag(state) if state != InTag::Name);
        is_known.then(|| &buffer[self.tag_start + 1 + usize::from(self.closing)..self.name_end])
    }

    /// The comment or `noscript` that the buffer breaks off in, and its start or what is left of it.
    pub(crate) fn open_opaque(&self) -> Option<(Opaque, usize)> {
        match self.state {
            _ if self.unclear.is_some() => None,
            State::Comment | State::Bogus => Some((Opaque::Comment, self.tag_start)),
            State::Text(b"noscript") => Some((Opaque::Noscript, self.mark)),
            _ => None,
        }
    }

    /// Whether what is read next is a part of an unclear element.
    pub(crate) fn is_in_unclear(&self) -> bool {
        self.unclear.is_some()
    }

    /// Where what has not been returned of an unclear element begins, if the page ends in one.
    pub(crate) fn take_unclear(&mut self) -> Option<usize> {
        self.unclear.take()
    }

    /// Where the first `</head>` began.
    pub(crate) fn head_end(&self) -> Option<usize> {
        self.head_end
    }

    /// The start of the outermost svg, math or template that is open, or may be.
    pub(crate) fn enclosure_start(&self) -> Option<usize> {
        (!self.tree.is_empty()).then_some(self.enclosure_start)
    }

    /// Where the first outermost svg, math or template ended that has not been forgotten.
    pub(crate) fn enclosure_end(&self) -> Option<usize> {
        self.enclosure_end
    }

    /// Goes on to the next one.
    pub(crate) fn forget_enclosure_end(&mut self) {
        self.enclosure_end = None;
    }

    /// Whether a template is open, or may be.
    pub(crate) fn is_in_template(&self) -> bool {
        self.tree.is_in_template()
    }

    /// Whether a script's start tag held the marker.
    pub(crate) fn has_marker(&self) -> bool {
        self.has_marker
    }

    /// What made the tree unsure.
    pub(crate) fn cause(&self) -> Option<&Cause> {
        self.tree.cause()
    }

    /// What is open around the place that has been read; the tag returned last is an element's.
    pub(crate) fn nesting(&mut self, buffer: &[u8]) -> Nesting {
        self.owed = self.owed.take().or_else(|| self.settle(buffer));
        self.tree.nesting()
    }

    /// What is open after an end tag, if `nesting` is open before it.
    pub(crate) fn after_end_tag(&mut self, nesting: &Nesting, name: &[u8]) -> Nesting {
        self.tree.after_end_tag(nesting, name)
    }

    /// Goes on as if what is open were this.
    pub(crate) fn set_nesting(&mut self, nesting: &Nesting) {
        let was_empty = self.tree.is_empty();
        self.tree.set_nesting(nesting);
        self.note_enclosure(was_empty, self.at, self.at);
    }

    /// Says that the tag just returned is a component's, start or end: no element to the tree. Returns whether the page is
    /// read on differently than if the tag were not there.
    pub(crate) fn as_component(&mut self) -> bool {
        self.ends_text = false;
        self.untold.take().is_some_and(|tag| !tag.closing) && self.tree.component()
    }

    /// Whether nobody can tell if the start tag just returned begins text, should it be an element's.
    pub(crate) fn is_unclear(&mut self, buffer: &[u8]) -> bool {
        if self.tree.is_sure() {
            return false;
        }
        let tag = self.untold.filter(|tag| !tag.closing);
        tag.is_some_and(|tag| self.tree.reading(tag.name(buffer)) == ReadAs::Unclear)
    }

    #[cfg(all(test, feature = "suites"))]
    pub(crate) fn for_tokenizer_test(state: Option<(TokenizerState, &'static [u8])>, in_cdata: bool) -> Self {
        let state = match state {
            _ if in_cdata => State::Cdata,
            Some((TokenizerState::Text, name)) => State::Text(name),
            Some((TokenizerState::Script, _)) => State::Script(Script::Plain),
            Some((TokenizerState::Plaintext, _)) => State::Plaintext,
            Some((TokenizerState::Data, _)) | None => State::Data,
        };
        Self { state, follow: false, ..Self::new(b"") }
    }

    // -- data ---------------------------------------------------------------------------------------------------------

    /// Reads text and tags; `None` at the end of the buffer, and with another state where something else begins.
    #[inline]
    fn data(&mut self, buffer: &[u8], wake: usize) -> Option<Event> {
        let mut at = self.at;
        loop {
            // Tags that nobody waits for need not be read one by one. Not while something is open that the tree follows: skim
            // knows nothing of it.
            if wake > at && self.tree.is_plain() {
                at = self.skimmer.skim(buffer, at, wake);
            }
            at = first_of(buffer, at, [b'<']);
            let Some(&next) = buffer.get(at + 1) else {
                self.at = at;
                return None;
            };
            let tag = if next.is_ascii_alphabetic() {
                self.begin_tag(buffer, at, false)
            } else if next == b'/' {
                match buffer.get(at + 2) {
                    None => {
                        self.at = at;
                        return None;
                    }
                    Some(byte) if byte.is_ascii_alphabetic() => self.begin_tag(buffer, at, true),
                    Some(b'>') => {
                        at += 3;
                        continue;
                    }
                    Some(_) => return self.enter(State::Bogus, at, 2),
                }
            } else if next == b'!' {
                return self.declaration(buffer, at);
            } else if next == b'?' {
                return self.enter(State::Bogus, at, 2);
            } else {
                at += 1;
                continue;
            }?;
            if tag.end > wake {
                self.untold = Some(tag);
                return Some(Event::Tag(tag));
            }
            at = tag.end;
            if is_special(buffer[tag.name_start], tag.name_end - tag.name_start) || !self.tree.is_plain() {
                let event = self.tell(buffer, &tag);
                if event.is_some() || self.state != State::Data {
                    return event;
                }
            }
        }
    }

    /// `<!`: a comment, a CDATA section, or anything up to `>`.
    fn declaration(&mut self, buffer: &[u8], at: usize) -> Option<Event> {
        let rest = &buffer[at + 2..];
        let cdata = self.tree.cdata();
        let may_be_cdata = cdata != ReadAs::Markup;
        if rest.starts_with(b"--") {
            self.enter(State::Comment, at, 4)
        } else if may_be_cdata && rest.starts_with(b"[CDATA[") {
            self.enter(State::Cdata, at, 9);
            self.unclear = (cdata == ReadAs::Unclear).then_some(at);
            self.unclear.map(|_| Event::Unclear)
        } else if rest.is_empty() || rest == b"-" || (may_be_cdata && b"[CDATA[".starts_with(rest)) {
            self.wait(at)
        } else {
            self.enter(State::Bogus, at, 2)
        }
    }

    /// Enters a state that is not a tag's, `skip` bytes after its `<`.
    fn enter(&mut self, state: State, at: usize, skip: usize) -> Option<Event> {
        self.state = state;
        self.tag_start = at;
        self.mark = at + skip;
        self.at = at + skip;
        None
    }

    // -- tags ---------------------------------------------------------------------------------------------------------

    /// Reads a tag from its `<`; `None` when the buffer ends in it.
    #[inline(always)]
    fn begin_tag(&mut self, buffer: &[u8], start: usize, closing: bool) -> Option<Tag> {
        self.tag_start = start;
        self.closing = closing;
        let name_start = start + 1 + usize::from(closing);
        let name_end = first_of(buffer, name_start, [b'>', b' ', b'/', b'\n', b'\t', b'\r', b'\x0c']);
        if name_end == buffer.len() {
            // The name may go on in the next chunk; 0 says that its end is not known.
            self.name_end = 0;
            self.state = State::InTag(InTag::Name);
            self.at = name_end;
            return None;
        }
        self.name_end = name_end;
        self.attributes(buffer, name_end)
    }

    /// Goes on in a tag that an earlier buffer broke off in.
    fn resume_tag(&mut self, buffer: &[u8], state: InTag) -> Option<Tag> {
        match self.step(buffer, state, self.at)? {
            Stop::Between(at) => self.attributes(buffer, at),
            Stop::End { end, self_closing } => Some(self.finish_tag(end, self_closing)),
        }
    }

    /// Looks for the end of a tag that was let go.
    fn end_of_let_go(&mut self, buffer: &[u8], mut state: InTag) -> Option<Event> {
        loop {
            match self.step(buffer, state, self.at) {
                Some(Stop::End { end, .. }) => {
                    self.state = State::Data;
                    self.at = end;
                    return Some(Event::LetGo(end));
                }
                Some(Stop::Between(at)) => (state, self.at) = (InTag::Between, at),
                None => {
                    if let State::InTag(state) = self.state {
                        self.state = State::LetGo(state);
                    }
                    return None;
                }
            }
        }
    }

    /// Reads a tag on from a place between its attributes.
    ///
    /// Well-formed attributes are crossed in two searches each, for `=` and for the closing quote; whatever else there
    /// is goes through [`step`](Self::step).
    #[inline(always)]
    fn attributes(&mut self, buffer: &[u8], from: usize) -> Option<Tag> {
        let mut at = from;
        loop {
            let hit = first_of(buffer, at, [b'>', b'=', b'"', b'\'']);
            let stop = match buffer.get(hit) {
                Some(b'>') => Stop::End { end: hit + 1, self_closing: buffer[hit - 1] == b'/' },
                Some(b'=') if hit > at && !ends_name(buffer[hit - 1]) => match buffer.get(hit + 1) {
                    Some(&quote @ (b'"' | b'\'')) => {
                        let close = first_of(buffer, hit + 2, [quote]);
                        if close == buffer.len() {
                            let state = if quote == b'"' { InTag::DoubleQuoted } else { InTag::SingleQuoted };
                            self.state = State::InTag(state);
                            self.at = close;
                            return None;
                        }
                        Stop::Between(close + 1)
                    }
                    _ => self.step_past(buffer, at, hit)?,
                },
                _ => self.step_past(buffer, at, hit)?,
            };
            match stop {
                Stop::Between(next) => at = next,
                Stop::End { end, self_closing } => return Some(self.finish_tag(end, self_closing)),
            }
        }
    }

    /// Steps from a place between attributes to one after `past`, so that no byte is searched twice.
    #[cold]
    fn step_past(&mut self, buffer: &[u8], from: usize, past: usize) -> Option<Stop> {
        let mut at = from;
        loop {
            match self.step(buffer, InTag::Between, at)? {
                Stop::Between(next) if next <= past => at = next,
                stop => return Some(stop),
            }
        }
    }

    /// The tokenizer's own steps through a tag, byte by byte, up to its end or the next place between attributes.
    fn step(&mut self, buffer: &[u8], mut state: InTag, from: usize) -> Option<Stop> {
        if let Some(quote) = state.quote() {
            let end = first_of(buffer, from, [quote]);
            if end < buffer.len() {
                return Some(Stop::Between(end + 1));
            }
            self.state = State::InTag(state);
            self.at = buffer.len();
            return None;
        }
        let rest = buffer.get(from..).unwrap_or_default();
        for (at, &byte) in (from..).zip(rest) {
            if byte == b'>' && !matches!(state, InTag::DoubleQuoted | InTag::SingleQuoted) {
                if state == InTag::Name {
                    self.name_end = at;
                }
                let self_closing = state == InTag::Between && buffer[at - 1] == b'/';
                return Some(Stop::End { end: at + 1, self_closing });
            }
            let next = state.next(byte);
            if state == InTag::Name && next != InTag::Name {
                self.name_end = at;
            }
            if next == InTag::Between && state != InTag::Between {
                return Some(Stop::Between(at + 1));
            }
            state = next;
        }
        self.state = State::InTag(state);
        self.at = buffer.len();
        None
    }

    #[inline(always)]
    fn finish_tag(&mut self, end: usize, self_closing: bool) -> Tag {
        let name_start = self.tag_start + 1 + usize::from(self.closing);
        let tag = Tag {
            start: self.tag_start,
            name_start,
            name_end: self.name_end,
            end,
            closing: self.closing,
            self_closing,
        };
        self.state = State::Data;
        self.at = end;
        tag
    }

    /// Tells the tree of the tag returned last, and follows it into text.
    #[inline]
    fn settle(&mut self, buffer: &[u8]) -> Option<Event> {
        let tag = self.untold.take()?;
        self.tell(buffer, &tag)
    }

    /// What the tree builder makes of a tag, if it is one that changes how the page is read on.
    #[inline]
    fn tell(&mut self, buffer: &[u8], tag: &Tag) -> Option<Event> {
        if std::mem::take(&mut self.ends_text) {
            self.told = Some(tag.end);
            return None;
        }
        let may_matter = is_special(buffer[tag.name_start], tag.name_end - tag.name_start);
        let is_told = !self.tree.is_plain() || (may_matter && Tree::is_watched(tag.name(buffer)));
        if is_told && self.follow { self.special(buffer, tag) } else { None }
    }

    #[cold]
    fn special(&mut self, buffer: &[u8], tag: &Tag) -> Option<Event> {
        let name = tag.name(buffer);
        let (was_empty, was_sure) = (self.tree.is_empty(), self.tree.is_sure());
        if tag.closing && was_empty && self.head_end.is_none() && name.eq_ignore_ascii_case(b"head") {
            self.head_end = Some(tag.start);
        }
        // While nothing is open that the tree follows, a script or a title is no news to it, and most watched tags are those.
        if was_empty && self.tree.is_plain() && !Tree::opens(name) {
            self.told = Some(tag.end);
            if !tag.closing {
                self.follow_into_text(buffer, tag, name);
            }
            return None;
        }
        let reading = self.tree.tell(buffer, tag, Some(tag.start) != self.told);
        if reading == ReadAs::Unclear {
            self.begin_text(tag, name);
            self.unclear = Some(tag.start);
            return Some(Event::Unclear);
        }
        self.told = Some(tag.end);
        self.note_enclosure(was_empty, tag.start, tag.end);
        if reading == ReadAs::Text {
            self.follow_into_text(buffer, tag, name);
        }
        (was_sure && !self.tree.is_sure()).then_some(Event::Unsure(tag.start))
    }

    /// Goes on behind a start tag, in its text if it has any; and takes note of a script that is the loader.
    fn follow_into_text(&mut self, buffer: &[u8], tag: &Tag, name: &[u8]) {
        self.begin_text(tag, name);
        if !self.has_marker && self.state == State::Script(Script::Plain) {
            self.has_marker = memchr::memmem::find(&buffer[tag.name_end..tag.end], self.marker).is_some();
        }
    }

    fn begin_text(&mut self, tag: &Tag, name: &[u8]) {
        self.mark = tag.end;
        self.state = match names::tokenizer_state(name) {
            (TokenizerState::Data, _) => State::Data,
            (TokenizerState::Text, name) => State::Text(name),
            (TokenizerState::Script, _) => State::Script(Script::Plain),
            (TokenizerState::Plaintext, _) => State::Plaintext,
        };
    }

    /// Takes note of where the outermost svg, math or template begins and ends.
    fn note_enclosure(&mut self, was_empty: bool, start: usize, end: usize) {
        match (was_empty, self.tree.is_empty()) {
            (true, false) => self.enclosure_start = start,
            (false, true) => {
                self.enclosure_end.get_or_insert(end);
            }
            _ => {}
        }
    }

    // -- comments and text --------------------------------------------------------------------------------------------

    fn opaque(&mut self, kind: Opaque, start: usize, end: usize) -> Event {
        self.state = State::Data;
        self.at = end;
        Event::Opaque { kind, start, end }
    }

    /// Stops at the end of the buffer, in the state as it is.
    fn wait(&mut self, at: usize) -> Option<Event> {
        self.at = at;
        None
    }

    fn bogus(&mut self, buffer: &[u8]) -> Option<Event> {
        match memchr::memchr(b'>', &buffer[self.at..]) {
            Some(found) => Some(self.opaque(Opaque::Comment, self.tag_start, self.at + found + 1)),
            None => self.wait(buffer.len()),
        }
    }

    /// A comment ends at `-->` or `--!>`, and at `>` or `->` right after its `<!--`.
    fn comment(&mut self, buffer: &[u8]) -> Option<Event> {
        let body = self.mark;
        for found in memchr::memchr_iter(b'>', &buffer[self.at..]) {
            let end = self.at + found;
            let text = &buffer[body..end];
            if text.is_empty() || text == b"-" || text.ends_with(b"--") || text.ends_with(b"--!") {
                return Some(self.opaque(Opaque::Comment, self.tag_start, end + 1));
            }
        }
        self.wait(buffer.len())
    }

    fn cdata(&mut self, buffer: &[u8]) -> Option<Event> {
        for found in memchr::memchr_iter(b'>', &buffer[self.at..]) {
            let end = self.at + found;
            if buffer[self.mark..end].ends_with(b"]]") {
                return Some(self.opaque(Opaque::Text, self.tag_start, end + 1));
            }
        }
        self.wait(buffer.len())
    }

    fn text(&mut self, buffer: &[u8], name: &'static [u8]) -> Option<Event> {
        while let Some(found) = memchr::memchr(b'<', &buffer[self.at..]) {
            let at = self.at + found;
            match closes(&buffer[at + 1..], b"/", name) {
                Match::Yes => {
                    let kind = if name == b"noscript" { Opaque::Noscript } else { Opaque::Text };
                    return Some(self.end_of_text(kind, at, name));
                }
                Match::No => self.at = at + 1,
                Match::Unknown => return self.wait(at),
            }
        }
        self.wait(buffer.len())
    }

    /// Leaves text before its end tag, whose name has been read.
    fn end_of_text(&mut self, kind: Opaque, at: usize, name: &[u8]) -> Event {
        self.tag_start = at;
        self.closing = true;
        self.name_end = at + 2 + name.len();
        self.state = State::InTag(InTag::Name);
        self.ends_text = true;
        self.at = self.name_end;
        Event::Opaque { kind, start: self.mark, end: at }
    }

    /// Script data and its escape states (13.2.5.4, 13.2.5.15 to 13.2.5.31).
    fn script(&mut self, buffer: &[u8], mut state: Script) -> Option<Event> {
        let mut from = self.at;
        let at = loop {
            // A `>` can only end an escape; scripts are full of them.
            let rest = &buffer[from..];
            let found = match state {
                Script::Plain => memchr::memchr(b'<', rest),
                Script::Escaped | Script::DoubleEscaped => memchr::memchr2(b'<', b'>', rest),
            };
            let Some(found) = found else { break buffer.len() };
            let at = from + found;
            from = at + 1;
            if buffer[at] == b'>' {
                if buffer[self.mark..at].ends_with(b"--") {
                    state = Script::Plain;
                }
                continue;
            }
            let rest = &buffer[at + 1..];
            match (state, closes(rest, b"/", b"script")) {
                (_, Match::Unknown) => break at,
                (Script::DoubleEscaped, Match::Yes) => state = Script::Escaped,
                (_, Match::Yes) => return Some(self.end_of_text(Opaque::Text, at, b"script")),
                (Script::Plain, Match::No) if rest.starts_with(b"!--") => {
                    // `<!-->` ends the escape at once: its dashes count.
                    state = Script::Escaped;
                    from = at + 4;
                }
                (Script::Plain, Match::No) if b"!--".starts_with(rest) => break at,
                (Script::Escaped, Match::No) => match closes(rest, b"", b"script") {
                    Match::Yes => state = Script::DoubleEscaped,
                    Match::No => {}
                    Match::Unknown => break at,
                },
                (_, Match::No) => {}
            }
        };
        self.state = State::Script(state);
        self.wait(at)
    }
}

/// Where [`Scanner::step`] stopped.
enum Stop {
    /// Between attributes, before this byte.
    Between(usize),
    /// After the tag's `>`.
    End { end: usize, self_closing: bool },
}

impl InTag {
    /// What ends a value in quotes.
    fn quote(self) -> Option<u8> {
        match self {
            Self::DoubleQuoted => Some(b'"'),
            Self::SingleQuoted => Some(b'\''),
            _ => None,
        }
    }

    /// The state after any byte but one that ends the tag.
    fn next(self, byte: u8) -> Self {
        match (self, byte) {
            (Self::DoubleQuoted, b'"') | (Self::SingleQuoted, b'\'') => Self::Between,
            (Self::DoubleQuoted | Self::SingleQuoted, _) => self,
            (Self::Unquoted, byte) if is_space(byte) => Self::Between,
            (Self::Unquoted, _) => self,
            (Self::BeforeValue, b'"') => Self::DoubleQuoted,
            (Self::BeforeValue, b'\'') => Self::SingleQuoted,
            (Self::BeforeValue, byte) => {
                if is_space(byte) {
                    self
                } else {
                    Self::Unquoted
                }
            }
            (_, b'/') => Self::Between,
            (Self::AttributeName | Self::AfterName, b'=') => Self::BeforeValue,
            (Self::AttributeName | Self::AfterName, byte) if is_space(byte) => Self::AfterName,
            (Self::Name, byte) => {
                if is_space(byte) {
                    Self::Between
                } else {
                    self
                }
            }
            (Self::Between, byte) if is_space(byte) => self,
            // A `=` here is the first character of a name.
            (Self::Between | Self::AttributeName | Self::AfterName, _) => Self::AttributeName,
        }
    }
}

enum Match {
    Yes,
    No,
    /// The buffer ends too early to tell.
    Unknown,
}

/// Whether `rest` is `prefix`, then `name` in any case, then what ends a tag's name.
fn closes(rest: &[u8], prefix: &[u8], name: &[u8]) -> Match {
    let known = rest.len().min(prefix.len());
    if rest[..known] != prefix[..known] {
        return Match::No;
    }
    let rest = &rest[known..];
    let known = rest.len().min(name.len());
    if !rest[..known].eq_ignore_ascii_case(&name[..known]) {
        return Match::No;
    }
    match rest.get(name.len()) {
        Some(&byte) if ends_name(byte) => Match::Yes,
        Some(_) => Match::No,
        None => Match::Unknown,
    }
}
