package edgetest

import (
	"context"
	"net"
	"sync"
	"testing"

	"google.golang.org/genproto/googleapis/api/httpbody"
	"google.golang.org/genproto/googleapis/rpc/errdetails"
	spb "google.golang.org/genproto/googleapis/rpc/status"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/reflection"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/anypb"
	"google.golang.org/protobuf/types/known/durationpb"
	"google.golang.org/protobuf/types/known/emptypb"

	edgetestv1 "github.com/gatehouse-edge/gatehouse/gen/edgetest/v1"
)

// Backend serves edgetest.v1.EverythingService: most methods answer with what they were asked. It remembers the last
// call. Its methods may be called concurrently.
type Backend struct {
	edgetestv1.UnimplementedEverythingServiceServer

	// Target is where it listens.
	Target string
	// Hold, if set, is called in Watch before each message but the first, and in Query before the answer, with the
	// call's context.
	Hold func(ctx context.Context) error

	mu       sync.Mutex
	request  proto.Message
	metadata metadata.MD
}

// StartBackend runs a backend on a free loopback port until the test ends.
func StartBackend(t testing.TB) *Backend {
	t.Helper()
	b := new(Backend)
	b.Target = Serve(t, func(s *grpc.Server) { edgetestv1.RegisterEverythingServiceServer(s, b) })
	return b
}

// Serve runs a gRPC server with reflection on a free loopback port until the test ends, and returns its target.
func Serve(t testing.TB, register func(*grpc.Server), opts ...grpc.ServerOption) string {
	t.Helper()
	s := grpc.NewServer(opts...)
	register(s)
	reflection.Register(s)
	return serve(t, s)
}

func serve(t testing.TB, s *grpc.Server) (target string) {
	t.Helper()
	lis, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	go s.Serve(lis) //nolint:errcheck // it ends when the test stops it
	t.Cleanup(s.Stop)
	return lis.Addr().String()
}

// Last returns the last request and its metadata, nil if there was none since the last time it was asked for.
func (b *Backend) Last() (proto.Message, metadata.MD) {
	b.mu.Lock()
	defer b.mu.Unlock()
	request, md := b.request, b.metadata
	b.request, b.metadata = nil, nil
	return request, md
}

func (b *Backend) remember(ctx context.Context, m proto.Message) {
	md, _ := metadata.FromIncomingContext(ctx)
	b.mu.Lock()
	defer b.mu.Unlock()
	b.request, b.metadata = proto.Clone(m), md
}

func (b *Backend) echo(ctx context.Context, m *edgetestv1.Everything) (*edgetestv1.Everything, error) {
	b.remember(ctx, m)
	err := grpc.SetHeader(ctx, metadata.Pairs("x-answer", "header", "etag", `"1"`, "set-cookie", "never"))
	if err == nil {
		err = grpc.SetTrailer(ctx, metadata.Pairs("x-trail", "trailer"))
	}
	return m, err
}

// Query answers with the request.
func (b *Backend) Query(ctx context.Context, m *edgetestv1.Everything) (*edgetestv1.Everything, error) {
	if b.Hold != nil {
		if err := b.Hold(ctx); err != nil {
			return nil, err
		}
	}
	return b.echo(ctx, m)
}

// Body answers with the request.
func (b *Backend) Body(ctx context.Context, m *edgetestv1.Everything) (*edgetestv1.Everything, error) {
	return b.echo(ctx, m)
}

// BodyAndPath answers with the request.
func (b *Backend) BodyAndPath(ctx context.Context, m *edgetestv1.Everything) (*edgetestv1.Everything, error) {
	return b.echo(ctx, m)
}

// FieldBody answers with the request.
func (b *Backend) FieldBody(ctx context.Context, m *edgetestv1.Everything) (*edgetestv1.Everything, error) {
	return b.echo(ctx, m)
}

// Nested answers with the request.
func (b *Backend) Nested(ctx context.Context, m *edgetestv1.Everything) (*edgetestv1.Everything, error) {
	return b.echo(ctx, m)
}

// Path answers with the request.
func (b *Backend) Path(ctx context.Context, m *edgetestv1.Everything) (*edgetestv1.Everything, error) {
	return b.echo(ctx, m)
}

// Templates answers with the request.
func (b *Backend) Templates(ctx context.Context, m *edgetestv1.Everything) (*edgetestv1.Everything, error) {
	return b.echo(ctx, m)
}

// Custom answers with the request.
func (b *Backend) Custom(ctx context.Context, m *edgetestv1.Everything) (*edgetestv1.Everything, error) {
	return b.echo(ctx, m)
}

// ResponseBody answers with the request.
func (b *Backend) ResponseBody(ctx context.Context, m *edgetestv1.Everything) (*edgetestv1.Everything, error) {
	return b.echo(ctx, m)
}

// Nothing answers with nothing.
func (b *Backend) Nothing(ctx context.Context, m *emptypb.Empty) (*emptypb.Empty, error) {
	b.remember(ctx, m)
	return m, nil
}

// unknown is a detail of a type that nobody has heard of.
var unknown = &anypb.Any{TypeUrl: "type.googleapis.com/nobody.knows.v1.This", Value: []byte{8, 1}}

// Fail fails with the code in int32_value, the message in text, and details; with bool_value, one of them is of an
// unknown type.
func (b *Backend) Fail(ctx context.Context, m *edgetestv1.Everything) (*edgetestv1.Everything, error) {
	b.remember(ctx, m)
	s := &spb.Status{Code: m.GetInt32Value(), Message: m.GetText()}
	for _, detail := range []proto.Message{
		&errdetails.BadRequest{FieldViolations: []*errdetails.BadRequest_FieldViolation{{Field: "text", Description: "not like this"}}},
		&errdetails.RetryInfo{RetryDelay: durationpb.New(1500e6)},
		&errdetails.DebugInfo{StackEntries: []string{"main.go:1"}, Detail: "secret of the backend"},
	} {
		packed, err := anypb.New(detail)
		if err != nil {
			return nil, err
		}
		s.Details = append(s.Details, packed)
	}
	if m.GetBoolValue() {
		s.Details = append(s.Details, unknown)
	}
	return nil, status.ErrorProto(s)
}

// Watch sends int32_value messages and then fails, if text says how.
func (b *Backend) Watch(m *edgetestv1.Everything, stream grpc.ServerStreamingServer[edgetestv1.Everything]) error {
	b.remember(stream.Context(), m)
	if err := stream.SetHeader(metadata.Pairs("x-answer", "header")); err != nil {
		return err
	}
	for i := range m.GetInt32Value() {
		if i > 0 && b.Hold != nil {
			if err := b.Hold(stream.Context()); err != nil {
				return err
			}
		}
		if err := stream.Send(&edgetestv1.Everything{Int32Value: i}); err != nil {
			return err
		}
	}
	if m.GetText() != "" {
		return status.Error(codes.Aborted, m.GetText())
	}
	return nil
}

// Download answers with a text of the type text/plain.
func (b *Backend) Download(ctx context.Context, m *edgetestv1.Everything) (*httpbody.HttpBody, error) {
	b.remember(ctx, m)
	return &httpbody.HttpBody{ContentType: "text/plain", Data: []byte("content of " + m.GetText())}, nil
}
