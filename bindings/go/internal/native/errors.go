//go:build cgo

// Errors and findings.

package native

/*
#include "glue.h"
*/
import "C"

import "errors"

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

// failed is the error of a status, and frees C's form of it. A refusal is none: its error says no more than the reply.
func failed(status C.eyot_status, failure *C.eyot_error) error {
	if status == C.EYOT_OK {
		return nil
	}
	defer C.eyot_error_free(failure)
	if status == C.EYOT_REFUSED {
		return nil
	}
	return readError(failure)
}

func readError(failure *C.eyot_error) *Error {
	var parts C.eyotgo_error
	C.eyotgo_read_error(failure, &parts)
	return &Error{
		Status: int(parts.status), Code: text(parts.code), Message: text(parts.message),
		Line: int(parts.line), Column: int(parts.column),
	}
}

// Finding is something that was found in a page or a response.
type Finding struct {
	Code, Message, Island string
	Line, Column          int
}

func findings(report *C.eyot_report) []Finding {
	var found []Finding
	for i := range C.eyot_report_len(report) {
		var one C.eyot_finding
		C.eyot_report_get(report, i, &one)
		found = append(found, Finding{
			Code: text(one.code), Message: text(one.message), Island: text(one.island),
			Line: int(one.line), Column: int(one.column),
		})
	}
	return found
}

// Audit tells what a browser would make of a shell.
func Audit(shell []byte) ([]Finding, error) {
	var report *C.eyot_report
	var failure *C.eyot_error
	if err := failed(C.eyot_report_audit(pointer(shell), C.size_t(len(shell)), &report, &failure), failure); err != nil {
		return nil, err
	}
	defer C.eyot_report_free(report)
	return findings(report), nil
}
