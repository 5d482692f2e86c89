// How a shop's pages are tested without a browser: Assemble puts every island into its place, in process.

package main

import (
	"io"
	"log/slog"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/eyot-dev/eyot/bindings/go"
	"github.com/eyot-dev/eyot/bindings/go/eyottest"
)

func visitor(t *testing.T) *eyottest.Client {
	t.Helper()
	client, _ := shopFor(t)
	return client
}

func shopFor(t *testing.T) (*eyottest.Client, *eyot.Islands) {
	t.Helper()
	key, err := eyot.GenerateKey()
	if err != nil {
		t.Fatal(err)
	}
	shop, err := NewShop(Config{
		Secret: "a secret for tests", Database: filepath.Join(t.TempDir(), "shop.sqlite3"), Shared: os.DirFS("../shop"),
		Islands: eyot.Config{Keys: key, Logger: slog.New(slog.DiscardHandler)},
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(shop.Close)
	return eyottest.NewClient(shop), shop.islands
}

// assembled is a page with its islands. That of a boathouse that does not answer fails as it should.
func assembled(t *testing.T, client *eyottest.Client, target string) string {
	t.Helper()
	return client.Assemble(t, client.Get(target), "Stock")
}

func text(t *testing.T, response *http.Response) string {
	t.Helper()
	body, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	return string(body)
}

var csrfField = regexp.MustCompile(`name="csrf_token" value="([^"]+)"`)

// send sends a form with the token that a page's form has.
func send(t *testing.T, client *eyottest.Client, page, target string, form url.Values) *http.Response {
	t.Helper()
	found := csrfField.FindStringSubmatch(assembled(t, client, page))
	if found == nil {
		t.Fatalf("%s has no CSRF token", page)
	}
	form.Set("csrf_token", found[1])
	return client.PostForm(target, form)
}

func signIn(t *testing.T, client *eyottest.Client) {
	t.Helper()
	answer := send(t, client, "/login", "/login", url.Values{"email": {"ada@example.com"}, "password": {"lock-keeper"}})
	if answer.StatusCode != http.StatusSeeOther {
		t.Fatalf("signing in answered %d", answer.StatusCode)
	}
}

func TestAStrangerSeesTheListPriceAndAWayToSignIn(t *testing.T) {
	client := visitor(t)
	page := assembled(t, client, "/p/lantern")
	for _, part := range []string{"£48.00 <small>list price</small>", `<span class="who-name">Sign in</span>`} {
		if !strings.Contains(page, part) {
			t.Errorf("%s is not in %s", part, page)
		}
	}
}

func TestAMemberSeesNamePriceAndLetterOnTheSameShell(t *testing.T) {
	client, islands := shopFor(t)
	shell := eyottest.AssertShell(t, islands, client.Get("/p/lantern"))
	signIn(t, client)
	if again := eyottest.AssertShell(t, islands, client.Get("/p/lantern")); again != shell {
		t.Error("the shell is another one")
	}
	page := assembled(t, client, "/p/lantern")
	for _, part := range []string{"Ada Lock", "£43.20", "left behind a rowing boat"} {
		if !strings.Contains(page, part) {
			t.Errorf("%s is not in %s", part, page)
		}
	}
}

func TestTheCartCountFollowsTheCart(t *testing.T) {
	client := visitor(t)
	send(t, client, "/p/rope", "/cart/add", url.Values{"sku": {"rope"}, "count": {"2"}})
	if page := assembled(t, client, "/"); !strings.Contains(page, `<span class="count some">2</span>`) {
		t.Error(page)
	}
}

func TestABoathouseThatDoesNotAnswerShowsItsErrorSlot(t *testing.T) {
	client := visitor(t)
	if page := assembled(t, client, "/p/lantern"); !strings.Contains(page, "No answer. Ring 020 7946 0185.") {
		t.Error(page)
	}
}

func TestNothingThatIsNotInTheShopGoesIntoTheCart(t *testing.T) {
	client := visitor(t)
	for _, form := range []url.Values{{"sku": {"gold"}, "count": {"1"}}, {"sku": {"rope"}, "count": {"-1"}}, {"sku": {"rope"}}} {
		if answer := send(t, client, "/p/rope", "/cart/add", form); answer.StatusCode != http.StatusBadRequest {
			t.Errorf("%v answered %d", form, answer.StatusCode)
		}
	}
}

func TestAFormWithoutItsTokenIsAskedForOnceMore(t *testing.T) {
	client := visitor(t)
	answer := client.PostForm("/cart/add", url.Values{"sku": {"rope"}, "count": {"1"}})
	if page := text(t, answer); answer.StatusCode != http.StatusBadRequest || !strings.Contains(page, "One more click") {
		t.Errorf("%d %s", answer.StatusCode, page)
	}
	if answer := client.PostForm("/logout", nil); answer.StatusCode != http.StatusBadRequest {
		t.Errorf("%d", answer.StatusCode)
	}
}

func TestSigningInLeadsNowhereElse(t *testing.T) {
	for target, expected := range map[string]string{
		"/p/rope": "/p/rope", "//evil.example": "/", "https://evil.example": "/", `/\evil.example`: "/", "": "/", "/\t/evil": "/",
	} {
		if got := local(target); got != expected {
			t.Errorf("%q leads to %q", target, got)
		}
	}
}

func TestACookieThatWasChangedIsNoSession(t *testing.T) {
	s := newSessions("a secret")
	value := s.cookie(&Session{Customer: 1}).Value
	if s.read(value).Customer != 1 {
		t.Fatal("a session is not read back")
	}
	for _, changed := range []string{"", value + "x", "x" + value, strings.Replace(value, ".", "", 1), newSessions("other").cookie(&Session{Customer: 1}).Value} {
		if s.read(changed).Customer != 0 {
			t.Errorf("%s is a session", changed)
		}
	}
}
