//go:build cgo

// The way in: what requests are, policies, and exchanges between their way in and their way out.

package native

/*
#include "glue.h"
*/
import "C"

import (
	"log/slog"
	"net/http"
	"unsafe"
)

// Head is a request without its body.
type Head struct {
	Method, Target, Mount, Host string
	Header                      http.Header
}

// headers writes names and values, after as many pairs as are given.
func (p *paper) headers(header http.Header, before ...C.eyot_pair) (*C.eyot_pair, C.size_t) {
	count := len(before)
	for _, values := range header {
		count += len(values)
	}
	at, pairs := p.pairs(count)
	next := copy(pairs, before)
	for name, values := range header {
		for _, value := range values {
			pairs[next] = p.pair(name, value)
			next++
		}
	}
	return at, C.size_t(count)
}

// Event is one line for the log; with a status where a request was refused.
type Event struct {
	Level                       slog.Level
	Code, Path, Message, Island string
	Status                      int
	Line, Column                int
}

var levels = map[C.eyot_level]slog.Level{
	C.EYOT_LEVEL_INFO: slog.LevelInfo, C.EYOT_LEVEL_WARNING: slog.LevelWarn, C.EYOT_LEVEL_ERROR: slog.LevelError,
}

func readEvents(list *C.eyot_event, count C.size_t) []Event {
	var events []Event
	for _, event := range unsafe.Slice(list, int(count)) {
		events = append(events, Event{
			Level: levels[event.level], Code: text(event.code), Path: text(event.path), Message: text(event.message),
			Island: text(event.island), Status: int(event.status), Line: int(event.line), Column: int(event.column),
		})
	}
	return events
}

// Reply is a whole answer.
type Reply struct {
	Status int
	Header []Pair
	Body   []byte
	// Events are what is to be logged of it.
	Events []Event
}

// readReply copies a reply.
func readReply(reply *C.eyot_reply) *Reply {
	var parts C.eyotgo_reply
	C.eyotgo_read_reply(reply, &parts)
	read := &Reply{Status: int(parts.status), Body: append([]byte(nil), borrowed(parts.body)...)}
	if parts.event != nil {
		read.Events = readEvents(parts.event, 1)
	}
	for _, pair := range unsafe.Slice(parts.headers, int(parts.headers_len)) {
		read.Header = append(read.Header, Pair{text(pair.name), text(pair.value)})
	}
	return read
}

// takeReply copies a reply, and frees it; nil stays nil.
func takeReply(reply *C.eyot_reply) *Reply {
	if reply == nil {
		return nil
	}
	defer C.eyot_reply_free(reply)
	return readReply(reply)
}

// Exchange is a request for an island, or for a page with a policy, until its response has left.
type Exchange struct {
	object
	// Island is the name of the one that is asked for; empty of a page.
	Island string
	// Method is what the app sees.
	Method    string
	BodyLimit int
	// Query is what the app sees in place of the one that came, where HasQuery says so.
	HasQuery bool
	Query    string
	// Hidden are the headers that the app must not see.
	Hidden []string
	// Life is how long caches keep the page.
	Life uint32
	// How many names there may be to hide.
	room int
}

