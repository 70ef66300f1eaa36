package auth_test

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"encoding/pem"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/golang-jwt/jwt/v5"

	"github.com/gatehouse-edge/gatehouse/internal/fault"
)

func TestKeysThatAreReplacedUnderLoadFailNoRequest(t *testing.T) {
	t.Parallel()
	l := newLogin(t)
	var current atomic.Pointer[func() string]
	var keys []*ecdsa.PrivateKey
	rotate := func() {
		key := newEC(t, elliptic.P256())
		keys = append(keys, key)
		var published []map[string]any
		for i := max(0, len(keys)-5); i < len(keys); i++ { // those before hold for a while
			published = append(published, webKey(t, fmt.Sprint(i), &keys[i].PublicKey, nil))
		}
		l.publish(t, published...)
		id, made := fmt.Sprint(len(keys)-1), atomic.Int64{}
		token := func() string {
			return sign(t, jwt.SigningMethodES256, key, id, with(claims(l.URL), "jti", fmt.Sprint(made.Add(1)%50)), nil)
		}
		current.Store(&token)
	}
	rotate()
	e := newEdge(t, `{issuers: [{issuer: "`+l.URL+`", audiences: [shop]}]}`)
	done, served := make(chan struct{}), atomic.Int64{}
	var clients sync.WaitGroup
	for range 8 {
		clients.Go(func() {
			for {
				select {
				case <-done:
					return
				default:
				}
				if _, err := e.token(t, (*current.Load())()); err != nil {
					t.Error(err)
					return
				}
				served.Add(1)
			}
		})
	}
	for range 10 {
		before := served.Load()
		until(t, "requests are served", func() bool { return served.Load() > before+50 || t.Failed() })
		e.clock.advance(11 * time.Second)
		rotate()
	}
	before := served.Load()
	until(t, "requests are served", func() bool { return served.Load() > before+50 || t.Failed() })
	close(done)
	clients.Wait()
	if n := l.fetches.Load(); n > 12 {
		t.Errorf("the keys were fetched %d times, for 11 sets of keys", n)
	}
}

func TestAKeyThatWasTakenAwayTakesItsTokensWithIt(t *testing.T) {
	t.Parallel()
	old, key := newEC(t, elliptic.P256()), newEC(t, elliptic.P256())
	l := newLogin(t, webKey(t, "old", &old.PublicKey, nil))
	e := newEdge(t, `{issuers: [{issuer: "`+l.URL+`", audiences: [shop]}]}`)
	token := sign(t, jwt.SigningMethodES256, old, "old", claims(l.URL), nil)
	e.known(t, token)
	l.publish(t, webKey(t, "new", &key.PublicKey, nil))
	e.known(t, sign(t, jwt.SigningMethodES256, key, "new", claims(l.URL), nil))
	if p, err := e.token(t, token); p != nil || reason(err) != fault.BadCredentials {
		t.Errorf("%+v %v", p, err)
	}
}

func TestTokensWithMadeUpKeysDoNotHaveKeysFetchedAllTheTime(t *testing.T) {
	t.Parallel()
	ec := newEC(t, elliptic.P256())
	l := newLogin(t, webKey(t, "ec", &ec.PublicKey, nil))
	e := newEdge(t, `{issuers: [{issuer: "`+l.URL+`", audiences: [shop]}]}`)
	e.known(t, sign(t, jwt.SigningMethodES256, ec, "ec", claims(l.URL), nil))
	made := func(from, to int) {
		var all sync.WaitGroup
		for i := from; i < to; i++ {
			token := sign(t, jwt.SigningMethodES256, ec, fmt.Sprint("made up ", i), claims(l.URL), nil)
			all.Go(func() {
				if p, err := e.token(t, token); p != nil || reason(err) != fault.BadCredentials {
					t.Errorf("%+v %v", p, err)
				}
			})
		}
		all.Wait()
	}
	made(0, 100)
	if n := l.fetches.Load(); n != 2 {
		t.Errorf("the keys were fetched %d times, want 2", n)
	}
	e.clock.advance(10 * time.Second)
	made(100, 200)
	if n := l.fetches.Load(); n != 3 {
		t.Errorf("10s later the keys were fetched %d times in all, want 3", n)
	}
}

