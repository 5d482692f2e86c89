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

func (h *Head) add(texts *Texts) C.size_t {
	texts.Add(h.Method, h.Target, h.Mount, "Host", h.Host)
	return 1 + addHeader(texts, h.Header)
}

func addHeader(texts *Texts, header http.Header) C.size_t {
	var count C.size_t
	for name, values := range header {
		for _, value := range values {
			texts.Add(name, value)
			count++
		}
	}
	return count
}

// Event is one line for the log; with a status where a request was refused.
type Event struct {
	Level                       slog.Level
	Code, Path, Message, Island string
	Status                      int
}

var levels = map[C.eyot_level]slog.Level{
	C.EYOT_LEVEL_INFO: slog.LevelInfo, C.EYOT_LEVEL_WARNING: slog.LevelWarn, C.EYOT_LEVEL_ERROR: slog.LevelError,
}

func readEvents(list *C.eyot_event, count C.size_t) []Event {
	var events []Event
	for _, event := range unsafe.Slice(list, int(count)) {
		events = append(events, Event{
			Level: levels[event.level], Code: text(event.code), Path: text(event.path), Message: text(event.message),
			Island: text(event.island), Status: int(event.status),
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

func readReply(reply *C.eyotgo_reply) *Reply {
	read := &Reply{Status: int(reply.code), Body: append([]byte(nil), borrowed(reply.body)...)}
	if reply.event != nil {
		read.Events = readEvents(reply.event, 1)
	}
	for _, pair := range unsafe.Slice(reply.headers, int(reply.headers_len)) {
		read.Header = append(read.Header, Pair{text(pair.name), text(pair.value)})
	}
	if reply.owned != nil {
		C.eyot_reply_free(reply.owned)
	}
	return read
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
	room C.size_t
}

// Arrive tells what a request is: an exchange, answered by a reply, or the app's own, with what is to be logged. The policy is
// nil for a route that has none. `visitor` names what says already who the visitor is; empty where nothing does.
func (i *Islands) Arrive(head *Head, policy *Policy, visitor string) (*Exchange, *Reply, []Event, error) {
	islands, err := i.enter()
	if err != nil {
		return nil, nil, nil, err
	}
	defer i.leave()
	var route unsafe.Pointer
	var life uint32
	if policy != nil {
		if route, err = policy.enter(); err != nil {
			return nil, nil, nil, err
		}
		defer policy.leave()
		life = policy.Life
	}
	texts := newTexts()
	defer texts.release()
	texts.Add(visitor)
	count := head.add(texts)
	hidden := make([]C.eyot_slice, 2*count)
	bytes, lens := texts.at()
	arrived := C.eyotgo_arrive(islands, route, bytes, lens, count, unsafe.SliceData(hidden))
	if err := failed(arrived.status, arrived.error); err != nil || arrived.exchange == nil {
		return nil, nil, nil, err
	}
	switch arrived.arrival {
	case C.EYOT_ARRIVAL_ISLAND, C.EYOT_ARRIVAL_PAGE:
		exchange := &Exchange{
			Island: text(arrived.name), Method: text(arrived.method), BodyLimit: int(arrived.body_limit),
			HasQuery: bool(arrived.has_query), Query: text(arrived.query),
			Hidden: copies(hidden[:arrived.hidden_len]), Life: life, room: 2 * count,
		}
		hold(exchange, &exchange.object, unsafe.Pointer(arrived.exchange), freeExchange)
		return exchange, nil, nil, nil
	case C.EYOT_ARRIVAL_REPLY:
		defer C.eyot_exchange_free(arrived.exchange)
		return nil, readReply(&arrived.reply), nil, nil
	}
	defer C.eyot_exchange_free(arrived.exchange)
	return nil, nil, readEvents(arrived.event, 1), nil
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
	hidden := make([]C.eyot_slice, e.room)
	e.Hidden = copies(hidden[:C.eyotgo_share(exchange, C.uint32_t(seconds), unsafe.SliceData(hidden), e.room)])
	return nil
}

// TakeBody takes the body that was read, and returns the path that the app sees, with its token; or a refusal.
func (e *Exchange) TakeBody(body []byte) (string, *Reply, error) {
	exchange, err := e.enter()
	if err != nil {
		return "", nil, err
	}
	defer e.leave()
	answered := C.eyotgo_take_body(exchange, pointer(body), C.size_t(len(body)))
	if answered.status == C.EYOT_REFUSED {
		return "", readReply(&answered.reply), nil
	}
	return text(answered.path), nil, failed(answered.status, answered.error)
}

// Open opens the token; the reply is a refusal, which the outer station logs.
func (e *Exchange) Open(audience string, now uint64) (*Opened, *Reply, error) {
	exchange, err := e.enter()
	if err != nil {
		return nil, nil, err
	}
	defer e.leave()
	opened := C.eyotgo_open(exchange, stringPointer(audience), C.size_t(len(audience)), C.uint64_t(now))
	if err := failed(opened.status, opened.error); err != nil {
		return nil, nil, err
	}
	if opened.status == C.EYOT_REFUSED {
		return nil, readReply(&opened.refusal), nil
	}
	return readOpened(&opened), nil, nil
}

// Misfit says why the island's props do not fit its handler, and returns what to answer. The outer station logs it.
func (e *Exchange) Misfit(why string) (*Reply, error) {
	exchange, err := e.enter()
	if err != nil {
		return nil, err
	}
	defer e.leave()
	answered := C.eyotgo_misfit(exchange, stringPointer(why), C.size_t(len(why)))
	if err := failed(answered.status, answered.error); err != nil {
		return nil, err
	}
	return readReply(&answered.reply), nil
}

// The flags of a policy.
const (
	PolicyCookies = uint32(C.EYOT_POLICY_COOKIES)
	PolicyStream  = uint32(C.EYOT_POLICY_STREAM)
)

// Policy is a route's policy.
type Policy struct {
	object
	Life uint32
}

// NewPolicy checks a policy; times are in seconds.
func NewPolicy(browser, cdn, swr, sie, flags uint32) (*Policy, error) {
	made := C.eyotgo_policy_new(C.uint32_t(browser), C.uint32_t(cdn), C.uint32_t(swr), C.uint32_t(sie), C.uint32_t(flags))
	if err := failed(made.status, made.error); err != nil {
		return nil, err
	}
	policy := &Policy{Life: uint32(C.eyot_policy_life((*C.eyot_policy)(made.object)))}
	hold(policy, &policy.object, made.object, freePolicy)
	return policy, nil
}
