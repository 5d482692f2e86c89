//! The library as a WebAssembly module, called from outside of its memory, where there is no clock and no randomness.

mod support;

use std::path::Path;
use std::process::Command;

use support::{is_there, run};

const TARGET: &str = "wasm32-unknown-unknown";

/// Whether the toolchain has the target's standard library: `rustup target add wasm32-unknown-unknown`.
fn has_target() -> bool {
    let found = Command::new("rustc").args(["--print", "target-libdir", "--target", TARGET]).output();
    found.is_ok_and(|found| Path::new(String::from_utf8_lossy(&found.stdout).trim()).is_dir())
}

#[test]
fn the_module_splits_a_page_once_it_is_told_the_time() {
    if !has_target() || !is_there("node") {
        println!("left out: it needs node and `rustup target add {TARGET}`");
        return;
    }
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    let target = Path::new(env!("CARGO_TARGET_TMPDIR")).join("wasm");
    let mut build = Command::new(env!("CARGO"));
    build.args(["build", "--package", "eyot-ffi", "--lib", "--target", TARGET, "--target-dir"]).arg(&target);
    run(build.current_dir(here));
    let module = target.join(TARGET).join("debug/eyot_ffi.wasm");
    run(Command::new("node").arg(here.join("tests/wasm/calls.mjs")).arg(module));
}
