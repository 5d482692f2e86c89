//! The table of mistakes: the C program makes each, and its text is found where `bindings/conformance/mistakes/c.json` says.

mod support;

use std::collections::BTreeMap;
use std::path::Path;
use std::process::Command;

use serde_json::Value;
use support::{SYSTEM, compile, libraries, run, scratch};

fn table(name: &str) -> BTreeMap<String, Value> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../bindings/conformance/mistakes").join(name);
    serde_json::from_str(&std::fs::read_to_string(path).expect("the table")).expect("its format")
}

/// What the program prints, by mistake.
fn told() -> BTreeMap<String, String> {
    let folder = scratch("c-mistakes");
    let here = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/c");
    let (program, helpers) = (folder.join("mistakes"), format!("-I{}", here.display()));
    let library = libraries().join("libeyot_ffi.a");
    let mut link = vec![library.to_str().expect("a path")];
    link.extend(SYSTEM);
    compile("cc", &["-std=c11", &helpers, "-pthread"], &link, &here.join("mistakes.c"), &program);
    let mut told = BTreeMap::<String, String>::new();
    for line in run(&mut Command::new(program)).lines() {
        if let Some((mistake, text)) = line.split_once('\t') {
            *told.entry(mistake.to_owned()).or_default() += &format!("{text}\n");
        }
    }
    told
}

#[test]
fn each_mistake_is_told_with_its_cure() {
    let (told, said) = (told(), table("c.json"));
    for mistake in table("mistakes.json").keys() {
        let entry = said.get(mistake).unwrap_or_else(|| panic!("{mistake} is not in c.json"));
        match (entry["says"].as_str(), entry["cannot"].as_str()) {
            (Some(says), None) => {
                let text = told.get(mistake).unwrap_or_else(|| panic!("mistakes.c does not make {mistake}"));
                assert!(text.contains(says), "{mistake}: {says:?} is not in {text:?}");
            }
            (None, Some(_)) => assert!(!told.contains_key(mistake), "{mistake} is made, and said to be impossible"),
            _ => panic!("{mistake}: c.json says neither what is told nor why it cannot be made"),
        }
    }
    assert!(said.keys().all(|mistake| table("mistakes.json").contains_key(mistake)));
}
