// Shell policies by route.

package eyot

import (
	"cmp"
	"net/http"
	"regexp"
	"strings"
	"time"

	"github.com/eyot-dev/eyot/bindings/go/internal/native"
)

// Policies give routes a shell policy. The keys are patterns of http.ServeMux, such as "GET /p/{sku}", and the most
// specific one that matches counts. There is no policy for a whole site: without one eyot never touches Cache-Control.
type Policies map[string]Policy

// Policy is how long caches keep a route's shells, in whole seconds. It applies to GET and HEAD. The zero Policy is
// none: it excepts what its pattern matches from a wider pattern.
type Policy struct {
	// CDN is how long shared caches keep a shell, Browser how long browsers do.
	CDN, Browser time.Duration
	// StaleWhileRevalidate and StaleIfError are how long a shared cache may serve a stale shell: while it gets a new
	// one, and when that fails.
	StaleWhileRevalidate, StaleIfError time.Duration
	// Cookies lets the app see Cookie and Authorization. Without it a shell cannot become personal.
	Cookies bool
	// Stream lets a page that flushes go out as it comes, without an ETag and with no guard on its body; at its first
	// fault the connection is cut. Without it flushing has no effect.
	Stream bool
}

// policy is a Policy as the outer station uses it. It is a handler so that a ServeMux can find it.
type policy struct{ native *native.Policy }

func (*policy) ServeHTTP(http.ResponseWriter, *http.Request) {}

func (p Policies) mux() *http.ServeMux {
	if len(p) == 0 {
		return nil
	}
	mux := http.NewServeMux()
	for pattern, given := range p {
		if err := foreign(pattern); err != nil {
			panic(err)
		}
		made, err := given.policy()
		if err != nil {
			err.Message = "the policy of " + pattern + ": " + err.Message
			panic(err)
		}
		mux.Handle(pattern, made)
	}
	return mux
}

// A segment of http.ServeMux's own, and what other routers write: a wildcard in whatever brackets, after a colon or as an
// asterisk, or an expression.
var (
	ownSegment     = regexp.MustCompile(`^(\{[\pL_][\pL\pN_]*(\.\.\.)?\}|\{\$\})$`)
	foreignSegment = regexp.MustCompile(`[<>{}\[\]^\\|]|^[:*(]|\*$|\*\*|\$$`)
	foreignName    = regexp.MustCompile(`^(?:\(\?P?<|<[^<>:]*:|[^\pL_]*)([\pL_][\pL\pN_]*)`)
	foreignRest    = regexp.MustCompile(`^\*|\*$|\*\*|<path:|:path}|\.\.\.|\.[*+]`)
)

// foreign is the error of a pattern in another router's syntax, which http.ServeMux would take for literal text.
func foreign(pattern string) *Error {
	own := pattern
	if expression, isOne := strings.CutPrefix(pattern, "^"); isOne {
		own = "/" + strings.TrimPrefix(expression, "/")
	}
	segments, found := strings.Split(own, "/"), ""
	// What stands before the first slash is a method and a host.
	for place := 1; place < len(segments); place++ {
		segment := segments[place]
		if ownSegment.MatchString(segment) || !foreignSegment.MatchString(segment) {
			continue
		}
		found, segments[place] = segment, meant(segment, place == len(segments)-1)
	}
	if meant := strings.Join(segments, "/"); meant != pattern {
		return configError("the policy of %q: %q is another router's syntax; patterns are those of http.ServeMux, where "+
			"{name} is one segment and {name...} the rest: perhaps %q is meant", pattern, cmp.Or(found, "^"), meant)
	}
	return nil
}

// meant is how http.ServeMux writes another router's segment, as near as it comes.
func meant(segment string, isLast bool) string {
	if segment == "$" {
		return "{$}"
	}
	name := "rest"
	if found := foreignName.FindStringSubmatch(segment); found != nil {
		name = found[1]
	}
	if isLast && foreignRest.MatchString(segment) {
		return "{" + name + "...}"
	}
	return "{" + name + "}"
}

func (p Policy) policy() (*policy, *Error) {
	if p == (Policy{}) {
		return &policy{}, nil
	}
	var whole [4]uint32
	for i, part := range []struct {
		name string
		time time.Duration
	}{
		{"Browser", p.Browser}, {"CDN", p.CDN},
		{"StaleWhileRevalidate", p.StaleWhileRevalidate}, {"StaleIfError", p.StaleIfError},
	} {
		count, err := seconds(part.name, part.time)
		if err != nil {
			return nil, err.(*Error)
		}
		whole[i] = count
	}
	var flags uint32
	if p.Cookies {
		flags |= native.PolicyCookies
	}
	if p.Stream {
		flags |= native.PolicyStream
	}
	made, err := native.NewPolicy(whole[0], whole[1], whole[2], whole[3], flags)
	if err != nil {
		return nil, wrapped(err).(*Error)
	}
	return &policy{made}, nil
}
