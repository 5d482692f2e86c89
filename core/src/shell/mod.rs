//! Shells: pages split whole, chunk by chunk, or once for many renderings.

pub(crate) mod input;
mod output;
mod plan;
mod prepared;
mod reader;
mod render;
mod splitter;

use std::borrow::Cow;

use input::Input;
use output::Output;
pub use prepared::{Prepared, Rendering};
use reader::Reader;
pub use splitter::{Segments, Splitter};

use crate::html::directive;
use crate::placeholder::fetch::Scene;
use crate::{Context, Error, IslandName, Islands, Position};

/// Something that is no error and that the page's author should know.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Diagnostic {
    /// A stable, lower-case code.
    pub code: &'static str,
    /// What it means and what to do.
    pub message: String,
    /// Where.
    pub at: Position,
}

impl Diagnostic {
    pub(crate) fn new(code: &'static str, at: Position) -> Self {
        let message = match code {
            "directive-in-comment" => "a directive in a comment is no island: it goes out as it stands, props in clear",
            "directive-in-noscript" => {
                "a directive in <noscript> is no island: it goes out as it stands, props in clear"
            }
            _ => "",
        };
        Self { code, message: message.to_owned(), at }
    }
}

/// A split page. Holds the page's own bytes by reference, so that it costs no copy until it is written.
#[derive(Debug)]
pub struct Shell<'p> {
    page: &'p [u8],
    output: Output,
    problems: Vec<Error>,
    diagnostics: Vec<Diagnostic>,
}

impl<'p> Shell<'p> {
    /// Whether the page holds no directive: it goes out as it came.
    #[must_use]
    pub fn is_untouched(&self) -> bool {
        self.output.segments.is_empty() && self.output.done == 0
    }

    /// The shell's length in bytes.
    #[must_use]
    pub fn len(&self) -> usize {
        self.segments().map(<[u8]>::len).sum()
    }

    /// Whether the shell has no bytes.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The shell in order, in parts: for hosts that can write a list.
    pub fn segments(&self) -> impl Iterator<Item = &[u8]> {
        let untouched = self.is_untouched().then_some(self.page);
        untouched.into_iter().chain(Segments::new(self.page, &self.output.own, &self.output.segments))
    }

    /// Appends the shell to `out`.
    pub fn write_to(&self, out: &mut Vec<u8>) {
        out.reserve(self.len());
        for segment in self.segments() {
            out.extend_from_slice(segment);
        }
    }

    /// The shell as one piece; borrowed where the page is untouched.
    #[must_use]
    pub fn into_bytes(self) -> Cow<'p, [u8]> {
        if self.is_untouched() {
            return Cow::Borrowed(self.page);
        }
        let mut out = Vec::new();
        self.write_to(&mut out);
        Cow::Owned(out)
    }

    /// The names of the page's islands, in the order in which they are sealed.
    #[must_use]
    pub fn islands(&self) -> &[IslandName] {
        &self.output.written
    }

    /// What was wrong with the page and has been left out; always empty after a strict split.
    #[must_use]
    pub fn problems(&self) -> &[Error] {
        &self.problems
    }

    /// What the page's author should know.
    #[must_use]
    pub fn diagnostics(&self) -> &[Diagnostic] {
        &self.diagnostics
    }
}

impl Islands {
    /// Splits a whole page. A page without a directive comes back untouched, found out by a substring search alone.
    ///
    /// # Errors
    /// The first [`Error::Markup`], with its place.
    pub fn split<'p>(&self, page: &'p [u8], context: &Context<'_>) -> Result<Shell<'p>, Error> {
        self.split_page(page, context, true)
    }

    /// Splits a whole page whatever is wrong with it, as in production: of a faulty island its fallback is left (in its
    /// element, if that is one of HTML's), an unclosed one loses its start tag (an HTML element only the directive), no
    /// directive goes out, and [`Shell::problems`] says what was wrong. Such a page
    /// must not be cached.
    ///
    /// # Errors
    /// [`Error::Markup`] for a page over the limits.
    pub fn split_lenient<'p>(&self, page: &'p [u8], context: &Context<'_>) -> Result<Shell<'p>, Error> {
        self.split_page(page, context, false)
    }

    fn split_page<'p>(&self, page: &'p [u8], context: &Context<'_>, strict: bool) -> Result<Shell<'p>, Error> {
        let Some(first) = directive::find(page, 0) else {
            return Ok(Shell { page, output: Output::default(), problems: Vec::new(), diagnostics: Vec::new() });
        };
        let mut output = Output::with_room();
        let keys = self.keys();
        let scene = Scene { config: &self.config, keys: &keys, context };
        let input = Input::whole(page);
        let mut reader = Reader::new(strict).starting_at(first);
        output.read(&mut reader, scene, input, strict, false)?;
        if output.done > 0 {
            output.finish(&mut reader, scene, input);
        }
        Ok(Shell { page, output, problems: reader.problems, diagnostics: reader.diagnostics })
    }
}
