package source_test

import (
	"bytes"
	"compress/gzip"
	"slices"
	"strings"
	"testing"

	"google.golang.org/genproto/googleapis/api/annotations"
	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/encoding/protowire"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protodesc"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/types/descriptorpb"
	"google.golang.org/protobuf/types/dynamicpb"

	"github.com/envoyproxy/protoc-gen-validate/validate"

	"github.com/gatehouse-edge/gatehouse/internal/source"
)

const zooService = protoreflect.FullName("zoo.v1.ZooService")

// compileZoo compiles the zoo of testdata, from which the tests make every other origin.
func compileZoo(t testing.TB) *source.Set {
	t.Helper()
	set, err := source.Dir(t.Context(), "testdata/zoo")
	if err != nil {
		t.Fatal(err)
	}
	return set
}

// imageOf writes a set's files down, imports first, as a compiler does with --include_imports.
func imageOf(set *source.Set, leaveOut ...string) *descriptorpb.FileDescriptorSet {
	image := new(descriptorpb.FileDescriptorSet)
	set.Files.RangeFiles(func(file protoreflect.FileDescriptor) bool {
		if !slices.Contains(leaveOut, file.Path()) {
			image.File = append(image.File, protodesc.ToFileDescriptorProto(file))
		}
		return true
	})
	slices.SortFunc(image.File, func(a, b *descriptorpb.FileDescriptorProto) int {
		return strings.Compare(a.GetName(), b.GetName())
	})
	return image
}

// isWholeZoo checks what every origin of the zoo must give alike.
func isWholeZoo(t *testing.T, set *source.Set) {
	t.Helper()
	if want := []protoreflect.FullName{zooService}; !slices.Equal(set.Services, want) {
		t.Errorf("services: got %v, want %v", set.Services, want)
	}
	service, err := set.Service(zooService)
	if err != nil {
		t.Fatal(err)
	}
	get := service.Methods().ByName("GetAnimal")
	rule, ok, err := source.Option[*annotations.HttpRule](get.Options(), annotations.E_Http)
	if err != nil || !ok || rule.GetGet() != "/v1/animals/{name}" || len(rule.GetAdditionalBindings()) != 1 {
		t.Errorf("(google.api.http): got %v, %v, %v", rule, ok, err)
	}
	name := get.Output().Fields().ByName("name")
	rules, ok, err := source.Option[*validate.FieldRules](name.Options(), validate.E_Rules)
	if err != nil || !ok || rules.GetString_().GetMinLen() != 1 {
		t.Errorf("(validate.rules): got %v, %v, %v", rules, ok, err)
	}
	if den := get.Output().Fields().ByNumber(2); den.Kind() != protoreflect.GroupKind || den.Message().Fields().Get(0).JSONName() != "depth" {
		t.Errorf("the group was lost: %v", den)
	}
	ownOption(t, set, get)
	ownExtension(t, set)
}

// ownOption reads an option that only the zoo itself declares.
func ownOption(t *testing.T, set *source.Set, method protoreflect.MethodDescriptor) {
	t.Helper()
	xt, err := set.Types().FindExtensionByName("zoo.v1.care")
	if err != nil {
		t.Fatal(err)
	}
	care, ok, err := source.Option[proto.Message](method.Options(), xt)
	if err != nil || !ok {
		t.Fatalf("(zoo.v1.care): got %v, %v, %v", care, ok, err)
	}
	diet := care.ProtoReflect().Descriptor().Fields().ByName("diet")
	if got := care.ProtoReflect().Get(diet).String(); got != "fish" {
		t.Errorf("(zoo.v1.care).diet: got %q, want fish", got)
	}
}

// ownExtension reads JSON that holds an extension of a message and an Any, with the set's types.
func ownExtension(t *testing.T, set *source.Set) {
	t.Helper()
	mt, err := set.Types().FindMessageByURL("type.googleapis.com/zoo.v1.Animal")
	if err != nil {
		t.Fatal(err)
	}
	animal := mt.New().Interface()
	unmarshal := protojson.UnmarshalOptions{Resolver: set.Types()}
	if err := unmarshal.Unmarshal([]byte(`{"name":"Ida","[zoo.v1.nickname]":"Icy"}`), animal); err != nil {
		t.Fatal(err)
	}
	wire, err := proto.Marshal(animal)
	if err != nil {
		t.Fatal(err)
	}
	again := dynamicpb.NewMessage(mt.Descriptor())
	if err := (proto.UnmarshalOptions{Resolver: set.Types()}).Unmarshal(wire, again); err != nil || !proto.Equal(animal, again) {
		t.Errorf("got %v, %v, want %v", again, err, animal)
	}
}

