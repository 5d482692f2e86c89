//! One pattern: its parts, and what another router's syntax means.

use thiserror::Error;

/// A text that is no pattern of paths. The text says what would be right.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum PatternError {
    /// No path begins like this.
    #[error("the pattern {0:?} does not begin with a slash: write \"/{0}\"")]
    NoSlash(String),
    /// A segment in another router's syntax, which would be taken for a text.
    #[error(
        "the pattern {pattern:?}: {found:?} is another router's syntax; {{name}} is one segment and {{name...}} the rest, at \
         the end: perhaps {meant:?} is meant"
    )]
    Foreign {
        /// The pattern.
        pattern: String,
        /// The segment.
        found: String,
        /// The pattern that may have been meant.
        meant: String,
    },
    /// A pattern that fits the same paths as another.
    #[error("the pattern {pattern:?} fits the same paths as {before:?}: remove one of the two")]
    Twice {
        /// The pattern.
        pattern: String,
        /// The one before.
        before: String,
    },
}

/// A segment of a pattern.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Part {
    Text(Box<[u8]>),
    One,
    Rest,
}

/// The parts of a pattern.
pub(super) fn parts(pattern: &str) -> Result<Vec<Part>, PatternError> {
    if let Some(found) = foreign(pattern) {
        return Err(found);
    }
    let Some(path) = pattern.strip_prefix('/') else { return Err(PatternError::NoSlash(pattern.to_owned())) };
    Ok(path.split('/').map(part).collect())
}

fn part(segment: &str) -> Part {
    match own(segment) {
        Some(true) => Part::Rest,
        Some(false) => Part::One,
        None => Part::Text(decoded(segment.as_bytes()).into()),
    }
}

/// Whether a segment is `{name...}`, or `{name}`; nothing for any other.
fn own(segment: &str) -> Option<bool> {
    let name = segment.strip_prefix('{')?.strip_suffix('}')?;
    let (name, is_rest) = name.strip_suffix("...").map_or((name, false), |name| (name, true));
    is_name(name).then_some(is_rest)
}

fn is_name(text: &str) -> bool {
    text.starts_with(|c: char| c == '_' || c.is_alphabetic()) && text.chars().all(|c| c == '_' || c.is_alphanumeric())
}

/// The error of a pattern in another router's syntax. The characters that these use have to be encoded where a path really
/// has them: `%3A` for a colon that begins a segment.
fn foreign(pattern: &str) -> Option<PatternError> {
    // An expression: a router that takes them shows the path without a slash before it.
    let expression = pattern.strip_prefix('^').map(|path| path.trim_start_matches('/').replace("[^/]", "\\w"));
    let plain = expression.map(|path| format!("/{path}"));
    let is_expression = plain.is_some();
    let plain = plain.unwrap_or_else(|| pattern.to_owned());
    let segments: Vec<&str> = plain.split('/').collect();
    let last = segments.len() - 1;
    let mut found = is_expression.then(|| "^".to_owned());
    let mut meant = Vec::new();
    for (place, segment) in segments.iter().enumerate() {
        let is_last = place == last;
        match own(segment) {
            Some(is_rest) if is_last || !is_rest => meant.push((*segment).to_owned()),
            None if !is_foreign(segment) => meant.push((*segment).to_owned()),
            _ => {
                found.get_or_insert_with(|| (*segment).to_owned());
                meant.push(translated(segment, is_last));
            }
        }
    }
    let (pattern, meant) = (pattern.to_owned(), meant.join("/"));
    let meant = if meant.starts_with('/') { meant } else { format!("/{meant}") };
    found.map(|found| PatternError::Foreign { pattern, found, meant })
}

fn is_foreign(segment: &str) -> bool {
    segment.contains(|c| "<>{}[]^\\|*".contains(c)) || segment.starts_with([':', '(']) || segment.ends_with('$')
}

/// How another router's segment is written here, as near as it comes.
fn translated(segment: &str, is_last: bool) -> String {
    if segment == "$" || segment == "{$}" {
        return String::new();
    }
    // The name stands first, but for the type before it (`<int:id>`) and what opens a group (`(?P<id>`).
    let after_type = segment.strip_prefix('<').and_then(|rest| rest.split_once(':')).map(|(_, name)| name);
    let start = after_type.unwrap_or_else(|| segment.trim_start_matches("(?P<").trim_start_matches("(?<"));
    let is_letter = |c: char| c == '_' || c.is_alphabetic();
    let name: String =
        start.chars().skip_while(|c| !is_letter(*c)).take_while(|c| *c == '_' || c.is_alphanumeric()).collect();
    let name = if name.is_empty() { "rest" } else { &name };
    let takes_more = ["<path:", ":path}", "...", ".*", ".+", "**"].iter().any(|mark| segment.contains(mark));
    let is_rest = takes_more || segment.starts_with('*') || segment.ends_with('*');
    if is_last && is_rest { format!("{{{name}...}}") } else { format!("{{{name}}}") }
}

/// A segment without percent encoding. What is no encoding stays as it is.
pub(super) fn decoded(segment: &[u8]) -> Vec<u8> {
    let hex = |byte: u8| char::from(byte).to_digit(16).and_then(|digit| u8::try_from(digit).ok());
    let mut text = Vec::with_capacity(segment.len());
    let mut at = 0;
    while let Some(byte) = segment.get(at) {
        let encoded = (*byte == b'%').then(|| Some(hex(*segment.get(at + 1)?)? * 16 + hex(*segment.get(at + 2)?)?));
        text.push(encoded.flatten().unwrap_or(*byte));
        at += if encoded.flatten().is_some() { 3 } else { 1 };
    }
    text
}
