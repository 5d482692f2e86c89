//go:build cgo

// Policies by patterns of paths.

package native

/*
#include "glue.h"
*/
import "C"

import "unsafe"

// Policy is how long caches keep a page, in seconds.
type Policy struct {
	Browser, CDN, StaleWhileRevalidate, StaleIfError uint32
	Cookies, Stream                                  bool
}

// Paths are policies by patterns.
type Paths struct{ object }

// Route is what a pattern that fits says: its policy, which is the table's, and how long caches keep the page.
type Route struct {
	policy *C.eyot_policy
	Life   uint32
}

// NewPaths makes a table without patterns.
func NewPaths() (*Paths, error) {
	var made *C.eyot_paths
	var failure *C.eyot_error
	if err := failed(C.eyot_paths_new(&made, &failure), failure); err != nil {
		return nil, err
	}
	paths := &Paths{}
	hold(paths, &paths.object, unsafe.Pointer(made), freePaths)
	return paths, nil
}

// Add adds a pattern; nil excepts what it fits.
func (p *Paths) Add(pattern string, policy *Policy) error {
	paths, err := p.enterAlone()
	if err != nil {
		return err
	}
	defer p.leaveAlone()
	var made *C.eyot_policy
	var failure *C.eyot_error
	if policy != nil {
		options := C.eyot_policy_options{
			size: C.sizeof_eyot_policy_options, browser: C.uint32_t(policy.Browser), cdn: C.uint32_t(policy.CDN),
			stale_while_revalidate: C.uint32_t(policy.StaleWhileRevalidate), stale_if_error: C.uint32_t(policy.StaleIfError),
		}
		if policy.Cookies {
			options.flags |= C.EYOT_POLICY_COOKIES
		}
		if policy.Stream {
			options.flags |= C.EYOT_POLICY_STREAM
		}
		if err := failed(C.eyot_policy_new(&options, &made, &failure), failure); err != nil {
			return err
		}
		defer C.eyot_policy_free(made)
	}
	added := C.eyot_paths_add((*C.eyot_paths)(paths), stringPointer(pattern), C.size_t(len(pattern)), made, &failure)
	return failed(added, failure)
}

// Find finds the policy of a raw path below the mount point; nil where there is none. While debugging it tells of patterns that
// no path has fitted.
func (p *Paths) Find(path string, isDebug bool) (*Route, []Event, error) {
	paths, err := p.enter()
	if err != nil {
		return nil, nil, err
	}
	defer p.leave()
	core := (*C.eyot_paths)(paths)
	var found *C.eyot_policy
	C.eyot_paths_find(core, stringPointer(path), C.size_t(len(path)), &found)
	var events []Event
	if isDebug {
		var list *C.eyot_event
		var count C.size_t
		C.eyot_paths_unused(core, &list, &count)
		events = readEvents(list, count)
	}
	if found == nil {
		return nil, events, nil
	}
	return &Route{found, uint32(C.eyot_policy_life(found))}, events, nil
}
