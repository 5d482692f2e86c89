// Tests of the patterns of policies.

package eyot_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/eyot-dev/eyot/bindings/go"
)

// refusedPattern is the error of policies with one pattern; nil where it is one.
func refusedPattern(isl *eyot.Islands, pattern string) (err error) {
	defer func() {
		if thrown := recover(); thrown != nil {
			err, _ = thrown.(error)
		}
	}()
	isl.Outer(eyot.Policies{pattern: {CDN: time.Minute}})(html(""))
	return nil
}

func TestAPatternThatIsNoneIsRefusedWithTheOneThatIsMeant(t *testing.T) {
	isl := newIslands(t, eyot.Config{})
	for pattern, meant := range map[string]string{
		"/p/:sku": `"/p/{sku}" is meant`, "/p/<int:id>": `"/p/{id}" is meant`, "/p/{$}": `"/p/" is meant`,
		"GET /p/{sku}": `write "/p/{sku}" in place of GET`, "p": `write "/p"`,
	} {
		err := refusedPattern(isl, pattern)
		if !errors.Is(err, eyot.ErrConfig) || !strings.Contains(err.Error(), meant) {
			t.Errorf("%s: %v", pattern, err)
		}
	}
	for _, pattern := range []string{"/", "/files/{rest...}", "/@name/~user", "/%3Asku", "/größe/{größe}"} {
		if err := refusedPattern(isl, pattern); err != nil {
			t.Errorf("%s: %v", pattern, err)
		}
	}
}

func TestAPatternThatFitsNoPageIsToldWhileDebugging(t *testing.T) {
	for _, isDebug := range []bool{true, false} {
		var told []eyot.Event
		app, _ := site(t, eyot.Config{Debug: isDebug, OnEvent: func(_ context.Context, e eyot.Event) { told = append(told, e) }},
			html("<!doctype html><p>x"), eyot.Policies{"/p/{sku}": {CDN: time.Minute}, "/P/{sku}": {CDN: time.Minute}})
		for range 30 {
			ask(app, "GET", "/p/1")
		}
		if (len(told) == 1) != isDebug || isDebug && (told[0].Code != "policy-unused" || told[0].Path != "/P/{sku}") {
			t.Errorf("debugging %v: told %v", isDebug, told)
		}
	}
}
