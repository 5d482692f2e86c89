//go:build cgo

// The way out of a response through a station.

package native

/*
#include "glue.h"
*/
import "C"

import (
	"net/http"
	"runtime"
	"unsafe"
)

// The flags of a page.
const (
	PageDebug   = uint32(C.EYOT_PAGE_DEBUG)
	PageHead    = uint32(C.EYOT_PAGE_HEAD)
	PageUnsplit = uint32(C.EYOT_PAGE_UNSPLIT)
	PageMark    = uint32(C.EYOT_PAGE_MARK)
)

// Mark is the header by which the inner station tells the outer one what it has dealt with, and MarkOfPage its value on pages.
const (
	Mark       = "Eyot-Split"
	MarkOfPage = "1"
)

// What is known of a body's size.
const (
	SizeWhole = uint32(C.EYOT_SIZE_WHOLE)
	SizeKnown = uint32(C.EYOT_SIZE_KNOWN)
	SizeMore  = uint32(C.EYOT_SIZE_MORE)
)

// Step is what to do next with a page.
type Step int

// The steps.
const (
	StepPass    = Step(C.EYOT_STEP_PASS)
	StepCollect = Step(C.EYOT_STEP_COLLECT)
	StepDecode  = Step(C.EYOT_STEP_DECODE)
	StepEdit    = Step(C.EYOT_STEP_EDIT)
	StepShell   = Step(C.EYOT_STEP_SHELL)
	StepReply   = Step(C.EYOT_STEP_REPLY)
	StepStream  = Step(C.EYOT_STEP_STREAM)
	StepEnd     = Step(C.EYOT_STEP_END)
	StepCut     = Step(C.EYOT_STEP_CUT)
)

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

// OnlyMarks tells whether nothing changes but the mark.
func (o *Outcome) OnlyMarks() bool {
	return len(o.Edits) == 1 && o.Edits[0].Name == Mark
}

// Decision is a step with what belongs to it.
type Decision struct {
	Step Step
	// Coding is what to undo.
	Coding string
	// Outcome is what becomes of the head.
	Outcome Outcome
	Shell   []byte
	Reply   *Reply
	// Fault is why a page is cut.
	Fault  *Error
	Events []Event
}

// Page is the way out of one response.
type Page struct{ object }

// NewPage begins one, through the outer station or the inner one. The exchange is nil for the app's own requests; path and
// flags are read for these alone, but for PageUnsplit.
func (i *Islands) NewPage(exchange *Exchange, isOuter bool, path string, flags uint32) (*Page, error) {
	islands, err := i.enter()
	if err != nil {
		return nil, err
	}
	defer i.leave()
	var asked *C.eyot_exchange
	if exchange != nil {
		entered, err := exchange.enter()
		if err != nil {
			return nil, err
		}
		defer exchange.leave()
		asked = (*C.eyot_exchange)(entered)
	}
	paper := newPaper()
	defer paper.release()
	options := C.eyot_page_options{size: C.sizeof_eyot_page_options, flags: C.uint32_t(flags), path: paper.text(path)}
	var made *C.eyot_page
	var failure *C.eyot_error
	status := C.eyotgo_page_new((*C.eyot_islands)(islands), asked, C.bool(isOuter), &options, &made, &failure)
	if err := failed(status, failure); err != nil {
		return nil, err
	}
	page := &Page{}
	hold(page, &page.object, unsafe.Pointer(made), freePage)
	return page, nil
}

// Step asks what to do with a response. `length` counts for SizeKnown alone, body and context for SizeWhole, where the answer
// is what becomes of it, unless it has to be decoded first.
func (p *Page) Step(
	status int, header http.Header, size uint32, length uint64, body []byte, context *Context,
) (*Decision, error) {
	return p.ask(C.EYOTGO_STEP, status, header, context, size, length, body)
}

// Whole decides about a response with its whole body, decoded where it was to be.
func (p *Page) Whole(status int, header http.Header, body []byte, context *Context) (*Decision, error) {
	return p.ask(C.EYOTGO_WHOLE, status, header, context, 0, 0, body)
}

// Undecoded decides about a compressed page that cannot be undone.
func (p *Page) Undecoded(status int, header http.Header) (*Decision, error) {
	return p.ask(C.EYOTGO_UNDECODED, status, header, &Context{}, 0, 0, nil)
}

// Cut tells what there is to say, at the outer station, of a stream that the inner one began and did not end.
func (p *Page) Cut() (*Decision, error) {
	return p.ask(C.EYOTGO_CUT, http.StatusOK, nil, &Context{}, 0, 0, nil)
}

func (p *Page) ask(
	what C.int, status int, header http.Header, context *Context, size uint32, length uint64, body []byte,
) (*Decision, error) {
	page, err := p.enterAlone()
	if err != nil {
		return nil, err
	}
	defer p.leaveAlone()
	paper := newPaper()
	defer paper.release()
	// The shell's segments lie in the body until they have been copied. The page does not look at them again.
	var pinner runtime.Pinner
	defer pinner.Unpin()
	given := context.written(paper)
	response := answered(paper, status, header, body, &pinner)
	var step C.eyotgo_step
	var failure *C.eyot_error
	asked := C.eyotgo_page_ask((*C.eyot_page)(page), what, &response, C.uint32_t(size), C.uint64_t(length), &given, &step,
		&failure)
	if err := failed(asked, failure); err != nil {
		return nil, err
	}
	decision := readDecision(&step)
	if decision.Step == StepShell {
		decision.Shell = joined(make([]byte, 0, int(step.shell_len)), step.segments, step.segments_len)
	}
	return decision, nil
}

// Push takes the next chunk of a page that goes out as it comes, or ends it with `isLast`, and hands what can go out to
// `out`, piece by piece, until that fails. A piece lies in the chunk or belongs to the page: `out` must not keep it, and
// must not call the page. The decision comes with an error of `out`, too.
func (p *Page) Push(chunk []byte, isLast bool, context *Context, out func([]byte) error) (*Decision, error) {
	page, err := p.enterAlone()
	if err != nil {
		return nil, err
	}
	defer p.leaveAlone()
	paper := newPaper()
	defer paper.release()
	// The list of segments points into the chunk until they have been read.
	var pinner runtime.Pinner
	pinned(chunk, &pinner)
	defer pinner.Unpin()
	given := context.written(paper)
	var step C.eyotgo_step
	var failure *C.eyot_error
	status := C.eyotgo_page_push((*C.eyot_page)(page), (*C.uint8_t)(pointer(chunk)), C.size_t(len(chunk)), C.bool(isLast), &given,
		&step, &failure)
	if err := failed(status, failure); err != nil {
		return nil, err
	}
	return readDecision(&step), handed(unsafe.Slice(step.segments, int(step.segments_len)), out)
}

// readDecision copies what a step said, but for segments.
func readDecision(step *C.eyotgo_step) *Decision {
	read := &Decision{Step: Step(step.step), Coding: text(step.coding), Events: readEvents(step.events, step.events_len)}
	read.Outcome = Outcome{Status: int(step.status), HasBody: bool(step.has_body)}
	for _, edit := range unsafe.Slice(step.edits, int(step.edits_len)) {
		read.Outcome.Edits = append(read.Outcome.Edits, Edit{text(edit.name), text(edit.value), edit.kind == C.EYOT_EDIT_REMOVE})
	}
	if step.reply != nil {
		read.Reply = readReply(step.reply)
	}
	if step.fault != nil {
		read.Fault = readError(step.fault)
	}
	return read
}
