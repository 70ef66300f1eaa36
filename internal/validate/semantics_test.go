package validate_test

import (
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"google.golang.org/protobuf/proto"

	edgetestv1 "github.com/gatehouse-edge/gatehouse/gen/edgetest/v1"
	"github.com/gatehouse-edge/gatehouse/internal/schema"
	"github.com/gatehouse-edge/gatehouse/internal/validate"
)

const shelf = `
	import "google/api/visibility.proto";
	import "google/protobuf/any.proto";
	import "validate/validate.proto";
	enum Size { NONE = 0; SMALL = 1; HUGE = 2 [(google.api.value_visibility).restriction = "INTERNAL"]; }
	message Shelf {
		Board first_board = 1 [(validate.rules).message.required = true];
		repeated Board other_boards = 2 [(validate.rules).repeated.max_items = 3];
		map<string, Board> named_boards = 3 [(validate.rules).map.max_pairs = 2];
		repeated int32 holes = 4 [(validate.rules).repeated = {max_items: 3 unique: true}];
		oneof fixing { option (validate.required) = true;
			Board nail_board = 5;
			string glue_name = 6 [(validate.rules).string.min_len = 2];
			string secret_glue = 7 [(google.api.field_visibility).restriction = "INTERNAL", (validate.rules).string.min_len = 2];
		}
		Size size = 8 [(validate.rules).enum.defined_only = true];
		string internal_code = 9 [(google.api.field_visibility).restriction = "INTERNAL", (validate.rules).string.min_len = 2];
		oneof hidden_choice { option (validate.required) = true;
			string hidden_name = 10 [(google.api.field_visibility).restriction = "INTERNAL"];
		}
		map<string, string> tokens = 11 [debug_redact = true, (validate.rules).map.values.string.min_len = 2];
		google.protobuf.Any extra = 12;
	}
	message Board {
		string wood = 1 [(validate.rules).string.min_len = 2];
		int32 width = 2 [(validate.rules).int32.gt = 0];
		repeated string marks = 3 [(validate.rules).repeated.max_items = 2];
	}
	message Tree { Tree left = 1; string leaf = 2 [(validate.rules).string.min_len = 1]; google.protobuf.Any any = 3; }
`

// sound is a shelf without fault; what is put behind it may change that.
const sound = `first_board {wood: "oak" width: 3} glue_name: "bone" hidden_name: "x" internal_code: "ab" `

// The edge writes the body, the query and the path one behind the other; the last of them wins.
func TestWhatMessagesAmountToIsChecked(t *testing.T) {
	t.Parallel()
	set := protos(t, shelf)
	compiler := validate.NewCompiler(set, validate.Options{Visible: schema.Visible([]string{"INTERNAL"})})
	for _, c := range []struct {
		name   string
		pieces []string
		want   []string
	}{
		{"a message in pieces", []string{`first_board {wood: "oak"} glue_name: "bone" internal_code: "ab"`, `hidden_name: "x" first_board {width: 3}`}, nil},
		{"a piece makes another wrong", []string{sound, `first_board {width: 0 wood: "x"}`}, []string{
			"firstBoard.wood: must be at least 2 characters long (string.min_len)",
		}},
		{"lists in pieces are one", []string{sound, `first_board {marks: "a" marks: "b"}`, `first_board {marks: "c"}`}, []string{
			"firstBoard.marks: must have at most 2 items (repeated.max_items)",
		}},
		{"elements far apart", []string{sound, `holes: [1, 2]`, `glue_name: "tree"`, `holes: 1`}, []string{
			"holes[2]: must not be the same as an earlier item (repeated.unique)",
		}},
		{"the last scalar wins", []string{`glue_name: "x"`, sound}, nil},
		{"the last scalar is wrong", []string{sound, `glue_name: "x"`}, []string{"glueName: must be at least 2 characters long (string.min_len)"}},
		{"another member of the oneof", []string{`glue_name: "x"`, sound, `nail_board {wood: "ash" width: 1}`}, nil},
		{"a member given up and taken again", []string{sound, `nail_board {wood: "ash"}`, `glue_name: "x"`, `nail_board {width: 1}`}, []string{
			"nailBoard.wood: must be at least 2 characters long (string.min_len)",
		}},
		{"a key twice", []string{sound, `named_boards {key: "a"}`, `named_boards {key: "a" value {wood: "oak" width: 1}}`}, nil},
		{"keys", []string{sound, `named_boards {key: "a" value {wood: "oak" width: 1}}`, `named_boards {key: "a"}`}, []string{
			`namedBoards["a"].wood: must be at least 2 characters long (string.min_len)`,
			`namedBoards["a"].width: must be greater than 0 (int32.gt)`,
		}},
		{"in the order of fields", []string{`size: 7 glue_name: "x"`, `other_boards {} internal_code: "ab" hidden_name: "x"`}, []string{
			"firstBoard: is required (required)",
			"otherBoards[0].wood: must be at least 2 characters long (string.min_len)",
			"otherBoards[0].width: must be greater than 0 (int32.gt)",
			"glueName: must be at least 2 characters long (string.min_len)",
			"size: must be one of NONE, SMALL or HUGE (enum.defined_only)",
		}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			var wire []byte
			for _, piece := range c.pieces {
				wire = append(wire, wireOf(t, set, "test.Shelf", piece)...)
			}
			expectWire(t, compiler, set, "test.Shelf", wire, c.want)
		})
	}
}

