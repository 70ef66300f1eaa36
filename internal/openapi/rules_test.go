package openapi_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"

	"google.golang.org/protobuf/encoding/protowire"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protodesc"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/types/descriptorpb"

	"github.com/gatehouse-edge/gatehouse/internal/openapi"
	"github.com/gatehouse-edge/gatehouse/internal/schema"
	"github.com/gatehouse-edge/gatehouse/internal/source"
)

// ruledFile is a file with a message of some fields, which three methods take.
const ruledFile = `
syntax = "proto3";
package rules.v1;
import "buf/validate/validate.proto";
import "google/api/annotations.proto";
import "google/api/visibility.proto";
import "google/protobuf/any.proto";
import "google/protobuf/duration.proto";
import "google/protobuf/field_mask.proto";
import "google/protobuf/struct.proto";
import "google/protobuf/timestamp.proto";
import "google/protobuf/wrappers.proto";
import "house.proto";
import "validate/validate.proto";
service RulesService {
  rpc Put(Thing) returns (google.protobuf.Duration) { option (google.api.http) = { post: "/things" body: "*" }; }
  rpc Change(Thing) returns (google.protobuf.Duration) { option (google.api.http) = { patch: "/things" body: "*" }; }
  rpc Find(Thing) returns (google.protobuf.Duration) { option (google.api.http) = { get: "/things" }; }
}
enum Color {
  COLOR_UNSPECIFIED = 0;
  RED = 1;
  GREEN = 2;
  INFRARED = 3 [(google.api.value_visibility).restriction = "PHYSICS"];
}
message Other { string a = 1 [(validate.rules).string.min_len = 1]; }
message Thing {
%s
}
`

