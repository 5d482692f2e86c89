// Pages that are split as they come.

package eyot

import (
	"bytes"
	"errors"
	"io"
	"net/http"

	"github.com/eyot-dev/eyot/bindings/go/internal/native"
)

// stream splits one page as it comes.
//
// Under a policy its head has told caches to keep the page, so the first problem ends it. What ends a page is an error,
// after which the connection is cut; while debugging the page ends with the problem instead, unless it must be sound.
type stream struct {
	page     *pageWriter
	splitter *native.Splitter
	// Small writes, which templates make many of, cross to C together.
	pending bytes.Buffer
	// The whole shell, for the audit while debugging.
	sent   bytes.Buffer
	isOver bool
	fault  error
}

func newStream(page *pageWriter, core *native.Islands) (*stream, error) {
	isStrict := page.isl.config.Debug || page.station.mustBeSound()
	splitter, err := core.NewSplitter(!isStrict, page.isl.context(page.request, page.station))
	if err != nil {
		return nil, wrapped(err)
	}
	return &stream{page: page, splitter: splitter}, nil
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

// flush splits what has been written.
func (s *stream) flush() error {
	err := s.push(s.pending.Bytes(), false)
	s.pending.Reset()
	return err
}

// finish ends the page, and says whether the connection must be cut.
func (s *stream) finish() error {
	defer s.splitter.Close()
	if s.flush() != nil || s.push(nil, true) != nil || s.isOver {
		// A client that has gone needs no cutting.
		return s.fault
	}
	s.page.log(s.splitter.Problems())
	if s.page.isl.config.Debug {
		s.page.warn(s.splitter.Diagnostics(), s.sent.Bytes())
	}
	return nil
}

func (s *stream) push(body []byte, isLast bool) error {
	if s.isOver || s.fault != nil {
		return s.fault
	}
	err := s.splitter.Push(body, isLast, func(segment []byte) error {
		if s.page.isl.config.Debug {
			s.sent.Write(segment)
		}
		_, err := s.page.next.Write(segment)
		return err
	})
	var failed *Error
	if err == nil || !errors.As(wrapped(err), &failed) {
		// A client that has gone is no fault of the page.
		return err
	}
	return s.stop(failed)
}

func (s *stream) stop(failed *Error) error {
	s.isOver = true
	s.page.log(s.splitter.Problems())
	s.page.isl.logger().ErrorContext(s.page.request.Context(), "a page ended early: "+failed.Message, "code", failed.Code,
		"path", s.page.request.URL.Path, "line", failed.Line, "column", failed.Column)
	if s.page.isl.config.Debug && !s.page.station.mustBeSound() {
		_, err := io.WriteString(s.page.next, markupBlock(failed))
		return err
	}
	s.fault = failed
	_ = http.NewResponseController(s.page.next).Flush()
	return failed
}
