package problem

import (
	"time"

	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/protoadapt"
	"google.golang.org/protobuf/types/known/durationpb"
)

// Domain is the domain of the reasons that the shop gives.
const Domain = "shop.example"

// Violation says what is wrong with one field of a request. The field is a path of proto names: `product.price`.
type Violation struct{ Field, Description string }

// InvalidArgument refuses a request for what is in its fields.
func InvalidArgument(violations ...Violation) error {
	detail := &errdetails.BadRequest{}
	message := "the request is not valid"
	for i, v := range violations {
		if i == 0 {
			message = v.Field + ": " + v.Description
		}
		detail.FieldViolations = append(detail.FieldViolations,
			&errdetails.BadRequest_FieldViolation{Field: v.Field, Description: v.Description})
	}
	return with(codes.InvalidArgument, message, detail)
}

// NotFound says that there is no such thing. The kind is the full name of its message.
func NotFound(kind, name string) error {
	message := "there is no " + kind + " " + quote(name)
	return with(codes.NotFound, message,
		&errdetails.ResourceInfo{ResourceType: kind, ResourceName: name, Description: message})
}

// AlreadyExists refuses to make a thing that is there.
func AlreadyExists(kind, name string) error {
	message := "there is a " + kind + " " + quote(name) + " already"
	return with(codes.AlreadyExists, message,
		&errdetails.ResourceInfo{ResourceType: kind, ResourceName: name, Description: message})
}

// FailedPrecondition refuses what the state of a thing does not allow. The reason is in UPPER_SNAKE_CASE.
func FailedPrecondition(reason, subject, description string) error {
	return with(codes.FailedPrecondition, description,
		&errdetails.PreconditionFailure{Violations: []*errdetails.PreconditionFailure_Violation{
			{Type: reason, Subject: subject, Description: description},
		}},
		&errdetails.ErrorInfo{Reason: reason, Domain: Domain, Metadata: map[string]string{"subject": subject}})
}

// Changed refuses a change that was meant for an earlier state of the thing.
func Changed(kind, name, etag string) error {
	return with(codes.Aborted, kind+" "+quote(name)+" has changed in the meantime: read it again and repeat the change",
		&errdetails.ErrorInfo{Reason: "ETAG_MISMATCH", Domain: Domain,
			Metadata: map[string]string{"resource": name, "current_etag": etag}})
}

// Full refuses to keep any more of something.
func Full(subject, description string) error {
	return with(codes.ResourceExhausted, description,
		&errdetails.QuotaFailure{Violations: []*errdetails.QuotaFailure_Violation{{Subject: subject, Description: description}}})
}

// Unavailable says that a service can not answer now, and when to ask again.
func Unavailable(message string, retryAfter time.Duration) error {
	return with(codes.Unavailable, message, &errdetails.RetryInfo{RetryDelay: durationpb.New(retryAfter)})
}

// with makes a status. A detail that can not be packed is left out: the code and the message matter more.
func with(code codes.Code, message string, details ...protoadapt.MessageV1) error {
	st := status.New(code, message)
	if detailed, err := st.WithDetails(details...); err == nil {
		st = detailed
	}
	return st.Err()
}

func quote(name string) string { return `"` + name + `"` }
