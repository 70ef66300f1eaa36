package openapi

import (
	"slices"

	"google.golang.org/protobuf/reflect/protoreflect"
)

const (
	signedPattern   = "^-?[0-9]+$"
	unsignedPattern = "^[0-9]+$"
	durationPattern = `^-?[0-9]+(\.[0-9]{1,9})?s$`
)

// single is the schema of one value of a field.
func (b *builder) single(fd protoreflect.FieldDescriptor, sc scope) *Schema {
	switch fd.Kind() {
	case protoreflect.MessageKind, protoreflect.GroupKind:
		return b.message(fd.Message(), sc)
	case protoreflect.EnumKind:
		if fd.Enum().FullName() == "google.protobuf.NullValue" {
			return &Schema{Type: Types{typeNull}}
		}
		return b.ref(fd.Enum(), sc)
	default:
		return scalar(fd.Kind())
	}
}

// scalar is the schema of a value that is neither a message nor an enum.
func scalar(kind protoreflect.Kind) *Schema {
	switch kind {
	case protoreflect.BoolKind:
		return &Schema{Type: Types{typeBoolean}}
	case protoreflect.Int32Kind, protoreflect.Sint32Kind, protoreflect.Sfixed32Kind:
		return &Schema{Type: Types{typeInteger}, Format: "int32"}
	case protoreflect.Uint32Kind, protoreflect.Fixed32Kind:
		return &Schema{Type: Types{typeInteger}, Format: "uint32", Minimum: "0", Maximum: "4294967295"}
	case protoreflect.Int64Kind, protoreflect.Sint64Kind, protoreflect.Sfixed64Kind:
		return &Schema{Type: Types{typeString}, Format: "int64", Pattern: signedPattern}
	case protoreflect.Uint64Kind, protoreflect.Fixed64Kind:
		return &Schema{Type: Types{typeString}, Format: "uint64", Pattern: unsignedPattern}
	case protoreflect.FloatKind:
		return numeric("float")
	case protoreflect.DoubleKind:
		return numeric("double")
	case protoreflect.BytesKind:
		return &Schema{Type: Types{typeString}, Format: "byte", ContentEncoding: "base64"}
	default:
		return &Schema{Type: Types{typeString}}
	}
}

// notFinite are what JSON has no numbers for.
var notFinite = []any{"NaN", "Infinity", "-Infinity"}

// numeric is a number, or one of the three that JSON has no numbers for.
func numeric(format string) *Schema {
	return &Schema{AnyOf: []*Schema{
		{Type: Types{typeNumber}, Format: format},
		{Type: Types{typeString}, Enum: slices.Clone(notFinite)},
	}}
}

// message is the schema of a message: that of a well-known type, or a reference.
func (b *builder) message(md protoreflect.MessageDescriptor, sc scope) *Schema {
	switch md.FullName() {
	case "google.protobuf.Timestamp":
		return &Schema{Type: Types{typeString}, Format: "date-time"}
	case "google.protobuf.Duration":
		return &Schema{Type: Types{typeString}, Pattern: durationPattern, Description: "Seconds, such as `1.5s`.", Examples: []any{"1.5s"}}
	case "google.protobuf.FieldMask":
		return &Schema{Type: Types{typeString}, Description: "Names of fields, separated by commas: `name,price.units`."}
	case "google.protobuf.Struct":
		return &Schema{Type: Types{typeObject}, Additional: new(Schema)}
	case "google.protobuf.Value":
		return new(Schema)
	case "google.protobuf.ListValue":
		return &Schema{Type: Types{typeArray}, Items: new(Schema)}
	case "google.protobuf.Empty":
		s := &Schema{Type: Types{typeObject}}
		if sc.use != output && !sc.dialect.IgnoreUnknown {
			s.Additional = Never()
		}
		return s
	case "google.protobuf.Any":
		s := &Schema{
			Type: Types{typeObject}, Additional: new(Schema),
			Description: "A message of the type that `@type` names, with its fields; a type with a JSON form of its own stands under `value`.",
		}
		s.Properties.Set("@type", &Schema{Type: Types{typeString}, Examples: []any{"type.googleapis.com/google.protobuf.Duration"}})
		return s
	}
	if wrapped := wrapped(md); wrapped != nil {
		return scalar(wrapped.Kind()).orNull()
	}
	return b.ref(md, sc)
}

// wrapped returns the field of a wrapper message, nil for all others.
func wrapped(md protoreflect.MessageDescriptor) protoreflect.FieldDescriptor {
	switch md.FullName() {
	case "google.protobuf.BoolValue", "google.protobuf.Int32Value", "google.protobuf.Int64Value", "google.protobuf.UInt32Value",
		"google.protobuf.UInt64Value", "google.protobuf.FloatValue", "google.protobuf.DoubleValue",
		"google.protobuf.StringValue", "google.protobuf.BytesValue":
		return md.Fields().ByName("value")
	default:
		return nil
	}
}
