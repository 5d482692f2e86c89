//go:build cgo

// Configurations, placeholders, and pages: split as a whole, in chunks, or prepared.

package native

/*
#include "glue.h"
*/
import "C"

import (
	"io"
	"runtime"
	"unsafe"
)

// The flags of a configuration, and of a context.
const (
	FlagNoLoader     = uint32(C.EYOT_ISLANDS_NO_LOADER)
	FlagNoStylesheet = uint32(C.EYOT_ISLANDS_NO_STYLESHEET)
	FlagUnlinkable   = uint32(C.EYOT_ISLANDS_UNLINKABLE)
	FlagPage         = uint32(C.EYOT_ISLANDS_PAGE)
	FlagInlineLoader = uint32(C.EYOT_ISLANDS_INLINE_LOADER)
	FlagPreload      = uint32(C.EYOT_ISLANDS_PRELOAD)
	FlagDebug        = uint32(C.EYOT_ISLANDS_DEBUG)

	ContextPost     = uint32(C.EYOT_CONTEXT_POST)
	ContextNoLoader = uint32(C.EYOT_CONTEXT_NO_LOADER)
	ContextSplit    = uint32(C.EYOT_CONTEXT_SPLIT)
	ContextNoSeals  = uint32(C.EYOT_CONTEXT_NO_SEALS)
	contextLenient  = uint32(C.EYOT_CONTEXT_LENIENT)
)

// Options is a configuration; zero stands for the default.
type Options struct {
	Prefix, Origin, LoginURL            string
	Here, Elsewhere, Allowed, Locations []string
	// Identity is nil for the default.
	Identity                             []string
	URLLimit, MaxIslands, MaxIslandBytes uint
	TTL, TTLGrid, Flags                  uint32
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
	texts := newTexts()
	defer texts.release()
	texts.Add(options.Prefix, options.Origin, options.LoginURL)
	for _, list := range [][]string{options.Here, options.Elsewhere, options.Allowed, options.Locations, options.Identity} {
		texts.Add(list...)
	}
	bytes, lens := texts.at()
	made := C.eyotgo_islands_new(ring, bytes, lens, C.eyotgo_options{
		here_len: C.size_t(len(options.Here)), elsewhere_len: C.size_t(len(options.Elsewhere)),
		allowed_len: C.size_t(len(options.Allowed)), locations_len: C.size_t(len(options.Locations)),
		identity_len: C.size_t(len(options.Identity)), has_identity: C.bool(options.Identity != nil),
		url_limit: C.size_t(options.URLLimit), max_islands: C.size_t(options.MaxIslands),
		max_island_bytes: C.size_t(options.MaxIslandBytes),
		ttl:              C.uint32_t(options.TTL), ttl_grid: C.uint32_t(options.TTLGrid), flags: C.uint32_t(options.Flags),
	})
	if err := failed(made.status, made.error); err != nil {
		return nil, err
	}
	islands := &Islands{}
	hold(islands, &islands.object, made.object, freeIslands)
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
	made := C.eyotgo_islands_set_keys(islands, ring)
	return failed(made.status, made.error)
}

// Context is what a call takes from outside.
type Context struct {
	Now                                 uint64
	Mount, Audience, PagePath, PageLang string
	ShellLife, Flags                    uint32
}

func (c *Context) add(texts *Texts) C.eyotgo_moment {
	texts.Add(c.Mount, c.Audience, c.PagePath, c.PageLang)
	return C.eyotgo_moment{now: C.uint64_t(c.Now), shell_life: C.uint32_t(c.ShellLife), flags: C.uint32_t(c.Flags)}
}

// addMode is add for a split, which is strict or lenient.
func (c *Context) addMode(texts *Texts, lenient bool) C.eyotgo_moment {
	moment := c.add(texts)
	if lenient {
		moment.flags |= C.uint32_t(contextLenient)
	}
	return moment
}

// What Write writes of an island.
const (
	WritePlaceholder = int(C.EYOTGO_PLACEHOLDER)
	WriteAttributes  = int(C.EYOTGO_ATTRIBUTES)
	WriteURL         = int(C.EYOTGO_URL)
)

