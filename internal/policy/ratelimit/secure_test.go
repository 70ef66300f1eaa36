package ratelimit_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"encoding/pem"
	"math/big"
	"net"
	"os"
	"path/filepath"
	"testing"
	"time"

	configv1 "github.com/gatehouse-edge/gatehouse/gen/gatehouse/config/v1"
	"github.com/gatehouse-edge/gatehouse/internal/policy/ratelimit"
)

// write writes a file of a test's own.
func write(t *testing.T, name string, content []byte) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, content, 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// certificate makes one for the loopback address that vouches for itself.
func certificate(t *testing.T) (certificate, key string) {
	t.Helper()
	private, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), NotAfter: time.Now().Add(time.Hour), IsCA: true, BasicConstraintsValid: true,
		IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)},
	}
	public, err := x509.CreateCertificate(rand.Reader, template, template, &private.PublicKey, private)
	if err != nil {
		t.Fatal(err)
	}
	secret, err := x509.MarshalPKCS8PrivateKey(private)
	if err != nil {
		t.Fatal(err)
	}
	return write(t, "certificate.pem", pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: public})),
		write(t, "key.pem", pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: secret}))
}

func TestAnEncryptedRedisThatAsksForAPasswordAndACertificate(t *testing.T) {
	t.Parallel()
	public, private := certificate(t)
	other, _ := certificate(t)
	password := write(t, "password", []byte("correct horse\n"))
	s := start(t, "--requirepass", "correct horse", "--tls-cert-file", public, "--tls-key-file", private, "--tls-ca-cert-file", public)
	tls := func() *configv1.RedisTls {
		return &configv1.RedisTls{Authorities: public, Certificate: public, Key: private}
	}
	for name, c := range map[string]struct {
		change   func(*configv1.Redis)
		answered bool
	}{
		"all as it should be": {func(*configv1.Redis) {}, true},
		"no password":         {func(r *configv1.Redis) { r.PasswordFile = "" }, false},
		"another password":    {func(r *configv1.Redis) { r.PasswordFile = write(t, "wrong", []byte("battery staple")) }, false},
		"no encryption":       {func(r *configv1.Redis) { r.Tls = nil }, false},
		"no certificate":      {func(r *configv1.Redis) { r.Tls.Certificate, r.Tls.Key = "", "" }, false},
		"another authority":   {func(r *configv1.Redis) { r.Tls.Authorities = other }, false},
		"another name":        {func(r *configv1.Redis) { r.Tls.ServerName = "redis.example.com" }, false},
	} {
		cfg := s.config()
		cfg.Redis.PasswordFile, cfg.Redis.Tls = password, tls()
		c.change(cfg.GetRedis())
		e := newEdge(t, cfg, nil)
		if d := allow(t, e.Limiter, minute, ratelimit.Key{}); !d.Allowed {
			t.Errorf("%s: %+v", name, d)
		}
		if answered := metric(t, e.registry, "gatehouse_ratelimit_redis_failures_total") == 0; answered != c.answered {
			t.Errorf("%s: answered %t, want %t", name, answered, c.answered)
		}
	}
}

func TestAPasswordThatIsChangedIsReadAgain(t *testing.T) {
	t.Parallel()
	s := start(t, "--requirepass", "new")
	cfg := s.config()
	cfg.Redis.PasswordFile = write(t, "password", []byte("old"))
	e := newEdge(t, cfg, nil)
	for range 3 {
		allow(t, e.Limiter, minute, ratelimit.Key{})
	}
	if err := os.WriteFile(cfg.GetRedis().GetPasswordFile(), []byte("new"), 0o600); err != nil {
		t.Fatal(err)
	}
	until(t, "Redis is asked", func() bool { return e.log.count("answers again") == 1 })
}

func TestFilesThatCanNotBeReadAreNamed(t *testing.T) {
	t.Parallel()
	absent := filepath.Join(t.TempDir(), "absent")
	for want, r := range map[string]*configv1.Redis{
		"redis.password_file: open " + absent + ": no such file or directory":   {PasswordFile: absent},
		"redis.tls.authorities: open " + absent + ": no such file or directory": {Tls: &configv1.RedisTls{Authorities: absent}},
		"redis.tls.certificate: open " + absent + ": no such file or directory": {Tls: &configv1.RedisTls{Certificate: absent, Key: absent}},
	} {
		r.Addresses = []string{"127.0.0.1:6379"}
		if _, err := ratelimit.New(&configv1.RateLimiting{Redis: r}, ratelimit.Options{}); err == nil || err.Error() != want {
			t.Errorf("got %v, want %s", err, want)
		}
	}
}
