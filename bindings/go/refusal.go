// Requests below the prefix that are refused: the log, the hook, and what the client gets.

package eyot

import (
	"fmt"
	"log/slog"
	"net/http"
	"strconv"

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

// report logs a refusal, and calls the hook.
func (isl *Islands) report(r *http.Request, refusal Refusal) {
	// What clients send is their business, unless somebody is looking for a mistake; what a handler did wrong is the
	// app's.
	level := slog.LevelInfo
	switch {
	case refusal.Status >= 500:
		level = slog.LevelError
	case isl.config.Debug:
		level = slog.LevelWarn
	}
	isl.logger().Log(r.Context(), level, "an island was refused: "+refusal.Explanation,
		"reason", refusal.Reason, "island", refusal.Island, "status", refusal.Status)
	if isl.config.OnRefusal != nil {
		isl.tell(r, refusal)
	}
}

// tell calls the hook. One that panics changes no answer.
func (isl *Islands) tell(r *http.Request, refusal Refusal) {
	defer func() {
		if thrown := recover(); thrown != nil {
			isl.logger().ErrorContext(r.Context(), "Config.OnRefusal panicked, and the refusal stays as it is",
				"panic", fmt.Sprint(thrown), "reason", refusal.Reason)
		}
	}()
	isl.config.OnRefusal(r, refusal)
}

// reply sends a whole answer, and reports a refusal.
func (isl *Islands) reply(w http.ResponseWriter, r *http.Request, reply *native.Reply) {
	for _, pair := range reply.Header {
		w.Header().Set(pair.Name, pair.Value)
	}
	body := reply.Body
	if reply.Reason != "" {
		refusal := Refusal{reply.Reason, reply.Explanation, reply.Island, reply.Status}
		isl.report(r, refusal)
		if isl.config.Debug {
			body = []byte(refusal.shown() + "\n")
			w.Header().Set("Content-Length", strconv.Itoa(len(body)))
		}
	}
	w.WriteHeader(reply.Status)
	if len(body) > 0 && r.Method != http.MethodHead {
		_, _ = w.Write(body)
	}
}

// shown is what the client gets while debugging.
func (r Refusal) shown() string {
	return fmt.Sprintf("refused: %s (%s)", r.Explanation, r.Reason)
}

// misfit answers for a token whose props are not those of the handler.
func (isl *Islands) misfit(w http.ResponseWriter, r *http.Request, refusal Refusal) {
	isl.report(r, refusal)
	text := "bad request"
	if isl.config.Debug {
		text = refusal.shown()
	}
	http.Error(w, text, refusal.Status)
}
