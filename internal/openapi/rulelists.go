package openapi

import (
	"strings"

	"google.golang.org/protobuf/reflect/protoreflect"
)

// lists adds the rules of lists, and those of their items.
func (r *ruling) lists(s *Schema) {
	least, most := r.sizes("", "min_items", "max_items")
	r.size(s, "items", least, most, &Schema{MinItems: least, MaxItems: most})
	if r.isSet("unique") {
		if r.of.Message() != nil {
			r.wrong("unique", "the items are messages, which are not compared; remove the rule")
		}
		s.UniqueItems = true
	}
	if inner := r.within("items", r.of, atItem); inner != nil {
		inner.apply(s.Items)
	}
}

// maps adds the rules of maps, and those of their keys and values. What JSON can not express, an entry without a value,
// needs no rule.
func (r *ruling) maps(s *Schema) {
	least, most := r.sizes("", "min_pairs", "max_pairs")
	r.size(s, "entries", least, most, &Schema{MinProperties: least, MaxProperties: most})
	r.isSet("no_sparse")
	if inner := r.within("values", r.of.MapValue(), atValue); inner != nil {
		inner.apply(s.Additional)
	}
	inner := r.within("keys", r.of.MapKey(), atKey)
	if inner == nil {
		return
	}
	if s.PropertyNames == nil {
		s.PropertyNames = new(Schema)
	}
	keys := s.PropertyNames
	inner.apply(keys)
	if keys.Type == nil && keys.isBlank() {
		s.PropertyNames = nil
	}
	// Readers seldom see the schema of keys, and OpenAPI 3.0 has none.
	if text := keyText(keys, r.of.MapKey().Kind() == protoreflect.StringKind); text != "" && !strings.Contains(s.Description, text) {
		r.say("%s", text)
	}
}

// isBlank tells whether a schema says nothing.
func (s *Schema) isBlank() bool {
	text, err := marshal(s)
	return err == nil && string(text) == "{}"
}

// keyText says in words what the keys of a map have to be. A pattern of numbers needs none.
func keyText(keys *Schema, isText bool) string {
	var parts []string
	if keys.MinLength != nil || keys.MaxLength != nil {
		parts = append(parts, strings.TrimSuffix(lowered(sizeText(keys.MinLength, keys.MaxLength, "characters", false)), "."))
	}
	for _, pattern := range patternsOf(keys) {
		if isText {
			parts = append(parts, "matching "+codeSpan(pattern))
		}
	}
	if formats := formatsOf(keys); formats != "" {
		parts = append(parts, "of the format "+formats)
	}
	if keys.Const != nil {
		parts = append(parts, codeList([]any{keys.Const}))
	}
	if list := codeList(keys.Enum); list != "" {
		parts = append(parts, "one of "+list)
	}
	if keys.Not != nil {
		if list := codeList(keys.Not.Enum); list != "" {
			parts = append(parts, "none of "+list)
		}
	}
	text := keys.Description
	if len(parts) > 0 {
		text = strings.TrimSpace(sentence(strings.Join(parts, ", ")) + " " + text)
	}
	if text == "" {
		return ""
	}
	return "Each key: " + lowered(strings.ReplaceAll(text, "\n\n", " "))
}

func lowered(text string) string { return strings.ToLower(text[:1]) + text[1:] }

func formatsOf(s *Schema) string {
	var formats []string
	if s.Format != "" {
		formats = append(formats, codeSpan(s.Format))
	}
	for _, one := range s.AnyOf {
		if one.Format != "" {
			formats = append(formats, codeSpan(one.Format))
		}
	}
	return strings.Join(formats, " or ")
}

// codeList lists texts as code.
func codeList(values []any) string {
	var spans []string
	for _, v := range values {
		if text, isText := v.(string); isText {
			spans = append(spans, codeSpan(text))
		}
	}
	return strings.Join(spans, ", ")
}
