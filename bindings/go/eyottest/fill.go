// The filling of placeholders: as in the browser, a component's placeholder is replaced unless it is kept, a host
// element is filled.

package eyottest

import (
	"errors"
	"html"
	"slices"
	"strings"
)

const (
	mostIslands = 1000
	mostDepth   = 8
)

type assembly struct {
	ask  func(source, token string, isPost bool) (html, why string)
	left int
	// The islands that cannot be had.
	failed []failure
}

type failure struct{ name, why string }

func (a *assembly) fill(page string, depth int) (string, error) {
	var whole strings.Builder
	position := 0
	for _, found := range placeholders(page) {
		content, err := a.content(page, found, depth)
		if err != nil {
			return "", err
		}
		whole.WriteString(page[position:found.start])
		_, isKept := found.attributes["island-keep"]
		_, isRefreshed := found.attributes["island-refresh"]
		if found.tag == "server-island" && !isKept && !isRefreshed {
			whole.WriteString(content)
		} else {
			whole.WriteString(page[found.start:found.innerStart] + content + page[found.innerEnd:found.end])
		}
		position = found.end
	}
	return whole.String() + page[position:], nil
}

func (a *assembly) content(page string, found *placeholder, depth int) (string, error) {
	if depth == mostDepth || a.left == 0 {
		return "", errors.New("the islands of this page do not come to an end: does one hold itself?")
	}
	a.left--
	token, isPost := found.attributes["island-token"]
	if source := found.attributes["island-src"]; isIsland(source, found.attributes["island"], isPost) {
		island, why := a.ask(source, token, isPost)
		if why == "" {
			return a.fill(island, depth+1)
		}
		a.failed = append(a.failed, failure{found.attributes["island"], why})
	}
	if found.errorEnd > 0 {
		return page[found.errorStart:found.errorEnd], nil
	}
	return a.fill(page[found.innerStart:found.innerEnd], depth+1)
}

// isIsland tells whether a placeholder asks this host for an island, and not for whatever else markup of visitors may name.
func isIsland(source, name string, isPost bool) bool {
	path := strings.Split(source, "/")
	if !isPost {
		path = path[:len(path)-1]
	}
	return len(path) > 2 && path[0] == "" && path[1] != "" && path[len(path)-1] == name && !slices.Contains(path, "..")
}

// placeholder is one in a page, by its places.
type placeholder struct {
	tag                              string
	attributes                       map[string]string
	start, innerStart, innerEnd, end int
	errorStart, errorEnd             int
}

// finder finds the outermost placeholders of a page.
type finder struct {
	open       *placeholder
	same       int
	templates  int
	errorStart int
	found      []*placeholder
}

func placeholders(page string) []*placeholder {
	f := &finder{}
	for tag := range tags(page) {
		if tag.isEnd {
			f.ends(tag)
		} else {
			f.begins(tag)
		}
	}
	return f.found
}

func (f *finder) begins(tag tag) {
	_, isPlaceholder := tag.attributes["island"]
	switch {
	case f.open == nil && isPlaceholder && f.templates == 0:
		f.open = &placeholder{tag: tag.name, attributes: tag.attributes, start: tag.start, innerStart: tag.end}
		f.same = 1
	case f.open != nil && tag.name == f.open.tag:
		f.same++
	}
	if tag.name == "template" {
		f.templates++
		if f.open != nil && f.templates == 1 && tag.attributes["island-slot"] == "error" {
			f.errorStart = tag.end
		}
	}
}

func (f *finder) ends(tag tag) {
	if tag.name == "template" && f.templates > 0 {
		f.templates--
		if f.open != nil && f.templates == 0 && f.errorStart > 0 {
			f.open.errorStart, f.open.errorEnd, f.errorStart = f.errorStart, tag.start, 0
		}
	}
	if f.open == nil || tag.name != f.open.tag {
		return
	}
	if f.same--; f.same > 0 {
		return
	}
	f.open.innerEnd, f.open.end = tag.start, tag.end
	if f.open.errorEnd > 0 && f.open.errorEnd+len("</template>") != tag.start {
		// An error slot that ends earlier belongs to an island within the fallback.
		f.open.errorStart, f.open.errorEnd = 0, 0
	}
	f.found = append(f.found, f.open)
	f.open = nil
}

// tag is a start or end tag.
type tag struct {
	name       string
	attributes map[string]string
	isEnd      bool
	start, end int
}

// What stands in these is text up to their end tag.
var textual = map[string]bool{
	"script": true, "style": true, "textarea": true, "title": true, "xmp": true, "iframe": true, "noembed": true,
	"noframes": true,
}

// tags yields the tags of a page, in order. It reads HTML as tests of one's own pages need it, not as core does.
func tags(page string) func(func(tag) bool) {
	return func(yield func(tag) bool) {
		for at := 0; at < len(page); {
			next := strings.IndexByte(page[at:], '<')
			if next < 0 {
				return
			}
			at += next
			if strings.HasPrefix(page[at:], "<!--") {
				at = after(page, at+4, "-->")
				continue
			}
			found, isTag := readTag(page, at)
			if !isTag {
				at++
				continue
			}
			if !yield(found) {
				return
			}
			at = found.end
			if textual[found.name] && !found.isEnd {
				at = endOf(page, at, found.name)
			}
		}
	}
}

func after(page string, at int, mark string) int {
	found := strings.Index(page[min(at, len(page)):], mark)
	if found < 0 {
		return len(page)
	}
	return at + found + len(mark)
}

// endOf is where the end tag of a textual element begins.
func endOf(page string, at int, name string) int {
	found := strings.Index(strings.ToLower(page[at:]), "</"+name)
	if found < 0 {
		return len(page)
	}
	return at + found
}

const space = " \t\r\n\f"

func readTag(page string, start int) (tag, bool) {
	found := tag{start: start, attributes: map[string]string{}}
	at := start + 1
	if at < len(page) && page[at] == '/' {
		found.isEnd = true
		at++
	}
	if at == len(page) || !isLetter(page[at]) {
		return found, false
	}
	end := at + length(page[at:], space+"/>")
	found.name = strings.ToLower(page[at:end])
	for at = end; at < len(page); {
		at += len(page[at:]) - len(strings.TrimLeft(page[at:], space+"/"))
		if at == len(page) {
			return found, false
		}
		if page[at] == '>' {
			found.end = at + 1
			return found, true
		}
		at = found.attribute(page, at)
	}
	return found, false
}

// attribute reads one attribute, and returns where it ends. Of two with one name the first counts.
func (t *tag) attribute(page string, at int) int {
	end := at + 1 + length(page[at+1:], space+"/>=")
	name, value := strings.ToLower(page[at:end]), ""
	rest := strings.TrimLeft(page[end:], space)
	if strings.HasPrefix(rest, "=") {
		rest = strings.TrimLeft(rest[1:], space)
		at = len(page) - len(rest)
		if rest != "" && (rest[0] == '"' || rest[0] == '\'') {
			close := length(rest[1:], rest[:1])
			value, end = rest[1:1+close], min(at+close+2, len(page))
		} else {
			close := length(rest, space+">")
			value, end = rest[:close], at+close
		}
	}
	if _, isThere := t.attributes[name]; !isThere {
		t.attributes[name] = html.UnescapeString(value)
	}
	return end
}

// length is how much of a text stands before the first of some bytes.
func length(text, stop string) int {
	if found := strings.IndexAny(text, stop); found >= 0 {
		return found
	}
	return len(text)
}

func isLetter(c byte) bool { return c|0x20 >= 'a' && c|0x20 <= 'z' }
