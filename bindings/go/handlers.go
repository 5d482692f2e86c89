// Handlers: their registration, and the opened island that they get.

package eyot

import (
	"context"
	"encoding/json"
	"html/template"
	"log/slog"
	"net/http"
	"reflect"
	"time"

	"github.com/eyot-dev/eyot/bindings/go/internal/native"
)

// Island is an island whose token was genuine. Its props are not claims about the visitor: who asks, a handler finds
// out from the session, as everywhere.
type Island struct {
	// Name is the island's name.
	Name string
	// Props is one JSON object; Decode reads it.
	Props json.RawMessage
	// Slots are the sealed slots, by name.
	Slots map[string]template.HTML
	// Page is the page that holds the island, where the island asks for it with server:page; else nil.
	Page *Page
	// Expires is when the token becomes stale; zero for never.
	Expires time.Time

	isl *Islands
}

// Page is the page that holds an island, as it was sealed.
type Page struct {
	Path string `json:"path"`
	Lang string `json:"lang"`
}

// Decode reads the props into what `target` points at, strictly. Into a struct: each prop needs a field of exactly its
// name, and each field needs a prop, unless it has omitempty or omitzero or is a pointer. Numbers in interfaces are
// json.Number. An error is an *Error of the kind ErrProps that names the prop, and holds no value.
func (i *Island) Decode(target any) error { return decodeProps(i.Props, target) }

type islandKey struct{}

// FromContext returns the island whose handler runs, from the context of its request; nil elsewhere.
func FromContext(ctx context.Context) *Island {
	island, _ := ctx.Value(islandKey{}).(*Island)
	return island
}

// registration is a handler as it was registered.
type registration struct {
	handler http.Handler
	// In seconds; negative for an island that is not shared.
	shared int64
	// 0 for that of the configuration.
	deadline time.Duration
}

// HandlerOption is an option of Handle.
type HandlerOption func(*registration) error

// Shared says that an island is the same for everybody: caches may keep it for `life`, in whole seconds, unless its
// handler says something else. It must not set a cookie.
func Shared(life time.Duration) HandlerOption {
	return func(r *registration) error {
		whole, err := seconds("Shared", life)
		r.shared = int64(whole)
		return err
	}
}

// Deadline says how long the handler of an island may take, in place of Config.Deadline.
func Deadline(deadline time.Duration) HandlerOption {
	return func(r *registration) error {
		r.deadline = deadline
		return positive("Deadline", deadline)
	}
}

// positive is the error of a time that is none.
func positive(name string, deadline time.Duration) error {
	if deadline < 0 {
		return configError("%s is negative", name)
	}
	return nil
}

// Handle registers the handler of the island `name`: any http.Handler, with whatever middleware is around it. Handler gives it
// its props; others find the island by FromContext. What it answers is HTML unless it says otherwise.
//
// Like http.ServeMux.Handle it panics with an *Error when the name cannot be used or has a handler already.
func (isl *Islands) Handle(name string, handler http.Handler, options ...HandlerOption) {
	if err := isl.handle(name, handler, options); err != nil {
		panic(err)
	}
}

// HandleFunc is Handle for a function.
func (isl *Islands) HandleFunc(name string, handler http.HandlerFunc, options ...HandlerOption) {
	if handler == nil {
		isl.Handle(name, nil)
	}
	isl.Handle(name, handler, options...)
}

