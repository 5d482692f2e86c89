//! Start tags with a directive: what the element is, and the island that is made of it.

use std::ops::Range;

use super::slots::is_slot;
use super::{HELD_TAG_BYTES, Reading, lossy};
use crate::html::attributes::{Attribute, Attributes};
use crate::html::directive::{self, Directive, Found, OPTIONS};
use crate::html::names::{self, TokenizerState};
use crate::html::tag::Tag;
use crate::html::{Problem, decode};
use crate::placeholder::{OptionError, When, fetch};
use crate::props::{self, PropsError};
use crate::shell::plan::{Node, Piece, Role};
use crate::{Error, IslandName};

/// What an element is, by its name alone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Element {
    /// No element of HTML: the placeholder takes its place.
    Component,
    /// An element of HTML that can be the placeholder itself.
    Island,
    /// An element of HTML that cannot, and why.
    Unsuitable(&'static str),
}

impl Element {
    /// Names count as they are written: `<Header>` is a component, `<header>` an element.
    fn of(name: &[u8]) -> Self {
        if !names::is_html(name) {
            Self::Component
        } else if names::is_void(name) {
            Self::Unsuitable("it has no content")
        } else if names::tokenizer_state(name).0 != TokenizerState::Data {
            Self::Unsuitable("it holds text instead of markup")
        } else if matches!(name, b"html" | b"head" | b"body" | b"template" | b"frameset") {
            Self::Unsuitable("browsers move or hide what is in it")
        } else {
            Self::Island
        }
    }

    /// Why this tag cannot begin an island, whatever its attributes say.
    fn check(self, name: &[u8], tag: &Tag) -> Result<(), Problem> {
        match self {
            Self::Unsuitable(reason) => Err(Problem::ElementUnsuitable(lossy(name), reason)),
            Self::Island if tag.self_closing => Err(Problem::ElementSelfClosing(lossy(name))),
            Self::Island | Self::Component => Ok(()),
        }
    }

    fn role(self) -> Role {
        if self == Self::Component { Role::Component } else { Role::Element }
    }
}

/// Whether a tag of this name is a component's.
pub(super) fn is_component_name(name: &[u8]) -> bool {
    Element::of(name) == Element::Component
}

/// A problem, and the position in the window that it is about.
type Fault = (Problem, usize);

