//! An island's options: the `server:` attributes other than `defer` and `props`, as types that cannot hold a wrong value.

use super::native_events;
use crate::nearest;

use std::ops::Range;

/// When the loader fetches an island.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub enum When<'a> {
    /// At once.
    #[default]
    Load,
    /// When the browser is idle.
    Idle,
    /// When the placeholder comes into view; the margin is a CSS length list such as `200px`, or empty.
    Visible(&'a str),
    /// When a media query such as `(min-width: 40em)` matches.
    Media(&'a str),
    /// When the visitor points at, focuses or touches the placeholder.
    Interaction,
    /// When the page's own script asks.
    Manual,
}

/// When the loader fetches an island again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Refresh<'a> {
    /// Every so many seconds.
    Seconds(u32),
    /// When an event of this name reaches `document`.
    Event(&'a str),
}

/// What the loader makes of a handler's redirect.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub enum Redirect {
    /// An `island:redirect` event; the fallback stays.
    #[default]
    Event,
    /// The page goes there.
    Follow,
}

/// How an island's token is sealed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub enum SealMode {
    /// The same content gives the same token.
    #[default]
    Stable,
    /// No two tokens can be linked; takes randomness from the context.
    Unlinkable,
}

/// How an island's HTML reaches the page.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub enum Delivery {
    /// The loader fetches it.
    #[default]
    Fetch,
}

/// An island's options. [`set`](Self::set) reads them from text, as directives and bindings have it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub struct Options<'a> {
    /// Tells namesakes apart, such as a product id.
    pub key: Option<&'a str>,
    /// When it is fetched.
    pub when: When<'a>,
    /// Whether a component's placeholder stays after loading.
    pub keep: bool,
    /// When it is fetched again.
    pub refresh: Option<Refresh<'a>>,
    /// What a redirect does.
    pub redirect: Redirect,
    /// Seconds for each attempt; 10 when not set.
    pub timeout: Option<u32>,
    /// Whether the page's path and language travel in the token; as configured when not set.
    pub page: Option<bool>,
    /// How the token is sealed; as configured when not set.
    pub seal: Option<SealMode>,
    /// Seconds that the token stays valid; as configured when not set.
    pub ttl: Option<u32>,
    /// How the island's HTML reaches the page.
    pub deliver: Option<Delivery>,
}

/// Why an option's value cannot be used. The text says what would be right.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum OptionError {
    /// No option has this name; the one that may be meant.
    #[error("there is no such option{}", .0.map(|meant| format!(": `{meant}` is meant")).unwrap_or_default())]
    Unknown(Option<&'static str>),
    /// The value is not text.
    #[error("the value is not UTF-8")]
    NotUtf8,
    /// A value that is none of those that there are.
    #[error("{value:?} is not {}", .choices.iter().map(|choice| format!("`{choice}`")).collect::<Vec<_>>().join(" or "))]
    Choice {
        /// The value.
        value: String,
        /// Those that there are.
        choices: Vec<&'static str>,
    },
    /// A flag with a value.
    #[error("it takes no value, and has {0:?}")]
    Flag(String),
    /// A number of seconds that is none.
    #[error("{0:?} is not a whole number of seconds above 0")]
    Seconds(String),
    /// More seconds than a browser's timer holds.
    #[error("{0:?} is over 2147483 seconds (24 days), the longest that a browser can wait")]
    TooLong(String),
    /// An event that browsers, or the loader, send by themselves.
    #[error("{0:?} is an event of browsers or of the loader, which comes again and again: dispatch one of your own")]
    NativeEvent(String),
    /// A trigger that does not exist.
    #[error("{0:?} is not `load`, `idle`, `visible`, `visible 200px`, `media (…)`, `interaction` or `manual`")]
    Trigger(String),
    /// A margin of `visible` that browsers do not take.
    #[error("{0:?} is not a margin: use one to four lengths such as `200px` or `10%`")]
    Margin(String),
    /// `media` alone.
    #[error("`media` needs a media query, such as `media (min-width: 40em)`")]
    MediaQuery,
    /// `visible` on an element that has no box of its own, and so never comes into view.
    #[error("`visible` does not work on <{0}>: use another trigger")]
    NoBox(String),
    /// A number that is no interval.
    #[error("{0:?} is not an interval such as `30s`")]
    Interval(String),
    /// Neither an interval nor an event.
    #[error("{0:?} is neither an interval such as `30s` nor an event's name such as `cart-changed`")]
    Refresh(String),
}

