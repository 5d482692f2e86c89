//! The options of [`Islands`](crate::Islands), each once: its name, kind, bounds and default, the sentence that every
//! language's guide and types show, and the builder's method. What is written here is all that a new option needs, beside
//! the place that obeys it; `cargo run -p eyot --example options -- --write` takes it into every language.

mod hosts;
mod setting;
mod value;

pub use hosts::{HOSTS, Types};
pub use setting::{Kind, Setting, Spelling};
pub use value::Value;

use crate::identity::IDENTITY_HEADERS;
use crate::placeholder::SealMode;
use crate::{Builder, Error};
use value::Bounds;

/// The type that an option of a kind has here.
macro_rules! type_of {
    (flag) => { bool };
    (text) => { String };
    (texts) => { Vec<String> };
    (count) => { usize };
    (time) => { Option<u32> };
    (seal) => { SealMode };
}

/// An option's kind, as tables show it.
macro_rules! kind_of {
    (flag, $default:expr, $($bounds:expr)?) => {
        Kind::Flag { is_on: $default }
    };
    (text, $default:expr, $($bounds:expr)?) => {
        Kind::Text
    };
    (texts, $default:expr, $($bounds:expr)?) => {
        Kind::Texts
    };
    (count, $default:expr, $bounds:expr) => {
        Kind::Count { least: $bounds.0, most: $bounds.1 }
    };
    (time, $default:expr, $bounds:expr) => {
        Kind::Time { least: $bounds.0 }
    };
    (seal, $default:expr, $($bounds:expr)?) => {
        Kind::Choice(&value::SEALS)
    };
}

/// Reads an option's value.
macro_rules! read {
    (flag, $before:expr, $is_first:expr, $value:expr, $words:expr, $($bounds:expr)?) => {
        value::flag($value, $words)
    };
    (text, $before:expr, $is_first:expr, $value:expr, $words:expr, $($bounds:expr)?) => {
        value::text($value, $words)
    };
    (texts, $before:expr, $is_first:expr, $value:expr, $words:expr, $($bounds:expr)?) => {
        value::texts(if $is_first { &[] } else { $before }, $value, $words)
    };
    (count, $before:expr, $is_first:expr, $value:expr, $words:expr, $bounds:expr) => {
        value::count($value, $bounds, $words)
    };
    (time, $before:expr, $is_first:expr, $value:expr, $words:expr, $bounds:expr) => {
        value::time($value, $bounds, $words).map(Some)
    };
    (seal, $before:expr, $is_first:expr, $value:expr, $words:expr, $($bounds:expr)?) => {
        value::choice($value, &value::SEALS, $words).map(value::seal)
    };
}

