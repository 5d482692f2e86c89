//go:build cgo

// Configurations, placeholders, and pages: split as a whole, in chunks, or prepared.

package native

/*
#include "glue.h"
*/
import "C"

import (
	"runtime"
	"unsafe"
)

// The flags of a context.
const (
	ContextPost     = uint32(C.EYOT_CONTEXT_POST)
	ContextNoLoader = uint32(C.EYOT_CONTEXT_NO_LOADER)
	ContextSplit    = uint32(C.EYOT_CONTEXT_SPLIT)
	ContextNoSeals  = uint32(C.EYOT_CONTEXT_NO_SEALS)
)

// Options is a configuration: the islands that are answered here, and what is set, by Go's names for core's options.
type Options struct {
	Here []string
	Set  []Pair
}

func (o *Options) written(paper *paper) C.eyot_islands_options {
	options := C.eyot_islands_options{size: C.sizeof_eyot_islands_options, spelling: C.EYOT_SPELLING_PASCAL}
	options.options, options.options_len = paper.list(o.Set)
	options.islands = (*C.eyot_declaration)(paper.take(uintptr(len(o.Here)) * unsafe.Sizeof(C.eyot_declaration{})))
	options.islands_len = C.size_t(len(o.Here))
	for i, name := range o.Here {
		unsafe.Slice(options.islands, len(o.Here))[i] = C.eyot_declaration{name: paper.text(name)}
	}
	return options
}

// Islands is a configuration and its keys.
type Islands struct{ object }

// NewIslands checks a configuration, and takes a copy of the keys.
func NewIslands(keys *KeyRing, options *Options) (*Islands, error) {
	ring, err := keys.enter()
	if err != nil {
		return nil, err
	}
	defer keys.leave()
	paper := newPaper()
	defer paper.release()
	given := options.written(paper)
	var made *C.eyot_islands
	var failure *C.eyot_error
	if err := failed(C.eyot_islands_new((*C.eyot_keyring)(ring), &given, &made, &failure), failure); err != nil {
		return nil, err
	}
	islands := &Islands{}
	hold(islands, &islands.object, unsafe.Pointer(made), freeIslands)
	return islands, nil
}

// SetKeys replaces the keys.
func (i *Islands) SetKeys(keys *KeyRing) error {
	islands, err := i.enter()
	if err != nil {
		return err
	}
	defer i.leave()
	ring, err := keys.enter()
	if err != nil {
		return err
	}
	defer keys.leave()
	var failure *C.eyot_error
	return failed(C.eyot_islands_set_keys((*C.eyot_islands)(islands), (*C.eyot_keyring)(ring), &failure), failure)
}

// Context is what a call takes from outside.
type Context struct {
	Now                                 uint64
	Mount, Audience, PagePath, PageLang string
	ShellLife, Flags                    uint32
}

func (c *Context) written(paper *paper) C.eyot_context {
	return C.eyot_context{
		size: C.sizeof_eyot_context, flags: C.uint32_t(c.Flags), now: C.uint64_t(c.Now),
		mount: paper.text(c.Mount), audience: paper.text(c.Audience),
		page_path: paper.text(c.PagePath), page_lang: paper.text(c.PageLang), shell_life: C.uint32_t(c.ShellLife),
	}
}

// mode is written for a split, which is strict or lenient.
func (c *Context) mode(paper *paper, lenient bool) C.eyot_context {
	context := c.written(paper)
	if lenient {
		context.flags |= C.EYOT_CONTEXT_LENIENT
	}
	return context
}

// What AppendWrite writes of an island.
const (
	WritePlaceholder = iota
	WriteAttributes
	WriteURL
)

// Pair is a name and its value.
type Pair struct{ Name, Value string }

func (p *paper) list(list []Pair) (*C.eyot_pair, C.size_t) {
	at, pairs := p.pairs(len(list))
	for i, one := range list {
		pairs[i] = p.pair(one.Name, one.Value)
	}
	return at, C.size_t(len(list))
}

