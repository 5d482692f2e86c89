// The SQLite file: made and filled at first start; queries; passwords.

package main

import (
	"context"
	"crypto/pbkdf2"
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"database/sql"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	_ "github.com/mattn/go-sqlite3" // the driver "sqlite3"
)

// openDatabase opens the SQLite file; where there is none, it makes one and fills it.
func openDatabase(file string, shared fs.FS) (*sql.DB, error) {
	if _, err := os.Stat(file); errors.Is(err, fs.ErrNotExist) {
		if err := build(file, shared); err != nil {
			return nil, fmt.Errorf("the database was not made: %w", err)
		}
	}
	return sql.Open("sqlite3", "file:"+file+"?_busy_timeout=5000")
}

// build makes the file beside its place and moves it there whole: two shops may start at once.
func build(file string, shared fs.FS) error {
	work, err := os.MkdirTemp(filepath.Dir(file), ".shop-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(work)
	unfinished := filepath.Join(work, "shop.sqlite3")
	db, err := sql.Open("sqlite3", "file:"+unfinished)
	if err != nil {
		return err
	}
	if err := errors.Join(fill(db, shared), db.Close()); err != nil {
		return err
	}
	return os.Rename(unfinished, file)
}

// seed is what ../shop/seed.json holds.
type seed struct {
	Products []struct {
		SKU, Name, Line, Story, Tone string
		Price                        int
		Facts, Pairs                 [][2]string
		Stock                        map[string]int
	}
	Boathouses []struct {
		Name, Phone string
		Answers     bool
	}
	Segments []struct {
		Name    string
		Percent int
	}
	Reviews []struct {
		SKU, Author, Body string
		Stars             int
	}
	Customers []struct {
		Name, Email, Password, Segment string
		Bought                         [][2]string
	}
}

// filling writes rows until one fails.
type filling struct {
	tx  *sql.Tx
	err error
}

func (f *filling) insert(table string, values ...any) int64 {
	if f.err != nil {
		return 0
	}
	marks := strings.TrimSuffix(strings.Repeat("?, ", len(values)), ", ")
	result, err := f.tx.Exec("INSERT INTO "+table+" VALUES ("+marks+")", values...)
	if f.err = err; err != nil {
		return 0
	}
	id, _ := result.LastInsertId()
	return id
}

func fill(db *sql.DB, shared fs.FS) error {
	schema, err := fs.ReadFile(shared, "schema.sql")
	if err != nil {
		return err
	}
	text, err := fs.ReadFile(shared, "seed.json")
	if err != nil {
		return err
	}
	var all seed
	if err := json.Unmarshal(text, &all); err != nil {
		return err
	}
	if _, err := db.Exec(string(schema)); err != nil {
		return err
	}
	tx, err := db.Begin()
	if err != nil {
		return err
	}
	rows := &filling{tx: tx}
	rows.products(&all)
	rows.people(&all)
	if rows.err != nil {
		_ = tx.Rollback()
		return rows.err
	}
	return tx.Commit()
}

func (f *filling) products(all *seed) {
	for place, p := range all.Products {
		f.insert("product", p.SKU, p.Name, p.Line, p.Story, p.Price, p.Tone, place)
		for i, fact := range p.Facts {
			f.insert("fact", p.SKU, i, fact[0], fact[1])
		}
		for i, pair := range p.Pairs {
			f.insert("pairing", p.SKU, i, pair[0], pair[1])
		}
		for boathouse, count := range p.Stock {
			f.insert("stock", p.SKU, boathouse, count)
		}
	}
	for _, b := range all.Boathouses {
		f.insert("boathouse", b.Name, b.Phone, b.Answers)
	}
}

func (f *filling) people(all *seed) {
	for _, s := range all.Segments {
		f.insert("segment", s.Name, s.Percent)
	}
	for _, r := range all.Reviews {
		f.insert("review", nil, r.SKU, r.Author, r.Stars, r.Body)
	}
	for _, c := range all.Customers {
		hash, err := hashPassword(c.Password)
		if err != nil {
			f.err = err
			return
		}
		customer := f.insert("customer", nil, c.Name, c.Email, hash, c.Segment)
		for _, line := range c.Bought {
			f.insert("purchase", customer, line[0], line[1])
		}
	}
}

const rounds = 600_000

// hashPassword returns salt and PBKDF2-HMAC-SHA256 of a password.
func hashPassword(password string) (string, error) {
	salt := make([]byte, 16)
	_, _ = rand.Read(salt)
	key, err := pbkdf2.Key(sha256.New, password, salt, rounds, sha256.Size)
	if err != nil {
		return "", err
	}
	return base64.StdEncoding.EncodeToString(salt) + "$" + base64.StdEncoding.EncodeToString(key), nil
}

func isPassword(password, hash string) bool {
	salt, key, _ := strings.Cut(hash, "$")
	seasoning, err := base64.StdEncoding.DecodeString(salt)
	if err != nil {
		return false
	}
	expected, err := base64.StdEncoding.DecodeString(key)
	if err != nil {
		return false
	}
	found, err := pbkdf2.Key(sha256.New, password, seasoning, rounds, sha256.Size)
	return err == nil && subtle.ConstantTimeCompare(found, expected) == 1
}

// one reads the first row of a query into `into`; false when there is none.
func (s *Shop) one(ctx context.Context, into []any, query string, values ...any) (bool, error) {
	err := s.db.QueryRowContext(ctx, query, values...).Scan(into...)
	if errors.Is(err, sql.ErrNoRows) {
		return false, nil
	}
	return err == nil, err
}

// many reads every row of a query.
func many[T any](
	ctx context.Context, s *Shop, into func(*T) []any, query string, values ...any,
) ([]T, error) {
	rows, err := s.db.QueryContext(ctx, query, values...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var found []T
	for rows.Next() {
		var row T
		if err := rows.Scan(into(&row)...); err != nil {
			return nil, err
		}
		found = append(found, row)
	}
	return found, rows.Err()
}

// count is the number that a query gives, 0 for none.
func (s *Shop) count(ctx context.Context, query string, values ...any) (int, error) {
	var count sql.NullInt64
	_, err := s.one(ctx, []any{&count}, query, values...)
	return int(count.Int64), err
}
