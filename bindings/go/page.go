// The writer of the inner station: whole pages, their problems, and what is no page.

package eyot

import (
	"bytes"
	"errors"
	"io"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"

	"github.com/eyot-dev/eyot/bindings/go/internal/native"
)

// pageWriter is the inner station's: it splits HTML and lets everything else pass. A page is held back and split as a
// whole, unless the handler flushes: from then on it is split as it comes.
type pageWriter struct {
	head
	isl     *Islands
	station *station
	mode    mode
	buffer  *bytes.Buffer
	stream  *stream
	// Whether the body is text that is not split.
	isText bool
	// Called with the head that goes out.
	onHead func(*head)
}

type mode int

const (
	// Held back: the type is not known yet, or the page is to be split as a whole.
	undecided mode = iota
	holding
	// On its way: split as it comes, or passed on.
	streaming
	passing
	// A part of a page, of which nothing goes out.
	dropping
)

// What net/http looks at to tell a type, and what a streamed page is collected into before it is split.
const (
	sniffed = 512
	chunk   = 4 << 10
)

var buffers = sync.Pool{New: func() any { return new(bytes.Buffer) }}

const mostBuffered = 1 << 20

// How much of a text that is not split is looked at for directives; a longer one passes.
const mostText = 64 << 10

func newPageWriter(isl *Islands, w http.ResponseWriter, r *http.Request, s *station) *pageWriter {
	buffer := buffers.Get().(*bytes.Buffer)
	buffer.Reset()
	return &pageWriter{head: newHead(w, r), isl: isl, station: s, buffer: buffer}
}

// release gives the buffer back; the writer may be in a handler's hands still, and is of no use then.
func (w *pageWriter) release() {
	if w.buffer.Cap() <= mostBuffered {
		buffers.Put(w.buffer)
	}
	w.buffer, w.mode = new(bytes.Buffer), dropping
}

// WriteHeader implements http.ResponseWriter.
func (w *pageWriter) WriteHeader(status int) {
	if !w.note(status) {
		return
	}
	_, isTyped := w.header["Content-Type"]
	if isTyped || !hasBody(status) || w.header.Get("Content-Encoding") != "" {
		w.decide()
	}
}

// Write implements http.ResponseWriter.
func (w *pageWriter) Write(body []byte) (int, error) {
	if w.isHijacked {
		return 0, http.ErrHijacked
	}
	if !w.isWritten {
		w.WriteHeader(http.StatusOK)
	}
	switch w.mode {
	case passing:
		return w.next.Write(body)
	case streaming:
		return w.stream.Write(body)
	case dropping:
		return len(body), nil
	}
	w.buffer.Write(body)
	if w.mode == undecided && w.buffer.Len() >= sniffed {
		w.decide()
	}
	if w.isText && w.mode == holding && w.buffer.Len() > mostText {
		w.pass()
	}
	return len(body), nil
}

// ReadFrom implements io.ReaderFrom: files that are no HTML keep the connection's fast way. A page must not take it.
func (w *pageWriter) ReadFrom(source io.Reader) (int64, error) {
	if w.isText && w.mode == holding && !w.isHijacked {
		w.pass()
	}
	if w.mode == passing && !w.isHijacked {
		return io.Copy(w.next, source)
	}
	return io.Copy(struct{ io.Writer }{w}, source)
}

// Flush implements http.Flusher.
func (w *pageWriter) Flush() { _ = w.FlushError() }

// FlushError is what http.ResponseController calls.
func (w *pageWriter) FlushError() error {
	if w.isHijacked {
		return http.ErrHijacked
	}
	if !w.isWritten {
		w.WriteHeader(http.StatusOK)
	}
	if w.mode == undecided {
		w.decide()
	}
	if w.mode == holding && w.isText {
		w.pass()
	}
	if w.mode == holding && w.station.streams() {
		if err := w.beginStream(); err != nil {
			return err
		}
	}
	switch w.mode {
	case streaming:
		if err := w.stream.flush(); err != nil {
			return err
		}
	case holding, dropping:
		return nil
	}
	return http.NewResponseController(w.next).Flush()
}

