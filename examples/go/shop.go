// How the shop is put together.

package main

import (
	"database/sql"
	"html/template"
	"io/fs"
	"net/http"
	"time"

	"github.com/eyot-dev/eyot/bindings/go"
)

// Config is what a shop is made from.
type Config struct {
	// Secret signs the session's cookie.
	Secret string
	// Database is the SQLite file, made and filled if it is not there.
	Database string
	// Shared is the folder that the shops of all hosts have in common.
	Shared fs.FS
	// Islands is eyot's own configuration.
	Islands eyot.Config
}

// Shop is the whole shop, as a handler.
type Shop struct {
	http.Handler
	db        *sql.DB
	islands   *eyot.Islands
	templates map[string]*template.Template
	tide      template.HTML
}

// NewShop puts the shop together. What stands around what is what a reader should look at here.
func NewShop(config Config) (*Shop, error) {
	db, err := openDatabase(config.Database, config.Shared)
	if err != nil {
		return nil, err
	}
	islands, err := eyot.New(config.Islands)
	if err != nil {
		return nil, err
	}
	shop := &Shop{db: db, islands: islands}
	if shop.templates, err = parseTemplates(islands.Funcs()); err != nil {
		return nil, err
	}
	shop.tide = tideScript()
	shop.registerIslands()

	mux := http.NewServeMux()
	shop.routes(mux)
	mux.Handle("GET /static/", static(config.Shared))
	islands.Register(mux)

	// From the inside: the pages are split, forms need their token, and both see the session, which is saved last.
	// Outside of it all stands the outer station, which knows the cached routes and shows them no cookie.
	sessions := newSessions(config.Secret)
	app := sessions.middleware(shop.checkForms(islands.Inner(mux)))
	shop.Handler = islands.Outer(eyot.Policies{
		"/":        {CDN: 10 * time.Minute},
		"/p/{sku}": {CDN: 10 * time.Minute},
	})(contentSecurityPolicy(shop.tide, app))
	return shop, nil
}

// Close closes the database and the islands.
func (s *Shop) Close() {
	_ = s.islands.Close()
	_ = s.db.Close()
}

func (s *Shop) routes(mux *http.ServeMux) {
	mux.HandleFunc("GET /{$}", s.home)
	mux.HandleFunc("GET /p/{sku}", s.product)

	private := func(pattern string, handler http.HandlerFunc) { mux.Handle(pattern, keepPrivate(handler)) }
	private("GET /cart", s.cart)
	private("POST /cart/add", s.addToCart)
	private("POST /cart/empty", s.emptyCart)
	private("GET /login", s.showLogin)
	private("POST /login", s.login)
	private("POST /logout", s.logout)
	private("GET /account", s.customersOnly(s.account))
	private("POST /p/{sku}/reviews", s.customersOnly(s.review))
	mux.HandleFunc("/", s.notFound)
}

// keepPrivate says to every cache that a page is one visitor's.
func keepPrivate(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Cache-Control", "private, no-store")
		next.ServeHTTP(w, r)
	})
}

// static serves the pictures, the style sheet and the script.
func static(shared fs.FS) http.Handler {
	files := http.FileServerFS(shared)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Cache-Control", "public, max-age=3600")
		files.ServeHTTP(w, r)
	})
}
