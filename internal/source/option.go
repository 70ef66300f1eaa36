package source

import (
	"fmt"

	"google.golang.org/protobuf/encoding/protowire"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/reflect/protoregistry"
)

// Option reads a custom option: the extension xt of opts, which is what a descriptor's Options method returns. T is
// the Go type of the extension's value, *annotations.HttpRule for (google.api.http). It reports whether the option is
// set, however opts holds it: as xt itself, as a dynamic extension of the same number, or as an unknown field. An error
// says that the bytes of the option are not a T.
func Option[T any](opts proto.Message, xt protoreflect.ExtensionType) (T, bool, error) {
	var none T
	if opts == nil || !opts.ProtoReflect().IsValid() {
		return none, false, nil
	}
	holder, found, err := holderOf(opts.ProtoReflect(), xt)
	if err != nil || !found {
		return none, false, err
	}
	value, ok := proto.GetExtension(holder, xt).(T)
	if !ok {
		return none, false, fmt.Errorf("option (%s) is not a %T", xt.TypeDescriptor().FullName(), none)
	}
	return value, true, nil
}

// holderOf returns opts, or a copy of it, in which the extension is set as xt itself.
func holderOf(opts protoreflect.Message, xt protoreflect.ExtensionType) (proto.Message, bool, error) {
	number := xt.TypeDescriptor().Number()
	var known protoreflect.FieldDescriptor
	opts.Range(func(fd protoreflect.FieldDescriptor, _ protoreflect.Value) bool {
		if fd.IsExtension() && fd.Number() == number {
			known = fd
		}
		return known == nil
	})
	if known == xt.TypeDescriptor() {
		return opts.Interface(), true, nil
	}
	if known == nil && !hasUnknown(opts.GetUnknown(), number) {
		return nil, false, nil
	}
	holder, err := reread(opts.Interface(), xt)
	if err != nil {
		return nil, false, fmt.Errorf("reading option (%s): %s", xt.TypeDescriptor().FullName(), plain(err))
	}
	return holder, true, nil
}

// reread writes opts down and reads it again with xt as the only extension there is.
func reread(opts proto.Message, xt protoreflect.ExtensionType) (proto.Message, error) {
	mt, err := protoregistry.GlobalTypes.FindMessageByName(xt.TypeDescriptor().ContainingMessage().FullName())
	if err != nil {
		return nil, err
	}
	if name := opts.ProtoReflect().Descriptor().FullName(); name != mt.Descriptor().FullName() {
		return nil, fmt.Errorf("it extends %s, not %s", mt.Descriptor().FullName(), name)
	}
	wire, err := proto.MarshalOptions{AllowPartial: true}.Marshal(opts)
	if err != nil {
		return nil, err
	}
	only := new(protoregistry.Types)
	if err := only.RegisterExtension(xt); err != nil {
		return nil, err
	}
	holder := mt.New().Interface()
	return holder, proto.UnmarshalOptions{AllowPartial: true, Resolver: only}.Unmarshal(wire, holder)
}

func hasUnknown(unknown protoreflect.RawFields, number protoreflect.FieldNumber) bool {
	for len(unknown) > 0 {
		n, _, length := protowire.ConsumeField(unknown)
		if length < 0 {
			return false
		}
		if n == number {
			return true
		}
		unknown = unknown[length:]
	}
	return false
}
