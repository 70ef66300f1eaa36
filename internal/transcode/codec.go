package transcode

import (
	"maps"
	"slices"
	"strings"
	"sync"
	"sync/atomic"

	_ "google.golang.org/genproto/googleapis/rpc/errdetails" // one of the common types
	"google.golang.org/protobuf/encoding/protowire"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/reflect/protoregistry"
	"google.golang.org/protobuf/types/descriptorpb"
	"google.golang.org/protobuf/types/dynamicpb"
)

// Codec compiles message descriptors into tables, each once.
type Codec struct {
	opts       Options
	types      *dynamicpb.Types
	extensions map[protoreflect.FullName][]protoreflect.FieldDescriptor // by the message they extend

	mu       sync.Mutex
	messages map[protoreflect.FullName]*Message
	enums    map[protoreflect.FullName]*enum
	fresh    []*Message // compiled, but not yet looked at by markRequired

	anys atomic.Pointer[map[string]*Message] // what Anys held so far, copied on write
}

// NewCodec returns a codec for the types in files: those that an Any may hold and the extensions of messages come from
// there.
func NewCodec(files *protoregistry.Files, opts Options) *Codec {
	c := &Codec{
		opts: opts, types: dynamicpb.NewTypes(files),
		extensions: map[protoreflect.FullName][]protoreflect.FieldDescriptor{},
		messages:   map[protoreflect.FullName]*Message{},
		enums:      map[protoreflect.FullName]*enum{},
	}
	c.anys.Store(&map[string]*Message{})
	files.RangeFiles(func(fd protoreflect.FileDescriptor) bool {
		c.addExtensions(fd)
		return true
	})
	return c
}

// addExtensions indexes the extensions declared in a file or message and in the messages within.
func (c *Codec) addExtensions(scope interface {
	Extensions() protoreflect.ExtensionDescriptors
	Messages() protoreflect.MessageDescriptors
}) {
	for i := range scope.Extensions().Len() {
		xd := scope.Extensions().Get(i)
		extended := xd.ContainingMessage().FullName()
		c.extensions[extended] = append(c.extensions[extended], xd)
	}
	for i := range scope.Messages().Len() {
		c.addExtensions(scope.Messages().Get(i))
	}
}

// Message returns the table of md, compiling it and all it refers to when it is new.
func (c *Codec) Message(md protoreflect.MessageDescriptor) *Message {
	c.mu.Lock()
	defer c.mu.Unlock()
	m := c.compile(md)
	c.markRequired()
	return m
}

// any returns the table of the message that an Any of this URL holds, or nil.
func (c *Codec) any(url []byte) *Message {
	name := url[lastSlash(url)+1:]
	if m := (*c.anys.Load())[string(name)]; m != nil {
		return m
	}
	md := c.descriptor(protoreflect.FullName(name))
	if md == nil {
		return nil
	}
	m := c.Message(md)
	for {
		old := c.anys.Load()
		grown := maps.Clone(*old)
		grown[string(name)] = m
		if c.anys.CompareAndSwap(old, &grown) {
			return m
		}
	}
}

// common begin the names of types that every team may put into an Any without importing them into its services: those
// of errors, and the well-known ones. They are linked in.
var common = []string{"google.rpc.", "google.protobuf."}

// descriptor finds the message of that name among the loaded types, or among the common ones; nil if there is none.
func (c *Codec) descriptor(name protoreflect.FullName) protoreflect.MessageDescriptor {
	if mt, err := c.types.FindMessageByName(name); err == nil {
		return mt.Descriptor()
	}
	isCommon := slices.ContainsFunc(common, func(prefix string) bool { return strings.HasPrefix(string(name), prefix) })
	mt, err := protoregistry.GlobalTypes.FindMessageByName(name)
	if !isCommon || err != nil {
		return nil
	}
	return mt.Descriptor()
}

func lastSlash(b []byte) int {
	for i := len(b) - 1; i >= 0; i-- {
		if b[i] == '/' {
			return i
		}
	}
	return -1
}

func (c *Codec) compile(md protoreflect.MessageDescriptor) *Message {
	if m := c.messages[md.FullName()]; m != nil {
		return m
	}
	m := &Message{codec: c, name: md.FullName(), shape: shapes[md.FullName()]}
	c.messages[md.FullName()] = m // before its fields: messages may hold themselves
	c.fresh = append(c.fresh, m)
	if opts, ok := md.Options().(*descriptorpb.MessageOptions); ok && opts.GetMessageSetWireFormat() {
		m.shape = shapeMessageSet
		return m
	}

	fds := c.visibleFields(md)
	m.fields = make([]field, len(fds))
	m.byName = make(map[string]*field, 2*len(fds))
	slots := slotsOf(fds)
	for i, fd := range fds {
		f := &m.fields[i]
		c.compileField(f, fd)
		f.index, f.slot = i, slots[i]
		if m.isBare() {
			f.bare(c)
		}
		m.words = max(m.words, f.slot/64+1, i/64+1)
		m.absentAt = append(m.absentAt, len(m.absent))
		m.absent += f.absent
		m.index(f)
	}
	m.absentAt = append(m.absentAt, len(m.absent))
	m.indexNames()
	return m
}

