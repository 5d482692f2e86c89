//! The leak guard: finds what is one visitor's in a response that everyone would get.

use std::fmt;

use super::fields::{Field, is_encoded, is_html, members, values};
use super::response::Response;
use crate::Position;
use crate::html::attributes::Attributes;
use crate::html::find::holds_any;

/// Something in a shell, or in a shared island, that belongs to one visitor. Holds names and places, never values.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Leak {
    /// A cookie is set.
    SetCookie {
        /// The cookie's name.
        cookie: String,
    },
    /// A cookie is set by what did not see the visitor's own, which it would replace: it is dropped.
    BlindCookie {
        /// The cookie's name.
        cookie: String,
    },
    /// The response says that it depends on what every visitor has differently.
    Vary {
        /// `Cookie`, `Authorization` or `*`.
        on: &'static str,
    },
    /// A script asked for a part of the page and got one, under the page's address.
    Fragment {
        /// The request header by which it asked, on which the response does not say that it varies.
        on: &'static str,
    },
    /// A value against cross-site request forgery is in the page, or in a header.
    Csrf {
        /// The name of the field or header, or the attribute that holds it.
        field: String,
        /// Where its tag begins; `None` in a header.
        at: Option<Position>,
    },
    /// The content security policy has a nonce: a copy from a cache would have another than its header.
    Nonce {
        /// Where the `meta` element begins; `None` in a header.
        at: Option<Position>,
    },
    /// The page was compressed before the guard could read it.
    Encoded,
}

impl Leak {
    /// A stable, lower-case code such as `leak-cookie`, for logs and tests.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::SetCookie { .. } | Self::BlindCookie { .. } => "leak-cookie",
            Self::Vary { .. } => "leak-vary",
            Self::Fragment { .. } => "leak-fragment",
            Self::Csrf { .. } => "leak-csrf",
            Self::Nonce { .. } => "leak-nonce",
            Self::Encoded => "leak-encoded",
        }
    }

    /// The place in the page, where the leak has one.
    #[must_use]
    pub fn position(&self) -> Option<Position> {
        match self {
            Self::Csrf { at, .. } | Self::Nonce { at } => *at,
            _ => None,
        }
    }
}

impl fmt::Display for Leak {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(at) = self.position() {
            write!(f, "{at}: ")?;
        }
        match self {
            Self::SetCookie { cookie } => write!(
                f,
                "the cookie {cookie:?} is set in a shell that caches hand to everyone: set it in an island, or take the policy off this route"
            ),
            Self::BlindCookie { cookie } => write!(
                f,
                "the cookie {cookie:?} was set without sight of the visitor's own cookies, which it would replace, so it is dropped: set it in an island that is not shared, or let the policy show cookies to the view"
            ),
            Self::Vary { on } => write!(
                f,
                "the response varies on {on}, so caches cannot share it: read cookies and sessions in islands only"
            ),
            Self::Fragment { on } => write!(
                f,
                "a request with {on} got a part of the page, which caches would hand to everyone as the page: say \"Vary: {on}\" on both, or answer fragments at an address of their own, with that Vary"
            ),
            Self::Csrf { field, .. } => write!(
                f,
                "the CSRF value {field:?} is in a response that caches hand to everyone: {}",
                if field == DJANGO { DJANGO_CURE } else { "put it, or its form, into an island that is not shared" }
            ),
            Self::Nonce { .. } => f.write_str(
                "the content security policy has a nonce, which a cached copy repeats for everyone: allow scripts by hash, or use one policy for shells without a nonce",
            ),
            Self::Encoded => f.write_str(
                "the page was compressed before the leak guard could read it: compress outside of eyot's outer station",
            ),
        }
    }
}

/// Django's field, and what Django's part of eyot has in its place.
const DJANGO: &str = "csrfmiddlewaretoken";
const DJANGO_CURE: &str = "write {% csrf_island %} in place of {% csrf_token %}, or put its form into an island";

/// At most so many CSRF values are told of: one template usually repeats one mistake.
const MOST: usize = 8;

