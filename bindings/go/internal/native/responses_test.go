// The shared vectors of responses.

package native

import (
	"encoding/json"
	"net/http"
	"os"
	"reflect"
	"strconv"
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

func pageOf(t *testing.T) *Page {
	t.Helper()
	keys, err := ParseKeys("q83vEjRWeJCrze8SNFZ4kKvN7xI0VniQq83vEjRWeJA=", false)
	if err != nil {
		t.Fatal(err)
	}
	islands, err := NewIslands(keys, &Options{Here: []string{"Cart"}})
	if err != nil {
		t.Fatal(err)
	}
	page, err := islands.NewPage("/", 0)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(page.Close)
	return page
}

// What core does first with a whole response of each kind.
var steps = map[string]Step{
	"other": StepPass, "html": StepCollect, "text": StepCollect, "part": StepReply, "compressed": StepDecode,
}

type vector struct {
	Title, Kind               string
	Status                    int
	Headers                   [][2]string
	Split, Streamed, Uncached *[][2]string
}

// changed compares what is left of the vector's headers after an outcome's changes.
func (v *vector) changed(t *testing.T, what string, outcome *Outcome, expected http.Header) {
	t.Helper()
	header := fields(v.Headers)
	outcome.Apply(header)
	if !reflect.DeepEqual(header, expected) {
		t.Errorf("%s: %v, not %v", what, header, expected)
	}
}

func (v *vector) split(t *testing.T) {
	decision, err := pageOf(t).Whole(v.Status, fields(v.Headers), []byte("<Cart server:defer></Cart>"), &Context{})
	if err != nil || decision.Step != StepShell {
		t.Fatalf("%v, %v", decision, err)
	}
	// The vector's shell has seven bytes.
	expected := fields(*v.Split)
	expected.Set("Content-Length", strconv.Itoa(len(decision.Shell)))
	v.changed(t, "split", &decision.Outcome, expected)
}

func (v *vector) streamed(t *testing.T) {
	decision, err := pageOf(t).Step(v.Status, fields(v.Headers), SizeMore, 0)
	if err != nil {
		t.Fatal(err)
	}
	if decision.Step == StepStream {
		v.changed(t, "streamed", &decision.Outcome, fields(*v.Streamed))
	} else if fields(v.Headers).Get("Content-Length") == "" {
		t.Errorf("the step is %v", decision.Step)
	}
}

func TestResponsesAreWhatTheVectorsSay(t *testing.T) {
	text, err := os.ReadFile("../../../../core/tests/vectors/responses.json")
	if err != nil {
		t.Fatal(err)
	}
	var vectors []vector
	if err := json.Unmarshal(text, &vectors); err != nil {
		t.Fatal(err)
	}
	counts := [3]int{}
	for _, vector := range vectors {
		t.Run(vector.Title, func(t *testing.T) {
			decision, err := pageOf(t).Step(vector.Status, fields(vector.Headers), SizeWhole, 0)
			if err != nil || decision.Step != steps[vector.Kind] {
				t.Errorf("it is %s, and the step is %v (%v)", vector.Kind, decision, err)
			}
			if vector.Split != nil && vector.Kind == "html" {
				counts[0]++
				vector.split(t)
			}
			if vector.Streamed != nil && vector.Kind == "html" {
				counts[1]++
				vector.streamed(t)
			}
			if vector.Uncached != nil {
				counts[2]++
				outcome, err := Uncached(vector.Status, fields(vector.Headers))
				if err != nil {
					t.Fatal(err)
				}
				vector.changed(t, "uncached", outcome, fields(*vector.Uncached))
			}
		})
	}
	if counts[0] == 0 || counts[1] == 0 || counts[2] == 0 {
		t.Errorf("there are too few vectors: %v", counts)
	}
}
