//! What html5ever makes of a page: a tree that can be asked what became of a directive.

use std::borrow::Cow;
use std::cell::RefCell;
use std::fmt::Write;

use html5ever::interface::{ElemName, ElementFlags, NodeOrText, QuirksMode, TreeSink};
use html5ever::tendril::StrTendril;
use html5ever::tokenizer::{BufferQueue, Tag, TagKind, Token, TokenSink, TokenSinkResult, Tokenizer, TokenizerOpts};
use html5ever::tree_builder::{TreeBuilder, TreeBuilderOpts};
use html5ever::{Attribute, LocalName, Namespace, QualName, ns};

/// What became of a directive.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Fate {
    /// An element has its attributes.
    Element,
    /// It is text, a comment, or an attribute's value.
    Text,
    /// The parser dropped it.
    Dropped,
    /// It is a part of another tag.
    Mangled,
}

#[derive(Debug)]
enum Node {
    Document,
    Element {
        name: QualName,
        attributes: Vec<(String, String)>,
        holds_html: bool,
    },
    /// The content of a `template`.
    Content,
    Text(String),
    Comment(String),
}

/// A parsed page. Nodes are indices, the document is the first.
#[derive(Debug, Default)]
pub(crate) struct Dom {
    nodes: Vec<Node>,
    parents: Vec<Option<usize>>,
    children: Vec<Vec<usize>>,
    contents: Vec<(usize, usize)>,
    doctypes: String,
    /// All tags with attributes, whatever became of them.
    tags: Vec<Tag>,
}

impl Dom {
    pub(crate) fn parse(page: &str) -> Self {
        let mut dom = Self::default();
        dom.push(Node::Document);
        let builder = TreeBuilder::new(Sink(RefCell::new(dom)), TreeBuilderOpts::default());
        let spy = Spy { builder, tags: RefCell::default() };
        let tokenizer = Tokenizer::new(spy, TokenizerOpts::default());
        let input = BufferQueue::default();
        input.push_back(StrTendril::from(page));
        while !input.is_empty() {
            // Comes back at every script's end.
            let _ = tokenizer.feed(&input);
        }
        tokenizer.end();
        let Spy { builder, tags } = tokenizer.sink;
        Self { tags: tags.into_inner(), ..builder.sink.finish() }
    }

    /// What became of the directive whose attributes hold `sign`.
    pub(crate) fn fate(&self, sign: &str) -> Fate {
        let is_own = |tag: &Tag, attribute: &Attribute| match (tag.kind, &*tag.name, &*attribute.name.local) {
            (TagKind::StartTag, "avatar" | "outer", "note") => *attribute.value == *sign,
            (TagKind::StartTag, "div" | "span", "server:props") => attribute.value.contains(sign),
            _ => false,
        };
        for tag in &self.tags {
            for attribute in &tag.attrs {
                if is_own(tag, attribute) {
                    return if self.has_element(sign) { Fate::Element } else { Fate::Dropped };
                }
                let is_value = matches!(&*attribute.name.local, "note" | "server:props");
                if attribute.value.contains(sign) && is_value {
                    return Fate::Mangled;
                }
                // In another attribute it is text, even if the browser drops the tag.
                if attribute.name.local.contains(sign) || attribute.value.contains(sign) {
                    return Fate::Text;
                }
            }
        }
        if self.has_text(sign) { Fate::Text } else { Fate::Dropped }
    }

    /// Whether an HTML element has the name of an svg or math element that holds HTML. An end tag of that name is the one
    /// thing in which the split follows the standard and browsers (seen in Chromium) where html5ever differs: it looks
    /// for the HTML element beyond the `foreignObject` or `annotation-xml` that it is in.
    pub(crate) fn has_html_point(&self) -> bool {
        let points = ["annotation-xml", "desc", "foreignobject", "mi", "mo", "mn", "ms", "mtext"];
        self.nodes.iter().any(|node| match node {
            Node::Element { name, .. } => name.ns == ns!(html) && points.contains(&&*name.local),
            _ => false,
        })
    }

    fn has_element(&self, sign: &str) -> bool {
        self.nodes.iter().any(|node| match node {
            Node::Element { attributes, .. } => attributes.iter().any(|(_, value)| value.contains(sign)),
            _ => false,
        })
    }

    fn has_text(&self, sign: &str) -> bool {
        self.doctypes.contains(sign)
            || self.nodes.iter().any(|node| match node {
                Node::Element { attributes, .. } => {
                    attributes.iter().any(|(name, value)| value.contains(sign) || name.contains(sign))
                }
                Node::Text(text) | Node::Comment(text) => text.contains(sign),
                Node::Document | Node::Content => false,
            })
    }

