// What core has to say: the log, the hook, and answers of eyot's own.

package eyot

import (
	"fmt"
	"net/http"
	"strings"

	"github.com/eyot-dev/eyot/bindings/go/internal/native"
)

// Refusal is why a request below the prefix was not answered. It holds nothing of a token.
type Refusal struct {
	// Reason is a stable code, such as token-expired; Explanation the same in words.
	Reason, Explanation string
	// Island is the one that was asked for, once its name is known to be one.
	Island string
	// Status is what the client gets.
	Status int
}

// log writes an event, and calls the hook for a refusal.
func (isl *Islands) log(r *http.Request, event native.Event) {
	attributes := []any{"code", event.Code, "path", event.Path}
	message := event.Message
	if event.Status != 0 {
		attributes = append(attributes, "island", event.Island, "status", event.Status)
		message = "refused: " + message
	}
	isl.logger().Log(r.Context(), event.Level, message, attributes...)
	if event.Status != 0 && isl.config.OnRefusal != nil {
		isl.tell(r, Refusal{event.Code, event.Message, event.Island, event.Status})
	}
}

// tell calls the hook. One that panics changes no answer.
func (isl *Islands) tell(r *http.Request, refusal Refusal) {
	defer func() {
		if thrown := recover(); thrown != nil {
			isl.logger().ErrorContext(r.Context(), "Config.OnRefusal panicked, and the refusal stays as it is",
				"panic", fmt.Sprint(thrown), "code", refusal.Reason)
		}
	}()
	isl.config.OnRefusal(r, refusal)
}

// reply sends a whole answer, and logs it.
func (isl *Islands) reply(w http.ResponseWriter, r *http.Request, reply *native.Reply) {
	for _, pair := range reply.Header {
		w.Header().Set(pair.Name, pair.Value)
	}
	for _, event := range reply.Events {
		isl.log(r, event)
	}
	w.WriteHeader(reply.Status)
	if len(reply.Body) > 0 && r.Method != http.MethodHead {
		_, _ = w.Write(reply.Body)
	}
}

// failed is the answer where eyot itself has none.
var failed = &native.Reply{
	Status: http.StatusInternalServerError, Body: []byte("internal server error\n"),
	Header: []native.Pair{{Name: "Content-Type", Value: "text/plain; charset=utf-8"}, {Name: "Cache-Control", Value: "no-store"}},
}

// fail answers a request that eyot itself cannot serve.
func (isl *Islands) fail(w http.ResponseWriter, r *http.Request, err error) {
	isl.logFailure(r, err)
	isl.reply(w, r, failed)
}

func (isl *Islands) logFailure(r *http.Request, err error) {
	path := r.URL.Path
	if at := strings.Index(path, isl.Pattern()); at >= 0 {
		// What follows may be a token.
		path = path[:at+len(isl.Pattern())]
	}
	isl.logger().ErrorContext(r.Context(), "a request was not served", "error", wrapped(err), "path", path)
}
