// Splitting without the stations: whole pages, pages in chunks, prepared pages.

package eyot

import (
	"io"
	"net/http"
	"sync"
	"time"

	"github.com/eyot-dev/eyot/bindings/go/internal/native"
)

// Context is what one call takes from outside. The stations make it from the request; the zero value has nothing but
// the time.
type Context struct {
	// Now is the time; zero for the system's clock.
	Now time.Time
	// Mount is the app's mount point: empty, or starting with a slash and not ending with one.
	Mount string
	// Audience is a string that sealing and opening must agree on.
	Audience string
	// PagePath and PageLang are sealed into tokens that ask for them.
	PagePath, PageLang string
	// ShellLife is how long caches may keep the shell, in whole seconds: a token that expires sooner is an error.
	ShellLife time.Duration
	// Post says that the page answers something else than a GET: stale tokens in it do not heal.
	Post bool
	// NoLoader says that the page does not get the loader's tags: an island's own HTML, for one.
	NoLoader bool
	// Split says that what Placeholder and Attributes write goes through a split on its way out, such as Inner's. They
	// then write the attribute server:placed, which the split removes, and the page gets the loader's tags.
	Split bool
}

func (c *Context) native() (*native.Context, error) {
	life, err := seconds("Context.ShellLife", c.ShellLife)
	if err != nil {
		return nil, err
	}
	context := &native.Context{
		Now: unix(c.Now), Mount: c.Mount, Audience: c.Audience, PagePath: c.PagePath, PageLang: c.PageLang, ShellLife: life,
	}
	if c.Post {
		context.Flags |= native.ContextPost
	}
	if c.NoLoader {
		context.Flags |= native.ContextNoLoader
	}
	if c.Split {
		context.Flags |= native.ContextSplit
	}
	return context, nil
}

// Shell is a split page.
type Shell struct {
	// Bytes is the shell. It is the page itself, not a copy, where the page holds no directive.
	Bytes []byte
	// Untouched says that the page holds no directive.
	Untouched bool
	// Islands are the names of its islands, in the order in which they are sealed.
	Islands []string
	// Problems are what was wrong with the page and has been left out; there are none after Split.
	Problems []Finding
	// Diagnostics are what is no error and the page's author should know.
	Diagnostics []Finding
}

// Split splits a whole page. An error is an *Error of the kind ErrMarkup, with the place of the first problem.
func (isl *Islands) Split(page []byte, context Context) (*Shell, error) {
	return isl.split(page, false, context)
}

// SplitLenient splits a page whatever is wrong with it: of a faulty island its fallback is left, and no directive goes
// out. Only a page over the limits is an error. A page with problems must not be kept by caches.
func (isl *Islands) SplitLenient(page []byte, context Context) (*Shell, error) {
	return isl.split(page, true, context)
}

func (isl *Islands) split(page []byte, lenient bool, context Context) (*Shell, error) {
	core, err := isl.native()
	if err != nil {
		return nil, err
	}
	given, err := context.native()
	if err != nil {
		return nil, err
	}
	shell, err := core.Split(page, lenient, given)
	if err != nil {
		return nil, wrapped(err)
	}
	return &Shell{
		shell.Bytes, shell.IsUntouched, shell.Islands, findings(shell.Problems), findings(shell.Diagnostics),
	}, nil
}

// Splitter splits one page as it comes, in memory bounded by its longest island. However the page is cut, the output is
// the same. A Splitter belongs to one goroutine at a time.
type Splitter struct {
	native *native.Splitter
	out    io.Writer
	mutex  sync.Mutex
	isOver bool
}

// NewSplitter begins a page whose shell goes to `out`. With `lenient` it goes on whatever is wrong, as SplitLenient
// does.
func (isl *Islands) NewSplitter(out io.Writer, lenient bool, context Context) (*Splitter, error) {
	core, err := isl.native()
	if err != nil {
		return nil, err
	}
	given, err := context.native()
	if err != nil {
		return nil, err
	}
	splitter, err := core.NewSplitter(lenient, given)
	if err != nil {
		return nil, wrapped(err)
	}
	return &Splitter{native: splitter, out: out}, nil
}

