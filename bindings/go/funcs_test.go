// Tests of what templates call.

package eyot_test

import (
	"bytes"
	"context"
	"errors"
	"html/template"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/eyot-dev/eyot/bindings/go"
)

// execute parses and executes a template with the islands' functions.
func execute(t *testing.T, functions template.FuncMap, text string, data any) (string, error) {
	t.Helper()
	parsed, err := template.New("page").Funcs(functions).Parse(text)
	if err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	err = parsed.Execute(&out, data)
	return out.String(), err
}

func TestTemplateFunctionsWriteWhatASplitWrites(t *testing.T) {
	isl := newIslands(t, eyot.Config{NoLoader: true})
	isl.HandleFunc("Cart", cart)
	data := map[string]any{"SKU": `"a'<b`, "Bone": template.HTML("<i>…</i>")}
	for written, split := range map[string]string{
		`{{island "Cart" "sku" .SKU (islandWhen "idle") (islandKeep) (islandFallback .Bone)}}`: //
		`<Cart server:defer server:when="idle" server:keep server:props="{{islandProps "sku" .SKU}}">` +
			`<i slot="fallback">…</i></Cart>`,
		`<table><tr {{islandAttrs "Cart" "sku" .SKU (islandKey 7) "qty" 2}}><td></td></tr></table>`: //
		`<table><tr server:defer="Cart" server:key="7" server:props='{{islandProps "sku" .SKU "qty" 2}}'>` +
			`<td slot="fallback"></td></tr></table>`,
	} {
		direct, err := execute(t, isl.Funcs(), written, data)
		if err != nil {
			t.Fatal(err)
		}
		markup, err := execute(t, isl.Funcs(), split, data)
		if err != nil {
			t.Fatal(err)
		}
		shell, err := isl.Split([]byte(markup), eyot.Context{})
		if err != nil {
			t.Fatalf("%v in %s", err, markup)
		}
		// Of two spellings of the same props each has its own token, so that only the rest can be compared.
		if open(t, direct) != open(t, string(shell.Bytes)) {
			t.Errorf("%s\nis not\n%s", direct, shell.Bytes)
		}
	}
}

// open puts the props of a shell's tokens in their places.
func open(t *testing.T, shell string) string {
	t.Helper()
	before, rest, _ := strings.Cut(shell, "/Cart/")
	token, after, _ := strings.Cut(rest, `"`)
	payload, err := ring(t, testKeys).Open("Cart", "", token, at(nil))
	if err != nil {
		t.Fatalf("%v in %s", err, shell)
	}
	var props map[string]any
	if err := (&eyot.Island{Props: payload.Props}).Decode(&props); err != nil {
		t.Fatal(err)
	}
	sorted, _ := eyot.EncodeProps(props)
	return before + string(sorted) + after
}

func TestTemplateFunctionsSayWhatIsWrong(t *testing.T) {
	isl := newIslands(t, eyot.Config{Debug: true})
	isl.HandleFunc("Cart", cart)
	for text, expected := range map[string]string{
		`{{island}}`:                             "the first argument is the island's name",
		`{{island 1}}`:                           "the island's name is a string",
		`{{island "Nobody"}}`:                    "Nobody",
		`{{island "cart"}}`:                      "cart",
		`{{island "Cart" "sku"}}`:                "the last one has no value",
		`{{island "Cart" 1 2}}`:                  "the name of a prop is a string",
		`{{island "Cart" "a" 1 "a" 2}}`:          "props.a: stands twice",
		`{{island "Cart" "a" .}}`:                "props.a",
		`{{island "Cart" "server:when" "idle"}}`: `"server:when" is no prop`,
		`{{island "Cart" (islandWhen "idel")}}`:  "`load`, `idle`",
		`{{island "Cart" (islandKey nil)}}`:      "islandKey is given nil",
		`{{island "Cart" (islandTTL "soon")}}`:   `"soon" is no time`,
		`{{islandProps "a" 1 (islandWhen "x")}}`: "props alone",
		`{{islandLoader 1}}`:                     "no arguments",
	} {
		_, err := execute(t, isl.Funcs(), text, make(chan int))
		if err == nil || !strings.Contains(err.Error(), expected) {
			t.Errorf("%s: %q is not in %v", text, expected, err)
		}
	}
}

