package auth

import (
	"context"
	"errors"
	"fmt"
	"log/slog"

	"github.com/gatehouse-edge/gatehouse/internal/watch"
)

// localKeys are the keys of an issuer that stand in a file.
type localKeys struct{ file *watch.Value[*keySet] }

func newLocalKeys(path string, log *slog.Logger) (*localKeys, error) {
	file, err := watch.New(log, parseLocalKeys, path)
	if err != nil {
		return nil, fmt.Errorf("jwks_file: %w", err)
	}
	return &localKeys{file}, nil
}

// parseLocalKeys takes a set without keys for a mistake: whoever writes the file can see what is wrong.
func parseLocalKeys(contents [][]byte) (*keySet, error) {
	s, err := parseKeys(contents[0])
	if err == nil && len(s.keys) == 0 {
		err = errors.Join(append([]error{errors.New("it holds no key that can be used")}, s.unused...)...)
	}
	return s, err
}

func (l *localKeys) current() *keySet { return l.file.Get() }

func (l *localKeys) newer(context.Context, *keySet) (*keySet, error) { return l.file.Get(), nil }

func (l *localKeys) close() { l.file.Close() }
