package upstream

import (
	"google.golang.org/grpc/encoding"
	_ "google.golang.org/grpc/encoding/proto" // gRPC's own codec
	"google.golang.org/grpc/mem"
)

// Message is one protobuf message as an upstream sent it.
type Message struct {
	buffer mem.Buffer
}

// Bytes returns the wire bytes. They are valid until Free.
func (m *Message) Bytes() []byte {
	if m.buffer == nil {
		return nil
	}
	return m.buffer.ReadOnlyData()
}

// Free gives the bytes back. The message can then receive another.
func (m *Message) Free() {
	if m.buffer != nil {
		m.buffer.Free()
		m.buffer = nil
	}
}

// codec hands bytes through. Messages that are objects, those of
// reflection, it leaves to gRPC's own codec.
type codec struct{ objects encoding.CodecV2 }

var _ encoding.CodecV2 = codec{}

func newCodec() codec { return codec{encoding.GetCodecV2("proto")} }

// Name is empty so that calls have the content type application/grpc, as those of generated clients, and not
// application/grpc+proto, which means the same but is not what every server was tried with.
func (codec) Name() string { return "" }

// Marshal copies the bytes of a request, so that their owner may use the memory again as soon as the call returns;
// gRPC itself may hold on to what it sends for longer.
func (c codec) Marshal(v any) (mem.BufferSlice, error) {
	b, ok := v.([]byte)
	if !ok {
		return c.objects.Marshal(v)
	}
	return mem.BufferSlice{mem.Copy(b, &messages)}, nil
}

func (c codec) Unmarshal(data mem.BufferSlice, v any) error {
	m, ok := v.(*Message)
	if !ok {
		return c.objects.Unmarshal(data, v)
	}
	m.Free()
	m.buffer = data.MaterializeToBuffer(&messages)
	return nil
}
