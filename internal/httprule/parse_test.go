package httprule_test

import (
	"errors"
	"reflect"
	"strings"
	"testing"

	"github.com/gatehouse-edge/gatehouse/internal/httprule"
)

func lit(s string) httprule.Segment { return httprule.Segment{Kind: httprule.Literal, Literal: s} }

var (
	star       = httprule.Segment{Kind: httprule.Star}
	doubleStar = httprule.Segment{Kind: httprule.DoubleStar}
)

func variable(name string, start, end int, multi bool) httprule.Variable {
	return httprule.Variable{FieldPath: strings.Split(name, "."), Start: start, End: end, Multi: multi}
}

func TestParseReadsEveryFormOfTheGrammar(t *testing.T) {
	t.Parallel()
	type segments = []httprule.Segment
	type variables = []httprule.Variable
	for text, want := range map[string]struct {
		template  httprule.Template
		canonical string
	}{
		"/":                      {httprule.Template{}, "/"},
		"/v1":                    {httprule.Template{Segments: segments{lit("v1")}}, "/v1"},
		"/*/b":                   {httprule.Template{Segments: segments{star, lit("b")}}, "/*/b"},
		"/v1/**":                 {httprule.Template{Segments: segments{lit("v1"), doubleStar}}, "/v1/**"},
		"/v1:go":                 {httprule.Template{Segments: segments{lit("v1")}, Verb: "go"}, "/v1:go"},
		"/*:go":                  {httprule.Template{Segments: segments{star}, Verb: "go"}, "/*:go"},
		"/**:go":                 {httprule.Template{Segments: segments{doubleStar}, Verb: "go"}, "/**:go"},
		"/a:b:c":                 {httprule.Template{Segments: segments{lit("a:b")}, Verb: "c"}, "/a%3Ab:c"},
		"/a:b/c":                 {httprule.Template{Segments: segments{lit("a:b"), lit("c")}}, "/a:b/c"},
		"/a%3ab":                 {httprule.Template{Segments: segments{lit("a:b")}}, "/a%3Ab"},
		"/%61%2f%2A%25":          {httprule.Template{Segments: segments{lit("a/*%")}}, "/a%2F%2A%25"},
		"/caf%c3%a9":             {httprule.Template{Segments: segments{lit("café")}}, "/caf%C3%A9"},
		"/a.b~c_d-e@f+g=h":       {httprule.Template{Segments: segments{lit("a.b~c_d-e@f+g=h")}}, "/a.b~c_d-e@f+g=h"},
		"/a:%67%3Ao":             {httprule.Template{Segments: segments{lit("a")}, Verb: "g:o"}, "/a:g%3Ao"},
		"/{id}":                  {httprule.Template{Segments: segments{star}, Variables: variables{variable("id", 0, 1, false)}}, "/{id}"},
		"/{id=*}:go":             {httprule.Template{Segments: segments{star}, Verb: "go", Variables: variables{variable("id", 0, 1, false)}}, "/{id}:go"},
		"/{id=me}":               {httprule.Template{Segments: segments{lit("me")}, Variables: variables{variable("id", 0, 1, false)}}, "/{id=me}"},
		"/{a.b_c.D1=**}":         {httprule.Template{Segments: segments{doubleStar}, Variables: variables{variable("a.b_c.D1", 0, 1, true)}}, "/{a.b_c.D1=**}"},
		"/v/{a=x/*/y/**}:go":     {httprule.Template{Segments: segments{lit("v"), lit("x"), star, lit("y"), doubleStar}, Verb: "go", Variables: variables{variable("a", 1, 5, true)}}, "/v/{a=x/*/y/**}:go"},
		"/{a}/{b=x/*}/{a.b}/end": {httprule.Template{Segments: segments{star, lit("x"), star, star, lit("end")}, Variables: variables{variable("a", 0, 1, false), variable("b", 1, 3, true), variable("a.b", 3, 4, false)}}, "/{a}/{b=x/*}/{a.b}/end"},
		"/{a=x:y}":               {httprule.Template{Segments: segments{lit("x:y")}, Variables: variables{variable("a", 0, 1, false)}}, "/{a=x%3Ay}"},
	} {
		t.Run(text, func(t *testing.T) {
			t.Parallel()
			got, err := httprule.Parse(text)
			if err != nil {
				t.Fatal(err)
			}
			if !reflect.DeepEqual(got, want.template) {
				t.Errorf("got %+v, want %+v", got, want.template)
			}
			if s := got.String(); s != want.canonical {
				t.Errorf("the canonical spelling is %q, want %q", s, want.canonical)
			}
		})
	}
}

