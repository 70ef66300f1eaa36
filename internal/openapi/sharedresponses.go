package openapi

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/grpc-ecosystem/grpc-gateway/v2/protoc-gen-openapiv2/options"
)

// shareResponses adds the responses that files declare for all operations: what they say of those that there are, and
// those that there are not. Who describes an operation itself is not overruled.
func (b *builder) shareResponses() {
	o, given := b.generalOption, b.general.GetResponses()
	for _, code := range slices.Sorted(maps.Keys(given)) {
		part := fmt.Sprintf("responses[%q]", code)
		if !responseCode.MatchString(code) {
			o.wrong(part, "%q is no status code", code)
			continue
		}
		s := sharing{option: o, part: part, code: code, given: given[code], described: map[string]bool{}}
		for _, item := range b.doc.Paths.All() {
			for _, op := range item.Operations() {
				s.with(op)
			}
		}
		if !s.isKnown {
			o.wrong(part, "no operation has a success of this code; set (gatehouse.v1.http).success.code where there should be one")
		}
	}
}

// sharing is one response on its way to all operations.
type sharing struct {
	option
	part, code string
	given      *options.Response
	described  map[string]bool // the components that are
	isKnown    bool
}

func (s *sharing) with(op *Operation) {
	r, known := op.Responses.Get(s.code)
	s.isKnown = s.isKnown || known || s.code[0] != '2'
	key := strings.TrimPrefix(r.reference(), responsesRef)
	switch {
	case !known && s.code[0] == '2', known && key == "":
		return
	case !known:
		key = "Status" + s.code + op.call.failureSuffix()
	}
	if !s.described[key] {
		s.described[key] = true
		own := new(Response)
		if shared, ok := s.doc.Components.Responses.Get(key); ok {
			own = cloneResponse(shared)
		} else if failure, ok := s.doc.Components.Responses.Get(failureKey + op.call.failureSuffix()); ok && s.code[0] >= '4' {
			own = cloneResponse(failure)
		}
		s.describeResponse(own, s.part, s.given)
		s.responseBody(own, op.call, s.part, s.code, s.given)
		s.doc.Components.Responses.Set(key, own)
	}
	if !known {
		op.Responses = mapped(op.Responses, func(r *Response) *Response { return r }) // operations of all methods share them
		op.Responses.Set(s.code, &Response{Ref: responsesRef + key})
		op.Responses.sort()
	}
}

// reference is what a response refers to; "" where it is none.
func (r *Response) reference() string {
	if r == nil {
		return ""
	}
	return r.Ref
}