func TestAnIslandThatDoesNotExistIsItsFallbackInProduction(t *testing.T) {
	var told []eyot.Event
	isl := newIslands(t, eyot.Config{OnEvent: func(_ context.Context, e eyot.Event) { told = append(told, e) }})
	isl.HandleFunc("Cart", cart)
	text := `{{island "Crat" (islandFallback "c")}}<tr {{islandAttrs "Crat"}}></tr>`
	if page, err := execute(t, isl.Funcs(), text, nil); err != nil || page != "c<tr ></tr>" {
		t.Errorf("%q, %v", page, err)
	}
	if len(told) != 2 || told[0].Code != "name-unknown" || !strings.Contains(told[0].Message, `"Cart" may be meant`) {
		t.Errorf("%+v", told)
	}
}

func TestATemplateGetsAtTheRequestByItsView(t *testing.T) {
	isl := newIslands(t, eyot.Config{
		Page: true, Lang: func(*http.Request) string { return "de" },
		Audience: func(r *http.Request) string { return r.Host },
	})
	var seen *eyot.Island
	isl.HandleFunc("Cart", func(_ http.ResponseWriter, r *http.Request) { seen = eyot.FromContext(r.Context()) })
	once := template.Must(template.New("").Funcs(isl.Funcs()).Parse(`<p {{islandAttrs .Islands "Cart"}}></p>`))
	method := template.Must(template.New("").Parse(`{{.Islands.Loader}}<p {{.Islands.Attrs "Cart"}}></p>`))
	mux := http.NewServeMux()
	mux.Handle(isl.Pattern(), isl)
	mux.HandleFunc("/once", func(w http.ResponseWriter, r *http.Request) {
		_ = once.Execute(w, map[string]any{"Islands": isl.View(r)})
	})
	mux.HandleFunc("/method", func(w http.ResponseWriter, r *http.Request) {
		_ = method.Execute(w, map[string]any{"Islands": isl.View(r)})
	})
	mux.HandleFunc("/bound", func(w http.ResponseWriter, r *http.Request) {
		bound := template.Must(template.New("").Funcs(isl.FuncsFor(r)).Parse(`<p {{islandAttrs "Cart"}}></p>`))
		_ = bound.Execute(w, nil)
	})
	app := http.StripPrefix("/shop", isl.Outer(nil)(isl.Inner(mux)))
	for _, path := range []string{"/shop/once", "/shop/method", "/shop/bound"} {
		seen = nil
		page := ask(app, "GET", path).Body.String()
		if answer := ask(app, "GET", source(t, page, "Cart")); answer.Code != 200 {
			t.Fatalf("%d %s", answer.Code, answer.Body)
		}
		if seen.Page == nil || *seen.Page != (eyot.Page{Path: path, Lang: "de"}) {
			t.Errorf("the page is %v, not %s", seen.Page, path)
		}
	}
	// Without the view the token would be for another audience: that is an error, not an island that never loads.
	if err := once.Execute(&bytes.Buffer{}, map[string]any{"Islands": (*eyot.View)(nil)}); err == nil {
		t.Error("no error without a view")
	}
	if _, err := execute(t, isl.Funcs(), `{{island "Cart"}}`, nil); err == nil || !strings.Contains(err.Error(), "isl.View(r)") {
		t.Errorf("%v", err)
	}
}

