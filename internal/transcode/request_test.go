package transcode_test

import (
	"errors"
	"strings"
	"testing"

	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/reflect/protoregistry"

	edgetestv1 "github.com/gatehouse-edge/gatehouse/gen/edgetest/v1"
	"github.com/gatehouse-edge/gatehouse/internal/transcode"
)

var everything = (&edgetestv1.Everything{}).ProtoReflect().Descriptor()

// fieldPath finds the fields of a dotted path.
func fieldPath(t *testing.T, path string) []protoreflect.FieldDescriptor {
	t.Helper()
	var fields []protoreflect.FieldDescriptor
	md := everything
	for name := range strings.SplitSeq(path, ".") {
		fd := md.Fields().ByName(protoreflect.Name(name))
		if fd == nil {
			t.Fatalf("%s has no field %s", md.FullName(), name)
		}
		fields, md = append(fields, fd), fd.Message()
	}
	return fields
}

// binding is a request as a table of cases describes it.
type binding struct {
	opts      transcode.Options
	body      string // "", "*", or a field
	variables []string
}

func (b binding) compile(t *testing.T) *transcode.Request {
	t.Helper()
	spec := transcode.RequestSpec{Message: everything}
	for _, path := range b.variables {
		spec.Variables = append(spec.Variables, fieldPath(t, path))
	}
	switch b.body {
	case "":
	case "*":
		spec.Body = transcode.WholeBody
	default:
		spec.Body, spec.BodyField = transcode.FieldBody, fieldPath(t, b.body)[0]
	}
	return transcode.NewCodec(protoregistry.GlobalFiles, b.opts).Request(spec)
}

// translate returns the message that the parts of a request make.
func (b binding) translate(t *testing.T, body, query string, values ...string) (*edgetestv1.Everything, error) {
	t.Helper()
	wire, err := b.compile(t).AppendWire(nil, []byte(body), query, values)
	if err != nil {
		return nil, err
	}
	m := &edgetestv1.Everything{}
	if err := proto.Unmarshal(wire, m); err != nil {
		t.Fatal(err)
	}
	return m, nil
}

func parse(t *testing.T, text string) *edgetestv1.Everything {
	t.Helper()
	m := &edgetestv1.Everything{}
	if err := protojson.Unmarshal([]byte(text), m); err != nil {
		t.Fatal(err)
	}
	return m
}

