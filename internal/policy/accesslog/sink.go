package accesslog

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"
)

const (
	interval = time.Second
	// enough bytes are written at once, without waiting for the interval to pass.
	enough = 64 << 10
	// most bytes wait while others are being written.
	most = 4 << 20
	// patience is how long closing waits for what is being written.
	patience = 5 * time.Second
)

// sink collects lines, which one goroutine writes.
type sink struct {
	log  *slog.Logger
	lost prometheus.Counter

	mu      sync.Mutex
	pending []byte   // whole lines
	next    *os.File // what to go on with; nil if nobody has asked for that
	closed  bool

	full  chan struct{} // there is enough to write
	asked chan struct{} // somebody has asked to close, or for another file
	done  chan struct{} // nothing is written any more

	// What follows is the goroutine's own.
	out     io.Writer
	file    *os.File // that is to be closed; nil for standard output
	batch   []byte   // whole lines, that are being written
	torn    int      // how many bytes of its first line out has got already, before it failed
	failing bool
	err     error // why the last lines could not be written
}

func newSink(out io.Writer, file *os.File, log *slog.Logger, lost prometheus.Counter) *sink {
	s := &sink{
		log: log, lost: lost, out: out, file: file,
		full: make(chan struct{}, 1), asked: make(chan struct{}, 1), done: make(chan struct{}),
	}
	go s.run()
	return s
}

// add takes a copy of a line, or counts it as lost.
func (s *sink) add(line []byte) {
	s.mu.Lock()
	before := len(s.pending)
	fits := !s.closed && before+len(line) <= most
	if fits {
		s.pending = append(s.pending, line...)
	}
	s.mu.Unlock()
	switch {
	case !fits:
		s.lost.Inc()
	case before < enough && before+len(line) >= enough:
		signal(s.full)
	}
}

func signal(c chan struct{}) {
	select {
	case c <- struct{}{}:
	default: // it has been told already
	}
}

// goOnWith has the lines that follow written to another file.
func (s *sink) goOnWith(file *os.File) error {
	s.mu.Lock()
	unused := file
	if !s.closed {
		unused, s.next = s.next, file
	}
	s.mu.Unlock()
	signal(s.asked)
	if unused != nil {
		return unused.Close()
	}
	return nil
}

// close waits until all has been written, but not for longer than somebody who ends the process would.
func (s *sink) close() error {
	s.mu.Lock()
	s.closed = true
	s.mu.Unlock()
	signal(s.asked)
	timer := time.NewTimer(patience)
	defer timer.Stop()
	select {
	case <-s.done:
		if s.err != nil {
			return fmt.Errorf("access log: %w", s.err)
		}
		return nil
	case <-timer.C:
		return errors.New("access log: the last lines are still being written")
	}
}

func (s *sink) run() {
	defer close(s.done)
	ticker := time.NewTicker(interval)
	defer ticker.Stop()
	for {
		select {
		case <-ticker.C:
		case <-s.full:
		case <-s.asked:
		}
		s.mu.Lock()
		closed, next := s.closed, s.next
		s.next = nil
		s.mu.Unlock()
		s.settle(s.drain())
		if next != nil {
			s.replace(next)
		}
		if closed {
			s.end()
			return
		}
	}
}

// drain writes what has been collected.
func (s *sink) drain() error {
	if err := s.write(); err != nil { // what an earlier failure has left
		return err
	}
	s.mu.Lock()
	s.batch, s.pending = s.pending, s.batch[:0]
	s.mu.Unlock()
	return s.write()
}

// write writes the batch. What can not be written is left for the next time.
func (s *sink) write() error {
	if len(s.batch) == 0 {
		return nil
	}
	n, err := s.out.Write(s.batch[s.torn:])
	if err != nil || s.torn+n < len(s.batch) {
		s.leave(s.torn + n)
		if err == nil {
			err = io.ErrShortWrite
		}
		return err
	}
	s.torn = 0
	s.batch = s.batch[:0]
	if cap(s.batch) > 4*enough {
		s.batch = nil // what a failure took is given back
	}
	return nil
}

// leave takes the lines away of which all is written.
func (s *sink) leave(written int) {
	whole := bytes.LastIndexByte(s.batch[:written], '\n') + 1
	s.batch, s.torn = s.batch[whole:], written-whole
}

// replace goes on with another file. A line that is torn is written to it as a whole.
func (s *sink) replace(next *os.File) {
	s.shut()
	s.out, s.file, s.torn = next, next, 0
	if s.failing {
		s.settle(s.drain())
	}
}

// end counts what can not be written any more.
func (s *sink) end() {
	s.shut()
	s.mu.Lock()
	defer s.mu.Unlock()
	s.lost.Add(float64(bytes.Count(s.batch, newline) + bytes.Count(s.pending, newline)))
}

var newline = []byte("\n")

// shut closes the file. Standard output is not for this log to close.
func (s *sink) shut() {
	if s.file == nil {
		return
	}
	if err := s.file.Close(); err != nil {
		s.log.Error("the access log's file can not be closed", "error", err)
	}
}

// settle tells the beginning and the end of a failure, once each.
func (s *sink) settle(err error) {
	s.err = err
	switch failing := err != nil; {
	case failing && !s.failing:
		s.log.Error("the access log can not be written; lines are kept for a while", "error", err, "most_bytes", most)
	case !failing && s.failing:
		s.log.Info("the access log is written again")
	}
	s.failing = err != nil
}
