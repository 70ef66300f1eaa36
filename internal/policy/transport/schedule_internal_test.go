package transport

import (
	"crypto/x509"
	"testing"
	"time"
)

func TestOrdersThatFailAreTriedEverMoreSeldom(t *testing.T) {
	t.Parallel()
	for i, want := range []time.Duration{time.Minute, 3 * time.Minute, 9 * time.Minute, 27 * time.Minute, time.Hour, time.Hour} {
		if got := pause(i + 1); got != want {
			t.Errorf("after %d: %v, want %v", i+1, got, want)
		}
	}
	if got := pause(1 << 20); got != time.Hour {
		t.Errorf("after many: %v", got)
	}
}

func TestACertificateIsRenewedWhenAThirdOfItsLifeIsLeft(t *testing.T) {
	t.Parallel()
	begin := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	day := 24 * time.Hour
	for _, c := range []struct{ life, age, nap time.Duration }{
		{90 * day, 0, longestNap},
		{90 * day, 60*day - time.Hour, time.Hour},
		{90 * day, 60 * day, time.Second},
		{90 * day, 100 * day, time.Second},
		{6 * day, 0, longestNap},
		{time.Hour, 0, 6 * time.Minute},
		{time.Second, 0, time.Second},
	} {
		cert := &x509.Certificate{NotBefore: begin, NotAfter: begin.Add(c.life)}
		if got := renewal(cert); !got.Equal(begin.Add(c.life - c.life/3)) {
			t.Errorf("%v: renewed at %v", c.life, got)
		}
		if got := nap(cert, begin.Add(c.age)); got != c.nap {
			t.Errorf("%v of %v: %v, want %v", c.age, c.life, got, c.nap)
		}
	}
}

func TestEachDirectoryHasAFolderOfItsOwn(t *testing.T) {
	t.Parallel()
	for directory, want := range map[string]string{
		letsEncrypt: "acme-v02.api.letsencrypt.org-directory",
		"https://acme-staging-v02.api.letsencrypt.org/directory": "acme-staging-v02.api.letsencrypt.org-directory",
		"https://127.0.0.1:14000/dir":                            "127.0.0.1-14000-dir",
		"https://acme.example.com/../../etc":                     "acme.example.com-..-..-etc",
		"https://..":                                             "",
	} {
		if got := folderOf(directory); got != want {
			t.Errorf("%s: %q, want %q", directory, got, want)
		}
	}
}
