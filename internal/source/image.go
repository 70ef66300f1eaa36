package source

import (
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"

	"google.golang.org/protobuf/encoding/protowire"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/descriptorpb"
)

const missingFromImage = "build the image with its imports (buf build, or protoc --include_imports)"

// Image loads a compiled image from a file: a FileDescriptorSet as `protoc -o` and `buf build -o` write it, binary or
// JSON, as it is or compressed with gzip. It offers the services of all its files, without those that buf marked as
// imports. An image larger than 64 MiB, decompressed, is refused.
func Image(ctx context.Context, path string) (*Set, error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("loading an image: %w", err)
	}
	defer file.Close()
	return ReadImage(ctx, path, file)
}

// ReadImage loads a compiled image as [Image] does. The name is what messages call it; one that ends in .json or
// .json.gz is read as JSON, any other by what is in it.
func ReadImage(ctx context.Context, name string, r io.Reader) (*Set, error) {
	raw, err := readImage(r)
	if err != nil {
		return nil, problemAt(name, err)
	}
	if isJSONImage(name, raw) {
		return linkJSON(ctx, name, raw)
	}
	files, err := splitImage(raw)
	if err != nil {
		return nil, problemAt(name, err)
	}
	return linkImage(ctx, name, files)
}

func readImage(r io.Reader) ([]byte, error) {
	raw, err := readLimited(r, maxBytes)
	if err != nil || !bytes.HasPrefix(raw, []byte{0x1f, 0x8b}) {
		return raw, err
	}
	unzipped, err := gzip.NewReader(bytes.NewReader(raw))
	if err != nil {
		return nil, fmt.Errorf("looks like gzip, but is not: %w", err)
	}
	raw, err = readLimited(unzipped, maxBytes)
	if err != nil && !errors.Is(err, errTooManyBytes) {
		return nil, fmt.Errorf("is damaged gzip: %w", err)
	}
	return raw, err
}

// isJSONImage decides by the name, then by the first byte: a binary image begins with the tag of its first file.
func isJSONImage(name string, raw []byte) bool {
	return strings.HasSuffix(strings.TrimSuffix(name, ".gz"), ".json") || bytes.HasPrefix(raw, []byte("{"))
}

// An imageFile is a file of an image, and whether it is there only because another file imports it.
type imageFile struct {
	*descriptorpb.FileDescriptorProto
	imported bool
}

// splitImage decodes a binary image file by file, so that an image of countless tiny files stops being read.
func splitImage(raw []byte) ([]imageFile, error) {
	var files []imageFile
	for offset := 0; offset < len(raw); {
		number, kind, length := protowire.ConsumeTag(raw[offset:])
		if length < 0 {
			return nil, notAnImage(offset)
		}
		body := raw[offset+length:]
		size := protowire.ConsumeFieldValue(number, kind, body)
		if size < 0 {
			return nil, notAnImage(offset)
		}
		if number == 1 && kind == protowire.BytesType {
			content, _ := protowire.ConsumeBytes(body)
			file := new(descriptorpb.FileDescriptorProto)
			if err := proto.Unmarshal(content, file); err != nil {
				return nil, notAnImage(offset)
			}
			files = append(files, imageFile{file, isBufImport(file)})
		}
		if len(files) > maxFiles {
			return nil, errTooManyFiles
		}
		offset += length + size
	}
	return files, nil
}

func notAnImage(offset int) error {
	return fmt.Errorf("is not a FileDescriptorSet (at byte %d): give what `buf build -o` or `protoc -o` writes", offset)
}

// Files links files that somebody else has compiled, imports among them. The set offers the services of those whose paths
// are listed. The name is what messages call where they came from.
func Files(ctx context.Context, name string, files []*descriptorpb.FileDescriptorProto, offered []string) (*Set, error) {
	list := make([]imageFile, len(files))
	for i, file := range files {
		list[i] = imageFile{file, !slices.Contains(offered, file.GetName())}
	}
	return linkImage(ctx, name, list)
}

// linkImage makes a set of an image's files.
func linkImage(ctx context.Context, name string, files []imageFile) (*Set, error) {
	if len(files) == 0 {
		return nil, problemAt(name, errors.New("it holds no files: give an image that was built from some"))
	}
	d := newDraft(missingFromImage)
	imported := make(map[string]bool)
	for _, file := range files {
		if err := ctx.Err(); err != nil {
			return nil, fmt.Errorf("loading %s: %w", name, err)
		}
		if file.GetName() == "" {
			return nil, problemAt(name, errors.New("has a file without a name: it was not written by a protobuf compiler"))
		}
		d.add(name, file.FileDescriptorProto)
		imported[file.GetName()] = file.imported
	}
	return d.link(func(path string) bool { return !imported[path] })
}

// Numbers of buf's addition to FileDescriptorProto, and of its field is_import.
const (
	bufExtension protowire.Number = 8042
	bufIsImport  protowire.Number = 1
)

// isBufImport reads buf's note that a file is in the image only because another one imports it.
func isBufImport(file *descriptorpb.FileDescriptorProto) bool {
	note, kind := findField(file.ProtoReflect().GetUnknown(), bufExtension)
	if kind != protowire.BytesType {
		return false
	}
	content, length := protowire.ConsumeBytes(note)
	if length < 0 {
		return false
	}
	value, kind := findField(content, bufIsImport)
	flag, length := protowire.ConsumeVarint(value)
	return kind == protowire.VarintType && length > 0 && protowire.DecodeBool(flag)
}

// findField returns what follows the first tag of that number, and the tag's type; type -1 if there is none.
func findField(wire []byte, wanted protowire.Number) ([]byte, protowire.Type) {
	for len(wire) > 0 {
		number, kind, length := protowire.ConsumeTag(wire)
		if length < 0 {
			break
		}
		if number == wanted {
			return wire[length:], kind
		}
		size := protowire.ConsumeFieldValue(number, kind, wire[length:])
		if size < 0 {
			break
		}
		wire = wire[length+size:]
	}
	return nil, -1
}
