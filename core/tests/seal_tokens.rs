//! Tokens through the public API: what opens, what does not, and what a refusal leaves behind.
#![allow(clippy::unwrap_used, reason = "a test stops where something is not as expected")]

#[path = "../examples/vectors/reference.rs"]
mod reference;

use std::collections::HashSet;

use base64_simd::{STANDARD, URL_SAFE_NO_PAD};
use eyot::seal::{BadToken, OpenError, Payload, StaleToken, expiry};
use eyot::{Error, IslandName, KeyRing, Sealing, Token};
use proptest::prelude::*;
use reference::Recipe;

const MASTER: [u8; 32] = *b"01234567890123456789012345678901";
const OTHER: [u8; 32] = *b"abcdefghijklmnopqrstuvwxyzabcdef";
const NOW: u64 = 1_800_000_000;
const PAYLOAD: Payload<'static> =
    Payload { props: b"{\"id\":7}", slots: b"{\"extra\":\"<b>hi</b>\"}", page: b"{\"path\":\"/shop\"}" };

fn ring(masters: &[[u8; 32]]) -> KeyRing {
    let texts: Vec<String> = masters.iter().map(|master| STANDARD.encode_to_string(master)).collect();
    KeyRing::parse(&texts.join(",")).unwrap()
}

fn name(text: &str) -> IslandName {
    IslandName::new(text).unwrap()
}

fn seal(ring: &KeyRing, island: &str, audience: &str, payload: Payload<'_>, expires: Option<u32>) -> Vec<u8> {
    let mut out = Vec::new();
    ring.seal(&name(island), audience, payload, Sealing::Stable, expires, &mut out).unwrap();
    out
}

/// Opens for the island `Cart` without audience, and checks what every refusal must leave behind.
fn refusal(ring: &KeyRing, token: &[u8], now: u64) -> Option<OpenError> {
    let mut buffer = b"what an earlier call left".to_vec();
    let error = ring.open(&name("Cart"), "", token, now, &mut buffer).err();
    assert!(error.is_none() || buffer.is_empty());
    error
}

fn recipe() -> Recipe<'static> {
    Recipe::new(MASTER, "Cart", "", [PAYLOAD.props, PAYLOAD.slots, PAYLOAD.page])
}

#[test]
fn a_token_opens_to_what_was_sealed() {
    let ring = ring(&[MASTER]);
    let mut buffer = Vec::new();
    for expires in [None, Some(u32::MAX)] {
        let token = seal(&ring, "Cart", "tenant", PAYLOAD, expires);
        let opened = ring.open(&name("Cart"), "tenant", &token, NOW, &mut buffer).unwrap();
        assert_eq!((opened.payload, opened.expires), (PAYLOAD, expires));
    }
}

#[test]
fn the_text_is_appended_to_what_is_there() {
    let ring = ring(&[MASTER]);
    let mut out = b"island-src=\"".to_vec();
    ring.seal(&name("Cart"), "", PAYLOAD, Sealing::Stable, None, &mut out).unwrap();
    assert_eq!(out, [b"island-src=\"", &*seal(&ring, "Cart", "", PAYLOAD, None)].concat());
}

#[test]
fn every_flipped_bit_is_refused_and_in_the_key_id_stale() {
    let ring = ring(&[MASTER]);
    let token = recipe().binary();
    for bit in 0..token.len() * 8 {
        let mut damaged = token.clone();
        damaged[bit / 8] ^= 1 << (bit % 8);
        let expected = match bit / 8 {
            0 => OpenError::Bad(BadToken::Version),
            // The first bit of the flags announces an expiry: the header then reads on into the nonce.
            1 if bit == 8 => OpenError::Bad(BadToken::Tag),
            1 => OpenError::Bad(BadToken::Flags),
            2..6 => OpenError::Stale(StaleToken::Kid),
            _ => OpenError::Bad(BadToken::Tag),
        };
        let text = URL_SAFE_NO_PAD.encode_to_string(&damaged);
        assert_eq!(refusal(&ring, text.as_bytes(), NOW), Some(expected), "bit {bit}");
    }
}

#[test]
fn every_flipped_bit_of_the_text_is_refused() {
    let ring = ring(&[MASTER]);
    let token = recipe().token().into_bytes();
    for bit in 0..token.len() * 8 {
        let mut damaged = token.clone();
        damaged[bit / 8] ^= 1 << (bit % 8);
        assert!(refusal(&ring, &damaged, NOW).is_some(), "bit {bit}");
    }
}

