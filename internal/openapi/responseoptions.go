package openapi

import (
	"cmp"
	"maps"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/grpc-ecosystem/grpc-gateway/v2/protoc-gen-openapiv2/options"
	"google.golang.org/protobuf/reflect/protoreflect"
)

// responseCode is what a response stands under.
var responseCode = regexp.MustCompile(`^(?:[1-5][0-9][0-9]|default)$`)

const (
	responsesRef = "#/components/responses/"
	failureKey   = "Failure" // of the response that all other errors have
)

// responses adds what an option says of the responses of an operation. The edge knows them better: which code a success
// has, and what an error looks like. A text is welcome all the same, and so is an example.
func (o option) responses(op *Operation, c *call, given map[string]*options.Response) {
	for _, code := range slices.Sorted(maps.Keys(given)) {
		part := "responses." + code
		if !responseCode.MatchString(code) {
			o.wrong(part, "%q is no status code", code)
			continue
		}
		own := o.response(op, c, part, code)
		if own == nil {
			continue
		}
		o.describeResponse(own, part, given[code])
		o.responseBody(own, c, part, code, given[code])
		op.Responses.Set(code, own)
	}
	op.Responses.sort()
}

// response is a copy of the response of a code, for the operation to change.
func (o option) response(op *Operation, c *call, part, code string) *Response {
	r, known := op.Responses.Get(code)
	switch {
	case known:
	case code[0] == '2':
		o.wrong(part, "a success of this method has the code %d; describe that one, or set (gatehouse.v1.http).success.code", c.success())
		return nil
	case code[0] == '4' || code[0] == '5':
		r, _ = op.Responses.Get("default")
	default:
		return new(Response)
	}
	return cloneResponse(o.sharedBy(r))
}

// success is the code of a success.
func (c *call) success() int {
	return cmp.Or(c.Method.Answer.Code, codeOK)
}

// sharedBy is a response itself, or the one that it refers to.
func (b *builder) sharedBy(r *Response) *Response {
	if shared, ok := b.doc.Components.Responses.Get(strings.TrimPrefix(r.Ref, responsesRef)); ok {
		return shared
	}
	return r
}

func cloneResponse(r *Response) *Response {
	own := *r
	own.Headers = mapped(r.Headers, func(h *Header) *Header { return h })
	own.Content = mapped(r.Content, func(m *Media) *Media { return new(*m) })
	return &own
}

// describeResponse adds what does not concern the body.
func (o option) describeResponse(r *Response, part string, given *options.Response) {
	if r.Description = cmp.Or(prose(given.GetDescription()), r.Description); r.Description == "" {
		o.wrong(part, "it has no description")
	}
	r.Extensions = o.extras(part, given.GetExtensions())
	for _, name := range slices.Sorted(maps.Keys(given.GetHeaders())) {
		header := given.GetHeaders()[name]
		if !isHeaderName(name) {
			o.wrong(part, "%q is no name of a header", name)
			continue
		}
		s := o.headerSchema(part, name, header.GetType(), header.GetFormat())
		s.Pattern = header.GetPattern()
		if header.GetDefault() != "" {
			s.Default = o.headerDefault(part, name, s, header.GetDefault())
		}
		own := &Header{Description: prose(header.GetDescription()), Schema: s}
		if known := headers[name]; known != nil && !slices.Equal(known.Schema.Type, s.Type) {
			o.wrong(part, "the edge writes the header %s, of the type %s", name, known.Schema.Type[0])
		}
		r.Headers.Set(name, own)
	}
}

func (o option) headerDefault(part, name string, s *Schema, text string) any {
	value, err := decode(text)
	if err != nil || o.refuses(s, value) != nil {
		o.wrong(part, "%s is no default of the header %s; it is JSON, a text in quotes", text, name)
		return nil
	}
	return value
}

// responseBody holds what an option says of a body against the body that there is.
func (o option) responseBody(r *Response, c *call, part, code string, given *options.Response) {
	isSuccess := code == strconv.Itoa(c.success()) || code == "206"
	switch body := given.GetSchema(); {
	case body == nil:
	case isSuccess && c.rawOut:
		if media, ok := r.Content.Get(typeAnything); ok {
			media.Schema = o.declaredBody(part, body, c.dialect)
		}
	case isSuccess:
		o.sameBody(r, c, part, body)
	case code[0] == '4' || code[0] == '5' || code == "default":
		if name := referenced(body); name != "google.rpc.Status" {
			o.wrong(part, "the edge writes the body of an error, which is a google.rpc.Status; leave the schema out")
		}
	default:
		o.wrong(part, "a response with this code has no body; leave the schema out")
	}
	for _, mediaType := range slices.Sorted(maps.Keys(given.GetExamples())) {
		o.responseExample(r, c, part, mediaType, given.GetExamples()[mediaType])
	}
	if example := cmp.Or(given.GetSchema().GetExample(), given.GetSchema().GetJsonSchema().GetExample()); example != "" {
		o.responseExample(r, c, part, typeJSON, example)
	}
}

