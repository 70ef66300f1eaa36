package auth_test

import (
	"crypto/elliptic"
	"crypto/x509"
	"encoding/base64"
	"encoding/pem"
	"strings"
	"testing"
	"time"

	"github.com/golang-jwt/jwt/v5"

	"github.com/gatehouse-edge/gatehouse/internal/fault"
)

// raw makes a token of texts, with a signature of the RSA key over whatever they are.
func raw(t testing.TB, header, claims string) string {
	t.Helper()
	encode := base64.RawURLEncoding.EncodeToString
	signed := encode([]byte(header)) + "." + encode([]byte(claims))
	signature, err := jwt.SigningMethodRS256.Sign(signed, rsaKey())
	if err != nil {
		t.Fatal(err)
	}
	return signed + "." + encode(signature)
}

// Each of these differs in one thing from a token that is taken.
func TestATokenThatIsNotGoodIsRefused(t *testing.T) {
	t.Parallel()
	ec, p384 := newEC(t, elliptic.P256()), newEC(t, elliptic.P384())
	stranger := newEC(t, elliptic.P256())
	l := newLogin(t,
		webKey(t, "rsa", &rsaKey().PublicKey, nil), webKey(t, "ec", &ec.PublicKey, nil), webKey(t, "p384", &p384.PublicKey, nil),
		webKey(t, "weak", &weakRSA().PublicKey, nil),
		webKey(t, "encrypts", &rsaKey().PublicKey, map[string]any{"use": "enc"}),
		webKey(t, "wraps", &rsaKey().PublicKey, map[string]any{"key_ops": []string{"wrapKey"}}),
		webKey(t, "ps-only", &rsaKey().PublicKey, map[string]any{"alg": "PS256"}),
		map[string]any{"kid": "secret", "kty": "oct", "k": "c2VjcmV0c2VjcmV0c2VjcmV0c2VjcmV0c2VjcmV0c2VjcmV0"},
	)
	b := newLogin(t, webKey(t, "rsa", &otherRSA().PublicKey, nil), webKey(t, "of-b", &otherRSA().PublicKey, nil))
	e := newEdge(t, `issuers:
- {issuer: "`+l.URL+`", audiences: [shop, market], audience_claim: view}
- {issuer: "`+b.URL+`", audiences: [shop]}
- {issuer: "typed", audiences: [shop], jwks_url: "`+l.URL+`/keys", type: at+jwt, algorithms: [ES256]}`)

	der, err := x509.MarshalPKIXPublicKey(&rsaKey().PublicKey)
	if err != nil {
		t.Fatal(err)
	}
	publicPEM := pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: der})
	rs := func(c jwt.MapClaims, header map[string]any) string {
		return sign(t, jwt.SigningMethodRS256, rsaKey(), "rsa", c, header)
	}
	of := func(name string, value any) string { return rs(with(claims(l.URL), name, value), nil) }
	good := rs(claims(l.URL), nil)
	parts := strings.Split(good, ".")
	bearer := func(token string) []string { return []string{"Bearer " + token} }
	const header = `{"alg":"RS256","kid":"rsa"}`
	text := func(more string) string {
		return `{"iss":"` + l.URL + `","aud":"shop","sub":"c-1001","exp":4102444800` + more + `}`
	}

	for name, headers := range map[string][]string{
		"good":                  bearer(good),
		"written by hand":       bearer(raw(t, header, text(""))),
		"of ES256":              bearer(sign(t, jwt.SigningMethodES256, ec, "ec", claims(l.URL), nil)),
		"of ES384":              bearer(sign(t, jwt.SigningMethodES384, p384, "p384", claims(l.URL), nil)),
		"of PS256":              bearer(sign(t, jwt.SigningMethodPS256, rsaKey(), "ps-only", claims(l.URL), nil)),
		"for several":           bearer(of("aud", []string{"other", "market"})),
		"without a key's name":  bearer(rs(claims(l.URL), map[string]any{"kid": nil})),
		"a little late":         bearer(of("exp", time.Now().Add(-10*time.Second).Unix())),
		"a little early":        bearer(of("nbf", time.Now().Add(10*time.Second).Unix())),
		"in fractions":          bearer(of("exp", float64(time.Now().Unix())+3600.25)),
		"for ever":              bearer(raw(t, header, strings.Replace(text(""), "4102444800", "9223372036854775807", 1))),
		"of a type":             bearer(sign(t, jwt.SigningMethodES256, ec, "ec", claims("typed"), map[string]any{"typ": "application/AT+JWT"})),
		"named in another case": {"bEARER " + good},
		"with a key's address":  bearer(rs(claims(l.URL), map[string]any{"jku": "https://evil.example.com/keys", "x5u": "https://evil.example.com/c"})),
	} {
		if p, err := e.bearing(t.Context(), headers...); err != nil || p.Subject != "c-1001" {
			t.Errorf("%s: %+v %v", name, p, err)
		}
	}

	const (
		malformed = "the token is malformed"
		unsigned  = "the token is signed in a way that is not taken"
		forged    = "the signature of the token is not good"
		elsewhere = "the token is for another audience"
		endless   = "the token does not say when it expires"
		early     = "the token is not valid yet"
		unknown   = "the issuer of the token is not known"
		otherType = "the token is of another type than is taken"
		scheme    = "the scheme of the Authorization header is not Bearer"
	)
	deep := strings.Repeat("[", 40) + strings.Repeat("]", 40)
	strangersKey := webKey(t, "mine", &stranger.PublicKey, nil)
	for name, c := range map[string]struct {
		want    string
		headers []string
	}{
		"alg none":                    {unsigned, bearer(sign(t, jwt.SigningMethodNone, jwt.UnsafeAllowNoneSignatureType, "rsa", claims(l.URL), nil))},
		"alg None":                    {unsigned, bearer(rs(claims(l.URL), map[string]any{"alg": "None"}))},
		"no alg":                      {unsigned, bearer(rs(claims(l.URL), map[string]any{"alg": nil}))},
		"alg is a list":               {malformed, bearer(rs(claims(l.URL), map[string]any{"alg": []string{"RS256"}}))},
		"no signature":                {forged, bearer(parts[0] + "." + parts[1] + ".")},
		"HS256 with the public key":   {unsigned, bearer(sign(t, jwt.SigningMethodHS256, publicPEM, "rsa", claims(l.URL), nil))},
		"HS256 with a key of the set": {unsigned, bearer(sign(t, jwt.SigningMethodHS256, []byte("secretsecretsecretsecretsecretsecret"), "secret", claims(l.URL), nil))},
		"ES256 of an RSA key":         {forged, bearer(sign(t, jwt.SigningMethodES256, ec, "rsa", claims(l.URL), nil))},
		"RS256 of an EC key":          {forged, bearer(sign(t, jwt.SigningMethodRS256, rsaKey(), "ec", claims(l.URL), nil))},
		"another header's alg":        {forged, bearer(rs(claims(l.URL), map[string]any{"alg": "RS512"}))},
		"ES256 of another curve":      {forged, bearer(sign(t, jwt.SigningMethodES256, ec, "p384", claims(l.URL), nil))},
		"RS256 of a key for PS256":    {forged, bearer(sign(t, jwt.SigningMethodRS256, rsaKey(), "ps-only", claims(l.URL), nil))},
		"a weak key":                  {forged, bearer(sign(t, jwt.SigningMethodRS256, weakRSA(), "weak", claims(l.URL), nil))},
		"a key for encryption":        {forged, bearer(sign(t, jwt.SigningMethodRS256, rsaKey(), "encrypts", claims(l.URL), nil))},
		"a key for wrapping":          {forged, bearer(sign(t, jwt.SigningMethodRS256, rsaKey(), "wraps", claims(l.URL), nil))},
		"an alg not of the issuer":    {unsigned, bearer(sign(t, jwt.SigningMethodRS256, rsaKey(), "rsa", claims("typed"), map[string]any{"typ": "at+jwt"}))},

		"signed by a stranger":      {forged, bearer(sign(t, jwt.SigningMethodRS256, otherRSA(), "rsa", claims(l.URL), nil))},
		"signed by a stranger's EC": {forged, bearer(sign(t, jwt.SigningMethodES256, stranger, "ec", claims(l.URL), nil))},
		"of A, signed by B":         {forged, bearer(sign(t, jwt.SigningMethodRS256, otherRSA(), "of-b", claims(l.URL), nil))},
		"of B, signed by A":         {forged, bearer(rs(claims(b.URL), nil))},
		"kid is a path":             {forged, bearer(sign(t, jwt.SigningMethodRS256, otherRSA(), "../../../../dev/null", claims(l.URL), nil))},
		"kid is SQL":                {forged, bearer(sign(t, jwt.SigningMethodRS256, otherRSA(), "x' UNION SELECT 'rsa", claims(l.URL), nil))},
		"kid is an URL":             {forged, bearer(sign(t, jwt.SigningMethodRS256, otherRSA(), "https://evil.example.com/keys", claims(l.URL), nil))},
		"kid is a number":           {malformed, bearer(rs(claims(l.URL), map[string]any{"kid": 1}))},
		"jwk":                       {forged, bearer(sign(t, jwt.SigningMethodES256, stranger, "mine", claims(l.URL), map[string]any{"jwk": strangersKey}))},
		"jku":                       {forged, bearer(sign(t, jwt.SigningMethodRS256, otherRSA(), "of-b", claims(l.URL), map[string]any{"jku": b.URL + "/keys"}))},
		"x5c":                       {forged, bearer(sign(t, jwt.SigningMethodES256, stranger, "mine", claims(l.URL), map[string]any{"x5c": []string{"AAAA"}}))},
		"crit":                      {malformed, bearer(rs(claims(l.URL), map[string]any{"crit": []string{"exp"}}))},
		"b64":                       {malformed, bearer(rs(claims(l.URL), map[string]any{"b64": false, "crit": []string{"b64"}}))},

		"expired":                  {"the token has expired", bearer(of("exp", time.Now().Add(-time.Minute).Unix()))},
		"expired in 1969":          {"the token has expired", bearer(of("exp", -1))},
		"without exp":              {endless, bearer(of("exp", nil))},
		"exp is a text":            {endless, bearer(of("exp", "4102444800"))},
		"exp is null":              {endless, bearer(raw(t, header, strings.Replace(text(""), "4102444800", "null", 1)))},
		"exp is no float":          {endless, bearer(raw(t, header, strings.Replace(text(""), "4102444800", "1e999", 1)))},
		"not valid yet":            {early, bearer(of("nbf", time.Now().Add(time.Minute).Unix()))},
		"from the future":          {early, bearer(of("iat", time.Now().Add(time.Minute).Unix()))},
		"nbf is a text":            {malformed, bearer(of("nbf", "0"))},
		"for somebody else":        {elsewhere, bearer(of("aud", "other"))},
		"for others":               {elsewhere, bearer(of("aud", []string{"other", "shopping", "Shop"}))},
		"for nobody":               {elsewhere, bearer(of("aud", nil))},
		"aud is an object":         {elsewhere, bearer(of("aud", map[string]string{"shop": "shop"}))},
		"aud holds a number":       {elsewhere, bearer(of("aud", []any{"shop", 1}))},
		"another issuer":           {unknown, bearer(of("iss", "https://evil.example.com"))},
		"an issuer with a slash":   {unknown, bearer(of("iss", l.URL+"/"))},
		"no issuer":                {unknown, bearer(of("iss", nil))},
		"two issuers":              {unknown, bearer(of("iss", []string{l.URL}))},
		"nobody":                   {"the token does not say whom it is about", bearer(of("sub", nil))},
		"an empty subject":         {"the token does not say whom it is about", bearer(of("sub", ""))},
		"an audience there is not": {"the token names an audience that there is not", bearer(of("view", "internal"))},
		"several audiences":        {"the token names an audience that there is not", bearer(of("view", []string{"partner"}))},
		"of another type":          {otherType, bearer(sign(t, jwt.SigningMethodES256, ec, "ec", claims("typed"), nil))},
		"of no type":               {otherType, bearer(sign(t, jwt.SigningMethodES256, ec, "ec", claims("typed"), map[string]any{"typ": nil}))},

		"a truncated signature":   {forged, bearer(parts[0] + "." + parts[1] + "." + parts[2][:len(parts[2])-6])},
		"another claim":           {forged, bearer(parts[0] + "." + strings.Split(of("sub", "c-1002"), ".")[1] + "." + parts[2])},
		"padded":                  {malformed, bearer(good + "==")},
		"standard base64":         {malformed, bearer(parts[0] + "." + parts[1] + ".+/+/")},
		"bits that are not zero":  {malformed, bearer(parts[0] + "." + parts[1] + "." + parts[2][:len(parts[2])-1] + "B")},
		"a blank within":          {malformed, bearer(parts[0] + ". " + parts[1] + "." + parts[2])},
		"a line break within":     {malformed, bearer(parts[0] + ".\n" + parts[1] + "." + parts[2])},
		"a line break at the end": {malformed, bearer(good + "\r\n")},
		"a tab before it":         {malformed, []string{"Bearer \t" + good}},
		"a comma and another":     {malformed, bearer(good + ", Bearer " + good)},
		"two parts":               {malformed, bearer(parts[0] + "." + parts[1])},
		"five parts":              {malformed, bearer(good + ".." + parts[2])},
		"dots":                    {malformed, bearer("..")},
		"nothing":                 {malformed, []string{"Bearer "}},
		"the scheme alone":        {malformed, []string{"Bearer"}},
		"an empty header":         {scheme, []string{""}},
		"Basic":                   {scheme, []string{"Basic dXNlcjpwYXNzd29yZA=="}},
		"the token alone":         {scheme, []string{good}},
		"a longer scheme":         {scheme, []string{"Bearers " + good}},
		"two headers":             {"there are several Authorization headers; send one", []string{"Bearer " + good, "Bearer " + good}},
		"no header, but its name": {"there are several Authorization headers; send one", []string{}},
		"too long":                {"the token is too long", bearer(of("pad", strings.Repeat("x", 16<<10)))},
		"claims too deep":         {malformed, bearer(raw(t, header, text(`,"x":`+deep)))},
		"a header too deep":       {malformed, bearer(raw(t, `{"alg":"RS256","kid":"rsa","x":`+deep+`}`, text("")))},
		"sub twice":               {malformed, bearer(raw(t, header, text(`,"sub":"c-1002"`)))},
		"sub twice, escaped":      {malformed, bearer(raw(t, header, text(`,"s\u0075b":"c-1002"`)))},
		"alg twice":               {malformed, bearer(raw(t, `{"alg":"none","alg":"RS256","kid":"rsa"}`, text("")))},
		"twice, deeper":           {malformed, bearer(raw(t, header, text(`,"x":[{"a":1,"a":2}]`)))},
		"not UTF-8":               {malformed, bearer(raw(t, header, text(",\"x\":\"\xff\"")))},
		"something after it":      {malformed, bearer(raw(t, header, text("")+"{}"))},
		"unfinished":              {malformed, bearer(raw(t, header, text("")[:20]))},
		"a list":                  {malformed, bearer(raw(t, header, "["+text("")+"]"))},
		"no JSON":                 {malformed, bearer(raw(t, header, "c-1001"))},
		"empty claims":            {malformed, bearer(parts[0] + ".." + parts[2])},
	} {
		p, err := e.bearing(t.Context(), c.headers...)
		if p != nil || reason(err) != fault.BadCredentials {
			t.Errorf("%s: %+v %v", name, p, err)
			continue
		}
		said := fault.From(err)
		if said.HTTP != 401 || said.Status.GetMessage() != c.want {
			t.Errorf("%s: %d %q, want %q", name, said.HTTP, said.Status.GetMessage(), c.want)
		}
		code := "invalid_token"
		if c.want == scheme || strings.HasPrefix(c.want, "there are several") {
			code = "invalid_request"
		}
		if want := `Bearer realm="gatehouse", error="` + code + `", error_description="` + c.want + `"`; challenge(err) != want {
			t.Errorf("%s: %s, want %s", name, challenge(err), want)
		}
	}
	if n := e.log.count(parts[2][:20]); n != 0 {
		t.Error("a token was logged")
	}
}

