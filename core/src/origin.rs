//! An origin: scheme, host and port in the one form that browsers write, so that two spellings of it are equal.

use std::fmt;
use std::net::{Ipv4Addr, Ipv6Addr};

/// An http(s) origin such as `https://islands.example`, parsed: the host in lower case, the default port left out.
///
/// ```
/// use eyot::{Origin, OriginProblem};
///
/// assert_eq!(Origin::parse("HTTPS://Islands.example:443/")?.to_string(), "https://islands.example");
/// assert_eq!(Origin::parse("https://islands.example/path"), Err(OriginProblem::Path));
/// # Ok::<(), OriginProblem>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Origin(Box<str>);

/// Why a text is no origin. The text says what to write instead.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, thiserror::Error)]
#[non_exhaustive]
pub enum OriginProblem {
    /// Another scheme, or none.
    #[error("an origin starts with \"https://\" or \"http://\", as in \"https://islands.example\"")]
    Scheme,
    /// A path, query or fragment after the host.
    #[error("an origin ends after its host and port: leave the path, query and fragment out")]
    Path,
    /// A user name or password before the host.
    #[error("an origin has no user name or password: leave out what is before the '@'")]
    UserInfo,
    /// No host, or one that browsers would not keep as it is.
    #[error(
        "the host is not one that browsers keep as it is: use a domain in ASCII (\"xn--…\" for other letters), an IPv4 address, or an IPv6 address in brackets"
    )]
    Host,
    /// A port that is no number from 1 to 65535.
    #[error("the port is not a number from 1 to 65535")]
    Port,
}

/// The two schemes that have islands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Scheme {
    Http,
    Https,
}

impl Scheme {
    /// Splits `http://…` and `https://…`, in any case, into the scheme and what follows the slashes.
    pub(crate) fn split(url: &[u8]) -> Option<(Self, &[u8])> {
        let at = url.iter().take(6).position(|&b| b == b':')?;
        let (name, rest) = url.split_at(at);
        let scheme = [Self::Http, Self::Https].into_iter().find(|s| name.eq_ignore_ascii_case(s.name().as_bytes()))?;
        rest.strip_prefix(b"://").map(|rest| (scheme, rest))
    }

    fn name(self) -> &'static str {
        match self {
            Self::Http => "http",
            Self::Https => "https",
        }
    }

    fn default_port(self) -> u16 {
        match self {
            Self::Http => 80,
            Self::Https => 443,
        }
    }
}

impl Origin {
    /// Parses an origin. One slash after the host, which many write, is left out.
    ///
    /// # Errors
    /// What is wrong, and what to write instead.
    pub fn parse(text: &str) -> Result<Self, OriginProblem> {
        let (scheme, rest) = Scheme::split(text.as_bytes()).ok_or(OriginProblem::Scheme)?;
        let authority = rest.strip_suffix(b"/").unwrap_or(rest);
        if authority.iter().any(|b| b"/?#\\".contains(b)) {
            return Err(OriginProblem::Path);
        }
        Self::of(scheme, authority)
    }

    /// The origin of a scheme and an authority, such as a `Host` header's.
    pub(crate) fn of(scheme: Scheme, authority: &[u8]) -> Result<Self, OriginProblem> {
        if authority.contains(&b'@') {
            return Err(OriginProblem::UserInfo);
        }
        let authority = std::str::from_utf8(authority).map_err(|_| OriginProblem::Host)?;
        let (host, port) = split_port(authority);
        let host = checked_host(host)?;
        let port = checked_port(port)?.filter(|port| *port != scheme.default_port());
        let port = port.map(|port| format!(":{port}")).unwrap_or_default();
        Ok(Self(format!("{}://{host}{port}", scheme.name()).into()))
    }

