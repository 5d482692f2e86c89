// One app's islands: configuration, keys, and the C interface's configuration that is made of them.

package eyot

import (
	"cmp"
	"context"
	"fmt"
	"log/slog"
	"math"
	"reflect"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/eyot-dev/eyot/bindings/go/internal/native"
)

// Islands are the islands of one app. They are safe for concurrent use; a program closes them, or does not, when it
// ends.
type Islands struct {
	config Config
	keys   *keySource
	// Stands in for the clock in tests.
	clock func() time.Time

	mutex    sync.RWMutex
	ring     *native.KeyRing
	handlers map[string]*registration
	isClosed bool
	core     atomic.Pointer[native.Islands]
	plain    plainFiles
	// Whether there is an inner station, which splits what template functions write that know no request.
	hasInner atomic.Bool
	// Says once that there is no outer station.
	noOuter sync.Once
}

// New checks the configuration and reads the keys.
func New(config Config) (*Islands, error) {
	config.Prefix = cmp.Or(config.Prefix, "/_server-islands")
	isl := &Islands{
		config:   config,
		keys:     &keySource{text: config.Keys, ring: config.KeyRing, isDebug: config.Debug},
		handlers: map[string]*registration{},
	}
	ring, err := isl.keys.read()
	if err != nil {
		return nil, err
	}
	shared, err := ring.ring()
	if err != nil {
		return nil, err
	}
	isl.ring = shared.Share()
	if _, err := isl.native(); err != nil {
		return nil, err
	}
	if isl.keys.temporary != nil {
		isl.log(context.Background(), Event{
			Level: slog.LevelWarn, Code: "key-temporary",
			Message: "no key, so this process has a temporary one while debugging: tokens do not outlive it. " +
				"Set EYOT_KEYS for one that stays: `openssl rand -base64 32` prints a key",
		})
	}
	return isl, nil
}

// native is the C interface's configuration. It is made when it is first needed, and again when an island was declared.
func (isl *Islands) native() (*native.Islands, error) {
	if core := isl.core.Load(); core != nil {
		return core, nil
	}
	isl.mutex.Lock()
	defer isl.mutex.Unlock()
	if core := isl.core.Load(); core != nil {
		return core, nil
	}
	if isl.isClosed {
		return nil, ErrClosed
	}
	options, err := isl.options()
	if err != nil {
		return nil, err
	}
	core, err := native.NewIslands(isl.ring, options)
	if err != nil {
		return nil, wrapped(err)
	}
	isl.core.Store(core)
	return core, nil
}

func (isl *Islands) options() (*native.Options, error) {
	if err := positive("Deadline", isl.config.Deadline); err != nil {
		return nil, err
	}
	set, err := isl.config.set()
	if err != nil {
		return nil, err
	}
	options := &native.Options{Set: set}
	for name := range isl.handlers {
		options.Here = append(options.Here, name)
	}
	slices.Sort(options.Here)
	return options, nil
}

// set is what the configuration sets, by name and text: core knows the names, and says what is wrong with a value.
func (c *Config) set() (set []native.Pair, err error) {
	value := reflect.ValueOf(c).Elem()
	for i := range value.NumField() {
		field, name := value.Field(i), value.Type().Field(i).Name
		if field.IsZero() || name == "Keys" || name == "Deadline" {
			continue
		}
		switch given := field.Interface().(type) {
		case []string:
			if len(given) == 0 {
				set = append(set, native.Pair{Name: name})
			}
			for _, text := range given {
				if text == "" {
					return nil, configError("%s: there is an empty text among its texts", name)
				}
				set = append(set, native.Pair{Name: name, Value: text})
			}
		case time.Duration:
			set = append(set, native.Pair{Name: name, Value: inSeconds(given)})
		case string, bool, int:
			set = append(set, native.Pair{Name: name, Value: fmt.Sprint(given)})
		}
	}
	return set, nil
}

// seconds is a duration for C.
func seconds(name string, duration time.Duration) (uint32, error) {
	if duration < 0 || duration%time.Second != 0 || duration/time.Second > math.MaxUint32 {
		return 0, configError("%s is %v: whole seconds are needed, from 0 to %d", name, duration, uint32(math.MaxUint32))
	}
	return uint32(duration / time.Second), nil
}

// SetKeys replaces the keys, atomically while other goroutines use the islands.
func (isl *Islands) SetKeys(keys *KeyRing) error {
	ring, err := keys.ring()
	if err != nil {
		return err
	}
	core, err := isl.native()
	if err != nil {
		return err
	}
	isl.mutex.Lock()
	defer isl.mutex.Unlock()
	if isl.isClosed {
		return ErrClosed
	}
	if err := wrapped(core.SetKeys(ring)); err != nil {
		return err
	}
	before := isl.ring
	isl.ring = ring.Share()
	before.Release()
	// Where an island was declared meanwhile, the configuration that is made next has the new keys.
	if latest := isl.core.Load(); latest != nil && latest != core {
		return wrapped(latest.SetKeys(ring))
	}
	return nil
}

// ReloadKeys reads the keys again, from where New read them.
func (isl *Islands) ReloadKeys() error {
	ring, err := isl.keys.read()
	if err != nil {
		return err
	}
	return isl.SetKeys(ring)
}

// followKeys reads the keys again if their file changed; keys that cannot be read leave those in force.
func (isl *Islands) followKeys(ctx context.Context) {
	if !isl.keys.hasChanged() {
		return
	}
	if err := isl.ReloadKeys(); err != nil {
		isl.log(ctx, Event{
			Level: slog.LevelError, Code: "keys-unreadable",
			Message: "the changed key file was not read, the keys before it stay in force: " + err.Error(),
		})
		return
	}
	isl.log(ctx, Event{Level: slog.LevelInfo, Code: "keys-changed", Message: "the key file changed: its keys are in force"})
}

// Prefix is the path below which islands are asked for.
func (isl *Islands) Prefix() string { return isl.config.Prefix }

// Close frees the islands. Calls after it return ErrClosed, and requests for islands are answered with 500.
func (isl *Islands) Close() error {
	isl.mutex.Lock()
	defer isl.mutex.Unlock()
	if isl.isClosed {
		return nil
	}
	isl.isClosed = true
	isl.ring.Release()
	if core := isl.core.Swap(nil); core != nil {
		core.Close()
	}
	return nil
}

func (isl *Islands) logger() *slog.Logger {
	if isl.config.Logger != nil {
		return isl.config.Logger
	}
	return slog.Default()
}

func (isl *Islands) now() uint64 {
	if isl.clock == nil {
		return 0
	}
	return unix(isl.clock())
}

// Version is that of the C library in use.
func Version() string { return native.Version() }

func init() {
	if found := native.LoadedABI(); found != native.ABI {
		panic(fmt.Sprintf("eyot: compiled for ABI %d of libeyot, but the program found ABI %d: install the same version",
			native.ABI, found))
	}
}
