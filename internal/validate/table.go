package validate

import (
	"google.golang.org/protobuf/encoding/protowire"
	"google.golang.org/protobuf/reflect/protoreflect"

	"github.com/gatehouse-edge/gatehouse/internal/source"
)

// cardinality is how many values a field holds.
type cardinality uint8

const (
	singular cardinality = iota
	list
	mapping
)

// record is what the first pass keeps of a field's occurrences.
type record uint8

const (
	recordPieces record = iota // where they are
	recordNumber               // the last number
	recordText                 // where the last string or bytes are
)

// form is how a value is judged.
type form uint8

const (
	formNone form = iota // it has no rules
	formNumber
	formText // a string or bytes
	formMessage
	formWrapper
	formDuration
	formTimestamp
	formAny
)

// message is the table of one message type. It is immutable once it is sealed.
type message struct {
	name   protoreflect.FullName
	rows   []field // those that have rules or lead to some, by number
	oneofs []oneof

	dense  []*field          // by number, for the low numbers
	sparse map[uint64]*field // the others

	busy     bool // there is something to check
	holdsAny bool // it is google.protobuf.Any
	refers   []*message
	problems []source.Problem
}

func (m *message) lookup(num uint64) *field {
	if num < uint64(len(m.dense)) {
		return m.dense[num]
	}
	return m.sparse[num]
}

// field is one row of a table.
type field struct {
	index    int
	number   protowire.Number
	card     cardinality
	record   record
	wire     protowire.Type // of an occurrence
	packable bool
	oneof    int // one more than the index of its oneof, or 0

	value  value  // of the value, of each element, or of the value of each entry
	key    *value // of the key of each entry
	counts []test // of how many elements or entries there are
	unique bool
	absent []finding // what is wrong if the field is not there

	name     string
	redacted bool // what it holds is not to be told
}

// value says how a value is judged.
type value struct {
	kind    protoreflect.Kind
	wire    protowire.Type
	form    form
	lenient bool // the tests are not for the zero value
	zero    uint64
	tests   []test
	message *message
	inner   *value // what a wrapper wraps
}

// isNumber tells whether the wire form is a number, and not bytes.
func (v *value) isNumber() bool {
	return v.wire != protowire.BytesType && v.wire != protowire.StartGroupType
}

func (v *value) isFloat() bool {
	return v.kind == protoreflect.FloatKind || v.kind == protoreflect.DoubleKind
}

func (v *value) isMessage() bool {
	return v.kind == protoreflect.MessageKind || v.kind == protoreflect.GroupKind
}

// finding is what there is to say about a test that was not passed.
type finding struct {
	rule, text string
}

// oneof is a oneof that has rules, or whose members have.
type oneof struct {
	place    field // what it is called
	required bool
	finding  finding
	members  int // that have something to check
}
