//! The app's mount point: a type that cannot hold a path that a browser would read as another origin.

use std::fmt;

use crate::Error;

/// Where an app is mounted (`SCRIPT_NAME`, `root_path`, `baseUrl`), as it stands in URLs: empty, or `/shop`. Pages begin
/// their URLs with it, and a proxy's header may have brought it, so that `//evil.example` would load a script from there.
///
/// ```
/// use eyot::{Mount, MountProblem};
///
/// assert_eq!(Mount::new("/shop/")?.as_str(), "/shop");
/// assert_eq!(Mount::new("//evil.example"), Err(MountProblem::EmptySegment));
/// # Ok::<(), MountProblem>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Mount<'a>(&'a str);

/// Why a text is no mount point.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, thiserror::Error)]
#[non_exhaustive]
pub enum MountProblem {
    /// It does not start with a slash.
    #[error("a mount point starts with '/', as in \"/shop\"")]
    Relative,
    /// Two slashes in a row, which a browser reads as another origin at the beginning of a URL.
    #[error("a mount point has no empty segment (\"//\")")]
    EmptySegment,
    /// A segment `.` or `..`, which browsers take out.
    #[error("a mount point has no segment \".\" or \"..\"")]
    DotSegment,
    /// A character that does not stand in a URL's path as it is.
    #[error("a mount point is a URL's path: percent-encode {0:?}")]
    Character(char),
    /// A `%` without two hexadecimal digits.
    #[error("a '%' of a mount point is followed by two hexadecimal digits: percent-encode the '%' itself as \"%25\"")]
    Escape,
}

impl<'a> Mount<'a> {
    /// The mount point of an app that has a host for itself.
    pub const ROOT: Self = Self("");

    /// Checks a mount point. One slash at its end is left out, so that `/` is the root.
    ///
    /// # Errors
    /// What is wrong with it. A mount point that came with a request is then the request's fault: see
    /// [`Refusal::mount`](crate::http::Refusal::mount).
    pub fn new(text: &'a str) -> Result<Self, MountProblem> {
        let path = text.strip_suffix('/').unwrap_or(text);
        if let Some(wrong) = text.chars().find(|c| !is_path(*c)) {
            return Err(MountProblem::Character(wrong));
        }
        let Some(segments) = path.strip_prefix('/') else {
            return if path.is_empty() { Ok(Self::ROOT) } else { Err(MountProblem::Relative) };
        };
        for segment in segments.split('/') {
            check_segment(segment)?;
        }
        Ok(Self(path))
    }

    /// The mount point: empty, or starting with a slash and not ending with one.
    #[must_use]
    pub fn as_str(self) -> &'a str {
        self.0
    }
}

impl fmt::Display for Mount<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0)
    }
}

impl From<MountProblem> for Error {
    fn from(problem: MountProblem) -> Self {
        Self::Option { option: "mount".into(), reason: problem.to_string() }
    }
}

/// What browsers leave as it is in a path. A backslash they take for a slash, tabs and line breaks they drop.
fn is_path(c: char) -> bool {
    c.is_ascii_graphic() && !matches!(c, '\\' | '?' | '#' | '"' | '<' | '>' | '`' | '{' | '}')
}

fn check_segment(segment: &str) -> Result<(), MountProblem> {
    if segment.is_empty() {
        return Err(MountProblem::EmptySegment);
    }
    let escapes = || segment.match_indices('%').map(|(at, _)| segment.get(at + 1..at + 3).unwrap_or_default());
    if escapes().any(|digits| digits.len() != 2 || !digits.bytes().all(|b| b.is_ascii_hexdigit())) {
        return Err(MountProblem::Escape);
    }
    // Browsers take "%2e" for a dot here.
    let dots = segment.to_ascii_lowercase().replace("%2e", ".");
    if dots == "." || dots == ".." { Err(MountProblem::DotSegment) } else { Ok(()) }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{Mount, MountProblem};

    #[test]
    fn a_mount_point_is_a_path_without_the_slash_at_its_end() {
        for (text, mount) in [
            ("", ""),
            ("/", ""),
            ("/shop", "/shop"),
            ("/shop/", "/shop"),
            ("/a/b-c_d.e~f", "/a/b-c_d.e~f"),
            ("/caf%C3%A9", "/caf%C3%A9"),
            ("/a&b;c=d@e:f!$'()*+,|^[]", "/a&b;c=d@e:f!$'()*+,|^[]"),
            ("/...", "/..."),
        ] {
            assert_eq!(Mount::new(text).map(Mount::as_str), Ok(mount), "{text}");
        }
    }

    #[test]
    fn what_a_browser_would_read_otherwise_is_refused() {
        use MountProblem::{Character, DotSegment, EmptySegment, Escape, Relative};
        for (text, problem) in [
            ("//", EmptySegment),
            ("//evil.example", EmptySegment),
            ("/shop//", EmptySegment),
            ("/a//b", EmptySegment),
            ("/\\evil.example", Character('\\')),
            ("\\\\evil.example", Character('\\')),
            ("/\t/evil.example", Character('\t')),
            ("/\n/evil.example", Character('\n')),
            ("/a\0", Character('\0')),
            ("/a b", Character(' ')),
            ("/a\"b", Character('"')),
            ("/a<b", Character('<')),
            ("/a?b", Character('?')),
            ("/a#b", Character('#')),
            ("/café", Character('é')),
            ("/a\u{7f}", Character('\u{7f}')),
            ("shop", Relative),
            ("https://evil.example", Relative),
            ("/a/../b", DotSegment),
            ("/.", DotSegment),
            ("/%2E%2e", DotSegment),
            ("/.%2e/b", DotSegment),
            ("/a%", Escape),
            ("/a%2", Escape),
            ("/a%zz", Escape),
            ("/a%+1", Escape),
        ] {
            assert_eq!(Mount::new(text), Err(problem), "{text:?}");
        }
    }

    proptest! {
        #[test]
        fn what_is_a_mount_point_begins_no_other_origin(text in "[/\\\\.%2fe \t\n?#a:]{0,8}|.{0,12}") {
            if let Ok(mount) = Mount::new(&text) {
                let path = mount.as_str();
                prop_assert!(path.is_empty() || path.starts_with('/'));
                prop_assert!(!path.contains("//") && !path.contains(['\\', '?', '#']) && !path.ends_with('/'));
                prop_assert!(path.bytes().all(|b| b.is_ascii_graphic()));
                prop_assert_eq!(Mount::new(path), Ok(mount));
            }
        }
    }
}
