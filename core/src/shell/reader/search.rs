//! Forward searches over a page that comes in windows.

use crate::shell::input::Input;

/// A forward search that remembers what it found and how far it looked, so that no byte is searched twice.
#[derive(Debug, Default)]
pub(super) struct Search {
    found: Option<usize>,
    looked: usize,
}

impl Search {
    /// A search whose first hit is known.
    pub(super) fn found_at(first: usize) -> Self {
        Self { found: Some(first), looked: first }
    }

    /// The first hit at or after `from`; a hit may begin in the last `overlap` bytes of the input and not be seen yet.
    pub(super) fn next(
        &mut self,
        input: Input<'_>,
        from: usize,
        overlap: usize,
        find: impl Fn(&[u8], usize) -> Option<usize>,
    ) -> Option<usize> {
        // What was found further on is still the next hit; without one, only what has come since is looked at.
        if self.found.is_none_or(|found| found < from) {
            let start = from.max(self.looked).max(input.base);
            self.found = find(input.bytes, start - input.base).map(|found| found + input.base);
            self.looked = self.found.unwrap_or(start.max(input.end().saturating_sub(overlap)));
        }
        self.found
    }
}
