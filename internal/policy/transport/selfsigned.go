package transport

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"errors"
	"math/big"
	"net"
	"time"
)

const (
	selfSignedCertificate = "self-signed.crt"
	selfSignedKey         = "self-signed.key"
	selfSignedFor         = 365 * 24 * time.Hour
	selfSignedLeft        = 30 * 24 * time.Hour // what an earlier one must still be good for
)

// selfSigned returns the development certificate that is kept in a folder, or a new one, which is kept there if there is
// a folder.
func selfSigned(path string, r *reader) (*tls.Certificate, error) {
	if path == "" {
		certificate, key, err := makeSelfSigned(r.now())
		if err != nil {
			return nil, err
		}
		return parseSelfSigned(certificate, key, r)
	}
	f, err := makeFolder(path)
	if err != nil {
		return nil, err
	}
	if c := f.selfSigned(r); c != nil {
		return c, nil
	}
	certificate, key, err := makeSelfSigned(r.now())
	if err != nil {
		return nil, err
	}
	if err := errors.Join(f.write(selfSignedKey, key), f.write(selfSignedCertificate, certificate)); err != nil {
		return nil, err
	}
	r.log.Info("made a certificate for localhost; whoever is to trust it finds it here", "certificate", f.path(selfSignedCertificate))
	return parseSelfSigned(certificate, key, r)
}

// selfSigned returns the certificate that is kept, nil if there is none that is good for a while.
func (f folder) selfSigned(r *reader) *tls.Certificate {
	certificate, err := f.read(selfSignedCertificate)
	if err != nil {
		return nil
	}
	key, err := f.read(selfSignedKey)
	if err != nil {
		return nil
	}
	c, err := parseSelfSigned(certificate, key, r)
	if err != nil || c.Leaf.VerifyHostname("localhost") != nil || c.Leaf.NotAfter.Sub(r.now()) < selfSignedLeft {
		return nil
	}
	return c
}

func parseSelfSigned(certificate, key []byte, r *reader) (*tls.Certificate, error) {
	c, err := tls.X509KeyPair(certificate, key)
	if err != nil {
		return nil, err
	}
	r.ends.WithLabelValues("self-signed").Set(float64(c.Leaf.NotAfter.Unix()))
	return &c, nil
}

func makeSelfSigned(now time.Time) (certificate, key []byte, err error) {
	private, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, nil, err
	}
	serial, err := rand.Int(rand.Reader, new(big.Int).Lsh(big.NewInt(1), 127))
	if err != nil {
		return nil, nil, err
	}
	template := &x509.Certificate{
		SerialNumber: serial, Subject: pkix.Name{CommonName: "Gatehouse development certificate"},
		NotBefore: now.Add(-time.Hour), NotAfter: now.Add(selfSignedFor),
		KeyUsage: x509.KeyUsageDigitalSignature, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
		BasicConstraintsValid: true,
		DNSNames:              []string{"localhost"}, IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1), net.IPv6loopback},
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &private.PublicKey, private)
	if err != nil {
		return nil, nil, err
	}
	secret, err := encodeKey(private)
	return pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}), secret, err
}

func encodeKey(key *ecdsa.PrivateKey) ([]byte, error) {
	der, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		return nil, err
	}
	return pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der}), nil
}
