package openapi

import (
	"cmp"
	"regexp"
	"strings"

	"github.com/grpc-ecosystem/grpc-gateway/v2/protoc-gen-openapiv2/options"

	"github.com/gatehouse-edge/gatehouse/internal/schema"
)

// info says what the API is and where it is served: as it was asked for, or else as the files say.
func (b *builder) info(services []*schema.Service) {
	given, o := b.swagger(services)
	b.general, b.generalOption = given, o
	said := given.GetInfo()
	b.doc.Info = Info{
		Title:          cmp.Or(b.opts.Title, said.GetTitle(), "API"),
		Version:        cmp.Or(b.opts.APIVersion, said.GetVersion(), versionOf(services)),
		Description:    cmp.Or(b.opts.Description, prose(said.GetDescription())),
		TermsOfService: o.url("info.terms_of_service", said.GetTermsOfService()),
		Extensions:     o.extras("info.extensions", said.GetExtensions()),
	}
	if contact := said.GetContact(); contact != nil {
		b.doc.Info.Contact = &Contact{Name: contact.GetName(), URL: o.url("info.contact.url", contact.GetUrl()), Email: contact.GetEmail()}
	}
	if license := said.GetLicense(); license != nil {
		if license.GetName() == "" {
			o.wrong("info.license", "it has no name")
		}
		b.doc.Info.License = &License{Name: license.GetName(), URL: o.url("info.license.url", license.GetUrl())}
	}
	b.doc.Servers = b.servers(given, o)
	b.doc.ExternalDocs = o.docs("external_docs", given.GetExternalDocs())
	b.doc.Extensions = o.extras("extensions", given.GetExtensions())
	b.securitySchemes(given, o)
	b.ownSchemes()
	b.doc.Security = b.requirements(o, "security", given.GetSecurity())
}

// versionSegment is the part of a package's name that is its version.
var versionSegment = regexp.MustCompile(`^v[0-9]+(?:p[0-9]+)?(?:(?:alpha|beta|test)[a-z0-9]*)?$`)

// versionOf is the version that all packages of the services are of.
func versionOf(services []*schema.Service) string {
	const none = "unversioned"
	version := none
	for i, s := range services {
		last := string(s.Descriptor.ParentFile().Package().Name())
		if !versionSegment.MatchString(last) || i > 0 && last != version {
			return none
		}
		version = last
	}
	return version
}

// servers are where the API is served. A base path can not be read from the option: Swagger 2 puts it before all paths,
// and the edge serves the paths of the HTTP rules as they are. Only who runs the edge knows whether a proxy before it
// takes such a path away.
func (b *builder) servers(given *options.Swagger, o option) []Server {
	var servers []Server
	for _, address := range b.opts.Servers {
		servers = append(servers, Server{URL: address})
	}
	if len(servers) > 0 {
		return servers
	}
	if base := given.GetBasePath(); base != "" && base != "/" {
		o.wrong("base_path", "the edge serves the paths of the HTTP rules, without %q before them; remove it, or, if a proxy takes it away, "+
			"say where the API is reached (openapi.servers in the configuration)", base)
	}
	host := given.GetHost()
	if host == "" {
		return []Server{{URL: "/"}}
	}
	if strings.ContainsAny(host, "/?#@{} ") {
		o.wrong("host", "%q is no host; it is a name or an address, and a port", host)
	}
	for _, scheme := range given.GetSchemes() {
		switch scheme {
		case options.Scheme_HTTP:
			servers = append(servers, Server{URL: "http://" + host})
		case options.Scheme_HTTPS:
			servers = append(servers, Server{URL: "https://" + host})
		default: // WebSockets are at the paths of their operations, which say so
		}
	}
	if len(servers) == 0 {
		servers = []Server{{URL: "//" + host}} // by the scheme of the document, which is Swagger's default
	}
	return servers
}
