package server

import (
	"net/http"
	"slices"
	"strings"

	"github.com/gatehouse-edge/gatehouse/internal/accept"
	"github.com/gatehouse-edge/gatehouse/internal/coding"
	"github.com/gatehouse-edge/gatehouse/internal/fault"
)

// form is how an answer is written.
type form uint8

const (
	formJSON     form = iota // one message
	formProtobuf             // one message, in protobuf's own form
	formLines                // NDJSON
	formEvents               // server-sent events
	formArray                // a stream as one JSON array
	formResults              // a stream as grpc-gateway writes it
	formRaw                  // the bytes of google.api.HttpBody
	formSocket               // WebSocket
)

const (
	typeJSON     = "application/json"
	typeProtobuf = "application/protobuf"
	typeProblem  = "application/problem+json"
	typeLines    = "application/x-ndjson"
	typeEvents   = "text/event-stream"
)

// What an operation can answer with, the default first.
var (
	messageTypes = []string{typeJSON, typeProtobuf, "application/x-protobuf"}
	messageForms = []form{formJSON, formProtobuf, formProtobuf}
	streamTypes  = []string{typeLines, typeEvents, typeJSON}
	streamForms  = []form{formLines, formEvents, formArray}
	errorTypes   = []string{typeJSON, typeProblem}
)

// varyAccept tells caches that the answer depends on Accept.
var varyAccept = []string{"Accept"}

// negotiate chooses the form of the answer by what the client accepts.
func (c *call) negotiate() error {
	types, forms := messageTypes, messageForms
	switch {
	case c.form == formSocket:
		return nil
	case c.op.rawReply:
		c.form = formRaw
		return nil
	case c.dialect.gateway && c.op.streams():
		c.form = formResults
		return nil
	case c.dialect.gateway:
		c.form = formJSON
		return nil
	case c.op.streams():
		types, forms = streamTypes, streamForms
	case !c.op.response.SpeaksProto():
		types, forms = types[:1], forms[:1]
	}
	if len(types) > 1 {
		c.varyOnAccept()
	}
	best, ok := accept.Media(c.r.Header["Accept"], types)
	if !ok {
		return notAcceptable(types)
	}
	c.form = forms[best]
	return nil
}

// varyOnAccept tells caches that what is answered depends on Accept.
func (c *call) varyOnAccept() { addVary(c.w.Header(), varyAccept) }

// addVary adds a line to Vary, once. It is not changed: of a response without others, it is the header.
func addVary(h http.Header, line []string) {
	switch vary := h["Vary"]; {
	case vary == nil:
		h["Vary"] = line
	case !slices.Contains(vary, line[0]):
		h["Vary"] = append(vary, line...)
	}
}

// compress lets the answer be compressed as the client accepts it.
func (c *call) compress() {
	if c.table.compressFrom < 0 || c.dialect.gateway || c.form == formSocket {
		return
	}
	chosen := ""
	if accepted := c.r.Header["Accept-Encoding"]; accepted != nil {
		chosen, _ = accept.Encoding(accepted, coding.Offered) // one that excludes everything gets what it gets
	}
	c.w, c.packed = coding.Wrap(c.w, c.r, chosen, c.table.compressFrom)
}

// hears tells whether the request is a stream.
func (op *operation) hears() bool { return op.kind == clientStream || op.kind == bothWays }

// streams tells whether the answer is a stream.
func (op *operation) streams() bool { return op.kind == serverStream || op.kind == bothWays }

func notAcceptable(types []string) error {
	return fault.New(fault.NotAcceptable, "what is accepted is not to be had here; there is "+strings.Join(types, ", "))
}

// errorFormat is how the error of the call is written.
func (c *call) errorFormat() fault.Format {
	switch {
	case c.dialect.problems:
		return fault.Problem
	case c.dialect.gateway && c.streaming:
		return fault.Chunk
	case c.dialect.gateway:
		return fault.Unpopulated
	case prefersProblem(c.r.Header):
		return fault.Problem
	default:
		return fault.Brief
	}
}

func prefersProblem(h http.Header) bool {
	best, ok := accept.Media(h["Accept"], errorTypes)
	return ok && errorTypes[best] == typeProblem
}
