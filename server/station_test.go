package server_test

import (
	"context"
	"errors"
	"net"
	"sync"
	"testing"

	"google.golang.org/grpc"
	"google.golang.org/grpc/mem"
	"google.golang.org/protobuf/encoding/protowire"
)

// station is a gRPC server that says whatever a test wants it to, sound or not. It can be killed, and started again at the same
// address.
type station struct {
	t       *testing.T
	address string

	mu      sync.Mutex
	server  *grpc.Server
	answers map[string]manner // by the id that is asked for
	rest    manner            // to all other ids
}

// manner is how a station answers a request for an id.
type manner func(ctx context.Context, id string) ([]byte, error)

// startStation runs a station that answers in one manner, until the test ends.
func startStation(t *testing.T, rest manner) *station {
	t.Helper()
	s := &station{t: t, address: "127.0.0.1:0", rest: rest, answers: map[string]manner{}}
	s.start()
	t.Cleanup(s.kill)
	return s
}

// start listens, where the station has listened before if it has.
func (s *station) start() {
	s.t.Helper()
	lis, err := new(net.ListenConfig).Listen(context.Background(), "tcp", s.address)
	if err != nil {
		s.t.Fatal(err)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.address = lis.Addr().String()
	s.server = grpc.NewServer(grpc.ForceServerCodecV2(sealed{}), grpc.UnknownServiceHandler(s.serve))
	go s.server.Serve(lis) //nolint:errcheck // it ends when it is killed
}

// kill closes the listener and all connections, with calls under way or without.
func (s *station) kill() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.server.Stop()
}

// on says how the station answers for an id from now on.
func (s *station) on(id string, answer manner) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.answers[id] = answer
}

func (s *station) serve(_ any, stream grpc.ServerStream) error {
	var request []byte
	if err := stream.RecvMsg(&request); err != nil {
		return err
	}
	id := ""
	for b := request; len(b) > 0; { // of composed.v1.Ask
		num, typ, n := protowire.ConsumeField(b)
		if n < 0 {
			return errors.New("the edge has written what is no message")
		}
		if num == 1 && typ == protowire.BytesType {
			value, _ := protowire.ConsumeBytes(b[1:])
			id = string(value)
		}
		b = b[n:]
	}
	s.mu.Lock()
	answer := s.answers[id]
	s.mu.Unlock()
	if answer == nil {
		answer = s.rest
	}
	response, err := answer(stream.Context(), id)
	if err != nil {
		return err
	}
	return stream.SendMsg(response)
}

// sealed is a codec for messages that stay closed.
type sealed struct{}

func (sealed) Name() string { return "" }

func (sealed) Marshal(v any) (mem.BufferSlice, error) {
	b, ok := v.([]byte)
	if !ok {
		return nil, errors.New("not bytes")
	}
	return mem.BufferSlice{mem.SliceBuffer(b)}, nil
}

func (sealed) Unmarshal(data mem.BufferSlice, v any) error {
	into, ok := v.(*[]byte)
	if !ok {
		return errors.New("not bytes")
	}
	*into = data.Materialize()
	return nil
}

// says answers with the same bytes always.
func says(response string) manner {
	return func(context.Context, string) ([]byte, error) { return []byte(response), nil }
}

// refuses answers with the same error always.
func refuses(err error) manner {
	return func(context.Context, string) ([]byte, error) { return nil, err }
}

// thing is the bytes of a composed.v1.Thing.
func thing(id, note string) string { return field(1, id) + field(2, note) }

// field is a field that has a length.
func field(num protowire.Number, content string) string {
	return string(protowire.AppendString(protowire.AppendTag(nil, num, protowire.BytesType), content))
}

// number is a field that is a number.
func number(num protowire.Number, n int64) string {
	return string(protowire.AppendVarint(protowire.AppendTag(nil, num, protowire.VarintType), uint64(n)))
}

// good answers as a service does that is well.
func good(_ context.Context, id string) ([]byte, error) { return []byte(thing(id, "good")), nil }