/// The seconds an attempt may take unless an island says otherwise; the loader knows them too.
pub(crate) const DEFAULT_TIMEOUT: u32 = 10;

/// The names of the options.
const NAMES: [&str; 10] = ["key", "when", "keep", "refresh", "redirect", "timeout", "page", "seal", "ttl", "deliver"];

impl<'a> Options<'a> {
    /// Sets one option by its name without `server:` (`when`, `keep`, …) from the text that a directive would hold.
    ///
    /// ```
    /// use eyot::placeholder::{Options, When};
    ///
    /// let mut options = Options::default();
    /// options.set("when", "visible 200px")?;
    /// assert_eq!(options.when, When::Visible("200px"));
    /// let error = options.set("timeout", "soon").unwrap_err();
    /// assert_eq!(error.to_string(), "\"soon\" is not a whole number of seconds above 0");
    /// # Ok::<(), eyot::placeholder::OptionError>(())
    /// ```
    ///
    /// # Errors
    /// [`OptionError`]; the options are then as they were.
    pub fn set(&mut self, name: &str, value: &'a str) -> Result<(), OptionError> {
        match name {
            "key" => self.key = Some(value),
            "when" => self.when = when(value)?,
            "keep" => self.keep = flag(name, value)?,
            "refresh" => self.refresh = Some(refresh(value)?),
            "redirect" => {
                self.redirect = choice(value, &[("event", Redirect::Event), ("follow", Redirect::Follow)])?;
            }
            "timeout" => self.timeout = Some(timer_seconds(value)?),
            "page" => self.page = Some(flag(name, value)?),
            "seal" => {
                let modes = [("stable", SealMode::Stable), ("unlinkable", SealMode::Unlinkable)];
                self.seal = Some(choice(value, &modes)?);
            }
            "ttl" => self.ttl = Some(seconds(value)?),
            "deliver" => self.deliver = Some(choice(value, &[("fetch", Delivery::Fetch)])?),
            _ => return Err(OptionError::Unknown(nearest(name.as_bytes(), NAMES))),
        }
        Ok(())
    }

    fn without_texts(self) -> Options<'static> {
        self.with_texts(self.key.map(|_| ""), "", "")
    }

    /// The same with these texts in place of its own, where it has any.
    fn with_texts<'b>(self, key: Option<&'b str>, when: &'b str, refresh: &'b str) -> Options<'b> {
        let when = match self.when {
            When::Load => When::Load,
            When::Idle => When::Idle,
            When::Visible(_) => When::Visible(when),
            When::Media(_) => When::Media(when),
            When::Interaction => When::Interaction,
            When::Manual => When::Manual,
        };
        let refresh = self.refresh.map(|when| match when {
            Refresh::Seconds(seconds) => Refresh::Seconds(seconds),
            Refresh::Event(_) => Refresh::Event(refresh),
        });
        let Options { keep, redirect, timeout, page, seal, ttl, deliver, .. } = self;
        Options { key, when, keep, refresh, redirect, timeout, page, seal, ttl, deliver }
    }
}

/// Options that were read once, with the places of their texts in a buffer that lives elsewhere. Only
/// [`set`](Self::set) makes them, so that they hold no unusable value and no text that is not UTF-8.
#[derive(Debug, Clone, Default)]
pub(crate) struct Spans {
    /// The options, with empty texts.
    options: Options<'static>,
    key: Range<usize>,
    when: Range<usize>,
    refresh: Range<usize>,
}

impl Spans {
    /// Sets one option by its name from a range of `buffer`.
    ///
    /// # Errors
    /// As [`Options::set`], and for text that is not UTF-8.
    pub(crate) fn set(&mut self, name: &str, buffer: &[u8], at: Range<usize>) -> Result<(), OptionError> {
        let text = std::str::from_utf8(&buffer[at.clone()]).map_err(|_| OptionError::NotUtf8)?;
        let mut options = self.options;
        options.set(name, text)?;
        match (name, options) {
            ("key", _) => self.key = at,
            ("refresh", _) => self.refresh = at,
            ("when", Options { when: When::Visible(part) | When::Media(part), .. }) => {
                // Behind the word, and without the white space around it.
                let start = at.start + part.as_ptr().addr().saturating_sub(text.as_ptr().addr());
                self.when = if part.is_empty() { 0..0 } else { start..start + part.len() };
            }
            _ => {}
        }
        self.options = options.without_texts();
        Ok(())
    }

