package fault

import (
	"errors"
	"fmt"
	"net/http"

	"github.com/grpc-ecosystem/grpc-gateway/v2/runtime"
	"google.golang.org/genproto/googleapis/rpc/errdetails"
	spb "google.golang.org/genproto/googleapis/rpc/status"
	"google.golang.org/grpc/codes"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/anypb"
)

// Reason is a stable name for what the edge refuses, in the ErrorInfo of its errors.
type Reason string

// The reasons of the edge's own errors.
const (
	BadPath            Reason = "BAD_PATH"
	BadRequest         Reason = "BAD_REQUEST"
	RulesViolated      Reason = "RULES_VIOLATED"
	Unauthenticated    Reason = "UNAUTHENTICATED"
	BadCredentials     Reason = "BAD_CREDENTIALS"
	Forbidden          Reason = "FORBIDDEN"
	NoRoute            Reason = "NO_ROUTE"
	MethodNotAllowed   Reason = "METHOD_NOT_ALLOWED"
	NotAcceptable      Reason = "NOT_ACCEPTABLE"
	BodyTimeout        Reason = "BODY_TIMEOUT"
	OriginRefused      Reason = "ORIGIN_REFUSED"
	BodyTooLarge       Reason = "BODY_TOO_LARGE"
	URLTooLong         Reason = "URL_TOO_LONG"
	UnsupportedMedia   Reason = "UNSUPPORTED_MEDIA_TYPE"
	PreconditionFailed Reason = "PRECONDITION_FAILED"
	BadRange           Reason = "BAD_RANGE"
	RateLimited        Reason = "RATE_LIMITED"
	HeadersTooLarge    Reason = "HEADERS_TOO_LARGE"
	ClientGone         Reason = "CLIENT_GONE"
	UpstreamAbsent     Reason = "UPSTREAM_UNAVAILABLE"
	Overloaded         Reason = "OVERLOADED"
	AuthUnavailable    Reason = "AUTHENTICATION_UNAVAILABLE"
	UpstreamTimeout    Reason = "UPSTREAM_TIMEOUT"
	UpstreamBadMessage Reason = "UPSTREAM_BAD_MESSAGE"
	TooMany            Reason = "TOO_MANY"
	Internal           Reason = "INTERNAL"
)

// Domain is that of the edge's ErrorInfo.
const Domain = "gatehouse"

// statusClientClosed is what nginx made the custom for a client that left before its answer.
const statusClientClosed = 499

// kinds gives each reason its gRPC code and HTTP status.
var kinds = map[Reason]struct {
	code codes.Code
	http int
}{
	BadPath:            {codes.InvalidArgument, http.StatusBadRequest},
	BadRequest:         {codes.InvalidArgument, http.StatusBadRequest},
	RulesViolated:      {codes.InvalidArgument, http.StatusBadRequest},
	Unauthenticated:    {codes.Unauthenticated, http.StatusUnauthorized},
	BadCredentials:     {codes.Unauthenticated, http.StatusUnauthorized},
	Forbidden:          {codes.PermissionDenied, http.StatusForbidden},
	NoRoute:            {codes.NotFound, http.StatusNotFound},
	MethodNotAllowed:   {codes.Unimplemented, http.StatusMethodNotAllowed},
	NotAcceptable:      {codes.InvalidArgument, http.StatusNotAcceptable},
	BodyTimeout:        {codes.DeadlineExceeded, http.StatusRequestTimeout},
	OriginRefused:      {codes.PermissionDenied, http.StatusForbidden},
	BodyTooLarge:       {codes.ResourceExhausted, http.StatusRequestEntityTooLarge},
	URLTooLong:         {codes.InvalidArgument, http.StatusRequestURITooLong},
	UnsupportedMedia:   {codes.InvalidArgument, http.StatusUnsupportedMediaType},
	PreconditionFailed: {codes.FailedPrecondition, http.StatusPreconditionFailed},
	BadRange:           {codes.OutOfRange, http.StatusRequestedRangeNotSatisfiable},
	RateLimited:        {codes.ResourceExhausted, http.StatusTooManyRequests},
	HeadersTooLarge:    {codes.InvalidArgument, http.StatusRequestHeaderFieldsTooLarge},
	ClientGone:         {codes.Canceled, statusClientClosed},
	UpstreamAbsent:     {codes.Unavailable, http.StatusServiceUnavailable},
	Overloaded:         {codes.Unavailable, http.StatusServiceUnavailable},
	AuthUnavailable:    {codes.Unavailable, http.StatusServiceUnavailable},
	UpstreamTimeout:    {codes.DeadlineExceeded, http.StatusGatewayTimeout},
	UpstreamBadMessage: {codes.Internal, http.StatusBadGateway},
	TooMany:            {codes.ResourceExhausted, http.StatusBadGateway},
	Internal:           {codes.Internal, http.StatusInternalServerError},
}