// Pair is a name and its value.
type Pair struct{ Name, Value string }

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
	texts := newTexts()
	defer texts.release()
	moment := context.add(texts)
	texts.Add(p.Name, p.Fallback, p.Error)
	for _, pairs := range [][]Pair{p.Slots, p.Options} {
		for _, pair := range pairs {
			texts.Add(pair.Name, pair.Value)
		}
	}
	if cap(out) == 0 {
		out = make([]byte, 0, 512+2*len(p.Props)+len(p.Fallback)+len(p.Error))
	}
	bytes, lens := texts.at()
	at, capacity := room(out)
	return written(out, C.eyotgo_islands_write(islands, C.int(what), pointer(p.Props), C.size_t(len(p.Props)),
		bytes, lens, C.size_t(len(p.Slots)), C.size_t(len(p.Options)), moment, at, capacity))
}

// LoaderTags writes the tags of the loader and the style sheet.
func (i *Islands) LoaderTags(context *Context) ([]byte, error) {
	islands, err := i.enter()
	if err != nil {
		return nil, err
	}
	defer i.leave()
	texts := newTexts()
	defer texts.release()
	moment := context.add(texts)
	out := make([]byte, 0, 256)
	bytes, lens := texts.at()
	at, capacity := room(out)
	return written(out, C.eyotgo_loader_tags(islands, bytes, lens, moment, at, capacity))
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
	texts := newTexts()
	defer texts.release()
	moment := context.addMode(texts, lenient)
	bytes, lens := texts.at()
	// The shell's segments lie in the page until it is freed.
	var pinner runtime.Pinner
	if len(page) > 0 {
		pinner.Pin(unsafe.SliceData(page))
		defer pinner.Unpin()
	}
	split := C.eyotgo_split(islands, pointer(page), C.size_t(len(page)), bytes, lens, moment)
	if err := failed(split.status, split.error); err != nil {
		return nil, err
	}
	defer C.eyot_shell_free(split.shell)
	shell := &Shell{
		Bytes: page, IsUntouched: bool(split.is_untouched),
		Problems:    findings(split.problems, split.problems_len),
		Diagnostics: findings(split.diagnostics, split.diagnostics_len),
	}
	if !shell.IsUntouched {
		shell.Bytes = make([]byte, 0, int(split.len))
		for _, segment := range slices(split.segments, split.segments_len) {
			shell.Bytes = append(shell.Bytes, borrowed(segment)...)
		}
	}
	for index := range int(split.islands_len) {
		shell.Islands = append(shell.Islands, text(C.eyotgo_shell_island(unsafe.Pointer(split.shell), C.size_t(index))))
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
	texts := newTexts()
	defer texts.release()
	moment := context.addMode(texts, lenient)
	bytes, lens := texts.at()
	made := C.eyotgo_splitter_new(islands, bytes, lens, moment)
	if err := failed(made.status, made.error); err != nil {
		return nil, err
	}
	splitter := &Splitter{}
	hold(splitter, &splitter.object, made.object, freeSplitter)
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
	if len(chunk) > 0 {
		pinner.Pin(unsafe.SliceData(chunk))
		defer pinner.Unpin()
	}
	pushed := C.eyotgo_splitter_push(splitter, pointer(chunk), C.size_t(len(chunk)), C.bool(isLast))
	if err := failed(pushed.status, pushed.error); err != nil {
		return err
	}
	for _, segment := range slices(pushed.segments, pushed.segments_len) {
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
	found := C.eyotgo_splitter_found(splitter, C.bool(problems))
	return findings(found.list, found.len)
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
	made := C.eyotgo_prepared_new(islands, pointer(page), C.size_t(len(page)))
	if err := failed(made.status, made.error); err != nil {
		return nil, err
	}
	prepared := &Prepared{}
	hold(prepared, &prepared.object, made.object, freePrepared)
	return prepared, nil
}

// WriteTo renders the shell piece by piece, without a copy. The writer must not keep the pieces.
func (p *Prepared) WriteTo(w io.Writer, context *Context) (int64, error) {
	prepared, err := p.enter()
	if err != nil {
		return 0, err
	}
	defer p.leave()
	texts := newTexts()
	defer texts.release()
	moment := context.add(texts)
	bytes, lens := texts.at()
	rendered := C.eyotgo_prepared_shell(prepared, bytes, lens, moment)
	if err := failed(rendered.status, rendered.error); err != nil {
		return 0, err
	}
	defer C.eyot_shell_free(rendered.shell)
	var sum int64
	for _, segment := range slices(rendered.segments, rendered.segments_len) {
		count, err := w.Write(borrowed(segment))
		sum += int64(count)
		if err != nil {
			return sum, err
		}
	}
	return sum, nil
}
