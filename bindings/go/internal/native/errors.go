//go:build cgo

// Errors and findings.

package native

/*
#include "glue.h"
*/
import "C"

import (
	"errors"
	"unsafe"
)

// ErrClosed is what every call of a closed object returns.
var ErrClosed = errors.New("closed")

// The areas that the numbers of a status belong to.
const (
	StatusFinished   = int(C.EYOT_FINISHED)
	StatusConfig     = int(C.EYOT_NAME_INVALID)
	StatusKey        = int(C.EYOT_KEY_MISSING)
	StatusSeal       = int(C.EYOT_PAYLOAD_TOO_LARGE)
	StatusTokenBad   = int(C.EYOT_TOKEN_BAD)
	StatusTokenStale = int(C.EYOT_TOKEN_STALE)
	StatusProps      = int(C.EYOT_PROPS)
	StatusMarkup     = int(C.EYOT_MARKUP)
)

// Error is why a call failed.
type Error struct {
	Status       int
	Code         string
	Message      string
	Line, Column int
}

func (e *Error) Error() string { return e.Message }

// failed is the error of a status, and frees C's form of it.
func failed(status C.eyot_status, object *C.eyot_error) error {
	if status == C.EYOT_OK || status == C.EYOT_REFUSED {
		return nil
	}
	defer C.eyot_error_free(object)
	return readError(status, object)
}

func readError(status C.eyot_status, object *C.eyot_error) *Error {
	parts := C.eyotgo_error_read(object)
	return &Error{
		Status: int(status), Code: text(parts.code), Message: text(parts.message),
		Line: int(parts.line), Column: int(parts.column),
	}
}

// Finding is something that was found in a page or a response.
type Finding struct {
	Code, Message, Island string
	Line, Column          int
}

func findings(list *C.eyot_report, count C.size_t) []Finding {
	if count == 0 {
		return nil
	}
	found := make([]Finding, int(count))
	for i := range found {
		one := C.eyotgo_finding(unsafe.Pointer(list), C.size_t(i))
		found[i] = Finding{
			Code: text(one.code), Message: text(one.message), Island: text(one.island),
			Line: int(one.line), Column: int(one.column),
		}
	}
	return found
}

// Audit tells what a browser would make of a shell.
func Audit(shell []byte) ([]Finding, error) {
	audited := C.eyotgo_audit(pointer(shell), C.size_t(len(shell)))
	if err := failed(audited.status, audited.error); err != nil {
		return nil, err
	}
	defer C.eyot_report_free(audited.findings)
	return findings(audited.findings, audited.len), nil
}
