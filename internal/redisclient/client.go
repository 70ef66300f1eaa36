package redisclient

import (
	"context"
	"sync"
	"time"

	"github.com/redis/go-redis/v9"
	"github.com/redis/go-redis/v9/logging"
	"github.com/redis/go-redis/v9/maintnotifications"

	configv1 "github.com/gatehouse-edge/gatehouse/gen/gatehouse/config/v1"
)

// dialTimeout is longer than a call waits: a connection that comes too late for one call serves the next.
const dialTimeout = 2 * time.Second

// silence is for the whole process: each failure is an error of a call too, and whoever calls logs an outage once.
var silence = sync.OnceFunc(func() { redis.SetLogger(&logging.VoidLogger{}) })

// New reads what files there are, and connects to nothing yet. What is asked is asked once: the answer may be lost and the
// question heard. How long it may take, its context says.
func New(cfg *configv1.Redis) (redis.UniversalClient, error) {
	silence()
	encryption, err := clientTLS(cfg.GetTls())
	if err != nil {
		return nil, err
	}
	if _, err := password(cfg.GetPasswordFile()); err != nil {
		return nil, err
	}
	return redis.NewUniversalClient(&redis.UniversalOptions{
		Addrs: cfg.GetAddresses(), IsClusterMode: cfg.GetCluster(), DB: int(cfg.GetDatabase()),
		CredentialsProviderContext: func(context.Context) (string, string, error) {
			secret, err := password(cfg.GetPasswordFile())
			return cfg.GetUsername(), secret, err
		},
		TLSConfig: encryption,
		// The context's deadline is for everything: a turn at the pool, a new connection, the question and the answer.
		ContextTimeoutEnabled: true, DialTimeout: dialTimeout, DialerRetries: 1,
		PoolSize: int(cfg.GetConnections()), MaxActiveConns: int(cfg.GetConnections()),
		MaxRetries: -1,
		Protocol:   2, DisableIdentity: true,
		MaintNotificationsConfig: &maintnotifications.Config{Mode: maintnotifications.ModeDisabled},
	}), nil
}
