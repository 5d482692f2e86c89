//! Props: one JSON object, checked and never rewritten.

use std::borrow::Cow;
use std::collections::HashSet;
use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, IgnoredAny, MapAccess, Visitor};
use xxhash_rust::xxh3::xxh3_128;

use crate::redacted::Length;
use crate::{Error, IslandName};

/// How deep objects and lists may be nested.
pub const MAX_DEPTH: usize = 64;

/// The bytes of one JSON object.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Props<'a>(&'a [u8]);

impl fmt::Debug for Props<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Props").field(&Length::of(self.0)).finish()
    }
}

impl<'a> Props<'a> {
    /// No props: `{}`.
    pub const NONE: Props<'static> = Props(b"{}");

    /// Checks that `json` is one JSON object in UTF-8, at most [`MAX_DEPTH`] deep. The bytes stay as they are: numbers
    /// never pass through a float.
    ///
    /// ```
    /// use eyot::{IslandName, Props};
    ///
    /// let name = IslandName::new("CartRow")?;
    /// assert_eq!(Props::parse(&name, br#"{"price":1.0e2}"#)?.as_bytes(), br#"{"price":1.0e2}"#);
    /// let error = Props::parse(&name, b"[1]").unwrap_err();
    /// assert!(error.to_string().contains("CartRow"));
    /// # Ok::<(), eyot::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`Error::Props`], in the name of the island that they are for.
    pub fn parse(name: &IslandName, json: &'a [u8]) -> Result<Self, Error> {
        check(json, &mut |_| true)
            .map(|()| Self(json))
            .map_err(|reason| Error::Props { name: name.to_string(), reason })
    }

    /// Takes bytes that an encoder made, unchecked: for bindings whose own encoder cannot make anything but an object.
    /// Other bytes harm nobody but the handler that will read them.
    #[must_use]
    pub fn trusted(json: &'a [u8]) -> Self {
        Self(json)
    }

    /// The bytes.
    #[must_use]
    pub fn as_bytes(&self) -> &'a [u8] {
        self.0
    }
}

/// Why a text is not one JSON object. Holds none of it but a member's name.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum PropsError {
    /// Not text.
    #[error("it is not UTF-8")]
    NotUtf8,
    /// A list, a string, a number, or nothing.
    #[error("it does not start with `{{`")]
    NotAnObject,
    /// Nested more than [`MAX_DEPTH`] deep.
    #[error("it is nested more than {MAX_DEPTH} deep")]
    TooDeep,
    /// Not JSON; with what is expected, and where.
    #[error("{0}")]
    Syntax(String),
    /// The same member twice.
    #[error("{0:?} is in it twice")]
    Twice(String),
}

/// The names of an island's props so far, by their hashes: two that collide are taken for the same, which no name met in
/// practice will be.
#[derive(Debug, Default)]
pub(crate) struct Names {
    /// The first ones: going through them takes less time than another hash.
    few: Vec<u128>,
    more: HashSet<u128>,
}

impl Names {
    /// Islands with more props are rare.
    const FEW: usize = 16;

    pub(crate) fn clear(&mut self) {
        self.few.clear();
        self.more.clear();
    }

    /// Whether `name` is new.
    pub(crate) fn insert(&mut self, name: &[u8]) -> bool {
        let hash = xxh3_128(name);
        if self.few.contains(&hash) {
            return false;
        }
        if self.few.len() < Self::FEW {
            self.few.push(hash);
            return true;
        }
        self.more.insert(hash)
    }
}

/// Checks `json` and shows each of the object's names to `accept`, whose `false` says that it stands twice.
fn check(json: &[u8], accept: &mut dyn FnMut(&str) -> bool) -> Result<(), PropsError> {
    let text = std::str::from_utf8(json).map_err(|_| PropsError::NotUtf8)?;
    if !text.trim_start_matches(WHITE).starts_with('{') {
        return Err(PropsError::NotAnObject);
    }
    // Of a name that stands twice some parsers take the first value and some the last: a handler in another language
    // would read other props than the page has.
    let mut twice = None;
    let mut deserializer = serde_json::Deserializer::from_str(text);
    let walked = Members { accept, twice: &mut twice }.deserialize(&mut deserializer).and_then(|()| deserializer.end());
    match (twice, walked) {
        (Some(name), _) => Err(PropsError::Twice(name)),
        (None, Err(error)) => Err(PropsError::Syntax(error.to_string())),
        // Counted apart, on text that is JSON: serde_json skips values without recursion, and so without a limit.
        (None, Ok(())) if depth(json) > MAX_DEPTH => Err(PropsError::TooDeep),
        (None, Ok(())) => Ok(()),
    }
}

