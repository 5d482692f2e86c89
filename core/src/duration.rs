//! A span of time as people write it: `30s`, `10m`, `2h`, `1d`.

use thiserror::Error;

/// A text that is no span of time.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum DurationError {
    /// Not a whole number and one of the units.
    #[error("{0:?} is not a time: write a whole number and s, m, h or d, such as \"30s\", \"10m\", \"2h\" or \"1d\"")]
    Text(String),
    /// More seconds than a cache must understand (RFC 9111, 1.2.2).
    #[error("{0:?} is over 2147483647 seconds (68 years): use a shorter time")]
    TooLong(String),
}

/// The longest span, in seconds.
pub(crate) const LONGEST: u32 = 0x7fff_ffff;

/// The seconds of a span of time: a whole number and its unit, `s`, `m`, `h` or `d`. A number without a unit is seconds.
///
/// ```
/// assert_eq!(eyot::duration::seconds("10m"), Ok(600));
/// assert_eq!(eyot::duration::seconds("600"), Ok(600));
/// let error = eyot::duration::seconds("ten minutes").unwrap_err();
/// assert!(error.to_string().starts_with("\"ten minutes\" is not a time: "));
/// ```
///
/// # Errors
/// [`DurationError`], which names the text.
pub fn seconds(text: &str) -> Result<u32, DurationError> {
    let (number, unit) = match text.as_bytes().last() {
        Some(b's') => (&text[..text.len() - 1], 1),
        Some(b'm') => (&text[..text.len() - 1], 60),
        Some(b'h') => (&text[..text.len() - 1], 3600),
        Some(b'd') => (&text[..text.len() - 1], 86_400),
        _ => (text, 1),
    };
    if number.is_empty() || !number.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(DurationError::Text(text.to_owned()));
    }
    let number: Option<u32> = number.parse().ok();
    let seconds = number.and_then(|number| number.checked_mul(unit)).filter(|seconds| *seconds <= LONGEST);
    seconds.ok_or_else(|| DurationError::TooLong(text.to_owned()))
}

#[cfg(test)]
mod tests {
    use super::{DurationError, seconds};

    #[test]
    fn a_number_with_a_unit_is_that_many_seconds() {
        let cases = [
            ("0", 0),
            ("0s", 0),
            ("30s", 30),
            ("10m", 600),
            ("2h", 7200),
            ("1d", 86_400),
            ("007m", 420),
            ("24855d", 2_147_472_000),
            ("2147483647", 2_147_483_647),
            ("2147483647s", 2_147_483_647),
        ];
        for (text, expected) in cases {
            assert_eq!(seconds(text), Ok(expected), "{text}");
        }
    }

    #[test]
    fn a_text_that_is_no_time_is_named() {
        for text in
            ["", "m", "10 m", " 10m", "10m ", "10M", "10min", "1h30m", "-10m", "+10m", "1.5h", "1e3s", "٣m", "mé"]
        {
            assert_eq!(seconds(text), Err(DurationError::Text(text.to_owned())), "{text}");
        }
    }

    #[test]
    fn a_time_that_no_cache_understands_is_refused() {
        for text in ["2147483648", "24856d", "596524h", "35791395m", "4294967296s", "99999999999999999999999d"] {
            assert_eq!(seconds(text), Err(DurationError::TooLong(text.to_owned())), "{text}");
        }
    }
}