// Whatever byte of a token is another one, it is refused.
func TestATokenOfWhichAnyByteIsChangedIsRefused(t *testing.T) {
	t.Parallel()
	ec := newEC(t, elliptic.P256())
	l := newLogin(t, webKey(t, "ec", &ec.PublicKey, nil))
	e := newEdge(t, `{issuers: [{issuer: "`+l.URL+`", audiences: [shop]}]}`)
	good := sign(t, jwt.SigningMethodES256, ec, "ec", claims(l.URL), nil)
	e.known(t, good)
	for i := range len(good) {
		for _, by := range []byte{1, 2, 0x20, 0x80} {
			bad := []byte(good)
			bad[i] ^= by
			if p, err := e.token(t, string(bad)); p != nil || reason(err) != fault.BadCredentials {
				t.Fatalf("byte %d: %+v %v", i, p, err)
			}
		}
	}
}

func TestATokenAndAKeyInOneRequestAreRefused(t *testing.T) {
	t.Parallel()
	l := newLogin(t, webKey(t, "rsa", &rsaKey().PublicKey, nil))
	e := newEdge(t, `{issuers: [{issuer: "`+l.URL+`", audiences: [shop]}], api_keys: {file: "`+write(t, "keys.yaml", []byte("keys: []"))+`"}}`)
	r := request(t, "Authorization", "Bearer "+sign(t, jwt.SigningMethodRS256, rsaKey(), "rsa", claims(l.URL), nil))
	r.Header.Set("X-Api-Key", "some key")
	p, err := e.Authenticate(r)
	if p != nil || reason(err) != fault.BadCredentials || fault.From(err).Status.GetMessage() != "there are a token and a key; send one of them" {
		t.Errorf("%+v %v", p, err)
	}
}

// FuzzToken looks for tokens that are taken though nobody has signed them.
func FuzzToken(f *testing.F) {
	ec := newEC(f, elliptic.P256())
	l := newLogin(f, webKey(f, "ec", &ec.PublicKey, nil))
	e := newEdge(f, `{issuers: [{issuer: "`+l.URL+`", audiences: [shop]}]}`)
	good := sign(f, jwt.SigningMethodES256, ec, "ec", claims(l.URL), nil)
	for _, token := range []string{"", good, good[:40], "..", "e30.e30.e30"} {
		f.Add(token)
	}
	f.Fuzz(func(t *testing.T, token string) {
		if p, err := e.token(t, token); token != good && p != nil && strings.TrimLeft(token, " ") != good {
			t.Errorf("%q: %+v %v", token, p, err)
		}
	})
}