func TestAnIssuerThatIsAwayTakesNothingDown(t *testing.T) {
	t.Parallel()
	ec, next := newEC(t, elliptic.P256()), newEC(t, elliptic.P256())
	l := newLogin(t, webKey(t, "ec", &ec.PublicKey, nil))
	e := newEdge(t, `{issuers: [{issuer: "`+l.URL+`", audiences: [shop]}]}`)
	e.known(t, sign(t, jwt.SigningMethodES256, ec, "ec", claims(l.URL), nil))
	l.publish(t, webKey(t, "ec", &ec.PublicKey, nil), webKey(t, "next", &next.PublicKey, nil))
	l.say(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusInternalServerError) })
	newer := sign(t, jwt.SigningMethodES256, next, "next", claims(l.URL), nil)
	for range 2 { // the second is answered without asking
		if p, err := e.token(t, newer); p != nil || reason(err) != fault.AuthUnavailable {
			t.Errorf("a key that nobody knows of: %+v %v", p, err)
		}
	}
	e.known(t, sign(t, jwt.SigningMethodES256, ec, "ec", with(claims(l.URL), "sub", "another"), nil))
	if n := e.log.count("can not be fetched"); n != 1 {
		t.Errorf("the outage was logged %d times", n)
	}
	l.say(nil)
	e.clock.advance(10 * time.Second)
	e.known(t, newer)
	if n := e.metric(t, "gatehouse_auth_issuer_fetches_total", l.URL, "failed"); n < 1 {
		t.Errorf("%v failures were counted", n)
	}
}

func TestAnIssuerThatIsDownAtStartComesUpLater(t *testing.T) {
	t.Parallel()
	ec := newEC(t, elliptic.P256())
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	address := listener.Addr().String()
	if err := listener.Close(); err != nil {
		t.Fatal(err)
	}
	good := newLogin(t, webKey(t, "ec", &ec.PublicKey, nil))
	e := newEdge(t, `issuers:
- {issuer: "http://`+address+`", audiences: [shop]}
- {issuer: "`+good.URL+`", audiences: [shop]}`)
	token := sign(t, jwt.SigningMethodES256, ec, "ec", claims("http://"+address), nil)
	p, err := e.token(t, token)
	if p != nil || reason(err) != fault.AuthUnavailable {
		t.Fatalf("%+v %v", p, err)
	}
	if f := fault.From(err); f.HTTP != 503 || f.Header.Get("Retry-After") != "1" {
		t.Errorf("%d %v", f.HTTP, f.Header)
	}
	e.known(t, sign(t, jwt.SigningMethodES256, ec, "ec", claims(good.URL), nil))

	l := new(login)
	l.publish(t, webKey(t, "ec", &ec.PublicKey, nil))
	l.Server = &httptest.Server{Config: &http.Server{Handler: l}}
	until(t, "the issuer can listen", func() bool {
		l.Listener, err = net.Listen("tcp", address)
		return err == nil
	})
	l.Start()
	t.Cleanup(l.Close)
	e.clock.advance(10 * time.Second)
	e.known(t, token)
}

func TestAnIssuerThatIsSlowHoldsUpNoOthers(t *testing.T) {
	t.Parallel()
	ec := newEC(t, elliptic.P256())
	slow, good := newLogin(t), newLogin(t, webKey(t, "ec", &ec.PublicKey, nil))
	asked, release := make(chan struct{}, 10), make(chan struct{})
	slow.say(func(http.ResponseWriter, *http.Request) {
		asked <- struct{}{}
		<-release
	})
	t.Cleanup(func() { close(release) })
	e := newEdge(t, `issuers:
- {issuer: "`+slow.URL+`", audiences: [shop]}
- {issuer: "`+good.URL+`", audiences: [shop]}`)
	<-asked
	ctx, cancel := context.WithCancel(t.Context())
	waits := make(chan error)
	go func() {
		_, err := e.bearing(ctx, "Bearer "+sign(t, jwt.SigningMethodES256, ec, "ec", claims(slow.URL), nil))
		waits <- err
	}()
	for i := range 20 {
		e.known(t, sign(t, jwt.SigningMethodES256, ec, "ec", with(claims(good.URL), "sub", fmt.Sprint(i)), nil))
	}
	cancel() // who has gone does not wait either
	if err := <-waits; reason(err) != fault.AuthUnavailable {
		t.Error(err)
	}
}

