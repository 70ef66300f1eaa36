package fault

import (
	"encoding/json"
	"net/http"

	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/grpc/codes"
)

// problem is the body of application/problem+json. Its type is always about:blank, so that its title is the status's
// phrase; what tells errors apart is the code and, for the edge's own, the reason.
type problem struct {
	Type      string            `json:"type"`
	Title     string            `json:"title"`
	Status    int               `json:"status"`
	Detail    string            `json:"detail,omitempty"`
	Code      string            `json:"code"` // gRPC's, such as INVALID_ARGUMENT
	Reason    string            `json:"reason,omitempty"`
	Domain    string            `json:"domain,omitempty"` // that the reason is from
	RequestID string            `json:"requestId,omitempty"`
	Errors    []violation       `json:"errors,omitempty"`
	Details   []json.RawMessage `json:"details,omitempty"` // what has no place above
}

// violation is what is wrong with one field.
type violation struct {
	Field  string `json:"field"`
	Detail string `json:"detail"`
}

func (e *Error) problem(requestID string) []byte {
	body := problem{
		Type: "about:blank", Title: http.StatusText(e.HTTP), Status: e.HTTP, Detail: e.Status.GetMessage(),
		Code: codeName(codes.Code(e.Status.GetCode())), RequestID: requestID,
	}
	if e.HTTP == statusClientClosed {
		body.Title = "Client Closed Request"
	}
	for _, d := range e.Status.GetDetails() {
		info, bad := new(errdetails.ErrorInfo), new(errdetails.BadRequest)
		switch {
		case d.MessageIs(info) && body.Reason == "" && d.UnmarshalTo(info) == nil:
			body.Reason, body.Domain = info.GetReason(), info.GetDomain()
			if len(info.GetMetadata()) > 0 {
				body.Details = append(body.Details, detailJSON(d, Brief))
			}
		case d.MessageIs(bad) && d.UnmarshalTo(bad) == nil:
			for _, v := range bad.GetFieldViolations() {
				body.Errors = append(body.Errors, violation{Field: v.GetField(), Detail: v.GetDescription()})
			}
		default:
			body.Details = append(body.Details, detailJSON(d, Brief))
		}
	}
	return encode(body)
}

// codeNames are those of google.rpc.Code.
var codeNames = [...]string{
	codes.OK: "OK", codes.Canceled: "CANCELLED", codes.Unknown: "UNKNOWN", codes.InvalidArgument: "INVALID_ARGUMENT",
	codes.DeadlineExceeded: "DEADLINE_EXCEEDED", codes.NotFound: "NOT_FOUND", codes.AlreadyExists: "ALREADY_EXISTS",
	codes.PermissionDenied: "PERMISSION_DENIED", codes.ResourceExhausted: "RESOURCE_EXHAUSTED",
	codes.FailedPrecondition: "FAILED_PRECONDITION", codes.Aborted: "ABORTED", codes.OutOfRange: "OUT_OF_RANGE",
	codes.Unimplemented: "UNIMPLEMENTED", codes.Internal: "INTERNAL", codes.Unavailable: "UNAVAILABLE",
	codes.DataLoss: "DATA_LOSS", codes.Unauthenticated: "UNAUTHENTICATED",
}

// codeName is the name that google.rpc.Code has for a code; UNKNOWN, as gRPC has it, for one that it does not have.
func codeName(code codes.Code) string {
	if int(code) < len(codeNames) {
		return codeNames[code]
	}
	return codeNames[codes.Unknown]
}
