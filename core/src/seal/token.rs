//! Tokens, version 1: what is sealed, how it is laid out, and why one is refused.

use std::fmt;
use std::ops::Range;

use base64_simd::{AsOut, URL_SAFE_NO_PAD};
use zeroize::Zeroize;

use super::keyring::{Key, KeyId, KeyRing};
use super::xaes::{NONCE_LEN, TAG_LEN};
use crate::redacted::Length;
use crate::{Error, IslandName};

/// How a token's nonce is made.
#[derive(Clone, Copy, PartialEq, Eq, Default)]
pub enum Sealing {
    /// From the content: the same content gives the same token.
    #[default]
    Stable,
    /// From 24 random bytes: no two tokens can be linked.
    Unlinkable([u8; NONCE_LEN]),
}

/// What a token holds: props, slots and page, as bytes that the token does not look into.
#[derive(Clone, Copy, PartialEq, Eq, Default)]
pub struct Payload<'a> {
    /// One UTF-8 JSON object.
    pub props: &'a [u8],
    /// A JSON object of strings, or nothing.
    pub slots: &'a [u8],
    /// The page's JSON object, or nothing.
    pub page: &'a [u8],
}

impl fmt::Debug for Sealing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Stable => "Stable",
            Self::Unlinkable(_) => "Unlinkable",
        })
    }
}

impl fmt::Debug for Payload<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Payload")
            .field("props", &Length::of(self.props))
            .field("slots", &Length::of(self.slots))
            .field("page", &Length::of(self.page))
            .finish()
    }
}

impl fmt::Debug for Token<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Token").field(&Length::of(self.0)).finish()
    }
}

impl Payload<'_> {
    /// The most bytes that a token without expiry takes, the 12 bytes of the three lengths included; an expiry takes 4.
    pub const MAX_LEN: usize = Token::MAX_LEN / 4 * 3 - SHORT_HEADER_LEN - NONCE_LEN - TAG_LEN;
}

/// A token's text: canonical base64url without padding, of a length that a token can have. Not yet opened.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Token<'a>(&'a str);

impl<'a> Token<'a> {
    /// The longest token, in characters.
    pub const MAX_LEN: usize = 65_536;
    /// The shortest: an empty payload without expiry.
    const MIN_LEN: usize = text_len(SHORT_HEADER_LEN + NONCE_LEN + MIN_PAYLOAD_LEN + TAG_LEN);

    /// Checks the text's length, alphabet and last bits; without padding and white space.
    ///
    /// ```
    /// use eyot::Token;
    ///
    /// assert_eq!(Token::new(b"no token").unwrap_err().code(), "token-length");
    /// ```
    ///
    /// # Errors
    /// [`BadToken::Length`], [`BadToken::Encoding`].
    pub fn new(text: &'a [u8]) -> Result<Self, OpenError> {
        check_length(text)?;
        URL_SAFE_NO_PAD.check(text).map_err(|_| BadToken::Encoding)?;
        std::str::from_utf8(text).map(Self).map_err(|_| BadToken::Encoding.into())
    }

    /// The text, all of it URL-safe ASCII.
    #[must_use]
    pub fn as_str(&self) -> &'a str {
        self.0
    }

    /// The id of the key that sealed it and its expiry in Unix seconds, as the token says; nobody has checked them.
    ///
    /// ```
    /// let token = eyot::Token::new(b"AQAKGys8AAECAwQFBgcICQoLDA0ODxAREhMUFRYX0kGh4Kbct2NTCRzLdGdPqStM9HXpJkb1wKHmMSc")?;
    /// let (key, expires) = token.told()?;
    /// assert_eq!((key.to_string().as_str(), expires), ("0a1b2b3c", None));
    /// # Ok::<(), eyot::seal::OpenError>(())
    /// ```
    ///
    /// # Errors
    /// [`BadToken::Version`], [`BadToken::Flags`].
    pub fn told(&self) -> Result<(KeyId, Option<u32>), OpenError> {
        let header = Header::peek(self.0.as_bytes())?;
        Ok((header.kid, header.expires))
    }
}

/// An opened token; borrows the caller's buffer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Opened<'a> {
    /// What was sealed.
    pub payload: Payload<'a>,
    /// When it expires, in Unix seconds.
    pub expires: Option<u32>,
}

/// Why a token was not opened. Visitors learn no more than bad or stale, which is all that the text says;
/// [`code`](Self::code) is for the host's log.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, thiserror::Error)]
pub enum OpenError {
    /// Damaged, forged or for another island: 400.
    #[error("bad token")]
    Bad(BadToken),
    /// Sealed with a key that is not in the ring, or expired: 410.
    #[error("stale token")]
    Stale(StaleToken),
}

