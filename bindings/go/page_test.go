// Tests of the inner station's writer: what it asks core about, and when.

package eyot_test

import (
	"bytes"
	"compress/flate"
	"compress/gzip"
	"compress/zlib"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/eyot-dev/eyot/bindings/go"
)

// logged is a configuration whose log can be read.
func logged(debug bool) (eyot.Config, *bytes.Buffer) {
	log := new(bytes.Buffer)
	return eyot.Config{Debug: debug, Logger: slog.New(slog.NewTextHandler(log, nil))}, log
}

// encoded answers a body that is compressed already.
func encoded(coding string, body []byte) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		w.Header().Set("Content-Encoding", coding)
		w.Header().Set("Content-Length", fmt.Sprint(len(body)))
		_, _ = w.Write(body)
	}
}

// compressed is a text in each of the codings that the station can undo.
func compressed(t *testing.T, text string) map[string][]byte {
	t.Helper()
	found := map[string][]byte{}
	for name, open := range map[string]func(io.Writer) io.WriteCloser{
		"gzip":    func(w io.Writer) io.WriteCloser { return gzip.NewWriter(w) },
		"deflate": func(w io.Writer) io.WriteCloser { return zlib.NewWriter(w) },
		"DEFLATE": func(w io.Writer) io.WriteCloser { writer, _ := flate.NewWriter(w, 9); return writer },
	} {
		var out bytes.Buffer
		writer := open(&out)
		if _, err := io.WriteString(writer, text); err != nil || writer.Close() != nil {
			t.Fatal(err)
		}
		found[name] = out.Bytes()
	}
	return found
}

func TestACompressedPageIsUndoneAndSplit(t *testing.T) {
	for coding, body := range compressed(t, cartPage) {
		app, _ := site(t, eyot.Config{}, encoded(coding, body), nil)
		answer := ask(app, "GET", "/p/1")
		if !strings.Contains(answer.Body.String(), "island-src") || answer.Header().Get("Content-Encoding") != "" {
			t.Errorf("%s: %v %q", coding, answer.Header(), answer.Body)
		}
		if got := answer.Header().Get("Content-Length"); got != fmt.Sprint(answer.Body.Len()) {
			t.Errorf("%s: Content-Length is %q, the body has %d bytes", coding, got, answer.Body.Len())
		}
	}
}

func TestACompressedPageWithoutIslandsStaysCompressed(t *testing.T) {
	for coding, body := range compressed(t, "<!doctype html><p>nothing</p>") {
		app, _ := site(t, eyot.Config{}, encoded(coding, body), nil)
		answer := ask(app, "GET", "/p/1")
		if !bytes.Equal(answer.Body.Bytes(), body) || answer.Header().Get("Content-Encoding") != coding {
			t.Errorf("%s: %v %q", coding, answer.Header(), answer.Body)
		}
	}
}

func TestAPageInAnUnknownCodingIsKeptOutOfCachesAndAnErrorWhileDebugging(t *testing.T) {
	for name, page := range map[string]http.HandlerFunc{
		"a coding that Go does not know": encoded("br", []byte("not really")),
		"a damaged body":                 encoded("gzip", []byte("not really")),
		"a body that ends early":         encoded("gzip", compressed(t, cartPage)["gzip"][:60]),
	} {
		t.Run(name, func(t *testing.T) {
			for _, policies := range []eyot.Policies{nil, tenMinutes} {
				config, log := logged(false)
				app, _ := site(t, config, page, policies)
				answer := ask(app, "GET", "/p/1")
				if answer.Code != 200 || answer.Header().Get("Cache-Control") != "private, no-store" {
					t.Errorf("%d %v", answer.Code, answer.Header())
				}
				if !strings.Contains(log.String(), "level=WARN") || !strings.Contains(log.String(), "code=page-compressed") {
					t.Errorf("the log says %s", log)
				}
			}
			debug, _ := site(t, eyot.Config{Debug: true, Logger: quiet}, page, nil)
			answer := ask(debug, "GET", "/p/1")
			if answer.Code != 500 || !strings.Contains(answer.Body.String(), "page-compressed") ||
				answer.Header().Get("Content-Encoding") != "" {
				t.Errorf("%d %v %s", answer.Code, answer.Header(), answer.Body)
			}
		})
	}
}

func TestTheAnswerToAHeadIsNotUndone(t *testing.T) {
	app, _ := site(t, eyot.Config{}, encoded("gzip", nil), nil)
	answer := ask(app, "HEAD", "/p/1")
	if answer.Code != 200 || answer.Header().Get("Content-Length") != "" || answer.Header().Get("Cache-Control") != "" {
		t.Errorf("%d %v", answer.Code, answer.Header())
	}
}

