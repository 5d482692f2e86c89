//! Island responses: what becomes of the headers, and the status, of a handler.

use super::caching::{is_private, may_be_stored, silence, uncached};
use super::edits::{self, Edit, set_unless_there};
use super::fields::{has, values};
use super::guard::{self, Leak};
use super::location::{self, Landing};
use super::outcome::Outcome;
use super::refusal::{Reason, Refusal};
use super::request::Pending;
use super::response::Response;
use super::vary::{self, is_cookie};
use crate::islands::Islands;

const PERSONAL: &str = "private, no-store";

impl Pending {
    /// Turns what a handler answered into what is sent: an island, the news of a redirect (`204`), or the handler's own
    /// error (or another layer's content), kept out of caches. To be called where the headers are final: outside of sessions.
    ///
    /// A shared island is one that everyone gets, so the host hides [`hidden_headers`](Self::hidden_headers) from its
    /// handler, and its answer is judged as a shell is: with leaks it is kept out of caches, and cookies are dropped.
    ///
    /// ```
    /// use eyot::http::{Head, Response, Route, edited};
    ///
    /// # let keys = eyot::KeyRing::parse("p3Qm0Wv9yJ5sT1xL8bN4eR7uA2dF6gH0kC3iZ5oVqXM=")?;
    /// # let islands = eyot::Islands::builder(keys).island("CartCount").build()?;
    /// # let mut url = Vec::new();
    /// # let now = 1_800_000_000;
    /// # islands.url(&eyot::placeholder::Placeholder::new("CartCount"), &eyot::Context::at(now), &mut url)?;
    /// # let Some(Route::Pending(pending)) = islands.route(&Head::new("GET", &url)) else { panic!("an island") };
    /// // `pending` is the request, from `Islands::route`.
    /// let answer = Response::new(200, &[("Set-Cookie", b"seen=1")]).with_body(b"<b>3</b>");
    /// let outcome = pending.finish(&islands, &answer).expect("no redirect to refuse");
    /// let headers = edited(answer.headers, &outcome.edits);
    /// assert!(headers.contains(&("Island", b"CartCount")) && headers.contains(&("Cache-Control", b"private, no-store")));
    ///
    /// // The loader follows a redirect; the browser's fetch must not.
    /// let outcome = pending.finish(&islands, &Response::new(302, &[("Location", b"/login")])).expect("a local target");
    /// assert_eq!(outcome.status, 204);
    /// assert!(edited(&[], &outcome.edits).contains(&("Island-Location", b"/login")));
    /// # Ok::<(), eyot::Error>(())
    /// ```
    ///
    /// # Errors
    /// A refusal with 500, when a redirect's target is not allowed.
    pub fn finish(&self, islands: &Islands, answer: &Response<'_>) -> Result<Outcome, Refusal> {
        let mut edits = self.common_edits(answer);
        let mut leaks = Vec::new();
        let status = match answer.status {
            status @ (200 | 204) if answer.is_foreign => {
                forwarded_edits(answer, &mut edits);
                status
            }
            200 | 304 => {
                leaks = self.island_edits(answer, &mut edits);
                answer.status
            }
            204 => {
                self.no_content_edits(answer, None, &mut edits);
                204
            }
            // A fetch follows redirects before the loader sees them, and would take a sign-in page for the island. So
            // the redirect travels as a header of an answer without content, and the loader decides.
            301 | 302 | 303 | 307 | 308 | 401 => {
                let location = self.landing(islands, answer).map_err(|reason| self.refuse(reason))?;
                self.no_content_edits(answer, location, &mut edits);
                204
            }
            other => {
                forwarded_edits(answer, &mut edits);
                other
            }
        };
        let has_body = !self.is_head && !matches!(status, 204 | 304);
        if answer.shared.is_some() {
            // Its handler did not see the visitor's, whose place it would take.
            edits::remove(answer.headers, ["Set-Cookie"], &mut edits);
        }
        Ok(Outcome { has_body, leaks, ..Outcome::new(status, edits) })
    }

    /// What is true of every answer: who may read it, and that no handler can speak for eyot.
    fn common_edits(&self, answer: &Response<'_>) -> Vec<Edit> {
        let mut edits = Vec::new();
        // Edits apply in order: what is set further on takes the place of what is removed here.
        edits::remove(answer.headers, ["Island", "Island-Location", "Island-Refused"], &mut edits);
        if self.asker.is_crossing() {
            edits.extend(self.asker.grants().into_iter().map(|(name, value)| Edit::Set(name, value)));
        }
        edits.extend(self.vary(answer));
        edits.push(Edit::Set("X-Content-Type-Options", "nosniff".into()));
        set_unless_there(answer.headers, "X-Robots-Tag", "noindex", &mut edits);
        set_unless_there(answer.headers, "Cross-Origin-Resource-Policy", self.asker.resource_policy(), &mut edits);
        edits
    }

