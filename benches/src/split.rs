//! Candidates that split a page, and what they are held against.

use std::borrow::Cow;
use std::cell::Cell;

use eyot::placeholder::Placeholder;
use eyot::{Context, Error, Islands, KeyRing, Prepared, Props, Slots, Splitter};
use html5ever::tendril::StrTendril;
use html5ever::tokenizer::states::{Rawtext, ScriptData};
use html5ever::tokenizer::{BufferQueue, StartTag, TagToken, Token, TokenSink, TokenSinkResult, Tokenizer};
use html5ever::{local_name, tokenizer};
use lol_html::html_content::{ContentType, Element};
use lol_html::{ElementContentHandlers, HandlerResult, HtmlRewriter, Selector, Settings};
use memchr::memmem;

use crate::candidate::Candidate;
use crate::pages::{FALLBACK, ISLAND, Page, props};

/// eyot on the page as it is.
pub const PLAIN: &str = "eyot: no island";
/// `lol_html` on it, with a selector that matches nothing; its output is counted, not copied.
pub const PLAIN_LOL: &str = "lol_html: no island";
/// A search for the directive on it, which finds nothing.
pub const PLAIN_MEMMEM: &str = "memchr::memmem for the directive";
/// A copy of it.
pub const PLAIN_COPY: &str = "memcpy of the page";
/// html5ever's tokens on it, of which tags are counted.
pub const PLAIN_TOKENS: &str = "html5ever tokenizer";
/// eyot on it in chunks.
pub const PLAIN_CHUNKED: &str = "eyot: no island, 16 KiB chunks";
/// eyot on the page with one island at its end: all of the page has to be read.
pub const LAST: &str = "eyot: 1 island at the end";
/// eyot on the page with islands of which the last is at its end.
pub const TO_THE_END: &str = "eyot: 5 islands, the last at the end";
/// eyot on it in chunks: equal work, since a stream is read to its end in any case.
pub const TO_THE_END_CHUNKED: &str = "eyot: 5 islands, the last at the end, 16 KiB chunks";
/// eyot on the page with islands.
pub const SPREAD: &str = "eyot: 5 islands";
/// `lol_html` on it, which replaces the islands by placeholders made beforehand.
pub const SPREAD_LOL: &str = "lol_html: 5 islands";
/// eyot on it in chunks.
pub const SPREAD_CHUNKED: &str = "eyot: 5 islands, 16 KiB chunks";
/// eyot on it, split beforehand.
pub const PREPARED: &str = "eyot: 5 islands, prepared";
/// A copy of the shell that comes of it.
pub const PREPARED_COPY: &str = "memcpy of the shell";

const COUNT: usize = 5;
const CHUNK: usize = 16 * 1024;
const KEYS: &str = "dX8rWq0m3ZtYb6nLk9sVhC2pAeRfJg5uTi1oMxQwB7E=";

/// All that the candidates for one page share: the page in its three forms, a configuration, and what `lol_html` writes.
#[derive(Debug)]
pub struct Fixture {
    islands: Islands,
    context: Context<'static>,
    plain: &'static [u8],
    spread: String,
    last: String,
    to_the_end: String,
    prepared: Prepared,
    selectors: Selectors,
    replacements: Replacements,
}

/// Parsed once, although `lol_html`'s macros parse them for every page.
#[derive(Debug)]
struct Selectors {
    head: Selector,
    island: Selector,
}

/// What `lol_html` puts in the islands' places, in order, and at the end of the head.
#[derive(Debug)]
struct Replacements {
    placeholders: Vec<String>,
    head: String,
}

impl Fixture {
    /// Islands are configured as hosts get them by default, loader's tags included.
    ///
    /// # Errors
    /// When the page does not split.
    pub fn new(page: &Page) -> Result<Self, Error> {
        let islands = Islands::builder(KeyRing::parse(KEYS)?).island(ISLAND).build()?;
        let context = Context::at(1_800_000_000);
        let spread = page.with_islands(COUNT);
        let prepared = islands.prepare(spread.as_bytes())?;
        let replacements = Replacements::new(&islands, &context)?;
        let selectors = Selectors { head: selector("head"), island: selector(ISLAND) };
        let (plain, last) = (page.html.as_bytes(), page.with_islands_to_its_end(1));
        let to_the_end = page.with_islands_to_its_end(COUNT);
        Ok(Self { islands, context, plain, spread, last, to_the_end, prepared, selectors, replacements })
    }

