//! The conventions that the header states, held against the crate's source: what a compiler does not check.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

/// An exported function: its name, its signature up to the body, its body.
struct Exported {
    name: String,
    is_unsafe: bool,
    signature: String,
    body: String,
}

fn exported() -> Vec<Exported> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).expect("the source") {
        let path = entry.expect("a file").path();
        if path.extension().is_some_and(|ending| ending == "rs") {
            found.extend(functions(&std::fs::read_to_string(path).expect("a source file")));
        }
    }
    assert!(found.len() > 80, "{}", found.len());
    found
}

fn functions(source: &str) -> Vec<Exported> {
    let mut parts = source.split("#[unsafe(no_mangle)]\n");
    parts.next();
    let function = |part: &str| {
        let end = part.find("\n}\n").expect("a function ends in the first column");
        let (signature, body) = part[..end].split_once(" {\n").expect("a body");
        let name = signature.split("fn ").nth(1).and_then(|rest| rest.split('(').next()).expect("a name");
        let is_unsafe = signature.starts_with("pub unsafe ");
        Exported { name: name.to_owned(), is_unsafe, signature: signature.to_owned(), body: body.to_owned() }
    };
    parts.map(function).collect()
}

/// The opaque types.
const OBJECTS: [&str; 16] = [
    "eyot_asset",
    "eyot_error",
    "eyot_exchange",
    "eyot_report",
    "eyot_opened",
    "eyot_islands",
    "eyot_keyring",
    "eyot_object",
    "eyot_outcome",
    "eyot_page",
    "eyot_policy",
    "eyot_prepared",
    "eyot_props",
    "eyot_reply",
    "eyot_shell",
    "eyot_splitter",
];

/// Where a body enters the boundary.
const ENTRIES: [&str; 5] =
    ["boundary::fallible(", "boundary::checked(", "boundary::value(", "boundary::part(", "boundary::release("];

/// The statements of a body itself, without what is nested in them: a body's lines that are indented once.
fn statements(body: &str) -> impl Iterator<Item = &str> {
    let own = body.lines().filter_map(|line| line.strip_prefix("    ").filter(|rest| !rest.starts_with(' ')));
    own.filter(|line| !line.starts_with("//") && !line.starts_with(['}', ')']))
}

#[test]
fn every_body_does_nothing_but_enter_the_boundary() {
    for function in exported() {
        let enters = |line: &str| ENTRIES.iter().any(|entry| line.starts_with(entry));
        assert!(statements(&function.body).any(enters), "{} stays outside of the boundary", function.name);
        for line in statements(&function.body) {
            assert!(enters(line), "{} works outside of the boundary: {line}", function.name);
        }
    }
}

#[test]
fn every_status_with_something_to_say_takes_an_error_last() {
    for function in exported().iter().filter(|function| function.body.contains("boundary::fallible(")) {
        let (parameters, _) = function.signature.rsplit_once("-> eyot_status").expect("it returns a status");
        let parameters = parameters.trim_end_matches([')', ',', ' ', '\n']);
        assert!(parameters.ends_with("error: Option<&mut MaybeUninit<Option<Box<eyot_error>>>>"), "{}", function.name);
    }
}

#[test]
fn every_free_takes_one_pointer_and_returns_nothing() {
    for function in exported().iter().filter(|function| function.name.ends_with("_free")) {
        let takes = function.signature.split_once('(').map(|(_, rest)| rest.trim_end_matches(')'));
        let (_, kind) = takes.and_then(|takes| takes.split_once(": ")).expect("one parameter");
        let owned = function.name.trim_end_matches("_free");
        let is_one = kind == format!("Option<Box<{owned}>>") || kind == format!("Option<&mut {owned}>");
        assert!(is_one, "{} takes {kind}", function.name);
    }
}

#[test]
fn outputs_stand_after_inputs() {
    for function in exported() {
        let names = function.signature.split(['(', ',']).skip(1).filter_map(|part| part.trim().split(':').next());
        let names: Vec<_> = names.filter(|name| !name.is_empty() && !name.starts_with(')')).collect();
        let is_output = |name: &str| ["step", "out", "out_len", "refusal", "error", "capacity"].contains(&name);
        let first = names.iter().position(|name| is_output(name)).unwrap_or(names.len());
        assert!(
            names[first..].iter().all(|name| is_output(name)) || function.name.starts_with("eyot_error_"),
            "{}: {names:?}",
            function.name
        );
    }
}

