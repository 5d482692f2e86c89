//! Islands whose answers hold themselves: each would be asked for again by the one before it.

use std::fmt;

use crate::redacted::Length;

/// The path of an island's own request, with its token.
pub(super) struct OwnPath(Option<Vec<u8>>);

impl fmt::Debug for OwnPath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("OwnPath").field(&self.0.as_deref().map(Length::of)).finish()
    }
}

impl OwnPath {
    /// The part of a path that may be logged, which holds no token; and the whole of it, if it is an island's.
    pub(super) fn of<'p>(path: &'p str, prefix: &str) -> (&'p str, Self) {
        let logged = logged(path, prefix);
        // The quote that ends an attribute: another token may begin with this one.
        let whole = (logged.len() < path.len()).then(|| [path.as_bytes(), b"\""].concat());
        (logged, Self(whole))
    }

    /// Whether one of these parts of a shell holds a placeholder for the island itself.
    pub(super) fn is_in<'s>(&self, mut segments: impl Iterator<Item = &'s [u8]>) -> bool {
        let Some(own) = &self.0 else { return false };
        let finder = memchr::memmem::Finder::new(own);
        segments.any(|segment| finder.find(segment).is_some())
    }
}

/// The part of a path that may be logged, which holds no token.
pub(super) fn logged<'p>(path: &'p str, prefix: &str) -> &'p str {
    let prefix = format!("{prefix}/");
    let Some(at) = path.find(&prefix) else { return path };
    let name = at + prefix.len();
    path[name..].find('/').map_or(path, |len| &path[..name + len])
}

#[cfg(test)]
mod tests {
    use super::OwnPath;

    #[test]
    fn a_logged_path_holds_no_token() {
        for (path, logged) in [
            ("/p/rope", "/p/rope"),
            ("/_server-islands/Cart/TOKEN", "/_server-islands/Cart"),
            ("/base/_server-islands/Cart/TOKEN/more", "/base/_server-islands/Cart"),
            ("/_server-islands/Cart", "/_server-islands/Cart"),
        ] {
            assert_eq!(OwnPath::of(path, "/_server-islands").0, logged);
        }
    }
}
