// Pages that go out as they come.

package eyot

import (
	"bytes"
	"net/http"

	"github.com/eyot-dev/eyot/bindings/go/internal/native"
)

// stream gives one page to core as it comes, and sends what comes back.
type stream struct {
	page    *writer
	context *native.Context
	// Small writes, which templates make many of, cross to C together.
	pending bytes.Buffer
	// Whether the page has ended, whatever the handler still writes.
	isOver bool
	// Why the connection is to be cut.
	fault error
}

// What is collected of small writes before it crosses to C.
const chunk = 4 << 10

func newStream(page *writer) *stream {
	if !page.isOuter {
		page.isOpen.Store(true)
	}
	return &stream{page: page, context: page.isl.context(page.request, page.station, page.isOuter)}
}

// Write takes the next part of the page.
func (s *stream) Write(body []byte) (int, error) {
	if s.fault != nil {
		return 0, s.fault
	}
	if s.pending.Len() == 0 && len(body) >= chunk {
		return len(body), s.push(body, false)
	}
	s.pending.Write(body)
	if s.pending.Len() >= chunk {
		return len(body), s.flush()
	}
	return len(body), nil
}

// flush gives core what has been written.
func (s *stream) flush() error {
	if s.pending.Len() == 0 {
		return s.fault
	}
	err := s.push(s.pending.Bytes(), false)
	s.pending.Reset()
	return err
}

// finish ends the page, and says whether the connection must be cut. A client that has gone needs no cutting.
func (s *stream) finish() error {
	if s.flush() == nil {
		_ = s.push(nil, true)
	}
	return s.fault
}

func (s *stream) push(body []byte, isLast bool) error {
	if s.isOver {
		return s.fault
	}
	decision, err := s.page.page.Push(body, isLast, s.context, func(segment []byte) error {
		_, err := s.page.next.Write(segment)
		return err
	})
	if decision == nil {
		s.isOver, s.fault = true, wrapped(err)
		return s.fault
	}
	s.page.tell(decision.Events)
	s.isOver = decision.Step != native.StepStream
	if decision.Step == native.StepEnd && !s.page.isOuter {
		s.page.isOpen.Store(false)
	}
	if decision.Step == native.StepCut {
		s.fault = wrapped(decision.Fault)
		_ = http.NewResponseController(s.page.next).Flush()
		return s.fault
	}
	return err
}
