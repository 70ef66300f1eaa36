package config

import (
	"cmp"
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

func (v *validator) audiences(cfg *configv1.Config) {
	list, hosts := cfg.GetAudiences(), map[string]int{}
	for i, a := range list {
		key := fmt.Sprintf("audiences[%d].name", i)
		first := slices.IndexFunc(list, func(other *configv1.Audience) bool { return other.GetName() == a.GetName() })
		switch {
		case !audienceName.MatchString(a.GetName()):
			v.problem(key, "%q is no name of lower-case letters, digits and hyphens, such as partner", a.GetName())
		case first < i:
			v.problem(key, "%s is audiences[%d] already", a.GetName(), first)
		}
		v.hosts(fmt.Sprintf("audiences[%d].hosts", i), a.GetHosts(), hosts, i)
		v.limitsWithin(fmt.Sprintf("audiences[%d].limits", i), a.GetLimits(), cfg.GetLimits())
	}
}

// hostName is a name as it stands in a Host header, lower case and without a port, or such a name below which all are meant.
var hostName = regexp.MustCompile(`^(\*\.)?[a-z0-9]([a-z0-9.-]*[a-z0-9])?$`)

func (v *validator) hosts(key string, list []string, owner map[string]int, audience int) {
	for k, host := range list {
		first, taken := owner[host]
		switch {
		case !hostName.MatchString(host):
			v.problem(fmt.Sprintf("%s[%d]", key, k), "%q is no host, such as partners.example.com or *.partners.example.com", host)
		case taken:
			v.problem(fmt.Sprintf("%s[%d]", key, k), "%s is audiences[%d]'s already", host, first)
		default:
			owner[host] = audience
		}
	}
}

// limitsWithin looks at the limits of an audience, which can not be those of a listener.
func (v *validator) limitsWithin(key string, l, outer *configv1.Limits) {
	v.limits(key, l)
	if l.GetDrain() != nil || l.GetUpstreamMessageBytes() != 0 {
		v.problem(key, "drain and upstream_message_bytes are the same for all audiences; set them in limits")
	}
	const headerBytes, urlBytes = 32 << 10, 8 << 10 // where nothing is set
	if most := cmp.Or(outer.GetHeaderBytes(), headerBytes); l.GetHeaderBytes() > most {
		v.problem(key+".header_bytes", "is more than the %d that are let through at all", most)
	}
	if most := cmp.Or(outer.GetUrlBytes(), urlBytes); l.GetUrlBytes() > most {
		v.problem(key+".url_bytes", "is more than the %d that are let through at all", most)
	}
}

func names(list []*configv1.Audience) string {
	all := make([]string, len(list))
	for i, a := range list {
		all[i] = a.GetName()
	}
	return strings.Join(all, ", ")
}
