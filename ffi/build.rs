//! Gives the shared library the name that programs will ask the loader for.

fn main() {
    println!("cargo:rerun-if-changed=src/version.rs");
    let source = std::fs::read_to_string("src/version.rs").expect("src/version.rs");
    let line =
        source.lines().find_map(|line| line.strip_prefix("pub const EYOT_ABI: u32 = ")).expect("the ABI's number");
    let abi = line.trim_end_matches(';');
    match std::env::var("CARGO_CFG_TARGET_OS").as_deref() {
        Ok("macos") => println!("cargo:rustc-cdylib-link-arg=-Wl,-install_name,@rpath/libeyot.{abi}.dylib"),
        Ok("windows") => {}
        _ => println!("cargo:rustc-cdylib-link-arg=-Wl,-soname,libeyot.so.{abi}"),
    }
}