func TestAnAnswerThatIsNotOfAnIssuerIsNotTaken(t *testing.T) {
	t.Parallel()
	ec := newEC(t, elliptic.P256())
	set := keySet(t, webKey(t, "ec", &ec.PublicKey, nil))
	elsewhere := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.Write(set) })) //nolint:errcheck // the edge sees it
	t.Cleanup(elsewhere.Close)
	for name, c := range map[string]struct {
		want   string
		answer http.HandlerFunc
	}{
		"endless": {"more than 1048576 bytes", func(w http.ResponseWriter, _ *http.Request) {
			for range 300 {
				w.Write([]byte(strings.Repeat(" ", 4096))) //nolint:errcheck // the edge goes away
			}
			w.Write(set) //nolint:errcheck // the edge goes away
		}},
		"headers without end": {"header", func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("X-Long", strings.Repeat("x", 100<<10))
			w.Write(set) //nolint:errcheck // the edge goes away
		}},
		"too many keys": {"are too many", func(w http.ResponseWriter, _ *http.Request) {
			fmt.Fprint(w, `{"keys":[{}`+strings.Repeat(",{}", 100)+`]}`)
		}},
		"no JSON":   {"no JSON Web Key Set", func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, "<html>") }},
		"no keys":   {"it has no keys", func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, "{}") }},
		"a failure": {"502 Bad Gateway", func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusBadGateway) }},
		"redirects": {"more than 3 redirects", func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, "/keys", http.StatusFound) }},
		"a redirect to ftp": {"leads away", func(w http.ResponseWriter, r *http.Request) {
			http.Redirect(w, r, "ftp://127.0.0.1/keys", http.StatusFound)
		}},
		"a redirect out": {"leads away", func(w http.ResponseWriter, r *http.Request) {
			http.Redirect(w, r, "http://192.0.2.1/keys", http.StatusFound)
		}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			l := newLogin(t)
			l.say(c.answer)
			e := newEdge(t, `{issuers: [{issuer: "`+l.URL+`", audiences: [shop]}]}`)
			p, err := e.token(t, sign(t, jwt.SigningMethodES256, ec, "ec", claims(l.URL), nil))
			if p != nil || reason(err) != fault.AuthUnavailable || !strings.Contains(err.Error(), c.want) {
				t.Errorf("%+v %v, want %s", p, err, c.want)
			}
		})
	}
	t.Run("a redirect that may be", func(t *testing.T) {
		t.Parallel()
		l := newLogin(t)
		l.say(func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, elsewhere.URL, http.StatusFound) })
		e := newEdge(t, `{issuers: [{issuer: "`+l.URL+`", audiences: [shop]}]}`)
		e.known(t, sign(t, jwt.SigningMethodES256, ec, "ec", claims(l.URL), nil))
	})
}

func TestADiscoveryDocumentSpeaksForItsIssuerOnly(t *testing.T) {
	t.Parallel()
	ec := newEC(t, elliptic.P256())
	for name, c := range map[string]struct{ want, document string }{
		"of another issuer":    {"it is of the issuer", `{"issuer":"https://login.example.com","jwks_uri":"KEYS"}`},
		"with a slash":         {"it is of the issuer", `{"issuer":"ISSUER/","jwks_uri":"KEYS"}`},
		"without keys":         {"is no https URL", `{"issuer":"ISSUER"}`},
		"keys elsewhere":       {"is no https URL", `{"issuer":"ISSUER","jwks_uri":"http://192.0.2.1/keys"}`},
		"keys in a file":       {"is no https URL", `{"issuer":"ISSUER","jwks_uri":"file:///etc/passwd"}`},
		"keys with a password": {"is no https URL", `{"issuer":"ISSUER","jwks_uri":"https://a:b@example.com/keys"}`},
		"no JSON":              {"invalid character", `<html>`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			l := newLogin(t, webKey(t, "ec", &ec.PublicKey, nil))
			server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				fmt.Fprint(w, strings.NewReplacer("ISSUER", "http://"+r.Host, "KEYS", l.URL+"/keys").Replace(c.document))
			}))
			t.Cleanup(server.Close)
			e := newEdge(t, `{issuers: [{issuer: "`+server.URL+`", audiences: [shop]}]}`)
			p, err := e.token(t, sign(t, jwt.SigningMethodES256, ec, "ec", claims(server.URL), nil))
			if p != nil || reason(err) != fault.AuthUnavailable || !strings.Contains(err.Error(), c.want) {
				t.Errorf("%+v %v, want %s", p, err, c.want)
			}
		})
	}
}

