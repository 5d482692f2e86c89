// Tests of the two stations.

package eyot_test

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"html/template"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/eyot-dev/eyot/bindings/go"
	"github.com/eyot-dev/eyot/bindings/go/eyottest"
)

const cartPage = `<!doctype html><html><head><title>Lantern</title></head><body>` +
	`<Cart server:defer size="1"><i slot="fallback">Cart</i></Cart></body></html>`

// cart is an island that reads a cookie.
func cart(w http.ResponseWriter, r *http.Request) {
	if cookie, err := r.Cookie("cart"); err == nil {
		fmt.Fprintf(w, "<b>%s</b>", cookie.Value)
		return
	}
	_, _ = io.WriteString(w, "<b>0</b>")
}

// site is a whole app: a page, its island and both stations.
func site(t testing.TB, config eyot.Config, page http.Handler, policies eyot.Policies) (http.Handler, *eyot.Islands) {
	t.Helper()
	isl := newIslands(t, config)
	isl.HandleFunc("Cart", cart)
	mux := http.NewServeMux()
	mux.Handle("/p/{sku}", page)
	mux.Handle(isl.Pattern(), isl)
	return isl.Outer(policies)(isl.Inner(mux)), isl
}

var tenMinutes = eyot.Policies{"/p/{sku}": {CDN: 10 * time.Minute}}

func TestAPageIsSplitAndItsIslandAnswered(t *testing.T) {
	app, _ := site(t, eyot.Config{}, html(cartPage), nil)
	page := ask(app, "GET", "/p/1")
	if page.Code != 200 || strings.Contains(page.Body.String(), "server:defer") || page.Header().Get("Cache-Control") != "" {
		t.Fatalf("%d %v %s", page.Code, page.Header(), page.Body)
	}
	if got := page.Header().Get("Content-Length"); got != fmt.Sprint(page.Body.Len()) {
		t.Errorf("Content-Length is %q, the body has %d bytes", got, page.Body.Len())
	}
	island := ask(app, "GET", source(t, page.Body.String(), "Cart"), "Cookie: cart=7")
	if island.Code != 200 || island.Body.String() != "<b>7</b>" {
		t.Fatalf("%d %s", island.Code, island.Body)
	}
	for name, value := range map[string]string{
		"Island": "Cart", "Content-Type": "text/html; charset=utf-8", "Cache-Control": "private, no-store",
		"X-Content-Type-Options": "nosniff", "Content-Security-Policy": "default-src 'none'; sandbox",
	} {
		if got := island.Header().Get(name); got != value {
			t.Errorf("%s is %q, not %q", name, got, value)
		}
	}
}

func TestAShellIsTheSameForEverybodyAndItsHandlerSeesNoCookie(t *testing.T) {
	page := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		for _, name := range []string{"Cookie", "Authorization", "Range", "If-None-Match", "Accept-Encoding"} {
			if value := r.Header.Get(name); value != "" {
				t.Errorf("the handler sees %s: %s", name, value)
			}
		}
		html(cartPage)(w, r)
	})
	app, _ := site(t, eyot.Config{}, page, tenMinutes)
	first := ask(app, "GET", "/p/1")
	second := ask(app, "GET", "/p/1", "Cookie: cart=7", "Authorization: Basic x", "Range: bytes=0-3", "Accept-Encoding: gzip")
	if first.Body.String() != second.Body.String() || first.Header().Get("Etag") == "" {
		t.Errorf("%v %s\n%v %s", first.Header(), first.Body, second.Header(), second.Body)
	}
	if got := first.Header().Get("Cache-Control"); got != "public, max-age=0, s-maxage=600" {
		t.Errorf("Cache-Control is %q", got)
	}
	again := ask(app, "GET", "/p/1", "If-None-Match: "+first.Header().Get("Etag"))
	if again.Code != http.StatusNotModified || again.Body.Len() > 0 || again.Header().Get("Content-Length") != "" {
		t.Errorf("%d %v %s", again.Code, again.Header(), again.Body)
	}
}

func TestAHeadIsJudgedByThePageThatItStandsFor(t *testing.T) {
	app, _ := site(t, eyot.Config{}, html(cartPage), tenMinutes)
	get, head := ask(app, "GET", "/p/1"), ask(app, "HEAD", "/p/1")
	for _, name := range []string{"Etag", "Content-Length", "Cache-Control", "Content-Type"} {
		if get.Header().Get(name) != head.Header().Get(name) || head.Header().Get(name) == "" {
			t.Errorf("%s is %q, not %q", name, head.Header().Get(name), get.Header().Get(name))
		}
	}
	if head.Body.Len() > 0 {
		t.Errorf("it has a body: %s", head.Body)
	}
}

