// The answering of island requests: routes, the opening of the token, the call of the handler.

package eyot

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"slices"
	"time"
)

// Pattern is where the island routes are, for a router: mux.Handle(isl.Pattern(), isl). For the routers that write
// wildcards otherwise, Prefix is the path.
func (isl *Islands) Pattern() string { return isl.config.Prefix + "/" }

// Mux is what Register needs of a router: http.ServeMux, and chi's from version 5.1 on.
type Mux interface {
	Handle(pattern string, handler http.Handler)
}

// Register gives each island that has a handler a route of its own, GET /_server-islands/Avatar/{token}, so that middleware
// and instrumentation see which island is asked for, and Pattern for everything else.
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
	}
}

// ServeHTTP answers requests for islands, and for the loader and the style sheet. Without Outer around the app it
// does the outer station's work as well.
func (isl *Islands) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if s := isl.stationOf(r.Context()); s != nil && s.isIsland() {
		s.answer(w, r)
		return
	}
	alone := &outer{isl: isl, isAlone: true, next: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if s := isl.stationOf(r.Context()); s.isIsland() {
			s.answer(w, r)
			return
		}
		http.NotFound(w, r)
	})}
	alone.ServeHTTP(w, r)
}

// answer opens the token and calls the handler.
func (s *station) answer(w http.ResponseWriter, r *http.Request) {
	s.seen = r
	found := s.isl.registration(s.exchange.Island)
	if found == nil {
		http.NotFound(w, r)
		return
	}
	content, refusal, err := s.exchange.Open(s.isl.audience(r), s.isl.now())
	if err != nil {
		s.isl.fail(w, r, err)
		return
	}
	if refusal != nil {
		// The outer station sends it, and logs it.
		s.isl.reply(w, r, refusal)
		return
	}
	island, err := s.isl.opened(content)
	if err != nil {
		s.isl.fail(w, r, err)
		return
	}
	s.call(w, r, found, island)
}

const scriptPolicy = "Content-Security-Policy"

var errLate = errors.New("the deadline of an island's handler has passed")

// call calls an island's handler, and splits what it answers.
func (s *station) call(w http.ResponseWriter, r *http.Request, found *registration, island *Island) {
	// What middleware puts on every page is not the island's, which has a stricter one of eyot's.
	policies := w.Header()[scriptPolicy]
	w.Header().Del(scriptPolicy)
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	page := s.newWriter(w, r, false)
	page.policies = policies
	deadline := cmp.Or(found.deadline, s.isl.config.Deadline, 30*time.Second)
	start := time.Now()
	ctx, cancel := context.WithTimeoutCause(r.Context(), deadline, errLate)
	defer cancel()
	found.handler.ServeHTTP(page, r.WithContext(context.WithValue(ctx, islandKey{}, island)))
	if context.Cause(ctx) == errLate && !page.isHijacked {
		s.isl.log(r.Context(), Event{
			Level: slog.LevelError, Code: "handler-slow", Path: s.isl.pathOf(r), Island: island.Name, Elapsed: time.Since(start),
			Message: fmt.Sprintf("the handler of an island took longer than its deadline, %v", deadline),
		})
		if !page.startOver() {
			// Half of an answer is none.
			s.isOpen.Store(true)
			panic(http.ErrAbortHandler)
		}
		http.Error(page, "service unavailable", http.StatusServiceUnavailable)
	}
	page.finish()
}