/// Names of hidden fields and `meta` elements that hold a CSRF value, in lower case.
const FIELDS: [&str; 20] = [
    DJANGO,
    "authenticity_token",         // Rails, rack-protection
    "_token",                     // Laravel, Symfony
    "csrf-token",                 // Rails, Laravel, Phoenix, Yii (meta)
    "csrf_token",                 // Flask-WTF, Pyramid
    "_csrf_token",                // Phoenix, Symfony's login form
    "__requestverificationtoken", // ASP.NET
    "_csrf",                      // csurf, Spring, Yii
    "_csrftoken",                 // CakePHP
    "csrftoken",                  // OWASP CSRFGuard
    "csrf",                       // Laminas
    "x-csrf-token",               // hand-written (meta)
    "xsrf-token",                 // hand-written
    "_xsrf",                      // Tornado
    "gorilla.csrf.token",         // gorilla/csrf
    "csrf_test_name",             // CodeIgniter
    "yii_csrf_token",             // Yii 1
    "_csrf-frontend",             // Yii 2's application template
    "form_token",                 // Drupal
    "_wpnonce",                   // WordPress
];

/// What the attributes of htmx call a CSRF value, in lower case.
const HTMX_KEYS: [&[u8]; 4] = [b"csrf", b"xsrf", b"authenticity_token", b"verificationtoken"];

/// Letters of which every name above holds some, so that a page without them needs no reading.
const MARKS: [[u8; 3]; 3] = [*b"srf", *b"tok", *b"wpn"];

/// Cookies that are set in a response that caches hand to everyone.
pub(super) fn cookies(headers: &[Field<'_>]) -> Vec<Leak> {
    values(headers, "set-cookie").map(|cookie| Leak::SetCookie { cookie: cookie_name(cookie) }).collect()
}

/// Cookies that are set by what did not see the visitor's.
pub(super) fn blind_cookies(headers: &[Field<'_>]) -> Vec<Leak> {
    values(headers, "set-cookie").map(|cookie| Leak::BlindCookie { cookie: cookie_name(cookie) }).collect()
}

/// All leaks but cookies of a response that a shared cache may store. With `cookies` the app saw the visitor's cookies;
/// without, what `Vary` says of them was added for nothing.
pub(super) fn leaks(response: &Response<'_>, cookies: bool) -> Vec<Leak> {
    const POLICIES: [&str; 2] = ["content-security-policy", "content-security-policy-report-only"];
    let headers = response.headers;
    let mut leaks: Vec<_> = members(headers, "vary").filter_map(|name| vary(name, cookies)).collect();
    if POLICIES.into_iter().any(|name| values(headers, name).any(has_nonce)) {
        leaks.push(Leak::Nonce { at: None });
    }
    leaks.extend(
        headers
            .iter()
            .filter(|(name, value)| is_csrf_name(name.as_bytes()) && is_random(value))
            .map(|(name, _)| Leak::Csrf { field: (*name).to_owned(), at: None }),
    );
    if let Some(body) = response.body.filter(|body| !body.is_empty() && is_html(headers)) {
        if is_encoded(headers) {
            leaks.push(Leak::Encoded);
        } else if holds_any(body, MARKS) || has_nonce(body) {
            // Few pages get here: two fast searches spare the others the reading of their tags.
            leaks.extend(Values::new(body).take(MOST));
        }
    }
    leaks
}

fn cookie_name(cookie: &[u8]) -> String {
    let name = cookie.split(|b| matches!(b, b'=' | b';')).next().unwrap_or_default();
    String::from_utf8_lossy(name.trim_ascii()).into_owned()
}

fn vary(name: &[u8], cookies: bool) -> Option<Leak> {
    let on = match name {
        b"*" => "*",
        name if cookies && name.eq_ignore_ascii_case(b"cookie") => "Cookie",
        name if cookies && name.eq_ignore_ascii_case(b"authorization") => "Authorization",
        _ => return None,
    };
    Some(Leak::Vary { on })
}

/// Whether `nonce-` is in a text, in any case.
fn has_nonce(text: &[u8]) -> bool {
    const NONCE: &[u8] = b"nonce";
    memchr::memchr_iter(b'-', text)
        .any(|at| text[..at].len() >= NONCE.len() && text[at - NONCE.len()..at].eq_ignore_ascii_case(NONCE))
}

/// Finds the CSRF values and nonces of a page, tag by tag, in one pass. Text cannot be taken for a tag, since it holds no
/// bare `<` before a letter.
struct Values<'a> {
    body: &'a [u8],
    /// Where the search goes on.
    at: usize,
    counted: usize,
    position: Position,
}

impl<'a> Values<'a> {
    fn new(body: &'a [u8]) -> Self {
        Self { body, at: 0, counted: 0, position: Position { line: 1, column: 1 } }
    }

    /// Where the next start tag begins.
    fn next_tag(&mut self) -> Option<usize> {
        loop {
            let at = self.at + memchr::memchr(b'<', &self.body[self.at..])?;
            self.at = at + 1;
            if self.body.get(at + 1).is_some_and(u8::is_ascii_alphabetic) {
                return Some(at);
            }
        }
    }

    /// The line and column of `at`, which never lies before the last one asked for.
    fn position(&mut self, at: usize) -> Position {
        for &b in &self.body[self.counted..at] {
            if b == b'\n' {
                self.position = Position { line: self.position.line.saturating_add(1), column: 1 };
            } else if !matches!(b, 0x80..=0xbf) {
                self.position.column = self.position.column.saturating_add(1);
            }
        }
        self.counted = at;
        self.position
    }
}

impl Iterator for Values<'_> {
    type Item = Leak;

    fn next(&mut self) -> Option<Leak> {
        while let Some(start) = self.next_tag() {
            let (found, end) = Tag::read(self.body, start);
            self.at = self.at.max(end);
            match found {
                Some(Found::Csrf(field)) => return Some(Leak::Csrf { field, at: Some(self.position(start)) }),
                Some(Found::Nonce) => return Some(Leak::Nonce { at: Some(self.position(start)) }),
                None => {}
            }
        }
        None
    }
}