func TestAFreshShellIsKeptNowhereAndItsHandlerDoesNotKnow(t *testing.T) {
	page := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.RawQuery != "a=1" || r.RequestURI != "/p/1?a=1" {
			t.Errorf("the handler sees %q, %q", r.URL.RawQuery, r.RequestURI)
		}
		html(cartPage)(w, r)
	})
	app, _ := site(t, eyot.Config{}, page, tenMinutes)
	answer := ask(app, "GET", "/p/1?a=1&island-fresh")
	if answer.Code != 200 || answer.Header().Get("Cache-Control") != "no-store" || answer.Header().Get("Etag") != "" {
		t.Errorf("%d %v", answer.Code, answer.Header())
	}
}

func TestTheMostSpecificPolicyCountsAndAnEmptyOneExcepts(t *testing.T) {
	app, _ := site(t, eyot.Config{}, html(cartPage), eyot.Policies{
		"/p/{sku}": {CDN: time.Minute}, "/p/2": {}, "/p/3": {CDN: time.Hour, Browser: time.Minute},
	})
	for target, expected := range map[string]string{
		"/p/1": "public, max-age=0, s-maxage=60", "/p/2": "", "/p/3": "public, max-age=60, s-maxage=3600",
	} {
		if got := ask(app, "GET", target).Header().Get("Cache-Control"); got != expected {
			t.Errorf("%s: Cache-Control is %q, not %q", target, got, expected)
		}
	}
	if got := ask(app, "POST", "/p/1").Header().Get("Cache-Control"); got != "" {
		t.Errorf("a POST has %q", got)
	}
}

func TestALeakIsAnErrorPageWhileDebuggingAndALogLineInProduction(t *testing.T) {
	page := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		http.SetCookie(w, &http.Cookie{Name: "who", Value: "me"})
		html(cartPage)(w, r)
	})
	debug, _ := site(t, eyot.Config{Debug: true}, page, tenMinutes)
	if answer := ask(debug, "GET", "/p/1"); answer.Code != 500 || !strings.Contains(answer.Body.String(), "leak-cookie") {
		t.Errorf("%d %s", answer.Code, answer.Body)
	} else if answer.Header().Get("Set-Cookie") != "" || answer.Header().Get("Cache-Control") != "no-store" {
		t.Errorf("%v", answer.Header())
	}
	var log bytes.Buffer
	app, _ := site(t, eyot.Config{Logger: slog.New(slog.NewTextHandler(&log, nil))}, page, tenMinutes)
	answer := ask(app, "GET", "/p/1")
	if answer.Code != 200 || answer.Header().Get("Cache-Control") != "private, no-store" || answer.Header().Get("Etag") != "" {
		t.Errorf("%d %v", answer.Code, answer.Header())
	}
	if !strings.Contains(log.String(), "code=leak-cookie") || !strings.Contains(log.String(), "level=ERROR") {
		t.Errorf("the log says %s", &log)
	}
}

const faulty = "<html><head></head>\n<body><Cart server:defer server:props='{'><i slot=fallback>Cart</i></Cart>" +
	"<Cart server:defer></Cart></body></html>"

func TestAPageOfPlaceholdersWithoutALoaderIsToldOfWhileDebugging(t *testing.T) {
	const page = `<html><i island="Cart" island-src="/_server-islands/Cart/x">Cart</i></html>`
	for _, noLoader := range []bool{false, true} {
		var log bytes.Buffer
		logger := slog.New(slog.NewTextHandler(&log, nil))
		app, _ := site(t, eyot.Config{Debug: true, NoLoader: noLoader, Logger: logger}, html(page), nil)
		ask(app, "GET", "/p/1")
		if strings.Contains(log.String(), "loader-missing") == noLoader {
			t.Errorf("NoLoader %v: %s", noLoader, log.String())
		}
	}
}

// helped answers a page whose placeholder comes from a template function.
func helped(isl *eyot.Islands, functions func(*http.Request) template.FuncMap) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		page := template.Must(template.New("").Funcs(functions(r)).Parse(`<head></head>{{island "Cart"}}<p {{islandAttrs "Cart"}}></p>`))
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		_ = page.Execute(w, nil)
	})
}

