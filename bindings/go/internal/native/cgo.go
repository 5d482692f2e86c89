//go:build cgo

// Every flag that the compiler and the linker get, and what cgo may assume of the functions: they keep no pointer that
// they are given, and never call back into Go.

// Package native is the C interface in Go's types: it moves bytes, decides nothing, and is used by package eyot alone.
package native

/*
#cgo !eyot_static pkg-config: eyot
#cgo eyot_static CFLAGS: -I${SRCDIR}/static/include
#cgo eyot_static,linux,amd64 LDFLAGS: ${SRCDIR}/static/linux_amd64/libeyot.a
#cgo eyot_static,linux,arm64 LDFLAGS: ${SRCDIR}/static/linux_arm64/libeyot.a
#cgo eyot_static,darwin,amd64 LDFLAGS: ${SRCDIR}/static/darwin_amd64/libeyot.a
#cgo eyot_static,darwin,arm64 LDFLAGS: ${SRCDIR}/static/darwin_arm64/libeyot.a
#cgo eyot_static,linux LDFLAGS: -lgcc_s -lutil -lrt -lpthread -lm -ldl
#cgo CFLAGS: -std=c11 -O2 -Wall
#cgo noescape eyotgo_rest
#cgo nocallback eyotgo_rest
#cgo nocallback eyotgo_error_read
#cgo noescape eyotgo_keyring_parse
#cgo nocallback eyotgo_keyring_parse
#cgo noescape eyotgo_keyring_derive
#cgo nocallback eyotgo_keyring_derive
#cgo noescape eyotgo_generate_key
#cgo nocallback eyotgo_generate_key
#cgo noescape eyotgo_keyring_ids
#cgo nocallback eyotgo_keyring_ids
#cgo noescape eyotgo_seal
#cgo nocallback eyotgo_seal
#cgo noescape eyotgo_keyring_open
#cgo nocallback eyotgo_keyring_open
#cgo noescape eyotgo_islands_new
#cgo nocallback eyotgo_islands_new
#cgo nocallback eyotgo_islands_set_keys
#cgo noescape eyotgo_islands_write
#cgo nocallback eyotgo_islands_write
#cgo noescape eyotgo_loader_tags
#cgo nocallback eyotgo_loader_tags
#cgo nocallback eyotgo_split
#cgo nocallback eyotgo_shell_island
#cgo nocallback eyotgo_finding
#cgo noescape eyotgo_audit
#cgo nocallback eyotgo_audit
#cgo noescape eyotgo_splitter_new
#cgo nocallback eyotgo_splitter_new
#cgo nocallback eyotgo_splitter_push
#cgo nocallback eyotgo_splitter_found
#cgo noescape eyotgo_prepared_new
#cgo nocallback eyotgo_prepared_new
#cgo noescape eyotgo_prepared_shell
#cgo nocallback eyotgo_prepared_shell
#cgo nocallback eyotgo_arrive
#cgo nocallback eyotgo_share
#cgo noescape eyotgo_take_body
#cgo nocallback eyotgo_take_body
#cgo noescape eyotgo_misfit
#cgo nocallback eyotgo_misfit
#cgo noescape eyotgo_open
#cgo nocallback eyotgo_open
#cgo noescape eyotgo_page_new
#cgo nocallback eyotgo_page_new
#cgo nocallback eyotgo_page_ask
#cgo nocallback eyotgo_page_push
#cgo nocallback eyotgo_policy_new
#cgo nocallback eyotgo_asset_read
#cgo nocallback eyotgo_nothing
#cgo nocallback eyotgo_panic_check
#include "glue.h"
*/
import "C"

// ABI is the binary interface that this package was compiled for.
const ABI = int(C.EYOT_ABI)

// LoadedABI is that of the library that the program found.
func LoadedABI() int { return int(C.eyot_abi()) }

// Version is the library's version.
func Version() string { return C.GoString(C.eyot_version()) }

// Nothing crosses to C and back, to measure what that costs.
func Nothing() { C.eyotgo_nothing() }

// PanicCheck panics inside the library, which must come back as an error.
func PanicCheck() error {
	made := C.eyotgo_panic_check()
	return failed(made.status, made.error)
}

// Asset is one of the files.
type Asset struct {
	Name      string
	Bytes     []byte
	Integrity string
}

// The files.
const (
	AssetLoader = iota
	AssetLoaderMore
	AssetStylesheet
)

// ReadAsset copies a file.
func ReadAsset(which int) Asset {
	read := C.eyotgo_asset_read(C.int(which))
	return Asset{Name: text(read.name), Bytes: []byte(text(read.bytes)), Integrity: text(read.integrity)}
}
