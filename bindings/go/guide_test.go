// The guide's program, followed as it is printed, in an empty folder.

package eyot_test

import (
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

func TestTheGuidesProgramRunsAsItIsPrinted(t *testing.T) {
	guide, err := os.ReadFile("../../docs/go.md")
	if err != nil {
		t.Fatal(err)
	}
	_, rest, _ := strings.Cut(string(guide), "```go\npackage main\n")
	program, _, isWhole := strings.Cut(rest, "```")
	if !isWhole {
		t.Fatal("there is no program in the guide")
	}
	folder, module := t.TempDir(), "github.com/eyot-dev/eyot/bindings/go"
	here, err := filepath.Abs(".")
	if err != nil {
		t.Fatal(err)
	}
	// Another address than the guide's, which may be in use.
	program = strings.Replace("package main\n"+program, "127.0.0.1:8000", "127.0.0.1:18473", 1)
	if err := os.WriteFile(filepath.Join(folder, "main.go"), []byte(program), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, step := range [][]string{
		{"mod", "init", "shop"}, {"mod", "edit", "-replace", module + "=" + here}, {"mod", "tidy"}, {"build", "-o", "shop", "."},
	} {
		run := exec.Command("go", step...)
		run.Dir = folder
		if said, err := run.CombinedOutput(); err != nil {
			t.Fatalf("go %s: %v\n%s", strings.Join(step, " "), err, said)
		}
	}
	shop := exec.Command(filepath.Join(folder, "shop"))
	shop.Env = append(os.Environ(), "EYOT_KEYS=", "EYOT_KEYS_FILE=")
	if err := shop.Start(); err != nil {
		t.Fatal(err)
	}
	defer func() { _ = shop.Process.Kill(); _ = shop.Wait() }()
	page, header := fetched(t, "http://127.0.0.1:18473/")
	if !strings.Contains(header.Get("Cache-Control"), "s-maxage=600") {
		t.Errorf("%v", header)
	}
	island, header := fetched(t, "http://127.0.0.1:18473"+source(t, page, "CartCount"))
	if island != "<b>3 of rope in the cart</b>" || header.Get("Cache-Control") != "private, no-store" {
		t.Errorf("%s %v", island, header)
	}
}

// fetched is what a server answers that may not be listening yet.
func fetched(t *testing.T, url string) (string, http.Header) {
	t.Helper()
	request, err := http.NewRequest(http.MethodGet, url, nil)
	if err != nil {
		t.Fatal(err)
	}
	request.AddCookie(&http.Cookie{Name: "cart", Value: "abc"})
	request.Header.Set("Sec-Fetch-Site", "same-origin")
	var answer *http.Response
	for range 100 {
		if answer, err = http.DefaultClient.Do(request); err == nil {
			break
		}
		time.Sleep(50 * time.Millisecond)
	}
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	body, err := io.ReadAll(answer.Body)
	if err != nil {
		t.Fatal(err)
	}
	return string(body), answer.Header
}
