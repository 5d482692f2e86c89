//! Gives the shared library the name that programs will ask the loader for.

fn main() {
    println!("cargo:rerun-if-changed=src/version.rs");
    let source = std::fs::read_to_string("src/version.rs").expect("src/version.rs");
    let line =
        source.lines().find_map(|line| line.strip_prefix("pub const EYOT_ABI: u32 = ")).expect("the ABI's number");
    let os = std::env::var("CARGO_CFG_TARGET_OS").unwrap_or_default();
    if let Some(argument) = name_argument(&os, line.trim_end_matches(';')) {
        println!("cargo:rustc-cdylib-link-arg={argument}");
    }
}

/// What tells the linker of a target the library's name; nothing where no linker is known to take such an argument.
pub(crate) fn name_argument(os: &str, abi: &str) -> Option<String> {
    match os {
        "linux" | "freebsd" | "netbsd" | "openbsd" | "dragonfly" | "hurd" => {
            Some(format!("-Wl,-soname,libeyot.so.{abi}"))
        }
        // Packages of Android take no other names than lib*.so.
        "android" => Some(String::from("-Wl,-soname,libeyot.so")),
        "macos" => Some(format!("-Wl,-install_name,@rpath/libeyot.{abi}.dylib")),
        _ => None,
    }
}
