package openapi

import (
	"cmp"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/grpc-ecosystem/grpc-gateway/v2/protoc-gen-openapiv2/options"
)

// words adds what an option says of values in JSON Schema's own words: to the schema of the whole what is said of lists,
// to that of one value all else. A word that the values have no use for contradicts the form in which they are sent.
// Swagger 2 has no words left out but zeros: a minimum of 0 can not be told from none.
func (o option) words(prefix string, whole, one *Schema, given *options.JSONSchema) {
	w := wording{option: o, prefix: prefix, schema: one}
	w.format(given.GetFormat())
	w.numbers(given)
	w.texts(given)
	w.count("max_properties", typeObject, &one.MaxProperties, given.GetMaxProperties())
	w.count("min_properties", typeObject, &one.MinProperties, given.GetMinProperties())
	w.schema = whole
	w.count("max_items", typeArray, &whole.MaxItems, given.GetMaxItems())
	w.count("min_items", typeArray, &whole.MinItems, given.GetMinItems())
	if given.GetUniqueItems() && w.fits("unique_items", typeArray) {
		whole.UniqueItems = true
	}
}

// wording is an option whose words are being added to a schema.
type wording struct {
	option
	prefix string // of the parts
	schema *Schema
}

// fits tells whether a word that speaks of a type has any use.
func (w wording) fits(part, kind string) bool {
	if w.schema.allows(kind) {
		return true
	}
	w.wrong(w.prefix+part, "it speaks of %s, and this is sent as %s; leave it out", kind, strings.Join(w.schema.kinds(), " or "))
	return false
}

// differs reports that an option and the rules are at odds.
func (w wording) differs(part string, said, ruled any) {
	w.wrong(w.prefix+part, "it is %v, and the rules or the type of the field say %v; make them the same", said, ruled)
}

func (w wording) count(part, kind string, into **uint64, n uint64) {
	if n == 0 || !w.fits(part, kind) {
		return
	}
	if *into != nil && **into != n {
		w.differs(part, n, **into)
		return
	}
	*into = &n
}

func (w wording) texts(given *options.JSONSchema) {
	w.count("max_length", typeString, &w.schema.MaxLength, given.GetMaxLength())
	w.count("min_length", typeString, &w.schema.MinLength, given.GetMinLength())
	pattern := given.GetPattern()
	if pattern == "" || !w.fits("pattern", typeString) {
		return
	}
	switch w.schema.Pattern {
	case pattern:
	case "":
		w.schema.Pattern = pattern
	default: // that of the type or of a rule holds beside it
		w.schema.AllOf = append(slices.Clone(w.schema.AllOf), &Schema{Pattern: pattern})
	}
}

// narrower are the formats that say more of values than their type does.
var narrower = map[string][]string{
	"int32":  {"int8", "int16", "uint8", "uint16"},
	"uint32": {"uint8", "uint16"},
	"byte":   {"base64"},
}

func (w wording) format(format string) {
	switch known := w.schema.Format; {
	case format == "" || format == known:
	case known == "" && w.schema.target == nil && len(w.schema.AnyOf) == 0, slices.Contains(narrower[known], format):
		w.schema.Format = format
	case len(w.schema.AnyOf) > 0 && slices.ContainsFunc(w.schema.AnyOf, func(one *Schema) bool { return one.Format == format }):
	case known != "":
		w.wrong(w.prefix+"format", "it is %q, and what is sent is %q; leave it out", format, known)
	default:
		w.wrong(w.prefix+"format", "what is sent has no format %q; leave it out", format)
	}
}

func (w wording) numbers(given *options.JSONSchema) {
	hasMinimum := given.GetMinimum() != 0 || given.GetExclusiveMinimum()
	hasMaximum := given.GetMaximum() != 0 || given.GetExclusiveMaximum()
	if !hasMinimum && !hasMaximum && given.GetMultipleOf() == 0 {
		return
	}
	s := w.numeric()
	switch {
	case s == nil && slices.Contains([]string{"int64", "uint64"}, w.schema.Format):
		w.describe(boundsText(given, hasMinimum, hasMaximum)) // a number in a text has no words for its bounds
		return
	case s == nil:
		w.wrong(w.prefix+cmp.Or(pick(hasMinimum, "minimum", ""), pick(hasMaximum, "maximum", ""), "multiple_of"),
			"it speaks of numbers, and this is sent as %s; leave it out", strings.Join(w.schema.kinds(), " or "))
		return
	}
	if hasMinimum {
		w.bound("minimum", pick(given.GetExclusiveMinimum(), &s.ExclusiveMinimum, &s.Minimum), given.GetMinimum())
	}
	if hasMaximum {
		w.bound("maximum", pick(given.GetExclusiveMaximum(), &s.ExclusiveMaximum, &s.Maximum), given.GetMaximum())
	}
	if given.GetMultipleOf() != 0 {
		w.bound("multiple_of", &s.MultipleOf, given.GetMultipleOf())
	}
	if least, most := exactly(s.Minimum), exactly(s.Maximum); least != nil && most != nil && least.Cmp(most) > 0 {
		w.wrong(w.prefix+"minimum", "no number is from %s to %s", s.Minimum, s.Maximum)
	}
}

// numeric is the schema that bounds of numbers belong to; nil where there are none.
func (w wording) numeric() *Schema {
	if kinds := w.schema.kinds(); len(w.schema.AnyOf) == 0 {
		if len(kinds) == 0 || slices.Contains(kinds, typeInteger) || slices.Contains(kinds, typeNumber) {
			return w.schema
		}
		return nil
	}
	for _, one := range w.schema.AnyOf {
		if slices.Contains(one.kinds(), typeNumber) {
			return one
		}
	}
	return nil
}

func pick[T any](first bool, one, other T) T {
	if first {
		return one
	}
	return other
}

// ofType are the bounds that come with a type, which an option may narrow.
var ofType = []json.Number{"0", "4294967295"}

func (w wording) bound(part string, into *json.Number, value float64) {
	n := number(value)
	isOfType := w.schema.Format == "uint32" && slices.Contains(ofType, *into) && value >= 0 && value <= 1<<32-1
	if *into != "" && *into != n && !isOfType {
		w.differs(part, n, *into)
		return
	}
	*into = n
}

func (w wording) describe(text string) {
	if !strings.Contains(w.schema.Description, text) {
		w.schema.Description = paragraphs(w.schema.Description, text)
	}
}

func boundsText(given *options.JSONSchema, hasMinimum, hasMaximum bool) string {
	var parts []string
	if hasMinimum {
		parts = append(parts, fmt.Sprintf("%s %s", pick(given.GetExclusiveMinimum(), "more than", "at least"), number(given.GetMinimum())))
	}
	if hasMaximum {
		parts = append(parts, fmt.Sprintf("%s %s", pick(given.GetExclusiveMaximum(), "less than", "at most"), number(given.GetMaximum())))
	}
	if given.GetMultipleOf() != 0 {
		parts = append(parts, fmt.Sprintf("a multiple of %s", number(given.GetMultipleOf())))
	}
	return sentence(strings.Join(parts, ", "))
}
