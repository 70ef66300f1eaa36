package compose

import (
	"context"
	"sync"
	"time"

	"google.golang.org/grpc/codes"
	"google.golang.org/protobuf/encoding/protowire"
	"google.golang.org/protobuf/reflect/protoreflect"

	gatehousev1 "github.com/gatehouse-edge/gatehouse/gen/gatehouse/v1"
)

// Plan is a composition, compiled. It is immutable but for the memory that its runs use again.
type Plan struct {
	parts   []*part
	partial protowire.Number // of the field that tells what is missing, 0 for none
	wants   []condition      // what the request says of the parts that are wanted
	order   []int            // of the parts, each behind those that it needs
	opts    Options
	keeps   bool // something of a part is kept
	runs    sync.Pool
}

// Target is a method that a part calls, or whose stream takes the place of another one's.
type Target struct {
	Method protoreflect.MethodDescriptor
	Path   string // /shop.cart.v1.CartService/GetCart
	// Upstream is the caller's own: what it needs to call the method. It is set before the first Run.
	Upstream any

	plan *Plan // of a method that is composed itself
}

// Targets are the methods that are called, one for each part, those of parts that are composed themselves included.
func (p *Plan) Targets() []*Target {
	var all []*Target
	for _, part := range p.parts {
		if nested := part.target.plan; nested != nil {
			all = append(all, nested.Targets()...)
		} else {
			all = append(all, part.target)
		}
	}
	return all
}

// Caller calls methods. It is used by several goroutines at once, and not after Run has returned.
type Caller interface {
	// Call returns the response to a request. It returns soon after the context is done. The request is not used any more
	// when it has returned; the response is not changed before Run has. An error is a *fault.Error.
	Call(ctx context.Context, t *Target, request []byte) ([]byte, error)
}

// Observer is told of each part that is performed. It is used by several goroutines at once.
type Observer interface {
	// Begin is told that a part begins. The calls of the part are made with the context that it returns.
	Begin(ctx context.Context, part string) context.Context
	// End is told what became of it, with that context.
	End(ctx context.Context, o Outcome)
}

// Outcome is what became of a part.
type Outcome struct {
	Part    string // of a part that is composed itself: outer.inner
	Took    time.Duration
	Code    codes.Code // OK, or how the part or one of its calls failed
	Err     error      // for the log
	Calls   int        // that were needed, those included that were not made
	Cached  int        // of these, how many a kept response or the same call of somebody else answered
	Instead Instead
}

// Instead is what stands in for a response.
type Instead = gatehousev1.PartialResult_Instead

// What stands in for a response.
const (
	Nothing  = gatehousev1.PartialResult_INSTEAD_UNSPECIFIED
	Constant = gatehousev1.PartialResult_INSTEAD_CONSTANT
	LastGood = gatehousev1.PartialResult_INSTEAD_LAST_GOOD
)

// Partial tells of a field that is not what it would be if all had gone well.
type Partial struct {
	Field   string
	Code    codes.Code
	Reason  string // stable, "" for none
	Instead Instead
}

// part is one part, compiled.
type part struct {
	name     string
	shown    string // what the answer calls it
	target   *Target
	timeout  time.Duration // 0 for none
	optional bool
	visible  bool // to the audience; a part without a field never is
	wanted   int  // the condition in the plan, -1 for none

	field    protoreflect.FieldDescriptor // nil for the whole answer and for none
	splice   splicer
	bindings []binding
	each     *each
	needs    []int // parts that it binds from
	feeds    []int // parts that bind from it

	mark     *mark
	response *shape
	form     func(response []byte, depth int) error // nil for none
	cache    *keeping
	lastGood time.Duration // 0 for none
	constant []byte        // a response; nil for none
}

// each says what a part of many calls is made of.
type each struct {
	list   origin
	shown  string // what clients call a list of the request
	max    int
	atOnce int
}

// keeping says how responses of a part are kept.
type keeping struct {
	id     string        // tells the part from all others
	age    time.Duration // 0 keeps none for its own sake
	shared bool
	flight bool // calls that are the same are made once
}
