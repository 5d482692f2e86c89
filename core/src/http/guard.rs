//! The leak guard: finds what is one visitor's in a response that everyone would get.

use std::fmt;

use super::fields::{is_encoded, is_html, members, values};
use super::response::Response;
use crate::Position;
use crate::html::attributes::Attributes;
use crate::html::find::holds_any;

/// Something in a shell that belongs to one visitor. Holds names and places, never values.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Leak {
    /// A cookie is set.
    SetCookie {
        /// The cookie's name.
        cookie: String,
    },
    /// The response says that it depends on what every visitor has differently.
    Vary {
        /// `Cookie`, `Authorization` or `*`.
        on: &'static str,
    },
    /// A value against cross-site request forgery is in the page.
    Csrf {
        /// The name of the field, or the attribute that holds it.
        field: String,
        /// Where its tag begins.
        at: Position,
    },
    /// The `Content-Security-Policy` has a nonce: a copy from a cache would have another than its header.
    Nonce,
    /// The page was compressed before the guard could read it.
    Encoded,
}

impl Leak {
    /// A stable, lower-case code such as `leak-cookie`, for logs and tests.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::SetCookie { .. } => "leak-cookie",
            Self::Vary { .. } => "leak-vary",
            Self::Csrf { .. } => "leak-csrf",
            Self::Nonce => "leak-nonce",
            Self::Encoded => "leak-encoded",
        }
    }
}

impl fmt::Display for Leak {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::SetCookie { cookie } => write!(
                f,
                "the cookie {cookie:?} is set in a shell that caches hand to everyone: set it in an island, or take the policy off this route"
            ),
            Self::Vary { on } => write!(
                f,
                "the shell varies on {on}, so caches cannot share it: read cookies and sessions in islands only"
            ),
            Self::Csrf { field, at } => write!(
                f,
                "{at}: the CSRF value {field:?} is in a shell that caches hand to everyone: put it, or its form, into an island"
            ),
            Self::Nonce => f.write_str(
                "the Content-Security-Policy has a nonce, which a cached shell repeats for everyone: allow scripts by hash, or use one policy for shells without a nonce",
            ),
            Self::Encoded => f.write_str(
                "the page was compressed before the leak guard could read it: compress outside of eyot's outer station",
            ),
        }
    }
}

/// At most so many CSRF values are told of: one template usually repeats one mistake.
const MOST: usize = 8;

