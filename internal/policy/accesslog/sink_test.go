package accesslog_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	configv1 "github.com/gatehouse-edge/gatehouse/gen/gatehouse/config/v1"
	"github.com/gatehouse-edge/gatehouse/internal/policy/accesslog"
)

// lost is how many lines have been, as operators see it.
func lost(t *testing.T, r *prometheus.Registry) float64 {
	t.Helper()
	families, err := r.Gather()
	if err != nil || len(families) != 1 || families[0].GetName() != "gatehouse_access_log_lost_total" {
		t.Fatalf("%v %v", families, err)
	}
	return families[0].GetMetric()[0].GetCounter().GetValue()
}

// disk is a writer that may be full: it takes so many bytes, and no more.
type disk struct {
	mu   sync.Mutex
	room int
	data []byte
}

func (d *disk) Write(b []byte) (int, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	n := min(len(b), d.room)
	d.room -= n
	d.data = append(d.data, b[:n]...)
	if n < len(b) {
		return n, errors.New("no space left on device")
	}
	return n, nil
}

func (d *disk) set(room int) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.room = room
}

func (d *disk) text() string {
	d.mu.Lock()
	defer d.mu.Unlock()
	return string(d.data)
}

// numbered writes so many records with ids from a number on.
func numbered(l *accesslog.Log, from, n int) {
	for i := range n {
		r := asked("/v1/products")
		r.RequestID = fmt.Sprint(from + i)
		l.Write(r)
	}
}

// ids returns the ids of lines, each of which has to be whole.
func ids(t *testing.T, text string) []string {
	t.Helper()
	var ids []string
	for line := range strings.Lines(text) {
		var got struct {
			ID string `json:"request_id"`
		}
		if err := json.Unmarshal([]byte(line), &got); err != nil || !strings.HasSuffix(line, "}\n") {
			t.Fatalf("a line is torn: %v: %q", err, line)
		}
		ids = append(ids, got.ID)
	}
	return ids
}

func TestLinesAreWrittenEverySecond(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		d := &disk{room: 1 << 20}
		l := newLog(t, nil, accesslog.Options{Stdout: d})
		numbered(l, 0, 3)
		synctest.Wait()
		if d.text() != "" {
			t.Error("each line is written by itself")
		}
		time.Sleep(time.Second)
		synctest.Wait()
		if got := ids(t, d.text()); len(got) != 3 {
			t.Errorf("%v", got)
		}
		numbered(l, 3, 1000)
		synctest.Wait()
		if got := ids(t, d.text()); len(got) < 300 {
			t.Errorf("%d lines, though there were enough to write", len(got))
		}
		if err := l.Close(); err != nil || len(ids(t, d.text())) != 1003 {
			t.Errorf("%v, %d lines", err, len(ids(t, d.text())))
		}
	})
}

func TestAFullDiskLosesNothingAtFirst(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var log bytes.Buffer
		d, registry := &disk{room: 700}, prometheus.NewRegistry()
		l := newLog(t, nil, accesslog.Options{Stdout: d, Log: slog.New(slog.NewTextHandler(&log, nil)), Registerer: registry})
		for i := range 10 {
			numbered(l, i, 1)
			time.Sleep(time.Second)
			synctest.Wait()
		}
		d.set(1 << 20)
		time.Sleep(time.Second)
		synctest.Wait()
		if got := fmt.Sprint(ids(t, d.text())); got != "[0 1 2 3 4 5 6 7 8 9]" || lost(t, registry) > 0 {
			t.Errorf("%s, %v lost", got, lost(t, registry))
		}
		if said := log.String(); strings.Count(said, "\n") != 2 || !strings.Contains(said, "no space left on device") || !strings.Contains(said, "is written again") {
			t.Errorf("it is not said once: %s", said)
		}
		if err := l.Close(); err != nil {
			t.Error(err)
		}
	})
}

