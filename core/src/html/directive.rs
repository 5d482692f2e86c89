//! The `server:` attributes: finding the places where one may stand, and reading those of one tag.

use std::ops::Range;
use std::sync::LazyLock;

use memchr::memmem::Finder;

use super::Problem;
use super::attributes::{Attribute, Attributes};
use super::decode;
use super::scanner::Tag;

/// What every directive starts with; lower case alone, so that one substring search finds all of them.
pub(crate) const NAMESPACE: &[u8] = b"server:";

/// The attributes of the namespace that are not options.
const DEFER: &[u8] = b"defer";
const PROPS: &[u8] = b"props";

/// The attributes of the namespace that are options of an island, in the order in which a [`Directive`] holds them.
pub(crate) const OPTIONS: [&str; 10] =
    ["key", "when", "keep", "refresh", "redirect", "timeout", "page", "seal", "ttl", "deliver"];

static NEEDLE: LazyLock<Finder<'static>> = LazyLock::new(|| Finder::new(NAMESPACE));

/// The position of the first `server:` at or after `from` that one of the namespace's names follows.
pub(crate) fn find(buffer: &[u8], from: usize) -> Option<usize> {
    let rest = buffer.get(from..)?;
    NEEDLE.find_iter(rest).map(|found| from + found).find(|at| is_name(&buffer[at + NAMESPACE.len()..]))
}

/// How many bytes at a buffer's end may be the beginning of a directive that [`find`] cannot see yet.
pub(crate) const OVERLAP: usize = NAMESPACE.len() + 8 - 1;

fn is_name(rest: &[u8]) -> bool {
    rest.starts_with(DEFER) || rest.starts_with(PROPS) || OPTIONS.iter().any(|name| rest.starts_with(name.as_bytes()))
}

/// The `server:` attributes of one tag; the ranges are of decoded values in the text that [`read`] appended to.
#[derive(Debug, Default, Clone)]
pub(crate) struct Directive {
    /// The value of `server:defer`, or `None` where the attribute has none.
    pub(crate) name: Option<Range<usize>>,
    pub(crate) props: Option<Range<usize>>,
    pub(crate) options: [Option<Range<usize>>; OPTIONS.len()],
}

/// Whether an attribute is of the namespace.
pub(crate) fn is_server(attribute: &Attribute, buffer: &[u8]) -> bool {
    attribute.name(buffer).starts_with(NAMESPACE)
}

/// Reads the `server:` attributes of a start tag; decoded values go to the end of `text`. `None` when there are none.
///
/// # Errors
/// The problem and the position of the attribute that has it.
pub(crate) fn read(buffer: &[u8], tag: &Tag, text: &mut Vec<u8>) -> Result<Option<Directive>, (Problem, usize)> {
    let mut directive = Directive::default();
    let mut defer = false;
    let mut first = None;
    for attribute in Attributes::of(buffer, tag).filter(|attribute| is_server(attribute, buffer)) {
        let at = attribute.name_start;
        let full = || String::from_utf8_lossy(attribute.name(buffer)).into_owned();
        let name = &attribute.name(buffer)[NAMESPACE.len()..];
        first.get_or_insert(attribute);
        let value = attribute.value(buffer).map(|raw| {
            let start = text.len();
            decode::attribute_value(raw, text);
            start..text.len()
        });
        let twice = if name == DEFER {
            directive.name = value;
            std::mem::replace(&mut defer, true)
        } else {
            let place = directive.place(name).ok_or_else(|| (Problem::AttributeUnknown(full()), at))?;
            place.replace(value.unwrap_or(text.len()..text.len())).is_some()
        };
        if twice {
            return Err((Problem::AttributeTwice(full()), at));
        }
    }
    match first {
        _ if defer => Ok(Some(directive)),
        None => Ok(None),
        Some(attribute) => {
            let name = String::from_utf8_lossy(attribute.name(buffer)).into_owned();
            Err((Problem::WithoutDefer(name), attribute.name_start))
        }
    }
}

impl Directive {
    fn place(&mut self, name: &[u8]) -> Option<&mut Option<Range<usize>>> {
        if name == PROPS {
            return Some(&mut self.props);
        }
        let index = OPTIONS.iter().position(|option| option.as_bytes() == name)?;
        self.options.get_mut(index)
    }
}
