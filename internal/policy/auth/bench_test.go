package auth_test

import (
	"crypto/elliptic"
	"fmt"
	"strings"
	"testing"

	"github.com/golang-jwt/jwt/v5"

	"github.com/gatehouse-edge/gatehouse/internal/policy/auth"
)

func BenchmarkToken(b *testing.B) {
	ec, ed := newEC(b, elliptic.P256()), newEd25519(b)
	l := newLogin(b, webKey(b, "rsa", &rsaKey().PublicKey, nil), webKey(b, "ec", &ec.PublicKey, nil), webKey(b, "ed", ed.Public(), nil))
	e := newEdge(b, `{issuers: [{issuer: "`+l.URL+`", audiences: [shop]}]}`)
	for name, c := range map[string]struct {
		method jwt.SigningMethod
		key    any
	}{"rsa": {jwt.SigningMethodRS256, rsaKey()}, "ec": {jwt.SigningMethodES256, ec}, "ed": {jwt.SigningMethodEdDSA, ed}} {
		token := sign(b, c.method, c.key, name, claims(l.URL), nil)
		e.known(b, token)
		r := request(b, "Authorization", "Bearer "+token)
		b.Run("again/"+name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if p, _ := e.Authenticate(r); p == nil {
					b.Fatal("it is refused")
				}
			}
		})
		b.Run("again/parallel/"+name, func(b *testing.B) {
			b.RunParallel(func(pb *testing.PB) {
				for pb.Next() {
					if p, _ := e.Authenticate(r); p == nil {
						b.Error("it is refused")
					}
				}
			})
		})
		// Longer tokens than are remembered are verified each time.
		long := request(b, "Authorization", "Bearer "+sign(b, c.method, c.key, name, with(claims(l.URL), "pad", strings.Repeat("x", 3200)), nil))
		b.Run("first/"+name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if p, _ := e.Authenticate(long); p == nil {
					b.Fatal("it is refused")
				}
			}
		})
	}
	junk := request(b, "Authorization", "Bearer "+strings.Repeat("x", 1000))
	b.Run("junk", func(b *testing.B) {
		for b.Loop() {
			if p, _ := e.Authenticate(junk); p != nil {
				b.Fatal("it is taken")
			}
		}
	})
}

func BenchmarkKey(b *testing.B) {
	key, hash := auth.NewKey()
	path := write(b, "keys.yaml", fmt.Appendf(nil, "keys: [{hash: %s, subject: p-1}]", hash))
	e := newEdge(b, `{api_keys: {file: "`+path+`"}}`)
	r := request(b, "X-Api-Key", key)
	b.ReportAllocs()
	for b.Loop() {
		if p, _ := e.Authenticate(r); p == nil {
			b.Fatal("it is refused")
		}
	}
}
