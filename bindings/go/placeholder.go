// Islands that templates and code write: placeholders from values, template functions, templ components.

package eyot

import (
	"context"
	"errors"
	"fmt"
	"html"
	"html/template"
	"io"
	"log/slog"
	"maps"
	"net/http"
	"strings"

	"github.com/eyot-dev/eyot/bindings/go/internal/native"
)

// Placeholder is an island that code writes instead of markup: HTML, Attributes and URL write it, and it is a component for
// templ.
type Placeholder struct {
	isl     *Islands
	name    string
	props   any
	options []Option
}

// Placeholder returns the placeholder of the island `name`, exactly as it is registered. Props are what EncodeProps takes.
func (isl *Islands) Placeholder(name string, props any, options ...Option) Placeholder {
	return Placeholder{isl, name, props, options}
}

func (p Placeholder) made() *native.Placeholder {
	made := &native.Placeholder{Name: p.name}
	for _, option := range p.options {
		option.set(made)
	}
	return made
}

func (p Placeholder) write(what int, context *native.Context) (string, error) {
	core, err := p.isl.native()
	if err != nil {
		return "", err
	}
	made := p.made()
	if made.Props, err = EncodeProps(p.props); err != nil {
		return "", err
	}
	out, err := core.AppendWrite(nil, what, made, context)
	return string(out), wrapped(err)
}

func (p Placeholder) writeWith(what int, context Context) (string, error) {
	given, err := context.native()
	if err != nil {
		return "", err
	}
	return p.write(what, given)
}

// HTML writes what a split makes of the same island in a page.
func (p Placeholder) HTML(context Context) (template.HTML, error) {
	out, err := p.writeWith(native.WritePlaceholder, context)
	return template.HTML(out), err
}

// Attributes writes the attributes of a placeholder alone, for an element that a template writes itself, a <tr> for
// one. Its slots are not looked at.
func (p Placeholder) Attributes(context Context) (template.HTMLAttr, error) {
	out, err := p.writeWith(native.WriteAttributes, context)
	return template.HTMLAttr(strings.TrimPrefix(out, " ")), err
}

// URL writes an island's URL, not escaped, for libraries that fetch fragments by themselves. It is an error where the
// token is too long for one.
func (p Placeholder) URL(context Context) (string, error) {
	return p.writeWith(native.WriteURL, context)
}

// Render writes the placeholder for templ: @isl.Placeholder("CartRow", RowProps{SKU: sku}). It takes what it needs of the
// request from the context, so that it stands below Inner.
func (p Placeholder) Render(ctx context.Context, w io.Writer) error {
	out, err := p.write(native.WritePlaceholder, p.isl.contextOf(ctx))
	if err != nil {
		return err
	}
	_, err = io.WriteString(w, out)
	return err
}

// Attrs are the placeholder's attributes, for an element of templ's own: <tr { isl.Placeholder(…).Attrs(ctx)... }>.
func (p Placeholder) Attrs(ctx context.Context) (map[string]any, error) {
	out, err := p.write(native.WriteAttributes, p.isl.contextOf(ctx))
	if err != nil {
		return nil, err
	}
	return attributesOf(out), nil
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
// After the name come props by name and value, or one map or struct that has them all, and options, among them or behind
// them: what the functions of Funcs make, {{.Islands.Attrs "CartRow" "sku" .SKU (islandWhen "idle")}}, or an Option that the
// template was given.
type View struct {
	isl     *Islands
	context *native.Context
}

// View returns what writes islands for a request.
func (isl *Islands) View(r *http.Request) *View {
	return &View{isl, isl.context(r, isl.stationOf(r.Context()), false)}
}

// Island writes a placeholder: {{.Islands.Island "Avatar" "size" 40 (islandFallback .Bone)}}.
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
	p, err := v.isl.placeholder(name, arguments)
	if err != nil {
		return "", err
	}
	out, err := p.write(what, v.context)
	var failed *Error
	if !errors.As(err, &failed) || failed.Code != "name-unknown" || v.isl.config.Debug {
		return out, err
	}
	// A page with one island less is better than none.
	v.isl.log(context.Background(), Event{
		Level: slog.LevelError, Code: failed.Code, Path: v.context.PagePath, Message: failed.Message,
	})
	if what != native.WritePlaceholder {
		return "", nil
	}
	return p.made().Fallback, nil
}

