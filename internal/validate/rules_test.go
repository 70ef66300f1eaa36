package validate_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	pgv "github.com/envoyproxy/protoc-gen-validate/validate"
	"google.golang.org/protobuf/reflect/protoreflect"

	"github.com/gatehouse-edge/gatehouse/internal/validate"
)

// rule is a field with rules, a value that passes, one that does not, and what is said of that.
type rule struct {
	of     string // the type of the field
	rules  string // as they stand behind (validate.rules), those about the present by the text format
	passes string
	fails  string
	want   string // the text, and the rule in brackets
}

var scalarRules = []rule{
	{"bool", ".bool.const = true", "true", "false", "must be true (bool.const)"},

	{"string", `.string.const = "yes"`, `"yes"`, `"no"`, `must be "yes" (string.const)`},
	{"string", ".string.len = 3", `"äöü"`, `"ab"`, "must be exactly 3 characters long (string.len)"},
	{"string", ".string.min_len = 1", `"a"`, `""`, "must not be empty (string.min_len)"},
	{"string", ".string.min_len = 3", `"abc"`, `"ab"`, "must be at least 3 characters long (string.min_len)"},
	{"string", ".string.max_len = 3", `"äöü"`, `"abcd"`, "must be at most 3 characters long (string.max_len)"},
	{"string", ".string.max_len = 0", `""`, `"a"`, "must be empty (string.max_len)"},
	{"string", ".string = {min_len: 1, max_len: 1}", `"a"`, `"ab"`, "must be exactly 1 character long (string.min_len)"},
	{"string", ".string.len_bytes = 4", `"äö"`, `"äöü"`, "must be exactly 4 bytes long (string.len_bytes)"},
	{"string", ".string.min_bytes = 2", `"ä"`, `"a"`, "must be at least 2 bytes long (string.min_bytes)"},
	{"string", ".string.max_bytes = 2", `"ä"`, `"äö"`, "must be at most 2 bytes long (string.max_bytes)"},
	{"string", `.string.pattern = "^[a-z]+$"`, `"abc"`, `"ABC"`, "must match the pattern ^[a-z]+$ (string.pattern)"},
	{"string", `.string.prefix = "a"`, `"ab"`, `"ba"`, `must begin with "a" (string.prefix)`},
	{"string", `.string.suffix = "a"`, `"ba"`, `"ab"`, `must end with "a" (string.suffix)`},
	{"string", `.string.contains = "a"`, `"bab"`, `"b"`, `must contain "a" (string.contains)`},
	{"string", `.string.not_contains = "a"`, `"b"`, `"bab"`, `must not contain "a" (string.not_contains)`},
	{"string", `.string = {in: ["a", "b", "c"]}`, `"b"`, `"d"`, `must be one of "a", "b" or "c" (string.in)`},
	{"string", `.string = {not_in: ["a", "b"]}`, `"c"`, `"b"`, `must not be one of "a" or "b" (string.not_in)`},
	{"string", `.string.not_in = "a"`, `"c"`, `"a"`, `must not be "a" (string.not_in)`},
	{"string", ".string.email = true", `"a@example.com"`, `"example.com"`, "must be an email address (string.email)"},
	{"string", ".string.hostname = true", `"example.com"`, `"-example"`, "must be a host name (string.hostname)"},
	{"string", ".string.ip = true", `"::1"`, `"1.2.3"`, "must be an IP address (string.ip)"},
	{"string", ".string.ipv4 = true", `"1.2.3.4"`, `"::1"`, "must be an IPv4 address (string.ipv4)"},
	{"string", ".string.ipv6 = true", `"::1"`, `"1.2.3.4"`, "must be an IPv6 address (string.ipv6)"},
	{"string", ".string.uri = true", `"https://example.com/"`, `"/a"`, "must be an absolute URI (string.uri)"},
	{"string", ".string.uri_ref = true", `"/a"`, `":"`, "must be a URI or a relative reference (string.uri_ref)"},
	{"string", ".string.address = true", `"::1"`, `"a b"`, "must be a host name or an IP address (string.address)"},
	{"string", ".string.uuid = true", `"123e4567-e89b-12d3-a456-426614174000"`, `"123e"`, "must be a UUID (string.uuid)"},
	{"string", ".string.well_known_regex = HTTP_HEADER_NAME", `"Content-Type"`, `"a b"`, "must be the name of an HTTP header (string.well_known_regex.header_name)"},
	{"string", ".string.well_known_regex = HTTP_HEADER_VALUE", `"a b"`, `"a\x00"`, "must be the value of an HTTP header (string.well_known_regex.header_value)"},
	{"string", ".string = {well_known_regex: HTTP_HEADER_NAME, strict: false}", `"a b"`, `"a\n"`, "must not contain line breaks or zeros (string.well_known_regex.header_name)"},
	{"string", ".string = {well_known_regex: HTTP_HEADER_VALUE, strict: false}", `"\x01"`, `"\r"`, "must not contain line breaks or zeros (string.well_known_regex.header_value)"},
	{"string", ".string = {min_len: 3, ignore_empty: true}", `""`, `"a"`, "must be at least 3 characters long (string.min_len)"},

	{"bytes", `.bytes.const = "yes"`, `"yes"`, `"no"`, `must be "yes" (bytes.const)`},
	{"bytes", `.bytes.len = 2`, `"ab"`, `"a"`, "must be exactly 2 bytes long (bytes.len)"},
	{"bytes", `.bytes.min_len = 2`, `"ab"`, `"a"`, "must be at least 2 bytes long (bytes.min_len)"},
	{"bytes", `.bytes.max_len = 2`, `"ab"`, `"abc"`, "must be at most 2 bytes long (bytes.max_len)"},
	{"bytes", `.bytes.pattern = "^a"`, `"ab"`, `"b"`, "must match the pattern ^a (bytes.pattern)"},
	{"bytes", `.bytes.prefix = "\xff\x01"`, `"\xff\x01"`, `"a"`, "must begin with the bytes ff01 (bytes.prefix)"},
	{"bytes", `.bytes.suffix = "a"`, `"ba"`, `"ab"`, `must end with "a" (bytes.suffix)`},
	{"bytes", `.bytes.contains = "a"`, `"bab"`, `"b"`, `must contain "a" (bytes.contains)`},
	{"bytes", `.bytes = {in: ["a", "\xff"]}`, `"\xff"`, `"b"`, `must be one of "a" or the bytes ff (bytes.in)`},
	{"bytes", `.bytes = {not_in: ["a"]}`, `"b"`, `"a"`, `must not be "a" (bytes.not_in)`},
	{"bytes", `.bytes.ip = true`, `"abcd"`, `"a"`, "must be the 4 or 16 bytes of an IP address (bytes.ip)"},
	{"bytes", `.bytes.ipv4 = true`, `"abcd"`, `"abcdabcdabcdabcd"`, "must be the bytes of an IPv4 address (bytes.ipv4)"},
	{"bytes", `.bytes.ipv6 = true`, `"abcdabcdabcdabcd"`, `"abcd"`, "must be the bytes of an IPv6 address (bytes.ipv6)"},
	{"bytes", `.bytes = {min_len: 2, ignore_empty: true}`, `""`, `"a"`, "must be at least 2 bytes long (bytes.min_len)"},

	{"Size", ".enum.const = 1", "SMALL", "LARGE", "must be SMALL (enum.const)"},
	{"Size", ".enum.defined_only = true", "SMALL", "7", "must be one of NONE, SMALL or LARGE (enum.defined_only)"},
	{"Size", ".enum = {in: [1, 2]}", "LARGE", "NONE", "must be one of SMALL or LARGE (enum.in)"},
	{"Size", ".enum = {not_in: [0]}", "SMALL", "NONE", "must not be NONE (enum.not_in)"},
}

