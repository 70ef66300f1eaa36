package transcode

import (
	"strings"

	"google.golang.org/protobuf/encoding/protowire"
)

// masked is the field of a request that says what of a resource changes, and the resource; nil for none.
type masked struct {
	field    *field
	resource *Message
}

// compileMasked finds them: update_mask, and the body's field or, without one, the only other message.
func (r *Request) compileMasked() {
	f, resource := r.message.maskField(updateMask), r.bodyField
	if resource == nil {
		resource = r.message.onlyObject()
	}
	if f != nil && resource != nil && resource.isObject() {
		r.masked = masked{f, resource.message}
	}
}

// CheckMask refuses an update_mask, in the wire bytes of a request, that names what the resource does not have. What the
// audience does not see it does not have either: it could be cleared by its name alone.
func (r *Request) CheckMask(wire []byte) error {
	if r.masked.field == nil {
		return nil
	}
	return eachField(wire, r.masked.field.number, func(mask []byte) error {
		return eachField(mask, 1, func(path []byte) error { return r.masked.resource.checkPath(string(path)) })
	})
}

// checkPath follows a path as far as it leads through messages. A star is all that is at its place.
func (m *Message) checkPath(path string) error {
	for part := range strings.SplitSeq(path, ".") {
		if part == "*" {
			continue
		}
		if m == nil || m.shape != shapeObject {
			return nil
		}
		f := m.byName[part]
		if f == nil {
			return parameterError(updateMask, "%q: %s", short(path), m.unknownField(part))
		}
		if m = f.message; f.card == mapping {
			return nil // what follows is a key
		}
	}
	return nil
}

// short is a path as an error may repeat it.
func short(path string) string {
	const longest = 64
	if len(path) > longest {
		return strings.ToValidUTF8(path[:longest], "") + "…"
	}
	return path
}

// eachField calls f for each occurrence of a field of bytes, up to where the wire bytes are malformed, which others say.
func eachField(wire []byte, number protowire.Number, f func(content []byte) error) error {
	for len(wire) > 0 {
		num, typ, n := protowire.ConsumeField(wire)
		if n < 0 {
			return nil
		}
		if num == number && typ == protowire.BytesType {
			_, _, tag := protowire.ConsumeTag(wire)
			content, _ := protowire.ConsumeBytes(wire[tag:n])
			if err := f(content); err != nil {
				return err
			}
		}
		wire = wire[n:]
	}
	return nil
}
