package openapi

import (
	"encoding/json"
	"slices"
	"strconv"

	"google.golang.org/genproto/googleapis/api/annotations"
	"google.golang.org/protobuf/reflect/protoreflect"
)

// view is what an audience sees of a value.
type view struct {
	*builder
	scope
	isWhole bool
}

// field returns what is seen of the value of a field, and whether that is anything. What was given beside it tells which
// fields were not left out.
func (v *view) field(fd protoreflect.FieldDescriptor, value, given any) (any, bool) {
	switch value := value.(type) {
	case []any:
		if !fd.IsList() {
			return value, true // a list that is one value
		}
		was, _ := given.([]any)
		seen := []any{}
		for i, one := range value {
			var before any
			if i < len(was) {
				before = was[i]
			}
			if one, ok := v.single(fd, one, before); ok {
				seen = append(seen, one)
			}
		}
		return seen, true
	case Map[any]:
		if !fd.IsMap() {
			return v.single(fd, value, given)
		}
		was, _ := given.(Map[any])
		var seen Map[any]
		for key, one := range value.All() {
			before, _ := was.Get(key)
			if one, ok := v.single(fd.MapValue(), one, before); ok {
				seen.Set(key, one)
			}
		}
		seen.sort()
		return seen, true
	default:
		return v.single(fd, value, given)
	}
}

func (v *view) single(fd protoreflect.FieldDescriptor, value, given any) (any, bool) {
	switch {
	case fd.Message() != nil:
		return v.message(fd.Message(), value, given)
	case fd.Enum() != nil && !v.sees(fd.Enum(), value):
		v.isWhole = false
		return nil, false
	default:
		return value, true
	}
}

// sees tells whether the audience sees a value of an enum. A number that has no name is nobody's secret.
func (v *view) sees(ed protoreflect.EnumDescriptor, value any) bool {
	for i := range ed.Values().Len() {
		one := ed.Values().Get(i)
		number, isNumber := value.(json.Number)
		if value == string(one.Name()) || isNumber && number.String() == strconv.Itoa(int(one.Number())) {
			return v.opts.Visible(one)
		}
	}
	return true
}

func (v *view) message(md protoreflect.MessageDescriptor, value, given any) (any, bool) {
	object, isObject := value.(Map[any])
	switch {
	case !v.opts.Visible(md):
		v.isWhole = false
		return nil, false
	case !isObject:
		return value, true
	case md.FullName() == "google.protobuf.Any":
		return v.packed(object, given)
	case isBare[md.FullName()] || wrapped(md) != nil:
		return value, true
	}
	return v.object(md, object, given), true
}

// packed is the view of an Any.
func (v *view) packed(object Map[any], given any) (any, bool) {
	name, _ := object.Get("@type")
	address, _ := name.(string)
	mt, err := v.api.Set.Types().FindMessageByURL(address)
	if err != nil || !v.opts.Visible(mt.Descriptor()) {
		v.isWhole = false
		return nil, false
	}
	if _, hasValue := object.Get("value"); hasValue && (isBare[mt.Descriptor().FullName()] || wrapped(mt.Descriptor()) != nil) {
		return object, true
	}
	var seen Map[any]
	seen.Set("@type", name)
	for key, one := range v.object(mt.Descriptor(), object, given).All() {
		seen.Set(key, one)
	}
	return seen, true
}

// object is the view of a message that is an object of its fields.
func (v *view) object(md protoreflect.MessageDescriptor, object Map[any], given any) Map[any] {
	was, _ := given.(Map[any])
	var seen Map[any]
	fds := slices.Clone(v.extensions[md.FullName()])
	for i := range md.Fields().Len() {
		fds = append(fds, md.Fields().Get(i))
	}
	for _, fd := range fds {
		before, isGiven := was.Get(fd.JSONName())
		if !isGiven {
			before, isGiven = was.Get(v.dialect.nameOf(fd))
		}
		if !isGiven {
			before, isGiven = was.Get(fd.TextName())
		}
		value, ok := object.Get(v.dialect.nameOf(fd))
		switch {
		case !v.opts.Visible(fd):
			v.isWhole = v.isWhole && !isGiven
		case !ok, !isGiven && !(v.use == output && v.dialect.alwaysWrites(fd)):
		case v.use != output && v.isReadOnly(fd):
		case v.use == output && v.has(fd, annotations.FieldBehavior_INPUT_ONLY):
			if v.dialect.alwaysWrites(fd) {
				seen.Set(v.dialect.nameOf(fd), unset(fd, v.dialect))
			}
		default:
			if value, ok = v.field(fd, value, before); ok {
				seen.Set(v.dialect.nameOf(fd), value)
			}
		}
	}
	return seen
}