var composedRules = []rule{
	{"Inner", ".message.required = true", "{n: 1}", "", "is required (required)"},
	{"Inner", ".message.skip = true", "{n: -1}", "", ""},
	{"google.protobuf.StringValue", ".string.min_len = 2", `{value: "ab"}`, "{}", "must be at least 2 characters long (string.min_len)"},
	{"google.protobuf.UInt64Value", ".uint64.lt = 2", "{}", "{value: 2}", "must be less than 2 (uint64.lt)"},

	{"repeated string", ".repeated.min_items = 1", `"a"`, "", "must have at least 1 item (repeated.min_items)"},
	{"repeated string", ".repeated.max_items = 2", `["a", "a"]`, `["a", "a", "a"]`, "must have at most 2 items (repeated.max_items)"},
	{"repeated string", ".repeated = {min_items: 2, max_items: 2}", `["a", "a"]`, `"a"`, "must have exactly 2 items (repeated.min_items)"},
	{"repeated string", ".repeated.max_items = 0", "", `"a"`, "must be empty (repeated.max_items)"},
	{"repeated string", ".repeated.unique = true", `["a", "b"]`, `["a", "b", "a"]`, "[2]: must not be the same as an earlier item (repeated.unique)"},
	{"repeated string", ".repeated.items.string.len = 1", `["a", "b"]`, `["a", "bc"]`, "[1]: must be exactly 1 character long (string.len)"},
	{"repeated string", ".repeated = {min_items: 2, ignore_empty: true}", "", `"a"`, "must have at least 2 items (repeated.min_items)"},
	{"repeated google.protobuf.BytesValue", ".repeated.items.bytes.len = 1", `{value: "a"}`, "{}", "[0]: must be exactly 1 byte long (bytes.len)"},

	{"map<string, Inner>", ".map.min_pairs = 1", `{key: "a"}`, "", "must have at least 1 entry (map.min_pairs)"},
	{"map<string, Inner>", ".map.max_pairs = 1", `{key: "a"}`, `[{key: "a"}, {key: "b"}]`, "must have at most 1 entry (map.max_pairs)"},
	{"map<string, Inner>", ".map.no_sparse = true", `{key: "a"}`, "", ""},
	{"map<string, Inner>", ".map.keys.string.min_len = 2", `{key: "ab"}`, `{key: "c"}`, `["c"]: the key must be at least 2 characters long (string.min_len)`},
	{"map<bool, Inner>", ".map.keys.bool.const = true", `{key: true}`, `{key: false}`, "[false]: the key must be true (bool.const)"},
	{"map<sint32, Inner>", ".map.keys.sint32.gt = 0", `{key: 1}`, `{key: -1}`, "[-1]: the key must be greater than 0 (sint32.gt)"},
	{"map<string, int32>", ".map.values.int32.gt = 0", `{key: "a" value: 1}`, `{key: "a"}`, `["a"]: must be greater than 0 (int32.gt)`},
	{"map<string, Inner>", ".map = {min_pairs: 2, ignore_empty: true}", "", `{key: "a"}`, "must have at least 2 entries (map.min_pairs)"},

	{"google.protobuf.Any", ".any.required = true", "{}", "", "is required (required)"},
	{"google.protobuf.Any", `.any = {in: ["a/b", "a/c"]}`, `{type_url: "a/c"}`, "{}", `must hold "a/b" or "a/c" (any.in)`},
	{"google.protobuf.Any", `.any = {not_in: ["a/b"]}`, `{type_url: "a/c"}`, `{type_url: "a/b"}`, `must not hold "a/b" (any.not_in)`},

	{"google.protobuf.Duration", ".duration.required = true", "{}", "", "is required (required)"},
	{"google.protobuf.Duration", ".duration.const = {seconds: 3600}", "{seconds: 3600}", "{}", "must be 3600s (1h) (duration.const)"},
	{"google.protobuf.Duration", ".duration.lt = {nanos: -500000000}", "{seconds: -1}", "{}", "must be less than -0.5s (duration.lt)"},
	{"google.protobuf.Duration", ".duration.lte = {seconds: 2}", "{seconds: 2}", "{seconds: 2 nanos: 1}", "must be at most 2s (duration.lte)"},
	{"google.protobuf.Duration", ".duration.gt = {seconds: 2}", "{seconds: 3}", "{seconds: 2}", "must be greater than 2s (duration.gt)"},
	{"google.protobuf.Duration", ".duration.gte = {seconds: 2}", "{seconds: 2}", "{}", "must be at least 2s (duration.gte)"},
	{"google.protobuf.Duration", ".duration = {in: [{seconds: 1}, {}]}", "{}", "{seconds: 2}", "must be one of 1s or 0s (duration.in)"},
	{"google.protobuf.Duration", ".duration = {not_in: [{seconds: 1}]}", "{}", "{seconds: 1}", "must not be 1s (duration.not_in)"},
	{"google.protobuf.Duration", ".duration.gte = {}", "{}", "{seconds: 1 nanos: -1}", "must be a valid duration (duration.valid)"},

	{"google.protobuf.Timestamp", ".timestamp.required = true", "{}", "", "is required (required)"},
	{"google.protobuf.Timestamp", ".timestamp.const = {seconds: 60}", "{seconds: 60}", "{}", "must be 1970-01-01T00:01:00Z (timestamp.const)"},
	{"google.protobuf.Timestamp", ".timestamp.lt = {seconds: 60}", "{}", "{seconds: 60}", "must be before 1970-01-01T00:01:00Z (timestamp.lt)"},
	{"google.protobuf.Timestamp", ".timestamp.lte = {seconds: 60}", "{seconds: 60}", "{seconds: 61}", "must be no later than 1970-01-01T00:01:00Z (timestamp.lte)"},
	{"google.protobuf.Timestamp", ".timestamp.gt = {seconds: 60}", "{seconds: 61}", "{seconds: 60}", "must be after 1970-01-01T00:01:00Z (timestamp.gt)"},
	{"google.protobuf.Timestamp", ".timestamp = {gte: {seconds: 60} lt: {seconds: 120}}", "{seconds: 60}", "{seconds: 59}",
		"must be no earlier than 1970-01-01T00:01:00Z and before 1970-01-01T00:02:00Z (timestamp.gte_lt)"},
	{"google.protobuf.Timestamp", ".timestamp.lt_now = true", "{}", "{seconds: 99999999999}", "must be in the past (timestamp.lt_now)"},
	{"google.protobuf.Timestamp", ".timestamp.gt_now = true", "{seconds: 99999999999}", "{}", "must be in the future (timestamp.gt_now)"},
	{"google.protobuf.Timestamp", ".timestamp = {lt_now: true within: {seconds: 200000000000}}", "{}", "{seconds: 99999999999}",
		"must be in the past, by at most 200000000000s (timestamp.lt_now)"},
	{"google.protobuf.Timestamp", ".timestamp.within = {seconds: 5000000000}", "{}", "{seconds: 99999999999}",
		"must be less than 5000000000s away from the present (timestamp.within)"},
	{"google.protobuf.Timestamp", ".timestamp.lt_now = true", "{}", "{nanos: -1}", "must be a valid time (timestamp.valid)"},
}

