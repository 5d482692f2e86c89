// Tests of props, in both directions.

package eyot_test

import (
	"context"
	"encoding/json"
	"errors"
	"math"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/eyot-dev/eyot/bindings/go"
)

type row struct {
	SKU   string            `json:"sku"`
	Qty   int               `json:"qty,omitempty"`
	Note  *string           `json:"note"`
	Tags  []string          `json:"tags,omitempty"`
	Extra map[string]inside `json:"extra,omitempty"`
	When  time.Time         `json:"-"`
}

type inside struct {
	Deep float64 `json:"deep"`
}

func TestPropsAreWrittenWithSortedKeysAndWithoutChange(t *testing.T) {
	for expected, props := range map[string]any{
		`{}`:                                nil,
		`{"a":"<&>","b":1}`:                 map[string]any{"b": 1, "a": "<&>"},
		`{"sku":"A-1","note":null}`:         row{SKU: "A-1"},
		`{"n":12345678901234567890,"x":[]}`: map[string]any{"x": []int{}, "n": json.Number("12345678901234567890")},
		`{"raw":1.50}`:                      json.RawMessage(`{"raw":1.50}`),
		`{"t":"2026-01-02T03:04:05Z"}`:      map[string]time.Time{"t": time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)},
		`{"r":"` + "\ufffd" + `"}`:          map[string]string{"r": "\ufffd"},
		`{"r":"\\ufffd"}`:                   map[string]string{"r": `\ufffd`},
	} {
		if text, err := eyot.EncodeProps(props); err != nil || string(text) != expected {
			t.Errorf("%v became %s (%v), not %s", props, text, err, expected)
		}
	}
}

type broken struct{}

func (broken) MarshalJSON() ([]byte, error) { return nil, errors.New("secret value") }

func TestPropsThatJSONCannotHoldAreNamedByTheirPath(t *testing.T) {
	type cycle struct{ Next *cycle }
	loop := &cycle{}
	loop.Next = loop
	for expected, props := range map[string]any{
		"props.items[2].price: chan int is not JSON": map[string]any{
			"items": []any{1, 2, map[string]any{"price": make(chan int)}},
		},
		"props.extra.a.deep: NaN": row{Extra: map[string]inside{"a": {math.NaN()}}},
		"props.f: func() is not JSON": struct {
			F func() `json:"f"`
		}{func() {}},
		"props.b: the eyot_test.broken does not say":    map[string]any{"b": broken{}},
		"props.name: is not UTF-8":                      map[string]any{"name": "a\xff"},
		"props: a name: is not UTF-8":                   map[string]any{"\xff": 1},
		"props.tags[1]: is not UTF-8":                   row{Tags: []string{"a", "\xc3\x28"}},
		"props are one JSON object":                     []int{1},
		"is nested too deeply":                          loop,
		"props are one JSON object: pass a map or a st": "text",
	} {
		_, err := eyot.EncodeProps(props)
		if !errors.Is(err, eyot.ErrProps) || !strings.Contains(err.Error(), expected) {
			t.Errorf("%q is not in %v", expected, err)
		}
		if err != nil && strings.Contains(err.Error(), "secret") {
			t.Errorf("%v tells a value", err)
		}
	}
}

func TestPropsAreReadStrictly(t *testing.T) {
	for props, expected := range map[string]string{
		`{"sku":"A","note":null}`:                    "",
		`{"sku":"A"}`:                                "",
		`{"sku":"A","extra":{"a":{"deep":1}}}`:       "",
		`{}`:                                         "props.sku: is missing",
		`{"SKU":"A"}`:                                "props.sku: is missing",
		`{"sku":1}`:                                  "props.sku: a number does not fit into string",
		`{"sku":null}`:                               "props.sku: is null instead of string",
		`{"sku":"A","qty":1.5}`:                      "props.qty: a number does not fit into int",
		`{"sku":"A","qty":"secret"}`:                 "props.qty: a string does not fit into int",
		`{"sku":"A","more":1}`:                       `has no field "more"`,
		`{"sku":"A","tags":["a",null]}`:              "props.tags[1]: is null instead of string",
		`{"sku":"A","extra":{"a":{}}}`:               "props.extra.a.deep: is missing",
		`{"sku":"A","extra":{"a":{"deep":1,"b":2}}}`: `has no field "b"`,
		`{"sku":"A","When":"2026-01-01T00:00:00Z"}`:  `has no field "When"`,
	} {
		var into row
		err := (&eyot.Island{Props: json.RawMessage(props)}).Decode(&into)
		switch {
		case expected == "" && err != nil:
			t.Errorf("%s: %v", props, err)
		case expected != "" && (codeOf(err) != "props-type" || !strings.Contains(err.Error(), expected)):
			t.Errorf("%s: %q is not in %v", props, expected, err)
		case err != nil && strings.Contains(err.Error(), "secret"):
			t.Errorf("%v tells a value", err)
		}
	}
	var anything map[string]any
	if err := (&eyot.Island{Props: json.RawMessage(`{"n":12345678901234567890}`)}).Decode(&anything); err != nil {
		t.Fatal(err)
	}
	if anything["n"] != json.Number("12345678901234567890") {
		t.Errorf("a number became %v", anything["n"])
	}
	if err := (&eyot.Island{Props: json.RawMessage(`{}`)}).Decode(nil); !errors.Is(err, eyot.ErrConfig) {
		t.Errorf("%v", err)
	}
	if err := (&eyot.Island{Props: json.RawMessage(`{}`)}).Decode(anything); !errors.Is(err, eyot.ErrConfig) {
		t.Errorf("%v", err)
	}
}

func TestPropsThatDoNotFitAreRefusedAndTold(t *testing.T) {
	var told []eyot.Event
	app, isl := site(t, eyot.Config{OnEvent: func(_ context.Context, e eyot.Event) { told = append(told, e) }},
		html(`<body><Row server:defer sku="1" more></Row>`), nil)
	isl.Handle("Row", eyot.Handler(func(http.ResponseWriter, *http.Request, row) error {
		t.Error("the handler was called")
		return nil
	}))
	answer := ask(app, "GET", source(t, ask(app, "GET", "/p/1").Body.String(), "Row"))
	if answer.Code != 410 || answer.Header().Get("Island-Refused") != "stale" || answer.Body.String() != "gone\n" {
		t.Errorf("%d %v %s", answer.Code, answer.Header(), answer.Body)
	}
	if len(told) != 1 || told[0].Code != "props-type" || told[0].Island != "Row" {
		t.Errorf("told %v", told)
	}
}
