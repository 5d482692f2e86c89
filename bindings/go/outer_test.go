// Tests of the outer station: what the app sees of a request, and what it does with what came from between the stations.

package eyot_test

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/eyot-dev/eyot/bindings/go"
)

// around is both stations around an app, with a layer between them.
func around(t *testing.T, config eyot.Config, between func(http.Handler) http.Handler, page http.Handler) (http.Handler, *eyot.Islands) {
	t.Helper()
	isl := newIslands(t, config)
	isl.HandleFunc("Cart", cart)
	mux := http.NewServeMux()
	mux.Handle("/", page)
	isl.Register(mux)
	return isl.Outer(eyot.Policies{"/shell": {CDN: time.Minute, Stream: true}})(between(isl.Inner(mux))), isl
}

// served asks a server, whose connection can be cut.
func served(t *testing.T, app http.Handler, target string) (*http.Response, string, error) {
	t.Helper()
	server := httptest.NewServer(app)
	defer server.Close()
	answer, err := http.Get(server.URL + target)
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	body, err := io.ReadAll(answer.Body)
	return answer, string(body), err
}

func TestAPageOfALayerBetweenIsSplitWithoutSealsOnceTheyNeedTheSession(t *testing.T) {
	limiter := func(http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", "text/html")
			w.WriteHeader(http.StatusTooManyRequests)
			_, _ = io.WriteString(w, cartPage)
		})
	}
	for _, hasAudience := range []bool{false, true} {
		config, log := logged(false)
		if hasAudience {
			config.Audience = func(*http.Request) string { t.Error("there is no session here"); return "" }
		}
		app, _ := around(t, config, limiter, html(cartPage))
		answer := ask(app, "GET", "/")
		body := answer.Body.String()
		if answer.Code != 429 || strings.Contains(body, "server:") || strings.Contains(body, "island-src") == hasAudience {
			t.Errorf("%d %s", answer.Code, body)
		}
		if !strings.Contains(log.String(), "code=not-seen-inside") {
			t.Errorf("the log says %s", log)
		}
	}
}

func TestTheMarkNeverLeaves(t *testing.T) {
	for media, splits := range map[string]bool{"text/html": true, "text/css": true, "image/svg+xml": true, "text/html; a=b": false} {
		app, isl := around(t, eyot.Config{NoHTMLPass: !splits}, func(app http.Handler) http.Handler {
			return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				inside := httptest.NewRecorder()
				app.ServeHTTP(inside, r)
				if strings.HasPrefix(r.URL.Path, "/p") && inside.Header().Get("Eyot-Split") == "" {
					t.Errorf("%s is not marked", media)
				}
				for name, values := range inside.Header() {
					w.Header()[name] = values
				}
				w.WriteHeader(inside.Code)
				_, _ = w.Write(inside.Body.Bytes())
			})
		}, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", media)
			_, _ = io.WriteString(w, "<p>nothing</p>")
		}))
		url, err := isl.Placeholder("Cart", nil).URL(eyot.Context{})
		if err != nil {
			t.Fatal(err)
		}
		for _, target := range []string{"/p", "/shell", url} {
			if answer := ask(app, "GET", target); answer.Code != 200 || answer.Header().Get("Eyot-Split") != "" {
				t.Errorf("%s of %s: %d %v", target, media, answer.Code, answer.Header())
			}
		}
	}
}

func TestWithoutAnOuterStationNothingIsMarked(t *testing.T) {
	isl := newIslands(t, eyot.Config{})
	if answer := ask(isl.Inner(html("<p>nothing</p>")), "GET", "/"); answer.Header().Get("Eyot-Split") != "" {
		t.Errorf("%v", answer.Header())
	}
}

func TestAStreamThatAForeignRecoverHasEndedIsCut(t *testing.T) {
	recovering := func(app http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			defer func() { _ = recover() }()
			app.ServeHTTP(w, r)
		})
	}
	for name, page := range map[string]http.HandlerFunc{
		"the handler fails": func(w http.ResponseWriter, r *http.Request) {
			streamed("<body>first", "second")(w, r)
			panic("in the handler")
		},
		"a page under a policy is faulty": streamed("<body>first", "<Cart server:defer server:props='{'></Cart>second"),
	} {
		config, log := logged(false)
		app, _ := around(t, config, recovering, page)
		if _, body, err := served(t, app, "/shell"); err == nil || !strings.Contains(body, "first") || strings.Contains(body, "server:") {
			t.Errorf("%s: the page ended well: %s", name, body)
		}
		if !strings.Contains(log.String(), "code=stream-cut") {
			t.Errorf("%s: the log says %s", name, log)
		}
	}
}