func TestAPageOfTemplateFunctionsHasTheLoaderWhereItIsSplit(t *testing.T) {
	for _, isSplit := range []bool{true, false} {
		isl := newIslands(t, eyot.Config{NoHTMLPass: !isSplit})
		isl.HandleFunc("Cart", cart)
		alone := func(*http.Request) template.FuncMap { return isl.Funcs() }
		for _, app := range []http.Handler{
			isl.Inner(helped(isl, alone)),
			isl.Inner(isl.HTMLPass(isSplit, helped(isl, isl.FuncsFor))),
			isl.Outer(nil)(isl.Inner(helped(isl, isl.FuncsFor))),
		} {
			body := ask(app, "GET", "/").Body.String()
			has := strings.Contains(body, `loader.v1.js"></script></head><server-island island="Cart"`)
			if has != isSplit || strings.Contains(body, "server:") {
				t.Errorf("split %v: %s", isSplit, body)
			}
		}
	}
}

func TestATemplateFunctionInAnIslandsAnswerBringsNoLoader(t *testing.T) {
	isl := newIslands(t, eyot.Config{})
	isl.HandleFunc("Cart", cart)
	isl.Handle("Outer", helped(isl, isl.FuncsFor))
	app := isl.Outer(nil)(isl.Inner(isl))
	url, err := isl.Placeholder("Outer", nil).URL(eyot.Context{})
	if err != nil {
		t.Fatal(err)
	}
	body := ask(app, "GET", url).Body.String()
	if !strings.HasPrefix(body, `<head></head><server-island island="Cart"`) || strings.Contains(body, "server:") {
		t.Error(body)
	}
}

func TestOutsideOfARequestPlaceholdersAreMarkedOnWishAlone(t *testing.T) {
	isl := newIslands(t, eyot.Config{})
	isl.HandleFunc("Cart", cart)
	for _, split := range []bool{true, false} {
		written, err := isl.Placeholder("Cart", nil).HTML(eyot.Context{Split: split})
		if err != nil || strings.Contains(string(written), "server:placed") != split {
			t.Errorf("%v %v", written, err)
		}
	}
}

func TestAFaultyPageShowsThePlaceWhileDebugging(t *testing.T) {
	app, _ := site(t, eyot.Config{Debug: true}, html(faulty), tenMinutes)
	answer := ask(app, "GET", "/p/1")
	body := answer.Body.String()
	if answer.Code != 500 || !strings.Contains(body, "    2 | &lt;body&gt;") || !strings.Contains(body, "^") {
		t.Errorf("%d %s", answer.Code, body)
	}
	if strings.Contains(answer.Header().Get("Cache-Control"), "public") {
		t.Errorf("%v", answer.Header())
	}
}

func TestAFaultyPageGoesOutWithoutItsFaultyIslandInProduction(t *testing.T) {
	for name, policies := range map[string]eyot.Policies{"under a policy": tenMinutes, "without one": nil} {
		t.Run(name, func(t *testing.T) {
			var log bytes.Buffer
			app, _ := site(t, eyot.Config{Logger: slog.New(slog.NewTextHandler(&log, nil))}, html(faulty), policies)
			answer := ask(app, "GET", "/p/1")
			body := answer.Body.String()
			if answer.Code != 200 || strings.Contains(body, "server:") || strings.Count(body, "island-src") != 1 {
				t.Errorf("%d %s", answer.Code, body)
			}
			if got := answer.Header().Get("Cache-Control"); got != "private, no-store" {
				t.Errorf("Cache-Control is %q", got)
			}
			if !strings.Contains(log.String(), "line 2, column 26") {
				t.Errorf("the log says %s", &log)
			}
		})
	}
}

func TestAPageOverTheLimitsIsA500(t *testing.T) {
	app, _ := site(t, eyot.Config{MaxIslands: 1}, html(cartPage+cartPage), tenMinutes)
	if answer := ask(app, "GET", "/p/1"); answer.Code != 500 || strings.Contains(answer.Body.String(), "server:") {
		t.Errorf("%d %s", answer.Code, answer.Body)
	}
}

func TestATypeThatTheHandlerLeavesOutIsFoundOutAsNetHTTPDoes(t *testing.T) {
	for page, isSplit := range map[string]bool{cartPage: true, "cart: " + cartPage: false} {
		app, _ := site(t, eyot.Config{}, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			for _, letter := range []byte(page) {
				_, _ = w.Write([]byte{letter})
			}
		}), nil)
		if got := !strings.Contains(ask(app, "GET", "/p/1").Body.String(), "server:defer"); got != isSplit {
			t.Errorf("split is %v for %s", got, page)
		}
	}
}

func TestWhatIsNoHTMLPassesAsItIs(t *testing.T) {
	app, _ := site(t, eyot.Config{}, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		http.ServeContent(w, r, "a.txt", time.Time{}, strings.NewReader(cartPage))
	}), nil)
	server := httptest.NewServer(app)
	defer server.Close()
	r, _ := http.NewRequest("GET", server.URL+"/p/1", nil)
	r.Header.Set("Range", "bytes=1-8")
	answer, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	if body, _ := io.ReadAll(answer.Body); answer.StatusCode != 206 || string(body) != "!doctype" {
		t.Errorf("%d %s", answer.StatusCode, body)
	}
}

