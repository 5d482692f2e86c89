//go:build cgo

// Key rings and tokens.

package native

/*
#include "glue.h"
*/
import "C"

import "sync/atomic"

// KeyRing is one or more keys.
type KeyRing struct {
	object
	// How many hold it beside the first one.
	sharers atomic.Int32
}

// Share lets one more hold the ring: it is wiped when all of them have released it.
func (k *KeyRing) Share() *KeyRing {
	k.sharers.Add(1)
	return k
}

// Release wipes the ring if nobody else holds it.
func (k *KeyRing) Release() {
	if k.sharers.Add(-1) < 0 {
		k.Close()
	}
}

func newKeyRing(made C.eyotgo_made) (*KeyRing, error) {
	if err := failed(made.status, made.error); err != nil {
		return nil, err
	}
	ring := &KeyRing{}
	hold(ring, &ring.object, made.object, freeKeyRing)
	return ring, nil
}

// ParseKeys reads the text of EYOT_KEYS, or the content of a key file.
func ParseKeys(text string, isFile bool) (*KeyRing, error) {
	return newKeyRing(C.eyotgo_keyring_parse(stringPointer(text), C.size_t(len(text)), C.bool(isFile)))
}

// DeriveKeys derives a ring from secrets.
func DeriveKeys(secrets []string) (*KeyRing, error) {
	texts := newTexts()
	defer texts.release()
	texts.Add(secrets...)
	bytes, lens := texts.at()
	return newKeyRing(C.eyotgo_keyring_derive(bytes, lens, C.size_t(len(secrets))))
}

// GenerateKey makes a key for EYOT_KEYS.
func GenerateKey() (string, error) {
	out := make([]byte, 0, 64)
	at, capacity := room(out)
	key, err := written(out, C.eyotgo_generate_key(at, capacity))
	return string(key), err
}

// IDs tells the keys' ids.
func (k *KeyRing) IDs() ([]uint32, error) {
	ring, err := k.enter()
	if err != nil {
		return nil, err
	}
	defer k.leave()
	var few [8]C.uint32_t
	ids := few[:]
	count := int(C.eyotgo_keyring_ids(ring, &ids[0], C.size_t(len(ids))))
	if count > len(ids) {
		ids = make([]C.uint32_t, count)
		C.eyotgo_keyring_ids(ring, &ids[0], C.size_t(count))
	}
	found := make([]uint32, count)
	for i := range found {
		found[i] = uint32(ids[i])
	}
	return found, nil
}

// Payload is what is sealed.
type Payload struct {
	Island, Audience   string
	Props, Slots, Page []byte
	Nonce              *[24]byte
	Expires            uint32
}

// AppendSeal appends the token of a payload to `out`.
func (k *KeyRing) AppendSeal(out []byte, p *Payload) ([]byte, error) {
	ring, err := k.enter()
	if err != nil {
		return out, err
	}
	defer k.leave()
	// Three bytes make four characters; what else a token holds is less than this.
	if most := (len(p.Props)+len(p.Slots)+len(p.Page)+96)*4/3 + 4; cap(out)-len(out) < most {
		out = append(make([]byte, 0, len(out)+most), out...)
	}
	var nonce *C.uint8_t
	if p.Nonce != nil {
		nonce = (*C.uint8_t)(&p.Nonce[0])
	}
	at, capacity := room(out)
	return written(out, C.eyotgo_seal(ring,
		stringPointer(p.Island), C.size_t(len(p.Island)), stringPointer(p.Audience), C.size_t(len(p.Audience)),
		pointer(p.Props), C.size_t(len(p.Props)), pointer(p.Slots), C.size_t(len(p.Slots)),
		pointer(p.Page), C.size_t(len(p.Page)), nonce, C.uint32_t(p.Expires), at, capacity))
}

// Opened is the content of a token.
type Opened struct {
	Name               string
	Props, Slots, Page []byte
	Expires            uint32
}

// Open opens a token.
func (k *KeyRing) Open(island, audience, token string, now uint64) (*Opened, error) {
	ring, err := k.enter()
	if err != nil {
		return nil, err
	}
	defer k.leave()
	opened := C.eyotgo_keyring_open(ring, stringPointer(island), C.size_t(len(island)),
		stringPointer(audience), C.size_t(len(audience)), stringPointer(token), C.size_t(len(token)), C.uint64_t(now))
	if err := failed(opened.status, opened.error); err != nil {
		return nil, err
	}
	return readOpened(&opened), nil
}

// readOpened copies an opened island, and frees it.
func readOpened(opened *C.eyotgo_opened) *Opened {
	defer C.eyot_opened_free(opened.island)
	props, slots := int(opened.props.len), int(opened.slots.len)
	all := make([]byte, 0, props+slots+int(opened.page.len))
	all = append(append(append(all, borrowed(opened.props)...), borrowed(opened.slots)...), borrowed(opened.page)...)
	return &Opened{
		Name:  text(opened.name),
		Props: all[:props:props], Slots: all[props : props+slots : props+slots], Page: all[props+slots:],
		Expires: uint32(opened.expires),
	}
}
