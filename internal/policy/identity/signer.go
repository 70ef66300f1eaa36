package identity

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"strings"
	"sync"
	"time"

	"github.com/go-jose/go-jose/v4"

	configv1 "github.com/gatehouse-edge/gatehouse/gen/gatehouse/config/v1"
	"github.com/gatehouse-edge/gatehouse/internal/policy/principal"
	"github.com/gatehouse-edge/gatehouse/internal/watch"
)

const (
	defaultIssuer   = "gatehouse"
	defaultLifetime = time.Minute
	longestLifetime = 15 * time.Minute
	smallestRSA     = 2048
)

// Options are what a signer needs beside its configuration. All have defaults.
type Options struct {
	// Log gets changes of the key. Default: slog's.
	Log *slog.Logger
	// Now is the edge's clock. Default: time.Now.
	Now func() time.Time
}

// Signer signs a token for each call. Its methods may be called concurrently.
type Signer struct {
	cfg      *configv1.InternalToken
	lifetime time.Duration
	now      func() time.Time
	key      *watch.Value[*signingKey]

	mu   sync.Mutex
	keys []retired // public keys, the one in use first
}

// retired is a public key, and until when tokens that it has signed may hold.
type retired struct {
	jose.JSONWebKey
	until time.Time // zero for the key in use
}

// NewSigner returns a signer, or all that is wrong with its configuration. It follows the file of its key until it is closed.
func NewSigner(cfg *configv1.InternalToken, o Options) (*Signer, error) {
	var problems []error
	Problems(cfg, func(key, format string, args ...any) {
		problems = append(problems, fmt.Errorf(key+": "+format, args...))
	})
	if err := errors.Join(problems...); err != nil {
		return nil, err
	}
	s := &Signer{cfg: cfg, lifetime: defaultLifetime, now: o.Now}
	if cfg.GetLifetime() != nil {
		s.lifetime = cfg.GetLifetime().AsDuration()
	}
	if s.now == nil {
		s.now = time.Now
	}
	if o.Log == nil {
		o.Log = slog.Default()
	}
	var err error
	s.key, err = watch.New(o.Log, func(contents [][]byte) (*signingKey, error) {
		k, err := parseKey(contents[0])
		if err == nil {
			s.publish(k)
		}
		return k, err
	}, cfg.GetKey())
	if err != nil {
		return nil, fmt.Errorf("key: %w", err)
	}
	return s, nil
}

// Problems reports all that is wrong with a configuration, each with its key below internal_token.
func Problems(cfg *configv1.InternalToken, report func(key, format string, args ...any)) {
	if cfg.GetKey() == "" {
		report("key", "is missing; give a PEM file with a private key, as openssl genpkey -algorithm ed25519 makes one")
	}
	if d := cfg.GetLifetime(); d != nil && (d.AsDuration() < time.Second || d.AsDuration() > longestLifetime) {
		report("lifetime", "%v is not between 1s and %v", d.AsDuration(), longestLifetime)
	}
	for i, claim := range cfg.GetClaims() {
		if _, own := ownClaims[claim]; own || claim == "" {
			report(fmt.Sprintf("claims[%d]", i), "%q is a claim that the edge makes itself", claim)
		}
	}
}

var ownClaims = map[string]struct{}{"iss": {}, "sub": {}, "aud": {}, "exp": {}, "iat": {}, "jti": {}, "scope": {}, "act": {}}

// Close ends the following of the key's file.
func (s *Signer) Close() { s.key.Close() }

// Append appends the token of a call to its metadata. A caller who is not known gets one without a subject: the service
// knows that it is the edge that calls.
func (s *Signer) Append(pairs []string, p *principal.Principal, service string) ([]string, error) {
	token, err := s.sign(p, service)
	if err != nil {
		return pairs, err
	}
	return append(pairs, Token, token), nil
}

func (s *Signer) sign(p *principal.Principal, service string) (string, error) {
	now := s.now()
	claims := map[string]any{
		"iss": or(s.cfg.GetIssuer(), defaultIssuer), "aud": or(s.cfg.GetAudience(), service),
		"iat": now.Unix(), "exp": now.Add(s.lifetime).Unix(), "jti": rand.Text(),
	}
	if p != nil {
		claims["sub"] = p.Subject
		if scopes := scopes(p); scopes != "" {
			claims["scope"] = scopes
		}
		for _, name := range s.cfg.GetClaims() {
			if value, said := p.Claims[name]; said {
				claims[name] = value
			}
		}
	}
	payload, err := json.Marshal(claims)
	if err != nil {
		return "", err
	}
	return s.key.Get().sign(payload)
}