func TestEveryFormOfAnImageGivesTheSame(t *testing.T) {
	t.Parallel()
	full := imageOf(compileZoo(t))
	binary, err := proto.Marshal(full)
	if err != nil {
		t.Fatal(err)
	}
	withOptions := new(descriptorpb.FileDescriptorSet)
	if err := (proto.UnmarshalOptions{Resolver: compileZoo(t).Types()}).Unmarshal(binary, withOptions); err != nil {
		t.Fatal(err)
	}
	json, err := protojson.MarshalOptions{Resolver: compileZoo(t).Types()}.Marshal(withOptions)
	if err != nil {
		t.Fatal(err)
	}
	var zipped bytes.Buffer
	w := gzip.NewWriter(&zipped)
	if _, err := w.Write(binary); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	withoutPositions := proto.CloneOf(full)
	for _, file := range withoutPositions.GetFile() {
		file.SourceCodeInfo = nil
	}
	bare, err := proto.Marshal(withoutPositions)
	if err != nil {
		t.Fatal(err)
	}
	withoutImports, err := proto.Marshal(imageOf(compileZoo(t), "google/api/annotations.proto", "google/api/http.proto",
		"google/protobuf/descriptor.proto", "google/protobuf/empty.proto", "validate/validate.proto",
		"google/protobuf/duration.proto", "google/protobuf/timestamp.proto"))
	if err != nil {
		t.Fatal(err)
	}
	for name, data := range map[string][]byte{
		"binary": binary, "gzipped": zipped.Bytes(), "JSON": json, "no source positions": bare, "no well-known imports": withoutImports,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			set, err := source.ReadImage(t.Context(), "zoo", bytes.NewReader(data))
			if err != nil {
				t.Fatal(err)
			}
			isWholeZoo(t, set)
		})
	}
}

func TestFolderGivesServicesOptionsAndPositions(t *testing.T) {
	t.Parallel()
	set := compileZoo(t)
	isWholeZoo(t, set)
	service, err := set.Service(zooService)
	if err != nil {
		t.Fatal(err)
	}
	get, feed := service.Methods().ByName("GetAnimal"), service.Methods().ByName("Feed")
	http := int32(annotations.E_Http.TypeDescriptor().Number())
	const file = "testdata/zoo/zoo/v1/zoo_service.proto"
	for name, c := range map[string]struct{ got, want source.Position }{
		"method":               {set.Position(get), source.Position{File: file, Line: 13, Column: 3}},
		"option":               {set.Position(get, http), source.Position{File: file, Line: 14, Column: 5}},
		"verb":                 {set.Position(get, http, 2), source.Position{File: file, Line: 15, Column: 7}},
		"additional binding":   {set.Position(get, http, 11, 0), source.Position{File: file, Line: 16, Column: 7}},
		"option written short": {set.Position(feed, http), source.Position{File: file, Line: 27, Column: 5}},
		"option that is not":   {set.Position(feed, 50001), source.Position{File: file, Line: 26, Column: 3}},
		"well-known file": {
			set.Position(feed.Output()), source.Position{File: "google/protobuf/empty.proto"},
		},
	} {
		if c.got != c.want {
			t.Errorf("%s: got %v, want %v", name, c.got, c.want)
		}
	}
	if got := service.ParentFile().SourceLocations().ByDescriptor(get).LeadingComments; got != " Looks one animal up.\n" {
		t.Errorf("comment: got %q", got)
	}
}

func TestSingleFileIsCompiled(t *testing.T) {
	t.Parallel()
	set, err := source.Dir(t.Context(), "testdata/zoo/zoo/v1/zoo_service.proto", "testdata/zoo")
	if err != nil {
		t.Fatal(err)
	}
	isWholeZoo(t, set)
}

func TestEditionsAreCompiled(t *testing.T) {
	t.Parallel()
	set, err := source.Dir(t.Context(), "testdata/editions")
	if err != nil {
		t.Fatal(err)
	}
	service, err := set.Service("den.v1.DenService")
	if err != nil {
		t.Fatal(err)
	}
	fields := service.Methods().Get(0).Input().Fields()
	if fields.ByName("name").HasPresence() || !fields.ByName("depth").HasPresence() || fields.ByName("inner").Kind() != protoreflect.GroupKind {
		t.Errorf("features were lost: %v", fields)
	}
}

