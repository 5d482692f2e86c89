// The personal pages: cart, sign-in, account, reviews. No cache keeps them.

package main

import (
	"encoding/json"
	"html"
	"net/http"
	"net/url"
	"strconv"
	"strings"
)

// line is one of a cart, or of what a customer has bought.
type line struct {
	SKU, Name, Day string
	Count, Price   int
}

func (s *Shop) cart(w http.ResponseWriter, r *http.Request) {
	customer, err := s.customer(r)
	if err != nil {
		s.failed(w, r, err)
		return
	}
	lines, err := many(r.Context(), s, func(l *line) []any { return []any{&l.SKU, &l.Name, &l.Count, &l.Price} },
		`SELECT sku, name, count, price FROM cart_line JOIN product USING (sku) WHERE owner = ? ORDER BY place`, cartOwner(r))
	if err != nil {
		s.failed(w, r, err)
		return
	}
	total := 0
	for i := range lines {
		lines[i].Price = customer.Pays(lines[i].Price) * lines[i].Count
		total += lines[i].Price
	}
	page := map[string]any{"Lines": lines, "Total": total}
	if len(lines) > 0 {
		page["CSRF"] = session(r).csrfToken()
	}
	s.render(w, r, http.StatusOK, "cart.html", page)
}

// addToCart is the target of the form on every product page, sent by the browser or by shop.js.
func (s *Shop) addToCart(w http.ResponseWriter, r *http.Request) {
	sku := r.FormValue("sku")
	count, err := strconv.Atoi(r.FormValue("count"))
	known, failed := s.count(r.Context(), "SELECT count(*) FROM product WHERE sku = ?", sku)
	switch {
	case failed != nil:
		s.failed(w, r, failed)
		return
	case err != nil || known == 0 || count < 1 || count > 99:
		s.message(w, r, http.StatusBadRequest, "That will not go into a cart", "One to ninety-nine of what is on the shelf.")
		return
	}
	if err := s.putIntoCart(r, sku, count); err != nil {
		s.failed(w, r, err)
		return
	}
	if wantsJSON(r) {
		w.Header().Set("Content-Type", "application/json")
		_ = json.NewEncoder(w).Encode(map[string]string{"added": sku})
		return
	}
	http.Redirect(w, r, "/cart", http.StatusSeeOther)
}

func (s *Shop) emptyCart(w http.ResponseWriter, r *http.Request) {
	if _, err := s.db.ExecContext(r.Context(), "DELETE FROM cart_line WHERE owner = ?", cartOwner(r)); err != nil {
		s.failed(w, r, err)
		return
	}
	http.Redirect(w, r, "/cart", http.StatusSeeOther)
}

func (s *Shop) showLogin(w http.ResponseWriter, r *http.Request) {
	s.loginPage(w, r, http.StatusOK, false)
}

func (s *Shop) loginPage(w http.ResponseWriter, r *http.Request, status int, hasFailed bool) {
	s.render(w, r, status, "login.html", map[string]any{
		"Failed": hasFailed, "Next": r.FormValue("next"), "CSRF": session(r).csrfToken(),
	})
}

// login signs in and goes back to where the visitor came from.
func (s *Shop) login(w http.ResponseWriter, r *http.Request) {
	isIn, err := s.signIn(r, r.FormValue("email"), r.FormValue("password"))
	switch {
	case err != nil:
		s.failed(w, r, err)
	case !isIn:
		s.loginPage(w, r, http.StatusForbidden, true)
	default:
		http.Redirect(w, r, local(r.FormValue("next")), http.StatusSeeOther)
	}
}

// logout forgets the visitor.
func (s *Shop) logout(w http.ResponseWriter, r *http.Request) {
	current := session(r)
	current.Customer, current.Cart, current.CSRF = 0, "", ""
	current.change()
	http.Redirect(w, r, "/", http.StatusSeeOther)
}

func (s *Shop) account(w http.ResponseWriter, r *http.Request) {
	customer, err := s.customer(r)
	if err != nil {
		s.failed(w, r, err)
		return
	}
	bought, err := many(r.Context(), s, func(l *line) []any { return []any{&l.SKU, &l.Name, &l.Day} },
		"SELECT sku, name, day FROM purchase JOIN product USING (sku) WHERE customer = ? ORDER BY day DESC", customer.ID)
	if err != nil {
		s.failed(w, r, err)
		return
	}
	s.render(w, r, http.StatusOK, "account.html", map[string]any{
		"Customer": customer, "Bought": bought, "CSRF": session(r).csrfToken(),
	})
}

// review keeps a review; its text becomes one escaped paragraph.
func (s *Shop) review(w http.ResponseWriter, r *http.Request) {
	customer, err := s.customer(r)
	if err != nil {
		s.failed(w, r, err)
		return
	}
	sku, text := r.PathValue("sku"), strings.TrimSpace(r.FormValue("text"))
	stars, badNumber := strconv.Atoi(r.FormValue("stars"))
	known, err := s.count(r.Context(), "SELECT count(*) FROM product WHERE sku = ?", sku)
	switch {
	case err != nil:
		s.failed(w, r, err)
		return
	case badNumber != nil || known == 0 || text == "" || stars < 1 || stars > 5:
		s.message(w, r, http.StatusBadRequest, "That is no review", "It needs words, and one to five stars.")
		return
	}
	body := "<p>" + html.EscapeString(text) + "</p>"
	_, err = s.db.ExecContext(r.Context(), "INSERT INTO review VALUES (NULL, ?, ?, ?, ?)", sku, customer.Name, stars, body)
	if err != nil {
		s.failed(w, r, err)
		return
	}
	http.Redirect(w, r, "/p/"+url.PathEscape(sku)+"#reviews", http.StatusSeeOther)
}

// local is the path to go to after signing in: one of this shop, or the front page.
func local(target string) string {
	parts, err := url.Parse(target)
	isLocal := err == nil && strings.HasPrefix(target, "/") && parts.Host == "" && parts.Scheme == "" &&
		!strings.ContainsAny(target, "\\\t\r\n")
	if !isLocal {
		return "/"
	}
	return target
}