/// What a tag gives away.
enum Found {
    Csrf(String),
    Nonce,
}

/// What the guard looks at of one tag; of repeated attributes the first counts, as in a browser.
#[derive(Default)]
struct Tag<'a> {
    name: &'a [u8],
    /// `name`, or `property` of a `meta`.
    field: Option<&'a [u8]>,
    value: Option<&'a [u8]>,
    content: Option<&'a [u8]>,
    http_equiv: Option<&'a [u8]>,
    /// An attribute of another name that holds a CSRF value.
    other: Option<&'a [u8]>,
}

impl<'a> Tag<'a> {
    /// Reads the tag at `start`: what it gives away, and where the search goes on.
    fn read(body: &'a [u8], start: usize) -> (Option<Found>, usize) {
        let text = &body[start..];
        let name = text[1..].split(|b| b.is_ascii_whitespace() || matches!(b, b'/' | b'>')).next().unwrap_or_default();
        let mut tag = Self { name, ..Self::default() };
        let mut attributes = Attributes::after(text, 1 + name.len());
        for attribute in attributes.by_ref() {
            tag.take(attribute.name(text), attribute.value(text).unwrap_or_default());
        }
        let end = start + attributes.tag_end();
        // What stands in a script is text: a tag that a string there holds is not one of the page.
        let (found, length) = tag.judge(body.get(end + 1..).unwrap_or_default());
        (found, end + length)
    }

    fn take(&mut self, name: &'a [u8], value: &'a [u8]) {
        let known = [
            (&b"name"[..], &mut self.field),
            (b"value", &mut self.value),
            (b"content", &mut self.content),
            (b"http-equiv", &mut self.http_equiv),
        ];
        for (known, place) in known {
            if name.eq_ignore_ascii_case(known) {
                place.get_or_insert(value);
                return;
            }
        }
        if self.other.is_none() && is_telling(name, value) {
            self.other = Some(name);
        }
    }

