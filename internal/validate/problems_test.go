package validate_test

import (
	"fmt"
	"strings"
	"testing"

	"google.golang.org/protobuf/reflect/protoreflect"

	"github.com/gatehouse-edge/gatehouse/internal/validate"
)

// Each is a field whose rules can not be, and what is said about them.
var impossible = []struct {
	field, want string
}{
	{`string value = 1 [(validate.rules).string.pattern = "a("]`, "pattern: error parsing regexp: missing closing ): `a(`"},
	{`bytes value = 1 [(validate.rules).bytes.pattern = "(?=a)"]`, "pattern: error parsing regexp: invalid or unsupported Perl syntax: `(?=`"},
	{`int32 value = 1 [(validate.rules).string.len = 1]`, "rules of type string stand on a field of type int32"},
	{`int64 value = 1 [(validate.rules).int32.gt = 1]`, "rules of type int32 stand on a field of type int64"},
	{`Inner value = 1 [(validate.rules).string.len = 1]`, "rules of type string stand on a field of type test.Inner"},
	{`google.protobuf.StringValue value = 1 [(validate.rules).bytes.len = 1]`, "rules of type bytes stand on a field of type google.protobuf.StringValue"},
	{`google.protobuf.Duration value = 1 [(validate.rules).timestamp.lt_now = true]`, "rules of type timestamp stand on a field of type google.protobuf.Duration"},
	{`Inner value = 1 [(validate.rules).any.required = true]`, "rules of type any stand on a field of type test.Inner"},
	{`string value = 1 [(validate.rules).repeated.max_items = 1]`, "rules of type repeated stand on a field of type string"},
	{`string value = 1 [(validate.rules).message.required = true]`, "message rules are for messages; the field is of type string"},
	{`google.protobuf.Any value = 1 [(validate.rules).message.required = true]`, "a field of type google.protobuf.Any takes rules of its own, not message rules"},
	{`repeated string value = 1 [(validate.rules).string.len = 1]`, "a list takes repeated rules, with items for its elements"},
	{`repeated string value = 1 [(validate.rules).repeated.items.int32.gt = 1]`, "rules of type int32 stand on a field of type string"},
	{`repeated Inner value = 1 [(validate.rules).repeated.unique = true]`, "unique is for scalars; the elements are of type test.Inner"},
	{`repeated string value = 1 [(validate.rules).repeated = {min_items: 2 max_items: 1}]`, "min_items is greater than max_items"},
	{`map<string, string> value = 1 [(validate.rules).repeated.max_items = 1]`, "a map takes map rules, with keys and values for its entries"},
	{`map<string, string> value = 1 [(validate.rules).map.keys.int32.gt = 1]`, "rules of type int32 stand on a field of type string"},
	{`map<string, string> value = 1 [(validate.rules).map.values.string.pattern = "["]`, "pattern: error parsing regexp: missing closing ]: `[`"},
	{`map<string, string> value = 1 [(validate.rules).map.no_sparse = true]`, "no_sparse is for maps of messages; the values are of type string"},
	{`int32 value = 1 [(validate.rules).int32 = {const: 1 gt: 0}]`, "const leaves nothing to say for other rules"},
	{`int32 value = 1 [(validate.rules).int32 = {in: 1 not_in: 2}]`, "in and not_in can not both be given"},
	{`int32 value = 1 [(validate.rules).int32 = {in: 1 gt: 2}]`, "in leaves nothing to say for lt, lte, gt and gte"},
	{`int32 value = 1 [(validate.rules).int32 = {lt: 1 lte: 2}]`, "lt and lte can not both be given"},
	{`int32 value = 1 [(validate.rules).int32 = {gt: 1 gte: 2}]`, "gt and gte can not both be given"},
	{`int32 value = 1 [(validate.rules).int32 = {gt: 1 lt: 1}]`, "the two ends of the range are the same"},
	{`int32 value = 1 [(validate.rules).int32 = {gte: 1 lte: 1}]`, "use const where lte and gte are the same"},
	{`string value = 1 [(validate.rules).string = {len: 1 min_len: 1}]`, "len can not be given with min_len or max_len"},
	{`string value = 1 [(validate.rules).string = {min_bytes: 2 max_bytes: 1}]`, "min_bytes is greater than max_bytes"},
	{`string value = 1 [(validate.rules).string = {max_len: 2 max_bytes: 1}]`, "max_bytes is less than max_len"},
	{`string value = 1 [(validate.rules).string = {max_len: 2 prefix: "abc"}]`, "prefix is longer than max_len"},
	{`string value = 1 [(validate.rules).string = {in: "a" pattern: "a"}]`, "in leaves nothing to say for a pattern"},
	{`string value = 1 [(validate.rules).string = {well_known_regex: HTTP_HEADER_NAME pattern: "a"}]`, "well_known_regex and pattern can not both be given"},
	{`bytes value = 1 [(validate.rules).bytes = {max_len: 2 suffix: "abc"}]`, "suffix is longer than max_len"},
	{`Size value = 1 [(validate.rules).enum = {in: 7 defined_only: true}]`, "in lists 7, which is no value of test.Size, and defined_only forbids it"},
	{`google.protobuf.Any value = 1 [(validate.rules).any = {in: "a" not_in: "b"}]`, "in and not_in can not both be given"},
	{`google.protobuf.Duration value = 1 [(validate.rules).duration.lt = {seconds: 1 nanos: -1}]`, "lt: duration (seconds:1 nanos:-1) has seconds and nanos with different signs"},
	{`google.protobuf.Timestamp value = 1 [(validate.rules).timestamp = {lt_now: true gt: {}}]`, "lt_now, gt_now and within do not go with lt, lte, gt and gte"},
	{`google.protobuf.Timestamp value = 1 [(validate.rules).timestamp = {lt_now: true gt_now: true}]`, "lt_now and gt_now can not both be given"},
	{`google.protobuf.Timestamp value = 1 [(validate.rules).timestamp.within = {}]`, "within must be a valid duration greater than 0"},
	{`string value = 1 [(buf.validate.field).int32.gt = 1]`, `expected rule "buf.validate.FieldRules.string", got "buf.validate.FieldRules.int32" on field "test.M39.value"`},
	{`string value = 1 [(buf.validate.field).cel = {id: "x" expression: "this +"}]`, "failed to compile expression x: at 1:7: Syntax error: mismatched input '<EOF>'"},
	{`string value = 1 [(buf.validate.field).cel = {id: "x" expression: "1"}]`, "expression x outputs int, wanted either bool or string"},
}

