package validate

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strings"

	bufvalidate "buf.build/gen/go/bufbuild/protovalidate/protocolbuffers/go/buf/validate"
	"buf.build/go/protovalidate"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/types/known/timestamppb"
)

const (
	// The library tells all that is wrong, be it a million elements of one list. Of messages larger than this, it is only
	// asked for the first fault of a field.
	smallMessage = 16 << 10
	mostRounds   = 20
)

var errNotAMessage = errors.New("these bytes are no message of this type")

// askLibrary has protovalidate judge a message.
func (k *checker) askLibrary(l *libraryChecks, wire []byte, depth int) error {
	m, err := l.decode(k.compiler, wire, depth)
	if err != nil {
		return err
	}
	excluded := map[protoreflect.FullName]bool{}
	filter := protovalidate.FilterFunc(func(_ protoreflect.Message, d protoreflect.Descriptor) bool {
		return !l.hidden[d.FullName()] && !excluded[d.FullName()]
	})
	opts := []protovalidate.ValidationOption{
		protovalidate.WithNowFunc(func() *timestamppb.Timestamp { return timestamppb.New(k.now) }),
		protovalidate.WithFilter(filter),
	}
	first := slices.Concat(opts, []protovalidate.ValidationOption{protovalidate.WithFailFast()})
	found, err := broken(l.validator.Validate(m, first...))
	if err != nil || len(found) == 0 {
		return err
	}
	if len(wire) <= smallMessage {
		if found, err = broken(l.validator.Validate(m, opts...)); err != nil {
			return err
		}
		slices.SortStableFunc(found, byPlace)
		for _, v := range found {
			k.relay(l, v)
		}
		return nil
	}
	for round := 0; len(found) > 0 && err == nil; round++ {
		if round == mostRounds {
			k.more = true
			return nil
		}
		for _, v := range found {
			excluded[k.relay(l, v)] = true
		}
		found, err = broken(l.validator.Validate(m, first...))
	}
	return err
}

// decode makes the message that the library looks at.
func (l *libraryChecks) decode(c *Compiler, wire []byte, depth int) (m proto.Message, err error) {
	defer func() {
		// A dynamic message does not bear a map key of a wrong wire type.
		if recover() != nil {
			m, err = nil, errNotAMessage
		}
	}()
	m = l.message.New().Interface()
	opts := proto.UnmarshalOptions{AllowPartial: true, Resolver: c.set.Types(), RecursionLimit: max(depth, 1)}
	if err := opts.Unmarshal(wire, m); err != nil {
		return nil, fmt.Errorf("%w: %s", errNotAMessage, plain(err))
	}
	return m, nil
}

// broken returns the violations that an answer of the library tells of.
func broken(err error) ([]*protovalidate.Violation, error) {
	if err == nil {
		return nil, nil
	}
	if told, ok := errors.AsType[*protovalidate.ValidationError](err); ok {
		return told.Violations, nil
	}
	return nil, fmt.Errorf("%w: %w", ErrRules, err)
}

// byPlace puts violations in the order of fields, elements and keys. The library goes through maps in any order.
func byPlace(a, b *protovalidate.Violation) int {
	return slices.CompareFunc(a.Proto.GetField().GetElements(), b.Proto.GetField().GetElements(),
		func(a, b *bufvalidate.FieldPathElement) int {
			return cmp.Or(
				cmp.Compare(a.GetFieldNumber(), b.GetFieldNumber()),
				cmp.Compare(a.GetIndex(), b.GetIndex()),
				strings.Compare(a.GetStringKey(), b.GetStringKey()),
				cmp.Compare(a.GetIntKey(), b.GetIntKey()),
				cmp.Compare(a.GetUintKey(), b.GetUintKey()),
			)
		})
}
