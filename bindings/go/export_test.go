// What the tests need of the package's inside.

package eyot

import (
	"net/http"
	"time"

	"github.com/eyot-dev/eyot/bindings/go/internal/native"
)

// At has the islands' clock stand still.
func (isl *Islands) At(now time.Time) *Islands {
	isl.clock = func() time.Time { return now }
	return isl
}

// PanicCheck has the library panic.
func PanicCheck() error { return wrapped(native.PanicCheck()) }

// Nothing crosses to C and back.
func Nothing() { native.Nothing() }

// Misfit answers for props that do not fit, in a handler of an island.
func (isl *Islands) Misfit(w http.ResponseWriter, r *http.Request, why string) { isl.misfit(w, r, why) }

// PlainFiles is how many files are known to hold no directive.
func (isl *Islands) PlainFiles() int { return len(isl.plain.known) }
