// Tests of refusals: what the log, the hook and the client get.

package eyot_test

import (
	"bytes"
	"fmt"
	"log/slog"
	"net/http"
	"strings"
	"testing"

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
	eyot.Handle(isl, "Row", func(http.ResponseWriter, *http.Request, row) error { return nil })
	answer := ask(app, "GET", source(t, ask(app, "GET", "/p/1").Body.String(), "Row"))
	if answer.Code != 410 || !strings.Contains(answer.Body.String(), "more") {
		t.Errorf("%d %s", answer.Code, answer.Body)
	}
}

func TestAHookThatPanicsChangesNoRefusalAndIsLogged(t *testing.T) {
	for _, thrown := range []any{"in the hook", http.ErrAbortHandler} {
		var log bytes.Buffer
		app, _ := site(t, eyot.Config{
			Logger:    slog.New(slog.NewTextHandler(&log, nil)),
			OnRefusal: func(*http.Request, eyot.Refusal) { panic(thrown) },
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
