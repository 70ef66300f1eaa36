package ordering

import (
	"context"
	"strconv"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/metadata"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/anypb"
	"google.golang.org/protobuf/types/known/timestamppb"

	ordersv1 "github.com/gatehouse-edge/gatehouse/gen/shop/orders/v1"
)

// WatchOrder sends the order as it stands, or what the caller has not seen yet, then each step as it is taken. It ends
// when the order can take no further step, when the caller's time is over, or with the call.
func (s *Server) WatchOrder(req *ordersv1.WatchOrderRequest, stream grpc.ServerStreamingServer[ordersv1.OrderChange]) error {
	r, err := s.lookup(stream.Context(), req.GetId())
	if err != nil {
		return err
	}
	var over <-chan time.Time
	if req.GetMaxWait() != nil {
		timer := time.NewTimer(req.GetMaxWait().AsDuration())
		defer timer.Stop()
		over = timer.C
	}
	seen := int(min(lastSeen(stream.Context(), req), uint64(len(course)+1)))
	if seen == 0 {
		seen = len(r.steps(time.Now())) - 1
	}
	for {
		steps := r.steps(time.Now())
		for ; seen < len(steps); seen++ {
			change, err := s.change(stream.Context(), r, steps[:seen+1])
			if err != nil {
				return err
			}
			if err := stream.Send(change); err != nil {
				return err
			}
		}
		if final(steps[len(steps)-1].status) {
			return nil
		}
		next := time.NewTimer(time.Until(r.placed.Add(time.Duration(len(steps)) * r.step)))
		select {
		case <-next.C:
		case <-r.changed:
		case <-over:
			next.Stop()
			return nil
		case <-stream.Context().Done():
			next.Stop()
			return stream.Context().Err()
		}
		next.Stop()
	}
}

// lastSeen is the last step that the caller has seen already, by its own words, or by the Last-Event-ID of a browser that
// lost the connection.
func lastSeen(ctx context.Context, req *ordersv1.WatchOrderRequest) uint64 {
	if req.GetAfterSequence() != 0 {
		return req.GetAfterSequence()
	}
	md, _ := metadata.FromIncomingContext(ctx)
	for _, id := range md.Get("last-event-id") {
		if n, err := strconv.ParseUint(id, 10, 64); err == nil {
			return n
		}
	}
	return 0
}

func final(status ordersv1.OrderStatus) bool {
	return status == ordersv1.OrderStatus_ORDER_STATUS_DELIVERED || status == ordersv1.OrderStatus_ORDER_STATUS_CANCELLED
}

// change describes the last of these steps.
func (s *Server) change(ctx context.Context, r *record, steps []moment) (*ordersv1.OrderChange, error) {
	order, err := s.Whole(ctx, r.after(steps))
	if err != nil {
		return nil, err
	}
	last := steps[len(steps)-1]
	c := &ordersv1.OrderChange{Sequence: uint64(len(steps)), Order: order, Time: timestamppb.New(last.time)}
	if len(steps) > 1 {
		c.PreviousStatus = steps[len(steps)-2].status
	}
	detail := r.detail(order)
	if detail == nil {
		return c, nil
	}
	c.Detail, err = anypb.New(detail)
	return c, err
}

// detail returns what there is to say about reaching the status that the order has, or nil.
func (r *record) detail(order *ordersv1.Order) proto.Message {
	switch order.GetStatus() {
	case ordersv1.OrderStatus_ORDER_STATUS_PAID:
		return &ordersv1.Payment{Amount: order.GetTotal(), Method: r.method}
	case ordersv1.OrderStatus_ORDER_STATUS_PACKED, ordersv1.OrderStatus_ORDER_STATUS_SHIPPED, ordersv1.OrderStatus_ORDER_STATUS_DELIVERED:
		if len(order.GetParcels()) > 0 {
			return order.GetParcels()[0]
		}
	case ordersv1.OrderStatus_ORDER_STATUS_CANCELLED:
		r.mu.Lock()
		defer r.mu.Unlock()
		return &ordersv1.Cancellation{Reason: r.reason, Refund: order.GetTotal()}
	case ordersv1.OrderStatus_ORDER_STATUS_UNSPECIFIED, ordersv1.OrderStatus_ORDER_STATUS_PLACED:
	}
	return nil
}
