package shop

import (
	"context"
	"errors"
	"strings"
	"unicode"

	"google.golang.org/grpc"

	"github.com/gatehouse-edge/gatehouse/internal/shop/problem"
)

// validator is what protoc-gen-validate gives every message.
type validator interface{ ValidateAll() error }

func validateUnary(ctx context.Context, req any, _ *grpc.UnaryServerInfo, handler grpc.UnaryHandler) (any, error) {
	if err := validate(req); err != nil {
		return nil, err
	}
	return handler(ctx, req)
}

func validateStream(srv any, stream grpc.ServerStream, _ *grpc.StreamServerInfo, handler grpc.StreamHandler) error {
	return handler(srv, validatingStream{stream})
}

type validatingStream struct{ grpc.ServerStream }

func (s validatingStream) RecvMsg(m any) error {
	if err := s.ServerStream.RecvMsg(m); err != nil {
		return err
	}
	return validate(m)
}

// validate refuses a message that breaks a rule of its proto, with every violation.
func validate(m any) error {
	v, ok := m.(validator)
	if !ok {
		return nil
	}
	if err := v.ValidateAll(); err != nil {
		return problem.InvalidArgument(violations("", err)...)
	}
	return nil
}

// violations flattens what a generated validator reports, with the path of each field in proto names.
func violations(path string, err error) []problem.Violation {
	var many interface{ AllErrors() []error }
	if errors.As(err, &many) {
		var all []problem.Violation
		for _, one := range many.AllErrors() {
			all = append(all, violations(path, one)...)
		}
		return all
	}
	var one interface {
		Field() string
		Reason() string
		Cause() error
	}
	if !errors.As(err, &one) {
		return []problem.Violation{{Field: path, Description: err.Error()}}
	}
	path = strings.TrimPrefix(path+"."+protoName(one.Field()), ".")
	if one.Cause() != nil {
		return violations(path, one.Cause())
	}
	return []problem.Violation{{Field: path, Description: one.Reason()}}
}

// protoName returns the proto name of a Go field: PageSize is page_size. An index stays as it is: Items[3] is items[3].
func protoName(field string) string {
	name, index, found := strings.Cut(field, "[")
	var b strings.Builder
	for i, r := range name {
		if unicode.IsUpper(r) && i > 0 {
			b.WriteByte('_')
		}
		b.WriteRune(unicode.ToLower(r))
	}
	if found {
		b.WriteString("[" + index)
	}
	return b.String()
}
