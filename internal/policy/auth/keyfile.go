package auth

import (
	"encoding/hex"
	"errors"
	"fmt"

	"go.yaml.in/yaml/v3"
)

// parseKeyFile reads a file of keys, strictly:
//
//	keys:
//	  - hash: 2c26b46b68ffc68ff99b453c1d30413413422d706483bfa0f98a5e886266e7ae
//	    subject: partner-42
//	    name: the warehouse of partner 42
//	    scopes: [orders.read, orders.write]
//	    tier: gold
//	    audience: partner
//	    expires: 2030-01-31T00:00:00Z
//
// A key needs a hash and a subject. The error joins all that is wrong, each with its line.
func parseKeyFile(text []byte, audiences []string) (map[digest]*grant, error) {
	var root yaml.Node
	if err := yaml.Unmarshal(text, &root); err != nil {
		return nil, err
	}
	f := keyFile{audiences: audiences, grants: map[digest]*grant{}, lines: map[digest]int{}}
	if len(root.Content) == 0 {
		return nil, errors.New(`line 1: it is empty; a file without keys says "keys: []"`)
	}
	list := &yaml.Node{}
	f.members(root.Content[0], func(name string, value *yaml.Node) bool {
		list = value
		return name == "keys"
	})
	if len(f.problems) == 0 && list.Kind != yaml.SequenceNode {
		f.problem(root.Content[0], "it has no list of keys")
	}
	if len(f.problems) == 0 {
		for _, item := range list.Content {
			f.entry(item)
		}
	}
	return f.grants, errors.Join(f.problems...)
}

type keyFile struct {
	audiences []string
	grants    map[digest]*grant
	lines     map[digest]int
	problems  []error
}

func (f *keyFile) problem(at *yaml.Node, format string, args ...any) {
	f.problems = append(f.problems, fmt.Errorf("line %d: "+format, append([]any{at.Line}, args...)...))
}

// members reads a mapping. take says whether there is a member of that name.
func (f *keyFile) members(n *yaml.Node, take func(name string, value *yaml.Node) bool) {
	if n.Kind != yaml.MappingNode {
		f.problem(n, "there has to be a mapping, such as hash: ...")
		return
	}
	seen := map[string]bool{}
	for i := 0; i+1 < len(n.Content); i += 2 {
		name := n.Content[i].Value
		if seen[name] {
			f.problem(n.Content[i], "%s is given twice", name)
		}
		seen[name] = true
		if !take(name, n.Content[i+1]) {
			f.problem(n.Content[i], "%s is not known here", name)
		}
	}
}

func (f *keyFile) entry(n *yaml.Node) {
	var e entry
	var hash string
	places := map[string]*yaml.Node{}
	fields := map[string]*string{
		"hash": &hash, "subject": &e.subject, "name": &e.name, "tier": &e.tier, "audience": &e.audience, "expires": &e.expires,
	}
	f.members(n, func(name string, value *yaml.Node) bool {
		places[name] = value
		if name == "scopes" {
			e.scopes = f.list(value)
			return true
		}
		to := fields[name]
		if to != nil {
			*to = f.text(value)
		}
		return to != nil
	})
	if n.Kind != yaml.MappingNode {
		return
	}
	report := func(field, format string, args ...any) {
		at := places[field]
		if at == nil {
			at = n
		}
		f.problem(at, field+": "+format, args...)
	}
	g := e.grant(f.audiences, report)
	sum, ok := parseHash(hash)
	if !ok {
		report("hash", "is no SHA-256 of 64 lower-case hexadecimal digits")
		return
	}
	if first, twice := f.lines[sum]; twice {
		report("hash", "is that of the key at line %d already", first)
	}
	f.grants[sum], f.lines[sum] = g, n.Line
}

func (f *keyFile) text(n *yaml.Node) string {
	if n.Kind != yaml.ScalarNode {
		f.problem(n, "there has to be a text")
	}
	return n.Value
}

func (f *keyFile) list(n *yaml.Node) []string {
	if n.Kind != yaml.SequenceNode {
		f.problem(n, "there has to be a list, such as [orders.read]")
		return nil
	}
	all := make([]string, 0, len(n.Content))
	for _, item := range n.Content {
		all = append(all, f.text(item))
	}
	return all
}

func parseHash(text string) (sum digest, ok bool) {
	if hex.DecodedLen(len(text)) != len(sum) {
		return sum, false
	}
	n, err := hex.Decode(sum[:], []byte(text))
	return sum, err == nil && n == len(sum) && hex.EncodeToString(sum[:]) == text
}
