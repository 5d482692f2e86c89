// The inner station.

package eyot

import "net/http"

// Inner is the inner station: it splits the HTML that `next` answers. It stands inside of sessions and authentication,
// directly around the app's router.
func (isl *Islands) Inner(next http.Handler) http.Handler {
	isl.hasInner.Store(true)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		s := isl.stationOf(r.Context())
		if s == nil {
			s = &station{isl: isl, shared: -1}
			r = s.with(r)
		}
		s.request = r
		if s.island != nil {
			// The answer to an island is split where its handler is called.
			next.ServeHTTP(w, r)
			return
		}
		page := newPageWriter(isl, w, r, s)
		next.ServeHTTP(page, r)
		if isRange(r) && page.isPart() {
			page.release()
			page.startAgain()
			page = isl.withoutRange(w, r, s, next)
		}
		page.finish()
	})
}

// withoutRange asks again for all of a page of which the app gave a part, which cannot be split and may hold
// directives.
func (isl *Islands) withoutRange(w http.ResponseWriter, r *http.Request, s *station, next http.Handler) *pageWriter {
	again := r.Clone(r.Context())
	again.Header.Del("Range")
	again.Header.Del("If-Range")
	page := newPageWriter(isl, w, again, s)
	next.ServeHTTP(page, again)
	return page
}

func isRange(r *http.Request) bool {
	return r.Header.Get("Range") != "" && (r.Method == http.MethodGet || r.Method == http.MethodHead)
}

// HTMLPass switches the HTML pass on, or off, for what one handler answers, whatever the configuration says. With the
// pass off nothing is split: markup that visitors wrote cannot become an island, and template functions work as ever.
func (isl *Islands) HTMLPass(on bool, next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if s := isl.stationOf(r.Context()); s != nil {
			s.htmlPass = &on
		}
		next.ServeHTTP(w, r)
	})
}
