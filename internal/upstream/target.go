package upstream

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/backoff"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/experimental"
	"google.golang.org/grpc/metadata"
)

// Options say how a target is reached.
type Options struct {
	Connections int // at least 1
	MaxMessage  int // the largest message to receive, in bytes
	UserAgent   string
	// Dial are further options, for tests that have no network.
	Dial []grpc.DialOption
}

// Target is one place where services run. It may be used by any number of goroutines at once.
type Target struct {
	name  string
	conns []*grpc.ClientConn
	next  atomic.Uint32
}

// Dial prepares connections to a gRPC target; they are opened when first used. Names are resolved again when a
// connection is lost, and calls go round all addresses of a name.
func Dial(target string, opts Options) (*Target, error) {
	registerBalancer()
	t := &Target{name: target}
	dial := append([]grpc.DialOption{
		grpc.WithTransportCredentials(insecure.NewCredentials()),
		grpc.WithUserAgent(opts.UserAgent),
		// One that was away for long is back within seconds, not minutes.
		grpc.WithConnectParams(grpc.ConnectParams{
			Backoff:           backoff.Config{BaseDelay: 200 * time.Millisecond, Multiplier: 1.6, Jitter: 0.2, MaxDelay: 5 * time.Second},
			MinConnectTimeout: 10 * time.Second,
		}),
		grpc.WithDefaultServiceConfig(`{"loadBalancingConfig":[{"` + balancing + `":{}}]}`),
		grpc.WithDefaultCallOptions(
			grpc.ForceCodecV2(newCodec()),
			grpc.MaxCallRecvMsgSize(opts.MaxMessage),
		),
		experimental.WithBufferPool(&messages),
	}, opts.Dial...)
	for range opts.Connections {
		conn, err := grpc.NewClient(target, dial...)
		if err != nil {
			return nil, errors.Join(fmt.Errorf("upstream %q: %w", target, err), t.Close())
		}
		t.conns = append(t.conns, conn)
	}
	return t, nil
}

// Name returns the gRPC target.
func (t *Target) Name() string { return t.name }

// Conn returns the connection whose turn it is.
func (t *Target) Conn() *grpc.ClientConn {
	if len(t.conns) == 1 {
		return t.conns[0]
	}
	return t.conns[t.next.Add(1)%uint32(len(t.conns))]
}

// Close ends all connections and the calls on them.
func (t *Target) Close() error {
	var errs []error
	for _, conn := range t.conns {
		errs = append(errs, conn.Close())
	}
	return errors.Join(errs...)
}

// Reply is the answer to a unary call. It is for one goroutine.
type Reply struct {
	Message         Message
	Header, Trailer metadata.MD

	attempts attempts
	options  [3]grpc.CallOption // that fill in the metadata and count the attempts
}

var replies = sync.Pool{New: func() any {
	r := new(Reply)
	r.options = [3]grpc.CallOption{grpc.Header(&r.Header), grpc.Trailer(&r.Trailer), grpc.PerRPCCredentials(&r.attempts)}
	return r
}}

// NewReply returns an empty reply.
func NewReply() *Reply { return replies.Get().(*Reply) }

// Free gives back the message's bytes and the reply itself, neither of which may be used any more.
func (r *Reply) Free() {
	r.Message.Free()
	r.Header, r.Trailer = nil, nil
	r.attempts.n.Store(0)
	replies.Put(r)
}

// Retries is how often the call was made again.
func (r *Reply) Retries() int { return r.attempts.retries() }

// Unary calls a method with the wire bytes of a request. The error is a *fault.Error.
func (t *Target) Unary(ctx context.Context, method string, request []byte, reply *Reply) error {
	err := t.Conn().Invoke(ctx, method, request, &reply.Message, reply.options[:]...)
	if err != nil {
		return failure(ctx, err, len(reply.Header)+len(reply.Trailer) > 0)
	}
	return nil
}
