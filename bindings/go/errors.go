// Errors and findings: what calls return, by kind, with a code and a place.

package eyot

import (
	"errors"
	"fmt"
	"net/http"
	"strings"

	"github.com/eyot-dev/eyot/bindings/go/internal/native"
)

// The kinds of errors, for errors.Is. Each *Error is of one kind; ErrClosed and ErrFinished are returned as they are.
var (
	// ErrConfig: a name or an option that cannot be used.
	ErrConfig = errors.New("eyot: configuration")
	// ErrKey: a key that is missing, damaged, or can be guessed.
	ErrKey = errors.New("eyot: key")
	// ErrProps: props that JSON cannot hold, or that do not fit a handler's type.
	ErrProps = errors.New("eyot: props")
	// ErrMarkup: a page that cannot be split; the error has a line and a column.
	ErrMarkup = errors.New("eyot: markup")
	// ErrSeal: a token that cannot be made.
	ErrSeal = errors.New("eyot: sealing")
	// ErrToken: a token that does not open, stale ones included.
	ErrToken = errors.New("eyot: token")
	// ErrStale: a token that has expired, or whose key is gone. It is an ErrToken too.
	ErrStale = errors.New("eyot: stale token")
	// ErrClosed: the object is closed.
	ErrClosed = errors.New("eyot: the object is closed")
	// ErrFinished: the splitter has ended its page, or has met an error.
	ErrFinished = errors.New("eyot: the page has ended")
)

// Error is what calls of this package return. Its text holds no key, no token and no prop's value, so it can be logged.
type Error struct {
	// Code is stable, lower case, and finer than the kind: key-missing, ttl-too-short.
	Code string
	// Message says what happened and what to do.
	Message string
	// Line and Column, in characters, say where in the page; both count from 1 and are 0 where there is no place.
	Line, Column int

	kind error
}

// Error returns the message, after the package's name.
func (e *Error) Error() string { return "eyot: " + e.Message }

// Is tells whether the error is of a kind, such as ErrKey.
func (e *Error) Is(kind error) bool {
	return kind == e.kind || kind == ErrToken && e.kind == ErrStale
}

func configError(format string, arguments ...any) *Error {
	return &Error{Code: "option", Message: fmt.Sprintf(format, arguments...), kind: ErrConfig}
}

// wrapped turns what the C interface says into this package's errors.
func wrapped(err error) error {
	if err == nil {
		return nil
	}
	return translated(err)
}

func translated(err error) error {
	var failed *native.Error
	switch {
	case errors.Is(err, native.ErrClosed):
		return ErrClosed
	case !errors.As(err, &failed):
		return err
	case failed.Status == native.StatusFinished:
		return ErrFinished
	}
	return &Error{failed.Code, failed.Message, failed.Line, failed.Column, kindOf(failed.Status)}
}

func kindOf(status int) error {
	switch {
	case status == native.StatusTokenBad:
		return ErrToken
	case status == native.StatusTokenStale:
		return ErrStale
	case status >= native.StatusMarkup:
		return ErrMarkup
	case status >= native.StatusProps:
		return ErrProps
	case status >= native.StatusSeal:
		return ErrSeal
	case status >= native.StatusKey:
		return ErrKey
	}
	return ErrConfig
}

// Finding is something in a page that is no error: a problem that splitting went on after, a diagnostic, or what an
// audit found.
type Finding struct {
	// Code is stable, such as fallback-moved.
	Code string
	// Message says what it means and what to do.
	Message string
	// Island is the one that it is about, if it is about one.
	Island string
	// Line and Column count from 1; both are 0 where there is no place.
	Line, Column int
}

// String describes the finding in one line.
func (f Finding) String() string {
	text := f.Message + " (" + f.Code + ")"
	if f.Island != "" {
		text = f.Island + ": " + text
	}
	if f.Line > 0 {
		text = fmt.Sprintf("line %d, column %d: %s", f.Line, f.Column, text)
	}
	return text
}

func findings(found []native.Finding) []Finding {
	var list []Finding
	for _, one := range found {
		list = append(list, Finding(one))
	}
	return list
}

// ShellFaults tells what is wrong with a response that shared caches are to keep for everybody: for tests.
func (isl *Islands) ShellFaults(status int, header http.Header, body []byte) ([]string, error) {
	core, err := isl.native()
	if err != nil {
		return nil, err
	}
	lines, err := core.ShellFaults(status, header, body)
	if len(lines) == 0 {
		return nil, wrapped(err)
	}
	return strings.Split(strings.TrimSuffix(string(lines), "\n"), "\n"), nil
}

// Audit tells where a browser's parser would move, drop or swallow a placeholder or a fallback of a whole shell. It
// parses all of it: for debugging and tests.
func Audit(shell []byte) ([]Finding, error) {
	found, err := native.Audit(shell)
	return findings(found), wrapped(err)
}
