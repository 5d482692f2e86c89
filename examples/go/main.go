// Command shop serves the shop: it reads the environment, makes the keys that are missing for this run, and prints the
// address of a product page.
package main

import (
	"cmp"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"log"
	"net"
	"net/http"
	"os"
	"os/signal"
	"syscall"
	"time"

	"github.com/eyot-dev/eyot/bindings/go"
)

func main() {
	if err := run(); err != nil {
		log.Fatal(err)
	}
}

func run() error {
	config := Config{
		Secret:   cmp.Or(os.Getenv("SHOP_SECRET"), rand.Text()+rand.Text()),
		Database: cmp.Or(os.Getenv("SHOP_DB"), "shop.sqlite3"),
		Shared:   os.DirFS(cmp.Or(os.Getenv("SHOP_SHARED"), "../shop")),
	}
	if os.Getenv("EYOT_KEYS") == "" && os.Getenv("EYOT_KEYS_FILE") == "" {
		key, err := eyot.GenerateKey()
		if err != nil {
			return err
		}
		config.Islands.Keys = key
	}
	shop, err := NewShop(config)
	if err != nil {
		return err
	}
	defer shop.Close()

	address := net.JoinHostPort(cmp.Or(os.Getenv("BIND"), "127.0.0.1"), cmp.Or(os.Getenv("PORT"), "8000"))
	server := &http.Server{Addr: address, Handler: shop, ReadHeaderTimeout: 10 * time.Second, IdleTimeout: time.Minute}
	listener, err := net.Listen("tcp", address)
	if err != nil {
		return err
	}
	fmt.Printf("http://%s/p/lantern\n", address)
	return serve(server, listener)
}

// serve serves until it is told to stop, and lets what is under way end.
func serve(server *http.Server, listener net.Listener) error {
	told, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	stopped := context.AfterFunc(told, func() {
		patience, cancel := context.WithTimeout(context.Background(), 5*time.Second)
		defer cancel()
		_ = server.Shutdown(patience)
	})
	defer stopped()
	if err := server.Serve(listener); !errors.Is(err, http.ErrServerClosed) {
		return err
	}
	return nil
}
