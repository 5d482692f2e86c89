// The writer of the inner station: it holds back what may be a page until core has said what becomes of it.

package eyot

import (
	"bytes"
	"compress/flate"
	"compress/gzip"
	"compress/zlib"
	"errors"
	"io"
	"log/slog"
	"math"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/eyot-dev/eyot/bindings/go/internal/native"
)

// pageWriter is the inner station's: it asks core about what may be a page, once it knows enough of its size, and lets
// everything else pass.
type pageWriter struct {
	head
	isl     *Islands
	station *station
	mode    mode
	buffer  *bytes.Buffer
	// Whether it is known what the body is, by its Content-Type or by its first bytes.
	isTyped bool
	// Core's part, once it has been asked.
	page *native.Page
	// What the body is compressed with, where that is to be undone.
	coding string
	// What core said of all of the body, once it has been asked.
	judged *native.Decision
	// What goes out instead, while what the handler writes is dropped.
	decision *native.Decision
	stream   *stream
	// Called with the head that goes out.
	onHead func(*head)
}

type mode int

const (
	// Held back: until core can decide, or because it wants all of the body.
	waiting mode = iota
	collecting
	// On its way: split as it comes, or passed on.
	streaming
	passing
	// Nothing of it goes out.
	dropping
)

const (
	// What net/http looks at to tell a type.
	sniffed = 512
	// What is held back before core is asked for the first time: it has long texts that are no pages pass.
	unasked = 64 << 10
)

var buffers = sync.Pool{New: func() any { return new(bytes.Buffer) }}

const mostBuffered = 1 << 20

func newPageWriter(isl *Islands, w http.ResponseWriter, r *http.Request, s *station) *pageWriter {
	buffer := buffers.Get().(*bytes.Buffer)
	buffer.Reset()
	return &pageWriter{head: newHead(w, r), isl: isl, station: s, buffer: buffer}
}

// release gives back what the writer holds; it may be in a handler's hands still, and is of no use then.
func (w *pageWriter) release() {
	if w.page != nil {
		w.page.Close()
	}
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
		w.settleType()
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
	if w.buffer.Len() >= sniffed {
		w.settleType()
	}
	if w.mode == waiting && w.buffer.Len() > unasked {
		w.ask(native.SizeKnown, uint64(w.buffer.Len()))
	}
	return len(body), nil
}

// ReadFrom implements io.ReaderFrom: files that are no pages keep the connection's fast way. A page must not take it.
func (w *pageWriter) ReadFrom(source io.Reader) (int64, error) {
	if w.mode == waiting && w.isTyped && !w.isHijacked {
		w.ask(native.SizeKnown, w.length())
	}
	if w.mode == passing && !w.isHijacked {
		return io.Copy(w.next, source)
	}
	return io.Copy(struct{ io.Writer }{w}, source)
}

// length is what the handler said of the body's, or the most that one can have.
func (w *pageWriter) length() uint64 {
	if length, err := strconv.ParseUint(w.header.Get("Content-Length"), 10, 64); err == nil {
		return length
	}
	return math.MaxUint64
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
	w.settleType()
	if w.mode == waiting || w.mode == collecting {
		w.ask(native.SizeMore, 0)
	}
	switch w.mode {
	case streaming:
		if err := w.stream.flush(); err != nil {
			return err
		}
	case collecting, dropping:
		return nil
	}
	return http.NewResponseController(w.next).Flush()
}

// settleType finds out what the body is. What is no text passes without a question to core.
func (w *pageWriter) settleType() {
	if w.isTyped {
		return
	}
	w.isTyped = true
	w.typed(w.buffer.Bytes())
	if !w.mayMatter() {
		w.pass()
	}
}

// mayMatter tells whether core is to be asked about the response. It decides; this only saves it the answers that are no
// text.
func (w *pageWriter) mayMatter() bool {
	media := strings.ToLower(w.header.Get("Content-Type"))
	isText := strings.HasPrefix(media, "text/") || strings.Contains(media, "xml")
	return w.isl.splits(w.station) && hasBody(w.status) && (isText || w.holdsRanges())
}

