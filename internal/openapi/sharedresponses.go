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
	key := strings.TrimPrefix(s.keyOf(op, r), responsesRef)
	if key == "" {
		return
	}
	if !s.described[key] {
		s.described[key] = true
		own := new(Response)
		if shared, ok := s.doc.Components.Responses.Get(key); ok {
			own = cloneResponse(shared)
		} else if s.code[0] >= '4' {
			other, _ := op.Responses.Get("default")
			own = cloneResponse(s.sharedBy(other))
		}
		s.describeResponse(own, s.part, s.given)
		s.responseBody(own, op.call, s.part, s.code, s.given)
		s.doc.Components.Responses.Set(key, own)
	}
	if !known {
		op.Responses.Set(s.code, &Response{Ref: responsesRef + key})
		op.Responses.sort()
	}
}

// keyOf is the key of the component that the response of an operation is, or will be; "" where it is none.
func (s *sharing) keyOf(op *Operation, r *Response) string {
	switch {
	case r != nil:
		return r.Ref
	case s.code[0] == '2':
		return ""
	}
	other, _ := op.Responses.Get("default")
	_, dialect, _ := strings.Cut(other.Ref, failureKey)
	return "Status" + s.code + dialect
}