/// Appends the members of the object `json`, verbatim but for white space outside strings, each after a comma unless
/// `out` ends with `{`.
pub(crate) fn append_members(json: &[u8], names: &mut Names, out: &mut Vec<u8>) -> Result<(), PropsError> {
    check(json, &mut |name| names.insert(name.as_bytes()))?;
    // White space goes, and nothing else: numbers and escapes written anew could differ from the author's.
    let first = out.last() == Some(&b'{');
    let start = out.len();
    let mut in_string = false;
    let mut escaped = false;
    for &byte in json {
        if in_string || !byte.is_ascii_whitespace() {
            out.push(byte);
        }
        (in_string, escaped) = after(byte, in_string, escaped);
    }
    // The object's own braces: the first goes or turns into the comma, the last goes.
    out.pop();
    if first || out.len() == start + 1 {
        out.remove(start);
    } else {
        out[start] = b',';
    }
    Ok(())
}

/// Appends `text` as a JSON string, as props and slots are written: only `"`, `\` and U+0000 to U+001F are escaped.
pub fn append_string(text: &str, out: &mut Vec<u8>) {
    let mut rest = text.as_bytes();
    out.reserve(rest.len() + 2);
    out.push(b'"');
    loop {
        let (clean, after) = rest.split_at(clean_len(rest));
        out.extend_from_slice(clean);
        let Some((&byte, after)) = after.split_first() else { break };
        write_escape(byte, out);
        rest = after;
    }
    out.push(b'"');
}

const WHITE: [char; 4] = [' ', '\t', '\n', '\r'];

/// Whether a string is open, and whether the next character is escaped, after `byte`.
fn after(byte: u8, in_string: bool, escaped: bool) -> (bool, bool) {
    match byte {
        _ if escaped => (in_string, false),
        b'\\' if in_string => (true, true),
        b'"' => (!in_string, false),
        _ => (in_string, false),
    }
}

/// How deep a valid JSON text is nested.
fn depth(json: &[u8]) -> usize {
    let (mut depth, mut deepest) = (0usize, 0);
    let (mut in_string, mut escaped) = (false, false);
    for &byte in json {
        match byte {
            b'{' | b'[' if !in_string => {
                depth += 1;
                deepest = deepest.max(depth);
            }
            b'}' | b']' if !in_string => depth = depth.saturating_sub(1),
            _ => {}
        }
        (in_string, escaped) = after(byte, in_string, escaped);
    }
    deepest
}

/// How many bytes at the start stand in JSON as they are.
fn clean_len(bytes: &[u8]) -> usize {
    if is_clean(bytes) {
        return bytes.len();
    }
    bytes.iter().position(|byte| is_escaped(*byte)).unwrap_or(bytes.len())
}

fn is_escaped(byte: u8) -> bool {
    byte < 0x20 || byte == b'"' || byte == b'\\'
}

/// Whether nothing is to be escaped, asked of eight bytes at a time; the last eight may overlap those before.
fn is_clean(bytes: &[u8]) -> bool {
    let Some(last) = bytes.last_chunk() else {
        return !bytes.iter().any(|byte| is_escaped(*byte));
    };
    let (eights, _) = bytes.as_chunks();
    !eights.iter().fold(has_escaped(last), |found, eight| found | has_escaped(eight))
}

/// Whether one of eight bytes is to be escaped: a byte below `n` is one that borrows when `n` is taken off, and has no
/// high bit of its own.
fn has_escaped(eight: &[u8; 8]) -> bool {
    const EACH: u64 = u64::from_ne_bytes([1; 8]);
    let word = u64::from_ne_bytes(*eight);
    let below = |word: u64, n: u64| word.wrapping_sub(EACH * n) & !word;
    let equal = |byte: u8| below(word ^ (EACH * u64::from(byte)), 1);
    (below(word, 0x20) | equal(b'"') | equal(b'\\')) & (EACH << 7) != 0
}

fn write_escape(byte: u8, out: &mut Vec<u8>) {
    const HEX: &[u8; 16] = b"0123456789abcdef";
    out.push(b'\\');
    match byte {
        b'"' | b'\\' => out.push(byte),
        0x08 => out.push(b'b'),
        b'\t' => out.push(b't'),
        b'\n' => out.push(b'n'),
        0x0c => out.push(b'f'),
        b'\r' => out.push(b'r'),
        _ => out.extend_from_slice(&[b'u', b'0', b'0', HEX[usize::from(byte >> 4)], HEX[usize::from(byte & 15)]]),
    }
}

/// Walks an object's names; values are passed over without being built.
struct Members<'v> {
    accept: &'v mut dyn FnMut(&str) -> bool,
    twice: &'v mut Option<String>,
}