func TestARangeOfAPageIsAllOfIt(t *testing.T) {
	app, _ := site(t, eyot.Config{}, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		http.ServeContent(w, r, "a.html", time.Unix(1, 0), strings.NewReader(cartPage))
	}), nil)
	for _, header := range []string{"Range: bytes=1-8", "Range: bytes=0-1,5-9"} {
		answer := ask(app, "GET", "/p/1", header)
		body := answer.Body.String()
		if answer.Code != 200 || !strings.HasSuffix(body, "</html>") || strings.Contains(body, "server:") {
			t.Errorf("%d %v %s", answer.Code, answer.Header(), body)
		}
		if answer.Header().Get("Content-Range") != "" || answer.Header().Get("Last-Modified") != "" {
			t.Errorf("%v", answer.Header())
		}
	}
}

func TestAPartOfAPageThatNobodyAskedForIsRefused(t *testing.T) {
	app, _ := site(t, eyot.Config{}, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/html")
		w.WriteHeader(http.StatusPartialContent)
		_, _ = io.WriteString(w, cartPage[80:])
	}), nil)
	for _, headers := range [][]string{nil, {"Range: bytes=80-"}} {
		if answer := ask(app, "GET", "/p/1", headers...); answer.Code != 416 || strings.Contains(answer.Body.String(), "server:") {
			t.Errorf("%d %s", answer.Code, answer.Body)
		}
	}
}

func TestWhatLayersFurtherOutSaidStaysOnEveryAnswer(t *testing.T) {
	app, isl := site(t, eyot.Config{}, html(faulty+cartPage+cartPage), tenMinutes)
	isl.Handle("Broken", eyot.Handler(func(http.ResponseWriter, *http.Request, struct{}) error { return errors.New("broken") }))
	outside := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("X-Request-Id", "7")
		app.ServeHTTP(w, r)
	})
	shell, err := isl.Split([]byte("<Broken server:defer></Broken>"), eyot.Context{})
	if err != nil {
		t.Fatal(err)
	}
	for _, target := range []string{
		"/p/1", "/nothing", isl.Pattern() + "Cart/token", isl.Pattern() + "Nobody/token", isl.Pattern() + "loader.v1.js",
		source(t, string(shell.Bytes), "Broken"),
	} {
		if answer := ask(outside, "GET", target); answer.Header().Get("X-Request-Id") != "7" {
			t.Errorf("%s: %d %v", target, answer.Code, answer.Header())
		}
	}
}

func TestARouterThatForgotTheIslandsIsToldSo(t *testing.T) {
	var log bytes.Buffer
	isl := newIslands(t, eyot.Config{Logger: slog.New(slog.NewTextHandler(&log, nil))})
	isl.HandleFunc("Cart", cart)
	mux := http.NewServeMux()
	mux.Handle("/{$}", html(cartPage))
	app := isl.Outer(nil)(isl.Inner(mux))
	answer := ask(app, "GET", source(t, ask(app, "GET", "/").Body.String(), "Cart"))
	if answer.Code != 404 || answer.Header().Get("Island") != "" || !strings.Contains(log.String(), "level=ERROR") ||
		!strings.Contains(log.String(), "code=island-unanswered") {
		t.Errorf("%d %v %s", answer.Code, answer.Header(), &log)
	}
}

// streamed writes a page in two parts and flushes after the first.
func streamed(first, second string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/html")
		_, _ = io.WriteString(w, first)
		if err := http.NewResponseController(w).Flush(); err != nil {
			panic(err)
		}
		_, _ = io.WriteString(w, second)
	}
}

func TestAStreamedPageIsSplitAsItComes(t *testing.T) {
	next := make(chan struct{})
	app, _ := site(t, eyot.Config{}, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/html")
		_, _ = io.WriteString(w, "<p>one</p><Cart server:defer><i slot=fallback>c")
		w.(http.Flusher).Flush()
		<-next
		_, _ = io.WriteString(w, "</i></Cart>two")
	}), nil)
	server := httptest.NewServer(app)
	defer server.Close()
	answer, err := http.Get(server.URL + "/p/1")
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	first := make([]byte, len("<p>one</p>"))
	if _, err := io.ReadFull(answer.Body, first); err != nil || string(first) != "<p>one</p>" {
		t.Fatalf("%s, %v", first, err)
	}
	close(next)
	rest, err := io.ReadAll(answer.Body)
	if err != nil || !strings.Contains(string(rest), `island="Cart"`) || !strings.HasSuffix(string(rest), "two") {
		t.Errorf("%s, %v", rest, err)
	}
	if answer.ContentLength != -1 {
		t.Errorf("it has a length: %d", answer.ContentLength)
	}
}

