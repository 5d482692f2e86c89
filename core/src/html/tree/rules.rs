//! What one tag does to one stack of open elements (WHATWG HTML, 13.2.6.4 "in body", "in template", and 13.2.6.5).

use super::Facts;
use super::stack::{Entry, Format, Kind, MAX_WALK, Mode, Point, Scope, Stack};
use super::vocabulary::{
    BLOCK, BREAKS_OUT, CLOSES_P, FORMATTING, HEADING, IMPLIED, IN_TEXT, MARKER, METADATA, NEVER_OPEN, Name, POINT,
    SPECIAL, TABLE_PART, TEXT, VOID,
};

const A: Name = Name::of("a");
const ADDRESS: Name = Name::of("address");
const BR: Name = Name::of("br");
const BUTTON: Name = Name::of("button");
const COL: Name = Name::of("col");
const DD: Name = Name::of("dd");
const DIV: Name = Name::of("div");
const DT: Name = Name::of("dt");
const FORM: Name = Name::of("form");
const FRAMESET: Name = Name::of("frameset");
const HR: Name = Name::of("hr");
const INPUT: Name = Name::of("input");
const LI: Name = Name::of("li");
const MATH: Name = Name::of("math");
const NOBR: Name = Name::of("nobr");
const NOFRAMES: Name = Name::of("noframes");
const OL: Name = Name::of("ol");
const OPTGROUP: Name = Name::of("optgroup");
const OPTION: Name = Name::of("option");
const P: Name = Name::of("p");
const RB: Name = Name::of("rb");
const RP: Name = Name::of("rp");
const RT: Name = Name::of("rt");
const RTC: Name = Name::of("rtc");
const RUBY: Name = Name::of("ruby");
const SELECT: Name = Name::of("select");
const SVG: Name = Name::of("svg");
const TABLE: Name = Name::of("table");
const TEMPLATE: Name = Name::of("template");
const UL: Name = Name::of("ul");
const XMP: Name = Name::of("xmp");

/// Stacks of this many elements are not copied: a page that needs it at every tag would take its length squared.
pub(super) const MAX_COPY: usize = 1024;

/// A stack while a tag is applied to it, and what else may have become of it.
#[derive(Debug)]
pub(super) struct Step {
    pub(super) stack: Stack,
    /// Stacks that a browser has instead of this one if something that is not followed says so.
    pub(super) forks: Vec<Stack>,
    /// Stacks that the tag must be applied to as well.
    pub(super) again: Vec<Stack>,
    /// Whether nobody can tell what a browser has.
    pub(super) is_lost: bool,
}

/// Whether a start tag of a text element begins text, where this stack is open.
pub(super) fn begins_text(stack: &Stack, name: Name) -> bool {
    if stack.is_frameset {
        return name == NOFRAMES;
    }
    match stack.top() {
        None => true,
        Some(Entry { kind: Kind::Template(Mode::Columns), .. }) => false,
        Some(top) => top.takes_as_html(name),
    }
}

impl Step {
    pub(super) fn new(stack: Stack) -> Self {
        Self { stack, forks: Vec::new(), again: Vec::new(), is_lost: false }
    }

    /// A browser may have the stack as this makes it.
    fn fork(&mut self, change: impl FnOnce(&mut Stack)) {
        if self.stack.entries.len() > MAX_COPY {
            self.is_lost = true;
            return;
        }
        let mut other = self.stack.clone();
        change(&mut other);
        self.forks.push(other);
    }

    /// A browser may have closed all elements from this index on.
    fn fork_closed(&mut self, len: usize) {
        self.fork(|stack| stack.truncate(len));
    }

    /// Text stood before the tag, if it was not a comment: text opens formatting elements again.
    pub(super) fn text_before(&mut self) {
        let is_html = self.stack.top().is_some_and(|top| top.kind == Kind::Html || top.holds_html());
        if is_html && self.stack.has_pending() {
            self.fork(Stack::reconstruct);
        }
    }