impl<'de> DeserializeSeed<'de> for Members<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_map(self)
    }
}

impl<'de> Visitor<'de> for Members<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        while let Some(name) = map.next_key_seed(Name)? {
            map.next_value::<IgnoredAny>()?;
            if self.twice.is_none() && !(self.accept)(&name) {
                *self.twice = Some(name.into_owned());
            }
        }
        Ok(())
    }
}

/// A member's name, borrowed where it holds no escapes.
struct Name;

impl<'de> DeserializeSeed<'de> for Name {
    type Value = Cow<'de, str>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        deserializer.deserialize_str(self)
    }
}

impl<'de> Visitor<'de> for Name {
    type Value = Cow<'de, str>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a name")
    }

    fn visit_borrowed_str<E>(self, name: &'de str) -> Result<Self::Value, E> {
        Ok(Cow::Borrowed(name))
    }

    fn visit_str<E>(self, name: &str) -> Result<Self::Value, E> {
        Ok(Cow::Owned(name.to_owned()))
    }
}

#[cfg(test)]
mod tests {
    use super::{MAX_DEPTH, Names, Props, append_members, append_string};
    use crate::IslandName;

    fn parse(json: &[u8]) -> Result<(), String> {
        let parsed = IslandName::new("A").and_then(|name| Props::parse(&name, json).map(|_| ()));
        parsed.map_err(|error| error.to_string())
    }

    #[test]
    fn one_object_is_taken_as_it_is() {
        assert_eq!(parse(b" {\"a\": 1e999, \"b\": [1.10, null]} "), Ok(()));
    }

    #[test]
    fn anything_else_is_refused_with_the_reason() {
        let cases: [(&[u8], &str); 6] = [
            (b"[1]", "does not start"),
            (b"", "does not start"),
            (b"{\"a\":}", "column"),
            (b"{} {}", "trailing"),
            (b"{\"a\":\"\xff\"}", "UTF-8"),
            (b"{'a':1}", "column"),
        ];
        for (json, reason) in cases {
            let text = parse(json).expect_err("refused");
            assert!(text.contains(reason), "{text}");
        }
    }

    #[test]
    fn a_name_is_new_once_however_many_there_are() {
        let mut names = Names::default();
        for _ in 0..2 {
            let count = |names: &mut Names| (0..100).filter(|n: &u32| names.insert(&n.to_le_bytes())).count();
            assert_eq!((count(&mut names), count(&mut names)), (100, 0));
            names.clear();
        }
    }

    #[test]
    fn nesting_is_limited_without_recursion() {
        let nested = |depth: usize| [b"{\"a\":".repeat(depth - 1), b"{}".to_vec(), b"}".repeat(depth - 1)].concat();
        assert_eq!(parse(&nested(MAX_DEPTH)), Ok(()));
        assert!(parse(&nested(MAX_DEPTH + 1)).is_err());
        assert!(parse(&[b"{\"a\":".to_vec(), b"[".repeat(1_000_000)].concat()).is_err());
    }

    #[test]
    fn members_are_appended_verbatim_without_white_space_outside_strings() {
        let append = |start: &[u8], json: &[u8]| {
            let mut out = start.to_vec();
            append_members(json, &mut Names::default(), &mut out).expect("an object");
            String::from_utf8(out).expect("text")
        };
        assert_eq!(append(b"{", b" { \"a\" : \"x \\\" y\" , \"b\":1.0 } "), r#"{"a":"x \" y","b":1.0"#);
        assert_eq!(append(b"{\"z\":1", b"{\"a\":2}"), r#"{"z":1,"a":2"#);
        assert_eq!(append(b"{\"z\":1", b"{ }"), r#"{"z":1"#);
        assert_eq!(append(b"{", b"{ }"), "{");
    }

    #[test]
    fn a_name_that_stands_twice_is_refused_however_it_is_escaped() {
        let refused = append_members(br#"{"a":1,"\u0061":2}"#, &mut Names::default(), &mut b"{".to_vec());
        assert!(refused.is_err());
    }

    #[test]
    fn a_string_is_written_as_serde_writes_it_wherever_the_escape_stands() {
        let specials =
            (0..0x20).map(char::from).chain(['"', '\\', '\x7f', ' ', '!', '#', '[', ']', '\u{80}', 'é', '😀']);
        for special in specials {
            for (before, after) in (0..20).flat_map(|before| [(before, 0), (before, 3), (before, 17)]) {
                let text = ["x".repeat(before), special.to_string(), "y".repeat(after)].concat();
                let mut out = Vec::new();
                append_string(&text, &mut out);
                assert_eq!(out, serde_json::to_vec(&text).expect("a string"), "{text:?}");
            }
        }
    }
}
