// Fuzz tests, whose seeds run as ordinary tests.

package eyot_test

import (
	"bytes"
	"strings"
	"testing"
	"time"

	"github.com/eyot-dev/eyot/bindings/go"
)

// FuzzSplit: however a page is cut, its shell is the same; and no directive goes out.
func FuzzSplit(f *testing.F) {
	for _, vector := range load[[]page](f, "split.json") {
		f.Add([]byte(vector.HTML), uint16(7))
	}
	f.Add([]byte("<Cart server:defer"), uint16(1))
	f.Add([]byte{}, uint16(0))
	isl, err := eyot.New(eyot.Config{Keys: testKeys, NoLoader: true, Elsewhere: []string{"Cart", "Avatar", "CartRow"}})
	if err != nil {
		f.Fatal(err)
	}
	context := eyot.Context{Now: time.Unix(1800000000, 0)}
	f.Fuzz(func(t *testing.T, page []byte, size uint16) {
		kept := bytes.Clone(page)
		whole, wholeErr := isl.SplitLenient(page, context)
		if !bytes.Equal(page, kept) {
			t.Fatal("splitting changed the page")
		}
		var shell bytes.Buffer
		splitter, err := isl.NewSplitter(&shell, true, context)
		if err != nil {
			t.Fatal(err)
		}
		for rest := page; len(rest) > 0 && err == nil; {
			cut := min(int(size)+1, len(rest))
			_, err = splitter.Write(rest[:cut])
			rest = rest[cut:]
		}
		if err == nil {
			err = splitter.Close()
		}
		if (err == nil) != (wholeErr == nil) {
			t.Fatalf("whole: %v, in chunks: %v", wholeErr, err)
		}
		// Unlinkable tokens are random.
		isSame := bytes.Equal(shell.Bytes(), whole.Bytes) || bytes.Contains(page, []byte("unlinkable"))
		if err == nil && !isSame {
			t.Fatalf("whole:\n%s\nin chunks:\n%s", whole.Bytes, &shell)
		}
	})
}

// FuzzOpen: what was not sealed does not open.
func FuzzOpen(f *testing.F) {
	for _, vector := range load[[]struct{ Token string }](f, "refused.json") {
		f.Add(vector.Token)
	}
	keys := ring(f, testKeys)
	f.Fuzz(func(t *testing.T, token string) {
		if payload, err := keys.Open("Cart", "", token, time.Unix(1800000000, 0)); err == nil {
			again, err := keys.Seal(payload)
			if err != nil || again != token {
				t.Fatalf("%s opened as %+v", token, payload)
			}
		} else if text := err.Error(); len(token) > 8 && strings.Contains(text, token) {
			t.Fatalf("the error tells the token: %s", text)
		}
	})
}