/// What is wrong with a bad token. For the log alone: an answer that told these apart would help to forge one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum BadToken {
    /// Shorter or longer than any token.
    Length,
    /// Not canonical base64url without padding.
    Encoding,
    /// Of a version that this release does not know.
    Version,
    /// With flags that this version does not have.
    Flags,
    /// Not what was sealed, or sealed for another island or audience.
    Tag,
    /// Sealed by a key of the ring, but not a payload.
    Payload,
}

/// What is wrong with a stale token: what an honest visitor with an old shell sends.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum StaleToken {
    /// No key of the ring has its key id. Proves nothing: nothing has been decrypted.
    Kid,
    /// It was good until it expired.
    Expired,
}

impl OpenError {
    /// A stable, lower-case code such as `token-expired`, for the host's log and for tests.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::Bad(BadToken::Length) => "token-length",
            Self::Bad(BadToken::Encoding) => "token-encoding",
            Self::Bad(BadToken::Version) => "token-version",
            Self::Bad(BadToken::Flags) => "token-flags",
            Self::Bad(BadToken::Tag) => "token-tag",
            Self::Bad(BadToken::Payload) => "token-payload",
            Self::Stale(StaleToken::Kid) => "token-kid",
            Self::Stale(StaleToken::Expired) => "token-expired",
        }
    }
}

impl From<BadToken> for OpenError {
    fn from(why: BadToken) -> Self {
        Self::Bad(why)
    }
}

impl From<StaleToken> for OpenError {
    fn from(why: StaleToken) -> Self {
        Self::Stale(why)
    }
}

impl KeyRing {
    /// The longest audience, in bytes.
    pub const MAX_AUDIENCE_LEN: usize = 1_024;

    /// Appends to `out` the text of a token that opens under the same `name` and `audience` alone.
    ///
    /// ```
    /// use eyot::seal::Payload;
    /// use eyot::{IslandName, KeyRing, Sealing};
    ///
    /// let keys = KeyRing::parse("p3Qm0Wv9yJ5sT1xL8bN4eR7uA2dF6gH0kC3iZ5oVqXM=")?;
    /// let name = IslandName::new("CartRow")?;
    /// let payload = Payload { props: br#"{"sku":"A-1"}"#, ..Payload::default() };
    /// let (mut token, mut buffer) = (Vec::new(), Vec::new());
    /// keys.seal(&name, "", payload, Sealing::Stable, None, &mut token)?;
    /// let opened = keys.open(&name, "", &token, 1_800_000_000, &mut buffer).expect("what was sealed opens");
    /// assert_eq!(opened.payload.props, payload.props);
    /// # Ok::<(), eyot::Error>(())
    /// ```
    ///
    /// Allocates nothing where `out` has room for the text and, with short payloads, for the length of the audience.
    ///
    /// # Errors
    /// [`Error::PayloadTooLarge`]; [`Error::Option`] for an audience over [`MAX_AUDIENCE_LEN`](Self::MAX_AUDIENCE_LEN).
    /// `out` is then as it was.
    pub fn seal(
        &self,
        name: &IslandName,
        audience: &str,
        payload: Payload<'_>,
        sealing: Sealing,
        expires: Option<u32>,
        out: &mut Vec<u8>,
    ) -> Result<(), Error> {
        let key = self.sealing();
        let binding = Binding { header: Header { kid: key.id, expires }, name, audience };
        binding.check_audience()?;
        let message_len = payload.checked_len(name, &binding.header)?;

        // Everything happens in the room that the text needs in any case. At its end grows the binary token; while the
        // message is not encrypted yet, the transcript for the nonce stands where header and nonce will be.
        let text_start = out.len();
        let head_len = binding.header.len() + NONCE_LEN;
        let transcript_len = 8 + binding.aad_len() + message_len;
        let room = text_len(head_len + message_len + TAG_LEN).max(transcript_len + TAG_LEN);
        let transcript = text_start + room - TAG_LEN - transcript_len;
        out.reserve(room);
        out.resize(transcript, 0);
        // The length tells where the additional data end: no two pairs of data and payload have one transcript.
        out.extend_from_slice(&(binding.aad_len() as u64).to_be_bytes());
        binding.put_aad(out);
        payload.put(out);

        let message = transcript + transcript_len - message_len;
        let nonce = match sealing {
            Sealing::Stable => key.stable_nonce(&out[transcript..]),
            Sealing::Unlinkable(nonce) => nonce,
        };
        let (before, plaintext) = out.split_at_mut(message);
        let tag = key.xaes.encrypt(&nonce, &before[transcript + 8..], plaintext);
        out.extend_from_slice(&tag);
        let binary = message - head_len;
        let (header, rest) = out[binary..message].split_at_mut(binding.header.len());
        header.copy_from_slice(&binding.header.bytes()[..header.len()]);
        rest.copy_from_slice(&nonce);
        encode_in_place(out, text_start, binary);
        Ok(())
    }

