//! Counts the instructions of a test by starting this program again under valgrind, so that it does not matter how busy the
//! machine is. To valgrind's processor AVX2 is the widest there is.

use std::env;
use std::process::Command;

/// The instructions of the ignored test `name` and of all around it, with these variables set; `None` where there is no
/// valgrind.
pub(crate) fn instructions(name: &str, variables: &[(&str, &str)]) -> Option<f64> {
    let output = Command::new("valgrind")
        .args(["--tool=cachegrind", "--cache-sim=no", "--cachegrind-out-file=/dev/null"])
        .arg(env::current_exe().expect("a path"))
        .args(["--exact", name, "--ignored", "--test-threads=1"])
        .envs(variables.iter().copied())
        .output()
        .ok()?;
    assert!(output.status.success(), "{variables:?}: {}", String::from_utf8_lossy(&output.stdout));
    Some(count(&String::from_utf8_lossy(&output.stderr)))
}

fn count(report: &str) -> f64 {
    let count = report.lines().find_map(|line| line.split_once("refs:")).expect("a count").1;
    count.trim().replace(',', "").parse().expect("a number")
}

/// Which valgrind it is.
pub(crate) fn version() -> Option<String> {
    let output = Command::new("valgrind").arg("--version").output().ok()?;
    Some(String::from_utf8_lossy(&output.stdout).trim().to_owned())
}