    /// An attribute of the namespace in any tag.
    pub(crate) fn directive(&self) -> Option<&str> {
        let mut names = self.tags.iter().flat_map(|tag| tag.attrs.iter().map(|attribute| &*attribute.name.local));
        names.find(|name| name.starts_with("server:"))
    }

    /// The tree as text, in which `mark` may put a sign for an element and all that is in it.
    pub(crate) fn outline(&self, mark: impl Fn(&str, &[(String, String)]) -> bool) -> String {
        let mut out = String::new();
        self.write(0, &mark, &mut out);
        out
    }

    fn write(&self, node: usize, mark: &impl Fn(&str, &[(String, String)]) -> bool, out: &mut String) {
        match &self.nodes[node] {
            Node::Element { name, attributes, .. } => {
                if mark(&name.local, attributes) {
                    out.push_str("[island]");
                    return;
                }
                write!(out, "<{}:{} {attributes:?}>", name.ns, name.local).expect("a string takes all");
            }
            Node::Text(text) => return write!(out, "{text:?}").expect("a string takes all"),
            Node::Comment(text) => return write!(out, "<!{text:?}>").expect("a string takes all"),
            Node::Document | Node::Content => {}
        }
        let contents = self.contents.iter().find(|(template, _)| *template == node).map(|(_, content)| *content);
        for child in self.children[node].iter().copied().chain(contents) {
            self.write(child, mark, out);
        }
        out.push_str("</>");
    }

    /// The tree of those elements alone that have an `id`.
    pub(crate) fn skeleton(&self) -> String {
        let mut out = String::new();
        self.write_skeleton(0, &mut out);
        out
    }

    fn write_skeleton(&self, node: usize, out: &mut String) {
        let id = match &self.nodes[node] {
            Node::Element { attributes, .. } => attributes.iter().find(|(name, _)| name == "id"),
            _ => None,
        };
        if let Some((_, id)) = id {
            write!(out, "({id}").expect("a string takes all");
        }
        self.children[node].iter().for_each(|child| self.write_skeleton(*child, out));
        if id.is_some() {
            out.push(')');
        }
    }

    /// An element with an `id` that is in a placeholder.
    pub(crate) fn swallowed(&self) -> Option<&str> {
        let attribute = |node: usize, wanted: &str| match &self.nodes[node] {
            Node::Element { attributes, .. } => {
                attributes.iter().find(|(name, _)| name == wanted).map(|(_, value)| value)
            }
            _ => None,
        };
        (0..self.nodes.len()).find_map(|node| {
            let id = attribute(node, "id")?;
            let mut around = std::iter::successors(self.parents[node], |around| self.parents[*around]);
            around.any(|around| attribute(around, "island").is_some()).then_some(id.as_str())
        })
    }

    /// How many scripts are the loader.
    pub(crate) fn loaders(&self) -> usize {
        let is_loader = |node: &&Node| match node {
            Node::Element { name, attributes, .. } => {
                &*name.local == "script"
                    && attributes.iter().any(|(name, value)| name == "src" && value.contains("/loader."))
            }
            _ => false,
        };
        self.nodes.iter().filter(is_loader).count()
    }

    fn push(&mut self, node: Node) -> usize {
        self.nodes.push(node);
        self.parents.push(None);
        self.children.push(Vec::new());
        self.nodes.len() - 1
    }

    fn detach(&mut self, node: usize) {
        if let Some(parent) = self.parents[node].take() {
            self.children[parent].retain(|child| *child != node);
        }
    }

    fn insert(&mut self, parent: usize, index: usize, child: NodeOrText<usize>) {
        let before = index.checked_sub(1).map(|index| self.children[parent][index]);
        let node = match child {
            NodeOrText::AppendNode(node) => {
                self.detach(node);
                node
            }
            NodeOrText::AppendText(more) => {
                if let Some(Node::Text(text)) = before.map(|before| &mut self.nodes[before]) {
                    text.push_str(&more);
                    return;
                }
                self.push(Node::Text(more.to_string()))
            }
        };
        let index = index.min(self.children[parent].len());
        self.parents[node] = Some(parent);
        self.children[parent].insert(index, node);
    }
}

/// Takes note of the tags on their way to the tree builder.
struct Spy {
    builder: TreeBuilder<usize, Sink>,
    tags: RefCell<Vec<Tag>>,
}

impl TokenSink for Spy {
    type Handle = usize;

