package openapi

import (
	"slices"
	"strconv"
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

// failureList is what callers act on. All other errors look the same, and the default response stands for them.
var failureList = []failure{
	{code: 400, key: "BadRequest", text: "The request is malformed, or its content is refused. Field violations name the place."},
	{
		code: 401, key: "Unauthenticated", text: "The caller has not shown who they are, or with credentials that are not taken.",
		headers: []string{"WWW-Authenticate"}, when: (*call).asksWho,
	},
	{code: 403, key: "Forbidden", text: "The caller may not do this.", when: (*call).asksWho},
	{code: 404, key: "NotFound", text: "What the path names is not there.", when: (*call).hasVariables},
	{code: 409, key: "Conflict", text: "It has changed since it was read.", when: func(c *call) bool { return c.takesTag }},
	{code: 412, key: "PreconditionFailed", text: "A condition on the content does not hold.", when: (*call).isFile},
	{
		code: 429, key: "TooManyRequests", text: "A limit is used up.",
		headers: []string{"Retry-After", "RateLimit", "RateLimit-Policy"}, when: (*call).isLimited,
	},
}

// anyFailure stands for all others.
var anyFailure = failure{key: failureKey, headers: []string{"Retry-After"}, text: `Any other error:

- 405: the path has other methods.
- 406: no form of the answer is among those that ` + "`Accept`" + ` names.
- 408: the rest of the body did not come.
- 409: what is to be made is already there, or is being changed by somebody else.
- 413, 414, 431: the body, the URL or the headers are too large.
- 415: the body's type or coding is not taken.
- 416: the content has no such range.
- 429: too much is asked for.
- 500: the edge or the service failed.
- 501: the service does not do this.
- 502: the service's answer can not be understood.
- 503: the service is not reached, or has too much to do.
- 504: the service did not answer in time.`}

func (c *call) hasVariables() bool { return len(c.Variables) > 0 }

// isFile tells whether a success is a content of which ranges can be had.
func (c *call) isFile() bool {
	return c.rawOut && !c.streams && c.HTTPMethod == methodGet && !c.dialect.Gateway
}

// failures adds the error responses. Operations of one dialect share them.
func (b *builder) failures(op *Operation, c *call) {
	suffix := c.failureSuffix()
	for _, f := range failureList {
		if f.when == nil || f.when(c) {
			op.Responses.Set(strconv.Itoa(f.code), b.failure(c, f, suffix))
		}
	}
	op.Responses.Set("default", b.failure(c, anyFailure, suffix))
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
