// Layers of a stack of http.Handlers, as they are found around real apps; and a session.
package main

import (
	"bytes"
	"compress/gzip"
	"context"
	"crypto/rand"
	"io"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"sync"
	"time"
)

var layers = map[string]func(http.Handler) http.Handler{
	"limiter": limiter, "error page": errorPage, "gzip": gzipped, "toolbar": toolbar, "cache": cache,
	"timeout": timeout, "recover": recovered, "session": sessions, "csp": csp, "language": language,
	// The configuration's Mount reads the header: nothing is to be changed on the way.
	"proxy": func(app http.Handler) http.Handler { return app },
}

// stacked is the app inside of these layers; the first one is the outermost.
func stacked(app http.Handler, names []string) http.Handler {
	for i := len(names) - 1; i >= 0; i-- {
		app = layers[names[i]](app)
	}
	return app
}

func page(w http.ResponseWriter, status int, text string) {
	w.Header().Set("Content-Type", htmlType)
	w.WriteHeader(status)
	_, _ = io.WriteString(w, text)
}

func limiter(app http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("Probe-Limit") != "" {
			page(w, http.StatusTooManyRequests, description.Layout)
			return
		}
		app.ServeHTTP(w, r)
	})
}

// csp says a policy for scripts on every answer, as helmets do.
func csp(app http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Security-Policy", "default-src 'self'")
		app.ServeHTTP(w, r)
	})
}

// language sends visitors to the path of their language, whatever they ask for.
func language(app http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("Probe-Language") == "" {
			app.ServeHTTP(w, r)
			return
		}
		w.Header().Set("Location", "/en"+r.URL.Path)
		w.WriteHeader(http.StatusFound)
	})
}

func errorPage(app http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		collected := httptest.NewRecorder()
		defer func() {
			if recover() != nil {
				page(w, http.StatusInternalServerError, description.Layout)
				return
			}
			sent(w, collected, collected.Body.Bytes())
		}()
		app.ServeHTTP(collected, r)
	})
}

// recovered is the recover of many apps: what panicked is forgotten, and what was written stays.
func recovered(app http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		defer func() { _ = recover() }()
		app.ServeHTTP(w, r)
	})
}

func sent(w http.ResponseWriter, collected *httptest.ResponseRecorder, body []byte) {
	for name, values := range collected.Header() {
		w.Header()[name] = values
	}
	w.Header().Set("Content-Length", strconv.Itoa(len(body)))
	w.WriteHeader(collected.Code)
	_, _ = w.Write(body)
}

func changing(app http.Handler, change func(r *http.Request, header http.Header, body []byte) []byte) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		collected := httptest.NewRecorder()
		app.ServeHTTP(collected, r)
		sent(w, collected, change(r, collected.Header(), collected.Body.Bytes()))
	})
}

func gzipped(app http.Handler) http.Handler {
	return changing(app, func(r *http.Request, header http.Header, body []byte) []byte {
		text := strings.HasPrefix(header.Get("Content-Type"), "text/")
		if !text || len(body) == 0 || !strings.Contains(r.Header.Get("Accept-Encoding"), "gzip") {
			return body
		}
		header.Set("Content-Encoding", "gzip")
		header.Add("Vary", "Accept-Encoding")
		var packed bytes.Buffer
		writer := gzip.NewWriter(&packed)
		_, _ = writer.Write(body)
		_ = writer.Close()
		return packed.Bytes()
	})
}

func toolbar(app http.Handler) http.Handler {
	return changing(app, func(_ *http.Request, _ http.Header, body []byte) []byte {
		return bytes.Replace(body, []byte("</body>"), []byte("<p>toolbar</p></body>"), 1)
	})
}

func cache(app http.Handler) http.Handler {
	var kept sync.Map
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		key := r.URL.RequestURI()
		if r.Method != http.MethodGet || strings.Contains(key, "/_") {
			app.ServeHTTP(w, r)
			return
		}
		found, ok := kept.Load(key)
		if !ok {
			collected := httptest.NewRecorder()
			app.ServeHTTP(collected, r)
			found, _ = kept.LoadOrStore(key, collected)
		}
		collected := found.(*httptest.ResponseRecorder)
		sent(w, collected, collected.Body.Bytes())
	})
}

func timeout(app http.Handler) http.Handler {
	inside := http.TimeoutHandler(app, 400*time.Millisecond, description.Layout)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if strings.Contains(r.URL.Path, "/_events") {
			app.ServeHTTP(w, r)
			return
		}
		inside.ServeHTTP(w, r)
	})
}

type sessionKey struct{}

var (
	kept     = map[string]map[string]string{}
	keptLock sync.Mutex
)

func newKey() string { return rand.Text() }

func sessionOf(r *http.Request) map[string]string {
	held, ok := r.Context().Value(sessionKey{}).(map[string]string)
	if !ok {
		return map[string]string{}
	}
	return held
}

// sessions is in memory; its cookie is set before the head goes, where something was written.
func sessions(app http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		key, held := "", map[string]string{}
		if cookie, err := r.Cookie("session"); err == nil {
			keptLock.Lock()
			if known := kept[cookie.Value]; known != nil {
				key = cookie.Value
				for name, value := range known {
					held[name] = value
				}
			}
			keptLock.Unlock()
		}
		saving := &saver{ResponseWriter: w, key: key, held: held, before: len(held)}
		app.ServeHTTP(saving, r.WithContext(context.WithValue(r.Context(), sessionKey{}, held)))
	})
}

// early says of every answer that it differs by the cookie, before anything else does, as many sessions do.
func early(app http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Add("Vary", "Cookie")
		app.ServeHTTP(w, r)
	})
}

type saver struct {
	http.ResponseWriter
	key    string
	held   map[string]string
	before int
	saved  bool
}

func (s *saver) Flush() {
	s.save()
	_ = http.NewResponseController(s.ResponseWriter).Flush()
}

func (s *saver) Unwrap() http.ResponseWriter { return s.ResponseWriter }

func (s *saver) save() {
	if s.saved {
		return
	}
	s.saved = true
	if len(s.held) == s.before {
		return
	}
	if s.key == "" {
		s.key = newKey()
	}
	keptLock.Lock()
	kept[s.key] = s.held
	keptLock.Unlock()
	s.Header().Add("Set-Cookie", "session="+s.key+"; Path=/; HttpOnly")
}

func (s *saver) WriteHeader(status int) {
	s.save()
	s.ResponseWriter.WriteHeader(status)
}

func (s *saver) Write(data []byte) (int, error) {
	s.save()
	return s.ResponseWriter.Write(data)
}
