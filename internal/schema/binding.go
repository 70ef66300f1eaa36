package schema

import (
	"fmt"
	"slices"
	"strings"

	"google.golang.org/genproto/googleapis/api/annotations"
	"google.golang.org/protobuf/reflect/protoreflect"

	"github.com/gatehouse-edge/gatehouse/internal/httprule"
)

// compileBinding fills b in from its rule and reports whatever is wrong with it.
func (c *compiler) compileBinding(b *Binding, rule *annotations.HttpRule) {
	complain := func(format string, args ...any) {
		c.problem(b.Position, "%s: %s", b.Method.FullName(), fmt.Sprintf(format, args...))
	}
	method, pattern, ok := patternOf(rule)
	if !ok {
		complain("the HTTP rule has no pattern; write one such as get: \"/v1/things/{id}\"")
		return
	}
	template, err := httprule.Parse(pattern)
	if err != nil {
		complain("%v", err)
		return
	}
	b.HTTPMethod, b.Template = method, template
	input, output := b.Method.Descriptor.Input(), b.Method.Descriptor.Output()
	for _, v := range template.Variables {
		path, problem := resolve(input, v)
		if problem != "" {
			complain("%s", problem)
			continue
		}
		b.Variables = append(b.Variables, path)
	}
	if problem := b.setBody(rule.GetBody(), input); problem != "" {
		complain("%s", problem)
	}
	if name := rule.GetResponseBody(); name != "" && name != "*" {
		if b.Response = output.Fields().ByName(protoreflect.Name(name)); b.Response == nil {
			complain("response_body: %s", noField(output, name))
		}
	}
	if problem := b.checkStreams(); problem != "" {
		complain("%s", problem)
	}
}

func patternOf(rule *annotations.HttpRule) (method, pattern string, ok bool) {
	switch p := rule.GetPattern().(type) {
	case *annotations.HttpRule_Get:
		return "GET", p.Get, true
	case *annotations.HttpRule_Put:
		return "PUT", p.Put, true
	case *annotations.HttpRule_Post:
		return "POST", p.Post, true
	case *annotations.HttpRule_Delete:
		return "DELETE", p.Delete, true
	case *annotations.HttpRule_Patch:
		return "PATCH", p.Patch, true
	case *annotations.HttpRule_Custom:
		return p.Custom.GetKind(), p.Custom.GetPath(), p.Custom.GetKind() != ""
	default:
		return "", "", false
	}
}

// textual are the message types that a path segment can hold: JSON writes them as strings, numbers or booleans.
var textual = map[protoreflect.FullName]bool{
	"google.protobuf.Timestamp": true, "google.protobuf.Duration": true, "google.protobuf.FieldMask": true,
	"google.protobuf.BoolValue": true, "google.protobuf.StringValue": true, "google.protobuf.BytesValue": true,
	"google.protobuf.Int32Value": true, "google.protobuf.Int64Value": true, "google.protobuf.UInt32Value": true,
	"google.protobuf.UInt64Value": true, "google.protobuf.FloatValue": true, "google.protobuf.DoubleValue": true,
}

// resolve follows a template variable's field path. It returns the problem if there is one.
func resolve(md protoreflect.MessageDescriptor, v httprule.Variable) (FieldPath, string) {
	var path FieldPath
	for i, name := range v.FieldPath {
		fd := md.Fields().ByTextName(name)
		if fd == nil {
			return nil, fmt.Sprintf("template variable {%s}: %s", v.Name(), noField(md, name))
		}
		path = append(path, fd)
		last := i == len(v.FieldPath)-1
		switch {
		case fd.Cardinality() == protoreflect.Repeated:
			return nil, fmt.Sprintf("template variable {%s}: field %s is repeated; a path holds one value", v.Name(), fd.FullName())
		case last && fd.Message() != nil && !textual[fd.Message().FullName()]:
			return nil, fmt.Sprintf("template variable {%s}: field %s is a message; name one of its fields, such as {%s.%s}",
				v.Name(), fd.FullName(), v.Name(), firstField(fd.Message()))
		case !last && fd.Message() == nil:
			return nil, fmt.Sprintf("template variable {%s}: field %s is no message and has no field %q",
				v.Name(), fd.FullName(), v.FieldPath[i+1])
		}
		md = fd.Message()
	}
	return path, ""
}

func firstField(md protoreflect.MessageDescriptor) string {
	if md.Fields().Len() == 0 {
		return "field"
	}
	return string(md.Fields().Get(0).Name())
}

// noField says that a message has no field of that name, and which ones it has.
func noField(md protoreflect.MessageDescriptor, name string) string {
	const most = 8
	var names []string
	for i := range md.Fields().Len() {
		names = append(names, string(md.Fields().Get(i).Name()))
	}
	if len(names) > most {
		names = append(names[:most], "…")
	}
	if len(names) == 0 {
		return fmt.Sprintf("message %s has no field %q; it has none at all", md.FullName(), name)
	}
	return fmt.Sprintf("message %s has no field %q; it has %s", md.FullName(), name, strings.Join(names, ", "))
}

func (b *Binding) setBody(name string, input protoreflect.MessageDescriptor) string {
	switch {
	case name == "":
		return ""
	case b.HTTPMethod == "GET" || b.HTTPMethod == "HEAD":
		return fmt.Sprintf("a %s request has no body; remove body: %q or use another verb", b.HTTPMethod, name)
	case name == "*":
		b.Body = WholeBody
		return ""
	}
	b.Body = FieldBody
	if b.BodyField = input.Fields().ByName(protoreflect.Name(name)); b.BodyField == nil {
		return "body: " + noField(input, name)
	}
	bound := slices.ContainsFunc(b.Variables, func(path FieldPath) bool { return len(path) == 1 && path[0] == b.BodyField })
	if bound {
		return fmt.Sprintf("field %s is bound by the path and is the body too; choose one", b.BodyField.FullName())
	}
	return ""
}

// checkStreams refuses what a stream of request messages over HTTP has no place for.
func (b *Binding) checkStreams() string {
	if b.Method.Descriptor.IsStreamingClient() && b.Body == NoBody && b.HTTPMethod != "GET" {
		return fmt.Sprintf("a client stream over %s needs a body to carry its messages; add body: \"*\"", b.HTTPMethod)
	}
	return ""
}
