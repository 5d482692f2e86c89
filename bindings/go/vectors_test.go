// The vectors that every language runs, through this package's public API.

package eyot_test

import (
	"bytes"
	"context"
	"encoding/hex"
	"encoding/json"
	"errors"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/eyot-dev/eyot/bindings/go"
)

const vectors = "../../core/tests/vectors/"

func load[T any](t testing.TB, name string) T {
	t.Helper()
	text, err := os.ReadFile(vectors + name)
	if err != nil {
		t.Fatal(err)
	}
	var loaded T
	if err := json.Unmarshal(text, &loaded); err != nil {
		t.Fatal(err)
	}
	return loaded
}

func ring(t testing.TB, keys string) *eyot.KeyRing {
	t.Helper()
	found, err := eyot.ParseKeys(keys)
	if err != nil {
		t.Fatal(err)
	}
	return found
}

func at(seconds *int64) time.Time {
	if seconds == nil {
		return time.Time{}
	}
	return time.Unix(*seconds, 0)
}

func codeOf(err error) string {
	var failed *eyot.Error
	if errors.As(err, &failed) {
		return failed.Code
	}
	return ""
}

func TestKeyRingsAreWhatTheVectorsSay(t *testing.T) {
	for _, vector := range load[[]struct {
		Title      string
		Keys, File *string
		Secrets    []string
		IDs        []string
		Error      string
	}](t, "keys.json") {
		t.Run(vector.Title, func(t *testing.T) {
			var read *eyot.KeyRing
			var err error
			switch {
			case vector.Keys != nil:
				read, err = eyot.ParseKeys(*vector.Keys)
			case vector.File != nil:
				read, err = eyot.ParseKeyFile(*vector.File)
			default:
				read, err = eyot.DeriveKeys(vector.Secrets...)
			}
			if code := codeOf(err); code != vector.Error {
				t.Fatalf("the error is %q (%v), not %q", code, err, vector.Error)
			}
			if vector.Error != "" {
				if !errors.Is(err, eyot.ErrKey) {
					t.Errorf("%v is not an ErrKey", err)
				}
				return
			}
			if ids, err := read.IDs(); err != nil || !slices.Equal(ids, vector.IDs) {
				t.Errorf("the ids are %v (%v), not %v", ids, err, vector.IDs)
			}
		})
	}
}

func TestTokensAreSealedAndOpenedAsTheVectorsSay(t *testing.T) {
	for _, vector := range load[[]struct {
		Title                  string
		SealingKeys            string `json:"sealing_keys"`
		Keys, Island, Audience string
		Props, Slots, Page     string
		Expires                *int64
		Now                    int64
		Nonce                  *string
		Token                  string
	}](t, "tokens.json") {
		t.Run(vector.Title, func(t *testing.T) {
			payload := eyot.Payload{
				Island: vector.Island, Audience: vector.Audience, Expires: at(vector.Expires),
				Props: []byte(vector.Props), Slots: []byte(vector.Slots), Page: []byte(vector.Page),
			}
			if vector.Nonce != nil {
				nonce, err := hex.DecodeString(*vector.Nonce)
				if err != nil {
					t.Fatal(err)
				}
				payload.Nonce = (*[24]byte)(nonce)
			}
			token, err := ring(t, vector.SealingKeys).Seal(&payload)
			if err != nil || token != vector.Token {
				t.Fatalf("the token is %q (%v), not %q", token, err, vector.Token)
			}
			opened, err := ring(t, vector.Keys).Open(vector.Island, vector.Audience, token, time.Unix(vector.Now, 0))
			if err != nil {
				t.Fatal(err)
			}
			if string(opened.Props) != vector.Props || string(opened.Slots) != vector.Slots || string(opened.Page) != vector.Page {
				t.Errorf("opening gave %q, %q, %q", opened.Props, opened.Slots, opened.Page)
			}
			if opened.Island != vector.Island || !opened.Expires.Equal(payload.Expires) {
				t.Errorf("opening gave the island %q, expiring %v", opened.Island, opened.Expires)
			}
		})
	}
}

func TestTokensAreRefusedAsTheVectorsSay(t *testing.T) {
	for _, vector := range load[[]struct {
		Title, Keys, Island, Audience, Token, Status, Code string
		Now                                                int64
	}](t, "refused.json") {
		t.Run(vector.Title, func(t *testing.T) {
			opened, err := ring(t, vector.Keys).Open(vector.Island, vector.Audience, vector.Token, time.Unix(vector.Now, 0))
			if opened != nil || codeOf(err) != vector.Code {
				t.Fatalf("opening gave %v and %v, not %q", opened, err, vector.Code)
			}
			if !errors.Is(err, eyot.ErrToken) || errors.Is(err, eyot.ErrStale) != (vector.Status == "stale") {
				t.Errorf("%v is of another kind than %q", err, vector.Status)
			}
		})
	}
}

