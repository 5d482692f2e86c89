//! One option, and how each language spells its name.

use super::value::Words;
use super::{HOSTS, SETTINGS, Types};
use crate::{Error, nearest};

/// An option, as guides and types are written from it.
#[derive(Debug, Clone, Copy)]
pub struct Setting {
    name: &'static str,
    kind: Kind,
    default: &'static str,
    doc: &'static str,
}

/// What an option's values are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Kind {
    /// True or false.
    Flag {
        /// Its default.
        is_on: bool,
    },
    /// A text.
    Text,
    /// A list of texts.
    Texts,
    /// A whole number.
    Count {
        /// The smallest.
        least: u32,
        /// The largest.
        most: u32,
    },
    /// A span of time: seconds, a text such as `10m`, or the language's own type.
    Time {
        /// The shortest, in seconds.
        least: u32,
    },
    /// One of a few words, the default first.
    Choice(&'static [&'static str]),
    /// What only a host can hold: a function, an object of its language.
    Host(Types),
}

impl Setting {
    pub(super) const fn new(name: &'static str, kind: Kind, default: &'static str, doc: &'static str) -> Self {
        Self { name, kind, default, doc }
    }

    /// Its name, as Rust spells it.
    #[must_use]
    pub fn name(&self) -> &'static str {
        self.name
    }

    /// What its values are.
    #[must_use]
    pub fn kind(&self) -> Kind {
        self.kind
    }

    /// Its default, as guides say it, in Markdown.
    #[must_use]
    pub fn default_text(&self) -> &'static str {
        self.default
    }

    /// What it does, in Markdown, without a line break.
    #[must_use]
    pub fn about(&self) -> String {
        let first = self.doc.split("\n\n").next().unwrap_or_default();
        first.lines().map(str::trim).collect::<Vec<_>>().join(" ").trim().to_owned()
    }
}

/// How a language spells the names of options.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub enum Spelling {
    /// `login_url`: Rust, C.
    #[default]
    Snake,
    /// `login_url`, and `True` for true: Python.
    Python,
    /// `LOGIN_URL`: Django's settings.
    Upper,
    /// `loginUrl`: JavaScript.
    Camel,
    /// `LoginURL`: Go. What is on by default is turned off by `NoLoader`.
    Pascal,
}

/// Parts of names that Go writes in capitals.
const INITIALS: [&str; 4] = ["url", "ttl", "html", "csrf"];

impl Spelling {
    /// An option's name.
    #[must_use]
    pub fn of(self, setting: &Setting) -> String {
        let name = setting.name();
        match self {
            Self::Snake | Self::Python => name.to_owned(),
            Self::Upper => name.to_ascii_uppercase(),
            Self::Camel => {
                name.split('_').enumerate().map(|(at, part)| if at == 0 { part.into() } else { title(part) }).collect()
            }
            Self::Pascal => {
                let no = if self.is_inverted(setting) { "No" } else { "" };
                let part = |part: &str| if INITIALS.contains(&part) { part.to_ascii_uppercase() } else { title(part) };
                no.to_owned() + &name.split('_').map(part).collect::<String>()
            }
        }
    }

    /// Whether the language's name for the option says the opposite: in Go, what is not set is off.
    pub(super) fn is_inverted(self, setting: &Setting) -> bool {
        self == Self::Pascal && matches!(setting.kind(), Kind::Flag { is_on: true })
    }

    /// The options that the language has, each with its name there.
    pub fn all(self) -> impl Iterator<Item = (&'static Setting, String)> {
        let here = SETTINGS.iter().chain(HOSTS).filter(move |setting| match setting.kind() {
            Kind::Host(types) => types.of(self).is_some(),
            _ => true,
        });
        here.map(move |setting| (setting, self.of(setting)))
    }

    /// The option that `name` is.
    pub(super) fn find(self, name: &str) -> Result<&'static Setting, Error> {
        if let Some((setting, _)) = self.all().find(|(_, known)| known == name) {
            return Ok(setting);
        }
        let known: Vec<String> = self.all().map(|(_, known)| known).collect();
        let other_spelling = known.iter().map(String::as_str).find(|known| letters(known) == letters(name));
        let reason = match other_spelling.or_else(|| nearest(name.as_bytes(), known.iter().map(String::as_str))) {
            Some(meant) => format!("there is no such option: {meant} is meant"),
            None => format!("there is no such option; there are {}", known.join(", ")),
        };
        Err(Error::Option { option: name.to_owned().into(), reason })
    }

    /// The spelling of the option with a name, as Rust spells it, for errors.
    pub(crate) fn shown(self, name: &'static str) -> String {
        SETTINGS
            .iter()
            .find(|setting| setting.name() == name)
            .map_or_else(|| name.to_owned(), |setting| self.of(setting))
    }

    pub(super) fn words(self) -> &'static Words {
        match self {
            Self::Python | Self::Upper => &Words { yes: "True", no: "False", nothing: "None" },
            Self::Pascal => &Words { yes: "true", no: "false", nothing: "nil" },
            Self::Snake | Self::Camel => &Words { yes: "true", no: "false", nothing: "null" },
        }
    }
}

/// The letters of a name, however it is spelled: `login_url`, `LoginURL`.
fn letters(name: &str) -> String {
    name.chars().filter(|letter| *letter != '_').map(|letter| letter.to_ascii_lowercase()).collect()
}

fn title(part: &str) -> String {
    let mut letters = part.chars();
    letters.next().map_or_else(String::new, |first| first.to_ascii_uppercase().to_string() + letters.as_str())
}
