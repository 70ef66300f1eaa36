package compose_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/gatehouse-edge/gatehouse/internal/compose"
	"github.com/gatehouse-edge/gatehouse/internal/schema"
)

// problemsOf compiles a text and returns the problems, each behind the word that it points to.
func problemsOf(t *testing.T, text string) []string {
	t.Helper()
	set := load(t, text)
	plan, problems := compose.Compile(set, method(t, set, "garden.Screens.Show"), compose.Options{})
	if (plan == nil) != (len(problems) > 0) {
		t.Errorf("there is a plan (%t) and %d problems", plan != nil, len(problems))
	}
	var got []string
	lines := strings.Split(text, "\n")
	for _, p := range problems {
		if p.Position.File != "garden.proto" || p.Position.Line == 0 {
			t.Fatalf("%v has no place", p)
		}
		at := strings.Fields(lines[p.Position.Line-1][p.Position.Column-1:])
		_, message, ok := strings.Cut(p.Message, ": (gatehouse.v1.compose): ")
		if !ok {
			t.Errorf("%q does not say of what", p.Message)
		}
		got = append(got, fmt.Sprintf("%s %s", at[0], message))
	}
	slices.Sort(got)
	return slices.Compact(got)
}

func check(t *testing.T, text string, want ...string) {
	t.Helper()
	slices.Sort(want)
	if got := problemsOf(t, text); !slices.Equal(got, want) {
		t.Errorf("problems:\n got %s\nwant %s", strings.Join(got, "\n     "), strings.Join(want, "\n     "))
	}
}

// plantOf is a part that gets the plant, and says more.
func plantOf(more string) string {
	return `parts: {field: "plant" call: "garden.Beds/Get" ` + more + `}`
}

