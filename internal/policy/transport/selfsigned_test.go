package transport_test

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"os"
	"path/filepath"
	"testing"
	"time"

	configv1 "github.com/gatehouse-edge/gatehouse/gen/gatehouse/config/v1"
	"github.com/gatehouse-edge/gatehouse/internal/policy/transport"
)

// shown is the certificate that a listener shows at some time, if whoever trusts it would believe it is a host.
func shown(t *testing.T, cfg *configv1.Tls, host string, now time.Time) *x509.Certificate {
	t.Helper()
	address := serve(t, cfg, transport.Options{Now: func() time.Time { return now }})
	state, err := dial(t, address, &tls.Config{InsecureSkipVerify: true, ServerName: host})
	if err != nil {
		t.Fatal(err)
	}
	roots := x509.NewCertPool()
	roots.AddCert(state.PeerCertificates[0])
	if _, err := state.PeerCertificates[0].Verify(x509.VerifyOptions{DNSName: host, Roots: roots, CurrentTime: now}); err != nil {
		t.Error(err)
	}
	return state.PeerCertificates[0]
}

func TestADevelopmentCertificateIsForThisMachine(t *testing.T) {
	t.Parallel()
	for _, host := range []string{"localhost", "127.0.0.1", "::1"} {
		c := shown(t, &configv1.Tls{SelfSigned: true}, host, time.Now())
		if c.IsCA || c.VerifyHostname("example.com") == nil {
			t.Errorf("%s: it is for %s %s", host, c.DNSNames, c.IPAddresses)
		}
	}
}

func TestADevelopmentCertificateIsMadeAnewWithoutAFolder(t *testing.T) {
	t.Parallel()
	cfg := &configv1.Tls{SelfSigned: true}
	if shown(t, cfg, "localhost", time.Now()).Equal(shown(t, cfg, "localhost", time.Now())) {
		t.Error("two starts show the same certificate")
	}
}

func TestADevelopmentCertificateIsKeptUntilCloseToItsEnd(t *testing.T) {
	t.Parallel()
	cfg := &configv1.Tls{SelfSigned: true, Folder: filepath.Join(t.TempDir(), "tls")}
	now := time.Now()
	first := shown(t, cfg, "localhost", now)
	if again := shown(t, cfg, "localhost", now.AddDate(0, 10, 0)); !again.Equal(first) {
		t.Error("it was made anew while it was good for a while")
	}
	second := shown(t, cfg, "localhost", now.AddDate(0, 11, 25))
	if second.Equal(first) {
		t.Error("it was kept close to its end")
	}
	for _, name := range []string{"self-signed.crt", "self-signed.key"} {
		info, err := os.Stat(filepath.Join(cfg.GetFolder(), name))
		if err != nil || info.Mode().Perm() != 0o600 {
			t.Errorf("%s: %v, %v", name, info, err)
		}
	}
	if err := os.WriteFile(filepath.Join(cfg.GetFolder(), "self-signed.key"), []byte("garbage"), 0o600); err != nil {
		t.Fatal(err)
	}
	if shown(t, cfg, "localhost", now.AddDate(0, 11, 25)).Equal(second) {
		t.Error("a certificate was shown whose key is broken")
	}
}

func TestAFolderThatCanNotBeWrittenIsAnError(t *testing.T) {
	t.Parallel()
	file := write(t, "file", nil)
	_, err := transport.Server(&configv1.Tls{SelfSigned: true, Folder: filepath.Join(file, "below")}, transport.Options{})
	if path, ok := errors.AsType[*os.PathError](err); !ok || path.Path != file {
		t.Errorf("got %v", err)
	}
}
