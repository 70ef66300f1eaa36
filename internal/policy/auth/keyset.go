package auth

import (
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/go-jose/go-jose/v4"
)

const (
	// maxKeys is how many keys an issuer may have.
	maxKeys = 100
	// minRSA and maxRSA are how long an RSA key may be, in bits. Shorter ones can be broken, longer ones keep an edge busy.
	minRSA, maxRSA = 2048, 8192
)

// Signatures are those of key pairs only: with a secret in common, whoever can verify can sign.
var (
	rsaAlgorithms = []string{"RS256", "RS384", "RS512", "PS256", "PS384", "PS512"}
	curves        = map[string]string{"P-256": "ES256", "P-384": "ES384", "P-521": "ES512"}
	allAlgorithms = append(slices.Clone(rsaAlgorithms), "ES256", "ES384", "ES512", "EdDSA")
)

var (
	errNoKey     = errors.New("the issuer has no such key")
	errSignature = errors.New("no key of the issuer that it may be of has made the signature")
)

// key is a public key, and what it may be used for.
type key struct {
	id         string
	public     any
	algorithms []string
}

// keySet is all keys of an issuer at some time. It is not changed once it is made.
type keySet struct {
	digest [sha256.Size]byte // of what it was read from
	keys   []key
	unused []error // why keys are left out
}

// verify tells whether one of the keys has signed a token: errNoKey if it may be one that is not here, errSignature if it
// is not. A nil set has no keys.
func (s *keySet) verify(t *token) error {
	if s == nil {
		return errNoKey
	}
	jws, err := jose.ParseSignedCompact(t.text, []jose.SignatureAlgorithm{jose.SignatureAlgorithm(t.algorithm)})
	if err != nil {
		return err
	}
	named := false
	for i := range s.keys {
		k := &s.keys[i]
		if k.id != "" && t.keyID != "" && k.id != t.keyID {
			continue
		}
		named = named || k.id != "" && k.id == t.keyID
		if !slices.Contains(k.algorithms, t.algorithm) {
			continue
		}
		if _, err := jws.Verify(k.public); err == nil {
			return nil
		}
	}
	if named {
		return errSignature
	}
	return errNoKey
}

// parseKeys reads a JSON Web Key Set (RFC 7517). Keys that can not be used are left out: a set may hold some for others.
func parseKeys(text []byte) (*keySet, error) {
	var set struct {
		Keys []json.RawMessage `json:"keys"`
	}
	if err := json.Unmarshal(text, &set); err != nil {
		return nil, fmt.Errorf("it is no JSON Web Key Set: %w", err)
	}
	switch {
	case set.Keys == nil:
		return nil, errors.New("it is no JSON Web Key Set: it has no keys")
	case len(set.Keys) > maxKeys:
		return nil, fmt.Errorf("it holds %d keys; %d are too many", len(set.Keys), maxKeys+1)
	}
	s := &keySet{digest: sha256.Sum256(text)}
	for i, raw := range set.Keys {
		k, err := parseKey(raw)
		if err != nil {
			s.unused = append(s.unused, fmt.Errorf("keys[%d]: %w", i, err))
			continue
		}
		s.keys = append(s.keys, k)
	}
	return s, nil
}

// usage is what a key says of its use. A key that says nothing may be used for all that its type can.
type usage struct {
	Use        string   `json:"use"`
	Operations []string `json:"key_ops"`
	Algorithm  string   `json:"alg"`
}

func parseKey(raw json.RawMessage) (key, error) {
	var says usage
	members := map[string]json.RawMessage{}
	if err := errors.Join(json.Unmarshal(raw, &says), json.Unmarshal(raw, &members)); err != nil {
		return key{}, err
	}
	if says.Use != "" && says.Use != "sig" || says.Operations != nil && !slices.Contains(says.Operations, "verify") {
		return key{}, errors.New("it is not for signatures")
	}
	for name := range members { // of the certificates that belong to it, nothing is needed
		if strings.HasPrefix(name, "x5") {
			delete(members, name)
		}
	}
	bare, err := json.Marshal(members)
	if err != nil {
		return key{}, err
	}
	var web jose.JSONWebKey
	if err := web.UnmarshalJSON(bare); err != nil {
		return key{}, err
	}
	k := key{id: web.KeyID, public: web.Key}
	if k.algorithms, err = algorithmsOf(web.Key); err != nil {
		return key{}, err
	}
	if says.Algorithm != "" {
		if !slices.Contains(k.algorithms, says.Algorithm) {
			return key{}, fmt.Errorf("%q is no algorithm for it", says.Algorithm)
		}
		k.algorithms = []string{says.Algorithm}
	}
	return k, nil
}

// algorithmsOf returns those that a key can be used with.
func algorithmsOf(public any) ([]string, error) {
	switch k := public.(type) {
	case *rsa.PublicKey:
		if n := k.N.BitLen(); n < minRSA || n > maxRSA {
			return nil, fmt.Errorf("it has %d bits, which are not between %d and %d", n, minRSA, maxRSA)
		}
		return rsaAlgorithms, nil
	case *ecdsa.PublicKey:
		return []string{curves[k.Curve.Params().Name]}, nil
	case ed25519.PublicKey:
		return []string{"EdDSA"}, nil
	default:
		return nil, errors.New("it is no public key")
	}
}
