// The cached pages: the same bytes for every visitor, kept by shared caches. Their handlers never see a cookie.

package main

import (
	"bytes"
	"embed"
	"fmt"
	"html/template"
	"log/slog"
	"net/http"
	"path"
	"strings"
)

// Product is a row of the shelf.
type Product struct {
	SKU, Name, Line, Story, Tone string
	Price                        int
}

func (p *Product) columns() []any {
	return []any{&p.SKU, &p.Name, &p.Line, &p.Story, &p.Price, &p.Tone}
}

const productColumns = "SELECT product.sku, name, line, story, price, tone FROM product "

func (s *Shop) home(w http.ResponseWriter, r *http.Request) {
	products, err := many(r.Context(), s, (*Product).columns, productColumns+"ORDER BY place")
	if err != nil {
		s.failed(w, r, err)
		return
	}
	s.render(w, r, http.StatusOK, "home.html", map[string]any{"Products": products})
}

type fact struct{ Label, Value string }

type boathouse struct {
	Name, Phone string
	Answers     bool
}

// productPage is what the template of a product gets.
type productPage struct {
	Product
	Facts       []fact
	Boathouses  []boathouse
	Quote       *review
	ReviewCount int
}

func (s *Shop) product(w http.ResponseWriter, r *http.Request) {
	page, err := s.productPage(r, r.PathValue("sku"))
	switch {
	case err != nil:
		s.failed(w, r, err)
	case page == nil:
		s.notFound(w, r)
	default:
		s.render(w, r, http.StatusOK, "product.html", page)
	}
}

func (s *Shop) productPage(r *http.Request, sku string) (*productPage, error) {
	ctx, page := r.Context(), &productPage{}
	found, err := s.one(ctx, page.columns(), productColumns+"WHERE sku = ?", sku)
	if err != nil || !found {
		return nil, err
	}
	page.Facts, err = many(ctx, s, func(f *fact) []any { return []any{&f.Label, &f.Value} },
		"SELECT label, value FROM fact WHERE sku = ? ORDER BY place", sku)
	if err != nil {
		return nil, err
	}
	page.Boathouses, err = many(ctx, s, func(b *boathouse) []any { return []any{&b.Name, &b.Phone} },
		"SELECT name, phone FROM boathouse ORDER BY name")
	if err != nil {
		return nil, err
	}
	reviews, err := s.reviewsOf(ctx, sku)
	if err != nil {
		return nil, err
	}
	if page.ReviewCount = len(reviews); len(reviews) > 0 {
		page.Quote = &reviews[len(reviews)-1]
	}
	return page, nil
}

//go:embed templates
var templateFiles embed.FS

// parseTemplates parses each page with the base, and each island by itself.
func parseTemplates(functions template.FuncMap) (map[string]*template.Template, error) {
	base, err := template.New("base.html").Funcs(functions).Funcs(template.FuncMap{
		"money": money, "initials": initials, "stars": stars, "upTo": upTo,
	}).ParseFS(templateFiles, "templates/base.html", "templates/letter.html")
	if err != nil {
		return nil, err
	}
	parsed := map[string]*template.Template{}
	pages, err := templateFiles.ReadDir("templates")
	if err != nil {
		return nil, err
	}
	for _, file := range pages {
		if name := file.Name(); !file.IsDir() && name != "base.html" && name != "letter.html" {
			page := template.Must(base.Clone())
			if _, err := page.ParseFS(templateFiles, path.Join("templates", name)); err != nil {
				return nil, err
			}
			parsed[name] = page.Lookup("base.html")
		}
	}
	islands, err := base.New("islands").ParseFS(templateFiles, "templates/islands/*.html")
	if err != nil {
		return nil, err
	}
	for _, island := range islands.Templates() {
		if island.Name() != "base.html" {
			parsed["islands/"+island.Name()] = island
		}
	}
	return parsed, nil
}

// render answers with a page; nothing of it goes out if it fails.
func (s *Shop) render(w http.ResponseWriter, r *http.Request, status int, name string, data any) {
	var page bytes.Buffer
	if err := s.templates[name].Execute(&page, data); err != nil {
		s.failed(w, r, err)
		return
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.WriteHeader(status)
	_, _ = page.WriteTo(w)
}

func (s *Shop) message(w http.ResponseWriter, r *http.Request, status int, title, text string) {
	s.render(w, r, status, "message.html", map[string]any{"Title": title, "Text": text})
}

func (s *Shop) notFound(w http.ResponseWriter, r *http.Request) {
	s.message(w, r, http.StatusNotFound, "Nothing here", "The river has taken it, or it never was.")
}

func (s *Shop) failed(w http.ResponseWriter, r *http.Request, err error) {
	slog.ErrorContext(r.Context(), "a page failed", "path", r.URL.Path, "error", err)
	http.Error(w, "internal server error", http.StatusInternalServerError)
}

// money is pence as pounds: 4800 is £48.00.
func money(pence int) string {
	pounds := fmt.Sprint(pence / 100)
	for at := len(pounds) - 3; at > 0; at -= 3 {
		pounds = pounds[:at] + "," + pounds[at:]
	}
	return fmt.Sprintf("£%s.%02d", pounds, pence%100)
}

func initials(name string) string {
	var letters strings.Builder
	for _, word := range strings.Fields(name) {
		for _, letter := range word {
			letters.WriteRune(letter)
			break
		}
	}
	return letters.String()
}

func stars(count int) string { return strings.Repeat("★", count) + strings.Repeat("☆", 5-count) }

// upTo counts from 0.
func upTo(count int) []int {
	numbers := make([]int, count)
	for i := range numbers {
		numbers[i] = i
	}
	return numbers
}
