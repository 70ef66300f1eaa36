package config

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"google.golang.org/protobuf/proto"

	configv1 "github.com/gatehouse-edge/gatehouse/gen/gatehouse/config/v1"
)

// Audiences returns those of a configuration, or the default ones. The first holds the further labels too.
func Audiences(cfg *configv1.Config) []*configv1.Audience {
	var list []*configv1.Audience
	for _, a := range cfg.GetAudiences() {
		list = append(list, proto.CloneOf(a))
	}
	if len(list) == 0 {
		list = []*configv1.Audience{
			{Name: "public"},
			{Name: "partner", VisibilityLabels: []string{"PARTNER"}},
			{Name: "internal", VisibilityLabels: []string{"PARTNER", "INTERNAL"}},
		}
	}
	list[0].VisibilityLabels = append(list[0].VisibilityLabels, cfg.GetVisibilityLabels()...)
	return list
}

// audienceName keeps names apart from each other, and whole, in URLs and files.
var audienceName = regexp.MustCompile(`^[a-z0-9]+(-[a-z0-9]+)*$`)

func (v *validator) audiences(list []*configv1.Audience) {
	for i, a := range list {
		key := fmt.Sprintf("audiences[%d].name", i)
		first := slices.IndexFunc(list, func(other *configv1.Audience) bool { return other.GetName() == a.GetName() })
		switch {
		case !audienceName.MatchString(a.GetName()):
			v.problem(key, "%q is no name of lower-case letters, digits and hyphens, such as partner", a.GetName())
		case first < i:
			v.problem(key, "%s is audiences[%d] already", a.GetName(), first)
		}
	}
}

func names(list []*configv1.Audience) string {
	all := make([]string, len(list))
	for i, a := range list {
		all[i] = a.GetName()
	}
	return strings.Join(all, ", ")
}
