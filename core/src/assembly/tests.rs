//! Pages as splits write them, and answers as apps give them.
#![allow(clippy::unwrap_used, reason = "a test stops where something is not as expected")]

use super::{Assembly, AssemblyError, shell_faults};
use crate::http::Field;
use crate::{Context, Islands, KeyRing};

const HTML: [Field<'_>; 2] = [("Content-Type", b"text/html; charset=utf-8"), ("Island", b"x")];

/// A page, filled with what `answer` makes of each island's name.
fn filled(page: &str, answer: impl Fn(&str) -> String) -> Result<String, AssemblyError> {
    let mut assembly = Assembly::new(page.as_bytes().to_vec());
    while let Some(ask) = assembly.next()? {
        assembly.answer(200, &HTML, answer(&ask.island).as_bytes())?;
    }
    Ok(String::from_utf8_lossy(&assembly.finish()).into_owned())
}

fn bold(name: &str) -> String {
    format!("<b>{name}</b>")
}

fn component(name: &str, more: &str, content: &str) -> String {
    format!("<server-island island=\"{name}\" island-src=\"/i/{name}/t\"{more}>{content}</server-island>")
}

fn islands() -> Islands {
    let keys = KeyRing::parse("p3Qm0Wv9yJ5sT1xL8bN4eR7uA2dF6gH0kC3iZ5oVqXM=").unwrap();
    Islands::builder(keys).island("Cart").island("Row").build().unwrap()
}

#[test]
fn components_make_way_and_elements_are_filled() {
    let page = format!(
        "<i>{}</i><table><tr island=\"Row\" island-src=\"/i/Row/t\" id=r><td>…</td></tr></table>",
        component("Cart", "", "…")
    );
    let row = |name: &str| if name == "Row" { "<td>1</td>".to_owned() } else { bold(name) };
    let expected = "<i><b>Cart</b></i><table><tr island=\"Row\" island-src=\"/i/Row/t\" id=r><td>1</td></tr></table>";
    assert_eq!(filled(&page, row).unwrap(), expected);
}

#[test]
fn a_component_that_is_kept_is_filled() {
    for more in [" island-keep", " island-refresh=\"30s\""] {
        assert_eq!(filled(&component("Cart", more, "…"), bold).unwrap(), component("Cart", more, "<b>Cart</b>"));
    }
}

#[test]
fn islands_in_answers_and_in_slots_of_others_are_filled_too() {
    let nested = |name: &str| if name == "Cart" { format!("<u>{}</u>", component("Row", "", "")) } else { bold(name) };
    assert_eq!(filled(&component("Cart", "", "…"), nested).unwrap(), "<u><b>Row</b></u>");
    let page = component("Cart", "", &component("Row", "", "…"));
    assert_eq!(filled(&page, bold).unwrap(), "<b>Cart</b>");
}

#[test]
fn what_only_looks_like_a_placeholder_is_left_alone() {
    for page in [
        "<template><server-island island=\"Cart\" island-src=\"/i/Cart/t\"></server-island></template>",
        "<script>'<server-island island=\"Cart\" island-src=\"/i/Cart/t\">'</script>",
        "<!-- <server-island island=\"Cart\" island-src=\"/i/Cart/t\"> -->",
        "<textarea><server-island island=\"Cart\" island-src=\"/i/Cart/t\"></textarea>",
        "<p island=\"Cart\">without an address</p>",
        // A visitor's, who may write any attribute.
        "<p island=\"Cart\" island-src=\"/account\">of something else</p>",
        "<p island=\"Cart\" island-src=\"/i/../account\">of something else</p>",
        "<p island=\"Cart\" island-src=\"/i/Row/t\">of another</p>",
        "<p island=\"Cart\" island-src=\"/account\" island-token=\"t\">of something else</p>",
        "<server-islands>",
    ] {
        assert_eq!(filled(page, bold).unwrap(), page);
    }
}

#[test]
fn the_end_of_an_island_is_its_own() {
    let page = "<div island=\"Cart\" island-src=\"/i/Cart/t\"><div>a</div><divan>b</div></divan></div><div>c</div>";
    // `</div>` in the `divan` ends the island, as it does in a browser.
    let expected = "<div island=\"Cart\" island-src=\"/i/Cart/t\"><b>Cart</b></div></divan></div><div>c</div>";
    assert_eq!(filled(page, bold).unwrap(), expected);
}

#[test]
fn addresses_are_decoded_and_long_tokens_are_posted() {
    let page = "<p island=\"Cart\" island-src=\"/i/Cart?a=1&amp;b=2\" island-token=\"t0ken\"></p>";
    let mut assembly = Assembly::new(page.as_bytes().to_vec());
    let ask = assembly.next().unwrap().unwrap();
    assert_eq!((ask.url.as_str(), ask.token.as_deref()), ("/i/Cart?a=1&b=2", Some("t0ken")));
    assert_eq!(ask.headers().len(), 3);
    assert!(!ask.is_elsewhere());
}

#[test]
fn an_island_that_cannot_be_had_is_an_error_with_the_reason() {
    let told = |status, headers: &[Field<'_>], body: &str| {
        let mut assembly = Assembly::new(component("Cart", "", "…").into_bytes());
        assembly.next().unwrap();
        let error = assembly.answer(status, headers, body.as_bytes()).unwrap_err().to_string();
        assert_eq!(assembly.next().unwrap(), None);
        assert_eq!(assembly.finish(), component("Cart", "", "…").into_bytes());
        error
    };
    let json: [Field<'_>; 2] = [("content-type", b"application/json"), ("island", b"Cart")];
    let cases = [
        (told(410, &[], " stale\n"), "the island Cart cannot be had: 410: stale"),
        (told(503, &[], ""), "the island Cart cannot be had: 503, without a reason"),
        (
            told(200, &json, "{}"),
            "the island Cart cannot be had: its handler answered \"application/json\" and not HTML",
        ),
    ];
    for (found, expected) in cases {
        assert_eq!(found, expected);
    }
    assert!(told(200, &HTML[..1], "<h1>Sign in</h1>").contains("no header `Island`"));
}

#[test]
fn a_redirect_and_an_island_of_another_host_leave_the_fallback() {
    let page = component("Cart", "", &component("Row", "", "…"));
    let mut assembly = Assembly::new(page.into_bytes());
    assembly.next().unwrap();
    assembly.answer(204, &HTML, b"").unwrap();
    // What stands in the fallback is asked for: it stays visible.
    assert_eq!(assembly.next().unwrap().unwrap().island, "Row");
    assembly.skip();
    assert_eq!(assembly.next().unwrap(), None);
}

#[test]
fn islands_without_an_end_are_an_error() {
    let itself = |_: &str| component("Cart", "", "");
    assert_eq!(filled(&component("Cart", "", ""), itself).unwrap_err(), AssemblyError::Endless("Cart".to_owned()));
    let many = component("Cart", "", "").repeat(1_001);
    assert_eq!(filled(&many, bold).unwrap_err(), AssemblyError::Endless("Cart".to_owned()));
    assert!(filled(&component("Cart", "", "").repeat(1_000), bold).is_ok());
    assert_eq!(Assembly::new(Vec::new()).answer(200, &HTML, b""), Err(AssemblyError::NotAsked));
}

#[test]
fn a_shell_that_caches_keep_has_no_fault_and_any_other_says_what_is_wrong() {
    let islands = islands();
    let page = "<h1>server:defer</h1><Cart server:defer><i slot=fallback>…</i></Cart>";
    let shell = islands.split(page.as_bytes(), &Context::at(1_800_000_000)).unwrap().into_bytes();
    let kept: [Field<'_>; 1] = [("Cache-Control", b"public, max-age=0, s-maxage=600")];
    assert!(shell_faults(&islands, 200, &kept, &shell).is_empty());

    let headers: [Field<'_>; 3] =
        [("cache-control", b"public, s-maxage=0, max-age=60"), ("set-cookie", b"a=1"), ("Vary", b"Accept, Cookie")];
    let html = format!("{page}{}", component("Other", "", "").repeat(2));
    let expected = [
        "its status is 500",
        "its Cache-Control is \"public, s-maxage=0, max-age=60\": has its view a policy?",
        "it sets a cookie",
        "it varies on cookie",
        "a directive is left in it: it was not split",
        "its island \"Other\" is one that nobody declares",
    ];
    assert_eq!(shell_faults(&islands, 500, &headers, html.as_bytes()), expected);
}
