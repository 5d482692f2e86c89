// Command go is the probe in Go: an app in which every answer is described from outside, on net/http, chi, gin or echo.
package main

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"html"
	"log/slog"
	"net/http"
	"os"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/eyot-dev/eyot/bindings/go"
)

const htmlType = "text/html; charset=utf-8"

// Says is what a route or a handler answers.
type Says struct {
	Text     *string           `json:"text"`
	Pieces   []string          `json:"pieces"`
	Base64   string            `json:"base64"`
	File     string            `json:"file"`
	JSON     json.RawMessage   `json:"json"`
	Redirect string            `json:"redirect"`
	Raise    string            `json:"raise"`
	Type     string            `json:"type"`
	Status   int               `json:"status"`
	Headers  [][2]string       `json:"headers"`
	Session  map[string]string `json:"session"`
	Methods  []string          `json:"methods"`
	Wait     int               `json:"wait"`
	Pause    int               `json:"pause"`
	Length   bool              `json:"length"`
	Typed    bool              `json:"typed"`
	Ranges   bool              `json:"ranges"`
	HTMLPass *bool             `json:"html_pass"`
	Policy   *Policy           `json:"policy"`
	Options  struct {
		Shared *int `json:"shared"`
	} `json:"options"`
}

// Policy is a shell policy of the description.
type Policy struct {
	CDN, Browser, SWR, SIE float64
	Cookies, Stream        bool
}

func (p Policy) policy() eyot.Policy {
	duration := func(seconds float64) time.Duration { return time.Duration(seconds * float64(time.Second)) }
	return eyot.Policy{
		CDN: duration(p.CDN), Browser: duration(p.Browser), StaleWhileRevalidate: duration(p.SWR),
		StaleIfError: duration(p.SIE), Cookies: p.Cookies, Stream: p.Stream,
	}
}

// description is what the probe starts from.
var description struct {
	Stack struct {
		Between, Around     []string
		Session, Mount      string
		Debug, Inner, Outer bool
		Second              bool
		Name                string
	}
	Routes, Islands map[string]Says
	Second          struct {
		Routes, Islands map[string]Says
	}
	Patterns            map[string]Policy
	Files, Layout, Keys string
	Options             struct {
		LoginURL       string   `json:"login_url"`
		Locations      []string `json:"locations"`
		AllowedOrigins []string `json:"allowed_origins"`
		Deadline       int      `json:"deadline"`
	}
}

// noted is what has happened since it was last asked for.
type noted struct {
	Log      []map[string]string `json:"log"`
	Refusals []map[string]any    `json:"refusals"`
	Runs     []map[string]any    `json:"runs"`
}

var (
	lock   sync.Mutex
	events noted
	live   atomic.Int64
)

func note(change func(*noted)) {
	lock.Lock()
	defer lock.Unlock()
	change(&events)
}

// lines is eyot's log.
type lines struct{ slog.Handler }

func (l lines) Enabled(context.Context, slog.Level) bool { return true }

func (l lines) Handle(_ context.Context, r slog.Record) error {
	text := r.Message
	r.Attrs(func(a slog.Attr) bool { text += " " + a.String(); return true })
	level := map[slog.Level]string{slog.LevelInfo: "info", slog.LevelWarn: "warning", slog.LevelError: "error"}[r.Level]
	note(func(n *noted) { n.Log = append(n.Log, map[string]string{"level": level, "text": text}) })
	return nil
}

func read() {
	text, err := os.ReadFile(os.Getenv("PROBE"))
	if err == nil {
		err = json.Unmarshal(text, &description)
	}
	if err != nil {
		panic(err)
	}
}

func newIslands() *eyot.Islands {
	config := eyot.Config{
		Keys:           description.Keys,
		LoginURL:       description.Options.LoginURL,
		Locations:      description.Options.Locations,
		AllowedOrigins: description.Options.AllowedOrigins,
		Deadline:       time.Duration(description.Options.Deadline) * time.Millisecond,
		Debug:          description.Stack.Debug,
		Logger:         slog.New(lines{slog.Default().Handler()}),
		OnEvent: func(_ context.Context, e eyot.Event) {
			if e.Island == "HookRaises" {
				panic("in the hook")
			}
			if e.Status == 0 {
				return
			}
			note(func(n *noted) {
				n.Refusals = append(n.Refusals, map[string]any{"reason": e.Code, "status": e.Status, "island": e.Island})
			})
		},
	}
	if description.Stack.Name == "proxy" {
		config.Mount = func(r *http.Request) string { return r.Header.Get("X-Forwarded-Prefix") }
	}
	isl, err := eyot.New(config)
	if err != nil {
		panic(err)
	}
	return isl
}

func policies(routes map[string]Says) eyot.Policies {
	found := eyot.Policies{}
	for path, says := range routes {
		if says.Policy != nil {
			found[path] = says.Policy.policy()
		}
	}
	return found
}

// allPolicies has the patterns that no route has, too.
func allPolicies() eyot.Policies {
	found := policies(description.Routes)
	for pattern, policy := range description.Patterns {
		found[pattern] = policy.policy()
	}
	return found
}

// Answer is what to send now: the description with the request's facts filled in.
type Answer struct {
	Says
	Body []byte
}

