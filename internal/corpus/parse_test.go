package corpus_test

import (
	"strings"
	"testing"
	"testing/fstest"

	"github.com/gatehouse-edge/gatehouse/internal/corpus"
)

const (
	opening = "# A promise.\n\n"
	get     = "> GET /edgetest/v1/resources/1\n\n"
	called  = ">> edgetest.v1.ResourceService/GetResource\n>> {\"name\": \"resources/1\"}\n\n"
	whole   = opening + get + called + "<< {\"title\": \"a\"}\n\n< 200 json\n<\n< {\"title\": \"a\", \"...\": \"...\"}\n"
)

func TestWhatIsWrongWithACaseIsNamedWithItsLine(t *testing.T) {
	t.Parallel()
	const (
		end = "\n\n< 200 any"
		rpc = ">> edgetest.v1.ResourceService/GetResource\n"
	)
	for text, want := range map[string]string{
		"":                                 "g/c.txt: has no line that begins with #",
		opening:                            "g/c.txt: has no line that begins with >",
		opening + get:                      "g/c.txt: has no line that begins with <",
		"#promise":                         "g/c.txt:1: begins with none of # @ > >> << <",
		get + opening:                      "g/c.txt:3: # stands behind >",
		opening + "> GET x" + end:          "g/c.txt:3: expected a method, a path",
		opening + "> GET / zip" + end:      `g/c.txt:3: "zip" is no form of a body`,
		opening + "> GET /\n> A b" + end:   `g/c.txt:4: expected name: value`,
		opening + "> GET /{{99999999*ab}}": "g/c.txt:3: repeats to more than",
		opening + "> GET / protobuf a.B\n>\n> {}" + end:                        "g/c.txt:3: a.B: ",
		opening + "> GET / protobuf edgetest.v1.Child\n>\n> 1" + end:           "g/c.txt:3: proto:",
		opening + get + ">> no.Such/Thing\n<< {}" + end:                        `g/c.txt:5: there is no RPC "no.Such/Thing"`,
		opening + get + "<< {}" + end:                                          "g/c.txt:5: an upstream that is not called",
		opening + get + rpc + "<< {}" + end:                                    "g/c.txt:5: edgetest.v1.ResourceService/GetResource takes one message, not 0",
		opening + get + rpc + ">> within a\n<< {}" + end:                       "g/c.txt:6: time: ",
		opening + get + rpc + ">> {}\n>> {\"titel\": 1}\n<< {}" + end:          "g/c.txt:7: proto:",
		opening + get + called + end:                                           "g/c.txt:5: the upstream is called and does not answer",
		opening + get + called + "<<" + end:                                    "g/c.txt:8: edgetest.v1.ResourceService/GetResource answers with one message, not 0",
		opening + get + called + "<< {\n<< \"titel\": 1}" + end:                "g/c.txt:9: proto:",
		opening + get + called + "<< {}\n<< trailer a" + end:                   "g/c.txt:9: expected name: value",
		opening + get + called + "<< wire 0" + end:                             "g/c.txt:8: encoding/hex: ",
		opening + get + called + "<< error LOST a" + end:                       "g/c.txt:8: ",
		opening + get + called + "<< error ABORTED a\n<< {\"@type\": 1}" + end: "g/c.txt:9: ",
		opening + get + called + "<< {}\n< 200 left\n<\n< 1":                   "g/c.txt:9: a client can not leave a call that does not hang",
		opening + get + "< 200":                                                "g/c.txt:5: expected a status and the form",
		opening + get + "< OK json":                                            "g/c.txt:5: expected a status and the form",
		opening + get + "< 200 xml":                                            `g/c.txt:5: "xml" is no form of a body`,
		opening + get + "< 200 protobuf":                                       `g/c.txt:5: "protobuf" is no form of a body`,
		opening + get + "< 200 json\n<\n< {":                                   "g/c.txt:5: the body: ",
		opening + get + "< 200 json\n<\n< {} {}":                               "g/c.txt:5: the body: 2 JSON values, not one",
		opening + get + "< 200 lines\n<\n< {}\n< {":                            "g/c.txt:5: the body: line 1: ",
		opening + get + "< 200 any\n< A":                                       "g/c.txt:6: expected name: value",
	} {
		if _, err := corpus.Parse("g/c.txt", text); err == nil || !strings.HasPrefix(err.Error(), want) {
			t.Errorf("got %v, want %s, of:\n%s", err, want, text)
		}
	}
}

func TestLoadSortsCasesAndJoinsTheirErrors(t *testing.T) {
	t.Parallel()
	files := fstest.MapFS{"b/c.txt": {Data: []byte(whole)}, "a/d.txt": {Data: []byte(whole)}, "a/notes.md": {Data: []byte("no case")}}
	all, err := corpus.Load(files)
	if err != nil || len(all) != 2 || all[0].Name != "a/d" || all[1].Group() != "b" || all[0].Promise != "A promise." {
		t.Errorf("%v %v", all, err)
	}
	files["a/x.txt"], files["b/y.txt"] = &fstest.MapFile{Data: []byte("x")}, &fstest.MapFile{Data: []byte("y")}
	if _, err := corpus.Load(files); err == nil || !strings.Contains(err.Error(), "a/x.txt:1: ") || !strings.Contains(err.Error(), "b/y.txt:1: ") {
		t.Error(err)
	}
	if _, err := corpus.Load(fstest.MapFS{}); err == nil {
		t.Error("no cases are a corpus")
	}
}
