package auth_test

import (
	"bytes"
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/golang-jwt/jwt/v5"

	"github.com/gatehouse-edge/gatehouse/internal/fault"
	"github.com/gatehouse-edge/gatehouse/internal/policy/auth"
)

func b64(b []byte) string { return base64.RawURLEncoding.EncodeToString(b) }

// unsigned is a token of a good issuer but for its signature, and the point before that.
func unsigned(t testing.TB, alg, id string) string {
	t.Helper()
	header, err := json.Marshal(map[string]string{"alg": alg, "kid": id})
	if err != nil {
		t.Fatal(err)
	}
	said, err := json.Marshal(claims("here"))
	if err != nil {
		t.Fatal(err)
	}
	return b64(header) + "." + b64(said)
}

// Whoever has a public key can compute with it.
func TestWhatAnybodyCanMakeOfPublicKeysIsNoSignature(t *testing.T) {
	t.Parallel()
	ec, ed := newEC(t, elliptic.P256()), newEd25519(t)
	published := webKey(t, "rsa", &rsaKey().PublicKey, nil)
	e := newEdge(t, here(t, "", published, webKey(t, "ec", &ec.PublicKey, nil), webKey(t, "ed", ed.Public(), nil)))
	e.known(t, sign(t, jwt.SigningMethodES256, ec, "ec", claims("here"), nil))

	spki, err := x509.MarshalPKIXPublicKey(&rsaKey().PublicKey)
	if err != nil {
		t.Fatal(err)
	}
	pkcs1 := x509.MarshalPKCS1PublicKey(&rsaKey().PublicKey)
	set, edPublic := keySet(t, published), []byte(ed.Public().(ed25519.PublicKey)) //nolint:forcetypeassert // it is one
	one, err := json.Marshal(published)
	if err != nil {
		t.Fatal(err)
	}
	mac := func(alg, id string, secret []byte) string {
		text := unsigned(t, alg, id)
		h := hmac.New(sha256.New, secret)
		h.Write([]byte(text))
		return text + "." + b64(h.Sum(nil))
	}
	for name, token := range map[string]string{
		"HS256 with PEM":            mac("HS256", "rsa", pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: spki})),
		"HS256 with PEM of PKCS #1": mac("HS256", "rsa", pem.EncodeToMemory(&pem.Block{Type: "RSA PUBLIC KEY", Bytes: pkcs1})),
		"HS256 with DER":            mac("HS256", "rsa", spki),
		"HS256 with DER of PKCS #1": mac("HS256", "rsa", pkcs1),
		"HS256 with the JWK":        mac("HS256", "rsa", one),
		"HS256 with the set":        mac("HS256", "rsa", set),
		"HS256 with the modulus":    mac("HS256", "rsa", rsaKey().N.Bytes()),
		"HS256 with nothing":        mac("HS256", "rsa", nil),
		"HS256 with Ed25519":        mac("HS256", "ed", edPublic),
		"HMAC that says RS256":      mac("RS256", "rsa", spki),
		"HMAC that says EdDSA":      mac("EdDSA", "ed", edPublic),
		"zeros for ES256":           unsigned(t, "ES256", "ec") + "." + b64(make([]byte, 64)),
		"zeros for EdDSA":           unsigned(t, "EdDSA", "ed") + "." + b64(make([]byte, 64)),
		"zeros for RS256":           unsigned(t, "RS256", "rsa") + "." + b64(make([]byte, 256)),
		"ES256 in ASN.1":            inASN1(t, ec),
		"alg in small letters":      resigned(t, "es256", "ec", jwt.SigningMethodES256, ec),
		"RS256 that says PS256":     resigned(t, "PS256", "rsa", jwt.SigningMethodRS256, rsaKey()),
		"RS256 that says ES256":     resigned(t, "ES256", "rsa", jwt.SigningMethodRS256, rsaKey()),
		"ES256 that says EdDSA":     resigned(t, "EdDSA", "ec", jwt.SigningMethodES256, ec),
		"encrypted":                 b64([]byte(`{"alg":"dir","enc":"A128GCM"}`)) + "..AAAA.AAAA.AAAA",
	} {
		if p, err := e.token(t, token); p != nil || reason(err) != fault.BadCredentials {
			t.Errorf("%s: %+v %v", name, p, err)
		}
	}
}

