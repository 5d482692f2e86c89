//! The options that only a host can obey: functions, keys, what belongs to a framework. They stand here so that guides list
//! them, types have them, and a misspelt name is told from them.

use super::{Kind, Setting, Spelling};

/// The types of an option of hosts, in the languages that have it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Types {
    /// In Python's keyword arguments.
    pub python: Option<&'static str>,
    /// In Django's settings.
    pub django: Option<&'static str>,
    /// In TypeScript; `Request` is the framework's own.
    pub node: Option<&'static str>,
    /// In Go.
    pub go: Option<&'static str>,
}

impl Types {
    /// The type in the language of a spelling.
    #[must_use]
    pub fn of(&self, spelling: Spelling) -> Option<&'static str> {
        match spelling {
            Spelling::Snake => None,
            Spelling::Python => self.python,
            Spelling::Upper => self.django,
            Spelling::Camel => self.node,
            Spelling::Pascal => self.go,
        }
    }
}

const fn host(name: &'static str, types: Types, default: &'static str, doc: &'static str) -> Setting {
    Setting::new(name, Kind::Host(types), default, doc)
}

/// The options of hosts, in the order of guides.
pub static HOSTS: &[Setting] = &[
    host(
        "keys",
        Types {
            python: Some("str | KeyRing | None"),
            django: Some("str | None"),
            node: Some("string | KeyRing"),
            go: Some("string"),
        },
        "`EYOT_KEYS`, else `EYOT_KEYS_FILE`",
        "The text of the key ring, as in `EYOT_KEYS`, or a ring that is there already. Without keys an app does not start; \
         while debugging it gets a temporary one, with a warning.",
    ),
    host(
        "key_ring",
        Types { python: None, django: None, node: None, go: Some("*KeyRing") },
        "none",
        "A key ring that is there already, in place of the keys' text.",
    ),
    host(
        "keys_file",
        Types { python: None, django: Some("str | Path"), node: None, go: None },
        "`EYOT_KEYS_FILE`",
        "The path of a key file, which is read again when it changes.",
    ),
    host(
        "secrets",
        Types { python: Some("Sequence[str | bytes]"), django: None, node: None, go: None },
        "none",
        "The framework's own secrets, the current one first, from which keys are derived where there are none.",
    ),
    host(
        "shells",
        Types {
            python: Some("Mapping[str, Policy | None]"),
            django: Some("Mapping[str, Mapping[str, Any]]"),
            node: None,
            go: None,
        },
        "none",
        "Policies of pages that no decorator marks: by the name of a route or endpoint (Django, Flask), by a pattern of paths \
         elsewhere.",
    ),
    host(
        "default",
        Types {
            python: Some("Callable[[Any], Any] | None"),
            django: Some("Callable[[Any], Any] | str"),
            node: None,
            go: None,
        },
        "the framework's own encoder, where it has one",
        "What makes a value that JSON can hold of a prop that it cannot hold.",
    ),
    host(
        "audience",
        Types {
            python: Some("Callable[..., str] | None"),
            django: Some("Callable[[HttpRequest], str] | str"),
            node: Some("(request: Request) => string"),
            go: Some("func(*http.Request) string"),
        },
        "none",
        "Tells a text that sealing and opening must agree on, such as the tenant.",
    ),
    host(
        "lang",
        Types {
            python: Some("Callable[..., str] | None"),
            django: Some("Callable[[HttpRequest], str] | str"),
            node: Some("(request: Request) => string"),
            go: Some("func(*http.Request) string"),
        },
        "the language that the framework has activated, where it has one",
        "Tells the language of the page, for tokens that hold the page.",
    ),
    host(
        "mount",
        Types { python: None, django: None, node: Some("string"), go: Some("func(*http.Request) string") },
        "what the request shows",
        "The path that the app is mounted at, where a proxy took it off; in Go a function that tells it.",
    ),
    host(
        "logger",
        Types { python: None, django: None, node: Some("Logger"), go: Some("*slog.Logger") },
        "the framework's, else the language's",
        "What events are logged with.",
    ),
    host(
        "on_event",
        Types {
            python: Some("Callable[[Event], object] | None"),
            django: Some("Callable[[Event], object] | str"),
            node: Some("(event: Event) => unknown"),
            go: Some("func(context.Context, Event)"),
        },
        "none",
        "Is called with each event: refusals, leaks, faults, keys that changed, handlers that took too long. Never with a \
         token or a prop.",
    ),
    host(
        "csrf_island",
        Types { python: None, django: Some("str"), node: None, go: None },
        "`CsrfField`",
        "The name of the island that holds the field with the CSRF token.",
    ),
];