func TestWhatCanNotWorkIsRefusedWhereItStands(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		parts string
		want  []string
	}{
		"no parts": {"", []string{"option has no parts; without them there is no answer"}},
		"unknown field": {`parts: {field: "plnt" call: "garden.Beds/Get"}`, []string{
			`field: part plnt: field: message garden.Screen has no field "plnt"; it has plant, plants, name, names, soil, notes, counts, first, …`,
		}},
		"unknown method": {`parts: {field: "plant" call: "garden.Beds/Grow"}`, []string{
			"call: part plant: call: service garden.Beds has no method Grow; it has Get, List, Pick, Watch, Secret",
		}},
		"unknown service": {`parts: {field: "plant" call: "garden.Shed/Get"}`, []string{
			"call: part plant: call: there is no service garden.Shed; write package.Service/Method",
		}},
		"no method": {`parts: {field: "plant"}`, []string{`parts: part plant: call: "" is no method; write package.Service/Method`}},
		"stream":    {`parts: {field: "plant" call: "garden.Beds/Watch"}`, []string{"call: part plant: call: garden.Beds.Watch is a stream; only what is answered once can be a part"}},
		"no field and no name": {`parts: {call: "garden.Beds/Get"}`, []string{
			"parts: part garden.Beds/Get: has neither a field nor a name", "parts: part garden.Beds/Get: has no field, and no other part binds from it",
		}},
		"unused part": {`parts: {name: "it" call: "garden.Beds/Get"}`, []string{"parts: part it: has no field, and no other part binds from it"}},
		"bad name":    {plantOf(`name: "my plant"`), []string{`name: part my plant: "my plant" is no name; use letters, digits and underscores`}},
		"same name": {plantOf("") + "\n" + `parts: {field: "other" name: "plant" call: "garden.Beds/Get"}`, []string{
			"name: part plant: another part has the same name; give one of them another name",
		}},
		"same field": {plantOf("") + "\n" + plantOf(`name: "again"`), []string{`field: part again: field: part plant fills garden.Screen.plant already`}},
		"same oneof": {
			`parts: {field: "first" call: "garden.Beds/Get" take: "name"}
parts: {field: "second" call: "garden.Beds/Get" take: "name"}`,
			[]string{"field: part second: field: first and second are of the oneof one, which holds one of them"},
		},
		"what is missing": {`parts: {field: "partial" call: "garden.Beds/Get"}`, []string{
			"field: part partial: field: garden.Screen.partial tells what is missing; no part fills it",
		}},
		"another message": {`parts: {field: "soil" call: "garden.Beds/Get"}`, []string{
			"field: part soil: field garden.Screen.soil: garden.Plant is no garden.Soil: field garden.Soil.type is declared otherwise than garden.Plant.id",
		}},
		"another type":     {`parts: {field: "name" call: "garden.Beds/Get" take: "height"}`, []string{"field: part name: field garden.Screen.name: int32 is no string"}},
		"message as text":  {`parts: {field: "name" call: "garden.Beds/Get"}`, []string{"field: part name: field garden.Screen.name: garden.Plant is no string"}},
		"unknown take":     {plantOf(`take: "plant"`), []string{`take: part plant: take: message garden.Plant has no field "plant"; it has id, name, height, soil, tags, counts, bloom, rests, …`}},
		"take behind text": {plantOf(`take: "name.first"`), []string{"take: part plant: take: name.first goes on behind field garden.Plant.name, which is no message"}},
		"take behind map":  {plantOf(`take: "notes.value"`), []string{"take: part plant: take: notes.value goes on behind field garden.Plant.notes, which is a map"}},
		"one for a list":   {`parts: {field: "plants" call: "garden.Beds/Get"}`, []string{"field: part plants: field: garden.Screen.plants is a list, and garden.Plant is one value; take a list, or say each"}},
		"a list for one":   {`parts: {field: "plant" call: "garden.Beds/List" take: "plants"}`, []string{"field: part plant: field: garden.Screen.plant holds one value, and a list of garden.Plant is a list"}},
		"no map":           {`parts: {field: "notes" call: "garden.Beds/Get" take: "tags"}`, []string{"field: part notes: field: garden.Screen.notes is a map, and a list of string is none"}},
		"a map":            {`parts: {field: "names" call: "garden.Beds/Get" take: "notes"}`, []string{"field: part names: field: garden.Screen.names is a list of string, and a map is none"}},
		"other fields":     {`parts: {field: "herb" call: "garden.Beds/Get"}`, []string{"field: part herb: field garden.Screen.herb: garden.Plant is no garden.Herb: garden.Herb has no field 3, as garden.Plant has"}},
		"fewer fields":     {`parts: {field: "plant" call: "garden.Beds/Pick"}`, []string{"field: part plant: field garden.Screen.plant: garden.Herb is no garden.Plant: garden.Plant has fields that garden.Herb has not"}},
		"whole of another": {`parts: {field: "*" call: "garden.Beds/Get"}`, []string{"field: part *: field: garden.Screen does not have all of garden.Plant: field garden.Screen.plant is declared otherwise than garden.Plant.id"}},
		"whole list":       {`parts: {field: "*" call: "garden.Beds/List" take: "plants"}`, []string{"field: part *: field: the answer is one message; a list of garden.Plant can not be it"}},
		"time-out":         {plantOf("timeout: {}"), []string{"timeout: part plant: timeout: has to be longer than nothing"}},
		"age":              {plantOf("cache: {age: {seconds: -1}}"), []string{"age: part plant: cache.age: has to be longer than nothing"}},
		"last good":        {plantOf("fallback: {last_good: {}}"), []string{"last_good: part plant: fallback.last_good: has to be longer than nothing"}},
		"constant response": {plantOf(`fallback: {constant: '{"nme": 1}'}`), []string{
			`constant: part plant: fallback.constant: is no garden.Plant: (line 1:2): unknown field "nme"`,
		}},
		"cache key":    {plantOf(`bind: {to: "id" request: "id"} cache: {key: ["id", "ids"]}`), []string{`"ids"]}} part plant: cache.key: "ids" is bound by no binding`}},
		"unknown if":   {plantOf(`if: "with"`), []string{`if: part plant: if: message garden.Look has no field "with"; it has id, ids, with_plant, parts, mask, plant, plants, notes, …`}},
		"if of a text": {plantOf(`if: "id"`), []string{"if: part plant: if: field garden.Look.id is neither a bool nor a repeated string nor a FieldMask"}},
		"if in a list": {plantOf(`if: "plants.tall"`), []string{"if: part plant: if: plants.tall leads through a list; one value has to decide"}},
		"mask of whole": {`parts: {field: "*" call: "garden.Beds/Get" take: "soil" if: "mask"}`, []string{
			"field: part *: field: garden.Screen does not have all of garden.Soil: field garden.Screen.plant is declared otherwise than garden.Soil.type",
			"if: part *: if: a mask names fields, and the part is the whole answer; use a bool or a list of names",
		}},
		"if without a field": {plantOf(`bind: {to: "id" part: "it.id"}`) + "\n" + `parts: {name: "it" call: "garden.Beds/Get" if: "with_plant"}`, []string{
			"if: part it: if: a part without a field is called when others need it",
		}},
		"hidden field":   {`parts: {field: "name" call: "garden.Beds/Get" take: "secret"}`, []string{"call: part name: garden.Plant.secret is restricted to INTERNAL; restrict what shows it likewise"}},
		"hidden method":  {`parts: {field: "plant" call: "garden.Beds/Secret"}`, []string{"call: part plant: garden.Beds.Secret is restricted to INTERNAL; restrict what shows it likewise"}},
		"itself":         {`parts: {field: "plant" call: "garden.Screens/Show"}`, []string{"call: part plant: call: calls itself: garden.Screens.Show -> garden.Screens.Show"}},
		"too many parts": {strings.Repeat(`parts: {field: "plant" call: "garden.Beds/Get"}`, 65), []string{"option has 65 parts; there may be 64"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			check(t, garden(c.parts), c.want...)
		})
	}
}

