package transcode

import "slices"

// updateMask is the field that tells a method what of a resource to change.
const updateMask = "update_mask"

// maxGiven is how many paths a body may give: within messages that hold themselves, they grow longer as they get more.
const maxGiven = 1000

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
	if isBlank(body) || hasField(dst[start:], r.mask) {
		return dst, nil
	}
	paths, err := r.givenPaths(body)
	if err != nil {
		return dst, rooted(err)
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
	var paths []string
	err := d.members(r.message, func(f *field) (err error) {
		if f != r.resource || d.peek() != '{' {
			return d.skip()
		}
		paths, err = d.given(f.message, "", paths)
		return err
	})
	return paths, err
}

// given appends the paths of the members of an object: those within messages for what these hold; those of lists, maps
// and well-known types for the whole; and null, which clears, and an empty object for what they stand for. What the
// message does not have gives none: an object of nothing else changes nothing.
func (d *decoder) given(m *Message, prefix string, paths []string) ([]string, error) {
	err := d.members(m, func(f *field) (err error) {
		switch {
		case f == nil:
			return d.skip()
		case f.isObject() && d.holdsMembers():
			paths, err = d.given(f.message, prefix+f.text+".", paths)
			return err
		case len(paths) == maxGiven:
			return d.fail(d.pos, "the body gives more than %d fields; %s has to say which ones change", maxGiven, updateMask)
		default:
			paths = append(paths, prefix+f.text)
			return d.skip()
		}
	})
	return paths, err
}

// members takes an object. value takes the value of each member; its field is nil if the message has none of that name.
func (d *decoder) members(m *Message, value func(*field) error) error {
	if err := d.open('{', "an object"); err != nil {
		return err
	}
	for first := true; ; first = false {
		more, err := d.more('}', first)
		if err != nil || !more {
			return err
		}
		f, err := d.member(m)
		if err != nil {
			return err
		}
		if err := value(f); err != nil {
			return err
		}
	}
}

// holdsMembers tells whether an object that is not empty comes next, without taking it.
func (d *decoder) holdsMembers() bool {
	if d.peek() != '{' {
		return false
	}
	start := d.pos
	d.pos++
	next := d.peek()
	d.pos = start
	return next != '}'
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
