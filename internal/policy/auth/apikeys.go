package auth

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"net/http"
	"time"

	configv1 "github.com/gatehouse-edge/gatehouse/gen/gatehouse/config/v1"
	"github.com/gatehouse-edge/gatehouse/internal/policy/principal"
	"github.com/gatehouse-edge/gatehouse/internal/watch"
)

// maxKey is how long a key may be, in bytes.
const maxKey = 512

// NewKey makes a key for a caller, and the hash of it, which is all that the edge is told. Keys can not be guessed, so that
// a plain SHA-256 keeps them: no slow hash is needed, as it is for passwords.
func NewKey() (key, hash string) {
	key = "gatehouse_" + rand.Text()
	sum := sha256.Sum256([]byte(key))
	return key, hex.EncodeToString(sum[:])
}

// apiKeys tells who has a key.
type apiKeys struct {
	header string
	file   *watch.Value[map[digest]*grant] // nil without one
	redis  *redisKeys                      // nil without one
	now    func() time.Time
}

// grant is what a key is good for.
type grant struct {
	principal *principal.Principal
	expires   time.Time // zero: never
}

func newAPIKeys(cfg *configv1.ApiKeys, options Options, m *meters) (*apiKeys, error) {
	k := &apiKeys{header: http.CanonicalHeaderKey(keyHeader(cfg)), now: options.Now}
	var err error
	if path := cfg.GetFile(); path != "" {
		parse := func(contents [][]byte) (map[digest]*grant, error) {
			return parseKeyFile(contents[0], options.Audiences)
		}
		if k.file, err = watch.New(options.Log, parse, path); err != nil {
			return nil, fmt.Errorf("api_keys.file: %w", err)
		}
	}
	if cfg.GetRedis() != nil {
		if k.redis, err = newRedisKeys(cfg.GetRedis(), options, m); err != nil {
			if k.file != nil {
				k.file.Close()
			}
			return nil, fmt.Errorf("api_keys.redis.server.%w", err)
		}
	}
	return k, nil
}

func (k *apiKeys) close() error {
	if k == nil {
		return nil
	}
	if k.file != nil {
		k.file.Close()
	}
	if k.redis != nil {
		return k.redis.client.Close()
	}
	return nil
}

// shown returns what a request has in its headers for keys, and whether it has any.
func (k *apiKeys) shown(h http.Header) ([]string, bool) {
	if k == nil {
		return nil, false
	}
	values, ok := h[k.header]
	return values, ok
}

func (k *apiKeys) authenticate(ctx context.Context, headers []string) (*principal.Principal, error) {
	if len(headers) != 1 {
		return nil, invalidRequest("there are several keys; send one")
	}
	switch n := len(headers[0]); {
	case n == 0: // even if somebody has kept the hash of nothing by mistake
		return nil, refuse("the key is not known")
	case n > maxKey:
		return nil, refuse("the key is too long")
	}
	g, err := k.find(ctx, sha256.Sum256([]byte(headers[0])))
	switch {
	case err != nil:
		return nil, err
	case g == nil:
		return nil, refuse("the key is not known")
	case !g.expires.IsZero() && !k.now().Before(g.expires):
		return nil, refuse("the key has expired")
	default:
		return g.principal, nil
	}
}

// find returns nil for a key that is not known. What is looked up is the hash of what was sent, so how long that takes says
// nothing of keys.
func (k *apiKeys) find(ctx context.Context, hash digest) (*grant, error) {
	if k.file != nil {
		if g := k.file.Get()[hash]; g != nil {
			return g, nil
		}
	}
	if k.redis != nil {
		return k.redis.find(ctx, hash)
	}
	return nil, nil //nolint:nilnil // it is not known
}
