// Package eyot puts server islands into net/http: it splits a page that is the same for everybody but for an avatar
// and a cart count into a cacheable shell with placeholders, seals each island's props into a token, and calls an
// ordinary handler when the browser asks for the island, with the visitor's cookies and session.
//
//	isl, err := eyot.New(eyot.Config{}) // keys from EYOT_KEYS
//	isl.Handle("CartRow", eyot.Handler(cartRow)) // func(http.ResponseWriter, *http.Request, RowProps) error
//	isl.Handle("Avatar", requireUser(avatar)) // any http.Handler; eyot.FromContext(r.Context())
//	mux.Handle(isl.Pattern(), isl)
//	server.Handler = isl.Outer(eyot.Policies{"/p/{sku}": {CDN: 10 * time.Minute}})(sessions(isl.Inner(mux)))
//
// In HTML, an island is an element with the attribute server:defer:
//
//	<CartCount server:defer><i slot="fallback">Cart</i></CartCount>
//	<tr server:defer="CartRow" server:props="{{islandProps "sku" .SKU}}"><td slot="fallback">…</td></tr>
//
// The work is done by a library in C, libeyot, which pkg-config finds; with the build tag eyot_static a library that
// comes with the module is linked instead. It needs cgo.
//
// Objects are safe for concurrent use unless they say otherwise, free themselves when nobody holds them any more, and
// return ErrClosed after Close.
package eyot
