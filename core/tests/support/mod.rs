//! What the tests share: a configuration, and a reader of placeholders.
#![allow(dead_code, reason = "each test file uses a part")]

pub(crate) mod host;
pub(crate) mod valgrind;

use eyot::{Context, Error, Islands, KeyRing};

/// A key of the tests alone.
pub(crate) const KEYS: &str = "p3Qm0Wv9yJ5sT1xL8bN4eR7uA2dF6gH0kC3iZ5oVqXM=";

pub(crate) const NOW: u64 = 1_800_000_000;

/// A name, props and slots.
pub(crate) type Opened = (String, String, String);

pub(crate) fn keys() -> KeyRing {
    KeyRing::parse(KEYS).expect("a good key")
}

/// Without the loader's tags, which the tests of them turn on.
pub(crate) fn builder() -> eyot::Builder {
    let names = ["Avatar", "CartRow", "Cart", "Price", "Outer", "Inner", "Title"];
    names.iter().fold(Islands::builder(keys()), |builder, name| builder.island(*name)).loader(false)
}

pub(crate) fn islands() -> Islands {
    builder().build().expect("a good configuration")
}

pub(crate) fn context() -> Context<'static> {
    Context::at(NOW)
}

pub(crate) fn split(page: &str) -> String {
    let islands = islands();
    let shell = islands.split(page.as_bytes(), &context()).unwrap_or_else(|error| panic!("{error}: {page}"));
    String::from_utf8(shell.into_bytes().into_owned()).expect("text stays text")
}

/// The shell with every URL's prefix and token left out: `<server-island island="A" island-src="…">`.
pub(crate) fn shape(page: &str) -> String {
    without_tokens(&split(page))
}

pub(crate) fn without_tokens(shell: &str) -> String {
    let mut out = String::new();
    let mut rest = shell;
    while let Some((before, after)) = rest.split_once("\"/_server-islands/") {
        let (_, after) = after.split_once('"').expect("a closing quote");
        out.push_str(before);
        out.push_str("\"…\"");
        rest = after;
    }
    out + rest
}

/// What production makes of a page: the shell without tokens, and the codes of what was wrong.
pub(crate) fn lenient(page: &str) -> (String, Vec<&'static str>) {
    let islands = islands();
    let shell = islands.split_lenient(page.as_bytes(), &context()).unwrap_or_else(|error| panic!("{error}: {page}"));
    let codes = shell.problems().iter().map(Error::code).collect();
    (without_tokens(&String::from_utf8_lossy(&shell.into_bytes())), codes)
}

/// The code, line and column of the error that a page gives.
pub(crate) fn refusal(page: &str) -> (&'static str, u32, u32) {
    let islands = islands();
    let error = islands.split(page.as_bytes(), &context()).map(|_| ()).expect_err(page);
    let at = error.position().expect("a place");
    (error.code(), at.line, at.column)
}

/// The islands of a page, opened.
pub(crate) fn islands_of(page: &str) -> Vec<Opened> {
    open_all(&split(page))
}

/// What every placeholder of a shell holds, in order; those in sealed slots are not looked for.
pub(crate) fn open_all(shell: &str) -> Vec<Opened> {
    let tags = shell.split(" island=\"").skip(1);
    tags.map(|tag| {
        let attribute = |name: &str| {
            let tag = format!("island=\"{}", tag.split('>').next().unwrap_or_default());
            tag.split_once(&format!("{name}=\"")).and_then(|(_, value)| Some(value.split('"').next()?.to_owned()))
        };
        let name = attribute("island").expect("a name");
        let url = attribute("island-src").expect("a URL");
        let token = attribute("island-token").unwrap_or_else(|| url.rsplit('/').next().unwrap_or_default().to_owned());
        open(&name, &token)
    })
    .collect()
}

fn open(name: &str, token: &str) -> Opened {
    let island = eyot::IslandName::new(name).expect("a good name");
    let mut buffer = Vec::new();
    let opened = keys().open(&island, "", token.as_bytes(), NOW, &mut buffer).expect("it opens");
    let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).expect("text");
    (name.to_owned(), text(opened.payload.props), text(opened.payload.slots))
}
