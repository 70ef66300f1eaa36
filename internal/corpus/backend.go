package corpus

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"sync"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/reflection"
	reflectionv1 "google.golang.org/grpc/reflection/grpc_reflection_v1"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/types/dynamicpb"
)

// services are those that the corpus calls.
var services = [...]string{"edgetest.v1.EverythingService", "edgetest.v1.ResourceService"}

// Backend is the upstream of all cases: a gRPC server with reflection that answers each call as the case that is
// being played says. Between cases, it answers every call with an empty message.
type Backend struct {
	server *grpc.Server
	turn   sync.Mutex // held while a case is played

	mu   sync.Mutex
	play *play // nil between cases
}

// NewBackend returns a backend that does not serve yet.
func NewBackend() *Backend {
	b := new(Backend)
	b.server = grpc.NewServer(grpc.UnknownServiceHandler(b.handle))
	reflectionv1.RegisterServerReflectionServer(b.server, reflection.NewServerV1(reflection.ServerOptions{Services: listed{}}))
	return b
}

// Serve takes calls until Stop.
func (b *Backend) Serve(lis net.Listener) error { return b.server.Serve(lis) }

// Stop ends all calls.
func (b *Backend) Stop() { b.server.Stop() }

// listed tells reflection of services that are not registered, because their calls are handled as unknown ones.
type listed struct{}

func (listed) GetServiceInfo() map[string]grpc.ServiceInfo {
	infos := map[string]grpc.ServiceInfo{}
	for _, name := range services {
		infos[name] = grpc.ServiceInfo{}
	}
	return infos
}

// play is one case on the stage.
type play struct {
	script *upstream
	ended  chan struct{} // holds one value when a call that hung is ended

	mu    sync.Mutex
	calls []*call
}

// call is what the upstream got.
type call struct {
	rpc      string
	metadata metadata.MD
	deadline time.Duration // 0: none
	requests []proto.Message
}

func (b *Backend) begin(script *upstream) *play {
	p := &play{script: script, ended: make(chan struct{}, 1)}
	b.set(p)
	return p
}

func (b *Backend) set(p *play) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.play = p
}

func (b *Backend) current() *play {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.play
}

// handle takes every call.
func (b *Backend) handle(_ any, s grpc.ServerStream) error {
	rpc, _ := grpc.MethodFromServerStream(s)
	method, p := methodOf(rpc), b.current()
	if method == nil {
		return status.Error(codes.Unimplemented, "there is no such method")
	}
	got := newCall(s.Context(), rpc)
	err := got.read(s, method)
	if p == nil {
		return errors.Join(err, s.SendMsg(dynamicpb.NewMessage(method.Output())))
	}
	if err != nil && s.Context().Err() != nil {
		return err // it was taken back, perhaps by the gateway of the case before
	}
	p.add(got)
	switch {
	case err != nil:
		return err
	case p.script == nil || p.script.rpc != rpc:
		return status.Error(codes.Internal, "the case does not want this call")
	}
	defer p.noteEnd(s.Context())
	return p.script.reply.send(s)
}

// noteEnd notes that a call which would go on for ever does not.
func (p *play) noteEnd(ctx context.Context) {
	if ctx.Err() == nil {
		return
	}
	select {
	case p.ended <- struct{}{}:
	default:
	}
}

func (p *play) add(c *call) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.calls = append(p.calls, c)
}

func newCall(ctx context.Context, rpc string) *call {
	md, _ := metadata.FromIncomingContext(ctx)
	c := &call{rpc: rpc, metadata: md}
	if deadline, ok := ctx.Deadline(); ok {
		c.deadline = time.Until(deadline)
	}
	return c
}

// read takes the one message of a call, or all of a stream.
func (c *call) read(s grpc.ServerStream, method protoreflect.MethodDescriptor) error {
	for {
		m := dynamicpb.NewMessage(method.Input())
		err := s.RecvMsg(m)
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		c.requests = append(c.requests, m)
		if !method.IsStreamingClient() {
			return nil
		}
	}
}

func (r *reply) send(s grpc.ServerStream) error {
	s.SetTrailer(r.trailer)
	if err := s.SetHeader(r.header); err != nil {
		return err
	}
	for _, m := range r.messages {
		if err := s.SendMsg(m); err != nil {
			return err
		}
	}
	if r.hangs {
		<-s.Context().Done()
	}
	return status.ErrorProto(r.status)
}

// compare returns what is wrong with the calls that the upstream got.
func (p *play) compare() []string {
	p.mu.Lock()
	defer p.mu.Unlock()
	switch {
	case p.script == nil && len(p.calls) > 0:
		return []string{"upstream: got a call of " + p.calls[0].rpc + ", want none"}
	case p.script == nil:
		return nil
	case len(p.calls) != 1:
		return []string{fmt.Sprintf("upstream: got %d calls, want one of %s", len(p.calls), p.script.rpc)}
	default:
		return p.script.compare(p.calls[0])
	}
}

func (u *upstream) compare(got *call) []string {
	if got.rpc != u.rpc {
		return []string{fmt.Sprintf("upstream: got a call of %s, want %s", got.rpc, u.rpc)}
	}
	var differences []string
	for _, w := range u.metadata {
		differences = append(differences, w.compare("metadata", got.metadata.Get(w.name))...)
	}
	if u.within > 0 && (got.deadline == 0 || got.deadline > u.within) {
		differences = append(differences, fmt.Sprintf("deadline: got %s, want within %s", got.deadline, u.within))
	}
	if len(got.requests) != len(u.requests) {
		return append(differences, fmt.Sprintf("upstream: got %d messages, want %d", len(got.requests), len(u.requests)))
	}
	for i, want := range u.requests {
		if !proto.Equal(want, got.requests[i]) {
			differences = append(differences, fmt.Sprintf("message %d: got %s, want %s", i, inJSON(got.requests[i]), inJSON(want)))
		}
	}
	return differences
}

func inJSON(m proto.Message) string {
	text, err := protojson.Marshal(m)
	if err != nil {
		return fmt.Sprint(m)
	}
	return shorten(string(text))
}
