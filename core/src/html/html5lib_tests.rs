//! html5lib's tokenizer tests as an oracle for where tags stand and what their attributes say, fetched by
//! `core/tests/suites/fetch`.
//!
//! Compared are start tags (name, attributes, self-closing flag), end tags, and that comments and doctypes are opaque;
//! the text between them is none of the scanner's business, except that references in it decode as in attributes.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::{env, fs};

use serde::Deserialize;
use serde_json::Value;

use super::attributes::Attributes;
use super::decode;
use super::names::TokenizerState;
use super::scanner::{Event, Opaque, Scanner};
use super::tag::Tag;

/// All there are in html5lib 1.1, and how many of them can be asked.
const CASES: usize = 6_808;
const ASKED: usize = 6_799;

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Case {
    description: String,
    input: String,
    output: Vec<Value>,
    #[serde(default)]
    initial_states: Vec<String>,
    last_start_tag: Option<String>,
    #[serde(default)]
    double_escaped: bool,
}

/// What the scanner and the suite both speak of.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Token {
    Start {
        name: String,
        attributes: BTreeMap<String, String>,
        self_closing: bool,
    },
    End(String),
    /// A comment, a processing instruction or a doctype.
    Opaque,
}

fn cases() -> Vec<Case> {
    let target = env::var_os("CARGO_TARGET_DIR").map_or_else(|| Path::new("../target").to_owned(), PathBuf::from);
    let files = fs::read_dir(target.join("suites/html5lib/tokenizer")).expect("core/tests/suites/fetch has run");
    let mut paths: Vec<_> = files.map(|file| file.expect("a readable directory").path()).collect();
    paths.retain(|path| path.extension().is_some_and(|extension| extension == "test"));
    paths.sort();
    let read = |path: &PathBuf| -> Vec<Case> {
        let text = fs::read_to_string(path).expect("a readable file");
        let file: BTreeMap<String, Vec<Case>> = serde_json::from_str(&text).expect("the suite's format");
        file.into_values().flatten().collect()
    };
    paths.iter().flat_map(read).collect()
}

/// Resolves the second layer of escapes; `None` for a lone surrogate, which no UTF-8 can hold.
fn unescape(text: &str) -> Option<String> {
    let mut parts = text.split("\\u");
    let mut out = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let (code, rest) = part.split_at_checked(4)?;
        out.push(u32::from_str_radix(code, 16).ok().and_then(char::from_u32)?);
        out.push_str(rest);
    }
    Some(out)
}

impl Case {
    fn input(&self) -> Option<String> {
        if self.double_escaped { unescape(&self.input) } else { Some(self.input.clone()) }
    }

    fn states(&self) -> Vec<&str> {
        if self.initial_states.is_empty() {
            return vec!["Data state"];
        }
        self.initial_states.iter().map(String::as_str).collect()
    }

    fn scanner(&self, state: &str) -> Scanner {
        // Without a start tag before it, nothing ends the text.
        let name: &'static str = self.last_start_tag.clone().unwrap_or_else(|| "no-such-element".to_owned()).leak();
        let content = match state {
            "Data state" | "CDATA section state" => None,
            "RCDATA state" | "RAWTEXT state" => Some(TokenizerState::Text),
            "Script data state" => Some(TokenizerState::Script),
            "PLAINTEXT state" => Some(TokenizerState::Plaintext),
            other => panic!("an unknown state: {other}"),
        };
        Scanner::for_tokenizer_test(content.map(|content| (content, name.as_bytes())), state == "CDATA section state")
    }

    /// The scanner knows that what ends a script is called `script`; the suite also asks for scripts that are not.
    fn is_unscripted(&self, state: &str) -> bool {
        let last = self.last_start_tag.as_deref().unwrap_or_default();
        let input = self.input.to_ascii_lowercase();
        let ends = input.contains("</script") || (!last.is_empty() && input.contains(&format!("</{last}")));
        state == "Script data state" && last != "script" && ends
    }

    fn expected(&self) -> Vec<Token> {
        let text = |value: &Value| value.as_str().expect("text").to_owned();
        let token = |output: &Value| match output[0].as_str()? {
            "StartTag" => {
                let attributes = output[2].as_object().expect("attributes");
                let attributes = attributes.iter().map(|(name, value)| (name.clone(), text(value))).collect();
                let self_closing = output.get(3) == Some(&Value::Bool(true));
                Some(Token::Start { name: text(&output[1]), attributes, self_closing })
            }
            "EndTag" => Some(Token::End(text(&output[1]))),
            "Comment" | "DOCTYPE" => Some(Token::Opaque),
            _ => None,
        };
        self.output.iter().filter_map(token).collect()
    }
}

/// A name as the tokenizer makes it.
fn name(raw: &[u8]) -> String {
    String::from_utf8(raw.to_ascii_lowercase()).expect("UTF-8").replace('\0', "\u{fffd}")
}

