package contract_test

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"google.golang.org/protobuf/reflect/protoreflect"

	_ "github.com/gatehouse-edge/gatehouse/gen/edgetest/v1" // linked in, as are those below
	_ "github.com/gatehouse-edge/gatehouse/gen/shop/cart/v1"
	_ "github.com/gatehouse-edge/gatehouse/gen/shop/catalog/v1"
	_ "github.com/gatehouse-edge/gatehouse/gen/shop/home/v1"
	_ "github.com/gatehouse-edge/gatehouse/gen/shop/orders/v1"
	_ "github.com/gatehouse-edge/gatehouse/gen/shop/profile/v1"
	_ "github.com/gatehouse-edge/gatehouse/gen/shop/promotions/v1"
	_ "github.com/gatehouse-edge/gatehouse/gen/shop/support/v1"
	"github.com/gatehouse-edge/gatehouse/internal/openapi"
	"github.com/gatehouse-edge/gatehouse/internal/source"
)

// TestADocumentIsTheSameEveryTime builds each from descriptors that are compiled anew.
func TestADocumentIsTheSameEveryTime(t *testing.T) {
	t.Parallel()
	for name, load := range apis {
		for version, v := range versions {
			t.Run(name+" "+version, func(t *testing.T) {
				t.Parallel()
				var first []byte
				for range 20 {
					text := bothForms(t, load(t), v)
					if first == nil {
						first = text
					}
					if !bytes.Equal(first, text) {
						t.Fatal("the document has changed")
					}
				}
			})
		}
	}
}

func bothForms(t *testing.T, set *source.Set, v openapi.Version) []byte {
	t.Helper()
	doc := describe(t, set, nil, v, openapi.Dialect{})
	return append(asJSON(t, doc), asYAML(t, doc)...)
}

// TestADocumentIsTheSameFromAllSources compares what a folder gives with what buf's image of it gives; and, as Go packages
// have no comments, what they give with what an image without comments gives.
func TestADocumentIsTheSameFromAllSources(t *testing.T) {
	t.Parallel()
	work := workspace(t)
	for _, name := range []string{"shop", "edgetest"} {
		fromFolder := folder(t, name)
		fromImage := image(t, work, name)
		if !bytes.Equal(bothForms(t, fromFolder, openapi.V31), bothForms(t, fromImage, openapi.V31)) {
			t.Errorf("%s: the folder's and the image's differ", name)
		}
		bare := image(t, work, name, "--exclude-source-info")
		fromPackages := linked(t, fromFolder.Services...)
		if !bytes.Equal(bothForms(t, bare, openapi.V31), bothForms(t, fromPackages, openapi.V31)) {
			t.Errorf("%s: the image's and the packages' differ", name)
		}
		if !sameServices(fromFolder.Services, fromImage.Services) {
			t.Errorf("%s: the image offers %v", name, fromImage.Services)
		}
	}
}

func sameServices(a, b []protoreflect.FullName) bool {
	seen := map[protoreflect.FullName]bool{}
	for _, name := range a {
		seen[name] = true
	}
	for _, name := range b {
		if !seen[name] {
			return false
		}
	}
	return len(a) == len(b)
}

// workspace is a copy of the repository's protos with those that they import, which buf can build without a network.
func workspace(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	if err := os.CopyFS(filepath.Join(dir, "proto"), os.DirFS(filepath.Join(root, "proto"))); err != nil {
		t.Fatal(err)
	}
	config, err := os.ReadFile(filepath.Join(root, "buf.yaml"))
	if err == nil {
		err = os.WriteFile(filepath.Join(dir, "buf.yaml"), config, 0o600)
	}
	if err != nil {
		t.Fatal(err)
	}
	run(t, root, "go", "run", "./tools/protodeps", filepath.Join(dir, ".protodeps"))
	return dir
}

// image is what buf builds of the protos of one API.
func image(t *testing.T, work, name string, flags ...string) *source.Set {
	t.Helper()
	tools, err := filepath.Abs(filepath.Join(root, "tools", "buf", "go.mod"))
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "image.binpb")
	args := []string{"tool", "-modfile=" + tools, "buf", "build", work, "--path", filepath.Join(work, "proto", name), "--output", path}
	run(t, root, "go", append(args, flags...)...)
	set, err := source.Image(t.Context(), path)
	if err != nil {
		t.Fatal(err)
	}
	return set
}

func run(t *testing.T, dir, name string, args ...string) {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), name, args...)
	cmd.Dir = dir
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%s: %v\n%s", cmd, err, out)
	}
}
