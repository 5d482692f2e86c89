//go:build eyot_static

package native

// So that `go mod vendor` takes the library's folder along.
import _ "github.com/eyot-dev/eyot/bindings/go/internal/native/static"
