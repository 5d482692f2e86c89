// The outer station: files and refusals, island answers, and shells as caches see them.

package eyot

import (
	"bytes"
	"io"
	"net/http"
	"strconv"
	"strings"

	"github.com/eyot-dev/eyot/bindings/go/internal/native"
)

// outer is the outer station: it stands outside of sessions and authentication.
type outer struct {
	isl      *Islands
	next     http.Handler
	policies *http.ServeMux
}

// Shell is the outer station: it answers for files and refusals, sends island answers with their headers, and gives the
// pages of routes with a policy theirs. It stands around everything that sets cookies, and inside of compression.
//
// Like http.ServeMux.Handle it panics when a pattern or a policy cannot be used.
func (isl *Islands) Shell(next http.Handler, policies Policies) http.Handler {
	return &outer{isl: isl, next: next, policies: policies.mux()}
}

func (o *outer) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	o.isl.followKeys(r.Context())
	target, mount := o.isl.target(r)
	// A mount point of a proxy's header may be none: core refuses it, wherever the request goes.
	isBelow := o.isl.isBelow(target, mount) || mount != ""
	chosen := o.policy(r)
	if !isBelow && chosen == nil {
		o.next.ServeHTTP(w, r)
		return
	}
	core, err := o.isl.native()
	if err != nil {
		o.isl.fail(w, r, err)
		return
	}
	head := &native.Head{Method: r.Method, Target: target, Mount: mount, Host: r.Host, Header: r.Header}
	if isBelow {
		island, reply, err := core.Route(head)
		switch {
		case err != nil:
			o.isl.fail(w, r, wrapped(err))
			return
		case reply != nil:
			o.isl.reply(w, r, reply)
			return
		case island != nil:
			defer island.Close()
			o.island(w, r, island)
			return
		}
	}
	if chosen != nil {
		o.visit(w, r, core, chosen, head)
		return
	}
	o.next.ServeHTTP(w, r)
}

func (o *outer) policy(r *http.Request) *policy {
	if o.policies == nil {
		return nil
	}
	handler, _ := o.policies.Handler(r)
	found, _ := handler.(*policy)
	if found == nil || found.native == nil {
		return nil
	}
	return found
}

// island has the app answer a request for an island.
func (o *outer) island(w http.ResponseWriter, r *http.Request, island *native.Request) {
	s := &station{isl: o.isl, island: island, shared: -1}
	inner := s.with(r)
	if limit := island.BodyLimit; limit > 0 {
		body, err := io.ReadAll(io.LimitReader(r.Body, int64(limit)+1))
		if err != nil {
			http.Error(w, "bad request", http.StatusBadRequest)
			return
		}
		if len(body) > limit {
			refusal, err := island.TooLarge()
			if err != nil {
				o.isl.fail(w, r, wrapped(err))
				return
			}
			o.isl.reply(w, r, refusal)
			return
		}
		s.body, inner.Body = body, io.NopCloser(bytes.NewReader(body))
	}
	writer := &islandWriter{head: newHead(w, r), isl: o.isl, station: s}
	if found := o.isl.registration(island.Name); found != nil && found.shared >= 0 {
		// Everybody gets what it answers: it does not see who asks, and all of it is judged.
		inner.Header = without(r.Header, island.Hidden)
		writer.body = new(bytes.Buffer)
	}
	o.next.ServeHTTP(writer, inner)
	writer.finish()
}

// islandWriter turns what a handler answered, sessions and all other layers included, into what is sent.
type islandWriter struct {
	head
	isl     *Islands
	station *station
	isDone  bool
	// What a shared island's handler wrote; nil for one that is not shared.
	body *bytes.Buffer
}

// WriteHeader implements http.ResponseWriter.
func (w *islandWriter) WriteHeader(status int) {
	if w.note(status) && w.body == nil {
		w.judge(nil)
	}
}

