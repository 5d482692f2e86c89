//! The `server:` attributes: finding the places where one may stand, and reading those of one tag.

use std::ops::Range;
use std::sync::LazyLock;

use memchr::memmem::Finder;

use super::Problem;
use super::attributes::{Attribute, Attributes};
use super::decode;
use super::tag::Tag;
use crate::nearest;

/// What every directive starts with; lower case alone, so that one substring search finds all of them.
pub(crate) const NAMESPACE: &[u8] = b"server:";

/// The attributes of the namespace that are not options.
const DEFER: &[u8] = b"defer";
const PROPS: &[u8] = b"props";
const PLACED: &[u8] = b"placed";

/// The attribute by which helpers mark the placeholders that they write, with the space before it: a split takes it out,
/// and gives the page the loader's tags.
pub(crate) const MARK: &str = " server:placed";

/// The attributes of the namespace that are options of an island, in the order in which a [`Directive`] holds them.
pub(crate) const OPTIONS: [&str; 10] =
    ["key", "when", "keep", "refresh", "redirect", "timeout", "page", "seal", "ttl", "deliver"];

static NEEDLE: LazyLock<Finder<'static>> = LazyLock::new(|| Finder::new(NAMESPACE));

/// The position of the first `server:` at or after `from` that a lower-case letter follows: known names and mistyped ones,
/// which must not leave either.
pub(crate) fn find(buffer: &[u8], from: usize) -> Option<usize> {
    let rest = buffer.get(from..)?;
    NEEDLE.find_iter(rest).map(|found| from + found).find(|at| begins_name(&buffer[at + NAMESPACE.len()..]))
}

/// How many bytes at a buffer's end may be the beginning of a directive that [`find`] cannot see yet.
pub(crate) const OVERLAP: usize = NAMESPACE.len();

fn begins_name(rest: &[u8]) -> bool {
    rest.first().is_some_and(u8::is_ascii_lowercase)
}

/// The `server:` attributes of one tag; the ranges are of decoded values in the text that [`read`] appended to.
#[derive(Debug, Default, Clone)]
pub(crate) struct Directive {
    /// The value of `server:defer`, or `None` where the attribute has none.
    pub(crate) name: Option<Range<usize>>,
    pub(crate) props: Option<Range<usize>>,
    pub(crate) options: [Option<Range<usize>>; OPTIONS.len()],
}

/// What the `server:` attributes of one tag come to.
#[derive(Debug)]
#[expect(clippy::large_enum_variant, reason = "one lives for one tag, and a box would cost each island an allocation")]
pub(crate) enum Found {
    /// There are none.
    Nothing,
    /// There is none but the mark of a placeholder that a helper wrote.
    Placed,
    /// There are some, but no `server:defer`: the problem, and the position of the attribute that has it.
    WithoutDefer(Problem, usize),
    /// The tag asks for an island. What is wrong with the attributes waits until it is known whether the element can be
    /// one at all.
    Island(Result<Directive, (Problem, usize)>),
}

/// Whether an attribute is of the namespace. `server:` and anything but a lower-case letter is an attribute like others.
pub(crate) fn is_server(attribute: &Attribute, buffer: &[u8]) -> bool {
    attribute.name(buffer).strip_prefix(NAMESPACE).is_some_and(begins_name)
}

/// Whether an attribute is the mark of a placeholder that a helper wrote.
pub(crate) fn is_mark(attribute: &Attribute, buffer: &[u8]) -> bool {
    attribute.name(buffer).strip_prefix(NAMESPACE) == Some(PLACED)
}

/// Whether the name that [`find`] found at `at` in a text is the mark's and no directive's; `None` where the text ends too
/// early to tell.
pub(crate) fn names_mark(text: &[u8], at: usize) -> Option<bool> {
    let name = text.get(at + NAMESPACE.len()..)?;
    match name.strip_prefix(PLACED) {
        Some(rest) => rest.first().map(|next| next.is_ascii_whitespace() || b"=/>".contains(next)),
        None if PLACED.starts_with(name) => None,
        None => Some(false),
    }
}

