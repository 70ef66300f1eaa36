package compose_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"google.golang.org/protobuf/encoding/protowire"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/types/dynamicpb"

	"github.com/gatehouse-edge/gatehouse/internal/compose"
	"github.com/gatehouse-edge/gatehouse/internal/edgetest/random"
	"github.com/gatehouse-edge/gatehouse/internal/transcode"
)

// forms are messages that may be sound and have no JSON form all the same.
const forms = `edition = "2023";
package forms;
import "gatehouse/v1/compose.proto";
import "google/protobuf/any.proto";
import "google/protobuf/duration.proto";
import "google/protobuf/field_mask.proto";
import "google/protobuf/struct.proto";
import "google/protobuf/timestamp.proto";
import "google/protobuf/wrappers.proto";
message Forms {
  google.protobuf.Timestamp time = 1;
  google.protobuf.Duration span = 2;
  google.protobuf.Value value = 3;
  google.protobuf.Any any = 4;
  google.protobuf.FieldMask mask = 5;
  google.protobuf.Struct object = 6;
  google.protobuf.ListValue list = 7;
  google.protobuf.DoubleValue number = 8;
  google.protobuf.StringValue text = 9;
  repeated google.protobuf.Value values = 10;
  repeated google.protobuf.Timestamp times = 11;
  map<string, google.protobuf.Value> named = 12;
  map<int32, google.protobuf.Duration> spans = 13;
  map<bool, Needy> needy = 14;
  oneof one { google.protobuf.Value either = 15; google.protobuf.Timestamp or = 16; string other = 17; }
  Bunch bunch = 18 [features.message_encoding = DELIMITED];
  Needy need = 19;
  Forms deeper = 20;
  google.protobuf.NullValue null = 21;
  bytes raw = 22;
  extensions 100 to 199;
}
message Bunch { google.protobuf.Timestamp time = 1; Needy needy = 2; }
message Needy { string name = 1 [features.field_presence = LEGACY_REQUIRED]; }
extend Forms { string more = 100; repeated google.protobuf.Timestamp later = 101; }
message Screen { Forms it = 1; repeated gatehouse.v1.PartialResult partial = 2; }
service Here { rpc Get(Needy) returns (Forms); rpc GetTime(Needy) returns (google.protobuf.Timestamp);
  rpc GetValue(Needy) returns (google.protobuf.Value); }
service Screens { rpc Show(Screen) returns (Screen) { option (gatehouse.v1.compose) = {
  parts: {field: "it" call: "forms.Here/Get" optional: true}
}; } }
`

// formed is a composition of one part, whose answers are written as JSON.
type formed struct {
	plan     *compose.Plan
	forms    protoreflect.MessageDescriptor
	answers  *transcode.Response
	types    *dynamicpb.Types // that an Any may hold
	request  []byte
	response []byte
	answer   string
}

func newFormed(t testing.TB, text string) *formed {
	t.Helper()
	set := load(t, text)
	codec := transcode.NewCodec(set.Files, transcode.Gatehouse())
	show := method(t, set, "forms.Screens.Show")
	plan, problems := compose.Compile(set, show, compose.Options{
		Form: func(md protoreflect.MessageDescriptor) func([]byte, int) error { return codec.Message(md).Check },
	})
	if len(problems) > 0 {
		t.Fatal(problems)
	}
	return &formed{
		plan: plan, forms: method(t, set, "forms.Here.Get").Output(), answers: codec.Response(show.Output(), nil),
		types: dynamicpb.NewTypes(set.Files),
	}
}

// Call implements compose.Caller.
func (f *formed) Call(context.Context, *compose.Target, []byte) ([]byte, error) {
	return f.response, nil
}

// takes tells whether a response is taken. If it is, the answer has to have a JSON form, and one in bytes.
func (f *formed) takes(t testing.TB, response []byte) bool {
	t.Helper()
	f.response = response
	answer, err := f.plan.Run(context.Background(), compose.Request{Caller: f, Message: f.request})
	if err != nil {
		t.Fatalf("%x fails the whole: %v", response, err)
	}
	text, err := f.answers.AppendJSON(nil, answer.Message)
	if err != nil {
		t.Fatalf("%x is taken, and has no JSON form: %v", response, err)
	}
	f.answer = string(text)
	if _, err := f.answers.AppendProto(nil, answer.Message); err != nil {
		t.Fatalf("%x is taken, and can not be rewritten: %v", response, err)
	}
	return len(answer.Partial) == 0
}

// check makes sure that a response is taken if, and but for its depth only if, the answer has a JSON form with it.
func (f *formed) check(t testing.TB, response []byte) (taken bool) {
	t.Helper()
	if taken = f.takes(t, response); taken || isDeep(response) {
		return taken
	}
	answer := protowire.AppendBytes(protowire.AppendTag(nil, 1, protowire.BytesType), response)
	if text, err := f.answers.AppendJSON(nil, answer); err == nil {
		t.Fatalf("%x has the JSON form %s, and is not taken", response, text)
	}
	return false
}

