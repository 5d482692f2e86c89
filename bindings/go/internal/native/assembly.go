//go:build cgo

// For tests: pages with every island in its place, and what is wrong with shells.

package native

/*
#include "glue.h"
*/
import "C"

import (
	"net/http"
	"runtime"
	"unsafe"
)

// answered is a response as C reads it.
func answered(paper *paper, status int, header http.Header, body []byte, pinner *runtime.Pinner) C.eyot_response {
	response := C.eyot_response{size: C.sizeof_eyot_response, status: C.uint32_t(status), body: pinned(body, pinner)}
	response.headers, response.headers_len = paper.headers(header)
	return response
}

// Ask is an island to ask for; of one that another host answers, the URL does not begin with a slash.
type Ask struct{ Island, URL, Token string }

// Assembly is a page whose placeholders are filled one after the other.
type Assembly struct{ object }

// NewAssembly begins with a copy of a page.
func NewAssembly(page []byte) (*Assembly, error) {
	var made *C.eyot_assembly
	var failure *C.eyot_error
	if err := failed(C.eyot_assembly_new(pointer(page), C.size_t(len(page)), &made, &failure), failure); err != nil {
		return nil, err
	}
	assembly := &Assembly{}
	hold(assembly, &assembly.object, unsafe.Pointer(made), freeAssembly)
	return assembly, nil
}

// Next is the next island to ask for; nil once there is none.
func (a *Assembly) Next() (*Ask, error) {
	assembly, err := a.enterAlone()
	if err != nil {
		return nil, err
	}
	defer a.leaveAlone()
	var ask C.eyot_ask
	var failure *C.eyot_error
	err = failed(C.eyot_assembly_next((*C.eyot_assembly)(assembly), &ask, &failure), failure)
	if err != nil || ask.island.len == 0 {
		return nil, err
	}
	return &Ask{text(ask.island), text(ask.url), text(ask.token)}, nil
}

// Answer puts the answer to the last ask in the page; the error says why it cannot be.
func (a *Assembly) Answer(status int, header http.Header, body []byte) error {
	assembly, err := a.enterAlone()
	if err != nil {
		return err
	}
	defer a.leaveAlone()
	paper := newPaper()
	defer paper.release()
	var pinner runtime.Pinner
	defer pinner.Unpin()
	response := answered(paper, status, header, body, &pinner)
	var failure *C.eyot_error
	return failed(C.eyot_assembly_answer((*C.eyot_assembly)(assembly), &response, &failure), failure)
}

// Skip leaves the placeholder of the last ask as it is.
func (a *Assembly) Skip() {
	if assembly, err := a.enterAlone(); err == nil {
		defer a.leaveAlone()
		C.eyot_assembly_skip((*C.eyot_assembly)(assembly), nil)
	}
}

// Finish is the page as it is now; nothing is left of it here.
func (a *Assembly) Finish() ([]byte, error) {
	assembly, err := a.enterAlone()
	if err != nil {
		return nil, err
	}
	defer a.leaveAlone()
	var buffer C.eyot_buffer
	var failure *C.eyot_error
	status := C.eyot_assembly_finish((*C.eyot_assembly)(assembly), &buffer, &failure)
	return written(nil, &buffer, status, failure)
}

// ShellFaults is what is wrong with a response that is to be a shell in shared caches, a line each.
func (i *Islands) ShellFaults(status int, header http.Header, body []byte) ([]byte, error) {
	islands, err := i.enter()
	if err != nil {
		return nil, err
	}
	defer i.leave()
	paper := newPaper()
	defer paper.release()
	var pinner runtime.Pinner
	defer pinner.Unpin()
	response := answered(paper, status, header, body, &pinner)
	var buffer C.eyot_buffer
	var failure *C.eyot_error
	found := C.eyot_islands_shell_faults((*C.eyot_islands)(islands), &response, &buffer, &failure)
	return written(nil, &buffer, found, failure)
}
