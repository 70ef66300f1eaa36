package config

import (
	"errors"
	"fmt"
	"regexp"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"
)

var (
	yamlPlace  = regexp.MustCompile(`^:(\d+:\d+) `)
	yamlSyntax = regexp.MustCompile(`^yaml: line (\d+): `)
)

// readable puts the YAML reader's errors into the form of a compiler's: file:line:column: what is wrong, with the line
// itself underneath. Errors of YAML's own syntax have no column.
func readable(path string, err error) error {
	if joined, ok := errors.AsType[interface {
		error
		Unwrap() []error
	}](err); ok {
		var errs []error
		for _, one := range joined.Unwrap() {
			errs = append(errs, readable(path, one))
		}
		return errors.Join(errs...)
	}
	text := strings.TrimRight(err.Error(), "\n")
	if rest, ok := strings.CutPrefix(text, path); ok {
		return errors.New(path + yamlPlace.ReplaceAllString(rest, ":$1: "))
	}
	if m := yamlSyntax.FindStringSubmatch(text); m != nil {
		return fmt.Errorf("%s:%s: %s", path, m[1], text[len(m[0]):])
	}
	return fmt.Errorf("%s: %s", path, text)
}

// placed gives each of Validate's problems the place in the file where its key stands.
func placed(path string, data []byte, err error) error {
	joined, ok := errors.AsType[interface {
		error
		Unwrap() []error
	}](err)
	var root yaml.Node
	if !ok || yaml.Unmarshal(data, &root) != nil || len(root.Content) == 0 {
		return fmt.Errorf("%s: %w", path, err)
	}
	var errs []error
	for _, one := range joined.Unwrap() {
		if p, ok := errors.AsType[problem](one); ok {
			at := find(root.Content[0], p.key)
			one = fmt.Errorf("%s:%d:%d: %w", path, at.Line, at.Column, p)
		}
		errs = append(errs, one)
	}
	return errors.Join(errs...)
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
