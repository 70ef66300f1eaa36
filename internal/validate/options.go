package validate

import "google.golang.org/protobuf/reflect/protoreflect"

const (
	// DefaultMaxDepth is how deep messages may nest when Options does not say.
	DefaultMaxDepth = 100
	// DefaultLimit is how many violations are told when Options does not say.
	DefaultLimit = 100
)

// Options says for whom messages are checked.
type Options struct {
	// Visible tells which fields and enum values exist for the audience; nil is all of them. The rules of a field that
	// does not exist are not checked.
	Visible func(protoreflect.Descriptor) bool

	// ProtoNames calls fields by their names in the .proto file instead of lowerCamelCase.
	ProtoNames bool

	// MaxDepth limits how deep messages may nest. 0 is DefaultMaxDepth.
	MaxDepth int

	// Limit is how many violations of one message are told at most. 0 is DefaultLimit.
	Limit int
}

func (o Options) maxDepth() int {
	if o.MaxDepth > 0 {
		return o.MaxDepth
	}
	return DefaultMaxDepth
}

func (o Options) limit() int {
	if o.Limit > 0 {
		return o.Limit
	}
	return DefaultLimit
}

func (o Options) visible(d protoreflect.Descriptor) bool { return o.Visible == nil || o.Visible(d) }

// name is what a field is called in paths and texts.
func (o Options) name(fd protoreflect.FieldDescriptor) string {
	switch {
	case fd.IsExtension():
		return "[" + string(fd.FullName()) + "]"
	case o.ProtoNames:
		return fd.TextName()
	default:
		return fd.JSONName()
	}
}
