package openapi

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/grpc-ecosystem/grpc-gateway/v2/protoc-gen-openapiv2/options"
	"google.golang.org/protobuf/types/known/structpb"
)

// securitySchemes puts the ways to say who calls among the components.
func (b *builder) securitySchemes(given *options.Swagger, o option) {
	schemes := given.GetSecurityDefinitions().GetSecurity()
	for _, name := range slices.Sorted(maps.Keys(schemes)) {
		part := fmt.Sprintf("security_definitions.security[%q]", name)
		if !componentName.MatchString(name) {
			o.wrong(part, "the name of a scheme is made of letters, digits, dots, hyphens and underscores")
			continue
		}
		b.doc.Components.SecuritySchemes.Set(name, o.securityScheme(part, schemes[name]))
	}
}

// securityScheme turns a scheme of Swagger 2 into one of OpenAPI 3.
func (o option) securityScheme(part string, given *options.SecurityScheme) *SecurityScheme {
	s := &SecurityScheme{Description: prose(given.GetDescription())}
	rest := given.GetExtensions()
	switch given.GetType() {
	case options.SecurityScheme_TYPE_BASIC:
		s.Type, s.Scheme = "http", "basic"
	case options.SecurityScheme_TYPE_API_KEY:
		if format, isBearer := bearerFormat(given); isBearer {
			s.Type, s.Scheme, s.BearerFormat = "http", "bearer", format
			rest = maps.Clone(rest)
			maps.DeleteFunc(rest, func(name string, _ *structpb.Value) bool { return isBearerFormat(name) })
			break
		}
		s.Type, s.Name = "apiKey", given.GetName()
		if s.Name == "" {
			o.wrong(part, "an API key needs the name of its header or query parameter")
		}
		switch given.GetIn() {
		case options.SecurityScheme_IN_QUERY:
			s.In = "query"
		case options.SecurityScheme_IN_HEADER:
			s.In = "header"
		default:
			o.wrong(part, "an API key is IN_HEADER or IN_QUERY; say which")
		}
	case options.SecurityScheme_TYPE_OAUTH2:
		s.Type, s.Flows = "oauth2", o.flows(part, given)
	default:
		o.wrong(part, "it has no type; a scheme is TYPE_BASIC, TYPE_API_KEY or TYPE_OAUTH2")
	}
	s.Extensions = o.extras(part, rest)
	return s
}

// bearerFormat reads how Swagger 2, which has no bearer tokens, says that a key in the header Authorization is one.
func bearerFormat(given *options.SecurityScheme) (format string, isBearer bool) {
	if given.GetIn() != options.SecurityScheme_IN_HEADER || !strings.EqualFold(given.GetName(), "Authorization") {
		return "", false
	}
	for name, value := range given.GetExtensions() {
		if isBearerFormat(name) {
			return value.GetStringValue(), true
		}
	}
	return "", false
}

func isBearerFormat(extension string) bool {
	return extension == "x-bearerFormat" || extension == "x-bearer-format"
}

// flows turns the flow of Swagger 2, of which a scheme has one, into one of OpenAPI 3.
func (o option) flows(part string, given *options.SecurityScheme) *Flows {
	flow := new(Flow)
	for _, scope := range slices.Sorted(maps.Keys(given.GetScopes().GetScope())) {
		flow.Scopes.Set(scope, given.GetScopes().GetScope()[scope])
	}
	authorization := func() {
		if flow.AuthorizationURL = o.url(part, given.GetAuthorizationUrl()); given.GetAuthorizationUrl() == "" {
			o.wrong(part, "its flow needs an authorization_url")
		}
	}
	token := func() {
		if flow.TokenURL = o.url(part, given.GetTokenUrl()); given.GetTokenUrl() == "" {
			o.wrong(part, "its flow needs a token_url")
		}
	}
	switch given.GetFlow() {
	case options.SecurityScheme_FLOW_IMPLICIT:
		authorization()
		return &Flows{Implicit: flow}
	case options.SecurityScheme_FLOW_PASSWORD:
		token()
		return &Flows{Password: flow}
	case options.SecurityScheme_FLOW_APPLICATION:
		token()
		return &Flows{ClientCredentials: flow}
	case options.SecurityScheme_FLOW_ACCESS_CODE:
		authorization()
		token()
		return &Flows{AuthorizationCode: flow}
	default:
		o.wrong(part, "it has no flow; an OAuth 2 scheme has FLOW_IMPLICIT, FLOW_PASSWORD, FLOW_APPLICATION or FLOW_ACCESS_CODE")
		return nil
	}
}

// requirements are the combinations of schemes of which a call has to satisfy one. An empty one is satisfied by every
// call, and so one alone makes what it stands at public.
func (b *builder) requirements(o option, part string, given []*options.SecurityRequirement) []Requirement {
	list := make([]Requirement, 0, len(given))
	for _, one := range given {
		var requirement Requirement
		for _, name := range slices.Sorted(maps.Keys(one.GetSecurityRequirement())) {
			scopes := slices.Clone(one.GetSecurityRequirement()[name].GetScope())
			if scopes == nil {
				scopes = []string{}
			}
			b.checkScopes(o, part, name, scopes)
			requirement.Set(name, scopes)
		}
		list = append(list, requirement)
	}
	if len(list) == 1 && list[0].IsZero() {
		return []Requirement{}
	}
	return list
}

// checkScopes makes sure that a requirement refers to what is declared.
func (b *builder) checkScopes(o option, part, name string, scopes []string) {
	scheme, known := b.doc.Components.SecuritySchemes.Get(name)
	switch {
	case !known:
		o.wrong(part, "%q is no scheme that an openapiv2_swagger declares in security_definitions", name)
		return
	case scheme.Flows == nil:
		return
	}
	flows := []*Flow{scheme.Flows.Implicit, scheme.Flows.Password, scheme.Flows.ClientCredentials, scheme.Flows.AuthorizationCode}
	flow := flows[slices.IndexFunc(flows, func(f *Flow) bool { return f != nil })]
	for _, scope := range scopes {
		if _, known := flow.Scopes.Get(scope); !known && !flow.Scopes.IsZero() {
			o.wrong(part, "%q is no scope that the scheme %q declares", scope, name)
		}
	}
}