    /// Every candidate, ready to run. All that write a page write it into a buffer of their own that keeps its capacity.
    #[must_use]
    pub fn candidates(&self) -> Vec<Candidate<'_>> {
        let mut candidates = self.plain_candidates();
        candidates.extend(self.island_candidates());
        candidates
    }

    fn plain_candidates(&self) -> Vec<Candidate<'_>> {
        let page = self.plain;
        let [mut copy, mut chunked] = [const { Vec::new() }; 2];
        let tendril = StrTendril::from(String::from_utf8_lossy(page).into_owned());
        vec![
            Candidate::new(PLAIN, page.len(), || self.split_untouched()),
            Candidate::new(PLAIN_LOL, page.len(), || self.rewrite_untouched()),
            Candidate::new(PLAIN_MEMMEM, page.len(), || memmem::find(page, b"server:defer")),
            Candidate::new(PLAIN_COPY, page.len(), move || overwrite(&mut copy, page)),
            Candidate::new(PLAIN_TOKENS, page.len(), move || count_tags(&tendril)),
            Candidate::new(PLAIN_CHUNKED, page.len(), move || self.split_chunked(page, &mut chunked)),
        ]
    }

    fn island_candidates(&self) -> Vec<Candidate<'_>> {
        let [mut last, mut whole, mut rewritten, mut chunked, mut prepared, mut copy] = [const { Vec::new() }; 6];
        let [mut end_whole, mut end_chunked] = [const { Vec::new() }; 2];
        let (page, to_the_end) = (self.spread.as_bytes(), self.to_the_end.as_bytes());
        let mut shell = Vec::new();
        self.split_whole(page, &mut shell);
        vec![
            Candidate::new(LAST, self.last.len(), move || self.split_whole(self.last.as_bytes(), &mut last)),
            Candidate::new(SPREAD, page.len(), move || self.split_whole(page, &mut whole)),
            Candidate::new(SPREAD_LOL, page.len(), move || self.rewrite(page, &mut rewritten)),
            Candidate::new(SPREAD_CHUNKED, page.len(), move || self.split_chunked(page, &mut chunked)),
            Candidate::new(TO_THE_END, to_the_end.len(), move || self.split_whole(to_the_end, &mut end_whole)),
            Candidate::new(TO_THE_END_CHUNKED, to_the_end.len(), move || {
                self.split_chunked(to_the_end, &mut end_chunked)
            }),
            Candidate::new(PREPARED, shell.len(), move || self.render(&mut prepared)),
            Candidate::new(PREPARED_COPY, shell.len(), move || overwrite(&mut copy, &shell)),
        ]
    }

    fn split_untouched(&self) -> usize {
        let shell = self.islands.split(self.plain, &self.context).expect("a page without directives has nothing wrong");
        shell.len()
    }

    fn split_whole(&self, page: &[u8], out: &mut Vec<u8>) -> usize {
        out.clear();
        let shell = self.islands.split(page, &self.context).expect("the page was prepared without errors");
        shell.write_to(out);
        out.len()
    }

    fn split_chunked(&self, page: &[u8], out: &mut Vec<u8>) -> usize {
        out.clear();
        let mut splitter = Splitter::new(&self.islands);
        for chunk in page.chunks(CHUNK) {
            let segments = splitter.push(chunk, &self.context).expect("the page was prepared without errors");
            segments.for_each(|segment| out.extend_from_slice(segment));
        }
        let segments = splitter.finish(&self.context).expect("no call before it failed or was the last");
        segments.for_each(|segment| out.extend_from_slice(segment));
        out.len()
    }

    fn render(&self, out: &mut Vec<u8>) -> usize {
        out.clear();
        self.prepared.render(&self.context, out).expect("its islands seal when the page is split whole");
        out.len()
    }

    fn rewrite(&self, page: &[u8], out: &mut Vec<u8>) -> usize {
        out.clear();
        let mut placeholders = self.replacements.placeholders.iter();
        let replace = move |island: &mut Element<'_, '_>| -> HandlerResult {
            island.replace(placeholders.next().ok_or("more islands than were inserted")?, ContentType::Html);
            Ok(())
        };
        let append = |head: &mut Element<'_, '_>| -> HandlerResult {
            head.append(&self.replacements.head, ContentType::Html);
            Ok(())
        };
        let settings = Settings::new()
            .append_element_content_handler(handler(&self.selectors.head, append))
            .append_element_content_handler(handler(&self.selectors.island, replace));
        run(HtmlRewriter::new(settings, |chunk: &[u8]| out.extend_from_slice(chunk)), page);
        out.len()
    }

    fn rewrite_untouched(&self) -> usize {
        let length = Cell::new(0);
        let nothing = |_: &mut Element<'_, '_>| -> HandlerResult { Ok(()) };
        let settings = Settings::new().append_element_content_handler(handler(&self.selectors.island, nothing));
        run(HtmlRewriter::new(settings, |chunk: &[u8]| length.set(length.get() + chunk.len())), self.plain);
        length.get()
    }
}

