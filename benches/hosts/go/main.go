// The host net/http: an app once without eyot and once with it, and both with a layer, called as a server calls them.
//
//	go run . net-http DESCRIPTION
package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"html"
	"math"
	"net/http"
	"net/http/httptest"
	"os"
	"regexp"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/eyot-dev/eyot/bindings/go"
)

const (
	roundTime = 4 * time.Millisecond
	htmlType  = "text/html; charset=utf-8"
)

var islandURL = regexp.MustCompile(`"(/_server-islands/Row/[^"]+)"`)

// description is what every host is given.
var description struct {
	Seconds float64 `json:"seconds"`
	Cases   []struct {
		Name string `json:"name"`
		Path string `json:"path"`
	} `json:"cases"`
	JSON     map[string]any `json:"json"`
	Page     string         `json:"page"`
	Islands  string         `json:"islands"`
	Fragment string         `json:"fragment"`
	Chunks   []string       `json:"chunks"`
}

// measured is what one case took, in seconds.
type measured struct {
	Without      float64 `json:"without"`
	With         float64 `json:"with"`
	WithoutLayer float64 `json:"without_layer"`
	WithLayer    float64 `json:"with_layer"`
	Crossings    int64   `json:"crossings"`
	Allocations  int     `json:"allocations"`
	Bytes        int     `json:"bytes"`
}

// question is what a case asks for: of an app with eyot, and of one without.
type question struct{ with, without *http.Request }

// nowhere is a response of which nothing is kept.
type nowhere struct{ header http.Header }

func (n *nowhere) Header() http.Header               { return n.header }
func (n *nowhere) WriteHeader(int)                   {}
func (n *nowhere) Write(data []byte) (int, error)    { return len(data), nil }
func (n *nowhere) WriteString(s string) (int, error) { return len(s), nil }
func (n *nowhere) Flush()                            {}

// app is an app without eyot, on net/http's own router.
func app() *http.ServeMux {
	mux := http.NewServeMux()
	for path, text := range map[string]string{
		"/page": description.Page, "/islands": description.Islands, "/shell": description.Islands,
		"/fragment": description.Fragment,
	} {
		page := []byte(text)
		mux.HandleFunc("GET "+path, func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", htmlType)
			_, _ = w.Write(page)
		})
	}
	mux.HandleFunc("GET /json", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		_ = json.NewEncoder(w).Encode(description.JSON)
	})
	chunks := make([][]byte, len(description.Chunks))
	for i, chunk := range description.Chunks {
		chunks[i] = []byte(chunk)
	}
	mux.HandleFunc("GET /stream", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", htmlType)
		for _, chunk := range chunks {
			_, _ = w.Write(chunk)
			w.(http.Flusher).Flush()
		}
	})
	return mux
}

// layered is an app inside of a layer that sets a header when the head is written, as sessions do.
func layered(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		next.ServeHTTP(&layer{ResponseWriter: w}, r)
	})
}

type layer struct {
	http.ResponseWriter
	isBegun bool
}

func (l *layer) WriteHeader(status int) {
	l.isBegun = true
	l.Header().Set("X-Request-Id", "7")
	l.ResponseWriter.WriteHeader(status)
}

func (l *layer) Write(data []byte) (int, error) {
	if !l.isBegun {
		l.WriteHeader(http.StatusOK)
	}
	return l.ResponseWriter.Write(data)
}

func (l *layer) Flush() { l.ResponseWriter.(http.Flusher).Flush() }

// stack is the app as a server has it.
func stack(withEyot, withLayer bool) http.Handler {
	mux := app()
	handler := http.Handler(mux)
	var isl *eyot.Islands
	if withEyot {
		isl = must(eyot.New(eyot.Config{}))
		isl.HandleFunc("Row", func(w http.ResponseWriter, _ *http.Request) {
			_, _ = w.Write([]byte(description.Fragment))
		})
		mux.Handle(isl.Pattern(), isl)
		handler = isl.Inner(handler)
	}
	if withLayer {
		handler = layered(handler)
	}
	if withEyot {
		handler = isl.Outer(eyot.Policies{"/shell": {CDN: 10 * time.Minute}})(handler)
	}
	return handler
}

func must[T any](value T, err error) T {
	if err != nil {
		panic(err)
	}
	return value
}

func request(target string, headers ...string) *http.Request {
	r := httptest.NewRequest(http.MethodGet, target, http.NoBody)
	r.Host = "localhost"
	r.Header = http.Header{"Accept": {"text/html,*/*"}, "Cookie": {"theme=dark"}, "User-Agent": {"benchmark"}}
	for i := 0; i < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	return r
}

func ask(handler http.Handler, r *http.Request) *httptest.ResponseRecorder {
	recorder := httptest.NewRecorder()
	handler.ServeHTTP(recorder, r)
	return recorder
}