func (w *pageWriter) holdsRanges() bool {
	media := strings.ToLower(w.header.Get("Content-Type"))
	return w.status == http.StatusPartialContent && strings.HasPrefix(media, "multipart/byteranges")
}

// told is the header as core gets it: of several ranges nobody says what they are ranges of, so they count as a page's.
func (w *pageWriter) told() http.Header {
	if w.holdsRanges() {
		return http.Header{"Content-Type": {"text/html"}}
	}
	return w.header
}

// ask asks core what becomes of the response, of whose body so much is known.
func (w *pageWriter) ask(size uint32, length uint64) {
	if w.isl.plain.holds(w.request, w.status, w.header) {
		w.pass()
		return
	}
	if err := w.begin(); err != nil {
		w.broken(err)
		return
	}
	w.follow(w.page.Step(w.status, w.told(), size, length))
}

// begin makes core's part of the page's way out.
func (w *pageWriter) begin() error {
	if w.page != nil {
		return nil
	}
	core, err := w.isl.native()
	if err != nil {
		return err
	}
	target, _ := w.isl.target(w.request)
	w.page, err = core.NewPage(pathOf(target), w.flags())
	return wrapped(err)
}

func (w *pageWriter) flags() uint32 {
	var flags uint32
	if w.isl.config.Debug {
		flags |= native.PageDebug
	}
	if w.request.Method == http.MethodHead {
		flags |= native.PageHead
	}
	if !w.station.streams() {
		flags |= native.PageHold
	}
	if w.station.mustBeSound() {
		flags |= native.PageSound
	}
	return flags
}

// follow does what core said.
func (w *pageWriter) follow(decision *native.Decision, err error) {
	if err != nil {
		w.broken(err)
		return
	}
	if decision.Step == native.StepReply {
		// Told once it goes out: for a range the handler may be asked again.
		w.mode, w.decision = dropping, decision
		return
	}
	w.tell(decision)
	switch decision.Step {
	case native.StepPass:
		w.pass()
	case native.StepCollect, native.StepDecode:
		w.mode, w.coding = collecting, decision.Coding
	case native.StepEdit:
		w.changed(decision)
		w.pass()
	case native.StepShell:
		w.changed(decision)
		w.sendHead()
		w.mode = passing
		if w.request.Method != http.MethodHead {
			// net/http would tell the length of what is written.
			_, _ = w.next.Write(decision.Shell)
		}
	case native.StepStream:
		w.changed(decision)
		w.sendHead()
		w.mode, w.stream = streaming, newStream(w)
		_, _ = w.stream.Write(w.buffer.Bytes())
	}
}

// pass hands on what was held back, and lets the rest pass.
func (w *pageWriter) pass() {
	w.sendHead()
	w.mode = passing
	if w.buffer.Len() > 0 {
		_, _ = w.next.Write(w.buffer.Bytes())
	}
}

// changed makes core's changes to the head.
func (w *pageWriter) changed(decision *native.Decision) {
	w.status = decision.Outcome.Status
	decision.Outcome.Apply(w.header)
	if !w.hasLength() {
		w.header.Del("Content-Length")
	}
}

// tell logs what core has to say.
func (w *pageWriter) tell(decision *native.Decision) {
	w.station.isFaulty = w.station.isFaulty || decision.IsFaulty
	for _, event := range decision.Events {
		level := slog.LevelWarn
		if event.IsError {
			level = slog.LevelError
		}
		w.isl.logger().Log(w.request.Context(), level, event.Message, "code", event.Code, "path", event.Path)
	}
}

func (w *pageWriter) sendHead() {
	if w.onHead != nil {
		w.onHead(&w.head)
	}
	w.send()
}

// startOver forgets what was written, where none of it has gone out.
func (w *pageWriter) startOver() {
	if w.mode == waiting || w.mode == collecting {
		w.startAgain()
		w.mode, w.isTyped, w.coding, w.judged = waiting, false, "", nil
		w.buffer.Reset()
		if w.page != nil {
			w.page.Close()
			w.page = nil
		}
	}
}

