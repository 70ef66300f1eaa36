package config_test

import (
	"flag"
	"fmt"
	"os"
	"strings"
	"testing"

	"google.golang.org/protobuf/reflect/protoreflect"

	"github.com/gatehouse-edge/gatehouse/internal/source"
)

var update = flag.Bool("update", false, "write docs/configuration.md")

const (
	reference = "../../docs/configuration.md"
	marker    = "<!-- The rest is made from the comments of proto/gatehouse/config/v1 and policy.proto: go test ./internal/config -update -->\n"
)

// files are what the page is made from, in its order.
var files = []string{
	"gatehouse/config/v1/config.proto", "gatehouse/config/v1/tls.proto", "gatehouse/config/v1/authentication.proto",
	"gatehouse/v1/policy.proto", "gatehouse/config/v1/ratelimit.proto", "gatehouse/config/v1/cors.proto",
	"gatehouse/config/v1/accesslog.proto",
}

// TestTheReferencePageIsMadeFromTheProto keeps docs/configuration.md true.
func TestTheReferencePageIsMadeFromTheProto(t *testing.T) {
	t.Parallel()
	set, err := source.Dir(t.Context(), "../../proto")
	if err != nil {
		t.Fatal(err)
	}
	page, err := os.ReadFile(reference)
	if err != nil {
		t.Fatal(err)
	}
	written, rest, found := strings.Cut(string(page), marker)
	if !found {
		t.Fatalf("%s has no line %s", reference, marker)
	}
	want := ""
	for _, path := range files {
		file, err := set.Files.FindFileByPath(path)
		if err != nil {
			t.Fatal(err)
		}
		want += referenceOf(file)
	}
	if *update {
		if err := os.WriteFile(reference, []byte(written+marker+want), 0o600); err != nil {
			t.Fatal(err)
		}
		return
	}
	if rest != want {
		t.Errorf("%s is not what the proto says; write it with: go test ./internal/config -update", reference)
	}
}

func referenceOf(file protoreflect.FileDescriptor) string {
	var b strings.Builder
	for i := range file.Messages().Len() {
		writeMessage(&b, file, file.Messages().Get(i))
	}
	return b.String()
}

func writeMessage(b *strings.Builder, file protoreflect.FileDescriptor, md protoreflect.MessageDescriptor) {
	fmt.Fprintf(b, "\n## %s\n\n%s\n", md.Name(), comment(file, md))
	fmt.Fprint(b, "\n| key | type | meaning |\n| --- | --- | --- |\n")
	for i := range md.Fields().Len() {
		fd := md.Fields().Get(i)
		fmt.Fprintf(b, "| `%s` | %s | %s |\n", fd.Name(), typeOf(fd), comment(file, fd))
	}
	for i := range md.Enums().Len() {
		ed := md.Enums().Get(i)
		fmt.Fprintf(b, "\n### %s.%s\n\n%s\n\n| value | meaning |\n| --- | --- |\n", md.Name(), ed.Name(), comment(file, ed))
		for k := range ed.Values().Len() {
			v := ed.Values().Get(k)
			if text := comment(file, v); v.Number() != 0 {
				fmt.Fprintf(b, "| `%s` | %s |\n", v.Name(), text)
			}
		}
	}
}

func comment(file protoreflect.FileDescriptor, d protoreflect.Descriptor) string {
	text := file.SourceLocations().ByDescriptor(d).LeadingComments
	return strings.Join(strings.Fields(text), " ")
}

func typeOf(fd protoreflect.FieldDescriptor) string {
	name := fd.Kind().String()
	switch {
	case fd.Message() != nil && fd.Message().FullName() == "google.protobuf.Duration":
		name = "duration, such as `1.5s`"
	case fd.Message() != nil:
		name = fmt.Sprintf("[%s](#%s)", fd.Message().Name(), strings.ToLower(string(fd.Message().Name())))
	case fd.Enum() != nil:
		name = fmt.Sprintf("[%s](#%s%s)", fd.Enum().Name(), strings.ToLower(string(fd.Enum().Parent().Name())), strings.ToLower(string(fd.Enum().Name())))
	}
	if fd.IsList() {
		return "list of " + name
	}
	return name
}
