// Command protodeps writes the third-party .proto files that the repository's protos import.
//
// They are printed from the descriptors of Go packages in go.mod, so go.sum pins them and no copy is committed:
//
//	go run ./tools/protodeps .protodeps
//
// The directory is replaced as a whole. google/protobuf/* is left out: every proto compiler brings its own.
package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/jhump/protoreflect/v2/protoprint"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/reflect/protoregistry"

	// Each import registers the files that it was generated from.
	_ "buf.build/gen/go/bufbuild/protovalidate/protocolbuffers/go/buf/validate"
	_ "github.com/envoyproxy/protoc-gen-validate/validate"
	_ "github.com/grpc-ecosystem/grpc-gateway/v2/protoc-gen-openapiv2/options"
	_ "google.golang.org/genproto/googleapis/api/annotations"
	_ "google.golang.org/genproto/googleapis/api/httpbody"
	_ "google.golang.org/genproto/googleapis/api/visibility"
	_ "google.golang.org/genproto/googleapis/rpc/code"
	_ "google.golang.org/genproto/googleapis/rpc/errdetails"
	_ "google.golang.org/genproto/googleapis/rpc/status"
)

func main() {
	if len(os.Args) != 2 {
		fmt.Fprintln(os.Stderr, "usage: protodeps DIRECTORY")
		os.Exit(2)
	}
	if err := write(os.Args[1]); err != nil {
		fmt.Fprintln(os.Stderr, "protodeps:", err)
		os.Exit(1)
	}
}

// write prints the linked-in files under dir, beside it first: a failed run leaves dir as it was.
func write(dir string) error {
	next := dir + ".next"
	if err := os.RemoveAll(next); err != nil {
		return fmt.Errorf("clear %s: %w", next, err)
	}
	printer := protoprint.Printer{ForceFullyQualifiedNames: true}
	if err := printer.PrintProtosToFileSystem(thirdParty(), next); err != nil {
		return fmt.Errorf("print protos to %s: %w", next, err)
	}
	if err := os.RemoveAll(dir); err != nil {
		return fmt.Errorf("clear %s: %w", dir, err)
	}
	if err := os.Rename(next, filepath.Clean(dir)); err != nil {
		return fmt.Errorf("put %s in place: %w", dir, err)
	}
	return nil
}

func thirdParty() []protoreflect.FileDescriptor {
	var files []protoreflect.FileDescriptor
	protoregistry.GlobalFiles.RangeFiles(func(file protoreflect.FileDescriptor) bool {
		if !strings.HasPrefix(file.Path(), "google/protobuf/") {
			files = append(files, file)
		}
		return true
	})
	return files
}
