package ordering

import (
	"sync"
	"time"

	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/timestamppb"

	commonv1 "github.com/gatehouse-edge/gatehouse/gen/shop/common/v1"
	orderingv1 "github.com/gatehouse-edge/gatehouse/gen/shop/ordering/v1"
	ordersv1 "github.com/gatehouse-edge/gatehouse/gen/shop/orders/v1"
)

// record is an order and what decides how far it has come. Only what stands below mu ever changes.
type record struct {
	number int64
	step   time.Duration
	placed time.Time
	method string
	order  *orderingv1.Order // as it was placed

	mu        sync.Mutex
	cancelled time.Time // zero while it is not
	reason    string
	changed   chan struct{} // closed when it is cancelled
}

// moment is when an order reached a status.
type moment struct {
	status ordersv1.OrderStatus
	time   time.Time
}

// course is the way of an order that nobody calls off, one status a step.
var course = []ordersv1.OrderStatus{
	ordersv1.OrderStatus_ORDER_STATUS_PLACED,
	ordersv1.OrderStatus_ORDER_STATUS_PAID,
	ordersv1.OrderStatus_ORDER_STATUS_PACKED,
	ordersv1.OrderStatus_ORDER_STATUS_SHIPPED,
	ordersv1.OrderStatus_ORDER_STATUS_DELIVERED,
}

// steps returns what has happened to the order so far, the first being that it was placed. There is always one.
func (r *record) steps(now time.Time) []moment {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.stepsLocked(now)
}

func (r *record) stepsLocked(now time.Time) []moment {
	end := now
	if !r.cancelled.IsZero() && r.cancelled.Before(now) {
		end = r.cancelled
	}
	var steps []moment
	for i, status := range course {
		at := r.placed.Add(time.Duration(i) * r.step)
		if i > 0 && at.After(end) {
			break
		}
		steps = append(steps, moment{status, at})
	}
	if !r.cancelled.IsZero() {
		steps = append(steps, moment{ordersv1.OrderStatus_ORDER_STATUS_CANCELLED, r.cancelled})
	}
	return steps
}

// cancel calls the order off, or returns the status that forbids it.
func (r *record) cancel(reason string, now time.Time) (ordersv1.OrderStatus, bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	steps := r.stepsLocked(now)
	if status := steps[len(steps)-1].status; status >= ordersv1.OrderStatus_ORDER_STATUS_SHIPPED {
		return status, false
	}
	r.cancelled, r.reason = now, reason
	close(r.changed)
	return ordersv1.OrderStatus_ORDER_STATUS_CANCELLED, true
}

// at returns the order as it is at a time.
func (r *record) at(now time.Time) *orderingv1.Order { return r.after(r.steps(now)) }

// after returns the order as it is when these steps have been taken.
func (r *record) after(steps []moment) *orderingv1.Order {
	o := proto.CloneOf(r.order)
	o.CreateTime = timestamppb.New(r.placed)
	o.StatusTimes = make(map[string]*timestamppb.Timestamp, len(steps))
	for _, step := range steps {
		o.Status = step.status
		o.StatusTimes[word(step.status)] = timestamppb.New(step.time)
		switch step.status {
		case ordersv1.OrderStatus_ORDER_STATUS_PAID:
			o.Invoices = map[int64]*commonv1.Money{r.number*10 + 1: o.GetTotal()}
		case ordersv1.OrderStatus_ORDER_STATUS_PACKED:
			r.pack(o, step.time)
		case ordersv1.OrderStatus_ORDER_STATUS_UNSPECIFIED, ordersv1.OrderStatus_ORDER_STATUS_PLACED,
			ordersv1.OrderStatus_ORDER_STATUS_SHIPPED, ordersv1.OrderStatus_ORDER_STATUS_DELIVERED,
			ordersv1.OrderStatus_ORDER_STATUS_CANCELLED:
		}
	}
	return o
}

// pack gives each piece its serial number and its warranty.
func (r *record) pack(o *orderingv1.Order, when time.Time) {
	until := timestamppb.New(when.AddDate(2, 0, 0))
	for i, item := range o.GetItems() {
		item.WarrantyUntil = make(map[uint64]*timestamppb.Timestamp, item.GetQuantity())
		for piece := range item.GetQuantity() {
			serial := uint64(r.number)*100_000 + uint64(i)*100 + uint64(piece)
			item.SerialNumbers = append(item.SerialNumbers, serial)
			item.WarrantyUntil[serial] = until
		}
	}
}
