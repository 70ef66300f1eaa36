package main

import (
	"context"
	"fmt"
	"os"
	"os/signal"
	"strings"
	"sync/atomic"
	"syscall"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/encoding"
	"google.golang.org/grpc/mem"
	"google.golang.org/grpc/status"
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

// exchange is what a method is called with and what it answers.
type exchange struct{ request, reply proto.Message }

func exchanges() map[string]exchange {
	return map[string]exchange{
		"GetItem":     {&edgetestv1.GetItemRequest{Id: "p-0001"}, item(1)},
		"ListItems":   {&edgetestv1.ListItemsRequest{PageSize: 100}, itemList()},
		"CreateItem":  {item(1), item(1).GetPrice()},
		"CreateItems": {itemList(), item(1).GetPrice()},
	}
}

// rawCodec passes prepared bytes. It reads into a *[]byte, unless that is nil: then what came is not looked at.
type rawCodec struct{}

var _ encoding.CodecV2 = rawCodec{}

func (rawCodec) Name() string { return "" }

func (rawCodec) Marshal(v any) (mem.BufferSlice, error) {
	return mem.BufferSlice{mem.SliceBuffer(v.([]byte))}, nil
}

func (rawCodec) Unmarshal(data mem.BufferSlice, v any) error {
	if into := v.(*[]byte); into != nil {
		*into = data.Materialize()
	}
	return nil
}

// newBackend answers from prepared bytes. Until it is sent SIGUSR1 it also compares every request with what it must be,
// which would cost too much while edges are measured.
func newBackend() (*grpc.Server, error) {
	var trusting atomic.Bool
	checked := make(chan os.Signal, 1)
	signal.Notify(checked, syscall.SIGUSR1)
	go func() {
		<-checked
		trusting.Store(true)
	}()
	desc := grpc.ServiceDesc{ServiceName: "edgetest.v1.BenchService", HandlerType: (*any)(nil)}
	for name, x := range exchanges() {
		answer, err := proto.MarshalOptions{Deterministic: true}.Marshal(x.reply)
		if err != nil {
			return nil, err
		}
		desc.Methods = append(desc.Methods, grpc.MethodDesc{
			MethodName: name,
			Handler: func(_ any, _ context.Context, decode func(any) error, _ grpc.UnaryServerInterceptor) (any, error) {
				if trusting.Load() {
					return answer, decode((*[]byte)(nil))
				}
				return answer, check(x.request, decode)
			},
		})
	}
	s := grpc.NewServer(grpc.ForceServerCodecV2(rawCodec{}))
	s.RegisterService(&desc, struct{}{})
	return s, nil
}

// check refuses a request that is not the one expected.
func check(want proto.Message, decode func(any) error) error {
	var wire []byte
	if err := decode(&wire); err != nil {
		return err
	}
	got := want.ProtoReflect().New().Interface()
	if err := proto.Unmarshal(wire, got); err != nil {
		return status.Errorf(codes.InvalidArgument, "the edge sent bad wire bytes: %v", err)
	}
	if !proto.Equal(got, want) {
		return status.Errorf(codes.InvalidArgument, "the edge sent %v, not %v", got, want)
	}
	return nil
}