// judge sends the head as core wants it.
func (w *islandWriter) judge(body []byte) {
	status := w.status
	if w.station.refusal != nil {
		w.refuse(w.station.refusal)
		return
	}
	if w.station.hasPolicies {
		w.header.Del("Content-Security-Policy")
		if own := w.station.contentPolicies; len(own) > 0 {
			w.header["Content-Security-Policy"] = own
		}
	}
	if status == http.StatusNotFound && !w.station.isAnswered {
		w.isl.logger().ErrorContext(w.request.Context(), "an island was asked for, and nothing opened its token: "+
			"give isl.Pattern() to the router, inside of sessions", "island", w.station.island.Name)
	}
	outcome, refusal, err := w.station.island.Finish(status, w.header, w.station.page, body, w.station.shared,
		!w.station.isAnswered)
	switch {
	case err != nil:
		w.isDone = true
		w.startAgain()
		w.isWritten = true
		w.isl.fail(w.next, w.request, wrapped(err))
		return
	case refusal != nil:
		w.refuse(refusal)
		return
	}
	w.isl.logLeaks(w.request, "a shared island", outcome.Leaks)
	if outcome.LeakPage != nil && w.isl.config.Debug {
		w.instead(outcome.LeakPage)
		w.isDone = true
		w.send()
		_, _ = w.next.Write(outcome.LeakPage.Body)
		return
	}
	outcome.Apply(w.header)
	w.status, w.isDone = outcome.Status, !outcome.HasBody
	w.send()
}

func (w *islandWriter) refuse(refusal *native.Reply) {
	w.isDone = true
	w.startAgain()
	w.isWritten = true
	w.isl.reply(w.next, w.request, refusal)
}

// Write implements http.ResponseWriter.
func (w *islandWriter) Write(body []byte) (int, error) {
	if w.isHijacked {
		return 0, http.ErrHijacked
	}
	if !w.isWritten {
		w.WriteHeader(http.StatusOK)
	}
	if w.isDone {
		return len(body), nil
	}
	if w.body != nil {
		return w.body.Write(body)
	}
	return w.next.Write(body)
}

// Flush implements http.Flusher.
func (w *islandWriter) Flush() { _ = w.FlushError() }

// FlushError is what http.ResponseController calls.
func (w *islandWriter) FlushError() error {
	if w.body != nil {
		return nil
	}
	if !w.isWritten {
		w.WriteHeader(http.StatusOK)
	}
	return http.NewResponseController(w.next).Flush()
}

func (w *islandWriter) finish() {
	if w.isHijacked {
		return
	}
	if !w.isWritten {
		w.WriteHeader(http.StatusOK)
	}
	if w.body == nil {
		return
	}
	body := w.body.Bytes()
	w.judge(body)
	if !w.isDone && len(body) > 0 {
		_, _ = w.next.Write(body)
	}
}

// visit has the app answer a request on a route with a policy.
func (o *outer) visit(
	w http.ResponseWriter, r *http.Request, core *native.Islands, chosen *policy, head *native.Head,
) {
	visit, err := chosen.native.Visit(core, head)
	if err != nil {
		o.isl.fail(w, r, wrapped(err))
		return
	}
	if visit == nil {
		o.next.ServeHTTP(w, r)
		return
	}
	defer visit.Close()
	s := &station{isl: o.isl, policy: chosen, shared: -1}
	writer := newShellWriter(o.isl, w, r, s, visit)
	o.next.ServeHTTP(writer, hidden(s, r, visit))
	writer.finish()
}

// hidden is the request without what must not shape a shell. A HEAD is judged by the page that it stands for: its ETag,
// its length, its leaks.
func hidden(s *station, r *http.Request, visit *native.Visit) *http.Request {
	inner := s.with(r)
	inner.Header = without(r.Header, visit.Hidden)
	inner.Method = http.MethodGet
	if visit.IsFresh {
		address := *r.URL
		address.RawQuery = visit.Query
		inner.URL = &address
		inner.RequestURI = withQuery(r.RequestURI, visit.Query)
	}
	return inner
}

// without is a copy of a header without some names.
func without(header http.Header, names []string) http.Header {
	rest := header.Clone()
	for _, name := range names {
		rest.Del(name)
	}
	return rest
}

func withQuery(target, query string) string {
	path, _, _ := bytes.Cut([]byte(target), []byte("?"))
	if query == "" {
		return string(path)
	}
	return string(path) + "?" + query
}

// shellWriter holds back what leaves a route with a policy until all of it is known, unless it is streamed and the
// policy lets that pass.
type shellWriter struct {
	head
	isl         *Islands
	station     *station
	visit       *native.Visit
	body        *bytes.Buffer
	isStreaming bool
}

