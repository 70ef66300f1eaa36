package auth

import (
	"cmp"
	"context"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"sync"
	"sync/atomic"
	"time"

	configv1 "github.com/gatehouse-edge/gatehouse/gen/gatehouse/config/v1"
)

const (
	// demandInterval is how often unknown keys may have the keys fetched.
	demandInterval = 10 * time.Second
	// firstRetry and lastRetry are how long to wait after a failure.
	firstRetry, lastRetry = time.Second, 30 * time.Second
)

// remoteKeys are the keys of an issuer that are fetched, again and again. What was fetched holds until something else is.
type remoteKeys struct {
	issuer string
	fetch  *fetcher
	every  time.Duration
	now    func() time.Time
	log    *slog.Logger
	meters fetchMeters

	set atomic.Pointer[keySet]

	mu       sync.Mutex
	flight   chan struct{} // is closed when the fetch that is under way ends; nil if none is
	failure  error         // of the last fetch
	demanded time.Time     // when a token had the keys fetched last

	ctx    context.Context // until close
	cancel context.CancelFunc
	work   sync.WaitGroup
}

// newRemoteKeys begins to fetch, and waits for nothing.
func newRemoteKeys(cfg *configv1.Issuer, options Options, m *meters) (*remoteKeys, error) {
	fetch, err := newFetcher(cfg)
	if err != nil {
		return nil, err
	}
	r := &remoteKeys{
		issuer: cfg.GetIssuer(), fetch: fetch, every: refresh(cfg), now: options.Now, log: options.Log, meters: m.fetches(cfg.GetIssuer()),
	}
	r.ctx, r.cancel = context.WithCancel(context.Background())
	r.mu.Lock()
	first := r.begin()
	r.mu.Unlock()
	r.work.Go(func() { r.follow(first) })
	return r, nil
}

func (r *remoteKeys) current() *keySet { return r.set.Load() }

func (r *remoteKeys) close() {
	r.mu.Lock() // so that no token has them fetched any more
	r.cancel()
	r.mu.Unlock()
	r.work.Wait()
	r.fetch.client.CloseIdleConnections()
}

// follow fetches in the background: after a failure soon, otherwise now and then, and not at the same moment as all other
// edges do.
func (r *remoteKeys) follow(flight <-chan struct{}) {
	retry := firstRetry
	for {
		<-flight
		r.mu.Lock()
		failed := r.failure != nil
		r.mu.Unlock()
		pause := r.every - rand.N(r.every/10) //nolint:gosec // G404: it need not be unguessable
		if failed {
			pause = min(retry, pause)
			retry = min(2*retry, lastRetry)
		} else {
			retry = firstRetry
		}
		select {
		case <-r.ctx.Done():
			return
		case <-time.After(pause):
		}
		r.mu.Lock()
		flight = r.begin()
		r.mu.Unlock()
	}
}

// newer fetches the keys, but not for each token that asks for it: all that do at a time wait for one fetch, and for some
// time after it what it brought is the answer.
func (r *remoteKeys) newer(ctx context.Context, than *keySet) (*keySet, error) {
	for {
		flight, own := r.ask(than)
		if flight == nil {
			return r.outcome(than)
		}
		select {
		case <-flight:
		case <-ctx.Done():
			return nil, ctx.Err()
		}
		if own { // any other may have begun before there was the key
			return r.outcome(than)
		}
	}
}

// ask returns the fetch to wait for, and whether it has begun for that; nil if there are other keys by now, or somebody has
// asked a short time ago.
func (r *remoteKeys) ask(than *keySet) (flight <-chan struct{}, own bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	switch now := r.now(); {
	case r.set.Load() != than || r.ctx.Err() != nil:
		return nil, false
	case r.flight != nil:
		return r.flight, false
	case now.Sub(r.demanded) < demandInterval:
		return nil, false
	default:
		r.demanded = now
		return r.begin(), true
	}
}

// outcome returns other keys than some, or these. If the last fetch has failed, or none will come any more, it is not known
// whether there are others.
func (r *remoteKeys) outcome(than *keySet) (*keySet, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if set := r.set.Load(); set != than {
		return set, nil
	}
	return than, cmp.Or(r.failure, r.ctx.Err())
}

// begin starts a fetch, unless one is under way. It does not end with the request that has asked for it. r.mu is held.
func (r *remoteKeys) begin() <-chan struct{} {
	if r.flight == nil {
		r.flight = make(chan struct{})
		r.work.Go(r.run)
	}
	return r.flight
}

func (r *remoteKeys) run() {
	set, err := r.get()
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.ctx.Err() == nil {
		r.report(set, err)
	}
	if known := r.set.Load(); err == nil && (known == nil || known.digest != set.digest) {
		r.set.Store(set)
	}
	r.failure = err
	close(r.flight)
	r.flight = nil
}

func (r *remoteKeys) get() (*keySet, error) {
	text, err := r.fetch.keys(r.ctx)
	if err != nil {
		return nil, fmt.Errorf("fetching the keys of %s: %w", r.issuer, err)
	}
	set, err := parseKeys(text)
	if err != nil {
		return nil, fmt.Errorf("the keys of %s: %w", r.issuer, err)
	}
	return set, nil
}

// report logs what has become different.
func (r *remoteKeys) report(set *keySet, err error) {
	known := r.set.Load()
	if err != nil {
		r.meters.failed.Inc()
		if r.failure == nil {
			r.log.Warn("the keys of an issuer can not be fetched; those that are known go on",
				"issuer", r.issuer, "known", known != nil, "cause", err)
		}
		return
	}
	r.meters.fetched.Inc()
	r.meters.keys.Set(float64(len(set.keys)))
	switch {
	case known == nil || known.digest != set.digest:
		log := r.log.With("issuer", r.issuer, "keys", len(set.keys))
		if len(set.unused) > 0 {
			log = log.With("left_out", set.unused)
		}
		log.Info("the keys of an issuer are in use")
	case r.failure != nil:
		r.log.Info("the keys of an issuer can be fetched again", "issuer", r.issuer)
	}
}