impl Replacements {
    fn new(islands: &Islands, context: &Context<'_>) -> Result<Self, Error> {
        let slots = Slots::with_fallback(FALLBACK.as_bytes());
        let placeholder = |index| {
            let (props, mut out) = (props(index), Vec::new());
            let props = Props::trusted(props.as_bytes());
            islands.placeholder(&Placeholder::new(ISLAND).with_props(props).with_slots(slots), context, &mut out)?;
            Ok(text(out))
        };
        let mut head = Vec::new();
        islands.loader_tags(context, &mut head);
        let placeholders = (1..=COUNT).map(placeholder).collect::<Result<_, Error>>()?;
        Ok(Self { placeholders, head: text(head) })
    }
}

fn text(bytes: Vec<u8>) -> String {
    String::from_utf8(bytes).expect("what eyot writes itself is ASCII, and the fallback is UTF-8")
}

fn selector(name: &str) -> Selector {
    name.parse().expect("an element's name is a selector")
}

fn handler<'h, 's>(
    selector: &'s Selector,
    handler: impl FnMut(&mut Element<'_, '_>) -> HandlerResult + 'h,
) -> (Cow<'s, Selector>, ElementContentHandlers<'h>) {
    (Cow::Borrowed(selector), ElementContentHandlers { element: Some(Box::new(handler)), ..Default::default() })
}

fn run<O: lol_html::OutputSink>(mut rewriter: HtmlRewriter<'_, O>, page: &[u8]) {
    let written = rewriter.write(page).and_then(|()| rewriter.end());
    written.expect("the pages are UTF-8 and their islands as many as their placeholders");
}

fn overwrite(out: &mut Vec<u8>, bytes: &[u8]) -> usize {
    out.clear();
    out.extend_from_slice(bytes);
    out.len()
}

fn count_tags(page: &StrTendril) -> usize {
    let input = BufferQueue::default();
    input.push_back(page.clone());
    let tokenizer = Tokenizer::new(Counter::default(), tokenizer::TokenizerOpts::default());
    while !input.is_empty() {
        // Comes back at every script's end.
        let _ = tokenizer.feed(&input);
    }
    tokenizer.end();
    tokenizer.sink.0.get()
}

/// Counts tags, and tells the tokenizer what a tree builder would tell it of scripts and styles.
#[derive(Debug, Default)]
struct Counter(Cell<usize>);

impl TokenSink for Counter {
    type Handle = ();

    fn process_token(&self, token: Token, _line: u64) -> TokenSinkResult<()> {
        let TagToken(tag) = token else { return TokenSinkResult::Continue };
        self.0.set(self.0.get() + 1);
        match tag.name {
            local_name!("script") if tag.kind == StartTag => TokenSinkResult::RawData(ScriptData),
            local_name!("style") if tag.kind == StartTag => TokenSinkResult::RawData(Rawtext),
            _ => TokenSinkResult::Continue,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pages::PAGES;

    #[test]
    fn every_way_to_the_shell_ends_at_the_same_bytes_but_for_the_loaders_place() {
        for page in PAGES {
            let fixture = Fixture::new(&page).expect("it splits");
            let spread = fixture.spread.as_bytes();
            let [mut whole, mut rewritten, mut prepared, mut chunked] = [const { Vec::new() }; 4];
            fixture.split_whole(spread, &mut whole);
            fixture.rewrite(spread, &mut rewritten);
            fixture.render(&mut prepared);
            fixture.split_chunked(spread, &mut chunked);
            assert!(whole == rewritten, "{}: lol_html", page.name);
            assert!(whole == prepared, "{}: prepared", page.name);
            // A stream has sent the head when the first island comes.
            let tags = fixture.replacements.head.as_str();
            assert!(text(whole).replace(tags, "") == text(chunked).replace(tags, ""), "{}: chunked", page.name);
        }
    }

    #[test]
    fn a_page_without_islands_is_passed_on_whole() {
        for page in PAGES {
            let fixture = Fixture::new(&page).expect("it splits");
            let mut chunked = Vec::new();
            fixture.split_chunked(fixture.plain, &mut chunked);
            assert!(chunked == fixture.plain, "{}", page.name);
            assert_eq!([fixture.split_untouched(), fixture.rewrite_untouched()], [page.html.len(); 2], "{}", page.name);
        }
    }

    #[test]
    fn the_tokenizer_reads_scripts_as_text() {
        assert_eq!(count_tags(&StrTendril::from("<script>if (a<b) {}</script><p>")), 3);
    }
}
