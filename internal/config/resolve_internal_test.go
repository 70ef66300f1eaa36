package config

import (
	"strings"
	"testing"

	"google.golang.org/protobuf/reflect/protoreflect"

	configv1 "github.com/gatehouse-edge/gatehouse/gen/gatehouse/config/v1"
	"github.com/gatehouse-edge/gatehouse/internal/source"
)

// TestEveryPathIsRelativeToTheConfigurationFile fills in every key, and expects of those whose comments say so that they
// are resolved, and of no other.
func TestEveryPathIsRelativeToTheConfigurationFile(t *testing.T) {
	t.Parallel()
	set, err := source.Dir(t.Context(), "../../proto")
	if err != nil {
		t.Fatal(err)
	}
	said := func(fd protoreflect.FieldDescriptor) bool {
		return fd.Name() != "server_name" && (saysRelative(set, fd) || saysRelative(set, fd.ContainingMessage()))
	}
	cfg := new(configv1.Config)
	fill(cfg.ProtoReflect(), "file")
	cfg.Sources = []*configv1.Source{{Origin: &configv1.Source_Image{Image: "file"}}, {Origin: &configv1.Source_Protos{Protos: "file"}}, {Origin: &configv1.Source_Reflection{Reflection: "file"}}}
	resolve(cfg, "/folder")
	paths := 0
	var look func(m protoreflect.Message)
	look = func(m protoreflect.Message) {
		m.Range(func(fd protoreflect.FieldDescriptor, v protoreflect.Value) bool {
			for _, one := range values(fd, v) {
				if fd.Message() != nil {
					look(one.Message())
				}
				if fd.Kind() != protoreflect.StringKind {
					continue
				}
				resolved := one.String() == "/folder/file"
				if resolved != said(fd) {
					t.Errorf("%s: resolved: %v, said to be relative to the configuration file: %v", fd.FullName(), resolved, said(fd))
				}
				if resolved {
					paths++
				}
			}
			return true
		})
	}
	look(cfg.ProtoReflect())
	if paths < 10 {
		t.Errorf("only %d paths", paths)
	}
}

func saysRelative(set *source.Set, d protoreflect.Descriptor) bool {
	own, err := set.Files.FindDescriptorByName(d.FullName())
	if err != nil {
		return false
	}
	comments := own.ParentFile().SourceLocations().ByDescriptor(own).LeadingComments
	_, isMessage := d.(protoreflect.MessageDescriptor)
	return strings.Contains(strings.Join(strings.Fields(comments), " "), "elative to the configuration file") &&
		!(isMessage && d.Name() == "Config")
}

// fill gives every field of a message, however deep, a value.
func fill(m protoreflect.Message, text string) {
	for i := range m.Descriptor().Fields().Len() {
		fd := m.Descriptor().Fields().Get(i)
		switch {
		case strings.HasPrefix(string(m.Descriptor().FullName()), "google."), strings.HasPrefix(string(m.Descriptor().FullName()), "gatehouse.v1."):
		case fd.IsList() && fd.Message() != nil:
			fill(m.Mutable(fd).List().AppendMutable().Message(), text)
		case fd.IsList() && fd.Kind() == protoreflect.StringKind:
			m.Mutable(fd).List().Append(protoreflect.ValueOfString(text))
		case fd.Message() != nil:
			fill(m.Mutable(fd).Message(), text)
		case fd.Kind() == protoreflect.StringKind:
			m.Set(fd, protoreflect.ValueOfString(text))
		}
	}
}

func values(fd protoreflect.FieldDescriptor, v protoreflect.Value) []protoreflect.Value {
	if !fd.IsList() {
		return []protoreflect.Value{v}
	}
	var list []protoreflect.Value
	for i := range v.List().Len() {
		list = append(list, v.List().Get(i))
	}
	return list
}
