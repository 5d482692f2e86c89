//! Which name the build script gives to the shared library, on which target.

#[path = "../build.rs"]
#[allow(dead_code, reason = "the build script's main runs in builds")]
mod build;

use build::name_argument;

#[test]
fn a_library_of_an_elf_system_has_a_soname_with_the_abi() {
    for os in ["linux", "freebsd", "netbsd", "openbsd", "dragonfly", "hurd"] {
        assert_eq!(name_argument(os, "7").as_deref(), Some("-Wl,-soname,libeyot.so.7"), "{os}");
    }
}

#[test]
fn android_takes_a_name_that_it_can_package() {
    assert_eq!(name_argument("android", "7").as_deref(), Some("-Wl,-soname,libeyot.so"));
}

#[test]
fn macos_has_an_install_name() {
    assert_eq!(name_argument("macos", "7").as_deref(), Some("-Wl,-install_name,@rpath/libeyot.7.dylib"));
}

#[test]
fn a_target_whose_linker_may_not_know_the_argument_gets_none() {
    for os in ["windows", "none", "unknown", "wasi", "emscripten", "illumos", "solaris", "uefi", "ios", ""] {
        assert_eq!(name_argument(os, "7"), None, "{os}");
    }
}
