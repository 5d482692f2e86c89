package main

import (
	"errors"
	"net/http"
	"os"
	"strings"
	"time"

	"github.com/eyot-dev/eyot/bindings/go"
	"github.com/gin-gonic/gin"
	"github.com/go-chi/chi/v5"
	"github.com/labstack/echo/v4"
)

// typedProps are the props of the island Typed.
type typedProps struct {
	SKU string `json:"sku"`
}

func main() {
	read()
	isl := newIslands()
	handle(isl, description.Islands)
	app := map[string]func(*eyot.Islands) http.Handler{"net": withMux, "chi": withChi, "gin": withGin, "echo": withEcho}[os.Args[1]](isl)
	serve(stack(isl, app))
}

// handle registers these islands.
func handle(isl *eyot.Islands, islands map[string]Says) {
	for name, says := range islands {
		if says.Raise != "" {
			isl.Handle(name, eyot.Handler(func(http.ResponseWriter, *http.Request, struct{}) error { return errors.New(says.Raise) }))
			continue
		}
		if says.Typed {
			isl.Handle(name, eyot.Handler(func(w http.ResponseWriter, r *http.Request, _ typedProps) error {
				handler(says).ServeHTTP(w, r)
				return nil
			}))
			continue
		}
		answer := handler(says)
		if says.HTMLPass != nil {
			answer = isl.HTMLPass(*says.HTMLPass, answer)
		}
		isl.Handle(name, answer, shared(says)...)
	}
}

// secondSet is an app with islands of its own, below another path of the first one.
func secondSet(app http.Handler) http.Handler {
	own := newIslands()
	handle(own, description.Second.Islands)
	mux := http.NewServeMux()
	for path, says := range description.Second.Routes {
		mux.Handle("GET "+path, view(own, says))
	}
	mux.Handle(own.Pattern(), own)
	second := http.StripPrefix("/second", own.Outer(policies(description.Second.Routes))(own.Inner(mux)))
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if strings.HasPrefix(r.URL.Path, "/second/") {
			second.ServeHTTP(w, r)
			return
		}
		app.ServeHTTP(w, r)
	})
}

func shared(says Says) []eyot.HandlerOption {
	if says.Options.Shared == nil {
		return nil
	}
	return []eyot.HandlerOption{eyot.Shared(time.Duration(*says.Options.Shared) * time.Second)}
}

// handler answers an island: what net/http's handlers are, with the island in the request's context.
func handler(says Says) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		says.said(r, string(eyot.FromContext(r.Context()).Props)).send(w, r)
	})
}

// stack is the whole app, from the description.
func stack(isl *eyot.Islands, app http.Handler) http.Handler {
	wanted := description.Stack
	if wanted.Second {
		app = secondSet(app)
	}
	if wanted.Inner {
		app = isl.Inner(app)
	}
	if wanted.Session != "outside" {
		app = sessions(app)
	}
	app = stacked(app, wanted.Between)
	if wanted.Outer {
		app = isl.Outer(allPolicies())(app)
	}
	if wanted.Session == "outside" {
		app = early(sessions(app))
	}
	app = stacked(app, wanted.Around)
	if wanted.Mount != "" {
		app = http.StripPrefix(wanted.Mount, app)
	}
	return app
}

func serve(app http.Handler) {
	protocols := new(http.Protocols)
	protocols.SetHTTP1(true)
	protocols.SetUnencryptedHTTP2(true)
	server := &http.Server{Addr: "127.0.0.1:" + os.Getenv("PORT"), Handler: app, Protocols: protocols}
	panic(server.ListenAndServe())
}

func methods(says Says) []string {
	if says.Methods == nil {
		return []string{http.MethodGet}
	}
	return says.Methods
}

func view(isl *eyot.Islands, says Says) http.Handler {
	answer := http.Handler(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { says.said(r, "").send(w, r) }))
	if says.HTMLPass != nil {
		answer = isl.HTMLPass(*says.HTMLPass, answer)
	}
	return answer
}

func withMux(isl *eyot.Islands) http.Handler {
	mux := http.NewServeMux()
	for path, says := range description.Routes {
		for _, method := range methods(says) {
			mux.Handle(method+" "+path, view(isl, says))
		}
	}
	mux.Handle(isl.Pattern(), isl)
	mux.HandleFunc("/_events", taken)
	mux.HandleFunc("/_live", running)
	return mux
}

func withChi(isl *eyot.Islands) http.Handler {
	router := chi.NewRouter()
	for path, says := range description.Routes {
		for _, method := range methods(says) {
			router.Method(method, path, view(isl, says))
		}
	}
	router.Handle(isl.Pattern()+"*", isl)
	router.HandleFunc("/_events", taken)
	router.HandleFunc("/_live", running)
	return router
}

func withGin(isl *eyot.Islands) http.Handler {
	gin.SetMode(gin.ReleaseMode)
	router := gin.New()
	for path, says := range description.Routes {
		for _, method := range methods(says) {
			router.Handle(method, path, ginView(isl, says))
		}
	}
	router.Any(isl.Pattern()+"*path", gin.WrapH(isl))
	router.Any("/_events", gin.WrapF(taken))
	router.Any("/_live", gin.WrapF(running))
	return router
}

// ginView answers with gin's own means.
func ginView(isl *eyot.Islands, says Says) gin.HandlerFunc {
	if says.HTMLPass != nil {
		return gin.WrapH(view(isl, says))
	}
	return func(c *gin.Context) {
		answer := says.said(c.Request, "")
		for _, header := range answer.Headers {
			c.Writer.Header().Add(header[0], header[1])
		}
		switch {
		case answer.File != "":
			c.File(description.Files + "/" + answer.File)
		case answer.JSON != nil:
			c.JSON(answer.Status, answer.JSON)
		case answer.Redirect != "":
			c.Redirect(max(answer.Status, http.StatusFound), answer.Redirect)
		case answer.Pieces != nil:
			answer.Headers = nil
			answer.send(c.Writer, c.Request)
		default:
			c.Data(answer.Status, answer.Type, answer.Body)
		}
	}
}

func withEcho(isl *eyot.Islands) http.Handler {
	router := echo.New()
	for path, says := range description.Routes {
		for _, method := range methods(says) {
			router.Add(method, path, echoView(isl, says))
		}
	}
	router.Any(isl.Pattern()+"*", echo.WrapHandler(isl))
	router.Any("/_events", echo.WrapHandler(http.HandlerFunc(taken)))
	router.Any("/_live", echo.WrapHandler(http.HandlerFunc(running)))
	return router
}

// echoView answers with echo's own means.
func echoView(isl *eyot.Islands, says Says) echo.HandlerFunc {
	if says.HTMLPass != nil {
		return echo.WrapHandler(view(isl, says))
	}
	return func(c echo.Context) error {
		answer := says.said(c.Request(), "")
		for _, header := range answer.Headers {
			c.Response().Header().Add(header[0], header[1])
		}
		switch {
		case answer.File != "":
			return c.File(description.Files + "/" + answer.File)
		case answer.JSON != nil:
			return c.JSON(answer.Status, answer.JSON)
		case answer.Redirect != "":
			return c.Redirect(max(answer.Status, http.StatusFound), answer.Redirect)
		case answer.Pieces != nil:
			answer.Headers = nil
			answer.send(c.Response(), c.Request())
			return nil
		default:
			return c.Blob(answer.Status, answer.Type, answer.Body)
		}
	}
}