func TestParseRefusesWithPositionAndRemedy(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]struct {
		offset          int
		problem, remedy string
	}{
		"":               {0, "no leading slash", `begin with "/"`},
		"v1/a":           {0, "no leading slash", `begin with "/"`},
		"//a":            {1, "empty segment", "take the slash away"},
		"/a/":            {3, "empty segment", "take the slash away"},
		"/a//b":          {3, "empty segment", "take the slash away"},
		"/:go":           {1, "empty segment", "put a literal"},
		"/{a=}":          {4, "empty segment", "put a literal"},
		"/{a=/b}":        {4, "empty segment", "put a literal"},
		"/**/a":          {1, "segments follow **", "last segment"},
		"/**/{a}":        {1, "segments follow **", "last segment"},
		"/{a=**/b}":      {4, "segments follow **", "last segment"},
		"/{a=**}/b":      {4, "segments follow **", "last segment"},
		"/{a={b}}":       {4, "variable inside", "close the outer"},
		"/{a=b/{c}}":     {6, "variable inside", "close the outer"},
		"/{a":            {1, "not closed", `add "}"`},
		"/{a=b/*":        {1, "not closed", `add "}"`},
		"/x/{":           {4, "field name", "begin it with"},
		"/{}":            {2, "field name", "begin it with"},
		"/{=*}":          {2, "field name", "begin it with"},
		"/{1a}":          {2, "field name", "begin it with"},
		"/{a.}":          {4, "field name", "begin it with"},
		"/{a..b}":        {4, "field name", "begin it with"},
		"/{a-b}":         {3, `"-" in the name`, "field path"},
		"/{a/b}":         {3, `"/" in the name`, "field path"},
		"/{a}/{b}/{a=c}": {9, `"a" is bound twice`, "once"},
		"/{a}b":          {4, `"b" after the end`, "whole segment"},
		"/b{a}":          {2, `"{" after the end`, "whole segment"},
		"/*b":            {2, `"b" after the end`, "whole segment"},
		"/***":           {3, `"*" after the end`, "whole segment"},
		"/a}":            {2, `"}" after the end`, "whole segment"},
		"/a*":            {2, "asterisk inside", "%2A"},
		"/{a=b/*c}":      {7, `"c" after a wildcard`, "whole segment"},
		"/{a=b/*:go}":    {7, "verb inside a variable", "behind the closing brace"},
		"/{a}:":          {4, "empty verb", "take the colon away"},
		"/a:":            {2, "empty verb", "take the colon away"},
		"/{a}:go/b":      {7, `"/" in or after the verb`, "end the template"},
		"/{a}:b:c":       {6, `":" in or after the verb`, "%3A"},
		"/a:b*":          {4, "asterisk inside", "%2A"},
		"/a b":           {2, `" " can not stand`, "%20"},
		"/é":             {1, "can not stand", "%C3"},
		"/a?b":           {2, `"?" can not stand`, "%3F"},
		"/a%4":           {2, "percent sign", "%25"},
		"/a%zz":          {2, "percent sign", "%25"},
		"/a/../b":        {3, `".." never arrives`, "the path it leads to"},
		"/a/%2e":         {3, `"." never arrives`, "the path it leads to"},
	} {
		t.Run(text, func(t *testing.T) {
			t.Parallel()
			_, err := httprule.Parse(text)
			var refused *httprule.SyntaxError
			if !errors.As(err, &refused) {
				t.Fatalf("got %v, want a SyntaxError", err)
			}
			if refused.Template != text || refused.Offset != want.offset {
				t.Errorf("got offset %d of %q, want %d", refused.Offset, refused.Template, want.offset)
			}
			if !strings.Contains(refused.Problem, want.problem) || !strings.Contains(refused.Remedy, want.remedy) {
				t.Errorf("got %q, want %q and %q", err, want.problem, want.remedy)
			}
		})
	}
}

func FuzzParseGivesTheSameTemplateForItsCanonicalSpelling(f *testing.F) {
	for _, seed := range []string{"/", "/v1/{a.b=x/*/**}:go", "/a%3Ab:c", "/%2e%2E.", "/{a}/{b=c:d}", "/a:b/c", "/**", "/%00%ff"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		first, err := httprule.Parse(text)
		if err != nil {
			var refused *httprule.SyntaxError
			if !errors.As(err, &refused) || refused.Offset < 0 || refused.Offset > len(text) {
				t.Fatalf("Parse(%q) = %#v", text, err)
			}
			return
		}
		again, err := httprule.Parse(first.String())
		if err != nil {
			t.Fatalf("%q became %q: %v", text, first.String(), err)
		}
		if !reflect.DeepEqual(again, first) || again.String() != first.String() {
			t.Fatalf("%q became %q: %+v, then %+v", text, first.String(), first, again)
		}
	})
}