/// The builder's method of an option.
macro_rules! method {
    (flag, $name:ident, $($doc:literal)+) => {
        $(#[doc = $doc])+
        #[must_use]
        pub fn $name(mut self, on: bool) -> Self {
            self.settings.$name = on;
            self
        }
    };
    (text, $name:ident, $($doc:literal)+) => {
        $(#[doc = $doc])+
        #[must_use]
        pub fn $name(mut self, text: impl Into<String>) -> Self {
            self.settings.$name = text.into();
            self
        }
    };
    (texts, $name:ident, $($doc:literal)+) => {
        $(#[doc = $doc])+
        #[must_use]
        pub fn $name(mut self, texts: impl IntoIterator<Item = impl Into<String>>) -> Self {
            self.settings.$name = texts.into_iter().map(Into::into).collect();
            self
        }
    };
    (count, $name:ident, $($doc:literal)+) => {
        $(#[doc = $doc])+
        #[must_use]
        pub fn $name(mut self, count: usize) -> Self {
            self.settings.$name = count;
            self
        }
    };
    (time, $name:ident, $($doc:literal)+) => {
        $(#[doc = $doc])+
        #[must_use]
        pub fn $name(mut self, seconds: u32) -> Self {
            self.settings.$name = Some(seconds);
            self
        }
    };
    (seal, $name:ident, $($doc:literal)+) => {
        $(#[doc = $doc])+
        #[must_use]
        pub fn $name(mut self, mode: SealMode) -> Self {
            self.settings.$name = mode;
            self
        }
    };
}

/// Makes of the table below: the values, their defaults, what reads them, the list that other languages are written from,
/// and the builder's methods. A line is a kind, a name, bounds where numbers have them, the default, and how guides say it.
macro_rules! settings {
    ($($(#[doc = $doc:literal])+ $kind:ident $name:ident $(($least:expr, $most:expr))? = $default:expr, $shown:literal;)+) => {
        /// What each option is set to.
        #[derive(Debug, Clone)]
        pub(crate) struct Settings {
            $(pub(crate) $name: type_of!($kind),)+
        }

        impl Default for Settings {
            fn default() -> Self {
                Self { $($name: $default,)+ }
            }
        }

        impl Settings {
            /// Sets an option of the list, by its name in it. Written texts are added to those before, unless they are the first.
            fn put(&mut self, name: &str, value: &Value<'_>, is_first: bool, words: &value::Words) -> Result<(), String> {
                match name {
                    $(stringify!($name) => self.$name = read!($kind, &self.$name, is_first, value, words, $(Bounds($least, $most))?)?,)+
                    _ => return Err("is an option of a host alone".to_owned()),
                }
                Ok(())
            }
        }

        /// The options of [`Islands`](crate::Islands) that core obeys, in the order of guides.
        pub static SETTINGS: &[Setting] = &[
            $(Setting::new(stringify!($name), kind_of!($kind, $default, $(Bounds($least, $most))?), $shown, concat!($($doc, "\n"),+)),)+
        ];

        impl Builder {
            $(method!($kind, $name, $($doc)+);)+
        }
    };
}

settings! {
    /// The path below which islands are asked for.
    text prefix = "/_server-islands".to_owned(), "`/_server-islands`";
    /// Names of islands that pages may hold and another host answers.
    texts elsewhere = Vec::new(), "none";
    /// Another origin that answers the islands of this host's shells, such as `https://islands.example`.
    text origin = String::new(), "this host";
    /// Origins whose shells this host answers islands for.
    ///
    /// ```
    /// # let keys = eyot::KeyRing::parse("p3Qm0Wv9yJ5sT1xL8bN4eR7uA2dF6gH0kC3iZ5oVqXM=")?;
    /// // islands.example answers the islands of pages on shop.example.
    /// let islands = eyot::Islands::builder(keys).island("CartCount").allowed_origins(["https://shop.example"]).build()?;
    /// let headers = [("Origin", &b"https://shop.example"[..])];
    /// let head = eyot::http::Head::new("OPTIONS", b"/_server-islands/CartCount").with_headers(&headers);
    /// assert!(matches!(islands.route(&head), Some(eyot::http::Route::Preflight(_))));
    /// # Ok::<(), eyot::Error>(())
    /// ```
    texts allowed_origins = Vec::new(), "none";
    /// Where a handler's 401 sends the visitor: a path from the root, or an http(s) URL.
    ///
    /// ```
    /// use eyot::http::{Head, Response, Route, edited};
    ///
    /// # let keys = eyot::KeyRing::parse("p3Qm0Wv9yJ5sT1xL8bN4eR7uA2dF6gH0kC3iZ5oVqXM=")?;
    /// let islands = eyot::Islands::builder(keys).island("CartCount").login_url("/login").build()?;
    /// let Some(Route::Pending(pending)) = islands.route(&Head::new("GET", b"/_server-islands/CartCount/token")) else {
    ///     panic!("an island")
    /// };
    /// let outcome = pending.finish(&islands, &Response::new(401, &[])).expect("a redirect");
    /// assert!(edited(&[], &outcome.edits).contains(&("Island-Location", b"/login")));
    /// # Ok::<(), eyot::Error>(())
    /// ```
    text login_url = String::new(), "nowhere";
    /// Origins, other than the host's own, that a handler may redirect to.
    texts locations = Vec::new(), "none";
    /// The headers that say who the visitor is, beside `Cookie` and `Authorization`. Views under a policy without cookies,
    /// and shared islands, do not see them. A `*` at a name's end stands for any ending.
    ///
    /// ```
    /// use eyot::http::{Head, ShellPolicy};
    ///
    /// # let keys = eyot::KeyRing::parse("p3Qm0Wv9yJ5sT1xL8bN4eR7uA2dF6gH0kC3iZ5oVqXM=")?;
    /// let islands = eyot::Islands::builder(keys).identity_headers(["X-Visitor", "X-Sso-*"]).build()?;
    /// let headers = [("x-sso-user", &b"ada"[..]), ("X-Forwarded-User", b"ada")];
    /// let visit = ShellPolicy::new(0, 600)?.incoming(&islands, &Head::new("GET", b"/").with_headers(&headers));
    /// assert_eq!(visit.expect("a GET").hidden_headers(), ["x-sso-user".into()]);
    /// # Ok::<(), eyot::Error>(())
    /// ```
    texts identity_headers = IDENTITY_HEADERS.map(str::to_owned).into(), "those that proxies are known to send";
    /// How long tokens stay valid that do not say.
    time ttl(1, crate::duration::LONGEST) = None, "for ever";
    /// The step that expiries are rounded up to, so that tokens stay the same inside it.
    time ttl_grid(1, crate::duration::LONGEST) = None, "the time to live";
    /// How tokens are sealed that do not say: `stable` (the same content gives the same token) or `unlinkable` (no two
    /// tokens can be linked).
    seal seal = SealMode::Stable, "`stable`";
    /// Whether the page's path and language travel in tokens that do not say.
    flag page = false, "off";
    /// The length in bytes above which an island is asked for by POST.
    count url_limit(0, 1 << 20) = 2_000, "2,000";
    /// The most islands on a page.
    count max_islands(0, 1 << 20) = 1_000, "1,000";
    /// The most bytes of one island in a page.
    count max_island_bytes(0, 1 << 30) = 1 << 20, "1 MiB";
    /// How long the handler of an island may take; 0 for no limit.
    time deadline(0, crate::duration::LONGEST) = Some(30), "30 seconds";
    /// Whether HTML is searched for directives. Without it, the template helpers write placeholders.
    flag html_pass = true, "on";
    /// Whether split pages get the loader's tags.
    flag loader = true, "on";
    /// Whether the style sheet's tag is among the loader's tags. A site that turns it off says
    /// `server-island{display:contents}` in its own.
    flag stylesheet = true, "on";
    /// Whether the loader and the style sheet stand in the page itself, instead of in files of their own. It saves a
    /// visitor's first page a round trip, and costs each page 3 kB. A `Content-Security-Policy` allows them by their hashes.
    flag inline_loader = false, "off";
    /// Whether the head of a page that is split whole gets a `<link rel="preload">` for each island that is loaded at once,
    /// so that the browser asks for them before the loader runs. Islands of another origin, that are asked for by POST, or
    /// that stand in a `template` or an error slot get none.
    flag preload = false, "off";
    /// Whether faults are shown to the visitor: in place of a page, in a refusal's body, and in the browser's console, where
    /// the loader says what is wrong with an island that fails or is slow. For development.
    flag debug = false, "as the framework has it";
}

impl Builder {
    /// How the host spells the names of options, which [`set`](Self::set) takes and errors show; as Rust does by default.
    #[must_use]
    pub fn spelling(mut self, spelling: Spelling) -> Self {
        self.spelling = spelling;
        self
    }

    /// Sets an option by its name, in the host's [`spelling`](Self::spelling), to the value that the host was given.
    ///
    /// ```
    /// use eyot::options::{Spelling, Value};
    ///
    /// # let keys = eyot::KeyRing::parse("p3Qm0Wv9yJ5sT1xL8bN4eR7uA2dF6gH0kC3iZ5oVqXM=")?;
    /// let builder = eyot::Islands::builder(keys).spelling(Spelling::Camel).set("urlLimit", &Value::Number(500.0))?;
    /// let error = builder.set("prelaod", &Value::Flag(true)).unwrap_err();
    /// assert_eq!(error.to_string(), "prelaod: there is no such option: preload is meant");
    /// # Ok::<(), eyot::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`Error::Option`] for a name that no option has, and for a value that the option cannot have.
    pub fn set(mut self, name: &str, value: &Value<'_>) -> Result<Self, Error> {
        let setting = self.spelling.find(name)?;
        if matches!(value, Value::Nothing) {
            return Ok(self);
        }
        let is_first = !self.given.contains(&setting.name());
        if is_first {
            self.given.push(setting.name());
        }
        let value = &if self.spelling.is_inverted(setting) { value.inverted() } else { value.clone() };
        let wrong = |reason| Error::Option { option: name.to_owned().into(), reason };
        self.settings.put(setting.name(), value, is_first, self.spelling.words()).map_err(wrong)?;
        Ok(self)
    }
}

#[cfg(test)]
mod tests;
