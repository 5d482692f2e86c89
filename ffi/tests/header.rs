//! The committed header is what the crate says, every language mode takes it, and its program runs.

mod support;

use std::collections::{BTreeSet, HashSet};
use std::path::{Path, PathBuf};
use std::process::Command;

use support::{SYSTEM, compile, declarations, libraries, run, scratch};

/// The header's own text, and where the declarations go.
const TEMPLATE: &str = include_str!("../src/header/eyot.h");

fn committed() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../include/eyot.h")
}

fn header() -> String {
    std::fs::read_to_string(committed()).expect("include/eyot.h")
}

/// The header that this crate stands for: the template, with the declarations where it wants them.
fn generated() -> String {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let config = cbindgen::Config::from_file(root.join("cbindgen.toml")).expect("a configuration");
    let bindings = cbindgen::Builder::new().with_crate(root).with_config(config).generate().expect("bindings");
    let mut declarations = Vec::new();
    bindings.write(&mut declarations);
    let mut items = items(&without_safety(&String::from_utf8(declarations).expect("text")));
    // Lines of patterns that follow each other are one list, whose declarations stand apart like all others.
    let template = TEMPLATE.replace("\n@ ", "\n\n@ ").replace("\n\n\n@ ", "\n\n@ ");
    let lines = template.lines().map(|line| match line.strip_prefix("@ ") {
        Some(patterns) => patterns.split(' ').map(|pattern| take(&mut items, pattern)).collect::<Vec<_>>().join("\n\n"),
        None => with_version(line),
    });
    let header = lines.collect::<Vec<_>>().join("\n") + "\n";
    let left: Vec<_> = items.iter().map(|(name, _)| name).collect();
    assert!(left.is_empty(), "src/header/eyot.h has no place for {left:?}");
    header
}

fn with_version(line: &str) -> String {
    let line = line.replace("@VERSION@", env!("CARGO_PKG_VERSION")).replace("@MAJOR@", env!("CARGO_PKG_VERSION_MAJOR"));
    line.replace("@MINOR@", env!("CARGO_PKG_VERSION_MINOR")).replace("@PATCH@", env!("CARGO_PKG_VERSION_PATCH"))
}

/// The declarations with their comments, by name. They stand apart from each other by empty lines.
fn items(declarations: &str) -> Vec<(String, String)> {
    let blocks = declarations.split("\n\n").map(str::trim_end).filter(|block| !block.trim().is_empty());
    blocks.map(|block| (name(block).to_owned(), block.trim_start_matches('\n').to_owned())).collect()
}

/// What a block declares: a function, a constant, or a type, which C names last.
fn name(block: &str) -> &str {
    let code = block.lines().find(|line| !line.starts_with("//")).expect("a declaration");
    let is_word = |c: char| c.is_ascii_alphanumeric() || c == '_';
    let last = |text: &str| -> usize { text.trim_end_matches(|c| !is_word(c)).len() };
    let text = if let Some(constant) = code.strip_prefix("#define ") {
        constant.split(' ').next().expect("a name")
    } else if code.starts_with("typedef") {
        block
    } else {
        code.split('(').next().expect("a name")
    };
    let text = &text[..last(text)];
    &text[text.rfind(|c| !is_word(c)).map_or(0, |at| at + 1)..]
}

