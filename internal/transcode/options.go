package transcode

import "google.golang.org/protobuf/reflect/protoreflect"

// Emit says which unset fields appear in JSON.
type Emit uint8

const (
	// EmitDefaults writes scalars, lists and maps that are unset with their default values and leaves out unset
	// messages and everything else with presence.
	EmitDefaults Emit = iota
	// EmitPresent writes only what is set.
	EmitPresent
	// EmitUnpopulated is EmitDefaults with null for unset fields that have presence, members of a oneof excepted. It is
	// what grpc-gateway does out of the box.
	EmitUnpopulated
)

// Unknown says what becomes of names in JSON or in the query that the message does not have.
type Unknown uint8

const (
	// RejectUnknown makes them an error that names the nearest known field.
	RejectUnknown Unknown = iota
	// IgnoreUnknown passes over them.
	IgnoreUnknown
)

// DefaultMaxDepth is how deep messages may nest when Options does not say.
const DefaultMaxDepth = 100

// Options is the dialect that a Codec speaks. The zero value is the gatehouse preset but for OpaqueAny.
type Options struct {
	Emit    Emit
	Unknown Unknown

	// ProtoNames writes fields under the names of the .proto file instead of lowerCamelCase. Both are always read.
	ProtoNames bool

	// EnumNumbers writes enum values as numbers. Names and numbers are always read.
	EnumNumbers bool

	// OpaqueAny writes a google.protobuf.Any of a type that is not known as {"@type": …, "value": base64}, and reads
	// that form back. Without it such an Any is an error.
	OpaqueAny bool

	// MaxDepth limits how deep messages, lists and objects may nest, in both directions. 0 is DefaultMaxDepth.
	MaxDepth int

	// Visible tells which fields and enum values exist for this codec's audience; nil is all of them. One that does not
	// exist is unknown in input and absent from output.
	Visible func(protoreflect.Descriptor) bool
}

// Gatehouse is the dialect that new APIs get: strict in what it reads, defaults written, unset messages left out.
func Gatehouse() Options { return Options{OpaqueAny: true} }

// GRPCGateway is the dialect of grpc-gateway's stock marshaler, so that clients of one notice no change.
func GRPCGateway() Options { return Options{Emit: EmitUnpopulated, Unknown: IgnoreUnknown} }

func (o Options) maxDepth() int {
	if o.MaxDepth > 0 {
		return o.MaxDepth
	}
	return DefaultMaxDepth
}

func (o Options) visible(d protoreflect.Descriptor) bool { return o.Visible == nil || o.Visible(d) }
