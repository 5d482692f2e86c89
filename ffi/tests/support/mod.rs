//! What the tests share: the C compiler, scratch folders, and where the libraries are.
#![allow(dead_code, reason = "each test program uses a part of it")]

use std::path::{Path, PathBuf};
use std::process::Command;

/// The folder with the static and the shared library: the one that this test stands in, where cargo left them, or the one
/// that `EYOT_LIBRARIES` names, such as the release build's.
pub(crate) fn libraries() -> PathBuf {
    if let Some(folder) = std::env::var_os("EYOT_LIBRARIES") {
        return folder.into();
    }
    let this = std::env::current_exe().expect("a running test has a path");
    this.parent().expect("a file has a folder").to_owned()
}

/// What a program has to be linked with beside the static library, as `rustc --print native-static-libs` lists it.
pub(crate) const SYSTEM: [&str; 6] = ["-lgcc_s", "-lutil", "-lrt", "-lpthread", "-lm", "-ldl"];

/// An empty folder of this test's own, below the build's.
pub(crate) fn scratch(name: &str) -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    let _ = std::fs::remove_dir_all(&folder);
    std::fs::create_dir_all(&folder).expect("a folder below the build's");
    folder
}

/// Compiles a file with every warning being an error.
pub(crate) fn compile(compiler: &str, options: &[&str], more: &[&str], source: &Path, output: &Path) {
    let include = Path::new(env!("CARGO_MANIFEST_DIR")).join("../include");
    let mut command = Command::new(compiler);
    command.args(["-Wall", "-Wextra", "-Wpedantic", "-Werror", "-g"]).args(options);
    command.arg("-I").arg(include).arg(source).arg("-o").arg(output).args(more);
    run(&mut command);
}

/// Runs a command to its end and returns what it printed; a failure is the test's.
pub(crate) fn run(command: &mut Command) -> String {
    let output = command.output().unwrap_or_else(|error| panic!("{command:?}: {error}"));
    let text = [output.stdout, output.stderr].map(|bytes| String::from_utf8_lossy(&bytes).into_owned()).concat();
    assert!(output.status.success(), "{command:?}: {}\n{text}", output.status);
    text
}

/// Whether a program can be started at all.
pub(crate) fn is_there(program: &str) -> bool {
    Command::new(program).arg("--version").output().is_ok()
}

/// The header without its preprocessor lines and inline functions: what is declared, and comments.
pub(crate) fn declarations(header: &str) -> String {
    let (before, rest) = header.split_once("// inline: ").expect("where inline functions begin");
    let (_, after) = rest.split_once("// end of inline").expect("where they end");
    let mut is_continued = false;
    let is_code = |line: &&str| {
        let skipped = is_continued || line.starts_with('#');
        is_continued = skipped && line.ends_with('\\');
        !skipped
    };
    [before, after].concat().lines().filter(is_code).collect::<Vec<_>>().join("\n")
}
