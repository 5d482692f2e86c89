// What the tests share.

package eyot_test

import (
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/eyot-dev/eyot/bindings/go"
)

const testKeys = "q83vEjRWeJCrze8SNFZ4kKvN7xI0VniQq83vEjRWeJA="

var quiet = slog.New(slog.DiscardHandler)

// newIslands returns islands with a key and no log, unless the configuration says otherwise.
func newIslands(t testing.TB, config eyot.Config) *eyot.Islands {
	t.Helper()
	if config.Keys == "" && config.KeyRing == nil {
		config.Keys = testKeys
	}
	if config.Logger == nil {
		config.Logger = quiet
	}
	isl, err := eyot.New(config)
	if err != nil {
		t.Fatal(err)
	}
	return isl
}

// ask sends a request and returns the answer. Headers are `Name: value`.
func ask(handler http.Handler, method, target string, headers ...string) *httptest.ResponseRecorder {
	r := httptest.NewRequest(method, target, nil)
	for _, header := range headers {
		name, value, _ := strings.Cut(header, ": ")
		r.Header.Add(name, value)
	}
	answer := httptest.NewRecorder()
	handler.ServeHTTP(answer, r)
	return answer
}

// html answers a page.
func html(page string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		_, _ = w.Write([]byte(page))
	}
}

// source finds the URL of the first placeholder of an island.
func source(t testing.TB, page, name string) string {
	t.Helper()
	_, rest, found := strings.Cut(page, `island="`+name+`" island-src="`)
	if !found {
		t.Fatalf("there is no island %s on %s", name, page)
	}
	url, _, _ := strings.Cut(rest, `"`)
	return url
}
