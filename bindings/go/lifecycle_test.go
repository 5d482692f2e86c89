// Tests of objects: closed, shared, collected, or given what cannot be used.

package eyot_test

import (
	"bytes"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/eyot-dev/eyot/bindings/go"
)

func TestClosedObjectsReturnAnError(t *testing.T) {
	isl := newIslands(t, eyot.Config{})
	isl.HandleFunc("Cart", cart)
	prepared, err := isl.Prepare([]byte(cartPage))
	if err != nil {
		t.Fatal(err)
	}
	splitter, err := isl.NewSplitter(&bytes.Buffer{}, false, eyot.Context{})
	if err != nil {
		t.Fatal(err)
	}
	keys := ring(t, testKeys)
	for range 2 {
		for _, err := range []error{isl.Close(), prepared.Close(), splitter.Close(), keys.Close()} {
			if err != nil {
				t.Fatalf("closing gave %v", err)
			}
		}
	}
	calls := map[string]error{}
	_, calls["IDs"] = keys.IDs()
	_, calls["Seal"] = keys.Seal(&eyot.Payload{Island: "Cart", Props: []byte("{}")})
	_, calls["Open"] = keys.Open("Cart", "", "x", time.Time{})
	_, calls["New"] = eyot.New(eyot.Config{KeyRing: keys})
	_, calls["Split"] = isl.Split(nil, eyot.Context{})
	_, calls["Placeholder"] = isl.Placeholder("Cart", nil).HTML(eyot.Context{})
	_, calls["LoaderTags"] = isl.LoaderTags(eyot.Context{})
	_, calls["Prepare"] = isl.Prepare(nil)
	_, calls["NewSplitter"] = isl.NewSplitter(nil, false, eyot.Context{})
	calls["SetKeys"] = isl.SetKeys(ring(t, testKeys))
	calls["Render"] = prepared.Render(&bytes.Buffer{}, eyot.Context{})
	calls["of nil"] = (*eyot.Prepared)(nil).Render(&bytes.Buffer{}, eyot.Context{})
	_, calls["of a zero KeyRing"] = new(eyot.KeyRing).IDs()
	for name, err := range calls {
		if !errors.Is(err, eyot.ErrClosed) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := splitter.Write([]byte("<p>")); !errors.Is(err, eyot.ErrFinished) {
		t.Errorf("writing after the end gave %v", err)
	}
	if answer := ask(isl.Outer(nil)(isl.Inner(html(cartPage))), "GET", "/"); answer.Code != 500 {
		t.Errorf("a closed site answers %d %s", answer.Code, answer.Body)
	}
}

func TestASplitterEndsAtItsFirstError(t *testing.T) {
	isl := newIslands(t, eyot.Config{})
	isl.HandleFunc("Cart", cart)
	splitter, err := isl.NewSplitter(&bytes.Buffer{}, false, eyot.Context{})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := splitter.Write([]byte(faulty)); !errors.Is(err, eyot.ErrMarkup) {
		t.Errorf("the error is %v", err)
	}
	if _, err := splitter.Write([]byte("<p>")); !errors.Is(err, eyot.ErrFinished) {
		t.Errorf("the error after it is %v", err)
	}
}

func TestASplitterReturnsTheErrorOfItsWriter(t *testing.T) {
	isl := newIslands(t, eyot.Config{})
	splitter, err := isl.NewSplitter(full{}, false, eyot.Context{})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := splitter.Write([]byte("<p>text</p><p>more</p>")); !errors.Is(err, errFull) {
		t.Errorf("the error is %v", err)
	}
}

type full struct{}

var errFull = errors.New("full")

func (full) Write([]byte) (int, error) { return 0, errFull }

func TestKeysAreReplacedWhileManyGoroutinesUseTheIslands(t *testing.T) {
	isl := newIslands(t, eyot.Config{})
	isl.HandleFunc("Cart", cart)
	app := isl.Outer(nil)(isl.Inner(html(cartPage)))
	first, second := generate(t), generate(t)
	rings := []*eyot.KeyRing{ring(t, first+","+second), ring(t, second+","+first)}
	if err := isl.SetKeys(rings[0]); err != nil {
		t.Fatal(err)
	}
	var workers sync.WaitGroup
	for worker := range 8 {
		workers.Add(1)
		go func() {
			defer workers.Done()
			for i := range 100 {
				if worker == 0 {
					if err := isl.SetKeys(rings[i%2]); err != nil {
						t.Error(err)
					}
				}
				page := ask(app, "GET", "/").Body.String()
				_, rest, _ := strings.Cut(page, `island-src="`)
				address, _, _ := strings.Cut(rest, `"`)
				if answer := ask(isl, "GET", address); answer.Code != 200 {
					t.Errorf("%d %s", answer.Code, answer.Body)
				}
			}
		}()
	}
	workers.Wait()
}

func TestObjectsAreClosedWhileTheyAreInUse(t *testing.T) {
	isl := newIslands(t, eyot.Config{})
	isl.HandleFunc("Cart", cart)
	keys := ring(t, testKeys)
	var workers sync.WaitGroup
	for range 8 {
		workers.Add(1)
		go func() {
			defer workers.Done()
			for {
				_, splitting := isl.Split([]byte(cartPage), eyot.Context{})
				_, sealing := keys.Seal(&eyot.Payload{Island: "Cart", Props: []byte("{}")})
				if errors.Is(splitting, eyot.ErrClosed) && errors.Is(sealing, eyot.ErrClosed) {
					return
				}
			}
		}()
	}
	time.Sleep(5 * time.Millisecond)
	_ = isl.Close()
	_ = keys.Close()
	workers.Wait()
}

func TestARingMayBeClosedBeforeTheIslandsThatUseIt(t *testing.T) {
	first, second := ring(t, testKeys), ring(t, generate(t))
	isl := newIslands(t, eyot.Config{KeyRing: first})
	_ = first.Close()
	_ = first.Close()
	isl.HandleFunc("Cart", cart)
	if err := isl.SetKeys(second); err != nil {
		t.Fatal(err)
	}
	_ = second.Close()
	isl.HandleFunc("Other", cart)
	if _, err := isl.Split([]byte(cartPage), eyot.Context{}); err != nil {
		t.Error(err)
	}
	if _, err := second.IDs(); !errors.Is(err, eyot.ErrClosed) {
		t.Errorf("%v", err)
	}
}

func TestWhatNobodyHoldsIsFreedByTheCollector(t *testing.T) {
	for range 200 {
		isl := newIslands(t, eyot.Config{})
		isl.HandleFunc("Cart", cart)
		splitter, _ := isl.NewSplitter(&bytes.Buffer{}, true, eyot.Context{})
		_, _ = splitter.Write([]byte(cartPage))
		_, _ = isl.Prepare([]byte(cartPage))
	}
	// Cleanups run on a goroutine of their own; a second free, or one too early, would end the process.
	for range 3 {
		runtime.GC()
		time.Sleep(10 * time.Millisecond)
	}
}

func TestConfigurationsThatCannotBeUsedAreRefused(t *testing.T) {
	for name, config := range map[string]eyot.Config{
		"a negative limit":             {URLLimit: -1},
		"a negative time to live":      {TTL: -time.Second},
		"a part of a second":           {TTL: 1500 * time.Millisecond},
		"a time to live of 200 years":  {TTL: 200 * 365 * 24 * time.Hour},
		"a prefix without a slash":     {Prefix: "islands"},
		"an origin with a path":        {Origin: "https://islands.example/x"},
		"an allowed origin of nothing": {AllowedOrigins: []string{""}},
		"a login URL of another kind":  {LoginURL: "javascript:x"},
		"a name that is none":          {Elsewhere: []string{"no name"}},
		"a name twice":                 {Elsewhere: []string{"Cart", "Cart"}},
		"text that is not UTF-8":       {Elsewhere: []string{"\xff"}},
	} {
		config.Keys = testKeys
		if _, err := eyot.New(config); !errors.Is(err, eyot.ErrConfig) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestKeysThatCannotBeUsedAreRefusedWithTheirPlace(t *testing.T) {
	t.Setenv("EYOT_KEYS_FILE", "")
	t.Setenv("EYOT_KEYS", "")
	_, err := eyot.New(eyot.Config{})
	if codeOf(err) != "key-missing" || !strings.Contains(err.Error(), "EYOT_KEYS_FILE") {
		t.Errorf("%v", err)
	}
	_, err = eyot.New(eyot.Config{Keys: "AAAA"})
	if codeOf(err) != "key-length" || !strings.Contains(err.Error(), "Config.Keys") {
		t.Errorf("%v", err)
	}
	t.Setenv("EYOT_KEYS_FILE", "/nowhere/keys")
	_, err = eyot.New(eyot.Config{})
	if codeOf(err) != "key-file" || !errors.Is(err, eyot.ErrKey) {
		t.Errorf("%v", err)
	}
	t.Setenv("EYOT_KEYS", "!")
	_, err = eyot.New(eyot.Config{})
	if codeOf(err) != "key-encoding" || !strings.Contains(err.Error(), "EYOT_KEYS in the environment") {
		t.Errorf("%v", err)
	}
}

func TestWithoutAKeyThereIsATemporaryOneWhileDebugging(t *testing.T) {
	t.Setenv("EYOT_KEYS_FILE", "")
	t.Setenv("EYOT_KEYS", "")
	var log bytes.Buffer
	isl, err := eyot.New(eyot.Config{Debug: true, Logger: slog.New(slog.NewTextHandler(&log, nil))})
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(log.String(), "level=WARN") || !strings.Contains(log.String(), "EYOT_KEYS") {
		t.Error(log.String())
	}
	isl.HandleFunc("Cart", cart)
	sealed, err := isl.Placeholder("Cart", nil).URL(eyot.Context{})
	if err != nil {
		t.Fatal(err)
	}
	// What is read again is the same key.
	if err := isl.ReloadKeys(); err != nil {
		t.Error(err)
	}
	if answer := ask(isl, "GET", sealed, "Sec-Fetch-Site: same-origin"); answer.Code != 200 {
		t.Errorf("%d %s", answer.Code, answer.Body)
	}
}

func TestABadKeyIsRefusedWhileDebuggingToo(t *testing.T) {
	t.Setenv("EYOT_KEYS", "!")
	if _, err := eyot.New(eyot.Config{Debug: true}); codeOf(err) != "key-encoding" {
		t.Errorf("%v", err)
	}
}

func TestHandlersAndPoliciesThatCannotBeUsedPanic(t *testing.T) {
	isl := newIslands(t, eyot.Config{Elsewhere: []string{"There"}})
	isl.HandleFunc("Cart", cart)
	for name, call := range map[string]func(){
		"a name that is none":   func() { isl.HandleFunc("no name", cart) },
		"a name twice":          func() { isl.HandleFunc("Cart", cart) },
		"a name elsewhere":      func() { isl.HandleFunc("There", cart) },
		"no function":           func() { isl.HandleFunc("Nil", nil) },
		"no function for props": func() { eyot.Handler[struct{}](nil) },
		"a text as props":       func() { eyot.Handler(func(http.ResponseWriter, *http.Request, string) error { return nil }) },
		"no island's request": func() {
			handler := eyot.Handler(func(http.ResponseWriter, *http.Request, struct{}) error { return nil })
			ask(handler, "GET", "/p/1")
		},
		"no handler":             func() { isl.Handle("Nil", nil) },
		"half a second shared":   func() { isl.HandleFunc("Half", cart, eyot.Shared(time.Second/2)) },
		"a pattern that is none": func() { isl.Outer(eyot.Policies{"p": {CDN: 1e9}})(html("")) },
		"a policy of 100 years":  func() { isl.Outer(eyot.Policies{"/": {CDN: 100 * 365 * 24 * time.Hour}})(html("")) },
		"a negative policy":      func() { isl.Outer(eyot.Policies{"/": {CDN: -time.Second}})(html("")) },
	} {
		func() {
			defer func() {
				if recover() == nil {
					t.Errorf("%s: no panic", name)
				}
			}()
			call()
		}()
	}
	// What was refused is not declared, and what was there before still is.
	if _, err := isl.Split([]byte("<Cart server:defer />"), eyot.Context{}); err != nil {
		t.Error(err)
	}
	if _, err := isl.Split([]byte("<Half server:defer />"), eyot.Context{}); codeOf(err) != "name-unknown" {
		t.Errorf("%v", err)
	}
}

func TestPayloadsThatCannotBeSealedAreRefused(t *testing.T) {
	keys := ring(t, testKeys)
	for name, payload := range map[string]eyot.Payload{
		"no name":             {Props: []byte("{}")},
		"an expiry too early": {Island: "Cart", Props: []byte("{}"), Expires: time.Unix(-1, 0)},
		"an expiry too late":  {Island: "Cart", Props: []byte("{}"), Expires: time.Unix(1<<32, 0)},
		"too much":            {Island: "Cart", Props: fmt.Appendf(nil, `{"a":"%s"}`, strings.Repeat("x", 1<<17))},
		"not UTF-8":           {Island: "Cart\xff", Props: []byte("{}")},
	} {
		if token, err := keys.Seal(&payload); err == nil {
			t.Errorf("%s: %s", name, token)
		}
	}
	for _, token := range []string{"", "x", strings.Repeat("A", 1<<20), "\x00"} {
		if _, err := keys.Open("Cart", "", token, time.Time{}); !errors.Is(err, eyot.ErrToken) {
			t.Errorf("%.10q: %v", token, err)
		}
	}
}

func TestNilAndEmptyPagesSplit(t *testing.T) {
	isl := newIslands(t, eyot.Config{})
	for _, page := range [][]byte{nil, {}, []byte("x")} {
		shell, err := isl.Split(page, eyot.Context{})
		if err != nil || !shell.Untouched || !bytes.Equal(shell.Bytes, page) {
			t.Errorf("%v, %v", shell, err)
		}
	}
}

func TestASplitterKeepsNothingOfItsChunks(t *testing.T) {
	isl := newIslands(t, eyot.Config{})
	isl.HandleFunc("Cart", cart)
	var shell bytes.Buffer
	splitter, err := isl.NewSplitter(&shell, false, eyot.Context{})
	if err != nil {
		t.Fatal(err)
	}
	chunk := make([]byte, 7)
	for rest := []byte(cartPage); len(rest) > 0; {
		n := copy(chunk, rest)
		rest = rest[n:]
		if _, err := splitter.Write(chunk[:n]); err != nil {
			t.Fatal(err)
		}
		clear(chunk)
	}
	if err := splitter.Close(); err != nil {
		t.Fatal(err)
	}
	if text := shell.String(); !strings.Contains(text, "<i>Cart</i></server-island></body></html>") || strings.ContainsRune(text, 0) {
		t.Error(text)
	}
}

func TestADefectInsideComesBackAsAnError(t *testing.T) {
	err := eyot.PanicCheck()
	if err == nil || codeOf(err) != "panic" {
		t.Errorf("%v", err)
	}
}

var _ http.Handler = (*eyot.Islands)(nil)