#[test]
fn every_other_version_and_flag_is_refused() {
    let ring = ring(&[MASTER]);
    for version in (0..=255).filter(|version| *version != 1) {
        let token = Recipe { version, ..recipe() }.token();
        assert_eq!(refusal(&ring, token.as_bytes(), NOW), Some(BadToken::Version.into()), "{version}");
    }
    for flags in 2..=255 {
        let token = Recipe { flags: Some(flags), ..recipe() }.token();
        assert_eq!(refusal(&ring, token.as_bytes(), NOW), Some(BadToken::Flags.into()), "{flags}");
    }
}

#[test]
fn a_token_cut_at_any_length_or_lengthened_is_bad() {
    let ring = ring(&[MASTER]);
    for expires in [None, Some(u32::MAX)] {
        let token = Recipe { expires, ..recipe() }.token().into_bytes();
        for length in 0..token.len() {
            let error = refusal(&ring, &token[..length], NOW);
            assert!(matches!(error, Some(OpenError::Bad(_))), "{length}: {error:?}");
        }
        for more in ["A", "AA", "AAA", "AAAA", "=", "==", ".", "\n"] {
            let error = refusal(&ring, &[&token, more.as_bytes()].concat(), NOW);
            assert!(matches!(error, Some(OpenError::Bad(_))), "{more}: {error:?}");
        }
    }
}

#[test]
fn only_the_diagonal_of_islands_and_tokens_opens() {
    let ring = ring(&[MASTER]);
    let names = ["Cart", "Car", "Cartt", "cart", "Avatar", "A.b"];
    let audiences = ["", "a", "b", "Cart"];
    let all: Vec<_> = names.iter().flat_map(|name| audiences.map(|audience| (*name, audience))).collect();
    let tokens: Vec<_> = all.iter().map(|(n, audience)| seal(&ring, n, audience, PAYLOAD, None)).collect();
    let mut buffer = Vec::new();
    for (i, (island, audience)) in all.iter().enumerate() {
        for (j, token) in tokens.iter().enumerate() {
            let opened = ring.open(&name(island), audience, token, NOW, &mut buffer);
            assert_eq!(opened.is_ok(), i == j, "{:?} opened as {:?}", all[j], all[i]);
        }
    }
}

#[test]
fn no_splice_of_two_tokens_opens() {
    let ring = ring(&[MASTER]);
    let one = recipe().binary();
    let two = Recipe::new(MASTER, "Cart", "", [b"{\"id\":8}", PAYLOAD.slots, PAYLOAD.page]).binary();
    assert_eq!(one.len(), two.len());
    for at in 7..one.len() - 1 {
        let spliced = URL_SAFE_NO_PAD.encode_to_string([&one[..at], &two[at..]].concat());
        assert_eq!(refusal(&ring, spliced.as_bytes(), NOW), Some(BadToken::Tag.into()), "{at}");
    }
}

#[test]
fn a_token_without_its_canonical_text_is_bad() {
    let ring = ring(&[MASTER]);
    let token = Recipe { expires: Some(u32::MAX), ..recipe() }.token();
    assert_ne!(token.len() % 4, 0, "the last character must have bits to spare");
    let (start, last) = token.split_at(token.len() - 1);
    for other in URL_SAFE_NO_PAD.charset().iter().filter(|other| **other != last.as_bytes()[0]) {
        let text = format!("{start}{}", char::from(*other));
        assert!(matches!(refusal(&ring, text.as_bytes(), NOW), Some(OpenError::Bad(_))), "{text}");
    }
    for (at, byte) in [(20, b'+'), (21, b'/'), (40, b'='), (50, b' '), (60, b'%'), (70, b'\n'), (71, 0), (72, 0xff)] {
        let mut text = token.clone().into_bytes();
        text[at] = byte;
        assert_eq!(refusal(&ring, &text, NOW), Some(BadToken::Encoding.into()), "{byte}");
        assert_eq!(Token::new(&text), Err(BadToken::Encoding.into()), "{byte}");
    }
}

