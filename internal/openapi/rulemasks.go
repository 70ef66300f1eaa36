package openapi

import (
	"slices"
	"strings"

	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/types/known/fieldmaskpb"
)

// masks adds the rules of google.protobuf.FieldMask. Paths to what the audience does not see are left out.
func (r *ruling) masks(s *Schema) {
	hidden := r.hiddenNames(r.fd.ContainingMessage(), map[protoreflect.FullName]bool{})
	if v, ok := r.take("const"); ok {
		const paths = 1
		list := v.Message().Get(v.Message().Descriptor().Fields().ByNumber(paths)).List()
		if text := r.maskText("const", list); !namesAny(text, hidden) {
			r.say("Exactly %s.", codeSpan(text))
		}
	}
	for _, rule := range []struct {
		name protoreflect.Name
		text string
	}{{"in", "Names only %s, and what lies within."}, {"not_in", "Names none of %s, and nothing that lies within."}} {
		v, ok := r.take(rule.name)
		if !ok {
			continue
		}
		paths := slices.DeleteFunc(strings.Split(r.maskText(rule.name, v.List()), ","), func(path string) bool { return namesAny(path, hidden) })
		if len(paths) > 0 {
			r.say(rule.text, "`"+strings.Join(paths, "`, `")+"`")
		}
	}
	r.timeExamples(s)
}

// maskText is what JSON has for a mask of these paths.
func (r *ruling) maskText(rule protoreflect.Name, paths protoreflect.List) string {
	mask := new(fieldmaskpb.FieldMask)
	for i := range paths.Len() {
		mask.Paths = append(mask.Paths, paths.Get(i).String())
	}
	text, err := jsonText(mask)
	if err != nil {
		r.wrong(rule, "it can not be written: %s", plainError(err))
	}
	return text
}