    /// The origin as browsers write it.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether a request to `host` (the `Host` header) goes to this origin.
    pub(crate) fn is_at(&self, host: &[u8]) -> bool {
        let scheme = if self.0.starts_with("https:") { Scheme::Https } else { Scheme::Http };
        Self::of(scheme, host).is_ok_and(|other| other == *self)
    }
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Host and port; the colons of an IPv6 address are none of a port.
fn split_port(authority: &str) -> (&str, &str) {
    match authority.rfind(':') {
        Some(at) if !authority[at..].contains(']') => (&authority[..at], &authority[at + 1..]),
        _ => (authority, ""),
    }
}

/// `None` for an empty port, which stands for the default one.
fn checked_port(port: &str) -> Result<Option<u16>, OriginProblem> {
    if port.is_empty() {
        return Ok(None);
    }
    let is_number = port.bytes().all(|b| b.is_ascii_digit());
    let number = port.parse().ok().filter(|number| is_number && *number > 0);
    number.map(Some).ok_or(OriginProblem::Port)
}

fn checked_host(host: &str) -> Result<String, OriginProblem> {
    if let Some(address) = host.strip_prefix('[') {
        let address = address.strip_suffix(']').and_then(|address| address.parse::<Ipv6Addr>().ok());
        return address.map(bracketed).ok_or(OriginProblem::Host);
    }
    let is_plain = |b: u8| b.is_ascii_alphanumeric() || b"-._".contains(&b);
    let labels = host.strip_suffix('.').unwrap_or(host);
    if !host.bytes().all(is_plain) || labels.split('.').any(str::is_empty) {
        return Err(OriginProblem::Host);
    }
    // Browsers take a host that ends in a number for an IPv4 address, and rewrite it: 127.1 is 127.0.0.1.
    let last = labels.rsplit('.').next().unwrap_or_default();
    let is_number = last.bytes().all(|b| b.is_ascii_digit()) || last.starts_with("0x") || last.starts_with("0X");
    if is_number && host.parse::<Ipv4Addr>().is_err() {
        return Err(OriginProblem::Host);
    }
    Ok(host.to_ascii_lowercase())
}

/// An IPv6 address as URLs have it: an IPv4 address within it is written as hexadecimal too.
fn bracketed(address: Ipv6Addr) -> String {
    match (address.to_ipv4_mapped(), address.segments()) {
        (Some(_), [.., high, low]) => format!("[::ffff:{high:x}:{low:x}]"),
        _ => format!("[{address}]"),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{Origin, OriginProblem};

    #[test]
    fn two_spellings_of_one_origin_are_equal() {
        for (text, origin) in [
            ("https://shop.example", "https://shop.example"),
            ("HTTPS://Shop.Example", "https://shop.example"),
            ("https://shop.example:443", "https://shop.example"),
            ("https://shop.example:00443/", "https://shop.example"),
            ("https://shop.example:", "https://shop.example"),
            ("http://shop.example:80", "http://shop.example"),
            ("http://shop.example:443", "http://shop.example:443"),
            ("http://LOCALHOST:8000/", "http://localhost:8000"),
            ("https://xn--bcher-kva.example", "https://xn--bcher-kva.example"),
            ("http://127.0.0.1:3000", "http://127.0.0.1:3000"),
            ("http://[::0001]:80", "http://[::1]"),
            ("https://[2001:DB8::1]:8443", "https://[2001:db8::1]:8443"),
            ("https://[::ffff:1.2.3.4]", "https://[::ffff:102:304]"),
            ("https://a_b.example.", "https://a_b.example."),
        ] {
            assert_eq!(Origin::parse(text).as_ref().map(Origin::as_str), Ok(origin), "{text}");
        }
    }

    #[test]
    fn what_is_no_origin_is_refused_with_its_reason() {
        use OriginProblem::{Host, Path, Port, Scheme, UserInfo};
        for (text, problem) in [
            ("", Scheme),
            ("null", Scheme),
            ("*", Scheme),
            ("shop.example", Scheme),
            ("//shop.example", Scheme),
            ("ftp://shop.example", Scheme),
            ("https:shop.example", Scheme),
            (" https://shop.example", Scheme),
            ("https://shop.example/islands", Path),
            ("https://shop.example//", Path),
            ("https://shop.example?a", Path),
            ("https://shop.example#a", Path),
            ("https://shop.example\\", Path),
            ("https://user@shop.example", UserInfo),
            ("https://", Host),
            ("https:///", Host),
            ("https://*.shop.example", Host),
            ("https://shop..example", Host),
            ("https://.shop.example", Host),
            ("https://shop example", Host),
            ("https://shöp.example", Host),
            ("https://shop%2eexample", Host),
            ("https://127.1", Host),
            ("https://0x7f.0.0.0x1", Host),
            ("https://1.2.3.256", Host),
            ("https://[::1", Host),
            ("https://[::g]", Host),
            ("https://shop.example\n", Host),
            ("https://shop.example:0", Port),
            ("https://shop.example:65536", Port),
            ("https://shop.example:+80", Port),
            ("https://shop.example:a", Port),
        ] {
            assert_eq!(Origin::parse(text), Err(problem), "{text}");
        }
    }

    #[test]
    fn a_host_header_is_an_origins_with_or_without_the_default_port() {
        let origin = Origin::parse("https://shop.example").expect("an origin");
        for host in ["shop.example", "Shop.Example:443"] {
            assert!(origin.is_at(host.as_bytes()), "{host}");
        }
        for host in ["", "shop.example:80", "shop.example.evil", "a@shop.example", "shop.example/"] {
            assert!(!origin.is_at(host.as_bytes()), "{host}");
        }
    }

    proptest! {
        #[test]
        fn what_was_parsed_parses_to_itself(text in "(https?://)?[a-zA-Z0-9.:@/\\[\\]_-]{0,20}|.{0,20}") {
            if let Ok(origin) = Origin::parse(&text) {
                prop_assert_eq!(Origin::parse(origin.as_str()), Ok(origin.clone()));
                prop_assert!(origin.as_str().bytes().all(|b| b.is_ascii_graphic() && !b.is_ascii_uppercase()));
            }
        }
    }
}
