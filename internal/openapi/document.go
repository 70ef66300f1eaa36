package openapi

import "google.golang.org/protobuf/reflect/protoreflect"

// Document is an OpenAPI document. Its fields, and those of all it holds, stand in the order in which they are written.
type Document struct {
	OpenAPI      string         `json:"openapi"`
	Info         Info           `json:"info"`
	ExternalDocs *ExternalDocs  `json:"externalDocs,omitempty"`
	Servers      []Server       `json:"servers,omitempty"`
	Security     []Requirement  `json:"security,omitempty"`
	Tags         []Tag          `json:"tags,omitempty"`
	Paths        Map[*PathItem] `json:"paths"`
	Components   Components     `json:"components,omitzero"`
	Extensions   Map[any]       `json:"-"`

	// Services are those that have operations here, by name. They are not written.
	Services []Service `json:"-"`
}

// Service is a service of which a document has operations.
type Service struct {
	FullName   protoreflect.FullName
	Summary    string
	Tag        string
	Operations int
	Deprecated bool
}

// Info is who offers the API, and what it is.
type Info struct {
	Title          string   `json:"title"`
	Summary        string   `json:"summary,omitempty"`
	Description    string   `json:"description,omitempty"`
	TermsOfService string   `json:"termsOfService,omitempty"`
	Contact        *Contact `json:"contact,omitempty"`
	License        *License `json:"license,omitempty"`
	Version        string   `json:"version"`
	Extensions     Map[any] `json:"-"`
}

// Contact is whom to ask.
type Contact struct {
	Name  string `json:"name,omitempty"`
	URL   string `json:"url,omitempty"`
	Email string `json:"email,omitempty"`
}

// License is under which terms the API is offered.
type License struct {
	Name       string `json:"name"`
	Identifier string `json:"identifier,omitempty"`
	URL        string `json:"url,omitempty"`
}

// Server is where the API is served.
type Server struct {
	URL         string `json:"url"`
	Description string `json:"description,omitempty"`
}

// ExternalDocs is where there is more to read.
type ExternalDocs struct {
	Description string `json:"description,omitempty"`
	URL         string `json:"url"`
}

// Requirement names security schemes, all of which are needed, with the scopes of each.
type Requirement = Map[[]string]

// Tag is a group of operations: a service.
type Tag struct {
	Name         string        `json:"name"`
	Description  string        `json:"description,omitempty"`
	ExternalDocs *ExternalDocs `json:"externalDocs,omitempty"`
	Extensions   Map[any]      `json:"-"`
}

// PathItem is what can be done at a path.
type PathItem struct {
	Get     *Operation `json:"get,omitempty"`
	Put     *Operation `json:"put,omitempty"`
	Post    *Operation `json:"post,omitempty"`
	Delete  *Operation `json:"delete,omitempty"`
	Options *Operation `json:"options,omitempty"`
	Head    *Operation `json:"head,omitempty"`
	Patch   *Operation `json:"patch,omitempty"`
	Trace   *Operation `json:"trace,omitempty"`
	Query   *Operation `json:"query,omitempty"` // from 3.2 on

	// Operations of other methods: additionalOperations in 3.2, and an extension of that name before.
	Additional  Map[*Operation] `json:"additionalOperations,omitzero"`
	XAdditional Map[*Operation] `json:"x-additionalOperations,omitzero"`
}

// Operation is one binding of a method.
type Operation struct {
	Tags         []string       `json:"tags,omitempty"`
	Summary      string         `json:"summary,omitempty"`
	Description  string         `json:"description,omitempty"`
	ExternalDocs *ExternalDocs  `json:"externalDocs,omitempty"`
	OperationID  string         `json:"operationId"`
	Parameters   []*Parameter   `json:"parameters,omitempty"`
	RequestBody  *RequestBody   `json:"requestBody,omitempty"`
	Responses    Map[*Response] `json:"responses"`
	Deprecated   bool           `json:"deprecated,omitempty"`
	Security     *[]Requirement `json:"security,omitempty"`
	WebSocket    *WebSocket     `json:"x-websocket,omitempty"`
	Extensions   Map[any]       `json:"-"`

	call *call // what it describes
}

// WebSocket is what the frames of a WebSocket at an operation's path hold.
type WebSocket struct {
	Send    *Schema `json:"send"`
	Receive *Schema `json:"receive"`
}

// Parameter is one parameter of a path, a query or a header; or, with Ref, a reference to one.
type Parameter struct {
	Ref           string      `json:"$ref,omitempty"`
	Name          string      `json:"name,omitempty"`
	In            string      `json:"in,omitempty"`
	Description   string      `json:"description,omitempty"`
	Required      bool        `json:"required,omitempty"`
	Deprecated    bool        `json:"deprecated,omitempty"`
	Style         string      `json:"style,omitempty"`
	Explode       *bool       `json:"explode,omitempty"`
	AllowReserved bool        `json:"allowReserved,omitempty"`
	Schema        *Schema     `json:"schema,omitempty"`
	Content       Map[*Media] `json:"content,omitzero"`
	Example       any         `json:"example,omitempty"`
}

