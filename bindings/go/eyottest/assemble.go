// Package eyottest helps to test pages with islands without a browser, in process: it asks for an island, says what is wrong
// with a shell, and puts every island of a page into its place.
package eyottest

import (
	"fmt"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/eyot-dev/eyot/bindings/go"
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
	arguments := []any{props}
	if props == nil {
		arguments = nil
	}
	written, err := isl.View(r).Attrs(name, arguments...)
	if err != nil {
		t.Fatalf("the island %s cannot be asked for: %v", name, err)
	}
	found, _ := readTag("<i "+string(written)+">", 0)
	token, isPost := found.attributes["island-token"]
	return c.island(r, found.attributes["island-src"], token, isPost)
}

// AssertShell says what is wrong with a response that shared caches are to keep for everybody: a policy that does not say so,
// a cookie, an answer that differs by one, a directive that was left. It returns the shell.
func AssertShell(t testing.TB, response *http.Response) string {
	t.Helper()
	shell, err := read(response)
	if err != nil {
		t.Fatalf("the shell was not read: %v", err)
	}
	response.Body = io.NopCloser(strings.NewReader(shell))
	for _, wrong := range wrongWith(response, shell) {
		t.Errorf("no cache can keep this page for everybody: %s", wrong)
	}
	return shell
}

func wrongWith(response *http.Response, shell string) (wrong []string) {
	if response.StatusCode != http.StatusOK {
		wrong = append(wrong, "its status is "+response.Status)
	}
	if said := response.Header.Get("Cache-Control"); !strings.Contains(said, "public") || !strings.Contains(said, "max-age=") {
		wrong = append(wrong, fmt.Sprintf("its Cache-Control is %q: has its route a policy, and was it kept out? The log says why", said))
	}
	if response.Header.Get("ETag") == "" {
		wrong = append(wrong, "it has no ETag")
	}
	for _, cookie := range response.Cookies() {
		wrong = append(wrong, "it sets the cookie "+cookie.Name)
	}
	for _, name := range strings.Split(strings.Join(response.Header.Values("Vary"), ","), ",") {
		if strings.EqualFold(strings.TrimSpace(name), "Cookie") {
			wrong = append(wrong, "it varies on Cookie")
		}
	}
	for tag := range tags(shell) {
		for name := range tag.attributes {
			if strings.HasPrefix(name, "server:") {
				wrong = append(wrong, "the directive "+name+" of <"+tag.name+"> was left in it")
			}
		}
	}
	return wrong
}

// Assemble returns the page of a response with every island in its place, those inside islands too, each asked for
// with the visitor's cookies. The test fails where one of them cannot be had, unless its name is among `mayFail`: that one
// becomes its error slot or stays its fallback, as in the browser, and so does one that another origin answers. It fails too
// where a browser would not leave a placeholder, or a fallback, where it was written.
func (c *Client) Assemble(t testing.TB, response *http.Response, mayFail ...string) string {
	t.Helper()
	page, err := read(response)
	if err != nil {
		t.Fatalf("the page was not read: %v", err)
	}
	for _, found := range misplaced(page) {
		t.Errorf("a browser would not leave this page as it was written: %s", found)
	}
	made := &assembly{ask: c.asking(response.Request), left: mostIslands}
	whole, err := made.fill(page, 0)
	if err != nil {
		t.Fatal(err)
	}
	for _, failed := range made.failed {
		if !slices.Contains(mayFail, failed.name) {
			t.Errorf("the island %s cannot be had: %s", failed.name, failed.why)
		}
	}
	return whole
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

// asking gets an island's HTML by its URL and, for a POST, its token; or why it cannot be had.
func (c *Client) asking(page *http.Request) func(source, token string, isPost bool) (html, why string) {
	return func(source, token string, isPost bool) (string, string) {
		response := c.island(page, source, token, isPost)
		html, err := read(response)
		isHTML := strings.HasPrefix(strings.ToLower(response.Header.Get("Content-Type")), "text/html")
		switch {
		case err != nil:
			return "", err.Error()
		case response.StatusCode != http.StatusOK:
			return "", response.Status + ": " + strings.TrimSpace(html)
		case !isHTML || response.Header.Get("Island") == "":
			return "", "it is answered with " + response.Header.Get("Content-Type") + ", and not by its handler or not as HTML"
		}
		return html, ""
	}
}

// island asks for an island as the loader does.
func (c *Client) island(page *http.Request, source, token string, isPost bool) *http.Response {
	method := http.MethodGet
	if isPost {
		method = http.MethodPost
	}
	r := httptest.NewRequest(method, source, strings.NewReader(token))
	r.Host = page.Host
	r.Header.Set("Sec-Fetch-Site", "same-origin")
	r.Header.Set("Sec-Fetch-Dest", "empty")
	if isPost {
		r.Header.Set("Content-Type", "application/vnd.eyot.token")
	}
	return c.Do(r)
}

func read(response *http.Response) (string, error) {
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	return string(text), err
}
