#!/bin/sh
# Installs the built C library: shared library with its SONAME and links, static library, header, pkg-config file and
# CMake package.
#
#   ffi/install/install.sh PREFIX [BUILD]     BUILD: where cargo left the libraries, target/release by default
#   DESTDIR=/tmp/package ffi/install/install.sh /usr
#
# LIBDIR is `lib` by default; a Debian package says LIBDIR=lib/x86_64-linux-gnu.
set -eu

[ $# -ge 1 ] || { echo "usage: $0 PREFIX [BUILD]" >&2; exit 2; }
here=$(cd "$(dirname "$0")" && pwd)
root=$(cd "$here/../.." && pwd)
prefix=$1
build=${2:-$root/target/release}
libdir=${LIBDIR:-lib}
to=${DESTDIR:-}$prefix

version=$(sed -n 's/^#define EYOT_VERSION "\(.*\)"$/\1/p' "$root/include/eyot.h")
abi=$(sed -n 's/^#define EYOT_ABI \([0-9]*\)$/\1/p' "$root/include/eyot.h")
for library in libeyot_ffi.so libeyot_ffi.a; do
    [ -f "$build/$library" ] || { echo "$build/$library is missing: run cargo build --release -p eyot-ffi" >&2; exit 1; }
done

install -d "$to/include" "$to/$libdir/pkgconfig" "$to/$libdir/cmake/eyot"
install -m 644 "$root/include/eyot.h" "$to/include/eyot.h"
install -m 755 "$build/libeyot_ffi.so" "$to/$libdir/libeyot.so.$version"
install -m 644 "$build/libeyot_ffi.a" "$to/$libdir/libeyot.a"
strip --strip-unneeded "$to/$libdir/libeyot.so.$version"
strip --strip-debug "$to/$libdir/libeyot.a"
ln -sf "libeyot.so.$version" "$to/$libdir/libeyot.so.$abi"
ln -sf "libeyot.so.$abi" "$to/$libdir/libeyot.so"

fill() {
    sed -e "s|@VERSION@|$version|g" -e "s|@ABI@|$abi|g" -e "s|@PREFIX@|$prefix|g" -e "s|@LIBDIR@|$libdir|g" "$1" >"$2"
}
fill "$here/eyot.pc.in" "$to/$libdir/pkgconfig/eyot.pc"
fill "$here/eyot-config.cmake.in" "$to/$libdir/cmake/eyot/eyot-config.cmake"
fill "$here/eyot-config-version.cmake.in" "$to/$libdir/cmake/eyot/eyot-config-version.cmake"
echo "eyot $version (ABI $abi) is in $to"
