// The shop's Content-Security-Policy: strict, the same on every page, and the islands live under it.

package main

import (
	"crypto/sha256"
	"encoding/base64"
	"html/template"
	"net/http"
	"strings"
)

// contentSecurityPolicy adds the policy. The one inline script, the tide's, is allowed by its hash. Islands are not
// touched by this: opened by itself, one may do nothing at all, which is eyot's own policy.
func contentSecurityPolicy(script template.HTML, next http.Handler) http.Handler {
	content := strings.TrimSuffix(strings.TrimPrefix(string(script), "<script>"), "</script>")
	digest := sha256.Sum256([]byte(content))
	value := strings.Join([]string{
		"default-src 'self'",
		"script-src 'self' 'sha256-" + base64.StdEncoding.EncodeToString(digest[:]) + "'",
		"require-trusted-types-for 'script'",
		"trusted-types eyot",
		"object-src 'none'",
		"base-uri 'none'",
		"form-action 'self'",
		"frame-ancestors 'none'",
	}, "; ")
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Security-Policy", value)
		next.ServeHTTP(w, r)
	})
}

// tideScript is the script inside of the tide's island.
func tideScript() template.HTML {
	script, err := templateFiles.ReadFile("templates/islands/tide.js")
	if err != nil {
		// It is compiled in.
		panic(err)
	}
	return template.HTML("<script>" + string(script) + "</script>")
}
