package transcode

import "slices"

// updateMask is the field that tells a method what of a resource to change.
const updateMask = "update_mask"

// compileMask finds the field to fill with the paths that a body gives, and the message in the body that they are
// relative to: the body's field or, where the body is everything, the only other message.
func (r *Request) compileMask() {
	f := r.message.maskField(updateMask)
	if f == nil || r.query.isBound([]*field{f}) {
		return
	}
	resource := r.bodyField
	if r.body == WholeBody {
		resource = r.message.onlyObject()
	}
	if resource != nil && resource.isObject() {
		r.mask, r.resource = f, resource
	}
}

func (f *field) isObject() bool {
	return f.card == singular && f.message != nil && f.message.shape == shapeObject
}

// onlyObject returns the one field that is a message of fields, nil if there are more.
func (m *Message) onlyObject() *field {
	var only *field
	for i := range m.fields {
		if f := &m.fields[i]; f.isObject() {
			if only != nil {
				return nil
			}
			only = f
		}
	}
	return only
}

// appendUpdateMask appends the paths of what the body gives, unless the client has said itself what to change.
func (r *Request) appendUpdateMask(dst []byte, start int, body []byte) ([]byte, error) {
	if r.mask == nil || hasField(dst[start:], r.mask) {
		return dst, nil
	}
	paths, err := r.givenPaths(body)
	if err != nil {
		return dst, err
	}
	slices.Sort(paths)
	return r.mask.appendMask(dst, paths), nil
}

// givenPaths lists what the body, which has been decoded without an error, gives of the resource.
func (r *Request) givenPaths(body []byte) ([]string, error) {
	d := newDecoder(r.message.codec, body)
	defer d.free()
	if r.body == FieldBody {
		return d.given(r.resource.message, "", nil)
	}
	if err := d.open('{', "an object"); err != nil {
		return nil, rooted(err)
	}
	var paths []string
	for first := true; ; first = false {
		more, err := d.more('}', first)
		if err != nil || !more {
			return paths, rooted(err)
		}
		f, err := d.member(r.message)
		switch {
		case err != nil:
			return nil, rooted(err)
		case f == r.resource && d.peek() == '{':
			paths, err = d.given(f.message, "", paths)
		default:
			err = d.skip()
		}
		if err != nil {
			return nil, rooted(err)
		}
	}
}

// given appends the paths of the members of an object: those within messages for what these hold, those of lists, maps,
// well-known types and empty objects for the whole, and null, which clears, for what it stands for.
func (d *decoder) given(m *Message, prefix string, paths []string) ([]string, error) {
	if d.peek() != '{' {
		return paths, d.skip()
	}
	if err := d.open('{', "an object"); err != nil {
		return paths, err
	}
	for first := true; ; first = false {
		more, err := d.more('}', first)
		if err != nil || !more {
			return paths, err
		}
		f, err := d.member(m)
		if err != nil {
			return paths, err
		}
		if f == nil {
			if err := d.skip(); err != nil {
				return paths, err
			}
			continue
		}
		before := len(paths)
		if f.isObject() {
			paths, err = d.given(f.message, prefix+f.text+".", paths)
		} else {
			err = d.skip()
		}
		if err != nil {
			return paths, err
		}
		if len(paths) == before {
			paths = append(paths, prefix+f.text)
		}
	}
}

// member takes the name of a member and the colon. The field is nil if the message has none of that name.
func (d *decoder) member(m *Message) (*field, error) {
	d.peek()
	name, err := d.str("a field name")
	if err != nil {
		return nil, err
	}
	f := m.byName[string(name)]
	return f, d.colon()
}