impl Reading<'_> {
    pub(super) fn start_tag(&mut self, tag: &Tag) -> Result<(), Error> {
        if !self.holds_directive(tag) {
            return self.plain(tag, false);
        }
        // Before any of it is read: reading copies, and decoding takes time.
        if tag.end - tag.start > self.config.settings.max_island_bytes {
            return self.fail(Problem::TooLong(self.config.settings.max_island_bytes), self.offset(tag.start));
        }
        self.check_late(tag)?;
        let text = self.state.plan.text.len();
        match directive::read(self.input.bytes, tag, &mut self.state.plan.text) {
            Found::Nothing => {
                self.state.plan.text.truncate(text);
                self.plain(tag, false)
            }
            Found::Placed => self.plain(tag, true),
            Found::WithoutDefer(problem, at) => {
                self.fail(problem, self.offset(at))?;
                self.plain(tag, true)
            }
            Found::Island(directive) => self.island(tag, directive),
        }
    }

    /// Refuses a directive of a streamed page that comes so late in its tag that the tag may have been let go: whether it
    /// was depends on how the page is cut, and the output must not.
    fn check_late(&mut self, tag: &Tag) -> Result<(), Error> {
        let start = self.offset(tag.start);
        let is_element = !is_component_name(tag.name(self.input.bytes)) && self.state.frames.is_empty();
        match self.directive_from(start) {
            Some(at)
                if self.input.is_stream() && is_element && at - start > HELD_TAG_BYTES && at < self.offset(tag.end) =>
            {
                self.fail(Problem::TagTooLong(HELD_TAG_BYTES), at)
            }
            _ => Ok(()),
        }
    }

    /// An element that asks to be an island. What it is comes first: the attributes of one that cannot be an island are
    /// not looked at, it only loses its directive.
    fn island(&mut self, tag: &Tag, directive: Result<Directive, Fault>) -> Result<(), Error> {
        let name = tag.name(self.input.bytes);
        let element = Element::of(name);
        // Before the tree is told: `<Title server:defer>` would begin text.
        let counts = element == Element::Component && self.state.scanner.as_component();
        // Faulty ones count too, or a page of them could take any time.
        self.state.islands += 1;
        if self.state.islands > self.config.settings.max_islands {
            self.fail(Problem::TooMany(self.config.settings.max_islands), self.offset(tag.start))?;
        }
        if let Err(problem) = element.check(name, tag) {
            self.fail(problem, self.offset(tag.start))?;
            return self.plain(tag, true);
        }
        if self.state.frames.len() >= crate::config::MAX_DEPTH && !tag.self_closing {
            self.fail(Problem::TooDeep(crate::config::MAX_DEPTH), self.offset(tag.start))?;
            return if element == Element::Component {
                self.without_start_tag(tag, counts)
            } else {
                self.plain(tag, true)
            };
        }
        let mut node = match directive.and_then(|directive| self.build(tag, element, &directive)) {
            Ok(node) => node,
            Err((problem, at)) => {
                self.fail(problem, self.offset(at))?;
                self.faulty(tag, element)
            }
        };
        node.counts = counts;
        self.open(tag, node)
    }

    /// Whether a tag with attributes of the namespace is a component's: then it is no element of its name.
    pub(super) fn is_component(&self, tag: &Tag) -> bool {
        let bytes = self.input.bytes;
        let defers = |attribute: Attribute| attribute.name(bytes) == b"server:defer";
        Element::of(tag.name(bytes)) == Element::Component && Attributes::of(bytes, tag).any(defers)
    }

    fn build(&mut self, tag: &Tag, element: Element, directive: &Directive) -> Result<Node, Fault> {
        let at_tag = |problem| (problem, tag.start);
        let mut node = self.node(tag, element.role());
        node.in_template = self.state.scanner.is_in_template();
        node.name = self.resolve(tag, element, directive).map_err(at_tag)?;
        self.read_options(&mut node, tag, directive).map_err(at_tag)?;
        let own = self.own_attributes(tag);
        if element == Element::Component {
            node.props = self.props(tag, own, directive)?;
            return Ok(node);
        }
        for attribute in own {
            if fetch::is_own_attribute(attribute.name(self.input.bytes)) {
                let name = lossy(attribute.name(self.input.bytes));
                return Err((Problem::AttributeReserved(name), attribute.name_start));
            }
            self.keep_attribute(&mut node, &attribute);
        }
        node.props = self.props(tag, std::iter::empty(), directive)?;
        Ok(node)
    }

    /// What is left of an island that cannot be one: its fallback, in its element if that is one of HTML's.
    fn faulty(&mut self, tag: &Tag, element: Element) -> Node {
        let mut node = self.node(tag, element.role().faulty());
        if element == Element::Island {
            let bytes = self.input.bytes;
            for attribute in self.own_attributes(tag).filter(|own| !fetch::is_own_attribute(own.name(bytes))) {
                self.keep_attribute(&mut node, &attribute);
            }
        }
        node
    }

    fn node(&self, tag: &Tag, role: Role) -> Node {
        Node::new(role, self.offset(tag.start)..self.offset(tag.end), self.tag_name(tag))
    }

    /// The range of a tag's name in the page.
    pub(super) fn tag_name(&self, tag: &Tag) -> Range<usize> {
        self.offset(tag.name_start)..self.offset(tag.name_end)
    }

    /// The attributes of an island's tag that are neither the directive's nor, on the child of an island, its slot.
    fn own_attributes<'a>(&self, tag: &Tag) -> impl Iterator<Item = Attribute> + use<'a>
    where
        Self: 'a,
    {
        let (bytes, is_child) = (self.input.bytes, self.is_child());
        Attributes::of(bytes, tag)
            .filter(move |attribute| !directive::is_server(attribute, bytes))
            .filter(move |attribute| !(is_child && is_slot(attribute, bytes)))
    }

    fn keep_attribute(&mut self, node: &mut Node, attribute: &Attribute) {
        let written = self.offset(attribute.name_start)..self.offset(attribute.end);
        self.state.plan.push_apart(&mut node.attributes, Piece::Source(written));
    }

    /// The index of the declared name that a directive means.
    fn resolve(&self, tag: &Tag, element: Element, directive: &Directive) -> Result<usize, Problem> {
        let tag_name = tag.name(self.input.bytes);
        let value = directive.name.clone().map_or(&b""[..], |range| &self.state.plan.text[range]);
        // What template engines write for an attribute without a value.
        let name = if matches!(value, b"" | b"true" | b"server:defer") {
            if element == Element::Island {
                return Err(Problem::NameMissing(lossy(tag_name)));
            }
            tag_name
        } else {
            value
        };
        if !IslandName::is_valid(name) {
            return Err(Problem::NameInvalid(lossy(name)));
        }
        let unknown = || Problem::NameUnknown { name: lossy(name), nearest: self.config.nearest(name) };
        self.config.find(name).ok_or_else(unknown)
    }

    fn read_options(&self, node: &mut Node, tag: &Tag, directive: &Directive) -> Result<(), Problem> {
        for (attribute, at) in OPTIONS.into_iter().zip(&directive.options) {
            if let Some(at) = at {
                let set = node.options.set(attribute, &self.state.plan.text, at.clone());
                set.map_err(|reason| Problem::Option { attribute, reason })?;
            }
        }
        // What has no box of its own never comes into view.
        let name = tag.name(self.input.bytes);
        if matches!(self.state.plan.options(node).when, When::Visible(_)) && matches!(name, b"option" | b"optgroup") {
            return Err(Problem::Option { attribute: "when", reason: OptionError::NoBox(lossy(name)) });
        }
        Ok(())
    }

    // -- props --------------------------------------------------------------------------------------------------------

    /// Writes the props: the attributes in order, then the members of `server:props`.
    fn props(
        &mut self,
        tag: &Tag,
        mut attributes: impl Iterator<Item = Attribute>,
        directive: &Directive,
    ) -> Result<Range<usize>, Fault> {
        self.state.names.clear();
        // Written aside: a value is decoded at the end of the text before it is encoded.
        let mut json = std::mem::take(&mut self.state.json);
        json.clear();
        json.push(b'{');
        let written = attributes
            .try_for_each(|attribute| self.prop(&attribute, &mut json))
            .and_then(|()| self.members(tag, directive, &mut json));
        json.push(b'}');
        let start = self.state.plan.text.len();
        self.state.plan.text.extend_from_slice(&json);
        self.state.json = json;
        written.map(|()| start..self.state.plan.text.len())
    }

    /// Appends an attribute as a prop.
    fn prop(&mut self, attribute: &Attribute, json: &mut Vec<u8>) -> Result<(), Fault> {
        let at = attribute.name_start;
        let name = attribute.name(self.input.bytes);
        let name = std::str::from_utf8(name).map_err(|_| (Problem::NotUtf8("an attribute's name"), at))?;
        if !self.state.names.insert(name.as_bytes()) {
            return Err((Problem::PropTwice(name.to_owned()), at));
        }
        if json.len() > 1 {
            json.push(b',');
        }
        props::append_string(name, json);
        json.push(b':');
        let Some(raw) = attribute.value(self.input.bytes) else {
            json.extend_from_slice(b"true");
            return Ok(());
        };
        let text = &mut self.state.plan.text;
        let start = text.len();
        decode::attribute_value(raw, text);
        let value = std::str::from_utf8(&text[start..]).map(|value| props::append_string(value, json));
        text.truncate(start);
        value.map_err(|_| (Problem::NotUtf8("an attribute's value"), at))
    }

    /// Appends the members of `server:props`.
    fn members(&mut self, tag: &Tag, directive: &Directive, json: &mut Vec<u8>) -> Result<(), Fault> {
        let Some(range) = directive.props.clone() else { return Ok(()) };
        props::append_members(&self.state.plan.text[range], &mut self.state.names, json).map_err(|reason| {
            let bytes = self.input.bytes;
            let at = Attributes::of(bytes, tag).find(|attribute| attribute.name(bytes) == b"server:props");
            let problem = match reason {
                PropsError::Twice(name) => Problem::PropTwice(name),
                reason => Problem::Props(reason),
            };
            (problem, at.map_or(tag.start, |attribute| attribute.name_start))
        })
    }
}
