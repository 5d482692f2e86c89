// Tests of events and refusals: what the log, the hook and the client get.

package eyot_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/eyot-dev/eyot/bindings/go"
)

const refused = "/_server-islands/Cart/AAAA"

func TestARefusalShowsItsReasonWhileDebuggingAlone(t *testing.T) {
	for _, isDebug := range []bool{false, true} {
		var log bytes.Buffer
		app, _ := site(t, eyot.Config{Debug: isDebug, Logger: slog.New(slog.NewTextHandler(&log, nil))}, html(cartPage), nil)
		answer := ask(app, "GET", refused, "Sec-Fetch-Site: same-origin")
		body := answer.Body.String()
		if answer.Code != 400 || strings.Contains(body, "token-") != isDebug || (body == "bad request\n") == isDebug {
			t.Errorf("%d %s", answer.Code, body)
		}
		if answer.Header().Get("Content-Length") != fmt.Sprint(len(body)) {
			t.Errorf("%v for %d bytes", answer.Header(), len(body))
		}
		if strings.Contains(log.String(), "level=WARN") != isDebug || !strings.Contains(log.String(), "code=token-") {
			t.Error(log.String())
		}
		head := ask(app, "HEAD", refused, "Sec-Fetch-Site: same-origin")
		if head.Body.Len() != 0 || head.Header().Get("Content-Length") != fmt.Sprint(len(body)) {
			t.Errorf("%v %s", head.Header(), head.Body)
		}
	}
}

func TestPropsThatDoNotFitAreShownWhileDebugging(t *testing.T) {
	app, isl := site(t, eyot.Config{Debug: true}, html(`<body><Row server:defer sku="1" more></Row>`), nil)
	isl.Handle("Row", eyot.Handler(func(http.ResponseWriter, *http.Request, row) error { return nil }))
	answer := ask(app, "GET", source(t, ask(app, "GET", "/p/1").Body.String(), "Row"))
	if answer.Code != 410 || !strings.Contains(answer.Body.String(), "more") {
		t.Errorf("%d %s", answer.Code, answer.Body)
	}
}

func TestAHookThatPanicsChangesNothingAndIsLogged(t *testing.T) {
	for _, thrown := range []any{"in the hook", http.ErrAbortHandler} {
		var log bytes.Buffer
		app, _ := site(t, eyot.Config{
			Logger:  slog.New(slog.NewTextHandler(&log, nil)),
			OnEvent: func(context.Context, eyot.Event) { panic(thrown) },
		}, html(cartPage), nil)
		answer := ask(app, "GET", refused, "Sec-Fetch-Site: same-origin")
		if answer.Code != 400 || answer.Body.String() != "bad request\n" {
			t.Errorf("%d %s", answer.Code, answer.Body)
		}
		if !strings.Contains(log.String(), "level=ERROR") || !strings.Contains(log.String(), fmt.Sprint(thrown)) {
			t.Error(log.String())
		}
	}
}

func TestTheHookIsCalledWithWhatIsLogged(t *testing.T) {
	var log bytes.Buffer
	var told []eyot.Event
	isl := newIslands(t, eyot.Config{
		Logger:  slog.New(slog.NewTextHandler(&log, nil)),
		OnEvent: func(_ context.Context, e eyot.Event) { told = append(told, e) },
	})
	isl.Handle("Cart", http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() }),
		eyot.Deadline(time.Millisecond))
	isl.Handle("Row", eyot.Handler(func(http.ResponseWriter, *http.Request, struct{}) error { return errors.New("no rope") }))
	app := isl.Outer(nil)(isl.Inner(isl))
	for _, name := range []string{"Cart", "Row"} {
		url, err := isl.Placeholder(name, nil).URL(eyot.Context{})
		if err != nil {
			t.Fatal(err)
		}
		ask(app, "GET", url, "Sec-Fetch-Site: same-origin")
	}
	ask(app, "GET", refused, "Sec-Fetch-Site: same-origin")
	if len(told) != 3 {
		t.Fatalf("told %v", told)
	}
	slow, failed, refusal := told[0], told[1], told[2]
	if slow.Code != "handler-slow" || slow.Island != "Cart" || slow.Elapsed < time.Millisecond || slow.Level != slog.LevelError {
		t.Errorf("%+v", slow)
	}
	if failed.Code != "handler-failed" || failed.Island != "Row" || !strings.Contains(failed.Message, "no rope") {
		t.Errorf("%+v", failed)
	}
	if refusal.Status != 400 || refusal.Island != "Cart" || refusal.Path == "" || strings.Contains(refusal.Path, "AAAA") {
		t.Errorf("%+v", refusal)
	}
	for _, event := range told {
		if !strings.Contains(log.String(), " code="+event.Code+" ") {
			t.Errorf("%s is not in %s", event.Code, log.String())
		}
	}
	if !strings.Contains(log.String(), " island=Cart ms=") {
		t.Error(log.String())
	}
}

func TestAFaultOfAPageIsToldWithItsPlace(t *testing.T) {
	var told []eyot.Event
	app, _ := site(t, eyot.Config{OnEvent: func(_ context.Context, e eyot.Event) { told = append(told, e) }},
		html("<!doctype html>\n<body><Crat server:defer></Crat></body>"), nil)
	ask(app, "GET", "/p/1")
	if len(told) != 1 || told[0].Code != "name-unknown" || told[0].Place != "2:7" {
		t.Errorf("told %+v", told)
	}
}
