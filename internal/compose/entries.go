package compose

import (
	"container/list"
	"sync"
	"time"
)

// shard is a part of a store, by a hash of the keys.
type shard struct {
	sync.Mutex
	flights map[string]*flight

	entries map[string]*list.Element // of *entry
	recent  *list.List               // the one last asked for in front
	bytes   int

	maxEntries, maxBytes int
}

// entry is one response that is kept.
type entry struct {
	key   string
	reply reply
	made  time.Time
	until time.Time
}

// entryCost is about what an entry takes beside its key and its response.
const entryCost = 200

func (e *entry) size() int { return len(e.key) + len(e.reply.wire) + entryCost }

func (s *shard) init(entries, bytes int) {
	s.flights, s.entries, s.recent = map[string]*flight{}, map[string]*list.Element{}, list.New()
	s.maxEntries, s.maxBytes = entries, bytes
}

// find returns what is kept under a key, nil for nothing.
func (s *shard) find(key []byte) *entry {
	at := s.entries[string(key)]
	if at == nil {
		return nil
	}
	e := at.Value.(*entry)
	if time.Now().After(e.until) {
		s.remove(at)
		return nil
	}
	s.recent.MoveToFront(at)
	return e
}

// add keeps a response for so long, and forgets others until there is room.
func (s *shard) add(key string, r reply, keep time.Duration) {
	if old := s.entries[key]; old != nil {
		s.remove(old)
	}
	now := time.Now()
	e := &entry{key: key, reply: r, made: now, until: now.Add(keep)}
	if keep <= 0 || e.size() > s.maxBytes {
		return
	}
	for len(s.entries) >= s.maxEntries || s.bytes+e.size() > s.maxBytes {
		s.remove(s.recent.Back())
	}
	s.entries[key] = s.recent.PushFront(e)
	s.bytes += e.size()
}

func (s *shard) remove(at *list.Element) {
	e := at.Value.(*entry)
	s.recent.Remove(at)
	delete(s.entries, e.key)
	s.bytes -= e.size()
}
