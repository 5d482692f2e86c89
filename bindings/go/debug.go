// Error pages for development: they show the place of a markup error, or what leaks from a shell.

package eyot

import (
	"fmt"
	"html"
	"strings"
)

const debugPage = `<!doctype html>
<html lang="en"><meta charset="utf-8"><title>eyot: %[1]s</title>
<body style="font:16px/1.5 system-ui,sans-serif;max-width:60rem;margin:3rem auto;padding:0 1rem">
<h1 style="font-size:1.3rem">eyot: %[1]s</h1>
%[2]s
<p style="color:#666">Shown while debugging. %[3]s</p>
`

// markupPage shows what is wrong with a page, and where.
func markupPage(failed *Error, page []byte) string {
	content := fmt.Sprintf("<p>%s <code>(%s)</code></p>", html.EscapeString(failed.Message), html.EscapeString(failed.Code))
	if failed.Line > 0 {
		around := html.EscapeString(excerpt(strings.ToValidUTF8(string(page), "\ufffd"), failed.Line, failed.Column))
		content += `<pre style="background:#f4f4f4;padding:1rem;overflow:auto">` + around + "</pre>"
	}
	return fmt.Sprintf(debugPage, "this page cannot be split", content,
		"In production the faulty island becomes its fallback, and no cache keeps the page.")
}

// markupBlock shows what is wrong with a page whose beginning has gone out already.
func markupBlock(failed *Error) string {
	return fmt.Sprintf("<pre>eyot: %s (%s)</pre>", html.EscapeString(failed.Message), html.EscapeString(failed.Code))
}

// leakPage shows what is one visitor's in a shell that everybody would get.
func leakPage(leaks []Finding) string {
	var items strings.Builder
	for _, leak := range leaks {
		fmt.Fprintf(&items, "<li>%s <code>(%s)</code></li>", html.EscapeString(leak.Message), html.EscapeString(leak.Code))
	}
	return fmt.Sprintf(debugPage, "this shell is not the same for everybody", "<ul>"+items.String()+"</ul>",
		"In production no cache keeps it.")
}

// excerpt cuts out the lines around a place, with a caret below the column.
func excerpt(text string, line, column int) string {
	const around, width = 2, 100
	lines := strings.Split(text, "\n")
	start := max(column-1-width/2, 0)
	var shown strings.Builder
	for number := max(line-around, 1); number <= min(line+around, len(lines)); number++ {
		source := []rune(strings.TrimRight(lines[number-1], " \t\r"))
		visible := source[min(start, len(source)):min(start+width, len(source))]
		fmt.Fprintf(&shown, "%5d | %s\n", number, string(visible))
		if number == line {
			fmt.Fprintf(&shown, "      | %s^\n", indent(source, start, column-1))
		}
	}
	return shown.String()
}

// indent is as wide as what stands before a column: a tab keeps its width, so that the caret stands where it should.
func indent(source []rune, start, end int) string {
	var spaces strings.Builder
	for at := start; at < end; at++ {
		if at < len(source) && source[at] == '\t' {
			spaces.WriteByte('\t')
		} else {
			spaces.WriteByte(' ')
		}
	}
	return spaces.String()
}