func TestOnlyWhatIsSeenIsChecked(t *testing.T) {
	t.Parallel()
	set := protos(t, shelf)
	faulty := `first_board {wood: "oak" width: 3} internal_code: "a" `
	public := validate.NewCompiler(set, validate.Options{Visible: schema.Visible(nil)})
	expect(t, public, set, "test.Shelf", faulty+"size: 7", []string{
		"size: must be one of NONE or SMALL (enum.defined_only)",
		"fixing: one of nailBoard or glueName is required (required)",
	})
	expect(t, public, set, "test.Shelf", faulty+`secret_glue: "x" size: HUGE`, nil)
	all := validate.NewCompiler(set, validate.Options{ProtoNames: true})
	expect(t, all, set, "test.Shelf", faulty+"size: 7", []string{
		"size: must be one of NONE, SMALL or HUGE (enum.defined_only)",
		"internal_code: must be at least 2 characters long (string.min_len)",
		"fixing: one of nail_board, glue_name or secret_glue is required (required)",
		"hidden_choice: one of hidden_name is required (required)",
	})
}

func TestPathsRepeatNothingLongOrSecret(t *testing.T) {
	t.Parallel()
	set := protos(t, shelf)
	long := strings.Repeat("ab", 40)
	expect(t, validate.NewCompiler(set, validate.Options{}), set, "test.Shelf", sound+`
		tokens {key: "t0p secret" value: "x"} named_boards {key: "`+long+`" value {wood: "oak"}}
	`, []string{
		`namedBoards["` + long[:64] + `"…].width: must be greater than 0 (int32.gt)`,
		"tokens[…]: must be at least 2 characters long (string.min_len)",
	})
}

func TestContentsOfAnyAreChecked(t *testing.T) {
	t.Parallel()
	set := protos(t, shelf)
	compiler := validate.NewCompiler(set, validate.Options{})
	expect(t, compiler, set, "test.Shelf", sound+`extra {[x/test.Board] {wood: "oak"}}`, []string{
		"extra.width: must be greater than 0 (int32.gt)",
	})
	expect(t, compiler, set, "test.Tree", `leaf: "a" any {[x/google.protobuf.Any] {[x/test.Tree] {}}}`, []string{
		"any.leaf: must not be empty (string.min_len)",
	})
	expect(t, compiler, set, "google.protobuf.Any", `[x/test.Tree] {}`, []string{"leaf: must not be empty (string.min_len)"})
	for _, other := range []string{`type_url: "x/test.Unknown" value: "\xff"`, `type_url: "" value: "\xff"`, `type_url: "///"`, `[x/test.Board] {wood: "oak" width: 1}`} {
		expect(t, compiler, set, "test.Shelf", sound+`extra {`+other+`}`, nil)
	}
}

