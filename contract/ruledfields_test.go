package contract_test

import (
	"encoding/json"
	"maps"
	"slices"
	"strings"
	"testing"

	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/types/dynamicpb"

	"github.com/gatehouse-edge/gatehouse/internal/openapi"
	"github.com/gatehouse-edge/gatehouse/internal/source"
	"github.com/gatehouse-edge/gatehouse/internal/transcode"
)

// ruledFields are the schemas of requests of every message, taken apart into those of their fields.
type ruledFields struct {
	schemas
	content any
	types   *dynamicpb.Types
	codec   *transcode.Codec // which leaves out what is unset
	all     *transcode.Codec // which does not
}

func ruledFieldsOf(t *testing.T, set *source.Set) ruledFields {
	t.Helper()
	doc := describe(t, set, audiences["internal"], openapi.V31, openapi.Dialect{})
	f := ruledFields{
		schemas: schemasOf(t, doc), types: dynamicpb.NewTypes(set.Files),
		codec: transcode.NewCodec(set.Files, transcoded(openapi.Dialect{Emit: openapi.EmitPresent}, audiences["internal"])),
		all:   transcode.NewCodec(set.Files, transcoded(openapi.Dialect{}, audiences["internal"])),
	}
	decode(t, asJSON(t, doc), &f.content)
	return f
}

// within follows keys into the document.
func (f ruledFields) within(keys ...string) any {
	value := f.content
	for _, key := range keys {
		object, _ := value.(map[string]any)
		value = object[key]
	}
	return value
}

// place is where the schema of a message's requests stands.
func (f ruledFields) place(md protoreflect.MessageDescriptor) []string {
	keys := []string{"paths", echoPath(md), "post", "requestBody", "content", "application/json", "schema"}
	object, _ := f.within(keys...).(map[string]any)
	if ref, isRef := object["$ref"].(string); isRef {
		return strings.Split(strings.TrimPrefix(ref, "#/"), "/")
	}
	return keys
}

func (f ruledFields) isRequired(md protoreflect.MessageDescriptor, fd protoreflect.FieldDescriptor) bool {
	required, _ := f.within(append(f.place(md), "required")...).([]any)
	return slices.Contains(required, any(fd.JSONName()))
}

// isTold tells whether a schema says in words what it can not say otherwise. What excludes a part of a range, or a value
// that a message has, is said both ways.
func isTold(v any) bool {
	switch v := v.(type) {
	case map[string]any:
		text, hasText := v["description"].(string)
		isPart := slices.Contains([]any{"int64", "uint64", "byte"}, v["format"]) || strings.Contains(text, "bytes")
		isWhole := v["not"] != nil || v["anyOf"] != nil || v["propertyNames"] != nil || strings.HasPrefix(text, "A message of")
		if hasText && (isPart || !isWhole) && !strings.Contains(text, " of an HTTP header") {
			return true
		}
		return slices.ContainsFunc(slices.Collect(maps.Values(v)), isTold)
	case []any:
		return slices.ContainsFunc(v, isTold)
	default:
		return false
	}
}

// check holds the schema of a field against a verdict of somebody else about a message in which only that field is set.
// What a validator takes, a schema takes; what it refuses, a schema refuses, unless that is said in words.
func (f ruledFields) check(t *testing.T, m protoreflect.Message, fd protoreflect.FieldDescriptor, isGood bool) {
	t.Helper()
	md := m.Descriptor()
	wire, err := proto.Marshal(m.Interface())
	if err != nil {
		return // text that is no UTF-8
	}
	property := append(f.place(md), "properties", fd.JSONName())
	told := isTold(f.within(property...))
	text := f.member(t, f.codec, md, fd, wire)
	if text == nil {
		if required := f.isRequired(md, fd); required == isGood && !(told && isGood) {
			t.Errorf("%s: unset is good: %v, and it is required: %v", fd.FullName(), isGood, required)
		}
		if text = f.member(t, f.all, md, fd, wire); text == nil {
			return
		}
	}
	switch problem := refuses(t, f.at(t, property...), text); {
	case isGood && problem != "":
		t.Errorf("%s: the validator takes %s\n%s", fd.FullName(), text, problem)
	case !isGood && problem == "" && !told:
		t.Errorf("%s: the validator refuses %s", fd.FullName(), text)
	}
}

// member is what a message has for a field in JSON; nil for nothing.
func (f ruledFields) member(t *testing.T, codec *transcode.Codec, md protoreflect.MessageDescriptor, fd protoreflect.FieldDescriptor, wire []byte) []byte {
	t.Helper()
	text, err := codec.Message(md).AppendJSON(nil, wire)
	if err != nil {
		t.Fatal(err)
	}
	var members map[string]json.RawMessage
	decode(t, text, &members)
	return members[fd.JSONName()]
}
