package openapi

import (
	"cmp"
	"slices"
	"strings"

	"github.com/grpc-ecosystem/grpc-gateway/v2/protoc-gen-openapiv2/options"
	"google.golang.org/protobuf/reflect/protoreflect"

	"github.com/gatehouse-edge/gatehouse/internal/schema"
)

// operationText is the summary and the description of a method, as its option says, or else its comment.
func (b *builder) operationText(d protoreflect.MethodDescriptor) (summary, description string) {
	summary, description = commentOf(d).split()
	given, _ := b.operationOption(d)
	if given.GetSummary() != "" {
		summary = strings.Join(strings.Fields(given.GetSummary()), " ")
	}
	return summary, cmp.Or(prose(given.GetDescription()), description)
}

// ownOperationID is the id that an option gives a method; "" for none.
func (b *builder) ownOperationID(m *schema.Method) string {
	given, o := b.operationOption(m.Descriptor)
	id := given.GetOperationId()
	if id != "" && !componentName.MatchString(id) {
		o.wrong("operation_id", "%q is nothing that a generator can make a function of; take letters, digits, dots, hyphens and underscores", id)
	}
	return id
}

// operationOptions adds what the method's option says to an operation.
func (b *builder) operationOptions(op *Operation, c *call) {
	given, o := b.operationOption(c.Method.Descriptor)
	if given == nil {
		return
	}
	if len(given.GetTags()) > 0 {
		op.Tags = slices.Clone(given.GetTags())
	}
	op.ExternalDocs = o.docs("external_docs", given.GetExternalDocs())
	op.Deprecated = op.Deprecated || given.GetDeprecated()
	if len(given.GetSecurity()) > 0 {
		security := b.requirements(o, "security", given.GetSecurity())
		op.Security = &security
	}
	op.Extensions = o.extras("extensions", given.GetExtensions(), "x-websocket")
	o.headerParameters(op, given.GetParameters().GetHeaders())
	o.responses(op, c, given.GetResponses())
}

// headerParameters adds the headers that a method reads. One that the edge reads too is described in their words.
func (o option) headerParameters(op *Operation, given []*options.HeaderParameter) {
	const part = "parameters.headers"
	seen := map[string]bool{}
	for _, header := range given {
		name := strings.ToLower(header.GetName())
		switch {
		case !isHeaderName(name):
			o.wrong(part, "%q is no name of a header", header.GetName())
			continue
		case seen[name]:
			o.wrong(part, "the header %s stands there twice", header.GetName())
		case name == "authorization":
			o.wrong(part, "OpenAPI has no parameter %s; declare a scheme in openapiv2_swagger.security_definitions, and name it in security", header.GetName())
		case name == "accept", name == "content-type":
			continue // the contents of body and responses say it, and OpenAPI has no such parameters
		}
		seen[name] = true
		p := &Parameter{
			Name: header.GetName(), In: "header", Description: prose(header.GetDescription()), Required: header.GetRequired(),
			Schema: o.headerSchema(part, header.GetName(), headerTypes[header.GetType()], header.GetFormat()),
		}
		at := slices.IndexFunc(op.Parameters, func(other *Parameter) bool {
			return strings.EqualFold(o.parameter(other).Name, name) && o.parameter(other).In == "header"
		})
		if at < 0 {
			op.Parameters = append(op.Parameters, p)
			continue
		}
		if !slices.Equal(p.Schema.Type, Types{typeString}) {
			o.wrong(part, "the edge reads the header %s, as text; make it a STRING", header.GetName())
		}
		own := *o.parameter(op.Parameters[at])
		own.Description, own.Required = cmp.Or(p.Description, own.Description), p.Required
		op.Parameters[at] = &own
	}
}

// parameter is a parameter itself, or the one that it refers to.
func (b *builder) parameter(p *Parameter) *Parameter {
	if shared, ok := b.doc.Components.Parameters.Get(strings.TrimPrefix(p.Ref, "#/components/parameters/")); ok {
		return shared
	}
	return p
}

var headerTypes = map[options.HeaderParameter_Type]string{
	options.HeaderParameter_STRING: typeString, options.HeaderParameter_NUMBER: typeNumber,
	options.HeaderParameter_INTEGER: typeInteger, options.HeaderParameter_BOOLEAN: typeBoolean,
}

// headerSchema is the schema of a header that an option declares.
func (o option) headerSchema(part, header, kind, format string) *Schema {
	if !slices.Contains([]string{typeString, typeNumber, typeInteger, typeBoolean}, kind) {
		o.wrong(part, "the header %s has no type; it is string, number, integer or boolean", header)
		kind = typeString
	}
	return &Schema{Type: Types{kind}, Format: format}
}

// isHeaderName tells whether a text is a token of RFC 9110.
func isHeaderName(name string) bool {
	return name != "" && !strings.ContainsFunc(name, func(r rune) bool {
		return r <= ' ' || r >= 0x7f || strings.ContainsRune(`"(),/:;<=>?@[\]{}`, r)
	})
}
