// The writer of both stations: it holds back what core may have something to say about until it has.

package eyot

import (
	"bytes"
	"compress/flate"
	"compress/gzip"
	"compress/zlib"
	"errors"
	"io"
	"math"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/eyot-dev/eyot/bindings/go/internal/native"
)

// writer is a station's: it asks core about a response, once it knows enough of its size, and does what core says. What core
// has nothing to say about passes at once.
type writer struct {
	head
	*station
	isOuter bool
	mode    mode
	buffer  *bytes.Buffer
	// Whether it is known what the body is, by its Content-Type or by its first bytes.
	isTyped bool
	// Whether all of the body is wanted, whatever its length: it is HTML that is split.
	isWanted bool
	// Whether the inner station has dealt with the response.
	isMarked bool
	// Core's part, once it has been asked.
	page *native.Page
	// What the body is compressed with, where that is to be undone.
	coding string
	// What core said of all of the body; or what goes out instead, while what the handler writes is dropped.
	decision *native.Decision
	stream   *stream
	// The policies for scripts that layers say of every page, where an island is answered.
	policies []string
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

func (s *station) newWriter(w http.ResponseWriter, r *http.Request, isOuter bool) *writer {
	return &writer{head: newHead(w, r), station: s, isOuter: isOuter}
}

// release gives back what the writer holds; it may be in a handler's hands still, and is of no use then.
func (w *writer) release() {
	if w.page != nil {
		w.page.Close()
	}
	if w.buffer != nil && w.buffer.Cap() <= mostBuffered {
		buffers.Put(w.buffer)
	}
	w.buffer, w.mode = nil, dropping
}

func (w *writer) held() *bytes.Buffer {
	if w.buffer == nil {
		w.buffer = buffers.Get().(*bytes.Buffer)
		w.buffer.Reset()
	}
	return w.buffer
}

// WriteHeader implements http.ResponseWriter.
func (w *writer) WriteHeader(status int) {
	if w.isWritten || w.isHijacked {
		return
	}
	if status >= 100 && status < 200 && status != http.StatusSwitchingProtocols {
		w.next.WriteHeader(status)
		return
	}
	header := w.next.Header()
	_, isTyped := header["Content-Type"]
	w.isTyped = isTyped || !hasBody(status) || header.Get("Content-Encoding") != ""
	if w.isTyped && !w.matters(status, header) {
		w.isWritten, w.status, w.mode = true, status, passing
		w.next.WriteHeader(status)
		return
	}
	w.note(status)
}

// Write implements http.ResponseWriter.
func (w *writer) Write(body []byte) (int, error) {
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
	w.held().Write(body)
	if w.buffer.Len() >= sniffed {
		w.settleType()
	}
	if w.mode == waiting && !w.isWanted && w.buffer.Len() > unasked {
		w.ask(native.SizeKnown, uint64(w.buffer.Len()))
	}
	return len(body), nil
}

// ReadFrom implements io.ReaderFrom: files that are no pages keep the connection's fast way. A page must not take it.
func (w *writer) ReadFrom(source io.Reader) (int64, error) {
	if w.mode == waiting && w.isTyped && !w.isHijacked {
		w.ask(native.SizeKnown, w.length())
	}
	if w.mode == passing && !w.isHijacked {
		return io.Copy(w.next, source)
	}
	return io.Copy(struct{ io.Writer }{w}, source)
}

// length is what the handler said of the body's, or the most that one can have.
func (w *writer) length() uint64 {
	if length, err := strconv.ParseUint(w.header.Get("Content-Length"), 10, 64); err == nil {
		return length
	}
	return math.MaxUint64
}

// Flush implements http.Flusher.
func (w *writer) Flush() { _ = w.FlushError() }

// FlushError is what http.ResponseController calls.
func (w *writer) FlushError() error {
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

// settleType finds out what the body is.
func (w *writer) settleType() {
	if w.isTyped {
		return
	}
	w.isTyped = true
	w.typed(w.held().Bytes())
	if !w.matters(w.status, w.header) {
		w.pass()
	}
}

// matters tells whether core is to be asked about a response. It decides; this only saves it the answers that are no text. The
// mark of one that passes is taken off.
func (w *writer) matters(status int, header http.Header) bool {
	media := strings.ToLower(header.Get("Content-Type"))
	_, w.isMarked = header[native.Mark]
	switch {
	case status == http.StatusSwitchingProtocols:
		return false
	case w.exchange != nil && (w.isOuter || w.isIsland()):
		return true
	case w.isOuter:
		delete(header, native.Mark)
		return hasBody(status) && !w.isMarked && (strings.Contains(media, "html") || strings.HasPrefix(media, "multipart/"))
	}
	w.isWanted = w.exchange == nil && w.splits() && strings.HasPrefix(media, "text/html")
	isText := strings.HasPrefix(media, "text/") || strings.Contains(media, "xml") || strings.HasPrefix(media, "multipart/")
	return hasBody(status) && isText && (w.splits() || w.isWithin)
}

// ask asks core what becomes of the response, of whose body so much is known.
func (w *writer) ask(size uint32, length uint64) {
	if w.isKnownFile() {
		return
	}
	err := w.begin()
	var decision *native.Decision
	if err == nil {
		decision, err = w.page.Step(w.status, w.header, size, length, nil, &native.Context{})
	}
	w.follow(decision, err)
}

// begin makes core's part of the way out.
func (w *writer) begin() error {
	if w.page != nil {
		return nil
	}
	core, err := w.isl.native()
	if err != nil {
		return err
	}
	w.page, err = core.NewPage(w.exchange, w.isOuter, w.path(), w.flags())
	return err
}

// path is for the log; an exchange knows its own.
func (w *writer) path() string {
	if w.exchange != nil {
		return ""
	}
	target, _ := w.isl.target(w.request)
	return pathOf(target)
}

func (w *writer) flags() (flags uint32) {
	if w.request.Method == http.MethodHead {
		flags |= native.PageHead
	}
	if w.isOuter {
		return flags
	}
	if w.isl.config.Debug {
		flags |= native.PageDebug
	}
	if w.isWithin {
		flags |= native.PageMark
	}
	if !w.splits() {
		flags |= native.PageUnsplit
	}
	return flags
}

// follow does what core said.
func (w *writer) follow(decision *native.Decision, err error) {
	if err != nil {
		w.broken(err)
		return
	}
	if decision.Step == native.StepReply {
		// Told once it goes out: for a range the handler may be asked again.
		w.mode, w.decision = dropping, decision
		return
	}
	w.tell(decision.Events)
	switch decision.Step {
	case native.StepPass:
		w.pass()
	case native.StepCollect, native.StepDecode:
		w.mode, w.coding = collecting, decision.Coding
	case native.StepEdit:
		w.changed(decision)
		if decision.Outcome.HasBody {
			w.pass()
			return
		}
		w.sendHead()
		w.mode = dropping
	case native.StepShell:
		w.changed(decision)
		w.sendHead()
		w.mode = dropping
		if decision.Outcome.HasBody && w.request.Method != http.MethodHead {
			// net/http would tell the length of what is written.
			_, _ = w.next.Write(decision.Shell)
		}
	case native.StepStream:
		w.changed(decision)
		w.sendHead()
		w.mode, w.stream = streaming, newStream(w)
		_, _ = w.stream.Write(w.held().Bytes())
	}
}

// pass hands on what was held back, and lets the rest pass.
func (w *writer) pass() {
	w.sendHead()
	w.mode = passing
	if w.buffer != nil && w.buffer.Len() > 0 {
		_, _ = w.next.Write(w.buffer.Bytes())
	}
}

// changed makes core's changes to the head.
func (w *writer) changed(decision *native.Decision) {
	w.status = decision.Outcome.Status
	decision.Outcome.Apply(w.header)
	if !w.hasLength() {
		w.header.Del("Content-Length")
	}
}

// tell logs what core has to say.
func (w *writer) tell(events []native.Event) { w.isl.tell(w.request.Context(), events) }

func (w *writer) sendHead() {
	isOk := w.status == http.StatusOK || w.status == http.StatusNotModified
	if !isOk && w.policies != nil && w.header[scriptPolicy] == nil {
		// An error that the handler forwards is no island, and keeps what the app puts on its pages.
		w.header[scriptPolicy] = w.policies
	}
	w.send()
}

// startOver forgets what was written, where none of it has gone out; it tells whether that is so.
func (w *writer) startOver() bool {
	if w.isWritten && (w.isHijacked || w.mode == streaming || w.mode == passing) {
		return false
	}
	w.startAgain()
	w.mode, w.isTyped, w.coding, w.decision = waiting, false, "", nil
	if w.buffer != nil {
		w.buffer.Reset()
	}
	if w.page != nil {
		w.page.Close()
		w.page = nil
	}
	return true
}

// isPart tells, once the handler has returned, whether it gave a part of a page, which cannot be split.
func (w *writer) isPart() bool {
	w.conclude()
	return w.mode == dropping && w.status == http.StatusPartialContent
}

// isPlainFile tells, once the handler has returned, whether it gave all of a file without a directive, whose parts may
// pass. Nothing has gone out then.
func (w *writer) isPlainFile() bool {
	w.conclude()
	return w.decision != nil && w.keepPlain()
}

// conclude asks about a body that is there as a whole, once, where core has not decided without. What becomes of it goes out
// with finish.
func (w *writer) conclude() {
	if !w.isWritten || w.isHijacked {
		return
	}
	w.settleType()
	isHeld := w.mode == waiting || w.mode == collecting
	if !isHeld || w.decision != nil || w.isKnownFile() {
		return
	}
	body := w.held().Bytes()
	if len(body) > 0 && hasBody(w.status) && w.header.Get("Content-Length") == "" && w.hasLength() {
		w.header.Set("Content-Length", strconv.Itoa(len(body)))
	}
	decision, err := w.ofWhole(body)
	if err != nil || decision.Step == native.StepReply {
		w.follow(decision, err)
		return
	}
	w.decision = decision
}

// ofWhole is what core says of all of the body.
func (w *writer) ofWhole(body []byte) (*native.Decision, error) {
	if err := w.begin(); err != nil {
		return nil, err
	}
	context := w.isl.context(w.request, w.station, w.isOuter)
	if w.mode == waiting {
		decision, err := w.page.Step(w.status, w.header, native.SizeWhole, 0, body, context)
		if err != nil || decision.Step != native.StepDecode {
			return decision, err
		}
		w.mode, w.coding = collecting, decision.Coding
	}
	if w.coding == "" {
		return w.page.Whole(w.status, w.header, body, context)
	}
	plain, err := decoded(body, w.coding)
	if err != nil {
		return w.page.Undecoded(w.status, w.header)
	}
	return w.page.Whole(w.status, w.header, plain, context)
}

// finish sends what is left once the handler has returned. It panics with http.ErrAbortHandler where the page had
// gone out in part when it turned out that it must not: the server then cuts the connection, and caches drop what
// they have.
func (w *writer) finish() {
	defer w.release()
	if w.isHijacked {
		return
	}
	if !w.isWritten {
		if w.exchange == nil || !w.isOuter && !w.isIsland() {
			return
		}
		w.WriteHeader(http.StatusOK)
	}
	w.conclude()
	switch {
	case w.mode == streaming:
		if err := w.stream.finish(); err != nil {
			panic(http.ErrAbortHandler)
		}
	case w.decision == nil:
	case w.mode == dropping:
		w.tell(w.decision.Events)
		w.instead(w.decision.Reply)
		w.sendHead()
		if w.request.Method != http.MethodHead {
			_, _ = w.next.Write(w.decision.Reply.Body)
		}
	default:
		w.keepPlain()
		w.follow(w.decision, nil)
	}
	if w.isOuter && w.isMarked && w.isOpen.Load() {
		w.cut()
	}
}

// cut ends a stream that the inner station began and did not end, whoever swallowed the reason.
func (w *writer) cut() {
	if w.begin() == nil {
		if told, err := w.page.Cut(); err == nil {
			w.tell(told.Events)
		}
	}
	panic(http.ErrAbortHandler)
}

// isKnownFile passes a file that was searched before.
func (w *writer) isKnownFile() bool {
	if w.isOuter || w.isIsland() || !w.isl.plain.holds(w.request, w.status, w.header) {
		return false
	}
	if w.isWithin {
		w.header.Set(native.Mark, native.MarkOfPage)
	}
	w.pass()
	return true
}

// keepPlain keeps a file in which there was nothing to do; the next one asked for passes without a search.
func (w *writer) keepPlain() bool {
	isUntouched := w.decision.Step == native.StepPass || w.decision.Step == native.StepEdit && w.decision.Outcome.OnlyMarks()
	if w.isOuter || w.isIsland() || !isUntouched || len(w.decision.Events) > 0 || w.coding != "" {
		return false
	}
	return w.isl.plain.add(w.request, w.status, w.header, w.held().Bytes(), time.Now())
}

// broken answers for a response of which nothing can go out.
func (w *writer) broken(err error) {
	// Behind a timeout a handler may go on when everything is over.
	if !errors.Is(err, native.ErrClosed) || w.request.Context().Err() == nil {
		w.isl.logFailure(w.request, err)
	}
	w.mode, w.decision = dropping, &native.Decision{Step: native.StepReply, Reply: w.isl.failed(err)}
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
