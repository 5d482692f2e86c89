// Package eyottest helps to test pages with islands without a browser, in process: it asks for an island, says what is wrong
// with a shell, and puts every island of a page into its place.
package eyottest

import (
	"bytes"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/eyot-dev/eyot/bindings/go"
	"github.com/eyot-dev/eyot/bindings/go/internal/native"
)

// Client is a visitor: it asks a handler, and keeps the cookies that it is given.
type Client struct {
	handler http.Handler
	jar     *cookiejar.Jar
}

// NewClient returns a visitor without cookies of what `handler` serves.
func NewClient(handler http.Handler) *Client {
	// A jar without options cannot fail.
	jar, _ := cookiejar.New(nil)
	return &Client{handler, jar}
}

// Do sends a request, as httptest.NewRequest makes them, with the visitor's cookies, and keeps those of the answer.
func (c *Client) Do(r *http.Request) *http.Response {
	address := addressOf(r)
	for _, cookie := range c.jar.Cookies(address) {
		r.AddCookie(cookie)
	}
	answer := httptest.NewRecorder()
	c.handler.ServeHTTP(answer, r)
	response := answer.Result()
	response.Request = r
	c.jar.SetCookies(address, response.Cookies())
	return response
}

// Get asks for a page.
func (c *Client) Get(target string) *http.Response {
	return c.Do(httptest.NewRequest(http.MethodGet, target, nil))
}

// PostForm sends a form.
func (c *Client) PostForm(target string, form url.Values) *http.Response {
	r := httptest.NewRequest(http.MethodPost, target, strings.NewReader(form.Encode()))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	return c.Do(r)
}

func addressOf(r *http.Request) *url.URL {
	address := *r.URL
	address.Scheme, address.Host = "http", r.Host
	return &address
}

// Ask asks for an island as the loader does, through the stations of the app, and returns what it answers: the answer of its
// handler, or a refusal. Its token is sealed as for a page of this visitor.
func (c *Client) Ask(t testing.TB, isl *eyot.Islands, name string, props any) *http.Response {
	t.Helper()
	r := httptest.NewRequest(http.MethodGet, "/", nil)
	for _, cookie := range c.jar.Cookies(addressOf(r)) {
		r.AddCookie(cookie)
	}
	var arguments []any
	if props != nil {
		arguments = []any{props}
	}
	placeholder, err := isl.View(r).Island(name, arguments...)
	var page *native.Assembly
	if err == nil {
		page, err = native.NewAssembly([]byte(placeholder))
	}
	var ask *native.Ask
	if err == nil {
		ask, err = page.Next()
	}
	if err != nil || ask == nil {
		t.Fatalf("the island %s cannot be asked for: %v", name, err)
	}
	return c.island(r, ask)
}

// AssertShell says what is wrong with a response that shared caches are to keep for everybody: a policy that does not say so,
// a cookie, an answer that differs by one, a directive that was left. It returns the shell.
func AssertShell(t testing.TB, isl *eyot.Islands, response *http.Response) string {
	t.Helper()
	shell, err := read(response)
	if err != nil {
		t.Fatalf("the shell was not read: %v", err)
	}
	response.Body = io.NopCloser(bytes.NewReader(shell))
	faults, err := isl.ShellFaults(response.StatusCode, response.Header, shell)
	if err != nil {
		t.Fatal(err)
	}
	for _, fault := range faults {
		t.Errorf("no cache can keep this page for everybody: %s", fault)
	}
	return string(shell)
}

// Assemble returns the page of a response with every island in its place, those inside islands too, each asked for
// with the visitor's cookies. The test fails where one of them cannot be had, unless its name is among `mayFail`: that one
// stays its fallback, and so does one that another host answers, or whose handler redirects. It fails too where a browser would
// not leave a placeholder, or a fallback, where it was written.
func (c *Client) Assemble(t testing.TB, response *http.Response, mayFail ...string) string {
	t.Helper()
	page, err := read(response)
	if err != nil {
		t.Fatalf("the page was not read: %v", err)
	}
	for _, found := range misplaced(string(page)) {
		t.Errorf("a browser would not leave this page as it was written: %s", found)
	}
	whole, err := c.filled(t, response.Request, page, mayFail)
	if err != nil {
		t.Fatal(err)
	}
	return string(whole)
}

func (c *Client) filled(t testing.TB, from *http.Request, page []byte, mayFail []string) ([]byte, error) {
	t.Helper()
	assembly, err := native.NewAssembly(page)
	if err != nil {
		return nil, err
	}
	for {
		ask, err := assembly.Next()
		switch {
		case err != nil:
			return nil, err
		case ask == nil:
			return assembly.Finish()
		case !strings.HasPrefix(ask.URL, "/"):
			assembly.Skip()
			continue
		}
		answer := c.island(from, ask)
		html, err := read(answer)
		if err == nil {
			err = assembly.Answer(answer.StatusCode, answer.Header, html)
		}
		if err != nil && !slices.Contains(mayFail, ask.Island) {
			t.Errorf("%v", err)
		}
	}
}

// Assemble asks `handler` for a page, and returns it with every island in its place, as Client.Assemble does.
func Assemble(t testing.TB, handler http.Handler, r *http.Request, mayFail ...string) string {
	t.Helper()
	client := NewClient(handler)
	cookies := r.Cookies()
	for _, cookie := range cookies {
		cookie.Path = "/"
	}
	client.jar.SetCookies(addressOf(r), cookies)
	r.Header.Del("Cookie")
	return client.Assemble(t, client.Do(r), mayFail...)
}

func misplaced(page string) []eyot.Finding {
	start := strings.ToLower(page[:min(len(page), 1024)])
	if !strings.Contains(start, "<!doctype") && !strings.Contains(start, "<html") {
		return nil
	}
	found, err := eyot.Audit([]byte(page))
	if err != nil {
		return nil
	}
	var list []eyot.Finding
	for _, one := range found {
		// The rest is advice: no fallback, a token too long for a URL.
		if strings.HasPrefix(one.Code, "placeholder-") || one.Code == "fallback-moved" || one.Code == "fallback-swallows" {
			list = append(list, one)
		}
	}
	return list
}

// island asks for an island as the loader does.
func (c *Client) island(page *http.Request, ask *native.Ask) *http.Response {
	method := http.MethodGet
	if ask.Token != "" {
		method = http.MethodPost
	}
	r := httptest.NewRequest(method, ask.URL, strings.NewReader(ask.Token))
	r.Host = page.Host
	r.Header.Set("Sec-Fetch-Site", "same-origin")
	r.Header.Set("Sec-Fetch-Dest", "empty")
	if ask.Token != "" {
		r.Header.Set("Content-Type", "application/vnd.eyot.token")
	}
	return c.Do(r)
}

func read(response *http.Response) ([]byte, error) {
	defer response.Body.Close()
	return io.ReadAll(response.Body)
}
