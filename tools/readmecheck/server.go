package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"sync"
	"syscall"
	"time"
)

const (
	startTimeout = 5 * time.Minute // a cold build is part of it
	stopTimeout  = 30 * time.Second
)

// server is a command that runs until it is stopped.
type server struct {
	line  string
	cmd   *exec.Cmd
	ended chan error
}

// start runs a line and returns when it has printed something to stdout.
func start(ctx context.Context, folder, line string) (*server, error) {
	spoken := &firstWrite{done: make(chan struct{})}
	var stderr bytes.Buffer
	s := &server{line: line, cmd: exec.CommandContext(ctx, "sh", "-c", line), ended: make(chan error, 1)} //nolint:gosec // as in runLine
	s.cmd.Dir, s.cmd.Stdout, s.cmd.Stderr = folder, spoken, &stderr
	s.cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true} // make, go and the server are told together
	if err := s.cmd.Start(); err != nil {
		return nil, err
	}
	go func() { s.ended <- s.cmd.Wait() }()
	select {
	case <-spoken.done:
		return s, nil
	case err := <-s.ended:
		return nil, errors.Join(fmt.Errorf("it ended by itself:\n%s", &stderr), err)
	case <-time.After(startTimeout):
		return nil, errors.Join(fmt.Errorf("it says nothing for %s", startTimeout), s.stop())
	}
}

// stop asks the server to end, by SIGTERM: a shell's background jobs, and what they start, are deaf to SIGINT. All
// processes that the line started have to end.
func (s *server) stop() error {
	if err := s.signal(syscall.SIGTERM); err != nil {
		return err
	}
	select {
	case <-s.ended: //nolint:errcheck // make and go call it a failure to be told to end
		return nil
	case <-time.After(stopTimeout):
		return errors.Join(fmt.Errorf("%s: does not end when told to", s.line), s.signal(syscall.SIGKILL))
	}
}

// signal reaches all processes that the line started. That they are gone already is an error: a server stays up.
func (s *server) signal(what syscall.Signal) error {
	if err := syscall.Kill(-s.cmd.Process.Pid, what); err != nil {
		return fmt.Errorf("%s: sending %s: %w", s.line, what, err)
	}
	return nil
}

// firstWrite passes output on and tells when there is some.
type firstWrite struct {
	once sync.Once
	done chan struct{}
}

func (f *firstWrite) Write(b []byte) (int, error) {
	f.once.Do(func() { close(f.done) })
	return os.Stdout.Write(b)
}
