//! Writes the test vectors that every language runs, or checks that the committed ones are what would be written:
//! `cargo run -p eyot --example vectors -- --write` or `--check`.

mod keys;
mod reference;
mod refused;
mod split;
mod tokens;

use std::path::PathBuf;
use std::process::ExitCode;
use std::{env, fs, io};

use serde_json::Value;

/// A file of vectors and the module that makes it.
type Family = (&'static str, fn() -> Value);

const FAMILIES: [Family; 4] = [
    ("keys.json", keys::vectors),
    ("tokens.json", tokens::vectors),
    ("refused.json", refused::vectors),
    ("split.json", split::vectors),
];

fn main() -> ExitCode {
    let result = match env::args().nth(1).as_deref() {
        Some("--write") => FAMILIES.iter().try_for_each(|(file, vectors)| fs::write(path(file), text(&vectors()))),
        Some("--check") => FAMILIES.iter().try_for_each(|(file, vectors)| check(file, &text(&vectors()))),
        _ => Err(io::Error::other("pass --write or --check")),
    };
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("vectors: {error}");
            ExitCode::FAILURE
        }
    }
}

fn check(file: &str, expected: &str) -> io::Result<()> {
    if fs::read_to_string(path(file))? == expected {
        Ok(())
    } else {
        Err(io::Error::other(format!("{file} is not what --write would write")))
    }
}

fn text(vectors: &Value) -> String {
    format!("{vectors:#}\n")
}

fn path(file: &str) -> PathBuf {
    [env!("CARGO_MANIFEST_DIR"), "tests", "vectors", file].iter().collect()
}
