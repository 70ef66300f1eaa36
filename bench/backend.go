package main

import (
	"context"
	"fmt"
	"strings"

	"google.golang.org/grpc"
	"google.golang.org/grpc/encoding"
	"google.golang.org/grpc/mem"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/timestamppb"

	edgetestv1 "github.com/gatehouse-edge/gatehouse/gen/edgetest/v1"
)

func item(i int) *edgetestv1.Item {
	return &edgetestv1.Item{
		Id: fmt.Sprintf("p-%04d", i), DisplayName: "Walnut desk organiser, small",
		Description: strings.Repeat("A tidy place for pens and small things. ", 6),
		State:       edgetestv1.Item_STATE_ACTIVE, Stock: int32(i * 7), ViewCount: int64(1_000_000 + i), Rating: 4.5,
		Price: &edgetestv1.Amount{CurrencyCode: "EUR", Units: 49, Nanos: 990_000_000}, Tags: []string{"desk", "wood", "office"},
		Labels: map[string]string{"colour": "walnut", "size": "small"}, Featured: i%3 == 0,
		CreateTime: &timestamppb.Timestamp{Seconds: 1_767_000_000 + int64(i)},
	}
}

func itemList() *edgetestv1.ItemList {
	list := &edgetestv1.ItemList{NextPageToken: "page-2"}
	for i := range 100 {
		list.Items = append(list.Items, item(i))
	}
	return list
}

// rawCodec passes prepared bytes.
type rawCodec struct{}

func (rawCodec) Name() string { return "" }

func (rawCodec) Marshal(v any) (mem.BufferSlice, error) {
	return mem.BufferSlice{mem.SliceBuffer(v.([]byte))}, nil
}

func (rawCodec) Unmarshal(data mem.BufferSlice, v any) error {
	*v.(*[]byte) = nil // what came is not looked at
	return nil
}

var _ encoding.CodecV2 = rawCodec{}

// answers are the backend's prepared replies.
func answers() (map[string][]byte, error) {
	prepared := map[string][]byte{}
	for method, m := range map[string]proto.Message{
		"GetItem": item(1), "ListItems": itemList(), "CreateItem": item(1).GetPrice(), "CreateItems": item(1).GetPrice(),
	} {
		wire, err := proto.MarshalOptions{Deterministic: true}.Marshal(m)
		if err != nil {
			return nil, err
		}
		prepared[method] = wire
	}
	return prepared, nil
}

func newBackend() (*grpc.Server, error) {
	prepared, err := answers()
	if err != nil {
		return nil, err
	}
	desc := grpc.ServiceDesc{ServiceName: "edgetest.v1.BenchService", HandlerType: (*any)(nil)}
	for name, answer := range prepared {
		desc.Methods = append(desc.Methods, grpc.MethodDesc{
			MethodName: name,
			Handler: func(_ any, _ context.Context, decode func(any) error, _ grpc.UnaryServerInterceptor) (any, error) {
				var ignored []byte
				return answer, decode(&ignored)
			},
		})
	}
	s := grpc.NewServer(grpc.ForceServerCodecV2(rawCodec{}))
	s.RegisterService(&desc, struct{}{})
	return s, nil
}