func TestAFaultIsLoggedWithItsCodeAndThePathWhileDebuggingAndInProduction(t *testing.T) {
	for _, debug := range []bool{true, false} {
		config, log := logged(debug)
		app, _ := site(t, config, html(faulty), nil)
		ask(app, "GET", "/p/1?secret=1")
		for _, part := range []string{"level=ERROR", "code=props", "path=/p/1 place=2:26\n"} {
			if !strings.Contains(log.String(), part) {
				t.Errorf("debug %v: %q is not in %s", debug, part, log)
			}
		}
	}
}

func TestTheLogOfAnIslandsFaultHoldsNoToken(t *testing.T) {
	config, log := logged(false)
	app, isl := site(t, config, html("<body><Own server:defer></Own>"), nil)
	isl.HandleFunc("Own", html("<Nobody server:defer>n</Nobody>"))
	ask(app, "GET", source(t, ask(app, "GET", "/p/1").Body.String(), "Own"))
	if got := log.String(); !strings.Contains(got, "path=/_server-islands/Own place=1:1\n") || !strings.Contains(got, "code=name-unknown") {
		t.Errorf("the log says %s", got)
	}
}

func TestAnswersThatAreNoTextNeedNoCore(t *testing.T) {
	app, isl := site(t, eyot.Config{Logger: quiet}, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", r.URL.Query().Get("type"))
		_, _ = io.WriteString(w, cartPage)
	}), nil)
	isl.Close()
	for media, expected := range map[string]int{"application/json": 200, "image/png": 200, "text/html": 500} {
		answer := ask(app, "GET", "/p/1?type="+media)
		if answer.Code != expected || (answer.Body.String() == cartPage) != (expected == 200) {
			t.Errorf("%s: %d %s", media, answer.Code, answer.Body)
		}
	}
}

func TestAPageOfAKnownLengthIsWholeHoweverOftenItIsFlushed(t *testing.T) {
	app, _ := site(t, eyot.Config{}, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Length", fmt.Sprint(len(cartPage)))
		streamed(cartPage[:20], cartPage[20:])(w, r)
	}), nil)
	answer := ask(app, "GET", "/p/1")
	if answer.Flushed || answer.Header().Get("Content-Length") != fmt.Sprint(answer.Body.Len()) ||
		!strings.Contains(answer.Body.String(), "island-src") {
		t.Errorf("flushed: %v, %v %s", answer.Flushed, answer.Header(), answer.Body)
	}
}

func TestALongPageStillStreamsFromItsFirstFlushOn(t *testing.T) {
	long := strings.Repeat("<p>long</p>\n", 10_000)
	app, _ := site(t, eyot.Config{}, streamed(long, cartPage), nil)
	answer := ask(app, "GET", "/p/1")
	body := answer.Body.String()
	if !answer.Flushed || !strings.HasPrefix(body, long) || !strings.Contains(body, "island-src") {
		t.Errorf("flushed: %v, %d bytes", answer.Flushed, len(body))
	}
}

func TestALongTextPassesAndAShortOneIsSearched(t *testing.T) {
	const style = "a { color: red }\n<Cart server:defer />\n"
	for text, isTold := range map[string]bool{style: true, strings.Repeat(style, 5000): false} {
		file := filepath.Join(t.TempDir(), "a.css")
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		for name, handler := range map[string]http.HandlerFunc{
			"a file": func(w http.ResponseWriter, r *http.Request) { http.ServeFile(w, r, file) },
			"pieces": func(w http.ResponseWriter, _ *http.Request) {
				w.Header().Set("Content-Type", "text/css")
				for part := range strings.SplitAfterSeq(text, "\n") {
					_, _ = io.WriteString(w, part)
				}
			},
		} {
			app, _ := site(t, eyot.Config{Logger: quiet}, handler, nil)
			answer := ask(app, "GET", "/p/1")
			if answer.Body.String() != text || (answer.Header().Get("Cache-Control") != "") != isTold {
				t.Errorf("%s, %d bytes: %d %v", name, len(text), answer.Code, answer.Header())
			}
		}
	}
}