    // -- start tags ---------------------------------------------------------------------------------------------------

    pub(super) fn start(&mut self, name: Name, tag: Facts) {
        if self.stack.is_frameset {
            return;
        }
        match self.stack.top() {
            Some(top) if !top.takes_as_html(name) => {
                if name.is(BREAKS_OUT) || tag.breaks_out {
                    self.leave_foreign();
                    self.start_html(name, tag);
                } else {
                    self.start_foreign(top, name, tag);
                }
            }
            _ => self.start_html(name, tag),
        }
    }

    /// A child of an svg or math element is one, whatever its name.
    fn start_foreign(&mut self, parent: Entry, name: Name, tag: Facts) {
        if tag.self_closing {
            return;
        }
        let kind = match parent.kind {
            Kind::Svg => Kind::Svg,
            _ if tag.holds_html && name == Name::of("annotation-xml") => Kind::MathHtml,
            _ => Kind::Math,
        };
        self.stack.push(kind, name);
    }

    /// Closes svg and math up to the HTML around them, or to where their content is HTML.
    fn leave_foreign(&mut self) {
        let stops = |entry: &Entry| !entry.is_foreign() || entry.holds_html();
        let Some(stop) = self.stack.entries.iter().rposition(stops) else {
            self.stack.truncate(0);
            return;
        };
        self.stack.truncate(stop + 1);
        if self.stack.entries[stop].kind == Kind::MathHtml {
            // The standard stops here, html5ever does not.
            if stop > MAX_COPY {
                self.is_lost = true;
                return;
            }
            let mut other = self.stack.clone();
            other.truncate(stop);
            self.again.push(other);
        }
    }

    fn start_html(&mut self, name: Name, tag: Facts) {
        if name == FRAMESET {
            // It replaces a body without any content; whether it has some is not followed.
            if !self.is_in_template() {
                self.forks.push(Stack { is_frameset: true, ..Stack::default() });
            }
        } else if self.stack.is_untracked() {
            self.start_in_region(name, tag);
        } else {
            self.start_in_body(name, tag);
        }
    }

    fn start_root(&mut self, name: Name, tag: Facts) {
        if !tag.self_closing {
            self.stack.push(if name == SVG { Kind::Svg } else { Kind::Math }, name);
        }
    }

    fn start_template(&mut self) {
        self.stack.push(Kind::Template(Mode::Fresh), TEMPLATE);
        self.stack.formats.push(Format::Marker);
    }

    /// A start tag in HTML that is not followed.
    fn start_in_region(&mut self, name: Name, tag: Facts) {
        match self.stack.entries.last_mut().map(|top| &mut top.kind) {
            Some(Kind::Template(Mode::Columns)) if name != TEMPLATE => return,
            Some(Kind::Template(mode @ Mode::Fresh)) if !name.is(METADATA) => {
                *mode = if name == COL { Mode::Columns } else { Mode::Settled };
            }
            Some(Kind::Table { has_formatting }) if name.is(FORMATTING) => *has_formatting = true,
            // Outside of a cell it ends the first one.
            Some(Kind::Table { .. }) if name == TABLE => self.fork(push_table),
            _ => {}
        }
        match name {
            SVG | MATH => self.start_root(name, tag),
            TEMPLATE => self.start_template(),
            _ => {}
        }
    }

