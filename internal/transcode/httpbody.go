package transcode

import (
	"google.golang.org/protobuf/encoding/protowire"
	"google.golang.org/protobuf/reflect/protoreflect"
)

// HTTPBody is the message whose bytes are a body as it is.
const HTTPBody protoreflect.FullName = "google.api.HttpBody"

// The fields of google.api.HttpBody.
const (
	httpBodyContentType protowire.Number = 1
	httpBodyData        protowire.Number = 2
)

func sizeHTTPBody(contentType string, data []byte) int {
	size := protowire.SizeTag(httpBodyData) + protowire.SizeBytes(len(data))
	if contentType != "" {
		size += protowire.SizeTag(httpBodyContentType) + protowire.SizeBytes(len(contentType))
	}
	return size
}

func appendHTTPBody(dst []byte, contentType string, data []byte) []byte {
	if contentType != "" {
		dst = protowire.AppendString(protowire.AppendTag(dst, httpBodyContentType, protowire.BytesType), contentType)
	}
	return protowire.AppendBytes(protowire.AppendTag(dst, httpBodyData, protowire.BytesType), data)
}

// ReadHTTPBody finds the content of a google.api.HttpBody, or of the one in the given field of a message; field 0 is the
// message itself. It reports false for bytes that are no message.
func ReadHTTPBody(wire []byte, field protowire.Number) (contentType string, data []byte, ok bool) {
	if field != 0 {
		_, inner, ok := findBytes(wire, field, 0)
		if !ok {
			return "", nil, false
		}
		wire = inner
	}
	kind, data, ok := findBytes(wire, httpBodyData, httpBodyContentType)
	return string(kind), data, ok
}

// findBytes returns the last values of two length-delimited fields.
func findBytes(wire []byte, want, also protowire.Number) (other, value []byte, ok bool) {
	for len(wire) > 0 {
		num, typ, n := protowire.ConsumeTag(wire)
		if n < 0 {
			return nil, nil, false
		}
		size := protowire.ConsumeFieldValue(num, typ, wire[n:])
		if size < 0 {
			return nil, nil, false
		}
		if typ == protowire.BytesType {
			content, _ := protowire.ConsumeBytes(wire[n:])
			switch num {
			case want:
				value = content
			case also:
				other = content
			}
		}
		wire = wire[n+size:]
	}
	return other, value, true
}
