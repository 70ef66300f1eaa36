package watch_test

import (
	"bytes"
	"errors"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/gatehouse-edge/gatehouse/internal/watch"
)

// lines is a log that can be read while it is written.
type lines struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (l *lines) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(p)
}

func (l *lines) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.String()
}

func parse(contents [][]byte) (string, error) {
	if string(contents[0]) == "bad" {
		return "", errors.New("is bad")
	}
	return string(bytes.Join(contents, nil)), nil
}

func write(t *testing.T, path, content string) {
	t.Helper()
	if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
}

func eventually(t *testing.T, what string, ok func() bool) {
	t.Helper()
	for range 200 {
		if ok() {
			return
		}
		time.Sleep(watch.Interval / 20)
	}
	t.Fatal(what)
}

func TestAValueFollowsItsFile(t *testing.T) {
	t.Parallel()
	path, log := filepath.Join(t.TempDir(), "file"), new(lines)
	write(t, path, "one")
	v, err := watch.New(slog.New(slog.NewTextHandler(log, nil)), parse, path)
	if err != nil {
		t.Fatal(err)
	}
	defer v.Close()
	if got := v.Get(); got != "one" {
		t.Fatalf("got %q", got)
	}
	write(t, path, "bad")
	eventually(t, "a bad file was not logged", func() bool { return strings.Contains(log.String(), "is bad") })
	if got := v.Get(); got != "one" {
		t.Errorf("a bad file made %q of the value", got)
	}
	write(t, path, "two")
	eventually(t, "the value did not follow its file", func() bool { return v.Get() == "two" })
	if n := strings.Count(log.String(), "is bad"); n != 1 {
		t.Errorf("a bad file was logged %d times", n)
	}
}

// Kubernetes swaps the symlink of a folder, through which all files of a secret change at once.
func TestAValueFollowsASwappedSymlink(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	for _, version := range []string{"v1", "v2"} {
		if err := os.Mkdir(filepath.Join(dir, version), 0o700); err != nil {
			t.Fatal(err)
		}
		write(t, filepath.Join(dir, version, "a"), version)
		write(t, filepath.Join(dir, version, "b"), version)
	}
	current := filepath.Join(dir, "current")
	if err := os.Symlink("v1", current); err != nil {
		t.Fatal(err)
	}
	v, err := watch.New(slog.New(slog.DiscardHandler), parse, filepath.Join(current, "a"), filepath.Join(current, "b"))
	if err != nil {
		t.Fatal(err)
	}
	defer v.Close()
	next := filepath.Join(dir, "next")
	if err := errors.Join(os.Symlink("v2", next), os.Rename(next, current)); err != nil {
		t.Fatal(err)
	}
	eventually(t, "the value did not follow the symlink", func() bool { return v.Get() == "v2v2" })
}

func TestAFileThatIsNotThereIsAnError(t *testing.T) {
	t.Parallel()
	if _, err := watch.New(slog.Default(), parse, filepath.Join(t.TempDir(), "none")); err == nil {
		t.Error("no error")
	}
}