#[test]
fn trailing_bits_are_refused_before_any_cryptography() {
    let ring = ring(&[MASTER]);
    for padding in 0..3 {
        let mut recipe = recipe();
        recipe.payload.resize(recipe.payload.len() + padding, 0);
        let mut text = recipe.token().into_bytes();
        let spare_bits = text.len() * 6 % 8;
        let charset = URL_SAFE_NO_PAD.charset();
        let last = text.len() - 1;
        let value = charset.iter().position(|c| *c == text[last]).unwrap();
        for bits in 1..1 << spare_bits {
            text[last] = charset[value | bits];
            assert_eq!(refusal(&ring, &text, NOW), Some(BadToken::Encoding.into()));
            assert_eq!(Token::new(&text), Err(BadToken::Encoding.into()));
        }
    }
}

#[test]
fn eight_kinds_of_refusal_have_two_texts_and_eight_codes() {
    let ring = ring(&[MASTER]);
    let long = "A".repeat(Token::MAX_LEN + 1);
    let tokens = [
        (long, "token-length"),
        (recipe().token() + "=", "token-encoding"),
        (Recipe { version: 2, ..recipe() }.token(), "token-version"),
        (Recipe { flags: Some(2), ..recipe() }.token(), "token-flags"),
        (Recipe { island: "Other", ..recipe() }.token(), "token-tag"),
        (Recipe { payload: vec![0; 13], ..recipe() }.token(), "token-payload"),
        (Recipe { master: OTHER, ..recipe() }.token(), "token-kid"),
        (Recipe { expires: Some(1), ..recipe() }.token(), "token-expired"),
    ];
    for (token, code) in tokens {
        let error = refusal(&ring, token.as_bytes(), NOW).unwrap();
        assert_eq!(error.code(), code);
        let text = if matches!(error, OpenError::Stale(_)) { "stale token" } else { "bad token" };
        assert_eq!(error.to_string(), text);
    }
}

#[test]
fn sealed_bytes_that_are_no_payload_are_bad() {
    let ring = ring(&[MASTER]);
    let bad: [&[u8]; 7] = [
        &[0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0],
        &[0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1],
        &[0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0],
        &[0xff; 12],
        &[0, 0, 0, 8, 0, 0, 0, 0, 0, 0, 0, 0],
        &[0, 0, 0, 4, 0xff, 0xff, 0xff, 0xff, 0, 0, 0, 0, 0, 0, 0, 0, 0],
        &[0x80, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0],
    ];
    for payload in bad {
        let token = Recipe { payload: payload.to_vec(), ..recipe() }.token();
        assert_eq!(refusal(&ring, token.as_bytes(), NOW), Some(BadToken::Payload.into()), "{payload:?}");
    }
    let shortest = Recipe { payload: vec![0; 12], ..recipe() }.token();
    assert_eq!(refusal(&ring, shortest.as_bytes(), NOW), None);
}

#[test]
fn a_token_of_an_unknown_key_is_stale_whatever_follows_its_header() {
    let ring = ring(&[OTHER]);
    let token = recipe().token();
    let junk = format!("{}{}", &token[..16], "!".repeat(Token::MAX_LEN - 16));
    assert_eq!(refusal(&ring, junk.as_bytes(), NOW), Some(StaleToken::Kid.into()));
    assert_eq!(refusal(&ring, token.as_bytes(), NOW), Some(StaleToken::Kid.into()));
}

#[test]
fn a_token_expires_on_the_second() {
    let ring = ring(&[MASTER]);
    for expires in [1, 1_800_000_000, u32::MAX] {
        let token = Recipe { expires: Some(expires), ..recipe() }.token();
        let at = u64::from(expires);
        assert_eq!(refusal(&ring, token.as_bytes(), at - 1), None);
        assert_eq!(refusal(&ring, token.as_bytes(), at), Some(StaleToken::Expired.into()));
        assert_eq!(refusal(&ring, token.as_bytes(), at + 1), Some(StaleToken::Expired.into()));
        assert_eq!(refusal(&ring, token.as_bytes(), u64::MAX), Some(StaleToken::Expired.into()));
    }
}

#[test]
fn a_forged_expired_token_is_bad_and_not_stale() {
    let ring = ring(&[MASTER]);
    let mut token = Recipe { expires: Some(1), ..recipe() }.binary();
    *token.last_mut().unwrap() ^= 1;
    let text = URL_SAFE_NO_PAD.encode_to_string(&token);
    assert_eq!(refusal(&ring, text.as_bytes(), NOW), Some(BadToken::Tag.into()));
}

