//! What the tests share: a configuration, and a reader of placeholders.

use eyot::{Context, Islands, KeyRing};

/// A key of the tests alone.
pub const KEYS: &str = "p3Qm0Wv9yJ5sT1xL8bN4eR7uA2dF6gH0kC3iZ5oVqXM=";

pub const NAMES: [&str; 6] = ["Avatar", "CartRow", "Cart", "Price", "Reviews", "Outer"];

pub fn builder() -> eyot::Builder {
    let keys = KeyRing::parse(KEYS).expect("a good key");
    NAMES.iter().fold(Islands::builder(keys), |builder, name| builder.island(*name)).loader(false)
}

pub fn islands() -> Islands {
    builder().build().expect("a good configuration")
}

pub fn context() -> Context<'static> {
    Context::at(1_800_000_000)
}

pub fn split(page: &str) -> String {
    let islands = islands();
    let shell = islands.split(page.as_bytes(), &context()).unwrap_or_else(|error| panic!("{error}: {page}"));
    String::from_utf8(shell.into_bytes().into_owned()).expect("text stays text")
}

/// The name, props and slots of every placeholder, in order.
pub fn open_all(shell: &str) -> Vec<(String, String, String)> {
    let keys = KeyRing::parse(KEYS).expect("a good key");
    let mut opened = Vec::new();
    for part in shell.split(" data-island=\"").skip(1) {
        let (name, rest) = part.split_once('"').expect("a name");
        let (_, rest) = rest.split_once("data-").expect("data-src");
        let value = rest.split('"').nth(1).expect("a value");
        let token = match rest.split_once("data-token=\"") {
            Some((before, after)) if !before.contains('>') => after.split('"').next().expect("a token"),
            _ => value.rsplit('/').next().expect("a token"),
        };
        let name = eyot::IslandName::new(name).expect("a good name");
        let mut buffer = Vec::new();
        let island = keys.open(&name, "", token.as_bytes(), 1_800_000_000, &mut buffer).expect("it opens");
        let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).expect("text");
        opened.push((name.to_string(), text(island.payload.props), text(island.payload.slots)));
    }
    opened
}
