package ratelimit

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	_ "embed" // for the script
	"errors"
	"fmt"
	"os"
	"strconv"
	"strings"
	"time"

	"github.com/redis/go-redis/v9"
	"github.com/redis/go-redis/v9/logging"
	"github.com/redis/go-redis/v9/maintnotifications"

	configv1 "github.com/gatehouse-edge/gatehouse/gen/gatehouse/config/v1"
)

//go:embed script.lua
var scriptText string

var script = redis.NewScript(scriptText)

// dialTimeout is longer than a call waits: a connection that comes too late for one call serves the next.
const dialTimeout = 2 * time.Second

// shared decides in Redis.
type shared struct {
	client  redis.UniversalClient
	prefix  string
	timeout time.Duration
}

// newShared reads what files there are, and connects to nothing yet.
func newShared(cfg *configv1.Redis) (*shared, error) {
	// Each failure is an error of a call too, which is counted; an outage is logged once, by its own words.
	redis.SetLogger(&logging.VoidLogger{})
	s := &shared{prefix: keyPrefix(cfg), timeout: timeout(cfg)}
	encryption, err := clientTLS(cfg.GetTls())
	if err != nil {
		return nil, err
	}
	if _, err := password(cfg.GetPasswordFile()); err != nil {
		return nil, err
	}
	options := &redis.UniversalOptions{
		Addrs: cfg.GetAddresses(), IsClusterMode: cfg.GetCluster(), DB: int(cfg.GetDatabase()),
		CredentialsProviderContext: func(context.Context) (string, string, error) {
			secret, err := password(cfg.GetPasswordFile())
			return cfg.GetUsername(), secret, err
		},
		TLSConfig: encryption,
		// The context's deadline is for everything: a turn at the pool, a new connection, the question and the answer.
		ContextTimeoutEnabled: true, DialTimeout: dialTimeout, DialerRetries: 1,
		PoolSize: int(cfg.GetConnections()), MaxActiveConns: int(cfg.GetConnections()),
		// A question whose answer is lost may have been counted, so it is not asked again.
		MaxRetries: -1,
		Protocol:   2, DisableIdentity: true,
		MaintNotificationsConfig: &maintnotifications.Config{Mode: maintnotifications.ModeDisabled},
	}
	s.client = redis.NewUniversalClient(options)
	return s, nil
}

// password returns what a file holds, without the end of its line.
func password(path string) (string, error) {
	if path == "" {
		return "", nil
	}
	b, err := os.ReadFile(path)
	if err != nil {
		return "", fmt.Errorf("redis.password_file: %w", err)
	}
	return strings.TrimRight(string(b), "\r\n"), nil
}

func clientTLS(cfg *configv1.RedisTls) (*tls.Config, error) {
	if cfg == nil {
		return nil, nil //nolint:nilnil // without it, nothing is encrypted
	}
	c := &tls.Config{MinVersion: tls.VersionTLS12, ServerName: cfg.GetServerName()}
	if path := cfg.GetAuthorities(); path != "" {
		pem, err := os.ReadFile(path)
		if err != nil {
			return nil, fmt.Errorf("redis.tls.authorities: %w", err)
		}
		c.RootCAs = x509.NewCertPool()
		if !c.RootCAs.AppendCertsFromPEM(pem) {
			return nil, fmt.Errorf("redis.tls.authorities: %s holds no PEM certificate", path)
		}
	}
	if cfg.GetCertificate() != "" {
		own := func(*tls.CertificateRequestInfo) (*tls.Certificate, error) {
			pair, err := tls.LoadX509KeyPair(cfg.GetCertificate(), cfg.GetKey())
			return &pair, err
		}
		if _, err := own(nil); err != nil {
			return nil, fmt.Errorf("redis.tls.certificate: %w", err)
		}
		c.GetClientCertificate = own // read again, since certificates are renewed
	}
	return c, nil
}

// decide asks Redis. The readings are those after the decision.
func (s *shared) decide(ctx context.Context, checks []Check) (allowed bool, readings []reading, err error) {
	ctx, cancel := context.WithTimeout(ctx, s.timeout)
	defer cancel()
	keys := make([]string, len(checks))
	args := make([]any, 0, 3*len(checks))
	for i := range checks {
		keys[i] = checks[i].shared(s.prefix)
		args = checks[i].Limit.appendShape(args)
	}
	answer, err := script.Run(ctx, s.client, keys, args...).Int64Slice()
	if err != nil {
		return false, nil, err
	}
	if len(answer) != 1+3*len(checks) {
		return false, nil, errors.New("the script's answer has another length than it should")
	}
	readings = make([]reading, len(checks))
	for i := range readings {
		a := answer[1+3*i:]
		readings[i] = reading{
			remaining: uint32(a[0]), reset: time.Duration(a[1]) * time.Microsecond, retry: time.Duration(a[2]) * time.Microsecond,
		}
	}
	return answer[0] == 1, readings, nil
}

// appendShape adds what the script has to know of a limit.
func (l *Limit) appendShape(args []any) []any {
	if l.Kind == Quota {
		return append(args, "quota", l.Window.Microseconds(), l.Requests)
	}
	microseconds := float64(l.Window.Microseconds()) / float64(max(1, l.Requests))
	return append(args, "rate", strconv.FormatFloat(microseconds, 'f', -1, 64), l.burst())
}

// probe asks Redis to decide about something of no interest, so that whatever may keep it from doing so shows: memory that
// is full, a replica that must not be written to, data that is still loading.
func (s *shared) probe(ctx context.Context) error {
	_, _, err := s.decide(ctx, []Check{{Limit: &Limit{Name: "probe", Requests: 1000, Window: time.Second}}})
	return err
}
