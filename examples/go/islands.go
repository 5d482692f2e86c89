// The islands: what is personal, slow, or not to be cached on an otherwise cached page.
//
// Each handler is an ordinary one: it reads the session and the database and writes HTML. The props say what to show;
// to whom is the session's business alone, so every handler asks it again.

package main

import (
	"context"
	"database/sql"
	"fmt"
	"html/template"
	"net/http"
	"time"

	"github.com/eyot-dev/eyot/bindings/go"
)

// ProductProps are those of every island that is about one product.
type ProductProps struct {
	SKU string `json:"sku"`
}

// AvatarProps say how large the picture is.
type AvatarProps struct {
	Size string `json:"size,omitempty"`
}

// StockProps say which of the boathouses to ask.
type StockProps struct {
	ProductProps
	Boathouse string `json:"boathouse"`
}

// PlaceProps say which recommendation of several, from 0.
type PlaceProps struct {
	ProductProps
	Place int `json:"place"`
}

type noProps struct{}

func (s *Shop) registerIslands() {
	s.islands.Handle("Avatar", eyot.Handler(s.avatar))
	s.islands.Handle("CartCount", eyot.Handler(s.cartCount))
	s.islands.Handle("CsrfField", eyot.Handler(s.csrfField))
	s.islands.Handle("Price", eyot.Handler(s.price))
	s.islands.Handle("Stock", eyot.Handler(s.stock))
	s.islands.Handle("DeliveryEstimate", eyot.Handler(s.deliveryEstimate))
	s.islands.Handle("RecommendationRow", eyot.Handler(s.recommendationRow))
	s.islands.Handle("MembersLetter", eyot.Handler(s.membersLetter))
	s.islands.Handle("Reviews", eyot.Handler(s.reviews))
	s.islands.Handle("ReviewForm", eyot.Handler(s.reviewForm))
	s.islands.Handle("Tide", eyot.Handler(s.tideTable), eyot.Shared(time.Minute))
	// Any handler with any middleware will do. A stranger is redirected to sign in: the page then keeps the fallback.
	s.islands.Handle("LastPurchase", s.customersOnly(s.lastPurchase))
}

// island writes the template of an island.
func (s *Shop) island(w http.ResponseWriter, name string, data any) error {
	return s.templates["islands/"+name].Execute(w, data)
}

// avatar is the customer's initials and name, or a way to sign in.
func (s *Shop) avatar(w http.ResponseWriter, r *http.Request, p AvatarProps) error {
	customer, err := s.customer(r)
	if err != nil {
		return err
	}
	if p.Size == "" {
		p.Size = "small"
	}
	return s.island(w, "avatar.html", map[string]any{"Customer": customer, "Size": p.Size})
}

// cartCount is how many things are in the cart. Kept on the page, and fetched again when the cart changes.
func (s *Shop) cartCount(w http.ResponseWriter, r *http.Request, _ noProps) error {
	count, err := s.count(r.Context(), "SELECT sum(count) FROM cart_line WHERE owner = ?", cartOwner(r))
	if err != nil {
		return err
	}
	return s.island(w, "cart_count.html", count)
}

// csrfField is the hidden input that a form on a cached page needs. It starts a session only now.
func (s *Shop) csrfField(w http.ResponseWriter, r *http.Request, _ noProps) error {
	return s.island(w, "csrf_field.html", session(r).csrfToken())
}

// listed is the list price of a product; an island of one that is no longer sold is a 404.
func (s *Shop) listed(w http.ResponseWriter, ctx context.Context, sku string) (price int, found bool, err error) {
	found, err = s.one(ctx, []any{&price}, "SELECT price FROM product WHERE sku = ?", sku)
	if err == nil && !found {
		http.Error(w, "no such product", http.StatusNotFound)
	}
	return price, found, err
}

// price is the one for the visitor's segment.
func (s *Shop) price(w http.ResponseWriter, r *http.Request, p ProductProps) error {
	listed, found, err := s.listed(w, r.Context(), p.SKU)
	if err != nil || !found {
		return err
	}
	customer, err := s.customer(r)
	if err != nil {
		return err
	}
	segment := "guest"
	if customer != nil {
		segment = customer.Segment
	}
	return s.island(w, "price.html", map[string]any{"Listed": listed, "Yours": customer.Pays(listed), "Segment": segment})
}

// stock is what one boathouse has. One of them does not answer: its island fails, and the page shows the error slot.
func (s *Shop) stock(w http.ResponseWriter, r *http.Request, p StockProps) error {
	var answers bool
	found, err := s.one(r.Context(), []any{&answers}, "SELECT answers FROM boathouse WHERE name = ?", p.Boathouse)
	switch {
	case err != nil:
		return err
	case !found:
		http.Error(w, "no such boathouse", http.StatusNotFound)
		return nil
	case !answers:
		return fmt.Errorf("the boathouse at %s does not answer", p.Boathouse)
	}
	count, err := s.count(r.Context(), "SELECT count FROM stock WHERE sku = ? AND boathouse = ?", p.SKU, p.Boathouse)
	if err != nil {
		return err
	}
	return s.island(w, "stock.html", count)
}