#[test]
fn no_island_fails_while_keys_rotate() {
    let (old, both, turned, new) = (ring(&[MASTER]), ring(&[MASTER, OTHER]), ring(&[OTHER, MASTER]), ring(&[OTHER]));
    for (sealing, opening) in [(&old, &both), (&both, &old), (&both, &turned), (&turned, &both), (&turned, &new)] {
        assert_eq!(refusal(opening, &seal(sealing, "Cart", "", PAYLOAD, None), NOW), None);
    }
    assert_eq!(refusal(&new, &seal(&old, "Cart", "", PAYLOAD, None), NOW), Some(StaleToken::Kid.into()));
}

#[test]
fn the_same_content_gives_the_same_token_and_any_difference_another() {
    let two = ring(&[MASTER, OTHER]);
    let token = seal(&two, "Cart", "", PAYLOAD, None);
    assert_eq!(seal(&ring(&[MASTER]), "Cart", "", PAYLOAD, None), token);
    let swapped = Payload { props: PAYLOAD.slots, slots: PAYLOAD.props, page: PAYLOAD.page };
    let others = [
        seal(&two, "Card", "", PAYLOAD, None),
        seal(&two, "Cart", "a", PAYLOAD, None),
        seal(&two, "Cart", "", swapped, None),
        seal(&two, "Cart", "", PAYLOAD, Some(NOW as u32)),
        seal(&two, "Cart", "", PAYLOAD, Some(NOW as u32 + 1)),
        seal(&ring(&[OTHER]), "Cart", "", PAYLOAD, None),
    ];
    let nonces: HashSet<_> = others.iter().chain([&token]).map(|token| nonce(token)).collect();
    assert_eq!(nonces.len(), 7);
}

#[test]
fn an_unlinkable_token_carries_the_nonce_it_was_given() {
    let ring = ring(&[MASTER]);
    let mut out = Vec::new();
    ring.seal(&name("Cart"), "", PAYLOAD, Sealing::Unlinkable([9; 24]), None, &mut out).unwrap();
    assert_eq!(nonce(&out), [9; 24]);
    assert_eq!(out, Recipe { nonce: Some([9; 24]), ..recipe() }.token().as_bytes());
    assert_eq!(refusal(&ring, &out, NOW), None);
}

#[test]
fn a_million_different_props_have_a_million_nonces() {
    let ring = ring(&[MASTER]);
    let island = name("Cart");
    let mut seen = HashSet::with_capacity(1_000_000);
    let mut out = Vec::new();
    for i in 0..1_000_000_u32 {
        let props = i.to_be_bytes();
        out.clear();
        ring.seal(&island, "", Payload { props: &props, ..Payload::default() }, Sealing::Stable, None, &mut out)
            .unwrap();
        assert!(seen.insert(nonce(&out)), "{i}");
    }
}

#[test]
fn a_payload_up_to_the_limit_is_sealed_and_one_byte_more_is_not() {
    let ring = ring(&[MASTER]);
    for (expires, limit) in [(None, 49_106), (Some(u32::MAX), 49_102)] {
        let props = vec![b'x'; limit - 12];
        let token = seal(&ring, "Cart", "", Payload { props: &props, ..Payload::default() }, expires);
        assert_eq!(token.len(), Token::MAX_LEN);
        assert_eq!(refusal(&ring, &token, NOW), None);

        let props = vec![b'x'; limit - 12 - 5];
        let payload = Payload { props: &props, slots: b"123", page: b"456" };
        let mut out = b"as it was".to_vec();
        let error = ring.seal(&name("Cart"), "", payload, Sealing::Stable, expires, &mut out).unwrap_err();
        assert_eq!(error, Error::PayloadTooLarge { name: "Cart".to_owned(), length: limit + 1, limit });
        assert_eq!(out, b"as it was");
    }
}

