// Sessions in a signed cookie, and forms with a CSRF token.

package main

import (
	"context"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"encoding/json"
	"net/http"
	"strings"
)

// Session is what a visitor's cookie holds, signed and readable by whoever has it.
type Session struct {
	Customer int64  `json:"customer,omitempty"`
	Cart     string `json:"cart,omitempty"`
	CSRF     string `json:"csrf,omitempty"`

	isRead, isChanged bool
}

// change notes that the session is to be saved.
func (s *Session) change() *Session {
	s.isChanged = true
	return s
}

// csrfToken is what a form must bring; a session without one gets it now.
func (s *Session) csrfToken() string {
	if s.CSRF == "" {
		s.change().CSRF = rand.Text()
	}
	return s.CSRF
}

func (s *Session) isToken(token string) bool {
	return s.CSRF != "" && subtle.ConstantTimeCompare([]byte(token), []byte(s.CSRF)) == 1
}

type sessionKey struct{}

// session is that of a request.
func session(r *http.Request) *Session {
	found, _ := r.Context().Value(sessionKey{}).(*Session)
	if found == nil {
		return &Session{}
	}
	found.isRead = true
	return found
}

const cookieName = "session"

// sessions reads and writes the cookie.
type sessions struct{ key []byte }

func newSessions(secret string) *sessions {
	key := sha256.Sum256([]byte("shop session " + secret))
	return &sessions{key[:]}
}

func (s *sessions) middleware(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		current := &Session{}
		if cookie, err := r.Cookie(cookieName); err == nil {
			current = s.read(cookie.Value)
		}
		writer := &sessionWriter{ResponseWriter: w, sessions: s, session: current}
		next.ServeHTTP(writer, r.WithContext(context.WithValue(r.Context(), sessionKey{}, current)))
		writer.save()
	})
}

func (s *sessions) sign(text string) string {
	mac := hmac.New(sha256.New, s.key)
	mac.Write([]byte(text))
	return base64.RawURLEncoding.EncodeToString(mac.Sum(nil))
}

func (s *sessions) read(value string) *Session {
	found := &Session{}
	text, signature, _ := strings.Cut(value, ".")
	content, err := base64.RawURLEncoding.DecodeString(text)
	if err != nil || !hmac.Equal([]byte(signature), []byte(s.sign(text))) || json.Unmarshal(content, found) != nil {
		return &Session{}
	}
	return found
}

func (s *sessions) cookie(current *Session) *http.Cookie {
	content, _ := json.Marshal(current)
	text := base64.RawURLEncoding.EncodeToString(content)
	cookie := &http.Cookie{
		Name: cookieName, Value: text + "." + s.sign(text), Path: "/", HttpOnly: true, SameSite: http.SameSiteLaxMode,
	}
	if string(content) == "{}" {
		cookie.Value, cookie.MaxAge = "", -1
	}
	return cookie
}

// sessionWriter saves the session with the head of the response.
type sessionWriter struct {
	http.ResponseWriter
	sessions *sessions
	session  *Session
	isSaved  bool
}

// Unwrap is for http.ResponseController.
func (w *sessionWriter) Unwrap() http.ResponseWriter { return w.ResponseWriter }

func (w *sessionWriter) save() {
	if w.isSaved {
		return
	}
	w.isSaved = true
	if w.session.isRead {
		w.Header().Add("Vary", "Cookie")
	}
	if w.session.isChanged {
		http.SetCookie(w.ResponseWriter, w.sessions.cookie(w.session))
	}
}

func (w *sessionWriter) WriteHeader(status int) {
	if status >= 200 {
		w.save()
	}
	w.ResponseWriter.WriteHeader(status)
}

func (w *sessionWriter) Write(body []byte) (int, error) {
	w.save()
	return w.ResponseWriter.Write(body)
}

// checkForms refuses a form without its token. Islands are exempt: a sealed token, and the checks of where a request
// comes from, do that work there.
func (s *Shop) checkForms(next http.Handler) http.Handler {
	// The pages that refuse hold islands like any other.
	ask := s.islands.Inner(http.HandlerFunc(s.askAgain))
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		isForm := r.Method == http.MethodPost && !strings.HasPrefix(r.URL.Path, s.islands.Pattern())
		if isForm && !session(r).isToken(r.FormValue("csrf_token")) {
			ask.ServeHTTP(w, r)
			return
		}
		next.ServeHTTP(w, r)
	})
}

// askAgain answers a form without its token: the page was cached and had no JavaScript. It shows what the form would
// do, and asks.
func (s *Shop) askAgain(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Cache-Control", "private, no-store")
	if r.URL.Path != "/cart/add" || wantsJSON(r) {
		s.message(w, r, http.StatusBadRequest, "That form was too old", "It came without its token: open the page again.")
		return
	}
	s.render(w, r, http.StatusBadRequest, "confirm.html", map[string]any{
		"SKU": r.FormValue("sku"), "Count": r.FormValue("count"), "CSRF": session(r).csrfToken(),
	})
}

func wantsJSON(r *http.Request) bool { return r.Header.Get("Accept") == "application/json" }