// written is a random response, written as encoders never do. Some of its bytes are wrong.
func (f *formed) written(t testing.TB, seed uint64) []byte {
	t.Helper()
	g := &random.Generator{Rand: rand.New(rand.NewPCG(seed, 7)), Types: f.types}
	m := dynamicpb.NewMessage(f.forms)
	g.Fill(m, 3)
	wire, err := proto.MarshalOptions{AllowPartial: true}.Marshal(m)
	if err != nil {
		t.Fatal(err)
	}
	if g.IntN(2) == 0 {
		wire = scrambled(g.Rand, wire, f.forms, 3)
	}
	for range g.IntN(3) {
		if len(wire) > 0 {
			wire[g.IntN(len(wire))] ^= 1 << g.IntN(8)
		}
	}
	return wire
}

func TestWhatIsTakenHasAJSONForm(t *testing.T) {
	t.Parallel()
	f := newFormed(t, forms)
	taken := 0
	const all = 2000
	for seed := range uint64(all) {
		if f.check(t, f.written(t, seed)) {
			taken++
		}
	}
	if taken < all/10 || taken > all*9/10 {
		t.Errorf("of %d responses, %d are taken", all, taken)
	}
}

func FuzzWhatIsTakenHasAJSONForm(f *testing.F) {
	of := newFormed(f, forms)
	for seed := range uint64(50) {
		f.Add(of.written(f, seed))
	}
	for _, c := range formless {
		f.Add([]byte(c.wire))
	}
	f.Fuzz(func(t *testing.T, response []byte) { of.check(t, response) })
}

// in is a field of a message.
func in(num protowire.Number, content string) string {
	return string(protowire.AppendString(protowire.AppendTag(nil, num, protowire.BytesType), content))
}

// number is a field that is a number.
func number(num protowire.Number, n int64) string {
	return string(protowire.AppendVarint(protowire.AppendTag(nil, num, protowire.VarintType), uint64(n)))
}

const (
	tooLate = 253402300800 // the year 10000
	nan     = "\x11\x00\x00\x00\x00\x00\x00\xf8\x7f"
	null    = "\x08\x00"
)

func packedAny(url, value string) string {
	return in(4, in(1, "type.googleapis.com/"+url)+in(2, value))
}

var formless = map[string]struct {
	wire string
	fine bool // beside those that are not, for the difference
}{
	"nothing":                             {"", true},
	"a time too late":                     {in(1, number(1, tooLate)), false},
	"a time too early":                    {in(1, number(1, -62135596801)), false},
	"the last second":                     {in(1, number(1, tooLate-1)+number(2, 999999999)), true},
	"a time of too many nanoseconds":      {in(1, number(2, 1e9)), false},
	"a time below its second":             {in(1, number(2, -1)), false},
	"a time that is put right":            {in(1, number(1, tooLate)+number(1, 1)), true},
	"a time that is put right in a piece": {in(1, number(1, tooLate)) + in(1, number(1, 1)), true},
	"a time that is put wrong in a piece": {in(1, number(1, 1)) + in(1, number(1, tooLate)), false},
	"a time with more in it":              {in(1, number(1, 1)+number(9, 1)), true},
	"a time in a list":                    {in(11, "") + in(11, number(1, tooLate)), false},
	"a time in a group":                   {"\x93\x01" + in(1, number(1, tooLate)) + "\x94\x01", false},
	"a time that is replaced":             {in(16, number(1, tooLate)) + in(17, "a"), true},
	"an extension's time":                 {in(101, number(1, tooLate)), false},
	"an extension's text":                 {in(100, "\xff"), false},
	"an extension":                        {in(100, "a"), true},
	"a span too long":                     {in(2, number(1, 315576000001)), false},
	"a span below zero":                   {in(2, number(1, -315576000000)+number(2, -1)), true},
	"a span of both signs":                {in(2, number(1, 1)+number(2, -1)), false},
	"a span of both signs in pieces":      {in(2, number(1, 1)) + in(2, number(2, -1)), false},
	"a span in a map":                     {in(13, number(1, 1)+in(2, number(1, 315576000001))), false},
	"a map without a span":                {in(13, number(1, 1)), true},
	"a value of no kind":                  {in(3, ""), false},
	"a value of no kind, and of one":      {in(3, "") + in(3, null), true},
	"a value that is null":                {in(3, null), true},
	"a value that is no number":           {in(3, nan), false},
	"a value that is infinite":            {in(3, "\x11\x00\x00\x00\x00\x00\x00\xf0\x7f"), false},
	"a wrapper that is no number":         {in(8, "\x09"+nan[1:]), true},
	"a value within a value":              {in(3, in(6, in(1, null)+in(1, ""))), false},
	"a value within an object":            {in(6, in(1, in(1, "a")+in(2, ""))), false},
	"an object that has no value":         {in(6, in(1, in(1, "a"))), false},
	"an object whose value comes first":   {in(6, in(1, in(2, null)+in(1, "a"))), true},
	"a map that has no value":             {in(12, in(1, "a")), false},
	"a value of a unknown kind":           {in(10, number(7, 1)), false},
	"a mask of capitals":                  {in(5, in(1, "aB")), false},
	"a mask of names":                     {in(5, in(1, "a_b.c")), true},
	"an Any of a time too late":           {packedAny("google.protobuf.Timestamp", number(1, tooLate)), false},
	"an Any of a time":                    {packedAny("google.protobuf.Timestamp", number(1, 1)), true},
	"an Any that is malformed":            {packedAny("forms.Forms", "\x0a"), false},
	"an Any in an Any":                    {packedAny("forms.Forms", packedAny("forms.Forms", in(3, ""))), false},
	"an Any of nobody's":                  {packedAny("nobody.Knows", "\x0a"), true},
	"an Any without a type":               {in(4, in(2, "a")), false},
	"what it needs is missing":            {in(19, ""), false},
	"what it needs is there":              {in(19, in(1, "a")), true},
	"what it needs is missing in a map":   {in(14, number(1, 1)), false},
	"what it needs is missing in a group": {"\x93\x01" + in(2, "") + "\x94\x01", false},
	"a group nobody knows":                {strings.Repeat("\xa3\x1f", 90) + strings.Repeat("\xa4\x1f", 90), true},
	"a group nobody knows, too deep":      {strings.Repeat("\xa3\x1f", 200) + strings.Repeat("\xa4\x1f", 200), false},
	"a field's number too high, in one":   {"\xa3\x1f\x80\x80\x80\x80\x10\x00\xa4\x1f", false},
	"messages too deep":                   {nestedIn(120), false},
	"messages not too deep":               {nestedIn(90), true},
}

