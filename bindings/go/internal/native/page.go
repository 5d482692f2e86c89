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
	var asked unsafe.Pointer
	if exchange != nil {
		if asked, err = exchange.enter(); err != nil {
			return nil, err
		}
		defer exchange.leave()
	}
	made := C.eyotgo_page_new(islands, asked, C.bool(isOuter), stringPointer(path), C.size_t(len(path)), C.uint32_t(flags))
	if err := failed(made.status, made.error); err != nil {
		return nil, err
	}
	page := &Page{}
	hold(page, &page.object, made.object, freePage)
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
	texts := newTexts()
	defer texts.release()
	moment := context.add(texts)
	count := addHeader(texts, header)
	bytes, lens := texts.at()
	// The shell's segments lie in the body until they have been copied. The page does not look at them again.
	var pinner runtime.Pinner
	if len(body) > 0 {
		pinner.Pin(unsafe.SliceData(body))
		defer pinner.Unpin()
	}
	step := C.eyotgo_page_ask(page, what, C.uint32_t(status), bytes, lens, count, moment, C.uint32_t(size),
		C.uint64_t(length), pointer(body), C.size_t(len(body)))
	return readDecision(&step)
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
	texts := newTexts()
	defer texts.release()
	moment := context.add(texts)
	bytes, lens := texts.at()
	// The list of segments points into the chunk until they have been read.
	var pinner runtime.Pinner
	if len(chunk) > 0 {
		pinner.Pin(unsafe.SliceData(chunk))
		defer pinner.Unpin()
	}
	step := C.eyotgo_page_push(page, pointer(chunk), C.size_t(len(chunk)), C.bool(isLast), bytes, lens, moment)
	segments := slices(step.segments, step.segments_len)
	step.segments, step.segments_len = nil, 0
	decision, err := readDecision(&step)
	for at := 0; err == nil && at < len(segments); at++ {
		if segments[at].len > 0 {
			err = out(borrowed(segments[at]))
		}
	}
	return decision, err
}

// readDecision copies what a step said.
func readDecision(step *C.eyotgo_step) (*Decision, error) {
	if err := failed(step.status, step.error); err != nil {
		return nil, err
	}
	read := &Decision{Step: Step(step.step), Coding: text(step.coding), Events: readEvents(step.events, step.events_len)}
	read.Outcome = Outcome{Status: int(step.code), HasBody: bool(step.has_body)}
	for _, edit := range unsafe.Slice(step.edits, int(step.edits_len)) {
		read.Outcome.Edits = append(read.Outcome.Edits, Edit{text(edit.name), text(edit.value), edit.kind == C.EYOT_EDIT_REMOVE})
	}
	if step.has_reply {
		read.Reply = readReply(&step.reply)
	}
	if step.fault != nil {
		read.Fault = readError(C.eyot_error_status(step.fault), step.fault)
	}
	if read.Step == StepShell {
		read.Shell = make([]byte, 0, int(step.shell_len))
	}
	for _, segment := range slices(step.segments, step.segments_len) {
		read.Shell = append(read.Shell, borrowed(segment)...)
	}
	return read, nil
}
