// Islands that templates write: placeholders from values, template functions, templ components.

package eyot

import (
	"context"
	"fmt"
	"html"
	"html/template"
	"io"
	"net/http"
	"reflect"
	"slices"
	"strings"

	"github.com/eyot-dev/eyot/bindings/go/internal/native"
)

// Placeholder is an island that is written by code instead of markup.
type Placeholder struct {
	// Name is the island's name, exactly as it is registered.
	Name string
	// Props is what EncodeProps takes.
	Props any
	// Fallback is shown until the island is there; Error when it cannot be loaded, and the fallback stays where it is
	// empty.
	Fallback, Error template.HTML
	// Slots travel sealed.
	Slots map[string]template.HTML
	// Options are those of the markup without `server:`, such as when and idle; a flag's value is empty.
	Options map[string]string
}

func (p *Placeholder) native() (*native.Placeholder, error) {
	props, err := EncodeProps(p.Props)
	if err != nil {
		return nil, err
	}
	made := &native.Placeholder{Name: p.Name, Props: props, Fallback: string(p.Fallback), Error: string(p.Error)}
	for name, content := range p.Slots {
		made.Slots = append(made.Slots, native.Pair{Name: name, Value: string(content)})
	}
	for name, value := range p.Options {
		made.Options = append(made.Options, native.Pair{Name: name, Value: value})
	}
	byName := func(a, b native.Pair) int { return strings.Compare(a.Name, b.Name) }
	slices.SortFunc(made.Slots, byName)
	slices.SortFunc(made.Options, byName)
	return made, nil
}

func (isl *Islands) write(what int, p Placeholder, context *native.Context) (string, error) {
	core, err := isl.native()
	if err != nil {
		return "", err
	}
	made, err := p.native()
	if err != nil {
		return "", err
	}
	out, err := core.AppendWrite(nil, what, made, context)
	return string(out), wrapped(err)
}

func (isl *Islands) writeWith(what int, p Placeholder, context Context) (string, error) {
	given, err := context.native()
	if err != nil {
		return "", err
	}
	return isl.write(what, p, given)
}

// Placeholder writes what a split makes of the same island in a page.
func (isl *Islands) Placeholder(p Placeholder, context Context) (template.HTML, error) {
	out, err := isl.writeWith(native.WritePlaceholder, p, context)
	return template.HTML(out), err
}

// Attributes writes the attributes of a placeholder alone, for an element that a template writes itself, a <tr> for
// one. Fallback, error and slots are not looked at.
func (isl *Islands) Attributes(p Placeholder, context Context) (template.HTMLAttr, error) {
	out, err := isl.writeWith(native.WriteAttributes, p, context)
	return template.HTMLAttr(strings.TrimPrefix(out, " ")), err
}

// URL writes an island's URL, not escaped, for libraries that fetch fragments by themselves. It is an error where the
// token is too long for one.
func (isl *Islands) URL(p Placeholder, context Context) (string, error) {
	return isl.writeWith(native.WriteURL, p, context)
}

// LoaderTags writes the tags that load the loader and the style sheet, for pages that are not split. Inner gives them to
// the others.
func (isl *Islands) LoaderTags(context Context) (template.HTML, error) {
	given, err := context.native()
	if err != nil {
		return "", err
	}
	return isl.loaderTags(given)
}

func (isl *Islands) loaderTags(context *native.Context) (template.HTML, error) {
	core, err := isl.native()
	if err != nil {
		return "", err
	}
	tags, err := core.LoaderTags(context)
	return template.HTML(tags), wrapped(err)
}

// View writes islands for one request: below its mount point, for its audience, of its page and language. Its methods
// are for templates: {{.Islands.Attrs "CartRow" "sku" .SKU}} where .Islands is a View.
//
// After the name come props by name and value, or one map or struct that has them all. What begins with `server:` is an
// option, as in markup, and what begins with `slot:` a slot, among them slot:fallback and slot:error; text in a slot is
// escaped unless it is a template.HTML.
type View struct {
	isl     *Islands
	context *native.Context
}

// View returns what writes islands for a request.
func (isl *Islands) View(r *http.Request) *View {
	return &View{isl, isl.context(r, isl.stationOf(r.Context()), false)}
}

// Island writes a placeholder: {{.Islands.Island "Avatar" "size" 40 "server:when" "idle" "slot:fallback" .Bone}}.
func (v *View) Island(name string, arguments ...any) (template.HTML, error) {
	out, err := v.write(native.WritePlaceholder, name, arguments)
	return template.HTML(out), err
}

// Attrs writes a placeholder's attributes: <tr {{.Islands.Attrs "CartRow" "sku" .SKU}}>.
func (v *View) Attrs(name string, arguments ...any) (template.HTMLAttr, error) {
	out, err := v.write(native.WriteAttributes, name, arguments)
	return template.HTMLAttr(strings.TrimPrefix(out, " ")), err
}

