//! A placeholder in its parts, as a template tag or function has them.

use super::{Options, Slots};
use crate::Props;

/// One island that is written without the HTML pass: its name, and what is not at its default.
///
/// ```
/// use eyot::placeholder::{Options, Placeholder};
/// use eyot::Slots;
///
/// let mut options = Options::default();
/// options.set("when", "visible")?;
/// let cart = Placeholder::new("CartCount").with_slots(Slots::with_fallback(b"<i>0</i>")).with_options(options);
/// assert_eq!(cart.name, "CartCount");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, Copy)]
#[non_exhaustive]
pub struct Placeholder<'a> {
    /// The island's name, as declared.
    pub name: &'a str,
    /// Its props.
    pub props: Props<'a>,
    /// Its content.
    pub slots: Slots<'a>,
    /// Its options.
    pub options: Options<'a>,
}

impl<'a> Placeholder<'a> {
    /// An island without props, content and options.
    #[must_use]
    pub fn new(name: &'a str) -> Self {
        Self { name, props: Props::NONE, slots: Slots::default(), options: Options::default() }
    }

    /// The same with props.
    #[must_use]
    pub fn with_props(self, props: Props<'a>) -> Self {
        Self { props, ..self }
    }

    /// The same with content.
    #[must_use]
    pub fn with_slots(self, slots: Slots<'a>) -> Self {
        Self { slots, ..self }
    }

    /// The same with options.
    #[must_use]
    pub fn with_options(self, options: Options<'a>) -> Self {
        Self { options, ..self }
    }
}