// RequestBody is what a request holds.
type RequestBody struct {
	Description string      `json:"description,omitempty"`
	Content     Map[*Media] `json:"content"`
	Required    bool        `json:"required,omitempty"`
}

// Media is a body in one media type.
type Media struct {
	Schema     *Schema        `json:"schema,omitempty"`
	ItemSchema *Schema        `json:"itemSchema,omitempty"` // of a stream, from 3.2 on
	Example    any            `json:"example,omitempty"`
	Encoding   Map[*Encoding] `json:"encoding,omitzero"`
}

// Encoding is how a part of a multipart body is written.
type Encoding struct {
	ContentType string `json:"contentType,omitempty"`
}

// Response is an answer; or, with Ref, a reference to one.
type Response struct {
	Ref         string       `json:"$ref,omitempty"`
	Description string       `json:"description,omitempty"`
	Headers     Map[*Header] `json:"headers,omitzero"`
	Content     Map[*Media]  `json:"content,omitzero"`
	Extensions  Map[any]     `json:"-"`
}

// Header is a header of an answer; or, with Ref, a reference to one.
type Header struct {
	Ref         string  `json:"$ref,omitempty"`
	Description string  `json:"description,omitempty"`
	Schema      *Schema `json:"schema,omitempty"`
	Example     any     `json:"example,omitempty"`
}

// SecurityScheme is a way to say who calls.
type SecurityScheme struct {
	Type             string   `json:"type"`
	Description      string   `json:"description,omitempty"`
	Name             string   `json:"name,omitempty"`
	In               string   `json:"in,omitempty"`
	Scheme           string   `json:"scheme,omitempty"`
	BearerFormat     string   `json:"bearerFormat,omitempty"`
	Flows            *Flows   `json:"flows,omitempty"`
	OpenIDConnectURL string   `json:"openIdConnectUrl,omitempty"`
	Extensions       Map[any] `json:"-"`
}

// Flows are the ways in which OAuth 2 hands out tokens.
type Flows struct {
	Implicit          *Flow `json:"implicit,omitempty"`
	Password          *Flow `json:"password,omitempty"`
	ClientCredentials *Flow `json:"clientCredentials,omitempty"`
	AuthorizationCode *Flow `json:"authorizationCode,omitempty"`
}

// Flow is one of them.
type Flow struct {
	AuthorizationURL string      `json:"authorizationUrl,omitempty"`
	TokenURL         string      `json:"tokenUrl,omitempty"`
	RefreshURL       string      `json:"refreshUrl,omitempty"`
	Scopes           Map[string] `json:"scopes"`
}

// Components are what the rest of the document refers to, each kind sorted by name.
type Components struct {
	Schemas         Map[*Schema]         `json:"schemas,omitzero"`
	Responses       Map[*Response]       `json:"responses,omitzero"`
	Parameters      Map[*Parameter]      `json:"parameters,omitzero"`
	Headers         Map[*Header]         `json:"headers,omitzero"`
	SecuritySchemes Map[*SecurityScheme] `json:"securitySchemes,omitzero"`
}

// IsZero tells whether there are no components.
func (c *Components) IsZero() bool {
	return c.Schemas.IsZero() && c.Responses.IsZero() && c.Parameters.IsZero() && c.Headers.IsZero() && c.SecuritySchemes.IsZero()
}

// Count returns the number of operations.
func (d *Document) Count() int {
	n := 0
	for _, item := range d.Paths.All() {
		for range item.Operations() {
			n++
		}
	}
	return n
}

// Operations iterates over the operations of a path with their methods, in the order in which they are written.
func (p *PathItem) Operations() func(yield func(string, *Operation) bool) {
	return func(yield func(string, *Operation) bool) {
		for _, method := range methods {
			if op := *p.slot(method); op != nil && !yield(method, op) {
				return
			}
		}
		for _, more := range []*Map[*Operation]{&p.Additional, &p.XAdditional} {
			for method, op := range more.All() {
				if !yield(method, op) {
					return
				}
			}
		}
	}
}

// methods are those that have a field in a path item.
var methods = []string{"GET", "PUT", "POST", "DELETE", "OPTIONS", "HEAD", "PATCH", "TRACE", "QUERY"}

// slot returns where the operation of a method stands, nil for a method that has no field.
func (p *PathItem) slot(method string) **Operation {
	switch method {
	case "GET":
		return &p.Get
	case "PUT":
		return &p.Put
	case "POST":
		return &p.Post
	case "DELETE":
		return &p.Delete
	case "OPTIONS":
		return &p.Options
	case "HEAD":
		return &p.Head
	case "PATCH":
		return &p.Patch
	case "TRACE":
		return &p.Trace
	case "QUERY":
		return &p.Query
	default:
		return nil
	}
}
