// Examples for the documentation.

package eyot_test

import (
	"fmt"
	"html/template"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"time"

	"github.com/eyot-dev/eyot/bindings/go"
)

const exampleKey = "MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE="

// A page that caches keep, and an island that reads the visitor's cookie.
func Example() {
	isl, err := eyot.New(eyot.Config{Keys: exampleKey}) // without Keys: EYOT_KEYS in the environment
	if err != nil {
		panic(err)
	}
	isl.Handle("CartCount", eyot.Handler(func(w http.ResponseWriter, r *http.Request, _ struct{}) error {
		count, err := r.Cookie("count")
		if err != nil {
			return err
		}
		_, err = fmt.Fprintf(w, "<b>%s in the cart</b>", template.HTMLEscapeString(count.Value))
		return err
	}))
	mux := http.NewServeMux()
	mux.HandleFunc("GET /{$}", func(w http.ResponseWriter, _ *http.Request) {
		_, _ = io.WriteString(w, `<!doctype html><title>Lantern</title>
<CartCount server:defer><i slot="fallback">Cart</i></CartCount>`)
	})
	mux.Handle(isl.Pattern(), isl)
	app := isl.Outer(eyot.Policies{"/": {CDN: 10 * time.Minute}})(isl.Inner(mux))

	page := httptest.NewRecorder()
	app.ServeHTTP(page, httptest.NewRequest("GET", "/", nil))
	fmt.Println(page.Header().Get("Cache-Control"))
	// Output: public, max-age=0, s-maxage=600
}

func ExampleIslands_Split() {
	isl, err := eyot.New(eyot.Config{Keys: exampleKey, NoLoader: true, Elsewhere: []string{"Cart"}})
	if err != nil {
		panic(err)
	}
	shell, err := isl.Split([]byte(`<Cart server:defer=""/>`), eyot.Context{})
	if err != nil {
		panic(err)
	}
	fmt.Printf("%s\n", shell.Bytes)
	_, err = isl.Split([]byte("<p>\n<Basket server:defer />"), eyot.Context{})
	fmt.Println(err)
	// Output:
	// <server-island island="Cart" island-src="/_server-islands/Cart/AQA9TdkYD-9cf_NDZGCEdOJUHgD8zWfYx2CuZRbBicwUnyAeryYnhnyExOu85SyefRSZuWBGXZTxrxz2"></server-island>
	// eyot: line 2, column 1: no island is declared under the name "Basket": register a handler for it, or declare it as answered elsewhere
}

func ExampleIslands_NewSplitter() {
	isl, err := eyot.New(eyot.Config{Keys: exampleKey, Elsewhere: []string{"Cart"}})
	if err != nil {
		panic(err)
	}
	splitter, err := isl.NewSplitter(os.Stdout, false, eyot.Context{})
	if err != nil {
		panic(err)
	}
	for _, chunk := range []string{"<p>An ordinary", " page</p>", "\n"} {
		if _, err := io.WriteString(splitter, chunk); err != nil {
			panic(err)
		}
	}
	if err := splitter.Close(); err != nil {
		panic(err)
	}
	// Output: <p>An ordinary page</p>
}

func ExampleIslands_Funcs() {
	isl, err := eyot.New(eyot.Config{Keys: exampleKey, Elsewhere: []string{"CartRow"}})
	if err != nil {
		panic(err)
	}
	page := template.Must(template.New("page").Funcs(isl.Funcs()).Parse(
		`<tr server:defer="CartRow" server:props="{{islandProps "sku" .SKU "qty" 2}}">`))
	if err := page.Execute(os.Stdout, struct{ SKU string }{"A-1"}); err != nil {
		panic(err)
	}
	// Output: <tr server:defer="CartRow" server:props="{&#34;qty&#34;:2,&#34;sku&#34;:&#34;A-1&#34;}">
}
