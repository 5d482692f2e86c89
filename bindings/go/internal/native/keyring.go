//go:build cgo

// Key rings and tokens.

package native

/*
#include "glue.h"
*/
import "C"

import (
	"sync/atomic"
	"unsafe"
)

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

func newKeyRing(make func(*paper, **C.eyot_keyring, **C.eyot_error) C.eyot_status) (*KeyRing, error) {
	paper := newPaper()
	defer paper.release()
	var keys *C.eyot_keyring
	var failure *C.eyot_error
	if err := failed(make(paper, &keys, &failure), failure); err != nil {
		return nil, err
	}
	ring := &KeyRing{}
	hold(ring, &ring.object, unsafe.Pointer(keys), freeKeyRing)
	return ring, nil
}

// ParseKeys reads the text of EYOT_KEYS, or the content of a key file.
func ParseKeys(text string, isFile bool) (*KeyRing, error) {
	return newKeyRing(func(_ *paper, out **C.eyot_keyring, failure **C.eyot_error) C.eyot_status {
		if isFile {
			return C.eyot_keyring_parse_file(stringPointer(text), C.size_t(len(text)), out, failure)
		}
		return C.eyot_keyring_parse(stringPointer(text), C.size_t(len(text)), out, failure)
	})
}

// DeriveKeys derives a ring from secrets.
func DeriveKeys(secrets []string) (*KeyRing, error) {
	return newKeyRing(func(paper *paper, out **C.eyot_keyring, failure **C.eyot_error) C.eyot_status {
		list, count := paper.texts(secrets)
		return C.eyot_keyring_derive(list, count, out, failure)
	})
}

// GenerateKey makes a key for EYOT_KEYS.
func GenerateKey() (string, error) {
	var buffer C.eyot_buffer
	var failure *C.eyot_error
	status := C.eyot_keyring_generate_key(&buffer, &failure)
	key, err := written(nil, &buffer, status, failure)
	return string(key), err
}

// IDs tells the keys' ids.
func (k *KeyRing) IDs() ([]uint32, error) {
	ring, err := k.enter()
	if err != nil {
		return nil, err
	}
	defer k.leave()
	var ids []uint32
	for i := range C.eyot_keyring_len((*C.eyot_keyring)(ring)) {
		var id C.uint32_t
		C.eyot_keyring_id((*C.eyot_keyring)(ring), i, &id)
		ids = append(ids, uint32(id))
	}
	return ids, nil
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
	paper := newPaper()
	defer paper.release()
	payload := C.eyot_payload{
		size: C.sizeof_eyot_payload, expires: C.uint32_t(p.Expires),
		island: paper.text(p.Island), audience: paper.text(p.Audience),
		props: paper.bytes(p.Props), slots: paper.bytes(p.Slots), page: paper.bytes(p.Page),
	}
	if p.Nonce != nil {
		payload.nonce = paper.bytes(p.Nonce[:])
	}
	var buffer C.eyot_buffer
	var failure *C.eyot_error
	status := C.eyot_keyring_seal((*C.eyot_keyring)(ring), &payload, &buffer, &failure)
	return written(out, &buffer, status, failure)
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
	paper := newPaper()
	defer paper.release()
	given := C.eyot_token{
		size: C.sizeof_eyot_token, now: C.uint64_t(now),
		island: paper.text(island), audience: paper.text(audience), bytes: paper.text(token),
	}
	var opened *C.eyot_opened
	var failure *C.eyot_error
	if err := failed(C.eyot_keyring_open((*C.eyot_keyring)(ring), &given, &opened, &failure), failure); err != nil {
		return nil, err
	}
	return readOpened(opened), nil
}

// readOpened copies an opened island, and frees it.
func readOpened(opened *C.eyot_opened) *Opened {
	defer C.eyot_opened_free(opened)
	var parts C.eyotgo_opened
	C.eyotgo_read_opened(opened, &parts)
	props, slots := int(parts.props.len), int(parts.slots.len)
	all := make([]byte, 0, props+slots+int(parts.page.len))
	all = append(append(append(all, borrowed(parts.props)...), borrowed(parts.slots)...), borrowed(parts.page)...)
	return &Opened{
		Name:  text(parts.name),
		Props: all[:props:props], Slots: all[props : props+slots : props+slots], Page: all[props+slots:],
		Expires: uint32(parts.expires),
	}
}