// isBare tells whether the JSON of the message is that of its only field, or of its oneof.
func (m *Message) isBare() bool {
	switch m.shape {
	case shapeWrapper, shapeStruct, shapeListValue, shapeValue:
		return true
	default:
		return false
	}
}

// bare makes the field write its value without a name, and its default when it is unset.
func (f *field) bare(c *Codec) {
	f.key = ""
	switch {
	case f.oneof:
		f.absent = ""
	case f.card == list:
		f.absent = "[],"
	case f.card == mapping:
		f.absent = "{},"
	default:
		f.absent = c.zero(f) + ","
	}
}

// visibleFields lists what this codec's audience may see of md, by number, its extensions among them.
func (c *Codec) visibleFields(md protoreflect.MessageDescriptor) []protoreflect.FieldDescriptor {
	var fds []protoreflect.FieldDescriptor
	add := func(fd protoreflect.FieldDescriptor) {
		if c.opts.visible(fd) {
			fds = append(fds, fd)
		}
	}
	for i := range md.Fields().Len() {
		add(md.Fields().Get(i))
	}
	for _, xd := range c.extensions[md.FullName()] {
		add(xd)
	}
	slices.SortFunc(fds, func(a, b protoreflect.FieldDescriptor) int { return int(a.Number()) - int(b.Number()) })
	return fds
}

// slotsOf gives every field a slot of its own, but the members of one oneof the same.
func slotsOf(fds []protoreflect.FieldDescriptor) []int {
	slots, oneofs, next := make([]int, len(fds)), map[protoreflect.FullName]int{}, 0
	for i, fd := range fds {
		if !inOneof(fd) {
			slots[i] = next
			next++
			continue
		}
		name := fd.ContainingOneof().FullName()
		slot, known := oneofs[name]
		if !known {
			slot = next
			oneofs[name] = slot
			next++
		}
		slots[i] = slot
	}
	return slots
}

// inOneof tells whether fd is a member of a oneof that somebody wrote; proto3's optional makes one of its own.
func inOneof(fd protoreflect.FieldDescriptor) bool {
	od := fd.ContainingOneof()
	return od != nil && !od.IsSynthetic()
}

func (m *Message) index(f *field) {
	const densest = 1024
	if f.number >= densest {
		if m.sparse == nil {
			m.sparse = map[uint64]*field{}
		}
		m.sparse[uint64(f.number)] = f
		return
	}
	if missing := int(f.number) + 1 - len(m.dense); missing > 0 {
		m.dense = append(m.dense, make([]*field, missing)...)
	}
	m.dense[f.number] = f
}

// indexNames lets every JSON name find its field, and every proto name that is not another field's JSON name.
func (m *Message) indexNames() {
	for i := range m.fields {
		m.byName[m.fields[i].name] = &m.fields[i]
	}
	for i := range m.fields {
		if f := &m.fields[i]; m.byName[f.text] == nil {
			m.byName[f.text] = f
		}
	}
}

func (c *Codec) compileField(f *field, fd protoreflect.FieldDescriptor) {
	c.compileValue(f, fd)
	f.required = fd.Cardinality() == protoreflect.Required
	f.oneof = inOneof(fd)
	f.ordered = !f.oneof && !fd.IsExtension()
	f.name, f.text = fd.JSONName(), fd.TextName()
	if fd.IsExtension() {
		f.name, f.text = "["+string(fd.FullName())+"]", "["+string(fd.FullName())+"]"
	}
	shown := f.name
	if c.opts.ProtoNames {
		shown = f.text
	}
	f.quoted = `"` + shown + `"`
	f.key = f.quoted + ":"
	copy(f.keyRoom[:], f.key)
	switch {
	case fd.IsMap():
		f.card = mapping
		f.mapKey, f.mapVal = &field{}, &field{}
		c.compileValue(f.mapKey, fd.MapKey())
		c.compileValue(f.mapVal, fd.MapValue())
	case fd.IsList():
		f.card = list
		f.packed = fd.IsPacked()
	default:
		f.implicit = !fd.HasPresence()
	}
	if f.packed {
		f.tag = tagOf(f.number, protowire.BytesType)
	}
	f.absent = c.absentForm(f, fd)
}

// compileValue fills in what one value of fd needs, be it a field's, an element's, or a map entry's.
func (c *Codec) compileValue(f *field, fd protoreflect.FieldDescriptor) {
	f.number, f.kind = fd.Number(), fd.Kind()
	f.wire = wireTypes[f.kind]
	f.tag = tagOf(f.number, f.wire)
	f.name = fd.JSONName()
	f.utf8 = f.kind == protoreflect.StringKind && enforcesUTF8(fd)
	if md := fd.Message(); md != nil && !fd.IsMap() {
		f.message = c.compile(md)
		f.nullable = f.message.shape == shapeValue
	}
	if ed := fd.Enum(); ed != nil {
		f.enum = c.compileEnum(ed)
		f.nullable = f.enum.null
	}
	if fd.IsMap() { // on the wire, a list of entries; their types are mapKey's and mapVal's
		f.kind, f.wire = protoreflect.MessageKind, protowire.BytesType
	}
}

