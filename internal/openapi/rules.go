package openapi

import "google.golang.org/protobuf/reflect/protoreflect"

func (b *builder) constrain(*Schema, protoreflect.FieldDescriptor) {}

func (b *builder) ruledRequired(protoreflect.FieldDescriptor) bool { return false }

func (b *builder) ruledRequiredOneof(protoreflect.OneofDescriptor) bool { return false }
