//! Pages cut anywhere: chunked is whole, what is no island is untouched, and no directive leaves in production.
//!
//! The input is a page. What follows its last byte 0xff, if it has one, says how the page is cut: one byte a chunk's
//! length, from the start again when they are used up.
#![no_main]

use std::sync::LazyLock;

use eyot::{Context, Diagnostic, Error, IslandName, Islands, KeyRing, Splitter};
use libfuzzer_sys::fuzz_target;

const KEYS: &str = "p3Qm0Wv9yJ5sT1xL8bN4eR7uA2dF6gH0kC3iZ5oVqXM=";

/// All that one way of splitting says of a page.
#[derive(Debug, PartialEq)]
struct Outcome {
    shell: Vec<u8>,
    islands: Vec<IslandName>,
    problems: Vec<Error>,
    diagnostics: Vec<Diagnostic>,
}

/// Without the loader's tags, and with them.
static ISLANDS: LazyLock<[Islands; 2]> = LazyLock::new(|| [false, true].map(islands));

fn islands(loader: bool) -> Islands {
    let keys = KeyRing::parse(KEYS).expect("a good key");
    let builder = Islands::builder(keys).island("Avatar").island("Cart").island("cart-row").elsewhere(["Price"]);
    builder.loader(loader).build().expect("a good configuration")
}

fn chunked<'c>(
    islands: &Islands,
    chunks: impl Iterator<Item = &'c [u8]>,
    is_lenient: bool,
) -> Result<Outcome, Error> {
    let context = Context::at(1_800_000_000);
    let mut splitter = Splitter::new(islands);
    if is_lenient {
        splitter = splitter.lenient();
    }
    let mut shell = Vec::new();
    for chunk in chunks {
        splitter.push(chunk, &context)?.for_each(|segment| shell.extend_from_slice(segment));
    }
    splitter.finish(&context)?.for_each(|segment| shell.extend_from_slice(segment));
    Ok(Outcome {
        shell,
        islands: splitter.islands().to_vec(),
        problems: splitter.problems().to_vec(),
        diagnostics: splitter.diagnostics().to_vec(),
    })
}

fn whole(islands: &Islands, page: &[u8], is_lenient: bool) -> Result<Outcome, Error> {
    let context = Context::at(1_800_000_000);
    let shell = if is_lenient { islands.split_lenient(page, &context)? } else { islands.split(page, &context)? };
    let (names, problems, diagnostics) =
        (shell.islands().to_vec(), shell.problems().to_vec(), shell.diagnostics().to_vec());
    let length = shell.len();
    let bytes = shell.into_bytes().into_owned();
    assert_eq!(bytes.len(), length);
    Ok(Outcome { shell: bytes, islands: names, problems, diagnostics })
}

/// The page in pieces of these lengths.
fn cut<'p>(mut page: &'p [u8], lengths: &'p [u8]) -> impl Iterator<Item = &'p [u8]> {
    let mut lengths = if lengths.is_empty() { &[1] } else { lengths }.iter().cycle();
    std::iter::from_fn(move || {
        let length = usize::from(*lengths.next()?).min(page.len());
        let (chunk, rest) = page.split_at(length.max(usize::from(!page.is_empty())));
        page = rest;
        (!chunk.is_empty()).then_some(chunk)
    })
}

/// Text before the first tag and after the last one goes out as it came.
fn keeps_text(page: &[u8], shell: &[u8]) -> bool {
    let before = page.iter().position(|byte| *byte == b'<').unwrap_or(page.len());
    let after = page.iter().rposition(|byte| *byte == b'>').map_or(0, |at| at + 1);
    shell.starts_with(&page[..before]) && shell.ends_with(&page[after..])
}

fuzz_target!(|data: &[u8]| {
    let end = data.iter().rposition(|byte| *byte == 0xff);
    let (page, lengths) = end.map_or((data, &[][..]), |end| (&data[..end], &data[end + 1..]));
    let [bare, with_loader] = &*ISLANDS;
    for is_lenient in [false, true] {
        let at_once = whole(bare, page, is_lenient);
        assert_eq!(chunked(bare, std::iter::once(page), is_lenient), at_once, "one chunk is the whole");
        assert_eq!(chunked(bare, cut(page, lengths), is_lenient), at_once, "chunks are the whole");
        if let Ok(outcome) = &at_once {
            assert!(outcome.problems.is_empty() || is_lenient);
            let again = bare.split(&outcome.shell, &Context::at(0));
            let again = again.unwrap_or_else(|error| panic!("a directive is left over: {error}"));
            assert!(again.islands().is_empty(), "a directive is left over");
            assert!(is_lenient || keeps_text(page, &outcome.shell));
        }
    }
    let at_once = chunked(with_loader, std::iter::once(page), true);
    assert_eq!(chunked(with_loader, cut(page, lengths), true), at_once, "the loader's tags stand in the same place");
    let _ = whole(with_loader, page, true);
    let prepared = bare.prepare(page);
    let strict = whole(bare, page, false);
    if let (Ok(prepared), Ok(strict)) = (prepared, strict) {
        let mut rendered = Vec::new();
        prepared.render(&Context::at(1_800_000_000), &mut rendered).expect("what splits renders");
        assert_eq!(rendered, strict.shell, "prepared is split");
    }
});
