package server

import (
	"errors"
	"net"
	"net/http"
	"time"
)

// patientListener gives clients so long to accept the next part of what they are sent, and no longer: who stops reading holds
// nothing for ever.
type patientListener struct {
	net.Listener
	patience time.Duration
}

func (l patientListener) Accept() (net.Conn, error) {
	conn, err := l.Listener.Accept()
	if err != nil {
		return nil, err
	}
	return &patientConn{conn, l.patience}, nil
}

type patientConn struct {
	net.Conn
	patience time.Duration
}

// part is what a client has to accept in the time that it is given.
const part = 64 << 10

// Write implements [net.Conn].
func (c *patientConn) Write(b []byte) (n int, err error) {
	for {
		if err := c.SetWriteDeadline(time.Now().Add(c.patience)); err != nil {
			return n, err
		}
		m, err := c.Conn.Write(b[:min(len(b), part)])
		n += m
		if b = b[m:]; err != nil || len(b) == 0 {
			return n, err
		}
	}
}

// patientWithBodies gives clients so long to send bodies that nobody reads. net/http does, so that the connection can be used
// again, and waits for them before it answers. Who reads a body sets deadlines of its own.
func patientWithBodies(h http.Handler, patience time.Duration) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.ContentLength != 0 && r.ProtoMajor < 2 {
			http.NewResponseController(w).SetReadDeadline(time.Now().Add(patience)) //nolint:errcheck // net/http can
		}
		h.ServeHTTP(w, r)
	})
}

// writer is where a response goes. It counts what is written and, for a client of HTTP/2, who can stop one stream and go on
// with others, waits no longer than it may.
type writer struct {
	http.ResponseWriter
	control  *http.ResponseController
	patience time.Duration // 0 where the connection sees to it
	bytes    int64
}

func newWriter(w http.ResponseWriter, r *http.Request, patience time.Duration) writer {
	if r.ProtoMajor < 2 {
		patience = 0
	}
	return writer{ResponseWriter: w, control: http.NewResponseController(w), patience: patience}
}

// Write implements [http.ResponseWriter]. Its time goes on until the next flush: what is left is sent when the call is over.
func (w *writer) Write(b []byte) (int, error) {
	if err := w.wait(w.patience); err != nil {
		return 0, err
	}
	n, err := w.ResponseWriter.Write(b)
	w.bytes += int64(n)
	return n, err
}

// FlushError implements what [http.ResponseController] asks for.
func (w *writer) FlushError() error {
	if w.patience == 0 {
		return w.control.Flush()
	}
	err := errors.Join(w.wait(w.patience), w.control.Flush())
	return errors.Join(err, w.ready(time.Time{})) // for as long as there is nothing to say
}

// Flush implements [http.Flusher].
func (w *writer) Flush() {
	w.FlushError() //nolint:errcheck // the next write tells
}

// Unwrap is for [http.ResponseController].
func (w *writer) Unwrap() http.ResponseWriter { return w.ResponseWriter }

func (w *writer) wait(patience time.Duration) error {
	if patience == 0 {
		return nil
	}
	return w.ready(time.Now().Add(patience))
}

func (w *writer) ready(until time.Time) error {
	if err := w.control.SetWriteDeadline(until); !errors.Is(err, http.ErrNotSupported) {
		return err
	}
	return nil // a writer without deadlines is a test's
}
