// The vectors of whole exchanges, through both stations around a real app.

package eyot_test

import (
	"context"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/eyot-dev/eyot/bindings/go"
)

// reply is what the app, a handler or a layer answers.
type reply struct {
	Status  int
	Headers [][2]string
	Body    string
	Chunks  []string
	Splits  *bool
}

func (a *reply) answer(w http.ResponseWriter, target string) {
	for _, pair := range a.Headers {
		w.Header().Set(pair[0], strings.ReplaceAll(pair[1], "{target}", target))
	}
	w.WriteHeader(a.Status)
	_, _ = io.WriteString(w, a.Body)
	for _, chunk := range a.Chunks {
		_, _ = io.WriteString(w, chunk)
		_ = http.NewResponseController(w).Flush()
	}
}

type exchange struct {
	Title, Method, Target, Query, Visitor, Misfit, Arrives string
	Debug                                                  bool
	Headers, Adds                                          [][2]string
	Policy                                                 *struct {
		CDN    int
		Stream bool
	}
	Shared          *int
	Hidden, Events  []string
	Inside, Between *reply
	Leaves          struct {
		Status  int
		Headers map[string]*string
		Body    *string
		Cut     bool
	}
}

// codes is a log of which the codes are kept.
type codeLog struct {
	slog.Handler
	codes *[]string
}

func (l codeLog) Enabled(context.Context, slog.Level) bool { return true }

func (l codeLog) Handle(_ context.Context, record slog.Record) error {
	record.Attrs(func(a slog.Attr) bool {
		if a.Key == "code" {
			*l.codes = append(*l.codes, a.Value.String())
		}
		return true
	})
	return nil
}

// adding is a layer between, whose writer sets headers before they go.
type adding struct {
	http.ResponseWriter
	headers [][2]string
}

func (w adding) Unwrap() http.ResponseWriter { return w.ResponseWriter }

func (w adding) WriteHeader(status int) {
	for _, pair := range w.headers {
		w.Header().Set(pair[0], pair[1])
	}
	w.ResponseWriter.WriteHeader(status)
}

// run is one exchange: what left, whether it was cut, how the request looked inside, and what was logged.
type run struct {
	left   *httptest.ResponseRecorder
	isCut  bool
	seen   *http.Request
	events []string
}

func (v *exchange) run(t *testing.T) (done *run) {
	done = &run{left: httptest.NewRecorder()}
	isl := newIslands(t, eyot.Config{
		Keys: "p3Qm0Wv9yJ5sT1xL8bN4eR7uA2dF6gH0kC3iZ5oVqXM=", NoLoader: true, Debug: v.Debug,
		// What the outer station splits has no seals.
		Audience: func(*http.Request) string { return "" },
		Logger:   slog.New(codeLog{slog.DiscardHandler, &done.events}),
	}).At(time.Unix(1_800_000_000, 0))
	target := v.Target
	inside := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if v.Misfit != "" {
			isl.Misfit(w, r, v.Misfit)
			return
		}
		v.Inside.answer(w, target)
	})
	app := http.Handler(inside)
	if v.Inside != nil && v.Inside.Splits != nil {
		app = isl.HTMLPass(*v.Inside.Splits, inside)
	}
	var options []eyot.HandlerOption
	if v.Shared != nil {
		options = append(options, eyot.Shared(time.Duration(*v.Shared)*time.Second))
	}
	for _, name := range []string{"Avatar", "CartRow", "Cart", "Price", "Outer", "Inner", "Title"} {
		isl.Handle(name, inside, options...)
	}
	mux := http.NewServeMux()
	mux.Handle("/", app)
	isl.Register(mux)
	between := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		done.seen = r
		if v.Between != nil {
			v.Between.answer(w, target)
			return
		}
		isl.Inner(mux).ServeHTTP(adding{w, v.Adds}, r)
	})
	policies := eyot.Policies{}
	if v.Policy != nil {
		policies["/{rest...}"] = eyot.Policy{CDN: time.Duration(v.Policy.CDN) * time.Second, Stream: v.Policy.Stream}
	}
	if kind, name, isOne := strings.Cut(v.Target, ":"); isOne {
		of := map[string]string{"island": name, "wrong": "Avatar"}[kind]
		url, err := isl.Placeholder(of, nil).URL(eyot.Context{})
		if err != nil {
			t.Fatal(err)
		}
		target = strings.Replace(url, "/"+of+"/", "/"+name+"/", 1)
	}
	asked := httptest.NewRequest(max(v.Method, http.MethodGet), target, nil)
	for _, pair := range v.Headers {
		asked.Header.Add(pair[0], pair[1])
	}
	if v.Visitor != "" {
		done.left.Header().Set("Vary", "Accept, cookie")
	}
	defer func() { done.isCut = recover() == http.ErrAbortHandler }()
	isl.Outer(policies)(between).ServeHTTP(done.left, asked)
	return done
}

var placed = regexp.MustCompile(`"/_server-islands/[^"]*"`)

func TestExchangesAreWhatTheVectorsSay(t *testing.T) {
	for _, vector := range load[[]exchange](t, "exchanges.json") {
		t.Run(vector.Title, func(t *testing.T) {
			done := vector.run(t)
			leaves := vector.Leaves
			if (done.seen == nil) != (vector.Arrives == "reply") {
				t.Errorf("the app was asked: %v", done.seen)
			}
			if done.left.Code != leaves.Status || done.isCut != leaves.Cut {
				t.Errorf("%d, cut: %v; %v", done.left.Code, done.isCut, done.left.Header())
			}
			for name, value := range leaves.Headers {
				values := done.left.Header().Values(name)
				if value == nil && values != nil || value != nil && !reflect.DeepEqual(values, []string{*value}) {
					t.Errorf("%s is %q", name, values)
				}
			}
			if body := placed.ReplaceAllString(done.left.Body.String(), `"…"`); leaves.Body != nil && body != *leaves.Body {
				t.Errorf("the body is\n%s\nnot\n%s", body, *leaves.Body)
			}
			if done.left.Header().Get("Eyot-Split") != "" {
				t.Error("the mark left")
			}
			slices.Sort(done.events)
			slices.Sort(vector.Events)
			if got := slices.Compact(done.events); !slices.Equal(got, vector.Events) {
				t.Errorf("the events are %v, not %v", got, vector.Events)
			}
			for _, name := range vector.Hidden {
				if done.seen.Header.Get(name) != "" {
					t.Errorf("the app sees %s", name)
				}
			}
			if done.seen != nil && vector.Query != "" && done.seen.URL.RawQuery != vector.Query {
				t.Errorf("the app sees the query %q", done.seen.URL.RawQuery)
			}
		})
	}
}