func TestEditionsAndGroups(t *testing.T) {
	t.Parallel()
	set := protos(t, `edition = "2023";
		import "validate/validate.proto";
		message M {
			string explicit = 1 [(validate.rules).string.min_len = 2];
			string implicit = 2 [features.field_presence = IMPLICIT, (validate.rules).string.min_len = 2];
			N group = 3 [features.message_encoding = DELIMITED];
			repeated N groups = 4 [features.message_encoding = DELIMITED, (validate.rules).repeated.max_items = 2];
			N needed = 5 [(validate.rules).message.required = true];
		}
		message N { int32 n = 1 [(validate.rules).int32.gt = 0]; N next = 2 [features.message_encoding = DELIMITED]; int32 other = 3; }
	`)
	compiler := validate.NewCompiler(set, validate.Options{})
	expect(t, compiler, set, "test.M", "", []string{
		"implicit: must be at least 2 characters long (string.min_len)", "needed: is required (required)",
	})
	wire := slices.Concat(
		wireOf(t, set, "test.M", `explicit: "a" implicit: "ab" group {n: 0 next {other: 1}} needed {}`),
		wireOf(t, set, "test.M", `group {next {n: 0}} groups {} groups {n: 0} groups {n: 1}`),
	)
	expectWire(t, compiler, set, "test.M", wire, []string{
		"explicit: must be at least 2 characters long (string.min_len)",
		"group.n: must be greater than 0 (int32.gt)",
		"group.next.n: must be greater than 0 (int32.gt)",
		"groups: must have at most 2 items (repeated.max_items)",
		"groups[1].n: must be greater than 0 (int32.gt)",
	})
}

func TestFieldsOfHighNumbersAreFound(t *testing.T) {
	t.Parallel()
	set := protos(t, `import "validate/validate.proto";
		message M { string far = 536870911 [(validate.rules).string.min_len = 2]; string near = 1023 [(validate.rules).string.min_len = 2]; }
	`)
	expect(t, validate.NewCompiler(set, validate.Options{}), set, "test.M", `far: "a" near: "ab"`, []string{
		"far: must be at least 2 characters long (string.min_len)",
	})
}

func TestViolationsAreLimited(t *testing.T) {
	t.Parallel()
	compiler := validate.NewCompiler(linked(t), validate.Options{})
	c := newContest(t, compiler, &edgetestv1.ListRules{})
	wire, err := proto.Marshal(&edgetestv1.ListRules{Trues: make([]bool, 1<<20)})
	if err != nil {
		t.Fatal(err)
	}
	found, err := c.checks.Check(wire, time.Now())
	if err != nil || len(found) != 101 {
		t.Fatalf("got %d violations, %v", len(found), err)
	}
	if last := found[100]; last.Path != "" || last.Rule != "" || !strings.Contains(last.Text, "more") {
		t.Errorf("the last one is %v", last)
	}
	if found, err = c.checks.Check(nil, time.Now()); err != nil || len(found) == 0 || len(found) > 10 {
		t.Errorf("after that, an empty message has %d violations, %v", len(found), err)
	}
}

func TestMessagesWithoutFaultTakeNoMemory(t *testing.T) {
	set := linked(t)
	compiler := validate.NewCompiler(set, validate.Options{})
	for _, w := range workloads() {
		checks := newContest(t, compiler, w.message).checks
		wire, now := w.wire(t), time.Now()
		if n := testing.AllocsPerRun(100, func() { _, _ = checks.Check(wire, now) }); n > 0 {
			t.Errorf("%s: %v allocations", w.name, n)
		}
	}
}

func TestManyGoroutinesShareChecks(t *testing.T) {
	t.Parallel()
	set := protos(t, shelf)
	compiler := validate.NewCompiler(set, validate.Options{})
	wire := wireOf(t, set, "test.Shelf", sound+`extra {[x/test.Board] {wood: "oak"}}`)
	var wait sync.WaitGroup
	for range 8 {
		wait.Go(func() {
			for range 100 {
				checks, err := compiler.Message(descriptor(t, set, "test.Shelf"))
				if err != nil {
					t.Error(err)
					return
				}
				found, err := checks.Check(wire, time.Now())
				if got := lines(found); err != nil || !slices.Equal(got, []string{"extra.width: must be greater than 0 (int32.gt)"}) {
					t.Error(got, err)
				}
			}
		})
	}
	wait.Wait()
}
