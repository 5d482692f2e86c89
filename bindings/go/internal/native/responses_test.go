// The shared vectors of responses.

package native

import (
	"encoding/json"
	"net/http"
	"os"
	"reflect"
	"strings"
	"testing"
)

// fields is a vector's list of headers, by their names: Go's have no order among different names.
func fields(pairs [][2]string) http.Header {
	header := http.Header{}
	for _, pair := range pairs {
		header.Add(pair[0], pair[1])
	}
	return header
}

func TestResponsesAreWhatTheVectorsSay(t *testing.T) {
	text, err := os.ReadFile("../../../../core/tests/vectors/responses.json")
	if err != nil {
		t.Fatal(err)
	}
	var vectors []struct {
		Title, Kind               string
		Status                    int
		Headers                   [][2]string
		Split, Streamed, Uncached *[][2]string
	}
	if err := json.Unmarshal(text, &vectors); err != nil {
		t.Fatal(err)
	}
	kinds := map[PageKind]string{PageOther: "other", PageHTML: "html", PagePart: "part", PageCompressed: "compressed", PageText: "text"}
	for _, vector := range vectors {
		t.Run(vector.Title, func(t *testing.T) {
			given := fields(vector.Headers)
			kind, err := KindOf(vector.Status, given)
			if err != nil || kinds[kind] != vector.Kind {
				t.Errorf("it is %s (%v), not %s", kinds[kind], err, vector.Kind)
			}
			for name, made := range map[string]struct {
				expected *[][2]string
				make     func() (*Outcome, error)
			}{
				"split":    {vector.Split, func() (*Outcome, error) { return AfterSplit(vector.Status, given, 7) }},
				"streamed": {vector.Streamed, func() (*Outcome, error) { return AfterSplit(vector.Status, given, -1) }},
				"uncached": {vector.Uncached, func() (*Outcome, error) { return Uncached(vector.Status, given) }},
			} {
				if made.expected == nil {
					continue
				}
				outcome, err := made.make()
				if err != nil {
					t.Fatal(err)
				}
				header := given.Clone()
				outcome.Apply(header)
				if expected := fields(*made.expected); !reflect.DeepEqual(header, expected) {
					t.Errorf("%s: %v, not %v", name, header, expected)
				}
			}
		})
	}
	if len(vectors) == 0 || !strings.Contains(string(text), "uncached") {
		t.Error("there are no vectors")
	}
}
