package auth

import (
	"context"
	"errors"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	configv1 "github.com/gatehouse-edge/gatehouse/gen/gatehouse/config/v1"
)

const (
	// asks is how often tokens with keys that are not known may have them fetched: so many times at once, and one more
	// with each pause.
	asks     = 6
	askPause = 10 * time.Second
	// firstRetry and slowestRetry are how soon an issuer is asked again that did not answer.
	firstRetry, slowestRetry = time.Second, time.Minute
)

// remoteKeys are the keys that an issuer publishes. They are fetched at start, again and again in the background, and when
// a token has a key that is not known. What was fetched holds until something else is.
type remoteKeys struct {
	fetcher *fetcher
	every   time.Duration
	now     func() time.Time
	log     *slog.Logger
	fetches *prometheus.CounterVec

	keys atomic.Pointer[keySet]

	mu      sync.Mutex
	flight  *flight   // that is under way; nil for none
	began   time.Time // the last one
	left    float64   // how many more tokens may ask for
	failing bool

	ctx    context.Context // until close
	cancel context.CancelFunc
	ended  sync.WaitGroup
}

// flight is one fetching, which all wait for who need it.
type flight struct {
	done chan struct{}
	err  error // once it is done
}

func newRemoteKeys(cfg *configv1.Issuer, options Options, m *meters) (*remoteKeys, error) {
	f, err := newFetcher(cfg)
	if err != nil {
		return nil, err
	}
	r := &remoteKeys{fetcher: f, every: refresh(cfg), now: options.Now, log: options.Log, fetches: m.fetches, left: asks}
	r.ctx, r.cancel = context.WithCancel(context.Background())
	r.ended.Go(r.follow)
	return r, nil
}

func (r *remoteKeys) current() *keySet { return r.keys.Load() }

func (r *remoteKeys) close() {
	r.mu.Lock() // so that no fetching begins any more
	r.cancel()
	r.mu.Unlock()
	r.ended.Wait()
	r.fetcher.client.CloseIdleConnections()
}

// follow fetches the keys in the background until close.
func (r *remoteKeys) follow() {
	retry := firstRetry
	for {
		f := r.fly()
		<-f.done
		pause := r.every
		if f.err != nil {
			pause = min(retry, r.every)
			retry = min(2*retry, slowestRetry)
		} else {
			retry = firstRetry
		}
		select {
		case <-r.ctx.Done():
			return
		case <-time.After(pause):
		}
	}
}

// newer fetches the keys, unless others have been fetched since, or too many have asked.
func (r *remoteKeys) newer(ctx context.Context, than *keySet) (*keySet, error) {
	if now := r.current(); now != than {
		return now, nil
	}
	f := r.join()
	if f == nil {
		if than == nil {
			return nil, errors.New("the keys of the issuer could not be fetched yet")
		}
		return than, nil
	}
	select {
	case <-f.done:
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	now := r.current()
	if now == nil {
		return nil, f.err
	}
	return now, nil // those that were there, if the issuer does not answer: the key is not among them
}

// join returns the fetching that is under way, or begins one if another may be begun; nil otherwise.
func (r *remoteKeys) join() *flight {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.flight != nil {
		return r.flight
	}
	now := r.now()
	r.left = min(asks, r.left+max(0, now.Sub(r.began).Seconds())/askPause.Seconds())
	if r.left < 1 || r.ctx.Err() != nil {
		return nil
	}
	r.left--
	return r.begin(now)
}

// fly is join without a limit, for the background.
func (r *remoteKeys) fly() *flight {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.flight != nil {
		return r.flight
	}
	return r.begin(r.now())
}

func (r *remoteKeys) begin(now time.Time) *flight {
	f := &flight{done: make(chan struct{})}
	r.flight, r.began = f, now
	r.ended.Go(func() { r.fetch(f) })
	return f
}

func (r *remoteKeys) fetch(f *flight) {
	set, err := r.fetcher.fetch(r.ctx)
	if old := r.current(); err == nil && (old == nil || old.digest != set.digest) {
		r.keys.Store(set)
		for _, why := range set.unused {
			r.log.Warn("a key of an issuer can not be used", "issuer", r.fetcher.issuer, "cause", why)
		}
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.tell(err)
	f.err, r.flight = err, nil
	close(f.done)
}

// tell counts a fetching, and logs the beginning and the end of an outage.
func (r *remoteKeys) tell(err error) {
	outcome := "fetched"
	switch {
	case r.ctx.Err() != nil:
		return
	case err != nil:
		outcome = "failed"
		if !r.failing {
			r.log.Error("the keys of an issuer can not be fetched; those that are had go on", "issuer", r.fetcher.issuer, "had", r.current() != nil, "error", err)
		}
	case r.failing:
		r.log.Info("the keys of an issuer can be fetched again", "issuer", r.fetcher.issuer)
	}
	r.failing = err != nil
	r.fetches.WithLabelValues(r.fetcher.issuer, outcome).Inc()
}