// deliveryEstimate is when it would arrive. The carrier takes its time to say so; nothing else on the page waits for
// it.
func (s *Shop) deliveryEstimate(w http.ResponseWriter, r *http.Request, _ ProductProps) error {
	select {
	case <-time.After(1500 * time.Millisecond):
	case <-r.Context().Done():
		return r.Context().Err()
	}
	day := time.Now().UTC().AddDate(0, 0, 2)
	for day.Weekday() == time.Saturday || day.Weekday() == time.Sunday {
		day = day.AddDate(0, 0, 1)
	}
	return s.island(w, "delivery_estimate.html", day.Format("Monday, 2 January"))
}

// lastPurchase is when the customer last bought this.
func (s *Shop) lastPurchase(w http.ResponseWriter, r *http.Request) {
	var p ProductProps
	if err := eyot.FromContext(r.Context()).Decode(&p); err != nil {
		http.Error(w, "bad request", http.StatusBadRequest)
		return
	}
	var day sql.NullString
	_, err := s.one(r.Context(), []any{&day}, "SELECT max(day) FROM purchase WHERE customer = ? AND sku = ?",
		session(r).Customer, p.SKU)
	if err != nil {
		s.failed(w, r, err)
		return
	}
	shown := ""
	if bought, err := time.Parse(time.DateOnly, day.String); err == nil {
		shown = bought.Format("2 January 2006")
	}
	if err := s.island(w, "last_purchase.html", shown); err != nil {
		s.failed(w, r, err)
	}
}

type recommendation struct {
	Product
	Reason string
	Yours  int
}

// recommendationRow is the cells of a table row: the n-th of what goes well with the product and is not in the cart
// yet.
func (s *Shop) recommendationRow(w http.ResponseWriter, r *http.Request, p PlaceProps) error {
	other := &recommendation{}
	found, err := s.one(r.Context(), []any{&other.SKU, &other.Name, &other.Tone, &other.Price, &other.Reason},
		`SELECT product.sku, name, tone, price, reason FROM pairing JOIN product ON product.sku = other
		 WHERE pairing.sku = ? AND other NOT IN (SELECT sku FROM cart_line WHERE owner = ?)
		 ORDER BY pairing.place LIMIT 1 OFFSET ?`, p.SKU, cartOwner(r), p.Place)
	if err != nil {
		return err
	}
	if !found {
		return s.island(w, "recommendation_row.html", nil)
	}
	customer, err := s.customer(r)
	if err != nil {
		return err
	}
	other.Yours = customer.Pays(other.Price)
	return s.island(w, "recommendation_row.html", other)
}

// membersLetter is the letter that the page holds sealed: for customers its slot, for strangers an invitation.
func (s *Shop) membersLetter(w http.ResponseWriter, r *http.Request, _ noProps) error {
	customer, err := s.customer(r)
	if err != nil {
		return err
	}
	letter := eyot.FromContext(r.Context()).Slots["default"]
	return s.island(w, "members_letter.html", map[string]any{"Customer": customer, "Letter": letter})
}

type review struct {
	Author string
	Stars  int
	// Seeded text went through a sanitizer, the form's text is escaped.
	Body template.HTML
}

func (s *Shop) reviewsOf(ctx context.Context, sku string) ([]review, error) {
	return many(ctx, s, func(r *review) []any { return []any{&r.Author, &r.Stars, &r.Body} },
		"SELECT author, stars, body FROM review WHERE sku = ? ORDER BY id DESC", sku)
}

// reviews are all of them, fetched when the visitor comes near them. They hold an island of their own: the review form.
func (s *Shop) reviews(w http.ResponseWriter, r *http.Request, p ProductProps) error {
	reviews, err := s.reviewsOf(r.Context(), p.SKU)
	if err != nil {
		return err
	}
	return s.island(w, "reviews.html", map[string]any{"SKU": p.SKU, "Reviews": reviews})
}

// reviewForm is a form for customers, with its CSRF input; a way to sign in for strangers.
func (s *Shop) reviewForm(w http.ResponseWriter, r *http.Request, p ProductProps) error {
	customer, err := s.customer(r)
	if err != nil {
		return err
	}
	form := map[string]any{"SKU": p.SKU, "Customer": customer}
	if customer != nil {
		form["CSRF"] = session(r).csrfToken()
	}
	return s.island(w, "review_form.html", form)
}

const fromOneHighWaterToTheNext = 12*time.Hour + 25*time.Minute

var aHighWater = time.Date(2026, 1, 3, 2, 40, 0, 0, time.UTC)

// tideTable is the next high water, and an inline script that counts down to it. It is the same for all: caches keep
// it.
func (s *Shop) tideTable(w http.ResponseWriter, _ *http.Request, _ noProps) error {
	now := time.Now().UTC()
	since := now.Sub(aHighWater) % fromOneHighWaterToTheNext
	if since < 0 {
		since += fromOneHighWaterToTheNext
	}
	high := now.Add(fromOneHighWaterToTheNext - since)
	return s.island(w, "tide.html", map[string]any{
		"High": high.Format(time.RFC3339), "Time": high.Format("15:04"), "Script": s.tide,
	})
}