func TestLinesThatAreLostAreCounted(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var log bytes.Buffer
		const lines = 100_000 // of 200 bytes or so
		d, registry := &disk{}, prometheus.NewRegistry()
		l := newLog(t, nil, accesslog.Options{Stdout: d, Log: slog.New(slog.NewTextHandler(&log, nil)), Registerer: registry})
		for i := range 10 {
			numbered(l, i*lines/10, lines/10)
			time.Sleep(time.Second)
		}
		early := lost(t, registry)
		if early < lines/4 || early > lines*9/10 {
			t.Errorf("%v of %d lines are lost", early, lines)
		}
		d.set(1 << 30)
		time.Sleep(time.Second)
		synctest.Wait()
		kept := len(ids(t, d.text()))
		if kept+int(early) != lines {
			t.Errorf("%d lines and %v lost are not %d", kept, early, lines)
		}
		numbered(l, lines, 1)
		d.set(0)
		if err := l.Close(); err == nil || !strings.Contains(err.Error(), "no space left") {
			t.Error(err)
		}
		numbered(l, lines+1, 1)
		if now := lost(t, registry); now != early+2 {
			t.Errorf("%v lost at the end", now-early)
		}
		if said := log.String(); strings.Count(said, "\n") != 3 {
			t.Errorf("%s", said)
		}
	})
}

// pipe is standard output that nobody reads.
type pipe struct{ read chan struct{} }

func (p pipe) Write(b []byte) (int, error) {
	<-p.read
	return len(b), nil
}

func TestASlowDiskKeepsNoRequestWaiting(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		p, registry := pipe{make(chan struct{})}, prometheus.NewRegistry()
		l := newLog(t, nil, accesslog.Options{Stdout: p, Registerer: registry})
		numbered(l, 0, 100_000)
		if lost(t, registry) == 0 {
			t.Error("all lines are kept, however many")
		}
		if err := l.Close(); err == nil || !strings.Contains(err.Error(), "still being written") {
			t.Error(err)
		}
		close(p.read)
	})
}

func TestRotationUnderLoadLosesAndTearsNoLine(t *testing.T) {
	t.Parallel()
	folder, registry := t.TempDir(), prometheus.NewRegistry()
	path := filepath.Join(folder, "access.log")
	l := newLog(t, &configv1.AccessLog{File: path}, accesslog.Options{Registerer: registry})
	const writers, each, rotations = 8, 2000, 20
	var wg sync.WaitGroup
	for w := range writers {
		wg.Go(func() { numbered(l, w*each, each) })
	}
	for i := range rotations {
		if err := os.Rename(path, fmt.Sprintf("%s.%d", path, i)); err != nil {
			t.Error(err)
		}
		if err := l.Reopen(); err != nil {
			t.Error(err)
		}
	}
	wg.Wait()
	if err := l.Close(); err != nil {
		t.Error(err)
	}
	files, err := filepath.Glob(path + "*")
	if err != nil || len(files) != rotations+1 {
		t.Errorf("%v %v", files, err)
	}
	seen := map[string]int{}
	for _, file := range files {
		data, err := os.ReadFile(file)
		if err != nil {
			t.Error(err)
		}
		for _, id := range ids(t, string(data)) {
			seen[id]++
		}
	}
	for i := range writers * each {
		if seen[fmt.Sprint(i)] != 1 {
			t.Fatalf("line %d is there %d times", i, seen[fmt.Sprint(i)])
		}
	}
	if lost(t, registry) > 0 {
		t.Errorf("%v lost", lost(t, registry))
	}
}

// read waits until a file has so many lines.
func read(t *testing.T, path string, lines int) string {
	t.Helper()
	for deadline := time.Now().Add(10 * time.Second); time.Now().Before(deadline); time.Sleep(5 * time.Millisecond) {
		if data, err := os.ReadFile(path); err == nil && bytes.Count(data, []byte("\n")) == lines {
			return string(data)
		}
	}
	data, err := os.ReadFile(path)
	t.Fatalf("%q %v", data, err)
	return ""
}

