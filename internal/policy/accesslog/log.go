package accesslog

import (
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"sync"
	"time"

	"github.com/cespare/xxhash/v2"
	"github.com/prometheus/client_golang/prometheus"
	"google.golang.org/grpc/codes"

	configv1 "github.com/gatehouse-edge/gatehouse/gen/gatehouse/config/v1"
)

// Options are what a log needs beside its configuration. All have defaults.
type Options struct {
	// Stdout gets the lines where no file is configured. Default: the process'.
	Stdout io.Writer
	// Log is told when lines can not be written, and when they can be again. Default: slog's.
	Log *slog.Logger
	// Registerer gets the metrics. Default: none are kept.
	Registerer prometheus.Registerer
}

// Log writes lines. Its methods may be called concurrently. A nil log writes none.
type Log struct {
	path    string // "" for standard output
	sample  uint64
	slow    time.Duration
	noQuery bool
	secret  *Names
	sink    *sink
	lines   sync.Pool // of *line
}

// New opens a log, which is nil where none is to be written. It has to be closed.
func New(cfg *configv1.AccessLog, options Options) (*Log, error) {
	var problems []error
	Problems(cfg, func(key, format string, args ...any) {
		problems = append(problems, fmt.Errorf(key+": "+format, args...))
	})
	if err := errors.Join(problems...); err != nil || cfg.GetOff() {
		return nil, err
	}
	l := &Log{
		path: cfg.GetFile(), sample: uint64(max(cfg.GetSample(), 1)), slow: slowOf(cfg), noQuery: cfg.GetNoQuery(),
		secret: NewNames(cfg.GetSecretParameters()...),
	}
	if options.Stdout == nil {
		options.Stdout = os.Stdout
	}
	if options.Log == nil {
		options.Log = slog.Default()
	}
	var file *os.File
	if l.path != "" {
		var err error
		if file, err = open(l.path); err != nil {
			return nil, err
		}
		options.Stdout = file
	}
	l.sink = newSink(options.Stdout, file, options.Log, registered(options.Registerer, prometheus.NewCounter(prometheus.CounterOpts{
		Name: "gatehouse_access_log_lost_total", Help: "Lines of the access log that could not be written.",
	})))
	return l, nil
}

func open(path string) (*os.File, error) {
	file, err := os.OpenFile(path, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o600)
	if err != nil {
		return nil, fmt.Errorf("access log: %w", err)
	}
	return file, nil
}

// Write writes the line of a request that has been answered, unless it is a success that is left out. It does not keep
// the record, and waits for nothing.
func (l *Log) Write(r *Record) {
	if l == nil {
		return
	}
	rate := uint64(1)
	if l.sample > 1 && !l.isNotable(r) {
		if xxhash.Sum64String(r.RequestID)%l.sample != 0 {
			return
		}
		rate = l.sample
	}
	n, ok := l.lines.Get().(*line)
	if !ok {
		n = &line{text: make([]byte, 0, 1<<10), url: make([]byte, 0, 1<<8)}
	}
	n.write(l, r, rate)
	l.sink.add(n.text)
	if cap(n.url) <= enough { // room for a URL of no reason is not kept
		l.lines.Put(n)
	}
}

// isNotable tells whether a request is logged whatever its id: what failed, and what was slow.
func (l *Log) isNotable(r *Record) bool {
	return r.Status >= 400 || r.Code != codes.OK || r.Reason != "" || r.Total >= l.slow
}

// Reopen opens the file again, which somebody may have moved away, for the lines that follow. Those so far are written to
// the one before. If the file can not be opened, the one before is kept.
func (l *Log) Reopen() error {
	if l == nil || l.path == "" {
		return nil
	}
	file, err := open(l.path)
	if err != nil {
		return err
	}
	return l.sink.goOnWith(file)
}

// Close writes what has not been written. Lines that come later are lost, and counted.
func (l *Log) Close() error {
	if l == nil {
		return nil
	}
	return l.sink.close()
}

// registered returns the collector, or the one that an earlier log has registered under its name.
func registered(r prometheus.Registerer, c prometheus.Counter) prometheus.Counter {
	if r == nil {
		return c
	}
	err := r.Register(c)
	if taken, ok := errors.AsType[prometheus.AlreadyRegisteredError](err); ok {
		if earlier, ok := taken.ExistingCollector.(prometheus.Counter); ok {
			return earlier
		}
	}
	if err != nil {
		panic("accesslog: " + err.Error()) // somebody else uses the name
	}
	return c
}
