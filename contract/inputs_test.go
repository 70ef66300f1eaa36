package contract_test

import (
	"bytes"
	"encoding/json"
	"testing"

	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"

	"github.com/gatehouse-edge/gatehouse/internal/openapi"
	"github.com/gatehouse-edge/gatehouse/internal/transcode"
)

// inputDialects are those that differ in what a request may hold.
var inputDialects = map[string]openapi.Dialect{
	"defaults":     {},
	"present":      {Emit: openapi.EmitPresent},
	"proto names":  {ProtoNames: true},
	"enum numbers": {EnumNumbers: true, Emit: openapi.EmitPresent},
	"gateway":      {Gateway: true, IgnoreUnknown: true},
}

// eachInput makes messages of every type that obey their rules, and gives them as JSON with the schemas of requests.
func eachInput(t *testing.T, run func(t *testing.T, in input)) {
	for _, pkg := range []string{"shop", "edgetest"} {
		loaded := folder(t, pkg)
		messages := messagesOf(loaded, pkg)
		set := echoSet(t, loaded, messages)
		for name, dialect := range inputDialects {
			t.Run(pkg+" "+name, func(t *testing.T) {
				t.Parallel()
				valid := schemasOf(t, describe(t, set, audiences["internal"], openapi.V31, dialect))
				codec := transcode.NewCodec(set.Files, transcoded(dialect, audiences["internal"]))
				for _, md := range messages {
					in := input{schemas: valid, dialect: dialect, message: codec.Message(md), md: md}
					for seed := range uint64(10) {
						made := obeyingMessage(t, set, md.FullName(), seed)
						if made == nil {
							continue
						}
						wire, err := proto.MarshalOptions{Deterministic: true}.Marshal(made.Interface())
						if err != nil {
							t.Fatal(err)
						}
						if in.text, err = in.message.AppendJSON(nil, wire); err != nil {
							t.Fatal(err)
						}
						in.count++
						run(t, in)
					}
					if in.count == 0 && !needsItself(md) {
						t.Errorf("no %s is found that obeys its rules", md.FullName())
					}
				}
			})
		}
	}
}

// input is a message that obeys its rules, as JSON.
type input struct {
	schemas schemas
	dialect openapi.Dialect
	message *transcode.Message
	md      protoreflect.MessageDescriptor
	text    []byte
	count   int
}

func TestMessagesThatObeyTheirRulesAreAsTheInputSchemaSays(t *testing.T) {
	t.Parallel()
	eachInput(t, func(t *testing.T, in input) {
		for _, method := range []string{"post", "patch"} {
			if problem := refuses(t, in.schemas.body(t, echoPath(in.md), method), in.text); problem != "" {
				t.Errorf("%s: %s\n%s", method, problem, in.text)
			}
		}
		if _, err := in.message.AppendWire(nil, in.text); err != nil {
			t.Errorf("%v\n%s", err, in.text)
		}
	})
}

// TestAPatchMayClearEveryField with null, and the edge takes it.
func TestAPatchMayClearEveryField(t *testing.T) {
	t.Parallel()
	eachInput(t, func(t *testing.T, in input) {
		members := map[string]any{}
		decode(t, in.text, &members)
		for name := range members {
			members[name] = nil
		}
		text := encode(t, members)
		if problem := refuses(t, in.schemas.body(t, echoPath(in.md), "patch"), text); problem != "" {
			t.Errorf("%s\n%s", problem, text)
		}
		if _, err := in.message.AppendWire(nil, text); err != nil {
			t.Errorf("%v\n%s", err, text)
		}
	})
}

// TestWhatTheSchemaRefusesTheEdgeRefuses, where the shape is wrong: not every number may be text, but an object is none.
func TestWhatTheSchemaRefusesTheEdgeRefuses(t *testing.T) {
	t.Parallel()
	eachInput(t, func(t *testing.T, in input) {
		var members map[string]any
		decode(t, in.text, &members)
		check := func(wrong map[string]any) {
			t.Helper()
			text := encode(t, wrong)
			if refuses(t, in.schemas.body(t, echoPath(in.md), "post"), text) == "" {
				t.Errorf("the schema takes %s", text)
			}
			if _, err := in.message.AppendWire(nil, text); err == nil {
				t.Errorf("the edge takes %s", text)
			}
		}
		if !in.dialect.IgnoreUnknown {
			check(with(members, "noSuchField", 1))
		}
		for name, value := range members {
			for _, wrong := range wrongFor(value) {
				if takesAnything(in.md, name) {
					continue
				}
				check(with(members, name, wrong))
			}
		}
	})
}

// wrongFor are values that no field takes which takes this one.
func wrongFor(value any) []any {
	switch value.(type) {
	case map[string]any:
		return []any{true, []any{[]any{}}}
	case []any:
		return []any{true, "text", map[string]any{"a": 1}}
	default:
		return []any{map[string]any{"a": 1}, []any{1}}
	}
}

// takesAnything tells whether a field is one of the few that take every value.
func takesAnything(md protoreflect.MessageDescriptor, name string) bool {
	fd := md.Fields().ByJSONName(name)
	if fd == nil {
		fd = md.Fields().ByTextName(name)
	}
	if fd.Message() == nil {
		return false
	}
	switch fd.Message().FullName() {
	case "google.protobuf.Value", "google.protobuf.ListValue", "google.protobuf.Struct", "google.protobuf.Any":
		return true
	default:
		return false
	}
}

func with(members map[string]any, name string, value any) map[string]any {
	changed := map[string]any{name: value}
	for other, v := range members {
		if other != name {
			changed[other] = v
		}
	}
	return changed
}

func decode(t testing.TB, text []byte, into any) {
	t.Helper()
	dec := json.NewDecoder(bytes.NewReader(text))
	dec.UseNumber()
	if err := dec.Decode(into); err != nil {
		t.Fatalf("%v: %s", err, text)
	}
}

func encode(t testing.TB, v any) []byte {
	t.Helper()
	text, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return text
}