type page struct {
	Title, Keys, HTML, Shell string
	Now                      int64
	Here, Elsewhere          []string
	Options                  struct {
		Loader       bool
		Stylesheet   *bool
		InlineLoader bool `json:"inline_loader"`
		Preload      bool
		Mount        string
		Origin       string
		URLLimit     int `json:"url_limit"`
		Page         bool
		PageContext  *struct{ Path, Lang string } `json:"page_context"`
		TTL          int
	}
	Islands     []struct{ Name string }
	Diagnostics []string
	Error       *struct {
		Code         string
		Line, Column int
	}
}

func (p *page) islands(t testing.TB) (*eyot.Islands, eyot.Context) {
	t.Helper()
	o := p.Options
	isl, err := eyot.New(eyot.Config{
		Keys: p.Keys, Elsewhere: p.Elsewhere, NoLoader: !o.Loader, NoStylesheet: o.Stylesheet != nil && !*o.Stylesheet,
		InlineLoader: o.InlineLoader, Preload: o.Preload,
		Origin: o.Origin, URLLimit: o.URLLimit, Page: o.Page, TTL: time.Duration(o.TTL) * time.Second,
	})
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range p.Here {
		isl.Handle(name, http.NotFoundHandler())
	}
	context := eyot.Context{Now: time.Unix(p.Now, 0), Mount: o.Mount}
	if o.PageContext != nil {
		context.PagePath, context.PageLang = o.PageContext.Path, o.PageContext.Lang
	}
	return isl, context
}

// needsNoEntropy tells of the page that is split without randomness: here, the system's is always at hand.
func (p *page) needsNoEntropy() bool { return p.Error != nil && p.Error.Code == "entropy" }

func (p *page) check(t *testing.T, shell *eyot.Shell) {
	t.Helper()
	if string(shell.Bytes) != p.Shell {
		t.Errorf("the shell is\n%s\nnot\n%s", shell.Bytes, p.Shell)
	}
	var names, expected []string
	for _, island := range p.Islands {
		expected = append(expected, island.Name)
	}
	if names = append(names, shell.Islands...); !slices.Equal(names, expected) {
		t.Errorf("the islands are %v, not %v", names, expected)
	}
	if codes := codes(shell.Diagnostics); !slices.Equal(codes, p.Diagnostics) {
		t.Errorf("the diagnostics are %v, not %v", codes, p.Diagnostics)
	}
}

func codes(found []eyot.Finding) []string {
	list := []string{}
	for _, one := range found {
		list = append(list, one.Code)
	}
	return list
}

func TestPagesSplitAsTheVectorsSay(t *testing.T) {
	for _, vector := range load[[]page](t, "split.json") {
		if vector.needsNoEntropy() {
			continue
		}
		t.Run(vector.Title, func(t *testing.T) {
			isl, context := vector.islands(t)
			shell, err := isl.Split([]byte(vector.HTML), context)
			var failed *eyot.Error
			switch {
			case vector.Error == nil && err != nil:
				t.Error(err)
			case vector.Error == nil:
				vector.check(t, shell)
			case !errors.As(err, &failed) || !errors.Is(err, eyot.ErrMarkup):
				t.Errorf("the error is %v", err)
			case failed.Code != vector.Error.Code || failed.Line != vector.Error.Line || failed.Column != vector.Error.Column:
				t.Errorf("the error is %s at %d:%d, not %v", failed.Code, failed.Line, failed.Column, *vector.Error)
			}
			lenient, err := isl.SplitLenient([]byte(vector.HTML), context)
			if err != nil {
				t.Fatal(err)
			}
			vector.check(t, lenient)
			var expected []string
			if vector.Error != nil {
				expected = append(expected, vector.Error.Code)
			}
			if found := codes(lenient.Problems); !slices.Equal(found, expected) {
				t.Errorf("the problems are %v, not %v", found, expected)
			}
		})
	}
}

func TestPagesInChunksOfAnySizeSplitAsTheVectorsSay(t *testing.T) {
	for _, vector := range load[[]page](t, "split.json") {
		if vector.needsNoEntropy() || vector.Options.Loader {
			// The loader's tags stand elsewhere in a page that comes in chunks.
			continue
		}
		t.Run(vector.Title, func(t *testing.T) {
			isl, context := vector.islands(t)
			for size := 1; size < 20; size++ {
				var shell bytes.Buffer
				splitter, err := isl.NewSplitter(&shell, true, context)
				if err != nil {
					t.Fatal(err)
				}
				for part := range slices.Chunk([]byte(vector.HTML), size) {
					if _, err := splitter.Write(part); err != nil {
						t.Fatal(err)
					}
				}
				if err := splitter.Close(); err != nil {
					t.Fatal(err)
				}
				if shell.String() != vector.Shell {
					t.Fatalf("in chunks of %d the shell is\n%s\nnot\n%s", size, &shell, vector.Shell)
				}
				if found := codes(splitter.Diagnostics()); !slices.Equal(found, vector.Diagnostics) {
					t.Errorf("the diagnostics are %v, not %v", found, vector.Diagnostics)
				}
			}
		})
	}
}