// Write takes the next part of the page, and writes what is certain of the shell. After an error of the page itself it
// returns ErrFinished.
func (s *Splitter) Write(chunk []byte) (int, error) {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	if s.isOver {
		return 0, ErrFinished
	}
	if err := s.push(chunk, false); err != nil {
		return 0, err
	}
	return len(chunk), nil
}

// Close ends the page and writes the rest of the shell.
func (s *Splitter) Close() error {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	if s.isOver {
		return nil
	}
	s.isOver = true
	return s.push(nil, true)
}

func (s *Splitter) push(chunk []byte, isLast bool) error {
	err := s.native.Push(chunk, isLast, func(segment []byte) error {
		_, err := s.out.Write(segment)
		return err
	})
	if err != nil {
		s.isOver = true
	}
	return wrapped(err)
}

// Problems are what was wrong with the page so far; there are none while the splitter is strict.
func (s *Splitter) Problems() []Finding { return findings(s.native.Problems()) }

// Diagnostics are what is no error and the page's author should know, as far as it has been read.
func (s *Splitter) Diagnostics() []Finding { return findings(s.native.Diagnostics()) }

// Prepared is a page whose islands are found, to render it often: what does not change from one rendering to the next
// is written once for each key ring and mount point. It is safe for concurrent use.
type Prepared struct {
	isl    *Islands
	native *native.Prepared
}

// Prepare finds a page's islands, and copies the page.
func (isl *Islands) Prepare(page []byte) (*Prepared, error) {
	core, err := isl.native()
	if err != nil {
		return nil, err
	}
	prepared, err := core.Prepare(page)
	return &Prepared{isl, prepared}, wrapped(err)
}

// Render writes the shell, which costs the same whatever the page's length but for the writing. The writer gets it in
// pieces, and must not keep them.
func (p *Prepared) Render(w io.Writer, context Context) error {
	if p == nil || p.native == nil {
		return ErrClosed
	}
	given, err := context.native()
	if err != nil {
		return err
	}
	return p.render(w, given)
}

func (p *Prepared) render(w io.Writer, context *native.Context) error {
	return wrapped(p.native.Render(context, func(piece []byte) error {
		_, err := w.Write(piece)
		return err
	}))
}

// ServeHTTP answers with the page's shell, below Inner or without it: mux.Handle("GET /{$}", prepared). It is not split again.
func (p *Prepared) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	s := p.isl.stationOf(r.Context())
	if s != nil {
		s.htmlPass = new(bool)
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	if err := p.render(w, p.isl.context(r, s, false)); err != nil {
		p.isl.logFailure(r, err)
		startOver(w, "internal server error", http.StatusInternalServerError)
	}
}

// Close frees the page. Calls after it return ErrClosed.
func (p *Prepared) Close() error {
	if p != nil && p.native != nil {
		p.native.Close()
	}
	return nil
}

// Loader is the script that fetches islands and swaps them in; Stylesheet takes <server-island> out of the layout.
// Islands answer requests for all files.
func Loader() Asset { return Asset(native.ReadLoader()) }

// LoaderMore is the script that the loader fetches when a page needs it: for refreshes, triggers and retries.
func LoaderMore() Asset { return Asset(native.ReadLoaderMore()) }

// Stylesheet is described with Loader.
func Stylesheet() Asset { return Asset(native.ReadStylesheet()) }

// Asset is a file that pages with islands need.
type Asset struct {
	// Name is that below the prefix, such as loader.v1.js.
	Name string
	// Bytes is the content.
	Bytes []byte
	// Integrity is the value of an integrity attribute; in single quotes, a source for a Content-Security-Policy.
	Integrity string
}