// enforcesUTF8 tells whether the field's syntax or edition has strings checked wherever they are read.
func enforcesUTF8(fd protoreflect.FieldDescriptor) bool {
	if fd, ok := fd.(interface{ EnforceUTF8() bool }); ok {
		return fd.EnforceUTF8()
	}
	return fd.ParentFile().Syntax() == protoreflect.Proto3
}

func tagOf(num protowire.Number, typ protowire.Type) string {
	return string(protowire.AppendTag(nil, num, typ))
}

// absentForm is what is written for the field when it is not there, "" if nothing is.
func (c *Codec) absentForm(f *field, fd protoreflect.FieldDescriptor) string {
	switch {
	case c.opts.Emit == EmitPresent || f.oneof || fd.IsExtension():
		return ""
	case f.card == list:
		return f.key + "[],"
	case f.card == mapping:
		return f.key + "{},"
	case f.implicit:
		return f.key + c.zero(f) + ","
	case c.opts.Emit == EmitUnpopulated && fd.ContainingOneof() == nil:
		return f.key + "null,"
	default:
		return ""
	}
}

// zero is the JSON of an implicit field's zero value.
func (c *Codec) zero(f *field) string {
	switch f.kind {
	case protoreflect.BoolKind:
		return "false"
	case protoreflect.StringKind, protoreflect.BytesKind:
		return `""`
	case protoreflect.Int64Kind, protoreflect.Uint64Kind, protoreflect.Sint64Kind,
		protoreflect.Fixed64Kind, protoreflect.Sfixed64Kind:
		return `"0"`
	case protoreflect.EnumKind:
		return string(c.appendEnum(nil, f.enum, 0))
	default:
		return "0"
	}
}

func (c *Codec) compileEnum(ed protoreflect.EnumDescriptor) *enum {
	if e := c.enums[ed.FullName()]; e != nil {
		return e
	}
	e := &enum{
		name: ed.FullName(), null: ed.FullName() == "google.protobuf.NullValue",
		sparse: map[int32]string{}, numbers: map[string]int32{},
	}
	c.enums[ed.FullName()] = e
	for i := range ed.Values().Len() {
		v := ed.Values().Get(i)
		if c.opts.visible(v) {
			e.add(int32(v.Number()), string(v.Name()))
		}
	}
	return e
}

// add names a number. Of several names for one number the first is written, and all are read.
func (e *enum) add(n int32, name string) {
	const densest = 256
	e.numbers[name] = n
	if e.quoted(n) != "" {
		return
	}
	quoted := `"` + name + `"`
	if n < 0 || n >= densest {
		e.sparse[n] = quoted
		return
	}
	if missing := int(n) + 1 - len(e.dense); missing > 0 {
		e.dense = append(e.dense, make([]string, missing)...)
	}
	e.dense[n] = quoted
}

// markRequired finds out which new messages have required fields somewhere within. Messages may hold themselves, so
// the answer spreads until nothing changes.
func (c *Codec) markRequired() {
	for changed := true; changed; {
		changed = false
		for _, m := range c.fresh {
			if !m.required && m.findsRequired() {
				m.required, changed = true, true
			}
		}
	}
	c.fresh = c.fresh[:0]
}

func (m *Message) findsRequired() bool {
	for i := range m.fields {
		f := &m.fields[i]
		if f.required || f.message != nil && f.message.required {
			return true
		}
		if f.mapVal != nil && f.mapVal.message != nil && f.mapVal.message.required {
			return true
		}
	}
	return false
}

var wireTypes = map[protoreflect.Kind]protowire.Type{
	protoreflect.BoolKind:     protowire.VarintType,
	protoreflect.EnumKind:     protowire.VarintType,
	protoreflect.Int32Kind:    protowire.VarintType,
	protoreflect.Sint32Kind:   protowire.VarintType,
	protoreflect.Uint32Kind:   protowire.VarintType,
	protoreflect.Int64Kind:    protowire.VarintType,
	protoreflect.Sint64Kind:   protowire.VarintType,
	protoreflect.Uint64Kind:   protowire.VarintType,
	protoreflect.Sfixed32Kind: protowire.Fixed32Type,
	protoreflect.Fixed32Kind:  protowire.Fixed32Type,
	protoreflect.FloatKind:    protowire.Fixed32Type,
	protoreflect.Sfixed64Kind: protowire.Fixed64Type,
	protoreflect.Fixed64Kind:  protowire.Fixed64Type,
	protoreflect.DoubleKind:   protowire.Fixed64Type,
	protoreflect.StringKind:   protowire.BytesType,
	protoreflect.BytesKind:    protowire.BytesType,
	protoreflect.MessageKind:  protowire.BytesType,
	protoreflect.GroupKind:    protowire.StartGroupType,
}