// questions is what each case asks for.
func questions(handler http.Handler) map[string]question {
	url := islandURL.FindStringSubmatch(ask(handler, request("/islands")).Body.String())
	etag := ask(handler, request("/shell")).Header().Get("ETag")
	if url == nil || etag == "" {
		panic("the page has no placeholder, or the shell no ETag")
	}
	asked := map[string]question{}
	for _, one := range description.Cases {
		asked[one.Name] = question{request(one.Path), request(one.Path)}
	}
	asked["unchanged"] = question{request("/shell", "If-None-Match", etag), request("/shell")}
	fetch := request(html.UnescapeString(url[1]), "Sec-Fetch-Site", "same-origin", "Sec-Fetch-Dest", "empty")
	asked["island"] = question{fetch, request("/fragment")}
	return asked
}

// check stops where an app with eyot did not do the work.
func check(name string, answer *httptest.ResponseRecorder) {
	body := answer.Body.String()
	hasIslands := name == "islands" || name == "shell" || name == "stream"
	isSplit := !strings.Contains(body, "server:defer") && strings.Contains(body, "/_server-islands/Row/") == hasIslands
	wanted := http.StatusOK
	if name == "unchanged" {
		wanted = http.StatusNotModified
	}
	if answer.Code != wanted || !isSplit {
		panic(fmt.Sprint(name, answer.Code, answer.Header(), body[:min(len(body), 200)]))
	}
}

// call is one request, as a server makes it: each has a context, and headers, of its own.
func call(handler http.Handler, r *http.Request) func() {
	return func() { handler.ServeHTTP(&nowhere{http.Header{}}, r.WithContext(r.Context())) }
}

// timed is one candidate: its fastest round goes to `best`.
type timed struct {
	call    func()
	repeats int
	best    *float64
}

func (t *timed) round(repeats int) time.Duration {
	start := time.Now()
	for range repeats {
		t.call()
	}
	return time.Since(start)
}

// fastest times all in turns until the time is over.
func fastest(candidates []*timed) {
	for _, one := range candidates {
		*one.best = math.Inf(1)
		each := max(one.round(20)/20, 1)
		one.repeats = max(1, int(roundTime/each))
	}
	end := time.Now().Add(time.Duration(description.Seconds * float64(time.Second)))
	for time.Now().Before(end) {
		for _, one := range candidates {
			*one.best = min(*one.best, one.round(one.repeats).Seconds()/float64(one.repeats))
		}
	}
}

// allocated is how many bytes one call takes from Go's heap.
func allocated(call func()) int {
	const calls = 100
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	for range calls {
		call()
	}
	runtime.ReadMemStats(&after)
	return int(after.TotalAlloc-before.TotalAlloc) / calls
}

func crossings(call func()) int64 {
	before := runtime.NumCgoCall()
	call()
	return runtime.NumCgoCall() - before
}

// coreAlone is what core itself takes, without any host; `hash and guard` has no call of its own in Go.
func coreAlone() (core map[string]*float64, candidates []*timed) {
	isl := must(eyot.New(eyot.Config{}))
	isl.HandleFunc("Row", func(http.ResponseWriter, *http.Request) {})
	page := []byte(description.Islands)
	best := new(float64)
	split := func() { must(isl.Split(page, eyot.Context{})) }
	return map[string]*float64{"split of five islands": best}, []*timed{{call: split, best: best}}
}

func main() {
	data := must(os.ReadFile(os.Args[2]))
	if err := json.NewDecoder(bytes.NewReader(data)).Decode(&description); err != nil {
		panic(err)
	}
	with, withLayer := stack(true, false), stack(true, true)
	without, withoutLayer := stack(false, false), stack(false, true)
	cases := map[string]*measured{}
	core, candidates := coreAlone()
	for name, asked := range questions(with) {
		check(name, ask(with, asked.with))
		check(name, ask(withLayer, asked.with))
		one := &measured{Crossings: crossings(call(with, asked.with))}
		cases[name] = one
		with, without := call(with, asked.with), call(without, asked.without)
		one.Allocations = int(testing.AllocsPerRun(100, with) - testing.AllocsPerRun(100, without))
		one.Bytes = allocated(with) - allocated(without)
		candidates = append(candidates,
			&timed{call: with, best: &one.With}, &timed{call: without, best: &one.Without},
			&timed{call: call(withLayer, asked.with), best: &one.WithLayer},
			&timed{call: call(withoutLayer, asked.without), best: &one.WithoutLayer})
	}
	fastest(candidates)
	if err := json.NewEncoder(os.Stdout).Encode(map[string]any{"cases": cases, "core": core}); err != nil {
		panic(err)
	}
}
