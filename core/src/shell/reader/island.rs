//! Makes islands of start tags: names, options and props.

use std::ops::Range;

use super::{Reader, abs, is_slot, lossy};
use crate::config::Config;
use crate::html::attributes::{Attribute, Attributes};
use crate::html::directive::{self, Directive, OPTIONS};
use crate::html::names::{self, Content};
use crate::html::scanner::Tag;
use crate::html::{Problem, decode};
use crate::placeholder::{Options, When, fetch};
use crate::shell::input::Input;
use crate::shell::plan::{Node, Piece, Role};
use crate::{IslandName, props};

impl Reader {
    /// Makes an island of a start tag and its directive.
    pub(super) fn build(
        &mut self,
        input: Input<'_>,
        config: &Config,
        tag: &Tag,
        directive: &Directive,
    ) -> Result<Node, (Problem, usize)> {
        let tag_name = tag.name(input.bytes);
        let is_host = names::is_html(tag_name);
        let role = if is_host { Role::Host } else { Role::Component };
        let mut node = Node::new(role, tag.start + input.base..tag.end + input.base, abs(input, tag));
        node.in_template = self.is_in_template();
        let at_tag = |problem| (problem, tag.start);
        if is_host {
            check_host(tag_name, tag.self_closing).map_err(at_tag)?;
        }
        node.name = self.resolve(config, tag_name, is_host, directive).map_err(at_tag)?;
        self.check_options(directive, tag_name).map_err(at_tag)?;
        node.options = directive.options.clone();
        let is_child = self.is_child();
        let own = Attributes::of(input.bytes, tag)
            .filter(|attribute| !directive::is_server(attribute, input.bytes))
            .filter(|attribute| !(is_child && is_slot(attribute, input)));
        if is_host {
            for attribute in own {
                if is_reserved(&attribute, input) {
                    let name = lossy(attribute.name(input.bytes));
                    return Err((Problem::AttributeReserved(name), attribute.name_start));
                }
                let written = attribute.name_start + input.base..attribute.end + input.base;
                self.plan.push_apart(&mut node.attributes, Piece::Source(written));
            }
            node.props = self.props(input, tag, std::iter::empty(), directive)?;
        } else {
            node.props = self.props(input, tag, own, directive)?;
        }
        Ok(node)
    }

    /// The index of the declared name that a directive means.
    fn resolve(
        &self,
        config: &Config,
        tag_name: &[u8],
        is_host: bool,
        directive: &Directive,
    ) -> Result<usize, Problem> {
        let value = directive.name.clone().map_or(&b""[..], |range| &self.plan.text[range]);
        // What template languages make of an attribute without a value.
        let name = if matches!(value, b"" | b"true" | b"server:defer") {
            if is_host {
                return Err(Problem::NameMissing(lossy(tag_name)));
            }
            tag_name
        } else {
            value
        };
        if !IslandName::is_valid(name) {
            return Err(Problem::NameInvalid(lossy(name)));
        }
        config.find(name).ok_or_else(|| Problem::NameUnknown(lossy(name)))
    }

    fn check_options(&self, directive: &Directive, tag_name: &[u8]) -> Result<(), Problem> {
        let mut options = Options::default();
        for (attribute, range) in OPTIONS.iter().copied().zip(&directive.options) {
            let Some(range) = range else { continue };
            let problem = |reason| Problem::Option { attribute, reason };
            let value = std::str::from_utf8(&self.plan.text[range.clone()])
                .map_err(|_| problem("the value is not UTF-8".to_owned()))?;
            options.set(attribute, value).map_err(problem)?;
        }
        // What has no box of its own never comes into view.
        if matches!(options.when, When::Visible(_)) && matches!(tag_name, b"option" | b"optgroup") {
            let reason = format!("`visible` does not work on <{}>: use another trigger", lossy(tag_name));
            return Err(Problem::Option { attribute: "when", reason });
        }
        Ok(())
    }