    /// A start tag in the HTML content of svg or math.
    fn start_in_body(&mut self, name: Name, tag: Facts) {
        match name {
            SVG | MATH => {
                self.stack.reconstruct();
                self.start_root(name, tag);
            }
            TEMPLATE => self.start_template(),
            TABLE => {
                // Inside of a table outside it ends that table; in quirks mode it does not end a paragraph.
                self.fork_to_region();
                self.fork(push_table);
                self.close_p();
                push_table(&mut self.stack);
            }
            FORM => self.start_form(),
            BUTTON => {
                let scope = self.stack.scope(|open| open == BUTTON, &[]);
                self.close(scope);
                self.open(name);
            }
            SELECT | INPUT => self.start_control(name),
            OPTION | OPTGROUP => self.start_option(name),
            RB | RTC => self.start_ruby(name, None),
            RP | RT => self.start_ruby(name, Some(RTC)),
            LI => self.start_item(name, &[name]),
            DD | DT => self.start_item(name, &[DD, DT]),
            _ if name.is(TABLE_PART) => self.fork_to_region(),
            _ if name.is(FORMATTING) => self.start_formatting(name),
            _ if name.is(NEVER_OPEN) => {}
            _ => self.start_plain(name),
        }
    }

    /// A start tag whose effects the table of names tells.
    fn start_plain(&mut self, name: Name) {
        if name.is(CLOSES_P) || name == HR || name == XMP {
            self.close_p();
        }
        if name == HR && matches!(self.stack.scope(|open| open == SELECT, &[]), Scope::Found(_)) {
            self.end_implied(None);
        }
        if name.is(HEADING) && self.stack.top().is_some_and(|top| top.kind == Kind::Html && top.name.is(HEADING)) {
            self.stack.truncate(self.stack.entries.len() - 1);
        }
        if name.is(IN_TEXT) || name == XMP {
            self.stack.reconstruct();
        }
        if name.is(VOID | TEXT) {
            return;
        }
        if name.is(CLOSES_P) {
            self.stack.push(Kind::Html, name);
        } else {
            self.open(name);
        }
        if name.is(MARKER) {
            self.stack.formats.push(Format::Marker);
        }
    }

    /// Opens an element as text would stand there.
    fn open(&mut self, name: Name) {
        self.stack.reconstruct();
        self.stack.push(Kind::Html, name);
    }

    /// A form in a form is dropped; whether there is one around svg is not followed.
    fn start_form(&mut self) {
        if !self.is_in_template() {
            self.fork(|_| ());
        }
        self.close_p();
        self.stack.push(Kind::Html, FORM);
    }

    fn start_control(&mut self, name: Name) {
        let scope = self.stack.scope(|open| open == SELECT, &[]);
        self.close(scope);
        match (name, scope) {
            (SELECT, Scope::Found(_)) => {}
            (SELECT, _) => self.open(name),
            _ => self.stack.reconstruct(),
        }
    }

    fn start_option(&mut self, name: Name) {
        let is_option = |top: Entry| top.kind == Kind::Html && top.name == OPTION;
        match self.stack.scope(|open| open == SELECT, &[]) {
            Scope::Found(_) => self.end_implied((name == OPTION).then_some(OPTGROUP)),
            Scope::TooDeep => self.is_lost = true,
            Scope::Closed | Scope::Unknown(_) | Scope::Annotation(_) => {
                if self.stack.top().is_some_and(is_option) {
                    self.stack.truncate(self.stack.entries.len() - 1);
                }
            }
        }
        self.open(name);
    }

    fn start_ruby(&mut self, name: Name, kept: Option<Name>) {
        match self.stack.scope(|open| open == RUBY, &[]) {
            Scope::Found(_) => self.end_implied(kept),
            Scope::Annotation(_) | Scope::TooDeep => self.is_lost = true,
            Scope::Closed | Scope::Unknown(_) => {}
        }
        self.stack.push(Kind::Html, name);
    }

    /// An item of a list ends the one before it.
    fn start_item(&mut self, name: Name, ends: &[Name]) {
        self.end_item(ends);
        self.close_p();
        self.stack.push(Kind::Html, name);
    }

