package compose

import (
	"math"

	"google.golang.org/protobuf/encoding/protowire"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/types/descriptorpb"
)

// form is what a message has to be, beside sound, to have a JSON form.
type form uint8

const (
	plainForm    form = iota // nothing
	timeForm                 // a google.protobuf.Timestamp of the years 1 to 9999
	durationForm             // a google.protobuf.Duration of no more than 10,000 years
	valueForm                // a google.protobuf.Value of some kind
	entryForm                // an entry of a map whose values can not be missing
	doubtfulForm             // whatever it is, somebody else has to say
)

func formOf(md protoreflect.MessageDescriptor) form {
	opts, _ := md.Options().(*descriptorpb.MessageOptions)
	switch {
	case md.FullName() == "google.protobuf.Timestamp":
		return timeForm
	case md.FullName() == "google.protobuf.Duration":
		return durationForm
	case md.FullName() == "google.protobuf.Value":
		return valueForm
	case md.FullName() == "google.protobuf.Any", md.FullName() == "google.protobuf.FieldMask",
		md.RequiredNumbers().Len() > 0, opts.GetMessageSetWireFormat():
		return doubtfulForm
	case md.IsMapEntry() && !hasDefault(md.Fields().ByNumber(2)):
		return entryForm
	default:
		return plainForm
	}
}

// hasDefault tells whether a value that is missing stands for one that has a JSON form.
func hasDefault(value protoreflect.FieldDescriptor) bool {
	if value.Message() == nil {
		return true
	}
	f := formOf(value.Message())
	return f != valueForm && f != doubtfulForm
}

// isCertain tells, at a glance, that a message has a JSON form if what is in it has one. It is so of all that is written as
// encoders do, or nearly. Two messages of which it is certain are so too if they are merged, as protobuf merges.
func (f form) isCertain(b []byte) bool {
	switch f {
	case plainForm:
		return true
	case timeForm:
		const first, last = -62135596800, 253402300799 // 0001-01-01T00:00:00Z and 9999-12-31T23:59:59Z
		return isMoment(b, first, last)
	case durationForm:
		const longest = 315576000000
		return isMoment(b, 0, longest) // one below zero could be merged with one above
	case valueForm:
		return isValue(b)
	case entryForm:
		_, _, n := protowire.ConsumeField(b) // the key
		return n > 0 && n < len(b) && b[n] == valueTag
	default:
		return false
	}
}

// valueTag is that of the value of a map's entry, if it is a message.
const valueTag = 2<<3 | byte(protowire.BytesType)

// isMoment tells that b holds seconds within bounds, less than one second in nanoseconds above zero, and nothing else.
func isMoment(b []byte, first, last int64) bool {
	for len(b) > 0 {
		v, n := protowire.ConsumeVarint(b[1:])
		if n < 0 {
			return false
		}
		switch b[0] {
		case 1<<3 | byte(protowire.VarintType):
			if seconds := int64(v); seconds < first || seconds > last {
				return false
			}
		case 2<<3 | byte(protowire.VarintType):
			if nanos := int32(v); nanos < 0 || nanos >= 1e9 {
				return false
			}
		default:
			return false
		}
		b = b[1+n:]
	}
	return true
}

// isValue tells that b holds one of the kinds of a google.protobuf.Value, and nothing else.
func isValue(b []byte) bool {
	num, typ, n := protowire.ConsumeField(b)
	if n < 0 || n != len(b) {
		return false
	}
	switch {
	case num == 2 && typ == protowire.Fixed64Type:
		bits, _ := protowire.ConsumeFixed64(b[n-8:])
		number := math.Float64frombits(bits)
		return !math.IsNaN(number) && !math.IsInf(number, 0)
	case num == 1 || num == 4:
		return typ == protowire.VarintType
	case num == 3 || num == 5 || num == 6:
		return typ == protowire.BytesType
	default:
		return false
	}
}
