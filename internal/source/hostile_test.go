package source_test

import (
	"bytes"
	"compress/gzip"
	"fmt"
	"strings"
	"testing"

	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/descriptorpb"

	"github.com/gatehouse-edge/gatehouse/internal/source"
)

// fan is an image of two files a layer, each importing both files of the layer below publicly: the ways through it
// double with every layer.
func fan(layers int) *descriptorpb.FileDescriptorSet {
	image := new(descriptorpb.FileDescriptorSet)
	for layer := range layers {
		for _, side := range []string{"a", "b"} {
			file := &descriptorpb.FileDescriptorProto{Name: proto.String(fmt.Sprintf("%s%d.proto", side, layer))}
			if layer > 0 {
				file.Dependency = []string{fmt.Sprintf("a%d.proto", layer-1), fmt.Sprintf("b%d.proto", layer-1)}
				file.PublicDependency = []int32{0, 1}
			}
			image.File = append(image.File, file)
		}
	}
	return image
}

func TestImageImportsAreFoundUnderShorterNames(t *testing.T) {
	t.Parallel()
	image := imageOf(compileZoo(t))
	for _, file := range image.GetFile() {
		file.Name = proto.String(strings.TrimPrefix(file.GetName(), "zoo/v1/"))
	}
	wire, err := proto.Marshal(image)
	if err != nil {
		t.Fatal(err)
	}
	set, err := source.ReadImage(t.Context(), "flat", bytes.NewReader(wire))
	if err != nil {
		t.Fatal(err)
	}
	isWholeZoo(t, set)
}

func TestHostileImagesAreRefusedQuickly(t *testing.T) {
	t.Parallel()
	var bomb bytes.Buffer
	w := gzip.NewWriter(&bomb)
	zeros := make([]byte, 1<<20)
	for range 65 {
		if _, err := w.Write(zeros); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	marshal := func(image *descriptorpb.FileDescriptorSet) []byte {
		wire, err := proto.Marshal(image)
		if err != nil {
			t.Fatal(err)
		}
		return wire
	}
	for name, c := range map[string]struct {
		data []byte
		want string
	}{
		"zip bomb":          {bomb.Bytes(), "is larger than 64 MiB"},
		"damaged gzip":      {bomb.Bytes()[:20], "is damaged gzip"},
		"countless files":   {bytes.Repeat([]byte{0x0a, 0x00}, 1<<20), "has more than 20000 files"},
		"public import fan": {marshal(fan(64)), "ways through its public imports"},
		"text":              {[]byte("syntax = \"proto3\";"), "is not a FileDescriptorSet"},
		"nameless file":     {[]byte{0x0a, 0x00}, "a file without a name"},
		"broken JSON":       {[]byte(`{"file": 7}`), "the-image: "},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := source.ReadImage(t.Context(), "the-image", bytes.NewReader(c.data))
			if err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("got %v, want %q in it", err, c.want)
			}
		})
	}
	if _, err := source.ReadImage(t.Context(), "fan", bytes.NewReader(marshal(fan(8)))); err != nil {
		t.Errorf("a few public imports are refused: %v", err)
	}
}