func newShellWriter(isl *Islands, w http.ResponseWriter, r *http.Request, s *station, visit *native.Visit) *shellWriter {
	body := buffers.Get().(*bytes.Buffer)
	body.Reset()
	return &shellWriter{head: newHead(w, r), isl: isl, station: s, visit: visit, body: body}
}

// WriteHeader implements http.ResponseWriter.
func (w *shellWriter) WriteHeader(status int) { w.note(status) }

// Write implements http.ResponseWriter.
func (w *shellWriter) Write(body []byte) (int, error) {
	if w.isHijacked {
		return 0, http.ErrHijacked
	}
	if !w.isWritten {
		w.WriteHeader(http.StatusOK)
	}
	if !w.isStreaming {
		return w.body.Write(body)
	}
	if w.request.Method == http.MethodHead {
		return len(body), nil
	}
	return w.next.Write(body)
}

// Flush implements http.Flusher.
func (w *shellWriter) Flush() { _ = w.FlushError() }

// FlushError is what http.ResponseController calls.
func (w *shellWriter) FlushError() error {
	if w.isHijacked {
		return http.ErrHijacked
	}
	if !w.station.policy.stream {
		return nil
	}
	if !w.isWritten {
		w.WriteHeader(http.StatusOK)
	}
	if !w.isStreaming {
		w.isStreaming = true
		w.typed(w.body.Bytes())
		if outcome := w.judge(true); outcome != nil {
			w.isl.logLeaks(w.request, "a shell", outcome.Leaks)
			outcome.Apply(w.header)
			w.status = outcome.Status
		}
		w.send()
		if w.body.Len() > 0 && w.request.Method != http.MethodHead {
			if _, err := w.next.Write(w.body.Bytes()); err != nil {
				return err
			}
		}
	}
	return http.NewResponseController(w.next).Flush()
}

// judge asks core what becomes of the response; nil when it cannot tell, and then no cache keeps it.
func (w *shellWriter) judge(isStreamed bool) *native.Outcome {
	if w.station.isFaulty {
		// Said once more: layers that ran after the split may have said otherwise.
		if outcome, err := native.Uncached(w.status, w.header); err == nil {
			outcome.Apply(w.header)
		}
	}
	outcome, err := w.visit.Finish(w.status, w.header, w.body.Bytes(), isStreamed)
	if err != nil {
		w.isl.logger().ErrorContext(w.request.Context(), "a shell was not judged", "error", wrapped(err))
		w.header.Set("Cache-Control", "private, no-store")
		return nil
	}
	return outcome
}

func (w *shellWriter) finish() {
	defer func() {
		if w.body.Cap() <= mostBuffered {
			buffers.Put(w.body)
		}
		w.body, w.isStreaming = new(bytes.Buffer), true
	}()
	if w.isHijacked || w.isStreaming {
		return
	}
	if !w.isWritten {
		w.WriteHeader(http.StatusOK)
	}
	w.typed(w.body.Bytes())
	body := w.body.Bytes()
	if outcome := w.judge(false); outcome != nil {
		w.isl.logLeaks(w.request, "a shell", outcome.Leaks)
		if outcome.LeakPage != nil && w.isl.config.Debug {
			body = outcome.LeakPage.Body
			w.instead(outcome.LeakPage)
		} else {
			outcome.Apply(w.header)
			w.status = outcome.Status
		}
	}
	w.whole(body)
}

func (w *shellWriter) whole(body []byte) {
	if !hasBody(w.status) {
		w.header.Del("Content-Length")
		w.send()
		return
	}
	if w.hasLength() {
		w.header.Set("Content-Length", strconv.Itoa(len(body)))
	}
	w.send()
	if w.request.Method != http.MethodHead && len(body) > 0 {
		_, _ = w.next.Write(body)
	}
}

func (isl *Islands) logLeaks(r *http.Request, what string, leaks []native.Finding) {
	for _, leak := range leaks {
		isl.logger().ErrorContext(r.Context(), what+" was kept out of caches: "+leak.Message,
			"code", leak.Code, "path", isl.loggable(r.URL.Path))
	}
}

// loggable is a path without the token that it may hold.
func (isl *Islands) loggable(path string) string {
	at := strings.Index(path, isl.Pattern())
	if at < 0 {
		return path
	}
	end := at + len(isl.Pattern())
	name, _, _ := strings.Cut(path[end:], "/")
	return path[:end] + name
}
