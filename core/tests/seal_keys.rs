//! The key ring: which keys it takes, and that it never shows one.
#![allow(clippy::unwrap_used, reason = "a test stops where something is not as expected")]

use base64_simd::STANDARD;
use eyot::{Error, KeyRing};
use proptest::prelude::*;

const ONE: &str = "MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE=";
const TWO: &str = "YWJjZGVmZ2hpamtsbW5vcHFyc3R1dnd4eXphYmNkZWY=";

#[test]
fn a_bad_key_is_refused_with_its_place_and_reason() {
    let equal = STANDARD.encode_to_string([7; 32]);
    let short = STANDARD.encode_to_string([7; 31]);
    let long = STANDARD.encode_to_string([7; 33]);
    let [sample] = KeyRing::SAMPLE_KEYS;
    let table = [
        ("", "key-missing"),
        (" \n\t", "key-missing"),
        (",", "key-length"),
        (&format!("{ONE},"), "key-length"),
        (&short, "key-length"),
        (&long, "key-length"),
        (&equal, "key-weak"),
        (sample, "key-weak"),
        (&format!("{ONE},{TWO},{ONE}"), "key-twice"),
        ("not base64!", "key-encoding"),
        (&ONE[..43], "key-encoding"),
        ("MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDF=", "key-encoding"),
        ("MDEyMzQ1Njc4OTAxMjM0NTY3 ODkwMTIzNDU2Nzg5MDE=", "key-encoding"),
        ("____Mzg5MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU=", "key-encoding"),
    ];
    for (text, code) in table {
        assert_eq!(KeyRing::parse(text).unwrap_err().code(), code, "{text:?}");
    }
    assert_eq!(KeyRing::parse(&format!("{ONE},{short}")).unwrap_err(), Error::KeyLength { index: 2, length: 31 });
    assert_eq!(KeyRing::parse(&format!("{ONE},{ONE}")).unwrap_err(), Error::KeyTwice { index: 2 });
}

#[test]
fn a_list_is_trimmed_and_keeps_its_order() {
    let ids = |text: &str| KeyRing::parse(text).unwrap().ids().collect::<Vec<_>>();
    let (one, two) = (ids(ONE)[0], ids(TWO)[0]);
    assert_ne!(one, two);
    assert_eq!(ids(&format!(" {TWO} ,\n{ONE}\n")), [two, one]);
}

#[test]
fn a_key_file_has_a_key_a_line_and_comments() {
    let file = format!("# the keys\r\n\n  {ONE}\r\n\t# older\n{TWO} # since May\n");
    let ids: Vec<_> = KeyRing::parse_file(&file).unwrap().ids().collect();
    assert_eq!(ids, KeyRing::parse(&format!("{ONE},{TWO}")).unwrap().ids().collect::<Vec<_>>());
    assert_eq!(KeyRing::parse_file("# nothing\n\n").unwrap_err(), Error::KeyMissing);
    assert_eq!(KeyRing::parse_file(&format!("{ONE}\n\n{TWO},{TWO}")).unwrap_err(), Error::KeyEncoding { index: 2 });
}

#[test]
fn a_weak_secret_gives_no_ring() {
    let none: [&[u8]; 0] = [];
    assert_eq!(KeyRing::derive(&none).unwrap_err().code(), "secret-weak");
    assert_eq!(KeyRing::derive(&[&[1, 2, 3, 4, 5, 6, 7, 8]]).unwrap_err().code(), "secret-weak");
    assert_eq!(KeyRing::derive(&[b"abcdabcdabcdabcdabcdabcdabcdabcdabcdabcdabcd"]).unwrap_err().code(), "secret-weak");
    let good = b"a secret of the framework's that is long enough";
    assert_eq!(KeyRing::derive(&[good, b"short"]).unwrap_err().code(), "secret-weak");
    assert_eq!(KeyRing::derive(&[good, good]).unwrap_err(), Error::KeyTwice { index: 2 });
    assert_eq!(KeyRing::derive(&[good]).unwrap().ids().count(), 1);
}

#[test]
fn debug_shows_the_ids_alone() {
    let ring = KeyRing::parse(&format!("{ONE},{TWO}")).unwrap();
    let ids: Vec<String> = ring.ids().map(|id| id.to_string()).collect();
    assert_eq!(format!("{ring:?}"), format!("KeyRing[KeyId({}), KeyId({})]", ids[0], ids[1]));
}

proptest! {
    #[test]
    fn no_error_text_holds_what_was_passed(text in "[A-Za-z0-9+/=]{6,60}") {
        if let Err(error) = KeyRing::parse(&text) {
            let shown = format!("{error} {error:?}");
            prop_assert!(!shown.contains(&text));
        }
        let secret = text.as_bytes();
        if let Err(error) = KeyRing::derive(&[secret, secret]) {
            let shown = format!("{error} {error:?}");
            prop_assert!(!shown.contains(&text));
        }
    }
}
