package openapi

// examples gives bodies of JSON an example, where no option has given one: of requests what can be given, of answers what
// there is. One that would not satisfy its schema, or would say nothing, is left out. It comes when all schemas are known.
func (b *builder) examples() {
	for _, item := range b.doc.Paths.All() {
		for method, op := range item.Operations() {
			if op.RequestBody != nil {
				b.exemplify(op.RequestBody.Content, pick(method == methodPatch, patch, input))
			}
			for code, response := range op.Responses.All() {
				if code[0] == '2' {
					b.exemplify(response.Content, output)
				}
			}
		}
	}
}

// exemplify gives each form of a body that is JSON an example.
func (b *builder) exemplify(content Map[*Media], use use) {
	for _, mediaType := range []string{typeJSON, typeLines} {
		media, ok := content.Get(mediaType)
		if !ok || media.Example != nil || media.Schema == nil {
			continue
		}
		if example, ok := b.exampleOf(media.Schema, use); ok {
			media.Example = example
		}
	}
}

// exampleOf makes an example of a schema. One that is too long is made again, with fewer of the members that need not be
// there.
func (b *builder) exampleOf(s *Schema, use use) (any, bool) {
	choices := []int{-1, 12, 6, 3, 1, 0}
	if use == patch {
		choices = []int{3, 1, 0} // a change is of a few fields
	}
	for i, most := range choices {
		m := &sampler{builder: b, use: use, most: most, left: maxSampleSteps}
		value, ok := m.value(s, "", 0)
		if count := countOf(value); ok && (count <= maxSampleValues || i == len(choices)-1 && count <= 2*maxSampleValues) {
			return value, !isEmpty(value)
		}
	}
	return nil, false
}

// countOf is how many values there are in a value.
func countOf(value any) int {
	count := 0
	switch value := value.(type) {
	case []any:
		for _, one := range value {
			count += countOf(one)
		}
	case Map[any]:
		for _, one := range value.All() {
			count += countOf(one)
		}
	default:
		return 1
	}
	return count
}
