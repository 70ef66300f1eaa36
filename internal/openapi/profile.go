package openapi

// downgrade returns the document as OpenAPI 3.0.3, and leaves the document as it is. What 3.0 has no words for is left out:
// descriptions say it already.
func downgrade(d *Document) *Document {
	o := older{schemas: d.Components.Schemas, schemes: d.Components.SecuritySchemes}
	old := *d
	old.OpenAPI = "3.0.3"
	old.Info.Summary, old.Info.Description = "", paragraphs(d.Info.Summary, d.Info.Description)
	if d.Info.License != nil {
		license := *d.Info.License
		license.Identifier = ""
		old.Info.License = &license
	}
	old.Paths = mapped(d.Paths, o.path)
	old.Components.Schemas = mapped(d.Components.Schemas, o.schema)
	old.Components.Responses = mapped(d.Components.Responses, o.response)
	old.Components.Parameters = mapped(d.Components.Parameters, o.parameter)
	old.Components.Headers = mapped(d.Components.Headers, o.header)
	old.Components.SecuritySchemes = o.securitySchemes()
	return &old
}

// older makes 3.0 of the parts of a document that has these schemas.
type older struct {
	schemas Map[*Schema]
	schemes Map[*SecurityScheme]
}

// mapped returns a map of the same keys, with other values.
func mapped[T any](m Map[T], change func(T) T) Map[T] {
	var changed Map[T]
	for key, value := range m.All() {
		changed.Set(key, change(value))
	}
	return changed
}

func (o older) path(p *PathItem) *PathItem {
	old := *p
	for _, method := range methods {
		if op := old.slot(method); *op != nil {
			*op = o.operation(*op)
		}
	}
	old.XAdditional = mapped(p.XAdditional, o.operation)
	return &old
}

func (o older) operation(op *Operation) *Operation {
	old := *op
	old.Parameters = nil
	for _, p := range op.Parameters {
		old.Parameters = append(old.Parameters, o.parameter(p))
	}
	if op.RequestBody != nil {
		body := *op.RequestBody
		body.Content = mapped(body.Content, o.media)
		old.RequestBody = &body
	}
	old.Responses = mapped(op.Responses, o.response)
	old.Security = o.security(op.Security)
	if op.WebSocket != nil {
		old.WebSocket = &WebSocket{Send: o.schema(op.WebSocket.Send), Receive: o.schema(op.WebSocket.Receive)}
	}
	return &old
}

func (o older) parameter(p *Parameter) *Parameter {
	old := *p
	old.Schema = o.schema(p.Schema)
	old.Content = mapped(p.Content, o.media)
	return &old
}

func (o older) response(r *Response) *Response {
	old := *r
	old.Headers = mapped(r.Headers, o.header)
	old.Content = mapped(r.Content, o.media)
	return &old
}

func (o older) header(h *Header) *Header {
	old := *h
	old.Schema = o.schema(h.Schema)
	return &old
}

func (o older) media(m *Media) *Media {
	old := *m
	old.Schema = o.schema(m.Schema)
	return &old
}
