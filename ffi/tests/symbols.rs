//! What the shared library exports is what the header declares, both ways.

mod support;

use std::collections::BTreeSet;
use std::path::Path;
use std::process::Command;

use support::{declarations, libraries, run};

fn declared() -> BTreeSet<String> {
    let header = Path::new(env!("CARGO_MANIFEST_DIR")).join("../include/eyot.h");
    let header = declarations(&std::fs::read_to_string(header).expect("include/eyot.h"));
    let code = header.lines().filter(|line| !line.trim_start().starts_with("//"));
    let functions = code.filter_map(|line| {
        let name = line.split('(').next()?.split_ascii_whitespace().next_back()?.trim_start_matches('*');
        (line.contains('(') && name.starts_with("eyot_")).then(|| name.to_owned())
    });
    functions.collect()
}

fn exported() -> BTreeSet<String> {
    let library = libraries().join(format!("{}eyot_ffi{}", std::env::consts::DLL_PREFIX, std::env::consts::DLL_SUFFIX));
    let listed = run(Command::new("nm").args(["--dynamic", "--defined-only", "--format=posix"]).arg(library));
    listed.lines().filter_map(|line| line.split(' ').next()).map(str::to_owned).collect()
}

#[test]
fn every_declared_function_is_exported_and_nothing_else() {
    let (declared, exported) = (declared(), exported());
    assert!(declared.len() > 80, "{}", declared.len());
    assert_eq!(declared.difference(&exported).collect::<Vec<_>>(), Vec::<&String>::new(), "declared, not exported");
    assert_eq!(exported.difference(&declared).collect::<Vec<_>>(), Vec::<&String>::new(), "exported, not declared");
}