func TestAPlaceholderFindsItsRequestInTheContextForTempl(t *testing.T) {
	isl := newIslands(t, eyot.Config{})
	isl.HandleFunc("Cart", cart)
	component := isl.Placeholder("Cart", row{SKU: "A"}, eyot.When("idle"), eyot.Keep(), eyot.Fallback("<i>c</i>"), eyot.Slot("error", "<b>e</b>"))
	app := http.StripPrefix("/shop", isl.Outer(nil)(isl.Inner(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "text/html")
		if err := component.Render(r.Context(), w); err != nil {
			t.Error(err)
		}
		attributes, err := component.Attrs(r.Context())
		if err != nil || attributes["island-when"] != "idle" || attributes["island"] != "Cart" {
			t.Errorf("%v, %v", attributes, err)
		}
		if address, _ := attributes["island-src"].(string); !strings.HasPrefix(address, "/shop/_server-islands/Cart/") {
			t.Errorf("%v", attributes)
		}
	}))))
	page := ask(app, "GET", "/shop/").Body.String()
	for _, part := range []string{`island-src="/shop/`, `island-when="idle"`, "<i>c</i><template island-slot=\"error\"><b>e</b></template>"} {
		if !strings.Contains(page, part) {
			t.Errorf("%s is not in %s", part, page)
		}
	}
	if err := isl.Placeholder("Nobody", nil).Render(context.Background(), httptest.NewRecorder()); !errors.Is(err, eyot.ErrConfig) {
		t.Errorf("%v", err)
	}
}

func TestAnIslandsURLIsRefusedWhereItsTokenIsTooLong(t *testing.T) {
	isl := newIslands(t, eyot.Config{})
	isl.HandleFunc("Cart", cart)
	short, err := isl.Placeholder("Cart", nil).URL(eyot.Context{})
	if err != nil || !strings.HasPrefix(short, "/_server-islands/Cart/") {
		t.Errorf("%s, %v", short, err)
	}
	long := map[string]string{"text": strings.Repeat("x", 3000)}
	if _, err := isl.Placeholder("Cart", long).URL(eyot.Context{}); err == nil {
		t.Error("no error")
	}
	// A placeholder posts it.
	html, err := isl.Placeholder("Cart", long).HTML(eyot.Context{})
	if err != nil || !strings.Contains(string(html), "island-token=") {
		t.Errorf("%s, %v", html, err)
	}
}

func TestOptionsAreWhatMarkupSays(t *testing.T) {
	isl := newIslands(t, eyot.Config{NoLoader: true})
	isl.HandleFunc("Cart", cart)
	for text, options := range map[string][]eyot.Option{
		`server:when="visible 200px" server:key="7"`:  {eyot.When("visible 200px"), eyot.Key(7)},
		`server:keep server:refresh="30s"`:            {eyot.Keep(), eyot.Refresh("30s")},
		`server:redirect="follow" server:timeout="3"`: {eyot.FollowRedirect(), eyot.Timeout(3 * time.Second)},
		`server:ttl="4000000"`:                        {eyot.TTL(4_000_000 * time.Second)},
		`server:page`:                                 {eyot.WithPage()},
	} {
		context := eyot.Context{Now: time.Unix(1_800_000_000, 0), PagePath: "/p/1"}
		shell, err := isl.Split([]byte("<Cart server:defer "+text+"></Cart>"), context)
		if err != nil {
			t.Fatal(err)
		}
		written, err := isl.Placeholder("Cart", nil, options...).HTML(context)
		if err != nil || string(written) != string(shell.Bytes) {
			t.Errorf("%s: %v\n%s\n%s", text, err, written, shell.Bytes)
		}
	}
	one, _ := isl.Placeholder("Cart", nil, eyot.Unlinkable()).HTML(eyot.Context{})
	other, _ := isl.Placeholder("Cart", nil, eyot.Unlinkable()).HTML(eyot.Context{})
	if one == other || one == "" {
		t.Error(one)
	}
	if _, err := isl.Placeholder("Cart", nil, eyot.Timeout(1500*time.Millisecond)).HTML(eyot.Context{}); !errors.Is(err, eyot.ErrConfig) {
		t.Errorf("%v", err)
	}
}
