package compose_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/gatehouse-edge/gatehouse/internal/compose"
)

// streams are services of streams, some of which are those of others.
func streams(rpc, parts string) string {
	return things + `
message Gaze { string id = 1; repeated string ids = 2; Kind kind = 3; int32 limit = 4; Where where = 5; bool deep = 6; bytes raw = 7;
  google.protobuf.Duration since = 8; oneof by { string near = 9; int64 far = 10; } repeated Kind kinds = 11; map<string, int32> notes = 12;
  Plant plant = 13; uint64 big = 14; sint32 low = 15; float share = 16; }
message Weed { string id = 1; string name = 2; }
service Paths {
  rpc Down(Ask) returns (stream Herb); rpc Up(stream Ask) returns (Herb); rpc Both(stream Ask) returns (stream Herb);
  rpc Other(stream Ask) returns (stream Herb) { option (gatehouse.v1.compose) = {parts: {field: "*" call: "garden.Paths/Both"}}; }
  rpc Hidden(Ask) returns (stream Herb) { option (google.api.method_visibility).restriction = "INTERNAL"; }
}
service Screens {
` + rpc + " {\noption (gatehouse.v1.compose) = {\n" + parts + "\n};\n}\n}\n"
}

func relayOf(t *testing.T, text string) (*compose.Target, []string) {
	t.Helper()
	set := load(t, text)
	target, problems := compose.CompileRelay(set, method(t, set, "garden.Screens.Show"))
	lines := strings.Split(text, "\n")
	var told []string
	for _, p := range problems {
		at := strings.Fields(lines[p.Position.Line-1][p.Position.Column-1:])
		_, message, _ := strings.Cut(p.Message, "garden.Screens.Show: (gatehouse.v1.compose): ")
		told = append(told, fmt.Sprintf("%s %s", at[0], message))
	}
	if (target == nil) != (len(problems) > 0) {
		t.Errorf("there is a target (%t) and %d problems", target != nil, len(problems))
	}
	return target, told
}

func TestAStreamMayBeThatOfAnotherMethodDeclaredAlike(t *testing.T) {
	t.Parallel()
	for rpc, call := range map[string]string{
		"rpc Show(Ask) returns (stream Herb)":        "garden.Paths/Down",
		"rpc Show(Gaze) returns (stream Weed)":       "garden.Paths/Down",
		"rpc Show(stream Gaze) returns (Weed)":       "garden.Paths/Up",
		"rpc Show(stream Ask) returns (stream Weed)": "garden.Paths/Both",
	} {
		target, problems := relayOf(t, streams(rpc, fmt.Sprintf(`parts: {field: "*" call: %q}`, call)))
		if len(problems) > 0 {
			t.Errorf("%s: %v", rpc, problems)
		} else if target.Path != "/"+call || "/"+strings.Replace(string(target.Method.FullName()), "Paths.", "Paths/", 1) != target.Path {
			t.Errorf("%s: %s of %s", rpc, target.Path, target.Method.FullName())
		}
	}
}

func TestAStreamThatCanNotBePassedOnIsRefusedWhereItStands(t *testing.T) {
	t.Parallel()
	const down, both = "rpc Show(Ask) returns (stream Herb)", "rpc Show(stream Ask) returns (stream Herb)"
	const part = `parts: {field: "*" call: "garden.Paths/Down"`
	for name, c := range map[string]struct {
		rpc, parts string
		want       []string
	}{
		"no parts":  {down, "", []string{"option a stream is that of one other method, so that it has one part; it has 0"}},
		"two parts": {down, part + "}\n" + part + "}", []string{"option a stream is that of one other method, so that it has one part; it has 2"}},
		"a field":   {down, `parts: {field: "id" call: "garden.Paths/Down"}`, []string{`field: part id: field: a stream is passed on whole; write "*"`}},
		"no field":  {down, `parts: {call: "garden.Paths/Down"}`, []string{`parts: part : field: a stream is passed on whole; write "*"`}},
		"all else": {down, part + `
name: "it"
bind: {to: "id" request: "id"}
take: "id"
each: {request: "ids"}
timeout: {seconds: 1}
optional: true
fallback: {constant: "{}"}
if: "deep"
cache: {}
}`, []string{
			"name: part *: name: a stream is passed on as it is; leave this out", "bind: part *: bind: a stream is passed on as it is; leave this out",
			"take: part *: take: a stream is passed on as it is; leave this out", "each: part *: each: a stream is passed on as it is; leave this out",
			"timeout: part *: timeout: a stream is passed on as it is; leave this out", "optional: part *: optional: a stream is passed on as it is; leave this out",
			"fallback: part *: fallback: a stream is passed on as it is; leave this out", "if: part *: if: a stream is passed on as it is; leave this out",
			"cache: part *: cache: a stream is passed on as it is; leave this out",
		}},
		"unknown":            {down, `parts: {field: "*" call: "garden.Paths/Dwn"}`, []string{"call: part *: call: service garden.Paths has no method Dwn; it has Down, Up, Both, Other, Hidden"}},
		"no stream":          {down, `parts: {field: "*" call: "garden.Beds/Pick"}`, []string{"call: part *: call: garden.Beds.Pick is no stream, and garden.Screens.Show answers with a stream"}},
		"the other way":      {down, `parts: {field: "*" call: "garden.Paths/Up"}`, []string{"call: part *: call: garden.Paths.Up takes a stream, and garden.Screens.Show answers with a stream"}},
		"one way only":       {both, part + "}", []string{"call: part *: call: garden.Paths.Down answers with a stream, and garden.Screens.Show streams both ways"}},
		"of another":         {both, `parts: {field: "*" call: "garden.Paths/Other"}`, []string{"call: part *: call: garden.Paths.Other is answered by another method itself; call that one"}},
		"of itself":          {both, `parts: {field: "*" call: "garden.Screens/Show"}`, []string{"call: part *: call: garden.Screens.Show is answered by another method itself; call that one"}},
		"another request":    {"rpc Show(Look) returns (stream Herb)", part + "}", []string{"call: part *: call: request: garden.Look is no garden.Ask: field garden.Ask.kind is declared otherwise than garden.Look.with_plant"}},
		"a smaller response": {"rpc Show(Ask) returns (stream Plant)", part + "}", []string{"call: part *: call: response: garden.Herb is no garden.Plant: garden.Plant has fields that garden.Herb has not"}},
		"a larger response":  {down, `parts: {field: "*" call: "garden.Beds/Watch"}`, []string{"call: part *: call: response: garden.Plant is no garden.Herb: garden.Herb has no field 3, as garden.Plant has"}},
		"what is restricted": {down, `parts: {field: "*" call: "garden.Paths/Hidden"}`, []string{"call: part *: call: garden.Paths.Hidden is restricted to INTERNAL; restrict what shows it likewise"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if _, got := relayOf(t, streams(c.rpc, c.parts)); !slices.Equal(got, c.want) {
				t.Errorf("problems:\n got %s\nwant %s", strings.Join(got, "\n     "), strings.Join(c.want, "\n     "))
			}
		})
	}
}