    /// What the tag and the text after it give away, and how much of that text has been read.
    fn judge(&self, after: &[u8]) -> (Option<Found>, usize) {
        let is = |name: &[u8]| self.name.eq_ignore_ascii_case(name);
        let (value, length) = if is(b"input") || is(b"button") {
            (self.value, 0)
        } else if is(b"meta") {
            (self.content, 0)
        } else if is(b"textarea") {
            (Some(until_tag(after).trim_ascii()), 0)
        } else if is(b"script") {
            let script = until_script_end(after);
            return (script_key(script).map(Found::Csrf), script.len());
        } else {
            (None, 0)
        };
        let known = self.field.filter(|field| is_known(field) && value.is_some_and(is_random));
        let field = known.or(self.other).map(|name| Found::Csrf(String::from_utf8_lossy(name).into_owned()));
        let is_policy = self
            .http_equiv
            .is_some_and(|name| name.get(..POLICY.len()).is_some_and(|start| start.eq_ignore_ascii_case(POLICY)));
        let nonce = || (is_policy && self.content.is_some_and(has_nonce)).then_some(Found::Nonce);
        (field.or_else(nonce), length)
    }
}

/// How the names of the headers begin that a `meta` element may stand for.
const POLICY: &[u8] = b"content-security-policy";

fn until_tag(text: &[u8]) -> &[u8] {
    &text[..memchr::memchr(b'<', text).unwrap_or(text.len())]
}

/// A script's text. A `</script` ends it even in a string.
fn until_script_end(text: &[u8]) -> &[u8] {
    const END: &[u8] = b"</script";
    let is_end = |at: &usize| text.get(*at..at + END.len()).is_some_and(|end| end.eq_ignore_ascii_case(END));
    &text[..memchr::memchr_iter(b'<', text).find(is_end).unwrap_or(text.len())]
}

/// The key of a CSRF value in a script or its JSON: a name, `=`, `:` or `,`, and the value in quotes.
fn script_key(script: &[u8]) -> Option<String> {
    memchr::memchr2_iter(b'r', b'R', script).find_map(|at| {
        let is_key = at >= 2 && script.get(at - 1..at + 2).is_some_and(|key| key.eq_ignore_ascii_case(b"srf"));
        let start = is_key.then(|| script[..at].iter().rposition(|b| !is_word(*b)).map_or(0, |before| before + 1))?;
        let key = script[start..].split(|b| !is_word(*b)).next()?;
        let rest = script[start + key.len()..].iter().position(|b| !b"\"'` ]\t\r\n".contains(b))?;
        let mut rest = &script[start + key.len() + rest..];
        rest = rest.strip_prefix(b"=").or_else(|| rest.strip_prefix(b":")).or_else(|| rest.strip_prefix(b","))?;
        rest = rest.trim_ascii_start();
        let quote = *rest.first().filter(|b| b"\"'`".contains(b))?;
        let value = rest[1..].split(|b| *b == quote).next()?;
        (!is_about(key) && is_random(value)).then(|| String::from_utf8_lossy(key).into_owned())
    })
}

fn is_word(b: u8) -> bool {
    b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-' | b'$')
}

/// Whether an attribute's name or its value holds a CSRF value, whatever the element.
fn is_telling(name: &[u8], value: &[u8]) -> bool {
    let is_htmx = || name.iter().rposition(|b| matches!(b, b'x' | b'X')).is_some_and(|at| is_htmx(name, at));
    let is_url = || URLS.iter().any(|known| name.eq_ignore_ascii_case(known));
    // A value with a slash is most often a URL or a path to the token's place.
    is_csrf_name(name) && is_random(value) && !value.contains(&b'/')
        || is_htmx() && holds_key(value)
        || is_url() && holds_parameter(value)
}

/// Whether the query of a URL has a parameter with a CSRF value. In HTML `&` may be written `&amp;`.
fn holds_parameter(url: &[u8]) -> bool {
    let query = url.split(|b| *b == b'?').nth(1).unwrap_or_default();
    query.split(|b| matches!(b, b'&' | b';' | b'#')).any(|part| {
        let mut sides = part.splitn(2, |b| *b == b'=');
        let name = sides.next().unwrap_or_default();
        (is_known(name) || is_csrf_name(name)) && sides.next().is_some_and(is_random)
    })
}

/// Attributes whose value is a URL that may carry a CSRF value in its query.
const URLS: [&[u8]; 4] = [b"action", b"formaction", b"href", b"src"];

