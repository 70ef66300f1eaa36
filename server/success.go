package server

import (
	"net/http"
	"net/url"
	"strings"

	"google.golang.org/protobuf/reflect/protoreflect"

	"github.com/gatehouse-edge/gatehouse/internal/schema"
	"github.com/gatehouse-edge/gatehouse/internal/transcode"
)

// success is what a call that went well is answered with, beside its body.
type success struct {
	code        int
	location    []locationPart
	deprecation []string // the header's value, nil for none
	sunset      []string
}

type locationPart struct {
	text  string
	field *transcode.Pick // nil for none
}

func compileSuccess(codec *transcode.Codec, md protoreflect.MessageDescriptor, a schema.Answer) success {
	s := success{code: or(a.Code, http.StatusOK)}
	for _, p := range a.Location {
		part := locationPart{text: p.Text}
		if p.Field != nil {
			if part.field = codec.Pick(md, p.Field); part.field == nil {
				return s // nobody may learn of a field that is hidden
			}
		}
		s.location = append(s.location, part)
	}
	if a.Deprecation != "" {
		s.deprecation = []string{a.Deprecation}
	}
	if a.Sunset != "" {
		s.sunset = []string{a.Sunset}
	}
	return s
}

// succeed adds the headers of a success and returns its code: the one that the upstream asked for, if it did.
func (op *operation) succeed(h http.Header, wire []byte, asked int) int {
	s := &op.success
	s.announce(h)
	if len(s.location) > 0 && h["Location"] == nil {
		if location := s.locate(wire); location != "" {
			h["Location"] = []string{location}
		}
	}
	return or(asked, s.code)
}

// announce adds what is known before the call is made.
func (s *success) announce(h http.Header) {
	if s.deprecation != nil && h["Deprecation"] == nil {
		h["Deprecation"] = s.deprecation
	}
	if s.sunset != nil && h["Sunset"] == nil {
		h["Sunset"] = s.sunset
	}
}

// locate fills the fields into the Location; it is "" if one of them is empty.
func (s *success) locate(wire []byte) string {
	var b strings.Builder
	for _, p := range s.location {
		b.WriteString(p.text)
		if p.field == nil {
			continue
		}
		value := p.field.Text(wire)
		if value == "" {
			return ""
		}
		for i, segment := range strings.Split(value, "/") { // the slashes of a resource's name stay
			if i > 0 {
				b.WriteByte('/')
			}
			b.WriteString(url.PathEscape(segment))
		}
	}
	return b.String()
}
