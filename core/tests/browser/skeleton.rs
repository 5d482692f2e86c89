//! Pages with faulty islands among sound ones: whatever is wrong with an island, the page around it keeps its shape.
//!
//! Elements outside of islands have an `id`. Of the page and of its lenient shell, the tree of these alone is compared, as
//! html5ever reads both; no island holds any of them; and the loader's tags are elements, not a part of another tag.

use std::fmt::Write;
use std::sync::LazyLock;

use eyot::{Error, Islands, Splitter};

use super::dom::Dom;
use super::hostile::{Random, pages_and_seed};
use super::support::{self, context};

static ISLANDS: LazyLock<Islands> =
    LazyLock::new(|| support::builder().loader(true).build().expect("a good configuration"));

/// How many pages a plain run tries.
const PAGES: u64 = 20_000;

/// Islands on elements that hold others, each with its end tag; `~` is content. What is wrong with most is at the start.
const AROUND: &[(&str, &str)] = &[
    ("<Avatar server:defer>", "</Avatar>"),
    ("<Nobody server:defer a=1>", "</Nobody>"),
    ("<Avatar server:defer a=1 a=2>", "</Avatar>"),
    ("<Avatar server:defer server:deffer>", "</Avatar>"),
    ("<div server:defer=Cart>", "</div>"),
    ("<div server:defer>", "</div>"),
    ("<div server:defer=Nobody class=x>", "</div>"),
    ("<span server:defer=Cart server:key=1 server:key=2>", "</span>"),
    ("<div server:defer=Cart server:when=never>", "</div>"),
    // Without an end tag: what is in them is the page's, and so are their ends.
    ("<Avatar server:defer>", ""),
    ("<Nobody server:defer>", ""),
];

/// Islands without content, and elements that cannot be islands.
const ALONE: &[&str] = &[
    "<Cart server:defer />",
    "<Nobody server:defer />",
    "<Cart server:defer server:props='{' />",
    "<img server:defer=Cart server:defer=Avatar>",
    "<input server:defer=Cart server:x>",
    "<textarea server:defer=Cart server:key=1 server:key=2></textarea>",
    "<Avatar server:deffer server:props='{\"a\":1}' size=40></Avatar>",
    "<br server:props='{}'>",
    "< text <",
];

/// What islands hold. None of it has an `id`.
const INSIDE: &[&str] = &[
    "<b slot=fallback>f</b>",
    "text",
    "<i>d</i>",
    "<u slot=x>x</u>",
    "<Price server:defer />",
    // Without an end tag.
    "<address server:defer=Nobody slot=fallback>loading",
    "<span server:defer=Cart slot=fallback>",
    "<Nobody server:defer slot=fallback><i server:key=1>text</i>",
];

/// Writes a piece of a page that is well formed but for its islands.
fn write(random: &mut Random, depth: usize, ids: &mut usize, out: &mut String) {
    for _ in 0..=random.below(4) {
        match random.below(6) {
            0 => out.push_str(ALONE[random.below(ALONE.len())]),
            1 => {
                let (start, end) = AROUND[random.below(AROUND.len())];
                out.push_str(start);
                let parts = if end.is_empty() { 0 } else { random.below(4) };
                (0..parts).for_each(|_| out.push_str(INSIDE[random.below(INSIDE.len())]));
                out.push_str(end);
            }
            _ => {
                let name = ["div", "section", "ul", "table", "b", "p"][random.below(6)];
                *ids += 1;
                write!(out, "<{name} id=o{ids}>").expect("a string takes all");
                let is_open = depth > 0 && !matches!(name, "ul" | "table" | "p" | "b");
                match name {
                    "ul" => out.push_str("<li id=l>a</li><li server:defer=Nobody>b</li>"),
                    "table" => out.push_str("<tbody><tr server:defer=Nobody><td slot=fallback>f</td></tr></tbody>"),
                    _ if is_open => write(random, depth - 1, ids, out),
                    _ => out.push_str("text"),
                }
                write!(out, "</{name}>").expect("a string takes all");
            }
        }
    }
}

fn page(random: &mut Random) -> String {
    let mut out = "<!doctype html><html id=h><head><title>t</title></head><body id=b>".to_owned();
    write(random, 3, &mut 0, &mut out);
    out + "<footer id=f>end</footer></body></html>"
}

fn stream(page: &str) -> Result<Vec<u8>, Error> {
    let mut splitter = Splitter::new(&ISLANDS).lenient();
    let mut out = Vec::new();
    for chunk in page.as_bytes().chunks(17) {
        splitter.push(chunk, &context())?.for_each(|segment| out.extend_from_slice(segment));
    }
    splitter.finish(&context())?.for_each(|segment| out.extend_from_slice(segment));
    Ok(out)
}

/// What does not hold of a page.
fn wrong(page: &str) -> Option<String> {
    let skeleton = |html: &str| Dom::parse(html).skeleton();
    let expected = skeleton(page);
    let lenient = ISLANDS.split_lenient(page.as_bytes(), &context()).expect("within the limits");
    let is_sealed = !lenient.islands().is_empty();
    for shell in [lenient.into_bytes().into_owned(), stream(page).expect("within the limits")] {
        let shell = String::from_utf8(shell).expect("text stays text");
        if skeleton(&shell) != expected {
            return Some(format!("{expected}\n{}\n{shell}", skeleton(&shell)));
        }
        if let Some(id) = Dom::parse(&shell).swallowed() {
            return Some(format!("{id} is in an island:\n{shell}"));
        }
        if Dom::parse(&shell).loaders() != usize::from(is_sealed) {
            return Some(format!("the loader is no element:\n{shell}"));
        }
    }
    None
}

#[test]
fn whatever_is_wrong_with_an_island_the_page_around_it_keeps_its_shape() {
    let (pages, seed) = pages_and_seed(PAGES);
    let found: Vec<_> = (0..pages)
        .filter_map(|index| {
            let page = page(&mut Random(seed << 40 | index));
            wrong(&page).map(|wrong| format!("{page}\n{wrong}"))
        })
        .take(10)
        .collect();
    assert!(found.is_empty(), "{}", found.join("\n\n"));
}
