// Tests of what helps tests: above all, that it fails where it should.

package eyottest_test

import (
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/eyot-dev/eyot/bindings/go"
	"github.com/eyot-dev/eyot/bindings/go/eyottest"
)

type props struct {
	SKU string `json:"sku"`
}

// shop is an app with a page under a policy, one without, and one that is personal; its islands are answered with a cookie.
func shop(t *testing.T) (http.Handler, *eyot.Islands) {
	t.Helper()
	isl, err := eyot.New(eyot.Config{
		Keys: "q83vEjRWeJCrze8SNFZ4kKvN7xI0VniQq83vEjRWeJA=", Logger: slog.New(slog.DiscardHandler),
	})
	if err != nil {
		t.Fatal(err)
	}
	isl.Handle("Row", eyot.Handler(func(w http.ResponseWriter, r *http.Request, p props) error {
		cookie, err := r.Cookie("user")
		if err == nil {
			_, err = fmt.Fprintf(w, "<b>%s for %s</b>", p.SKU, cookie.Value)
		}
		return err
	}))
	isl.Handle("Broken", eyot.Handler(func(http.ResponseWriter, *http.Request, struct{}) error { return errors.New("broken") }))
	mux := http.NewServeMux()
	mux.Handle(isl.Pattern(), isl)
	for path, page := range map[string]string{
		"/shell": `<Row server:defer sku="rope"></Row>`, "/plain": `<Broken server:defer><i slot="fallback">f</i></Broken>`,
	} {
		mux.HandleFunc("GET "+path, func(w http.ResponseWriter, _ *http.Request) {
			_, _ = io.WriteString(w, "<!doctype html><html><head></head><body>"+page+"</body></html>")
		})
	}
	mux.HandleFunc("GET /personal", func(w http.ResponseWriter, _ *http.Request) {
		http.SetCookie(w, &http.Cookie{Name: "user", Value: "ada", Path: "/"})
		_, _ = io.WriteString(w, "<!doctype html><html><body>ada</body></html>")
	})
	return isl.Outer(eyot.Policies{"/shell": {CDN: time.Minute}, "/personal": {CDN: time.Minute}})(isl.Inner(mux)), isl
}

// failing keeps what a test would have failed with.
type failing struct {
	testing.TB
	said []string
}

func (f *failing) Helper() {}
func (f *failing) Errorf(format string, said ...any) {
	f.said = append(f.said, fmt.Sprintf(format, said...))
}

func TestAnIslandIsAskedForThroughTheStations(t *testing.T) {
	handler, isl := shop(t)
	client := eyottest.NewClient(handler)
	if answer := client.Ask(t, isl, "Row", props{"rope"}); answer.StatusCode != http.StatusInternalServerError {
		t.Errorf("without a cookie: %s", answer.Status)
	}
	r := httptest.NewRequest(http.MethodGet, "/shell", nil)
	r.AddCookie(&http.Cookie{Name: "user", Value: "ada"})
	if whole := eyottest.Assemble(t, handler, r); !strings.Contains(whole, "<body><b>rope for ada</b></body>") {
		t.Error(whole)
	}
	// A token that is too long for a URL is posted.
	for _, sku := range []string{"rope", strings.Repeat("rope", 1000)} {
		client := withCookie(handler)
		answer := client.Ask(t, isl, "Row", props{sku})
		if text, _ := io.ReadAll(answer.Body); answer.StatusCode != 200 || string(text) != "<b>"+sku+" for ada</b>" {
			t.Errorf("%s: %.80s", answer.Status, text)
		}
	}
	if answer := withCookie(handler).Ask(t, isl, "Row", nil); answer.StatusCode != http.StatusGone {
		t.Errorf("without props: %s", answer.Status)
	}
}

func TestAShellThatCachesKeepIsPraisedAndAnotherIsNot(t *testing.T) {
	handler, isl := shop(t)
	client := eyottest.NewClient(handler)
	if shell := eyottest.AssertShell(t, isl, client.Get("/shell")); !strings.Contains(shell, "island-src") {
		t.Error(shell)
	}
	for path, expected := range map[string]string{"/plain": "has its view a policy?", "/personal": "Cache-Control"} {
		told := &failing{TB: t}
		eyottest.AssertShell(told, isl, client.Get(path))
		if len(told.said) == 0 || !strings.Contains(told.said[0], expected) {
			t.Errorf("%s: %v", path, told.said)
		}
	}
	left := client.Get("/shell")
	left.Header.Set("Vary", "Accept, cookie")
	left.Header.Add("Set-Cookie", "a=b")
	left.Body = io.NopCloser(strings.NewReader("<Row server:defer>"))
	told := &failing{TB: t}
	eyottest.AssertShell(told, isl, left)
	for _, expected := range []string{"it sets a cookie", "it varies on cookie", "a directive is left in it"} {
		if !strings.Contains(strings.Join(told.said, "\n"), expected) {
			t.Errorf("%s is not in %v", expected, told.said)
		}
	}
}

func TestAnIslandThatCannotBeHadFailsTheTestUnlessItMay(t *testing.T) {
	handler, _ := shop(t)
	client := eyottest.NewClient(handler)
	told := &failing{TB: t}
	if whole := client.Assemble(told, client.Get("/plain")); !strings.Contains(whole, "<i>f</i>") {
		t.Error(whole)
	}
	if len(told.said) != 1 || !strings.Contains(told.said[0], "the island Broken cannot be had: 500") {
		t.Errorf("%v", told.said)
	}
	client.Assemble(t, client.Get("/plain"), "Broken")
}

// withCookie is a visitor whom the islands know.
func withCookie(handler http.Handler) *eyottest.Client {
	client := eyottest.NewClient(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		r.AddCookie(&http.Cookie{Name: "user", Value: "ada"})
		handler.ServeHTTP(w, r)
	}))
	return client
}