func TestQueryParametersFillFields(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ name, query, want string }{
		{"none", "", `{}`},
		{"scalars", "text=a&int32Value=-5&int64Value=9223372036854775807&boolValue=true&doubleValue=1.5", `{"text":"a","int32Value":-5,"int64Value":"9223372036854775807","boolValue":true,"doubleValue":1.5}`},
		{"proto names", "int32_value=5&optional_text=x", `{"int32Value":5,"optionalText":"x"}`},
		{"JSON names", "otherName=x", `{"otherName":"x"}`},
		{"all kinds of integers", "uint32Value=1&uint64Value=2&sint32Value=-3&sint64Value=-4&fixed32Value=5&fixed64Value=6&sfixed32Value=-7&sfixed64Value=-8", `{"uint32Value":1,"uint64Value":"2","sint32Value":-3,"sint64Value":"-4","fixed32Value":5,"fixed64Value":"6","sfixed32Value":-7,"sfixed64Value":"-8"}`},
		{"floats that are no numbers", "doubleValue=NaN&floatValue=-Infinity", `{"doubleValue":"NaN","floatValue":"-Infinity"}`},
		{"percent and plus are decoded once", "text=a+b%20c%2Bd%252B", `{"text":"a b c+d%2B"}`},
		{"enum by name", "kind=KIND_TWO", `{"kind":"KIND_TWO"}`},
		{"enum by number", "kind=-1", `{"kind":"KIND_MINUS"}`},
		{"bytes in the standard alphabet", "bytesValue=%2B%2F%2B%2F", `{"bytesValue":"+/+/"}`},
		{"bytes in the URL alphabet without padding", "bytesValue=-_8", `{"bytesValue":"+/8="}`},
		{"repeated", "numbers=1&numbers=2&strings=a&numbers=3", `{"numbers":[1,2,3],"strings":["a"]}`},
		{"repeated enum", "kinds=KIND_ONE&kinds=2", `{"kinds":["KIND_ONE","KIND_TWO"]}`},
		{"nested", "child.name=a&child.child.size=2&child.tags=x&child.tags=y", `{"child":{"name":"a","child":{"size":2},"tags":["x","y"]}}`},
		{"map", "labels[a.b]=1&labels[c]=2&byUint32[7]=KIND_ONE&byBool[true]=1.5", `{"labels":{"a.b":"1","c":"2"},"byUint32":{"7":"KIND_ONE"},"byBool":{"true":1.5}}`},
		{"wrappers", "wrappedText=a&wrappedInt64=0&wrappedBool=false&wrappedBytes=AQ==", `{"wrappedText":"a","wrappedInt64":"0","wrappedBool":false,"wrappedBytes":"AQ=="}`},
		{"timestamp", "timestamp=2026-01-02T03:04:05.5%2B01:00", `{"timestamp":"2026-01-02T02:04:05.500Z"}`},
		{"repeated timestamps", "timestamps=2026-01-02T03:04:05Z&timestamps=1970-01-01T00:00:00Z", `{"timestamps":["2026-01-02T03:04:05Z","1970-01-01T00:00:00Z"]}`},
		{"duration in seconds", "duration=1.5s", `{"duration":"1.500s"}`},
		{"duration as Go writes it", "duration=1m30s", `{"duration":"90s"}`},
		{"negative duration as Go writes it", "duration=-1500ms", `{"duration":"-1.500s"}`},
		{"field mask in both spellings", "mask=display_name,price.unitCost", `{"mask":"displayName,price.unitCost"}`},
		{"optional with its default", "optionalText=&optionalInt32=0", `{"optionalText":"","optionalInt32":0}`},
		{"a member of a oneof", "choiceInt64=0", `{"choiceInt64":"0"}`},
		{"a message of a oneof, field by field", "choiceChild.name=a&choiceChild.size=1", `{"choiceChild":{"name":"a","size":1}}`},
		{"JSON for dynamic values", "struct=%7B%22a%22:[1]%7D&value=true&listValue=[1,null]", `{"struct":{"a":[1]},"value":true,"listValue":[1,null]}`},
		{"empty pairs", "&&text=a&", `{"text":"a"}`},
		{"a name without a value", "text", `{}`},
	} {
		t.Run(c.name, func(t *testing.T) {
			got, err := binding{}.translate(t, "", c.query)
			if err != nil {
				t.Fatal(err)
			}
			want := parse(t, c.want)
			// NaN is not equal to itself, but its text is.
			if g, w := protojson.Format(got), protojson.Format(want); strings.ReplaceAll(g, " ", "") != strings.ReplaceAll(w, " ", "") {
				t.Errorf("got %s\nwant %s", g, w)
			}
		})
	}
}

