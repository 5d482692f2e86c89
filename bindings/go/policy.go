// Shell policies by path.

package eyot

import (
	"strings"
	"time"

	"github.com/eyot-dev/eyot/bindings/go/internal/native"
)

// Policies give pages a shell policy, by patterns of their paths, such as /p/{sku} and /docs/{page...}: {name} is one segment,
// {name...} at the end all that is left, and the most specific pattern that fits counts. They are those of http.ServeMux without
// methods and hosts. There is no policy for a whole site: without one eyot never touches Cache-Control.
type Policies map[string]Policy

// Policy is how long caches keep a route's shells, in whole seconds. It applies to GET and HEAD. The zero Policy is
// none: it excepts what its pattern fits from a wider pattern.
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

// paths are the policies as core finds them; nil where there are none.
func (p Policies) paths() (*native.Paths, error) {
	if len(p) == 0 {
		return nil, nil
	}
	paths, err := native.NewPaths()
	if err != nil {
		return nil, wrapped(err)
	}
	for pattern, given := range p {
		if method, path, found := strings.Cut(pattern, " "); found {
			return nil, configError("the policy of %q: policies are for GET and HEAD, so that a pattern has no method: write %q "+
				"in place of %s", pattern, strings.TrimSpace(path), method)
		}
		policy, err := given.policy()
		if err == nil {
			err = wrapped(paths.Add(pattern, policy))
		}
		if err != nil {
			err := err.(*Error)
			err.Message = "the policy of " + pattern + ": " + err.Message
			return nil, err
		}
	}
	return paths, nil
}

// policy is nil of the zero Policy.
func (p Policy) policy() (*native.Policy, error) {
	if p == (Policy{}) {
		return nil, nil
	}
	made := &native.Policy{Cookies: p.Cookies, Stream: p.Stream}
	for _, part := range []struct {
		name string
		time time.Duration
		to   *uint32
	}{
		{"Browser", p.Browser, &made.Browser}, {"CDN", p.CDN, &made.CDN},
		{"StaleWhileRevalidate", p.StaleWhileRevalidate, &made.StaleWhileRevalidate},
		{"StaleIfError", p.StaleIfError, &made.StaleIfError},
	} {
		whole, err := seconds(part.name, part.time)
		if err != nil {
			return nil, err
		}
		*part.to = whole
	}
	return made, nil
}
