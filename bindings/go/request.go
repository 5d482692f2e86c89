// What the stations of one request tell each other, and what a request brings to its islands.

package eyot

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"strings"

	"github.com/eyot-dev/eyot/bindings/go/internal/native"
)

// station is what the stations of one request tell each other, by its context.
type station struct {
	isl *Islands
	// Set by the outer station: the request for an island and its body, or the policy of the route.
	island *native.Request
	body   []byte
	policy *policy
	// Set by HTMLPass.
	htmlPass *bool
	// Set where the island is answered.
	isAnswered bool
	refusal    *native.Reply
	shared     int64
	page       []byte
	// The handler's own policies, where the island is answered: those of the app's pages are not the island's.
	contentPolicies []string
	hasPolicies     bool
	// Set by the inner station for a page that no cache may keep.
	isFaulty bool
	// The request that the inner station got.
	request *http.Request
}

type stationKey struct{}

// stationOf returns what the stations of these islands noted in a context; nil where there is none.
func (isl *Islands) stationOf(ctx context.Context) *station {
	found, _ := ctx.Value(stationKey{}).(*station)
	if found == nil || found.isl != isl {
		return nil
	}
	return found
}

func (s *station) with(r *http.Request) *http.Request {
	return r.WithContext(context.WithValue(r.Context(), stationKey{}, s))
}

// streams tells whether a streamed page goes out as it comes; else all of it is judged before its head leaves.
func (s *station) streams() bool { return s.policy == nil || s.policy.stream }

// mustBeSound tells whether a stream is cut at its first fault: caches would keep what is found when its head has gone.
func (s *station) mustBeSound() bool { return s.policy != nil || s.shared >= 0 }

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

// context is what a request brings to its islands.
func (isl *Islands) context(r *http.Request, s *station) *native.Context {
	target, mount := isl.target(r)
	found := &native.Context{Now: isl.now(), Mount: mount, Audience: isl.audience(r)}
	if r.Method != http.MethodGet && r.Method != http.MethodHead {
		found.Flags |= native.ContextPost
	}
	if s != nil && s.request != nil && isl.splits(s) {
		found.Flags |= native.ContextSplit
	}
	if s != nil && s.island != nil {
		// An island within an island belongs to no page of its own, and the page around it has the loader.
		found.Flags |= native.ContextNoLoader
		return found
	}
	found.PagePath = pathOf(target)
	if isl.config.Lang != nil {
		found.PageLang = isl.config.Lang(r)
	}
	if s != nil && s.policy != nil {
		found.ShellLife = s.policy.native.Life
	}
	return found
}

// splits tells whether the HTML that is answered to a request is split.
func (isl *Islands) splits(s *station) bool {
	if s.htmlPass != nil {
		return *s.htmlPass
	}
	return !isl.config.NoHTMLPass
}

func (isl *Islands) audience(r *http.Request) string {
	if isl.config.Audience == nil {
		return ""
	}
	return isl.config.Audience(r)
}
