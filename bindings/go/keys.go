// Key rings, and where an app's keys come from.

package eyot

import (
	"errors"
	"fmt"
	"os"
	"sync"
	"sync/atomic"
	"time"

	"github.com/eyot-dev/eyot/bindings/go/internal/native"
)

// KeyRing is one or more keys: the first seals, all open. It is safe for concurrent use. Its memory is wiped by
// Close, or when nobody holds it any more.
type KeyRing struct {
	native   *native.KeyRing
	isClosed atomic.Bool
}

func keyRing(ring *native.KeyRing, err error) (*KeyRing, error) {
	if err != nil {
		return nil, wrapped(err)
	}
	return &KeyRing{native: ring}, nil
}

// ParseKeys reads the text of EYOT_KEYS: keys of 32 random bytes in standard base64, separated by commas.
func ParseKeys(keys string) (*KeyRing, error) {
	return keyRing(native.ParseKeys(keys, false))
}

// ParseKeyFile reads the content of a key file: one key a line, # begins a comment.
func ParseKeyFile(content string) (*KeyRing, error) {
	return keyRing(native.ParseKeys(content, true))
}

// DeriveKeys derives a ring from secrets that an app has anyway, the current one first. Each needs 32 bytes at least.
func DeriveKeys(secrets ...string) (*KeyRing, error) {
	return keyRing(native.DeriveKeys(secrets))
}

// GenerateKey makes a key for EYOT_KEYS.
func GenerateKey() (string, error) {
	key, err := native.GenerateKey()
	return key, wrapped(err)
}

func (k *KeyRing) ring() (*native.KeyRing, error) {
	if k == nil || k.native == nil || k.isClosed.Load() {
		return nil, ErrClosed
	}
	return k.native, nil
}

// IDs tells the keys' ids, the sealing key's first. They say nothing about the keys.
func (k *KeyRing) IDs() ([]string, error) {
	ring, err := k.ring()
	if err != nil {
		return nil, err
	}
	found, err := ring.IDs()
	ids := make([]string, len(found))
	for i, id := range found {
		ids[i] = fmt.Sprintf("%08x", id)
	}
	return ids, wrapped(err)
}

// Payload is what a token holds.
type Payload struct {
	// Island is the name of the island that the token is for.
	Island string
	// Audience is a string that opening must repeat.
	Audience string
	// Props is one JSON object, sealed as it is; Slots a JSON object of strings; Page the page's JSON object. The last
	// two may be empty.
	Props, Slots, Page []byte
	// Expires is when the token becomes stale, in whole seconds; zero for never.
	Expires time.Time
	// Nonce makes a token that cannot be linked to others: 24 random bytes, used for this one alone. Nil for a stable
	// one.
	Nonce *[24]byte
}

// AppendSeal appends the payload's token to `out`. Hosts rarely need it: splitting and placeholders seal.
func (k *KeyRing) AppendSeal(out []byte, payload *Payload) ([]byte, error) {
	ring, err := k.ring()
	if err != nil {
		return out, err
	}
	var expires int64
	if !payload.Expires.IsZero() {
		if expires = payload.Expires.Unix(); expires <= 0 || expires > 1<<32-1 {
			return out, &Error{Code: "expiry-range", Message: "a token expires between 1970 and 2106", kind: ErrSeal}
		}
	}
	out, err = ring.AppendSeal(out, &native.Payload{
		Island: payload.Island, Audience: payload.Audience,
		Props: payload.Props, Slots: payload.Slots, Page: payload.Page,
		Nonce: payload.Nonce, Expires: uint32(expires),
	})
	return out, wrapped(err)
}

// Seal returns the payload's token.
func (k *KeyRing) Seal(payload *Payload) (string, error) {
	token, err := k.AppendSeal(nil, payload)
	return string(token), err
}

// Open opens a token that was sealed for an island and an audience. Visitors should learn no more of an error than
// whether it is ErrStale. Hosts rarely need it: the stations open.
func (k *KeyRing) Open(island, audience, token string, now time.Time) (*Payload, error) {
	ring, err := k.ring()
	if err != nil {
		return nil, err
	}
	opened, err := ring.Open(island, audience, token, unix(now))
	if err != nil {
		return nil, wrapped(err)
	}
	return &Payload{
		Island: opened.Name, Audience: audience,
		Props: opened.Props, Slots: opened.Slots, Page: opened.Page, Expires: expiry(opened.Expires),
	}, nil
}

