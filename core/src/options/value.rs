//! What an option is given as, and what each kind of option makes of it.

use crate::duration;
use crate::placeholder::SealMode;

/// An option's value as a host was given it, in whatever language.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub enum Value<'a> {
    /// Nothing (`None`, `null`, `undefined`): the option stays as it is.
    Nothing,
    /// True or false.
    Flag(bool),
    /// A number, or the seconds of the language's own type for times.
    Number(f64),
    /// A text.
    Text(&'a str),
    /// A list of texts.
    Texts(Vec<&'a str>),
    /// Anything else; the text says what it is: `a function`, `of the type dict`.
    Other(&'a str),
    /// A text from which the value has to be read, where all that crosses is text: `true`, `600`, `10m`. A list is given
    /// by one of these for each of its texts.
    Written(&'a str),
}

impl Value<'_> {
    /// The opposite of a flag; anything else as it is.
    pub(super) fn inverted(&self) -> Self {
        match self {
            Self::Flag(on) => Self::Flag(!on),
            Self::Written("true") => Self::Written("false"),
            Self::Written("false") => Self::Written("true"),
            _ => self.clone(),
        }
    }

    /// What it is, for an error.
    fn told(&self, words: &Words) -> String {
        match self {
            Self::Nothing => words.nothing.to_owned(),
            Self::Flag(true) => words.yes.to_owned(),
            Self::Flag(false) => words.no.to_owned(),
            Self::Number(number) => format!("the number {number}"),
            Self::Text(text) => format!("the text {text:?}"),
            Self::Texts(_) => "a list".to_owned(),
            Self::Other(kind) => (*kind).to_owned(),
            Self::Written(text) => format!("{text:?}"),
        }
    }
}

/// How a language spells what errors speak of.
#[derive(Debug, Clone, Copy)]
pub(super) struct Words {
    pub(super) yes: &'static str,
    pub(super) no: &'static str,
    pub(super) nothing: &'static str,
}

/// The smallest and the largest value of a count.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Bounds(pub(super) u32, pub(super) u32);

/// A flag.
pub(super) fn flag(value: &Value<'_>, words: &Words) -> Result<bool, String> {
    match value {
        Value::Flag(on) => Ok(*on),
        Value::Written("true") => Ok(true),
        Value::Written("false") => Ok(false),
        _ => Err(format!("is {}: use {} or {}", value.told(words), words.yes, words.no)),
    }
}

/// A text.
pub(super) fn text(value: &Value<'_>, words: &Words) -> Result<String, String> {
    match value {
        Value::Text(text) | Value::Written(text) => Ok((*text).to_owned()),
        _ => Err(format!("is {}: use a text", value.told(words))),
    }
}

/// A list of texts; written ones are added to those before.
pub(super) fn texts(before: &[String], value: &Value<'_>, words: &Words) -> Result<Vec<String>, String> {
    match value {
        Value::Texts(texts) => Ok(texts.iter().map(|text| (*text).to_owned()).collect()),
        Value::Written("") => Ok(Vec::new()),
        Value::Written(text) => Ok(before.iter().map(String::as_str).chain([*text]).map(str::to_owned).collect()),
        Value::Text(text) => Err(format!("is the text {text:?}: use a list of texts, such as [{text:?}]")),
        _ => Err(format!("is {}: use a list of texts", value.told(words))),
    }
}

/// One of a few words.
pub(super) fn choice(value: &Value<'_>, choices: &[&str], words: &Words) -> Result<usize, String> {
    let found = match value {
        Value::Text(text) | Value::Written(text) => choices.iter().position(|choice| choice == text),
        _ => None,
    };
    found.ok_or_else(|| {
        let choices: Vec<String> = choices.iter().map(|choice| format!("{choice:?}")).collect();
        format!("is {}: use {}", value.told(words), choices.join(" or "))
    })
}

/// A whole number within its bounds.
pub(super) fn count(value: &Value<'_>, bounds: Bounds, words: &Words) -> Result<usize, String> {
    let number = match value {
        Value::Number(number) => whole(*number),
        Value::Written(text) => text.parse().ok(),
        _ => None,
    };
    let inside = number.filter(|number| (bounds.0..=bounds.1).contains(number));
    let found = inside.and_then(|number| usize::try_from(number).ok());
    found.ok_or_else(|| format!("is {}: use a whole number from {} to {}", value.told(words), bounds.0, bounds.1))
}

/// A span of time, in whole seconds.
pub(super) fn time(value: &Value<'_>, bounds: Bounds, words: &Words) -> Result<u32, String> {
    let seconds = match value {
        Value::Number(number) => whole(*number),
        Value::Text(text) | Value::Written(text) => Some(duration::seconds(text).map_err(|error| error.to_string())?),
        _ => None,
    };
    seconds.filter(|seconds| (bounds.0..=bounds.1).contains(seconds)).ok_or_else(|| {
        let told = value.told(words);
        format!("is {told}: use whole seconds from {} to {}, or a text such as \"10m\"", bounds.0, bounds.1)
    })
}

fn whole(number: f64) -> Option<u32> {
    let is_whole = number.fract() == 0.0 && (0.0..=f64::from(u32::MAX)).contains(&number);
    // The range was checked.
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "whole, and within u32")]
    is_whole.then_some(number as u32)
}

/// The words of [`SealMode`], the default first.
pub(super) const SEALS: [&str; 2] = ["stable", "unlinkable"];

pub(super) fn seal(index: usize) -> SealMode {
    if index == 0 { SealMode::Stable } else { SealMode::Unlinkable }
}