/// Takes the items that a pattern asks for, `*` at its end standing for any ending.
fn take(items: &mut Vec<(String, String)>, pattern: &str) -> String {
    let is_wanted = |name: &str| pattern.strip_suffix('*').map_or(name == pattern, |start| name.starts_with(start));
    let taken: Vec<_> = items.extract_if(.., |(name, _)| is_wanted(name)).map(|(_, text)| text).collect();
    assert!(!taken.is_empty(), "src/header/eyot.h wants {pattern}, which is not declared, or stands earlier");
    taken.join("\n\n")
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
        static eyot_head d = EYOT_HEAD_INIT; static eyot_token t = EYOT_TOKEN_INIT;\n\
        static eyot_policy_options y = EYOT_POLICY_OPTIONS_INIT; static eyot_response r = EYOT_RESPONSE_INIT;\n\
        static eyot_buffer b = EYOT_BUFFER_INIT; static eyot_slice s = EYOT_LITERAL(\"text\");\n\
        static eyot_slice e = EYOT_SLICE_INIT;\n\
        size_t NAME(void); size_t NAME(void) {\n\
        return c.size + p.size + o.size + h.size + d.size + t.size + y.size + r.size + b.len + s.len + e.len + EYOT_SLICE(\"text\").len; }\n";
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

/// The program that the header begins with, as it stands there.
fn program() -> String {
    let lines = TEMPLATE.lines().skip_while(|line| !line.starts_with("//     #include"));
    let lines = lines.take_while(|line| *line == "//" || line.starts_with("//     "));
    let code = lines.map(|line| line.strip_prefix("//     ").unwrap_or_default());
    code.collect::<Vec<_>>().join("\n")
}

#[test]
fn the_program_at_the_top_prints_a_shell() {
    let folder = scratch("header-program");
    let (source, binary) = (folder.join("program.c"), folder.join("program"));
    std::fs::write(&source, program() + "\n").expect("a scratch file");
    let library = libraries().join("libeyot_ffi.a");
    let mut link = vec![library.to_str().expect("a path")];
    link.extend(SYSTEM);
    compile("cc", &["-std=c99", "-fsanitize=address,undefined"], &link, &source, &binary);
    let shell = run(&mut Command::new(binary));
    assert!(shell.contains("<server-island island=\"Cart\""), "{shell}");
    assert!(shell.contains("<i>Loading</i>") && !shell.contains("items"), "{shell}");
}

#[test]
fn the_order_of_calls_names_functions_that_there_are() {
    let header = header();
    let order = header.split("// ORDER OF CALLS").nth(1).and_then(|rest| rest.split("// CONVENTIONS").next());
    let words = order.expect("both headings").split(|c: char| !(c.is_ascii_alphanumeric() || c == '_'));
    let names: Vec<_> = words.filter(|word| word.starts_with("eyot_")).collect();
    assert!(names.len() > 10, "{names:?}");
    for name in names {
        assert!(header.contains(&format!(" {name}(")), "{name}");
    }
}

#[test]
fn every_struct_with_a_size_has_an_initialiser_that_sets_it() {
    let header = header();
    let names: Vec<_> = header.split("// `sizeof(").skip(1).filter_map(|rest| rest.split(')').next()).collect();
    assert_eq!(names.len(), 9, "{names:?}");
    for name in names {
        let macro_name = format!("#define {}_INIT ", name.to_uppercase());
        let (_, rest) = header.split_once(&macro_name).unwrap_or_else(|| panic!("{macro_name}"));
        let value = rest.trim_start_matches([' ', '\\', '\n']);
        assert!(value.starts_with(&format!("{{sizeof({name}), ")), "{macro_name}");
    }
}

/// How many letters have to be changed, added or removed.
fn distance(a: &str, b: &str) -> usize {
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, x) in a.bytes().enumerate() {
        let mut last = std::mem::replace(&mut row[0], i + 1);
        for (j, y) in b.bytes().enumerate() {
            let next = (last + usize::from(x != y)).min(row[j] + 1).min(row[j + 1] + 1);
            last = std::mem::replace(&mut row[j + 1], next);
        }
    }
    row[b.len()]
}

#[test]
fn no_two_names_are_one_letter_apart() {
    let header = declarations(&header());
    let code = header.lines().filter(|line| !line.trim_start().starts_with("//"));
    let words = code.flat_map(|line| line.split(|c: char| !(c.is_ascii_alphanumeric() || c == '_')));
    let names: BTreeSet<_> = words.filter(|word| word.to_lowercase().starts_with("eyot_")).map(str::to_owned).collect();
    assert!(names.len() > 150, "{}", names.len());
    // `eyot_islands_free` beside `eyot_island_free` would be a letter apart, too.
    for (index, a) in names.iter().enumerate() {
        for b in names.iter().skip(index + 1) {
            assert!(distance(a, b) > 1, "{a} and {b}");
        }
    }
}