func TestEventsAreSentAsTheyCome(t *testing.T) {
	app, _ := site(t, eyot.Config{}, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "text/event-stream")
		_, _ = io.WriteString(w, "data: one\n\n")
		_ = http.NewResponseController(w).Flush()
		<-r.Context().Done()
	}), nil)
	server := httptest.NewServer(app)
	defer server.Close()
	answer, err := http.Get(server.URL + "/p/1")
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	first := make([]byte, len("data: one\n\n"))
	if _, err := io.ReadFull(answer.Body, first); err != nil || string(first) != "data: one\n\n" {
		t.Errorf("%q, %v", first, err)
	}
}

func TestAHandlerIsToldWhyItsStreamWasCut(t *testing.T) {
	var written error
	app, _ := site(t, eyot.Config{Logger: quiet}, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		streamed("<body>", "<Cart server:defer server:props='{'></Cart>")(w, r)
		written = http.NewResponseController(w).Flush()
		if _, err := io.WriteString(w, "more"); !errors.Is(err, eyot.ErrMarkup) {
			t.Errorf("writing gave %v", err)
		}
	}), eyot.Policies{"/p/{sku}": {CDN: time.Minute, Stream: true}})
	defer func() {
		if recovered := recover(); recovered != http.ErrAbortHandler {
			t.Errorf("it panicked with %v", recovered)
		}
		var failed *eyot.Error
		if !errors.As(written, &failed) || failed.Code != "props" || failed.Line != 1 {
			t.Errorf("flushing gave %v", written)
		}
	}()
	ask(app, "GET", "/p/1")
}

func TestTrailersOfAPageThatIsSplitAreSent(t *testing.T) {
	app, _ := site(t, eyot.Config{}, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Trailer", "Checksum")
		html(cartPage)(w, r)
		w.Header().Set("Checksum", "abc")
	}), nil)
	server := httptest.NewServer(app)
	defer server.Close()
	answer, err := http.Get(server.URL + "/p/1")
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	body, err := io.ReadAll(answer.Body)
	if err != nil || !strings.Contains(string(body), "island-src") || answer.Trailer.Get("Checksum") != "abc" {
		t.Errorf("%v, %v, %s", err, answer.Trailer, body)
	}
}

func TestAPageWithoutIslandsHasItsLength(t *testing.T) {
	page := strings.Repeat("<p>nothing</p>", 1000)
	app, _ := site(t, eyot.Config{}, html(page), nil)
	answer := ask(app, "GET", "/p/1")
	if got := answer.Header().Get("Content-Length"); got != fmt.Sprint(len(page)) || answer.Body.String() != page {
		t.Errorf("Content-Length is %q, the body has %d bytes", got, answer.Body.Len())
	}
}

func TestAFaultyPageThatIsFlushedIsHeldUnderAPolicyAndKeepsItsFallback(t *testing.T) {
	config, _ := logged(false)
	app, _ := site(t, config, streamed("<body>", "<Cart server:defer server:props='{'><i slot=fallback>c</i></Cart>end"), tenMinutes)
	answer := ask(app, "GET", "/p/1")
	if answer.Body.String() != "<body><i>c</i>end" || answer.Header().Get("Cache-Control") != "private, no-store" {
		t.Errorf("%v %s", answer.Header(), answer.Body)
	}
}

// public is a writer of a layer between the stations that has caches keep everything.
type public struct{ http.ResponseWriter }

func (w public) WriteHeader(status int) {
	w.Header().Set("Cache-Control", "public, max-age=60")
	w.ResponseWriter.WriteHeader(status)
}

func TestAFaultyPageStaysOutOfCachesWhateverALayerBetweenSays(t *testing.T) {
	config, _ := logged(false)
	isl := newIslands(t, config)
	isl.HandleFunc("Cart", cart)
	inner := isl.Inner(html(faulty))
	between := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { inner.ServeHTTP(public{w}, r) })
	app := isl.Outer(eyot.Policies{"/": {CDN: time.Minute}})(between)
	if got := ask(app, "GET", "/").Header().Get("Cache-Control"); strings.Contains(got, "public") {
		t.Errorf("Cache-Control is %q", got)
	}
}

func TestTheAnswerToAHeadDoesNotTellTheLengthOfAShell(t *testing.T) {
	app, _ := site(t, eyot.Config{}, html(cartPage), nil)
	server := httptest.NewServer(app)
	defer server.Close()
	answer, err := http.Head(server.URL + "/p/1")
	if err != nil {
		t.Fatal(err)
	}
	answer.Body.Close()
	if answer.StatusCode != 200 || answer.Header.Get("Content-Length") != "" || answer.Header.Get("Content-Type") == "" {
		t.Errorf("%d %v", answer.StatusCode, answer.Header)
	}
}