/// Whether a name of an attribute or header is a CSRF value's. Names such as `data-csrf-param` tell only of one.
fn is_csrf_name(name: &[u8]) -> bool {
    let plain: Vec<u8> = name.iter().filter(|b| !b"-_".contains(b)).map(u8::to_ascii_lowercase).collect();
    const KEYS: [&[u8]; 4] = [b"csrf", b"xsrf", b"authenticitytoken", b"verificationtoken"];
    KEYS.iter().any(|key| memchr::memmem::find(&plain, key).is_some()) && !is_about(&plain)
}

/// Whether a name tells of a CSRF value's name, header or place, rather than of the value.
fn is_about(name: &[u8]) -> bool {
    const ENDS: [&[u8]; 7] = [b"param", b"name", b"header", b"url", b"field", b"key", b"path"];
    let lower = name.to_ascii_lowercase();
    ENDS.iter().any(|end| lower.ends_with(end))
}

/// Whether the `x` at `at` is that of `hx-headers` or `hx-vals`.
fn is_htmx(body: &[u8], at: usize) -> bool {
    let Some(name) = at.checked_sub(1).and_then(|start| body.get(start..)) else { return false };
    [&b"hx-headers"[..], b"hx-vals"]
        .iter()
        .any(|n| name.get(..n.len()).is_some_and(|name| name.eq_ignore_ascii_case(n)))
}

fn is_known(field: &[u8]) -> bool {
    let symfony = field.ends_with(b"[_token]");
    symfony || FIELDS.iter().any(|known| known.as_bytes().eq_ignore_ascii_case(field))
}

/// Whether the JSON of an htmx attribute has a key for a CSRF value, and a value after it.
fn holds_key(json: &[u8]) -> bool {
    let lower = json.to_ascii_lowercase();
    let after = HTMX_KEYS.iter().filter_map(|key| memchr::memmem::find(&lower, key).map(|at| at + key.len())).min();
    let is_value = |b: &u8| b.is_ascii_alphanumeric() || b"_-+/=.~".contains(b);
    after.is_some_and(|after| json[after..].split(|b| !is_value(b)).any(is_random))
}

/// Whether a value is one that was drawn, not an empty one or a word that a script replaces (`STATAMIC_CSRF_TOKEN`).
fn is_random(value: &[u8]) -> bool {
    let has = |class: fn(&u8) -> bool| value.iter().any(class);
    let plain = value.iter().all(|b| b.is_ascii_graphic() && !b"{}<>\"'`".contains(b));
    let mixed = has(u8::is_ascii_digit) || (has(u8::is_ascii_lowercase) && has(u8::is_ascii_uppercase));
    value.len() >= 16 && plain && mixed
}

#[cfg(test)]
mod tests {
    use super::{FIELDS, HTMX_KEYS, Leak, MARKS, Values, holds_any};
    use crate::Position;

    const VALUE: &str = "Zk3vQ9xW7rT1mB5nY8cL2pD4";

    /// The fields that the guard finds; `VALUE` stands for a value.
    fn fields(page: &str) -> Vec<String> {
        let page = page.replace("VALUE", VALUE);
        let leaks = Values::new(page.as_bytes());
        leaks.map(|leak| if let Leak::Csrf { field, .. } = leak { field } else { panic!("{leak:?}") }).collect()
    }

