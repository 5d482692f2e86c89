// The head of a response, held back until it is known what becomes of it.

package eyot

import (
	"bufio"
	"context"
	"maps"
	"net"
	"net/http"
	"strings"

	"github.com/eyot-dev/eyot/bindings/go/internal/native"
)

// head is what a handler says of its response before its body.
type head struct {
	next    http.ResponseWriter
	request *http.Request
	// What layers further out had said already, which an answer that takes this one's place keeps.
	base http.Header
	// What was said by the first WriteHeader; later changes of the header do not count, as in net/http.
	header     http.Header
	status     int
	isWritten  bool
	isHijacked bool
}

func newHead(w http.ResponseWriter, r *http.Request) head {
	made := head{next: w, request: r}
	if said := w.Header(); len(said) > 0 {
		made.base = maps.Clone(said)
	}
	return made
}

// instead forgets what was said, for an answer of eyot's own.
func (h *head) instead(reply *native.Reply) {
	h.status, h.header = reply.Status, http.Header{}
	maps.Copy(h.header, h.base)
	for _, pair := range reply.Header {
		h.header.Set(pair.Name, pair.Value)
	}
}

// startAgain forgets all that was said.
func (h *head) startAgain() {
	clear(h.next.Header())
	maps.Copy(h.next.Header(), h.base)
	h.isWritten = false
}

// Header is the header map of the writer below.
func (h *head) Header() http.Header { return h.next.Header() }

// Unwrap is for http.ResponseController: deadlines and full duplex are the connection's.
func (h *head) Unwrap() http.ResponseWriter { return h.next }

// note keeps what WriteHeader said.
func (h *head) note(status int) {
	h.isWritten, h.status, h.header = true, status, h.next.Header().Clone()
	if h.header == nil {
		h.header = http.Header{}
	}
}

// send hands the head on as it was noted and changed since. Trailers that have been set in the meantime follow the
// body.
func (h *head) send() {
	header, trailers := h.next.Header(), http.Header{}
	for name, values := range header {
		if strings.HasPrefix(name, http.TrailerPrefix) || h.isTrailer(name) {
			trailers[name] = values
		}
	}
	clear(header)
	maps.Copy(header, h.header)
	h.next.WriteHeader(h.status)
	maps.Copy(header, trailers)
}

// hasLength tells whether the head may tell the length of a body that is there as a whole.
func (h *head) hasLength() bool {
	return h.header.Get("Transfer-Encoding") == "" && h.header.Get("Trailer") == ""
}

func (h *head) isTrailer(name string) bool {
	for _, list := range h.header["Trailer"] {
		for trailer := range strings.SplitSeq(list, ",") {
			if http.CanonicalHeaderKey(strings.TrimSpace(trailer)) == name {
				return true
			}
		}
	}
	return false
}

// typed says what the body is where the handler did not, by the rule of net/http, which would do it later.
func (h *head) typed(body []byte) {
	_, isSaid := h.header["Content-Type"]
	encoded := h.header.Get("Content-Encoding") != "" || h.header.Get("Transfer-Encoding") != ""
	if !isSaid && !encoded && len(body) > 0 && hasBody(h.status) {
		h.header.Set("Content-Type", http.DetectContentType(body))
	}
}

// Hijack hands the connection to the handler, after which nothing is written here.
func (h *head) Hijack() (net.Conn, *bufio.ReadWriter, error) {
	connection, buffer, err := http.NewResponseController(h.next).Hijack()
	if err == nil {
		h.isHijacked = true
	}
	return connection, buffer, err
}

// CloseNotify is what gin's Stream asks for.
func (h *head) CloseNotify() <-chan bool {
	closed := make(chan bool, 1)
	context.AfterFunc(h.request.Context(), func() { closed <- true })
	return closed
}

func hasBody(status int) bool {
	return status >= 200 && status != http.StatusNoContent && status != http.StatusNotModified
}
