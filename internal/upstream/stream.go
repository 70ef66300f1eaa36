package upstream

import (
	"context"
	"errors"
	"io"

	"google.golang.org/grpc"
	"google.golang.org/grpc/metadata"
)

// Directions are those in which the messages of a call form a stream.
type Directions struct{ Client, Server bool }

// Stream is the messages of one call. One goroutine may send while another receives.
type Stream struct {
	ctx      context.Context // the caller's; the stream's own is done as soon as the stream is
	stream   grpc.ClientStream
	message  Message
	attempts attempts
}

// Open begins a call whose messages come one by one. The caller cancels ctx when it is done with it. The error is a
// *fault.Error.
func (t *Target) Open(ctx context.Context, method string, d Directions) (*Stream, error) {
	s := &Stream{ctx: ctx}
	var err error
	s.stream, err = t.Conn().NewStream(ctx, &grpc.StreamDesc{ClientStreams: d.Client, ServerStreams: d.Server}, method,
		grpc.PerRPCCredentials(&s.attempts))
	if err != nil {
		return nil, failure(ctx, err, false)
	}
	return s, nil
}

// Retries is how often the call was made again.
func (s *Stream) Retries() int { return s.attempts.retries() }

// Send sends the wire bytes of one message and waits until there is room for it. io.EOF means that the upstream has
// ended the call, and that Receive tells how; any other error is a *fault.Error.
func (s *Stream) Send(wire []byte) error {
	return s.sent(s.stream.SendMsg(wire))
}

// CloseSend says that no more messages will be sent.
func (s *Stream) CloseSend() error {
	return s.sent(s.stream.CloseSend())
}

func (s *Stream) sent(err error) error {
	if err == nil || errors.Is(err, io.EOF) {
		return err
	}
	return s.failure(err)
}

// Receive returns the wire bytes of the next message, valid until the next call; io.EOF after the last, a *fault.Error
// when the call fails.
func (s *Stream) Receive() ([]byte, error) {
	err := s.stream.RecvMsg(&s.message)
	if err == nil {
		return s.message.Bytes(), nil
	}
	s.message.Free()
	if errors.Is(err, io.EOF) {
		return nil, io.EOF
	}
	return nil, s.failure(err)
}

// Header waits for the metadata that come before the messages.
func (s *Stream) Header() metadata.MD {
	md, err := s.stream.Header()
	if err != nil {
		return nil // Receive tells why
	}
	return md
}

// Trailer returns the metadata that came after the messages, once Receive has returned an error or, where the answer is
// one message, that message.
func (s *Stream) Trailer() metadata.MD { return s.stream.Trailer() }

func (s *Stream) failure(err error) error {
	return failure(s.ctx, err, len(s.Header())+len(s.stream.Trailer()) > 0)
}
