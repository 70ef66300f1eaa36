// Package watch keeps what is made of files true to them: certificates, keys, lists of keys. Files are compared by their
// content, so that a swapped symlink, as Kubernetes makes one for a new version of a secret, is a change as any other.
package watch

import (
	"crypto/sha256"
	"fmt"
	"log/slog"
	"os"
	"sync"
	"sync/atomic"
	"time"
)

// Interval is how often files are read.
const Interval = 2 * time.Second

// Value is something that was made of files. Its methods may be called concurrently.
type Value[T any] struct {
	current atomic.Pointer[T]
	paths   []string
	parse   func(contents [][]byte) (T, error)
	log     *slog.Logger
	seen    [sha256.Size]byte // of the contents that were last tried
	failing bool
	stop    chan struct{}
	stopped sync.WaitGroup
	once    sync.Once
}

// New makes a value of files, and again whenever one of them changes. Their contents come in the order of the paths. If
// they can not be read or parsed later on, that is logged once and the value stays what it is.
func New[T any](log *slog.Logger, parse func(contents [][]byte) (T, error), paths ...string) (*Value[T], error) {
	v := &Value[T]{paths: paths, parse: parse, log: log, stop: make(chan struct{})}
	if err := v.load(); err != nil {
		return nil, err
	}
	v.stopped.Go(v.watch)
	return v, nil
}

// Get returns what the files made last.
func (v *Value[T]) Get() T { return *v.current.Load() }

// Close ends the watching.
func (v *Value[T]) Close() {
	v.once.Do(func() { close(v.stop) })
	v.stopped.Wait()
}

func (v *Value[T]) watch() {
	ticker := time.NewTicker(Interval)
	defer ticker.Stop()
	for {
		select {
		case <-ticker.C:
			v.reload()
		case <-v.stop:
			return
		}
	}
}

func (v *Value[T]) reload() {
	err := v.load()
	switch {
	case err != nil && !v.failing:
		v.log.Error("a file has changed and can not be used; what it held before stays", "files", v.paths, "error", err)
	case err == nil && v.failing:
		v.log.Info("files can be used again", "files", v.paths)
	}
	v.failing = err != nil
}

// load parses the files, unless they are what they were when they were parsed last. A pair of files that is being written
// may not fit for a moment: so what could not be parsed is tried again.
func (v *Value[T]) load() error {
	contents := make([][]byte, len(v.paths))
	for i, path := range v.paths {
		var err error
		if contents[i], err = os.ReadFile(path); err != nil {
			return err
		}
	}
	sum := digest(contents)
	if v.current.Load() != nil && sum == v.seen {
		return nil
	}
	value, err := v.parse(contents)
	if err != nil {
		return fmt.Errorf("%s: %w", v.paths[0], err)
	}
	if v.current.Swap(&value) != nil {
		v.log.Info("files have changed and are in use", "files", v.paths)
	}
	v.seen = sum
	return nil
}

func digest(contents [][]byte) [sha256.Size]byte {
	var sums []byte
	for _, content := range contents {
		sum := sha256.Sum256(content)
		sums = append(sums, sum[:]...)
	}
	return sha256.Sum256(sums)
}