func TestABindingThatCanNotWorkIsRefusedWhereItStands(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		bind string
		want []string
	}{
		"unknown target":    {`bind: {to: "idd" request: "id"}`, []string{`bind: part plant: bind idd: message garden.Ask has no field "idd"; it has id, ids, kind, limit, where, deep, raw, since, …`}},
		"target in a list":  {`bind: {to: "plant.next.id" request: "id"}`, []string{"bind: part plant: bind plant.next.id: leads through a list, of which no element is named"}},
		"target too deep":   {`bind: {to: "plant` + strings.Repeat(".next", 17) + `" request: "id"}`, []string{"bind: part plant: bind plant" + strings.Repeat(".next", 17) + ": plant" + strings.Repeat(".next", 17) + " has more than 16 fields"}},
		"unknown field":     {`bind: {to: "id" request: "idd"}`, []string{`bind: part plant: bind id: message garden.Look has no field "idd"; it has id, ids, with_plant, parts, mask, plant, plants, notes, …`}},
		"no source":         {`bind: {to: "id"}`, []string{"bind: part plant: bind id: says not where the value is from; give request, part, element, claim or constant"}},
		"another type":      {`bind: {to: "id" request: "limit"}`, []string{"bind: part plant: bind id: int32 is no string"}},
		"another number":    {`bind: {to: "big" request: "limit"}`, []string{"bind: part plant: bind big: int32 is no uint64"}},
		"a list for one":    {`bind: {to: "id" request: "ids"}`, []string{"bind: part plant: bind id: ids is a list, and field garden.Ask.id holds one value; say each, and bind from the element"}},
		"a map for a list":  {`bind: {to: "ids" request: "notes"}`, []string{"bind: part plant: bind ids: notes is a map, and field garden.Ask.ids is a list of string"}},
		"bound twice":       {`bind: {to: "id" request: "id"} ` + "\n" + `bind: {to: "id" claim: "sub"}`, []string{"bind: part plant: bind id: id is bound already"}},
		"bound in whole":    {`bind: {to: "plant" request: "plant"} ` + "\n" + `bind: {to: "plant.id" claim: "sub"}`, []string{"bind: part plant: bind plant.id: plant is bound already"}},
		"both of a oneof":   {`bind: {to: "near" request: "id"} ` + "\n" + `bind: {to: "far" constant: "1"}`, []string{"bind: part plant: bind far: near is bound too, and the oneof by holds one of them"}},
		"no claim":          {`bind: {to: "id" claim: ""}`, []string{"bind: part plant: bind id: names no claim"}},
		"claim as real":     {`bind: {to: "share" claim: "share"}`, []string{"bind: part plant: bind share: field garden.Ask.share can not hold a claim, which is a string, an integer, a boolean or an enum"}},
		"claim as list":     {`bind: {to: "ids" claim: "groups"}`, []string{"bind: part plant: bind ids: field garden.Ask.ids can not hold a claim, which is a string, an integer, a boolean or an enum"}},
		"no number":         {`bind: {to: "limit" constant: "many"}`, []string{`bind: part plant: bind limit: "many" is no int32`}},
		"too large":         {`bind: {to: "limit" constant: "3000000000"}`, []string{`bind: part plant: bind limit: "3000000000" is no int32`}},
		"no enum value":     {`bind: {to: "kind" constant: "KIND_BUSH"}`, []string{`bind: part plant: bind kind: "KIND_BUSH" is no garden.Kind`}},
		"no duration":       {`bind: {to: "since" constant: "3 days"}`, []string{`bind: part plant: bind since: "3 days" is no google.protobuf.Duration`}},
		"no list":           {`bind: {to: "ids" constant: "a"}`, []string{`bind: part plant: bind ids: "a" is no JSON of field garden.Ask.ids`}},
		"two constants":     {`bind: {to: "limit" constant: '1, "id": "x"'}`, []string{`bind: part plant: bind limit: "1, \"id\": \"x\"" is no int32`}},
		"constant or not":   {`bind: {to: "limit" constant: "1" skip_if_unset: true}`, []string{"bind: part plant: bind limit: a constant is never unset; leave skip_if_unset out"}},
		"unknown part":      {`bind: {to: "id" part: "cart.id"}`, []string{"bind: part plant: bind id: there is no part cart; there are plant"}},
		"part without path": {`bind: {to: "id" part: "plant"}`, []string{"bind: part plant: bind id: plant is a part; name a field of its response, such as plant.id"}},
		"its own response":  {`bind: {to: "id" part: "plant.id"}`, []string{"parts: part plant: waits for itself: plant -> plant"}},
		"element of none":   {`bind: {to: "id" element: "*"}`, []string{"bind: part plant: bind id: there are elements with each only"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			check(t, garden(plantOf(c.bind)), c.want...)
		})
	}
}