func TestAnIssuerIsReachedByAnAuthorityOfItsOwn(t *testing.T) {
	t.Parallel()
	ec := newEC(t, elliptic.P256())
	l := new(login)
	l.publish(t, webKey(t, "ec", &ec.PublicKey, nil))
	l.Server = httptest.NewTLSServer(l)
	t.Cleanup(l.Close)
	authorities := write(t, "authorities.pem", pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: l.Certificate().Raw}))
	issuer := `issuer: "` + l.URL + `", audiences: [shop]`
	token := sign(t, jwt.SigningMethodES256, ec, "ec", claims(l.URL), nil)
	newEdge(t, `{issuers: [{`+issuer+`, authorities: "`+authorities+`"}]}`).known(t, token)
	if p, err := newEdge(t, `{issuers: [{`+issuer+`}]}`).token(t, token); p != nil || reason(err) != fault.AuthUnavailable {
		t.Errorf("without the authority: %+v %v", p, err)
	}
	l.say(func(w http.ResponseWriter, r *http.Request) {
		http.Redirect(w, r, "http://127.0.0.1:1/keys", http.StatusFound)
	})
	p, err := newEdge(t, `{issuers: [{`+issuer+`, authorities: "`+authorities+`"}]}`).token(t, token)
	if p != nil || reason(err) != fault.AuthUnavailable || !strings.Contains(err.Error(), "leads away from https") {
		t.Errorf("a redirect to http: %+v %v", p, err)
	}
}

func TestKeysAreFetchedAgainThoughNobodyAsks(t *testing.T) {
	t.Parallel()
	ec := newEC(t, elliptic.P256())
	l := newLogin(t, webKey(t, "ec", &ec.PublicKey, nil))
	l.say(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusServiceUnavailable) })
	e := newEdge(t, `{issuers: [{issuer: "`+l.URL+`", audiences: [shop]}]}`)
	until(t, "a failure is counted", func() bool { return e.metric(t, "gatehouse_auth_issuer_fetches_total", l.URL, "failed") > 0 })
	if n := e.metric(t, "gatehouse_auth_issuer_keys", l.URL); n != 0 {
		t.Errorf("%v keys are known", n)
	}
	l.say(nil)
	until(t, "the key is known", func() bool { return e.metric(t, "gatehouse_auth_issuer_keys", l.URL) == 1 })
	e.known(t, sign(t, jwt.SigningMethodES256, ec, "ec", claims(l.URL), nil))
	if n := l.fetches.Load(); n < 2 {
		t.Errorf("the keys were fetched %d times", n)
	}
}

func TestClosingWaitsForNoIssuer(t *testing.T) {
	t.Parallel()
	ec, l := newEC(t, elliptic.P256()), newLogin(t)
	asked, release := make(chan struct{}, 10), make(chan struct{})
	l.say(func(http.ResponseWriter, *http.Request) {
		asked <- struct{}{}
		<-release
	})
	t.Cleanup(func() { close(release) })
	e := newEdge(t, `{issuers: [{issuer: "`+l.URL+`", audiences: [shop]}]}`)
	<-asked
	token, refused := sign(t, jwt.SigningMethodES256, ec, "ec", claims(l.URL), nil), make(chan error)
	go func() {
		_, err := e.bearing(t.Context(), "Bearer "+token)
		refused <- err
	}()
	if err := e.Close(); err != nil {
		t.Error(err)
	}
	if err := <-refused; reason(err) != fault.AuthUnavailable {
		t.Error(err)
	}
}