// Handler returns a handler that gets the island's props as a P: isl.Handle("CartRow", eyot.Handler(cartRow)). They are read
// as Island.Decode does; props that do not fit are answered as a stale page's, and logged. An error of the function is a 500
// and a log line, and nothing of what it wrote goes out, unless it was flushed.
//
// It panics with an *Error where no props fit into a P, and where the request is for no island.
func Handler[P any](handle func(http.ResponseWriter, *http.Request, P) error) http.Handler {
	if err := takesProps(reflect.TypeFor[P]()); err != nil {
		panic(err)
	}
	if handle == nil {
		panic(configError("eyot.Handler is given no function: it is nil"))
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		island := FromContext(r.Context())
		if island == nil {
			panic(configError("eyot.Handler was called for %s, which is no island: register what it returns by Islands.Handle, "+
				"and route isl.Pattern() to the islands", r.URL.Path))
		}
		var props P
		if err := island.Decode(&props); err != nil {
			island.isl.misfit(w, r, err.(*Error).Message)
			return
		}
		if err := handle(w, r, props); err != nil {
			island.isl.log(r.Context(), Event{
				Level: slog.LevelError, Code: "handler-failed", Path: island.isl.pathOf(r), Island: island.Name,
				Message: "the handler of an island failed: " + err.Error(),
			})
			startOver(w, "internal server error", http.StatusInternalServerError)
		}
	})
}

// takesProps is the error of a type that no JSON object fits into.
func takesProps(kind reflect.Type) error {
	inner := kind
	for inner.Kind() == reflect.Pointer {
		inner = inner.Elem()
	}
	isOwn := reflect.PointerTo(inner).Implements(unmarshaler)
	if isOwn || inner.Kind() == reflect.Struct || inner.Kind() == reflect.Map || inner.Kind() == reflect.Interface {
		return nil
	}
	return configError("a handler of an island takes its props as a %s: props are one JSON object, so take a struct, struct{} "+
		"where there are none, or a map", kind)
}

// misfit answers for a token whose props are not those of the handler. The outer station sends it, and logs it.
func (isl *Islands) misfit(w http.ResponseWriter, r *http.Request, why string) {
	reply, err := isl.stationOf(r.Context()).exchange.Misfit(why)
	if err != nil {
		isl.fail(w, r, err)
		return
	}
	isl.reply(w, r, reply)
}

func (isl *Islands) handle(name string, handler http.Handler, options []HandlerOption) error {
	if handler == nil {
		return configError("the island %q has no handler: it is nil", name)
	}
	added := &registration{handler: handler, shared: -1}
	for _, option := range options {
		if err := option(added); err != nil {
			return err
		}
	}
	isl.mutex.Lock()
	_, isTaken := isl.handlers[name]
	if !isTaken {
		isl.handlers[name] = added
		isl.core.Store(nil)
	}
	isl.mutex.Unlock()
	if isTaken {
		return &Error{
			Code: "name-twice", kind: ErrConfig,
			Message: "the island " + name + " has a handler already: remove one of the two",
		}
	}
	if _, err := isl.native(); err != nil {
		isl.mutex.Lock()
		delete(isl.handlers, name)
		isl.mutex.Unlock()
		return err
	}
	return nil
}

func (isl *Islands) registration(name string) *registration {
	isl.mutex.RLock()
	defer isl.mutex.RUnlock()
	return isl.handlers[name]
}

// startOver answers with an error instead of what was written so far, where that has not gone out.
func startOver(w http.ResponseWriter, text string, status int) {
	for inner := w; inner != nil; {
		if page, ok := inner.(*writer); ok {
			page.startOver()
			break
		}
		unwrapper, ok := inner.(interface{ Unwrap() http.ResponseWriter })
		if !ok {
			break
		}
		inner = unwrapper.Unwrap()
	}
	http.Error(w, text, status)
}

// opened turns a token's content into what a handler gets.
func (isl *Islands) opened(content *native.Opened) (*Island, error) {
	island := &Island{Name: content.Name, Props: content.Props, Expires: expiry(content.Expires), isl: isl}
	if len(content.Slots) > 0 {
		if err := json.Unmarshal(content.Slots, &island.Slots); err != nil {
			return nil, err
		}
	}
	if len(content.Page) > 0 {
		island.Page = &Page{}
		if err := json.Unmarshal(content.Page, island.Page); err != nil {
			return nil, err
		}
	}
	return island, nil
}
