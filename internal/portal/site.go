package portal

import (
	"errors"
	"fmt"
	"strings"
)

// Site is what the pages tell of an edge, for one audience.
type Site struct {
	// Title, Version and Description are the API's. An empty line in the description begins a paragraph.
	Title, Version, Description string
	// Audience is the reader's own, such as "public".
	Audience string
	// Documents are what may be read here, the reader's own first. There is at least one.
	Documents []Document
	Modules   []Module
}

// Document is an OpenAPI document of one audience.
type Document struct {
	// Audience differs from that of the other documents in more than case and punctuation.
	Audience string
	// JSON and YAML are where this host serves the document: absolute paths, such as /openapi.json.
	JSON, YAML string
	Operations int
}

// Module is a proto package with its services.
type Module struct {
	Name     string
	Services []Service
}

// Service is a service of which the reader's own document has an operation.
type Service struct {
	Name, FullName, Summary string
	// Tag is the name of the service's tag in the document.
	Tag        string
	Operations int
	Deprecated bool
}

func (s Site) check() error {
	if len(s.Documents) == 0 {
		return errors.New("a portal shows at least one document")
	}
	var problems []error
	seen := map[string]string{}
	for _, d := range s.Documents {
		for _, url := range []string{d.JSON, d.YAML} {
			if !isPath(url) {
				problems = append(problems, fmt.Errorf("document of %q: %q is not an absolute path, such as /openapi.json", d.Audience, url))
			}
		}
		name := slug(d.Audience)
		if name == "" {
			problems = append(problems, fmt.Errorf("document of %q: the audience's name has no letter and no digit", d.Audience))
		} else if other, taken := seen[name]; taken {
			problems = append(problems, fmt.Errorf("document of %q: its name in links, %s, is that of %q too", d.Audience, name, other))
		}
		seen[name] = d.Audience
	}
	return errors.Join(problems...)
}

// isPath says whether a URL leads to this host whatever page it stands on. Browsers read a backslash as a slash, and two
// slashes begin a host; they drop tabs and line breaks before they look.
func isPath(url string) bool {
	return strings.HasPrefix(url, "/") && !strings.HasPrefix(url, "//") &&
		!strings.ContainsFunc(url, func(r rune) bool { return r <= ' ' || r == '\\' })
}