// Error is a failed request as its caller may know it, and the cause, which only the log may. Its fields are set when
// it is made and not changed after.
type Error struct {
	// Status is the gRPC status that the body holds.
	Status *spb.Status
	// HTTP is the status code of the response.
	HTTP int
	// Reason is set if the edge itself inferred the error, and empty if an upstream said it.
	Reason Reason
	// Header is added to the response: Allow, Retry-After.
	Header http.Header
	// Cause is for the log.
	Cause error
}

func (e *Error) Error() string {
	text := fmt.Sprintf("%d %s: %s", e.HTTP, codes.Code(e.Status.GetCode()), e.Status.GetMessage())
	if e.Cause != nil {
		text += ": " + e.Cause.Error()
	}
	return text
}

// Unwrap returns the cause.
func (e *Error) Unwrap() error { return e.Cause }

// New returns an error of the edge itself. The message is for people outside.
func New(reason Reason, message string, details ...proto.Message) *Error {
	kind := kinds[reason]
	details = append([]proto.Message{&errdetails.ErrorInfo{Reason: string(reason), Domain: Domain}}, details...)
	return &Error{
		Status: &spb.Status{Code: int32(kind.code), Message: message, Details: pack(details)},
		HTTP:   kind.http, Reason: reason,
	}
}

// Because adds a cause.
func (e *Error) Because(cause error) *Error {
	e.Cause = cause
	return e
}

// With adds a response header.
func (e *Error) With(name, value string) *Error {
	if e.Header == nil {
		e.Header = http.Header{}
	}
	e.Header.Set(name, value)
	return e
}

// Field returns a BadRequest error for one field: its path, and what is wrong with it.
func Field(path, problem string) *Error {
	return New(BadRequest, path+": "+problem, &errdetails.BadRequest{
		FieldViolations: []*errdetails.BadRequest_FieldViolation{{Field: path, Description: problem}},
	})
}

// Upstream returns the error that an upstream answered with.
func Upstream(s *spb.Status) *Error {
	kept := make([]*anypb.Any, 0, len(s.GetDetails()))
	for _, d := range s.GetDetails() {
		if d.MessageName() != "google.rpc.DebugInfo" {
			kept = append(kept, d)
		}
	}
	code := codes.Code(s.GetCode())
	e := &Error{
		Status: &spb.Status{Code: s.GetCode(), Message: s.GetMessage(), Details: kept},
		HTTP:   runtime.HTTPStatusFromCode(code),
	}
	for _, d := range kept {
		if retry := new(errdetails.RetryInfo); d.MessageIs(retry) && d.UnmarshalTo(retry) == nil {
			e.Header = http.Header{"Retry-After": {seconds(retry.GetRetryDelay().AsDuration())}}
		}
	}
	return e
}

// From returns err as an Error: itself if it is one, INTERNAL with err as the cause otherwise.
func From(err error) *Error {
	if e, ok := errors.AsType[*Error](err); ok {
		return e
	}
	return New(Internal, "the request could not be served").Because(err)
}

func pack(details []proto.Message) []*anypb.Any {
	packed := make([]*anypb.Any, 0, len(details))
	for _, d := range details {
		value, err := anypb.New(d)
		if err != nil {
			panic(fmt.Sprintf("fault: packing a %T that the edge made: %v", d, err))
		}
		packed = append(packed, value)
	}
	return packed
}
