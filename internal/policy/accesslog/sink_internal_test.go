package accesslog

import (
	"errors"
	"log/slog"
	"os"
	"path/filepath"
	"testing"

	"github.com/prometheus/client_golang/prometheus"
)

// tearing is a file that takes so many bytes.
type tearing struct {
	room int
	data []byte
}

func (f *tearing) Write(b []byte) (int, error) {
	n := min(len(b), f.room)
	f.room -= n
	f.data = append(f.data, b[:n]...)
	if n < len(b) {
		return n, errors.New("no space left on device")
	}
	return n, nil
}

func TestALineThatIsTornIsWholeInTheNextFile(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "access.log")
	file, err := open(path)
	if err != nil {
		t.Fatal(err)
	}
	before := &tearing{room: len("one\ntw")}
	s := newSink(before, nil, slog.New(slog.DiscardHandler), prometheus.NewCounter(prometheus.CounterOpts{Name: "lost"}))
	for _, line := range []string{"one\n", "two\n", "three\n"} {
		s.add([]byte(line))
	}
	if err := errors.Join(s.goOnWith(file), s.close()); err != nil {
		t.Fatal(err)
	}
	after, err := os.ReadFile(path)
	if err != nil || string(before.data) != "one\ntw" || string(after) != "two\nthree\n" {
		t.Errorf("%q %q %v", before.data, after, err)
	}
}
