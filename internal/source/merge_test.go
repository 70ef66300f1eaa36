package source_test

import (
	"bytes"
	"slices"
	"strings"
	"testing"

	"google.golang.org/genproto/googleapis/api/annotations"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/types/descriptorpb"

	catalogv1 "github.com/gatehouse-edge/gatehouse/gen/shop/catalog/v1"

	"github.com/gatehouse-edge/gatehouse/internal/source"
)

// reread loads a set again from an image of it that change has changed.
func reread(t *testing.T, set *source.Set, name string, change func(*descriptorpb.FileDescriptorProto)) *source.Set {
	t.Helper()
	image := imageOf(set)
	for _, file := range image.GetFile() {
		change(file)
	}
	data, err := proto.Marshal(image)
	if err != nil {
		t.Fatal(err)
	}
	again, err := source.ReadImage(t.Context(), name, bytes.NewReader(data))
	if err != nil {
		t.Fatal(err)
	}
	return again
}

func catalog() protoreflect.FullName {
	return catalogv1.File_shop_catalog_v1_catalog_service_proto.Services().Get(0).FullName()
}

func TestLinkedGivesTheServicesNamed(t *testing.T) {
	t.Parallel()
	set, err := source.Linked(t.Context(), catalog())
	if err != nil {
		t.Fatal(err)
	}
	service, err := set.Service(catalog())
	if err != nil {
		t.Fatal(err)
	}
	if _, ok, err := source.Option[*annotations.HttpRule](service.Methods().Get(0).Options(), annotations.E_Http); !ok || err != nil {
		t.Errorf("(google.api.http): %v, %v", ok, err)
	}
	message, err := set.Types().FindMessageByName(service.Methods().Get(0).Input().FullName())
	if err != nil {
		t.Fatal(err)
	}
	if got := message.Descriptor(); got != service.Methods().Get(0).Input() {
		t.Errorf("the message type of a linked set is another than its method's: %v", got)
	}
}

func TestLinkedNamesEveryServiceItDoesNotKnow(t *testing.T) {
	t.Parallel()
	_, err := source.Linked(t.Context(), "x.Y", catalog(), "a.B", "google.protobuf.Any")
	want := "a.B: no service of this name is known\ngoogle.protobuf.Any: google.protobuf.Any is not a service\n" +
		"x.Y: no service of this name is known"
	if err == nil || err.Error() != want {
		t.Errorf("got %v, want %v", err, want)
	}
}

func TestMergeJoinsOriginsThatAgree(t *testing.T) {
	t.Parallel()
	linked, err := source.Linked(t.Context(), catalog())
	if err != nil {
		t.Fatal(err)
	}
	bare := reread(t, compileZoo(t), "the image", func(file *descriptorpb.FileDescriptorProto) { file.SourceCodeInfo = nil })
	merged, err := source.Merge(bare, linked, compileZoo(t))
	if err != nil {
		t.Fatal(err)
	}
	if want := []protoreflect.FullName{zooService, catalog()}; !slices.Equal(merged.Services, want) {
		t.Errorf("services: got %v, want %v", merged.Services, want)
	}
	service, err := merged.Service(zooService)
	if err != nil {
		t.Fatal(err)
	}
	if got := merged.Position(service); got.Line != 11 {
		t.Errorf("the copy with positions was not kept: %v", got)
	}
}

func TestMergeNamesBothOriginsOfAConflict(t *testing.T) {
	t.Parallel()
	other := reread(t, compileZoo(t), "the other zoo", func(file *descriptorpb.FileDescriptorProto) {
		if file.GetName() == "zoo/v1/options.proto" {
			file.MessageType[0].Field[0].Name = proto.String("menu")
		}
	})
	_, err := source.Merge(compileZoo(t), other)
	if err == nil || !strings.Contains(err.Error(), "options.proto: testdata/zoo and the other zoo have different files of this name") {
		t.Errorf("got %v", err)
	}
}

func TestMergeTakesTheBinarysVersionOfWellKnownFiles(t *testing.T) {
	t.Parallel()
	older := reread(t, compileZoo(t), "an older zoo", func(file *descriptorpb.FileDescriptorProto) {
		if file.GetName() == "google/api/http.proto" {
			file.MessageType[0].Field = file.GetMessageType()[0].GetField()[:1]
		}
	})
	newer := reread(t, compileZoo(t), "a newer zoo", func(*descriptorpb.FileDescriptorProto) {})
	merged, err := source.Merge(older, newer)
	if err != nil {
		t.Fatal(err)
	}
	message, err := merged.Files.FindDescriptorByName("google.api.Http")
	if err != nil {
		t.Fatal(err)
	}
	if got := message.(protoreflect.MessageDescriptor).Fields().Len(); got != 2 {
		t.Errorf("google.api.Http has %d fields, want the 2 of the binary's version", got)
	}
}

func FuzzImage(f *testing.F) {
	zoo := imageOf(compileZoo(f))
	whole, err := proto.Marshal(zoo)
	if err != nil {
		f.Fatal(err)
	}
	f.Add(whole)
	for _, file := range zoo.GetFile() {
		file.SourceCodeInfo = nil
		one, err := proto.Marshal(&descriptorpb.FileDescriptorSet{File: []*descriptorpb.FileDescriptorProto{file}})
		if err != nil {
			f.Fatal(err)
		}
		f.Add(one)
	}
	f.Add([]byte(`{"file":[{"name":"a.proto","dependency":["b.proto"],"weakDependency":[0]}]}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		set, err := source.ReadImage(t.Context(), "fuzzed", bytes.NewReader(data))
		if (set == nil) == (err == nil) {
			t.Fatalf("got %v and %v", set, err)
		}
		if err != nil {
			return
		}
		for _, name := range set.Services {
			service, err := set.Service(name)
			if err != nil {
				t.Fatal(err)
			}
			set.Position(service, int32(annotations.E_Http.TypeDescriptor().Number()))
		}
	})
}
