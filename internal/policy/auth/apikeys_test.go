package auth_test

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"os"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/gatehouse-edge/gatehouse/internal/fault"
	"github.com/gatehouse-edge/gatehouse/internal/policy/auth"
	"github.com/gatehouse-edge/gatehouse/internal/policy/principal"
)

// key authenticates a request with an API key.
func (e *edge) key(t testing.TB, key string) (*principal.Principal, error) {
	t.Helper()
	return e.Authenticate(request(t, "X-Api-Key", key))
}

func TestAKeyIsNotMadeTwice(t *testing.T) {
	t.Parallel()
	key, hash := auth.NewKey()
	sum := sha256.Sum256([]byte(key))
	if hash != hex.EncodeToString(sum[:]) {
		t.Errorf("%s is not the hash of %s", hash, key)
	}
	if again, _ := auth.NewKey(); again == key || len(key) < 30 {
		t.Error(again, key)
	}
}

func TestAKeySaysWhoCalls(t *testing.T) {
	t.Parallel()
	plain, plainHash := auth.NewKey()
	full, fullHash := auth.NewKey()
	old, oldHash := auth.NewKey()
	e := newEdge(t, `{api_keys: {file: "`+write(t, "keys.yaml", []byte(`
keys:
  - {hash: `+plainHash+`, subject: p-1}
  - hash: `+fullHash+`
    subject: p-2
    name: the warehouse
    scopes: [orders.read, orders.write]
    tier: gold
    audience: partner
    expires: `+time.Now().Add(time.Hour).Format(time.RFC3339)+`
  - {hash: `+oldHash+`, subject: p-3, expires: 2020-01-31T00:00:00Z}
`))+`"}}`)
	for key, want := range map[string]*principal.Principal{
		plain: {Subject: "p-1", Method: principal.APIKey},
		full: {
			Subject: "p-2", Method: principal.APIKey, Scopes: []string{"orders.read", "orders.write"}, Tier: "gold", Audience: "partner",
			Claims: map[string]any{"name": "the warehouse"},
		},
	} {
		if p, err := e.key(t, key); err != nil || !reflect.DeepEqual(p, want) {
			t.Errorf("%+v %v, want %+v", p, err, want)
		}
	}
	for name, c := range map[string]struct {
		keys []string
		want string
	}{
		"expired":        {[]string{old}, "the key has expired"},
		"another":        {[]string{"gatehouse_x"}, "the key is not known"},
		"its hash":       {[]string{plainHash}, "the key is not known"},
		"with a blank":   {[]string{plain + " "}, "the key is not known"},
		"in lower case":  {[]string{strings.ToLower(plain)}, "the key is not known"},
		"empty":          {[]string{""}, "the key is not known"},
		"too long":       {[]string{strings.Repeat("x", 513)}, "the key is too long"},
		"twice":          {[]string{plain, plain}, "there are several keys; send one"},
		"no value":       {[]string{}, "there are several keys; send one"},
		"two in a value": {[]string{plain + "," + full}, "the key is not known"},
	} {
		r := request(t, "X-Api-Key", "")
		r.Header["X-Api-Key"] = c.keys
		p, err := e.Authenticate(r)
		if p != nil || reason(err) != fault.BadCredentials || fault.From(err).Status.GetMessage() != c.want {
			t.Errorf("%s: %+v %v, want %s", name, p, err, c.want)
		}
		if want := `ApiKey realm="gatehouse", header="X-Api-Key"`; challenge(err) != want {
			t.Errorf("%s: %s", name, challenge(err))
		}
	}
	e.clock.advance(time.Hour)
	if p, err := e.key(t, full); p != nil || reason(err) != fault.BadCredentials {
		t.Errorf("an hour later: %+v %v", p, err)
	}
	if p, err := e.Authenticate(request(t, "Authorization", "Basic eDp5")); p != nil || err != nil {
		t.Errorf("what is not for the edge: %+v %v", p, err)
	}
}

func TestAKeyComesInTheHeaderThatIsConfigured(t *testing.T) {
	t.Parallel()
	key, hash := auth.NewKey()
	e := newEdge(t, `{api_keys: {header: shop-KEY, file: "`+write(t, "keys.yaml", []byte(`keys: [{hash: `+hash+`, subject: p-1}]`))+`"}}`)
	if p, err := e.Authenticate(request(t, "Shop-Key", key)); err != nil || p.Subject != "p-1" {
		t.Errorf("%+v %v", p, err)
	}
	if p, err := e.key(t, key); p != nil || err != nil {
		t.Errorf("%+v %v", p, err)
	}
}

