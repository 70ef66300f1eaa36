package source

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"buf.build/go/protoyaml"
	"go.yaml.in/yaml/v3"
	"google.golang.org/genproto/googleapis/api/annotations"
	"google.golang.org/genproto/googleapis/api/serviceconfig"
	"google.golang.org/protobuf/proto"
)

const (
	serviceConfigType     = "google.api.Service"
	maxServiceConfigBytes = 4 << 20
)

// A Rule is the HTTP rule that a service configuration gives a method, and where it stands.
type Rule struct {
	*annotations.HttpRule
	Position Position
}

// ServiceConfig reads the HTTP rules of a service configuration in YAML (`type: google.api.Service`), by selector: the
// full name of a method. Whether a method of that name exists is for the caller to say. An unknown key is a problem,
// and so is a second rule for the same selector.
func ServiceConfig(path string) (map[string]Rule, error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("opening service configuration: %w", err)
	}
	defer file.Close() // only read from
	return ReadServiceConfig(path, file)
}

// ReadServiceConfig reads a service configuration as [ServiceConfig] does. Problems call it name.
func ReadServiceConfig(name string, r io.Reader) (map[string]Rule, error) {
	data, err := readLimited(r, maxServiceConfigBytes)
	if err != nil {
		return nil, fmt.Errorf("reading service configuration %s: %w", name, err)
	}
	if len(bytes.TrimSpace(data)) == 0 {
		return nil, Problem{Position{File: name}, "is empty, and should begin with `type: " + serviceConfigType + "`"}
	}
	reader := &serviceConfigReader{name: name, places: make(map[*annotations.HttpRule]Position)}
	config := new(serviceconfig.Service)
	err = protoyaml.UnmarshalOptions{Path: name, CustomUnmarshaler: reader}.Unmarshal(data, config)
	if problems := slices.Concat(reader.problems, yamlProblems(name, err)); len(problems) > 0 {
		return nil, joinProblems(problems)
	}
	return reader.rules(config.GetHttp().GetRules())
}

// serviceConfigReader looks over the YAML reader's shoulder: it checks the key `type`, which is not a field of
// google.api.Service, and remembers where rules stand.
type serviceConfigReader struct {
	name     string
	places   map[*annotations.HttpRule]Position
	problems []Problem
}

// Unmarshal implements [protoyaml.CustomUnmarshaler], and leaves the reading itself to protoyaml.
func (r *serviceConfigReader) Unmarshal(node *yaml.Node, message proto.Message) (bool, error) {
	switch message := message.(type) {
	case *serviceconfig.Service:
		r.takeType(node)
	case *annotations.HttpRule:
		r.places[message] = r.at(node)
	}
	return false, nil
}

func (r *serviceConfigReader) at(node *yaml.Node) Position {
	return Position{File: r.name, Line: node.Line, Column: node.Column}
}

func (r *serviceConfigReader) problem(node *yaml.Node, format string, args ...any) {
	r.problems = append(r.problems, Problem{r.at(node), fmt.Sprintf(format, args...)})
}

func (r *serviceConfigReader) takeType(node *yaml.Node) {
	if node.Kind != yaml.MappingNode {
		return // protoyaml says so
	}
	for i := 0; i+1 < len(node.Content); i += 2 {
		if key, value := node.Content[i], node.Content[i+1]; key.Value == "type" {
			if value.Value != serviceConfigType {
				r.problem(value, "type is %q, and only %s is read here", value.Value, serviceConfigType)
			}
			node.Content = append(node.Content[:i:i], node.Content[i+2:]...)
			return
		}
	}
	r.problem(node, "the key type is missing: write `type: %s`", serviceConfigType)
}

func (r *serviceConfigReader) rules(list []*annotations.HttpRule) (map[string]Rule, error) {
	rules := make(map[string]Rule, len(list))
	var problems []Problem
	for _, rule := range list {
		pos, selector := r.places[rule], rule.GetSelector()
		first, twice := rules[selector]
		switch {
		case selector == "":
			problems = append(problems, Problem{pos, "the rule has no selector: name the method it is for"})
		case strings.Contains(selector, "*"):
			problems = append(problems, Problem{pos, fmt.Sprintf("selector %q: name one method in full", selector)})
		case twice:
			problems = append(problems, Problem{pos, fmt.Sprintf(
				"%s has a rule already, at %s: put this one under its additional_bindings", selector, first.Position)})
		default:
			rules[selector] = Rule{rule, pos}
		}
	}
	if err := joinProblems(problems); err != nil {
		return nil, err
	}
	return rules, nil
}

var (
	yamlPlace  = regexp.MustCompile(`^:(\d+):(\d+) (.*)`)
	yamlSyntax = regexp.MustCompile(`^yaml: line (\d+): (.*)`)
)

// yamlProblems takes the YAML reader's errors apart. It gives each as one text: the place, what is wrong, and the
// line itself underneath.
func yamlProblems(name string, err error) []Problem {
	if err == nil {
		return nil
	}
	if joined, ok := errors.AsType[interface {
		error
		Unwrap() []error
	}](err); ok {
		var problems []Problem
		for _, one := range joined.Unwrap() {
			problems = append(problems, yamlProblems(name, one)...)
		}
		return problems
	}
	if m := yamlPlace.FindStringSubmatch(strings.TrimPrefix(err.Error(), name)); m != nil {
		return []Problem{{Position{name, number(m[1]), number(m[2])}, m[3]}}
	}
	if m := yamlSyntax.FindStringSubmatch(err.Error()); m != nil {
		return []Problem{{Position{name, number(m[1]), 1}, m[2]}}
	}
	return []Problem{{Position{File: name}, plain(err)}}
}

// number reads digits that a pattern has matched.
func number(digits string) int {
	n, _ := strconv.Atoi(digits)
	return n
}