// Placeholder is an island that a template writes.
type Placeholder struct {
	Name, Fallback, Error string
	Props                 []byte
	Slots, Options        []Pair
}

// AppendWrite appends a placeholder, its attributes, or its URL.
func (i *Islands) AppendWrite(out []byte, what int, p *Placeholder, context *Context) ([]byte, error) {
	islands, err := i.enter()
	if err != nil {
		return out, err
	}
	defer i.leave()
	paper := newPaper()
	defer paper.release()
	island := C.eyot_placeholder{
		size: C.sizeof_eyot_placeholder, name: paper.text(p.Name), props: paper.bytes(p.Props),
		fallback: paper.text(p.Fallback), error: paper.text(p.Error),
	}
	island.slots, island.slots_len = paper.list(p.Slots)
	island.options, island.options_len = paper.list(p.Options)
	given := context.written(paper)
	var buffer C.eyot_buffer
	var failure *C.eyot_error
	var status C.eyot_status
	switch core := (*C.eyot_islands)(islands); what {
	case WritePlaceholder:
		status = C.eyot_islands_placeholder(core, &island, &given, &buffer, &failure)
	case WriteAttributes:
		status = C.eyot_islands_attributes(core, &island, &given, &buffer, &failure)
	default:
		status = C.eyot_islands_url(core, &island, &given, &buffer, &failure)
	}
	return written(out, &buffer, status, failure)
}

// LoaderTags writes the tags of the loader and the style sheet.
func (i *Islands) LoaderTags(context *Context) ([]byte, error) {
	islands, err := i.enter()
	if err != nil {
		return nil, err
	}
	defer i.leave()
	paper := newPaper()
	defer paper.release()
	given := context.written(paper)
	var buffer C.eyot_buffer
	var failure *C.eyot_error
	status := C.eyot_islands_loader_tags((*C.eyot_islands)(islands), &given, &buffer, &failure)
	return written(nil, &buffer, status, failure)
}

// Shell is a split page.
type Shell struct {
	// The page itself where it is untouched.
	Bytes                 []byte
	IsUntouched           bool
	Islands               []string
	Problems, Diagnostics []Finding
}

// Split splits a page, strictly or leniently.
func (i *Islands) Split(page []byte, lenient bool, context *Context) (*Shell, error) {
	islands, err := i.enter()
	if err != nil {
		return nil, err
	}
	defer i.leave()
	paper := newPaper()
	defer paper.release()
	given := context.mode(paper, lenient)
	// The shell's segments lie in the page until it is freed.
	var pinner runtime.Pinner
	pinned(page, &pinner)
	defer pinner.Unpin()
	var split *C.eyot_shell
	var failure *C.eyot_error
	status := C.eyot_islands_split((*C.eyot_islands)(islands), pointer(page), C.size_t(len(page)), &given, &split, &failure)
	if err := failed(status, failure); err != nil {
		return nil, err
	}
	defer C.eyot_shell_free(split)
	var parts C.eyotgo_shell
	C.eyotgo_read_shell(split, &parts)
	shell := &Shell{
		Bytes: page, IsUntouched: bool(parts.is_untouched),
		Problems: findings(parts.problems), Diagnostics: findings(parts.diagnostics),
	}
	if !shell.IsUntouched {
		shell.Bytes = joined(make([]byte, 0, int(parts.len)), parts.segments, parts.segments_len)
	}
	for index := range parts.islands_len {
		var name C.eyot_slice
		C.eyot_shell_island_name(split, index, &name)
		shell.Islands = append(shell.Islands, text(name))
	}
	return shell, nil
}

// Splitter splits a page chunk by chunk.
type Splitter struct{ object }

