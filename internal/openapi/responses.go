package openapi

import (
	"fmt"
	"strconv"
	"strings"
)

// responses describes a success and what else there may be.
func (b *builder) responses(op *Operation, c *call) {
	code := c.Method.Answer.Code
	if code == 0 {
		code = codeOK
	}
	op.Responses.Set(strconv.Itoa(code), b.success(c, code))
	if c.isFile() {
		op.Responses.Set("206", b.partial(c))
	}
	if c.isTagged() || c.isFile() {
		op.Responses.Set("304", b.sharedResponse("NotModified", &Response{Description: "What the client has is still right."}))
	}
	b.failures(op, c)
}

func (b *builder) success(c *call, code int) *Response {
	r := &Response{Description: c.successDescription(code)}
	b.header(r, "X-Request-Id")
	if c.lossy {
		b.header(r, "Gatehouse-Partial")
	}
	if len(c.Method.Answer.Location) > 0 {
		b.header(r, "Location")
	}
	if c.isTagged() {
		b.header(r, "ETag")
	}
	b.limitHeaders(r, c)
	if c.Method.Answer.Deprecation != "" {
		b.header(r, "Deprecation")
	}
	if c.Method.Answer.Sunset != "" {
		b.header(r, "Sunset")
	}
	if code == codeNoContent {
		return r
	}
	if c.rawOut {
		r.Description = "The bytes themselves, of the media type that `Content-Type` names."
		r.Content.Set(typeAnything, &Media{Schema: b.bytes()})
		return r
	}
	item := b.answer(c)
	if c.streams {
		b.stream(r, c, item)
	} else {
		r.Content.Set(typeJSON, &Media{Schema: item})
	}
	return r
}

// successDescription is what the comment of the answer's message says first, or what its code means.
func (c *call) successDescription(code int) string {
	first, _ := commentOf(c.output).split()
	switch {
	case code == codeNoContent:
		return "It is done; there is nothing to say."
	case first != "" && c.Response == nil && c.output.ParentFile().Package() != "google.protobuf":
		return first + "."
	case code == codeCreated:
		return "It has been created."
	case code == codeAccepted:
		return "It has been accepted, and is not done yet."
	default:
		return "The answer."
	}
}

// answer is the schema of one message of the answer, or of the field that response_body names.
func (b *builder) answer(c *call) *Schema {
	sc := scope{output, c.dialect}
	if c.Response == nil {
		return b.message(c.output, sc)
	}
	s := b.value(c.Response, sc)
	// An answer has to be something: what is unset is null, but for a message in the dialect that writes everything.
	if c.Response.HasPresence() && (c.dialect.Emit != EmitUnpopulated || c.Response.Message() == nil) {
		return s.orNull()
	}
	return s
}

// stream describes the forms of a stream of answers.
func (b *builder) stream(r *Response, c *call, item *Schema) {
	failed := &Schema{Type: Types{typeObject}, Required: []string{"error"}}
	failed.Properties.Set("error", b.errorRef())
	if c.dialect.Gateway {
		result := &Schema{Type: Types{typeObject}, Required: []string{"result"}}
		result.Properties.Set("result", item)
		r.Description = "A stream of JSON objects, one a line."
		either := &Schema{AnyOf: []*Schema{result, failed}}
		if b.opts.Version == V32 {
			r.Content.Set(typeJSON, &Media{ItemSchema: either})
		} else {
			r.Content.Set(typeJSON, &Media{Schema: either})
		}
		return
	}
	r.Description = "A stream of messages. NDJSON has one a line, and after a failure a last line with `error`; " +
		"server-sent events have one each, and after a failure an event `error`; an array of JSON is whole or broken off."
	b.setStream(&r.Content, &Schema{AnyOf: []*Schema{item, failed}})
	event := eventSchema(item)
	if b.opts.Version == V32 {
		r.Content.Set(typeEvents, &Media{ItemSchema: event})
	} else {
		r.Content.Set(typeEvents, &Media{Schema: event})
	}
	r.Content.Set(typeJSON, &Media{Schema: &Schema{Type: Types{typeArray}, Items: item}})
}

