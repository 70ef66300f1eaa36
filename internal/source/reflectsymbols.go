package source

import (
	"maps"
	"slices"
	"strings"

	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/reflect/protoregistry"
	"google.golang.org/protobuf/types/descriptorpb"
)

// references lists the messages and enums that a file refers to by full name, sorted, each once.
func references(file *descriptorpb.FileDescriptorProto) []string {
	found := make(map[string]bool)
	add := func(name string) {
		if full, ok := strings.CutPrefix(name, "."); ok {
			found[full] = true
		}
	}
	fields := func(list []*descriptorpb.FieldDescriptorProto) {
		for _, field := range list {
			add(field.GetTypeName())
			add(field.GetExtendee())
		}
	}
	fields(file.GetExtension())
	eachMessage(file, func(_ string, message *descriptorpb.DescriptorProto) {
		fields(message.GetField())
		fields(message.GetExtension())
	})
	for _, service := range file.GetService() {
		for _, method := range service.GetMethod() {
			add(method.GetInputType())
			add(method.GetOutputType())
		}
	}
	return slices.Sorted(maps.Keys(found))
}

// declarations lists the messages and enums that a file declares, by full name.
func declarations(file *descriptorpb.FileDescriptorProto) []string {
	var names []string
	enums := func(scope string, list []*descriptorpb.EnumDescriptorProto) {
		for _, enum := range list {
			names = append(names, qualify(scope, enum.GetName()))
		}
	}
	enums(file.GetPackage(), file.GetEnumType())
	eachMessage(file, func(name string, message *descriptorpb.DescriptorProto) {
		names = append(names, name)
		enums(name, message.GetEnumType())
	})
	return names
}

// eachMessage calls f with every message of a file, nested ones too, and its full name.
func eachMessage(file *descriptorpb.FileDescriptorProto, f func(name string, message *descriptorpb.DescriptorProto)) {
	var walk func(scope string, messages []*descriptorpb.DescriptorProto)
	walk = func(scope string, messages []*descriptorpb.DescriptorProto) {
		for _, message := range messages {
			name := qualify(scope, message.GetName())
			f(name, message)
			walk(name, message.GetNestedType())
		}
	}
	walk(file.GetPackage(), file.GetMessageType())
}

func qualify(scope, name string) string {
	if scope == "" {
		return name
	}
	return scope + "." + name
}

func linkedFileOf(symbol string) string {
	d, err := protoregistry.GlobalFiles.FindDescriptorByName(protoreflect.FullName(symbol))
	if err != nil {
		return ""
	}
	return d.ParentFile().Path()
}