// declaredBody is the schema that an option gives bytes.
func (o option) declaredBody(part string, given *options.Schema, d *Dialect) *Schema {
	words := given.GetJsonSchema()
	if ref := referenced(given); ref != "" {
		found, err := o.api.Set.Files.FindDescriptorByName(protoreflect.FullName(ref))
		md, isMessage := found.(protoreflect.MessageDescriptor)
		switch {
		case err != nil || !isMessage:
			o.wrong(part, "%s is no message of the API", ref)
		case o.opts.Visible(md):
			return o.message(md, scope{output, d})
		}
		return o.bytes()
	}
	s := &Schema{Title: words.GetTitle(), Description: prose(words.GetDescription())}
	o.types(part, s, words.GetType())
	o.words(part+".schema.json_schema.", s, s, words)
	s.Extensions = o.extras(part, words.GetExtensions())
	return s
}

// sameBody makes sure that an option and the method speak of the same message.
func (o option) sameBody(r *Response, c *call, part string, body *options.Schema) {
	media, ok := r.Content.Get(typeJSON)
	if !ok {
		o.wrong(part, "a success of this method has no body; leave the schema out")
		return
	}
	md := c.output
	if c.Response != nil {
		md = c.Response.Message()
		if c.Response.IsList() || c.Response.IsMap() {
			md = nil
		}
	}
	if ref := referenced(body); ref != "" && (md == nil || string(md.FullName()) != ref) {
		o.wrong(part, "the answer of this method is no %s; leave the schema out", ref)
	}
	for _, kind := range body.GetJsonSchema().GetType() {
		if name := simpleTypes[kind]; name != "" && !c.streams && !media.Schema.allows(name) {
			o.wrong(part, "the answer of this method is no %s; leave the schema out", name)
		}
	}
}

// referenced is the name of the message that a schema refers to; "" for none.
func referenced(s *options.Schema) string { return strings.TrimPrefix(s.GetJsonSchema().GetRef(), ".") }

// responseExample adds an example of a body: JSON, or of bytes a text.
func (o option) responseExample(r *Response, c *call, part, mediaType, text string) {
	media, known := r.Content.Get(mediaType)
	if raw, isRaw := r.Content.Get(typeAnything); !known && isRaw {
		media = &Media{Schema: raw.Schema}
		r.Content.Set(mediaType, media)
		if mediaType != typeJSON {
			media.Example = text
			return
		}
	}
	if media == nil && mediaType == typeJSON && c.dialect.ProblemsOnly && r.Content.Len() > 0 {
		return // errors have another form in this dialect, which is not the option's affair
	}
	if media == nil {
		o.wrong(part, "this response is never %s; leave the example out", mediaType)
		return
	}
	if media.Schema == nil {
		return // it is a stream of which 3.2 describes the items, and an example would be of the whole
	}
	read, err := o.bodyLiteral(media.Schema, c, text)
	if err != nil {
		o.wrong(part, "the example is no JSON of the body: %v", err)
		return
	}
	media.Example = read.value
	o.test(part, media.Schema, read, true, func() { media.Example = nil })
}

// bodyLiteral reads the JSON of a body: of bytes, of an answer, or of an error.
func (o option) bodyLiteral(s *Schema, c *call, text string) (literal, error) {
	sc := scope{output, c.dialect}
	isError := strings.HasPrefix(s.Ref, "#/components/schemas/"+errorSchema)
	chunk, isChunk := s.Properties.Get("error")
	switch {
	case isError, isChunk && o.refuses(chunk, nil) != nil && s.Required != nil:
		status, err := o.api.Set.Types().FindMessageByName("google.rpc.Status")
		if err != nil {
			return literal{}, err
		}
		return o.messageLiteral(status.Descriptor(), text, scope{output, new(Dialect)}) // errors are alike in all dialects
	case c.rawOut, s.Ref != "":
		value, err := decode(text)
		return literal{value, true}, err
	case c.streams:
		return o.streamLiteral(c, text, sc)
	default:
		return o.answerLiteral(c, text, sc)
	}
}

func (o option) answerLiteral(c *call, text string, sc scope) (literal, error) {
	if c.Response != nil {
		return o.fieldLiteral(c.Response, text, sc)
	}
	return o.messageLiteral(c.output, text, sc)
}

// streamLiteral reads messages of a stream: a list of them, or one.
func (o option) streamLiteral(c *call, text string, sc scope) (literal, error) {
	given, err := decode(text)
	if err != nil {
		return literal{}, err
	}
	messages, isList := given.([]any)
	if !isList {
		messages = []any{given}
	}
	all, isWhole := []any{}, true
	for _, one := range messages {
		text, err := marshal(one)
		if err != nil {
			return literal{}, err
		}
		read, err := o.answerLiteral(c, string(text), sc)
		if err != nil {
			return literal{}, err
		}
		all, isWhole = append(all, read.value), isWhole && read.isWhole
	}
	if c.dialect.Gateway && len(all) > 0 {
		var result Map[any]
		result.Set("result", all[0])
		return literal{result, isWhole}, nil
	}
	return literal{all, isWhole}, nil
}
