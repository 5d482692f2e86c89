//go:build cgo

// Requests and responses: routing, policies, and what becomes of headers.

package native

/*
#include "glue.h"
*/
import "C"

import (
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

// Reply is a whole answer.
type Reply struct {
	Status                      int
	Header                      []Pair
	Body                        []byte
	Reason, Explanation, Island string
}

func readReply(reply *C.eyotgo_reply) *Reply {
	read := &Reply{
		Status: int(reply.code), Body: append([]byte(nil), borrowed(reply.body)...),
		Reason: text(reply.reason), Explanation: text(reply.explanation), Island: text(reply.island),
	}
	for _, pair := range unsafe.Slice(reply.headers, int(reply.headers_len)) {
		read.Header = append(read.Header, Pair{text(pair.name), text(pair.value)})
	}
	if reply.owned != nil {
		C.eyot_reply_free(reply.owned)
	}
	return read
}

// Request is a request for an island whose token is yet to be opened.
type Request struct {
	object
	Name      string
	BodyLimit int
	// Hidden are the headers that the handler of a shared island must not see.
	Hidden []string
}

// Route tells what a request is: the app's own (all nil), answered by a reply, or a request for an island.
func (i *Islands) Route(head *Head) (*Request, *Reply, error) {
	islands, err := i.enter()
	if err != nil {
		return nil, nil, err
	}
	defer i.leave()
	texts := newTexts()
	defer texts.release()
	count := head.add(texts)
	bytes, lens := texts.at()
	routed := C.eyotgo_route(islands, bytes, lens, count)
	if err := failed(routed.status, routed.error); err != nil {
		return nil, nil, err
	}
	switch routed.route {
	case C.EYOT_ROUTE_REPLY:
		defer C.eyot_request_free(routed.request)
		return nil, readReply(&routed.reply), nil
	case C.EYOT_ROUTE_ISLAND:
		request := &Request{
			Name: text(routed.name), BodyLimit: int(routed.body_limit), Hidden: copies(routed.hidden, routed.hidden_len),
		}
		hold(request, &request.object, unsafe.Pointer(routed.request), freeRequest)
		return request, nil, nil
	}
	return nil, nil, nil
}

// copies returns a list of texts.
func copies(list *C.eyot_slice, count C.size_t) []string {
	var texts []string
	for _, slice := range slices(list, count) {
		texts = append(texts, text(slice))
	}
	return texts
}

// TooLarge is the refusal of a body over the limit.
func (r *Request) TooLarge() (*Reply, error) {
	request, err := r.enter()
	if err != nil {
		return nil, err
	}
	defer r.leave()
	outcome := C.eyotgo_request_too_large(request)
	if err := failed(outcome.status, outcome.error); err != nil {
		return nil, err
	}
	return readReply(&outcome.refusal), nil
}

// Open opens the token; the reply is a refusal.
func (r *Request) Open(body []byte, audience string, now uint64) (*Opened, *Reply, error) {
	request, err := r.enter()
	if err != nil {
		return nil, nil, err
	}
	defer r.leave()
	opened := C.eyotgo_request_open(request, pointer(body), C.size_t(len(body)),
		stringPointer(audience), C.size_t(len(audience)), C.uint64_t(now))
	if err := failed(opened.status, opened.error); err != nil {
		return nil, nil, err
	}
	if opened.status == C.EYOT_REFUSED {
		return nil, readReply(&opened.refusal), nil
	}
	return readOpened(&opened), nil, nil
}

// Edit is one change to headers; without a value the header goes.
type Edit struct {
	Name, Value string
	IsRemoval   bool
}

// Outcome is status and headers to send.
type Outcome struct {
	Status  int
	HasBody bool
	Edits   []Edit
	Leaks   []Finding
	// LeakPage shows the leaks, while debugging.
	LeakPage *Reply
}

// Apply makes the changes.
func (o *Outcome) Apply(header http.Header) {
	for _, edit := range o.Edits {
		if edit.IsRemoval {
			header.Del(edit.Name)
		} else {
			header.Set(edit.Name, edit.Value)
		}
	}
}

func readOutcome(outcome *C.eyotgo_outcome) (*Outcome, error) {
	if err := failed(outcome.status, outcome.error); err != nil {
		return nil, err
	}
	defer C.eyot_outcome_free(outcome.outcome)
	read := &Outcome{
		Status: int(outcome.code), HasBody: bool(outcome.has_body), Leaks: findings(outcome.leaks, outcome.leaks_len),
	}
	read.Edits = readEdits(outcome.edits, outcome.edits_len)
	if outcome.leak_page.owned != nil {
		read.LeakPage = readReply(&outcome.leak_page)
	}
	return read, nil
}

func readEdits(list *C.eyot_edit, count C.size_t) []Edit {
	edits := make([]Edit, 0, int(count))
	for _, edit := range unsafe.Slice(list, int(count)) {
		edits = append(edits, Edit{text(edit.name), text(edit.value), edit.kind == C.EYOT_EDIT_REMOVE})
	}
	return edits
}

// Finish turns what a handler answered into what is sent; the reply is a refusal. `shared` is in seconds, negative
// for an island that is not shared; `body` is the whole body of one that is.
func (r *Request) Finish(
	status int, header http.Header, page, body []byte, shared int64, foreign bool,
) (*Outcome, *Reply, error) {
	request, err := r.enter()
	if err != nil {
		return nil, nil, err
	}
	defer r.leave()
	texts := newTexts()
	defer texts.release()
	count := addHeader(texts, header)
	bytes, lens := texts.at()
	outcome := C.eyotgo_request_finish(request, C.uint32_t(status), bytes, lens, count,
		pointer(page), C.size_t(len(page)), pointer(body), C.size_t(len(body)), C.int64_t(shared), C.bool(foreign))
	if outcome.status == C.EYOT_REFUSED {
		return nil, readReply(&outcome.refusal), nil
	}
	read, err := readOutcome(&outcome)
	return read, nil, err
}

// Uncached is what keeps a response out of every cache.
func Uncached(status int, header http.Header) (*Outcome, error) {
	texts := newTexts()
	defer texts.release()
	count := addHeader(texts, header)
	bytes, lens := texts.at()
	outcome := C.eyotgo_outcome_uncached(C.uint32_t(status), bytes, lens, count)
	return readOutcome(&outcome)
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

// Visit is a request on a route with a policy.
type Visit struct {
	object
	IsFresh bool
	Query   string
	// Hidden are the headers that the app must not see.
	Hidden []string
}

// Visit takes in a request; nil when the policy has nothing to say.
func (p *Policy) Visit(i *Islands, head *Head) (*Visit, error) {
	policy, err := p.enter()
	if err != nil {
		return nil, err
	}
	defer p.leave()
	islands, err := i.enter()
	if err != nil {
		return nil, err
	}
	defer i.leave()
	texts := newTexts()
	defer texts.release()
	count := head.add(texts)
	bytes, lens := texts.at()
	found := C.eyotgo_policy_visit(policy, islands, bytes, lens, count)
	if err := failed(found.status, found.error); err != nil || found.visit == nil {
		return nil, err
	}
	visit := &Visit{
		IsFresh: bool(found.is_fresh), Query: text(found.query), Hidden: copies(found.hidden, found.hidden_len),
	}
	hold(visit, &visit.object, unsafe.Pointer(found.visit), freeVisit)
	return visit, nil
}

// Finish judges the app's response; a streamed one has no body yet.
func (v *Visit) Finish(status int, header http.Header, body []byte, streamed bool) (*Outcome, error) {
	visit, err := v.enter()
	if err != nil {
		return nil, err
	}
	defer v.leave()
	texts := newTexts()
	defer texts.release()
	count := addHeader(texts, header)
	bytes, lens := texts.at()
	outcome := C.eyotgo_visit_finish(visit, C.uint32_t(status), bytes, lens, count,
		pointer(body), C.size_t(len(body)), C.bool(streamed))
	return readOutcome(&outcome)
}