/// A raw pointer says nothing about NULL. The few that are left point to bytes, to lists and to structs of options, whose
/// sizes are the caller's.
#[test]
fn objects_and_outputs_cross_as_types_that_know_null() {
    const RAW: [&str; 3] = ["*const c_void", "*mut c_void", "*const eyot_"];
    for function in exported() {
        let parameters = function.signature.split_once('(').expect("parameters").1;
        for kind in
            parameters.split([',', ')']).filter_map(|parameter| parameter.split_once(": ").map(|(_, kind)| kind))
        {
            let is_raw = kind.starts_with('*');
            assert!(!is_raw || RAW.iter().any(|raw| kind.starts_with(raw)), "{}: {kind}", function.name);
            let is_object = OBJECTS.iter().any(|object| kind == format!("*const {object}"));
            assert!(!is_object, "{}: {kind} is an object", function.name);
        }
        let is_unsafe = function.signature.contains(": *") || function.name == "eyot_buffer_free";
        assert_eq!(function.is_unsafe, is_unsafe, "{}: unsafe where a pointer is raw, and nowhere else", function.name);
    }
}

#[test]
fn no_struct_crosses_by_value_and_no_function_is_called_back() {
    for function in exported() {
        let signature = &function.signature;
        assert!(!signature.matches("fn").skip(1).any(|_| true), "{}", function.name);
        for kind in ["eyot_slice", "eyot_pair", "eyot_buffer", "eyot_context", "eyot_token", "eyot_finding"] {
            assert!(!signature.contains(&format!(": {kind},")), "{}", function.name);
        }
    }
}

/// What the header calls shareable can be shared, and what may move between threads can move.
#[test]
fn objects_are_as_safe_for_threads_as_their_types_say() {
    fn shared<T: Send + Sync>() {}
    fn moved<T: Send>() {}
    shared::<eyot_ffi::eyot_asset>();
    shared::<eyot_ffi::eyot_error>();
    shared::<eyot_ffi::eyot_report>();
    shared::<eyot_ffi::eyot_opened>();
    shared::<eyot_ffi::eyot_islands>();
    shared::<eyot_ffi::eyot_keyring>();
    shared::<eyot_ffi::eyot_object>();
    shared::<eyot_ffi::eyot_outcome>();
    shared::<eyot_ffi::eyot_policy>();
    shared::<eyot_ffi::eyot_prepared>();
    shared::<eyot_ffi::eyot_reply>();
    shared::<eyot_ffi::eyot_exchange>();
    shared::<eyot_ffi::eyot_shell>();
    moved::<eyot_ffi::eyot_page>();
    moved::<eyot_ffi::eyot_props>();
    moved::<eyot_ffi::eyot_splitter>();
}

/// The crate's files, and which of the others each uses.
fn uses() -> BTreeMap<String, BTreeSet<String>> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut found = BTreeMap::new();
    for entry in std::fs::read_dir(folder).expect("the source") {
        let path = entry.expect("a file").path();
        let name = path.file_stem().and_then(|name| name.to_str()).unwrap_or_default().to_owned();
        if path.is_file() && name != "lib" {
            let source = std::fs::read_to_string(&path).expect("a source file");
            let used = source.split("crate::").skip(1);
            let used = used.map(|rest| rest.chars().take_while(|c| c.is_ascii_lowercase() || *c == '_').collect());
            found.insert(name.clone(), used.filter(|used: &String| *used != name).collect());
        }
    }
    found
}

#[test]
fn no_file_uses_one_that_uses_it() {
    let mut left = uses();
    assert!(left.len() > 25, "{left:?}");
    // Takes away what uses nothing that is left, until nothing is left or only circles are.
    while !left.is_empty() {
        let free: Vec<_> = left.iter().filter(|(_, used)| !used.iter().any(|name| left.contains_key(name))).collect();
        let free: Vec<_> = free.into_iter().map(|(name, _)| name.clone()).collect();
        assert!(!free.is_empty(), "a circle among {:?}", left.keys());
        left.retain(|name, _| !free.contains(name));
    }
}
