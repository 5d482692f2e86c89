// What the stations of one request tell each other, and what a request brings to its islands.

package eyot

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"sync/atomic"

	"github.com/eyot-dev/eyot/bindings/go/internal/native"
)

// station is what the stations of one request tell each other, by its context.
type station struct {
	isl *Islands
	// The request for an island, or for a page with a policy, as core knows it; nil for the app's own.
	exchange *native.Exchange
	// Whether there is an outer station around the inner one.
	isWithin bool
	// Set by HTMLPass.
	htmlPass *bool
	// The request that the inner station got.
	seen *http.Request
	// Whether the inner station has begun a stream and not ended it: it may run beside the outer one, behind a timeout.
	isOpen atomic.Bool
}

type stationKey struct{ isl *Islands }

// stationOf returns what the stations of these islands noted in a context; nil where there is none.
func (isl *Islands) stationOf(ctx context.Context) *station {
	found, _ := ctx.Value(stationKey{isl}).(*station)
	return found
}

func (s *station) with(r *http.Request) *http.Request {
	return r.WithContext(context.WithValue(r.Context(), stationKey{s.isl}, s))
}

func (s *station) isIsland() bool { return s.exchange != nil && s.exchange.Island != "" }

// splits tells whether the HTML that is answered to the request is split.
func (s *station) splits() bool {
	if s.htmlPass != nil {
		return *s.htmlPass
	}
	return !s.isl.config.NoHTMLPass
}

// target is the request target as it stood on the request line, with the mount point.
func (isl *Islands) target(r *http.Request) (target, mount string) {
	target = r.RequestURI
	if target == "" {
		// A request that no server read.
		target = r.URL.RequestURI()
	}
	path := pathOf(target)
	if isl.config.Mount != nil {
		mount = strings.TrimRight(isl.config.Mount(r), "/")
		if path != mount && !strings.HasPrefix(path, mount+"/") {
			// A proxy took the prefix off: the target never had it.
			target = mount + target
		}
		return target, mount
	}
	if rest, found := strings.CutSuffix(path, r.URL.EscapedPath()); found && strings.HasPrefix(rest, "/") {
		mount = strings.TrimRight(rest, "/")
	}
	return target, mount
}

// pathOf is the path of a target, without query, escaped as a browser shows it.
func pathOf(target string) string {
	path, _, _ := strings.Cut(target, "?")
	if !strings.HasPrefix(path, "/") {
		if absolute, err := url.Parse(target); err == nil {
			path = absolute.EscapedPath()
		}
	}
	if strings.IndexFunc(path, func(c rune) bool { return c <= ' ' || c >= 0x7f }) < 0 {
		return path
	}
	var escaped strings.Builder
	for _, c := range []byte(path) {
		if c > ' ' && c < 0x7f {
			escaped.WriteByte(c)
		} else {
			fmt.Fprintf(&escaped, "%%%02X", c)
		}
	}
	return escaped.String()
}

// isBelow tells whether a target may be below the prefix. Core tells for certain.
func (isl *Islands) isBelow(target, mount string) bool {
	rest, found := strings.CutPrefix(target, mount)
	return found && strings.HasPrefix(rest, isl.config.Prefix) || !strings.HasPrefix(target, "/")
}

// context is what a request brings to its islands. The outer station is outside of sessions: there is no audience for it to
// seal for, and no language.
func (isl *Islands) context(r *http.Request, s *station, isOutside bool) *native.Context {
	target, mount := isl.target(r)
	found := &native.Context{Now: isl.now(), Mount: mount}
	if r.Method != http.MethodGet && r.Method != http.MethodHead {
		found.Flags |= native.ContextPost
	}
	if isOutside && (isl.config.Audience != nil || isl.config.Lang != nil) {
		found.Flags |= native.ContextNoSeals
	}
	if !isOutside {
		found.Audience = isl.audience(r)
	}
	if !isOutside && s != nil && s.seen != nil && s.splits() {
		found.Flags |= native.ContextSplit
	}
	if s != nil && s.isIsland() {
		// An island within an island belongs to no page of its own, and the page around it has the loader.
		found.Flags |= native.ContextNoLoader
		return found
	}
	found.PagePath = pathOf(target)
	if isl.config.Lang != nil && !isOutside {
		found.PageLang = isl.config.Lang(r)
	}
	if s != nil && s.exchange != nil {
		found.ShellLife = s.exchange.Life
	}
	return found
}

func (isl *Islands) audience(r *http.Request) string {
	if isl.config.Audience == nil {
		return ""
	}
	return isl.config.Audience(r)
}
