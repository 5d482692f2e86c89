// Tests of files of HTML: parts, validators, and when they are searched.

package eyot_test

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/eyot-dev/eyot/bindings/go"
)

const plainFile = `<!doctype html><html><body><p>a file without islands</p></body></html>`

// file is one that a test changes.
type file struct {
	text    string
	changed time.Time
}

// ServeHTTP implements http.Handler.
func (f *file) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	http.ServeContent(w, r, "a.html", f.changed, strings.NewReader(f.text))
}

func TestAPartOfAFileWithoutDirectiveIsThatPart(t *testing.T) {
	app, _ := site(t, eyot.Config{}, &file{plainFile, time.Unix(1, 0)}, nil)
	for range 2 {
		answer := ask(app, "GET", "/p/1", "Range: bytes=0-9")
		if answer.Code != 206 || answer.Body.String() != "<!doctype " || answer.Header().Get("Last-Modified") == "" {
			t.Errorf("%d %v %s", answer.Code, answer.Header(), answer.Body)
		}
	}
}

func TestSeveralPartsOfAFileWithoutDirectiveAreThoseParts(t *testing.T) {
	app, _ := site(t, eyot.Config{}, &file{plainFile, time.Unix(1, 0)}, nil)
	answer := ask(app, "GET", "/p/1", "Range: bytes=0-4,9-10")
	if answer.Code != 206 || !strings.HasPrefix(answer.Header().Get("Content-Type"), "multipart/byteranges") {
		t.Errorf("%d %v %s", answer.Code, answer.Header(), answer.Body)
	}
}

func TestAPartIsNotSentOnceTheFileHasADirective(t *testing.T) {
	served := &file{plainFile, time.Unix(1, 0)}
	app, _ := site(t, eyot.Config{}, served, nil)
	if answer := ask(app, "GET", "/p/1", "Range: bytes=0-9"); answer.Code != 206 {
		t.Fatalf("%d %s", answer.Code, answer.Body)
	}
	const cart = `<Cart server:defer></Cart>`
	sameLength := cart + plainFile[len(cart):]
	for _, changed := range []file{{cartPage, time.Unix(1, 0)}, {sameLength, time.Unix(60, 0)}} {
		*served = changed
		for _, headers := range [][]string{{"Range: bytes=0-9"}, nil} {
			if answer := ask(app, "GET", "/p/1", headers...); answer.Code != 200 || strings.Contains(answer.Body.String(), "server:") {
				t.Errorf("%d %s", answer.Code, answer.Body)
			}
		}
	}
}

func TestAFileThatChangedJustNowIsSearchedEachTime(t *testing.T) {
	const cart = `<Cart server:defer></Cart>`
	served := &file{plainFile, time.Now()}
	app, _ := site(t, eyot.Config{}, served, nil)
	ask(app, "GET", "/p/1")
	served.text = cart + plainFile[len(cart):]
	if body := ask(app, "GET", "/p/1").Body.String(); strings.Contains(body, "server:") {
		t.Error(body)
	}
}

func TestAPartOfAnswersThatAreNoFilesIsAllOfThem(t *testing.T) {
	app, _ := site(t, eyot.Config{}, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		// Nothing says that the next one asked for is the same.
		http.ServeContent(w, r, "a.html", time.Time{}, strings.NewReader(plainFile))
	}), nil)
	if answer := ask(app, "GET", "/p/1", "Range: bytes=0-9"); answer.Code != 200 || answer.Body.String() != plainFile {
		t.Errorf("%d %s", answer.Code, answer.Body)
	}
}

func TestWhatDiffersByVisitorIsNoFile(t *testing.T) {
	for name, value := range map[string]string{"Vary": "Cookie", "Set-Cookie": "seen=1"} {
		served := &file{plainFile, time.Unix(1, 0)}
		app, isl := site(t, eyot.Config{}, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set(name, value)
			served.ServeHTTP(w, r)
		}), nil)
		ask(app, "GET", "/p/1")
		if kept := isl.PlainFiles(); kept != 0 {
			t.Errorf("%s: %d files are kept", name, kept)
		}
	}
}

func TestTheRangeOfAnotherFileIsNotThatOfAKnownOne(t *testing.T) {
	files := map[string]*file{"/p/plain": {plainFile, time.Unix(1, 0)}, "/p/cart": {cartPage, time.Unix(1, 0)}}
	app, _ := site(t, eyot.Config{}, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		files[r.URL.Path].ServeHTTP(w, r)
	}), nil)
	ask(app, "GET", "/p/plain")
	if answer := ask(app, "GET", "/p/cart", "Range: bytes=0-9"); answer.Code != 200 {
		t.Errorf("%d %s", answer.Code, answer.Body)
	}
}

// connection is a response that takes what a file gives, as that of net/http does.
type connection struct {
	*httptest.ResponseRecorder
	isFast bool
}

// ReadFrom implements io.ReaderFrom.
func (c *connection) ReadFrom(source io.Reader) (int64, error) {
	c.isFast = true
	return io.Copy(c.ResponseRecorder, source)
}

func TestAKnownFileTakesTheConnectionsFastWay(t *testing.T) {
	app, _ := site(t, eyot.Config{}, &file{plainFile, time.Unix(1, 0)}, nil)
	for _, isKnown := range []bool{false, true} {
		answer := &connection{ResponseRecorder: httptest.NewRecorder()}
		app.ServeHTTP(answer, httptest.NewRequest("GET", "/p/1", nil))
		if answer.isFast != isKnown || answer.Body.String() != plainFile {
			t.Errorf("known %t, fast %t: %s", isKnown, answer.isFast, answer.Body)
		}
	}
}

func TestNoMoreFilesAreKeptThanTheTableHolds(t *testing.T) {
	app, isl := site(t, eyot.Config{}, &file{plainFile, time.Unix(1, 0)}, nil)
	for number := range 1100 {
		ask(app, "GET", fmt.Sprint("/p/1?", number))
	}
	if kept := isl.PlainFiles(); kept != 1024 {
		t.Errorf("%d files are kept", kept)
	}
}
