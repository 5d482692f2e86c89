//! Values by patterns of paths: the policies of apps whose framework has no routes that could hold them.

mod pattern;

use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};

pub use pattern::PatternError;
use pattern::{Part, decoded, parts};

use crate::exchange::{Event, Level};

/// Values by patterns of paths, such as `/p/{sku}`.
///
/// `{name}` stands for one segment, `{name...}` at the end for all that is left, and nothing else is special. Paths are raw,
/// below the app's mount point and without a query; their segments are compared once they are decoded, case counts, and so
/// does a slash at the end. Of several patterns that fit, the most specific wins: from the left, a text goes before a
/// `{name}`, and that before a `{name...}`. An entry without a value excepts the paths that it fits.
///
/// ```
/// use eyot::paths::Paths;
///
/// let mut paths = Paths::default();
/// paths.add("/docs/{page...}", Some(3600))?;
/// paths.add("/docs/mine/{page...}", None)?;
/// assert_eq!(paths.find(b"/docs/install/linux"), Some(&3600));
/// assert_eq!(paths.find(b"/docs/mine/1"), None);
///
/// let error = paths.add("/p/:sku", Some(600)).unwrap_err();
/// assert!(error.to_string().ends_with("perhaps \"/p/{sku}\" is meant"));
/// # Ok::<(), eyot::paths::PatternError>(())
/// ```
#[derive(Debug)]
pub struct Paths<T> {
    root: Node,
    entries: Vec<Entry<T>>,
    /// How often a path was looked for; stops at [`LOOKS`].
    looks: AtomicU32,
}

#[derive(Debug)]
struct Entry<T> {
    pattern: String,
    value: Option<T>,
    /// Whether a path has fitted it.
    was_found: AtomicBool,
}

/// What may follow one segment of the patterns. The entries are by their index.
#[derive(Debug, Default)]
struct Node {
    texts: HashMap<Box<[u8]>, Node>,
    one: Option<Box<Node>>,
    rest: Option<usize>,
    end: Option<usize>,
}

/// How many paths have to be looked for before a pattern that none of them fitted is told.
const LOOKS: u32 = 25;

impl<T> Default for Paths<T> {
    fn default() -> Self {
        Self { root: Node::default(), entries: Vec::new(), looks: AtomicU32::new(0) }
    }
}

impl<T> Paths<T> {
    /// Adds a pattern.
    ///
    /// # Errors
    /// [`PatternError`] for what is no pattern, most often one in another router's syntax, and for one that fits the same
    /// paths as one before.
    pub fn add(&mut self, pattern: &str, value: Option<T>) -> Result<(), PatternError> {
        let parts = parts(pattern)?;
        let node = self.root.at(&parts);
        let place = if parts.last() == Some(&Part::Rest) { &mut node.rest } else { &mut node.end };
        if let Some(before) = *place {
            let before = self.entries[before].pattern.clone();
            return Err(PatternError::Twice { pattern: pattern.to_owned(), before });
        }
        *place = Some(self.entries.len());
        self.entries.push(Entry { pattern: pattern.to_owned(), value, was_found: AtomicBool::new(false) });
        Ok(())
    }

    /// The value of the most specific pattern that fits a path.
    pub fn find(&self, path: &[u8]) -> Option<&T> {
        let _ =
            self.looks.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |looks| (looks < LOOKS).then(|| looks + 1));
        let segments: Vec<_> = path.strip_prefix(b"/")?.split(|byte| *byte == b'/').map(decoded).collect();
        let entry = &self.entries[self.root.find(&segments)?];
        entry.was_found.store(true, Ordering::Relaxed);
        entry.value.as_ref()
    }

    /// The patterns that none of the first 25 paths fitted, each once: a slip in them would show in nothing else. For
    /// development.
    pub fn unused(&self) -> Vec<Event> {
        if self.looks.load(Ordering::Relaxed) < LOOKS {
            return Vec::new();
        }
        let unused = self.entries.iter().filter(|entry| !entry.was_found.swap(true, Ordering::Relaxed));
        unused.map(|entry| unused_event(&entry.pattern)).collect()
    }
}

fn unused_event(pattern: &str) -> Event {
    let message = format!(
        "the pattern of a policy has fitted none of the first {LOOKS} pages: compare it with their paths, which begin below \
         the app's mount point"
    );
    Event::new(Level::Warning, "policy-unused", pattern, message)
}

impl Node {
    /// The index of the most specific entry that fits; every node is looked at once at most.
    fn find(&self, segments: &[Vec<u8>]) -> Option<usize> {
        let Some((first, others)) = segments.split_first() else { return self.end };
        let text = self.texts.get(first.as_slice()).and_then(|node| node.find(others));
        let one = || self.one.as_ref().filter(|_| !first.is_empty()).and_then(|node| node.find(others));
        text.or_else(one).or(self.rest)
    }

    /// The node at the end of a pattern, made where there is none.
    fn at(&mut self, parts: &[Part]) -> &mut Self {
        let mut node = self;
        for part in parts {
            node = match part {
                Part::Text(text) => node.texts.entry(text.clone()).or_default(),
                Part::One => node.one.get_or_insert_default(),
                Part::Rest => node,
            };
        }
        node
    }
}

#[cfg(test)]
mod tests;
