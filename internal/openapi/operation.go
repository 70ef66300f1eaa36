package openapi

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"google.golang.org/protobuf/reflect/protoreflect"

	"github.com/gatehouse-edge/gatehouse/internal/schema"
)

const httpBody = "google.api.HttpBody"

// call is one binding with what its parts are described from.
type call struct {
	*schema.Binding
	dialect  *Dialect
	policy   *Policy // nil if nothing is known of it
	input    protoreflect.MessageDescriptor
	output   protoreflect.MessageDescriptor
	takesTag bool // If-Match says which state the resource must have
	uploads  bool // a stream of requests
	streams  bool // a stream of answers
	lossy    bool // it is made of others' answers, of which some may be missing
	rawIn    bool // the body is a google.api.HttpBody
	rawOut   bool // the answer is one
}

func (b *builder) call(binding *schema.Binding) *call {
	md := binding.Method.Descriptor
	c := &call{
		Binding: binding, dialect: b.dialectOf(binding), policy: b.policyOf(binding.Method), input: md.Input(), output: md.Output(),
		uploads: md.IsStreamingClient(), streams: md.IsStreamingServer(),
	}
	switch binding.Body {
	case schema.WholeBody:
		c.rawIn = md.Input().FullName() == httpBody
	case schema.FieldBody:
		c.rawIn = isHTTPBody(binding.BodyField)
	case schema.NoBody:
	}
	c.rawOut = isHTTPBody(binding.Response)
	if binding.Response == nil {
		c.rawOut = md.Output().FullName() == httpBody
	}
	c.takesTag = b.takesTag(c)
	c.lossy = b.isLossy(md, map[protoreflect.FullName]bool{})
	return c
}

func isHTTPBody(fd protoreflect.FieldDescriptor) bool {
	return fd != nil && fd.Message() != nil && fd.Message().FullName() == httpBody && !fd.IsList() && !fd.IsMap()
}

// isTagged tells whether a success carries an entity tag.
func (c *call) isTagged() bool {
	return c.HTTPMethod == methodGet && !c.streams && !c.uploads && !c.rawOut && !c.dialect.Gateway
}

// isSocket tells whether the method can be reached by a WebSocket at its path.
func (c *call) isSocket() bool { return c.streams || c.uploads }

// operation describes a binding.
func (b *builder) operation(binding *schema.Binding) {
	c := b.call(binding)
	m := binding.Method
	op := &Operation{
		Tags: []string{b.tags[m.Service.Descriptor.FullName()]}, OperationID: b.operationID(binding),
		Deprecated: m.Answer.Deprecation != "", call: c,
	}
	op.Summary, op.Description = b.operationText(m.Descriptor)
	op.Description = paragraphs(op.Description, b.pathText(c), socketText(c), b.successText(c), b.policyText(c))
	op.Parameters = slices.Concat(b.pathParameters(c), b.queryParameters(c), b.headerParameters(c))
	op.RequestBody = b.requestBody(c)
	b.responses(op, c)
	op.Security = b.security(c.policy)
	if c.isSocket() && !c.rawIn && !c.rawOut {
		op.WebSocket = &WebSocket{
			Send: b.message(c.input, scope{input, c.dialect}), Receive: b.message(c.output, scope{output, c.dialect}),
		}
	}
	b.operationOptions(op, c)
	op.Summary = cmp.Or(op.Summary, inWords(string(m.Descriptor.Name())))
	b.place(binding, op)
}

// inWords makes a phrase of a name, for an operation that nobody has described: GetIAMPolicy is "Get IAM policy".
func inWords(name string) string {
	isUpper := func(i int) bool { return i < len(name) && 'A' <= name[i] && name[i] <= 'Z' }
	var words []string
	start := 0
	for i := 1; i <= len(name); i++ {
		// A word begins at a capital that does not follow one, and at the last of several that something follows.
		if i < len(name) && (!isUpper(i) || isUpper(i-1) && (isUpper(i+1) || i+1 == len(name))) {
			continue
		}
		word := name[start:i]
		if start > 0 && !isUpper(start+1) {
			word = strings.ToLower(word)
		}
		words = append(words, strings.Trim(word, "_"))
		start = i
	}
	return strings.Join(words, " ")
}

// nameOperations makes sure that every operation has an id of its own.
func (b *builder) nameOperations(services []*schema.Service) {
	count := map[protoreflect.Name]int{}
	for _, s := range services {
		count[s.Descriptor.Name()]++
	}
	b.shortNames = map[protoreflect.FullName]string{}
	for _, s := range services {
		name := string(s.Descriptor.Name())
		if count[s.Descriptor.Name()] > 1 {
			name = strings.ReplaceAll(string(s.Descriptor.FullName()), ".", "_")
		}
		b.shortNames[s.Descriptor.FullName()] = name
	}
}

// operationID is the service's name and the method's, with a number for each further binding. An option may say otherwise.
func (b *builder) operationID(binding *schema.Binding) string {
	m := binding.Method
	id := b.shortNames[m.Service.Descriptor.FullName()] + "_" + string(m.Descriptor.Name())
	if own := b.ownOperationID(m); own != "" {
		id = own
	}
	if n := slices.Index(m.Bindings, binding); n > 0 {
		id += fmt.Sprint(n + 1)
	}
	if other := b.operationIDs[id]; other != nil {
		b.problem(binding.Position, "%s: the operation id %q is that of %s too; give one of them another in openapiv2_operation.operation_id",
			m.FullName(), id, other.Method.FullName())
	}
	b.operationIDs[id] = binding
	return id
}

// pathText explains parameters that together are one field.
func (b *builder) pathText(c *call) string {
	path := b.paths[c.Binding]
	var lines []string
	for i, v := range c.Template.Variables {
		if !v.Multi {
			continue
		}
		var value strings.Builder
		for j := v.Start; j < v.End; j++ {
			if j > v.Start {
				value.WriteByte('/')
			}
			if at := slices.IndexFunc(path.holes, func(h hole) bool { return h.segment == j }); at >= 0 {
				value.WriteString("{" + path.holes[at].name + "}")
			} else {
				value.WriteString(c.Template.Segments[j].Literal)
			}
		}
		lines = append(lines, fmt.Sprintf("The path's `%s` is the field `%s`.", value.String(), c.dialect.pathName(c.Variables[i])))
	}
	if at := slices.IndexFunc(path.holes, func(h hole) bool { return h.rest }); at >= 0 {
		lines = append(lines, fmt.Sprintf("`{%s}` may hold several segments, with their slashes, or none.", path.holes[at].name))
	}
	return strings.Join(lines, " ")
}

func socketText(c *call) string {
	frames := "text frames of one JSON message each"
	if c.rawIn || c.rawOut {
		frames = "frames of bytes"
	}
	switch {
	case c.uploads && c.streams:
		return "Both directions are streams. A WebSocket at this path carries them as " + frames + "; an empty text frame ends the client's side."
	case c.uploads:
		return "The request is a stream. A WebSocket at this path carries it as " + frames + "; an empty text frame ends it."
	case c.streams:
		return "The answer is a stream. A WebSocket at this path carries it as " + frames + "."
	default:
		return ""
	}
}