func TestImpossibleRulesAreRefusedWhereTheyStand(t *testing.T) {
	t.Parallel()
	var text strings.Builder
	text.WriteString(`syntax = "proto3";
import "buf/validate/validate.proto"; import "google/protobuf/any.proto"; import "google/protobuf/duration.proto";
import "google/protobuf/timestamp.proto"; import "google/protobuf/wrappers.proto"; import "validate/validate.proto";
enum Size { NONE = 0; SMALL = 1; LARGE = 2; }
message Inner { int32 n = 1; }
`)
	const before = 5
	for i, c := range impossible {
		fmt.Fprintf(&text, "message M%d { %s; }\n", i, c.field)
	}
	set := protos(t, text.String())
	compiler := validate.NewCompiler(set, validate.Options{})
	for i, c := range impossible {
		name := protoreflect.FullName(fmt.Sprintf("test.M%d", i))
		_, err := compiler.Message(descriptor(t, set, name))
		if err == nil {
			t.Errorf("%s is taken", c.field)
			continue
		}
		want := fmt.Sprintf("rules of %s.value: %s", name, c.want)
		position, message, _ := strings.Cut(err.Error(), ": ")
		var line, column int
		if _, err := fmt.Sscanf(position, "test.proto:%d:%d", &line, &column); err != nil {
			t.Error(position, err)
		}
		option := strings.Index(fmt.Sprintf("message M%d { %s; }\n", i, c.field), "(") + 1
		if line != before+1+i || column < option || !strings.HasPrefix(message, want) {
			t.Errorf("%s\n got %s: %s\nwant test.proto:%d:%d: %s", c.field, position, message, before+1+i, option, want)
		}
	}
}

func TestAllProblemsAreToldInSourceOrder(t *testing.T) {
	t.Parallel()
	set := protos(t, `
		import "buf/validate/validate.proto"; import "validate/validate.proto";
		message A {
			B second = 2;
			string third = 3 [(buf.validate.field).cel = {id: "bad" expression: "nothing"}];
			string first = 1 [(validate.rules).string.pattern = "["];
		}
		message B {
			option (buf.validate.message).cel = {id: "worse" expression: "this.gone"};
			A back = 1;
			string list = 2 [(validate.rules).repeated.max_items = 1];
		}
		message C { A a = 1; }
	`)
	compiler := validate.NewCompiler(set, validate.Options{})
	var before string
	for _, name := range []protoreflect.FullName{"test.A", "test.B", "test.C", "test.A"} {
		checks, err := compiler.Message(descriptor(t, set, name))
		if err == nil || checks != nil {
			t.Fatal("the rules are taken")
		}
		if before != "" && before != err.Error() {
			t.Errorf("of %s it says\n%v\nbefore it said\n%v", name, err, before)
		}
		before = err.Error()
	}
	var at []string
	for line := range strings.SplitSeq(before, "\n") {
		at = append(at, strings.Join(strings.SplitN(line, ":", 3)[:2], ":"))
	}
	if got := strings.Join(at, " "); got != "test.proto:6 test.proto:7 test.proto:10 test.proto:12" {
		t.Errorf("got\n%s", before)
	}
}
