//go:build cgo

// Bytes that cross: texts in C's memory on the way in, slices and buffers read on the way out.

package native

/*
#include "glue.h"
*/
import "C"

import (
	"runtime"
	"sync"
	"unsafe"
)

// paper is C's memory for the texts and lists that one call is given: structs that point there hold no Go pointer.
type paper struct {
	sheets []sheet
}

type sheet struct {
	memory unsafe.Pointer
	size   uintptr
	used   uintptr
}

// A sheet takes what most requests bring; a longer one is freed after its call.
const sheetSize = 8 << 10

var papers = sync.Pool{New: func() any {
	made := &paper{}
	made.grow(sheetSize)
	runtime.AddCleanup(made, func(memory unsafe.Pointer) { C.free(memory) }, made.sheets[0].memory)
	return made
}}

func newPaper() *paper { return papers.Get().(*paper) }

// release wipes what was written, and keeps the first sheet for later calls.
func (p *paper) release() {
	for i, sheet := range p.sheets {
		clear(unsafe.Slice((*byte)(sheet.memory), sheet.used))
		if i > 0 {
			C.free(sheet.memory)
		}
	}
	p.sheets = p.sheets[:1]
	p.sheets[0].used = 0
	papers.Put(p)
}

func (p *paper) grow(size uintptr) {
	// C.malloc does not return without memory.
	p.sheets = append(p.sheets, sheet{memory: C.malloc(C.size_t(size)), size: size})
}

// take is memory for so many bytes, where any of C's types may stand.
func (p *paper) take(size uintptr) unsafe.Pointer {
	last := &p.sheets[len(p.sheets)-1]
	if last.used+size > last.size {
		p.grow(max(size, sheetSize))
		last = &p.sheets[len(p.sheets)-1]
	}
	at := unsafe.Add(last.memory, last.used)
	last.used = min(last.used+(size+7)&^7, last.size)
	return at
}

// text writes a text.
func (p *paper) text(text string) C.eyot_slice {
	if text == "" {
		return C.eyot_slice{}
	}
	at := (*byte)(p.take(uintptr(len(text))))
	copy(unsafe.Slice(at, len(text)), text)
	return C.eyot_slice{data: (*C.uint8_t)(at), len: C.size_t(len(text))}
}

// bytes writes bytes.
func (p *paper) bytes(bytes []byte) C.eyot_slice {
	return p.text(unsafe.String(unsafe.SliceData(bytes), len(bytes)))
}

// texts writes a list of texts; one without any is no list.
func (p *paper) texts(texts []string) (*C.eyot_slice, C.size_t) {
	if len(texts) == 0 {
		return nil, 0
	}
	at := (*C.eyot_slice)(p.take(uintptr(len(texts)) * unsafe.Sizeof(C.eyot_slice{})))
	for i, text := range texts {
		unsafe.Slice(at, len(texts))[i] = p.text(text)
	}
	return at, C.size_t(len(texts))
}

// pairs has room for a list of names and values.
func (p *paper) pairs(count int) (*C.eyot_pair, []C.eyot_pair) {
	at := (*C.eyot_pair)(p.take(uintptr(count) * unsafe.Sizeof(C.eyot_pair{})))
	return at, unsafe.Slice(at, count)
}

func (p *paper) pair(name, value string) C.eyot_pair {
	return C.eyot_pair{name: p.text(name), value: p.text(value)}
}

func pointer(bytes []byte) unsafe.Pointer { return unsafe.Pointer(unsafe.SliceData(bytes)) }

func stringPointer(text string) unsafe.Pointer { return unsafe.Pointer(unsafe.StringData(text)) }

// pinned is bytes of Go's as a slice that a struct may hold until the pinner lets go of them.
func pinned(bytes []byte, pinner *runtime.Pinner) C.eyot_slice {
	if len(bytes) == 0 {
		return C.eyot_slice{}
	}
	pinner.Pin(unsafe.SliceData(bytes))
	return C.eyot_slice{data: (*C.uint8_t)(pointer(bytes)), len: C.size_t(len(bytes))}
}

// borrowed is a slice of C's memory, as long as that lives.
func borrowed(slice C.eyot_slice) []byte {
	return unsafe.Slice((*byte)(slice.data), int(slice.len))
}

func text(slice C.eyot_slice) string { return string(borrowed(slice)) }

// joined appends C's segments.
func joined(out []byte, list *C.eyot_slice, count C.size_t) []byte {
	for _, segment := range unsafe.Slice(list, int(count)) {
		out = append(out, borrowed(segment)...)
	}
	return out
}

// written appends what a call wrote, and frees C's form of it.
func written(out []byte, buffer *C.eyot_buffer, status C.eyot_status, failure *C.eyot_error) ([]byte, error) {
	if status != C.EYOT_OK {
		return out, failed(status, failure)
	}
	out = append(out, unsafe.Slice((*byte)(buffer.data), int(buffer.len))...)
	C.eyot_buffer_free(buffer)
	return out, nil
}
