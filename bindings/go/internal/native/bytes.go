//go:build cgo

// Bytes that cross: texts packed for the way in, slices and buffers read on the way out.

package native

/*
#include "glue.h"
*/
import "C"

import (
	"sync"
	"unsafe"
)

// Texts collects strings in one piece of memory without pointers, which C may read during a call.
type Texts struct {
	bytes []byte
	lens  []C.size_t
}

var pool = sync.Pool{New: func() any { return &Texts{bytes: make([]byte, 0, 2048), lens: make([]C.size_t, 0, 64)} }}

// What is larger than this is not kept for later calls.
const mostKept = 64 << 10

func newTexts() *Texts {
	return pool.Get().(*Texts)
}

func (t *Texts) release() {
	if cap(t.bytes) > mostKept || cap(t.lens) > mostKept {
		return
	}
	clear(t.bytes)
	t.bytes, t.lens = t.bytes[:0], t.lens[:0]
	pool.Put(t)
}

// Add appends texts.
func (t *Texts) Add(texts ...string) {
	for _, text := range texts {
		t.bytes = append(t.bytes, text...)
		t.lens = append(t.lens, C.size_t(len(text)))
	}
}

func (t *Texts) at() (*C.uint8_t, *C.size_t) {
	// The addresses of empty slices must be none that C could not add to.
	if cap(t.bytes) == 0 {
		t.bytes = make([]byte, 0, 64)
	}
	if cap(t.lens) == 0 {
		t.lens = make([]C.size_t, 0, 8)
	}
	return (*C.uint8_t)(unsafe.SliceData(t.bytes)), unsafe.SliceData(t.lens)
}

func pointer(bytes []byte) *C.uint8_t {
	return (*C.uint8_t)(unsafe.SliceData(bytes))
}

func stringPointer(text string) *C.uint8_t {
	return (*C.uint8_t)(unsafe.StringData(text))
}

// borrowed is a slice of C's memory, as long as that lives.
func borrowed(slice C.eyot_slice) []byte {
	return unsafe.Slice((*byte)(slice.data), int(slice.len))
}

func text(slice C.eyot_slice) string {
	return string(borrowed(slice))
}

func slices(list *C.eyot_slice, count C.size_t) []C.eyot_slice {
	return unsafe.Slice(list, int(count))
}

// written appends what a call wrote into the spare room of `out`, or fetches it where the room was too small.
func written(out []byte, result C.eyotgo_written) ([]byte, error) {
	if result.status != C.EYOT_OK {
		return out, failed(result.status, result.error)
	}
	old, length := len(out), int(result.len)
	if length <= cap(out)-old {
		return out[:old+length], nil
	}
	longer := make([]byte, old+length)
	copy(longer, out)
	C.eyotgo_rest(result.rest, pointer(longer[old:]))
	return longer, nil
}

func room(out []byte) (*C.uint8_t, C.size_t) {
	spare := out[len(out):cap(out)]
	return pointer(spare), C.size_t(cap(spare))
}
