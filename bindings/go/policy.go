// Shell policies by route.

package eyot

import (
	"net/http"
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
type policy struct {
	native *native.Policy
	stream bool
}

func (*policy) ServeHTTP(http.ResponseWriter, *http.Request) {}

func (p Policies) mux() *http.ServeMux {
	if len(p) == 0 {
		return nil
	}
	mux := http.NewServeMux()
	for pattern, given := range p {
		made, err := given.policy()
		if err != nil {
			err.Message = "the policy of " + pattern + ": " + err.Message
			panic(err)
		}
		mux.Handle(pattern, made)
	}
	return mux
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
	return &policy{made, p.Stream}, nil
}
