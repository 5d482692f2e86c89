// Package eyottest helps to test pages with islands without a browser: it puts every island into its place, in process.
package eyottest

import (
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/url"
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

// Assemble returns the page of a response with every island in its place, those inside islands too, each asked for
// with the visitor's cookies. As in the browser, an island that fails, or that another host answers, becomes its
// error slot or stays its fallback. The test fails where a browser would not leave a placeholder, or a fallback,
// where it was written.
func (c *Client) Assemble(t testing.TB, response *http.Response) string {
	t.Helper()
	page, err := read(response)
	if err != nil {
		t.Fatalf("the page was not read: %v", err)
	}
	for _, found := range misplaced(page) {
		t.Errorf("a browser would not leave this page as it was written: %s", found)
	}
	whole, err := (&assembly{ask: c.asking(response.Request), left: mostIslands}).fill(page, 0)
	if err != nil {
		t.Fatal(err)
	}
	return whole
}

// Assemble asks `handler` for a page, and returns it with every island in its place, as Client.Assemble does.
func Assemble(t testing.TB, handler http.Handler, r *http.Request) string {
	t.Helper()
	client := NewClient(handler)
	cookies := r.Cookies()
	for _, cookie := range cookies {
		cookie.Path = "/"
	}
	client.jar.SetCookies(addressOf(r), cookies)
	r.Header.Del("Cookie")
	return client.Assemble(t, client.Do(r))
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

// asking gets an island's HTML by its URL and, for a POST, its token.
func (c *Client) asking(page *http.Request) func(source, token string, isPost bool) (string, bool) {
	return func(source, token string, isPost bool) (string, bool) {
		if !strings.HasPrefix(source, "/") {
			return "", false
		}
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
		response := c.Do(r)
		html, err := read(response)
		isHTML := strings.HasPrefix(strings.ToLower(response.Header.Get("Content-Type")), "text/html")
		isIsland := response.StatusCode == http.StatusOK && isHTML && response.Header.Get("Island") != ""
		return html, err == nil && isIsland
	}
}

func read(response *http.Response) (string, error) {
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	return string(text), err
}