    fn end_item(&mut self, ends: &[Name]) {
        let mut is_sure = true;
        for index in self.stack.downwards() {
            let entry = self.stack.entries[index];
            match entry.kind {
                Kind::Html if ends.contains(&entry.name) && is_sure => return self.stack.truncate(index),
                Kind::Html if ends.contains(&entry.name) => return self.is_lost = true,
                Kind::Html if entry.name.is(SPECIAL) && !matches!(entry.name, P | DIV | ADDRESS) => return,
                Kind::Html => {}
                Kind::Template(_) | Kind::Table { .. } => return self.fork_closed(index + 1),
                // The standard stops where svg and math hold HTML, html5ever does not.
                Kind::Svg | Kind::Math | Kind::MathHtml => is_sure = false,
            }
        }
        self.bottom();
    }

    fn start_formatting(&mut self, name: Name) {
        if name == A && self.stack.format(A).is_some() {
            let has_moved = self.adoption(A);
            if let Some((format, at)) = self.stack.format(A).filter(|_| !has_moved) {
                if let Some(at) = at {
                    self.stack.remove(at);
                }
                self.stack.formats.remove(format);
            }
        }
        self.stack.reconstruct();
        if name == NOBR && matches!(self.stack.scope(|open| open == name, &[]), Scope::Found(_)) {
            self.adoption(name);
            self.stack.reconstruct();
        }
        let is_same = |format: &Format| matches!(format, Format::Element { name: known, .. } if *known == name);
        let same = self.stack.reach().filter(|index| is_same(&self.stack.formats[*index]));
        let (first, count) = same.fold((None, 0), |(first, count), index| (first.or(Some(index)), count + 1));
        if let Some(first) = first.filter(|_| count >= 3) {
            // A fourth one with the same attributes, which are not followed, would drop the first of them.
            self.fork(|stack| {
                stack.formats.remove(first);
                push_format(stack, name);
            });
        }
        push_format(&mut self.stack, name);
    }

    // -- end tags -----------------------------------------------------------------------------------------------------

    pub(super) fn end(&mut self, name: Name) {
        if self.stack.is_frameset {
            return;
        }
        if !self.stack.top().is_some_and(Entry::is_foreign) {
            self.end_html(name);
        } else if name == P || name == BR {
            self.leave_foreign();
            self.end_html(name);
        } else {
            self.end_foreign(name);
        }
    }

    /// Looks for the element of svg or math that an end tag closes; at the first HTML element, HTML's rules go on.
    fn end_foreign(&mut self, name: Name) {
        for index in self.stack.downwards() {
            let entry = self.stack.entries[index];
            if !entry.is_foreign() {
                return self.end_html(name);
            }
            if entry.name == name {
                return self.stack.truncate(index);
            }
        }
        if self.stack.entries.len() > MAX_WALK {
            self.is_lost = true;
        } else {
            self.end_html(name);
        }
    }

    fn end_html(&mut self, name: Name) {
        match name {
            TEMPLATE => self.end_template(),
            TABLE => self.end_table(),
            _ if self.stack.is_untracked() => {}
            BR => self.stack.reconstruct(),
            _ if name.is(NEVER_OPEN | TEXT | VOID) => {}
            FORM => self.end_form(),
            P => self.end_in_scope(|open| open == P, &[BUTTON]),
            LI => self.end_in_scope(|open| open == LI, &[OL, UL]),
            DD | DT => self.end_in_scope(|open| open == name, &[]),
            _ if name.is(HEADING) => self.end_in_scope(|open| open.is(HEADING), &[]),
            _ if name.is(BLOCK) => self.end_in_scope(|open| open == name, &[]),
            _ if name.is(MARKER) => {
                let scope = self.stack.scope(|open| open == name, &[]);
                self.close(scope);
                if matches!(scope, Scope::Found(_)) {
                    self.stack.clear_to_marker();
                }
            }
            _ if name.is(TABLE_PART) => self.fork_to_region(),
            _ if name.is(FORMATTING) => {
                self.adoption(name);
            }
            _ => self.end_any(name),
        }
    }

    /// A template closes whatever is open in it, svg and math too.
    fn end_template(&mut self) {
        let is_template = |entry: Entry| matches!(entry.kind, Kind::Template(_));
        let Some(index) = self.last(is_template) else { return };
        let inner = self.stack.entries[index..].iter().filter(|entry| entry.is_region()).count();
        for _ in 0..inner {
            self.stack.clear_to_marker();
        }
        self.stack.truncate(index);
    }

