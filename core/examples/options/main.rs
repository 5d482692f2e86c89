//! Writes the options of islands into each language's types and the guide, or checks that what is committed is what would
//! be written: `cargo run -p eyot --example options -- --write` or `--check`.

mod go;
mod guide;
mod python;
mod typescript;

use std::path::PathBuf;
use std::process::ExitCode;
use std::{env, fs, io};

/// A file, from the root of the repository, and what writes it.
type Target = (&'static str, fn() -> String);

const TARGETS: [Target; 4] = [
    ("docs/options.md", guide::text),
    ("bindings/go/config.go", go::text),
    ("bindings/python/python/eyot/_options.py", python::text),
    ("bindings/node/lib/options.ts", typescript::text),
];

fn main() -> ExitCode {
    let result = match env::args().nth(1).as_deref() {
        Some("--write") => TARGETS.iter().try_for_each(|(file, text)| fs::write(path(file), text())),
        Some("--check") => TARGETS.iter().try_for_each(|(file, text)| check(file, &text())),
        _ => Err(io::Error::other("pass --write or --check")),
    };
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("options: {error}");
            ExitCode::FAILURE
        }
    }
}

fn check(file: &str, expected: &str) -> io::Result<()> {
    if fs::read_to_string(path(file))? == expected {
        return Ok(());
    }
    let how = "run `cargo run -p eyot --example options -- --write`";
    Err(io::Error::other(format!("{file} does not have the options of core/src/options: {how}")))
}

fn path(file: &str) -> PathBuf {
    [env!("CARGO_MANIFEST_DIR"), "..", file].iter().collect()
}

/// Breaks a text into lines of a width, each with a beginning.
fn wrapped(text: &str, begin: &str, width: usize) -> String {
    let mut lines = String::new();
    let mut line = begin.to_owned();
    for word in text.split(' ') {
        if line.chars().count() + 1 + word.chars().count() > width && line != begin {
            lines.push_str(&line);
            lines.push('\n');
            line = begin.to_owned();
        }
        if line.len() > begin.len() || !begin.ends_with(' ') {
            line.push(' ');
        }
        line.push_str(word);
    }
    lines + &line + "\n"
}