    fn process_token(&self, token: Token, line: u64) -> TokenSinkResult<usize> {
        if let Token::TagToken(tag) = &token
            && !tag.attrs.is_empty()
        {
            self.tags.borrow_mut().push(tag.clone());
        }
        self.builder.process_token(token, line)
    }

    fn end(&self) {
        self.builder.end();
    }

    fn adjusted_current_node_present_but_not_in_html_namespace(&self) -> bool {
        self.builder.adjusted_current_node_present_but_not_in_html_namespace()
    }
}

struct Sink(RefCell<Dom>);

/// An element's name, by value because the tree is behind a [`RefCell`].
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

fn pairs(attributes: Vec<Attribute>) -> Vec<(String, String)> {
    attributes.into_iter().map(|one| (one.name.local.to_string(), one.value.to_string())).collect()
}

impl TreeSink for Sink {
    type Handle = usize;
    type Output = Dom;
    type ElemName<'a> = Name;

    fn finish(self) -> Dom {
        self.0.into_inner()
    }

    fn parse_error(&self, _: Cow<'static, str>) {}

    fn get_document(&self) -> usize {
        0
    }

    fn elem_name<'a>(&'a self, target: &'a usize) -> Name {
        match &self.0.borrow().nodes[*target] {
            Node::Element { name, .. } => Name(name.clone()),
            _ => Name(QualName::new(None, ns!(), LocalName::default())),
        }
    }

    fn create_element(&self, name: QualName, attributes: Vec<Attribute>, flags: ElementFlags) -> usize {
        let mut dom = self.0.borrow_mut();
        let holds_html = flags.mathml_annotation_xml_integration_point;
        let node = dom.push(Node::Element { name, attributes: pairs(attributes), holds_html });
        if flags.template {
            let content = dom.push(Node::Content);
            dom.contents.push((node, content));
        }
        node
    }

    fn create_comment(&self, text: StrTendril) -> usize {
        self.0.borrow_mut().push(Node::Comment(text.to_string()))
    }

    fn create_pi(&self, _: StrTendril, text: StrTendril) -> usize {
        self.0.borrow_mut().push(Node::Comment(text.to_string()))
    }

    fn append(&self, parent: &usize, child: NodeOrText<usize>) {
        let mut dom = self.0.borrow_mut();
        let end = dom.children[*parent].len();
        dom.insert(*parent, end, child);
    }

    fn append_based_on_parent_node(&self, element: &usize, previous: &usize, child: NodeOrText<usize>) {
        if self.0.borrow().parents[*element].is_some() {
            self.append_before_sibling(element, child);
        } else {
            self.append(previous, child);
        }
    }

    fn append_doctype_to_document(&self, name: StrTendril, public: StrTendril, system: StrTendril) {
        let mut dom = self.0.borrow_mut();
        for part in [name, public, system] {
            dom.doctypes.push_str(&part);
        }
    }

    fn get_template_contents(&self, target: &usize) -> usize {
        let dom = self.0.borrow();
        dom.contents.iter().find(|(template, _)| template == target).map_or(*target, |(_, content)| *content)
    }

    fn same_node(&self, one: &usize, other: &usize) -> bool {
        one == other
    }

    fn set_quirks_mode(&self, _: QuirksMode) {}

    fn append_before_sibling(&self, sibling: &usize, child: NodeOrText<usize>) {
        let mut dom = self.0.borrow_mut();
        let Some(parent) = dom.parents[*sibling] else { return };
        let index = dom.children[parent].iter().position(|child| child == sibling).expect("a child of its parent");
        dom.insert(parent, index, child);
    }

    fn add_attrs_if_missing(&self, target: &usize, more: Vec<Attribute>) {
        if let Node::Element { attributes, .. } = &mut self.0.borrow_mut().nodes[*target] {
            for (name, value) in pairs(more) {
                if attributes.iter().all(|(known, _)| *known != name) {
                    attributes.push((name, value));
                }
            }
        }
    }

    fn remove_from_parent(&self, target: &usize) {
        self.0.borrow_mut().detach(*target);
    }

    fn reparent_children(&self, node: &usize, parent: &usize) {
        let mut dom = self.0.borrow_mut();
        for child in std::mem::take(&mut dom.children[*node]) {
            dom.parents[child] = Some(*parent);
            dom.children[*parent].push(child);
        }
    }

    fn is_mathml_annotation_xml_integration_point(&self, node: &usize) -> bool {
        matches!(self.0.borrow().nodes[*node], Node::Element { holds_html: true, .. })
    }
}
