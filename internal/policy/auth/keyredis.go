package auth

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"log/slog"
	"strings"
	"sync/atomic"
	"time"

	"github.com/redis/go-redis/v9"

	configv1 "github.com/gatehouse-edge/gatehouse/gen/gatehouse/config/v1"
	"github.com/gatehouse-edge/gatehouse/internal/redisclient"
)

const (
	defaultKeyPrefix = "gatehouse:keys"
	rememberedKeys   = 1 << 16
)

// keyRedis is the keys in a Redis. What it said of a key is remembered for a while and, if it is away, until it is back.
type keyRedis struct {
	client     redis.UniversalClient
	prefix     string
	timeout    time.Duration
	remember   time.Duration
	remembered *memory[remembered]
	audiences  []string
	now        func() time.Time
	log        *slog.Logger
	away       atomic.Bool
}

// remembered is what Redis said of a key: nil that it is none.
type remembered struct {
	entry *entry
	until time.Time
}

func newKeyRedis(cfg *configv1.ApiKeysInRedis, options Options) (*keyRedis, error) {
	client, err := redisclient.New(cfg.GetServer())
	if err != nil {
		return nil, fmt.Errorf("server.%w", err)
	}
	k := &keyRedis{
		client: client, prefix: defaultKeyPrefix, timeout: redisclient.Timeout(cfg.GetServer()), remember: remember(cfg),
		remembered: newMemory[remembered](rememberedKeys), audiences: options.Audiences, now: options.Now, log: options.Log,
	}
	if p := cfg.GetServer().GetKeyPrefix(); p != "" {
		k.prefix = p
	}
	return k, nil
}

func (k *keyRedis) close() error {
	if k == nil {
		return nil
	}
	return k.client.Close()
}

// find returns what Redis knows of a key, nil for nothing. The error says that nobody knows.
func (k *keyRedis) find(ctx context.Context, sum *[sha256.Size]byte) (*entry, error) {
	known, ok := k.remembered.get(sum)
	if ok && k.now().Before(known.until) {
		return known.entry, nil
	}
	asking, cancel := context.WithTimeout(ctx, k.timeout)
	defer cancel()
	fields, err := k.client.HGetAll(asking, k.prefix+":"+hex.EncodeToString(sum[:])).Result()
	if err != nil {
		if ctx.Err() == nil && k.away.CompareAndSwap(false, true) {
			k.log.Error("redis does not answer; only keys that are remembered are known", "error", err)
		}
		if ok {
			return known.entry, nil
		}
		return nil, err
	}
	if k.away.CompareAndSwap(true, false) {
		k.log.Info("redis answers again; all keys are known")
	}
	e, err := k.entry(fields)
	if err != nil {
		k.log.Error("a key in redis can not be used", "subject", fields["subject"], "error", err)
	}
	k.remembered.put(sum, remembered{e, k.now().Add(k.remember)})
	return e, nil
}

// entry reads the fields of a hash; there are none where there is no key.
func (k *keyRedis) entry(fields map[string]string) (*entry, error) {
	if len(fields) == 0 {
		return nil, nil //nolint:nilnil // no key, which is no error
	}
	said := fileEntry{Subject: fields["subject"], Scopes: strings.Fields(fields["scopes"]), Tier: fields["tier"], Audience: fields["audience"]}
	if text := fields["expires"]; text != "" {
		var err error
		if said.Expires, err = time.Parse(time.RFC3339, text); err != nil {
			return nil, err
		}
	}
	return said.entry(k.audiences)
}