    fn end_table(&mut self) {
        let region = self.last(Entry::is_region);
        match region.map(|index| (index, self.stack.entries[index].kind)) {
            Some((index, Kind::Table { has_formatting })) => {
                self.is_lost |= has_formatting;
                self.stack.clear_to_marker();
                self.stack.truncate(index);
            }
            _ if self.stack.is_untracked() => {}
            _ => self.fork_to_region(),
        }
    }

    /// The form's end tag takes the form out of the stack and leaves what is in it.
    fn end_form(&mut self) {
        let scope = self.stack.scope(|open| open == FORM, &[]);
        match scope {
            _ if self.is_in_template() => self.close(scope),
            Scope::Found(index) => {
                self.end_implied(None);
                if index < self.stack.entries.len() {
                    self.stack.remove(index);
                }
            }
            // One around svg or math goes, and they stay.
            Scope::Closed | Scope::Unknown(_) => {}
            Scope::Annotation(_) | Scope::TooDeep => self.is_lost = true,
        }
    }

    fn end_in_scope(&mut self, wanted: impl Fn(Name) -> bool, also_ends: &[Name]) {
        let scope = self.stack.scope(wanted, also_ends);
        self.close(scope);
    }

    /// "Any other end tag".
    fn end_any(&mut self, name: Name) {
        let mut is_sure = true;
        for index in self.stack.downwards() {
            let entry = self.stack.entries[index];
            match entry.kind {
                Kind::Html if entry.name == name && is_sure => return self.stack.truncate(index),
                Kind::Html if entry.name == name => return self.fork_closed(index),
                Kind::Html if entry.name.is(SPECIAL) => return,
                Kind::Html => {}
                // Nobody calls an element outside like a part of svg or math; `</foreignObject>` after an open `<b>` is
                // frequent.
                _ if entry.is_region() && !is_sure && name.is(POINT) => return,
                Kind::Template(_) | Kind::Table { .. } => return self.fork_closed(index + 1),
                // The standard stops where svg and math hold HTML, html5ever does not.
                Kind::Svg | Kind::Math | Kind::MathHtml => is_sure &= entry.point() == Point::None,
            }
        }
        if is_sure || !name.is(POINT) || self.stack.entries.len() > MAX_WALK {
            self.bottom();
        }
    }

    /// A search that nothing stopped has come to the HTML around svg and math, which is not followed.
    fn bottom(&mut self) {
        if self.stack.entries.len() > MAX_WALK {
            self.is_lost = true;
        } else {
            self.fork_closed(0);
        }
    }

    /// The adoption agency (13.2.6.4.7); tells whether it moved elements about.
    fn adoption(&mut self, name: Name) -> bool {
        let top = self.stack.entries.len() - 1;
        let entry = self.stack.entries[top];
        if entry.kind == Kind::Html && entry.name == name && self.stack.format_at(top).is_none() {
            self.stack.truncate(top);
            return false;
        }
        for round in 0..8 {
            let Some((format, at)) = self.stack.format(name) else {
                self.end_any(name);
                return round > 0;
            };
            let Some(at) = at else {
                self.stack.formats.remove(format);
                return round > 0;
            };
            match self.scope_of(at) {
                Scope::Found(_) => {}
                Scope::Closed => return round > 0,
                _ => {
                    self.is_lost = true;
                    return true;
                }
            }
            let is_special = |entry: &Entry| entry.kind == Kind::Html && entry.name.is(SPECIAL);
            let Some(block) = self.stack.entries[at..].iter().position(is_special) else {
                self.stack.formats.remove(format);
                self.stack.truncate(at);
                return round > 0;
            };
            self.adopt(format, at, at + block);
        }
        true
    }