    #[test]
    fn the_hidden_fields_of_known_frameworks_are_found() {
        for name in [
            "csrfmiddlewaretoken",
            "authenticity_token",
            "_token",
            "csrf_token",
            "_csrf_token",
            "__RequestVerificationToken",
            "_csrf",
            "contact[_token]",
            "gorilla.csrf.Token",
            "_xsrf",
            "_csrfToken",
            "csrf_test_name",
            "_wpnonce",
        ] {
            assert_eq!(fields(&format!(r#"<form><input type="hidden" name="{name}" value="VALUE"></form>"#)), [name]);
        }
    }

    #[test]
    fn every_known_name_holds_the_letters_that_are_looked_for_first() {
        let names = FIELDS.iter().map(|name| name.as_bytes()).chain(HTMX_KEYS).chain([&b"[_token]"[..]]);
        for name in names {
            assert!(holds_any(name, MARKS), "{}", String::from_utf8_lossy(name));
        }
    }

    #[test]
    fn the_meta_elements_of_known_frameworks_are_found() {
        for name in ["csrf-token", "_csrf", "csrf_token", "X-CSRF-Token"] {
            assert_eq!(fields(&format!(r#"<meta name="{name}" content="VALUE" />"#)), [name]);
        }
        assert!(fields(r#"<meta name="csrf-param" content="authenticity_token1A">"#).is_empty());
    }

    #[test]
    fn values_are_found_wherever_frameworks_put_them() {
        for page in [
            "<textarea name=csrf_token hidden>\nVALUE\n</textarea>",
            "<button name=csrf_token value=VALUE>",
            "<div data-csrf=VALUE>",
            "<body class=x data-csrf-token='VALUE'>",
            "<form data-csrftoken=\"VALUE\">",
            "<p DATA-XSRF-TOKEN=VALUE>",
            "<a data-authenticity-token=VALUE>",
            "<csrf-holder csrf=VALUE>",
            "<form action='/logout?csrf_token=VALUE' method=post>",
            "<a href=\"/logout?a=b&amp;_csrf=VALUE\">",
            "<button formaction=/x?_csrf=VALUE>",
            "<script>window.csrfToken = 'VALUE';</script>",
            "<script>const config = {\"csrf_token\": \"VALUE\"}</script>",
            "<SCRIPT type=application/json>{\"a\":1,\"xsrfToken\":\"VALUE\"}</SCRIPT>",
            "<script>x.setRequestHeader(\"X-CSRF-Token\", \"VALUE\")</script>",
            "<script>a['csrf']=`VALUE`",
        ] {
            assert_eq!(fields(page).len(), 1, "{page}");
        }
    }

    #[test]
    fn what_only_tells_of_a_value_is_none() {
        for page in [
            "<textarea name=csrf_token>token1A</textarea>VALUE",
            "<textarea name=comment>csrf_token VALUE</textarea>",
            "<div data-csrf-param=authenticityToken12345>",
            "<div data-csrf-header=X-CSRF-Token-Header-1>",
            "<div data-csrf-url=/api/v1/csrf-token-endpoint>",
            "<a href=/csrf-explained-in-words/article12345678901234>",
            "<script>const csrftoken = getCookie('csrftoken'); load('VALUE')</script>",
            "<script>fetch('/csrf', {integrity: 'VALUE'})</script>",
            "<script>csrfCookieName = 'VALUE'</script>",
            "<script>csrf = ''; a = 'VALUE'</script>",
            "<pre>csrfToken = 'VALUE'</pre>",
        ] {
            assert!(fields(page).is_empty(), "{page}");
        }
    }

    #[test]
    fn a_nonce_in_a_policy_of_the_page_itself_is_found() {
        let nonces =
            |page: &str| Values::new(page.as_bytes()).filter(|leak| matches!(leak, Leak::Nonce { .. })).count();
        for page in [
            "<meta http-equiv=Content-Security-Policy content=\"script-src 'nonce-abc'\">",
            "<META content=\"script-src 'NONCE-abc'\" HTTP-EQUIV='content-security-policy'>",
            "<meta http-equiv=\"Content-Security-Policy-Report-Only\" content=\"script-src &#39;nonce-abc&#39;\">",
        ] {
            assert_eq!(nonces(page), 1, "{page}");
            let leaks = super::leaks(
                &crate::http::Response::new(200, &[("content-type", b"text/html")]).with_body(page.as_bytes()),
                false,
            );
            assert_eq!(leaks.len(), 1, "{page}");
        }
        for page in [
            "<meta http-equiv=Content-Security-Policy content=\"script-src 'sha256-abc'\">",
            "<meta name=description content=\"what 'nonce-abc' is\">",
            "<p>'nonce-abc'</p>",
        ] {
            assert_eq!(nonces(page), 0, "{page}");
        }
    }

    #[test]
    fn attributes_are_read_as_a_browser_reads_them() {
        for tag in [
            "<INPUT NAME=CSRF_TOKEN Value=VALUE>",
            "<input\nvalue='VALUE'\tname = \"csrf_token\">",
            "<input/name='csrf_token'/value=VALUE/>",
            "<input title='>' name=csrf_token value=VALUE>",
            "<input disabled name=csrf_token value=VALUE",
            "<input name=csrf_token name=other value=VALUE>",
            "<p><input =x name=csrf_token value=VALUE>",
        ] {
            assert_eq!(fields(tag).len(), 1, "{tag}");
        }
    }

    #[test]
    fn what_only_looks_like_a_field_is_not_one() {
        for page in [
            "<p>Send csrf_token with value=\"VALUE\"</p>",
            "<pre>&lt;input name=\"csrf_token\" value=\"VALUE\"&gt;</pre>",
            "<p title='name=csrf_token value=VALUE'>",
            "<input name=other title=csrf_token value=VALUE>",
            "<input name=other name=csrf_token value=VALUE>",
            "<input data-name=csrf_token value=VALUE>",
            "<inputs><p name=csrf_token value=VALUE>",
            "< input name=csrf_token value=VALUE>",
            "<input name=csrf_token title=VALUE>",
            "<meta name=csrf-token value=VALUE>",
            "hx-headers='{\"X-CSRF-Token\":\"VALUE\"}'",
            "<p>hx-headers='{\"X-CSRF-Token\":\"VALUE\"}'</p>",
        ] {
            assert!(fields(page).is_empty(), "{page}");
        }
    }

    #[test]
    fn a_word_that_a_script_replaces_is_no_value() {
        for value in [
            "",
            "0",
            "STATAMIC_CSRF_TOKEN",
            "{{ csrf_token() }}",
            "%CSRF_TOKEN%",
            "your-csrf-token-goes-here",
            "' + token1A + '",
        ] {
            assert!(fields(&format!(r#"<input name="csrf_token" value="{value}">"#)).is_empty(), "{value}");
        }
    }

    #[test]
    fn htmx_attributes_with_a_csrf_value_are_found_on_any_element() {
        for tag in [
            r#"<body hx-headers='{"X-CSRFToken": "VALUE"}'>"#,
            r#"<body class="x" HX-Headers="{&quot;x-csrf-token&quot;: &quot;VALUE&quot;}">"#,
            r#"<div data-hx-headers='{"RequestVerificationToken":"VALUE"}'>"#,
            r#"<button hx-post="/x" hx-vals='{"csrf_token":"VALUE"}'>"#,
            r#"<input name=q hx-headers='{"X-XSRF-TOKEN":"VALUE"}'>"#,
        ] {
            assert_eq!(fields(tag).len(), 1, "{tag}");
        }
        for tag in [
            r#"<body hx-headers='{"X-Trace": "VALUE"}'>"#,
            r#"<body hx-headers='js:{"X-CSRFToken": cookie("csrftoken")}'>"#,
            r#"<body hx-headers='{"X-CSRFToken": ""}'>"#,
            r#"<body title="hx-headers" data-x='{"csrf":"VALUE"}'>"#,
        ] {
            assert!(fields(tag).is_empty(), "{tag}");
        }
    }

    #[test]
    fn each_value_is_told_with_the_place_of_its_tag() {
        let page = format!("<p>é\n</p> <input name=_csrf value={VALUE}>\n\n<a hx-vals='{{\"_csrf\":\"{VALUE}\"}}'>");
        let places: Vec<_> = Values::new(page.as_bytes())
            .map(|leak| if let Leak::Csrf { at: Some(at), .. } = leak { at } else { panic!("{leak:?}") })
            .collect();
        assert_eq!(places, [Position { line: 2, column: 6 }, Position { line: 4, column: 1 }]);
    }

    #[test]
    fn no_page_makes_the_search_quadratic() {
        for part in [
            "<input ",
            "<input a='",
            "<a hx-headers",
            "hx-headers",
            "<",
            "x",
            "<a ",
            "<input name=_csrf>",
            "<meta\n",
            "<script>",
            "csrf",
            "<script>csrf=",
            "<textarea name=csrf>",
            "srf'",
            "<a csrf-",
        ] {
            let page = part.repeat(4_000_000 / part.len());
            assert!(fields(&page).is_empty(), "{part}");
        }
    }

    proptest::proptest! {
        #[test]
        fn no_page_makes_the_search_panic(page in "(<input|<meta|<a|<script|</script|<textarea|http-equiv|nonce-|hx-headers|name|value|csrf|=|'|\"|>| |x|é|\n){0,40}") {
            let _ = Values::new(page.as_bytes()).count();
        }
    }
}