func TestPreparedPagesRenderAsTheVectorsSay(t *testing.T) {
	for _, vector := range load[[]page](t, "split.json") {
		if vector.Error != nil {
			continue
		}
		t.Run(vector.Title, func(t *testing.T) {
			isl, context := vector.islands(t)
			prepared, err := isl.Prepare([]byte(vector.HTML))
			if err != nil {
				t.Fatal(err)
			}
			for range 2 {
				var shell bytes.Buffer
				if err := prepared.Render(&shell, context); err != nil {
					t.Fatal(err)
				}
				if shell.String() != vector.Shell {
					t.Fatalf("the shell is\n%s\nnot\n%s", &shell, vector.Shell)
				}
			}
		})
	}
}

type requests struct {
	Keys            string
	Now             int64
	Here, Elsewhere []string
	Cases           []requestCase
}

type requestCase struct {
	Name, Path, Query, Mount, Method, Body, Audience string
	BodyTimes                                        *int     `json:"body_times"`
	AllowedOrigins                                   []string `json:"allowed_origins"`
	Headers                                          [][2]string
	Expect                                           struct {
		Kind, Reason, Island, Props, Slots, Page string
		Expires                                  *int64
		Status                                   int
		Headers                                  map[string]string
	}
}

// request is what net/http makes of a case's request, or as near as it comes: some have targets that it refuses itself.
func (c *requestCase) request() *http.Request {
	times := 1
	if c.BodyTimes != nil {
		times = *c.BodyTimes
	}
	target := c.Path
	if c.Query != "" {
		target += "?" + c.Query
	}
	method := c.Method
	if method == "" {
		method = http.MethodGet
	}
	r := httptest.NewRequest(http.MethodGet, "/", strings.NewReader(strings.Repeat(c.Body, times)))
	r.Method, r.RequestURI = method, target
	address, err := url.ParseRequestURI(target)
	if err != nil {
		address = &url.URL{Path: c.Path, RawQuery: c.Query}
	}
	r.URL = address
	for _, pair := range c.Headers {
		if strings.EqualFold(pair[0], "host") {
			r.Host = pair[1]
			continue
		}
		r.Header.Add(pair[0], pair[1])
	}
	return r
}

func TestRequestsAreWhatTheVectorsSay(t *testing.T) {
	family := load[requests](t, "requests.json")
	for _, vector := range family.Cases {
		t.Run(vector.Name, func(t *testing.T) {
			var opened *eyot.Island
			var refusal eyot.Event
			isl := newIslands(t, eyot.Config{
				Keys: family.Keys, Elsewhere: family.Elsewhere, AllowedOrigins: vector.AllowedOrigins,
				Audience: func(*http.Request) string { return vector.Audience },
				Mount:    func(*http.Request) string { return vector.Mount },
				OnEvent:  func(_ context.Context, told eyot.Event) { refusal = told },
			}).At(time.Unix(family.Now, 0))
			for _, name := range family.Here {
				isl.HandleFunc(name, func(_ http.ResponseWriter, r *http.Request) { opened = eyot.FromContext(r.Context()) })
			}
			isApp := false
			app := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				if isApp = !strings.HasPrefix(r.URL.Path, vector.Mount+isl.Pattern()); !isApp {
					isl.ServeHTTP(w, r)
				}
			})
			answer := httptest.NewRecorder()
			isl.Outer(nil)(isl.Inner(app)).ServeHTTP(answer, vector.request())
			expect := vector.Expect
			if isApp != (expect.Kind == "app") {
				t.Fatalf("the app was called: %v", isApp)
			}
			if isApp {
				return
			}
			if (opened != nil) != (expect.Kind == "island") {
				t.Fatalf("the handler got %v; the answer is %d, %v", opened, answer.Code, refusal)
			}
			if opened == nil {
				if answer.Code != expect.Status || refusal.Code != expect.Reason {
					t.Errorf("the answer is %d (%s), not %d (%s)", answer.Code, refusal.Code, expect.Status, expect.Reason)
				}
				for name, value := range expect.Headers {
					if got := answer.Header().Get(name); got != value {
						t.Errorf("%s is %q, not %q", name, got, value)
					}
				}
				return
			}
			if opened.Name != expect.Island || string(opened.Props) != expect.Props || !opened.Expires.Equal(at(expect.Expires)) {
				t.Errorf("the island is %+v", opened)
			}
			if (opened.Page != nil) != (expect.Page != "") || (opened.Slots != nil) != (expect.Slots != "") {
				t.Errorf("the island is %+v", opened)
			}
			if opened.Page != nil {
				if text, _ := json.Marshal(opened.Page); string(text) != expect.Page {
					t.Errorf("the page is %s, not %s", text, expect.Page)
				}
			}
		})
	}
}
