//! Shells: pages split whole, chunk by chunk, or once for many renderings.

pub(crate) mod input;
mod loader;
mod output;
mod plan;
mod prepared;
mod problems;
mod reader;
mod render;
mod splitter;

use std::borrow::Cow;
use std::fmt;

use input::{Input, START};
use output::Output;
pub use prepared::{Prepared, Rendering};
pub use problems::{Diagnostic, DiagnosticKind};
use problems::{Mode, Problems};
use reader::Reader;
pub use splitter::{Segments, Splitter};

use crate::html::{Problem, directive, wide};
use crate::placeholder::fetch::Scene;
use crate::redacted::Length;
use crate::{Context, Error, IslandName, Islands};

/// A split page. Holds the page's own bytes by reference, so that it costs no copy until it is written.
pub struct Shell<'p> {
    page: &'p [u8],
    output: Output,
    problems: Problems,
}

impl fmt::Debug for Shell<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Shell")
            .field("html", &Length(self.len()))
            .field("islands", &self.islands())
            .field("problems", &self.problems.errors)
            .field("diagnostics", &self.problems.diagnostics)
            .finish()
    }
}

impl<'p> Shell<'p> {
    /// A page that goes out as it is.
    pub(crate) fn plain(page: &'p [u8]) -> Self {
        Self { page, output: Output::default(), problems: Problems::new(Mode::Strict) }
    }

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
        &self.problems.errors
    }

    /// What the page's author should know.
    #[must_use]
    pub fn diagnostics(&self) -> &[Diagnostic] {
        &self.problems.diagnostics
    }
}

impl Islands {
    /// Splits a whole page. One substring search detects a page without a directive, which comes back untouched.
    ///
    /// ```
    /// # let keys = eyot::KeyRing::parse("p3Qm0Wv9yJ5sT1xL8bN4eR7uA2dF6gH0kC3iZ5oVqXM=")?;
    /// # let islands = eyot::Islands::builder(keys).island("CartCount").build()?;
    /// use eyot::Context;
    ///
    /// let page = b"<p>Cart: <CartCount server:defer><i slot=\"fallback\">0</i></CartCount></p>";
    /// let now = 1_800_000_000; // Unix seconds, from the host's clock
    /// let shell = islands.split(page, &Context::at(now))?;
    /// let html = String::from_utf8_lossy(&shell.into_bytes()).into_owned();
    /// assert!(html.contains("<server-island island=\"CartCount\" island-src=\"/_server-islands/CartCount/"));
    /// assert!(html.ends_with("<i>0</i></server-island></p>"));
    /// # Ok::<(), eyot::Error>(())
    /// ```
    ///
    /// # Errors
    /// The first [`Error::Markup`], with its place.
    pub fn split<'p>(&self, page: &'p [u8], context: &Context<'_>) -> Result<Shell<'p>, Error> {
        self.split_page(page, context, Mode::Strict)
    }

    /// Splits a whole page whatever is wrong with it, as in production: a faulty island becomes its fallback (in its
    /// element, if that is one of HTML's), an unclosed one loses its start tag (an HTML element only the directive), no
    /// directive goes out, and [`Shell::problems`] says what was wrong. Such a page must not be cached.
    ///
    /// ```
    /// # let keys = eyot::KeyRing::parse("p3Qm0Wv9yJ5sT1xL8bN4eR7uA2dF6gH0kC3iZ5oVqXM=")?;
    /// # let islands = eyot::Islands::builder(keys).island("CartCount").build()?;
    /// use eyot::Context;
    ///
    /// let page = b"<p><CatrCount server:defer><i slot=\"fallback\">0</i></CatrCount></p>";
    /// let shell = islands.split_lenient(page, &Context::at(1_800_000_000))?;
    /// assert_eq!(shell.problems()[0].code(), "name-unknown");
    /// assert_eq!(&*shell.into_bytes(), b"<p><i>0</i></p>");
    /// # Ok::<(), eyot::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`Error::Markup`] for a page over the limits.
    pub fn split_lenient<'p>(&self, page: &'p [u8], context: &Context<'_>) -> Result<Shell<'p>, Error> {
        self.split_page(page, context, Mode::Lenient)
    }

    fn split_page<'p>(&self, page: &'p [u8], context: &Context<'_>, mode: Mode) -> Result<Shell<'p>, Error> {
        if let Some(has_directive) = wide::directive_in(page) {
            let mut problems = Problems::new(mode);
            if has_directive {
                problems.report_at(Problem::Encoding, START)?;
            }
            return Ok(Shell { page, output: Output::default(), problems });
        }
        let Some(first) = directive::find(page, 0) else {
            return Ok(Shell { page, output: Output::default(), problems: Problems::new(mode) });
        };
        let mut output = Output::whole();
        let keys = self.keys();
        let scene = Scene { config: &self.config, keys: &keys, context };
        let input = Input::whole(page);
        let mut reader = Reader::new(mode).starting_at(first);
        output.read(&mut reader, scene, input)?;
        if output.done > 0 {
            output.finish(&mut reader, scene, input);
        }
        Ok(Shell { page, output, problems: reader.problems })
    }
}