func TestRefusedRequestsNameThePlaceAndTheRemedy(t *testing.T) {
	t.Parallel()
	plain, whole := binding{}, binding{body: "*"}
	for _, c := range []struct {
		name        string
		in          binding
		body, query string
		path        string
		offset      int
		reason      string
	}{
		{"unknown parameter", plain, "", "txet=1", "txet", -1, `did you mean "text"?`},
		{"unknown nested parameter", plain, "", "child.nmae=1", "child.nmae", -1, `did you mean "name"?`},
		{"not a number", plain, "", "int32Value=x", "int32Value", -1, `expected a whole number of 32 bits, found "x"`},
		{"out of range", plain, "", "int32Value=2147483648", "int32Value", -1, "32 bits"},
		{"negative unsigned", plain, "", "uint32Value=-1", "uint32Value", -1, "not negative"},
		{"hexadecimal", plain, "", "doubleValue=0x1p4", "doubleValue", -1, "64-bit floats"},
		{"unknown enum name", plain, "", "kind=KIND_SIX", "kind", -1, "KIND_ONE"},
		{"unknown enum number", plain, "", "kind=77", "kind", -1, "KIND_ONE"},
		{"given twice", plain, "", "text=a&text=b", "text", -1, "more than once"},
		{"given twice under two names", plain, "", "int32Value=1&int32_value=2", "int32_value", -1, "more than once"},
		{"map entry given twice", plain, "", "labels[a]=1&labels[a]=2", "labels[a]", -1, "more than once"},
		{"two members of a oneof", plain, "", "choiceText=a&choiceInt64=1", "choiceInt64", -1, "oneof"},
		{"map without a key", plain, "", "labels=1", "labels", -1, "labels[key]=value"},
		{"key without a map", plain, "", "text[a]=1", "text[a]", -1, "not a map"},
		{"map key of a wrong kind", plain, "", "byUint32[x]=1", "byUint32[x]", -1, "key"},
		{"message as one value", plain, "", "child=1", "child", -1, "child.field=value"},
		{"field of a scalar", plain, "", "text.a=1", "text.a", -1, "not a message"},
		{"field of a list", plain, "", "children.name=1", "children.name", -1, "not a message"},
		{"broken percent-encoding", plain, "", "text=%4", "text", -1, "percent-encoding"},
		{"not UTF-8", plain, "", "text=%ff", "text", -1, "UTF-8"},
		{"query beside a whole body", whole, "{}", "text=a", "query", -1, "the body gives all fields"},
		{"query for a field in the body", binding{body: "child"}, "{}", "child.name=a", "child.name", -1, "path or the body"},
		{"unknown field", whole, `{"child": {"nmae": "x"}}`, "", "$.child", 11, `unknown field "nmae"; did you mean "name"?`},
		{"wrong type deep down", whole, `{"children":[{},{"size":"x"}]}`, "", "$.children[1].size", 24, `found the string "x"`},
		{"wrong type in a map", whole, `{"byNumber":{"7":{"size":true}}}`, "", `$.byNumber["7"].size`, 25, "expected a whole number of 32 bits, found true"},
		{"field given twice", whole, `{"text":"a","text":"b"}`, "", "$.text", 12, "twice"},
		{"field given twice under two names", whole, `{"int32Value":1,"int32_value":1}`, "", "$.int32Value", 16, "twice"},
		{"key given twice", whole, `{"labels":{"a":"1","a":"2"}}`, "", "$.labels", 19, "twice"},
		{"two members of a oneof in a body", whole, `{"choiceText":"","choiceInt64":1}`, "", "$.choiceInt64", 17, "oneof"},
		{"an object is due", whole, `[]`, "", "$", 0, "expected an object, found a list"},
		{"a list is due", whole, `{"numbers":1}`, "", "$.numbers", 11, "expected a list, found the number 1"},
		{"null in a list", whole, `{"numbers":[1,null]}`, "", "$.numbers[1]", 14, "found null"},
		{"the body ends early", whole, `{"text":`, "", "$.text", 8, "the end of the body"},
		{"something follows", whole, `{} x`, "", "$", 3, "the end of the body"},
		{"no comma", whole, `{"text":"a" "kind":1}`, "", "$", 12, "','"},
		{"trailing comma", whole, `{"text":"a",}`, "", "$", 12, "after the comma"},
		{"leading zero", whole, `{"int32Value":01}`, "", "$.int32Value", 14, "JSON number"},
		{"string without an end", whole, `{"text":"a`, "", "$.text", 8, "no end"},
		{"control character", whole, "{\"text\":\"a\nb\"}", "", "$.text", 10, "control character"},
		{"half a surrogate pair", whole, `{"text":"\ud83d"}`, "", "$.text", 9, "escape"},
		{"not UTF-8 in a body", whole, "{\"text\":\"\xff\"}", "", "$.text", 9, "UTF-8"},
		{"not base64", whole, `{"bytesValue":"!"}`, "", "$.bytesValue", 14, "base64"},
		{"not a time", whole, `{"timestamp":"yesterday"}`, "", "$.timestamp", 13, "RFC 3339"},
		{"not a duration", whole, `{"duration":"1h"}`, "", "$.duration", 12, "1.5s"},
		{"not a mask", whole, `{"mask":"a_b"}`, "", "$.mask", 8, "lowerCamelCase"},
		{"Any without a type", whole, `{"any":{"a":1}}`, "", "$.any", 7, "@type"},
		{"unknown enum name in a body", whole, `{"kind":"KIND_SIX"}`, "", "$.kind", 8, `one of KIND_MINUS, KIND_UNSPECIFIED, KIND_ONE, KIND_TWO, found the string "KIND_SIX"`},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, err := c.in.translate(t, c.body, c.query)
			got, ok := errors.AsType[*transcode.Error](err)
			if !ok {
				t.Fatalf("got %v", err)
			}
			if got.Path != c.path || got.Offset != c.offset || !strings.Contains(got.Reason, c.reason) {
				t.Errorf("got  %s | %d | %s\nwant %s | %d | %s", got.Path, got.Offset, got.Reason, c.path, c.offset, c.reason)
			}
		})
	}
}