func TestAKeyThatIsWithdrawnIsRefused(t *testing.T) {
	t.Parallel()
	key, hash := auth.NewKey()
	path := write(t, "keys.yaml", []byte(`keys: [{hash: `+hash+`, subject: p-1}]`))
	e := newEdge(t, `{api_keys: {file: "`+path+`"}}`)
	if p, err := e.key(t, key); err != nil || p.Subject != "p-1" {
		t.Fatalf("%+v %v", p, err)
	}
	for _, text := range []string{"", "keys: [{}]"} { // which nobody means
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		before := e.log.count("can not be used")
		if text == "" {
			until(t, "the file is looked at", func() bool { return e.log.count("can not be used") > before })
		}
		if p, err := e.key(t, key); err != nil || p.Subject != "p-1" {
			t.Fatalf("%q: %+v %v", text, p, err)
		}
	}
	if err := os.WriteFile(path, []byte("keys: []"), 0o600); err != nil {
		t.Fatal(err)
	}
	until(t, "the key is refused", func() bool { p, err := e.key(t, key); return p == nil && reason(err) == fault.BadCredentials })
}

func TestWhatIsWrongInAFileOfKeysIsToldWithItsLine(t *testing.T) {
	t.Parallel()
	_, hash := auth.NewKey()
	for text, want := range map[string][]string{
		"":                                 {"line 1: it is empty"},
		"keys:":                            {"line 1: it has no list of keys"},
		"keys: {}":                         {"line 1: it has no list of keys"},
		"- a":                              {"line 1: there has to be a mapping"},
		"keyz: []":                         {"line 1: keyz is not known here"},
		"keys: []\nmore: 1":                {"line 2: more is not known here"},
		"keys: []\nkeys: []":               {"line 2: keys is given twice"},
		"keys: [\n":                        {"yaml: line"},
		"keys:\n- text":                    {"line 2: there has to be a mapping"},
		"keys:\n- {}":                      {"line 2: subject: is missing", "line 2: hash: is no SHA-256"},
		"keys:\n- subject: a\n  hash: abc": {"line 3: hash: is no SHA-256"},
		"keys:\n- subject: a\n  hash: " + strings.ToUpper(hash):                         {"line 3: hash: is no SHA-256"},
		"keys:\n- {hash: " + hash + ", subject: a}\n- {hash: " + hash + ", subject: b}": {"line 3: hash: is that of the key at line 2 already"},
		"keys:\n- hash: " + hash + "\n  subject: a\n  scope: [x]\n  expires: soon\n  audience: internal\n  scopes: x": {
			"line 4: scope is not known here", "line 7: there has to be a list", "line 6: audience: there is no audience", "line 5: expires: \"soon\"",
		},
		"keys:\n- hash: " + hash + "\n  subject: [a]\n  scopes: [{}, \"a b\"]": {
			"line 3: there has to be a text", "line 4: there has to be a text", "line 3: subject: is missing", "line 4: scopes: \"\" is no scope", "line 4: scopes: \"a b\" is no scope",
		},
	} {
		path := write(t, "keys.yaml", []byte(text))
		a, err := auth.New(parse(t, `{api_keys: {file: "`+path+`"}}`), auth.Options{Audiences: []string{"public"}})
		if err == nil {
			t.Errorf("%q is taken", text)
			a.Close() //nolint:errcheck // the test has failed
			continue
		}
		said, ok := strings.CutPrefix(err.Error(), "api_keys.file: "+path+": ")
		lines := strings.Split(said, "\n")
		if !ok || len(lines) != len(want) {
			t.Errorf("%q: got %q, want %q", text, err, want)
			continue
		}
		for i := range want {
			if !strings.Contains(lines[i], want[i]) {
				t.Errorf("%q: got %q, want %q", text, lines[i], want[i])
			}
		}
	}
}

func TestAManyKeysFileIsReadInOneGo(t *testing.T) {
	t.Parallel()
	text, keys := new(strings.Builder), map[string]string{}
	text.WriteString("keys:\n")
	for i := range 2000 {
		key, hash := auth.NewKey()
		keys[key] = fmt.Sprint("p-", i)
		fmt.Fprintf(text, "- {hash: %s, subject: p-%d}\n", hash, i)
	}
	e := newEdge(t, `{api_keys: {file: "`+write(t, "keys.yaml", []byte(text.String()))+`"}}`)
	for key, subject := range keys {
		if p, err := e.key(t, key); err != nil || p.Subject != subject {
			t.Fatalf("%+v %v", p, err)
		}
	}
}

func TestAnEmptyKeyIsRefusedThoughItsHashIsKept(t *testing.T) {
	t.Parallel()
	const ofNothing = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
	e := newEdge(t, `{api_keys: {file: "`+write(t, "keys.yaml", []byte("keys: [{hash: "+ofNothing+", subject: p-1}]"))+`"}}`)
	if p, err := e.key(t, ""); p != nil || reason(err) != fault.BadCredentials {
		t.Errorf("%+v %v", p, err)
	}
}