// Props writes props as JSON for a server:props attribute, which the template escapes:
// <tr server:defer="CartRow" server:props="{{islandProps "sku" .SKU}}">.
func (v *View) Props(arguments ...any) (string, error) {
	p, err := v.isl.placeholder("props", arguments)
	if err != nil {
		return "", err
	}
	if len(p.options) > 0 {
		return "", configError("islandProps takes props alone: options and slots stand in the markup")
	}
	out, err := EncodeProps(p.props)
	return string(out), err
}

// placeholder reads the arguments of a template function.
func (isl *Islands) placeholder(name string, arguments []any) (Placeholder, error) {
	p, values := isl.Placeholder(name, nil), []any{}
	for _, argument := range arguments {
		if option, isOption := argument.(Option); isOption {
			p.options = append(p.options, option)
		} else {
			values = append(values, argument)
		}
	}
	if len(values)%2 == 1 {
		if _, isText := values[0].(string); isText {
			return p, configError("island %q: props come by name and value, and the last one has no value", name)
		}
		p.props, values = values[0], values[1:]
	}
	props := map[string]any{}
	for i := 0; i < len(values); i += 2 {
		key, isText := values[i].(string)
		switch _, isTwice := props[key]; {
		case !isText:
			return p, configError("island %q: the name of a prop is a string, not %T", name, values[i])
		case isTwice:
			return p, propsError("props.%s: stands twice", key)
		case strings.HasPrefix(key, "server:"), strings.HasPrefix(key, "slot:"):
			return p, configError("island %q: %q is no prop: options are functions, such as (islandWhen \"idle\") and "+
				"(islandFallback .HTML)", name, key)
		}
		if props[key] = values[i+1]; values[i+1] == nil && isl.config.Debug {
			isl.log(context.Background(), Event{
				Level: slog.LevelWarn, Code: "prop-nil", Island: name,
				Message: fmt.Sprintf("props.%s is nil: does the template's data have it? Option(\"missingkey=error\") has a template "+
					"fail where a map does not", key),
			})
		}
	}
	switch {
	case len(props) == 0:
	case p.props != nil:
		return p, configError("island %q: props come in one map or struct, or by name and value, not both", name)
	default:
		p.props = props
	}
	return p, nil
}

// Funcs are functions for templates: island, islandAttrs, islandURL, islandProps and islandLoader, with the arguments
// of View's methods, and one for each Option: islandWhen, islandKey, islandFallback and so on.
//
//	tmpl := template.Must(template.New("").Funcs(isl.Funcs()).ParseFS(files, "*.html"))
//	<tr {{islandAttrs "CartRow" "sku" .SKU (islandWhen "idle")}}><td>…</td></tr>
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
	return isl.funcs(with)
}

// FuncsFor are the functions of Funcs for one request, for engines and apps that bind functions then.
func (isl *Islands) FuncsFor(r *http.Request) template.FuncMap {
	view := isl.View(r)
	return isl.funcs(func(arguments []any) (*View, []any, error) { return view, arguments, nil })
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

func (isl *Islands) funcs(with binder) template.FuncMap {
	made := template.FuncMap{
		"island":       function(with, (*View).Island),
		"islandAttrs":  function(with, (*View).Attrs),
		"islandURL":    function(with, (*View).URL),
		"islandProps":  (&View{isl: isl}).Props,
		"islandLoader": with.loader,
	}
	maps.Copy(made, optionFuncs)
	return made
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
