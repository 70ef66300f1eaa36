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

// patientWriter does the same for a client of HTTP/2, who can stop one stream and go on with others.
type patientWriter struct {
	http.ResponseWriter
	control  *http.ResponseController
	patience time.Duration
}

// patient returns the writer of a response, which waits no longer than it may.
func patient(w http.ResponseWriter, r *http.Request, patience time.Duration) http.ResponseWriter {
	if r.ProtoMajor < 2 {
		return w
	}
	return &patientWriter{w, http.NewResponseController(w), patience}
}

// Write implements [http.ResponseWriter]. Its time goes on until the next flush: what is left is sent when the call is over.
func (p *patientWriter) Write(b []byte) (int, error) {
	if err := p.wait(time.Now().Add(p.patience)); err != nil {
		return 0, err
	}
	return p.ResponseWriter.Write(b)
}

// FlushError implements what [http.ResponseController] asks for.
func (p *patientWriter) FlushError() error {
	err := errors.Join(p.wait(time.Now().Add(p.patience)), p.control.Flush())
	return errors.Join(err, p.wait(time.Time{})) // for as long as there is nothing to say
}

// Flush implements [http.Flusher].
func (p *patientWriter) Flush() {
	p.FlushError() //nolint:errcheck // the next write tells
}

// Unwrap is for [http.ResponseController].
func (p *patientWriter) Unwrap() http.ResponseWriter { return p.ResponseWriter }

func (p *patientWriter) wait(until time.Time) error {
	if err := p.control.SetWriteDeadline(until); !errors.Is(err, http.ErrNotSupported) {
		return err
	}
	return nil // a writer without deadlines is a test's
}
