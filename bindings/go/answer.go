// The answering of island requests: routes, the opening of the token, the call of the handler.

package eyot

import (
	"context"
	"net/http"
	"slices"
)

// Pattern is where the island routes are, for a router: mux.Handle(isl.Pattern(), isl). For the routers that write
// wildcards otherwise, Prefix is the path.
func (isl *Islands) Pattern() string { return isl.config.Prefix + "/" }

// Mux is what Register needs of a router: http.ServeMux, and chi's from version 5.1 on.
type Mux interface {
	Handle(pattern string, handler http.Handler)
}

// Register gives each island that has a handler a route of its own, GET /_server-islands/Avatar/{token} and
// POST /_server-islands/Avatar, so that middleware and instrumentation see which island is asked for, and Pattern for
// everything else.
func (isl *Islands) Register(mux Mux) {
	mux.Handle(isl.Pattern(), isl)
	isl.mutex.RLock()
	defer isl.mutex.RUnlock()
	names := make([]string, 0, len(isl.handlers))
	for name := range isl.handlers {
		names = append(names, name)
	}
	slices.Sort(names)
	for _, name := range names {
		mux.Handle("GET "+isl.Pattern()+name+"/{token}", isl)
		mux.Handle("POST "+isl.Pattern()+name, isl)
	}
}

// ServeHTTP answers requests for islands, and for the loader and the style sheet. Without Shell around the app it
// does the outer station's work as well.
func (isl *Islands) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if s := isl.stationOf(r.Context()); s != nil && s.island != nil {
		isl.answer(w, r, s)
		return
	}
	alone := &outer{isl: isl, next: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if s := isl.stationOf(r.Context()); s != nil && s.island != nil {
			isl.answer(w, r, s)
			return
		}
		http.NotFound(w, r)
	})}
	alone.ServeHTTP(w, r)
}

// answer opens the token and calls the handler.
func (isl *Islands) answer(w http.ResponseWriter, r *http.Request, s *station) {
	s.request = r
	found := isl.registration(s.island.Name)
	if found == nil {
		http.NotFound(w, r)
		return
	}
	content, refusal, err := s.island.Open(s.body, isl.audience(r), isl.now())
	if err != nil {
		isl.fail(w, r, wrapped(err))
		return
	}
	if refusal != nil {
		// The outer station sends it.
		s.refusal = refusal
		w.WriteHeader(refusal.Status)
		return
	}
	island, err := opened(content)
	if err != nil {
		isl.fail(w, r, err)
		return
	}
	s.isAnswered, s.shared, s.page = true, found.shared, content.Page
	isl.call(w, r, s, found.handler, island)
}

// call calls an island's handler, and splits what it answers.
func (isl *Islands) call(w http.ResponseWriter, r *http.Request, s *station, handler http.Handler, island *Island) {
	const policy = "Content-Security-Policy"
	// What middleware puts on every page is not the island's, which has a stricter one of eyot's.
	apps := w.Header()[policy]
	w.Header().Del(policy)
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	page := newPageWriter(isl, w, r, s)
	page.onHead = func(h *head) {
		own := h.header[policy]
		if h.status == http.StatusOK || h.status == http.StatusNotModified {
			s.contentPolicies, s.hasPolicies = own, true
		} else if len(own) == 0 && len(apps) > 0 {
			// An error that the handler forwards is no island, and keeps what the app puts on its pages.
			h.header[policy] = apps
		}
	}
	handler.ServeHTTP(page, r.WithContext(context.WithValue(r.Context(), islandKey{}, island)))
	page.finish()
}
