package cli_test

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protodesc"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/reflect/protoregistry"
	"google.golang.org/protobuf/types/descriptorpb"
	"google.golang.org/protobuf/types/pluginpb"

	"github.com/gatehouse-edge/gatehouse/internal/cli"
	"github.com/gatehouse-edge/gatehouse/internal/source"
)

const shopProtos = "../../proto/shop"

func TestOpenAPIWritesWhatMakeGenerateHasWritten(t *testing.T) {
	t.Parallel()
	for _, audience := range []string{"public", "partner"} {
		want, err := os.ReadFile("../../openapi/" + audience + ".yaml")
		if err != nil {
			t.Fatal(err)
		}
		if status, stdout, stderr := run(t, "openapi", "--audience", audience, shopProtos); status != 0 || stdout != string(want) {
			t.Errorf("%s: status %d %s; the document is another one than openapi/%s.yaml", audience, status, stderr, audience)
		}
	}
}

func TestOpenAPIGoesByTheNameOfTheOutput(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "shop.json")
	status, stdout, stderr := run(t, "openapi", "-o", path, "--spec", "3.2", "--title", "Ours", "--api-version", "9", "--server", "https://api.example.com", shopProtos)
	if status != 0 || stdout != "" {
		t.Fatalf("status %d\n%s%s", status, stdout, stderr)
	}
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	var doc struct {
		OpenAPI string
		Info    struct{ Title, Version string }
		Servers []struct{ URL string }
	}
	if err := json.Unmarshal(text, &doc); err != nil {
		t.Fatal(err)
	}
	if !strings.HasPrefix(doc.OpenAPI, "3.2") || doc.Info.Title != "Ours" || doc.Info.Version != "9" || len(doc.Servers) != 1 || doc.Servers[0].URL != "https://api.example.com" {
		t.Errorf("the document says %+v", doc)
	}
}

func TestOpenAPIPrintsProblemsLikeACompiler(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		args []string
		want string
	}{
		{[]string{"testdata/bad"}, "testdata/bad/bad.proto:9:5: bad.v1.BadService.GetThing: template variable {nmae}"},
		{[]string{"--audience", "nobody", shopProtos}, `there is no audience "nobody"; there are public, partner, internal`},
		{nil, "nothing to document: name a folder of .proto files or an image, or a configuration that does"},
	} {
		if status, stdout, stderr := run(t, append([]string{"openapi"}, c.args...)...); status != 1 || stdout != "" || !strings.Contains(stderr, c.want) {
			t.Errorf("%v: status %d\n%s%s", c.args, status, stdout, stderr)
		}
	}
}

// compilerRequest is what a protobuf compiler asks of a plugin for the shop.
func compilerRequest(t *testing.T, parameter string) *pluginpb.CodeGeneratorRequest {
	t.Helper()
	set, err := source.Dir(t.Context(), shopProtos)
	if err != nil {
		t.Fatal(err)
	}
	request := &pluginpb.CodeGeneratorRequest{Parameter: &parameter}
	seen := map[string]bool{}
	var add func(protoreflect.FileDescriptor)
	add = func(fd protoreflect.FileDescriptor) {
		if seen[fd.Path()] {
			return
		}
		seen[fd.Path()] = true
		for i := range fd.Imports().Len() {
			path := fd.Imports().Get(i).Path()
			imported, err := set.Files.FindFileByPath(path)
			if err != nil {
				imported, err = protoregistry.GlobalFiles.FindFileByPath(path)
			}
			if err != nil {
				t.Fatal(err)
			}
			add(imported)
		}
		request.ProtoFile = append(request.ProtoFile, protodesc.ToFileDescriptorProto(fd))
		if strings.HasPrefix(fd.Path(), "shop/") {
			request.FileToGenerate = append(request.FileToGenerate, fd.Path())
		}
	}
	set.Files.RangeFiles(func(fd protoreflect.FileDescriptor) bool {
		add(fd)
		return true
	})
	return request
}

func ask(t *testing.T, request *pluginpb.CodeGeneratorRequest) *pluginpb.CodeGeneratorResponse {
	t.Helper()
	wire, err := proto.Marshal(request)
	if err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	if err := cli.Plugin(t.Context(), bytes.NewReader(wire), &out); err != nil {
		t.Fatal(err)
	}
	response := new(pluginpb.CodeGeneratorResponse)
	if err := proto.Unmarshal(out.Bytes(), response); err != nil {
		t.Fatal(err)
	}
	return response
}

func TestThePluginTellsTheCompilerWhatIsWrong(t *testing.T) {
	t.Parallel()
	if got := ask(t, compilerRequest(t, "audeince=public")).GetError(); !strings.HasPrefix(got, `there is no option "audeince"`) {
		t.Errorf("the error is %q", got)
	}
	if got := ask(t, compilerRequest(t, "audience=nobody")).GetError(); !strings.Contains(got, `there is no audience "nobody"`) {
		t.Errorf("the error is %q", got)
	}
	if err := cli.Plugin(t.Context(), strings.NewReader("no request"), new(bytes.Buffer)); err == nil {
		t.Error("what is no request is taken for one")
	}
}

func TestThePluginNamesItsFileAndKnowsEditions(t *testing.T) {
	t.Parallel()
	response := ask(t, compilerRequest(t, "audience=partner,file=docs/partner.json,title=Ours"))
	if len(response.GetFile()) != 1 || response.GetFile()[0].GetName() != "docs/partner.json" || !json.Valid([]byte(response.GetFile()[0].GetContent())) {
		t.Errorf("the answer is %v", response)
	}
	if response.GetMaximumEdition() != int32(descriptorpb.Edition_EDITION_2023) {
		t.Errorf("editions up to %d", response.GetMaximumEdition())
	}
}