// Close gives the ring up: calls after it return ErrClosed. The keys are wiped from memory, where no Islands use them.
func (k *KeyRing) Close() error {
	if k != nil && k.native != nil && !k.isClosed.Swap(true) {
		k.native.Release()
	}
	return nil
}

// unix is a time for C, where 0 is the system's clock.
func unix(at time.Time) uint64 {
	if at.IsZero() || at.Unix() < 0 {
		return 0
	}
	return uint64(at.Unix())
}

func expiry(seconds uint32) time.Time {
	if seconds == 0 {
		return time.Time{}
	}
	return time.Unix(int64(seconds), 0)
}

const missing = "no key: set Config.Keys, or EYOT_KEYS or EYOT_KEYS_FILE in the environment; " +
	"`openssl rand -base64 32` prints a key"

// keySource finds an app's keys, and notices that their file has changed.
type keySource struct {
	text    string
	ring    *KeyRing
	isDebug bool
	// The key of this process alone, where there was none while debugging.
	temporary *KeyRing

	mutex sync.Mutex
	file  string
	stamp stamp
	asked time.Time
}

// stamp tells one state of a file from another.
type stamp struct {
	changed time.Time
	size    int64
	info    os.FileInfo
}

func stampOf(file string) (stamp, bool) {
	info, err := os.Stat(file)
	if err != nil {
		return stamp{}, false
	}
	return stamp{info.ModTime(), info.Size(), info}, true
}

func (s stamp) equals(other stamp) bool {
	return s.changed.Equal(other.changed) && s.size == other.size && os.SameFile(s.info, other.info)
}

// read reads the keys from the first place that has some; an error says where the bad one stands.
func (s *keySource) read() (*KeyRing, error) {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	s.file = ""
	switch {
	case s.ring != nil:
		_, err := s.ring.IDs()
		return s.ring, err
	case s.text != "":
		return named("Config.Keys")(ParseKeys(s.text))
	case os.Getenv("EYOT_KEYS") != "":
		return named("EYOT_KEYS in the environment")(ParseKeys(os.Getenv("EYOT_KEYS")))
	case os.Getenv("EYOT_KEYS_FILE") != "":
		return s.readFile(os.Getenv("EYOT_KEYS_FILE"))
	}
	if s.isDebug {
		return s.readTemporary()
	}
	return nil, &Error{Code: "key-missing", Message: missing, kind: ErrKey}
}

// readTemporary makes a key for this process; the same one, however often it is asked for.
func (s *keySource) readTemporary() (*KeyRing, error) {
	if s.temporary != nil {
		return s.temporary, nil
	}
	key, err := GenerateKey()
	if err != nil {
		return nil, err
	}
	s.temporary, err = ParseKeys(key)
	return s.temporary, err
}

func (s *keySource) readFile(file string) (*KeyRing, error) {
	// The stamp comes first: what is written while the file is read counts as a change.
	s.file, s.asked = file, time.Now()
	s.stamp, _ = stampOf(file)
	content, err := os.ReadFile(file)
	if err != nil {
		message := fmt.Sprintf("EYOT_KEYS_FILE in the environment: the file cannot be read: %v", err)
		return nil, &Error{Code: "key-file", Message: message, kind: ErrKey}
	}
	return named("EYOT_KEYS_FILE in the environment")(ParseKeyFile(string(content)))
}

// hasChanged tells whether the file that was read is another by now. It asks the system once a second at most.
func (s *keySource) hasChanged() bool {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	if s.file == "" || time.Since(s.asked) < time.Second {
		return false
	}
	s.asked = time.Now()
	now, found := stampOf(s.file)
	// A file that is being replaced is not there for a moment.
	return found && (s.stamp.info == nil || !now.equals(s.stamp))
}

func named(place string) func(*KeyRing, error) (*KeyRing, error) {
	return func(ring *KeyRing, err error) (*KeyRing, error) {
		var failed *Error
		if errors.As(err, &failed) {
			failed.Message = place + ": " + failed.Message
			return nil, failed
		}
		return ring, err
	}
}