// numberRules are the same for each kind of number.
func numberRules(kind string) []rule {
	return []rule{
		{kind, ".const = 3", "3", "2", "must be 3 (.const)"},
		{kind, ".lt = 3", "2", "3", "must be less than 3 (.lt)"},
		{kind, ".lte = 3", "3", "4", "must be at most 3 (.lte)"},
		{kind, ".gt = 3", "4", "3", "must be greater than 3 (.gt)"},
		{kind, ".gte = 3", "3", "2", "must be at least 3 (.gte)"},
		{kind, " = {gt: 3, lte: 5}", "5", "3", "must be greater than 3 and at most 5 (.gt_lte)"},
		{kind, " = {gte: 5, lt: 3}", "5", "4", "must be less than 3 or at least 5 (.gte_lt_exclusive)"},
		{kind, " = {in: [1, 2, 3]}", "2", "4", "must be one of 1, 2 or 3 (.in)"},
		{kind, " = {in: [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12]}", "12", "0", "must be one of 1, 2, 3, 4, 5, 6, 7, 8, 9, 10 or one of 2 more (.in)"},
		{kind, " = {not_in: [1, 2]}", "3", "1", "must not be one of 1 or 2 (.not_in)"},
		{kind, " = {gt: 3, ignore_empty: true}", "0", "3", "must be greater than 3 (.gt)"},
	}
}

