// Benchmarks.

package eyot_test

import (
	"bytes"
	"crypto/aes"
	"crypto/cipher"
	"crypto/rand"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/eyot-dev/eyot/bindings/go"
)

// Sealing beside what it costs to cross to C at all, and beside AES-256-GCM of Go's own with its key schedule kept:
//
//	go test -run '^$' -bench . -benchmem

var benchProps = []byte(`{"sku":"lantern","text":"` + strings.Repeat("x", 173) + `"}`)

func BenchmarkEmptyCgoCall(b *testing.B) {
	for b.Loop() {
		eyot.Nothing()
	}
}

func BenchmarkSeal200(b *testing.B) {
	keys := ring(b, testKeys)
	payload := eyot.Payload{Island: "CartRow", Props: benchProps}
	out := make([]byte, 0, 1024)
	b.ReportAllocs()
	for b.Loop() {
		if _, err := keys.AppendSeal(out, &payload); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkOpen200(b *testing.B) {
	keys := ring(b, testKeys)
	token, err := keys.Seal(&eyot.Payload{Island: "CartRow", Props: benchProps})
	if err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	for b.Loop() {
		if _, err := keys.Open("CartRow", "", token, time.Time{}); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkGoAESGCM200(b *testing.B) {
	block, _ := aes.NewCipher(make([]byte, 32))
	gcm, _ := cipher.NewGCM(block)
	nonce := make([]byte, 12)
	_, _ = rand.Read(nonce)
	out := make([]byte, 0, 1024)
	b.ReportAllocs()
	for b.Loop() {
		gcm.Seal(out, nonce, benchProps, nil)
	}
}

func BenchmarkPlaceholder(b *testing.B) {
	isl := newIslands(b, eyot.Config{})
	isl.HandleFunc("CartRow", cart)
	props := map[string]any{"sku": "lantern", "qty": 2}
	b.ReportAllocs()
	for b.Loop() {
		if _, err := isl.Placeholder("CartRow", props).Attributes(eyot.Context{}); err != nil {
			b.Fatal(err)
		}
	}
}

// benchPage is a page of 100 kB with islands spread over it.
func benchPage(islands int) []byte {
	var page bytes.Buffer
	page.WriteString("<!doctype html><html><head><title>t</title></head><body>")
	text := strings.Repeat(`<p class="line">Some <a href="/there">text</a> of a page.</p>`, 1700/(islands+1))
	page.WriteString(text)
	for range islands {
		page.WriteString(`<CartRow server:defer sku="lantern"><i slot="fallback">…</i></CartRow>` + text)
	}
	return page.Bytes()
}

func BenchmarkSplit(b *testing.B) {
	isl := newIslands(b, eyot.Config{})
	isl.HandleFunc("CartRow", cart)
	for name, islands := range map[string]int{"none": 0, "five": 5} {
		page := benchPage(islands)
		b.Run(name, func(b *testing.B) {
			b.SetBytes(int64(len(page)))
			b.ReportAllocs()
			for b.Loop() {
				if _, err := isl.Split(page, eyot.Context{}); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

// BenchmarkStations is a whole request for a page of 100 kB with five islands, without and with the stations.
func BenchmarkStations(b *testing.B) {
	isl := newIslands(b, eyot.Config{})
	isl.HandleFunc("CartRow", cart)
	page := html(string(benchPage(5)))
	for name, app := range map[string]http.Handler{
		"bare": page, "inner": isl.Inner(page), "shell": isl.Outer(eyot.Policies{"/": {CDN: time.Minute}})(isl.Inner(page)),
	} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				ask(app, "GET", "/")
			}
		})
	}
}
