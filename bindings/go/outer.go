// The outer station: what a request is, what the app sees of it, and what leaves.

package eyot

import (
	"io"
	"net/http"
	"strings"

	"github.com/eyot-dev/eyot/bindings/go/internal/native"
)

// outer is the outer station: it stands outside of sessions and authentication.
type outer struct {
	isl      *Islands
	next     http.Handler
	policies *native.Paths
	// Whether Islands.ServeHTTP does its work, for want of one around the app.
	isAlone bool
}

// Outer is the outer station, as middleware: it answers for files and refusals, sends island answers with their headers, gives
// the pages of routes with a policy theirs, and splits what layers answer between it and Inner. It stands around everything
// that sets cookies, and inside of compression.
//
// Like http.ServeMux.Handle it panics with an *Error when a pattern or a policy cannot be used.
func (isl *Islands) Outer(policies Policies) func(http.Handler) http.Handler {
	paths, err := policies.paths()
	if err != nil {
		panic(err)
	}
	return func(next http.Handler) http.Handler { return &outer{isl: isl, next: next, policies: paths} }
}

func (o *outer) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if found := o.isl.stationOf(r.Context()); found != nil && !o.isAlone {
		wrong := errExchanged
		if found.isWithin {
			wrong = errTwice
		}
		o.isl.fail(w, r, wrong)
		return
	}
	o.isl.followKeys(r.Context())
	s := &station{isl: o.isl, isWithin: true}
	inner := r
	target, mount := o.isl.target(r)
	// A mount point of a proxy's header may be none: core refuses it, wherever the request goes.
	if policy := o.policy(r, target, mount); policy != nil || o.isl.isBelow(target, mount) || mount != "" {
		head := &native.Head{Method: r.Method, Target: target, Mount: mount, Host: r.Host, Header: r.Header}
		reply, err := s.arrive(r, head, policy, w.Header())
		if err == nil && reply == nil && s.exchange != nil {
			defer s.exchange.Close()
			inner, reply, err = s.asked(r)
		}
		switch {
		case err != nil:
			o.isl.fail(w, r, err)
			return
		case reply != nil:
			drain(r)
			o.isl.reply(w, r, reply)
			return
		}
	}
	if s.exchange == nil {
		inner = uncoded(r)
	}
	out := s.newWriter(w, r, true)
	o.next.ServeHTTP(out, s.with(inner))
	out.finish()
}

// policy is that of the path below the mount point.
func (o *outer) policy(r *http.Request, target, mount string) *native.Route {
	if o.policies == nil || r.Method != http.MethodGet && r.Method != http.MethodHead {
		return nil
	}
	path, _, _ := strings.Cut(strings.TrimPrefix(target, mount), "?")
	if !strings.HasPrefix(path, "/") {
		path = pathOf(target)
	}
	route, unused, err := o.policies.Find(path, o.isl.config.Debug)
	o.isl.tell(r.Context(), unused)
	if err != nil {
		o.isl.logFailure(r, err)
	}
	return route
}

// arrive finds out what a request is: the station has an exchange then, or there is a reply to send at once.
func (s *station) arrive(
	r *http.Request, head *native.Head, policy *native.Route, said http.Header,
) (*native.Reply, error) {
	core, err := s.isl.native()
	if err != nil {
		return nil, err
	}
	exchange, reply, events, err := core.Arrive(head, policy, visitor(said))
	s.exchange = exchange
	s.isl.tell(r.Context(), events)
	if err != nil || exchange == nil || exchange.Island == "" {
		return reply, err
	}
	if found := s.isl.registration(exchange.Island); found != nil && found.shared >= 0 {
		// Everybody gets what it answers: it does not see who asks, and all of it is judged.
		err = exchange.Share(uint32(found.shared))
	}
	return nil, err
}

// visitor names what a layer further out has said of the response that tells visitors apart.
func visitor(header http.Header) string {
	if len(header["Set-Cookie"]) > 0 {
		return "a Set-Cookie header"
	}
	for _, names := range header["Vary"] {
		for name := range strings.SplitSeq(names, ",") {
			if strings.EqualFold(strings.TrimSpace(name), "Cookie") {
				return "a Vary: Cookie header"
			}
		}
	}
	return ""
}

// asked is the request that the app sees: without what must not shape a shell, and of a posted token the GET that it stands
// for. A reply refuses it.
func (s *station) asked(r *http.Request) (*http.Request, *native.Reply, error) {
	inner, address := *r, *r.URL
	inner.Header, inner.URL, inner.Method = without(r.Header, s.exchange.Hidden...), &address, s.exchange.Method
	path, query, _ := strings.Cut(r.RequestURI, "?")
	if s.exchange.HasQuery {
		query = s.exchange.Query
		address.RawQuery = query
	}
	if s.exchange.BodyLimit > 0 {
		token, refusal, err := s.posted(r)
		if err != nil || refusal != nil {
			return nil, refusal, err
		}
		address.Path, path = address.Path+token, path+token
		if address.RawPath != "" {
			address.RawPath += token
		}
		inner.Header.Del("Content-Type")
		inner.Header.Del("Content-Length")
		inner.Body, inner.ContentLength, inner.TransferEncoding = http.NoBody, 0, nil
	}
	if r.RequestURI != "" {
		inner.RequestURI = path
		if query != "" {
			inner.RequestURI += "?" + query
		}
	}
	return &inner, nil, nil
}

// posted is what the path of the GET ends with: a slash and the token.
func (s *station) posted(r *http.Request) (string, *native.Reply, error) {
	// A body that breaks off is no token.
	body, _ := io.ReadAll(io.LimitReader(r.Body, int64(s.exchange.BodyLimit)+1))
	path, refusal, err := s.exchange.TakeBody(body)
	if err != nil || refusal != nil {
		return "", refusal, err
	}
	// The app may know the path without a mount point.
	return path[strings.LastIndexByte(path, '/'):], nil, nil
}

// patience is how much of a refused body is read.
const patience = 2 << 20

// drain reads what a client is still sending, so that it gets to read its refusal: net/http cuts off who sends much more. Who
// asks first has sent nothing yet.
func drain(r *http.Request) {
	if r.Body != nil && r.Header.Get("Expect") == "" {
		_, _ = io.CopyN(io.Discard, r.Body, patience)
	}
}

// uncoded is a request whose answer nobody needs to decode: where a page is asked for, the app is asked for no coding.
func uncoded(r *http.Request) *http.Request {
	if r.Header["Accept-Encoding"] == nil || !strings.Contains(r.Header.Get("Accept"), "text/html") {
		return r
	}
	inner := *r
	inner.Header = without(r.Header, "Accept-Encoding")
	return &inner
}

// without is a copy of a header without some names.
func without(header http.Header, names ...string) http.Header {
	rest := header.Clone()
	for _, name := range names {
		rest.Del(name)
	}
	return rest
}
