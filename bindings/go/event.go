// What there is to say: events, the log, the hook, and answers of eyot's own.

package eyot

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"strings"
	"time"

	"github.com/eyot-dev/eyot/bindings/go/internal/native"
)

// Event is something that has happened and is logged: a refused request, a page that cannot be split, a leak, new keys, a slow
// handler. It holds nothing of a token, and no prop's value.
type Event struct {
	Level slog.Level
	// Code is stable, such as token-expired; Message says the same in words.
	Code, Message string
	// Path is that of the request, without a token; empty where the event belongs to none.
	Path string
	// Island is the one that it is about, once its name is known to be one.
	Island string
	// Status is what the client gets, where a request was refused.
	Status int
	// Place is where in the page, as line:column; empty where the event has no place there.
	Place string
	// Elapsed is how long it took, where that is what the event is about.
	Elapsed time.Duration
}

// LogValue is the event as a group of slog's; what it does not have is not in it.
func (e Event) LogValue() slog.Value { return slog.GroupValue(e.attributes()...) }

func (e Event) attributes() []slog.Attr {
	attributes := []slog.Attr{slog.String("code", e.Code)}
	if e.Path != "" {
		attributes = append(attributes, slog.String("path", e.Path))
	}
	if e.Island != "" {
		attributes = append(attributes, slog.String("island", e.Island))
	}
	if e.Place != "" {
		attributes = append(attributes, slog.String("place", e.Place))
	}
	if e.Status != 0 {
		attributes = append(attributes, slog.Int("status", e.Status))
	}
	if e.Elapsed != 0 {
		attributes = append(attributes, slog.Int64("ms", e.Elapsed.Milliseconds()))
	}
	return attributes
}

// log writes an event, and calls the hook.
func (isl *Islands) log(ctx context.Context, event Event) {
	message := event.Message
	if event.Status != 0 {
		message = "refused: " + message
	}
	isl.logger().LogAttrs(ctx, event.Level, message, event.attributes()...)
	if isl.config.OnEvent == nil {
		return
	}
	// One that panics changes no answer.
	defer func() {
		if thrown := recover(); thrown != nil {
			isl.logger().ErrorContext(ctx, "Config.OnEvent panicked, which changes nothing", "panic", fmt.Sprint(thrown),
				"code", event.Code)
		}
	}()
	isl.config.OnEvent(ctx, event)
}

// tell logs what core has to say.
func (isl *Islands) tell(ctx context.Context, events []native.Event) {
	for _, event := range events {
		place := ""
		if event.Line > 0 {
			place = fmt.Sprintf("%d:%d", event.Line, event.Column)
		}
		isl.log(ctx, Event{
			Level: event.Level, Code: event.Code, Message: event.Message, Path: event.Path, Island: event.Island,
			Status: event.Status, Place: place,
		})
	}
}

// reply sends a whole answer, and logs it.
func (isl *Islands) reply(w http.ResponseWriter, r *http.Request, reply *native.Reply) {
	for _, pair := range reply.Header {
		w.Header().Set(pair.Name, pair.Value)
	}
	isl.tell(r.Context(), reply.Events)
	w.WriteHeader(reply.Status)
	if len(reply.Body) > 0 && r.Method != http.MethodHead {
		_, _ = w.Write(reply.Body)
	}
}

// fail answers a request that eyot itself cannot serve.
func (isl *Islands) fail(w http.ResponseWriter, r *http.Request, err error) {
	isl.logFailure(r, err)
	isl.reply(w, r, isl.failed(err))
}

// failed is the answer where eyot itself has none. It says why while debugging.
func (isl *Islands) failed(err error) *native.Reply {
	why := "internal server error"
	if isl.config.Debug {
		why = wrapped(err).Error()
	}
	return &native.Reply{Status: http.StatusInternalServerError, Body: []byte(why + "\n"), Header: []native.Pair{
		{Name: "Content-Type", Value: "text/plain; charset=utf-8"}, {Name: "Cache-Control", Value: "no-store"},
	}}
}

func (isl *Islands) logFailure(r *http.Request, err error) {
	isl.log(r.Context(), Event{
		Level: slog.LevelError, Code: codeOf(err), Path: isl.pathOf(r),
		Message: "a request was not served: " + wrapped(err).Error(),
	})
}

func codeOf(err error) string {
	var failed *Error
	if errors.As(wrapped(err), &failed) {
		return failed.Code
	}
	return "not-served"
}

// pathOf is a request's path for the log, without what may be a token.
func (isl *Islands) pathOf(r *http.Request) string {
	path := r.URL.Path
	if at := strings.Index(path, isl.Pattern()); at >= 0 {
		path = path[:at+len(isl.Pattern())]
	}
	return path
}
