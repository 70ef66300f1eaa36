package compose

import (
	"context"
	"errors"
	"hash/maphash"
	"slices"
	"time"
)

// Store keeps responses, and knows the calls that are under way. It is bounded by the number and the size of what it keeps;
// what has not been asked for the longest goes first. Any number of plans may share one, and any number of goroutines use it
// at once.
type Store struct {
	seed   maphash.Seed
	shards [storeShards]shard
}

const storeShards = 16

// What a store keeps at most where NewStore is not told.
const (
	DefaultEntries = 10_000
	DefaultBytes   = 64 << 20
)

// NewStore returns an empty store for so many responses of so many bytes in all. 0 is the default.
func NewStore(entries, bytes int) *Store {
	if entries == 0 {
		entries = DefaultEntries
	}
	if bytes == 0 {
		bytes = DefaultBytes
	}
	s := &Store{seed: maphash.MakeSeed()}
	for i := range s.shards {
		s.shards[i].init(max(entries/storeShards, 1), bytes/storeShards)
	}
	return s
}

func (s *Store) shard(key []byte) *shard { return &s.shards[maphash.Bytes(s.seed, key)%storeShards] }

// reply is a response, and what is missing of it.
type reply struct {
	wire    []byte
	partial []Partial
	soundTo *mark // the part that has found it sound
}

// mark tells a part from others. Whoever keeps it does not keep the part.
type mark struct{ _ byte }

// get returns a response that is not older.
func (s *Store) get(key []byte, age time.Duration) (reply, bool) {
	sh := s.shard(key)
	sh.Lock()
	defer sh.Unlock()
	e := sh.find(key)
	if e == nil || time.Since(e.made) >= age {
		return reply{}, false
	}
	return e.reply, true
}

// put keeps a response for so long. It belongs to the store then.
func (s *Store) put(key []byte, r reply, keep time.Duration) {
	sh := s.shard(key)
	sh.Lock()
	defer sh.Unlock()
	sh.add(string(key), r, keep)
}

// flight is a call that is under way.
type flight struct {
	done      chan struct{}
	reply     reply
	err       error
	abandoned bool // by the one who makes it, before the whole answer was there
}

// errPanicked is what those get who wait for a call that does not return.
var errPanicked = errors.New("the call was not brought to its end")

// share returns a response that is kept, if it is not older, or that of the same call of somebody else, neither of which takes a
// call, or calls. A response that is called for is kept for so long. A call that its maker gives up is made by another one.
func (s *Store) share(ctx context.Context, key []byte, k lifetimes, a attempt) (r reply, saved bool, err error) {
	sh := s.shard(key)
	for {
		sh.Lock()
		if e := sh.find(key); e != nil && time.Since(e.made) < k.age {
			sh.Unlock()
			return e.reply, true, nil
		}
		other := sh.flights[string(key)]
		if other == nil {
			return s.fly(ctx, sh, string(key), k, a)
		}
		sh.Unlock()
		select {
		case <-ctx.Done():
			return reply{}, false, ctx.Err()
		case <-other.done:
		}
		if !other.abandoned {
			return other.reply, other.err == nil, other.err
		}
	}
}

// attempt is a call that others may wait for.
type attempt struct {
	call func(context.Context) (reply, error)
	// gaveUp tells, of a call that has failed, or whose response is not whole, whether that may be because of its maker, who
	// had no time left, say.
	gaveUp func() bool
}

// lifetimes are how long a response is good, and how long it is kept.
type lifetimes struct{ age, keep time.Duration }

// fly makes a call for all who want it. The shard is locked.
func (s *Store) fly(ctx context.Context, sh *shard, key string, k lifetimes, a attempt) (reply, bool, error) {
	f := &flight{done: make(chan struct{}), err: errPanicked}
	sh.flights[key] = f
	sh.Unlock()
	defer func() {
		f.abandoned = (f.err != nil || len(f.reply.partial) > 0) && a.gaveUp()
		sh.Lock()
		delete(sh.flights, key)
		if f.err == nil && len(f.reply.partial) == 0 {
			sh.add(key, f.reply, k.keep)
		}
		sh.Unlock()
		close(f.done)
	}()
	made, err := a.call(ctx)
	made.wire = slices.Clone(made.wire) // others have it longer than its owner
	f.reply, f.err = made, err
	return made, false, err
}
