//! Tokens that open, and that sealing must give again byte for byte.

use eyot::seal::Payload;
use eyot::{IslandName, KeyRing, Sealing};
use serde_json::{Value, json};

use crate::keys::{MASTER, OTHER, text, twins};
use crate::reference::Recipe;

pub(crate) const NOW: u64 = 1_800_000_000;

/// One vector's input. The first key of the list seals; the ring that opens has all.
#[derive(Clone)]
struct Case<'a> {
    title: &'a str,
    masters: Vec<[u8; 32]>,
    /// The ring that opens, where it is not the one that sealed.
    opening: Option<Vec<[u8; 32]>>,
    island: &'a str,
    audience: &'a str,
    sections: [&'a str; 3],
    expires: Option<u32>,
    now: u64,
    nonce: Option<[u8; 24]>,
}

pub(crate) fn vectors() -> Value {
    let longest = "a".repeat(IslandName::MAX_LEN);
    let long = format!("{{\"text\":\"{}\"}}", "0123456789".repeat(100));
    let [one, two] = twins();
    let plain = Case {
        title: "props alone",
        masters: vec![MASTER],
        opening: None,
        island: "Cart",
        audience: "",
        sections: ["{\"id\":7}", "", ""],
        expires: None,
        now: NOW,
        nonce: None,
    };
    let all = ["{\"id\":7}", "{\"extra\":\"<b>hi</b>\"}", "{\"path\":\"/shop\",\"lang\":\"de\"}"];
    let unlinkable = Some(*b"ABCDEFGHIJKLMNOPQRSTUVWX");
    let cases = [
        plain.clone(),
        Case { title: "props, slots and page", sections: all, ..plain.clone() },
        Case { title: "an empty object of props", sections: ["{}", "", ""], ..plain.clone() },
        Case { title: "one byte more than props alone", sections: ["{\"id\":77}", "", ""], ..plain.clone() },
        Case { title: "two bytes more than props alone", sections: ["{\"id\":777}", "", ""], ..plain.clone() },
        Case { title: "props of a thousand bytes", sections: [&long, "", ""], ..plain.clone() },
        Case { title: "props beyond ASCII", sections: ["{\"n\":\"Ærø\u{1f3dd}\"}", "", ""], ..plain.clone() },
        Case { title: "an audience", audience: "tenant-1", ..plain.clone() },
        Case { title: "an audience beyond ASCII", audience: "Åland", ..plain.clone() },
        Case { title: "a name of one letter", island: "c", ..plain.clone() },
        Case { title: "the longest name, all characters", island: &longest, ..plain.clone() },
        Case { title: "every punctuation in a name", island: "Shop.cart_row-2", ..plain.clone() },
        Case { title: "a second before the expiry", expires: Some(1_800_000_001), ..plain.clone() },
        Case { title: "the last possible expiry", expires: Some(u32::MAX), ..plain.clone() },
        Case { title: "a long way before the expiry", expires: Some(u32::MAX), now: 0, ..plain.clone() },
        Case { title: "a chosen nonce", nonce: unlinkable, ..plain.clone() },
        Case { title: "a chosen nonce and an expiry", nonce: unlinkable, expires: Some(u32::MAX), ..plain.clone() },
        Case { title: "the older key of a ring", opening: Some(vec![OTHER, MASTER]), ..plain.clone() },
        Case { title: "the first of two keys with one id", masters: vec![one, two], ..plain.clone() },
        Case {
            title: "the second of two keys with one id",
            masters: vec![two],
            opening: Some(vec![one, two]),
            ..plain
        },
    ];
    cases.iter().map(vector).collect()
}

/// The vector, after both writings of the format have agreed on its token.
fn vector(case: &Case<'_>) -> Value {
    let [props, slots, page] = case.sections;
    let sealing_ring = ring(&case.masters);
    let payload = Payload { props: props.as_bytes(), slots: slots.as_bytes(), page: page.as_bytes() };
    let sealing = case.nonce.map_or(Sealing::Stable, Sealing::Unlinkable);
    let island = IslandName::new(case.island).expect("a case's name is valid");
    let mut token = Vec::new();
    KeyRing::parse(&sealing_ring)
        .and_then(|ring| ring.seal(&island, case.audience, payload, sealing, case.expires, &mut token))
        .expect("a case seals");
    let sections = case.sections.map(str::as_bytes);
    let recipe = Recipe::new(case.masters[0], case.island, case.audience, sections);
    let expected = Recipe { expires: case.expires, nonce: case.nonce, ..recipe }.token();
    assert_eq!(String::from_utf8_lossy(&token), expected, "{}", case.title);
    json!({
        "title": case.title,
        "keys": case.opening.as_ref().map_or_else(|| sealing_ring.clone(), |masters| ring(masters)),
        "sealing_keys": sealing_ring,
        "island": case.island,
        "audience": case.audience,
        "props": props,
        "slots": slots,
        "page": page,
        "expires": case.expires,
        "now": case.now,
        "nonce": case.nonce.map(|nonce| nonce.iter().map(|byte| format!("{byte:02x}")).collect::<String>()),
        "token": expected,
    })
}

fn ring(masters: &[[u8; 32]]) -> String {
    masters.iter().map(|master| text(*master)).collect::<Vec<_>>().join(",")
}