func nestedIn(levels int) string {
	wire := ""
	for range levels {
		wire = in(20, wire)
	}
	return wire
}

func TestAResponseThatHasNoJSONFormIsMalformed(t *testing.T) {
	t.Parallel()
	f := newFormed(t, forms)
	for name, c := range formless {
		if f.takes(t, []byte(c.wire)) != c.fine {
			t.Errorf("%s: %x is taken: %v", name, c.wire, !c.fine)
		}
	}
	for call, wires := range map[string][2]string{ // one that is not taken, and one that is
		"GetTime": {number(1, tooLate), number(1, 1)}, "GetValue": {"", null},
	} {
		typ := map[string]string{"GetTime": "Timestamp", "GetValue": "Value"}[call]
		text := strings.Replace(forms, "Forms it = 1;", "google.protobuf."+typ+" it = 1;", 1)
		f := newFormed(t, strings.Replace(text, `"forms.Here/Get"`, fmt.Sprintf("%q", "forms.Here/"+call), 1))
		if f.takes(t, []byte(wires[0])) || !f.takes(t, []byte(wires[1])) {
			t.Errorf("%s: %x is taken, or %x is not", call, wires[0], wires[1])
		}
	}
}

func TestAResponseWithinAPartOfAPartNestsNoDeeperThanAnAnswerMay(t *testing.T) {
	t.Parallel()
	text := strings.Replace(forms, `"forms.Here/Get"`, `"forms.Inner/Show"`, 1) + `service Inner {
		rpc Show(Needy) returns (Forms) { option (gatehouse.v1.compose) = {parts: {field: "deeper" call: "forms.Innermost/Show"}}; } }
		service Innermost { rpc Show(Needy) returns (Forms) { option (gatehouse.v1.compose) = {parts: {field: "deeper" call: "forms.Here/Get"}}; } }`
	f := newFormed(t, text)
	for levels := range transcode.DefaultMaxDepth + 10 { // of which the answer has four more
		if taken := f.takes(t, []byte(nestedIn(levels))); taken != (levels+4 <= transcode.DefaultMaxDepth) {
			t.Errorf("%d levels are taken: %v", levels, taken)
		}
	}
}

func TestAnElementThatIsNotSetIsNull(t *testing.T) {
	t.Parallel()
	text := strings.Replace(forms, "Forms it = 1;", "repeated google.protobuf.Value it = 1;", 1)
	text = strings.Replace(text, "rpc Show(Screen)", "rpc Show(Asked)", 1)
	text = strings.Replace(text, "parts: {", `parts: {take: "value" each: {request: "names"} `, 1) + "message Asked { repeated string names = 1; }"
	f := newFormed(t, text)
	f.request = []byte(in(1, "a"))
	for response, want := range map[string]string{"": `{"it":[null],"partial":[]}`, in(3, in(3, "b")): `{"it":["b"],"partial":[]}`} {
		if !f.takes(t, []byte(response)) || f.answer != want {
			t.Errorf("%x: %s", response, f.answer)
		}
	}
}
