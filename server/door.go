package server

import (
	"errors"
	"log/slog"
	"strconv"
	"sync"

	configv1 "github.com/gatehouse-edge/gatehouse/gen/gatehouse/config/v1"
	gatehousev1 "github.com/gatehouse-edge/gatehouse/gen/gatehouse/v1"
	"github.com/gatehouse-edge/gatehouse/internal/policy/access"
	"github.com/gatehouse-edge/gatehouse/internal/policy/concurrency"
	"github.com/gatehouse-edge/gatehouse/internal/policy/ratelimit"
	"github.com/gatehouse-edge/gatehouse/internal/schema"
)

// door is what guards the tables. It outlasts them: what has been counted stays counted when descriptors are loaded again.
type door struct {
	limiter     *ratelimit.Limiter
	defaults    []ratelimit.Rule
	concurrency *configv1.Concurrency
	open        bool // authentication is off

	mu      sync.Mutex
	methods map[string]*concurrency.Limiter // by method and number
	targets map[string]*concurrency.Limiter
}

func newDoor(cfg *configv1.Config, log *slog.Logger, m *meters) (*door, error) {
	d := &door{
		defaults: ratelimit.Defaults(cfg.GetRateLimiting()), concurrency: cfg.GetConcurrency(),
		open:    cfg.GetAuthentication().GetOff(),
		methods: map[string]*concurrency.Limiter{}, targets: map[string]*concurrency.Limiter{},
	}
	var err error
	d.limiter, err = ratelimit.New(cfg.GetRateLimiting(), ratelimit.Options{Log: log, Registerer: m.registry})
	return d, err
}

// close ends what the door holds open.
func (d *door) close() error { return errors.Join(d.limiter.Close()) }

// settle makes of what a policy says what holds here. Without authentication, methods of which nobody says who may call
// them are for everybody; with it, for nobody.
func (d *door) settle(rule *access.Rule, said *gatehousev1.Access) *access.Rule {
	if d.open || !d.knows() && said.GetWho() == nil && len(said.GetFields()) == 0 {
		return access.Open()
	}
	return rule
}

// knows tells whether callers can show who they are.
func (d *door) knows() bool { return false }

// gates are what bounds how many calls of a method, and of its upstream, are under way.
func (d *door) gates(m *schema.Method, p *gatehousev1.Policy, targets *targets) []*concurrency.Limiter {
	var gates []*concurrency.Limiter
	if n := p.GetMaxConcurrent(); n != 0 {
		gates = append(gates, d.gate(d.methods, m.FullName(), "the method", n))
	}
	target := targets.of(string(m.Service.Descriptor.FullName()))
	if n := d.concurrency.GetUpstreamCalls(); n != 0 && target != nil {
		gates = append(gates, d.gate(d.targets, target.Name(), "the service", n))
	}
	return gates
}

// gate returns the limiter of a name, which stays the same as long as its number does.
func (d *door) gate(known map[string]*concurrency.Limiter, name, what string, calls uint32) *concurrency.Limiter {
	d.mu.Lock()
	defer d.mu.Unlock()
	key := name + "/" + strconv.FormatUint(uint64(calls), 10)
	if known[key] == nil {
		known[key] = concurrency.New(what, concurrency.SettingsOf(d.concurrency, calls))
	}
	return known[key]
}

// challenge tells a caller who was refused what would be right.
func (d *door) challenge(err error, _ *access.Rule) error { return err }