func TestAStreamedPageUnderAPolicyIsHeldBackUnlessThePolicyLetsItPass(t *testing.T) {
	page := streamed("<html><head></head><body>", "<Cart server:defer></Cart></body></html>")
	held, _ := site(t, eyot.Config{}, page, tenMinutes)
	if answer := ask(held, "GET", "/p/1"); answer.Header().Get("Etag") == "" || answer.Flushed {
		t.Errorf("%v, flushed: %v", answer.Header(), answer.Flushed)
	}
	passing, _ := site(t, eyot.Config{}, page, eyot.Policies{"/p/{sku}": {CDN: time.Minute, Stream: true}})
	answer := ask(passing, "GET", "/p/1")
	if answer.Header().Get("Cache-Control") == "" || answer.Header().Get("Etag") != "" || !answer.Flushed {
		t.Errorf("%v, flushed: %v", answer.Header(), answer.Flushed)
	}
	if !strings.Contains(answer.Body.String(), "island-src") || answer.Header().Get("Content-Length") != "" {
		t.Errorf("%v %s", answer.Header(), answer.Body)
	}
}

func TestAStreamedPageUnderAPolicyIsCutAtItsFirstFault(t *testing.T) {
	page := streamed("<html><head></head><body>", "<Cart server:defer server:props='{'></Cart></body></html>")
	app, _ := site(t, eyot.Config{}, page, eyot.Policies{"/p/{sku}": {CDN: time.Minute, Stream: true}})
	server := httptest.NewUnstartedServer(app)
	server.Config.ErrorLog = slog.NewLogLogger(slog.DiscardHandler, slog.LevelError)
	server.Start()
	defer server.Close()
	answer, err := http.Get(server.URL + "/p/1")
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	if body, err := io.ReadAll(answer.Body); err == nil || strings.Contains(string(body), "server:") {
		t.Errorf("the page ended well: %s", body)
	}
}

func TestAStreamedPageWithoutAPolicyGoesOnAfterAFault(t *testing.T) {
	page := streamed("<body>", "<Cart server:defer server:props='{'><i slot=fallback>c</i></Cart>end")
	app, _ := site(t, eyot.Config{}, page, nil)
	if body := ask(app, "GET", "/p/1").Body.String(); body != "<body><i>c</i>end" {
		t.Error(body)
	}
	debug, _ := site(t, eyot.Config{Debug: true}, page, nil)
	if body := ask(debug, "GET", "/p/1").Body.String(); !strings.Contains(body, "<pre>eyot: ") {
		t.Error(body)
	}
}

func TestEarlyHintsPassAndAHijackedConnectionIsLeftAlone(t *testing.T) {
	app, _ := site(t, eyot.Config{}, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.PathValue("sku") == "hints" {
			w.Header().Set("Link", "</a.css>; rel=preload")
			w.WriteHeader(http.StatusEarlyHints)
			html(cartPage)(w, r)
			return
		}
		connection, _, err := w.(http.Hijacker).Hijack()
		if err != nil {
			t.Error(err)
			return
		}
		defer connection.Close()
		_, _ = io.WriteString(connection, "HTTP/1.1 101 Switching Protocols\r\n\r\nmine")
		if _, err := w.Write([]byte("late")); !errors.Is(err, http.ErrHijacked) {
			t.Errorf("writing gave %v", err)
		}
	}), tenMinutes)
	server := httptest.NewServer(app)
	defer server.Close()
	for path, expected := range map[string]string{"hints": "HTTP/1.1 103 Early Hints", "hijack": "HTTP/1.1 101 Switching Protocols"} {
		connection, err := net.Dial("tcp", server.Listener.Addr().String())
		if err != nil {
			t.Fatal(err)
		}
		fmt.Fprintf(connection, "GET /p/%s HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n", path)
		line, _ := bufio.NewReader(connection).ReadString('\n')
		if strings.TrimSpace(line) != expected {
			t.Errorf("%s: %q", path, line)
		}
		connection.Close()
	}
}

func TestAHandlersRedirectIsNewsForThePage(t *testing.T) {
	app, isl := site(t, eyot.Config{LoginURL: "/login"}, html(`<body><Orders server:defer></Orders><Mine server:defer></Mine>`), nil)
	isl.Handle("Orders", http.RedirectHandler("/login?next=/p/1", http.StatusSeeOther))
	isl.HandleFunc("Mine", func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusUnauthorized) })
	page := ask(app, "GET", "/p/1").Body.String()
	for name, location := range map[string]string{"Orders": "/login?next=/p/1", "Mine": "/login"} {
		answer := ask(app, "GET", source(t, page, name))
		if answer.Code != 204 || answer.Header().Get("Island-Location") != location || answer.Header().Get("Island") != name {
			t.Errorf("%s: %d %v", name, answer.Code, answer.Header())
		}
		if answer.Body.Len() > 0 || answer.Header().Get("Location") != "" {
			t.Errorf("%s: %v %s", name, answer.Header(), answer.Body)
		}
	}
}