func TestNewestEditionIsLinked(t *testing.T) {
	t.Parallel()
	set, err := source.Dir(t.Context(), "testdata/editions")
	if err != nil {
		t.Fatal(err)
	}
	image := imageOf(set)
	for _, file := range image.GetFile() {
		if file.GetName() == "den.proto" {
			file.Edition = descriptorpb.Edition_EDITION_2024.Enum()
			file.OptionDependency = []string{"house/options.proto"}
		}
	}
	data, err := proto.Marshal(image)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := source.ReadImage(t.Context(), "den", bytes.NewReader(data)); err != nil {
		t.Error(err)
	}
}

func TestAllCompileErrorsComeAtOnceInSourceOrder(t *testing.T) {
	t.Parallel()
	_, err := source.Dir(t.Context(), "testdata/broken")
	if err == nil {
		t.Fatal("the broken folder compiled")
	}
	lines := strings.Split(err.Error(), "\n")
	want := []string{
		`testdata/broken/a.proto:5:8: import "nowhere/nothing.proto" is not found`,
		"testdata/broken/b.proto:6:3: ",
		"testdata/broken/b.proto:11:22: ",
		"testdata/broken/c.proto:6:17: syntax error",
	}
	if len(lines) != len(want) {
		t.Fatalf("got %d lines, want %d:\n%v", len(lines), len(want), err)
	}
	for i, line := range want {
		if !strings.HasPrefix(lines[i], line) {
			t.Errorf("line %d: got %q, want it to begin with %q", i+1, lines[i], line)
		}
	}
}

func TestImportsThatBufMarksOfferNoServices(t *testing.T) {
	t.Parallel()
	image := imageOf(compileZoo(t))
	isImport := protowire.AppendVarint(protowire.AppendTag(nil, 1, protowire.VarintType), 1)
	mark := protowire.AppendBytes(protowire.AppendTag(nil, 8042, protowire.BytesType), isImport)
	for _, file := range image.GetFile() {
		file.ProtoReflect().SetUnknown(mark)
	}
	data, err := proto.Marshal(image)
	if err != nil {
		t.Fatal(err)
	}
	set, err := source.ReadImage(t.Context(), "zoo", bytes.NewReader(data))
	if err != nil {
		t.Fatal(err)
	}
	if len(set.Services) != 0 {
		t.Errorf("got services %v of files that are only imported", set.Services)
	}
}

func TestImageProblemsNameFileAndImport(t *testing.T) {
	t.Parallel()
	cyclic := func(image *descriptorpb.FileDescriptorSet) {
		for _, file := range image.GetFile() {
			if file.GetName() == "zoo/v1/animal.proto" {
				file.Dependency = append(file.Dependency, "zoo/v1/all.proto")
			}
		}
	}
	for name, c := range map[string]struct {
		leaveOut []string
		change   func(*descriptorpb.FileDescriptorSet)
		want     []string
	}{
		"missing imports": {
			leaveOut: []string{"zoo/v1/animal.proto", "zoo/v1/options.proto"},
			want: []string{
				`zoo/v1/all.proto: imports "zoo/v1/animal.proto", which is missing: build the image with its imports`,
				`zoo/v1/zoo_service.proto: imports "zoo/v1/options.proto", which is missing`,
			},
		},
		"cycle": {
			change: cyclic,
			want:   []string{"imports itself: zoo/v1/all.proto -> zoo/v1/animal.proto -> zoo/v1/all.proto"},
		},
		"empty": {
			change: func(image *descriptorpb.FileDescriptorSet) { image.File = nil },
			want:   []string{"it holds no files"},
		},
		"file twice": {
			change: func(image *descriptorpb.FileDescriptorSet) {
				other := proto.CloneOf(image.GetFile()[len(image.GetFile())-1])
				other.Service = nil
				image.File = append(image.File, other)
			},
			want: []string{"zoo/v1/zoo_service.proto: the-image has this file twice, with different content"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			image := imageOf(compileZoo(t), c.leaveOut...)
			if c.change != nil {
				c.change(image)
			}
			data, err := proto.Marshal(image)
			if err != nil {
				t.Fatal(err)
			}
			_, err = source.ReadImage(t.Context(), "the-image", bytes.NewReader(data))
			if err == nil {
				t.Fatal("the image was accepted")
			}
			for _, want := range c.want {
				if !strings.Contains(err.Error(), want) {
					t.Errorf("got %q, want %q in it", err, want)
				}
			}
		})
	}
}
