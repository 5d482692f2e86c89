//! For tests: a page with every island in its place, and what is wrong with a shell that caches are to keep. The host asks
//! its own app for each island, with whatever client its tests have.

mod find;
mod shell;

use std::fmt;

use thiserror::Error;

use crate::http::Field;
use crate::http::fields::values;
use find::Found;
pub use shell::shell_faults;

/// How deep islands may stand in one another's answers.
const DEPTH: usize = 8;
/// How many islands a page may have, those in answers included.
const MOST: usize = 1_000;

/// A page whose placeholders are filled one after the other, those in islands' answers too.
///
/// As in the browser, a component's placeholder makes way for the island's HTML unless it is kept, and an element that is an
/// island is filled.
///
/// ```
/// use eyot::assembly::Assembly;
///
/// let page = br#"<p><server-island island="Cart" island-src="/_server-islands/Cart/t0ken">...</server-island></p>"#;
/// let mut assembly = Assembly::new(page.to_vec());
/// while let Some(ask) = assembly.next()? {
///     assert_eq!((ask.island.as_str(), ask.url.as_str()), ("Cart", "/_server-islands/Cart/t0ken"));
///     // Here a test asks its app.
///     let headers = [("Content-Type", &b"text/html"[..]), ("Island", b"Cart")];
///     assembly.answer(200, &headers, b"<b>3</b>")?;
/// }
/// assert_eq!(assembly.finish(), b"<p><b>3</b></p>");
/// # Ok::<(), eyot::assembly::AssemblyError>(())
/// ```
pub struct Assembly {
    page: Vec<u8>,
    /// Where the next placeholder is looked for.
    at: usize,
    /// Of each island around that place, how many bytes of the page follow it.
    around: Vec<usize>,
    asked: Option<Found>,
    left: usize,
}

/// Without the page: it is a visitor's.
impl fmt::Debug for Assembly {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Assembly").field("bytes", &self.page.len()).field("at", &self.at).finish_non_exhaustive()
    }
}

/// An island to ask for, as the loader does.
#[derive(Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Ask {
    /// The island's name.
    pub island: String,
    /// Its address: a path with a query, or a URL where another host answers.
    pub url: String,
    /// The token to post there, where it is too long for the address.
    pub token: Option<String>,
}

/// Without the token, which the address may hold too.
impl fmt::Debug for Ask {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Ask")
            .field("island", &self.island)
            .field("is_posted", &self.token.is_some())
            .finish_non_exhaustive()
    }
}

impl Ask {
    /// Whether another host answers, which a test of this one cannot ask.
    #[must_use]
    pub fn is_elsewhere(&self) -> bool {
        !self.url.starts_with('/')
    }

    /// The headers by which the request is one of the loader's.
    #[must_use]
    pub fn headers(&self) -> &'static [(&'static str, &'static str)] {
        if self.token.is_some() { &HEADERS } else { &HEADERS[..2] }
    }
}

const HEADERS: [(&str, &str); 3] =
    [("Sec-Fetch-Site", "same-origin"), ("Sec-Fetch-Dest", "empty"), ("Content-Type", "application/vnd.eyot.token")];

/// Why a page cannot be assembled.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum AssemblyError {
    /// An island's answer that the loader would not take.
    #[error("the island {island} cannot be had: {reason}")]
    Answer {
        /// The island's name.
        island: String,
        /// The status, and what the answer says.
        reason: String,
    },
    /// Islands in islands' answers without an end.
    #[error("the islands of this page do not come to an end at {0}: does an island's answer hold the island itself?")]
    Endless(String),
    /// An answer that nothing was asked for.
    #[error("no island was asked for: call `next` first")]
    NotAsked,
}

impl Assembly {
    /// Begins with a page.
    #[must_use]
    pub fn new(page: Vec<u8>) -> Self {
        Self { page, at: 0, around: Vec::new(), asked: None, left: MOST }
    }

    /// The next island to ask for; `None` once there is none.
    ///
    /// # Errors
    /// [`AssemblyError::Endless`] beyond 1,000 islands, or eight in one another.
    #[expect(clippy::should_implement_trait, reason = "it fails, and each ask waits for its answer")]
    pub fn next(&mut self) -> Result<Option<Ask>, AssemblyError> {
        let Some(found) = find::placeholder(&self.page, self.at) else { return Ok(None) };
        let after = self.page.len() - found.start;
        self.around.retain(|tail| *tail < after);
        if self.around.len() == DEPTH || self.left == 0 {
            return Err(AssemblyError::Endless(found.ask.island));
        }
        self.left -= 1;
        let ask = found.ask.clone();
        self.asked = Some(found);
        Ok(Some(ask))
    }

    /// Takes the answer to the last [`ask`](Self::next), and puts it in the page. The answer to a redirect of the handler
    /// (204) leaves the placeholder.
    ///
    /// # Errors
    /// [`AssemblyError::Answer`] for what the loader would not take: another status, another type, no header `Island`. The
    /// placeholder stays as it is, and the next call of [`next`](Self::next) goes on behind its start tag.
    pub fn answer(&mut self, status: u16, headers: &[Field<'_>], body: &[u8]) -> Result<(), AssemblyError> {
        let found = self.asked.take().ok_or(AssemblyError::NotAsked)?;
        match judged(status, headers, body) {
            Ok(true) => self.fill(&found, body),
            Ok(false) => self.at = found.content.start,
            Err(reason) => {
                self.at = found.content.start;
                return Err(AssemblyError::Answer { island: found.ask.island, reason });
            }
        }
        Ok(())
    }

    /// Leaves the placeholder of the last [`ask`](Self::next) as it is: what another host answers.
    pub fn skip(&mut self) {
        if let Some(found) = self.asked.take() {
            self.at = found.content.start;
        }
    }

    /// The page as it is now.
    #[must_use]
    pub fn finish(self) -> Vec<u8> {
        self.page
    }

    fn fill(&mut self, found: &Found, html: &[u8]) {
        let place = if found.makes_way { found.start..found.end } else { found.content.clone() };
        self.around.push(self.page.len() - place.end);
        self.at = place.start;
        self.page.splice(place, html.iter().copied());
    }
}

/// Whether an answer is an island, or a redirect that leaves the fallback; else what is wrong with it.
fn judged(status: u16, headers: &[Field<'_>], body: &[u8]) -> Result<bool, String> {
    let first = |name| values(headers, name).next().map(|value| String::from_utf8_lossy(value).into_owned());
    let kind = first("content-type").unwrap_or_default();
    let is_html = kind.split(';').next().is_some_and(|kind| kind.trim().eq_ignore_ascii_case("text/html"));
    let is_island = first("island").is_some();
    match status {
        200 if is_html && is_island => return Ok(true),
        204 if is_island => return Ok(false),
        200 if is_island => return Err(format!("its handler answered {kind:?} and not HTML")),
        200 => {
            return Err("the answer has no header `Island`: something else answered in the handler's place".to_owned());
        }
        _ => {}
    }
    let text = String::from_utf8_lossy(body);
    let said: String = text.trim().chars().take(300).collect();
    Err(if said.is_empty() { format!("{status}, without a reason") } else { format!("{status}: {said}") })
}

#[cfg(test)]
mod tests;