    /// The options with their texts, which are in `buffer`.
    pub(crate) fn of<'b>(&self, buffer: &'b [u8]) -> Options<'b> {
        let text = |at: &Range<usize>| std::str::from_utf8(&buffer[at.clone()]).unwrap_or_default();
        self.options.with_texts(self.options.key.map(|_| text(&self.key)), text(&self.when), text(&self.refresh))
    }
}

fn choice<T: Copy>(value: &str, choices: &[(&'static str, T)]) -> Result<T, OptionError> {
    choices.iter().find(|(name, _)| *name == value).map(|(_, choice)| *choice).ok_or_else(|| OptionError::Choice {
        value: value.to_owned(),
        choices: choices.iter().map(|(name, _)| *name).collect(),
    })
}

/// A flag is set by standing there; what template languages make of that counts too.
fn flag(name: &str, value: &str) -> Result<bool, OptionError> {
    let implied = value.is_empty() || value == "true" || value.strip_prefix("server:") == Some(name);
    if implied { Ok(true) } else { Err(OptionError::Flag(value.to_owned())) }
}

fn seconds(value: &str) -> Result<u32, OptionError> {
    match value.parse() {
        Ok(seconds) if seconds > 0 && !value.starts_with('+') => Ok(seconds),
        _ => Err(OptionError::Seconds(value.to_owned())),
    }
}

/// Browsers hold timers of up to 2^31 milliseconds; a longer one ends at once.
fn timer_seconds(value: &str) -> Result<u32, OptionError> {
    match seconds(value)? {
        seconds if seconds <= LONGEST => Ok(seconds),
        _ => Err(OptionError::TooLong(value.to_owned())),
    }
}

/// The seconds that the longest timer of a browser takes.
const LONGEST: u32 = 2_147_483;

fn when(value: &str) -> Result<When<'_>, OptionError> {
    let (word, rest) = value.split_once(' ').unwrap_or((value, ""));
    let rest = rest.trim();
    match (word, rest) {
        ("load", "") => Ok(When::Load),
        ("idle", "") => Ok(When::Idle),
        ("interaction", "") => Ok(When::Interaction),
        ("manual", "") => Ok(When::Manual),
        ("visible", margin) if is_margin(margin) => Ok(When::Visible(margin)),
        ("visible", margin) => Err(OptionError::Margin(margin.to_owned())),
        ("media", query) if !query.is_empty() => Ok(When::Media(query)),
        ("media", _) => Err(OptionError::MediaQuery),
        _ => Err(OptionError::Trigger(value.to_owned())),
    }
}

/// What `IntersectionObserver` takes as `rootMargin`: up to four lengths in pixels or per cent.
fn is_margin(margin: &str) -> bool {
    let is_length = |length: &str| {
        let number = length.strip_suffix("px").or_else(|| length.strip_suffix('%'));
        number.is_some_and(|number| number.parse::<f64>().is_ok_and(f64::is_finite))
    };
    margin.split_ascii_whitespace().count() <= 4 && margin.split_ascii_whitespace().all(is_length)
}

fn refresh(value: &str) -> Result<Refresh<'_>, OptionError> {
    if value.starts_with(|first: char| first.is_ascii_digit()) {
        let number = value.strip_suffix('s').ok_or_else(|| OptionError::Interval(value.to_owned()))?;
        return timer_seconds(number).map(Refresh::Seconds);
    }
    if value.starts_with("island:") || native_events::is_native(value) {
        return Err(OptionError::NativeEvent(value.to_owned()));
    }
    let is_event = value.len() <= 64
        && value.starts_with(|first: char| first.is_ascii_alphabetic())
        && value.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_.:".contains(&byte));
    if is_event { Ok(Refresh::Event(value)) } else { Err(OptionError::Refresh(value.to_owned())) }
}

#[cfg(test)]
mod tests {
    use super::{NAMES, OptionError, Options, Redirect, Refresh, SealMode, Spans, When};

