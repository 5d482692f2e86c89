// Who is asking: the customer, the segment, the owner of the cart; signing in.

package main

import (
	"context"
	"crypto/rand"
	"fmt"
	"net/http"
	"net/url"
)

// Customer is who is signed in, with the percentage of the list price that the segment pays.
type Customer struct {
	ID                   int64
	Name, Email, Segment string
	Percent              int
}

// customer is the signed-in one; nil for a stranger.
func (s *Shop) customer(r *http.Request) (*Customer, error) {
	id := session(r).Customer
	if id == 0 {
		return nil, nil
	}
	c := &Customer{}
	found, err := s.one(r.Context(), []any{&c.ID, &c.Name, &c.Email, &c.Segment, &c.Percent},
		`SELECT id, customer.name, email, segment, percent
		 FROM customer JOIN segment ON segment.name = segment WHERE id = ?`, id)
	if !found {
		return nil, err
	}
	return c, nil
}

// Pays is what a visitor pays for something with that list price, in pence. A stranger pays all of it.
func (c *Customer) Pays(price int) int {
	if c == nil {
		return price
	}
	return price * c.Percent / 100
}

// cartOwner is the name under which a visitor's cart is kept; empty for a stranger without one.
func cartOwner(r *http.Request) string {
	current := session(r)
	if current.Customer != 0 {
		return customersCart(current.Customer)
	}
	return current.Cart
}

func customersCart(id int64) string { return fmt.Sprintf("customer %d", id) }

// putIntoCart puts a product into the visitor's cart, which begins with it if there was none.
func (s *Shop) putIntoCart(r *http.Request, sku string, count int) error {
	owner := cartOwner(r)
	if owner == "" {
		owner = "stranger " + rand.Text()
		session(r).change().Cart = owner
	}
	return s.addLine(r.Context(), owner, sku, count)
}

func (s *Shop) addLine(ctx context.Context, owner, sku string, count int) error {
	_, err := s.db.ExecContext(ctx,
		"INSERT INTO cart_line VALUES (?, ?, ?) ON CONFLICT DO UPDATE SET count = count + excluded.count", owner, sku, count)
	return err
}

// signIn starts a fresh session for the customer; a stranger's cart comes along.
func (s *Shop) signIn(r *http.Request, email, password string) (bool, error) {
	var id int64
	var hash string
	found, err := s.one(r.Context(), []any{&id, &hash}, "SELECT id, password FROM customer WHERE email = ?", email)
	if err != nil || !found || !isPassword(password, hash) {
		return false, err
	}
	current := session(r)
	stranger := current.Cart
	current.Customer, current.Cart, current.CSRF = id, "", ""
	current.change()
	lines, err := many(r.Context(), s, func(l *line) []any { return []any{&l.SKU, &l.Count} },
		"SELECT sku, count FROM cart_line WHERE owner = ?", stranger)
	if err != nil {
		return true, err
	}
	for _, line := range lines {
		if err := s.addLine(r.Context(), customersCart(id), line.SKU, line.Count); err != nil {
			return true, err
		}
	}
	_, err = s.db.ExecContext(r.Context(), "DELETE FROM cart_line WHERE owner = ?", stranger)
	return true, err
}

// customersOnly sends a stranger to the sign-in page, and from there back.
func (s *Shop) customersOnly(next http.HandlerFunc) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		customer, err := s.customer(r)
		switch {
		case err != nil:
			s.failed(w, r, err)
		case customer == nil:
			http.Redirect(w, r, "/login?next="+url.QueryEscape(r.URL.Path), http.StatusSeeOther)
		default:
			next(w, r)
		}
	}
}
