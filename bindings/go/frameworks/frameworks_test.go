// Package frameworks tests eyot with the routers that most Go sites use, in a module of its own, so that package eyot
// depends on none of them.
package frameworks

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/gin-gonic/gin"
	"github.com/go-chi/chi/v5"
	"github.com/go-chi/chi/v5/middleware"
	"github.com/labstack/echo/v4"

	"github.com/eyot-dev/eyot/bindings/go"
	"github.com/eyot-dev/eyot/bindings/go/eyottest"
)

const page = `<!doctype html><html><head></head><body><Cart server:defer server:props='{"n":1}'></Cart>` +
	`<Cart server:defer server:props='{"n":2}'></Cart></body></html>`

type props struct {
	N int `json:"n"`
}

func islands(t *testing.T) *eyot.Islands {
	t.Helper()
	isl, err := eyot.New(eyot.Config{Keys: "q83vEjRWeJCrze8SNFZ4kKvN7xI0VniQq83vEjRWeJA="})
	if err != nil {
		t.Fatal(err)
	}
	isl.Handle("Cart", eyot.Handler(func(w http.ResponseWriter, r *http.Request, p props) error {
		cookie, err := r.Cookie("cart")
		if err != nil {
			return err
		}
		_, err = fmt.Fprintf(w, "<b>%d: %s</b>", p.N, cookie.Value)
		return err
	}))
	return isl
}

// check asks for a page under a policy and for its islands, then for a streamed page.
func check(t *testing.T, isl *eyot.Islands, router http.Handler) {
	t.Helper()
	app := isl.Outer(eyot.Policies{"/p/{sku}": {CDN: time.Minute}})(isl.Inner(router))
	shell := httptest.NewRecorder()
	app.ServeHTTP(shell, httptest.NewRequest("GET", "/p/1", nil))
	if got := shell.Header().Get("Cache-Control"); shell.Code != 200 || got != "public, max-age=0, s-maxage=60" {
		t.Errorf("%d %q %s", shell.Code, got, shell.Body)
	}
	r := httptest.NewRequest("GET", "/p/1", nil)
	r.AddCookie(&http.Cookie{Name: "cart", Value: "7"})
	if whole := eyottest.Assemble(t, app, r); !strings.Contains(whole, "<body><b>1: 7</b><b>2: 7</b></body>") {
		t.Error(whole)
	}
	server := httptest.NewServer(app)
	defer server.Close()
	answer, err := http.Get(server.URL + "/stream")
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	body, err := io.ReadAll(answer.Body)
	if err != nil || strings.Count(string(body), "island-src") != 2 || answer.ContentLength != -1 {
		t.Errorf("%v, %d bytes: %s", err, answer.ContentLength, body)
	}
}

func TestChi(t *testing.T) {
	isl := islands(t)
	router := chi.NewRouter()
	router.Use(middleware.Logger, middleware.Recoverer)
	router.Get("/p/{sku}", func(w http.ResponseWriter, r *http.Request) {
		if chi.URLParam(r, "sku") != "1" {
			t.Error("the parameter is gone")
		}
		_, _ = io.WriteString(w, page)
	})
	router.Get("/stream", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/html")
		_, _ = io.WriteString(w, page[:60])
		w.(http.Flusher).Flush()
		_, _ = io.WriteString(w, page[60:])
	})
	isl.Register(router)
	router.Handle(isl.Pattern()+"*", isl)
	check(t, isl, router)
}

func TestBothStationsAreMiddlewareForChi(t *testing.T) {
	isl := islands(t)
	router := chi.NewRouter()
	router.Use(middleware.Compress(5), isl.Outer(eyot.Policies{"/p/{sku}": {CDN: time.Minute}}), isl.Inner)
	router.Get("/p/{sku}", func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, page) })
	router.Handle(isl.Pattern()+"*", isl)
	client := eyottest.NewClient(router)
	eyottest.AssertShell(t, isl, client.Get("/p/1"))
	r := httptest.NewRequest("GET", "/p/1", nil)
	r.AddCookie(&http.Cookie{Name: "cart", Value: "7"})
	if whole := eyottest.Assemble(t, router, r); !strings.Contains(whole, "<body><b>1: 7</b><b>2: 7</b></body>") {
		t.Error(whole)
	}
}

func TestGin(t *testing.T) {
	gin.SetMode(gin.ReleaseMode)
	isl := islands(t)
	router := gin.New()
	router.Use(gin.Recovery())
	router.GET("/p/:sku", func(c *gin.Context) { c.Data(http.StatusOK, "text/html; charset=utf-8", []byte(page)) })
	router.GET("/stream", func(c *gin.Context) {
		c.Header("Content-Type", "text/html")
		parts := []string{page[:60], page[60:]}
		c.Stream(func(w io.Writer) bool {
			_, _ = io.WriteString(w, parts[0])
			parts = parts[1:]
			return len(parts) > 0
		})
	})
	router.Any(isl.Pattern()+"*path", gin.WrapH(isl))
	check(t, isl, router)
}

type frameworkKey struct{}

// known answers an island with what a router's middleware has set in the router's own context.
func known(t *testing.T, isl *eyot.Islands, router http.Handler, of func(any) string) {
	t.Helper()
	isl.HandleFunc("Known", func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.WriteString(w, of(r.Context().Value(frameworkKey{})))
	})
	answer := eyottest.NewClient(isl.Outer(nil)(isl.Inner(router))).Ask(t, isl, "Known", nil)
	if text, _ := io.ReadAll(answer.Body); string(text) != "ada" {
		t.Errorf("%s: %s", answer.Status, text)
	}
}

func with(r *http.Request, own any) *http.Request {
	return r.WithContext(context.WithValue(r.Context(), frameworkKey{}, own))
}

func TestAHandlerIsGivenTheContextOfGin(t *testing.T) {
	gin.SetMode(gin.ReleaseMode)
	isl, router := islands(t), gin.New()
	router.Use(func(c *gin.Context) { c.Set("user", "ada") })
	router.Any(isl.Pattern()+"*path", func(c *gin.Context) { isl.ServeHTTP(c.Writer, with(c.Request, c)) })
	known(t, isl, router, func(c any) string { return c.(*gin.Context).GetString("user") })
}

func TestAHandlerIsGivenTheContextOfEcho(t *testing.T) {
	isl, router := islands(t), echo.New()
	router.Use(func(next echo.HandlerFunc) echo.HandlerFunc {
		return func(c echo.Context) error {
			c.Set("user", "ada")
			return next(c)
		}
	})
	router.Any(isl.Pattern()+"*", func(c echo.Context) error {
		isl.ServeHTTP(c.Response(), with(c.Request(), c))
		return nil
	})
	known(t, isl, router, func(c any) string { return c.(echo.Context).Get("user").(string) })
}

func TestEcho(t *testing.T) {
	isl := islands(t)
	router := echo.New()
	router.GET("/p/:sku", func(c echo.Context) error { return c.HTML(http.StatusOK, page) })
	router.GET("/stream", func(c echo.Context) error {
		c.Response().Header().Set("Content-Type", "text/html")
		if _, err := io.WriteString(c.Response(), page[:60]); err != nil {
			return err
		}
		c.Response().Flush()
		_, err := io.WriteString(c.Response(), page[60:])
		return err
	})
	router.Any(isl.Pattern()+"*", echo.WrapHandler(isl))
	check(t, isl, router)
}