// ruled builds the document of a message whose body is given, in which F is the next field.
func ruled(t *testing.T, opts openapi.Options, body string) (*openapi.Document, error) {
	t.Helper()
	for i := 1; strings.Contains(body, " F"); i++ {
		body = strings.Replace(body, " F", fmt.Sprintf(" f%d = %d", i, i), 1)
	}
	dir := t.TempDir()
	house, err := os.ReadFile("testdata/rules/house.proto")
	if err != nil {
		t.Fatal(err)
	}
	for name, text := range map[string][]byte{"house.proto": house, "rules.proto": fmt.Appendf(nil, ruledFile, body)} {
		if err := os.WriteFile(filepath.Join(dir, name), text, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return build(t, dir, opts)
}

// mustRule is ruled of what nothing is wrong with.
func mustRule(t *testing.T, opts openapi.Options, body string) any {
	t.Helper()
	doc, err := ruled(t, opts, body)
	if err != nil {
		t.Fatal(err)
	}
	text, err := doc.JSON()
	if err != nil {
		t.Fatal(err)
	}
	return parse(t, string(text))
}

// told is a field with rules, and what becomes of it.
type told struct{ field, want string }

// readTold reads a file in which a field stands before what becomes of it, in groups that have names.
func readTold(t *testing.T, path string) map[string][]told {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	groups, group := map[string][]told{}, "all"
	for line := range strings.Lines(string(data)) {
		line = strings.TrimSuffix(line, "\n")
		list := groups[group]
		switch name, isName := strings.CutPrefix(line, "# "); {
		case line == "":
		case isName:
			group = name
		case strings.HasPrefix(line, "  "):
			list[len(list)-1].want = strings.TrimSpace(line)
		default:
			groups[group] = append(list, told{field: line})
		}
	}
	return groups
}

// TestRulesBecomeSchemas compares the schemas of the fields in schemas.txt. A field of which that says so has to be given.
func TestRulesBecomeSchemas(t *testing.T) {
	t.Parallel()
	for group, list := range readTold(t, "testdata/rules/schemas.txt") {
		t.Run(group, func(t *testing.T) {
			t.Parallel()
			var body strings.Builder
			for _, c := range list {
				body.WriteString(c.field + ";\n")
			}
			thing := find(mustRule(t, openapi.Options{}, body.String()), "paths /things post requestBody content application/json schema")
			if name, isRef := find(thing, "$ref").(string); isRef {
				thing = find(mustRule(t, openapi.Options{}, body.String()), strings.ReplaceAll(strings.TrimPrefix(name, "#/"), "/", " "))
			}
			required, _ := find(thing, "required").([]any)
			for i, c := range list {
				name := fmt.Sprintf("f%d", i+1)
				got := find(thing, "properties "+name)
				want, isRequired := strings.CutPrefix(c.want, "required ")
				if slices.Contains(required, any(name)) != isRequired || !reflect.DeepEqual(got, parse(t, want)) {
					text, err := json.Marshal(got)
					t.Errorf("%s\nis  %v %s %v\nnot %s", c.field, slices.Contains(required, any(name)), text, err, c.want)
				}
			}
		})
	}
}

// TestWrongRulesAreProblems compares what is said of the fields in problems.txt, each of which stands alone.
func TestWrongRulesAreProblems(t *testing.T) {
	t.Parallel()
	for _, c := range readTold(t, "testdata/rules/problems.txt")["all"] {
		_, err := ruled(t, openapi.Options{}, c.field+";")
		if err == nil {
			t.Errorf("nothing is wrong with %s", c.field)
			continue
		}
		_, said, _ := strings.Cut(err.Error(), "rules.v1.Thing.f1: ")
		if said != c.want || !strings.Contains(err.Error(), "rules.proto:28:") {
			t.Errorf("%s\nis  %v\nnot %s", c.field, err, c.want)
		}
	}
}

// TestARuleThatNobodyKnowsIsAProblem reads options of which the libraries know less than who wrote them.
func TestARuleThatNobodyKnowsIsAProblem(t *testing.T) {
	t.Parallel()
	number := func(n protowire.Number) []byte {
		return protowire.AppendVarint(protowire.AppendTag(nil, n, protowire.VarintType), 7)
	}
	message := func(n protowire.Number, content []byte) []byte {
		return protowire.AppendBytes(protowire.AppendTag(nil, n, protowire.BytesType), content)
	}
	const pgvRules, protovalidateRules, text = 1071, 1159, 14
	for name, c := range map[string]struct {
		option []byte
		want   string
	}{
		"a type of rules":        {message(protovalidateRules, message(77, nil)), "(buf.validate.field): buf.validate.FieldRules has no field 77 that is known"},
		"a rule of texts":        {message(protovalidateRules, message(text, number(777))), "(buf.validate.field).string: buf.validate.StringRules has no field 777 that is known"},
		"a rule of texts of PGV": {message(pgvRules, message(text, number(777))), "(validate.rules).string: validate.StringRules has no field 777 that is known"},
		"a way to ignore":        {message(protovalidateRules, protowire.AppendVarint(protowire.AppendTag(nil, 27, protowire.VarintType), 2)), "(buf.validate.field).ignore: 2 is not known"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			set := withOption(t, c.option)
			api, err := schema.Compile(set, schema.Options{})
			if err != nil {
				t.Fatal(err)
			}
			if _, err = openapi.Build(api, openapi.Options{}); err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("%v, not %s", err, c.want)
			}
		})
	}
}

// withOption is a set of a method that takes a text with an option.
func withOption(t *testing.T, option []byte) *source.Set {
	t.Helper()
	file := filepath.Join(t.TempDir(), "x.proto")
	if err := os.WriteFile(file, []byte(`syntax = "proto3"; package x; import "google/api/annotations.proto";
		service S { rpc M(T) returns (T) { option (google.api.http) = {post: "/t" body: "*"}; } } message T { string a = 1; }`), 0o600); err != nil {
		t.Fatal(err)
	}
	set, err := source.Dir(t.Context(), filepath.Dir(file))
	if err != nil {
		t.Fatal(err)
	}
	image := new(descriptorpb.FileDescriptorSet)
	set.Files.RangeFiles(func(fd protoreflect.FileDescriptor) bool {
		read := protodesc.ToFileDescriptorProto(fd)
		if fd.Package() == "x" {
			read.MessageType[0].Field[0].Options = new(descriptorpb.FieldOptions)
			read.GetMessageType()[0].GetField()[0].GetOptions().ProtoReflect().SetUnknown(option)
		}
		image.File = append(image.GetFile(), read)
		return true
	})
	data, err := proto.Marshal(image)
	if err != nil {
		t.Fatal(err)
	}
	if set, err = source.ReadImage(t.Context(), "x.binpb", bytes.NewReader(data)); err != nil {
		t.Fatal(err)
	}
	return set
}