func TestWhatAnotherLayerAnswersIsNoIsland(t *testing.T) {
	isl := newIslands(t, eyot.Config{})
	isl.HandleFunc("Cart", cart)
	wall := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if strings.HasPrefix(r.URL.Path, isl.Pattern()) {
			html("<h1>Please sign in</h1>")(w, r)
			return
		}
		html(cartPage)(w, r)
	})
	app := isl.Outer(nil)(isl.Inner(wall))
	answer := ask(app, "GET", source(t, ask(app, "GET", "/").Body.String(), "Cart"))
	if answer.Header().Get("Island") != "" {
		t.Errorf("%d %v", answer.Code, answer.Header())
	}
}

func TestASharedIslandLosesItsCookieAndIsKeptOutOfCaches(t *testing.T) {
	app, isl := site(t, eyot.Config{}, html(`<body><Tide server:defer></Tide><Moon server:defer></Moon>`), nil)
	isl.HandleFunc("Tide", func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "high") }, eyot.Shared(time.Minute))
	isl.HandleFunc("Moon", func(w http.ResponseWriter, _ *http.Request) {
		http.SetCookie(w, &http.Cookie{Name: "a", Value: "b"})
	}, eyot.Shared(time.Minute))
	page := ask(app, "GET", "/p/1").Body.String()
	if answer := ask(app, "GET", source(t, page, "Tide")); answer.Header().Get("Cache-Control") != "public, max-age=60" {
		t.Errorf("%v", answer.Header())
	}
	answer := ask(app, "GET", source(t, page, "Moon"))
	if answer.Code != 200 || answer.Header().Get("Set-Cookie") != "" ||
		answer.Header().Get("Cache-Control") != "private, no-store" {
		t.Errorf("%d %v", answer.Code, answer.Header())
	}
}

func TestAPolicyOfTheAppsPagesIsNotThatOfIslands(t *testing.T) {
	app, isl := site(t, eyot.Config{}, html(`<body><Own server:defer></Own><Cart server:defer></Cart><Bad server:defer></Bad>`), nil)
	isl.HandleFunc("Own", func(w http.ResponseWriter, _ *http.Request) { w.Header().Set("Content-Security-Policy", "own") })
	isl.HandleFunc("Bad", func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(404) })
	around := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Security-Policy", "app")
		app.ServeHTTP(w, r)
	})
	inner := isl.Outer(nil)(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Security-Policy", "app")
		isl.ServeHTTP(w, r)
	}))
	page := ask(around, "GET", "/p/1")
	if got := page.Header().Get("Content-Security-Policy"); got != "app" {
		t.Errorf("the page has %q", got)
	}
	for name, expected := range map[string]string{"Own": "own", "Cart": "default-src 'none'; sandbox", "Bad": "app"} {
		answer := ask(inner, "GET", source(t, page.Body.String(), name))
		if got := answer.Header().Get("Content-Security-Policy"); got != expected {
			t.Errorf("%s has %q, not %q", name, got, expected)
		}
	}
}

func TestAMountedAppFindsItsIslands(t *testing.T) {
	app, _ := site(t, eyot.Config{}, html(cartPage), tenMinutes)
	mux := http.NewServeMux()
	mux.Handle("/shop/", http.StripPrefix("/shop", app))
	page := ask(mux, "GET", "/shop/p/1")
	address := source(t, page.Body.String(), "Cart")
	if !strings.HasPrefix(address, "/shop/_server-islands/Cart/") || page.Header().Get("Etag") == "" {
		t.Fatalf("%s %v", address, page.Header())
	}
	if answer := ask(mux, "GET", address); answer.Code != 200 || answer.Header().Get("Island") != "Cart" {
		t.Errorf("%d %v", answer.Code, answer.Header())
	}
	if answer := ask(mux, "GET", "/shop/_server-islands/loader.v1.js"); answer.Code != 200 || answer.Body.Len() < 1000 {
		t.Errorf("%d %v", answer.Code, answer.Header())
	}
}