// resigned is a token whose header says another algorithm than the one that has signed it.
func resigned(t testing.TB, alg, id string, by jwt.SigningMethod, key crypto.Signer) string {
	t.Helper()
	text := unsigned(t, alg, id)
	signature, err := by.Sign(text, key)
	if err != nil {
		t.Fatal(err)
	}
	return text + "." + b64(signature)
}

// inASN1 is a good signature in the form that certificates have, not tokens.
func inASN1(t testing.TB, key *ecdsa.PrivateKey) string {
	t.Helper()
	text := unsigned(t, "ES256", "ec")
	sum := sha256.Sum256([]byte(text))
	signature, err := ecdsa.SignASN1(rand.Reader, key, sum[:])
	if err != nil {
		t.Fatal(err)
	}
	return text + "." + b64(signature)
}

func TestATokenHasNothingFetched(t *testing.T) {
	t.Parallel()
	key, own := newEd25519(t), newEd25519(t)
	mine := webKey(t, "mine", own.Public(), nil)
	asked := make(chan string, 100)
	stranger := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		asked <- r.URL.Path
		w.Write(keySet(t, mine)) //nolint:errcheck // nobody has to read it
	}))
	t.Cleanup(stranger.Close)
	e := newEdge(t, here(t, "", webKey(t, "k", key.Public(), nil)))
	for name, header := range map[string]map[string]any{
		"jku":                 {"jku": stranger.URL + "/jku"},
		"jku under a good id": {"jku": stranger.URL + "/jku", "kid": "k"},
		"x5u":                 {"x5u": stranger.URL + "/x5u"},
		"kid":                 {"kid": stranger.URL + "/kid"},
		"jwk":                 {"jwk": mine},
		"jwk without id":      {"jwk": mine, "kid": nil},
		"jwk under a good id": {"jwk": webKey(t, "k", own.Public(), nil), "kid": "k"},
		"a zero byte":         {"kid": "k\x00"},
		"a command":           {"kid": "|/usr/bin/id"},
	} {
		if p, err := e.token(t, sign(t, jwt.SigningMethodEdDSA, own, "mine", claims("here"), header)); p != nil || reason(err) != fault.BadCredentials {
			t.Errorf("%s: %+v %v", name, p, err)
		}
	}
	if p, err := e.token(t, sign(t, jwt.SigningMethodEdDSA, own, "mine", with(claims("here"), "iss", stranger.URL), nil)); p != nil || reason(err) != fault.BadCredentials {
		t.Errorf("iss: %+v %v", p, err)
	}
	if len(asked) > 0 {
		t.Errorf("the edge asked for %s", <-asked)
	}
}

