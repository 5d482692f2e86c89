//! What a browser makes of a marked shell: a tree of which only the marks, the elements' names and the parents are kept.

use std::borrow::Cow;
use std::cell::RefCell;

use html5ever::interface::{ElemName, ElementFlags, NodeOrText, QuirksMode, TreeSink};
use html5ever::tendril::{StrTendril, TendrilSink};
use html5ever::{Attribute, LocalName, Namespace, ParseOpts, QualName, ns, parse_document};

use super::written::{MARK, TEXT_MARK};

/// A parsed shell. Nodes are indices.
#[derive(Debug, Default)]
pub(super) struct Parsed {
    nodes: Vec<Node>,
}

#[derive(Debug, Default)]
struct Node {
    parent: Option<usize>,
    /// Elements have one.
    name: Option<QualName>,
    mark: Option<usize>,
    /// All text that stands directly in it.
    text: String,
    /// The document fragment of a `template`, whose parent here is the `template`.
    contents: Option<usize>,
    /// An `annotation-xml` that holds HTML.
    holds_html: bool,
}

/// Where one marked part is in the tree; a part that a parser repeats has several places.
#[derive(Debug, Clone, Copy)]
pub(super) struct Place {
    node: Option<usize>,
    pub(super) is_html: bool,
}

impl Parsed {
    pub(super) fn parse(marked: &[u8]) -> Self {
        let builder = Builder(RefCell::new(Self { nodes: vec![Node::default()] }));
        parse_document(builder, ParseOpts::default()).from_utf8().one(marked)
    }

    /// The places of each of `count` marks.
    pub(super) fn places(&self, count: usize) -> Vec<Vec<Place>> {
        let mut places = vec![Vec::new(); count];
        let mut put = |mark: usize, place| {
            if let Some(places) = places.get_mut(mark) {
                places.push(place);
            }
        };
        for (index, node) in self.nodes.iter().enumerate() {
            let is_html = node.name.as_ref().is_some_and(|name| name.ns == ns!(html));
            if let Some(mark) = node.mark {
                put(mark, Place { node: node.parent, is_html });
            }
            for text in node.text.split(TEXT_MARK[0]).skip(1) {
                let mark = text.split(TEXT_MARK[1]).next().and_then(|mark| mark.parse().ok());
                mark.into_iter().for_each(|mark| put(mark, Place { node: Some(index), is_html }));
            }
        }
        places
    }

    /// The marks of the elements around a place, innermost first.
    pub(super) fn around(&self, place: Place) -> impl Iterator<Item = usize> {
        let chain = std::iter::successors(place.node, |node| self.nodes[*node].parent);
        chain.filter_map(|node| self.nodes[node].mark)
    }

    fn push(&mut self, node: Node) -> usize {
        self.nodes.push(node);
        self.nodes.len() - 1
    }

    fn insert(&mut self, parent: usize, child: NodeOrText<usize>) {
        match child {
            NodeOrText::AppendNode(node) => self.nodes[node].parent = Some(parent),
            NodeOrText::AppendText(text) => self.nodes[parent].text.push_str(&text),
        }
    }
}

/// Builds a [`Parsed`] at the parser's command.
struct Builder(RefCell<Parsed>);

/// An element's name, by value because the tree it stands in is behind a [`RefCell`].
#[derive(Debug)]
struct Name(QualName);

impl ElemName for Name {
    fn ns(&self) -> &Namespace {
        &self.0.ns
    }

    fn local_name(&self) -> &LocalName {
        &self.0.local
    }
}

impl TreeSink for Builder {
    type Handle = usize;
    type Output = Parsed;
    type ElemName<'a> = Name;

    fn finish(self) -> Parsed {
        self.0.into_inner()
    }

    fn parse_error(&self, _: Cow<'static, str>) {}

    fn get_document(&self) -> usize {
        0
    }

    fn elem_name<'a>(&'a self, target: &'a usize) -> Name {
        let name = self.0.borrow().nodes[*target].name.clone();
        Name(name.unwrap_or_else(|| QualName::new(None, ns!(), LocalName::default())))
    }

    fn create_element(&self, name: QualName, attributes: Vec<Attribute>, flags: ElementFlags) -> usize {
        let mut parsed = self.0.borrow_mut();
        let mark = attributes.iter().find(|attribute| &*attribute.name.local == MARK);
        let mark = mark.and_then(|attribute| attribute.value.parse().ok());
        let holds_html = flags.mathml_annotation_xml_integration_point;
        let node = parsed.push(Node { name: Some(name), mark, holds_html, ..Node::default() });
        if flags.template {
            let contents = parsed.push(Node { parent: Some(node), ..Node::default() });
            parsed.nodes[node].contents = Some(contents);
        }
        node
    }

    fn create_comment(&self, _: StrTendril) -> usize {
        self.0.borrow_mut().push(Node::default())
    }

    fn create_pi(&self, _: StrTendril, _: StrTendril) -> usize {
        self.0.borrow_mut().push(Node::default())
    }

    fn append(&self, parent: &usize, child: NodeOrText<usize>) {
        self.0.borrow_mut().insert(*parent, child);
    }

    fn append_based_on_parent_node(&self, element: &usize, previous: &usize, child: NodeOrText<usize>) {
        let parent = self.0.borrow().nodes[*element].parent;
        self.append(&parent.unwrap_or(*previous), child);
    }

    fn append_doctype_to_document(&self, _: StrTendril, _: StrTendril, _: StrTendril) {}

    fn get_template_contents(&self, target: &usize) -> usize {
        self.0.borrow().nodes[*target].contents.unwrap_or(*target)
    }

    fn same_node(&self, one: &usize, other: &usize) -> bool {
        one == other
    }

    fn set_quirks_mode(&self, _: QuirksMode) {}

    fn append_before_sibling(&self, sibling: &usize, child: NodeOrText<usize>) {
        let parent = self.0.borrow().nodes[*sibling].parent;
        self.append(&parent.unwrap_or_default(), child);
    }

    fn add_attrs_if_missing(&self, _: &usize, _: Vec<Attribute>) {}

    fn remove_from_parent(&self, target: &usize) {
        self.0.borrow_mut().nodes[*target].parent = None;
    }

    fn reparent_children(&self, node: &usize, parent: &usize) {
        let mut parsed = self.0.borrow_mut();
        let text = std::mem::take(&mut parsed.nodes[*node].text);
        parsed.nodes[*parent].text.push_str(&text);
        for child in parsed.nodes.iter_mut().filter(|child| child.parent == Some(*node)) {
            child.parent = Some(*parent);
        }
    }

    fn is_mathml_annotation_xml_integration_point(&self, node: &usize) -> bool {
        self.0.borrow().nodes[*node].holds_html
    }
}
