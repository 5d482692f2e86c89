// The options of a placeholder: what `server:` attributes and slots are in markup.

package eyot

import (
	"fmt"
	"html"
	"html/template"
	"strconv"
	"time"

	"github.com/eyot-dev/eyot/bindings/go/internal/native"
)

// Option says how an island is loaded, and what stands in its place until then. A value that cannot be used is an error
// when the placeholder is written, which says what would be right.
type Option struct{ set func(*native.Placeholder) }

func option(name string, value any) Option {
	return Option{func(p *native.Placeholder) {
		p.Options = append(p.Options, native.Pair{Name: name, Value: fmt.Sprint(value)})
	}}
}

// When says when the island is fetched: load, idle, visible, visible 200px, media (…), interaction, or manual.
func When(trigger string) Option { return option("when", trigger) }

// Key tells namesakes on a page apart: text or a number.
func Key(key any) Option { return option("key", key) }

// Keep has the placeholder's element stay around the island.
func Keep() Option { return option("keep", "") }

// Refresh has the island fetched again: at an interval, such as 30s, or at an event, such as cart-changed.
func Refresh(when string) Option { return option("refresh", when) }

// FollowRedirect lets the page go where the island's handler redirects to.
func FollowRedirect() Option { return option("redirect", "follow") }

// Timeout says how long the browser waits for each attempt, in whole seconds: 10.
func Timeout(patience time.Duration) Option { return option("timeout", inSeconds(patience)) }

// TTL is how long the island's token stays valid, in whole seconds, in place of Config.TTL.
func TTL(life time.Duration) Option { return option("ttl", inSeconds(life)) }

// inSeconds is a time as text; core says no to a part of a second.
func inSeconds(span time.Duration) string {
	if span%time.Second != 0 {
		return span.String()
	}
	return strconv.FormatInt(int64(span/time.Second), 10)
}

// WithPage has the page's path and language travel in the token: Island.Page.
func WithPage() Option { return option("page", "") }

// Unlinkable makes a token that nobody can link to another.
func Unlinkable() Option { return option("seal", "unlinkable") }

// Fallback is shown until the island is there.
func Fallback(content template.HTML) Option { return Slot("fallback", content) }

// Slot is content that travels sealed, for the island's handler; the slot "error" is shown when the island cannot be loaded,
// and the fallback stays where there is none.
func Slot(name string, content template.HTML) Option {
	return Option{func(p *native.Placeholder) {
		switch name {
		case "fallback":
			p.Fallback = string(content)
		case "error":
			p.Error = string(content)
		default:
			p.Slots = append(p.Slots, native.Pair{Name: name, Value: string(content)})
		}
	}}
}

// optionFuncs are the options as functions for templates, where times are text, and text in slots is escaped unless it is
// a template.HTML.
var optionFuncs = template.FuncMap{
	"islandWhen": When, "islandKey": keyed, "islandKeep": Keep, "islandRefresh": Refresh,
	"islandFollowRedirect": FollowRedirect, "islandWithPage": WithPage, "islandUnlinkable": Unlinkable,
	"islandTimeout":  func(text string) (Option, error) { return timed(Timeout, text) },
	"islandTTL":      func(text string) (Option, error) { return timed(TTL, text) },
	"islandFallback": func(content any) Option { return Fallback(markup(content)) },
	"islandSlot":     func(name string, content any) Option { return Slot(name, markup(content)) },
}

// keyed is Key where a template has a value for it.
func keyed(key any) (Option, error) {
	if key == nil {
		return Option{}, configError("islandKey is given nil: does the template's data have it?")
	}
	return Key(key), nil
}

func timed(option func(time.Duration) Option, text string) (Option, error) {
	span, err := time.ParseDuration(text)
	if err != nil {
		return Option{}, configError("%q is no time: write it as 90s or 10m", text)
	}
	return option(span), nil
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
