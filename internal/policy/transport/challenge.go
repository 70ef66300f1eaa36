package transport

import (
	"context"
	"crypto/ecdsa"
	"crypto/tls"
	"encoding/pem"
	"errors"
	"fmt"
	"net/http"
	"path"
	"regexp"
	"slices"
	"strings"

	"github.com/mholt/acmez/v3"
	"github.com/mholt/acmez/v3/acme"
)

// challengeProtocol is what an authority says that it speaks when it checks by TLS (RFC 8737).
const challengeProtocol = acmez.ACMETLS1Protocol

// token is what authorities name HTTP challenges by (RFC 8555, 8.3), and nothing that leads out of a folder.
var token = regexp.MustCompile(`^[A-Za-z0-9_-]{1,128}$`)

// solvers are the ways in which an authority may see that a host is this edge's.
func (a *authority) solvers() map[string]acmez.Solver {
	s := map[string]acmez.Solver{}
	if a.byTLS {
		s[acme.ChallengeTypeTLSALPN01] = tlsSolver{a.folder}
	}
	if a.byHTTP.Load() {
		s[acme.ChallengeTypeHTTP01] = httpSolver{a.folder}
	}
	return s
}

// httpSolver keeps what is answered by HTTP.
type httpSolver struct{ folder folder }

func httpAnswer(token string) string { return "http-" + token }

// Present keeps the answer to a challenge.
func (s httpSolver) Present(_ context.Context, c acme.Challenge) error {
	if !token.MatchString(c.Token) {
		return fmt.Errorf("the authority's token %q is none", c.Token)
	}
	return s.folder.write(httpAnswer(c.Token), []byte(c.KeyAuthorization))
}

// CleanUp removes it.
func (s httpSolver) CleanUp(_ context.Context, c acme.Challenge) error {
	if !token.MatchString(c.Token) {
		return nil
	}
	return s.folder.remove(httpAnswer(c.Token))
}

// tlsSolver keeps the certificates that are shown in handshakes of challengeProtocol.
type tlsSolver struct{ folder folder }

func tlsAnswer(host string) string { return "tls-" + host + ".pem" }

// Present keeps the answer to a challenge.
func (s tlsSolver) Present(_ context.Context, c acme.Challenge) error {
	cert, err := acmez.TLSALPN01ChallengeCert(c)
	if err != nil {
		return err
	}
	private, ok := cert.PrivateKey.(*ecdsa.PrivateKey)
	if !ok {
		return fmt.Errorf("the key of a challenge is a %T", cert.PrivateKey)
	}
	key, err := encodeKey(private)
	if err != nil {
		return err
	}
	public := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: cert.Certificate[0]})
	return s.folder.write(tlsAnswer(c.Identifier.Value), slices.Concat(key, public))
}

// CleanUp removes it.
func (s tlsSolver) CleanUp(_ context.Context, c acme.Challenge) error {
	return s.folder.remove(tlsAnswer(c.Identifier.Value))
}

// challenged tells whether a handshake is the check of an authority.
func challenged(hello *tls.ClientHelloInfo) bool {
	return len(hello.SupportedProtos) == 1 && hello.SupportedProtos[0] == challengeProtocol
}

// answer returns the certificate that answers the challenge for a host.
func (a *authority) answer(name string) (*tls.Certificate, error) {
	name = strings.ToLower(name)
	if !slices.ContainsFunc(a.hosts, func(h *host) bool { return h.name == name }) {
		return nil, errors.New("no certificate is got for this host")
	}
	content, err := a.folder.read(tlsAnswer(name))
	if err != nil {
		return nil, errors.New("there is no challenge for this host")
	}
	c, err := tls.X509KeyPair(content, content)
	return &c, err
}

// serveChallenge answers the challenge that is named by the last element of the path.
func (a *authority) serveChallenge(w http.ResponseWriter, r *http.Request) {
	if r.Method != http.MethodGet && r.Method != http.MethodHead {
		w.Header().Set("Allow", "GET, HEAD")
		http.Error(w, "GET is answered here.", http.StatusMethodNotAllowed)
		return
	}
	name := path.Base(r.URL.Path)
	content, err := []byte(nil), errors.New("no token")
	if ChallengePath+name == r.URL.Path && token.MatchString(name) {
		content, err = a.folder.read(httpAnswer(name))
	}
	if err != nil {
		http.Error(w, "There is no such challenge.", http.StatusNotFound)
		return
	}
	w.Header().Set("Content-Type", "application/octet-stream")
	if _, err := w.Write(content); err != nil { //nolint:gosec // G705: it is from a file, and no page
		a.log.Debug("an authority went away before it had the answer to its challenge", "error", err)
	}
}
