// Tests of the patterns of policies.

package eyot_test

import (
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

func TestAPatternOfAnotherRouterIsRefusedWithTheOneThatIsMeant(t *testing.T) {
	isl := newIslands(t, eyot.Config{})
	for pattern, meant := range map[string]string{
		"/p/:sku":                  "/p/{sku}",
		"GET /p/:sku/more":         "GET /p/{sku}/more",
		"/p/:sku(\\d+)":            "/p/{sku}",
		"/p/:sku?":                 "/p/{sku}",
		"/p/<sku>":                 "/p/{sku}",
		"/p/<int:id>":              "/p/{id}",
		"shop.example/p/<int:id>/": "shop.example/p/{id}/",
		"/files/<path:rest>":       "/files/{rest...}",
		"/files/{rest:path}":       "/files/{rest...}",
		"/p/{sku:[a-z]+}":          "/p/{sku}",
		"/p/{sku:int}":             "/p/{sku}",
		"/files/*":                 "/files/{rest...}",
		"/files/*path":             "/files/{path...}",
		"/files/**":                "/files/{rest...}",
		"/p/[sku]":                 "/p/{sku}",
		"/p/[...sku]":              "/p/{sku...}",
		`^/p/(?P<sku>\w+)/$`:       "/p/{sku}/{$}",
		`^p/(?P<sku>[a-z]+)$`:      "/p/{sku}",
	} {
		err := refusedPattern(isl, pattern)
		if !errors.Is(err, eyot.ErrConfig) || !strings.Contains(err.Error(), `perhaps "`+meant+`" is`) {
			t.Errorf("%s: %v", pattern, err)
		}
	}
}

func TestPatternsOfServeMuxAreTaken(t *testing.T) {
	isl := newIslands(t, eyot.Config{})
	for _, pattern := range []string{
		"/", "GET /p/{sku}", "/files/{rest...}", "shop.example/{$}", "/items:batch", "/@name/~user", "/a+b/c.html", "/%3Asku",
		"/größe/{größe}", "/q;a=1",
	} {
		if err := refusedPattern(isl, pattern); err != nil {
			t.Errorf("%s: %v", pattern, err)
		}
	}
}
