package server

import (
	"context"
	"errors"
	"net/http"
	"time"

	"github.com/gatehouse-edge/gatehouse/internal/upstream"
)

// callBothWays passes messages on in both directions at once: those of the body up, as they come, and those of the
// upstream down. Over HTTP/1.1 not every client reads before it has sent everything; over HTTP/2 all can.
func (c *call) callBothWays(ctx context.Context) error {
	control := http.NewResponseController(c.w)
	if err := control.EnableFullDuplex(); err != nil && !errors.Is(err, http.ErrNotSupported) {
		return err
	}
	up, _, err := c.openUpload()
	if err != nil {
		return err // 400, 413, 415
	}
	messages, err := c.open(ctx, upstream.Directions{Client: true, Server: true})
	if err != nil {
		return err
	}
	defer c.close(messages)
	sent := c.goSend(messages, up)
	err = c.pass(messages)
	messages.cancel(nil)
	select {
	case <-sent:
	default: // what is still to come of the body is of no use; the connection ends with it
		control.SetReadDeadline(time.Now()) //nolint:errcheck // a writer without deadlines is a test's
		<-sent
	}
	return err
}

// goSend sends what the body yields while the answers are read. What is wrong with it ends the call.
func (c *call) goSend(messages *openStream, up upload) (sent <-chan struct{}) {
	done := make(chan struct{})
	go func() {
		defer close(done)
		if err := c.sendAll(messages, up); err != nil {
			messages.cancel(err)
		}
	}()
	return done
}
