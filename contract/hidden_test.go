package contract_test

import (
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"google.golang.org/protobuf/reflect/protoreflect"

	"github.com/gatehouse-edge/gatehouse/internal/schema"
	"github.com/gatehouse-edge/gatehouse/internal/source"
)

// TestNothingHiddenIsNamed looks for every name of what an audience does not see, anywhere in its documents.
func TestNothingHiddenIsNamed(t *testing.T) {
	t.Parallel()
	hidden, err := source.Dir(t.Context(), filepath.Join("testdata", "hidden"))
	if err != nil {
		t.Fatal(err)
	}
	fewest := map[string]int{"shop": 5, "hidden": 10} // names that are to be found at all
	for name, set := range map[string]*source.Set{"shop": folder(t, "shop"), "edgetest": folder(t, "edgetest"), "hidden": hidden} {
		for _, audience := range []string{"public", "partner"} {
			n := namesOf(set, name, schema.Visible(audiences[audience]))
			hidden := n.hiddenOnly()
			if len(hidden) < fewest[name] {
				t.Errorf("%s: only %q are hidden from the %s", name, hidden, audience)
			}
			for dialectName, dialect := range dialects {
				for version, v := range versions {
					t.Run(strings.Join([]string{name, audience, dialectName, version}, " "), func(t *testing.T) {
						t.Parallel()
						text := string(asJSON(t, describe(t, set, audiences[audience], v, dialect)))
						for _, name := range hidden {
							if at := regexp.MustCompile(`\b` + regexp.QuoteMeta(name) + `\b`).FindStringIndex(text); at != nil {
								t.Errorf("%s is named: %s", name, text[max(0, at[0]-80):min(len(text), at[1]+80)])
							}
						}
					})
				}
			}
		}
	}
}

// names are those of what is declared, by whether an audience sees one of that name.
type names struct {
	visible func(protoreflect.Descriptor) bool
	seen    map[string]bool
}

func namesOf(set *source.Set, pkg string, visible func(protoreflect.Descriptor) bool) names {
	n := names{visible: visible, seen: map[string]bool{}}
	set.Files.RangeFiles(func(fd protoreflect.FileDescriptor) bool {
		if strings.HasPrefix(string(fd.Package()), pkg) {
			n.types(fd, true)
			for i := range fd.Services().Len() {
				sd := fd.Services().Get(i)
				sees := n.add(sd, true)
				for j := range sd.Methods().Len() {
					n.add(sd.Methods().Get(j), sees)
				}
			}
		}
		return true
	})
	return n
}

// types adds the messages and enums of a file or message.
func (n names) types(scope interface {
	Messages() protoreflect.MessageDescriptors
	Enums() protoreflect.EnumDescriptors
}, sees bool) {
	for i := range scope.Messages().Len() {
		md := scope.Messages().Get(i)
		sees := n.add(md, sees)
		for j := range md.Fields().Len() {
			n.add(md.Fields().Get(j), sees)
		}
		for j := range md.Oneofs().Len() {
			n.oneof(md.Oneofs().Get(j), sees)
		}
		n.types(md, sees)
	}
	for i := range scope.Enums().Len() {
		ed := scope.Enums().Get(i)
		sees := n.add(ed, sees)
		for j := range ed.Values().Len() {
			n.add(ed.Values().Get(j), sees)
		}
	}
}

// oneof adds a oneof, which is seen where one of its members is.
func (n names) oneof(od protoreflect.OneofDescriptor, sees bool) {
	seesAny := false
	for i := range od.Fields().Len() {
		seesAny = seesAny || sees && n.visible(od.Fields().Get(i))
	}
	n.note(seesAny, string(od.FullName()), string(od.Name()))
}

// add notes the names of a declaration, and tells whether the audience sees it.
func (n names) add(d protoreflect.Descriptor, sees bool) bool {
	sees = sees && n.visible(d)
	n.note(sees, string(d.FullName()), string(d.Name()))
	if fd, ok := d.(protoreflect.FieldDescriptor); ok {
		n.note(sees, fd.JSONName())
	}
	return sees
}

func (n names) note(sees bool, names ...string) {
	for _, name := range names {
		n.seen[name] = n.seen[name] || sees
	}
}

func (n names) hiddenOnly() []string {
	var list []string
	for name, seen := range n.seen {
		if !seen {
			list = append(list, name)
		}
	}
	return list
}
