//go:build !cgo

package native

// eyot is a C library behind a Go package, so a build without cgo ends here, with this sentence as the compiler's
// error.
var _ = eyot_needs_cgo__build_with_CGO_ENABLED_1_and_a_C_compiler__and_libeyot_found_by_pkg_config
