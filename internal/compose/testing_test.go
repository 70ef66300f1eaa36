package compose_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"testing/fstest"

	"google.golang.org/protobuf/encoding/prototext"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/types/dynamicpb"

	"github.com/gatehouse-edge/gatehouse/internal/compose"
	"github.com/gatehouse-edge/gatehouse/internal/fault"
	"github.com/gatehouse-edge/gatehouse/internal/source"
)

// things are what the tests compose: a screen of a garden, whose beds and plants are known to services of their own.
const things = `syntax = "proto3";
package garden;
import "gatehouse/v1/compose.proto";
import "google/api/visibility.proto";
import "google/protobuf/duration.proto";
import "google/protobuf/field_mask.proto";
message Plant { string id = 1; string name = 2; int32 height = 3; Soil soil = 4; repeated string tags = 5; repeated int32 counts = 6;
  oneof state { string bloom = 7; Soil rests = 8; } map<string, int32> notes = 9; Kind kind = 10; repeated Plant next = 11;
  string secret = 12 [(google.api.field_visibility).restriction = "INTERNAL"]; bool tall = 13; }
message Soil { string type = 1; double acid = 2; }
enum Kind { KIND_UNSPECIFIED = 0; KIND_TREE = 1; }
message Herb { string id = 1; string name = 2; }
message Ask { string id = 1; repeated string ids = 2; Kind kind = 3; int32 limit = 4; Where where = 5; bool deep = 6; bytes raw = 7;
  google.protobuf.Duration since = 8; oneof by { string near = 9; int64 far = 10; } repeated Kind kinds = 11; map<string, int32> notes = 12;
  Plant plant = 13; uint64 big = 14; sint32 low = 15; float share = 16; }
message Where { Place place = 1; } message Place { string bed = 1; string row = 2; }
message Plants { repeated Plant plants = 1; string next_page = 2; Plant best = 3; }
service Beds {
  rpc Get(Ask) returns (Plant); rpc List(Ask) returns (Plants); rpc Pick(Ask) returns (Herb);
  rpc Watch(Ask) returns (stream Plant); rpc Secret(Ask) returns (Plant) { option (google.api.method_visibility).restriction = "INTERNAL"; }
}
message Look { string id = 1; repeated string ids = 2; bool with_plant = 3; repeated string parts = 4; google.protobuf.FieldMask mask = 5;
  Plant plant = 6; repeated Plant plants = 7; map<string, int32> notes = 8; int32 limit = 9; optional string maybe = 10; Kind kind = 11; repeated int32 sizes = 12; repeated double shares = 13; }
message Screen { Plant plant = 1; repeated Plant plants = 2; string name = 3; repeated string names = 4; Soil soil = 5; map<string, int32> notes = 6;
  repeated int32 counts = 7; oneof one { string first = 8; string second = 9; } repeated gatehouse.v1.PartialResult partial = 10; Plant other = 11;
  Kind kind = 12; repeated Soil soils = 13; repeated Kind kinds = 14; string hidden = 15 [(google.api.field_visibility).restriction = "INTERNAL"];
  Herb herb = 16; bool tall = 17; }
`

// garden is the things, and a service whose method is composed of parts.
func garden(parts string) string { return gardenOf("rpc Show(Look) returns (Screen)", parts) }

func gardenOf(rpc, parts string) string {
	return things + "service Screens {\n" + rpc + " {\noption (gatehouse.v1.compose) = {\n" + parts + "\n};\n}\n}\n"
}

// load compiles a .proto file.
func load(t testing.TB, text string) *source.Set {
	t.Helper()
	set, err := source.FS(t.Context(), fstest.MapFS{"garden.proto": {Data: []byte(text)}})
	if err != nil {
		t.Fatal(err)
	}
	return set
}

func method(t testing.TB, set *source.Set, name protoreflect.FullName) protoreflect.MethodDescriptor {
	t.Helper()
	d, err := set.Files.FindDescriptorByName(name)
	if err != nil {
		t.Fatal(err)
	}
	return d.(protoreflect.MethodDescriptor)
}

// world is a plan, and the services it calls.
type world struct {
	t       testing.TB
	set     *source.Set
	plan    *compose.Plan
	method  protoreflect.MethodDescriptor
	request compose.Request

	mu    sync.Mutex
	calls []string // what was asked, as the last part of the method's name and the text of the request
	serve map[string]func(ctx context.Context, request string) (string, error)
}

