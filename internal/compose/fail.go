package compose

import (
	"context"
	"errors"
	"fmt"
	"runtime/debug"

	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/grpc/codes"
	"google.golang.org/protobuf/encoding/protowire"

	"github.com/gatehouse-edge/gatehouse/internal/fault"
)

// Reasons of a Partial that are no failure of a call.
const (
	TooMany  = string(fault.TooMany) // elements, of which the first were asked for
	TooLarge = "TOO_LARGE"           // for what the answer may be
)

// unreadable is the error of a request that is not sound.
func unreadable(err error) *fault.Error {
	return fault.New(fault.BadRequest, "the request could not be read").Because(err)
}

// malformed is the error of a response that is not sound.
func malformed(err error) *fault.Error {
	return fault.New(fault.UpstreamBadMessage, "the service's answer could not be read").Because(err)
}

// tooMany is the error of a part for which no calls are left.
func tooMany() *fault.Error {
	return fault.New(fault.TooMany, "the answer takes more calls of services than are made for one request")
}

// tooMuch is the error of a part whose response there is no more room for.
func tooMuch() *fault.Error {
	return fault.New(fault.UpstreamBadMessage, "the services' answers are larger together than is let through")
}

// panicked is the error of what did not come to its end.
func panicked(cause any) *fault.Error {
	return fault.New(fault.Internal, "the request could not be served").Because(fmt.Errorf("panic: %v\n%s", cause, debug.Stack()))
}

// failed is how a call failed that was made with a context.
func failed(ctx context.Context, err error) *fault.Error {
	if f, ok := errors.AsType[*fault.Error](err); ok {
		return f
	}
	switch {
	case errors.Is(err, context.DeadlineExceeded), errors.Is(ctx.Err(), context.DeadlineExceeded):
		return fault.New(fault.UpstreamTimeout, "the service did not answer in time").Because(err)
	case errors.Is(err, context.Canceled):
		return fault.New(fault.ClientGone, "the call was given up").Because(err)
	default:
		return fault.From(err)
	}
}

// of names the part in the cause of its failure.
func (p *part) of(f *fault.Error) *fault.Error {
	named := *f
	named.Cause = fmt.Errorf("part %s", p.name)
	if f.Cause != nil {
		named.Cause = fmt.Errorf("part %s: %w", p.name, f.Cause)
	}
	return &named
}

// isOutage tells whether a failure says something of the service and nothing of the call, so that what it said before still
// holds.
func isOutage(f *fault.Error) bool {
	switch codes.Code(f.Status.GetCode()) {
	case codes.Unavailable, codes.DeadlineExceeded, codes.Internal, codes.Unknown, codes.ResourceExhausted, codes.Aborted,
		codes.DataLoss:
		return true
	default:
		return false
	}
}

// partialOf tells of a failure in a field.
func partialOf(field string, f *fault.Error, instead Instead) Partial {
	p := Partial{Field: field, Code: codes.Code(f.Status.GetCode()), Reason: string(f.Reason), Instead: instead}
	for _, d := range f.Status.GetDetails() {
		if info := new(errdetails.ErrorInfo); p.Reason == "" && d.MessageIs(info) && d.UnmarshalTo(info) == nil {
			p.Reason = info.GetReason()
		}
	}
	return p
}

// append writes a Partial as an occurrence of a field of gatehouse.v1.PartialResult.
func (p *Partial) append(dst []byte, num protowire.Number) []byte {
	var b []byte
	b = protowire.AppendTag(b, 1, protowire.BytesType)
	b = protowire.AppendString(b, p.Field)
	b = protowire.AppendTag(b, 2, protowire.VarintType)
	b = protowire.AppendVarint(b, uint64(p.Code))
	if p.Reason != "" {
		b = protowire.AppendTag(b, 3, protowire.BytesType)
		b = protowire.AppendString(b, p.Reason)
	}
	if p.Instead != Nothing {
		b = protowire.AppendTag(b, 4, protowire.VarintType)
		b = protowire.AppendVarint(b, uint64(p.Instead))
	}
	dst = protowire.AppendTag(dst, num, protowire.BytesType)
	return protowire.AppendBytes(dst, b)
}