func TestTheTimeoutOfALayerBetweenIsNotCutForTheStreamThatItEnds(t *testing.T) {
	release := make(chan struct{})
	timeout := func(app http.Handler) http.Handler { return http.TimeoutHandler(app, 20*time.Millisecond, cartPage) }
	app, _ := around(t, eyot.Config{Logger: quiet}, timeout, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "text/html")
		_ = http.NewResponseController(w).Flush()
		<-release
		_, _ = io.WriteString(w, cartPage)
	}))
	for _, target := range []string{"/", "/shell"} {
		answer, body, err := served(t, app, target)
		if err != nil || answer.StatusCode != 503 || strings.Contains(body, "server:") {
			t.Errorf("%s: %v, %d %s", target, err, answer.StatusCode, body)
		}
		if strings.Contains(answer.Header.Get("Cache-Control"), "public") {
			t.Errorf("%v", answer.Header)
		}
	}
	close(release)
}

func TestAPostedTokenIsTheGetThatItStandsFor(t *testing.T) {
	long := strings.Repeat("x", 3000)
	seen := func(where string, t *testing.T, r *http.Request) {
		token := r.URL.Path[strings.LastIndexByte(r.URL.Path, '/')+1:]
		body, _ := io.ReadAll(r.Body)
		if r.Method != "GET" || len(token) < 3000 || r.ContentLength != 0 || len(body) > 0 || r.Header.Get("Content-Type") != "" {
			t.Errorf("%s sees %s with %d bytes, %v", where, r.Method, len(token), r.Header)
		}
		if !strings.HasSuffix(r.RequestURI, "/Long/"+token) {
			t.Errorf("%s sees another target", where)
		}
	}
	for _, mount := range []string{"", "/shop"} {
		app, isl := around(t, eyot.Config{}, func(app http.Handler) http.Handler {
			return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				if r.URL.Path != "/" {
					seen("a layer", t, r)
				}
				app.ServeHTTP(w, r)
			})
		}, html(`<body><Long server:defer text="`+long+`"></Long>`))
		isl.HandleFunc("Long", func(w http.ResponseWriter, r *http.Request) {
			seen("the handler", t, r)
			_, _ = fmt.Fprintf(w, "%d", len(eyot.FromContext(r.Context()).Props))
		})
		whole := http.NewServeMux()
		whole.Handle(mount+"/", http.StripPrefix(mount, app))
		_, rest, _ := strings.Cut(ask(whole, "GET", mount+"/").Body.String(), `island-token="`)
		token, _, _ := strings.Cut(rest, `"`)
		r := httptest.NewRequest("POST", mount+isl.Pattern()+"Long", strings.NewReader(token))
		r.Header.Set("Content-Type", "application/vnd.eyot.token")
		answer := httptest.NewRecorder()
		whole.ServeHTTP(answer, r)
		if answer.Code != 200 || answer.Header().Get("Island") != "Long" || answer.Body.String() != "3011" {
			t.Errorf("%d %v %s", answer.Code, answer.Header(), answer.Body)
		}
	}
}

func TestAHandlerThatTakesLongerThanItsDeadlineIsA503(t *testing.T) {
	config, log := logged(false)
	config.Deadline = time.Hour
	app, isl := site(t, config, html("<body><Slow server:defer></Slow><Half server:defer></Half>"), nil)
	isl.HandleFunc("Slow", func(w http.ResponseWriter, r *http.Request) {
		<-r.Context().Done()
		_, _ = io.WriteString(w, "late")
	}, eyot.Deadline(10*time.Millisecond))
	isl.HandleFunc("Half", func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.WriteString(w, "half")
		w.(http.Flusher).Flush()
		<-r.Context().Done()
	}, eyot.Deadline(10*time.Millisecond))
	page := ask(app, "GET", "/p/1").Body.String()
	answer := ask(app, "GET", source(t, page, "Slow"))
	if answer.Code != 503 || answer.Header().Get("Island") != "" || strings.Contains(answer.Body.String(), "late") ||
		!strings.Contains(answer.Header().Get("Cache-Control"), "no-store") {
		t.Errorf("%d %v %s", answer.Code, answer.Header(), answer.Body)
	}
	if !strings.Contains(log.String(), "its deadline, 10ms") || !strings.Contains(log.String(), "island=Slow") {
		t.Errorf("the log says %s", log)
	}
	if _, body, err := served(t, app, source(t, page, "Half")); err == nil {
		t.Errorf("half of an island ended well: %s", body)
	}
}

func TestAHandlerWhoseClientHasGoneIsNotLate(t *testing.T) {
	config, log := logged(false)
	app, isl := site(t, config, html("<body><Slow server:defer></Slow>"), nil)
	isl.HandleFunc("Slow", func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() })
	ctx, cancel := context.WithCancel(context.Background())
	r := httptest.NewRequestWithContext(ctx, "GET", source(t, ask(app, "GET", "/p/1").Body.String(), "Slow"), nil)
	cancel()
	app.ServeHTTP(httptest.NewRecorder(), r)
	if strings.Contains(log.String(), "deadline") {
		t.Errorf("the log says %s", log)
	}
}