// decide finds out what the response is.
func (w *pageWriter) decide() {
	w.typed(w.buffer.Bytes())
	kind := w.kind()
	switch kind {
	case native.PageHTML:
		w.mode = holding
		return
	case native.PageText:
		w.mode, w.isText = holding, true
		return
	case native.PagePart:
		w.mode = dropping
		return
	case native.PageCompressed:
		w.station.isFaulty = true
		w.isl.logger().WarnContext(w.request.Context(),
			"a page was not split: it is compressed already; compress outside of eyot's stations",
			"path", w.request.URL.Path, "encoding", w.header.Get("Content-Encoding"))
	}
	w.pass()
}

func (w *pageWriter) kind() native.PageKind {
	media := strings.ToLower(w.header.Get("Content-Type"))
	switch {
	case !w.isl.splits(w.station):
		return native.PageOther
	case strings.HasPrefix(media, "multipart/byteranges") && w.status == http.StatusPartialContent:
		// Of several ranges nobody says what they are ranges of.
		return native.PagePart
	case !strings.HasPrefix(media, "text/") && !strings.Contains(media, "xml"):
		return native.PageOther
	}
	kind, err := native.KindOf(w.status, w.header)
	if err != nil {
		return native.PageOther
	}
	return kind
}

// pass hands on what was held back, and lets the rest pass.
func (w *pageWriter) pass() {
	w.sendHead()
	w.mode = passing
	if w.buffer.Len() > 0 {
		_, _ = w.next.Write(w.buffer.Bytes())
	}
}

func (w *pageWriter) sendHead() {
	if w.onHead != nil {
		w.onHead(&w.head)
	}
	w.send()
}

func (w *pageWriter) beginStream() error {
	core, err := w.isl.native()
	if err != nil {
		return err
	}
	outcome, err := native.AfterSplit(w.status, w.header, -1)
	if err != nil {
		return wrapped(err)
	}
	w.stream, err = newStream(w, core)
	if err != nil {
		return err
	}
	outcome.Apply(w.header)
	w.sendHead()
	w.mode = streaming
	_, err = w.stream.Write(w.buffer.Bytes())
	return err
}

// startOver forgets what was written, where none of it has gone out.
func (w *pageWriter) startOver() {
	if w.mode == undecided || w.mode == holding {
		w.startAgain()
		w.mode = undecided
		w.buffer.Reset()
	}
}

// finish sends what is left once the handler has returned. It panics with http.ErrAbortHandler where the page had
// gone out in part when it turned out that it must not: the server then cuts the connection, and caches drop what
// they have.
func (w *pageWriter) finish() {
	defer w.release()
	if w.isHijacked {
		return
	}
	if !w.isWritten {
		if w.onHead != nil {
			w.header, w.status = w.next.Header(), http.StatusOK
			w.onHead(&w.head)
		}
		return
	}
	if w.mode == undecided {
		w.decide()
	}
	switch w.mode {
	case holding:
		w.whole(w.buffer.Bytes())
	case streaming:
		if err := w.stream.finish(); err != nil {
			panic(http.ErrAbortHandler)
		}
	case dropping:
		w.refuseRange()
	}
}

// refuseRange answers for a part of a page that nobody asked for, or that came again when all of it was asked for.
func (w *pageWriter) refuseRange() {
	w.isl.logger().WarnContext(w.request.Context(), "a range of a page was refused: it cannot be split; answer the whole "+
		"page, or switch the HTML pass off", "path", w.request.URL.Path)
	w.answer(http.StatusRequestedRangeNotSatisfiable, "range not satisfiable\n", "text/plain")
}

// whole splits a page that is there as a whole. With problems it is an error page while debugging; in production its
// faulty islands become their fallbacks, and no cache keeps it.
func (w *pageWriter) whole(page []byte) {
	if w.tells(page) {
		return
	}
	if w.isText {
		w.pass()
		return
	}
	if w.request.Method == http.MethodHead && len(page) == 0 {
		// Nobody knows what the split would make of the page.
		w.changed(native.AfterSplit(w.status, w.header, -1))
		w.sendHead()
		return
	}
	core, err := w.isl.native()
	if err != nil {
		w.broken(err)
		return
	}
	shell, err := core.Split(page, !w.isl.config.Debug, false, w.isl.context(w.request, w.station))
	var failed *Error
	switch {
	case errors.As(wrapped(err), &failed) && w.isl.config.Debug:
		w.answer(http.StatusInternalServerError, markupPage(failed, page), "text/html")
		return
	case err != nil:
		w.broken(wrapped(err))
		return
	}
	w.settle(shell, page)
}