    /// Opens `token` in `buffer`, whose content and capacity are reused. `now` is in Unix seconds; a token is expired from
    /// its expiry on. An example is at [`seal`](Self::seal).
    ///
    /// # Errors
    /// [`OpenError`]; `buffer` is then empty, and nothing of the payload is left in it.
    pub fn open<'b>(
        &self,
        name: &IslandName,
        audience: &str,
        token: &[u8],
        now: u64,
        buffer: &'b mut Vec<u8>,
    ) -> Result<Opened<'b>, OpenError> {
        buffer.clear();
        match self.open_sections(name, audience, token, now, buffer) {
            Ok((expires, [props, slots, page])) => {
                let payload = Payload { props: &buffer[props], slots: &buffer[slots], page: &buffer[page] };
                Ok(Opened { payload, expires })
            }
            Err(error) => {
                buffer.as_mut_slice().zeroize();
                buffer.clear();
                Err(error)
            }
        }
    }

    /// Opens `token` into the empty `buffer` and tells where the sections are.
    fn open_sections(
        &self,
        name: &IslandName,
        audience: &str,
        token: &[u8],
        now: u64,
        buffer: &mut Vec<u8>,
    ) -> Result<(Option<u32>, [Range<usize>; 3]), OpenError> {
        check_length(token)?;
        let header = Header::peek(token)?;
        let mut keys = self.with_id(header.kid).peekable();
        keys.peek().ok_or(StaleToken::Kid)?;

        let binding = Binding { header, name, audience };
        // Nothing was sealed for a longer audience, so the token is wrong for it as for any other.
        binding.check_audience().map_err(|_| BadToken::Tag)?;
        buffer.reserve(URL_SAFE_NO_PAD.estimated_decoded_length(token.len()) + binding.aad_len());
        URL_SAFE_NO_PAD.decode_append(token, buffer).map_err(|_| BadToken::Encoding)?;
        let tag_start = buffer.len() - TAG_LEN;
        let message_start = binding.header.len() + NONCE_LEN;
        // Behind the token, in the same buffer, so that opening allocates nothing else.
        binding.put_aad(buffer);
        decrypt(keys, buffer, message_start, tag_start)?;

        // Asked of a genuine token alone. Asked before, a forged expiry would be a 410, for which the loader gets a
        // fresh page.
        if binding.header.expires.is_some_and(|expires| now >= u64::from(expires)) {
            return Err(StaleToken::Expired.into());
        }
        let sections = sections(&buffer[..tag_start], message_start).ok_or(BadToken::Payload)?;
        Ok((binding.header.expires, sections))
    }
}

const VERSION: u8 = 1;
const EXPIRES: u8 = 1;
/// Version, flags and key id.
const SHORT_HEADER_LEN: usize = 6;
const EXPIRY_LEN: usize = 4;
/// Three lengths of empty sections.
const MIN_PAYLOAD_LEN: usize = 12;

/// The first bytes of a token, which say how to read the others.
struct Header {
    kid: KeyId,
    expires: Option<u32>,
}

impl Header {
    /// Reads the header off the front of a token's text, so that a token of an unknown key costs nothing more.
    fn peek(token: &[u8]) -> Result<Self, OpenError> {
        let mut bytes = [0; 12];
        let text = token.first_chunk::<16>().ok_or(BadToken::Length)?;
        URL_SAFE_NO_PAD.decode(text, bytes.as_mut_slice().as_out()).map_err(|_| BadToken::Encoding)?;
        let [version, flags, k0, k1, k2, k3, e0, e1, e2, e3, ..] = bytes;
        if version != VERSION {
            return Err(BadToken::Version.into());
        }
        let expires = match flags {
            0 => None,
            EXPIRES => Some(u32::from_be_bytes([e0, e1, e2, e3])),
            _ => return Err(BadToken::Flags.into()),
        };
        let header = Self { kid: KeyId([k0, k1, k2, k3]), expires };
        if token.len() < text_len(header.len() + NONCE_LEN + MIN_PAYLOAD_LEN + TAG_LEN) {
            return Err(BadToken::Length.into());
        }
        Ok(header)
    }

