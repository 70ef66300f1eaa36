package config

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"
	"google.golang.org/protobuf/reflect/protoreflect"

	configv1 "github.com/gatehouse-edge/gatehouse/gen/gatehouse/config/v1"
	"github.com/gatehouse-edge/gatehouse/internal/spelling"
)

// What the YAML reader says in the words of its own making.
var (
	unknownKey = regexp.MustCompile(`^unknown field "([^"]*)", expected one of \[.*\]`)
	badNumber  = regexp.MustCompile(`^invalid (integer|float): strconv\.\w+: parsing ("(?:[^"\\]|\\.)*"): .*`)
	badKind    = regexp.MustCompile(`^expected (\w+), got (\w+)`)
)

// kinds are YAML's kinds of nodes.
var kinds = map[string]string{"sequence": "a list", "mapping": "keys with values", "scalar": "one value"}

// plain says what the YAML reader says about a place in words for people, with the name that may have been meant.
func (p *page) plain(text string, line, column int) string {
	said, rest, _ := strings.Cut(text, "\n")
	switch {
	case unknownKey.MatchString(said):
		said = p.unknown(unknownKey.FindStringSubmatch(said)[1], line, column)
	case badNumber.MatchString(said):
		m := badNumber.FindStringSubmatch(said)
		wanted := map[string]string{"integer": "a whole number", "float": "a number"}[m[1]]
		said = fmt.Sprintf("expected %s, got %s", wanted, m[2])
	case badKind.MatchString(said):
		m := badKind.FindStringSubmatch(said)
		if want, got := kinds[m[1]], kinds[m[2]]; want != "" && got != "" {
			said = fmt.Sprintf("expected %s, got %s", want, got)
		}
	}
	return strings.TrimSuffix(said+"\n"+rest, "\n")
}

// unknown tells what a key could be that is not known where it stands.
func (p *page) unknown(key string, line, column int) string {
	names := map[string]bool{}
	if md := messageAt((*configv1.Config)(nil).ProtoReflect().Descriptor(), p.root(), line, column); md != nil {
		for i := range md.Fields().Len() {
			names[md.Fields().Get(i).TextName()] = true
		}
	}
	sorted := slices.Sorted(maps.Keys(names))
	if meant, ok := spelling.Nearest(key, slices.Values(sorted)); ok {
		return fmt.Sprintf("unknown key %q; did you mean %q?", key, meant)
	}
	return fmt.Sprintf("unknown key %q; there are %s", key, strings.Join(sorted, ", "))
}

// messageAt returns the message whose mapping has a key at a place, nil if there is none.
func messageAt(md protoreflect.MessageDescriptor, node *yaml.Node, line, column int) protoreflect.MessageDescriptor {
	if node == nil || md == nil {
		return nil
	}
	if node.Kind == yaml.SequenceNode {
		for _, item := range node.Content {
			if found := messageAt(md, item, line, column); found != nil {
				return found
			}
		}
		return nil
	}
	for i := 0; i+1 < len(node.Content); i += 2 {
		key := node.Content[i]
		if key.Line == line && key.Column == column {
			return md
		}
		if found := messageAt(within(md, key.Value), node.Content[i+1], line, column); found != nil {
			return found
		}
	}
	return nil
}

// within returns the message that a key of a message holds, nil if that is none.
func within(md protoreflect.MessageDescriptor, key string) protoreflect.MessageDescriptor {
	fd := md.Fields().ByTextName(key)
	if fd == nil {
		fd = md.Fields().ByJSONName(key)
	}
	if fd == nil || fd.IsMap() {
		return nil
	}
	return fd.Message()
}