    /// `Vary` with `Origin` where the answer depends on it, and without the cookies that a shared handler did not see.
    fn vary(&self, answer: &Response<'_>) -> Option<Edit> {
        if !self.asker.is_crossing() {
            return answer.shared.and_then(|_| vary::without_cookie(answer.headers));
        }
        let is_own = |name: &[u8]| name.eq_ignore_ascii_case(b"origin");
        let mut names =
            vary::names(answer.headers, |name| !(is_own(name) || answer.shared.is_some() && is_cookie(name)));
        names.push("Origin");
        Some(Edit::Set("Vary", names.join(", ").into()))
    }

    /// The headers of an island, and what is one visitor's in one that is shared.
    fn island_edits(&self, answer: &Response<'_>, edits: &mut Vec<Edit>) -> Vec<Leak> {
        edits.push(Edit::Set("Island", self.name.to_string().into()));
        if answer.status == 200 {
            set_unless_there(answer.headers, "Content-Type", "text/html; charset=utf-8", edits);
        }
        // Whoever opens the address of an island as a page gets a document that runs nothing.
        set_unless_there(answer.headers, "Content-Security-Policy", "default-src 'none'; sandbox", edits);
        let Some(seconds) = answer.shared else {
            personal_edits(answer, edits);
            return Vec::new();
        };
        let leaks = shared_leaks(answer);
        if leaks.is_empty() {
            self.shared_edits(answer, seconds, edits);
        } else {
            edits.extend(uncached(answer.headers, PERSONAL));
        }
        leaks
    }

    fn shared_edits(&self, answer: &Response<'_>, seconds: u32, edits: &mut Vec<Edit>) {
        if !has(answer.headers, "cache-control") {
            edits.push(Edit::Set("Cache-Control", format!("public, max-age={seconds}").into()));
        }
        for name in ["Cache-Tag", "Surrogate-Key"] {
            if !has(answer.headers, name) {
                edits.push(Edit::Set(name, format!("island-{}", self.name).into()));
            }
        }
    }

    /// The headers of an answer without content: the loader leaves the fallback, and goes or tells where it is sent.
    fn no_content_edits(&self, answer: &Response<'_>, location: Option<String>, edits: &mut Vec<Edit>) {
        edits.push(Edit::Set("Island", self.name.to_string().into()));
        if let Some(location) = location {
            edits.push(Edit::Set("Island-Location", location.into()));
        }
        const CONTENT: [&str; 9] = [
            "Location",
            "WWW-Authenticate",
            "Content-Type",
            "Content-Length",
            "Content-Encoding",
            "Transfer-Encoding",
            "ETag",
            "Last-Modified",
            // A redirect that nothing has checked.
            "Refresh",
        ];
        edits::remove(answer.headers, CONTENT, edits);
        edits.push(Edit::Set("Cache-Control", PERSONAL.into()));
        silence(answer.headers, edits);
    }

    /// Whether a redirect leads to the same island at another path.
    pub(crate) fn is_sent_to_itself(&self, answer: &Response<'_>) -> bool {
        let own = self.path.rsplitn(3, '/').take(2).collect::<Vec<_>>();
        let [token, name] = own.as_slice() else { return false };
        let own = format!("/{name}/{token}");
        values(answer.headers, "location").any(|target| {
            let end = target.iter().position(|b| b"?#".contains(b)).unwrap_or(target.len());
            target[..end].ends_with(own.as_bytes())
        })
    }

    fn landing(&self, islands: &Islands, answer: &Response<'_>) -> Result<Option<String>, Reason> {
        let config = &islands.config;
        if answer.status == 401 {
            return Ok(Some(config.settings.login_url.clone()).filter(|url| !url.is_empty()));
        }
        let target = values(answer.headers, "location").next().ok_or(Reason::LocationMissing)?;
        let page = location::page(answer.page, &self.referer, &self.host);
        let landing = Landing { config, host: &self.host, island: &self.path, page: page.as_deref() };
        landing.of(target).map(Some)
    }
}

/// What the leak guard finds in a shared island, whose handler saw no cookies. What it says itself to all caches counts:
/// an answer that they do not store leaks nothing but the cookies that would replace a visitor's own.
fn shared_leaks(answer: &Response<'_>) -> Vec<Leak> {
    let mut leaks = guard::blind_cookies(answer.headers);
    // An answer that says nothing to caches gets `public`, so it counts as stored whatever its status is.
    let is_silent = !has(answer.headers, "cache-control");
    if is_silent || may_be_stored(answer) {
        // A handler may leave the type out: then it is HTML.
        let typed = [answer.headers, &[("content-type", &b"text/html"[..])][..]].concat();
        let headers = if has(answer.headers, "content-type") { answer.headers } else { &typed };
        leaks.extend(guard::leaks(&Response { headers, ..*answer }, false));
    }
    leaks
}

/// An island is personal unless its handler is registered as shared: what would let a shared cache keep it goes.
fn personal_edits(answer: &Response<'_>, edits: &mut Vec<Edit>) {
    if !is_private(answer.headers) {
        edits.push(Edit::Set("Cache-Control", PERSONAL.into()));
    }
    silence(answer.headers, edits);
}

/// The handler's own error, which no cache may keep, and which is no island.
fn forwarded_edits(answer: &Response<'_>, edits: &mut Vec<Edit>) {
    edits.push(Edit::Set("Cache-Control", "no-store".into()));
    silence(answer.headers, edits);
}