func TestAPrefixThatAProxyTookOffComesFromTheConfiguration(t *testing.T) {
	mount := func(r *http.Request) string { return r.Header.Get("X-Forwarded-Prefix") }
	app, _ := site(t, eyot.Config{Mount: mount}, html(cartPage), nil)
	page := ask(app, "GET", "/p/1", "X-Forwarded-Prefix: /shop/")
	address, found := strings.CutPrefix(source(t, page.Body.String(), "Cart"), "/shop")
	if !found {
		t.Fatal(page.Body)
	}
	if answer := ask(app, "GET", address, "X-Forwarded-Prefix: /shop/"); answer.Code != 200 {
		t.Errorf("%d %s", answer.Code, answer.Body)
	}
}

func TestIslandsWorkWithoutTheOuterStation(t *testing.T) {
	isl := newIslands(t, eyot.Config{})
	isl.HandleFunc("Cart", cart)
	mux := http.NewServeMux()
	mux.Handle("/", html(cartPage))
	isl.Register(mux)
	app := isl.Inner(mux)
	answer := ask(app, "GET", source(t, ask(app, "GET", "/").Body.String(), "Cart"))
	if answer.Code != 200 || answer.Header().Get("Island") != "Cart" || answer.Header().Get("Cache-Control") != "private, no-store" {
		t.Errorf("%d %v", answer.Code, answer.Header())
	}
	if answer := ask(app, "GET", isl.Pattern()+"Cart/none"); answer.Code != 400 {
		t.Errorf("%d %v", answer.Code, answer.Header())
	}
}

func TestTheHTMLPassCanBeSwitchedOffAndOn(t *testing.T) {
	for _, isOff := range []bool{true, false} {
		isl := newIslands(t, eyot.Config{NoHTMLPass: isOff})
		isl.HandleFunc("Cart", cart)
		app := isl.Inner(isl.HTMLPass(isOff, html(cartPage)))
		if got := !strings.Contains(ask(app, "GET", "/").Body.String(), "server:defer"); got != isOff {
			t.Errorf("split is %v, not %v", got, isOff)
		}
	}
}

func TestTrailersAndLateHeadersAreAsInNetHTTP(t *testing.T) {
	app, _ := site(t, eyot.Config{}, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/html")
		w.Header().Set("Trailer", "Checksum")
		w.WriteHeader(200)
		w.Header().Set("Late", "too late")
		_, _ = io.WriteString(w, cartPage)
		w.Header().Set("Checksum", "abc")
	}), nil)
	server := httptest.NewServer(app)
	defer server.Close()
	answer, err := http.Get(server.URL + "/p/1")
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	_, _ = io.Copy(io.Discard, answer.Body)
	if answer.Header.Get("Late") != "" || answer.Trailer.Get("Checksum") != "abc" {
		t.Errorf("%v, %v", answer.Header, answer.Trailer)
	}
}

