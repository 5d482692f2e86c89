//go:build cgo

// Every flag that the compiler and the linker get, and what cgo may assume of the functions that requests call: they keep no
// pointer that they are given, and never call back into Go.

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
#cgo noescape eyot_buffer_free
#cgo nocallback eyot_buffer_free
#cgo noescape eyot_keyring_seal
#cgo nocallback eyot_keyring_seal
#cgo noescape eyot_keyring_open
#cgo nocallback eyot_keyring_open
#cgo noescape eyot_islands_placeholder
#cgo nocallback eyot_islands_placeholder
#cgo noescape eyot_islands_attributes
#cgo nocallback eyot_islands_attributes
#cgo noescape eyot_islands_url
#cgo nocallback eyot_islands_url
#cgo noescape eyot_islands_split
#cgo nocallback eyot_islands_split
#cgo noescape eyot_shell_segments
#cgo nocallback eyot_shell_segments
#cgo noescape eyot_prepared_shell
#cgo nocallback eyot_prepared_shell
#cgo noescape eyot_splitter_push
#cgo nocallback eyot_splitter_push
#cgo noescape eyot_splitter_finish
#cgo nocallback eyot_splitter_finish
#cgo noescape eyot_islands_arrive
#cgo nocallback eyot_islands_arrive
#cgo noescape eyot_exchange_open
#cgo nocallback eyot_exchange_open
#cgo noescape eyotgo_read_opened
#cgo nocallback eyotgo_read_opened
#cgo noescape eyotgo_read_reply
#cgo nocallback eyotgo_read_reply
#cgo noescape eyotgo_read_shell
#cgo nocallback eyotgo_read_shell
#cgo noescape eyotgo_read_exchange
#cgo nocallback eyotgo_read_exchange
#cgo noescape eyotgo_hidden
#cgo nocallback eyotgo_hidden
#cgo noescape eyotgo_page_new
#cgo nocallback eyotgo_page_new
#cgo noescape eyotgo_page_ask
#cgo nocallback eyotgo_page_ask
#cgo noescape eyotgo_page_push
#cgo nocallback eyotgo_page_push
#cgo noescape eyot_paths_find
#cgo nocallback eyot_paths_find
#cgo noescape eyotgo_nothing
#cgo nocallback eyotgo_nothing
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
	var failure *C.eyot_error
	return failed(C.eyot_panic_check(&failure), failure)
}

// Asset is one of the files.
type Asset struct {
	Name      string
	Bytes     []byte
	Integrity string
}

// The files: the loader, what it fetches when a page needs it, and the style sheet.
func ReadLoader() Asset     { return readAsset(C.eyot_asset_loader()) }
func ReadLoaderMore() Asset { return readAsset(C.eyot_asset_loader_more()) }
func ReadStylesheet() Asset { return readAsset(C.eyot_asset_stylesheet()) }

func readAsset(asset *C.eyot_asset) Asset {
	var name, bytes, integrity C.eyot_slice
	C.eyot_asset_name(asset, &name)
	C.eyot_asset_bytes(asset, &bytes)
	C.eyot_asset_integrity(asset, &integrity)
	return Asset{Name: text(name), Bytes: []byte(text(bytes)), Integrity: text(integrity)}
}
