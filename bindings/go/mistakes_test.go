// The table of mistakes: each is made here, and its text is found where the developer looks.

package eyot_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"html/template"
	"io"
	"log/slog"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/eyot-dev/eyot/bindings/go"
)

// mistaken is an entry of the table.
type mistaken struct {
	Before, Says, When, Cannot string
}

func readTable[T any](t *testing.T, name string) (table map[string]T) {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("../conformance/mistakes", name))
	if err == nil {
		err = json.Unmarshal(text, &table)
	}
	if err != nil {
		t.Fatal(err)
	}
	return table
}

// workshop is where mistakes are made: what the log says in it is seen.
type workshop struct {
	*testing.T
	log bytes.Buffer
}

// islands are those of an app that is being written, with the island Cart; the first word of what is said is the log's.
func (w *workshop) islands(config eyot.Config) *eyot.Islands {
	config.Logger = slog.New(slog.NewTextHandler(&w.log, nil))
	isl := newIslands(w, config)
	isl.HandleFunc("Cart", cart)
	return isl
}

func (w *workshop) debugging() *eyot.Islands { return w.islands(eyot.Config{Debug: true}) }

// asked is what is seen of an answer: its header, its body, and the log.
func (w *workshop) asked(app http.Handler, target string, headers ...string) string {
	answer := ask(app, "GET", target, append(headers, "Sec-Fetch-Site: same-origin")...)
	return fmt.Sprint(answer.Header()) + answer.Body.String() + w.log.String()
}

// page is what is seen of a page, in an app that is right but for the page.
func (w *workshop) page(page http.Handler, policies eyot.Policies, headers ...string) string {
	isl := w.debugging()
	mux := http.NewServeMux()
	mux.Handle("/", page)
	mux.Handle(isl.Pattern(), isl)
	return w.asked(isl.Outer(policies)(isl.Inner(mux)), "/", headers...)
}

// written is what a template's function says.
func (w *workshop) written(text string, data any) string {
	parsed, err := template.New("page.html").Funcs(w.debugging().Funcs()).Parse(text)
	if err != nil {
		return err.Error()
	}
	err = parsed.Execute(io.Discard, data)
	return fmt.Sprint(err, w.log.String())
}

// answered is what is seen of the island of a handler.
func (w *workshop) answered(props any, handler http.Handler) string {
	isl := w.debugging()
	isl.Handle("Row", handler)
	url, err := isl.Placeholder("Row", props).URL(eyot.Context{})
	if err != nil {
		w.Fatal(err)
	}
	return w.asked(isl.Outer(nil)(isl.Inner(isl)), url)
}

// panicked is what a call panics with, which the program ends with at its start.
func panicked(call func()) (said string) {
	defer func() { said = fmt.Sprint(recover()) }()
	call()
	return
}

func failure[T any](_ T, err error) string { return fmt.Sprint(err) }

var always = eyot.Policies{"/": {CDN: time.Minute}}