func TestKeysThatMayNotSignDoNot(t *testing.T) {
	t.Parallel()
	ec, ec384, ed := newEC(t, elliptic.P256()), newEC(t, elliptic.P384()), newEd25519(t)
	public := func(of crypto.Signer, more map[string]any) map[string]any { return webKey(t, "bad", of.Public(), more) }
	nowhere := public(ec, nil)
	nowhere["y"] = nowhere["x"]
	of := func(by jwt.SigningMethod, key any) string { return sign(t, by, key, "bad", claims("here"), nil) }
	for name, c := range map[string]struct {
		key   map[string]any
		token string
	}{
		"a weak RSA key":            {public(weakRSA(), nil), of(jwt.SigningMethodRS256, weakRSA())},
		"a key to encrypt with":     {public(ed, map[string]any{"use": "enc"}), of(jwt.SigningMethodEdDSA, ed)},
		"a key to sign with only":   {public(ed, map[string]any{"key_ops": []string{"sign"}}), of(jwt.SigningMethodEdDSA, ed)},
		"a key for nothing":         {public(ed, map[string]any{"key_ops": []string{}}), of(jwt.SigningMethodEdDSA, ed)},
		"a key of another type":     {public(ed, map[string]any{"alg": "ES256"}), of(jwt.SigningMethodEdDSA, ed)},
		"a private key":             {public(ed, map[string]any{"d": b64(ed.Seed())}), of(jwt.SigningMethodEdDSA, ed)},
		"a secret":                  {map[string]any{"kty": "oct", "kid": "bad", "k": "c2VjcmV0"}, of(jwt.SigningMethodHS256, []byte("secret"))},
		"a secret that says RS256":  {map[string]any{"kty": "oct", "kid": "bad", "k": "c2VjcmV0", "alg": "RS256"}, of(jwt.SigningMethodHS256, []byte("secret"))},
		"a point that is nowhere":   {nowhere, of(jwt.SigningMethodES256, ec)},
		"a point of another curve":  {public(ec384, map[string]any{"crv": "P-256"}), of(jwt.SigningMethodES384, ec384)},
		"a point on another curve":  {public(ec, map[string]any{"crv": "P-384"}), of(jwt.SigningMethodES256, ec)},
		"a curve that is not known": {public(ec, map[string]any{"crv": "secp256k1"}), of(jwt.SigningMethodES256, ec)},
		"an exponent of one":        {public(rsaKey(), map[string]any{"e": "AQ"}), forgedForOne(t)},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			e := newEdge(t, here(t, "", c.key, webKey(t, "good", &otherRSA().PublicKey, nil)))
			e.known(t, sign(t, jwt.SigningMethodRS256, otherRSA(), "good", claims("here"), nil))
			if p, err := e.token(t, c.token); p != nil || reason(err) != fault.BadCredentials {
				t.Errorf("%+v %v", p, err)
			}
		})
	}
}

// forgedForOne is what anybody can sign for an RSA key whose exponent is 1: the padded hash itself.
func forgedForOne(t testing.TB) string {
	t.Helper()
	text := unsigned(t, "RS256", "bad")
	sum := sha256.Sum256([]byte(text))
	tail := append([]byte{0, 0x30, 0x31, 0x30, 0x0d, 0x06, 0x09, 0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, 0x01, 0x05, 0x00, 0x04, 0x20}, sum[:]...)
	padding := bytes.Repeat([]byte{0xff}, rsaKey().Size()-2-len(tail))
	return text + "." + b64(append(append([]byte{0, 1}, padding...), tail...))
}

func TestAFileWithoutKeysIsAMistake(t *testing.T) {
	t.Parallel()
	for name, text := range map[string]string{
		"nothing":          ``,
		"no JSON":          `<html>`,
		"a list":           `[]`,
		"no keys":          `{}`,
		"keys are null":    `{"keys":null}`,
		"keys are no list": `{"keys":{}}`,
		"an empty list":    `{"keys":[]}`,
		"keys of no kind":  `{"keys":[null,1,"x",{},[]]}`,
		"too many":         `{"keys":[{}` + strings.Repeat(",{}", 100) + `]}`,
		"a deep one":       `{"keys":` + strings.Repeat("[", 100_000),
	} {
		cfg := parse(t, `{issuers: [{issuer: here, audiences: [shop], jwks_file: "`+write(t, "keys.json", []byte(text))+`"}]}`)
		a, err := auth.New(cfg, auth.Options{})
		if err == nil {
			t.Errorf("%s: it is taken", name)
			a.Close() //nolint:errcheck // the test has failed already
		} else if !strings.HasPrefix(err.Error(), "issuers[0].jwks_file: ") {
			t.Errorf("%s: %v", name, err)
		}
	}
}