func TestANegativeDeadlineIsRefused(t *testing.T) {
	if _, err := eyot.New(eyot.Config{Keys: testKeys, Deadline: -1}); codeOf(err) != "option" {
		t.Errorf("%v", err)
	}
}

func TestWhoTheVisitorIsOutsideOfTheStationsTakesThePolicyAway(t *testing.T) {
	for header, value := range map[string]string{"Set-Cookie": "a=b", "Vary": "Accept, cookie"} {
		config, log := logged(false)
		app, _ := site(t, config, html(cartPage), tenMinutes)
		outside := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set(header, value)
			app.ServeHTTP(w, r)
		})
		answer := ask(outside, "GET", "/p/1")
		if answer.Header().Get("Cache-Control") != "" || !strings.Contains(log.String(), "code=order-visitor") {
			t.Errorf("%s: %v, the log says %s", header, answer.Header(), log)
		}
	}
}

func TestTheAppIsAskedForNoCodingWhereAPageIsAskedFor(t *testing.T) {
	var inside string
	app, isl := site(t, eyot.Config{}, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		inside = r.Header.Get("Accept-Encoding")
		html(cartPage)(w, r)
	}), nil)
	alone := isl.Inner(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { inside = r.Header.Get("Accept-Encoding") }))
	for accept, expected := range map[string]string{"text/html,*/*;q=0.8": "", "application/json": "gzip"} {
		for _, stations := range []http.Handler{app, alone} {
			r := httptest.NewRequest("GET", "/p/1", nil)
			r.Header = http.Header{"Accept": {accept}, "Accept-Encoding": {"gzip"}}
			stations.ServeHTTP(httptest.NewRecorder(), r)
			if inside != expected || r.Header.Get("Accept-Encoding") != "gzip" {
				t.Errorf("%s: the app sees %q, a layer around %q", accept, inside, r.Header.Get("Accept-Encoding"))
			}
		}
	}
}

func TestAnAnswerOfEyotsOwnDropsWhatCameSinceTheStationAlone(t *testing.T) {
	between := func(app http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			http.SetCookie(w, &http.Cookie{Name: "session", Value: "1"})
			app.ServeHTTP(w, r)
		})
	}
	app, isl := around(t, eyot.Config{}, between, html(cartPage))
	isl.HandleFunc("Json", func(w http.ResponseWriter, _ *http.Request) { w.Header().Set("Content-Type", "application/json") })
	url, err := isl.Placeholder("Json", nil).URL(eyot.Context{})
	if err != nil {
		t.Fatal(err)
	}
	answer := httptest.NewRecorder()
	answer.Header().Set("X-Request-Id", "7")
	app.ServeHTTP(answer, httptest.NewRequest("GET", url, nil))
	if answer.Code != 500 || answer.Header().Get("Set-Cookie") != "" || answer.Header().Get("X-Request-Id") != "7" {
		t.Errorf("%d %v", answer.Code, answer.Header())
	}
}

func TestADownloadTakesTheConnectionsFastWayThroughBothStations(t *testing.T) {
	for _, target := range []string{"/", "/shell"} {
		app, _ := around(t, eyot.Config{}, func(app http.Handler) http.Handler { return app },
			http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
				w.Header().Set("Content-Type", "application/octet-stream")
				w.WriteHeader(http.StatusOK)
				_, _ = io.Copy(w, struct{ io.Reader }{strings.NewReader(strings.Repeat("a", 1000))})
			}))
		answer := &connection{ResponseRecorder: httptest.NewRecorder()}
		app.ServeHTTP(answer, httptest.NewRequest("GET", target, nil))
		if !answer.isFast || answer.Body.Len() != 1000 {
			t.Errorf("%s: fast: %v, %d bytes", target, answer.isFast, answer.Body.Len())
		}
	}
}

func TestAStationThatStandsTwiceIsToldOrLeftAlone(t *testing.T) {
	isl := newIslands(t, eyot.Config{Debug: true})
	isl.HandleFunc("Cart", cart)
	if answer := ask(isl.Outer(nil)(isl.Outer(nil)(html(cartPage))), "GET", "/"); answer.Code != 500 || !strings.Contains(answer.Body.String(), "leave one of the two") {
		t.Errorf("%d %s", answer.Code, answer.Body)
	}
	mux := http.NewServeMux()
	mux.Handle("/", html(cartPage))
	mux.Handle(isl.Pattern(), isl)
	app := isl.Outer(eyot.Policies{"/": {CDN: time.Minute}})(isl.Inner(isl.Inner(mux)))
	page := ask(app, "GET", "/")
	if page.Header().Get("Cache-Control") != "public, max-age=0, s-maxage=60" || strings.Count(page.Body.String(), "island-src") != 1 {
		t.Errorf("%v %s", page.Header(), page.Body)
	}
	if answer := ask(app, "GET", source(t, page.Body.String(), "Cart")); answer.Code != 200 {
		t.Errorf("%d %s", answer.Code, answer.Body)
	}
}
