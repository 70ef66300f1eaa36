package edgetest

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"sync"
	"testing"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/mem"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/reflect/protoregistry"
	"google.golang.org/protobuf/types/dynamicpb"
)

// Tape stands between a front and a backend whose answers depend on what it was asked before. It passes calls on and
// remembers the last one; played back, it answers the same call as the backend did without asking it again, so that
// two fronts can be compared by a call that changes something. Calls must be of one request message, and one at a time.
type Tape struct {
	// Target is where it listens.
	Target string

	backend *grpc.ClientConn

	mu       sync.Mutex
	playing  bool
	recorded *recording
	request  proto.Message
	metadata metadata.MD
}

// recording is one call and how the backend answered it.
type recording struct {
	method          string
	request         proto.Message
	messages        []frame
	header, trailer metadata.MD
	err             error
}

// StartTape runs a tape in front of the backend until the test ends. The backend's descriptors must be linked in.
func StartTape(t testing.TB, backend string) *Tape {
	t.Helper()
	conn, err := grpc.NewClient(backend, grpc.WithTransportCredentials(insecure.NewCredentials()),
		grpc.WithDefaultCallOptions(grpc.ForceCodecV2(frames{})))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() }) //nolint:errcheck // nothing is in flight any more
	tape := &Tape{backend: conn}
	tape.Target = serve(t, grpc.NewServer(grpc.ForceServerCodecV2(frames{}), grpc.UnknownServiceHandler(tape.handle)))
	return tape
}

// Record passes the calls that follow on to the backend.
func (t *Tape) Record() { t.play(false) }

// Play answers the calls that follow, if they are the one that was recorded last, from the tape.
func (t *Tape) Play() { t.play(true) }

func (t *Tape) play(playing bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.playing = playing
}

// Last returns the last request and its metadata, nil if there was none since the last time it was asked for.
func (t *Tape) Last() (proto.Message, metadata.MD) {
	t.mu.Lock()
	defer t.mu.Unlock()
	request, md := t.request, t.metadata
	t.request, t.metadata = nil, nil
	return request, md
}

func (t *Tape) handle(_ any, stream grpc.ServerStream) error {
	method, _ := grpc.MethodFromServerStream(stream)
	var wire frame
	if err := stream.RecvMsg(&wire); err != nil {
		return err
	}
	request, err := decodeRequest(method, wire)
	if err != nil {
		return status.Errorf(codes.Internal, "tape: %v", err)
	}
	r, err := t.answer(stream.Context(), method, request, wire)
	if err != nil {
		return status.Errorf(codes.Internal, "tape: %v", err)
	}
	if err := stream.SetHeader(r.header); err != nil {
		return err
	}
	stream.SetTrailer(r.trailer)
	for i := range r.messages {
		if err := stream.SendMsg(&r.messages[i]); err != nil {
			return err
		}
	}
	return r.err
}

func (t *Tape) answer(ctx context.Context, method string, request proto.Message, wire frame) (*recording, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.request = request
	t.metadata, _ = metadata.FromIncomingContext(ctx)
	if r := t.recorded; t.playing && r != nil && r.method == method && proto.Equal(r.request, request) {
		return r, nil
	}
	r := &recording{method: method, request: request}
	t.recorded = r
	return r, r.record(ctx, t.backend, wire)
}

// record asks the backend.
func (r *recording) record(ctx context.Context, backend *grpc.ClientConn, wire frame) error {
	stream, err := backend.NewStream(ctx, &grpc.StreamDesc{ServerStreams: true}, r.method)
	if err != nil {
		return err
	}
	if err := stream.SendMsg(&wire); err != nil && !errors.Is(err, io.EOF) { // EOF: the status comes below
		return err
	}
	if err := stream.CloseSend(); err != nil {
		return err
	}
	for r.err == nil {
		var message frame
		if r.err = stream.RecvMsg(&message); r.err == nil {
			r.messages = append(r.messages, message)
		}
	}
	if errors.Is(r.err, io.EOF) {
		r.err = nil
	}
	r.trailer = stream.Trailer()
	r.header, err = stream.Header()
	return err
}

// decodeRequest reads the request message of a method by its path, /shop.cart.v1.CartService/GetCart.
func decodeRequest(method string, wire frame) (proto.Message, error) {
	name := protoreflect.FullName(strings.ReplaceAll(strings.TrimPrefix(method, "/"), "/", "."))
	d, err := protoregistry.GlobalFiles.FindDescriptorByName(name)
	if err != nil {
		return nil, err
	}
	md, ok := d.(protoreflect.MethodDescriptor)
	if !ok {
		return nil, fmt.Errorf("%s is not a method", name)
	}
	m := dynamicpb.NewMessage(md.Input())
	return m, proto.Unmarshal(wire, m)
}

// frame is the wire bytes of a message.
type frame []byte

// frames is a codec that passes wire bytes through.
type frames struct{}

func (frames) Name() string { return "proto" }

func (frames) Marshal(v any) (mem.BufferSlice, error) {
	f, ok := v.(*frame)
	if !ok {
		return nil, fmt.Errorf("marshal %T: not a frame", v)
	}
	return mem.BufferSlice{mem.SliceBuffer(*f)}, nil
}

func (frames) Unmarshal(data mem.BufferSlice, v any) error {
	f, ok := v.(*frame)
	if !ok {
		return fmt.Errorf("unmarshal %T: not a frame", v)
	}
	*f = data.Materialize()
	return nil
}
