package ratelimit

import (
	"context"
	_ "embed" // for the script
	"errors"
	"fmt"
	"strconv"
	"time"

	"github.com/redis/go-redis/v9"

	configv1 "github.com/gatehouse-edge/gatehouse/gen/gatehouse/config/v1"
	"github.com/gatehouse-edge/gatehouse/internal/redisclient"
)

//go:embed script.lua
var scriptText string

var script = redis.NewScript(scriptText)

// shared decides in Redis.
type shared struct {
	client  redis.UniversalClient
	prefix  string
	timeout time.Duration
}

// newShared reads what files there are, and connects to nothing yet.
func newShared(cfg *configv1.Redis) (*shared, error) {
	client, err := redisclient.New(cfg)
	if err != nil {
		return nil, fmt.Errorf("redis.%w", err)
	}
	return &shared{client: client, prefix: keyPrefix(cfg), timeout: redisclient.Timeout(cfg)}, nil
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
