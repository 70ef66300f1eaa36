package auth

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"slices"
	"time"

	"go.yaml.in/yaml/v3"

	"github.com/gatehouse-edge/gatehouse/internal/policy/principal"
	"github.com/gatehouse-edge/gatehouse/internal/watch"
)

// keyFile is the keys in a YAML file:
//
//	keys:
//	  - sha256: 5e884898da28047151d0e56f8dc6292773603d0d6aabbdd62a11ef721d1542d8
//	    subject: p-2001
//	    scopes: [catalog.write]
//	    tier: partner
//	    audience: partner
//	    expires: 2027-01-31T00:00:00Z
type keyFile struct {
	entries *watch.Value[map[[sha256.Size]byte]*entry]
}

// fileEntry is a key as the file has it. All but the hash and the subject may be left out.
type fileEntry struct {
	SHA256   string    `yaml:"sha256"`
	Subject  string    `yaml:"subject"`
	Scopes   []string  `yaml:"scopes"`
	Tier     string    `yaml:"tier"`
	Audience string    `yaml:"audience"`
	Expires  time.Time `yaml:"expires"`
}

func newKeyFile(path string, options Options) (*keyFile, error) {
	entries, err := watch.New(options.Log, func(contents [][]byte) (map[[sha256.Size]byte]*entry, error) {
		return readKeys(contents[0], options.Audiences)
	}, path)
	if err != nil {
		return nil, err
	}
	return &keyFile{entries}, nil
}

func (f *keyFile) find(sum *[sha256.Size]byte) *entry {
	if f == nil {
		return nil
	}
	return f.entries.Get()[*sum]
}

func (f *keyFile) close() {
	if f != nil {
		f.entries.Close()
	}
}

// readKeys reads a file strictly. Its error joins all that is wrong, each with its line.
func readKeys(text []byte, audiences []string) (map[[sha256.Size]byte]*entry, error) {
	var file struct {
		Keys []yaml.Node `yaml:"keys"`
	}
	d := yaml.NewDecoder(bytes.NewReader(text))
	d.KnownFields(true)
	if err := d.Decode(&file); err != nil && !errors.Is(err, io.EOF) {
		return nil, err
	}
	entries := map[[sha256.Size]byte]*entry{}
	var errs []error
	for i := range file.Keys {
		node := &file.Keys[i]
		sum, e, err := readKey(node, audiences)
		if err == nil && entries[sum] != nil {
			err = errors.New("the key is there twice")
		}
		if err != nil {
			errs = append(errs, fmt.Errorf("line %d: %w", node.Line, err))
			continue
		}
		entries[sum] = e
	}
	return entries, errors.Join(errs...)
}

func readKey(node *yaml.Node, audiences []string) (sum [sha256.Size]byte, _ *entry, _ error) {
	for i := 0; i+1 < len(node.Content); i += 2 { // of what is within a node, the decoder does not look at the names
		if name := node.Content[i].Value; !slices.Contains([]string{"sha256", "subject", "scopes", "tier", "audience", "expires"}, name) {
			return sum, nil, fmt.Errorf("there is no %q; there are sha256, subject, scopes, tier, audience and expires", name)
		}
	}
	var said fileEntry
	if err := node.Decode(&said); err != nil {
		return sum, nil, err
	}
	bytes, err := hex.DecodeString(said.SHA256)
	if err != nil || len(bytes) != len(sum) {
		return sum, nil, errors.New("sha256 is no SHA-256 in hexadecimal, as gatehouse key prints it")
	}
	copy(sum[:], bytes)
	e, err := said.entry(audiences)
	return sum, e, err
}

func (said *fileEntry) entry(audiences []string) (*entry, error) {
	switch {
	case said.Subject == "":
		return nil, errors.New("subject is missing; say whose key it is")
	case said.Audience != "" && !slices.Contains(audiences, said.Audience):
		return nil, fmt.Errorf("there is no audience %q", said.Audience)
	}
	return &entry{expires: said.Expires, principal: &principal.Principal{
		Subject: said.Subject, Method: principal.APIKey, Scopes: said.Scopes, Tier: said.Tier, Audience: said.Audience,
	}}, nil
}
