package auth

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"net/http"
	"time"

	configv1 "github.com/gatehouse-edge/gatehouse/gen/gatehouse/config/v1"
	"github.com/gatehouse-edge/gatehouse/internal/policy/principal"
)

// maxKey is how long a key may be, in bytes.
const maxKey = 512

// apiKeys tells who has a key. Keys are random and long, so that a plain hash keeps them: nobody can try all there are. What
// is looked up is the hash, of which a stranger can not choose the bytes, so that the time it takes tells nothing.
type apiKeys struct {
	header string
	file   *keyFile  // nil without one
	redis  *keyRedis // nil without one
	now    func() time.Time
}

// entry is what is kept of a key.
type entry struct {
	principal *principal.Principal
	expires   time.Time // zero for never
}

// NewKey makes a key, and what is kept of it: its SHA-256 in hexadecimal.
func NewKey() (key, hash string) {
	key = "gh_" + rand.Text() + rand.Text()
	sum := sha256.Sum256([]byte(key))
	return key, hex.EncodeToString(sum[:])
}

func newAPIKeys(cfg *configv1.ApiKeys, options Options) (*apiKeys, error) {
	k := &apiKeys{header: keyHeader(cfg), now: options.Now}
	var err error
	if cfg.GetFile() != "" {
		if k.file, err = newKeyFile(cfg.GetFile(), options); err != nil {
			return nil, fmt.Errorf("api_keys.file: %w", err)
		}
	}
	if cfg.GetRedis() != nil {
		if k.redis, err = newKeyRedis(cfg.GetRedis(), options); err != nil {
			return nil, errors.Join(fmt.Errorf("api_keys.redis: %w", err), k.close())
		}
	}
	return k, nil
}

func (k *apiKeys) close() error {
	if k == nil {
		return nil
	}
	k.file.close()
	return k.redis.close()
}

// shown returns what a request has in the header of keys, and whether it has any.
func (k *apiKeys) shown(h http.Header) ([]string, bool) {
	if k == nil {
		return nil, false
	}
	values, ok := h[k.header]
	return values, ok
}

func (k *apiKeys) authenticate(ctx context.Context, headers []string) (*principal.Principal, error) {
	switch {
	case len(headers) != 1:
		return nil, invalidRequest("there are several keys; send one")
	case headers[0] == "" || len(headers[0]) > maxKey:
		return nil, refuse("the key is not known")
	}
	sum := sha256.Sum256([]byte(headers[0]))
	e := k.file.find(&sum)
	if e == nil && k.redis != nil {
		var err error
		if e, err = k.redis.find(ctx, &sum); err != nil {
			return nil, err
		}
	}
	switch {
	case e == nil:
		return nil, refuse("the key is not known")
	case !e.expires.IsZero() && !k.now().Before(e.expires):
		return nil, refuse("the key has expired")
	default:
		return e.principal, nil
	}
}