func TestAListThatCanNotBeCalledForIsRefusedWhereItStands(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		each string
		want []string
	}{
		"no list named":    {`each: {}`, []string{"each: part plants: each: names no list"}},
		"unknown list":     {`each: {request: "idss"}`, []string{`each: part plants: each: message garden.Look has no field "idss"; it has id, ids, with_plant, parts, mask, plant, plants, notes, …`}},
		"one value":        {`each: {request: "id"}`, []string{"each: part plants: each: id is no list"}},
		"a map":            {`each: {request: "notes"}`, []string{"each: part plants: each: notes is a map, whose entries have no order"}},
		"unknown part":     {`each: {part: "herbs.herbs"}`, []string{"each: part plants: each: there is no part herbs; there are plants"}},
		"too many":         {`each: {request: "ids" max: 5000}`, []string{"max: part plants: each.max: 5000 are too many; 1000 at most"}},
		"too many at once": {`each: {request: "ids" at_once: 500}`, []string{"at_once: part plants: each.at_once: 500 are too many; 100 at most"}},
		"field of a text":  {`each: {request: "ids"} bind: {to: "id" element: "id"}`, []string{`bind: part plants: bind id: elements are string and have no fields; write "*"`}},
		"unknown field":    {`each: {request: "plants"} bind: {to: "id" element: "idd"}`, []string{`bind: part plants: bind id: message garden.Plant has no field "idd"; it has id, name, height, soil, tags, counts, bloom, rests, …`}},
		"whole element":    {`each: {request: "plants"} bind: {to: "id" element: "*"}`, []string{"bind: part plants: bind id: garden.Plant is no string"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			check(t, garden(`parts: {field: "plants" call: "garden.Beds/Get" `+c.each+`}`), c.want...)
		})
	}
}

func TestPartsThatWaitForEachOtherAreRefused(t *testing.T) {
	t.Parallel()
	check(t, garden(`
parts: {field: "name" call: "garden.Beds/Get" take: "name" bind: {to: "id" part: "plant.id"}}
parts: {field: "plant" call: "garden.Beds/Get" bind: {to: "id" part: "other.id"}}
parts: {field: "other" call: "garden.Beds/Get" bind: {to: "id" part: "name.id"}}`),
		"parts: part name: waits for itself: name -> plant -> other -> name")
}

func TestCompositionsThatCallEachOtherAreRefused(t *testing.T) {
	t.Parallel()
	text := garden(`parts: {field: "plant" call: "garden.Inner/Show"}`) + `
service Inner { rpc Show(Ask) returns (Plant) {
option (gatehouse.v1.compose) = {
parts: {field: "name" call: "garden.Screens/Show" take: "name"}
}; } }`
	check(t, text, "call: part name: call: calls itself: garden.Screens.Show -> garden.Inner.Show -> garden.Screens.Show")
}

func TestCompositionsDoNotNestWithoutEnd(t *testing.T) {
	t.Parallel()
	text := garden(`parts: {field: "plant" call: "garden.S1/Show"}`)
	for i := 1; i < 5; i++ {
		text += fmt.Sprintf("service S%d { rpc Show(Ask) returns (Plant) { option (gatehouse.v1.compose) = {\nparts: {field: %q call: \"garden.S%d/Show\"}\n}; } }\n",
			i, "*", i+1)
	}
	text += "service S5 { rpc Show(Ask) returns (Plant); }\n"
	check(t, text, "call: part *: call: compositions may nest 4 deep: garden.Screens.Show -> garden.S1.Show -> garden.S2.Show -> garden.S3.Show -> garden.S4.Show")
}