func or(s, otherwise string) string {
	if s == "" {
		return otherwise
	}
	return s
}

// publish makes a key the one in use. Those before it stay known for as long as what they have signed may hold.
func (s *Signer) publish(k *signingKey) {
	s.mu.Lock()
	defer s.mu.Unlock()
	now := s.now()
	keys := []retired{{JSONWebKey: k.public}}
	for _, old := range s.keys {
		if old.until.IsZero() {
			old.until = now.Add(s.lifetime + watch.Interval)
		}
		if old.until.After(now) && old.KeyID != k.public.KeyID {
			keys = append(keys, old)
		}
	}
	s.keys = keys
}

// ServeHTTP answers with the public keys, as a JSON Web Key Set (RFC 7517).
func (s *Signer) ServeHTTP(w http.ResponseWriter, _ *http.Request) {
	set := jose.JSONWebKeySet{Keys: []jose.JSONWebKey{}}
	s.mu.Lock()
	for _, k := range s.keys {
		if k.until.IsZero() || k.until.After(s.now()) {
			set.Keys = append(set.Keys, k.JSONWebKey)
		}
	}
	s.mu.Unlock()
	w.Header().Set("Content-Type", "application/jwk-set+json")
	w.Header().Set("Cache-Control", "max-age=10")
	json.NewEncoder(w).Encode(set) //nolint:errcheck,errchkjson // a client that left needs no answer
}

// signingKey is a private key, and how it signs.
type signingKey struct {
	public jose.JSONWebKey
	signer jose.Signer
}

func parseKey(text []byte) (*signingKey, error) {
	block, rest := pem.Decode(text)
	for block != nil && block.Type == "EC PARAMETERS" { // which openssl ecparam -genkey writes before the key
		block, rest = pem.Decode(rest)
	}
	if block == nil {
		return nil, errors.New("it holds no PEM block with a key")
	}
	private, err := privateKey(block)
	if err != nil {
		return nil, err
	}
	algorithm, err := algorithmOf(private)
	if err != nil {
		return nil, err
	}
	k := &signingKey{public: jose.JSONWebKey{Key: private.Public(), Algorithm: string(algorithm), Use: "sig"}}
	thumbprint, err := k.public.Thumbprint(crypto.SHA256)
	if err != nil {
		return nil, err
	}
	k.public.KeyID = base64.RawURLEncoding.EncodeToString(thumbprint)
	k.signer, err = jose.NewSigner(
		jose.SigningKey{Algorithm: algorithm, Key: jose.JSONWebKey{Key: private, KeyID: k.public.KeyID}},
		(&jose.SignerOptions{}).WithType("JWT"),
	)
	return k, err
}

func privateKey(block *pem.Block) (crypto.Signer, error) {
	var parsed any
	var err error
	switch block.Type {
	case "EC PRIVATE KEY":
		parsed, err = x509.ParseECPrivateKey(block.Bytes)
	case "RSA PRIVATE KEY":
		parsed, err = x509.ParsePKCS1PrivateKey(block.Bytes)
	case "PRIVATE KEY":
		parsed, err = x509.ParsePKCS8PrivateKey(block.Bytes)
	case "ENCRYPTED PRIVATE KEY":
		return nil, errors.New("the key is encrypted; openssl pkey writes it without a password")
	default:
		return nil, fmt.Errorf("it holds a %s, and no private key", strings.ToLower(block.Type))
	}
	if err != nil {
		return nil, fmt.Errorf("the key can not be read: %w", err)
	}
	signer, ok := parsed.(crypto.Signer)
	if !ok {
		return nil, errors.New("the key can not sign")
	}
	return signer, nil
}

func algorithmOf(key crypto.Signer) (jose.SignatureAlgorithm, error) {
	switch k := key.(type) {
	case ed25519.PrivateKey:
		return jose.EdDSA, nil
	case *ecdsa.PrivateKey:
		switch k.Curve {
		case elliptic.P256():
			return jose.ES256, nil
		case elliptic.P384():
			return jose.ES384, nil
		}
	case *rsa.PrivateKey:
		if k.N.BitLen() < smallestRSA {
			return "", fmt.Errorf("an RSA key of %d bits is too short; %d at least", k.N.BitLen(), smallestRSA)
		}
		return jose.RS256, nil
	}
	return "", errors.New("a key of this kind does not sign tokens; take EC on P-256 or P-384, Ed25519, or RSA")
}

func (k *signingKey) sign(payload []byte) (string, error) {
	signed, err := k.signer.Sign(payload)
	if err != nil {
		return "", err
	}
	return signed.CompactSerialize()
}