fn token(buffer: &[u8], event: &Event) -> Option<Token> {
    match event {
        Event::Opaque { kind: Opaque::Comment, .. } => Some(Token::Opaque),
        Event::Opaque { .. } | Event::Unsure(_) | Event::Unclear | Event::LetGo(_) | Event::Unclaimed { .. } => None,
        Event::Tag(tag) if tag.closing => Some(Token::End(name(tag.name(buffer)))),
        Event::Tag(tag) => {
            let attributes = attributes(buffer, tag);
            Some(Token::Start { name: name(tag.name(buffer)), attributes, self_closing: tag.self_closing })
        }
    }
}

/// A tag's attributes; of a repeated name the first counts.
fn attributes(buffer: &[u8], tag: &Tag) -> BTreeMap<String, String> {
    let mut all = BTreeMap::new();
    for attribute in Attributes::of(buffer, tag) {
        let mut value = Vec::new();
        decode::attribute_value(attribute.value(buffer).unwrap_or_default(), &mut value);
        let value = String::from_utf8(value).expect("UTF-8");
        all.entry(name(attribute.name(buffer))).or_insert(value);
    }
    all
}

/// What a scanner makes of an input that comes in chunks of `size` bytes, each byte kept no longer than it asks for.
fn scan(mut scanner: Scanner, input: &[u8], size: usize) -> Vec<Token> {
    let mut tokens = Vec::new();
    let mut buffer = Vec::new();
    for chunk in input.chunks(size) {
        buffer.extend_from_slice(chunk);
        while let Some(event) = scanner.next(&buffer, 0) {
            tokens.extend(token(&buffer, &event));
        }
        let gone = scanner.needs_from();
        buffer.drain(..gone);
        scanner.drop_front(gone);
    }
    tokens
}

/// Whether two lists agree but for a comment that the page breaks off in: the suite ends it there, the scanner waits.
fn agrees(found: &[Token], expected: &[Token]) -> bool {
    found == expected || matches!(expected.split_last(), Some((Token::Opaque, before)) if found == before)
}

#[test]
fn tags_and_comments_stand_where_the_suite_says_whole_and_in_chunks() {
    let cases = cases();
    let (mut run, mut surrogates, mut unscripted) = (0, 0, 0);
    let mut wrong = Vec::new();
    for case in &cases {
        let Some(input) = case.input() else {
            surrogates += 1;
            continue;
        };
        let (asked, left_out): (Vec<_>, Vec<_>) =
            case.states().into_iter().partition(|state| !case.is_unscripted(state));
        unscripted += left_out.len();
        run += usize::from(!asked.is_empty());
        let expected = case.expected();
        for state in asked {
            for size in [usize::MAX, 1, 2, 3, 4, 5] {
                let found = scan(case.scanner(state), input.as_bytes(), size);
                if !agrees(&found, &expected) {
                    wrong.push(format!(
                        "{} ({state}, chunks of {size}) {input:?}: {found:?} instead of {expected:?}",
                        case.description
                    ));
                }
            }
        }
    }
    println!("{run} of {} cases; left out: {surrogates} lone surrogates, {unscripted} scripts", cases.len());
    assert!(wrong.is_empty(), "{} are wrong:\n{}", wrong.len(), wrong.join("\n"));
    assert_eq!((cases.len(), run), (CASES, ASKED));
}

#[test]
fn what_nobody_waits_for_does_not_change_what_comes_after() {
    for case in cases() {
        let Some(input) = case.input() else { continue };
        // Long enough for whole blocks before and after.
        let page = format!("<p a=\"1\">{input}<a b='{input}' c>{input}{}", "x ".repeat(100));
        let page = page.as_bytes();
        let events = |wake: usize| {
            let mut scanner = Scanner::new(b"");
            // What is unclear is told in any case.
            let is_waited_for = |event: &Event| matches!(event, Event::Tag(_) | Event::Opaque { .. });
            std::iter::from_fn(move || scanner.next(page, wake)).filter(is_waited_for).collect::<Vec<_>>()
        };
        let end = |event: &Event| match event {
            Event::Tag(tag) => tag.end,
            Event::Opaque { end, .. } | Event::Unclaimed { end, .. } => *end,
            Event::Unsure(_) | Event::Unclear | Event::LetGo(_) => 0,
        };
        let all = events(0);
        for wake in all.iter().map(end).flat_map(|end| [end - 1, end]) {
            let wanted: Vec<_> = all.iter().filter(|event| end(event) > wake).copied().collect();
            assert_eq!(events(wake), wanted, "{} from {wake}: {input:?}", case.description);
        }
    }
}

#[test]
fn references_in_text_decode_in_attributes_too() {
    let mut run = 0;
    for case in cases() {
        let [Value::Array(output)] = case.output.as_slice() else { continue };
        // A reference without its semicolon may be text in an attribute; NUL is replaced there and not in text.
        let is_terminated = case.input.ends_with(';') && !case.description.starts_with("Semicolonless");
        let is_terminated = is_terminated && !case.input.contains('\0');
        let is_data = case.initial_states.is_empty() && !case.double_escaped;
        if output[0] != "Character" || !is_terminated || !is_data {
            continue;
        }
        let mut value = Vec::new();
        decode::attribute_value(case.input.as_bytes(), &mut value);
        assert_eq!(std::str::from_utf8(&value).ok(), output[1].as_str(), "{}", case.description);
        run += 1;
    }
    assert!(run > 2_000, "{run} references");
}