    const fn len(&self) -> usize {
        if self.expires.is_some() { SHORT_HEADER_LEN + EXPIRY_LEN } else { SHORT_HEADER_LEN }
    }

    /// The header as it stands in the token, in the first [`len`](Self::len) bytes.
    fn bytes(&self) -> [u8; SHORT_HEADER_LEN + EXPIRY_LEN] {
        let flags = if self.expires.is_some() { EXPIRES } else { 0 };
        let KeyId([k0, k1, k2, k3]) = self.kid;
        let [e0, e1, e2, e3] = self.expires.unwrap_or(0).to_be_bytes();
        [VERSION, flags, k0, k1, k2, k3, e0, e1, e2, e3]
    }
}

/// What a token is bound to beside its key: the additional data of its encryption.
struct Binding<'a> {
    header: Header,
    name: &'a IslandName,
    audience: &'a str,
}

impl Binding<'_> {
    const PREFIX: &'static [u8] = b"eyot/1";
    /// How many strings follow the header.
    const STRINGS: u8 = 2;

    fn check_audience(&self) -> Result<(), Error> {
        if self.audience.len() > KeyRing::MAX_AUDIENCE_LEN {
            let reason = format!("must be at most {} bytes long", KeyRing::MAX_AUDIENCE_LEN);
            return Err(Error::Option { option: "audience".into(), reason });
        }
        Ok(())
    }

    fn aad_len(&self) -> usize {
        Self::PREFIX.len() + self.header.len() + 1 + 4 + self.name.as_str().len() + 4 + self.audience.len()
    }

    fn put_aad(&self, out: &mut Vec<u8>) {
        out.extend_from_slice(Self::PREFIX);
        out.extend_from_slice(&self.header.bytes()[..self.header.len()]);
        out.push(Self::STRINGS);
        put_sized(out, self.name.as_str().as_bytes());
        put_sized(out, self.audience.as_bytes());
    }
}

impl Payload<'_> {
    fn checked_len(&self, name: &IslandName, header: &Header) -> Result<usize, Error> {
        // An expiry takes its four bytes from the payload: the text of a token has one limit.
        let limit = Self::MAX_LEN + SHORT_HEADER_LEN - header.len();
        let sections = [self.props, self.slots, self.page];
        let length = sections.iter().fold(0_usize, |sum, section| sum.saturating_add(4 + section.len()));
        if length > limit {
            return Err(Error::PayloadTooLarge { name: name.as_str().to_owned(), length, limit });
        }
        Ok(length)
    }

    fn put(&self, out: &mut Vec<u8>) {
        put_sized(out, self.props);
        put_sized(out, self.slots);
        put_sized(out, self.page);
    }
}

/// Appends a field that the limits on names, audiences and payloads keep far below 4 GiB.
fn put_sized(out: &mut Vec<u8>, bytes: &[u8]) {
    out.extend_from_slice(&(bytes.len() as u32).to_be_bytes());
    out.extend_from_slice(bytes);
}

/// Where the three sections of a payload are, which starts at `start` and ends where `bytes` ends.
fn sections(bytes: &[u8], start: usize) -> Option<[Range<usize>; 3]> {
    let mut at = start;
    let mut next = || {
        let length = u32::from_be_bytes(*bytes.get(at..)?.first_chunk()?);
        let section = at + 4..(at + 4).checked_add(usize::try_from(length).ok()?)?;
        at = section.end;
        (section.end <= bytes.len()).then_some(section)
    };
    let sections = [next()?, next()?, next()?];
    (at == bytes.len()).then_some(sections)
}

/// Decrypts `buffer` in place, which holds the binary token, its tag at `tag_start`, and then the additional data. A wrong
/// key leaves it as it was, for the next key with the same id.
fn decrypt<'k>(
    mut keys: impl Iterator<Item = &'k Key>,
    buffer: &mut [u8],
    message_start: usize,
    tag_start: usize,
) -> Result<(), BadToken> {
    let (head, rest) = buffer.split_at_mut(message_start);
    let (message, rest) = rest.split_at_mut(tag_start - message_start);
    let nonce = head.last_chunk().ok_or(BadToken::Length)?;
    let (tag, aad) = rest.split_first_chunk().ok_or(BadToken::Length)?;
    // A wrong key leaves the message as it was, so the next one can be tried on it.
    if keys.any(|key| key.xaes.decrypt(nonce, aad, message, tag).is_ok()) { Ok(()) } else { Err(BadToken::Tag) }
}

