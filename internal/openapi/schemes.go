package openapi

import (
	"fmt"
	"strings"
)

// Scheme is a way in which callers show the edge who they are.
type Scheme struct {
	// Name is what operations call it.
	Name string
	Kind SchemeKind
	// URL is where an issuer of OpenID Connect describes itself.
	URL string
	// Header carries an API key.
	Header string
}

// SchemeKind is what a caller shows.
type SchemeKind uint8

const (
	// BearerToken is a JWT in the header Authorization.
	BearerToken SchemeKind = iota
	// OpenIDToken is the same, from an issuer of OpenID Connect.
	OpenIDToken
	// KeyInHeader is an API key.
	KeyInHeader
	// ClientCertificate is that of the connection. OpenAPI 3.0 has no word for it.
	ClientCertificate
)

const (
	typeOpenID      = "openIdConnect"
	typeOAuth       = "oauth2"
	typeCertificate = "mutualTLS"
)

// describe is the scheme as a document has it.
func (s *Scheme) describe() *SecurityScheme {
	switch s.Kind {
	case OpenIDToken:
		return &SecurityScheme{Type: typeOpenID, OpenIDConnectURL: s.URL}
	case KeyInHeader:
		return &SecurityScheme{Type: "apiKey", Name: s.Header, In: "header"}
	case ClientCertificate:
		return &SecurityScheme{Type: typeCertificate}
	default:
		return &SecurityScheme{Type: "http", Scheme: "bearer", BearerFormat: "JWT"}
	}
}

// ownSchemes puts the edge's schemes among the components. Those that a team has declared by the same names stay.
func (b *builder) ownSchemes() {
	for _, s := range b.opts.Security {
		if _, declared := b.doc.Components.SecuritySchemes.Get(s.Name); !declared {
			b.doc.Components.SecuritySchemes.Set(s.Name, s.describe())
		}
	}
}

// security are the requirements of an operation: each of the edge's schemes is one way to call. nil says nothing: nobody
// can show who they are, or the files have said for all operations what they require.
func (b *builder) security(p *Policy) *[]Requirement {
	if p == nil || len(b.opts.Security) == 0 || len(b.general.GetSecurity()) > 0 {
		return nil
	}
	list := []Requirement{}
	add := func(scopes ...string) {
		for _, s := range b.opts.Security {
			var requirement Requirement
			requirement.Set(s.Name, append([]string{}, scopes...))
			list = append(list, requirement)
		}
	}
	switch p.Who {
	case AnyScope:
		for _, scope := range p.Scopes {
			add(scope)
		}
	case AllScopes:
		add(p.Scopes...)
	case Known, Nobody:
		add()
	case Anybody:
	}
	return &list
}

// security leaves out of an operation's requirements what 3.0 has no words for: certificates, and scopes of what is not
// handed out with scopes. If nothing is left nothing is said, for no requirement at all would be another one.
func (o older) security(given *[]Requirement) *[]Requirement {
	if given == nil || len(*given) == 0 {
		return given
	}
	var list []Requirement
	seen := map[string]bool{}
	for _, requirement := range *given {
		var old Requirement
		var sign strings.Builder
		for name, scopes := range requirement.All() {
			scheme, known := o.schemes.Get(name)
			if known && scheme.Type != typeOpenID && scheme.Type != typeOAuth {
				scopes = []string{}
			}
			old.Set(name, scopes)
			fmt.Fprintf(&sign, "%s %q ", name, scopes)
		}
		if !o.needsCertificate(requirement) && !seen[sign.String()] {
			seen[sign.String()] = true
			list = append(list, old)
		}
	}
	if list == nil {
		return nil
	}
	return &list
}

func (o older) needsCertificate(requirement Requirement) bool {
	for name := range requirement.All() {
		if scheme, known := o.schemes.Get(name); known && scheme.Type == typeCertificate {
			return true
		}
	}
	return false
}

// securitySchemes are those that 3.0 has a word for.
func (o older) securitySchemes() Map[*SecurityScheme] {
	var old Map[*SecurityScheme]
	for name, scheme := range o.schemes.All() {
		if scheme.Type != typeCertificate {
			old.Set(name, scheme)
		}
	}
	return old
}
