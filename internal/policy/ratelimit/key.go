package ratelimit

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"hash/maphash"
	"net/netip"

	"github.com/gatehouse-edge/gatehouse/internal/policy/principal"
)

// keyKind keeps keys of different kinds apart: a subject can not be taken for somebody's address.
type keyKind uint8

const (
	everybody keyKind = iota
	byPrincipal
	byAddress
	byField
)

// String names the kind to callers.
func (k keyKind) String() string {
	return [...]string{everybody: "all", byPrincipal: "principal", byAddress: "clientip", byField: "field"}[k]
}

// Key says whose calls are counted together. The zero Key is everybody. Keys are made without allocation, and what they are
// made of never leaves the process: Redis gets a hash.
type Key struct {
	kind          keyKind
	first, second string
	address       [16]byte
}

// OfPrincipal is the key of a caller who is known, by issuer and subject.
func OfPrincipal(p *principal.Principal) Key {
	return Key{kind: byPrincipal, first: p.Issuer, second: p.Subject}
}

// OfField is the key of a value in the request.
func OfField(value string) Key { return Key{kind: byField, first: value} }

// translated is what stands for IPv4 addresses in networks that have IPv6 only (RFC 6052). One network of 64 bits holds all
// of them.
var translated = netip.MustParsePrefix("64:ff9b::/96")

// OfAddress is the key of a client's address. Of IPv6 it is the network of 64 bits, since that is what a client has to
// choose its addresses from.
func OfAddress(a netip.Addr) Key {
	a = a.Unmap()
	b := a.As16()
	if a.Is6() && !translated.Contains(a) {
		clear(b[8:])
	}
	return Key{kind: byAddress, address: b}
}

// seeds of the hashes in this process. Nobody outside knows them, so that nobody can choose keys that collide.
var limitSeed, firstSeed, secondSeed = maphash.MakeSeed(), maphash.MakeSeed(), maphash.MakeSeed()

// id is the check's place in this process' table.
func (c *Check) id() uint64 {
	h := maphash.String(limitSeed, c.Limit.Name) + uint64(c.Key.kind)
	if c.Key.kind == byAddress {
		return h ^ maphash.Bytes(firstSeed, c.Key.address[:])
	}
	return h ^ maphash.String(firstSeed, c.Key.first) ^ maphash.String(secondSeed, c.Key.second)
}

// shared is the name under which all edges count the check. The limit's is there for operators to read; of the key there
// are 128 bits of a hash.
func (c *Check) shared(prefix string) string {
	room := make([]byte, 0, 256) // on the stack, if it is enough
	room = append(room, byte(c.Key.kind))
	room = binary.AppendUvarint(room, uint64(len(c.Key.first)))
	room = append(room, c.Key.first...)
	room = append(room, c.Key.second...)
	room = append(room, c.Key.address[:]...)
	sum := sha256.Sum256(room)
	// The braces keep the keys of one script in one slot of a cluster.
	name := make([]byte, 0, 256)
	name = append(append(append(name, '{'), prefix...), '}', ':')
	name = append(append(name, c.Limit.Name...), ':')
	return string(base64.RawURLEncoding.AppendEncode(name, sum[:16]))
}
