package openapi

import (
	"slices"
	"strconv"

	"github.com/gatehouse-edge/gatehouse/internal/schema"
)

// The names of the schemas of errors.
const (
	errorSchema   = "Error"
	problemSchema = "Problem"
)

// failure is an error response that an operation may have.
type failure struct {
	code    int
	key     string // among the components
	text    string
	headers []string
	when    func(*call) bool // nil for always
}

// failureList is what the edge itself refuses with, and the codes of services that clients have to reckon with. All
// others have the same shape: that is the default response.
var failureList = []failure{
	{code: 400, key: "BadRequest", text: "The request is malformed, or the service refuses its content. Field violations name the place."},
	{code: 401, key: "Unauthenticated", text: "The service does not know who calls."},
	{code: 403, key: "Forbidden", text: "The caller may not do this."},
	{code: 404, key: "NotFound", text: "What the request names is not there."},
	{code: 406, key: "NotAcceptable", text: "No form of the answer is among those that `Accept` names.", when: negotiates},
	{code: 408, key: "BodyTimeout", text: "The rest of the body did not come.", when: hasBody},
	{code: 409, key: "Conflict", text: "What is to be made is already there, or somebody else changed it at the same time.", when: changes},
	{code: 412, key: "PreconditionFailed", text: "A condition on the content does not hold.", when: isFile},
	{code: 413, key: "BodyTooLarge", text: "The body is too large.", when: hasBody},
	{code: 415, key: "UnsupportedMediaType", text: "The body's type or coding is not taken.", when: hasBody},
	{code: 416, key: "BadRange", text: "The content has no such range.", when: isFile},
	{code: 429, key: "TooManyRequests", text: "Too much is asked for.", headers: []string{"Retry-After"}},
	{code: 500, key: "Internal", text: "The edge or the service failed."},
	{code: 502, key: "BadGateway", text: "The service's answer can not be understood."},
	{code: 503, key: "Unavailable", text: "The service is not reached.", headers: []string{"Retry-After"}},
	{code: 504, key: "Timeout", text: "The service did not answer in time."},
}

func hasBody(c *call) bool    { return c.Body != schema.NoBody }
func negotiates(c *call) bool { return !c.rawOut && !c.dialect.Gateway }
func changes(c *call) bool    { return c.HTTPMethod != methodGet }
func isFile(c *call) bool {
	return c.rawOut && !c.streams && c.HTTPMethod == methodGet && !c.dialect.Gateway
}

// failures adds the error responses. Operations of one dialect share them.
func (b *builder) failures(op *Operation, c *call) {
	suffix := c.failureSuffix()
	for _, f := range failureList {
		if f.when != nil && !f.when(c) {
			continue
		}
		op.Responses.Set(strconv.Itoa(f.code), b.failure(c, f, suffix))
	}
	op.Responses.Set("default", b.failure(c, failure{key: failureKey, text: "Any other error."}, suffix))
}

// failureSuffix tells the responses of a dialect from those of others.
func (c *call) failureSuffix() string {
	suffix := ""
	if c.dialect.Label != "" {
		suffix = "-" + c.dialect.Label
	}
	if c.dialect.Gateway && c.streams {
		suffix += "-stream"
	}
	return suffix
}

func (b *builder) failure(c *call, f failure, suffix string) *Response {
	r := &Response{Description: f.text}
	for _, name := range slices.Concat(f.headers, []string{"X-Request-Id"}) {
		b.header(r, name)
	}
	if !c.dialect.ProblemsOnly {
		s := b.errorRef()
		if c.dialect.Gateway && c.streams {
			chunk := &Schema{Type: Types{typeObject}, Required: []string{"error"}}
			chunk.Properties.Set("error", s)
			s = chunk
		}
		r.Content.Set(typeJSON, &Media{Schema: s})
	}
	if c.dialect.ProblemsOnly || !c.dialect.Gateway {
		r.Content.Set(typeProblem, &Media{Schema: b.problemRef()})
	}
	return b.sharedResponse(f.key+suffix, r)
}

// errorRef refers to google.rpc.Status as the edge writes it.
func (b *builder) errorRef() *Schema {
	if _, known := b.doc.Components.Schemas.Get(errorSchema); !known {
		b.doc.Components.Schemas.Set(errorSchema, statusSchema())
	}
	return &Schema{Ref: "#/components/schemas/" + errorSchema}
}

// problemRef refers to RFC 9457's problem details as the edge writes them.
func (b *builder) problemRef() *Schema {
	if _, known := b.doc.Components.Schemas.Get(problemSchema); !known {
		b.doc.Components.Schemas.Set(problemSchema, problemDetails())
	}
	return &Schema{Ref: "#/components/schemas/" + problemSchema}
}

func statusSchema() *Schema {
	s := &Schema{
		Type: Types{typeObject}, Required: []string{"code", "message", "details"},
		Description: "Why a call failed: a `google.rpc.Status`.",
	}
	s.Properties.Set("code", &Schema{Type: Types{typeInteger}, Format: "int32", Description: "The gRPC code, such as 5 for `NOT_FOUND`."})
	s.Properties.Set("message", &Schema{Type: Types{typeString}, Description: "What is wrong, for people."})
	s.Properties.Set("details", &Schema{
		Type: Types{typeArray}, Items: detailSchema(),
		Description: "More, for programs. A `google.rpc.RequestInfo` names the call; a `google.rpc.BadRequest` lists what is wrong with which field; " +
			"a `google.rpc.ErrorInfo` of the domain `gatehouse` gives the reason of what the edge itself refused.",
	})
	return s
}

func detailSchema() *Schema {
	s := &Schema{Type: Types{typeObject}, Required: []string{"@type"}, Additional: new(Schema)}
	s.Properties.Set("@type", &Schema{Type: Types{typeString}, Examples: []any{"type.googleapis.com/google.rpc.ErrorInfo"}})
	return s
}

func problemDetails() *Schema {
	s := &Schema{
		Type: Types{typeObject}, Required: []string{"type", "title", "status", "code"},
		Description: "Why a call failed, as RFC 9457 says it.",
	}
	text := func(name, description string) {
		s.Properties.Set(name, &Schema{Type: Types{typeString}, Description: description})
	}
	text("type", "Always `about:blank`: what tells errors apart is `code` and `reason`.")
	text("title", "The status in words.")
	s.Properties.Set("status", &Schema{Type: Types{typeInteger}, Format: "int32", Description: "The status of the response."})
	text("detail", "What is wrong, for people.")
	text("code", "The gRPC code by name, such as `NOT_FOUND`.")
	text("reason", "A stable name for what is wrong.")
	text("domain", "Whose reason that is; `gatehouse` for the edge's own.")
	text("requestId", "Names the call in the logs.")
	violation := &Schema{Type: Types{typeObject}, Required: []string{"field", "detail"}}
	violation.Properties.Set("field", &Schema{Type: Types{typeString}})
	violation.Properties.Set("detail", &Schema{Type: Types{typeString}})
	s.Properties.Set("errors", &Schema{Type: Types{typeArray}, Items: violation, Description: "What is wrong with which field."})
	s.Properties.Set("details", &Schema{Type: Types{typeArray}, Items: detailSchema(), Description: "What has no place above."})
	return s
}