func TestAFileIsAppendedToAndReopened(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "access.log")
	cfg := &configv1.AccessLog{File: path}
	for i := range 2 {
		l := newLog(t, cfg, accesslog.Options{})
		numbered(l, i, 1)
		if err := l.Close(); err != nil {
			t.Fatal(err)
		}
	}
	if info, err := os.Stat(path); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("%v %v: others may read who called", info.Mode(), err)
	}
	l := newLog(t, cfg, accesslog.Options{})
	numbered(l, 2, 1)
	if err := os.Rename(path, path+".1"); err != nil {
		t.Fatal(err)
	}
	if err := l.Reopen(); err != nil {
		t.Fatal(err)
	}
	if got := fmt.Sprint(ids(t, read(t, path+".1", 3))); got != "[0 1 2]" {
		t.Errorf("in the file before: %s", got)
	}
	if err := l.Reopen(); err != nil { // nobody has moved it
		t.Fatal(err)
	}
	numbered(l, 3, 1)
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	if got := fmt.Sprint(ids(t, read(t, path, 1))); got != "[3]" {
		t.Errorf("in the file after: %s", got)
	}
	if err := l.Reopen(); err != nil {
		t.Errorf("after the end: %v", err)
	}
}

func TestAFileThatCanNotBeReopenedIsKept(t *testing.T) {
	t.Parallel()
	folder := filepath.Join(t.TempDir(), "logs")
	if err := os.Mkdir(folder, 0o700); err != nil {
		t.Fatal(err)
	}
	l := newLog(t, &configv1.AccessLog{File: filepath.Join(folder, "access.log")}, accesslog.Options{})
	if err := os.Rename(folder, folder+".1"); err != nil {
		t.Fatal(err)
	}
	if err := l.Reopen(); !errors.Is(err, os.ErrNotExist) {
		t.Error(err)
	}
	numbered(l, 7, 1)
	if err := l.Close(); err != nil {
		t.Error(err)
	}
	read(t, filepath.Join(folder+".1", "access.log"), 1)
	if l, err := accesslog.New(&configv1.AccessLog{File: filepath.Join(folder, "access.log")}, accesslog.Options{}); l != nil || !errors.Is(err, os.ErrNotExist) {
		t.Errorf("%v %v", l, err)
	}
}

// A file on a disk that is full is the real thing, where there is one.
func TestWhatAFullDiskDidNotTakeIsInTheNextFile(t *testing.T) {
	t.Parallel()
	const device = "/dev/full"
	if _, err := os.Stat(device); err != nil {
		t.Skip(err)
	}
	var log bytes.Buffer
	path, registry := filepath.Join(t.TempDir(), "access.log"), prometheus.NewRegistry()
	if err := os.Symlink(device, path); err != nil {
		t.Fatal(err)
	}
	l := newLog(t, &configv1.AccessLog{File: path}, accesslog.Options{Log: slog.New(slog.NewTextHandler(&log, nil)), Registerer: registry})
	numbered(l, 0, 1000)
	if err := os.Remove(path); err != nil {
		t.Fatal(err)
	}
	if err := l.Reopen(); err != nil {
		t.Fatal(err)
	}
	if err := l.Close(); err != nil {
		t.Error(err)
	}
	if got := ids(t, read(t, path, 1000)); got[0] != "0" || got[999] != "999" || lost(t, registry) > 0 {
		t.Errorf("%d lines", len(got))
	}
	if !strings.Contains(log.String(), "no space left on device") {
		t.Error(log.String())
	}
}

func TestLogsThatShareARegistryCountTogether(t *testing.T) {
	t.Parallel()
	registry := prometheus.NewRegistry()
	for range 2 {
		l := newLog(t, nil, accesslog.Options{Stdout: io.Discard, Registerer: registry})
		if err := l.Close(); err != nil {
			t.Error(err)
		}
		numbered(l, 0, 1)
	}
	if got := lost(t, registry); got != 2 {
		t.Errorf("%v lost", got)
	}
}
