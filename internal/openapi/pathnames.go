package openapi

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/gatehouse-edge/gatehouse/internal/httprule"
	"github.com/gatehouse-edge/gatehouse/internal/schema"
)

// ownPathName is the name that the option of a field gives the parameter of a path that is the field; "" for none. A
// field that is more than one wildcard is more than one parameter, and none of them is called so.
func (b *builder) ownPathName(binding *schema.Binding, variable int) string {
	if variable < 0 {
		return ""
	}
	wildcards := 0
	for i, segment := range binding.Template.Segments {
		if segment.Kind != httprule.Literal && variableAt(binding.Template, i) == variable {
			wildcards++
		}
	}
	path := binding.Variables[variable]
	given, o := b.fieldOption(path[len(path)-1])
	name, _, _ := strings.Cut(given.GetFieldConfiguration().GetPathParamName(), "=") // a pattern is the template's to say
	switch {
	case name == "" || wildcards > 1:
		return ""
	case !componentName.MatchString(name):
		o.wrong("field_configuration.path_param_name", "%q is no name of a parameter; take letters, digits, dots, hyphens and underscores", name)
		return ""
	}
	return name
}

// claimPathNames notes the names that options give the parameters of each path. The operations of a path share them, and
// one that says nothing takes what another says.
func (b *builder) claimPathNames(services []*schema.Service) {
	b.claimed = map[string]map[int]string{}
	for _, s := range services {
		for _, m := range s.Methods {
			for _, binding := range m.Bindings {
				if b.isBound(binding) {
					b.claimPathName(binding)
				}
			}
		}
	}
}

func (b *builder) claimPathName(binding *schema.Binding) {
	p := b.pathOf(binding)
	shape := p.shape(binding.Template, 0)
	for i, h := range p.holes {
		if b.ownPathName(binding, h.variable) == "" {
			continue
		}
		if b.claimed[shape] == nil {
			b.claimed[shape] = map[int]string{}
		}
		if other := b.claimed[shape][i]; other != "" && other != h.name {
			b.problem(binding.Position, "%s: openapiv2_field: a parameter of %s is called both %s and %s; give it one name in field_configuration.path_param_name",
				binding.Method.FullName(), binding.Template, other, h.name)
			continue
		}
		b.claimed[shape][i] = h.name
	}
}

// sharedNames are the names of the parameters of a path, each different from the others.
func (b *builder) sharedNames(p *boundPath) []string {
	claimed := b.claimed[p.text]
	names := make([]string, len(p.holes))
	for i, name := range claimed {
		names[i] = name
	}
	for i, h := range p.holes {
		name := h.name
		for n := 2; names[i] == "" && slices.Contains(names, name); n++ {
			name = fmt.Sprintf("%s%d", h.name, n)
		}
		names[i] = cmp.Or(names[i], name)
	}
	return names
}
