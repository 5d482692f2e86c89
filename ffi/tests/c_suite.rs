//! Compiles the C programs in `tests/c` against the static library and runs them: as they are, under the sanitizers, and
//! under valgrind. One more program is written from the header: it calls every function with nothing but zeros.

mod support;
#[path = "support/vectors.rs"]
mod vectors;

use std::fmt::Write;
use std::path::{Path, PathBuf};
use std::process::Command;

use support::{SYSTEM, compile, declarations, libraries, run, scratch};

const PROGRAMS: [&str; 8] = ["keyring", "islands", "pages", "ways", "stations", "threads", "values", "vectors"];
const SANITIZERS: [&str; 3] = ["-fsanitize=address,undefined", "-fno-sanitize-recover=all", "-fno-omit-frame-pointer"];

/// Compiles every program into a folder of its own.
fn programs(folder: &str, options: &[&str]) -> Vec<PathBuf> {
    let folder = scratch(folder);
    std::fs::write(folder.join("vectors.h"), vectors::header()).expect("a scratch file");
    std::fs::write(folder.join("zeros.c"), zeros()).expect("a scratch file");
    let here = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/c");
    let include = format!("-I{}", folder.display());
    let helpers = format!("-I{}", here.display());
    let library = libraries().join("libeyot_ffi.a");
    let mut link = vec![library.to_str().expect("a path")];
    link.extend(SYSTEM);
    let mut options: Vec<&str> = options.to_vec();
    options.extend(["-std=c11", "-Wstrict-prototypes", "-Wno-overlength-strings", &include, &helpers, "-pthread"]);
    let sources = PROGRAMS.iter().map(|name| here.join(format!("{name}.c"))).chain([folder.join("zeros.c")]);
    let built = sources.map(|source| {
        let program = folder.join(source.file_stem().expect("a file has a name"));
        compile("cc", &options, &link, &source, &program);
        program
    });
    built.collect()
}

#[test]
fn the_programs_pass() {
    for program in programs("c-plain", &["-O2"]) {
        print!("{}", run(&mut Command::new(program)));
    }
}

#[test]
fn the_programs_pass_under_the_sanitizers_without_a_leak() {
    for program in programs("c-sanitized", &SANITIZERS) {
        let symbols = run(Command::new("nm").arg(&program));
        assert!(symbols.contains("__asan_init") && symbols.contains("__ubsan_handle"), "the sanitizers are not on");
        let mut command = Command::new(program);
        command.env("ASAN_OPTIONS", "detect_leaks=1:abort_on_error=0:strict_string_checks=1");
        print!("{}", run(command.env("UBSAN_OPTIONS", "print_stacktrace=1")));
    }
}

#[test]
fn the_programs_pass_under_valgrind_without_a_leak() {
    for program in programs("c-valgrind", &["-O1"]) {
        let mut command = Command::new("valgrind");
        command.args(["--quiet", "--error-exitcode=99", "--leak-check=full", "--show-leak-kinds=all"]);
        command.args(["--errors-for-leak-kinds=definite,indirect,possible", "--fair-sched=yes"]);
        print!("{}", run(command.arg(program)));
    }
}

/// A program that calls every function of the header with zeros and NULLs alone: none may crash, and those that return a
/// status may succeed only where zeros are right.
fn zeros() -> String {
    // Nothing but empty input is asked of these.
    const FINE: [&str; 2] = ["eyot_version", "eyot_abi"];
    let header = std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("../include/eyot.h"));
    let header = declarations(&header.expect("include/eyot.h"));
    let code: String =
        header.lines().filter(|line| !line.trim_start().starts_with("//")).collect::<Vec<_>>().join("\n");
    let mut calls = String::new();
    let mut count = 0;
    for declaration in code.split(';') {
        let declaration = declaration.rsplit('}').next().unwrap_or_default().trim();
        let Some((head, parameters)) = declaration.split_once('(') else { continue };
        let Some(name) = head.split_ascii_whitespace().next_back().map(|name| name.trim_start_matches('*')) else {
            continue;
        };
        if !name.starts_with("eyot_") || !parameters.ends_with(')') {
            continue;
        }
        let count_of = if parameters.trim() == "void)" { 0 } else { parameters.split(',').count() };
        let zeros = vec!["0"; count_of].join(", ");
        count += 1;
        if head.starts_with("eyot_status") {
            writeln!(calls, "    CHECK({name}({zeros}) != EYOT_OK);").expect("a string");
        } else if head.starts_with("void") {
            writeln!(calls, "    {name}({zeros});").expect("a string");
        } else if FINE.contains(&name) || name.starts_with("eyot_asset_") {
            writeln!(calls, "    CHECK({name}({zeros}));").expect("a string");
        } else if name == "eyot_props_new" {
            calls.push_str("    eyot_props_free(eyot_props_new());\n");
        } else if name == "eyot_error_status" {
            calls.push_str("    CHECK(eyot_error_status(0) == EYOT_NULL_POINTER);\n");
        } else {
            writeln!(calls, "    CHECK(!{name}({zeros}));").expect("a string");
        }
    }
    assert!(count > 80, "{count}");
    format!("#include \"test.h\"\n\nint main(void) {{\n{calls}    return done(\"zeros\");\n}}\n")
}