// eventSchema is that of one server-sent event, as its fields.
func eventSchema(item *Schema) *Schema {
	s := &Schema{Type: Types{typeObject}, Description: "One event.", Required: []string{"data"}}
	s.Properties.Set("id", &Schema{Type: Types{typeString}})
	s.Properties.Set("event", &Schema{Type: Types{typeString}, Description: "`error` after a failure, `end` at the end."})
	s.Properties.Set("retry", &Schema{Type: Types{typeInteger}, Description: "Milliseconds until a browser connects again."})
	s.Properties.Set("data", &Schema{Type: Types{typeString}, ContentMediaType: typeJSON, ContentSchema: item})
	return s
}

// limitHeaders tell of a success what is left of limits.
func (b *builder) limitHeaders(r *Response, c *call) {
	if c.isLimited() {
		b.header(r, "RateLimit")
		b.header(r, "RateLimit-Policy")
	}
}

func (b *builder) partial(c *call) *Response {
	r := &Response{Description: "The range of bytes that `Range` asked for."}
	b.header(r, "X-Request-Id")
	b.limitHeaders(r, c)
	r.Content.Set(typeAnything, &Media{Schema: b.bytes()})
	return r
}

// headers are what answers carry.
var headers = map[string]*Header{
	"WWW-Authenticate": {Description: "In which ways callers can say who they are.", Schema: &Schema{Type: Types{typeString}}},
	"RateLimit": {
		Description: "How many calls of the nearest limit are left, and for how many seconds, such as `\"free-minute\";r=50;t=30`.",
		Schema:      &Schema{Type: Types{typeString}},
	},
	"Gatehouse-Partial": {
		Description: "The fields that are not what they would be if all had gone well, each with the gRPC code of what failed and, " +
			"where something stands in for it, with what. Absent if there are none.",
		Schema: &Schema{Type: Types{typeString}},
	},
	"RateLimit-Policy": {
		Description: "The limits: how many calls in how many seconds, such as `\"free-minute\";q=100;w=60`.", Schema: &Schema{Type: Types{typeString}},
	},
	"X-Request-Id": {Description: "Names the call in the logs. A client may choose it.", Schema: &Schema{Type: Types{typeString}}},
	"Location":     {Description: "Where what was made is to be found.", Schema: &Schema{Type: Types{typeString}, Format: "uri-reference"}},
	"ETag":         {Description: "Names this state of the answer, for `If-None-Match` and `If-Match`.", Schema: &Schema{Type: Types{typeString}}},
	"Retry-After":  {Description: "How many seconds to wait before the call is tried again.", Schema: &Schema{Type: Types{typeInteger}}},
	"Allow":        {Description: "The methods that the path has.", Schema: &Schema{Type: Types{typeString}}},
	"Deprecation":  {Description: "Since when the operation is deprecated (RFC 9745).", Schema: &Schema{Type: Types{typeString}}},
	"Sunset":       {Description: "When the operation will be gone (RFC 8594).", Schema: &Schema{Type: Types{typeString}}},
}

func (b *builder) header(r *Response, name string) {
	b.doc.Components.Headers.Set(name, headers[name])
	r.Headers.Set(name, &Header{Ref: "#/components/headers/" + name})
}

func (b *builder) sharedResponse(key string, r *Response) *Response {
	if _, known := b.doc.Components.Responses.Get(key); !known {
		b.doc.Components.Responses.Set(key, r)
	}
	return &Response{Ref: "#/components/responses/" + key}
}

// successText says of a success what its response has no words for.
func (b *builder) successText(c *call) string {
	var sentences []string
	if c.lossy {
		sentences = append(sentences, "The answer is made of those of several services. "+
			"A field that can not be had is left out, and `Gatehouse-Partial` names it.")
	}
	if c.Method.Answer.Sunset != "" {
		sentences = append(sentences, fmt.Sprintf("It will be gone on %s.", c.Method.Answer.Sunset))
	}
	return strings.Join(sentences, " ")
}