/// Names of hidden fields and `meta` elements that hold a CSRF value, in lower case.
const FIELDS: [&str; 20] = [
    "csrfmiddlewaretoken",        // Django
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

/// All leaks of a response that a shared cache may store. With `cookies` the app saw the visitor's cookies; without, what
/// `Vary` says of them was added for nothing.
pub(super) fn leaks(response: &Response<'_>, cookies: bool) -> Vec<Leak> {
    let headers = response.headers;
    let mut leaks: Vec<_> =
        values(headers, "set-cookie").map(|cookie| Leak::SetCookie { cookie: cookie_name(cookie) }).collect();
    leaks.extend(members(headers, "vary").filter_map(|name| vary(name, cookies)));
    let nonce = |value: &[u8]| memchr::memmem::find(&value.to_ascii_lowercase(), b"'nonce-").is_some();
    if values(headers, "content-security-policy").any(nonce) {
        leaks.push(Leak::Nonce);
    }
    if let Some(body) = response.body.filter(|body| !body.is_empty() && is_html(headers)) {
        if is_encoded(headers) {
            leaks.push(Leak::Encoded);
        } else if holds_any(body, MARKS) {
            leaks.extend(CsrfValues::new(body).take(MOST));
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

/// Finds the CSRF values of a page, in one pass: it jumps from `<` to `<`, and to each `x` for htmx's attributes, which
/// any element may have. Text cannot be taken for a tag, since it holds no bare `<` before a letter.
struct CsrfValues<'a> {
    body: &'a [u8],
    /// Where the search goes on.
    at: usize,
    /// Where the last tag began that was not read.
    open: Option<usize>,
    counted: usize,
    position: Position,
}

impl<'a> CsrfValues<'a> {
    fn new(body: &'a [u8]) -> Self {
        Self { body, at: 0, open: None, counted: 0, position: Position { line: 1, column: 1 } }
    }

    /// The next tag worth reading.
    fn candidate(&mut self) -> Option<usize> {
        while let Some(found) = memchr::memchr3(b'<', b'x', b'X', &self.body[self.at..]) {
            let at = self.at + found;
            self.at = at + 1;
            if self.body[at] != b'<' {
                if is_htmx(self.body, at)
                    && let Some(open) = self.open.take()
                {
                    return Some(open);
                }
                continue;
            }
            self.open = self.body.get(at + 1).filter(|b| b.is_ascii_alphabetic()).map(|_| at);
            let is =
                |name: &[u8]| self.body.get(at + 1..at + 1 + name.len()).is_some_and(|n| n.eq_ignore_ascii_case(name));
            if is(b"input") || is(b"meta") {
                self.open = None;
                return Some(at);
            }
        }
        None
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

impl Iterator for CsrfValues<'_> {
    type Item = Leak;

    fn next(&mut self) -> Option<Leak> {
        while let Some(start) = self.candidate() {
            let (field, length) = read_tag(&self.body[start..]);
            self.at = self.at.max(start + length);
            if let Some(field) = field {
                return Some(Leak::Csrf { field, at: self.position(start) });
            }
        }
        None
    }
}

/// Whether the `x` at `at` is that of `hx-headers` or `hx-vals`.
fn is_htmx(body: &[u8], at: usize) -> bool {
    let Some(name) = at.checked_sub(1).and_then(|start| body.get(start..)) else { return false };
    [&b"hx-headers"[..], b"hx-vals"]
        .iter()
        .any(|n| name.get(..n.len()).is_some_and(|name| name.eq_ignore_ascii_case(n)))
}

/// Reads the tag at the start of `text`: the name of the CSRF value that it holds, and its length.
fn read_tag(text: &[u8]) -> (Option<String>, usize) {
    let name = text[1..].split(|b| b.is_ascii_whitespace() || matches!(b, b'/' | b'>')).next().unwrap_or_default();
    let value_name: &[u8] = if name.eq_ignore_ascii_case(b"meta") { b"content" } else { b"value" };
    let is_field = name.eq_ignore_ascii_case(b"meta") || name.eq_ignore_ascii_case(b"input");
    let (mut field, mut value, mut htmx) = (None, None, None);
    let mut attributes = Attributes::after(text, 1 + name.len());
    for attribute in attributes.by_ref() {
        let (name, content) = (attribute.name(text), attribute.value(text).unwrap_or_default());
        if name.eq_ignore_ascii_case(b"name") {
            field.get_or_insert(content);
        } else if name.eq_ignore_ascii_case(value_name) {
            value.get_or_insert(content);
        } else if name.iter().rposition(|b| matches!(b, b'x' | b'X')).is_some_and(|at| is_htmx(name, at))
            && holds_key(content)
        {
            htmx.get_or_insert(name);
        }
    }
    let known = field.filter(|field| is_field && is_known(field) && value.is_some_and(is_random));
    (known.or(htmx).map(|name| String::from_utf8_lossy(name).into_owned()), attributes.tag_end())
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
    use super::{CsrfValues, FIELDS, HTMX_KEYS, Leak, MARKS, holds_any};
    use crate::Position;

    const VALUE: &str = "Zk3vQ9xW7rT1mB5nY8cL2pD4";

    /// The fields that the guard finds; `VALUE` stands for a value.
    fn fields(page: &str) -> Vec<String> {
        let page = page.replace("VALUE", VALUE);
        let leaks = CsrfValues::new(page.as_bytes());
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
            "<button name=csrf_token value=VALUE>",
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
        let places: Vec<_> = CsrfValues::new(page.as_bytes())
            .map(|leak| if let Leak::Csrf { at, .. } = leak { at } else { panic!("{leak:?}") })
            .collect();
        assert_eq!(places, [Position { line: 2, column: 6 }, Position { line: 4, column: 1 }]);
    }

    #[test]
    fn no_page_makes_the_search_quadratic() {
        for part in
            ["<input ", "<input a='", "<a hx-headers", "hx-headers", "<", "x", "<a ", "<input name=_csrf>", "<meta\n"]
        {
            let page = part.repeat(4_000_000 / part.len());
            assert!(fields(&page).is_empty(), "{part}");
        }
    }

    proptest::proptest! {
        #[test]
        fn no_page_makes_the_search_panic(page in "(<input|<meta|<a|hx-headers|name|value|csrf|=|'|\"|>| |x|é|\n){0,40}") {
            let _ = CsrfValues::new(page.as_bytes()).count();
        }
    }
}