// isPart tells, once the handler has returned, whether it gave a part of a page, which cannot be split.
func (w *pageWriter) isPart() bool {
	w.conclude()
	return w.mode == dropping && w.status == http.StatusPartialContent
}

// conclude asks about a body that is there as a whole, where core has not decided without.
func (w *pageWriter) conclude() {
	if !w.isWritten || w.isHijacked {
		return
	}
	w.settleType()
	if w.mode == waiting {
		w.ask(native.SizeWhole, 0)
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
	w.conclude()
	if w.mode == collecting {
		w.whole(w.buffer.Bytes())
	}
	switch w.mode {
	case streaming:
		if err := w.stream.finish(); err != nil {
			panic(http.ErrAbortHandler)
		}
	case dropping:
		w.tell(w.decision)
		w.instead(w.decision.Reply)
		w.sendHead()
		_, _ = w.next.Write(w.decision.Reply.Body)
	}
}

// whole sends what becomes of a body that is there as a whole.
func (w *pageWriter) whole(body []byte) {
	if len(body) > 0 && w.header.Get("Content-Length") == "" && w.hasLength() {
		w.header.Set("Content-Length", strconv.Itoa(len(body)))
	}
	if w.coding != "" {
		plain, err := decoded(body, w.coding)
		if err != nil {
			w.follow(w.page.Undecoded(w.status, w.header))
			return
		}
		body = plain
	}
	decision, err := w.judge(body)
	if err == nil && w.coding == "" {
		w.keepPlain(decision, body)
	}
	w.follow(decision, err)
}

// judge asks core about all of the body, once.
func (w *pageWriter) judge(body []byte) (*native.Decision, error) {
	var err error
	if w.judged == nil {
		w.judged, err = w.page.Whole(w.status, w.header, body, w.isl.context(w.request, w.station))
	}
	return w.judged, err
}

// isPlainFile tells, once the handler has returned, whether it gave all of a file without a directive, whose parts may
// pass. Nothing has gone out then.
func (w *pageWriter) isPlainFile() bool {
	w.conclude()
	if w.mode != collecting || w.coding != "" {
		return false
	}
	decision, err := w.judge(w.buffer.Bytes())
	return err == nil && w.keepPlain(decision, w.buffer.Bytes())
}

// keepPlain keeps a file in which there was nothing to do; the next one asked for passes without a search.
func (w *pageWriter) keepPlain(decision *native.Decision, body []byte) bool {
	isUntouched := decision.Step == native.StepPass && !decision.IsFaulty && len(decision.Events) == 0
	return isUntouched && w.isl.plain.add(w.request, w.status, w.header, body, time.Now())
}

// broken answers for a page of which nothing can go out.
func (w *pageWriter) broken(err error) {
	w.isl.logger().ErrorContext(w.request.Context(), "a page was not split", "path", w.isl.loggable(w.request.URL.Path),
		"error", wrapped(err))
	w.mode, w.decision = dropping, &native.Decision{IsFaulty: true, Reply: &native.Reply{
		Status: http.StatusInternalServerError, Body: []byte("internal server error\n"),
		Header: []native.Pair{{Name: "Content-Type", Value: "text/plain; charset=utf-8"}, {Name: "Cache-Control", Value: "no-store"}},
	}}
}

// decoded undoes a content coding that the standard library knows.
func decoded(body []byte, coding string) ([]byte, error) {
	if len(body) == 0 {
		return body, nil
	}
	var source io.Reader
	var err error
	switch coding {
	case "gzip", "x-gzip":
		source, err = gzip.NewReader(bytes.NewReader(body))
	case "deflate":
		// Some servers leave out what RFC 1950 puts around it, and browsers take both.
		if source, err = zlib.NewReader(bytes.NewReader(body)); err != nil {
			source, err = flate.NewReader(bytes.NewReader(body)), nil
		}
	default:
		err = errors.ErrUnsupported
	}
	if err != nil {
		return nil, err
	}
	return io.ReadAll(source)
}