// URL writes an island's URL: <div hx-get="{{.Islands.URL "CartRow" "sku" .SKU}}">.
func (v *View) URL(name string, arguments ...any) (template.URL, error) {
	out, err := v.write(native.WriteURL, name, arguments)
	return template.URL(out), err
}

// Loader writes the tags of the loader and the style sheet, for pages that are not split: below HTMLPass(false, …), or
// with no Inner around.
func (v *View) Loader() (template.HTML, error) { return v.isl.loaderTags(v.context) }

func (v *View) write(what int, name string, arguments []any) (string, error) {
	p, err := placeholder(name, arguments)
	if err != nil {
		return "", err
	}
	return v.isl.write(what, p, v.context)
}

// Props writes props as JSON for a server:props attribute, which the template escapes:
// <tr server:defer="CartRow" server:props="{{islandProps "sku" .SKU}}">.
func (v *View) Props(arguments ...any) (string, error) {
	p, err := placeholder("props", arguments)
	if err != nil {
		return "", err
	}
	if len(p.Options) > 0 || len(p.Slots) > 0 || p.Fallback != "" || p.Error != "" {
		return "", configError("islandProps takes props alone: options and slots stand in the markup")
	}
	out, err := EncodeProps(p.Props)
	return string(out), err
}

// placeholder reads the arguments of a template function.
func placeholder(name string, arguments []any) (Placeholder, error) {
	p := Placeholder{Name: name}
	if len(arguments)%2 == 1 {
		if _, isText := arguments[0].(string); isText {
			return p, configError("island %q: props come by name and value, and the last one has no value", name)
		}
		p.Props, arguments = arguments[0], arguments[1:]
	}
	props := map[string]any{}
	for i := 0; i < len(arguments); i += 2 {
		key, isText := arguments[i].(string)
		if !isText {
			return p, configError("island %q: the name of a prop is a string, not %T", name, arguments[i])
		}
		if err := p.add(key, arguments[i+1], props); err != nil {
			return p, err
		}
	}
	if len(props) > 0 {
		if p.Props != nil {
			return p, configError("island %q: props come in one map or struct, or by name and value, not both", name)
		}
		p.Props = props
	}
	return p, nil
}

func (p *Placeholder) add(key string, value any, props map[string]any) error {
	if option, isOption := strings.CutPrefix(key, "server:"); isOption {
		text, isOn, err := optionValue(p.Name, key, value)
		if err != nil || !isOn {
			return err
		}
		if p.Options == nil {
			p.Options = map[string]string{}
		}
		p.Options[option] = text
		return nil
	}
	slot, isSlot := strings.CutPrefix(key, "slot:")
	if !isSlot {
		if _, isTwice := props[key]; isTwice {
			return propsError("props.%s: stands twice", key)
		}
		props[key] = value
		return nil
	}
	content := markup(value)
	switch slot {
	case "fallback":
		p.Fallback = content
	case "error":
		p.Error = content
	default:
		if p.Slots == nil {
			p.Slots = map[string]template.HTML{}
		}
		p.Slots[slot] = content
	}
	return nil
}

// optionValue is an option's text; a flag is true, and false is as if it were not there.
func optionValue(name, key string, value any) (text string, isOn bool, err error) {
	switch kind := reflect.ValueOf(value); kind.Kind() {
	case reflect.Bool:
		return "", kind.Bool(), nil
	case reflect.String:
		return kind.String(), true, nil
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64,
		reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64, reflect.Float32, reflect.Float64:
		return fmt.Sprint(value), true, nil
	}
	return "", false, configError("island %q: %s is a string, a number or true, not %T", name, key, value)
}

func markup(value any) template.HTML {
	switch content := value.(type) {
	case nil:
		return ""
	case template.HTML:
		return content
	}
	return template.HTML(html.EscapeString(fmt.Sprint(value)))
}

// Funcs are functions for templates: island, islandAttrs, islandURL, islandProps and islandLoader, with the arguments
// of View's methods.
//
//	tmpl := template.Must(template.New("").Funcs(isl.Funcs()).ParseFS(files, "*.html"))
//	<tr {{islandAttrs "CartRow" "sku" .SKU}}><td>…</td></tr>
//
// A template that was parsed once knows no request, so its functions take a View as their first argument, if they are
// given one: {{islandAttrs .Islands "CartRow" "sku" .SKU}}. An app that has a mount point, an audience or server:page
// needs that; where the configuration says so, leaving it out is an error.
func (isl *Islands) Funcs() template.FuncMap {
	with := func(arguments []any) (*View, []any, error) {
		if len(arguments) > 0 {
			if view, isView := arguments[0].(*View); isView && view != nil {
				return view, arguments[1:], nil
			}
		}
		if isl.config.Audience != nil || isl.config.Mount != nil || isl.config.Page {
			return nil, nil, configError("the configuration has an audience, a mount point or pages, which depend on the " +
				"request: give the template isl.View(r), and the function that as its first argument")
		}
		context := &native.Context{Now: isl.now()}
		if isl.hasInner.Load() && !isl.config.NoHTMLPass {
			context.Flags |= native.ContextSplit
		}
		return &View{isl, context}, arguments, nil
	}
	return funcs(with)
}

