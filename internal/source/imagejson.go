package source

import (
	"context"
	"encoding/json"

	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/reflect/protoregistry"
	"google.golang.org/protobuf/types/descriptorpb"
)

// linkJSON reads an image in JSON. There, a custom option is a key with the name of its extension, and the value can
// be read only by who knows the extension. The image may define it itself, so it is read twice: once for the
// definitions, and once with them.
func linkJSON(ctx context.Context, name string, raw []byte) (*Set, error) {
	definitions, err := parseJSON(ctx, name, raw, protoregistry.GlobalTypes)
	if err != nil {
		return nil, err
	}
	return parseJSON(ctx, name, raw, definitions.Types())
}

// A resolver finds the types of extensions and of Any.
type resolver interface {
	protoregistry.MessageTypeResolver
	protoregistry.ExtensionTypeResolver
}

func parseJSON(ctx context.Context, name string, raw []byte, types resolver) (*Set, error) {
	set := new(descriptorpb.FileDescriptorSet)
	// buf's own additions and options that nothing here defines are skipped.
	options := protojson.UnmarshalOptions{DiscardUnknown: true, AllowPartial: true, Resolver: types}
	if err := options.Unmarshal(raw, set); err != nil {
		return nil, problemAt(name, err)
	}
	if len(set.GetFile()) > maxFiles {
		return nil, problemAt(name, errTooManyFiles)
	}
	imports, err := bufImports(raw)
	if err != nil {
		return nil, problemAt(name, err)
	}
	files := make([]imageFile, len(set.GetFile()))
	for i, file := range set.GetFile() {
		files[i] = imageFile{file, imports[file.GetName()]}
	}
	return linkImage(ctx, name, files)
}

// bufImports reads buf's notes which files are in the image only because others import them.
func bufImports(raw []byte) (map[string]bool, error) {
	var image struct {
		File []struct {
			Name         string
			BufExtension struct{ IsImport bool }
		}
	}
	if err := json.Unmarshal(raw, &image); err != nil {
		return nil, err
	}
	imports := make(map[string]bool)
	for _, file := range image.File {
		imports[file.Name] = file.BufExtension.IsImport
	}
	return imports, nil
}