    /// Whether the element at this index is in scope.
    fn scope_of(&self, at: usize) -> Scope {
        if self.stack.entries.len() - at > MAX_WALK {
            return Scope::TooDeep;
        }
        let above = Stack { entries: self.stack.entries[at + 1..].to_vec(), ..Stack::default() };
        match above.scope(|_| false, &[]) {
            Scope::Unknown(0) => Scope::Found(at),
            scope => scope,
        }
    }

    /// Moves a formatting element into the block that stands in it: the element ends before the block, and a copy of it
    /// begins inside.
    fn adopt(&mut self, format: usize, at: usize, block: usize) {
        let stack = &mut self.stack;
        let (mut block, mut format) = (block, format);
        // The innermost formatting element between the two: the copy comes after it in the list.
        let mut inner: Option<usize> = None;
        for (round, node) in (at + 1..block).rev().enumerate() {
            let listed = stack.format_at(node);
            if listed.is_some() && round < 3 {
                // It stays, as a copy in its own place.
                inner.get_or_insert(node);
                continue;
            }
            if let Some(listed) = listed {
                stack.formats.remove(listed);
                format -= usize::from(listed < format);
            }
            stack.remove(node);
            block -= 1;
            inner = inner.map(|inner| inner - 1);
        }
        let Entry { name, .. } = stack.entries[at];
        let after = inner.and_then(|inner| stack.format_at(inner)).map_or(format, |listed| listed + 1);
        stack.formats.remove(format);
        stack.remove(at);
        stack.insert(block, Entry { kind: Kind::Html, name });
        let index = after - usize::from(after > format);
        stack.formats.insert(index, Format::Element { name, at: Some(block) });
    }

    // -- parts of these -----------------------------------------------------------------------------------------------

    fn is_in_template(&mut self) -> bool {
        self.last(|entry| matches!(entry.kind, Kind::Template(_))).is_some()
    }

    /// The index of the innermost element of a kind.
    fn last(&mut self, wanted: impl Fn(Entry) -> bool) -> Option<usize> {
        let found = self.stack.downwards().find(|index| wanted(self.stack.entries[*index]));
        self.is_lost |= found.is_none() && self.stack.entries.len() > MAX_WALK;
        found
    }

    /// Closes what a search for an element in scope found.
    fn close(&mut self, scope: Scope) {
        match scope {
            Scope::Found(index) => self.stack.truncate(index),
            Scope::Closed => {}
            Scope::Unknown(len) => self.fork_closed(len),
            Scope::Annotation(index) => {
                let is_followed = |index: &usize| !self.stack.entries[*index].is_foreign();
                match (0..index).rev().find(is_followed) {
                    Some(index) if self.stack.entries[index].kind == Kind::Html => self.is_lost = true,
                    outer => self.fork_closed(outer.map_or(0, |outer| outer + 1)),
                }
            }
            Scope::TooDeep => self.is_lost = true,
        }
    }

    fn close_p(&mut self) {
        let scope = self.stack.scope(|open| open == P, &[BUTTON]);
        self.close(scope);
    }

    fn end_implied(&mut self, kept: Option<Name>) {
        let is_ended = |top: Entry| top.kind == Kind::Html && top.name.is(IMPLIED) && Some(top.name) != kept;
        while self.stack.top().is_some_and(is_ended) {
            self.stack.truncate(self.stack.entries.len() - 1);
        }
    }

    /// What belongs to a table closes svg and math if there is a table around them, which is not followed.
    fn fork_to_region(&mut self) {
        let region = self.last(Entry::is_region);
        self.fork_closed(region.map_or(0, |region| region + 1));
    }
}

fn push_table(stack: &mut Stack) {
    stack.push(Kind::Table { has_formatting: false }, TABLE);
    stack.formats.push(Format::Marker);
}

fn push_format(stack: &mut Stack, name: Name) {
    stack.formats.push(Format::Element { name, at: Some(stack.entries.len()) });
    stack.push(Kind::Html, name);
}