// Arrive tells what a request is: an exchange, answered by a reply, or the app's own, with what is to be logged. The policy is
// nil for a route that has none. `visitor` names what says already who the visitor is; empty where nothing does.
func (i *Islands) Arrive(head *Head, policy *Route, visitor string) (*Exchange, *Reply, []Event, error) {
	islands, err := i.enter()
	if err != nil {
		return nil, nil, nil, err
	}
	defer i.leave()
	var route *C.eyot_policy
	var life uint32
	if policy != nil {
		// Its table lives as long as the outer station.
		route, life = policy.policy, policy.Life
	}
	paper := newPaper()
	defer paper.release()
	given := C.eyot_head{
		size: C.sizeof_eyot_head, method: paper.text(head.Method), target: paper.text(head.Target), mount: paper.text(head.Mount),
	}
	given.headers, given.headers_len = paper.headers(head.Header, paper.pair("Host", head.Host))
	var arrived *C.eyot_exchange
	var failure *C.eyot_error
	status := C.eyot_islands_arrive((*C.eyot_islands)(islands), &given, route, stringPointer(visitor), C.size_t(len(visitor)),
		&arrived, &failure)
	if err := failed(status, failure); err != nil || arrived == nil {
		return nil, nil, nil, err
	}
	// It names none that did not come, and each for two reasons at most.
	hidden := make([]C.eyot_slice, 2*given.headers_len)
	var parts C.eyotgo_exchange
	C.eyotgo_read_exchange(arrived, &parts, unsafe.SliceData(hidden), C.size_t(len(hidden)))
	if parts.arrival == C.EYOT_ARRIVAL_ISLAND || parts.arrival == C.EYOT_ARRIVAL_PAGE {
		exchange := &Exchange{
			Island: text(parts.name), Method: text(parts.method), BodyLimit: int(parts.body_limit),
			HasQuery: bool(parts.has_query), Query: text(parts.query),
			Hidden: copies(hidden[:parts.hidden_len]), Life: life, room: len(hidden),
		}
		hold(exchange, &exchange.object, unsafe.Pointer(arrived), freeExchange)
		return exchange, nil, nil, nil
	}
	defer C.eyot_exchange_free(arrived)
	if parts.reply != nil {
		return nil, readReply(parts.reply), nil, nil
	}
	return nil, nil, readEvents(parts.event, 1), nil
}

func copies(slices []C.eyot_slice) []string {
	var texts []string
	for _, slice := range slices {
		texts = append(texts, text(slice))
	}
	return texts
}

// Share says that the island is the same for everybody, for so many seconds. Then more is hidden.
func (e *Exchange) Share(seconds uint32) error {
	exchange, err := e.enter()
	if err != nil {
		return err
	}
	defer e.leave()
	core, hidden := (*C.eyot_exchange)(exchange), make([]C.eyot_slice, e.room)
	C.eyot_exchange_share(core, C.uint32_t(seconds))
	e.Hidden = copies(hidden[:C.eyotgo_hidden(core, unsafe.SliceData(hidden), C.size_t(e.room))])
	return nil
}

// TakeBody takes the body that was read, and returns the path that the app sees, with its token; or a refusal.
func (e *Exchange) TakeBody(body []byte) (string, *Reply, error) {
	exchange, err := e.enter()
	if err != nil {
		return "", nil, err
	}
	defer e.leave()
	core := (*C.eyot_exchange)(exchange)
	var refusal *C.eyot_reply
	var failure *C.eyot_error
	status := C.eyot_exchange_take_body(core, pointer(body), C.size_t(len(body)), &refusal, &failure)
	if err := failed(status, failure); err != nil || refusal != nil {
		return "", takeReply(refusal), err
	}
	var path C.eyot_slice
	C.eyot_exchange_path(core, &path)
	return text(path), nil, nil
}

// Open opens the token; the reply is a refusal, which the outer station logs.
func (e *Exchange) Open(audience string, now uint64) (*Opened, *Reply, error) {
	exchange, err := e.enter()
	if err != nil {
		return nil, nil, err
	}
	defer e.leave()
	var opened *C.eyot_opened
	var refusal *C.eyot_reply
	var failure *C.eyot_error
	status := C.eyot_exchange_open((*C.eyot_exchange)(exchange), stringPointer(audience), C.size_t(len(audience)),
		C.uint64_t(now), &opened, &refusal, &failure)
	if err := failed(status, failure); err != nil || refusal != nil {
		return nil, takeReply(refusal), err
	}
	return readOpened(opened), nil, nil
}

// Misfit says why the island's props do not fit its handler, and returns what to answer. The outer station logs it.
func (e *Exchange) Misfit(why string) (*Reply, error) {
	exchange, err := e.enter()
	if err != nil {
		return nil, err
	}
	defer e.leave()
	var reply *C.eyot_reply
	var failure *C.eyot_error
	status := C.eyot_exchange_misfit((*C.eyot_exchange)(exchange), stringPointer(why), C.size_t(len(why)), &reply, &failure)
	if err := failed(status, failure); err != nil {
		return nil, err
	}
	return takeReply(reply), nil
}