// NewSplitter begins a page, whose context it copies.
func (i *Islands) NewSplitter(lenient bool, context *Context) (*Splitter, error) {
	islands, err := i.enter()
	if err != nil {
		return nil, err
	}
	defer i.leave()
	paper := newPaper()
	defer paper.release()
	given := context.mode(paper, lenient)
	var made *C.eyot_splitter
	var failure *C.eyot_error
	if err := failed(C.eyot_splitter_new((*C.eyot_islands)(islands), &given, &made, &failure), failure); err != nil {
		return nil, err
	}
	splitter := &Splitter{}
	hold(splitter, &splitter.object, unsafe.Pointer(made), freeSplitter)
	return splitter, nil
}

// Push takes the next chunk, or ends the page with `isLast`, and hands what can go out to `out`, piece by piece. A
// piece lies in the chunk or belongs to the splitter: `out` must not keep it, and must not call the splitter.
func (s *Splitter) Push(chunk []byte, isLast bool, out func([]byte) error) error {
	splitter, err := s.enterAlone()
	if err != nil {
		return err
	}
	defer s.leaveAlone()
	// The list of segments points into the chunk until they have been read.
	var pinner runtime.Pinner
	pinned(chunk, &pinner)
	defer pinner.Unpin()
	var segments *C.eyot_slice
	var count C.size_t
	var failure *C.eyot_error
	var status C.eyot_status
	if core := (*C.eyot_splitter)(splitter); isLast {
		status = C.eyot_splitter_finish(core, &segments, &count, &failure)
	} else {
		status = C.eyot_splitter_push(core, pointer(chunk), C.size_t(len(chunk)), &segments, &count, &failure)
	}
	if err := failed(status, failure); err != nil {
		return err
	}
	return handed(unsafe.Slice(segments, int(count)), out)
}

// handed gives segments to `out`, until that fails.
func handed(segments []C.eyot_slice, out func([]byte) error) error {
	for _, segment := range segments {
		if segment.len == 0 {
			continue
		}
		if err := out(borrowed(segment)); err != nil {
			return err
		}
	}
	return nil
}

// Problems tells what was wrong with the page so far.
func (s *Splitter) Problems() []Finding { return s.found(true) }

// Diagnostics tells what is no error and the page's author should know.
func (s *Splitter) Diagnostics() []Finding { return s.found(false) }

func (s *Splitter) found(problems bool) []Finding {
	splitter, err := s.enterAlone()
	if err != nil {
		return nil
	}
	defer s.leaveAlone()
	if problems {
		return findings(C.eyot_splitter_problems((*C.eyot_splitter)(splitter)))
	}
	return findings(C.eyot_splitter_diagnostics((*C.eyot_splitter)(splitter)))
}

// Prepared is a page whose islands are found.
type Prepared struct{ object }

// Prepare finds a page's islands.
func (i *Islands) Prepare(page []byte) (*Prepared, error) {
	islands, err := i.enter()
	if err != nil {
		return nil, err
	}
	defer i.leave()
	var made *C.eyot_prepared
	var failure *C.eyot_error
	status := C.eyot_prepared_new((*C.eyot_islands)(islands), pointer(page), C.size_t(len(page)), &made, &failure)
	if err := failed(status, failure); err != nil {
		return nil, err
	}
	prepared := &Prepared{}
	hold(prepared, &prepared.object, unsafe.Pointer(made), freePrepared)
	return prepared, nil
}

// Render hands the shell to `out` piece by piece, without a copy; it must not keep the pieces.
func (p *Prepared) Render(context *Context, out func([]byte) error) error {
	prepared, err := p.enter()
	if err != nil {
		return err
	}
	defer p.leave()
	paper := newPaper()
	defer paper.release()
	given := context.written(paper)
	var shell *C.eyot_shell
	var failure *C.eyot_error
	if err := failed(C.eyot_prepared_shell((*C.eyot_prepared)(prepared), &given, &shell, &failure), failure); err != nil {
		return err
	}
	defer C.eyot_shell_free(shell)
	var segments *C.eyot_slice
	var count C.size_t
	C.eyot_shell_segments(shell, &segments, &count)
	return handed(unsafe.Slice(segments, int(count)), out)
}
