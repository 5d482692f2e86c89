//! What is inside an island: the fallback and the error slot, which stay in the shell, and the slots that travel sealed.

use std::borrow::Cow;
use std::fmt;

use crate::Error;
use crate::html::directive::MARK;
use crate::props::append_string;
use crate::redacted::Length;

/// An island's content, for placeholders that are written without the HTML pass.
///
/// ```
/// use eyot::Slots;
///
/// let slots = Slots::with_fallback(b"<i>0</i>").with_sealed(&[("header", "<h2>Your cart</h2>")]);
/// assert_eq!(slots.sealed.len(), 1);
/// ```
#[derive(Clone, Copy, Default)]
#[non_exhaustive]
pub struct Slots<'a> {
    /// HTML shown until the island is there.
    pub fallback: &'a [u8],
    /// HTML shown when the island cannot be loaded.
    pub error: Option<&'a [u8]>,
    /// Names and HTML of the slots that reach the handler, in order.
    pub sealed: &'a [(&'a str, &'a str)],
}

impl<'a> Slots<'a> {
    /// No content but a fallback.
    #[must_use]
    pub fn with_fallback(fallback: &'a [u8]) -> Self {
        Self { fallback, ..Self::default() }
    }

    /// The same with an error slot, or without one.
    #[must_use]
    pub fn with_error(self, error: impl Into<Option<&'a [u8]>>) -> Self {
        Self { error: error.into(), ..self }
    }

    /// The same with slots that travel sealed.
    #[must_use]
    pub fn with_sealed(self, sealed: &'a [(&'a str, &'a str)]) -> Self {
        Self { sealed, ..self }
    }
}

impl fmt::Debug for Slots<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sealed: Vec<_> = self.sealed.iter().map(|(name, html)| (name, Length::of(html))).collect();
        f.debug_struct("Slots")
            .field("fallback", &Length::of(self.fallback))
            .field("error", &self.error.map(Length::of))
            .field("sealed", &sealed)
            .finish()
    }
}

/// Writes the slots' part of a payload: a JSON object of strings, or nothing when there are none.
#[derive(Debug)]
pub(crate) struct SlotsJson<'o> {
    out: &'o mut Vec<u8>,
    start: usize,
}

impl<'o> SlotsJson<'o> {
    pub(crate) fn new(out: &'o mut Vec<u8>) -> Self {
        let start = out.len();
        Self { out, start }
    }

    pub(crate) fn slot(&mut self, name: &str, html: &str) {
        self.out.push(if self.out.len() == self.start { b'{' } else { b',' });
        append_string(name, self.out);
        self.out.push(b':');
        append_string(html, self.out);
    }

    pub(crate) fn finish(self) {
        if self.out.len() > self.start {
            self.out.push(b'}');
        }
    }
}

/// HTML without the marks of placeholders, as helpers write them.
fn unmarked(html: &str) -> Cow<'_, str> {
    if !html.contains(MARK) {
        return Cow::Borrowed(html);
    }
    let attribute = " island=\"";
    Cow::Owned(html.replace(&format!("{MARK}{attribute}"), attribute))
}

impl Slots<'_> {
    /// Appends the slots' part of the payload. They go to a handler whose answer may not be split, so that placeholders in
    /// them lose their mark here.
    ///
    /// # Errors
    /// [`Error::Option`] when a name is there twice.
    pub(crate) fn append_json(&self, out: &mut Vec<u8>) -> Result<(), Error> {
        let mut json = SlotsJson::new(out);
        for (index, (name, html)) in self.sealed.iter().enumerate() {
            if self.sealed[..index].iter().any(|(earlier, _)| earlier == name) {
                return Err(Error::Option {
                    option: "slots".into(),
                    reason: format!("the slot {name:?} is there twice"),
                });
            }
            json.slot(name, &unmarked(html));
        }
        json.finish();
        Ok(())
    }
}
