package transcode

import (
	"google.golang.org/protobuf/encoding/protowire"
	"google.golang.org/protobuf/reflect/protoreflect"
)

// shape is how a message looks in JSON: an object of its fields, or one of the well-known types.
type shape uint8

const (
	shapeObject shape = iota
	shapeAny
	shapeTimestamp
	shapeDuration
	shapeFieldMask
	shapeStruct
	shapeListValue
	shapeValue
	shapeWrapper
	shapeMessageSet // has no JSON form
)

var shapes = map[protoreflect.FullName]shape{
	"google.protobuf.Any":         shapeAny,
	"google.protobuf.Timestamp":   shapeTimestamp,
	"google.protobuf.Duration":    shapeDuration,
	"google.protobuf.FieldMask":   shapeFieldMask,
	"google.protobuf.Struct":      shapeStruct,
	"google.protobuf.ListValue":   shapeListValue,
	"google.protobuf.Value":       shapeValue,
	"google.protobuf.BoolValue":   shapeWrapper,
	"google.protobuf.Int32Value":  shapeWrapper,
	"google.protobuf.Int64Value":  shapeWrapper,
	"google.protobuf.UInt32Value": shapeWrapper,
	"google.protobuf.UInt64Value": shapeWrapper,
	"google.protobuf.FloatValue":  shapeWrapper,
	"google.protobuf.DoubleValue": shapeWrapper,
	"google.protobuf.StringValue": shapeWrapper,
	"google.protobuf.BytesValue":  shapeWrapper,
}

// cardinality is how many values a field holds.
type cardinality uint8

const (
	singular cardinality = iota
	list
	mapping
)

// Message is the table of one message type under the options of its Codec. It is immutable.
type Message struct {
	codec *Codec
	name  protoreflect.FullName
	shape shape

	fields   []field           // by number, extensions among them
	dense    []*field          // by number, for the low numbers
	sparse   map[uint64]*field // the others
	byName   map[string]*field // JSON and proto names
	words    int               // of a set that has a bit for every slot
	absent   string            // the absent forms of all fields, one behind the other
	absentAt []int             // where that of each field begins, and where the last ends
	required bool              // it or a message within it has required fields
}

// Name returns the full name of the message type.
func (m *Message) Name() protoreflect.FullName { return m.name }

// lookup returns the field with that number, or nil.
func (m *Message) lookup(num uint64) *field {
	if num < uint64(len(m.dense)) {
		return m.dense[num]
	}
	return m.sparse[num]
}

// field is one row of a table.
type field struct {
	number protowire.Number
	kind   protoreflect.Kind
	card   cardinality
	wire   protowire.Type // of one value
	index  int            // of this row in its table

	slot     int  // the members of a oneof share one
	oneof    bool // a member of a oneof that has others
	ordered  bool // stands on the wire where its number says: not a oneof's member, not an extension
	implicit bool // no presence: the zero value is the same as none
	packed   bool // a list that is written packed
	required bool // proto2
	utf8     bool // a string that is refused on the wire if it is not UTF-8, even where a later one replaces it
	nullable bool // null is a value: google.protobuf.Value and NullValue

	key     string   // `"name":`
	keyRoom [16]byte // its beginning
	quoted  string   // `"name"`
	absent  string   // `"name":"",` or "" if an unset field is left out
	name    string   // the JSON name
	text    string   // the proto name
	tag     string   // as written before a value
	message *Message
	enum    *enum
	mapKey  *field
	mapVal  *field
}

func (f *field) packable() bool {
	return f.card == list && f.wire != protowire.BytesType && f.wire != protowire.StartGroupType
}

// enum is the table of one enum type. All are open, proto2's too, as in all of Go: a number without a name is kept, and
// written as a number.
type enum struct {
	name    protoreflect.FullName
	null    bool             // google.protobuf.NullValue, whose only value is null
	dense   []string         // quoted names of the low numbers, "" for a gap
	sparse  map[int32]string // quoted names of the others
	numbers map[string]int32 // by name
}

// quoted returns the value's name in quotes, or "" for a number without a name.
func (e *enum) quoted(n int32) string {
	if n >= 0 && int(n) < len(e.dense) {
		return e.dense[n]
	}
	return e.sparse[n]
}