func TestThePathWinsOverEverything(t *testing.T) {
	t.Parallel()
	got, err := binding{body: "*", variables: []string{"text", "child.name", "int32_value"}}.
		translate(t, `{"text":"body","child":{"name":"body","size":7},"int32Value":5}`, "", "path", "nested", "0")
	if err != nil {
		t.Fatal(err)
	}
	want := parse(t, `{"text":"path","child":{"name":"nested","size":7}}`)
	if !proto.Equal(got, want) {
		t.Errorf("got %v", got)
	}
}

func TestTheQueryCanNotTouchWhatThePathGives(t *testing.T) {
	t.Parallel()
	for _, query := range []string{"child.name=query", "child.name=", "child.name=a&child.name=b"} {
		_, err := binding{variables: []string{"child.name"}}.translate(t, "", query, "path")
		if bad, ok := errors.AsType[*transcode.Error](err); !ok || bad.Path != "child.name" {
			t.Errorf("%s: got %v", query, err)
		}
	}
	lenient := binding{opts: transcode.GRPCGateway(), variables: []string{"child.name"}}
	got, err := lenient.translate(t, "", "child.name=query&child.size=2&nothing=1", "path")
	if err != nil || got.GetChild().GetName() != "path" || got.GetChild().GetSize() != 2 {
		t.Errorf("got %v, %v", got, err)
	}
}

func TestOneFieldIsTheBody(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ field, body, want string }{
		{"child", `{"name":"a"}`, `{"child":{"name":"a"}}`},
		{"children", `[{"name":"a"},{}]`, `{"children":[{"name":"a"},{}]}`},
		{"numbers", `[1,2]`, `{"numbers":[1,2]}`},
		{"labels", `{"a":"b"}`, `{"labels":{"a":"b"}}`},
		{"text", `"a"`, `{"text":"a"}`},
		{"timestamp", `"2026-01-01T00:00:00Z"`, `{"timestamp":"2026-01-01T00:00:00Z"}`},
		{"wrapped_int64", `"7"`, `{"wrappedInt64":"7"}`},
		{"child", "", `{}`},
	} {
		got, err := binding{body: c.field}.translate(t, c.body, "boolValue=true")
		if err != nil {
			t.Errorf("%s: %v", c.field, err)
			continue
		}
		want := parse(t, c.want)
		want.BoolValue = true
		if !proto.Equal(got, want) {
			t.Errorf("%s: got %v", c.field, got)
		}
	}
}

func FuzzQuery(f *testing.F) {
	for _, query := range []string{"text=a&numbers=1&numbers=2", "labels[a]=b", "child.child.name=%41+", "choiceText=a&choiceInt64=1", "mask=a,b&duration=1s"} {
		f.Add(query)
	}
	codec := transcode.NewCodec(protoregistry.GlobalFiles, transcode.Gatehouse())
	request := codec.Request(transcode.RequestSpec{Message: everything})
	f.Fuzz(func(t *testing.T, query string) {
		wire, err := request.AppendWire(nil, nil, query, nil)
		if err != nil {
			if _, ok := errors.AsType[*transcode.Error](err); !ok {
				t.Fatalf("%q: %v is no *Error", query, err)
			}
			return
		}
		if err := proto.Unmarshal(wire, &edgetestv1.Everything{}); err != nil {
			t.Fatalf("%q: %x: %v", query, wire, err)
		}
	})
}
