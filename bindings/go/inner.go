// The inner station.

package eyot

import (
	"log/slog"
	"net/http"
)

var (
	errExchanged = configError("the stations are exchanged: isl.Outer stands inside of isl.Inner; write isl.Outer(policies)(" +
		"sessions(isl.Inner(router)))")
	errTwice = configError("isl.Outer stands inside of isl.Outer: leave one of the two, with the policies of both")
)

// Inner is the inner station: it splits the HTML that `next` answers. It stands inside of sessions and authentication,
// directly around the app's router.
func (isl *Islands) Inner(next http.Handler) http.Handler {
	if outer, isOne := next.(*outer); isOne && outer.isl == isl {
		panic(errExchanged)
	}
	isl.hasInner.Store(true)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		s := isl.stationOf(r.Context())
		if s == nil {
			isl.noOuter.Do(func() {
				isl.log(r.Context(), Event{
					Level: slog.LevelWarn, Code: "order-no-outer", Path: isl.pathOf(r),
					Message: "there is no outer station around isl.Inner: put isl.Outer(policies) around sessions and whatever " +
						"else sets cookies; without it no page has a policy, and nothing judges what leaves",
				})
			})
			s = &station{isl: isl}
			r = s.with(uncoded(r))
		}
		isSecond := s.seen != nil
		s.seen = r
		if isSecond || s.isIsland() {
			// The answer to an island is split where its handler is called, and a page by the first of two.
			next.ServeHTTP(w, r)
			return
		}
		page := isl.served(w, r, s, next)
		if isRange(r) && page.isPart() {
			page = isl.withoutRange(page, s, next)
			if page.isPlainFile() {
				// A part of it is what was asked for.
				page = isl.again(page, r, s, next)
				if page.isPart() {
					// It has changed meanwhile.
					page = isl.withoutRange(page, s, next)
				}
			}
		}
		page.finish()
	})
}

func (isl *Islands) served(w http.ResponseWriter, r *http.Request, s *station, next http.Handler) *writer {
	page := s.newWriter(w, r, false)
	next.ServeHTTP(page, r)
	return page
}

// again has the app answer once more, where nothing has gone out.
func (isl *Islands) again(page *writer, r *http.Request, s *station, next http.Handler) *writer {
	page.release()
	page.startAgain()
	return isl.served(page.next, r, s, next)
}

// withoutRange asks again for all of a page of which the app gave a part, which cannot be split and may hold
// directives.
func (isl *Islands) withoutRange(page *writer, s *station, next http.Handler) *writer {
	whole := *page.request
	whole.Header = without(whole.Header, "Range", "If-Range")
	return isl.again(page, &whole, s, next)
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