var mistakes = map[string]func(*workshop) string{
	"stations-exchanged": func(w *workshop) string {
		isl := w.debugging()
		return w.asked(isl.Inner(sessions(isl.Outer(nil)(html(cartPage)))), "/") +
			panicked(func() { isl.Inner(isl.Outer(nil)(html(cartPage))) })
	},
	"outer-missing": func(w *workshop) string { return w.asked(w.debugging().Inner(html(cartPage)), "/") },
	"inner-missing": func(w *workshop) string { return w.asked(w.debugging().Outer(nil)(html(cartPage)), "/") },
	"outer-after-session": func(w *workshop) string {
		isl := w.debugging()
		return w.asked(sessions(isl.Outer(always)(isl.Inner(html(cartPage)))), "/")
	},
	"app-not-set-up": func(w *workshop) string {
		isl := w.debugging()
		return w.asked(isl.Outer(nil)(isl.Inner(http.NotFoundHandler())), "/_server-islands/Cart/AAAA")
	},
	"option-value": func(*workshop) string {
		return failure(eyot.New(eyot.Config{Keys: testKeys, URLLimit: -1}))
	},
	"key-missing": func(*workshop) string { return failure(eyot.New(eyot.Config{})) },
	"key-weak": func(*workshop) string {
		return failure(eyot.New(eyot.Config{Keys: strings.Repeat("YWFh", 10) + "YWE="}))
	},
	"key-malformed": func(*workshop) string { return failure(eyot.New(eyot.Config{Keys: "secret"})) },
	"policy-duration": func(w *workshop) string {
		isl := w.debugging()
		return panicked(func() { isl.Outer(eyot.Policies{"/": {CDN: 1500 * time.Millisecond}}) })
	},
	"key-missing-debug": func(w *workshop) string {
		_, err := eyot.New(eyot.Config{Debug: true, Logger: slog.New(slog.NewTextHandler(&w.log, nil))})
		return fmt.Sprint(err, w.log.String())
	},
	"policy-foreign-pattern": func(w *workshop) string {
		isl := w.debugging()
		return panicked(func() { isl.Outer(eyot.Policies{"/p/:sku": {CDN: time.Minute}}) })
	},
	"policy-overridden": func(w *workshop) string {
		return w.page(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Cache-Control", "no-cache")
			html(cartPage)(w, r)
		}), always)
	},
	"policy-guarded": func(w *workshop) string {
		return w.page(http.RedirectHandler("/login", http.StatusFound), always, "Cookie: session=ada")
	},
	"policy-session-read": func(w *workshop) string { return w.page(html(cartPage), always, "Cookie: session=ada") },
	"policy-session-written": func(w *workshop) string {
		return w.page(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			http.SetCookie(w, &http.Cookie{Name: "session", Value: "ada"})
			html(cartPage)(w, r)
		}), always)
	},
	"policy-csrf": func(w *workshop) string {
		return w.page(html(`<form><input type="hidden" name="csrf_token" value="q83vEjRWeJCrze8SNFZ4kKvN7xI0VniQ"></form>`), always)
	},
	"policy-nonce": func(w *workshop) string {
		return w.page(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Content-Security-Policy", "script-src 'nonce-q83vEjRWeJCr'")
			html(cartPage)(w, r)
		}), always)
	},
	"island-unknown-tag":    func(w *workshop) string { return w.written(`{{island "Crat"}}`, nil) },
	"island-unknown-markup": func(w *workshop) string { return w.page(html(`<Crat server:defer></Crat>`), nil) },
	"island-unclosed":       func(w *workshop) string { return w.page(html(`<body><Cart server:defer></body>`), nil) },
	"island-name": func(w *workshop) string {
		isl := w.debugging()
		return panicked(func() { isl.HandleFunc("cart row", cart) })
	},
	"island-twice": func(w *workshop) string {
		isl := w.debugging()
		return panicked(func() { isl.HandleFunc("Cart", cart) })
	},
	"island-option-typo": func(w *workshop) string { return w.written(`{{island "Cart" (islandWehn "idle")}}`, nil) },
	"island-when":        func(w *workshop) string { return w.written(`{{island "Cart" (islandWhen "idel")}}`, nil) },
	"props-bad-json": func(w *workshop) string {
		return w.page(html(`<Cart server:defer server:props="{sku:1}"></Cart>`), nil)
	},
	"props-as-options": func(w *workshop) string { return w.written(`{{island "Cart" "server:when" "idle"}}`, nil) },
	"props-not-json": func(w *workshop) string {
		return w.written(`{{island "Cart" "done" .}}`, make(chan int))
	},
	"props-undefined": func(w *workshop) string { return w.written(`{{island "Cart" "sku" .SKU}}`, map[string]any{}) },
	"props-misfit": func(w *workshop) string {
		return w.answered(map[string]any{"sku": 7}, eyot.Handler(func(http.ResponseWriter, *http.Request, row) error { return nil }))
	},
	"handler-json": func(w *workshop) string {
		return w.answered(nil, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", "application/json")
			_, _ = io.WriteString(w, "{}")
		}))
	},
	"handler-signature": func(*workshop) string {
		return panicked(func() { eyot.Handler(func(http.ResponseWriter, *http.Request, string) error { return nil }) })
	},
	"loader-forgotten": func(w *workshop) string {
		isl := w.debugging()
		written, err := isl.Placeholder("Cart", nil).HTML(eyot.Context{})
		if err != nil {
			w.Fatal(err)
		}
		return w.asked(isl.Outer(nil)(isl.Inner(html("<!doctype html><body>"+string(written)))), "/")
	},
	"helpers-without-request": func(w *workshop) string {
		isl := w.islands(eyot.Config{Debug: true, Audience: func(*http.Request) string { return "" }})
		return failure(execute(w.T, isl.Funcs(), `{{island "Cart"}}`, nil))
	},
	"used-after-end": func(w *workshop) string {
		isl := w.debugging()
		if err := isl.Close(); err != nil {
			w.Fatal(err)
		}
		return failure(isl.Placeholder("Cart", nil).HTML(eyot.Context{}))
	},
	"build": func(w *workshop) string {
		build := exec.Command("go", "build", "./internal/native")
		build.Env = append(os.Environ(), "CGO_ENABLED=0")
		without, _ := build.CombinedOutput()
		header, _ := exec.Command("cc", "-fsyntax-only", "-nostdinc", "-I", w.TempDir(), "internal/native/glue.h").CombinedOutput()
		if !strings.Contains(string(header), "eyot.h is missing") {
			w.Errorf("without eyot.h: %s", header)
		}
		return string(without)
	},
}

// sessions is a layer that says of every answer that it differs by the cookie, as sessions do.
func sessions(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Add("Vary", "Cookie")
		next.ServeHTTP(w, r)
	})
}

func TestEachMistakeIsToldWithItsCure(t *testing.T) {
	t.Setenv("EYOT_KEYS", "")
	t.Setenv("EYOT_KEYS_FILE", "")
	said := readTable[mistaken](t, "go.json")
	for id := range readTable[string](t, "mistakes.json") {
		make, isMade := mistakes[id]
		entry, isSaid := said[id]
		switch {
		case !isSaid || (entry.Says == "") == (entry.Cannot == ""):
			t.Errorf("%s: go.json says neither what is told nor why it cannot be made", id)
		case isMade != (entry.Says != ""):
			t.Errorf("%s: made here: %v", id, isMade)
		case isMade:
			t.Run(id, func(t *testing.T) {
				if told := make(&workshop{T: t}); !strings.Contains(told, entry.Says) {
					t.Errorf("%q is not in\n%s", entry.Says, told)
				}
			})
		}
	}
	for id := range said {
		if _, isOne := readTable[string](t, "mistakes.json")[id]; !isOne {
			t.Errorf("%s is no mistake of the table", id)
		}
	}
}