// said notes the run, waits, fails, and fills in what the request showed.
func (s Says) said(r *http.Request, props string) Answer {
	live.Add(1)
	defer live.Add(-1)
	headers := map[string]string{"host": r.Host}
	for name, values := range r.Header {
		headers[strings.ToLower(name)] = strings.Join(values, ", ")
	}
	note(func(n *noted) {
		n.Runs = append(n.Runs, map[string]any{"path": r.URL.Path, "method": r.Method, "target": r.URL.RequestURI(), "headers": headers})
	})
	if s.Wait > 0 {
		select {
		case <-time.After(time.Duration(s.Wait) * time.Millisecond):
		case <-r.Context().Done():
		}
	}
	if s.Raise != "" {
		panic(s.Raise)
	}
	session := sessionOf(r)
	for name, value := range s.Session {
		session[name] = filled(value, r, props)
	}
	answer := Answer{Says: s}
	if answer.Status == 0 {
		answer.Status = http.StatusOK
	}
	if answer.Type == "" {
		answer.Type = htmlType
	}
	if s.Text != nil {
		answer.Body = []byte(filled(*s.Text, r, props))
	}
	answer.Redirect = filled(s.Redirect, r, props)
	if s.Base64 != "" {
		answer.Body, _ = base64.StdEncoding.DecodeString(s.Base64)
	}
	if wanted := r.Header.Get("Range"); s.Ranges && wanted != "" {
		answer.part(wanted)
	}
	return answer
}

// part is what an app answers that honours ranges.
func (a *Answer) part(wanted string) {
	from, to, _ := strings.Cut(strings.TrimPrefix(wanted, "bytes="), "-")
	first, _ := strconv.Atoi(from)
	end := len(a.Body)
	if last, err := strconv.Atoi(to); err == nil {
		end = last + 1
	}
	a.Headers = append(a.Headers, [2]string{"Content-Range", fmt.Sprintf("bytes %d-%d/%d", first, end-1, len(a.Body))})
	a.Status, a.Body = http.StatusPartialContent, a.Body[first:end]
}

func filled(text string, r *http.Request, props string) string {
	if !strings.Contains(text, "%") {
		return text
	}
	session := sessionOf(r)
	if strings.Contains(text, "%page%") {
		path := "none"
		if island := eyot.FromContext(r.Context()); island != nil && island.Page != nil {
			path = island.Page.Path
		}
		text = strings.ReplaceAll(text, "%page%", html.EscapeString(path))
	}
	for name, value := range map[string]string{"method": r.Method, "path": r.URL.Path, "target": r.URL.RequestURI(), "props": props} {
		text = strings.ReplaceAll(text, "%"+name+"%", html.EscapeString(value))
	}
	for _, name := range []string{"cookie", "authorization", "accept-encoding"} {
		value := r.Header.Get(name)
		if value == "" {
			value = "none"
		}
		text = strings.ReplaceAll(text, "%"+name+"%", html.EscapeString(value))
	}
	for name, values := range r.URL.Query() {
		text = strings.ReplaceAll(text, "%query."+name+"%", html.EscapeString(values[0]))
	}
	if strings.Contains(text, "%user%") {
		user := session["user"]
		if user == "" {
			user = "nobody"
		}
		text = strings.ReplaceAll(text, "%user%", html.EscapeString(user))
	}
	if strings.Contains(text, "%csrf%") {
		if session["csrf"] == "" {
			session["csrf"] = newKey()
		}
		text = strings.ReplaceAll(text, "%csrf%", session["csrf"])
	}
	return text
}

// send answers as a handler of net/http does; gin and echo do so through their own writers.
func (a Answer) send(w http.ResponseWriter, r *http.Request) {
	for _, header := range a.Headers {
		w.Header().Add(header[0], header[1])
	}
	switch {
	case a.File != "":
		http.ServeFile(w, r, description.Files+"/"+a.File)
		return
	case a.JSON != nil:
		w.Header().Set("Content-Type", "application/json")
		a.Body = a.JSON
	case a.Redirect != "":
		http.Redirect(w, r, a.Redirect, max(a.Status, http.StatusFound))
		return
	default:
		w.Header().Set("Content-Type", a.Type)
	}
	if a.Pieces != nil {
		a.stream(w, r)
		return
	}
	w.WriteHeader(a.Status)
	_, _ = w.Write(a.Body)
}

// stream writes the pieces in their time. A piece "!" is where it fails.
func (a Answer) stream(w http.ResponseWriter, r *http.Request) {
	live.Add(1)
	defer live.Add(-1)
	if a.Length {
		w.Header().Set("Content-Length", strconv.Itoa(len(strings.Join(a.Pieces, ""))))
	}
	w.WriteHeader(a.Status)
	for i, piece := range a.Pieces {
		if i > 0 {
			select {
			case <-time.After(time.Duration(a.Pause) * time.Millisecond):
			case <-r.Context().Done():
				return
			}
		}
		if piece == "!" {
			panic(http.ErrAbortHandler)
		}
		if _, err := w.Write([]byte(filled(piece, r, ""))); err != nil {
			return
		}
		if !a.Length {
			_ = http.NewResponseController(w).Flush()
		}
	}
}

func taken(w http.ResponseWriter, _ *http.Request) {
	var text []byte
	note(func(n *noted) {
		text, _ = json.Marshal(n)
		*n = noted{}
	})
	w.Header().Set("Content-Type", "application/json")
	_, _ = w.Write(bytes.ReplaceAll(text, []byte(":null"), []byte(":[]")))
}

func running(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Type", "text/plain")
	_, _ = fmt.Fprint(w, live.Load())
}