var numberKinds = []string{
	"float", "double", "int32", "int64", "uint32", "uint64", "sint32", "sint64", "fixed32", "fixed64", "sfixed32", "sfixed64",
}

func allRules() []rule {
	all := slices.Concat(scalarRules, composedRules)
	for _, kind := range numberKinds {
		for _, r := range numberRules(kind) {
			r.rules = "." + kind + r.rules
			r.want = strings.Replace(r.want, "(.", "("+kind+".", 1)
			all = append(all, r)
		}
	}
	return all
}

func TestEveryRuleSaysWhatItWants(t *testing.T) {
	t.Parallel()
	var text strings.Builder
	text.WriteString(`
		import "google/protobuf/any.proto";
		import "google/protobuf/duration.proto";
		import "google/protobuf/timestamp.proto";
		import "google/protobuf/wrappers.proto";
		import "validate/validate.proto";
		enum Size { NONE = 0; SMALL = 1; LARGE = 2; }
		message Inner { int32 n = 1 [(validate.rules).int32.gte = 0]; }
	`)
	for i, r := range allRules() {
		fmt.Fprintf(&text, "message M%d { %s value = 1 [(validate.rules)%s]; }\n", i, r.of, r.rules)
	}
	set := protos(t, text.String())
	compiler := validate.NewCompiler(set, validate.Options{})
	for i, r := range allRules() {
		t.Run(r.rules, func(t *testing.T) {
			t.Parallel()
			name := protoreflect.FullName(fmt.Sprintf("test.M%d", i))
			checks, err := compiler.Message(descriptor(t, set, name))
			if err != nil {
				t.Fatal(err)
			}
			if checks == nil && r.want == "" {
				return
			}
			expect(t, compiler, set, name, valueText(r.passes), nil)
			if r.want == "" {
				return
			}
			at := "value: "
			if strings.HasPrefix(r.want, "[") {
				at = "value"
			}
			expect(t, compiler, set, name, valueText(r.fails), []string{at + r.want})
		})
	}
}

func valueText(value string) string {
	if value == "" {
		return ""
	}
	return "value: " + value
}

// A rule that is added to protoc-gen-validate shows here.
func TestEveryRuleIsListed(t *testing.T) {
	t.Parallel()
	listed := ""
	for _, r := range allRules() {
		listed += r.rules + "\n"
	}
	kinds := (&pgv.FieldRules{}).ProtoReflect().Descriptor().Fields()
	for i := range kinds.Len() {
		about := kinds.Get(i)
		for j := range about.Message().Fields().Len() {
			name := string(about.Message().Fields().Get(j).Name())
			found := false
			for line := range strings.SplitSeq(listed, "\n") {
				rules, ok := strings.CutPrefix(line, "."+string(about.Name()))
				found = found || ok && (strings.HasPrefix(rules, "."+name) || strings.Contains(rules, name+":"))
			}
			if !found {
				t.Errorf("%s.%s is not listed", about.Name(), name)
			}
		}
	}
}
