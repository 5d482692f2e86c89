//! Why a page cannot be split.

use super::directive::OPTIONS;
use crate::Error;
use crate::placeholder::OptionError;
use crate::props::PropsError;

/// What is wrong at one place of a page, and what to do about it. Holds names as the page's author wrote them, never the
/// value of a prop.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Problem {
    /// A `server:…` attribute that does not exist.
    #[error("the attribute {name:?} does not exist: {}", instead(*.nearest))]
    AttributeUnknown {
        /// The attribute as written.
        name: String,
        /// The known name, without `server:`, that was probably meant.
        nearest: Option<&'static str>,
    },
    /// A `server:…` attribute on an element that is no island.
    #[error("{0:?} is on an element without `server:defer`: add `server:defer`, or remove the attribute")]
    WithoutDefer(String),
    /// The same `server:…` attribute twice.
    #[error("the attribute {0:?} is there twice: remove one of the two")]
    AttributeTwice(String),
    /// An island element without a name.
    #[error("<{0}> is an HTML element, so `server:defer` needs the island's name: <{0} server:defer=\"Name\">")]
    NameMissing(String),
    /// A name that does not follow the grammar.
    #[error(
        "{0:?} is not an island name: use a letter, then up to 63 of letters, digits, '_', '.' and '-', and do not start with \"loader.\" or \"island.\""
    )]
    NameInvalid(String),
    /// A name that is not declared.
    #[error(
        "no island is declared under the name {name:?}: {}register a handler for it, or declare it as answered elsewhere",
        crate::nearest::hint(nearest.as_ref())
    )]
    NameUnknown {
        /// The name.
        name: String,
        /// A declared one that may have been meant.
        nearest: Option<crate::IslandName>,
    },
    /// An element that cannot hold an island.
    #[error("<{0}> cannot be an island ({1}): put the island into an element that can hold markup")]
    ElementUnsuitable(String, &'static str),
    /// `<div server:defer="X" />`.
    #[error("`/>` does not end the HTML element <{0}>: write <{0} …></{0}>")]
    ElementSelfClosing(String),
    /// An attribute that the placeholder needs for itself.
    #[error("the attribute {0:?} belongs to the placeholder: remove it from the island's element")]
    AttributeReserved(String),
    /// An island without its end tag.
    #[error("<{0}> has no matching end tag: an island ends with </{0}>, also where HTML lets it be omitted")]
    Unclosed(String),
    /// An island that leaves something open that changes how the rest of the page is read.
    #[error("<{0}> leaves an svg, math or template open: close it before </{0}>")]
    Unbalanced(String),
    /// A text element or CDATA section after a tag of which nobody can tell whether it closes an svg, math or template
    /// that is open.
    #[error(
        "it depends on the whole page whether {tag} closes the <{open}> that is open here, and so whether the next \
         <style>, <script>, <title> or CDATA section is text or markup: close <{open}> before {tag}"
    )]
    Unclear {
        /// What is open.
        open: &'static str,
        /// The tag.
        tag: String,
    },
    /// An element that holds text after `<frameset>`.
    #[error("a page with <frameset> drops nearly everything after it, text elements too: remove the <frameset>")]
    Frameset,
    /// A page that breaks off inside a tag with a directive.
    #[error("the page ends inside this tag: close it with `>`")]
    Unfinished,
    /// A `server:…` attribute with an unusable value.
    #[error("server:{attribute}: {reason}")]
    Option {
        /// The attribute's name without `server:`.
        attribute: &'static str,
        /// What is wrong with it and what would be right.
        reason: OptionError,
    },
    /// Props that are not one JSON object.
    #[error("server:props is not one JSON object: {0}")]
    Props(PropsError),
    /// The same prop twice.
    #[error("the prop {0:?} is there twice: remove one of the two")]
    PropTwice(String),
    /// Text that travels sealed and is not UTF-8.
    #[error("{0} is not UTF-8: pages in other encodings can hold islands, but what is sealed must be UTF-8")]
    NotUtf8(&'static str),
    /// A directive in a page in UTF-16 or UTF-32.
    #[error(
        "a page in UTF-16 or UTF-32 cannot be split: answer in UTF-8 (it holds a directive, with its props in clear)"
    )]
    Encoding,
    /// An island where nothing may be sealed.
    #[error(
        "the page was answered outside of the inner station, where the visitor is not known, so the island stays at its \
         fallback: let what answers the page stand inside of the inner station"
    )]
    Unsealed,
    /// Sealing failed.
    #[error("{0}")]
    Sealing(Box<Error>),
    /// A token that would expire before the shell.
    #[error(
        "the island's token lives {ttl} seconds, but caches may keep this shell for {life}: use a longer time to live or a shorter policy"
    )]
    TtlTooShort {
        /// The token's time to live in seconds.
        ttl: u32,
        /// The shell's life in seconds.
        life: u32,
    },
    /// Too many islands.
    #[error("the page holds more than {0} islands: raise the limit, or render lists as one island")]
    TooMany(usize),
    /// Too many slots on one island.
    #[error("the island has more than {0} slots: pass props instead")]
    TooManySlots(usize),
    /// An island that is too long.
    #[error("the island is longer than {0} bytes: raise the limit, or move its content into the handler")]
    TooLong(usize),
    /// A tag that is too long to wait for its end in a streamed page.
    #[error("the tag is longer than {0} bytes: a streamed page cannot wait for its end")]
    TagTooLong(usize),
    /// Islands nested too deeply.
    #[error("islands are nested more than {0} deep: close each with its end tag, also where HTML lets it be omitted")]
    TooDeep(usize),
}

/// What to write in place of an attribute that does not exist.
fn instead(nearest: Option<&'static str>) -> String {
    nearest.map_or_else(
        || format!("`server:` is followed by defer, props, {}", OPTIONS.join(", ")),
        |nearest| format!("write `server:{nearest}`"),
    )
}

impl Problem {
    /// A stable, lower-case code for logs, bindings and tests.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::AttributeUnknown { .. } => "attribute-unknown",
            Self::WithoutDefer(_) => "without-defer",
            Self::AttributeTwice(_) => "attribute-twice",
            Self::NameMissing(_) => "name-missing",
            Self::NameInvalid(_) => "name-invalid",
            Self::NameUnknown { .. } => "name-unknown",
            Self::ElementUnsuitable(..) => "element-unsuitable",
            Self::ElementSelfClosing(_) => "element-self-closing",
            Self::AttributeReserved(_) => "attribute-reserved",
            Self::Unclosed(_) => "unclosed",
            Self::Unbalanced(_) => "unbalanced",
            Self::Unclear { .. } => "unclear",
            Self::Frameset => "frameset",
            Self::Unfinished => "unfinished",
            Self::Option { .. } => "option",
            Self::Props(_) => "props",
            Self::PropTwice(_) => "prop-twice",
            Self::NotUtf8(_) => "not-utf8",
            Self::Encoding => "page-encoding",
            Self::Unsealed => "unsealed",
            Self::Sealing(error) => error.code(),
            Self::TtlTooShort { .. } => "ttl-too-short",
            Self::TooMany(_) => "too-many-islands",
            Self::TooManySlots(_) => "too-many-slots",
            Self::TooLong(_) => "island-too-long",
            Self::TagTooLong(_) => "tag-too-long",
            Self::TooDeep(_) => "too-deep",
        }
    }

    /// Whether the page is over a limit, which no way of going on can mend.
    pub(crate) fn is_limit(&self) -> bool {
        matches!(self, Self::TooMany(_) | Self::TooManySlots(_) | Self::TooLong(_) | Self::TagTooLong(_))
    }
}
