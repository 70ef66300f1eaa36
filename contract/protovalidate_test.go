package contract_test

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"buf.build/gen/go/bufbuild/protovalidate/protocolbuffers/go/buf/validate"
	"buf.build/go/protovalidate"
	"google.golang.org/protobuf/reflect/protoreflect"

	"github.com/gatehouse-edge/gatehouse/internal/source"
)

// ruledHead begins a file whose messages have a field with rules each.
const ruledHead = `syntax = "proto3";
package rules.v1;
import "buf/validate/validate.proto";
import "google/protobuf/any.proto";
import "google/protobuf/duration.proto";
import "google/protobuf/field_mask.proto";
import "google/protobuf/struct.proto";
import "google/protobuf/timestamp.proto";
import "google/protobuf/wrappers.proto";
import "house.proto";
enum Color { COLOR_UNSPECIFIED = 0; RED = 1; GREEN = 2; INFRARED = 3; }
message Other { string a = 1; }
`

// furtherRules are fields that stand beside those of the corpus.
const furtherRules = `
int32 F [(buf.validate.field).int32 = {gte: -3, lt: 9}]
sint32 F [(buf.validate.field).sint32 = {gt: 5, lt: -5}]
uint32 F [(buf.validate.field).uint32 = {gte: 7, not_in: [9]}]
optional uint64 F [(buf.validate.field).uint64 = {gt: 0}]
int64 F [(buf.validate.field).int64 = {lte: -1, gte: 1}]
fixed32 F [(buf.validate.field) = {ignore: IGNORE_IF_ZERO_VALUE, fixed32: {in: [5, 6]}}]
double F [(buf.validate.field).double = {gt: 5, lte: -5.5}]
float F [(buf.validate.field) = {ignore: IGNORE_IF_ZERO_VALUE, float: {lt: -1}}]
float F [(buf.validate.field).float = {in: [0.1, -inf]}]
google.protobuf.DoubleValue F [(buf.validate.field).double = {lte: 3, finite: true}]
string F [(buf.validate.field) = {ignore: IGNORE_IF_ZERO_VALUE, string: {min_len: 2, max_len: 4}}]
string F [(buf.validate.field).string = {prefix: "a.b", not_contains: "c"}]
string F [(buf.validate.field).string = {pattern: "^\\s*[[:alpha:]]+.\\z"}]
string F [(buf.validate.field) = {ignore: IGNORE_IF_ZERO_VALUE, string: {pattern: "^(?i)ab|k$"}}]
string F [(buf.validate.field) = {ignore: IGNORE_IF_ZERO_VALUE, string: {ip: true}}]
string F [(buf.validate.field).string.email = true]
string F [(buf.validate.field).string.hostname = true]
string F [(buf.validate.field).string.address = true]
string F [(buf.validate.field) = {ignore: IGNORE_IF_ZERO_VALUE, string: {address: true}}]
string F [(buf.validate.field).string.ip = true]
string F [(buf.validate.field).string.ipv4 = true]
string F [(buf.validate.field).string.ipv6 = true]
string F [(buf.validate.field).string.uri = true]
string F [(buf.validate.field).string.uuid = true]
google.protobuf.StringValue F [(buf.validate.field).required = true]
google.protobuf.StringValue F [(buf.validate.field).string.len = 2]
bytes F [(buf.validate.field).bytes = {in: ["a", "bc"]}]
bytes F [(buf.validate.field).bytes.min_len = 4]
bytes F [(buf.validate.field).bytes.max_len = 3]
Color F [(buf.validate.field).enum = {not_in: [1]}]
optional Color F [(buf.validate.field).enum.in = 1]
repeated Color F [(buf.validate.field).repeated = {unique: true, items: {enum: {in: [1, 2]}}}]
repeated int32 F [(buf.validate.field) = {ignore: IGNORE_IF_ZERO_VALUE, repeated: {min_items: 2}}]
map<string, int32> F [(buf.validate.field).map = {keys: {string: {max_len: 3}}, values: {int32: {gt: 0}}}]
map<int32, bool> F [(buf.validate.field).map = {keys: {int32: {lt: 0}}, values: {bool: {const: true}}}]
google.protobuf.Any F [(buf.validate.field).any.in = "type.googleapis.com/google.protobuf.Timestamp"]
google.protobuf.Any F [(buf.validate.field) = {required: true, any: {not_in: "type.googleapis.com/google.protobuf.Timestamp"}}]
google.protobuf.Duration F [(buf.validate.field).duration.gte = {}]
`

// ruledSet compiles those fields of the corpus of internal/openapi that have rules of protovalidate only, and further ones.
func ruledSet(t *testing.T) *source.Set {
	t.Helper()
	corpus := filepath.Join(root, "internal", "openapi", "testdata", "rules")
	fields, err := os.ReadFile(filepath.Join(corpus, "schemas.txt"))
	if err != nil {
		t.Fatal(err)
	}
	house, err := os.ReadFile(filepath.Join(corpus, "house.proto"))
	if err != nil {
		t.Fatal(err)
	}
	var file strings.Builder
	file.WriteString(ruledHead)
	n := 0
	for line := range strings.Lines(string(fields) + furtherRules) {
		if strings.Contains(line, "[(buf.validate.field)") && !strings.Contains(line, "(validate.rules)") {
			n++
			fmt.Fprintf(&file, "message Case%dOf { %s; }\n", n, strings.Replace(strings.TrimSpace(line), " F ", " f = 1 ", 1))
		}
	}
	dir := t.TempDir()
	for name, text := range map[string]string{"house.proto": string(house), "rules.proto": file.String()} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	set, err := source.Dir(t.Context(), dir)
	if err != nil {
		t.Fatal(err)
	}
	return set
}

// TestProtovalidateAndSchemasAgree is TestGeneratedValidatorsAndSchemasAgree for the other language of rules.
func TestProtovalidateAndSchemasAgree(t *testing.T) {
	t.Parallel()
	loaded := ruledSet(t)
	messages := messagesOf(loaded, "rules.v1")
	set := echoSet(t, loaded, messages)
	f := ruledFieldsOf(t, set)
	validator, err := protovalidate.New(protovalidate.WithExtensionTypeResolver(set.Types()))
	if err != nil {
		t.Fatal(err)
	}
	for _, md := range messages {
		mt, err := set.Types().FindMessageByName(md.FullName())
		if err != nil {
			t.Fatal(err)
		}
		fd := mt.Descriptor().Fields().Get(0)
		rules, _, err := source.Option[*validate.FieldRules](fd.Options(), validate.E_Field)
		if err != nil {
			t.Fatal(err)
		}
		judged := func(m protoreflect.Message) {
			if isOddity(m, fd) {
				return
			}
			err := validator.Validate(m.Interface())
			var violated *protovalidate.ValidationError
			if err != nil && !errors.As(err, &violated) {
				t.Fatal(err)
			}
			f.check(t, m, fd, err == nil)
		}
		judged(mt.New())
		f.vary(t, mt, fd, rules.ProtoReflect(), judged)
	}
}
