package contract_test

import (
	"bytes"
	"slices"
	"strings"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"
	"google.golang.org/genproto/googleapis/api/annotations"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protodesc"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/types/descriptorpb"

	"github.com/gatehouse-edge/gatehouse/internal/openapi"
	"github.com/gatehouse-edge/gatehouse/internal/source"
)

// echoService has a method for every message of a set, which takes and answers with that message. In its document, the
// schemas of every message stand where they are easily found.
const echoService = "contract.EchoService"

// echoSet is a set with that service only.
func echoSet(t testing.TB, of *source.Set, messages []protoreflect.MessageDescriptor) *source.Set {
	t.Helper()
	image := new(descriptorpb.FileDescriptorSet)
	echo := &descriptorpb.FileDescriptorProto{
		Name: proto.String("contract/echo.proto"), Package: proto.String("contract"), Syntax: proto.String("proto3"),
		Service: []*descriptorpb.ServiceDescriptorProto{{Name: proto.String("EchoService")}},
	}
	of.Files.RangeFiles(func(fd protoreflect.FileDescriptor) bool {
		image.File = append(image.File, protodesc.ToFileDescriptorProto(fd))
		echo.Dependency = append(echo.Dependency, fd.Path())
		return true
	})
	slices.Sort(echo.Dependency)
	for _, md := range messages {
		options := new(descriptorpb.MethodOptions)
		proto.SetExtension(options, annotations.E_Http, &annotations.HttpRule{
			Pattern: &annotations.HttpRule_Post{Post: echoPath(md)}, Body: "*",
			AdditionalBindings: []*annotations.HttpRule{{Pattern: &annotations.HttpRule_Patch{Patch: echoPath(md)}, Body: "*"}},
		})
		name := "." + string(md.FullName())
		echo.Service[0].Method = append(echo.Service[0].Method, &descriptorpb.MethodDescriptorProto{
			Name: proto.String(strings.ReplaceAll(string(md.FullName()), ".", "_")), InputType: &name, OutputType: &name, Options: options,
		})
	}
	image.File = append(image.File, echo)
	data, err := proto.Marshal(image)
	if err != nil {
		t.Fatal(err)
	}
	set, err := source.ReadImage(t.Context(), "echo.binpb", bytes.NewReader(data))
	if err != nil {
		t.Fatal(err)
	}
	set.Services = []protoreflect.FullName{echoService}
	return set
}

func echoPath(md protoreflect.MessageDescriptor) string { return "/echo/" + string(md.FullName()) }

// messagesOf lists the messages of a package and those below it.
func messagesOf(set *source.Set, pkg string) []protoreflect.MessageDescriptor {
	var list []protoreflect.MessageDescriptor
	var add func(mds protoreflect.MessageDescriptors)
	add = func(mds protoreflect.MessageDescriptors) {
		for i := range mds.Len() {
			if md := mds.Get(i); !md.IsMapEntry() {
				list = append(list, md)
				add(md.Messages())
			}
		}
	}
	set.Files.RangeFiles(func(fd protoreflect.FileDescriptor) bool {
		if strings.HasPrefix(string(fd.Package()), pkg) {
			add(fd.Messages())
		}
		return true
	})
	slices.SortFunc(list, func(a, b protoreflect.MessageDescriptor) int {
		return strings.Compare(string(a.FullName()), string(b.FullName()))
	})
	return list
}

// schemas compiles what stands in a document, with other people's reading of JSON Schema.
type schemas struct {
	*jsonschema.Compiler
}

func schemasOf(t testing.TB, doc *openapi.Document) schemas {
	t.Helper()
	value, err := jsonschema.UnmarshalJSON(bytes.NewReader(asJSON(t, doc)))
	if err != nil {
		t.Fatal(err)
	}
	c := jsonschema.NewCompiler()
	c.DefaultDraft(jsonschema.Draft2020)
	c.AssertFormat()
	c.AssertContent()
	if err := c.AddResource("document.json", value); err != nil {
		t.Fatal(err)
	}
	return schemas{c}
}

// at compiles the schema at the place that a path of keys leads to.
func (s schemas) at(t testing.TB, keys ...string) *jsonschema.Schema {
	t.Helper()
	pointer := "document.json#"
	for _, key := range keys {
		pointer += "/" + strings.NewReplacer("~", "~0", "/", "~1", "%", "%25", "{", "%7B", "}", "%7D").Replace(key)
	}
	compiled, err := s.Compile(pointer)
	if err != nil {
		t.Fatal(err)
	}
	return compiled
}

func (s schemas) answer(t testing.TB, path, method, code string) *jsonschema.Schema {
	t.Helper()
	return s.at(t, "paths", path, method, "responses", code, "content", "application/json", "schema")
}

func (s schemas) body(t testing.TB, path, method string) *jsonschema.Schema {
	t.Helper()
	return s.at(t, "paths", path, method, "requestBody", "content", "application/json", "schema")
}

// refuses validates JSON and says what is wrong with it, "" for nothing.
func refuses(t testing.TB, s *jsonschema.Schema, text []byte) string {
	t.Helper()
	value, err := jsonschema.UnmarshalJSON(bytes.NewReader(text))
	if err != nil {
		t.Fatalf("%v: %s", err, text)
	}
	if err := s.Validate(value); err != nil {
		return err.Error()
	}
	return ""
}
