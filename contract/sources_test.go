package contract_test

import (
	"path/filepath"
	"testing"

	_ "go.etcd.io/etcd/api/v3/etcdserverpb" // its services are linked in
	"google.golang.org/protobuf/reflect/protoreflect"

	"github.com/gatehouse-edge/gatehouse/internal/openapi"
	"github.com/gatehouse-edge/gatehouse/internal/schema"
	"github.com/gatehouse-edge/gatehouse/internal/source"
)

// root is where the protos of the repository begin to be found from.
const root = ".."

// apis are the APIs that are documented: the sample, one that has everything, and one that somebody else annotated.
var apis = map[string]func(testing.TB) *source.Set{
	"shop":     func(t testing.TB) *source.Set { return folder(t, "shop") },
	"edgetest": func(t testing.TB) *source.Set { return folder(t, "edgetest") },
	"etcd": func(t testing.TB) *source.Set {
		return linked(t, "etcdserverpb.KV", "etcdserverpb.Watch", "etcdserverpb.Lease", "etcdserverpb.Cluster", "etcdserverpb.Maintenance", "etcdserverpb.Auth")
	},
}

// audiences are the labels that each has.
var audiences = map[string][]string{"public": nil, "partner": {"PARTNER"}, "internal": {"PARTNER", "INTERNAL"}}

var versions = map[string]openapi.Version{"3.0": openapi.V30, "3.1": openapi.V31, "3.2": openapi.V32}

// dialects are the presets, and what else differs in how messages are written.
var dialects = map[string]openapi.Dialect{
	"gatehouse": {},
	"gateway":   {Gateway: true, Emit: openapi.EmitUnpopulated, IgnoreUnknown: true},
	"sparse":    {Emit: openapi.EmitPresent, ProtoNames: true},
	"numbers":   {EnumNumbers: true, ProblemsOnly: true},
}

func folder(t testing.TB, name string) *source.Set {
	t.Helper()
	set, err := source.Dir(t.Context(), filepath.Join(root, "proto", name))
	if err != nil {
		t.Fatal(err)
	}
	return set
}

func linked(t testing.TB, services ...protoreflect.FullName) *source.Set {
	t.Helper()
	set, err := source.Linked(t.Context(), services...)
	if err != nil {
		t.Fatal(err)
	}
	return set
}

// describe makes the document of a set for an audience.
func describe(t testing.TB, set *source.Set, labels []string, version openapi.Version, dialect openapi.Dialect) *openapi.Document {
	t.Helper()
	visible := schema.Visible(labels)
	api, err := schema.Compile(set, schema.Options{Visible: visible})
	if err != nil {
		t.Fatal(err)
	}
	doc, err := openapi.Build(api, openapi.Options{
		Version: version, Visible: visible, Title: "An API", APIVersion: "v1", Policy: samplePolicy, Security: schemes,
		Dialect: func(protoreflect.FullName) *openapi.Dialect { return &dialect },
	})
	if err != nil {
		t.Fatal(err)
	}
	return doc
}

func asJSON(t testing.TB, doc *openapi.Document) []byte {
	t.Helper()
	text, err := doc.JSON()
	if err != nil {
		t.Fatal(err)
	}
	return text
}

func asYAML(t testing.TB, doc *openapi.Document) []byte {
	t.Helper()
	text, err := doc.YAML()
	if err != nil {
		t.Fatal(err)
	}
	return text
}
