//! Every option by its name, in every spelling.
#![allow(clippy::unwrap_used, reason = "a test stops where something is not as expected")]

use std::collections::HashSet;

use super::{Kind, SETTINGS, Setting, Spelling, Value};
use crate::{Builder, Islands, KeyRing};

const SPELLINGS: [Spelling; 5] =
    [Spelling::Snake, Spelling::Python, Spelling::Upper, Spelling::Camel, Spelling::Pascal];

fn builder(spelling: Spelling) -> Builder {
    let keys = KeyRing::parse("p3Qm0Wv9yJ5sT1xL8bN4eR7uA2dF6gH0kC3iZ5oVqXM=").unwrap();
    Islands::builder(keys).spelling(spelling)
}

fn refusal(spelling: Spelling, name: &str, value: &Value<'_>) -> String {
    builder(spelling).set(name, value).map(drop).unwrap_err().to_string()
}

/// A value that the option can have and does not have by default, as an object of the language and as text.
fn other(setting: &Setting) -> (Value<'static>, &'static str) {
    match (setting.name(), setting.kind()) {
        (_, Kind::Flag { is_on: true }) => (Value::Flag(false), "false"),
        (_, Kind::Flag { is_on: false }) => (Value::Flag(true), "true"),
        (_, Kind::Count { .. }) => (Value::Number(7.0), "7"),
        (_, Kind::Time { .. }) => (Value::Text("7m"), "420"),
        (_, Kind::Choice(_)) => (Value::Text("unlinkable"), "unlinkable"),
        ("prefix" | "login_url", _) => (Value::Text("/other"), "/other"),
        ("origin", _) => (Value::Text("https://other.example"), "https://other.example"),
        ("elsewhere", _) => (Value::Texts(vec!["Other"]), "Other"),
        ("identity_headers", _) => (Value::Texts(vec!["X-Other"]), "X-Other"),
        (_, Kind::Texts) => (Value::Texts(vec!["https://other.example"]), "https://other.example"),
        (name, _) => panic!("{name} has no value to try"),
    }
}

#[test]
fn every_option_can_be_set_by_its_name_in_every_spelling_and_as_text() {
    for setting in SETTINGS {
        let (value, written) = other(setting);
        let plain = format!("{:?}", builder(Spelling::Snake).settings);
        for spelling in SPELLINGS {
            let name = spelling.of(setting);
            let set = |value: &Value<'_>| format!("{:?}", builder(spelling).set(&name, value).unwrap().settings);
            let (value, written) =
                if name.starts_with("No") { (Value::Flag(true), "true") } else { (value.clone(), written) };
            assert_ne!(set(&value), plain, "{name}");
            assert_eq!(set(&Value::Written(written)), set(&value), "{name}");
            assert_eq!(set(&Value::Nothing), plain, "{name}");
            builder(spelling).set(&name, &value).unwrap().build().unwrap();
        }
    }
}

#[test]
fn no_two_options_of_a_language_have_one_name_and_each_says_what_it_does() {
    for spelling in SPELLINGS {
        let names: Vec<String> = spelling.all().map(|(_, name)| name).collect();
        assert_eq!(names.iter().collect::<HashSet<_>>().len(), names.len());
        for (setting, name) in spelling.all() {
            assert!(setting.about().ends_with('.') && !setting.default_text().is_empty(), "{name}");
            assert!(!setting.about().contains("```"), "{name}");
        }
    }
}

#[test]
fn a_misspelt_name_is_told_with_the_one_that_is_meant() {
    let told = |spelling, name| refusal(spelling, name, &Value::Flag(true));
    assert_eq!(told(Spelling::Python, "prelaod"), "prelaod: there is no such option: preload is meant");
    assert_eq!(told(Spelling::Upper, "PRELAOD"), "PRELAOD: there is no such option: PRELOAD is meant");
    assert_eq!(told(Spelling::Upper, "preload"), "preload: there is no such option: PRELOAD is meant");
    assert_eq!(told(Spelling::Camel, "inline_loader"), "inline_loader: there is no such option: inlineLoader is meant");
    assert_eq!(told(Spelling::Camel, "onevent"), "onevent: there is no such option: onEvent is meant");
    assert!(
        told(Spelling::Camel, "colour").starts_with("colour: there is no such option; there are prefix, elsewhere, ")
    );
}

#[test]
fn a_value_of_the_wrong_type_is_told_in_the_languages_words() {
    let cases = [
        (Spelling::Python, "preload", Value::Text("yes"), "preload: is the text \"yes\": use True or False"),
        (Spelling::Camel, "preload", Value::Number(1.0), "preload: is the number 1: use true or false"),
        (Spelling::Upper, "ORIGIN", Value::Flag(true), "ORIGIN: is True: use a text"),
        (
            Spelling::Python,
            "locations",
            Value::Text("/a"),
            "locations: is the text \"/a\": use a list of texts, such as [\"/a\"]",
        ),
        (Spelling::Camel, "locations", Value::Other("an object"), "locations: is an object: use a list of texts"),
        (
            Spelling::Python,
            "seal",
            Value::Text("stabel"),
            "seal: is the text \"stabel\": use \"stable\" or \"unlinkable\"",
        ),
        (
            Spelling::Pascal,
            "MaxIslands",
            Value::Number(-1.0),
            "MaxIslands: is the number -1: use a whole number from 0 to 1048576",
        ),
        (
            Spelling::Camel,
            "urlLimit",
            Value::Number(2.5),
            "urlLimit: is the number 2.5: use a whole number from 0 to 1048576",
        ),
        (
            Spelling::Snake,
            "url_limit",
            Value::Written("many"),
            "url_limit: is \"many\": use a whole number from 0 to 1048576",
        ),
        (
            Spelling::Python,
            "ttl",
            Value::Number(0.0),
            "ttl: is the number 0: use whole seconds from 1 to 2147483647, or a text such as \"10m\"",
        ),
        (
            Spelling::Python,
            "ttl",
            Value::Number(f64::NAN),
            "ttl: is the number NaN: use whole seconds from 1 to 2147483647, or a text such as \"10m\"",
        ),
    ];
    for (spelling, name, value, expected) in cases {
        assert_eq!(refusal(spelling, name, &value), expected);
    }
    assert!(refusal(Spelling::Python, "ttl", &Value::Text("ten")).starts_with("ttl: \"ten\" is not a time: "));
}

#[test]
fn what_is_wrong_with_a_value_is_told_under_the_hosts_name_for_it() {
    let built = builder(Spelling::Pascal).set("LoginURL", &Value::Text("login")).unwrap().build();
    assert!(built.unwrap_err().to_string().starts_with("LoginURL: use a path from the root"));
}

#[test]
fn written_lists_take_the_place_of_the_default_and_add_up() {
    let set = |builder: Builder, text| builder.set("identity_headers", &Value::Written(text)).unwrap();
    let both = set(set(builder(Spelling::Snake), "X-A"), "X-B");
    assert_eq!(both.settings.identity_headers, ["X-A", "X-B"]);
    assert!(set(builder(Spelling::Snake), "").settings.identity_headers.is_empty());
}