func TestProblemsOfAnInnerCompositionAreItsOwn(t *testing.T) {
	t.Parallel()
	text := garden(`parts: {field: "plant" call: "garden.Inner/Show"}`) + `
service Inner { rpc Show(Ask) returns (Plant) {
option (gatehouse.v1.compose) = {
parts: {field: "nam" call: "garden.Beds/Get" take: "name"}
}; } }`
	set := load(t, text)
	_, problems := compose.Compile(set, method(t, set, "garden.Screens.Show"), compose.Options{})
	_, again := compose.Compile(set, method(t, set, "garden.Inner.Show"), compose.Options{})
	joined := schema.Join(append(problems, again...)).Error()
	if strings.Count(joined, "\n") != 0 || !strings.Contains(joined, "garden.Inner.Show: (gatehouse.v1.compose): part nam: field") {
		t.Errorf("problems: %s", joined)
	}
}

func TestWhatIsMissingIsToldInOneList(t *testing.T) {
	t.Parallel()
	show := strings.ReplaceAll(garden(plantOf("")), "Herb herb = 16;", "Herb herb = 16; gatehouse.v1.PartialResult one_only = 20; repeated gatehouse.v1.PartialResult again = 21;")
	check(t, show, "option field garden.Screen.one_only has to be repeated to tell of all that is missing",
		"option field garden.Screen.again tells what is missing, and so does another one")
}

// twin declares messages like those of the garden, but for what a test changes.
const twin = `
message Kinds { enum Twin { KIND_UNSPECIFIED = 0; KIND_TREE = 1; } }
message Sorts { enum Sort { KIND_UNSPECIFIED = 0; KIND_BUSH = 1; } }
message Loam { string type = 1; double acid = 2; }
message Clay { string type = 1; double acid = 2 [(google.api.field_visibility).restriction = "INTERNAL"]; }
message Sand { oneof of { string type = 1; } double acid = 2; }
message Answer { Loam loam = 1; Kinds.Twin kind = 2; Sorts.Sort sort = 3; Clay clay = 4; Sand sand = 5; }
`

func TestTypesThatAreDeclaredAlikeFit(t *testing.T) {
	t.Parallel()
	text := func(part string) string {
		return gardenOf("rpc Show(Look) returns (Answer)", part) + twin
	}
	check(t, text(`parts: {field: "loam" call: "garden.Beds/Get" take: "soil"} parts: {field: "kind" call: "garden.Beds/Get" take: "kind"}`))
	check(t, text(`parts: {field: "sort" call: "garden.Beds/Get" take: "kind"}`),
		"field: part sort: field garden.Answer.sort: garden.Kind is no garden.Sorts.Sort: enum garden.Sorts.Sort does not have the values of garden.Kind")
	check(t, text(`parts: {field: "clay" call: "garden.Beds/Get" take: "soil"}`),
		"field: part clay: field garden.Answer.clay: garden.Soil is no garden.Clay: field garden.Clay.acid is not restricted as garden.Soil.acid is")
	check(t, text(`parts: {field: "sand" call: "garden.Beds/Get" take: "soil"}`),
		"field: part sand: field garden.Answer.sand: garden.Soil is no garden.Sand: field garden.Sand.type is declared otherwise than garden.Soil.type")
}

func TestWhatIsSoundAndMayHaveNoJSONFormIsRefused(t *testing.T) {
	t.Parallel()
	more := `message Span { int64 seconds = 1; int32 nanos = 2; } message From { Span it = 1; } message To { google.protobuf.Duration it = 1; }
		service More { rpc Get(Ask) returns (From); }`
	check(t, gardenOf("rpc Show(Look) returns (To)", `parts: {field: "it" call: "garden.More/Get" take: "it"}`)+more,
		`field: part it: field garden.To.it: garden.Span is no google.protobuf.Duration: only a google.protobuf.Duration can be one, as bytes that are one may still have no JSON form`)
	deep := strings.Repeat(`{"next": [`, 150) + strings.Repeat(`]}`, 150)
	check(t, garden(plantOf("\nfallback: {constant: '"+deep+"'}")), "constant: part plant: fallback.constant: message is nested too deeply")
}
