package openapi

import (
	"regexp"
	"slices"
	"strings"
)

var (
	// crossReference is how comments in protos refer to other declarations: [Product][shop.catalog.v1.Product].
	crossReference = regexp.MustCompile(`\[([^\[\]]+)\]\[(\.?[A-Za-z_]\w*(?:\.[A-Za-z_]\w*)*)?\]`)
	// linkDefinition is the address of a link that stands elsewhere.
	linkDefinition = regexp.MustCompile(`^(?:\s|>|[-*+]\s|[0-9]{1,9}[.)]\s)*(\[([^\[\]]+)\]:)\s*<?([^\s>]*)`)
	declaredName   = regexp.MustCompile(`^\.?[A-Za-z_]\w*(?:\.\w+)*(?:\(\))?$`)
)

// definedLinks are the labels that a text gives addresses to.
func definedLinks(text string) map[string]bool {
	links := map[string]bool{}
	for line := range strings.SplitSeq(text, "\n") {
		if at := linkDefinition.FindStringSubmatch(line); at != nil {
			links[strings.ToLower(at[2])] = true
		}
	}
	return links
}

// crossReferences puts the text of each reference in its place: a page has no address for it, and would show it as it
// is written.
func (m *inertness) crossReferences(line string) string {
	spans, _ := codeSpans(line)
	var out strings.Builder
	done := 0
	for _, at := range crossReference.FindAllStringSubmatchIndex(line, -1) {
		label, target := line[at[2]:at[3]], ""
		if at[4] >= 0 {
			target = line[at[4]:at[5]]
		}
		isCode := slices.ContainsFunc(spans, func(span [2]int) bool { return span[0] <= at[0] && at[0] < span[1] })
		if isCode || m.links[strings.ToLower(target)] || target == "" && !strings.Contains(label, ".") {
			continue
		}
		if declaredName.MatchString(label) {
			label = "`" + strings.TrimPrefix(label, ".") + "`"
		}
		out.WriteString(line[done:at[0]] + label)
		done = at[1]
	}
	return out.String() + line[done:]
}
