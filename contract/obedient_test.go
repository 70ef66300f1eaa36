package contract_test

import (
	"math/rand/v2"
	"slices"
	"sync"
	"testing"

	"google.golang.org/genproto/googleapis/api/annotations"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/reflect/protoregistry"
	"google.golang.org/protobuf/types/dynamicpb"

	"github.com/gatehouse-edge/gatehouse/internal/edgetest/random"
	"github.com/gatehouse-edge/gatehouse/internal/source"
)

// obedient makes random messages that obey the rules of their protos, as the validators that PGV generates judge them. It
// knows no rule: it tries values, and keeps those that the validator has nothing more to say of.
type obedient struct {
	random.Generator
	t testing.TB
}

// texts has one for each pattern of the protos, and others.
var texts = []string{
	"", "a", "ünïcödé", "two words", "o-1", "c-17", "walnut-board", "ABC-12345", "EUR", "DE", "+4915112345678", "a@example.com",
	"categories/kitchen/knives", "name desc", "https://example.com/a", "en-GB", "card",
}

func newObedient(t testing.TB, set *source.Set, seed uint64) *obedient {
	return &obedient{
		Generator: random.Generator{Rand: rand.New(rand.NewPCG(seed, 7)), Types: dynamicpb.NewTypes(set.Files), Closed: true, Texts: texts},
		t:         t,
	}
}

var obeying sync.Map // from an obeyingKey to a function that returns its message

type obeyingKey struct {
	name protoreflect.FullName
	seed uint64
}

// obeyingMessage is a message of a type that is linked in, the same for the same seed; nil if none is found that obeys.
func obeyingMessage(t testing.TB, set *source.Set, name protoreflect.FullName, seed uint64) protoreflect.Message {
	made, _ := obeying.LoadOrStore(obeyingKey{name, seed}, sync.OnceValue(func() protoreflect.Message {
		return newObedient(t, set, seed).message(name, 2)
	}))
	return made.(func() protoreflect.Message)()
}

// message makes one of a type that is linked in; nil if it does not find any that obeys.
func (o *obedient) message(name protoreflect.FullName, depth int) protoreflect.Message {
	mt, err := protoregistry.GlobalTypes.FindMessageByName(name)
	if err != nil {
		o.t.Fatal(err)
	}
	m := mt.New()
	fields := m.Descriptor().Fields()
	for round := range 6 { // fields that it leaves out first may turn out to be needed
		if round > 0 && violations(m) == 0 {
			return m
		}
		for _, i := range o.Perm(fields.Len()) {
			if fd := fields.Get(i); round > 0 && (!m.Has(fd) || breaks(o.t, m, fd)) || o.IntN(2) == 0 {
				o.try(m, fd, depth)
			}
		}
	}
	return nil
}

// try gives a field the first of some values that make the message better, or leave it without fault; else it leaves it as
// it is, or, where that is no worse, with the last of them.
func (o *obedient) try(m protoreflect.Message, fd protoreflect.FieldDescriptor, depth int) {
	before, was := violations(m), proto.Clone(m.Interface()).ProtoReflect()
	values := o.named(fd)
	for i := range 12 + len(values) {
		if i < len(values) {
			o.giveNamed(m, fd, values[i])
		} else if !o.give(m, fd, depth) {
			return
		}
		if now := violations(m); now == 0 || now < before {
			return
		}
	}
	if violations(m) <= before {
		return
	}
	m.Clear(fd)
	if was.Has(fd) {
		m.Set(fd, was.Get(fd))
	}
}

// give sets a field; messages within obey their own rules.
func (o *obedient) give(m protoreflect.Message, fd protoreflect.FieldDescriptor, depth int) bool {
	of := fd
	if fd.IsMap() {
		of = fd.MapValue()
	}
	switch {
	case of.Message() == nil || of.Message().ParentFile().Package() == "google.protobuf":
		o.Set(m, fd, depth)
		return true
	case depth == 0:
		return false
	}
	inner := o.message(of.Message().FullName(), depth-1)
	switch {
	case inner == nil:
		return false
	case fd.IsMap():
		entry := m.Mutable(fd).Map()
		key := m.NewField(fd).Map()
		o.Set(m, fd, 0) // for its keys
		entry.Range(func(k protoreflect.MapKey, _ protoreflect.Value) bool {
			key.Set(k, protoreflect.ValueOfMessage(inner))
			return key.Len() < 3
		})
		m.Set(fd, protoreflect.ValueOfMap(key))
	case fd.IsList():
		m.Mutable(fd).List().Append(protoreflect.ValueOfMessage(inner))
	default:
		m.Set(fd, protoreflect.ValueOfMessage(inner))
	}
	return true
}

// violations counts what is wrong with a message: what the validator says, and what is required and not there.
func violations(m protoreflect.Message) int {
	n := 0
	if v, ok := m.Interface().(interface{ ValidateAll() error }); ok {
		if err := v.ValidateAll(); err != nil {
			n++
			if all, ok := err.(interface{ AllErrors() []error }); ok {
				n = len(all.AllErrors())
			}
		}
	}
	for i := range m.Descriptor().Fields().Len() {
		if fd := m.Descriptor().Fields().Get(i); isRequired(fd) && !m.Has(fd) || isOdd(m, fd) {
			n++
		}
	}
	return n
}

func isRequired(fd protoreflect.FieldDescriptor) bool {
	behaviours, _ := proto.GetExtension(fd.Options(), annotations.E_FieldBehavior).([]annotations.FieldBehavior)
	return slices.Contains(behaviours, annotations.FieldBehavior_REQUIRED)
}
