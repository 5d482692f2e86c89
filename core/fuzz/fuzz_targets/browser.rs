//! What a browser sees of a page against what the split makes of it: the oracles of `core/tests/browser`, over pages that
//! the fuzzer draws.
//!
//! Each byte of the input is a bit of the page, so that mutations are of tags and texts instead of letters.
#![no_main]

use libfuzzer_sys::fuzz_target;

#[path = "../../tests/browser/check.rs"]
mod check;
#[path = "../../tests/browser/dom.rs"]
mod dom;
#[path = "../../tests/browser/hostile.rs"]
mod hostile;
#[path = "../../tests/support/mod.rs"]
mod support;

fuzz_target!(|data: &[u8]| {
    // Time grows with the page, and what is found in a long one is found in a short one.
    let page = hostile::from_bytes(&data[..data.len().min(200)]);
    let Err(wrong) = check::check(&page, &mut check::Tally::default()) else { return };
    assert!(dom::Dom::parse(&page.complete).has_html_point(), "{}\n   {wrong}", page.html);
});