fn check_length(text: &[u8]) -> Result<(), BadToken> {
    if (Token::MIN_LEN..=Token::MAX_LEN).contains(&text.len()) { Ok(()) } else { Err(BadToken::Length) }
}

/// The length of `bytes` bytes as base64 without padding.
const fn text_len(bytes: usize) -> usize {
    (bytes * 4).div_ceil(3)
}

/// Turns the bytes from `binary` to the end of `out` into text that starts at `text`.
///
/// Both ends meet at the end of `out`, so the text, which grows by four for every three bytes read, never overtakes the
/// bytes that are still to be read; a chunk of them at a time steps aside.
fn encode_in_place(out: &mut Vec<u8>, text: usize, binary: usize) {
    /// A multiple of three, so that only the last chunk has a remainder.
    const CHUNK: usize = 384;
    let mut chunk = [0; CHUNK];
    let (mut read, mut written) = (binary, text);
    while read < out.len() {
        let bytes = &out[read..out.len().min(read + CHUNK)];
        let chunk = &mut chunk[..bytes.len()];
        chunk.copy_from_slice(bytes);
        read += chunk.len();
        written += URL_SAFE_NO_PAD.encode(chunk, out[written..].as_out()).len();
    }
    out.truncate(written);
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test stops where something is not as expected")]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn aad(kid: [u8; 4], expires: Option<u32>, name: &str, audience: &str) -> Vec<u8> {
        let name = IslandName::new(name).unwrap();
        let binding = Binding { header: Header { kid: KeyId(kid), expires }, name: &name, audience };
        let mut out = Vec::new();
        binding.put_aad(&mut out);
        assert_eq!(out.len(), binding.aad_len());
        out
    }

    #[test]
    fn the_additional_data_stands_as_specified() {
        let expected = b"eyot/1\x01\x01kid!\x00\x00\x00\x07\x02\x00\x00\x00\x04Cart\x00\x00\x00\x03b\xc3\xbc";
        assert_eq!(aad(*b"kid!", Some(7), "Cart", "b\u{fc}"), expected);
    }

    #[test]
    fn a_boundary_moved_between_two_fields_shows_in_the_additional_data() {
        assert_ne!(aad([0; 4], None, "ab", "c"), aad([0; 4], None, "a", "bc"));
    }

    proptest! {
        /// Few letters and short strings, so that equal and nearly equal inputs do come up.
        #[test]
        fn additional_data_are_equal_only_for_equal_fields(
            one in (any::<[bool; 4]>(), proptest::option::of(0_u32..2), "[ab]{1,3}", "[ab\0\u{2}]{0,6}"),
            two in (any::<[bool; 4]>(), proptest::option::of(0_u32..2), "[ab]{1,3}", "[ab\0\u{2}]{0,6}"),
        ) {
            let of = |(kid, expires, name, audience): &([bool; 4], Option<u32>, String, String)| {
                aad(kid.map(u8::from), *expires, name, audience)
            };
            prop_assert_eq!(of(&one) == of(&two), one == two);
        }

        #[test]
        fn payloads_are_read_as_they_were_written(
            props in any::<Vec<u8>>(), slots in any::<Vec<u8>>(), page in any::<Vec<u8>>(), cut in any::<proptest::sample::Index>(),
        ) {
            let mut bytes = b"before".to_vec();
            Payload { props: &props, slots: &slots, page: &page }.put(&mut bytes);
            let [a, b, c] = sections(&bytes, 6).unwrap();
            prop_assert_eq!((&bytes[a], &bytes[b], &bytes[c]), (&props[..], &slots[..], &page[..]));
            prop_assert_eq!(sections(&bytes[..6 + cut.index(bytes.len() - 6)], 6), None);
            bytes.push(0);
            prop_assert_eq!(sections(&bytes, 6), None);
        }

        #[test]
        fn encoding_in_place_equals_encoding(before in 0_usize..5, slack in 0_usize..400, bytes in proptest::collection::vec(any::<u8>(), 0..1500)) {
            let binary = before + text_len(bytes.len()) - bytes.len() + slack;
            let mut out = vec![b'!'; binary];
            out.extend_from_slice(&bytes);
            encode_in_place(&mut out, before, binary);
            prop_assert_eq!(&out[..before], &b"!!!!"[..before]);
            prop_assert_eq!(&out[before..], URL_SAFE_NO_PAD.encode_type::<Vec<u8>>(&bytes));
        }
    }
}