// compiled is the world of a composition.
func compiled(t testing.TB, text string, opts compose.Options) *world {
	t.Helper()
	set := load(t, text)
	w := &world{t: t, set: set, serve: map[string]func(context.Context, string) (string, error){}}
	w.method = method(t, set, "garden.Screens.Show")
	plan, problems := compose.Compile(set, w.method, opts)
	if len(problems) > 0 {
		t.Fatal(problems)
	}
	w.plan = plan
	return w
}

// on says what a method answers: text of its response, which follows from the text of the request.
func (w *world) on(method string, answer func(ctx context.Context, request string) (string, error)) *world {
	w.serve[method] = answer
	return w
}

// says makes a method answer always the same.
func (w *world) says(method, response string) *world {
	return w.on(method, func(context.Context, string) (string, error) { return response, nil })
}

// Call implements compose.Caller.
func (w *world) Call(ctx context.Context, target *compose.Target, request []byte) ([]byte, error) {
	name := string(target.Method.Name())
	asked := text(w.t, target.Method.Input(), request)
	w.mu.Lock()
	w.calls = append(w.calls, strings.TrimSpace(name+" "+asked))
	w.mu.Unlock()
	answer := w.serve[name]
	if answer == nil {
		return nil, fmt.Errorf("nobody answers %s", target.Path)
	}
	said, err := answer(ctx, asked)
	if err != nil {
		return nil, err
	}
	if raw, ok := strings.CutPrefix(said, "raw:"); ok {
		return []byte(raw), nil
	}
	return wire(w.t, target.Method.Output(), said), nil
}

// run answers a request. It returns the text of the answer.
func (w *world) run(ctx context.Context, request string) (string, []compose.Partial, error) {
	w.t.Helper()
	req := w.request
	req.Message, req.Caller = wire(w.t, w.method.Input(), request), w
	answer, err := w.plan.Run(ctx, req)
	if err != nil {
		return "", nil, err
	}
	return text(w.t, w.method.Output(), answer.Message), answer.Partial, nil
}

// answers checks an answer that misses nothing.
func (w *world) answers(request, want string) {
	w.t.Helper()
	got, partial, err := w.run(w.t.Context(), request)
	if err != nil {
		w.t.Fatal(err)
	}
	if len(partial) > 0 {
		w.t.Errorf("of %q is missing %v", request, partial)
	}
	if got != want {
		w.t.Errorf("answer to %q:\n got %s\nwant %s", request, got, want)
	}
}

// asked checks which calls were made, in any order, and forgets them.
func (w *world) asked(want ...string) {
	w.t.Helper()
	w.mu.Lock()
	defer w.mu.Unlock()
	left := append([]string(nil), w.calls...)
	for _, call := range want {
		found := -1
		for i := range left {
			if left[i] == call {
				found = i
			}
		}
		if found < 0 {
			w.t.Errorf("no call %q among %q", call, w.calls)
			continue
		}
		left = append(left[:found], left[found+1:]...)
	}
	if len(left) > 0 {
		w.t.Errorf("too many calls: %q", left)
	}
	w.calls = nil
}

// wire is the bytes of a message's text.
func wire(t testing.TB, md protoreflect.MessageDescriptor, said string) []byte {
	t.Helper()
	m := dynamicpb.NewMessage(md)
	if err := prototext.Unmarshal([]byte(said), m); err != nil {
		t.Fatalf("%q is no %s: %v", said, md.FullName(), err)
	}
	b, err := proto.Marshal(m)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// text is a message's text, in one line.
func text(t testing.TB, md protoreflect.MessageDescriptor, b []byte) string {
	t.Helper()
	m := dynamicpb.NewMessage(md)
	if err := proto.Unmarshal(b, m); err != nil {
		t.Errorf("the bytes of a %s can not be read: %v", md.FullName(), err)
	}
	return strings.Join(strings.Fields(prototext.MarshalOptions{}.Format(m)), " ")
}

// faultOf is the fault of a run that failed.
func faultOf(t testing.TB, err error) *fault.Error {
	t.Helper()
	f, ok := errors.AsType[*fault.Error](err)
	if !ok {
		t.Fatalf("%v is no fault", err)
	}
	return f
}
