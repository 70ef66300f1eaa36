package openapi

import (
	"cmp"
	"math/big"
	"regexp"
	"slices"
	"strings"

	"google.golang.org/genproto/googleapis/api/annotations"
	"google.golang.org/protobuf/reflect/protoreflect"

	"github.com/gatehouse-edge/gatehouse/internal/source"
)

// hint tells what an example of the field would be.
func (b *builder) hint(s *Schema, fd protoreflect.FieldDescriptor, sc scope) {
	s.sample = b.sampleOf(fd)
	s.isFixed = b.has(fd, annotations.FieldBehavior_IMMUTABLE) || b.has(fd, annotations.FieldBehavior_IDENTIFIER)
	isPlain := fd.Message() == nil && fd.Enum() == nil || fd.Message() != nil && wrapped(fd.Message()) != nil
	if sc.use == output && isPlain {
		s.ruled = b.value(fd, scope{input, sc.dialect})
		b.fieldFormat(s.ruled, fd)
		b.constrain(s.ruled, fd)
		s.ruled.sample = s.sample
	}
}

var (
	patternVariable = regexp.MustCompile(`\{([a-z0-9_]+)[^}]*\}`)
	// given is the one thing that a sentence ends in, behind a colon: "The name: `categories/kitchen`."
	givenInComment = regexp.MustCompile("(?:[:,]|such as|like|e\\.g\\.) `([^`\n]+)`[.;)]?(?:\\s|$)")
)

// sampleOf is a good example of a field's text, where its declaration tells one: by its comment, or by the pattern of the
// resource that it names.
func (b *builder) sampleOf(fd protoreflect.FieldDescriptor) string {
	if fd.Message() != nil && fd.Message().FullName() == "google.protobuf.FieldMask" {
		return b.maskSample(fd)
	}
	switch fd.Kind() {
	case protoreflect.Int64Kind, protoreflect.Sint64Kind, protoreflect.Sfixed64Kind, protoreflect.Uint64Kind, protoreflect.Fixed64Kind:
		if fd.IsList() {
			return ""
		}
		return b.numberSample(fd)
	case protoreflect.StringKind:
	default:
		return ""
	}
	text, _, _ := strings.Cut(commentOf(fd).all(), "\n\n")
	if at := givenInComment.FindStringSubmatch(text); at != nil {
		return at[1]
	}
	patterns := b.namesOf(fd)
	if len(patterns) == 0 {
		return ""
	}
	return patternVariable.ReplaceAllStringFunc(patterns[0], func(variable string) string {
		return strings.ReplaceAll(patternVariable.FindStringSubmatch(variable)[1], "_", "-") + "-1"
	})
}

// namesOf are the patterns of the names that a field holds.
func (b *builder) namesOf(fd protoreflect.FieldDescriptor) []string {
	ref, _, err := source.Option[*annotations.ResourceReference](fd.Options(), annotations.E_ResourceReference)
	if err == nil && ref.GetType() != "" {
		return b.resourcePatterns()[ref.GetType()]
	}
	resource := b.resourceOf(fd.ContainingMessage())
	if resource != nil && string(fd.Name()) == cmp.Or(resource.GetNameField(), "name") {
		return namedPatterns(resource)
	}
	return nil
}

// maskSample is the name of a field that a mask may hold: one of the message that stands beside it.
func (b *builder) maskSample(mask protoreflect.FieldDescriptor) string {
	for _, beside := range b.fields(mask.ContainingMessage()) {
		if beside.Message() == nil || beside.IsList() || beside.IsMap() || isBare[beside.Message().FullName()] || wrapped(beside.Message()) != nil {
			continue
		}
		for _, fd := range b.fields(beside.Message()) {
			if !fd.IsExtension() && fd.Message() == nil && fd.Name() != "name" && fd.Name() != "id" && !b.isReadOnly(fd) {
				return fd.JSONName()
			}
		}
	}
	return ""
}

// numberSample is a number that is written as text, and that the field may hold: a schema has no words for its bounds.
// It is "" where any number will do.
func (b *builder) numberSample(fd protoreflect.FieldDescriptor) string {
	given, _ := b.fieldOption(fd)
	var ranges []span
	for _, r := range b.rulings(fd) {
		ranges = append(ranges, r.span())
	}
	if n := given.GetMinimum(); n != 0 || given.GetExclusiveMinimum() {
		ranges = append(ranges, span{lower: &bound{exact: exactly(number(n)), open: given.GetExclusiveMinimum()}})
	}
	if n := given.GetMaximum(); n != 0 || given.GetExclusiveMaximum() {
		ranges = append(ranges, span{upper: &bound{exact: exactly(number(n)), open: given.GetExclusiveMaximum()}})
	}
	if len(ranges) == 0 {
		return ""
	}
	candidates := []*big.Int{big.NewInt(1)}
	for _, text := range numbersFor(string(fd.Name())) {
		if n, ok := new(big.Int).SetString(text, 10); ok {
			candidates = slices.Insert(candidates, 0, n)
		}
	}
	for _, r := range ranges {
		candidates = append(candidates, r.lower.whole(1), r.upper.whole(-1))
	}
	for _, n := range candidates {
		if n != nil && !slices.ContainsFunc(ranges, func(r span) bool { return !r.takes(new(big.Rat).SetInt(n)) }) {
			return n.String()
		}
	}
	return ""
}
