package config

import (
	"errors"
	"fmt"
	"regexp"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"
)

// page is a configuration file as it was read.
type page struct {
	path string
	data []byte
}

var (
	yamlPlace  = regexp.MustCompile(`^:((\d+):(\d+)) `)
	yamlSyntax = regexp.MustCompile(`^yaml: line (\d+): `)
)

// readable puts the YAML reader's errors into the form of a compiler's: file:line:column: what is wrong, with the line
// itself underneath. Errors of YAML's own syntax have no column.
func (p *page) readable(err error) error {
	if joined, ok := errors.AsType[interface {
		error
		Unwrap() []error
	}](err); ok {
		var errs []error
		for _, one := range joined.Unwrap() {
			errs = append(errs, p.readable(one))
		}
		return errors.Join(errs...)
	}
	text := strings.TrimRight(err.Error(), "\n")
	if rest, ok := strings.CutPrefix(text, p.path); ok {
		if m := yamlPlace.FindStringSubmatch(rest); m != nil {
			line, _ := strconv.Atoi(m[2])   // digits
			column, _ := strconv.Atoi(m[3]) // digits
			return fmt.Errorf("%s:%s: %s", p.path, m[1], p.plain(rest[len(m[0]):], line, column))
		}
		return errors.New(text)
	}
	if m := yamlSyntax.FindStringSubmatch(text); m != nil {
		return fmt.Errorf("%s:%s: %s", p.path, m[1], text[len(m[0]):]+p.tabs())
	}
	return fmt.Errorf("%s: %s", p.path, text)
}

// tabs is a hint at the mistake behind most of YAML's errors of syntax.
func (p *page) tabs() string {
	for line := range strings.Lines(string(p.data)) {
		if strings.HasPrefix(strings.TrimLeft(line, " "), "\t") {
			return "; YAML is indented with spaces, not with tabs"
		}
	}
	return ""
}

// placed gives each of Validate's problems the place in the file where its key stands.
func (p *page) placed(err error) error {
	joined, ok := errors.AsType[interface {
		error
		Unwrap() []error
	}](err)
	root := p.root()
	if !ok || root == nil {
		return fmt.Errorf("%s: %w", p.path, err)
	}
	var errs []error
	for _, one := range joined.Unwrap() {
		if problem, ok := errors.AsType[problem](one); ok {
			at := find(root, problem.key)
			one = fmt.Errorf("%s:%d:%d: %w", p.path, at.Line, at.Column, problem)
		}
		errs = append(errs, one)
	}
	return errors.Join(errs...)
}

// root is what the file holds, nil if that is nothing.
func (p *page) root() *yaml.Node {
	var document yaml.Node
	if yaml.Unmarshal(p.data, &document) != nil || len(document.Content) == 0 {
		return nil
	}
	return document.Content[0]
}

var keyParts = regexp.MustCompile(`[^.\[\]]+`)

// find returns the node where a key such as listeners[0].address stands, or what encloses it, if it is left out.
func find(root *yaml.Node, key string) *yaml.Node {
	at, node := root, root
	for _, part := range keyParts.FindAllString(key, -1) {
		var place *yaml.Node
		if place, node = child(node, part); node == nil {
			break
		}
		at = place
	}
	return at
}

// child returns the entry of a mapping or a sequence, and the node by which people find it: a mapping's key.
func child(node *yaml.Node, part string) (place, value *yaml.Node) {
	if node.Kind == yaml.SequenceNode {
		if i, err := strconv.Atoi(part); err == nil && i < len(node.Content) {
			return node.Content[i], node.Content[i]
		}
		return nil, nil
	}
	for i := 0; i+1 < len(node.Content); i += 2 {
		// Keys are written as the proto writes them or in lowerCamelCase.
		if strings.EqualFold(strings.ReplaceAll(node.Content[i].Value, "_", ""), strings.ReplaceAll(part, "_", "")) {
			return node.Content[i], node.Content[i+1]
		}
	}
	return nil, nil
}