func TestAKeyFileIsReadAgainWhenItChanges(t *testing.T) {
	file := filepath.Join(t.TempDir(), "keys")
	write := func(keys ...string) {
		if err := os.WriteFile(file, []byte(strings.Join(keys, "\n")), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	first, second := generate(t), generate(t)
	write(first)
	t.Setenv("EYOT_KEYS", "")
	t.Setenv("EYOT_KEYS_FILE", file)
	isl, err := eyot.New(eyot.Config{Logger: quiet})
	if err != nil {
		t.Fatal(err)
	}
	isl.HandleFunc("Cart", cart)
	app := isl.Outer(nil)(isl.Inner(html(cartPage)))
	before := source(t, ask(app, "GET", "/").Body.String(), "Cart")
	write("not a key")
	if err := isl.ReloadKeys(); codeOf(err) != "key-encoding" || !strings.Contains(err.Error(), "EYOT_KEYS_FILE") {
		t.Errorf("reloading gave %v", err)
	}
	if after := source(t, ask(app, "GET", "/").Body.String(), "Cart"); after != before {
		t.Error("the keys in force went")
	}
	write("# a comment", second, first)
	deadline := time.Now().Add(10 * time.Second)
	for source(t, ask(app, "GET", "/").Body.String(), "Cart") == before {
		if time.Now().After(deadline) {
			t.Fatal("the changed file was not noticed")
		}
		time.Sleep(50 * time.Millisecond)
	}
	if answer := ask(isl, "GET", before); answer.Code != 200 {
		t.Errorf("a token of the older key: %d", answer.Code)
	}
}

func generate(t testing.TB) string {
	t.Helper()
	key, err := eyot.GenerateKey()
	if err != nil {
		t.Fatal(err)
	}
	return key
}

func TestAPageIsAssembledWithTheVisitorsCookies(t *testing.T) {
	app, isl := site(t, eyot.Config{}, html(`<!doctype html><html><head></head><body><Cart server:defer></Cart>`+
		`<table><tbody><tr server:defer="Row" server:props='{"n":1}'><td slot="fallback">…</td></tr></tbody></table>`+
		`<Broken server:defer><i slot="fallback">f</i><b slot="error">e</b></Broken></body></html>`), nil)
	isl.Handle("Row", eyot.Handler(func(w http.ResponseWriter, _ *http.Request, p struct {
		N int `json:"n"`
	}) error {
		_, err := fmt.Fprintf(w, "<td>row %d <Cart server:defer /></td>", p.N)
		return err
	}))
	isl.Handle("Broken", eyot.Handler(func(w http.ResponseWriter, _ *http.Request, _ struct{}) error {
		_, _ = io.WriteString(w, "half of it")
		return errors.New("broken")
	}))
	r := httptest.NewRequest("GET", "/p/1", nil)
	r.AddCookie(&http.Cookie{Name: "cart", Value: "3"})
	page := eyottest.Assemble(t, app, r, "Broken")
	for _, part := range []string{"<body><b>3</b><table>", "<td>row 1 <b>3</b></td></tr>", `<i>f</i><template island-slot="error"><b>e</b></template></server-island></body>`} {
		if !strings.Contains(page, part) {
			t.Errorf("%s is not in %s", part, page)
		}
	}
}

func TestASharedHandlerDoesNotSeeWhoAsks(t *testing.T) {
	app, isl := site(t, eyot.Config{}, html(`<body><Tide server:defer></Tide>`), nil)
	isl.HandleFunc("Tide", func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.WriteString(w, r.Header.Get("Cookie")+r.Header.Get("X-Forwarded-User")+r.Header.Get("X-Own"))
	}, eyot.Shared(time.Minute))
	page := ask(app, "GET", "/p/1").Body.String()
	asked := httptest.NewRequest("GET", source(t, page, "Tide"), nil)
	asked.Header = http.Header{"Cookie": {"a=b", "c=d"}, "X-Forwarded-User": {"ann"}, "X-Own": {"seen"}}
	answer := httptest.NewRecorder()
	app.ServeHTTP(answer, asked)
	if got := answer.Body.String(); got != "seen" {
		t.Errorf("%d %q", answer.Code, got)
	}
}

func TestAMountPointThatIsNoneIsRefused(t *testing.T) {
	app, _ := site(t, eyot.Config{Mount: func(*http.Request) string { return "//evil.example" }}, html(`<body>`), nil)
	if answer := ask(app, "GET", "/p/1"); answer.Code != 400 || answer.Header().Get("Cache-Control") != "no-store" {
		t.Errorf("%d %v", answer.Code, answer.Header())
	}
}

func TestADirectiveInTextThatIsNotSplitIsToldOf(t *testing.T) {
	app, _ := site(t, eyot.Config{}, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/xhtml+xml")
		_, _ = io.WriteString(w, `<p><Cart server:defer=""/></p>`)
	}), nil)
	if answer := ask(app, "GET", "/p/1"); answer.Header().Get("Cache-Control") != "private, no-store" {
		t.Errorf("%d %v", answer.Code, answer.Header())
	}
}

func TestAPreparedPageIsAHandler(t *testing.T) {
	isl := newIslands(t, eyot.Config{})
	isl.HandleFunc("Cart", cart)
	prepared, err := isl.Prepare([]byte("<!doctype html><html><head></head><body>" + strings.Repeat("<p>x</p>", 1000) + cartPage + "</body></html>"))
	if err != nil {
		t.Fatal(err)
	}
	mux := http.NewServeMux()
	mux.Handle("GET /{$}", prepared)
	mux.Handle(isl.Pattern(), isl)
	app := http.StripPrefix("/shop", isl.Outer(eyot.Policies{"/": {CDN: time.Minute}})(isl.Inner(mux)))
	page := ask(app, "GET", "/shop/")
	if page.Code != 200 || page.Header().Get("Cache-Control") != "public, max-age=0, s-maxage=60" {
		t.Errorf("%d %v", page.Code, page.Header())
	}
	if count := strings.Count(page.Body.String(), "loader.v1.js"); count != 1 {
		t.Errorf("the loader stands %d times in %s", count, page.Body)
	}
	if answer := ask(app, "GET", source(t, page.Body.String(), "Cart")); answer.Code != 200 {
		t.Errorf("%d %s", answer.Code, answer.Body)
	}
	if err := prepared.Close(); err != nil {
		t.Fatal(err)
	}
	if answer := ask(app, "GET", "/shop/"); answer.Code != 500 || answer.Header().Get("Cache-Control") == page.Header().Get("Cache-Control") {
		t.Errorf("%d %v", answer.Code, answer.Header())
	}
}