/// Reads the `server:` attributes of a start tag; decoded values go to the end of `text`.
pub(crate) fn read(buffer: &[u8], tag: &Tag, text: &mut Vec<u8>) -> Found {
    let mut directive = Directive::default();
    let mut defers = false;
    let mut first = None;
    let mut mark = None;
    let mut problem = None;
    for attribute in Attributes::of(buffer, tag).filter(|attribute| is_server(attribute, buffer)) {
        if is_mark(&attribute, buffer) {
            mark.get_or_insert(attribute);
            continue;
        }
        first.get_or_insert(attribute);
        let name = &attribute.name(buffer)[NAMESPACE.len()..];
        let is_defer = name == DEFER;
        let is_again = is_defer && defers;
        defers |= is_defer;
        // After a problem only whether this is to be an island is still of interest.
        if problem.is_none() {
            problem =
                directive.take(buffer, &attribute, is_again, text).err().map(|problem| (problem, attribute.name_start));
        }
    }
    if let Some(mark) = mark.filter(|_| defers) {
        problem.get_or_insert((Problem::AttributeReserved(full(buffer, &mark)), mark.name_start));
    }
    match (first, problem) {
        (None, _) if mark.is_some() => Found::Placed,
        (None, _) => Found::Nothing,
        (Some(_), problem) if defers => Found::Island(problem.map_or(Ok(directive), Err)),
        (Some(_), Some((problem @ Problem::AttributeUnknown { .. }, at))) => Found::WithoutDefer(problem, at),
        (Some(attribute), _) => {
            Found::WithoutDefer(Problem::WithoutDefer(full(buffer, &attribute)), attribute.name_start)
        }
    }
}

/// An attribute's name as the page's author wrote it.
fn full(buffer: &[u8], attribute: &Attribute) -> String {
    String::from_utf8_lossy(attribute.name(buffer)).into_owned()
}

impl Directive {
    /// Takes note of one attribute; `is_again` says that it is a second `server:defer`.
    fn take(
        &mut self,
        buffer: &[u8],
        attribute: &Attribute,
        is_again: bool,
        text: &mut Vec<u8>,
    ) -> Result<(), Problem> {
        let name = &attribute.name(buffer)[NAMESPACE.len()..];
        let value = attribute.value(buffer).map(|raw| {
            let start = text.len();
            decode::attribute_value(raw, text);
            start..text.len()
        });
        let is_twice = if name == DEFER {
            self.name = value;
            is_again
        } else {
            let place = self.place(name).ok_or_else(|| unknown(name, full(buffer, attribute)))?;
            place.replace(value.unwrap_or(text.len()..text.len())).is_some()
        };
        if is_twice { Err(Problem::AttributeTwice(full(buffer, attribute))) } else { Ok(()) }
    }

    fn place(&mut self, name: &[u8]) -> Option<&mut Option<Range<usize>>> {
        if name == PROPS {
            return Some(&mut self.props);
        }
        let index = OPTIONS.iter().position(|option| option.as_bytes() == name)?;
        self.options.get_mut(index)
    }
}

/// The problem of a name that does not exist, with the known one that its author may have meant.
fn unknown(name: &[u8], full: String) -> Problem {
    let known = ["defer", "props"].into_iter().chain(OPTIONS);
    Problem::AttributeUnknown { name: full, nearest: nearest(name, known) }
}

#[cfg(test)]
mod tests {
    use super::{MARK, NAMESPACE, PLACED, Problem, find, names_mark, unknown};

    #[test]
    fn a_name_that_does_not_exist_names_the_nearest_that_does() {
        let cases = [
            ("deffer", Some("defer")),
            ("defre", Some("defer")),
            ("prop", Some("props")),
            ("wehn", Some("when")),
            ("refesh", Some("refresh")),
            ("time-out", Some("timeout")),
            ("colour", None),
            ("x", None),
            ("deferdeferdeferdefer", None),
        ];
        for (name, nearest) in cases {
            let name = name.to_owned();
            let expected = Problem::AttributeUnknown { name: name.clone(), nearest };
            assert_eq!(unknown(name.as_bytes(), name.clone()), expected);
        }
    }

    #[test]
    fn the_mark_is_a_name_of_the_namespace() {
        assert_eq!(MARK.as_bytes(), [b" ", NAMESPACE, PLACED].concat());
    }

    #[test]
    fn a_text_names_the_mark_where_nothing_follows_the_name() {
        for text in ["server:placed ", "server:placed>", "server:placed=\"\"", "server:placed/>"] {
            assert_eq!(names_mark(text.as_bytes(), 0), Some(true), "{text}");
        }
        for text in ["server:defer", "server:placedx ", "server:play"] {
            assert_eq!(names_mark(text.as_bytes(), 0), Some(false), "{text}");
        }
        for text in ["server:p", "server:placed"] {
            assert_eq!(names_mark(text.as_bytes(), 0), None, "{text}");
        }
    }

    #[test]
    fn only_a_lower_case_letter_after_the_colon_makes_a_name() {
        let page = b"server: server:Defer server:-a server:x";
        assert_eq!(find(page, 0), Some(31));
        assert_eq!(find(b"server:", 0), None);
    }
}
