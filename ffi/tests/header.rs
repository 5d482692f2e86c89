//! The committed header is what the crate says, and every language mode takes it.

mod support;

use std::collections::HashSet;
use std::path::{Path, PathBuf};

use support::{compile, scratch};

const OPENING: &str = include_str!("../src/header/opening.h");
const PREPROCESSOR: &str = include_str!("../src/header/preprocessor.h");
const CLOSING: &str = include_str!("../src/header/closing.h");

fn committed() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../include/eyot.h")
}

fn header() -> String {
    std::fs::read_to_string(committed()).expect("include/eyot.h")
}

/// The header that this crate stands for.
fn generated() -> String {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut config = cbindgen::Config::from_file(root.join("cbindgen.toml")).expect("a configuration");
    config.header = Some(OPENING.trim_end().to_owned());
    config.trailer = Some(CLOSING.trim_end().to_owned());
    let version = env!("CARGO_PKG_VERSION");
    let [major, minor, patch] =
        [env!("CARGO_PKG_VERSION_MAJOR"), env!("CARGO_PKG_VERSION_MINOR"), env!("CARGO_PKG_VERSION_PATCH")];
    let preprocessor = PREPROCESSOR.replace("@VERSION@", version).replace("@MAJOR@", major);
    let preprocessor = preprocessor.replace("@MINOR@", minor).replace("@PATCH@", patch);
    config.after_includes = Some(format!("\n{}", preprocessor.trim_end()));

    let bindings = cbindgen::Builder::new().with_crate(root).with_config(config).generate().expect("bindings");
    let mut header = Vec::new();
    bindings.write(&mut header);
    without_safety(&String::from_utf8(header).expect("text"))
}

/// The `# Safety` sections are for Rust: in C the conventions say the same for all functions.
fn without_safety(header: &str) -> String {
    let mut skipping = false;
    let mut kept: Vec<&str> = Vec::new();
    for line in header.lines() {
        if line.trim() == "// # Safety" {
            skipping = true;
            if kept.last().is_some_and(|last| last.trim() == "//") {
                kept.pop();
            }
        }
        skipping &= line.trim_start().starts_with("//");
        if !skipping {
            kept.push(line);
        }
    }
    kept.join("\n") + "\n"
}

#[test]
fn the_committed_header_is_current() {
    let generated = generated();
    if std::env::var_os("EYOT_WRITE_HEADER").is_some() {
        std::fs::write(committed(), &generated).expect("a writable header");
    }
    assert!(
        header() == generated,
        "run EYOT_WRITE_HEADER=1 cargo test -p eyot-ffi --test header, and look at the difference"
    );
}

#[test]
fn five_language_modes_take_the_header_twice_and_in_two_units() {
    let source = "#include \"eyot.h\"\n#include \"eyot.h\"\n";
    let used = "static eyot_context c = EYOT_CONTEXT_INIT; static eyot_payload p = EYOT_PAYLOAD_INIT;\n\
        static eyot_islands_options o = EYOT_ISLANDS_OPTIONS_INIT; static eyot_placeholder h = EYOT_PLACEHOLDER_INIT;\n\
        static eyot_head d = EYOT_HEAD_INIT; static eyot_answer a = EYOT_ANSWER_INIT;\n\
        static eyot_policy_options y = EYOT_POLICY_OPTIONS_INIT; static eyot_response r = EYOT_RESPONSE_INIT;\n\
        static eyot_buffer b = EYOT_BUFFER_INIT; static eyot_slice s = EYOT_LITERAL(\"text\");\n\
        size_t NAME(void); size_t NAME(void) {\n\
        return c.size + p.size + o.size + h.size + d.size + a.size + y.size + r.size + b.len + s.len; }\n";
    let folder = scratch("header");
    for mode in ["c99", "c11", "c17", "c++11", "c++20"] {
        let (compiler, ending) = if mode.starts_with("c++") { ("c++", "cc") } else { ("cc", "c") };
        let strict: &[&str] = if ending == "c" { &["-Wstrict-prototypes"] } else { &[] };
        let standard = format!("-std={mode}");
        let mut objects = Vec::new();
        for unit in ["one", "two"] {
            let path = folder.join(format!("{mode}-{unit}.{ending}"));
            std::fs::write(&path, format!("#define NAME {unit}\n{source}{used}")).expect("a scratch file");
            let object = path.with_extension("o");
            compile(compiler, &[&standard, "-c"], strict, &path, &object);
            objects.push(object);
        }
        let main = folder.join(format!("{mode}-main.{ending}"));
        std::fs::write(&main, "#include \"eyot.h\"\nint main(void) { return 0; }\n").expect("a scratch file");
        let units: Vec<_> = objects.iter().map(|object| object.to_str().expect("a path")).collect();
        compile(compiler, &[&standard], &units, &main, &folder.join(format!("{mode}-main")));
    }
}

#[test]
fn the_version_macros_are_the_crates() {
    let (header, version) = (header(), env!("CARGO_PKG_VERSION"));
    assert!(header.contains(&format!("#define EYOT_VERSION \"{version}\"\n")));
    for (name, part) in ["MAJOR", "MINOR", "PATCH"].iter().zip(version.split('.')) {
        assert!(header.contains(&format!("#define EYOT_VERSION_{name} {part}\n")), "{name}");
    }
    assert!(header.contains(&format!("#define EYOT_ABI {}\n", eyot_ffi::EYOT_ABI)));
}

#[test]
fn what_comments_name_is_declared() {
    let header = header();
    let is_word = |c: char| c.is_ascii_alphanumeric() || c == '_';
    let is_comment = |line: &&str| line.trim_start().starts_with("//");
    let code: Vec<_> = header.lines().filter(|line| !is_comment(line)).collect();
    let declared: HashSet<&str> = code.iter().flat_map(|line| line.split(|c| !is_word(c))).collect();
    let mut checked = 0;
    for word in header.lines().filter(is_comment).flat_map(|line| line.split(|c| !is_word(c))) {
        let is_name = (word.starts_with("eyot_") || word.starts_with("EYOT_")) && !word.ends_with('_');
        if is_name && !["EYOT_KEYS", "EYOT_WRITE_HEADER"].contains(&word) {
            assert!(declared.contains(word), "a comment of the header names {word}, which is not declared");
            checked += 1;
        }
    }
    assert!(checked > 20, "{checked}");
}
