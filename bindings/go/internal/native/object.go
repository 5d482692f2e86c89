//go:build cgo

// Objects of the C interface that Go holds: freed by Close, or when nobody holds them any more, and never while a call
// uses them.

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

// object is embedded by whatever wraps a C object.
type object struct {
	mutex   sync.RWMutex
	address unsafe.Pointer
	free    func(unsafe.Pointer)
	cleanup runtime.Cleanup
}

// hold takes over a C object; `owner` is what embeds this.
func hold[T any](owner *T, o *object, address unsafe.Pointer, free func(unsafe.Pointer)) {
	o.address, o.free = address, free
	o.cleanup = runtime.AddCleanup(owner, free, address)
}

// enter begins a call that any number of goroutines may make at once. After it without an error leave is due, which
// also keeps the object alive until then.
func (o *object) enter() (unsafe.Pointer, error) {
	o.mutex.RLock()
	if o.address == nil {
		o.mutex.RUnlock()
		return nil, ErrClosed
	}
	return o.address, nil
}

func (o *object) leave() { o.mutex.RUnlock() }

// enterAlone begins a call that must be the only one; leaveAlone ends it.
func (o *object) enterAlone() (unsafe.Pointer, error) {
	o.mutex.Lock()
	if o.address == nil {
		o.mutex.Unlock()
		return nil, ErrClosed
	}
	return o.address, nil
}

func (o *object) leaveAlone() { o.mutex.Unlock() }

// Close frees the object once the calls that use it have ended. Closing again does nothing.
func (o *object) Close() {
	o.mutex.Lock()
	defer o.mutex.Unlock()
	if o.address == nil {
		return
	}
	o.cleanup.Stop()
	o.free(o.address)
	o.address = nil
}

func freeKeyRing(p unsafe.Pointer)  { C.eyot_keyring_free((*C.eyot_keyring)(p)) }
func freeIslands(p unsafe.Pointer)  { C.eyot_islands_free((*C.eyot_islands)(p)) }
func freeSplitter(p unsafe.Pointer) { C.eyot_splitter_free((*C.eyot_splitter)(p)) }
func freePrepared(p unsafe.Pointer) { C.eyot_prepared_free((*C.eyot_prepared)(p)) }
func freeExchange(p unsafe.Pointer) { C.eyot_exchange_free((*C.eyot_exchange)(p)) }
func freeAssembly(p unsafe.Pointer) { C.eyot_assembly_free((*C.eyot_assembly)(p)) }
func freePage(p unsafe.Pointer)     { C.eyot_page_free((*C.eyot_page)(p)) }
func freePaths(p unsafe.Pointer)    { C.eyot_paths_free((*C.eyot_paths)(p)) }
