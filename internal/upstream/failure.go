package upstream

import (
	"context"
	"errors"
	"strings"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/gatehouse-edge/gatehouse/internal/fault"
)

// failure turns the error of a call into a fault. answered says that some metadata of the upstream's arrived.
func failure(ctx context.Context, err error, answered bool) *fault.Error {
	s := status.Convert(err)
	if answered && !isTransport(s.Message()) {
		return fault.Upstream(s.Proto())
	}
	return inferred(ctx, s.Code()).Because(err)
}

// inferred says, in the edge's own words, why there is no answer.
func inferred(ctx context.Context, code codes.Code) *fault.Error {
	switch {
	case errors.Is(ctx.Err(), context.Canceled):
		return fault.New(fault.ClientGone, "the client left before the answer")
	case code == codes.DeadlineExceeded || errors.Is(ctx.Err(), context.DeadlineExceeded):
		return fault.New(fault.UpstreamTimeout, "the service did not answer in time")
	case code == codes.Unavailable:
		return fault.New(fault.UpstreamAbsent, "the service can not be reached at the moment")
	case code == codes.ResourceExhausted:
		return fault.New(fault.UpstreamBadMessage, "the service's answer is larger than is let through")
	default:
		return fault.New(fault.UpstreamBadMessage, "the service's answer could not be understood")
	}
}

// transportTexts begin what grpc-go reports of connections and deadlines, in the middle of a call too.
var transportTexts = []string{
	"error reading from server:", "connection error:", "closing transport", "transport:", "the connection is draining",
	"the stream is", "unexpected HTTP status", "stream terminated by RST_STREAM", "malformed header", "grpc: ",
	"keepalive ping", "server closed the stream without sending trailers", "http2:",
	context.DeadlineExceeded.Error(), context.Canceled.Error(),
}

// isTransport tells whether the text of a status was made by grpc-go here and not by the upstream.
func isTransport(text string) bool {
	for _, prefix := range transportTexts {
		if strings.HasPrefix(text, prefix) {
			return true
		}
	}
	return false
}
