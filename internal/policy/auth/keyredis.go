package auth

import (
	"context"
	"encoding/hex"
	"fmt"
	"log/slog"
	"strings"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/redis/go-redis/v9"

	configv1 "github.com/gatehouse-edge/gatehouse/gen/gatehouse/config/v1"
	"github.com/gatehouse-edge/gatehouse/internal/redisclient"
)

const (
	defaultKeyPrefix = "gatehouse:keys"
	// rememberedKeys is how many keys are remembered, and as many that are not known, so that those push none out.
	rememberedKeys = 1 << 14
	// maxOutage is how long a key goes on that Redis can not be asked about.
	maxOutage = time.Hour
)

// redisKeys are the keys in a Redis.
type redisKeys struct {
	client    redis.UniversalClient
	prefix    string
	timeout   time.Duration
	remember  time.Duration
	audiences []string
	now       func() time.Time
	log       *slog.Logger
	failures  prometheus.Counter
	outage    outage

	known   *memory[answer]
	unknown *memory[answer]
}

// answer is what Redis has said of a key, and when.
type answer struct {
	grant *grant // nil: it is not known
	at    time.Time
}

func newRedisKeys(cfg *configv1.ApiKeysInRedis, options Options, m *meters) (*redisKeys, error) {
	client, err := redisclient.New(cfg.GetServer())
	if err != nil {
		return nil, err
	}
	prefix := cfg.GetServer().GetKeyPrefix()
	if prefix == "" {
		prefix = defaultKeyPrefix
	}
	return &redisKeys{
		client: client, prefix: prefix + ":", timeout: redisclient.Timeout(cfg.GetServer()), remember: remember(cfg),
		audiences: options.Audiences, now: options.Now, log: options.Log, failures: m.redisFailures,
		outage: outage{log: options.Log},
		known:  newMemory[answer](rememberedKeys), unknown: newMemory[answer](rememberedKeys),
	}, nil
}

// find returns nil for a key that is not known. While Redis is away, what it has said of keys that it knew goes on.
func (k *redisKeys) find(ctx context.Context, hash digest) (*grant, error) {
	now := k.now()
	last, known := k.known.get(&hash)
	if known && now.Sub(last.at) < k.remember {
		return last.grant, nil
	}
	if no, ok := k.unknown.get(&hash); ok && now.Sub(no.at) < k.remember {
		return nil, nil //nolint:nilnil // it is not known
	}
	g, err := k.ask(ctx, hash, now)
	if err != nil {
		if known && last.grant != nil && now.Sub(last.at) < maxOutage {
			return last.grant, nil
		}
		return nil, err
	}
	if known || g != nil {
		k.known.put(&hash, answer{g, now})
	} else {
		k.unknown.put(&hash, answer{nil, now})
	}
	return g, nil
}

func (k *redisKeys) ask(ctx context.Context, hash digest, now time.Time) (*grant, error) {
	if k.outage.on(now) {
		return nil, errAway
	}
	limited, cancel := context.WithTimeout(ctx, k.timeout)
	defer cancel()
	name := k.prefix + hex.EncodeToString(hash[:])
	fields, err := k.client.HGetAll(limited, name).Result()
	if redis.HasErrorPrefix(err, "WRONGTYPE") {
		k.outage.answered()
		k.log.Error("what redis holds of a key is no hash, so it is refused", "key", name)
		return nil, nil //nolint:nilnil // as good as none
	}
	if err != nil {
		if ctx.Err() == nil { // otherwise the call was given up, which says nothing of Redis
			k.failures.Inc()
			k.outage.failed(now, err)
		}
		return nil, fmt.Errorf("asking redis for a key: %w", err)
	}
	k.outage.answered()
	if len(fields) == 0 {
		return nil, nil //nolint:nilnil // it is not known
	}
	return k.read(name, fields), nil
}

// read returns nil for a key of which something wrong is written: it is as good as none until that is put right.
func (k *redisKeys) read(name string, fields map[string]string) *grant {
	e := entry{scopes: strings.Fields(fields["scopes"])}
	for field, to := range map[string]*string{
		"subject": &e.subject, "name": &e.name, "tier": &e.tier, "audience": &e.audience, "expires": &e.expires,
	} {
		*to = fields[field]
	}
	var wrong []string
	g := e.grant(k.audiences, func(field, format string, args ...any) {
		wrong = append(wrong, field+": "+fmt.Sprintf(format, args...))
	})
	if len(wrong) > 0 {
		k.log.Error("what redis holds of a key is wrong, so it is refused", "key", name, "problems", wrong)
		return nil
	}
	return g
}