    /// Writes the props: the attributes in order, then the members of `server:props`.
    fn props(
        &mut self,
        input: Input<'_>,
        tag: &Tag,
        attributes: impl Iterator<Item = Attribute>,
        directive: &Directive,
    ) -> Result<Range<usize>, (Problem, usize)> {
        self.names.clear();
        // Written aside: a value is decoded at the end of the text before it is encoded.
        let mut json = std::mem::take(&mut self.json);
        json.clear();
        json.push(b'{');
        let written = attributes
            .into_iter()
            .try_for_each(|attribute| self.prop(input, &attribute, &mut json))
            .and_then(|()| self.members(input, tag, directive, &mut json));
        json.push(b'}');
        let start = self.plan.text.len();
        self.plan.text.extend_from_slice(&json);
        self.json = json;
        written.map(|()| start..self.plan.text.len())
    }

    /// Appends an attribute as a prop.
    fn prop(&mut self, input: Input<'_>, attribute: &Attribute, json: &mut Vec<u8>) -> Result<(), (Problem, usize)> {
        let at = attribute.name_start;
        let name = attribute.name(input.bytes);
        let name = std::str::from_utf8(name).map_err(|_| (Problem::NotUtf8("an attribute's name"), at))?;
        if !self.names.insert(name.as_bytes()) {
            return Err((Problem::PropTwice(name.to_owned()), at));
        }
        if json.len() > 1 {
            json.push(b',');
        }
        props::append_string(name, json);
        json.push(b':');
        let Some(raw) = attribute.value(input.bytes) else {
            json.extend_from_slice(b"true");
            return Ok(());
        };
        let start = self.plan.text.len();
        decode::attribute_value(raw, &mut self.plan.text);
        let value = std::str::from_utf8(&self.plan.text[start..]).map(|value| props::append_string(value, json));
        self.plan.text.truncate(start);
        value.map_err(|_| (Problem::NotUtf8("an attribute's value"), at))
    }

    /// Appends the members of `server:props`.
    fn members(
        &mut self,
        input: Input<'_>,
        tag: &Tag,
        directive: &Directive,
        json: &mut Vec<u8>,
    ) -> Result<(), (Problem, usize)> {
        let Some(range) = directive.props.clone() else { return Ok(()) };
        props::append_members(&self.plan.text[range], &mut self.names, json).map_err(|reason| {
            let mut attributes = Attributes::of(input.bytes, tag);
            let at = attributes.find(|attribute| attribute.name(input.bytes) == b"server:props");
            let problem = match reason {
                props::Reason::Twice(name) => Problem::PropTwice(name),
                reason => Problem::Props(reason.to_string()),
            };
            (problem, at.map_or(tag.start, |attribute| attribute.name_start))
        })
    }

    /// What is left of an island that cannot be one: its fallback, in its element if that is one of HTML's.
    pub(super) fn faulty(&mut self, input: Input<'_>, tag: &Tag, is_html: bool) -> Node {
        let role = if is_html { Role::FaultyHost } else { Role::Faulty };
        let mut node = Node::new(role, tag.start + input.base..tag.end + input.base, abs(input, tag));
        let is_child = self.is_child();
        let own = Attributes::of(input.bytes, tag)
            .filter(|attribute| !directive::is_server(attribute, input.bytes) && !is_reserved(attribute, input))
            .filter(|attribute| !(is_child && is_slot(attribute, input)));
        for attribute in own.take_while(|_| is_html) {
            let written = attribute.name_start + input.base..attribute.end + input.base;
            self.plan.push_apart(&mut node.attributes, Piece::Source(written));
        }
        node
    }
}

fn is_reserved(attribute: &Attribute, input: Input<'_>) -> bool {
    let name = attribute.name(input.bytes);
    fetch::ATTRIBUTES.iter().any(|reserved| name.eq_ignore_ascii_case(reserved.as_bytes()))
}

fn check_host(name: &[u8], self_closing: bool) -> Result<(), Problem> {
    let reason = if names::is_void(name) {
        Some("it has no content")
    } else if names::content(name).0 != Content::Data {
        Some("it holds text instead of markup")
    } else if matches!(name, b"html" | b"head" | b"body" | b"template" | b"frameset") {
        Some("browsers move or hide what is in it")
    } else {
        None
    };
    match reason {
        Some(reason) => Err(Problem::HostUnsuitable(lossy(name), reason)),
        None if self_closing => Err(Problem::HostSelfClosing(lossy(name))),
        None => Ok(()),
    }
}