#[test]
fn an_audience_over_the_limit_seals_and_opens_nothing() {
    let ring = ring(&[MASTER]);
    let longest = "a".repeat(KeyRing::MAX_AUDIENCE_LEN);
    let too_long = format!("{longest}a");
    let mut buffer = Vec::new();
    let token = seal(&ring, "Cart", &longest, PAYLOAD, None);
    assert!(ring.open(&name("Cart"), &longest, &token, NOW, &mut buffer).is_ok());
    assert_eq!(ring.open(&name("Cart"), &too_long, &token, NOW, &mut buffer), Err(BadToken::Tag.into()));
    let error = ring.seal(&name("Cart"), &too_long, PAYLOAD, Sealing::Stable, None, &mut buffer).unwrap_err();
    assert_eq!(error.code(), "option");
}

#[test]
fn the_expiry_lies_on_the_island_s_own_grid() {
    let phase = u64::from(phase_of("Cart"));
    for (now, ttl, grid) in
        [(NOW, 3600, None), (NOW, 3600, Some(60)), (NOW, 60, Some(86_400)), (0, 1, None), (5, 10, None)]
    {
        let step = u64::from(grid.unwrap_or(ttl));
        let at = u64::from(expiry(&name("Cart"), now, ttl, grid).unwrap());
        assert_eq!(at % step, phase % step);
        assert!((now + u64::from(ttl)..now + u64::from(ttl) + step).contains(&at), "{now} {ttl} {at}");
    }
}

#[test]
fn an_expiry_stays_the_same_inside_a_step() {
    let first = expiry(&name("Cart"), NOW, 60, Some(3600)).unwrap();
    let changes: Vec<u64> = (NOW..NOW + 7200)
        .filter(|now| expiry(&name("Cart"), *now, 60, Some(3600)) != expiry(&name("Cart"), now + 1, 60, Some(3600)))
        .collect();
    assert_eq!(changes.len(), 2);
    assert_eq!(changes[0], u64::from(first) - 60);
    assert_ne!(expiry(&name("Avatar"), NOW, 60, Some(3600)).unwrap(), first);
}

#[test]
fn an_expiry_after_2106_or_on_no_grid_is_an_error() {
    let last = u64::from(u32::MAX);
    let at = |now, ttl, grid| expiry(&name("Cart"), now, ttl, grid);
    assert_eq!(at(last - 1, 1, None), Ok(u32::MAX));
    assert_eq!(at(last, 1, None), Err(Error::ExpiryRange));
    assert_eq!(at(last - 10, 1, Some(u32::MAX)), Err(Error::ExpiryRange));
    assert_eq!(at(u64::MAX, 1, None), Err(Error::ExpiryRange));
    assert_eq!(at(NOW, 0, None).unwrap_err().code(), "option");
    assert_eq!(at(NOW, 60, Some(0)).unwrap_err().code(), "option");
}

proptest! {
    #[test]
    fn tokens_equal_those_of_the_reference_and_open(
        island in "[A-Za-z][A-Za-z0-9_-]{0,63}", audience in "\\PC{0,40}", expires in proptest::option::of(1_u32..),
        props in proptest::collection::vec(any::<u8>(), 0..900), slots in any::<Vec<u8>>(), page in any::<Vec<u8>>(),
    ) {
        let payload = Payload { props: &props, slots: &slots, page: &page };
        let ring = ring(&[MASTER]);
        let token = seal(&ring, &island, &audience, payload, expires);
        let recipe = Recipe { expires, ..Recipe::new(MASTER, &island, &audience, [&props, &slots, &page]) };
        prop_assert_eq!(std::str::from_utf8(&token).unwrap(), recipe.token());
        prop_assert_eq!(Token::new(&token).unwrap().as_str(), recipe.token());
        let mut buffer = Vec::new();
        let opened = ring.open(&name(&island), &audience, &token, 0, &mut buffer).unwrap();
        prop_assert_eq!((opened.payload, opened.expires), (payload, expires));
    }

    #[test]
    fn any_bytes_are_refused(token in proptest::collection::vec(any::<u8>(), 0..300)) {
        prop_assert!(refusal(&ring(&[MASTER]), &token, NOW).is_some());
    }
}

fn nonce(token: &[u8]) -> [u8; 24] {
    let binary = URL_SAFE_NO_PAD.decode_to_vec(token).unwrap();
    let start = if binary[1] == 1 { 10 } else { 6 };
    *binary[start..].first_chunk().unwrap()
}

fn phase_of(island: &str) -> u32 {
    use sha2::Digest;
    u32::from_be_bytes(*sha2::Sha256::digest(island).first_chunk().unwrap())
}