// FuncsFor are the functions of Funcs for one request, for engines and apps that bind functions then.
func (isl *Islands) FuncsFor(r *http.Request) template.FuncMap {
	view := isl.View(r)
	return funcs(func(arguments []any) (*View, []any, error) { return view, arguments, nil })
}

// binder finds the view among a template function's arguments.
type binder func(arguments []any) (view *View, rest []any, err error)

// named is a binder's view, the island's name, and the arguments that are left.
func (with binder) named(arguments []any) (*View, string, []any, error) {
	view, rest, err := with(arguments)
	if err != nil {
		return nil, "", nil, err
	}
	if len(rest) == 0 {
		return nil, "", nil, configError("the first argument is the island's name")
	}
	name, isText := rest[0].(string)
	if !isText {
		return nil, "", nil, configError("the island's name is a string, not %T", rest[0])
	}
	return view, name, rest[1:], nil
}

func (with binder) loader(arguments ...any) (template.HTML, error) {
	view, rest, err := with(arguments)
	if err != nil {
		return "", err
	}
	if len(rest) > 0 {
		return "", configError("islandLoader takes no arguments but a view")
	}
	return view.Loader()
}

// function is a template function that writes an island by one of View's methods.
func function[T any](with binder, write func(*View, string, ...any) (T, error)) func(...any) (T, error) {
	return func(arguments ...any) (T, error) {
		view, name, rest, err := with.named(arguments)
		if err != nil {
			var nothing T
			return nothing, err
		}
		return write(view, name, rest...)
	}
}

func funcs(with binder) template.FuncMap {
	return template.FuncMap{
		"island":       function(with, (*View).Island),
		"islandAttrs":  function(with, (*View).Attrs),
		"islandURL":    function(with, (*View).URL),
		"islandProps":  (*View)(nil).Props,
		"islandLoader": with.loader,
	}
}

// Component is an island for templ: @isl.Component("CartRow", RowProps{SKU: sku}). Its Render takes what it needs of
// the request from the context, so that it stands below Inner.
type Component struct {
	isl         *Islands
	placeholder Placeholder
}

// Component returns an island for templ.
func (isl *Islands) Component(name string, props any) Component {
	return Component{isl, Placeholder{Name: name, Props: props}}
}

// With returns the same island with options such as "when", "idle", by name and value.
func (c Component) With(options ...string) Component {
	known := map[string]string{}
	for name, value := range c.placeholder.Options {
		known[name] = value
	}
	for i := 0; i < len(options); i += 2 {
		value := ""
		if i+1 < len(options) {
			value = options[i+1]
		}
		known[options[i]] = value
	}
	c.placeholder.Options = known
	return c
}

// WithFallback returns the same island with what is shown until it is there, and with what is shown when it cannot be
// loaded.
func (c Component) WithFallback(fallback, failed template.HTML) Component {
	c.placeholder.Fallback, c.placeholder.Error = fallback, failed
	return c
}

// Render writes the placeholder.
func (c Component) Render(ctx context.Context, w io.Writer) error {
	out, err := c.isl.write(native.WritePlaceholder, c.placeholder, c.isl.contextOf(ctx))
	if err != nil {
		return err
	}
	_, err = io.WriteString(w, out)
	return err
}

// Attrs are the placeholder's attributes, for an element of the template's own: <tr { isl.Component(…).Attrs(ctx)...
// }>.
func (c Component) Attrs(ctx context.Context) (map[string]any, error) {
	out, err := c.isl.write(native.WriteAttributes, c.placeholder, c.isl.contextOf(ctx))
	if err != nil {
		return nil, err
	}
	return attributesOf(out), nil
}

// contextOf is what the request of a context brings, where one of the stations has seen it.
func (isl *Islands) contextOf(ctx context.Context) *native.Context {
	if s := isl.stationOf(ctx); s != nil && s.seen != nil {
		return isl.context(s.seen, s, false)
	}
	return &native.Context{Now: isl.now()}
}

// attributesOf reads what core writes: names and values in double quotes, and bare names.
func attributesOf(text string) map[string]any {
	found := map[string]any{}
	for text = strings.TrimLeft(text, " "); text != ""; text = strings.TrimLeft(text, " ") {
		end := strings.IndexAny(text, "= ")
		if end < 0 {
			end = len(text)
		}
		name := text[:end]
		value, isQuoted := strings.CutPrefix(text[end:], `="`)
		if !isQuoted {
			found[name], text = true, text[end:]
			continue
		}
		value, text, _ = strings.Cut(value, `"`)
		found[name] = html.UnescapeString(value)
	}
	return found
}
