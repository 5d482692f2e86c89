//! Attributes of any text in any quotes: the props that the handler gets are what the author wrote.
#![no_main]

use std::collections::HashSet;

use arbitrary::Arbitrary;
use eyot::{Context, IslandName, Islands, KeyRing};
use libfuzzer_sys::fuzz_target;

const KEYS: &str = "p3Qm0Wv9yJ5sT1xL8bN4eR7uA2dF6gH0kC3iZ5oVqXM=";

#[derive(Debug, Arbitrary)]
struct Directive<'d> {
    attributes: Vec<Attribute<'d>>,
    /// Members of `server:props`.
    members: Vec<(&'d str, Member<'d>)>,
    members_quotes: Quotes,
    /// Which attribute the directive's own stand before.
    position: u8,
    is_closed: bool,
}

#[derive(Debug, Arbitrary)]
struct Attribute<'d> {
    name: &'d str,
    value: Option<(&'d str, Quotes)>,
    space: Space,
}

#[derive(Debug, Arbitrary)]
enum Member<'d> {
    Text(&'d str),
    Number(i64),
    List(Vec<bool>),
    Null,
}

#[derive(Debug, Clone, Copy, Arbitrary)]
enum Quotes {
    Double,
    Single,
    /// Every character that ends such a value is written as a reference.
    None,
}

#[derive(Debug, Clone, Copy, Arbitrary)]
enum Space {
    One,
    Newline,
    Slash,
}

fn is_name(name: &str) -> bool {
    let is_good = |c: char| !c.is_ascii_whitespace() && !"/>=\"'\0".contains(c);
    !name.is_empty() && name.chars().all(is_good) && !name.starts_with("server:")
}

/// Writes a value so that a browser reads it back as it is.
fn write_value(value: &str, quotes: Quotes, out: &mut String) {
    let is_plain = |c: char| match quotes {
        Quotes::Double => c != '"',
        Quotes::Single => c != '\'',
        Quotes::None => c.is_alphanumeric(),
    };
    let quote = match quotes {
        Quotes::Double => "\"",
        Quotes::Single => "'",
        Quotes::None => "",
    };
    out.push_str(quote);
    for c in value.chars() {
        if is_plain(c) && !matches!(c, '&' | '\r') {
            out.push(c);
        } else {
            out.push_str(&format!("&#x{:x};", u32::from(c)));
        }
    }
    out.push_str(quote);
}

/// What references cannot say: NUL and lone carriage returns in text, and the C1 controls.
fn is_sayable(value: &str) -> bool {
    value.chars().all(|c| c != '\0' && !('\u{80}'..='\u{9f}').contains(&c))
}

fn json(value: &str) -> String {
    serde_json::to_string(value).expect("text is JSON")
}

fn members(directive: &Directive<'_>, names: &mut HashSet<String>) -> Vec<String> {
    let mut members = Vec::new();
    for (name, value) in &directive.members {
        if !is_sayable(name) || !names.insert((*name).to_owned()) {
            continue;
        }
        let value = match value {
            Member::Text(text) if is_sayable(text) => json(text),
            Member::Text(_) | Member::Null => "null".to_owned(),
            Member::Number(number) => number.to_string(),
            Member::List(list) => serde_json::to_string(list).expect("flags are JSON"),
        };
        members.push(format!("{}:{value}", json(name)));
    }
    members
}

/// The tag, and the props that its handler must get.
fn write(directive: &Directive<'_>) -> (String, String) {
    let mut names = HashSet::new();
    let mut tag = "<Avatar".to_owned();
    let mut props = Vec::new();
    let good: Vec<_> = directive
        .attributes
        .iter()
        .filter(|attribute| is_name(attribute.name) && names.insert(attribute.name.to_owned()))
        .collect();
    let members = members(directive, &mut names);
    let own = |tag: &mut String| {
        tag.push_str(" server:defer server:props=");
        write_value(&format!("{{ {} }}", members.join(" , ")), directive.members_quotes, tag);
    };
    let position = usize::from(directive.position).min(good.len());
    for (index, attribute) in good.iter().enumerate() {
        if index == position {
            own(&mut tag);
        }
        // A slash would belong to an unquoted value before it.
        let is_bare = tag.ends_with(['"', '\'']);
        tag.push_str(match attribute.space {
            Space::Slash if is_bare => "/",
            Space::Newline => "\r\n\t",
            Space::One | Space::Slash => " ",
        });
        tag.push_str(attribute.name);
        match attribute.value.filter(|(value, _)| is_sayable(value)) {
            Some((value, quotes)) => {
                tag.push('=');
                let quotes = if value.is_empty() { Quotes::Double } else { quotes };
                write_value(value, quotes, &mut tag);
                props.push(format!("{}:{}", json(attribute.name), json(value)));
            }
            None => props.push(format!("{}:true", json(attribute.name))),
        }
    }
    if position == good.len() {
        own(&mut tag);
    }
    tag.push_str(if directive.is_closed { " />" } else { "></Avatar>" });
    props.extend(members);
    (tag, format!("{{{}}}", props.join(",")))
}

fuzz_target!(|directive: Directive<'_>| {
    let (tag, expected) = write(&directive);
    let keys = KeyRing::parse(KEYS).expect("a good key");
    let islands = Islands::builder(keys).island("Avatar").loader(false).url_limit(100_000).build();
    let islands = islands.expect("a good configuration");
    let context = Context::at(1_800_000_000);
    let shell = islands.split(tag.as_bytes(), &context).unwrap_or_else(|error| panic!("{error}: {tag}"));
    let shell = String::from_utf8(shell.into_bytes().into_owned()).expect("text stays text");
    let token = shell.strip_prefix("<server-island island=\"Avatar\" island-src=\"/_server-islands/Avatar/");
    let token = token.and_then(|rest| rest.strip_suffix("\"></server-island>"));
    let token = token.unwrap_or_else(|| panic!("no placeholder: {shell}: {tag}"));
    let name = IslandName::new("Avatar").expect("a good name");
    let mut buffer = Vec::new();
    let opened = islands.keys().open(&name, "", token.as_bytes(), 0, &mut buffer).map(|opened| opened.payload.props);
    let props = opened.expect("it opens");
    assert_eq!(String::from_utf8_lossy(props), expected, "{tag}");
});