    fn set<'a>(name: &str, value: &'a str) -> Result<Options<'a>, OptionError> {
        let mut options = Options::default();
        options.set(name, value).map(|()| options)
    }

    #[test]
    fn a_name_that_is_none_is_told_with_the_one_that_is_meant() {
        for name in NAMES {
            assert_ne!(Options::default().set(name, "\0"), Err(OptionError::Unknown(Some(name))), "{name} is none");
        }
        let told = |name| Options::default().set(name, "").expect_err("no option").to_string();
        assert_eq!(told("wehn"), "there is no such option: `when` is meant");
        assert_eq!(told("colour"), "there is no such option");
    }

    #[test]
    fn every_option_reads_its_values() {
        assert_eq!(set("when", "visible 200px 10%").map(|o| o.when), Ok(When::Visible("200px 10%")));
        assert_eq!(set("when", "media (min-width: 40em)").map(|o| o.when), Ok(When::Media("(min-width: 40em)")));
        assert_eq!(set("refresh", "30s").map(|o| o.refresh), Ok(Some(Refresh::Seconds(30))));
        assert_eq!(set("refresh", "cart-changed").map(|o| o.refresh), Ok(Some(Refresh::Event("cart-changed"))));
        assert_eq!(set("redirect", "follow").map(|o| o.redirect), Ok(Redirect::Follow));
        assert_eq!(set("seal", "unlinkable").map(|o| o.seal), Ok(Some(SealMode::Unlinkable)));
        assert_eq!(set("timeout", "3").map(|o| o.timeout), Ok(Some(3)));
        assert_eq!(set("key", "A 1").map(|o| o.key), Ok(Some("A 1")));
    }

    #[test]
    fn the_longest_that_a_browser_can_wait_is_taken() {
        assert_eq!(set("refresh", "2147483s").map(|o| o.refresh), Ok(Some(Refresh::Seconds(2_147_483))));
        assert_eq!(set("timeout", "2147483").map(|o| o.timeout), Ok(Some(2_147_483)));
    }

    #[test]
    fn events_that_are_named_like_a_browsers_are_taken() {
        for event in ["clicked", "cart:click", "my.load", "Click", "item-scroll"] {
            assert_eq!(set("refresh", event).map(|o| o.refresh), Ok(Some(Refresh::Event(event))));
        }
    }

    #[test]
    fn a_flag_takes_what_template_languages_make_of_no_value() {
        for value in ["", "true", "server:keep"] {
            assert!(set("keep", value).is_ok_and(|o| o.keep), "{value}");
        }
        assert!(set("keep", "no").is_err());
    }

    #[test]
    fn unusable_values_are_refused() {
        let cases = [
            ("when", "later"),
            ("when", "visible far"),
            ("when", "media"),
            ("when", "load now"),
            ("refresh", "30"),
            ("refresh", "0s"),
            ("refresh", "a b"),
            ("refresh", "2592000s"),
            ("refresh", "2147484s"),
            ("refresh", "island:load"),
            ("refresh", "island:anything"),
            ("refresh", "mousemove"),
            ("refresh", "DOMContentLoaded"),
            ("refresh", "focusin"),
            ("timeout", "2147484"),
            ("timeout", "0"),
            ("timeout", "1.5"),
            ("timeout", "+1"),
            ("ttl", "-1"),
            ("redirect", "Follow"),
            ("seal", ""),
            ("deliver", "pigeon"),
            ("colour", "red"),
        ];
        for (name, value) in cases {
            assert!(set(name, value).is_err(), "{name}={value}");
        }
    }

    #[test]
    fn options_that_were_read_from_a_buffer_are_the_same_with_its_texts() {
        let values = [("key", "A 1"), ("when", "visible  200px 10% "), ("refresh", "cart-changed"), ("ttl", "60")];
        let (mut buffer, mut spans, mut direct) = (b"before".to_vec(), Spans::default(), Options::default());
        for (name, value) in values {
            let start = buffer.len();
            buffer.extend_from_slice(value.as_bytes());
            assert_eq!(spans.set(name, &buffer, start..buffer.len()), Ok(()));
            assert_eq!(direct.set(name, value), Ok(()));
        }
        assert_eq!(spans.of(&buffer), direct);
        assert_eq!(direct.when, When::Visible("200px 10%"));
        for name in ["when", "key"] {
            assert!(spans.set(name, b"\xff", 0..1).is_err());
        }
        assert_eq!(spans.set("when", b"visible", 0..7), Ok(()));
        assert_eq!(spans.of(&buffer).when, When::Visible(""));
    }
}