// tells logs why a text is not split, and sends it past every cache; while debugging, an error page where a directive
// would go out. Where there is nothing to tell of, nothing happens.
func (w *pageWriter) tells(body []byte) bool {
	told, isError := native.Unsplit(w.header, body)
	if told == nil {
		return false
	}
	w.isl.logger().ErrorContext(w.request.Context(), told.Message, "code", told.Code, "path", w.request.URL.Path)
	if isError && w.isl.config.Debug {
		w.answer(http.StatusInternalServerError, markupPage(wrapped(told).(*Error), nil), "text/html")
		return true
	}
	w.station.isFaulty = true
	w.changed(native.Uncached(w.status, w.header))
	w.pass()
	return true
}

func (w *pageWriter) settle(shell *native.Shell, page []byte) {
	if w.isl.config.Debug {
		w.warn(shell.Diagnostics, shell.Bytes)
	}
	switch {
	case !shell.IsUntouched && w.hasLength():
		w.changed(native.AfterSplit(w.status, w.header, len(shell.Bytes)))
	case !shell.IsUntouched:
		w.changed(native.AfterSplit(w.status, w.header, -1))
	case w.header.Get("Content-Length") == "" && w.hasLength():
		w.header.Set("Content-Length", strconv.Itoa(len(page)))
	}
	if len(shell.Problems) > 0 {
		w.log(shell.Problems)
		w.station.isFaulty = true
		w.changed(native.Uncached(w.status, w.header))
	}
	w.sendHead()
	_, _ = w.next.Write(shell.Bytes)
}

func (w *pageWriter) changed(outcome *native.Outcome, err error) {
	if err != nil {
		w.isl.logger().ErrorContext(w.request.Context(), "the headers of a page were not changed", "error", err)
		return
	}
	outcome.Apply(w.header)
}

// broken answers for a page of which nothing can go out.
func (w *pageWriter) broken(err error) {
	w.isl.logger().ErrorContext(w.request.Context(), "a page was not split", "path", w.request.URL.Path, "error", err)
	w.answer(http.StatusInternalServerError, "internal server error\n", "text/plain")
}

func (w *pageWriter) answer(status int, body, media string) {
	w.instead(status, http.Header{
		"Content-Type":   {media + "; charset=utf-8"},
		"Cache-Control":  {"no-store"},
		"Content-Length": {strconv.Itoa(len(body))},
	})
	w.sendHead()
	_, _ = io.WriteString(w.next, body)
}

func (w *pageWriter) log(problems []native.Finding) {
	for _, problem := range problems {
		w.isl.logger().ErrorContext(w.request.Context(), "a page has a problem: "+problem.Message, "code", problem.Code,
			"path", w.request.URL.Path, "line", problem.Line, "column", problem.Column)
	}
}

// warn tells, while debugging, what is no error, and what a browser would not leave as it was written.
func (w *pageWriter) warn(diagnostics []native.Finding, shell []byte) {
	start := bytes.ToLower(shell[:min(len(shell), 1024)])
	if bytes.Contains(start, []byte("<!doctype")) || bytes.Contains(start, []byte("<html")) {
		found, _ := native.Audit(shell)
		// A site without the loader's tags has a loader of its own, which may be called anything.
		found = slices.DeleteFunc(found, func(f native.Finding) bool {
			return f.Code == "loader-missing" && w.isl.config.NoLoader
		})
		diagnostics = append(diagnostics, found...)
	}
	for _, told := range diagnostics {
		w.isl.logger().WarnContext(w.request.Context(), told.Message, "code", told.Code, "island", told.Island,
			"path", w.request.URL.Path, "line", told.Line, "column", told.Column)
	}
}
